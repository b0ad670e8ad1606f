"""A queue: one Space's jobs, one after the other. What stops one stops those after it; other Spaces go on."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backfill.api.stop import Stop
from backfill.commands.jobs.messages import Ended, FinishTask, Stopped, Surveyed, SurveyTask
from backfill.commands.jobs.plan import Job
from backfill.commands.jobs.pool import Pool
from backfill.commands.jobs.spool import Spool
from backfill.errors import BackfillError, LedgerLost, SpaceHeld, command, exit_code_of
from backfill.ledger import Ledger
from backfill.report.console import Console
from backfill.report.summary import short_plan
from backfill.run.open_ledger import ASK_AGAIN, Wait, space_of
from backfill.run.options import Options
from backfill.upload.group_commit import GroupCommit
from backfill.upload.upload import Upload, run_upload

FINE = (0, 3)  # exit codes after which the Space's next job goes on


@dataclass
class JobRun:
    """One job on its way. `state` is waiting, sending, done, stopped or unattempted."""

    job: Job
    folder: Path
    state: str = "waiting"
    surveyed: Surveyed | None = None
    upload: Upload | None = None
    summary: dict[str, Any] | None = None
    error: str | None = None
    to_show: bool = False  # the summary has something to show, and
    details: list[str] = field(default_factory=list)  # lines after it

    @property
    def fine(self) -> bool:
        """Whether the next job of its Space may go on, as far as is known."""
        return self.error is None and (self.summary is None or self.summary["exit_code"] in FINE)

    @property
    def wanted(self) -> int:
        """How many events are to go out, once that is known."""
        if self.surveyed is None or self.state != "waiting":
            return 0
        return self.surveyed.counts.wanted(self.job.options.sending.limit)


@dataclass
class SpaceQueue:
    """One Space at one address."""

    job_runs: list[JobRun]
    state: Path
    pool: Pool
    commits: GroupCommit
    console: Console
    over: Callable[[JobRun], None]  # called with each job that is over
    refused: BackfillError | None = None  # why nothing can be done here at all
    stop: Stop = field(default_factory=Stop)
    _stack: ExitStack = field(default_factory=ExitStack)
    _ledger: Ledger | None = None

    async def open(self) -> None:
        """Hold the Space until `close`, where it is to be sent to."""
        options = self.job_runs[0].job.options
        if self.refused is None and options.command == "upload":
            try:
                self._ledger = await self._held(options)
            except BackfillError as error:
                self.refused = error

    async def _held(self, options: Options) -> Ledger:
        """Open the ledger; a Space that another run holds is waited for, as long as was asked and this run goes on."""
        wait = Wait(options, self.console)
        while True:
            try:
                return await asyncio.to_thread(self._stack.enter_context, space_of(options, self.state))
            except (SpaceHeld, LedgerLost) as error:
                if self.stop.error is not None or not wait.goes_on(error):
                    raise
                await self.stop.rest(ASK_AGAIN)

    def close(self) -> None:
        self._stack.close()

    async def survey(self) -> None:
        """Survey every job before anything is sent: somebody is to agree to it."""
        for job_run in self._open():
            with self._job_errors(job_run):
                job_run.surveyed = await self._surveyed(job_run)

    async def run(self) -> None:
        """Do the jobs; leave the rest where one is stopped."""
        for at, job_run in enumerate(self._open()):
            with self._job_errors(job_run):
                if at or job_run.surveyed is None:  # what an earlier job has sent since is no longer to send
                    job_run.surveyed = await self._surveyed(job_run)
                if job_run.surveyed is not None and self._ledger is not None:
                    await self._send(job_run, job_run.surveyed, self._ledger)

    def _open(self) -> Iterator[JobRun]:
        """The jobs that are not over, until one of them is stopped."""
        fine = True
        for job_run in self.job_runs:
            if fine and job_run.state == "waiting":
                yield job_run
            elif not fine and job_run.state == "waiting":
                self.skip(job_run)
            fine = fine and job_run.fine and job_run.state != "unattempted"

    @property
    def seconds_left(self) -> float:
        """Seconds that the job that is being sent will still take."""
        return self.console.seconds_left

    def refuse(self, error: BackfillError) -> None:
        """End every job that is not over: nothing is to be sent."""
        for job_run in self.job_runs:
            if job_run.state == "waiting":
                job_run.state, job_run.error, job_run.summary = "stopped", str(error), {"exit_code": error.exit_code}

    def skip(self, job_run: JobRun) -> None:
        """Leave a job, and say so."""
        job_run.state, job_run.surveyed = "unattempted", None
        self.console.warn(f"job {job_run.job.number} was not begun, as one of this Space before it was stopped")
        self.over(job_run)

    def _job_errors(self, job_run: JobRun) -> "_JobErrors":
        return _JobErrors(self, job_run)

    def fail(self, job_run: JobRun, error: BackfillError) -> None:
        """End a job that has no summary of its own."""
        job_run.state, job_run.error = "stopped", str(error)
        sent = job_run.upload is not None and job_run.upload.tally.requests > 0
        job_run.summary = job_run.summary or {"exit_code": exit_code_of(error, sent)}
        self.console.fail(error)
        self.over(job_run)

    def _end(self, job_run: JobRun, ended: Ended, stopped: Stopped | None = None) -> None:
        job_run.summary, job_run.to_show, job_run.details = ended.summary, ended.to_show, ended.details
        job_run.state = "done" if job_run.fine else "stopped"
        job_run.error = ended.error or (stopped.text if stopped else None)
        self.over(job_run)

    async def _surveyed(self, job_run: JobRun) -> Surveyed | None:
        """Survey a job; None where that was all. Raises what the run is to stop for meanwhile."""
        if self.refused is not None:
            raise self.refused
        task = SurveyTask(_without_key(job_run), self.state, job_run.folder)
        surveying = asyncio.ensure_future(self.pool.do(task, job_run.job.size, self.console))
        stopping = asyncio.ensure_future(self.stop.event.wait())
        try:
            await asyncio.wait({surveying, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not surveying.done() and self.stop.error is not None:
                raise self.stop.error
            found = surveying.result()
        finally:
            stopping.cancel()
            surveying.cancel()
            with suppress(asyncio.CancelledError, BackfillError):
                await surveying
        if isinstance(found, Ended):
            self._end(job_run, found)
            return None
        options = job_run.job.options
        for note in found.notes:
            self.console.note(note)
        self.console.info(short_plan(found.counts, options.sending.share, options.sending.limit, found.capi))
        return found

    async def _send(self, job_run: JobRun, found: Surveyed, ledger: Ledger) -> None:
        options = job_run.job.options
        line = command(options.argv)
        number = ledger.begin(line, found.mapping, found.namespace, found.files, found.keys, found.inputs)
        self.console.about |= {"run": number, "mapping": found.mapping}
        with Spool(job_run.folder) as spool:
            events = spool.events(ledger, number)
            job_run.upload = Upload(
                options.upload_settings(self.state), events, ledger, number, found.counts, spool, found.recipe
            )
            job_run.state = "sending"
            stopped = await self._uploaded(job_run.upload)
        task = FinishTask(
            _without_key(job_run), self.state, job_run.folder, number, found.counts, job_run.upload.tally, stopped
        )
        self._end(job_run, await _whole(self.pool.do(task, 0, self.console)), stopped)

    async def _uploaded(self, upload: Upload) -> Stopped | None:
        try:
            return Stopped.by(await run_upload(upload, self.stop, self.console, self.commits))
        except BackfillError as error:
            return Stopped.by(error)
        except Exception as error:  # of this Space alone; what was accepted is in the ledger all the same
            return Stopped(f"a bug: {type(error).__name__} while sending; please report it", 1)


@dataclass
class _JobErrors:
    """Ends a job with the error that stopped it."""

    queue: SpaceQueue
    job_run: JobRun

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> bool:
        if isinstance(error, Exception) and not isinstance(error, BackfillError):
            error = BackfillError(f"a bug: {type(error).__name__}; please report it")  # of this Space alone
        if isinstance(error, BackfillError):
            self.queue.fail(self.job_run, error)
            return True
        return False


def _without_key(job_run: JobRun) -> Options:
    return job_run.job.options.but(api_key="")


async def _whole(work: Any) -> Ended:
    """Wait for the end of a job, even where everything else is cancelled."""
    working = asyncio.ensure_future(work)
    while not working.done():
        with suppress(asyncio.CancelledError):
            await asyncio.shield(working)
    found: Ended = working.result()
    return found
