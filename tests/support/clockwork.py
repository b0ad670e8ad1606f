"""Simulated time: an event loop whose clock jumps to the next timer, and one client of a Space in it.

The pace, its log and its limiter are the real ones and the quotas the sandbox's; only time and network are simulated.
"""

import asyncio
import math
import random
import selectors
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Protocol

from backfill.api.pace.limiter import Pace
from backfill.api.pace.window import MOST, WindowLog
from backfill.sandbox import Window
from backfill.sandbox.live import Live
from backfill.sandbox.quota import Quota, quota


class _Jump(selectors.SelectSelector):
    """Waits by moving the clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1e6

    def select(self, timeout: float | None = None) -> list[Any]:
        found = super().select(0)
        assert found or timeout is not None, "nothing will ever happen"
        self.now += max(timeout or 0.0, 1e-6)  # a turn of the loop takes a moment, as in real time
        return found


class SimulatedLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.now


def simulated(story: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine in simulated time."""
    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        return runner.run(story)


class Turns(Protocol):
    """What paces a client: the pace, or another limiter to compare it with."""

    async def turn(self, stopping: asyncio.Event) -> Any: ...
    def answered(self, slot: Any, headers: dict[str, str]) -> None: ...
    def pause(self, seconds: float) -> None: ...


def paced(rate: int = MOST, reserve: int = 0, path: Path | None = None) -> Pace:
    """A pace whose clocks are the running loop's."""
    now = asyncio.get_running_loop().time
    return Pace(rate, WindowLog(path, clock=now, wall=now), reserve)


@dataclass
class Space:
    """One Space at the server, with its latency in seconds, a part of which is before the server counts."""

    window: Window
    latency: tuple[float, float] = (0.02, 0.4)
    seed: int = 1
    live: Live = field(default_factory=lambda: Live(0))
    stalls: Iterable[tuple[float, float]] = ()  # from, until: what is sent then arrives together
    counted: list[float] = field(default_factory=list)  # when the server took one of ours
    refused: int = 0
    _flying: set[asyncio.Task[dict[str, str]]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)
        found = quota(MOST, self.window)
        assert found is not None
        self.quota: Quota = found

    async def request(self) -> dict[str, str]:
        """One request's headers; those of a 429 include `Retry-After`. The request goes on if its sender is killed."""
        task = asyncio.create_task(self._exchange())
        self._flying.add(task)
        task.add_done_callback(self._flying.discard)
        return await asyncio.shield(task)

    async def _exchange(self) -> dict[str, str]:
        loop = asyncio.get_running_loop()
        latency = math.exp(self.chance.uniform(*map(math.log, self.latency)))
        up = latency * self.chance.uniform(0.1, 0.9)
        held = next((end - loop.time() for start, end in self.stalls if start <= loop.time() - 1e6 < end), 0.0)
        await asyncio.sleep(max(up, held))
        now = loop.time()
        taken = self.quota.take(now)
        headers = {"X-RateLimit-Limit": str(MOST), "X-RateLimit-Remaining": str(self.quota.remaining(now))}
        if taken:
            self.counted.append(now)
        else:
            self.refused += 1
            headers["Retry-After"] = str(math.ceil(self.quota.wait(now)))
        await asyncio.sleep(latency - up)
        return headers

    async def visit(self) -> None:
        """Live traffic, for as long as this is awaited."""
        loop = asyncio.get_running_loop()
        for gap in self.live.gaps(self.chance):
            await asyncio.sleep(gap)
            self.live.hit(self.quota.take(loop.time()))

    async def flood(self, pace: Turns, seconds: float, workers: int = 50) -> None:
        """As many requests as the pace lets through, for so long; what is in flight then is given up, as by a kill."""
        stopping = asyncio.Event()

        async def work() -> None:
            while (slot := await pace.turn(stopping)) is not None:
                headers = await self.request()
                pace.answered(slot, headers)
                if "Retry-After" in headers:
                    pace.pause(float(headers["Retry-After"]))

        async with asyncio.timeout(seconds + 1):
            tasks = [asyncio.create_task(work()) for _ in range(workers)]
            tasks.append(asyncio.create_task(self.visit()))
            await asyncio.sleep(seconds)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def flooded(space: Space, minutes: float, pace: Callable[[], Turns] = paced) -> Space:
    """Flood a Space in simulated time. The seed is fixed, since pauses have random lengths."""
    random.seed(space.seed)

    async def story() -> None:
        await space.flood(pace(), minutes * 60)

    simulated(story())
    return space
