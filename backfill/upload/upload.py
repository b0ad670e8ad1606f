"""Sending: the events of a run that are ready go out at its Space's pace, each outcome booked before it counts."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backfill.api.client import session_for
from backfill.api.pace.limiter import Pace, Unpaced
from backfill.api.pace.window import AnswerLog
from backfill.api.stop import Stop
from backfill.counts import Counts
from backfill.errors import BackfillError, Unbalanced, UsageError
from backfill.event import Verdict
from backfill.ledger import Ledger
from backfill.progress import Messages
from backfill.report.metrics import write_metrics
from backfill.run.options import Options, pace_file
from backfill.run.signals import stoppable
from backfill.space import fingerprint_of
from backfill.upload.group_commit import Clerk
from backfill.upload.pool import send
from backfill.upload.recorder import Booking, Sink
from backfill.upload.sender import Sender
from backfill.upload.tally import Event, Tally

METRICS_SECONDS = 15.0  # between two writings of the figures


@dataclass
class Shipment:
    """The events of one run, and where what becomes of them goes."""

    options: Options
    state: Path
    events: Iterator[Event]
    ledger: Ledger
    run: int
    counts: Counts
    rejects: Sink
    recipe: tuple[str, str] | None = None  # the mapping's name and how it makes hashed keys, where it makes any
    tally: Tally = field(default_factory=Tally)
    settle: Callable[[Event], None] = lambda _: None  # who else wants to know of an event that was accepted


def _pace(options: Options, state: Path) -> Pace:
    if options.unlimited:
        return Unpaced()
    return Pace(options.rate, AnswerLog(pace_file(options, state)), options.reserve)


def send_off(
    this: Shipment, summaries: Callable[[], Sequence[dict[str, Any]]], voice: Messages
) -> BackfillError | None:
    """Send one run's events, in an event loop of their own; return what stopped it."""

    async def sent() -> BackfillError | None:
        stop = Stop()
        with stoppable(stop), rarely_collected():
            async with writing_metrics(this.options.metrics, summaries, voice), Clerk() as clerk:
                return await ship(this, stop, voice, clerk)

    return asyncio.run(sent())


async def ship(this: Shipment, stop: Stop, voice: Messages, clerk: Clerk) -> BackfillError | None:
    """Send until all is sent or something asks to stop; return what stopped it."""
    options, wanted = this.options, this.counts.wanted(this.options.limit)
    kept_back = this.counts.verdicts[Verdict.READY] - wanted
    with (
        voice.progress("sending", wanted, "events") as progress,
        _pace(options, this.state) as pace,
        suppress(asyncio.CancelledError),
    ):
        progress.expect(pace.left)
        async with session_for(options.api_key, options.workers, options.timeout) as session:
            sender = Sender(
                session, options.base_url, pace, options.patience, stop, this.tally, options.pauses, voice.detail
            )
            limits = options.max_rejects
            booked = (this.ledger, this.run, this.counts, this.rejects, limits, progress, this.recipe, this.settle)
            booking = Booking(*booked, fingerprint_of(options.api_key))
            desk = clerk.open(booking, stop)
            try:
                await send(this.events, sender, options.workers, stop, desk)
            finally:
                await clerk.close(desk)
    left = this.counts.verdicts[Verdict.READY] - kept_back
    if left and stop.error is None:
        return Unbalanced(f"{left:,} events were not sent and nothing said why: a bug; please report it")
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


@asynccontextmanager
async def writing_metrics(
    path: Path | None, summaries: Callable[[], Sequence[dict[str, Any]]], voice: Messages
) -> AsyncIterator[None]:
    """Write the figures of now every 15 seconds while the body runs, where a path is given."""
    writer = asyncio.create_task(_keep_writing(path, summaries, voice)) if path is not None else None
    try:
        yield
    finally:
        if writer is not None:
            writer.cancel()
            with suppress(asyncio.CancelledError):
                await writer


async def _keep_writing(path: Path, summaries: Callable[[], Sequence[dict[str, Any]]], voice: Messages) -> None:
    """A disk that is full is said once, and no reason to stop sending."""
    warned = False
    while True:
        try:
            with suppress(RuntimeError):  # a count was changed while it was read: the next time will do
                await asyncio.to_thread(write_metrics, path, summaries(), running=True)
        except UsageError as error:
            if not warned:
                voice.warn(str(error))
            warned = True
        await asyncio.sleep(METRICS_SECONDS)
