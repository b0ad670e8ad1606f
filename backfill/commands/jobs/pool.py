"""The processes that survey, from the side of the one that sends: a few at a time, the smallest input first."""

import asyncio
import heapq
import os
import pickle
from contextlib import nullcontext, suppress
from itertools import count
from typing import Any

from backfill.commands.jobs.messages import HEAD, Ended, FinishTask, Progressed, Said, Stopped, Surveyed, SurveyTask
from backfill.commands.jobs.own_python import python
from backfill.commands.jobs.relay import Listener
from backfill.errors import BackfillError
from backfill.report.console import Console

AT_ONCE = max(3, (os.cpu_count() or 1) + 1)  # more than one per core: a huge input must not keep the small ones waiting
_SMALL = 1 << 20  # bytes of an input that is read sooner than another process has started
_IDLE = 5.0  # seconds that a process waits for more before its memory is given back


class Pool:
    """Does tasks in processes of their own."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._free = at_once
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = count()
        self._small = asyncio.Lock()  # small inputs share one process
        self._idle: list[asyncio.subprocess.Process] = []
        self._leaving: asyncio.TimerHandle | None = None
        self._all: set[asyncio.subprocess.Process] = set()

    async def do(self, task: SurveyTask | FinishTask, size: float, console: Console) -> Surveyed | Ended:
        """Do a task, those of small size first; `console` says what comes up. Raises what stopped it."""
        async with self._small if size < _SMALL else nullcontext():
            return await self._done(task, size, console)

    async def _done(self, task: SurveyTask | FinishTask, size: float, console: Console) -> Surveyed | Ended:
        await self._turn(size)
        try:
            process = self._idle.pop() if self._idle else await _started()
            self._all.add(process)
            try:
                done = await _converse(process, task, console)
            except BaseException:
                self._all.discard(process)
                await _killed(process)
                raise
            self._idle.append(process)
        finally:
            self._next()
        if isinstance(done, Stopped):
            raise done.error()
        found: Surveyed | Ended = done
        return found

    async def close(self) -> None:
        """End every process."""
        if self._leaving is not None:
            self._leaving.cancel()
        self._idle.clear()
        for process in self._all:
            await _killed(process)

    async def _turn(self, size: float) -> None:
        if self._free:
            self._free -= 1
            return
        mine = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (size, next(self._order), mine))
        await mine

    def _next(self) -> None:
        while self._waiting:
            _, _, waiter = heapq.heappop(self._waiting)
            if not waiter.done():
                waiter.set_result(None)
                return
        self._free += 1
        if self._leaving is not None:
            self._leaving.cancel()
        self._leaving = asyncio.get_running_loop().call_later(_IDLE, self._shrink)

    def _shrink(self) -> None:
        for process in self._idle:
            if process.stdin is not None:
                process.stdin.close()  # it reads the end, and goes
        self._idle.clear()


async def _started() -> asyncio.subprocess.Process:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COMETLY_API_KEY")}
    return await asyncio.create_subprocess_exec(
        *python("backfill.commands.jobs.worker"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,  # a terminal's ctrl-c is not for it
        env=kept,
    )


async def _converse(process: asyncio.subprocess.Process, task: object, console: Console) -> Any:
    """Give the task, pass on what is said, return the result."""
    assert process.stdin is not None
    assert process.stdout is not None
    data = pickle.dumps(task, pickle.HIGHEST_PROTOCOL)
    listener = Listener(console)
    try:
        process.stdin.write(HEAD.pack(len(data)) + data)
        await process.stdin.drain()
        while True:
            (size,) = HEAD.unpack(await process.stdout.readexactly(HEAD.size))
            message = pickle.loads(await process.stdout.readexactly(size))  # noqa: S301 (from our own child)
            if not isinstance(message, Said | Progressed):
                return message
            listener.hear(message)
    except (asyncio.IncompleteReadError, ConnectionError):
        raise BackfillError(
            "the process that reads the files ended too early, perhaps for want of memory; run the same command again"
        ) from None
    finally:
        listener.close()


async def _killed(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
