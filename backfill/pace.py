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
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from aiolimiter import AsyncLimiter

MOST = 1000  # requests a minute that the endpoint takes of one Space
WINDOW = 60.05  # seconds; the 0.05 is for two clocks that agree to 800 parts in a million
SMOOTH = 0.92  # of 60/rate between two starts: even, and still fast enough to make up for a stall
_NOISE = 8  # others' requests a minute below which their number is not told from our own in flight


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
        excess = self.in_flight + len(self._answered) - rate
        if excess < 0 and self._free:
            return 0.0
        excess = max(excess, 0)
        return self._answered[excess][0] + WINDOW - now if excess < len(self._answered) else math.inf

    def start(self) -> int:
        slot = self._free.popleft()
        self._slots[slot] = -time.time()
        self.in_flight += 1
        return slot

    def answered(self, slot: int, now: float) -> None:
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
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    with path.open("r+b") as file:
        file.truncate(size)
        mapped = mmap.mmap(file.fileno(), size)
    return mapped, memoryview(mapped).cast("d")


class Others:
    """Who else uses the Space, from how much faster X-RateLimit-Remaining falls than our own requests explain."""

    def __init__(self) -> None:
        self._last: int | None = None
        self._began = 0.0
        self._drops: deque[tuple[float, int]] = deque()

    def learn(self, remaining: int, in_flight: int, now: float) -> None:
        if self._last is None:
            self._began = now
        elif remaining <= self._last + in_flight:  # else a new window began, or a place came free in a sliding one
            self._drops.append((now, self._last - remaining - 1))
        self._last = remaining
        while self._drops and self._drops[0][0] < now - 60:
            self._drops.popleft()

    def rate(self, now: float) -> float:
        """Their requests a minute."""
        seconds = min(60.0, max(5.0, now - self._began))
        return max(0.0, sum(drop for _, drop in self._drops) * 60 / seconds)


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
        self._gap = self._limiter(rate)

    @staticmethod
    def _limiter(rate: int) -> tuple[int, AsyncLimiter]:
        return rate, AsyncLimiter(1, 60 / rate * SMOOTH)

    @property
    def allowed(self) -> int:
        """Requests a minute that are ours now: less the reserve, less the others and room for their ups and downs."""
        most = min(self.rate, self._limit)
        others = self._others.rate(time.monotonic())
        room = self._limit - self.reserve
        if others > _NOISE:
            room = int(room - others - 4 * math.sqrt(others))
        return max(1, min(most, room))

    async def turn(self, stopping: asyncio.Event) -> int | None:
        """Wait for the next start and take its slot; None once the run is stopping."""
        async with self._order:
            while not stopping.is_set():
                now, allowed = time.monotonic(), self.allowed
                wait = max(self.paused_until - now, self._log.wait(allowed, now))
                if wait <= 0:
                    break
                await self._sleep(min(wait, 1.0), stopping)
            if stopping.is_set():
                return None
            if self._gap[0] != allowed:
                self._gap = self._limiter(allowed)
            await self._gap[1].acquire()
            return None if stopping.is_set() else self._log.start()

    async def _sleep(self, seconds: float, stopping: asyncio.Event) -> None:
        self._freed.clear()
        waits = [asyncio.ensure_future(event.wait()) for event in (self._freed, stopping)]
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()

    def answered(self, slot: int, headers: Mapping[str, str] | None) -> None:
        """Note an answer, or with None that none will come."""
        now = time.monotonic()
        self._log.answered(slot, now)
        self._freed.set()
        limit, remaining = (
            _number((headers or {}).get(name)) for name in ("X-RateLimit-Limit", "X-RateLimit-Remaining")
        )
        if limit:
            self._limit = limit
        if remaining:
            self._others.learn(remaining, self._log.in_flight, now)

    def pause(self, seconds: float) -> None:
        """Let nothing start for this long and a little more: a window that ends now may still be shut for a moment."""
        self.paused_until = max(self.paused_until, time.monotonic() + seconds + random.uniform(0.2, 1.0))  # noqa: S311

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._log.close()


def _number(text: str | None) -> int | None:
    return int(text[:9]) if text and text.isascii() and text.isdigit() else None
