"""A sender takes an event to its outcome, through as many attempts as the rules of `api.retry` allow."""

from collections.abc import Callable
from dataclasses import dataclass

from backfill.api.attempts import Attempts
from backfill.api.client import CROWDED, NO_PERMIT, Answer, meaning_of, no_more_connections, stop_at
from backfill.api.retry import ATTEMPTS, Meaning
from backfill.api.stop import Stop
from backfill.errors import Interrupted
from backfill.event import Code, Verdict
from backfill.upload.tally import Event, Outcome, Tally

_ACCEPTED = Outcome(Verdict.ACCEPTED)
PATH = "/public-api/v1/events/track"


@dataclass(slots=True)
class _Tried:
    """What is known of an event while it is sent: whether the API may have taken it."""

    unclear: bool = False


class Sender:
    """One Space at one address: `deliver` takes an event to its outcome."""

    def __init__(self, attempts: Attempts, url: str, stop: Stop, tally: Tally, tell: Callable[[str], None]):
        self._attempts = attempts
        self._url = url.rstrip("/") + PATH
        self._stop = stop
        self._tally = tally
        self._tell = tell

    async def deliver(self, event: Event) -> Outcome | None:
        """Send until there is an outcome; None where the run stopped first."""
        tried = _Tried()
        try:
            return await self._outcome(event, tried)
        finally:  # also where it is cancelled
            if tried.unclear:
                self._tally.doubt([event.key])

    async def _outcome(self, event: Event, tried: _Tried) -> Outcome | None:
        attempts, attempt, lost = self._attempts, 1, False
        while True:
            slot = await attempts.turn()
            if slot is None:
                return self._left(lost)
            self._tally.count("requests")
            before, tried.unclear = tried.unclear, True
            answer = await attempts.make(slot, "POST", self._url, event.body)
            tried.unclear = before or answer.unclear
            match meaning_of(answer):
                case Meaning.ACCEPTED:
                    attempts.breaker.succeeded()
                    self._tally.count("accepted")
                    return _ACCEPTED
                case Meaning.REFUSED:
                    attempts.breaker.succeeded()
                    self._tally.count("refused")
                    return Outcome(Verdict.REFUSED, Code.REFUSED, f"HTTP {answer.status}: {answer.message}", before)
                case Meaning.SLOW_DOWN:
                    self._tally.count("rate_limited")
                    self._obey(answer, 1.0)
                case Meaning.AGAIN:
                    if answer.fault == NO_PERMIT:
                        continue
                    lost |= answer.lost
                    if answer.fault == CROWDED:
                        self._stop(no_more_connections())
                        return self._left(lost)
                    self._tally.count("retried")
                    self._tell(f"attempt {attempt} of {ATTEMPTS} failed ({answer.fault or f'HTTP {answer.status}'})")
                    attempts.breaker.failed(answer.fault or f"HTTP {answer.status}")
                    self._obey(answer)
                    if attempts.breaker.down:
                        continue
                    if attempt == ATTEMPTS:
                        return _given_up(answer, lost)
                    attempt += 1
                    await attempts.rest(attempt)
                case wrong:
                    self._stop(stop_at(wrong, answer, self._url))
                    return None

    def _left(self, lost: bool) -> Outcome | None:
        """The run stopped: after a signal, report that this event may have been taken; an outage makes no rejects."""
        if lost and isinstance(self._stop.error, Interrupted):
            return Outcome(Verdict.UNDELIVERED, Code.UNKNOWN_OUTCOME, "the answer was lost and the run was stopped")
        return None

    def _obey(self, answer: Answer, unless: float | None = None) -> None:
        """Do as the answer asks, and say and count how long the Space waits for it."""
        wait = self._attempts.obey(answer, unless)
        if wait is not None:
            self._tell(f"HTTP {answer.status}: the API asked to wait {wait:.0f} s")
            self._tally.timeline.pause(wait, f"the API asked to wait (HTTP {answer.status})")


def _given_up(answer: Answer, lost: bool) -> Outcome:
    what = answer.fault or f"HTTP {answer.status}"
    if lost:
        return Outcome(
            Verdict.UNDELIVERED,
            Code.UNKNOWN_OUTCOME,
            f"{ATTEMPTS} attempts, an answer was lost: it may have been taken ({what})",
        )
    return Outcome(Verdict.UNDELIVERED, Code.UNDELIVERED, f"{ATTEMPTS} attempts ({what})")
