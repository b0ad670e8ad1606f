"""Gathering: the rows that belong together, wherever they are in the input.

Rows of a record are usually next to each other, so a record is made as soon as the next one begins, and its group value
is noted. Where a group value comes again later, its rows are apart: the pass is repeated with those groups known, and
their rows wait in a private temporary file until the input's end.
"""

import pickle
from array import array
from collections.abc import Iterable, Iterator
from typing import IO

import numpy as np

from backfill.convert.cut_rows import damaged_ids, tell_cut_rows
from backfill.convert.groups import Groups
from backfill.convert.merge import columns, keys_of, merge_rows, starts_of
from backfill.convert.records import Cells, Records
from backfill.fields import Locale
from backfill.fields.arrow import Places, Texts, filled, listed, pick, texts_of
from backfill.files.rows import FRAME_ROWS, Rows, frames, whole, written
from backfill.mapping import Mapping
from backfill.storage.digest_map import Match
from backfill.storage.digests import value_of
from backfill.storage.scratch import Scratch


def gather(
    pieces: Iterable[Rows],
    mapping: Mapping,
    locale: Locale,
    groups: Groups,
    frame: int = FRAME_ROWS,
) -> Iterator[Records]:
    """Make records of rows, about `frame` rows at a time; `locale` says how they write numbers and times."""
    if mapping.source.group_by is None:
        yield from (_alone(rows, mapping) for rows in frames(pieces, frame))
        return
    groups.begin()
    pieces = tell_cut_rows(pieces, mapping, groups.layouts)
    with Scratch("backfill-apart-") as file:
        waiting = Waiting(file)
        for rows in frames(pieces, frame, lambda rows: _end_of_groups(rows, mapping, frame * 5)):
            yield from _whole(rows, mapping, locale, groups, waiting)
        for rows in waiting.groups(frame):
            yield merge_rows(rows, mapping, locale, groups)


def _alone(rows: Rows, mapping: Mapping) -> Records:
    """Each readable row is a record."""
    owner, source = np.arange(len(rows)), None
    if rows.broken:
        readable = rows.readable
        owner, source = np.where(readable, np.cumsum(readable) - 1, -1), np.flatnonzero(readable)
    return Records(rows, Cells(columns(rows, mapping), source), owner)


def _end_of_groups(rows: Rows, mapping: Mapping, most: int) -> int:
    """Where the last group begins, which the next rows may go on with; one of more rows than `most` does not wait."""
    keys = keys_of(rows, mapping)
    end = int(np.flatnonzero(starts_of(keys))[-1]) if filled(keys[-1:]).any() else len(rows)
    return len(rows) if end == 0 and len(rows) > most else end


def _whole(rows: Rows, mapping: Mapping, locale: Locale, groups: Groups, waiting: "Waiting") -> Iterator[Records]:
    """Make records of groups whose rows follow each other; keep the rows of those that are apart."""
    if not len(rows):
        return
    keys = keys_of(rows, mapping)
    damaged = damaged_ids(rows, mapping, locale)
    if rows.broken or groups.neighbours or damaged:
        groups.tear(rows, keys, mapping, damaged)
    groups.leave(keys, rows.readable, damaged)
    if len(groups.apart):
        wait = filled(keys) & groups.apart.holds(keys)
        wait[list(rows.broken)] = False
        if wait.any():
            waiting.add(rows, keys, np.flatnonzero(wait))
            stay = np.flatnonzero(~wait)
            rows, keys = rows.pick(stay), pick(keys, stay)
    read = pick(keys, rows.readable) if rows.broken else keys
    heads = pick(read, starts_of(read) & filled(read))
    again = pick(heads, groups.met.add(heads, np.ones(len(heads), np.uint64)) != Match.NEW)
    groups.found.add(again, np.ones(len(again), np.uint64))
    yield merge_rows(rows, mapping, locale, groups)


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
