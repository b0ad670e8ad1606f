"""Pace: when a Space's next request may go.

The rate holds to the letter, however the server counts its minute and whatever the latency: a request starts only
while fewer than the rate are in flight or were answered in the last 60 seconds. For take any 60-second window at the
server, and the request of it that was sent last: each other one of the window was counted after that send minus 60 s,
so was answered after it too, so was in this log at that send. The log outlives the process, so a restart within the
minute holds to it as well.
"""

import asyncio
import math
import mmap
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, Self

from aiolimiter import AsyncLimiter

from backfill.errors import StateError

MOST = 1000  # requests a minute that the endpoint takes of one Space
WINDOW = 60.05  # seconds; the 0.05 is for two clocks that agree to 800 parts in a million
SMOOTH = 0.92  # of 60/rate between two starts: even, and still fast enough to make up for a stall
_NOISE = 4  # others' requests a minute that are not worth giving way to
_JUMP = 20  # a rise of X-RateLimit-Remaining by more says that a window began anew
_SOON = 5.0  # seconds before a fall tells a rate


class AnswerLog:
    """The last answers' times, in memory and in a small file that a killed process leaves true.

    A slot of the file is a request: 0 free, minus its start while in flight, its answer's time after (Unix seconds).
    """

    def __init__(self, path: Path | None, slots: int = MOST):
        self.in_flight = 0
        self._answered: deque[tuple[float, int]] = deque()
        self._free = deque(range(slots))
        self._map, self._slots = _mapped(path, slots)
        self._load()

    def _load(self) -> None:
        """Take over what an earlier process left; what it had in flight may have been counted as late as now."""
        clock, wall = time.monotonic(), time.time()
        left = [(slot, when if when > 0 else wall) for slot, when in enumerate(self._slots) if when]
        for age, slot in sorted(((max(0.0, wall - when), slot) for slot, when in left), reverse=True):
            self._free.remove(slot)
            self._answered.append((clock - age, slot))
        self._expire(clock)

    def _expire(self, now: float) -> None:
        while self._answered and self._answered[0][0] <= now - WINDOW:
            slot = self._answered.popleft()[1]
            self._slots[slot] = 0.0
            self._free.append(slot)

    def wait(self, rate: int, now: float) -> float:
        """Seconds until another request may start at this rate; infinite while only an answer can free a place."""
        self._expire(now)
        excess = self.held - rate
        if excess < 0 and self._free:
            return 0.0
        excess = max(excess, 0)
        return self._answered[excess][0] + WINDOW - now if excess < len(self._answered) else math.inf

    @property
    def held(self) -> int:
        """Our requests that may count against the limit."""
        return self.in_flight + len(self._answered)

    def start(self) -> int:
        """Take a slot for a request that starts."""
        slot = self._free.popleft()
        self._slots[slot] = -time.time()
        self.in_flight += 1
        return slot

    def answered(self, slot: int, now: float) -> None:
        """Note that a request was answered."""
        self._slots[slot] = time.time()
        self._answered.append((now, slot))
        self.in_flight -= 1

    def close(self) -> None:
        if self._map is not None:
            self._slots.release()
            self._map.close()


def _mapped(path: Path | None, slots: int) -> tuple[mmap.mmap | None, "memoryview[float]"]:
    size = slots * 8
    if path is None:
        return None, memoryview(bytearray(size)).cast("d")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        with path.open("r+b", buffering=0) as file:
            kept = file.read(size)
            file.seek(0)
            file.write(kept.ljust(size, b"\0"))  # written out: a page that the disk has no room for kills the process
            file.truncate(size)
            mapped = mmap.mmap(file.fileno(), size)
    except OSError as error:
        raise StateError(f"{path}: the pace's memory can't be used ({error.strerror}); mend it or remove it") from None
    return mapped, memoryview(mapped).cast("d")


class Others:
    """Who else uses the Space, from what X-RateLimit-Remaining says beyond our own requests.

    Both estimates are lower bounds, so that a run that is alone is never slowed down: of our own requests each one that
    may have been counted is taken to have been. How fast the number falls tells in a window that starts anew; how low
    it stands beside our own of the last minute tells in one that slides.
    """

    def __init__(self) -> None:
        self._answers = 0
        self._starts: dict[int, tuple[float, int]] = {}  # slot: when it started, and our answers until then
        self._anchor: tuple[float, float, int, int] | None = None  # start, answer, our answers until the start, number
        self._last = 0
        self._now = self._before = 0.0  # a minute, from this window's fall and from the one before
        self._levels: deque[tuple[float, int]] = deque()  # the last minute's, less those that a later one tops

    def start(self, slot: int, now: float) -> None:
        """Note that a request starts."""
        self._starts[slot] = now, self._answers

    def answered(self, slot: int, now: float, seen: tuple[int, int] | None, ours: int, in_flight: int) -> None:
        """Learn from an answer: `seen` is the limit and what remains of it, `ours` in flight or of the last minute."""
        self._answers += 1
        start, until = self._starts.pop(slot, (now, self._answers))
        if seen is None:
            return
        limit, remaining = seen
        self._note_level(now, limit - remaining - ours - math.ceil((now - start) * MOST / 60 / SMOOTH))
        if self._anchor is None:
            self._begin(start, now, until, remaining)
        elif start >= self._anchor[1]:  # else it may have been counted before the anchor
            self._note_fall(start, now, until, remaining, in_flight)

    def _note_level(self, now: float, level: int) -> None:
        while self._levels and self._levels[-1][1] <= level:
            self._levels.pop()
        self._levels.append((now, level))

    def _note_fall(self, start: float, now: float, until: int, remaining: int, in_flight: int) -> None:
        assert self._anchor is not None
        since, _, before, number = self._anchor
        age = now - since
        if age > 60 or remaining > self._last + in_flight + _JUMP:
            self._before = self._now
            self._begin(start, now, until, remaining)
        elif age >= _SOON:
            ours = self._answers - before - 1 + in_flight
            self._now = max(0.0, (number - remaining - ours) * 60 / age)
        self._last = remaining

    def _begin(self, start: float, now: float, until: int, remaining: int) -> None:
        self._anchor, self._last = (start, now, until, remaining), remaining

    def rate(self, now: float) -> float:
        """Their requests a minute."""
        while self._levels and self._levels[0][0] < now - 60:
            self._levels.popleft()
        return max(0.0, self._now, self._before, self._levels[0][1] if self._levels else 0.0)


class Pace:
    """One Space's limiter. `turn` waits for the next start; `answered` says that a request came back, and with what."""

    def __init__(self, rate: int, log: AnswerLog, reserve: int = 0):
        self.rate = rate
        self.reserve = reserve
        self.paused_until = 0.0
        self._log = log
        self._others = Others()
        self._limit = MOST
        self._order = asyncio.Lock()
        self._freed = asyncio.Event()
        self._even = rate, AsyncLimiter(1, 60 / rate * SMOOTH)

    @property
    def allowed(self) -> int:
        """Requests a minute that are ours now: less the reserve, less the others and room for their ups and downs."""
        others = self._others.rate(time.monotonic())
        room = self._limit - self.reserve
        if others > _NOISE:
            room = int(room - others - 4 * math.sqrt(others))
        return max(1, min(self.rate, self._limit, room))

    async def turn(self, stopping: asyncio.Event, ready: Callable[[], Awaitable[None]] | None = None) -> int | None:
        """Wait until it is `ready`, then for the next start, and take its slot; None once the run is stopping."""
        async with self._order:
            if ready is not None:
                await ready()
            await self._until(self._gap().acquire(), stopping)
            while not stopping.is_set():
                now = time.monotonic()
                wait = max(self.paused_until - now, self._log.wait(self.allowed, now))
                if wait <= 0:
                    slot = self._log.start()
                    self._others.start(slot, now)
                    return slot
                self._freed.clear()
                await self._until(self._freed.wait(), stopping, min(wait, 1.0))
        return None

    def _gap(self) -> AsyncLimiter:
        """The limiter between two starts; made anew where the rate has moved away from its own."""
        rate, limiter = self._even
        allowed = self.allowed
        if not rate * 0.9 <= allowed <= rate:
            self._even = allowed, limiter = allowed, AsyncLimiter(1, 60 / allowed * SMOOTH)
        return limiter

    @staticmethod
    async def _until(wanted: Coroutine[Any, Any, Any], stopping: asyncio.Event, seconds: float | None = None) -> None:
        """Wait for what is wanted, but no longer than the run goes on."""
        waits = [asyncio.ensure_future(wanted), asyncio.ensure_future(stopping.wait())]
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def answered(self, slot: int, headers: Mapping[str, str]) -> None:
        """Note that a request came back, or was given up; `headers` are those of its answer, in any case."""
        now = time.monotonic()
        self._log.answered(slot, now)
        limit, remaining = (_number(headers.get(name)) for name in ("X-RateLimit-Limit", "X-RateLimit-Remaining"))
        self._limit = limit or self._limit
        seen = (self._limit, remaining) if remaining is not None else None
        self._others.answered(slot, now, seen, self._log.held, self._log.in_flight)
        self._freed.set()

    def pause(self, seconds: float) -> None:
        """Let nothing start for this long and a little more: a window that ends now may still be shut for a moment."""
        self.paused_until = max(self.paused_until, time.monotonic() + seconds + random.uniform(0.2, 1.0))  # noqa: S311

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._log.close()


def _number(text: str | None) -> int | None:
    return int(text[:9]) if text and text.isascii() and text.isdigit() else None
