"""A pool of workers: each takes the next event when it is idle, so nothing piles up."""

import asyncio
from collections.abc import Iterator
from itertools import islice

from backfill.api.stop import Stop
from backfill.errors import BackfillError
from backfill.upload.group_commit import Outbox
from backfill.upload.sender import Sender
from backfill.upload.tally import Event

_TAKEN = 100  # events fetched at a time, and held, a Space


class _Feed:
    """Events from a thread, so that converting a frame holds up no answer."""

    def __init__(self, events: Iterator[Event]):
        self._events = events
        self._lock = asyncio.Lock()
        self._ready: Iterator[Event] = iter(())

    async def next(self) -> Event | None:
        if (event := next(self._ready, None)) is not None:
            return event
        async with self._lock:  # one fetches; those that waited get what it has fetched
            if (event := next(self._ready, None)) is None:
                self._ready = iter(await asyncio.to_thread(lambda: list(islice(self._events, _TAKEN))))
                event = next(self._ready, None)
            return event


async def send(events: Iterator[Event], sender: Sender, workers: int, stop: Stop, outbox: Outbox) -> None:
    """Deliver every event with that many workers; the outbox takes the outcomes."""
    feed = _Feed(events)

    async def work() -> None:
        try:
            while not stop.event.is_set() and (event := await feed.next()) is not None:
                if outcome := await sender.deliver(event):
                    outbox.take(event, outcome)
        except BackfillError as error:
            stop(error)

    pool = [asyncio.create_task(work()) for _ in range(workers)]
    try:
        await asyncio.gather(*pool)
    finally:
        for task in pool:
            task.cancel()
        await asyncio.gather(*pool, return_exceptions=True)
