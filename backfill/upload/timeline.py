"""A sending's course over time, in bounded memory: what happened when, and how long it was held up, and why."""

import time
from dataclasses import dataclass, field

SLOTS = 120  # once a sending has more, each becomes twice as wide
PAUSES = 50  # kept one by one; the others are counted


@dataclass(slots=True)
class Slot:
    """What happened in one stretch of the sending."""

    requests: int = 0
    accepted: int = 0
    refused: int = 0
    rate_limited: int = 0
    retried: int = 0


@dataclass(slots=True)
class Pause:
    """A time in which nothing started: seconds from the first request, seconds long."""

    start: float
    seconds: float
    why: str


@dataclass(slots=True)
class Timeline:
    """Noted as it happens; a slot is `width` seconds wide, the first begins with the first request."""

    width: float = 1.0
    slots: list[Slot] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    unlisted: int = 0  # pauses beyond those that are kept
    paused: float = 0.0  # seconds, all pauses together
    _began: float | None = None
    _last: float = 0.0

    def count(self, what: str, now: float | None = None) -> None:
        """Count one `requests`, `accepted`, `refused`, `rate_limited` or `retried`."""
        slot = self._slot(time.monotonic() if now is None else now)
        setattr(slot, what, getattr(slot, what) + 1)

    def pause(self, seconds: float, why: str, now: float | None = None) -> None:
        """Note that nothing starts for so long; many answers that ask for the same pause are one."""
        start = self._since(time.monotonic() if now is None else now)
        last = self.pauses[-1] if self.pauses else None
        if last is not None and last.why == why and start <= last.start + last.seconds + 1.0:
            longer = max(start + seconds - last.start - last.seconds, 0.0)
            last.seconds += longer
            self.paused += longer
            return
        self.paused += seconds
        if len(self.pauses) < PAUSES:
            self.pauses.append(Pause(start, seconds, why))
        else:
            self.unlisted += 1

    @property
    def seconds(self) -> float:
        """How long it took, to the end of what was noted last."""
        return max(self._last, 0.001)

    def _since(self, now: float) -> float:
        self._began = now if self._began is None else self._began
        self._last = now - self._began
        return self._last

    def _slot(self, now: float) -> Slot:
        at = int(self._since(now) / self.width)
        while at >= SLOTS:
            pairs = zip(self.slots[::2], [*self.slots[1::2], Slot()], strict=False)
            self.slots = [_both(first, second) for first, second in pairs]
            self.width *= 2
            at = int(self._since(now) / self.width)
        while len(self.slots) <= at:
            self.slots.append(Slot())
        return self.slots[at]


def _both(first: Slot, second: Slot) -> Slot:
    return Slot(*(getattr(first, name) + getattr(second, name) for name in Slot.__slots__))
