"""Reading a Space back: what an earlier run read of it, and the rest; the endpoint is held by one process at a time."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

from backfill.api.attempts import Attempts
from backfill.api.client import session_for
from backfill.api.list_events import PATH, EventQuery, read_events
from backfill.api.pace.limiter import Pace
from backfill.api.pace.window import WindowLog
from backfill.api.readback import Readback, text_of
from backfill.api.requester import PATIENT, Requester
from backfill.api.stop import Stop
from backfill.errors import counted
from backfill.ledger.lock import lock
from backfill.progress import Messages
from backfill.run.options import Options, pace_file
from backfill.run.signals import restoring, stoppable
from backfill.storage.state_folder import space_file


@contextmanager
def read_back(query: EventQuery, options: Options, state: Path, console: Messages) -> Iterator[Readback]:
    """Read the events and hold them for the body. Raises ApiStop, Interrupted or SpaceHeld; what was read is kept."""
    path = space_file(state, options.space.address, options.space.name, ".readback")
    asked = asdict(query) | {"key": options.space.fingerprint}
    with lock(path.with_suffix(".readback.lock"), options.space.name), Readback.open(path, json.dumps(asked)) as kept:
        if kept.pages:
            before = f"{counted(len(kept), 'event')} in {counted(kept.pages, 'page')}"
            console.info(f"going on with what was read back before: {before}")
        asyncio.run(_read(query, kept, options, state, console))
        console.info(
            f"read back {counted(len(kept), 'event')} of the Space in {counted(kept.pages, 'page')}, "
            f"from {text_of(query.first)} to {text_of(query.last)} and "
            f"{'a day' if query.zone else 'a day and a half'} around"
        )
        if len(kept) and not any(with_one for _, with_one in kept.order_ids().values()):
            console.warn(
                "none of the events read back has an order_id: an order that has one can't be found among them"
            )
        yield kept


async def _read(query: EventQuery, kept: Readback, options: Options, state: Path, console: Messages) -> None:
    url = options.space.url.rstrip("/") + PATH
    total = query.hours * len(query.parts)
    async with requesting(options, state, "list", options.sending.list_rate) as requester:
        with console.progress("reading the Space back", total, "hours of events") as progress:
            await read_events(query, kept, url, requester, progress)


@asynccontextmanager
async def requesting(options: Options, state: Path, endpoint: str, rate: int) -> AsyncIterator[Requester]:
    """Open an endpoint, to be asked so many times a minute, by this process alone.

    The first signal lets the answer come home. Raises Interrupted after it, and SpaceHeld where another process asks.
    """
    stop = Stop()
    file = pace_file(options, state, endpoint)
    with (
        lock(file.with_suffix(".lock"), options.space.name),
        Pace(rate, WindowLog(file), smooth=False) as pace,
        restoring(),
        stoppable(stop),
        suppress(asyncio.CancelledError),  # a second signal; the first has given the reason
    ):
        async with session_for(options.space.key, 1, options.sending.timeout * PATIENT) as session:
            attempts = Attempts(session, pace, stop, options.sending.patience, options.sending.pauses)
            yield Requester(attempts, stop)
    if stop.error is not None:
        raise stop.error
