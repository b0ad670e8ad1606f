"""Gathering: the rows that belong together, wherever they are in the input.

Rows of a record are usually next to each other, so a record is made as soon as the next one begins, and its group value
is noted. Where a group value comes again later, its rows are apart: the pass is repeated with those groups known, and
their rows wait in a private temporary file until the input's end.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from backfill.convert.cells import Cells
from backfill.convert.cut_rows import damaged_ids, tell_cut_rows
from backfill.convert.groups import Groups
from backfill.convert.merge import columns, keys_of, merge_rows, starts_of
from backfill.convert.records import Records
from backfill.convert.waiting import Waiting
from backfill.fields import Locale
from backfill.fields.arrow import filled, pick
from backfill.files.rows import FRAME_ROWS, Rows, frames
from backfill.mapping import Mapping
from backfill.storage.digest_map import Match
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


def _whole(rows: Rows, mapping: Mapping, locale: Locale, groups: Groups, waiting: Waiting) -> Iterator[Records]:
    """Make records of groups whose rows follow each other; keep the rows of those that are apart."""
    if not len(rows):
        return
    keys = keys_of(rows, mapping)
    damaged = damaged_ids(rows, mapping)
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
