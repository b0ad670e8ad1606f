"""A pool of workers: each takes the next event when it is idle, so nothing piles up."""

import asyncio

from backfill.api.stop import Stop
from backfill.errors import BackfillError
from backfill.upload.feed import Feed
from backfill.upload.group_commit import Outbox
from backfill.upload.sender import Sender


async def send(feed: Feed, sender: Sender, workers: int, stop: Stop, outbox: Outbox) -> None:
    """Deliver every event with that many workers; the outbox takes the outcomes."""

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
        await feed.close()
