"""Rows that wait until all rows of their group are there, in a private temporary file."""

import pickle
from array import array
from collections.abc import Iterator
from typing import IO

import numpy as np

from backfill.fields.arrow import Places, Texts, listed, pick, texts_of
from backfill.files.rows import Rows, whole, written
from backfill.storage.digests import value_of


class Waiting:
    """Rows of groups that are apart, in a private temporary file, until the input's end."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._keys = array("Q")
        self._offsets = array("Q")

    def add(self, rows: Rows, keys: Texts, positions: Places) -> None:
        self._keys.extend(value_of(pick(keys, positions)).tolist())
        columns = [listed(pick(cells, positions)) for cells in rows.cells]
        for at, cells in zip(positions.tolist(), zip(*columns, strict=True), strict=True):
            self._offsets.append(self._file.tell())
            row = int(rows.parts[at]), int(rows.numbers[at]), rows.text(at), cells
            guarded = [column for of, column in rows.guarded if of == at]
            pickle.dump((*row, rows.broken.get(at), guarded), self._file, pickle.HIGHEST_PROTOCOL)

    def groups(self, frame: int) -> Iterator[Rows]:
        """The rows, those of a group together, groups in the order of their first row, a frame at a time."""
        keys = np.array(self._keys, np.uint64)
        offsets = np.array(self._offsets, np.uint64)
        _, firsts, inverse = np.unique(keys, return_index=True, return_inverse=True)
        order = np.argsort(firsts[inverse], kind="stable")
        starts = np.flatnonzero(np.diff(inverse[order], prepend=-1))  # of the groups
        first = 0
        while first < len(order):
            end = int(np.append(starts, len(order))[np.searchsorted(starts, first + frame)])
            yield self._read(offsets[order[first:end]].tolist())
            first = end

    def _read(self, offsets: list[int]) -> Rows:
        entries = []
        for offset in offsets:
            self._file.seek(offset)
            entries.append(pickle.load(self._file))  # noqa: S301 (our own file, never leaves the run)
        parts, numbers, texts, cells, reasons, guards = zip(*entries, strict=True)
        broken = {at: reason for at, reason in enumerate(reasons) if reason is not None}
        columns = list(map(texts_of, zip(*cells, strict=True)))
        guarded = {(at, column) for at, places in enumerate(guards) for column in places}
        return Rows(np.array(parts), np.array(numbers), written(texts), whole(texts), columns, broken, guarded=guarded)
