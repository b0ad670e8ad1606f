"""Repeats: rows of one record that are equal in every cell, where columns are added up over its rows.

Exports that overlap give one and the same row in two files: it counts once. What one file has twice may well be two
items that are alike, and counts twice; so does what differs in a column that no mapping reads. All three are reported.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from backfill.fields import Locale, parse_number
from backfill.fields.arrow import Flags, Places, listed, pick
from backfill.files.format import Layout
from backfill.files.marks import HELD
from backfill.files.rows import Rows

ELSEWHERE = 1  # another file has the row too, and it counts there
TWICE = 2  # this file has it one more time
NEARLY = 3  # another file has it too, but for cells that the mapping does not read
LESS = 5  # another file has it too, with more of its cells filled, and it counts there
APART = 6  # another file has other rows of its record
ALIKE = 7  # it was rejected, and says by now what a row of another file says, which counts
COPY = 4  # it was rejected, and is there again as it was then, or as it is by now
Marks = NDArray[np.int8]
Files = dict[int, set[str]]  # of rows, the files that have each
Comparer = Callable[[str, set[str]], dict[str, Hashable]]  # what each of a column's texts means, by the column's name


def counted(marks: Marks) -> Flags:
    """Which rows are added up."""
    return np.isin(marks, (ELSEWHERE, COPY, LESS, ALIKE), invert=True)


def rejected(marks: Marks) -> Flags:
    """Which rows of a rejected record a reject file has: it says of its rows how many they were."""
    return np.isin(marks, (ELSEWHERE, COPY, LESS), invert=True)


def repeats_in(rows: Rows, owner: Places, layouts: Sequence[Layout], compared: Comparer, files: Files) -> Marks:
    """ELSEWHERE, TWICE, NEARLY or 0 for each row; `owner` says whose it is, -1 for none's.

    Cells of several files are `compared` by what they mean to the mapping, as files may write it in several ways: 20
    and 20.00 are equal, and so is a time that a spreadsheet has saved. Of several files the one that has a row most
    often is believed, the first of those. In `files` is noted which have a row that counts, where several do.
    """
    marks = np.zeros(len(rows), np.int8)
    for places in _alike(rows, owner, layouts, compared):
        for several in _signatures(rows, places, layouts).values():
            often = Counter(int(rows.parts[at]) for at in several)
            believed = max(often, key=lambda part: (often[part], -part))
            marks[[at for at in several if rows.parts[at] != believed]] = ELSEWHERE
            counting = [at for at in several if rows.parts[at] == believed]
            marks[counting[1:]] = TWICE
            for nth, at in enumerate(counting if len(often) > 1 else ()):
                files[at] = {layouts[part].source for part, count in often.items() if count > nth}
        left = [at for at in places if not marks[at]]
        marks[[at for at in left if rows.parts[at] != rows.parts[left[0]]]] = NEARLY
    return marks


def _alike(rows: Rows, owner: Places, layouts: Sequence[Layout], compared: Comparer) -> Iterable[list[int]]:
    """The rows of a record that are equal in all mapped columns, if there are several."""
    places = np.flatnonzero(owner >= 0)
    places = places[np.bincount(owner[places])[owner[places]] > 1]
    if not len(places):
        return []
    several = len(set(rows.parts[places].tolist())) > 1
    columns: list[list[Hashable]] = []
    for cells, name in zip(rows.cells, layouts[int(rows.parts[places[0]])].columns, strict=True):
        if name in HELD:
            continue
        texts = listed(pick(cells, places))
        if several:
            meant = compared(name, set(texts))
            texts = [meant[text] for text in texts]
        columns.append(texts)
    cells = zip(owner[places].tolist(), *columns, strict=True)
    found: defaultdict[int, list[int]] = defaultdict(list)
    for at, number in zip(places.tolist(), map(hash, cells), strict=True):
        found[number].append(at)
    return [several for several in found.values() if len(several) > 1]


def number_of(text: str, locale: Locale) -> str:
    """A number in the one way that it is written here; another text as it is."""
    number = parse_number(text, locale)
    return text if number is None else format(number, "f")


def _signatures(rows: Rows, places: list[int], layouts: Sequence[Layout]) -> dict[Hashable, list[int]]:
    """The rows by all else that they say: in one file by how they are written, in several by the other cells."""
    one = len({int(rows.parts[at]) for at in places}) == 1
    found: defaultdict[Hashable, list[int]] = defaultdict(list)
    for at in places:
        text = rows.text(at).rstrip("\r\n")
        layout = layouts[int(rows.parts[at])]
        found[text if one else layout.format.cells_of(text, layout).said(but=layout.columns)].append(at)
    return found
