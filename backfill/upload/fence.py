"""A fence around the sending, where other hosts may send for the Space too: requests begin only while it is ours.

Each renewal of the hold is a permit for a few seconds. Where the ledger can't be reached, the permit runs out and the
sending pauses by itself; after the patience the run stops. Where another host has the Space by now, it stops at once.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from backfill.api.pace.limiter import Pace
from backfill.api.pace.permit import Permit
from backfill.api.stop import Stop
from backfill.errors import ApiStop, SpaceHeld, StateError
from backfill.ledger.protocol import Hold, Pacing
from backfill.progress import Messages

_ROUND = 0.5  # seconds between two renewals
_SAID = 5.0  # seconds without a ledger that are worth a word
_LAST = 10.0  # seconds for which a run that stops waits for a ledger that is gone


@asynccontextmanager
async def fenced(
    hold: Hold, permit: Permit, pace: Pace, stop: Stop, patience: float, console: Messages
) -> AsyncIterator[None]:
    """Renew the hold and the permit while the body runs."""
    hold.sending(patience)
    renewing = asyncio.create_task(_renew(hold, permit, pace, stop, patience, console))
    try:
        yield
    finally:
        renewing.cancel()
        with suppress(asyncio.CancelledError):
            await renewing
        hold.sending(min(patience, _LAST))


async def _renew(hold: Hold, permit: Permit, pace: Pace, stop: Stop, patience: float, console: Messages) -> None:
    reached, said = time.monotonic(), False
    while stop.error is None:
        asked = permit.ask()
        unanswered, ages = pace.told()
        try:
            ours = await asyncio.to_thread(hold.renew, Pacing(unanswered + permit.most, ages))
        except StateError as error:
            gone = time.monotonic() - reached
            if gone >= patience:
                stop(ApiStop(f"{error}; after {patience:.0f} s without it the run stops, and the same command goes on"))
            elif gone >= _SAID and not said:
                console.warn(f"{error}; nothing is sent until it is there again")
                said = True
        else:
            if not ours:
                stop(SpaceHeld("another run has taken the Space meanwhile, so this one sends nothing more"))
                break
            permit.renew(asked)
            reached, said = time.monotonic(), False
        await asyncio.sleep(_ROUND)
    hold.sending(min(patience, _LAST))
