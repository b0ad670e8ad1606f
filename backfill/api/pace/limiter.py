"""The limiter of one Space: a request's turn comes when the rate, the server and its other users leave room for it."""

import asyncio
import math
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Self

from aiolimiter import AsyncLimiter

from backfill.api.pace.live_traffic import SURE, LiveTraffic
from backfill.api.pace.permit import Permit
from backfill.api.pace.window import MOST, WindowLog, share

SMOOTH = 0.92  # of 60/rate between two starts: even, and still fast enough to make up for a stall
_NOISE = 4  # others' requests a minute that are not worth giving way to
_PROBE = 12  # requests a minute that go while others seem to need all: only an answer shows what they need now
_UNEVEN = 1.5  # of an even rate, where the window slides: a minute's share sent at once stays in it for a minute
_BEAT = 2 * 60 / MOST * SMOOTH  # seconds: starts fall on it, as for each by itself a loop would wake twice as often
_LOOK = 0.25  # seconds at most until a waiting turn looks again: at a stop, and at what others leave


class Pace:
    """One Space's limiter. `turn` waits for the next start; `answered` says that a request came back, and with what.

    `rate` and `reserve` are requests a minute: the most that we send, and how many stay free in addition to what others
    use. Where it is not `smooth`, a few may start at once: of 7 a minute the first need not wait. With a `permit`
    nothing starts without it.
    """

    def __init__(self, rate: int, log: WindowLog, reserve: int = 0, smooth: bool = True, permit: Permit | None = None):
        self.rate = rate
        self.reserve = reserve
        self._smooth = smooth
        self._log = log
        self._permit = permit
        self._others = LiveTraffic()
        self._limit = MOST
        self._order = asyncio.Lock()
        self._gap = 60 / rate * SMOOTH
        self._limiter = _limiter(self._gap)
        self._even = -math.inf  # when an even pace would have had the last start

    @property
    def most(self) -> int:
        """Requests that a minute may hold of ours, whoever else is there."""
        return share(self.rate, self.reserve, self._limit)

    @property
    def allowed(self) -> int:
        """Requests a minute at which ours go now: less the others, and room for their ups and downs."""
        now = self._log.clock()
        spare = self._spare(now)
        return self.most if spare is None else max(1, min(self.most, int(spare)))

    def _spare(self, now: float) -> float | None:
        """Requests a minute that others leave; None where there are none."""
        others = self._others.rate(now)
        if others <= _NOISE and not self._others.fills:
            return None
        flat = self._limit - self.reserve - others - SURE * math.sqrt(others)
        left = self._others.spare(now, self._log, self.reserve)
        if left is None:
            return flat
        if self._others.slides:
            left = min(left, max(flat, _PROBE) * _UNEVEN)
        return max(left, min(flat, _PROBE))

    def _wait(self, now: float) -> float:
        """Seconds until the next request may start, as far as is known now."""
        wait = max(self._log.paused_until - now, self._log.wait(self.most, now))
        if self._permit is not None and not self._permit.open:
            return max(wait, _LOOK)
        if not self._others.known(now):  # no window to go by, so let no minute of ours hold more
            wait = max(wait, self._log.wait(self.allowed, now))
        if self._smooth:
            self._gap = self._gap_now()
            wait = max(wait, self._even + self._gap - now)
        return wait

    def _gap_now(self) -> float:
        """Seconds between two starts that the rate of now asks for, on average: the beat puts them closer or apart."""
        seconds = 60 / self.allowed * SMOOTH
        if not self._limiter.time_period <= seconds + _BEAT <= self._limiter.time_period / 0.9:
            self._limiter = _limiter(seconds)
        return seconds

    async def turn(self, stopping: asyncio.Event, ready: Callable[[], Awaitable[None]] | None = None) -> int | None:
        """Wait until it is `ready`, then for the next start, and take its slot; None once the run is stopping."""
        async with self._order:
            if ready is not None:
                await ready()
            while not stopping.is_set():
                now = self._log.clock()
                wait = self._wait(now)
                if wait <= 0:
                    if self._smooth:
                        await self._limiter.acquire()  # has room by now: its own waiting takes three times the work
                    if self._permit is None or self._permit.open:
                        return self._start()
                    continue
                await _beat_after(min(wait, _LOOK))
        return None

    def _start(self) -> int:
        now = self._log.clock()
        if self._permit is not None:
            self._permit.begin()
        slot = self._log.start()
        self._others.start(slot, now)
        self._even = min(max(self._even + self._gap, now - _BEAT), now)  # a late start does not put off the next
        return slot

    def answered(self, slot: int, headers: Mapping[str, str]) -> None:
        """Note that a request came back, or was given up; `headers` are those of its answer, in any case."""
        now = self._log.clock()
        self._log.answered(slot, now)
        limit, remaining = (_number(headers.get(name)) for name in ("X-RateLimit-Limit", "X-RateLimit-Remaining"))
        self._limit = limit or self._limit
        seen = (self._limit, remaining) if remaining is not None else None
        self._others.answered(slot, now, seen, self._log.held, self._log.in_flight)

    def told(self) -> tuple[int, list[int]]:
        """What another host needs to know that takes the Space over: see WindowLog."""
        return self._log.told()

    def pause(self, seconds: float) -> None:
        """Let nothing start for this long and a little more: a window that ends now may still be shut for a moment."""
        rest = seconds + random.uniform(0.2, 1.0)  # noqa: S311
        now = self._log.clock()
        self._log.pause(now, now + rest)

    @property
    def resting(self) -> float:
        """Seconds for which nothing may start yet, as the server has asked."""
        return max(0.0, self._log.paused_until - self._log.clock())

    def left(self, requests: int) -> float:
        """Seconds that so many requests will take from now on, at what is allowed now and after the present pause."""
        return self.resting + requests * 60 / self.allowed

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._log.close()


def _limiter(gap: float) -> AsyncLimiter:
    """One start a gap on average, and what falls on one beat at once."""
    return AsyncLimiter(1 + _BEAT / gap, gap + _BEAT)


async def _beat_after(seconds: float) -> None:
    """Sleep until the first beat after so many seconds."""
    loop = asyncio.get_running_loop()
    beat = loop.create_future()
    at = math.floor((loop.time() + seconds) / _BEAT + 1) * _BEAT
    timer = loop.call_at(at, _come, beat)
    try:
        await beat
    finally:
        timer.cancel()


def _come(beat: "asyncio.Future[None]") -> None:
    if not beat.done():  # who waits for it may have been cancelled in the same pass of the loop
        beat.set_result(None)


class Unpaced(Pace):
    """No pace: every turn comes at once, but for pauses. For measuring against this machine alone, never a real API."""

    def __init__(self) -> None:
        super().__init__(MOST, WindowLog(None))

    async def turn(self, stopping: asyncio.Event, ready: Callable[[], Awaitable[None]] | None = None) -> int | None:
        if ready is not None:
            await ready()
        while (wait := self.resting) > 0 and not stopping.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await stopping.wait()
        return None if stopping.is_set() else 0

    def answered(self, slot: int, headers: Mapping[str, str]) -> None:
        """Nothing is learnt from an answer."""


def _number(text: str | None) -> int | None:
    return int(text[:9]) if text and text.isascii() and text.isdigit() else None
