"""What has been met so far: a map from texts to 64-bit values that takes 25 bytes an entry, whatever the texts' length.

Texts are known by 128-bit SipHash digests: among a billion of them the chance that any two meet is below 1e-20.
"""

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Digests = NDArray[np.uint64]
_KEYS = ("backfill: first ", "backfill: second")  # hash_array wants 16 characters
CONFLICT = np.uint64(0)  # the value of a text that was met with two different ones


def digest(texts: NDArray[np.object_], key: int = 0) -> Digests:
    """Hash a column of str or bytes to 64 bits each."""
    return pd.util.hash_array(texts, hash_key=_KEYS[key], categorize=False) if len(texts) else np.empty(0, np.uint64)


def value_of(texts: NDArray[np.object_]) -> Digests:
    """The 64-bit value that stands for each text; never CONFLICT."""
    return np.maximum(digest(texts, 1), np.uint64(1))


def _sorting(high: Digests, low: Digests) -> NDArray[np.int64]:
    """The order that sorts digests by both halves, alike ones as they came; few are alike, so it is a quick one."""
    order = np.argsort(high)
    alike = high[order[1:]] == high[order[:-1]]
    tied = np.flatnonzero(np.append(alike, False) | np.append(False, alike))
    places = order[tied]
    order[tied] = places[np.lexsort((places, low[places], high[places]))]
    return order


class Met(IntEnum):
    """What `note` and `claim` found."""

    NEW = 0
    SAME = 1  # met before with this value
    OTHER = 2  # met before with another value
    CONFLICT = 3  # claim: known to have several values
    UNKNOWN = 4  # claim: never noted


@dataclass(slots=True)
class _Run:
    high: Digests  # sorted
    low: Digests
    value: Digests
    claimed: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        self.claimed = np.zeros(len(self.high), bool)


class Seen:
    """Sorted runs, merged as they grow, so that n entries cost n log n and no more than twice their size at once."""

    def __init__(self) -> None:
        self._runs: list[_Run] = []

    def __len__(self) -> int:
        return sum(len(run.high) for run in self._runs)

    def note(
        self, texts: NDArray[np.object_], values: Digests, *, last: bool = False, mark: bool = True
    ) -> NDArray[np.int8]:
        """Enter texts with their values, in order; return Met NEW, SAME or OTHER for each.

        At OTHER the value kept becomes CONFLICT (`mark`), or the later one (`last`), or stays.
        """
        high, low = digest(texts, 0), digest(texts, 1)
        order = _sorting(high, low)
        high, low, values = high[order], low[order], values[order]
        first = np.ones(len(high), bool)
        first[1:] = (high[1:] != high[:-1]) | (low[1:] != low[:-1])
        group = np.cumsum(first) - 1
        run, place = self._locate(high[first], low[first])
        kept = values[first].copy()
        for index, known in enumerate(self._runs):
            here = run == index
            kept[here] = known.value[place[here]]
        met = np.where(values == kept[group], np.int8(Met.SAME), np.int8(Met.OTHER))
        met[first & (run < 0)[group]] = Met.NEW
        if last:
            final = np.append(first[1:], True)[: len(first)]
            kept = values[final]
        elif mark:
            kept[group[met == Met.OTHER]] = CONFLICT
        for index, known in enumerate(self._runs):
            here = run == index
            known.value[place[here]] = kept[here]
        fresh = run < 0
        self._add(_Run(high[first][fresh], low[first][fresh], kept[fresh]))
        result = np.empty(len(order), np.int8)
        result[order] = met
        return result

    def claim(self, texts: NDArray[np.object_], values: Digests) -> NDArray[np.int8]:
        """Take texts that were noted, in order: NEW the first time a text comes with the value kept, then SAME.

        OTHER where the value kept is another, CONFLICT where several are known, UNKNOWN where the text never was noted.
        """
        high, low = digest(texts, 0), digest(texts, 1)
        run, place = self._locate(high, low)
        result = np.full(len(high), Met.UNKNOWN, np.int8)
        for index, known in enumerate(self._runs):
            here = np.flatnonzero(run == index)
            spots = place[here]
            kept = known.value[spots]
            same = kept == values[here]
            result[here] = np.where(kept == CONFLICT, np.int8(Met.CONFLICT), np.int8(Met.OTHER))
            result[here[same]] = Met.SAME
            candidates, spots = here[same], spots[same]
            unclaimed, where_first = np.unique(spots, return_index=True)
            where_first = where_first[~known.claimed[unclaimed]]
            result[candidates[where_first]] = Met.NEW
            known.claimed[unclaimed] = True
        return result

    def release(self) -> None:
        """Forget what was claimed."""
        for run in self._runs:
            run.claimed[:] = False

    def with_all(self, other: "Seen") -> "Seen":
        """Both together; their texts must differ."""
        joined = Seen()
        for run in (*self._runs, *other._runs):
            joined._add(_Run(run.high, run.low, run.value))
        return joined

    @property
    def conflicts(self) -> bool:
        return any((run.value == CONFLICT).any() for run in self._runs)

    def holds(self, texts: NDArray[np.object_]) -> NDArray[np.bool_]:
        """Which of the texts are known."""
        held: NDArray[np.bool_] = self._locate(digest(texts, 0), digest(texts, 1))[0] >= 0
        return held

    def conflicting(self, texts: NDArray[np.object_]) -> NDArray[np.bool_]:
        """Which of the texts were met with several values."""
        run, place = self._locate(digest(texts, 0), digest(texts, 1))
        result = np.zeros(len(texts), bool)
        for index, known in enumerate(self._runs):
            here = run == index
            result[here] = known.value[place[here]] == CONFLICT
        return result

    def _locate(self, high: Digests, low: Digests) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """For each digest the run that holds it (-1: none does) and its place there."""
        run, place = np.full(len(high), -1), np.zeros(len(high), np.int64)
        for index, known in enumerate(self._runs):
            spot = np.searchsorted(known.high, high)
            for _ in range(3):  # two digests may share their first half
                inside = np.minimum(spot, len(known.high) - 1)
                alike = (spot < len(known.high)) & (known.high[inside] == high)
                exact = alike & (known.low[inside] == low) & (run < 0)
                run[exact], place[exact] = index, inside[exact]
                if not (alike & (run < 0)).any():
                    break
                spot = spot + 1
        return run, place

    def _add(self, run: _Run) -> None:
        if not len(run.high):
            return
        self._runs.append(run)
        while len(self._runs) > 1 and len(self._runs[-1].high) * 2 > len(self._runs[-2].high):
            later, earlier = self._runs.pop(), self._runs.pop()
            high = np.concatenate((earlier.high, later.high))
            order = np.argsort(high, kind="stable")
            low = np.concatenate((earlier.low, later.low))[order]
            self._runs.append(_Run(high[order], low, np.concatenate((earlier.value, later.value))[order]))
