"""A sender takes an event to its outcome, through as many attempts as the rules of `api.retry` allow."""

from collections.abc import Callable

import aiohttp

from backfill.api.circuit_breaker import CircuitBreaker
from backfill.api.client import CROWDED, Answer, exchange, meaning_of, no_more_connections, stop_at
from backfill.api.pace.limiter import Pace
from backfill.api.retry import ATTEMPTS, FIRST_PAUSE, LONGEST_PAUSE, Meaning, pause_before
from backfill.api.stop import Stop
from backfill.errors import Interrupted
from backfill.event import Code, Verdict
from backfill.upload.tally import Event, Outcome, Tally

PATH = "/public-api/v1/events/track"


class Sender:
    """One Space at one address: `deliver` takes an event to its outcome."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        pace: Pace,
        patience: float,
        stop: Stop,
        tally: Tally,
        pauses: tuple[float, float] = (FIRST_PAUSE, LONGEST_PAUSE),
        tell: Callable[[str], None] = lambda _: None,
    ):
        self._tell = tell
        self._session = session
        self._url = url.rstrip("/") + PATH
        self._pace = pace
        self._stop = stop
        self._breaker = CircuitBreaker(patience, stop, pauses, tally.timeline.pause)
        self._pauses = pauses
        self._tally = tally

    async def deliver(self, event: Event) -> Outcome | None:
        """Send until there is an outcome; None where the run stopped first."""
        attempt, lost = 1, False
        while True:
            slot = await self._pace.turn(self._stop.event, self._breaker.ready)
            if slot is None:
                return self._left(lost)
            answer = await self._post(event.body, slot)
            match meaning_of(answer):
                case Meaning.ACCEPTED:
                    self._breaker.well()
                    self._tally.count("accepted")
                    return Outcome(Verdict.ACCEPTED)
                case Meaning.REFUSED:
                    self._breaker.well()
                    self._tally.count("refused")
                    return Outcome(Verdict.REFUSED, Code.REFUSED, f"HTTP {answer.status}: {answer.message}")
                case Meaning.SLOW_DOWN:
                    self._tally.count("rate_limited")
                    self._obey(answer, 1.0)
                case Meaning.AGAIN:
                    lost |= answer.lost
                    if answer.fault == CROWDED:
                        self._stop(no_more_connections())
                        return self._left(lost)
                    self._tally.count("retried")
                    self._tell(f"attempt {attempt} of {ATTEMPTS} failed ({answer.fault or f'HTTP {answer.status}'})")
                    self._breaker.failed(answer.fault or f"HTTP {answer.status}")
                    self._obey(answer)
                    if self._breaker.down:
                        continue
                    if attempt == ATTEMPTS:
                        return _given_up(answer, lost)
                    attempt += 1
                    await self._stop.rest(pause_before(attempt, *self._pauses))
                case wrong:
                    self._stop(stop_at(wrong, answer, self._url))
                    return None

    def _left(self, lost: bool) -> Outcome | None:
        """The run stopped: by hand, that this event may have been taken is told; an outage makes no rejects."""
        if lost and isinstance(self._stop.error, Interrupted):
            return Outcome(Verdict.UNDELIVERED, Code.UNKNOWN_OUTCOME, "the answer was lost and the run was stopped")
        return None

    def _obey(self, answer: Answer, unless: float | None = None) -> None:
        """Let the whole Space wait as long as the answer's Retry-After says, or `unless` seconds without one."""
        wait = unless if answer.retry_after is None else answer.retry_after
        if wait is not None:
            self._breaker.throttled(wait)
            self._pace.pause(wait)
            self._tell(f"HTTP {answer.status}: the API asked to wait {wait:.0f} s")
            self._tally.timeline.pause(wait, f"the API asked to wait (HTTP {answer.status})")

    async def _post(self, body: bytes, slot: int) -> Answer:
        """One attempt. Never raises: what goes wrong is an answer too."""
        self._tally.count("requests")
        self._breaker.left()
        answer = Answer(0, lost=True, fault="cut off")
        try:
            answer = await exchange(self._session, "POST", self._url, body)
        finally:
            self._breaker.home()
            self._pace.answered(slot, answer.headers)
        return answer


def _given_up(answer: Answer, lost: bool) -> Outcome:
    what = answer.fault or f"HTTP {answer.status}"
    if lost:
        return Outcome(
            Verdict.UNDELIVERED,
            Code.UNKNOWN_OUTCOME,
            f"{ATTEMPTS} attempts, an answer was lost: it may have been taken ({what})",
        )
    return Outcome(Verdict.UNDELIVERED, Code.UNDELIVERED, f"{ATTEMPTS} attempts ({what})")
