"""A quota: how many requests a minute one Space may make of one endpoint, and how the minute is counted.

Which model the API uses is not published; its headers are those of Laravel's throttle, which is "fixed". `now` is in
seconds, of any clock that does not go back; "calendar" reads it as Unix time. A refused request is not counted.
"""

from abc import ABC, abstractmethod
from collections import deque
from typing import Literal

Window = Literal["fixed", "calendar", "sliding", "bucket"]
PERIOD = 60.0


class Quota(ABC):
    """A limit of `limit` requests a minute."""

    def __init__(self, limit: int):
        if limit < 1:
            raise ValueError(
                f"rate: {limit} was given, and a limit is 1 request a minute or more, or None for no limit"
            )
        self.limit = limit

    def take(self, now: float) -> bool:
        """Count a request, or return False where there is no room for it."""
        if self._room(now) < 1:
            return False
        self._count(now)
        return True

    def remaining(self, now: float) -> int:
        return int(self._room(now))

    def wait(self, now: float) -> float:
        """Return the seconds until a request would be taken; 0 where one would be now."""
        return 0.0 if self._room(now) >= 1 else self._opens(now) - now

    @abstractmethod
    def _room(self, now: float) -> float: ...

    @abstractmethod
    def _count(self, now: float) -> None: ...

    @abstractmethod
    def _opens(self, now: float) -> float: ...


class FixedWindow(Quota):
    """A window starts at the first hit, and the whole limit is back when it ends."""

    def __init__(self, limit: int):
        super().__init__(limit)
        self._used = 0
        self._end = float("-inf")

    def _room(self, now: float) -> float:
        return self.limit - self._used if now < self._end else self.limit

    def _count(self, now: float) -> None:
        if now >= self._end:
            self._used, self._end = 0, self._ends(now)
        self._used += 1

    def _opens(self, now: float) -> float:
        return self._end

    def _ends(self, now: float) -> float:
        return now + PERIOD


class CalendarMinute(FixedWindow):
    """The limit is back at every full minute of the clock."""

    def _ends(self, now: float) -> float:
        return (now // PERIOD + 1) * PERIOD


class SlidingLog(Quota):
    """Every request is remembered for a minute."""

    def __init__(self, limit: int):
        super().__init__(limit)
        self._log: deque[float] = deque()

    def _room(self, now: float) -> float:
        while self._log and self._log[0] + PERIOD <= now:
            self._log.popleft()
        return self.limit - len(self._log)

    def _count(self, now: float) -> None:
        self._log.append(now)

    def _opens(self, now: float) -> float:
        return self._log[0] + PERIOD


class TokenBucket(Quota):
    """A bucket of `limit` tokens, full at first, refilled evenly."""

    def __init__(self, limit: int):
        super().__init__(limit)
        self._level = float(limit)
        self._at: float | None = None

    def _room(self, now: float) -> float:
        refill = 0.0 if self._at is None else (now - self._at) * self.limit / PERIOD
        return min(float(self.limit), self._level + refill)

    def _count(self, now: float) -> None:
        self._level, self._at = self._room(now) - 1, now

    def _opens(self, now: float) -> float:
        return now + (1 - self._room(now)) * PERIOD / self.limit


MODELS: dict[Window, type[Quota]] = {
    "fixed": FixedWindow,
    "calendar": CalendarMinute,
    "sliding": SlidingLog,
    "bucket": TokenBucket,
}


def quota(rate: int | None, window: Window) -> Quota | None:
    """Return a fresh quota; None where there is no limit."""
    if window not in MODELS:
        raise ValueError(f"window: {window!r} was given, and the models are {', '.join(MODELS)}")
    return None if rate is None else MODELS[window](rate)
