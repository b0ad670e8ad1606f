"""A feed: the events of an upload as its workers take them, some at a time, each in the ledger before it is taken.

A run that is killed has then left the keys of all that the API may have. It leaves few others, as no more are fetched
at a time than go out in about a second.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from itertools import islice

from backfill.api.stop import Stop
from backfill.upload.tally import Event

_FEWEST, _MOST = 8, 400  # events fetched at a time, and held, a Space
_SECONDS = 1.0  # for which those that are fetched should last


class Feed:
    """Events from a thread, so that converting a frame holds up no answer. `attempt` enters some in the ledger."""

    def __init__(self, events: Iterator[Event], attempt: Callable[[list[Event]], Awaitable[None]], stop: Stop):
        self._events = events
        self._attempt = attempt
        self._stop = stop
        self._lock = asyncio.Lock()
        self._ready: Iterator[Event] = iter(())
        self._number, self._since = _FEWEST, time.monotonic()

    async def next(self) -> Event | None:
        """The next one; None where there is none, or the run is to stop. Raises what the ledger or the input do."""
        if (event := next(self._ready, None)) is not None:
            return event
        async with self._lock:  # one fetches; those that waited get what it has fetched
            if (event := next(self._ready, None)) is None and not self._stop.event.is_set():
                self._ready = iter(await self._fetch())
                event = next(self._ready, None)
            return event

    async def _fetch(self) -> list[Event]:
        lasted = time.monotonic() - self._since
        if lasted < _SECONDS / 2:
            self._number = min(2 * self._number, _MOST)
        elif lasted > _SECONDS * 2:
            self._number = max(self._number // 2, _FEWEST)
        events = await asyncio.to_thread(lambda: list(islice(self._events, self._number)))
        if events:
            await self._attempt(events)
        self._since = time.monotonic()
        return events
