"""A feed: the events of an upload as its workers take them, some at a time, each in the ledger before it is taken.

A run that is killed has then left the keys of all that the API may have. It leaves few others, as no more are fetched
than go out in about a second: half of them while the other half goes out, so that nobody waits for the ledger.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from itertools import islice

from backfill.api.stop import Stop
from backfill.upload.tally import Event

_FEWEST, _MOST = 8, 200  # events fetched at a time, and held, a Space
_SECONDS = 0.5  # for which those that are fetched should last


class Feed:
    """Events from a thread, so that converting a frame holds up no answer. `attempt` enters some in the ledger.

    To be closed.
    """

    def __init__(self, events: Iterator[Event], attempt: Callable[[list[Event]], Awaitable[None]], stop: Stop):
        self._events = events
        self._attempt = attempt
        self._stop = stop
        self._lock = asyncio.Lock()
        self._ready: Iterator[Event] = iter(())
        self._number, self._since = _FEWEST, time.monotonic()
        self._coming: asyncio.Task[list[Event]] | None = None

    async def next(self) -> Event | None:
        """The next one; None where there is none, or the run is to stop. Raises what the ledger or the input do."""
        if (event := next(self._ready, None)) is not None:
            return event
        async with self._lock:  # one gets them for all that wait
            if (event := next(self._ready, None)) is None and not self._stop.event.is_set():
                self._coming = self._coming or asyncio.create_task(self._fetch())
                if events := await self._coming:
                    self._adapt(time.monotonic())
                    self._coming = asyncio.create_task(self._fetch())
                self._ready = iter(events)
                event = next(self._ready, None)
            return event

    async def close(self) -> None:
        """Wait for those that are on their way: what enters them in the ledger is not to do so later."""
        if self._coming is not None:
            await asyncio.gather(self._coming, return_exceptions=True)

    def _adapt(self, now: float) -> None:
        """Fetch more or fewer at a time, by how long the last ones took to go out."""
        lasted, self._since = now - self._since, now
        if lasted < _SECONDS / 2:
            self._number = min(2 * self._number, _MOST)
        elif lasted > _SECONDS * 2:
            self._number = max(self._number // 2, _FEWEST)

    async def _fetch(self) -> list[Event]:
        events = await asyncio.to_thread(lambda: list(islice(self._events, self._number)))
        if events:
            await self._attempt(events)
        return events
