"""Repeats: rows of one record that are equal in every cell, where columns are added up over its rows.

Exports that overlap give one and the same row in two files: it counts once. What one file has twice may well be two
items alike, and counts twice; so does what differs in a column that no mapping reads. A person is told of all three.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from backfill.read.lines import cells_of
from backfill.read.objects import json_object, write_json
from backfill.read.rows import Layout, Rows

ELSEWHERE = 1  # another file has the row too, and it counts there
TWICE = 2  # this file has it once more
NEARLY = 3  # another file has it too, but for cells that the mapping does not read
Marks = NDArray[np.int8]


def repeats_in(rows: Rows, owner: NDArray[np.int64], layouts: Sequence[Layout]) -> Marks:
    """ELSEWHERE, TWICE, NEARLY or 0 for each row; `owner` says whose it is, -1 for none's.

    Of several files the one that has a row most often is believed, the first of those.
    """
    marks = np.zeros(len(rows), np.int8)
    for places in _alike(rows, owner):
        for several in _signatures(rows, places, layouts).values():
            often = Counter(int(rows.parts[at]) for at in several)
            believed = max(often, key=lambda part: (often[part], -part))
            marks[[at for at in several if rows.parts[at] != believed]] = ELSEWHERE
            marks[[at for at in several if rows.parts[at] == believed][1:]] = TWICE
        left = [at for at in places if not marks[at]]
        marks[[at for at in left if rows.parts[at] != rows.parts[left[0]]]] = NEARLY
    return marks


def _alike(rows: Rows, owner: NDArray[np.int64]) -> Iterable[list[int]]:
    """The rows of a record that are equal in all mapped columns, if there are several."""
    places = np.flatnonzero(owner >= 0)
    places = places[np.bincount(owner[places])[owner[places]] > 1]
    if not len(places):
        return []
    cells = zip(owner[places].tolist(), *rows.cells[:, places].tolist(), strict=True)
    found: defaultdict[int, list[int]] = defaultdict(list)
    for at, number in zip(places.tolist(), map(hash, cells), strict=True):
        found[number].append(at)
    return [several for several in found.values() if len(several) > 1]


def _signatures(rows: Rows, places: list[int], layouts: Sequence[Layout]) -> dict[Hashable, list[int]]:
    """The rows by all that they say: in one file by how they are written, in several by their cells."""
    one = len({int(rows.parts[at]) for at in places}) == 1
    found: defaultdict[Hashable, list[int]] = defaultdict(list)
    for at in places:
        text = rows.text(at).rstrip("\r\n")
        found[text if one else _said(text, layouts[int(rows.parts[at])])].append(at)
    return found


def _said(text: str, layout: Layout) -> Hashable:
    """The row's own cells by their names, in whatever order the columns stand."""
    if layout.format != "csv":
        return frozenset((name, write_json(value)) for name, value in json_object(text).values.items())
    cells = cells_of(text, layout)
    own = ((layout.header[at].strip(), cells[at].strip()) for at in layout.own if at < len(cells))
    return frozenset((name, cell) for name, cell in own if cell)
