"""An upload: the ready events of one run go out at their Space's pace; each outcome is recorded before it counts."""

import asyncio
import gc
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field

from backfill.api.attempts import Attempts
from backfill.api.client import session_for
from backfill.api.pace.limiter import Pace, Unpaced
from backfill.api.pace.permit import Permit
from backfill.api.pace.window import WindowLog
from backfill.api.stop import Stop
from backfill.counts import Counts
from backfill.errors import ApiStop, BackfillError, Unbalanced, counted
from backfill.event import Verdict
from backfill.ledger import Hold, Ledger
from backfill.progress import Messages
from backfill.upload.feed import Feed
from backfill.upload.fence import fenced
from backfill.upload.group_commit import GroupCommit
from backfill.upload.pool import send
from backfill.upload.recorder import OutcomeRecorder, Sink
from backfill.upload.sender import Sender
from backfill.upload.settings import Sending
from backfill.upload.tally import Event, Tally


@dataclass
class Upload:
    """The events of one run, and where what becomes of them goes."""

    sending: Sending
    events: Iterator[Event]
    ledger: Ledger
    run: int
    counts: Counts
    rejects: Sink
    recipe: tuple[str, str] | None = None  # the mapping's name and how it makes hashed keys, where it makes any
    tally: Tally = field(default_factory=Tally)
    count_accepted: Callable[[list[Event]], None] = lambda _: None  # who else wants to know of those that were accepted
    count_late: Callable[[], None] = lambda: None  # counts what turned out to be there before it was sent


def _pace(sending: Sending, permit: Permit | None, hold: Hold | None) -> Pace:
    if sending.pace_file is None:
        return Unpaced()
    log = WindowLog(sending.pace_file)
    if hold is not None and (before := hold.before) is not None:
        log.take_over(before.pacing.ages, before.ago, before.pacing.open, before.open_for)
    return Pace(sending.rate, log, sending.reserve, permit=permit)


async def run_upload(upload: Upload, stop: Stop, console: Messages, commits: GroupCommit) -> BackfillError | None:
    """Send until all is sent or something asks to stop; return what stopped it."""
    sending, wanted = upload.sending, upload.counts.wanted(upload.sending.limit)
    kept_back = upload.counts.verdicts[Verdict.READY] - wanted
    hold = upload.ledger.hold if sending.pace_file is not None else None
    permit = Permit(hold.permit) if hold is not None else None
    with (
        console.progress("sending", wanted, "events") as progress,
        _pace(sending, permit, hold) as pace,
        suppress(asyncio.CancelledError),
    ):
        progress.expect(pace.left)
        fence: AbstractAsyncContextManager[None] = nullcontext()
        if hold is not None and permit is not None:
            fence = fenced(hold, permit, pace, stop, sending.patience, console)
        async with fence, session_for(sending.space.key, sending.workers, sending.timeout, permit) as session:
            paused = upload.tally.timeline.pause
            attempts = Attempts(session, pace, stop, sending.patience, sending.pauses, paused)
            sender = Sender(attempts, sending.space.url, stop, upload.tally, console.detail)
            recorder = OutcomeRecorder(
                upload.ledger,
                upload.run,
                upload.counts,
                upload.rejects,
                sending.max_rejects,
                progress,
                upload.tally,
                upload.recipe,
                upload.count_accepted,
                sending.space.fingerprint,
            )
            outbox = commits.open(recorder, stop)

            async def attempt(events: list[Event]) -> None:
                await commits.enter(lambda: upload.ledger.attempt(upload.run, [event.accepted for event in events]))

            try:
                await send(Feed(upload.events, attempt, stop), sender, sending.workers, stop, outbox)
            finally:
                await commits.close(outbox)
    upload.count_late()
    left = upload.counts.verdicts[Verdict.READY] - kept_back
    if left > 0 and stop.error is None:
        if hold is not None:  # their verdict is no longer the survey's: likely doubles, or keys of somebody else
            what = counted(left, "event was", "events were")
            return ApiStop(f"{what} not sent, as another host entered meanwhile what it had sent; run it again")
        return Unbalanced(
            f"{counted(left, 'event was', 'events were')} not sent and nothing said why: a bug; please report it"
        )
    return stop.error


@contextmanager
def rarely_collected() -> Iterator[None]:
    """Look for reference cycles seldom: a sending makes few, and the usual looking takes an eighth of its time."""
    usual = gc.get_threshold()
    gc.set_threshold(20_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
