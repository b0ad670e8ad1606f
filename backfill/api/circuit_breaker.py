"""The circuit breaker: whether the API is up, and what is held back while it is down."""

import asyncio
import time
from collections.abc import Callable

from backfill.api.pace.window import LONGEST_PAUSE
from backfill.api.retry import FAILURES_TO_PAUSE, pause_before
from backfill.api.stop import Stop
from backfill.errors import ApiStop


class CircuitBreaker:
    """Whether the API is up. After 20 failures in a row it is down: the Space pauses, and tries one at a time."""

    def __init__(
        self,
        patience: float,
        stop: Stop,
        pauses: tuple[float, float],
        paused: Callable[[float, str], None] = lambda _seconds, _why: None,
    ):
        self._paused = paused
        self._pauses = pauses
        self._patience = patience
        self._stop = stop
        self._since: float | None = None
        self._failures = 0
        self._in_flight = 0
        self._ended = asyncio.Event()

    @property
    def down(self) -> bool:
        return self._failures >= FAILURES_TO_PAUSE

    def started(self) -> None:
        """An attempt is on its way."""
        self._in_flight += 1

    def ended(self) -> None:
        """The attempt has an answer, or was given up."""
        self._in_flight -= 1
        self._ended.set()

    async def ready(self) -> None:
        """Hold the next attempt back while the API is down: until none is in flight, and then for a while."""
        while self.down and self._in_flight:
            self._ended.clear()
            await self._ended.wait()
        if self.down:
            wait = pause_before(self._failures - FAILURES_TO_PAUSE + 2, *self._pauses)
            self._paused(wait, "the API did not answer well")
            await self._stop.rest(wait)

    def succeeded(self) -> None:
        self._failures, self._since = 0, None

    def failed(self, fault: str) -> None:
        self._failures += 1
        self._wait(0.0, f"the API has not answered well for {{}} (last: {fault})")

    def throttled(self, seconds: float) -> None:
        late = self._since is not None and time.monotonic() - self._since >= 1
        more = " more, after {} without success" if late else ""
        self._wait(seconds, f"the API asks to wait for {seconds:,.0f} s{more}")

    def _wait(self, seconds: float, sentence: str) -> None:
        now = time.monotonic()
        self._since = self._since or now
        if now - self._since + seconds > self._patience:
            why = sentence.format(f"{now - self._since:,.0f} s")
            patience = f"longer than the patience of {self._patience:g} s"
            when = f" after {min(seconds, LONGEST_PAUSE):,.0f} s" if seconds >= 1 else ""  # or asks the API again then
            self._stop(ApiStop(f"{why}, {patience}; nothing is lost, the same command goes on{when}"))
