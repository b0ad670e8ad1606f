"""The engine of many machines: a Dask cluster that exists, to which each Space's jobs are one task.

Dask decides where a task is done, and does it again elsewhere where a worker is lost: it goes on from the ledger, which
all hosts share. What this process does is to gather messages, progress and results.
"""

import asyncio
import logging
import pickle
import re
import signal
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from backfill import __version__
from backfill.api.stop import Stop
from backfill.commands.jobs.engine.frames import name_of
from backfill.commands.jobs.engine.values import Outcome, Shown, SpaceTask
from backfill.commands.jobs.plan import Job
from backfill.commands.jobs.relay import Listener
from backfill.commands.jobs.space_queue import JobRun
from backfill.commands.jobs.summary import entry
from backfill.errors import ApiStop, BackfillError, Interrupted, UsageError, counted
from backfill.ledger import ledgers_of
from backfill.report.console import Console, Progress, agreed, lasting, terminal
from backfill.report.live_metrics import writing_metrics
from backfill.run.options import Options
from backfill.run.signals import stoppable

_SPELT = re.compile(r"dask://((?:[\w.-]+|\[[0-9a-fA-F:]+\]):[0-9]{1,5})").fullmatch
_LEASE = 60.0  # seconds at least that a task waits for its Space: a lost worker's process may still hold it
_AGAIN = 2  # times that a task is done again whose process was killed; Dask counts lost workers itself
_CONNECT = 10.0  # seconds
_LOOK = 2.0  # seconds between two looks whether there are workers
_SAID = 10.0  # seconds without any that are worth a word


def cluster_of(said: str) -> str:
    """The scheduler's HOST:PORT, of dask://HOST:PORT. Raises UsageError."""
    found = _SPELT(said)
    if not found:
        raise UsageError(f"--on {said}: is not dask://HOST:PORT, the address of a Dask scheduler")
    return found[1]


def do(
    planned: list[Job], options: Options, state: Path, console: Console, show: Callable[[str], None], cluster: str
) -> list[dict[str, Any]]:
    """Have the jobs done by the cluster; return what became of them. Raises UsageError where that can't be."""
    try:
        import distributed
    except ImportError:
        raise UsageError("--on names a Dask cluster, which needs dask: pip install 'cometly-backfill[dask]'") from None
    if options.sandbox:
        raise UsageError("--on: with --sandbox the jobs are done on this machine; leave one of them out")
    ledger = ledgers_of(state).identity
    if not ledger:
        raise UsageError("--on: the hosts need one ledger for all; set BACKFILL_LEDGER, here and on the workers")
    _silence(distributed.__name__)
    spaces = _spaces(planned, console)
    asyncio.run(_Gathering(options, console, show, spaces).run(cluster, ledger))
    entries = {place: one for space in spaces for place, one in zip(space.places, space.entries, strict=True)}
    return [entries[place] for place in sorted(entries)]


def _silence(library: str) -> None:
    """Keep what a library logs from the terminal: what matters of it is said here, in one sentence."""
    for name in [name for name in logging.root.manager.loggerDict if name.partition(".")[0] == library]:
        logging.getLogger(name).handlers = [logging.NullHandler()]


async def _knock(cluster: str) -> None:
    """Open a connection and close it again. Raises OSError."""
    host, _, port = cluster.rpartition(":")
    async with asyncio.timeout(_CONNECT):
        _, writer = await asyncio.open_connection(host.strip("[]"), int(port))
    writer.close()


class _Space:
    """One Space's jobs, their places in the plan, and what is known of them."""

    def __init__(self, console: Console) -> None:
        self.jobs: list[Job] = []
        self.places: list[int] = []
        self.entries: list[dict[str, Any]] = []
        self.console, self.listener = console, Listener(console)
        self.attempts = 0

    def within(self, console: Console, total: Progress) -> None:
        """From now on say everything on a console of its own, and count its events in the total."""
        self.console = console.of(self.jobs[0].space, total, space=self.jobs[0].space)
        self.listener = Listener(self.console)

    def add(self, place: int, job: Job) -> None:
        self.jobs.append(job)
        self.places.append(place)
        self.entries.append(entry(JobRun(job, Path())))

    def task(self, options: Options, ledger: str) -> bytes:
        """What a worker is told: no key, and no address of the ledger."""
        wait = max(_LEASE, self.jobs[0].options.sending.wait)
        jobs = [Job(job.number, job.options.but(wait=wait, state=options.state)) for job in self.jobs]
        alone = options.but(summary=None, metrics=None, json=False, yes=True)
        return pickle.dumps(SpaceTask(jobs, alone, ledger), pickle.HIGHEST_PROTOCOL)

    def fail(self, error: BackfillError) -> None:
        """Enter that all jobs are stopped."""
        for job, one in zip(self.jobs, self.entries, strict=True):
            summary = {"exit_code": error.exit_code}
            one |= entry(JobRun(job, Path(), "stopped", summary=summary, error=str(error)))


def _spaces(planned: list[Job], console: Console) -> list[_Space]:
    """The jobs by their Spaces, in the plan's order."""
    spaces: dict[tuple[str, str], _Space] = {}
    for place, job in enumerate(planned):
        named = (job.space, job.options.space.address)
        if named not in spaces:
            spaces[named] = _Space(console)
        spaces[named].add(place, job)
    return list(spaces.values())


class _Gathering:
    """Tasks on their way, and what is heard of them."""

    def __init__(self, options: Options, console: Console, show: Callable[[str], None], spaces: list[_Space]):
        state = options.state.absolute() if options.state else None
        self._options = options.but(state=state)
        self._console, self._show, self._spaces = console, show, spaces
        self._run = uuid.uuid4().hex  # names it to the cluster, which may do other things too
        self._patience = max(space.jobs[0].options.sending.patience for space in spaces)
        self._stop = Stop()
        self._lost: BackfillError | None = None  # why the tasks were given up

    async def run(self, cluster: str, ledger: str) -> None:
        """Have the tasks done."""
        from distributed import Client

        try:
            await _knock(cluster)  # which says at once what is wrong, where Dask tries for a while
            client = await Client(f"tcp://{cluster}", asynchronous=True, timeout=_CONNECT, name="backfill")
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            raise UsageError(f"--on dask://{cluster}: no Dask scheduler can be reached there ({why})") from None
        async with client:
            workers = await client.nthreads()
            threads = sum(workers.values())
            jobs = counted(sum(len(space.jobs) for space in self._spaces), "job")
            spaces = counted(len(self._spaces), "Space")
            on = f"{counted(len(workers), 'worker')} of {cluster}, {threads:,} at a time"
            self._console.info(f"{jobs} for {spaces}, by {on}")
            asks = self._options.command == "upload" and not self._options.sending.yes and terminal()
            if asks and not agreed(f"Send what is new of {jobs} to {spaces}?"):
                raise UsageError("not confirmed: nothing was sent")
            with stoppable(self._stop), self._console.progress("all", 0, "events") as total:
                for space in self._spaces:
                    space.within(self._console, total)
                async with writing_metrics(self._options.outputs.metrics, self._so_far, self._console.warn):
                    await self._gather(client, ledger)

    def _so_far(self) -> list[dict[str, Any]]:
        return [one for space in self._spaces for one in space.entries]

    async def _gather(self, client: Any, ledger: str) -> None:
        from backfill.commands.jobs.engine.dask_task import TOPIC, do_space

        client.subscribe_topic(TOPIC, self._hear)
        futures = [
            client.submit(
                do_space, __version__, self._run, number, space.task(self._options, ledger),
                key=f"backfill-{self._run}-{number}", pure=False, retries=_AGAIN,
            )
            for number, space in enumerate(self._spaces)
        ]  # fmt: skip
        others = [asyncio.create_task(self._pass_on(client)), asyncio.create_task(self._watch(client, futures))]
        tasks = [asyncio.create_task(self._outcome(*pair)) for pair in zip(self._spaces, futures, strict=True)]
        try:
            await asyncio.wait(tasks)
        except asyncio.CancelledError:  # a second signal: the tasks are left to themselves, and stop
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        finally:
            for other in others:
                other.cancel()
            client.unsubscribe_topic(TOPIC)

    async def _outcome(self, space: _Space, future: Any) -> None:
        """Enter what became of a Space's jobs."""
        try:
            data = await future
        except (Exception, asyncio.CancelledError) as error:  # whatever Dask raises: it is this Space's alone
            space.fail(self._stop.error or self._failure(error))
            return
        finally:
            space.listener.close()
        if data is None:
            space.fail(self._stop.error or ApiStop("the run was stopped before this Space's jobs were begun"))
            return
        outcome: Outcome = pickle.loads(data)  # noqa: S301 (from our own process there)
        if outcome.stopped is None:
            space.entries = outcome.entries
        else:
            space.console.fail(f"{outcome.host}: {outcome.stopped.text}")
            space.fail(outcome.stopped.error())

    def _failure(self, error: BaseException) -> BackfillError:
        """Why a task has no result."""
        name, again = type(error).__name__, "the same command goes on"
        match name:
            case "KilledWorker":
                return ApiStop(f"worker after worker was lost with these jobs, perhaps for want of memory; {again}")
            case "ProcessLost":
                return ApiStop(f"their process was killed each time, perhaps for want of memory; {again}")
            case "FutureCancelledError" | "CancelledError":
                return self._lost or ApiStop(f"the cluster was lost; {again}")
            case "OtherRelease":
                return UsageError(f"a worker has backfill {error}, and here is {__version__}; they must be the same")
        return UsageError(
            f"the cluster can't run backfill ({name}); install cometly-backfill[dask] {__version__} on it"
        )

    def _hear(self, event: tuple[float, Any]) -> None:
        """Show what a task says; empty is the begin of another attempt."""
        run, number, data = event[1]
        if run != self._run:
            return
        space = self._spaces[number]
        if not data:
            space.attempts += 1
            if space.attempts > 1:
                space.console.warn("its worker was lost; another goes on from the ledger")
                space.listener.drop()
            return
        message = pickle.loads(data)  # noqa: S301 (from our own process there)
        if isinstance(message, Shown):
            self._show(message.text)
        else:
            space.listener.hear(message)

    async def _pass_on(self, client: Any) -> None:
        """Tell the tasks to stop, once this process is to stop."""
        from distributed import Event, Variable

        await self._stop.event.wait()
        signum = self._stop.error.signum if isinstance(self._stop.error, Interrupted) else signal.SIGTERM
        await Variable(name_of(self._run), client=client).set(int(signum))
        await Event(name_of(self._run), client=client).set()

    async def _watch(self, client: Any, futures: list[Any]) -> None:
        """Give up where there is no worker for longer than the patience."""
        since, said = time.monotonic(), False
        while True:
            with suppress(OSError):
                if await client.nthreads():
                    since, said = time.monotonic(), False
            gone = time.monotonic() - since
            if gone >= self._patience:
                self._lost = ApiStop(f"no worker was there for {lasting(gone)}; the same command goes on")
                await client.cancel(futures, force=True)
                return
            if gone >= _SAID and not said:
                self._console.warn(f"the cluster has no workers; waiting up to {lasting(self._patience)}")
                said = True
            await asyncio.sleep(min(_LOOK, self._patience))
