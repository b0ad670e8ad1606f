"""Live traffic: who else uses the Space, from what `X-RateLimit-Remaining` says beyond our own requests.

Estimates are lower bounds, so that a run that is alone is never slowed down: each of our own requests that may have
been counted is taken as counted. In a window that starts anew, the others' rate is how fast the number falls; in one
that slides, it is how much lower the number is than our own requests of the last minute explain. A bucket that fills up
evenly has more left than either would; what it holds is a stock that the others live on, whatever their rate.
"""

import math
from collections import deque
from dataclasses import dataclass

from backfill.api.pace.window import MOST, WindowLog

PERIOD = 60.0  # seconds of the server's minute
SURE = 4  # standard deviations of their traffic that stay free: they meet a 429 once in 30,000 times
BURST = 20  # of their events at once that stay free
STOCK = 150  # the same in a bucket, where it costs this many requests once, and not every minute
_JUMP = 20  # a rise of the number by more says that a window began anew
_MORE = 150  # left beyond what our own of the last minute leave of a minute: no latency explains so much
_SOON = 5.0  # seconds before a fall shows a rate
_LONG = 20.0  # seconds over which the first fall is spread at least: a burst is no rate
_SLACK = 5.0  # seconds that a window may seem to last too long, by the latency of the answer that shows its end
_AHEAD = 2.0  # seconds to look ahead where the window slides


@dataclass(slots=True)
class _Window:
    """A minute of the server's, as far as the answers show it."""

    start: float  # when the request whose answer opened it was sent; it began no later than `seen`
    seen: float  # that answer's time
    until: int  # our answers before that request
    number: int  # what remained then
    whole: bool  # its beginning was seen, so its end is known
    remaining: int  # by the last answer; in a whole window by the lowest
    sent: float  # when the request was sent whose answer gave `remaining`
    others: int = 0  # their requests in it so far, at least

    @property
    def end(self) -> float:
        return self.seen + PERIOD


class LiveTraffic:
    """Their rate, and what the server's window leaves to us."""

    def __init__(self) -> None:
        self._answers = 0
        self._starts: dict[int, tuple[float, int]] = {}  # slot: when it started, and our answers until then
        self._window: _Window | None = None
        self._before: float | None = None  # their rate in the window before
        self._last = 0.0  # the last answer that said anything about the window
        self.slides = False  # the window is the last minute
        self.fills = False  # there is no window, but a bucket
        self._begun = -math.inf  # when a window was last seen to begin, or the first answer came
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
        self._note_level(now, limit - remaining - ours - math.ceil((now - start) * MOST / 60))
        window = self._window
        if window is None:
            self._window = _Window(start, now, until, remaining, False, remaining, start)
            self._begun = now
        elif start >= window.seen:  # else it may have been counted before the one that opened the window
            self._place(window, _Window(start, now, until, remaining, False, remaining, start), limit, in_flight)
            self.fills |= now - self._begun > PERIOD + _SLACK and limit - remaining < ours - in_flight - _MORE
        self._last = now

    def _note_level(self, now: float, level: int) -> None:
        while self._levels and self._levels[-1][1] <= level:
            self._levels.pop()
        self._levels.append((now, level))

    def _place(self, window: _Window, new: _Window, limit: int, in_flight: int) -> None:
        """Decide whether an answer belongs to the window, or opens a new one."""
        rate, late = self.rate(new.seen), new.seen - new.start  # answers come out of order by as much
        if new.number > window.remaining + in_flight + _JUMP + 2 * rate * late / PERIOD:
            gap = new.seen - min(self._last, new.start)
            new.whole = limit - new.number <= in_flight + _JUMP + 2 * rate * gap / PERIOD  # else it slides
            self.slides = self.slides and not new.whole
            if new.whole:
                self.fills, self._begun = False, new.seen
            self._open(new)
        elif new.seen - window.seen > PERIOD + _SLACK:
            self.slides = True
            self._open(new)
        else:
            ours = self._answers - window.until - 1 + in_flight
            window.others = max(window.others, window.number - new.number - ours)
            if not window.whole or new.number <= window.remaining:
                window.remaining, window.sent = new.number, new.start

    def _open(self, new: _Window) -> None:
        old = self._window
        assert old is not None
        age = self._last - old.seen
        self._before = old.others * PERIOD / age if age >= _SOON else self._before
        self._window = new

    def rate(self, now: float) -> float:
        """Their requests a minute."""
        while self._levels and self._levels[0][0] < now - PERIOD:
            self._levels.popleft()
        return max(0.0, self._fall(), self._levels[0][1] if self._levels else 0.0)

    def _fall(self) -> float:
        """Their rate from this window's fall, and from the one before for the part of a minute that it lacks."""
        if self._window is None:
            return 0.0
        age = min(max(self._last - self._window.seen, 0.0), PERIOD)
        if self._before is None:
            return self._window.others * PERIOD / max(age, _LONG)
        return self._window.others + self._before * (PERIOD - age) / PERIOD

    def known(self, now: float) -> bool:
        """Whether it is known when the server's window ends, or that it has no end."""
        window = self._window
        return window is not None and (self.fills or self.slides or (window.whole and now < window.end + _SLACK))

    def spare(self, now: float, log: WindowLog, keep: int) -> float | None:
        """Requests a minute that go through from now on and still leave the others their share, and `keep` more.

        What remains, less what they will want until the window ends, spread over the time until then. In a window that
        slides the next seconds are enough to look at, and what of ours leaves it then is free again. In a bucket all
        but their stock may go. None where the window is not known yet.
        """
        window = self._window
        if window is None or not self.known(now):
            return None
        if self.fills:
            return max(window.remaining - log.in_flight - keep - STOCK, 0) * PERIOD / _AHEAD
        until = now + _AHEAD if self.slides else max(window.end, now)
        theirs = self.rate(now) * (until - window.sent) / PERIOD
        left = window.remaining - log.in_flight - keep - theirs - SURE * math.sqrt(max(theirs, 0.0)) - BURST
        if self.slides:
            left += log.leaving(until)
        return max(left, 0.0) * PERIOD / max(until - now, 1.0)
