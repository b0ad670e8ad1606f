"""Attempts at an endpoint: each waits for its turn; its answer goes to the pace and the breaker, and is obeyed."""

from collections.abc import Callable

import aiohttp

from backfill.api.circuit_breaker import CircuitBreaker
from backfill.api.client import BODY, Answer, exchange
from backfill.api.pace.limiter import Pace
from backfill.api.retry import pause_before
from backfill.api.stop import Stop

_CUT_OFF = Answer(0, lost=True, fault="cut off")


class Attempts:
    """All attempts of one Space at one endpoint. Whoever reads an answer reports to `breaker` how the attempt went."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        pace: Pace,
        stop: Stop,
        patience: float,
        pauses: tuple[float, float],
        paused: Callable[[float, str], None] = lambda _seconds, _why: None,
    ):
        self.breaker = CircuitBreaker(patience, stop, pauses, paused)
        self._session = session
        self._pace = pace
        self._stop = stop
        self._pauses = pauses
        if pace.resting:
            self.breaker.throttled(pace.resting)
            paused(pace.resting, "the API had asked an earlier run to wait")

    async def turn(self) -> int | None:
        """Wait until another attempt may begin; its slot in the pace, or None where the run stops first."""
        return await self._pace.turn(self._stop.event, self.breaker.ready)

    async def make(self, slot: int, method: str, url: str, body: bytes | None = None, most: int = BODY) -> Answer:
        """Make one. Never raises: what goes wrong is an answer too; one that is cut off may have been taken."""
        answer = _CUT_OFF
        self.breaker.started()
        try:
            answer = await exchange(self._session, method, url, body, most)
        finally:
            self.breaker.ended()
            self._pace.answered(slot, answer.headers)
        return answer

    def obey(self, answer: Answer, unless: float | None = None) -> float | None:
        """Let the whole Space wait as long as the answer's Retry-After says, or `unless` seconds without one."""
        wait = unless if answer.retry_after is None else answer.retry_after
        if wait is not None:
            self.breaker.throttled(wait)
            self._pace.pause(wait)
        return wait

    async def rest(self, attempt: int) -> None:
        """Pause before this attempt at the same request, but no longer than the run goes on."""
        await self._stop.rest(pause_before(attempt, *self._pauses))
