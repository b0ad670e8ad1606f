"""A whole plan: its jobs, each Space at its own pace and none waiting for another.

One process sends for all Spaces; what takes the processor's time, reading and writing files, is done by others.
"""

import asyncio
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from backfill.commands.jobs.deliver import tell_all, warn_of_unset
from backfill.commands.jobs.notice import Notice
from backfill.commands.jobs.part import Part
from backfill.commands.jobs.plan import Grammar, Job, load_plan
from backfill.commands.jobs.pool import Pool
from backfill.commands.jobs.space_queue import FINE, JobRun, SpaceQueue
from backfill.commands.jobs.summary import entry, jobs_text, summary_of
from backfill.commands.jobs.workdir import private_folder
from backfill.console import show, show_json
from backfill.errors import (
    BackfillError,
    Interrupted,
    StateError,
    ThresholdStop,
    UsageError,
    command,
    counted,
    exit_code_of,
)
from backfill.report.console import Console, Progress, agreed, terminal
from backfill.report.live_metrics import writing_metrics
from backfill.report.metrics import write_metrics, write_refusal
from backfill.report.summary import result, write_summary
from backfill.run.options import Options, state_folder
from backfill.run.signals import leaving, stoppable, undisturbed
from backfill.space import api_key_of, refuse_address
from backfill.upload.group_commit import GroupCommit
from backfill.upload.upload import rarely_collected


@dataclass
class Whole:
    """All jobs of a plan on their way."""

    options: Options
    state: Path
    console: Console
    queues: list[SpaceQueue] = field(default_factory=list)
    job_runs: list[JobRun] = field(default_factory=list)

    def over(self, job_run: JobRun) -> None:
        """Show what became of a job."""
        if job_run.to_show and job_run.summary and not self.options.outputs.json and not self.options.outputs.quiet:
            with suppress(StateError):  # the output at the end fails too, and says so
                show("\n".join([result(job_run.summary), *job_run.details]))


def jobs(path: Path, grammar: Grammar, part: Part) -> int:
    """Do a part of a plan's jobs; return the exit code of all. What stops one is said in one sentence, never raised."""
    options = grammar.options
    console = Console(options.outputs.quiet, options.outputs.verbose, options.outputs.log_format, {"command": "jobs"})
    warn_of_unset(path, console)
    try:
        notice = _done(path, grammar, part, console)
    except Exception:
        tell_all(Notice(path.name, 1, error="ended by a bug"), path, options, console)
        raise
    tell_all(notice, path, options, console)
    return notice.exit_code


def _done(path: Path, grammar: Grammar, part: Part, console: Console) -> Notice:
    options = grammar.options
    with ExitStack() as stack:
        stack.enter_context(leaving())
        try:
            planned = part.of(load_plan(path, grammar))
            if not planned:
                console.info(f"part {part}: the plan has fewer Spaces, so there is nothing to do")
            state = stack.enter_context(state_folder(options))
            planned = _with_sandbox(planned, options, stack)
            whole = Whole(options, state, console)
            folder = stack.enter_context(private_folder(state if options.command == "upload" else None))
            asyncio.run(_run(whole, planned, folder))
        except BackfillError as error:
            console.fail(error)
            write_refusal(options.outputs.metrics, {"command": "jobs"}, error.exit_code)
            return Notice(path.name, error.exit_code, error=str(error))
        undisturbed()
        summary = _finish(whole)
        return Notice(path.name, int(summary["exit_code"]), summary["jobs"], summary["totals"])


def _with_sandbox(planned: list[Job], options: Options, stack: ExitStack) -> list[Job]:
    """With --sandbox, jobs that send to a local sandbox, with one key for each Space."""
    if not options.sandbox:
        return planned
    from backfill.sandbox import SandboxThread

    keys = {f"sandbox-{job.space}": job.space for job in planned}
    url = stack.enter_context(SandboxThread(keys=keys, rate=1000)).url
    return [replace(job, options=job.options.but(base_url=url, sandbox=True)) for job in planned]


async def _run(whole: Whole, planned: list[Job], folder: Path) -> None:
    pool = Pool()
    with rarely_collected():
        async with GroupCommit() as commits:
            await _sent(whole, planned, folder, pool, commits)


async def _sent(whole: Whole, planned: list[Job], folder: Path, pool: Pool, commits: GroupCommit) -> None:
    with whole.console.progress("all", 0, "events") as total:
        _lay_out(whole, planned, folder, total, pool, commits)
        queues = whole.queues
        try:
            with stoppable(*(queue.stop for queue in queues)):
                async with writing_metrics(
                    whole.options.outputs.metrics, lambda: [entry(job_run) for job_run in whole.job_runs], whole.console
                ):
                    await _each(queues, SpaceQueue.open)
                    asks = whole.options.command == "upload" and not whole.options.sending.yes and terminal()
                    if not asks or await _agreed(whole):
                        await _each(queues, SpaceQueue.run)
        finally:
            await pool.close()
            for queue in queues:
                queue.close()


def _lay_out(whole: Whole, planned: list[Job], folder: Path, total: Progress, pool: Pool, commits: GroupCommit) -> None:
    """Put each job into its Space's queue."""
    queues: dict[tuple[str, str], SpaceQueue] = {}
    keys: dict[tuple[str, str], str] = {}  # address and key: whose
    for at, job in enumerate(planned):
        address = job.options.space.url
        queue = queues.get((job.space, address))
        if queue is None:
            console = whole.console.of(job.space, total, space=job.space)
            queue = queues[job.space, address] = SpaceQueue([], whole.state, pool, commits, console, whole.over)
        options = job.options
        if queue.refused is None:
            try:
                refuse_address(options.space.url)
                options = _keyed(options, keys) if options.command == "upload" else options
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


def _finish(whole: Whole) -> dict[str, Any]:
    """Write and show the summary of all; return it."""
    options, entries = whole.options, [entry(job_run) for job_run in whole.job_runs]
    summary = summary_of(entries, command(options.argv))

    def write() -> None:
        if options.outputs.summary is not None:
            write_summary(options.outputs.summary, summary)
        if options.outputs.metrics is not None:
            write_metrics(options.outputs.metrics, entries)

    def shows() -> None:
        if options.outputs.json:
            show_json(summary)
        elif not options.outputs.quiet:
            show(jobs_text(entries, summary["totals"]))

    for what in (write, shows):
        try:
            what()
        except BackfillError as error:
            whole.console.fail(error)
            if summary["exit_code"] in FINE:
                summary["exit_code"] = exit_code_of(error, sent=summary["totals"]["requests"] > 0)
                with suppress(BackfillError):
                    write()
    if summary["resume"]:
        mended = " once that is mended" if summary["exit_code"] == ThresholdStop.exit_code else ""
        whole.console.info(f"to go on{mended}: {summary['resume']}")
    return summary
