"""A permit to begin requests: for a few seconds, a few of them, and then the next one is needed.

Where several hosts may send for one Space, whoever holds it gets one permit after the other. A process that was frozen
or cut off finds that its permit has run out, and begins nothing: it is counted from before it was asked for, by a clock
that goes on while the machine is suspended.
"""

import time

from backfill.api.pace.window import MOST

_CLOCK = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))
_MORE = 1.2  # requests of a permit, against an even pace: it may catch up a little


def clock() -> float:
    """Seconds of a clock that goes on while the machine is suspended, where there is one."""
    return time.monotonic() if _CLOCK is None else time.clock_gettime(_CLOCK)


class Permit:
    """Leave to begin requests. None is left until the first renewal. `seconds`: how long one is good for."""

    def __init__(self, seconds: float):
        self._seconds = seconds
        self.most = max(2, round(_MORE * seconds * MOST / 60))
        self._until, self._left, self._begun = float("-inf"), 0, 0

    @property
    def good(self) -> bool:
        """Whether its time is not over."""
        return clock() < self._until

    @property
    def open(self) -> bool:
        """Whether another request may begin."""
        return self._left > 0 and self.good

    def begin(self) -> None:
        """Use it for a request."""
        self._left -= 1
        self._begun += 1

    def ask(self) -> float:
        """The moment to count the next permit from; what begins from now on is of that one too."""
        self._begun = 0
        return clock()

    def renew(self, asked: float) -> None:
        """Take the permit that was asked for then."""
        self._until, self._left = asked + self._seconds, self.most - self._begun
