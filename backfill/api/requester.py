"""A requester of one endpoint: one request at a time, until it is answered; its own limits, its own pace."""

import aiohttp

from backfill.api.circuit_breaker import CircuitBreaker
from backfill.api.client import Answer, exchange, meaning_of
from backfill.api.pace.limiter import Pace
from backfill.api.retry import Meaning, pause_before
from backfill.api.stop import Stop

_PAGE = 1 << 27  # bytes of an answer, at the most
PATIENT = 4  # a page of 4000 events may take this many times as long as an event sent


class Requester:
    """One endpoint of one Space."""

    def __init__(
        self, session: aiohttp.ClientSession, pace: Pace, stop: Stop, patience: float, pauses: tuple[float, float]
    ):
        self._session = session
        self._pace = pace
        self._stop = stop
        self._pauses = pauses
        self._breaker = CircuitBreaker(patience, stop, pauses)

    async def ask(self, method: str, url: str) -> Answer:
        """Ask until an answer is more than a fault or a request to wait.

        Raises what stopped the run: ApiStop once the patience is over, Interrupted.
        """
        attempt = 1
        while True:
            slot = await self._pace.turn(self._stop.event, self._breaker.ready)
            if slot is None:
                assert self._stop.error is not None
                raise self._stop.error
            answer = await self._once(method, url, slot)
            match meaning_of(answer):
                case Meaning.SLOW_DOWN:
                    self._obey(answer, 1.0)
                case Meaning.AGAIN:
                    attempt += 1
                    self._breaker.failed(answer.fault or f"HTTP {answer.status}")
                    self._obey(answer)
                    await self._stop.rest(pause_before(attempt, *self._pauses))
                case _:
                    self._breaker.well()
                    return answer

    async def _once(self, method: str, url: str, slot: int) -> Answer:
        answer = Answer(0, lost=True)
        self._breaker.left()
        try:
            answer = await exchange(self._session, method, url, most=_PAGE)
        finally:
            self._breaker.home()
            self._pace.answered(slot, answer.headers)
        return answer

    def _obey(self, answer: Answer, unless: float | None = None) -> None:
        wait = unless if answer.retry_after is None else answer.retry_after
        if wait is not None:
            self._breaker.throttled(wait)
            self._pace.pause(wait)
