"""The end of a run that is under way, once something asks for it."""

import asyncio
from contextlib import suppress

from backfill.errors import BackfillError


class Stop:
    """The run's end, once something asks for it: workers start nothing more, and wait for what is in flight."""

    def __init__(self) -> None:
        self.event = asyncio.Event()
        self.error: BackfillError | None = None

    def __call__(self, error: BackfillError) -> None:
        self.error = self.error or error
        self.event.set()

    async def rest(self, seconds: float) -> None:
        """Sleep, but no longer than the run goes on."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.event.wait(), max(seconds, 0.0))
