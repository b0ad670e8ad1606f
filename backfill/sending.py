"""Sending: the events of a run that are ready go out at its Space's pace, each outcome booked before it counts."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from backfill.booking import Booking, Sink
from backfill.errors import BackfillError, Unbalanced
from backfill.event import Verdict
from backfill.hold import hold
from backfill.ledger import Ledger, address_of, fingerprint_of, ledger_path
from backfill.options import Options, pace_file
from backfill.pace import AnswerLog, Pace, Unpaced
from backfill.report import Counts
from backfill.upload import Event, Sender, Stop, Tally, send, session_for
from backfill.voice import Voice


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

    @property
    def wanted(self) -> int:
        """How many are to go out: all that are ready, or as many as --limit says."""
        ready, limit = self.counts.verdicts[Verdict.READY], self.options.limit
        return ready if limit is None else min(ready, limit)


def _pace(options: Options, state: Path) -> Pace:
    if options.unlimited:
        return Unpaced()
    return Pace(options.rate, AnswerLog(pace_file(options, state)), options.reserve)


@contextmanager
def space_of(options: Options, state: Path) -> Iterator[Ledger]:
    """Open the Space's ledger, to read it alone or, for an upload, to write to it with the Space held.

    Raises SpaceHeld where another run holds the Space, UsageError where the key is not the Space's.
    """
    address = address_of(options.base_url)
    path = ledger_path(state, address, options.space)
    if options.command != "upload":
        with Ledger.look(path) as ledger:
            yield ledger
        return
    with (
        hold(path.with_suffix(".lock"), options.space),
        hold(pace_file(options, state).with_suffix(".lock"), options.space),
        Ledger.open(path, address, options.space) as ledger,
    ):
        ledger.bind(options.space, fingerprint_of(options.api_key), options.key_rotated)
        yield ledger


async def ship(this: Shipment, stop: Stop, voice: Voice) -> BackfillError | None:
    """Send until all is sent or something asks to stop; return what stopped it."""
    options, wanted = this.options, this.wanted
    kept_back = this.counts.verdicts[Verdict.READY] - wanted
    with (
        voice.progress("sending", wanted, "events") as progress,
        _pace(options, this.state) as pace,
        suppress(asyncio.CancelledError),
    ):
        progress.expect(pace.left)
        async with session_for(options.api_key, options.workers, options.timeout) as session:
            sender = Sender(session, options.base_url, pace, options.patience, stop, this.tally, options.pauses)
            limits = options.max_rejects
            booking = Booking(
                this.ledger, this.run, this.counts, this.rejects, limits, progress, this.recipe, this.settle
            )
            await send(this.events, sender, options.workers, stop, booking)
    left = this.counts.verdicts[Verdict.READY] - kept_back
    if left and stop.error is None:
        return Unbalanced(f"{left:,} events were not sent and nothing said why: a bug; please report it")
    return stop.error
