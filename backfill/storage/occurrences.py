"""Occurrences: how often texts of any length have come, in as little memory as it takes to know them."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from backfill.storage.digest_map import DigestMap, Match

_MOST = 1_000  # what comes more often counts as coming so often


class Occurrences:
    """Which texts came once, twice and so on."""

    def __init__(self) -> None:
        self._came: list[DigestMap] = []

    def add(self, texts: pa.StringArray) -> NDArray[np.int64]:
        """Note that these came; say for which time each did."""
        left, times = np.arange(len(texts)), np.ones(len(texts), np.int64)
        for count in range(_MOST):
            if not len(left):
                break
            if count == len(self._came):
                self._came.append(DigestMap())
            some = texts.take(pa.array(left))
            left = left[self._came[count].add(some, np.ones(len(left), np.uint64)) != Match.NEW]
            times[left] += 1
        return times

    def of(self, texts: pa.StringArray) -> NDArray[np.int64]:
        """How often each came."""
        times = np.zeros(len(texts), np.int64)
        for came in self._came:
            times += came.holds(texts)
        return times
