"""What has been met so far: a map from texts of any length to 64-bit values, whose memory stays bounded.

Texts are known by 128-bit digests: among a billion of them the chance that any two are equal is below 1e-20.
Where there are many entries, 5 bytes of each stay in memory, and the rest is in a temporary file: the leading 32 bits
of the digests show nearly always that a text is new, and where the others are.
"""

import tempfile
import weakref
from dataclasses import dataclass, field
from enum import IntEnum
from typing import IO

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from backfill.storage.digests import Digests, digests
from backfill.storage.scratch import state_errors

MOST = 1 << 18  # entries of a run in memory; longer runs are written to the file, and not merged any more
_ROW = 24  # bytes
CONFLICT = np.uint64(0)  # the value of a text that was met with two different ones


def _sorting(high: Digests, low: Digests) -> NDArray[np.int64]:
    """The order that sorts digests by both halves, alike ones as they came; few are alike, so it is a quick one."""
    order = np.argsort(high)
    alike = high[order[1:]] == high[order[:-1]]
    tied = np.flatnonzero(np.append(alike, False) | np.append(False, alike))
    places = order[tied]
    order[tied] = places[np.lexsort((places, low[places], high[places]))]
    return order


class Match(IntEnum):
    """What `add` and `take` found."""

    NEW = 0
    SAME = 1  # met before with this value
    OTHER = 2  # met before with another value
    CONFLICT = 3  # take: known to have several values
    UNKNOWN = 4  # take: never added


@dataclass(slots=True)
class _Run:
    """Entries in order: a row each of a digest's two halves and its value; and the leading bits of all digests."""

    rows: "Digests | _Laid"
    leads: NDArray[np.uint32]
    claimed: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        self.claimed = np.zeros(len(self.leads), bool)

    def __len__(self) -> int:
        return len(self.leads)

    @classmethod
    def of(cls, rows: Digests) -> "_Run":
        return cls(rows, _leads(rows[:, 0]))

    def find(self, high: Digests, low: Digests) -> NDArray[np.int64]:
        """Where each digest is; -1 for one that is not there."""
        found, leads = np.full(len(high), -1), _leads(high)
        spots = np.searchsorted(self.leads, leads)
        asked = np.arange(len(high))
        while True:  # several digests may share a lead
            asked = asked[spots[asked] < len(self)]
            asked = asked[self.leads[spots[asked]] == leads[asked]]
            if not len(asked):
                return found
            rows = self.rows[spots[asked]]
            exact = (rows[:, 0] == high[asked]) & (rows[:, 1] == low[asked])
            found[asked[exact]] = spots[asked[exact]]
            asked = asked[~exact]
            spots[asked] += 1

    def values(self, places: NDArray[np.int64]) -> Digests:
        return self.rows[places][:, 2]

    def keep(self, places: NDArray[np.int64], values: Digests) -> None:
        """Give entries other values."""
        rows = self.rows[places]
        rows[:, 2] = values
        self.rows[places] = rows


def _leads(high: Digests) -> NDArray[np.uint32]:
    return (high >> np.uint64(32)).astype(np.uint32)


class _File:
    """Where long runs are written: a temporary file, made for the first. It is removed with the last run in it."""

    def __init__(self) -> None:
        self.end = 0
        self._made: IO[bytes] | None = None

    @property
    def _file(self) -> IO[bytes]:
        if self._made is None:
            self._made = tempfile.TemporaryFile(prefix="backfill-seen-", buffering=0)  # noqa: SIM115 (closed with it)
            weakref.finalize(self, self._made.close)
        return self._made

    def lay(self, rows: Digests) -> _Run:
        """Write rows to the file; return the run that they are."""
        start, self.end = self.end, self.end + rows.nbytes
        self.write(start, rows)
        return _Run(_Laid(self, start), _leads(rows[:, 0]))

    def write(self, place: int, rows: Digests) -> None:
        rest = memoryview(rows.tobytes())
        with state_errors():
            self._file.seek(place)
            while rest:
                rest = rest[self._file.write(rest) :]

    def read(self, place: int, size: int) -> bytes:
        self._file.seek(place)
        return self._file.read(size)


@dataclass(frozen=True, slots=True)
class _Laid:
    """A run's rows in a file, from a place on."""

    file: _File
    start: int

    def __getitem__(self, places: NDArray[np.int64], /) -> Digests:
        read = [self.file.read(self.start + place * _ROW, _ROW) for place in places.tolist()]
        return np.frombuffer(bytearray(b"".join(read)), np.uint64).reshape(-1, 3)  # to be changed and written again

    def __setitem__(self, places: NDArray[np.int64], rows: Digests, /) -> None:
        for place, row in zip(places.tolist(), rows, strict=True):
            self.file.write(self.start + place * _ROW, row)


class DigestMap:
    """Sorted runs, merged as they grow, and written to the file once they are longer than `most`."""

    def __init__(self, most: int = MOST) -> None:
        self.conflicts = False  # some text was met with several values
        self._most = most
        self._file = _File()
        self._runs: list[_Run] = []

    def __len__(self) -> int:
        return sum(map(len, self._runs))

    def add(self, texts: pa.StringArray, values: Digests, *, last: bool = False, mark: bool = True) -> NDArray[np.int8]:
        """Enter texts with their values, in order; return Match NEW, SAME or OTHER for each.

        At OTHER the value kept becomes CONFLICT (`mark`), or the later one (`last`), or stays.
        """
        high, low = digests(texts)
        order = _sorting(high, low)
        high, low, values = high[order], low[order], values[order]
        first = np.ones(len(high), bool)
        first[1:] = (high[1:] != high[:-1]) | (low[1:] != low[:-1])
        group = np.cumsum(first) - 1
        run, place = self._locate(high[first], low[first])
        before = values[first]
        for index, known in enumerate(self._runs):
            here = np.flatnonzero(run == index)
            before[here] = known.values(place[here])
        met = np.where(values == before[group], np.int8(Match.SAME), np.int8(Match.OTHER))
        met[first & (run < 0)[group]] = Match.NEW
        kept = before.copy()
        if last:
            kept = values[np.append(first[1:], True)[: len(first)]]
        elif mark:
            kept[group[met == Match.OTHER]] = CONFLICT
            self.conflicts |= bool((met == Match.OTHER).any())
        for index, known in enumerate(self._runs):
            here = np.flatnonzero((run == index) & (kept != before))
            known.keep(place[here], kept[here])
        fresh = run < 0
        self._add(np.stack((high[first][fresh], low[first][fresh], kept[fresh]), axis=1))
        result = np.empty(len(order), np.int8)
        result[order] = met
        return result

    def lead(self, texts: pa.StringArray, ranks: Digests, *, last: bool = False) -> NDArray[np.bool_]:
        """Enter texts with ranks that no two share; return which of them lead now: rank least, or greatest (`last`)."""
        high, low = digests(texts)
        order = _sorting(high, low)
        high, low, sorted_ = high[order], low[order], ranks[order]
        first = np.ones(len(high), bool)
        first[1:] = (high[1:] != high[:-1]) | (low[1:] != low[:-1])
        better = np.maximum if last else np.minimum
        best = better.reduceat(sorted_, np.flatnonzero(first)) if len(sorted_) else sorted_
        run, place = self._locate(high[first], low[first])
        for index, known in enumerate(self._runs):
            here = np.flatnonzero(run == index)
            best[here] = better(best[here], known.values(place[here]))
            known.keep(place[here], best[here])
        fresh = run < 0
        self._add(np.stack((high[first][fresh], low[first][fresh], best[fresh]), axis=1))
        leads = np.empty(len(order), bool)
        leads[order] = sorted_ == best[np.cumsum(first) - 1]
        return leads

    def take(self, texts: pa.StringArray, values: Digests) -> NDArray[np.int8]:
        """Take texts that were noted, in order: NEW the first time a text comes with the value kept, then SAME.

        OTHER where the value kept is another, CONFLICT where several are known, UNKNOWN where the text never was noted.
        """
        high, low = digests(texts)
        run, place = self._locate(high, low)
        result = np.full(len(high), Match.UNKNOWN, np.int8)
        for index, known in enumerate(self._runs):
            here = np.flatnonzero(run == index)
            spots = place[here]
            kept = known.values(spots)
            same = kept == values[here]
            result[here] = np.where(kept == CONFLICT, np.int8(Match.CONFLICT), np.int8(Match.OTHER))
            result[here[same]] = Match.SAME
            candidates, spots = here[same], spots[same]
            unclaimed, where_first = np.unique(spots, return_index=True)
            where_first = where_first[~known.claimed[unclaimed]]
            result[candidates[where_first]] = Match.NEW
            known.claimed[unclaimed] = True
        return result

    def release(self) -> None:
        """Forget what was claimed."""
        for run in self._runs:
            run.claimed[:] = False

    def with_all(self, other: "DigestMap") -> "DigestMap":
        """Both together; their texts must differ. What is in the file stays there."""
        joined = DigestMap(self._most)
        joined.conflicts = self.conflicts or other.conflicts
        for run in (*self._runs, *other._runs):
            if isinstance(run.rows, _Laid):
                joined._runs.insert(0, _Run(run.rows, run.leads))
            else:
                joined._add(run.rows)
        return joined

    def holds(self, texts: pa.StringArray) -> NDArray[np.bool_]:
        """Which of the texts are known."""
        held: NDArray[np.bool_] = self._locate(*digests(texts))[0] >= 0
        return held

    def conflicting(self, texts: pa.StringArray) -> NDArray[np.bool_]:
        """Which of the texts were met with several values."""
        several: NDArray[np.bool_] = self.holds(texts) & (self.values(texts) == CONFLICT)
        return several

    def values(self, texts: pa.StringArray) -> Digests:
        """The value kept for each text; 0 where it is not known, or was met with several."""
        run, place = self._locate(*digests(texts))
        result = np.zeros(len(texts), np.uint64)
        for index, known in enumerate(self._runs):
            here = np.flatnonzero(run == index)
            result[here] = known.values(place[here])
        return result

    def _locate(self, high: Digests, low: Digests) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """For each digest the run that holds it (-1: none does) and its place there."""
        run, place = np.full(len(high), -1), np.full(len(high), -1)
        for index, known in enumerate(self._runs):
            found = known.find(high, low)
            here = found >= 0
            run[here], place[here] = index, found[here]
        return run, place

    def _add(self, rows: Digests) -> None:
        """Add rows that no run has, in order."""
        while self._runs and isinstance(last := self._runs[-1].rows, np.ndarray) and len(rows) * 2 > len(last):
            self._runs.pop()
            rows = np.concatenate((last, rows))
            rows = rows[np.argsort(rows[:, 0], kind="stable")]
        if len(rows) > self._most:
            self._runs.append(self._file.lay(rows))
        elif len(rows):
            self._runs.append(_Run.of(rows))
