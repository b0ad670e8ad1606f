"""The answers of the last minute, in memory and in a small file that outlives the process.

The rate holds to the letter, however the server counts its minute and whatever the latency: a request starts only
while fewer than the rate are in flight or were answered in the last 60 seconds. For take any 60-second window at the
server, and the request of it that was sent last: each other one of the window was counted after that send minus 60 s,
so was answered after it too, so was in this log at that send. A restart within the minute holds to it as well.
"""

import math
import mmap
import time
from collections import deque
from collections.abc import Callable, Sequence
from itertools import takewhile
from pathlib import Path

from backfill.errors import StateError
from backfill.storage.handles import refuse_crowd
from backfill.storage.private import exists, make_file, make_folder

LATEST = 30.0  # seconds after which a request is counted at the server, or never, though the process that sent it died
MOST = 1000  # requests a minute that the endpoint takes of one Space
LONGEST_PAUSE = 3600.0  # seconds of a pause that outlive the process: then the server is asked again
_BOOT = Path("/proc/sys/kernel/random/boot_id")
WINDOW = 60.05  # seconds; the 0.05 is for two clocks that agree to 800 parts in a million


def share(rate: int, reserve: int, limit: int = MOST) -> int:
    """Requests a minute that may be ours, whoever else is there: `rate`, where `reserve` leaves as many of `limit`."""
    return max(1, min(rate, limit - reserve))


def booted() -> float:
    """A number that is another one each time that the machine starts; 0 where nothing tells."""
    try:
        return float(int(_BOOT.read_text("ascii").replace("-", "")[:12], 16))  # as many bits as are exact
    except (OSError, ValueError):
        return 0.0


class WindowLog:
    """The last answers' times, in memory and in a small file that a killed process leaves true.

    A slot of the file is a request: 0 free, minus its start while in flight, its answer's time after: Unix seconds, as
    this machine's clock had them when the process began. Behind the slots is what that clock was ahead of `clock`; the
    pause that the server asked for: when, for how many seconds, and the sum of both, which a damaged one has not; and
    during which `boot` of the machine it was written, as `clock` begins anew with each.
    """

    def __init__(
        self,
        path: Path | None,
        slots: int = MOST,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        boot: Callable[[], float] = booted,
    ):
        self.clock = clock
        self._boot = boot()
        self._ahead = wall() - clock()  # kept: a clock that is set meanwhile moves no request
        self.in_flight = 0
        self._answered: deque[tuple[float, int]] = deque()
        self._lost: deque[tuple[float, int]] = deque()  # in flight when an earlier process died: counted by then
        self._free = deque(range(slots))
        self._map, self._file = _mapped(path, slots)
        self._slots, self._behind = self._file[:slots], self._file[slots:]
        self.paused_until = 0.0
        self._load()

    def take_over(self, ages: Sequence[int], ago: float, unanswered: int, begun_for: float) -> None:
        """Count what another host has sent: answers by age in whole seconds, so long ago; and what it may have begun.

        Those are taken to be counted as late as can be. They have no slot in the file, where there is none left.
        """
        now = self.clock()
        answered = [now - ago - age for age, number in enumerate(ages) for _ in range(number)]
        self._answered = deque(sorted([*self._answered, *((at, self._slot(at)) for at in answered)]))
        lost = now + begun_for + LATEST
        self._lost = deque(sorted([*self._lost, *((lost, self._slot(lost)) for _ in range(unanswered))]))

    def _slot(self, at: float) -> int:
        """Take a slot for a request of another host; -1 where there is none left."""
        if not self._free:
            return -1
        slot = self._free.popleft()
        self._slots[slot] = at + self._ahead if at <= self.clock() else -(at + self._ahead - LATEST)
        return slot

    def told(self) -> tuple[int, list[int]]:
        """What another host needs to know: how many requests may be unanswered, and the answers by age in seconds."""
        now = self.clock()
        self._expire(now)
        ages = [0] * math.ceil(WINDOW)
        for at, _ in self._answered:
            ages[int(max(0.0, now - at))] += 1
        return self.in_flight + len(self._lost), ages

    def _load(self) -> None:
        """Take over what an earlier process left."""
        now, (ahead, since, seconds, both, boot) = self.clock(), self._behind
        ahead = ahead if boot == self._boot else 0.0
        self._behind[0] = 0.0  # until all slots are by this process's clocks
        for slot, when in enumerate(self._slots):
            age = self._age(now, abs(when), ahead)
            if when > 0:
                self._answered.append((now - age, slot))
                self._slots[slot] = now - age + self._ahead
            elif when < 0:
                self._lost.append((now + max(0.0, LATEST - age), slot))
                self._slots[slot] = -(now - age + self._ahead)
        age = self._age(now, since, ahead if boot else 0.0)  # a long wait is not to come again after each boot
        if math.isfinite(both) and since + seconds == both and age < (seconds := min(seconds, LONGEST_PAUSE)):
            self.pause(now - age, now - age + seconds)
        else:
            self._behind[2] = 0.0
        self._behind[4], self._behind[0] = self._boot, self._ahead
        self._answered = deque(sorted(self._answered))
        self._lost = deque(sorted(self._lost))
        taken = {slot for _, slot in (*self._answered, *self._lost)}
        self._free = deque(slot for slot in self._free if slot not in taken)
        self._expire(now)

    def _age(self, now: float, when: float, ahead: float) -> float:
        """Seconds since then, by whichever clock says less, as the wall clock may have been set.

        The other one begins anew with the machine, and `ahead` is 0 where it did. Where no boot can be told from
        another, it says nothing where by it the time is still to come.
        """
        age, steady = now + self._ahead - when, now + ahead - when
        return max(0.0, min(age, steady) if ahead and steady > -1 else age)

    def _expire(self, now: float) -> None:
        for gone in (self._answered, self._lost):
            while gone and gone[0][0] <= now - WINDOW:
                slot = gone.popleft()[1]
                if slot >= 0:
                    self._slots[slot] = 0.0
                    self._free.append(slot)
        if 0 < self.paused_until <= now:
            self.paused_until = self._behind[2] = 0.0

    def wait(self, rate: int, now: float) -> float:
        """Seconds until another request may start at this rate; infinite while no answer is there to count from."""
        self._expire(now)
        excess = self.held - rate
        if excess < 0 and self._free:
            return 0.0
        excess = max(excess, 0)
        return self._answered[excess][0] + WINDOW - now if excess < len(self._answered) else math.inf

    @property
    def held(self) -> int:
        """Our requests that may count against the limit."""
        return self.in_flight + len(self._answered) + len(self._lost)

    def leaving(self, until: float) -> int:
        """Our answers that will be older than the window by then."""
        return sum(1 for _ in takewhile(lambda entry: entry[0] <= until - WINDOW, self._answered))

    def start(self) -> int:
        """Take a slot for a request that starts."""
        slot = self._free.popleft()
        self._slots[slot] = -(self.clock() + self._ahead)
        self.in_flight += 1
        return slot

    def answered(self, slot: int, now: float) -> None:
        """Note that a request was answered."""
        self._slots[slot] = now + self._ahead
        self._answered.append((now, slot))
        self.in_flight -= 1

    def pause(self, now: float, until: float) -> None:
        """Keep until when nothing may start, in this process or in one that follows it."""
        self.paused_until = max(self.paused_until, until)
        since, seconds = now + self._ahead, min(self.paused_until - now, LONGEST_PAUSE)
        for place, value in enumerate((since, seconds, since + seconds), 1):
            self._behind[place] = value

    def close(self) -> None:
        if self._map is not None:
            for view in (self._slots, self._behind, self._file):
                view.release()
            self._map.close()


def _mapped(path: Path | None, slots: int) -> tuple[mmap.mmap | None, "memoryview[float]"]:
    size = (slots + 5) * 8
    if path is None:
        return None, memoryview(bytearray(size)).cast("d")
    try:
        make_folder(path.parent)
        if not exists(path):
            make_file(path)
        with path.open("r+b", buffering=0) as file:
            kept = file.read(size)
            file.seek(0)
            file.write(kept.ljust(size, b"\0"))  # written out: a page that the disk has no room for kills the process
            file.truncate(size)
            mapped = mmap.mmap(file.fileno(), size)
    except OSError as error:
        refuse_crowd(path)
        raise StateError(f"{path}: the pace's memory can't be used ({error.strerror}); mend it or remove it") from None
    return mapped, memoryview(mapped).cast("d")
