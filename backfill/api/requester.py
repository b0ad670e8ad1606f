"""Asking: one request of the API's reading side at a time, until it is answered; its own limits, its own pace."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp

from backfill.api.circuit_breaker import Health
from backfill.api.client import Answer, exchange, meaning_of, session_for
from backfill.api.pace.limiter import Pace
from backfill.api.pace.window import AnswerLog
from backfill.api.retry import Meaning, pause_before
from backfill.api.stop import Stop
from backfill.ledger.lock import hold
from backfill.run.options import Options, pace_file
from backfill.run.signals import restoring, stoppable
from backfill.upload.timeline import Timeline

_PAGE = 1 << 27  # bytes of an answer, at the most
_PATIENT = 4  # a page of 4000 events may take this many times as long as an event sent


class Asker:
    """One endpoint of one Space."""

    def __init__(self, session: aiohttp.ClientSession, pace: Pace, options: Options, stop: Stop):
        self._session = session
        self._pace = pace
        self._stop = stop
        self._pauses = options.pauses
        self._health = Health(options.patience, stop, options.pauses, Timeline())

    async def ask(self, method: str, url: str) -> Answer:
        """Ask until an answer is more than a fault or a request to wait.

        Raises what stopped the run: ApiStop once the patience is over, Interrupted.
        """
        attempt = 1
        while True:
            slot = await self._pace.turn(self._stop.event, self._health.ready)
            if slot is None:
                assert self._stop.error is not None
                raise self._stop.error
            answer = await self._once(method, url, slot)
            match meaning_of(answer):
                case Meaning.SLOW_DOWN:
                    self._obey(answer, 1.0)
                case Meaning.AGAIN:
                    attempt += 1
                    self._health.failed(answer.fault or f"HTTP {answer.status}")
                    self._obey(answer)
                    await self._stop.rest(pause_before(attempt, *self._pauses))
                case _:
                    self._health.well()
                    return answer

    async def _once(self, method: str, url: str, slot: int) -> Answer:
        answer = Answer(0, lost=True)
        self._health.left()
        try:
            answer = await exchange(self._session, method, url, most=_PAGE)
        finally:
            self._health.home()
            self._pace.answered(slot, answer.headers)
        return answer

    def _obey(self, answer: Answer, unless: float | None = None) -> None:
        wait = unless if answer.retry_after is None else answer.retry_after
        if wait is not None:
            self._health.throttled(wait)
            self._pace.pause(wait)


@asynccontextmanager
async def asking(options: Options, state: Path, endpoint: str, rate: int) -> AsyncIterator[Asker]:
    """Open an endpoint, to be asked so many times a minute, by this process alone.

    The first signal lets the answer come home. Raises Interrupted after it, and SpaceHeld where another process asks.
    """
    stop = Stop()
    file = pace_file(options, state, endpoint)
    with (
        hold(file.with_suffix(".lock"), options.space),
        Pace(rate, AnswerLog(file), smooth=False) as pace,
        restoring(),
        stoppable(stop),
        suppress(asyncio.CancelledError),  # a second signal; the first has told why
    ):
        async with session_for(options.api_key, 1, options.timeout * _PATIENT) as session:
            yield Asker(session, pace, options, stop)
    if stop.error is not None:
        raise stop.error
