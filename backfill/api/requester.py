"""A requester of one endpoint: one request at a time, until it is answered; its own limits, its own pace."""

from backfill.api.attempts import Attempts
from backfill.api.client import Answer, meaning_of
from backfill.api.retry import Meaning
from backfill.api.stop import Stop

_PAGE = 1 << 27  # bytes of an answer, at the most
PATIENT = 4  # a page of 4000 events may take this many times as long as an event sent


class Requester:
    """One endpoint of one Space."""

    def __init__(self, attempts: Attempts, stop: Stop):
        self._attempts = attempts
        self._stop = stop

    async def ask(self, method: str, url: str) -> Answer:
        """Ask until an answer is more than a fault or a request to wait.

        Raises what stopped the run: ApiStop once the patience is over, Interrupted.
        """
        attempts, attempt = self._attempts, 1
        while True:
            slot = await attempts.turn()
            if slot is None:
                assert self._stop.error is not None
                raise self._stop.error
            answer = await attempts.make(slot, method, url, most=_PAGE)
            match meaning_of(answer):
                case Meaning.SLOW_DOWN:
                    attempts.obey(answer, 1.0)
                case Meaning.AGAIN:
                    attempt += 1
                    attempts.breaker.failed(answer.fault or f"HTTP {answer.status}")
                    attempts.obey(answer)
                    await attempts.rest(attempt)
                case _:
                    attempts.breaker.succeeded()
                    return answer
