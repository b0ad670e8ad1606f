"""The process beside a cluster's worker: it does the worker's tasks, each the jobs of one Space, side by side.

It ends with its worker. Where that is gone, the pipe between them ends: then all stop as at a signal, so that what is
in flight comes home and the Spaces are free for whoever goes on, and the process is gone in any case soon after.
"""

import asyncio
import os
import pickle
import signal
import socket
import sys
import threading
import time
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import IO, Any

from backfill.api.stop import Stop
from backfill.commands.jobs.engine.frames import Frame, Kind, put, take
from backfill.commands.jobs.engine.local import Means, Whole, do_alone, means
from backfill.commands.jobs.engine.values import Outcome, Shown, SpaceTask
from backfill.commands.jobs.messages import Stopped
from backfill.commands.jobs.relay import Relay
from backfill.commands.jobs.workdir import private_folder
from backfill.errors import BackfillError, Interrupted, StateError, place_of
from backfill.ledger import ledgers_of
from backfill.report.console import Console, Left, Progress
from backfill.run.options import Options, state_folder

ALONE = 45.0  # seconds that it may take to stop without its worker: an attempt takes 30 at most
_EVERY = 1.0  # seconds between two words on a Space's progress


class _Alone(Relay):
    """The console of a plan that has one Space: what it says of all is what it says of that."""

    def of(self, name: str, total: Progress, **about: Any) -> Console:
        return Relay(self.send, self.verbose, self.every)

    def progress(self, what: str, total: int, unit: str, left: Left | None = None) -> Progress:
        return Progress(what, total, unit, Console(quiet=True), left)


class Tasks:
    """Tasks under way, and where their messages and outcomes go."""

    def __init__(self, stream: IO[bytes], means: Means, stack: ExitStack):
        self._stream, self._means, self._stack = stream, means, stack
        self._folders: dict[Path | None, Path] = {}
        self._stops: dict[int, Stop] = {}
        self._going: set[asyncio.Task[None]] = set()

    def take(self, frame: Frame | None) -> None:
        """Begin or stop a task; without a worker, stop all."""
        if frame is None:
            for stop in self._stops.values():
                stop(Interrupted(signal.SIGTERM))
        elif frame.kind is Kind.TASK:
            stop = self._stops[frame.task] = Stop()
            going = asyncio.create_task(self._do(frame, stop))
            self._going.add(going)
            going.add_done_callback(self._going.discard)
        elif frame.task in self._stops:
            self._stops[frame.task](Interrupted(int(frame.data)))

    async def over(self) -> None:
        """Wait for the tasks under way."""
        if self._going:
            await asyncio.wait(self._going)

    async def _do(self, frame: Frame, stop: Stop) -> None:
        send = partial(self._send, frame.task)
        try:
            task: SpaceTask = pickle.loads(frame.data)  # noqa: S301 (from our own worker)
            send(Kind.RESULT, await self._outcome(task, stop, partial(send, Kind.MESSAGE)))
        finally:
            del self._stops[frame.task]

    async def _outcome(self, task: SpaceTask, stop: Stop, say: Any) -> Outcome:
        entries: list[dict[str, Any]] = []
        stopped = None
        relay = _Alone(say, task.options.outputs.verbose, _EVERY)
        try:
            with state_folder(task.options) as state:
                await asyncio.to_thread(_refuse_another_ledger, state, task.ledger)
                whole = Whole(task.options, state, relay, lambda text: say(Shown(text)))
                entries = await do_alone(whole, task.jobs, self._folder(task.options, state), self._means, stop)
        except BackfillError as error:
            stopped = Stopped.by(error)
        except Exception as error:
            stopped = Stopped(f"a bug: {type(error).__name__} at {place_of(error)}; please report it", 1)
        return Outcome(entries, stopped, socket.gethostname())

    def _folder(self, options: Options, state: Path) -> Path:
        """A folder of the task's own, in the process's private one."""
        home = state if options.command == "upload" else None
        if home not in self._folders:
            self._folders[home] = self._stack.enter_context(private_folder(home))
        folder = self._folders[home] / os.urandom(8).hex()
        folder.mkdir(mode=0o700)
        return folder

    def _send(self, task: int, kind: Kind, message: object) -> None:
        with suppress(OSError, ValueError):  # nobody is there to hear it
            put(self._stream, Frame(kind, task, pickle.dumps(message, pickle.HIGHEST_PROTOCOL)))


def _refuse_another_ledger(state: Path, wanted: str) -> None:
    found = ledgers_of(state).identity
    if found != wanted:
        here = "another database than" if found else "no database, and not the one"
        raise StateError(f"BACKFILL_LEDGER names {here} where the plan was started; set it alike on all hosts")


async def _serve(orders: IO[bytes], stream: IO[bytes]) -> None:
    """Do tasks until the worker is gone."""
    loop, gone = asyncio.get_running_loop(), asyncio.Event()
    with ExitStack() as stack:
        async with means() as shared:
            tasks = Tasks(stream, shared, stack)

            def listen() -> None:
                while (frame := take(orders)) is not None:
                    loop.call_soon_threadsafe(tasks.take, frame)
                loop.call_soon_threadsafe(gone.set)
                time.sleep(ALONE)
                os._exit(1)

            threading.Thread(target=listen, daemon=True).start()
            await gone.wait()
            tasks.take(None)
            await tasks.over()


def main() -> None:
    """Do a worker's tasks."""
    for name in ("SIGINT", "SIGHUP"):  # the worker decides what to do about those
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    stream = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    asyncio.run(_serve(os.fdopen(os.dup(sys.stdin.fileno()), "rb"), stream))
