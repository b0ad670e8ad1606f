"""The engine of one machine: this process sends for all Spaces, each at its own pace and none waiting for another.

What takes the processor's time, reading and writing files, is done by other processes.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from backfill.api.stop import Stop
from backfill.commands.jobs.plan import Job
from backfill.commands.jobs.pool import Pool
from backfill.commands.jobs.space_queue import JobRun, SpaceQueue
from backfill.commands.jobs.summary import entry
from backfill.commands.jobs.workdir import private_folder
from backfill.errors import BackfillError, Interrupted, UsageError, counted
from backfill.report.console import Console, Progress, agreed, terminal
from backfill.report.live_metrics import writing_metrics
from backfill.report.summary import result
from backfill.run.options import Options
from backfill.run.signals import leaving, stoppable
from backfill.space import api_key_of, refuse_address
from backfill.upload.group_commit import GroupCommit
from backfill.upload.upload import rarely_collected


@dataclass
class Whole:
    """All jobs of a plan on their way."""

    options: Options
    state: Path
    console: Console
    show: Callable[[str], None]
    queues: list[SpaceQueue] = field(default_factory=list)
    job_runs: list[JobRun] = field(default_factory=list)

    def over(self, job_run: JobRun) -> None:
        """Show what became of a job."""
        if job_run.to_show and job_run.summary:
            self.show("\n".join([result(job_run.summary), *job_run.details]))


def do(
    planned: list[Job], options: Options, state: Path, console: Console, show: Callable[[str], None]
) -> list[dict[str, Any]]:
    """Do the jobs, and `show` the result of each as it is over; return what became of them."""
    with ExitStack() as stack:
        whole = Whole(options, state, console, show)
        planned = _with_sandbox(planned, options, stack)
        folder = stack.enter_context(private_folder(state if options.command == "upload" else None))
        asyncio.run(_run(whole, planned, folder))
        return [entry(job_run) for job_run in whole.job_runs]


def _with_sandbox(planned: list[Job], options: Options, stack: ExitStack) -> list[Job]:
    """With --sandbox, jobs that send to a local sandbox, with one key for each Space."""
    if not options.sandbox:
        return planned
    from backfill.sandbox import SandboxThread

    keys = {f"sandbox-{job.space}": job.space for job in planned}
    url = stack.enter_context(SandboxThread(keys=keys, rate=1000)).url
    return [replace(job, options=job.options.but(base_url=url, sandbox=True)) for job in planned]


@dataclass
class Means:
    """What all Spaces share: the processes that read and write files, the commits, and whose key is which."""

    pool: Pool
    commits: GroupCommit
    keys: dict[tuple[str, str], str] = field(default_factory=dict)  # address and key: whose


@asynccontextmanager
async def means() -> AsyncIterator[Means]:
    """What it takes to send."""
    pool = Pool()
    with rarely_collected():
        async with GroupCommit() as commits:
            try:
                yield Means(pool, commits)
            finally:
                await pool.close()


async def do_alone(whole: Whole, jobs: list[Job], folder: Path, means: Means, stop: Stop) -> list[dict[str, Any]]:
    """Do the jobs of one Space, among others that share the means; return what became of them."""
    with whole.console.progress("all", 0, "events") as total:
        _lay_out(whole, jobs, folder, total, means)
        for queue in whole.queues:
            queue.stop = stop
        try:
            await _each(whole.queues, SpaceQueue.open)
            await _each(whole.queues, SpaceQueue.run)
        finally:
            for queue in whole.queues:
                await asyncio.to_thread(queue.close)
    return [entry(job_run) for job_run in whole.job_runs]


async def _run(whole: Whole, planned: list[Job], folder: Path) -> None:
    with whole.console.progress("all", 0, "events") as total:
        async with means() as shared:
            _lay_out(whole, planned, folder, total, shared)
            queues = whole.queues
            try:
                with stoppable(*(queue.stop for queue in queues)):
                    async with writing_metrics(
                        whole.options.outputs.metrics,
                        lambda: [entry(job_run) for job_run in whole.job_runs],
                        whole.console.warn,
                    ):
                        await _each(queues, SpaceQueue.open)
                        asks = whole.options.command == "upload" and not whole.options.sending.yes and terminal()
                        if not asks or await _agreed(whole):
                            await _each(queues, SpaceQueue.run)
            finally:
                for queue in queues:
                    queue.close()


def _lay_out(whole: Whole, planned: list[Job], folder: Path, total: Progress, means: Means) -> None:
    """Put each job into its Space's queue."""
    queues: dict[tuple[str, str], SpaceQueue] = {}
    for at, job in enumerate(planned):
        address = job.options.space.url
        queue = queues.get((job.space, address))
        if queue is None:
            console = whole.console.of(job.space, total, space=job.space)
            queue = queues[job.space, address] = SpaceQueue(
                [], whole.state, means.pool, means.commits, console, whole.over
            )
        options = job.options
        if queue.refused is None:
            try:
                refuse_address(options.space.url)
                options = _keyed(options, means.keys) if options.command == "upload" else options
            except UsageError as error:
                queue.refused = error
        own = folder / str(at)
        own.mkdir(mode=0o700)
        job_run = JobRun(Job(job.number, options), own)
        queue.job_runs.append(job_run)
        whole.job_runs.append(job_run)
    whole.queues = list(queues.values())
    total.expect(lambda _: max((queue.seconds_left for queue in whole.queues), default=0.0))


def _keyed(options: Options, keys: dict[tuple[str, str], str]) -> Options:
    """The options with the Space's key. Raises UsageError where there is none, or where it is another Space's too."""
    key = f"sandbox-{options.space.name}" if options.sandbox else api_key_of(options.space.name)
    other = keys.setdefault((options.space.address, key), options.space.name)
    if other != options.space.name:
        raise UsageError(f"space {options.space.name}: its API key is that of space {other}; one Space has one name")
    return options.but(api_key=key)


async def _each(queues: list[SpaceQueue], what: Any) -> None:
    """Do something with all queues at once; where that is called off, each still ends what it has begun."""
    if not queues:
        return
    tasks = [asyncio.create_task(what(queue)) for queue in queues]
    try:
        await asyncio.wait(tasks)
    except asyncio.CancelledError:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    for task in tasks:
        if not task.cancelled():
            task.result()


async def _agreed(whole: Whole) -> bool:
    """Survey everything and ask once."""
    await _each(whole.queues, SpaceQueue.survey)
    ready = [job_run for job_run in whole.job_runs if job_run.wanted]
    events, spaces = sum(job_run.wanted for job_run in ready), len({job_run.job.space for job_run in ready})
    if not events or any(queue.stop.error for queue in whole.queues):
        return True
    with leaving():
        try:
            if agreed(f"Send {counted(events, 'event')} to {counted(spaces, 'Space')}?"):
                return True
            refused: BackfillError = UsageError("not confirmed: nothing was sent")
        except Interrupted as error:
            refused = error
    for queue in whole.queues:
        queue.refuse(refused)
    whole.console.fail(refused)
    return False
