"""Overlaps: a record's rows in several files that are not equal, where columns are added up over its rows.

Where one file has all of a record's rows, the sum is that file's. A row that another file has with more cells filled is
likely the same row, of an older or a newer export: where that is so of all of them, each counts once. Where it is so of
some alone, or files share rows and have another amount in one that is alike, nobody can tell: the record has no sum.
What else there is in several files is added up, and said.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

from backfill.convert.copies import Fault
from backfill.convert.meanings import Meanings
from backfill.convert.records import Records
from backfill.convert.repeats import ALIKE, APART, ELSEWHERE, LESS, NEARLY, Marks, number_of
from backfill.fields import Locale
from backfill.fields.arrow import Places, filled, listed, pick
from backfill.files.format import Layout
from backfill.files.marks import HELD, HELD_WAS, WAS
from backfill.files.rows import Rows
from backfill.mapping import Mapping

Cell = tuple[str, str]  # whether its column is read or added up, or neither, and its name
READ, SUMMED, OTHER = "read", "summed", "other"
_PEOPLE = ("email", "comet_token", "fingerprint", "tracking_id")
_MOST = 1_000_000  # pairs of rows that are held against each other; where there are more, all are added up, and said
UNLIKE = (
    "its rows are not the same in all files, and too alike to be added up: leave those that count, "
    f"and empty {WAS} in each of them"
)


@dataclass(eq=False)
class _Row:
    """A row that counts: what its filled cells say, and which files have it."""

    at: int
    says: dict[Cell, Hashable]
    files: set[str]
    rejected: bool  # before, so that it says how many rows its record had

    @cached_property
    def order(self) -> tuple[int, list[str]]:
        """The fullest first, whichever file is the first."""
        return -len(self.says), sorted(map(repr, self.says.items()))

    def is_like(self, other: "_Row") -> bool:
        """Whether both say the same in all cells that both have filled, but for what is added up."""
        return all(other.says.get(cell, said) == said for cell, said in self.says.items() if cell[0] != SUMMED)


def merge_overlaps(
    records: Records, skip: Set[int], mapping: Mapping, locale: Locale, layouts: Sequence[Layout]
) -> Iterator[Fault]:
    """Mark rows that are the same as fuller ones of other files, and those that are said; yield what can't be added up.

    None of the records to `skip` can be.
    """
    rows, owner, marks = records.rows, records.owner, records.repeats
    assert marks is not None
    places = _likely(records, marks, skip, layouts)
    if not len(places):
        return
    said = dict(zip(places.tolist(), _said(rows, places, mapping, locale, layouts), strict=True))
    held = dict(zip(mapping.columns, rows.cells, strict=True)).get(HELD_WAS)
    was = set[int]() if held is None else {*places[filled(pick(held, places))].tolist()}
    of = defaultdict[int, list[_Row]](list)
    for at in places.tolist():
        if any(kind == SUMMED for kind, _ in said[at]):  # others add nothing
            of[int(owner[at])].append(
                _Row(at, said[at], records.files.setdefault(at, {layouts[int(rows.parts[at])].source}), at in was)
            )
    for record, own in of.items():
        if not _Record(own, marks, mapping).merge():
            yield Fault(record, "", UNLIKE)


def _likely(records: Records, marks: Marks, skip: Set[int], layouts: Sequence[Layout]) -> Places:
    """The rows that count, of records that have some in several files, as far as reject files say."""
    owner, parts = records.owner, records.rows.parts
    some = np.flatnonzero(records.summed)
    held = {*np.flatnonzero(np.isin(parts, [at for at, one in enumerate(layouts) if one.reject_file])).tolist()}
    first = np.zeros(len(records), np.int64)
    first[owner[some[::-1]]] = parts[some[::-1]]
    several = {
        *owner[some[parts[some] != first[owner[some]]]].tolist(),
        *owner[[at for at in records.files if at in held]].tolist(),
    }
    return some[np.isin(owner[some], [*(several - skip)])]


def _said(
    rows: Rows, places: Places, mapping: Mapping, locale: Locale, layouts: Sequence[Layout]
) -> list[dict[Cell, Hashable]]:
    """What each of these rows says. A cell that a record's rows must agree in says that it is there."""
    found: list[dict[Cell, Hashable]] = [{} for _ in places]
    for cells, name in zip(rows.cells, mapping.columns, strict=True):
        if name in HELD:
            continue
        texts = listed(pick(cells, places))
        if name in mapping.source.sum:
            kind, meant = SUMMED, {text: number_of(text, locale) for text in {*texts}}
        elif name in mapping.extra:
            kind, meant = OTHER, {text: text for text in texts}
        else:
            meanings = Meanings(name, {*texts}, mapping, locale)
            kind, meant = READ, {text: "" if meanings.is_nothing(text) else "filled" for text in {*texts}}
        for row, text in zip(found, texts, strict=True):
            if text and meant[text]:
                row[kind, name] = meant[text]
    for row, at in zip(found, places.tolist(), strict=True):
        layout = layouts[int(rows.parts[at])]
        own = layout.format.cells_of(rows.text(at).rstrip("\r\n"), layout).said(but=layout.columns)
        row.update({(OTHER, name): text for name, text in own})
    return found


class _Record:
    """One record's rows, the fullest first. The order of the files decides nothing."""

    def __init__(self, rows: Iterable[_Row], marks: Marks, mapping: Mapping) -> None:
        self._marks, self._mapping = marks, mapping
        self._rows = sorted(rows, key=lambda row: (row.order, row.at))

    def merge(self) -> bool:
        """Take one file after the other in, that with the most rows first; False where nobody can tell what counts."""
        has = {file: [row.order for row in self._rows if file in row.files] for row in self._rows for file in row.files}
        first, *others = sorted(has, key=lambda file: (-len(has[file]), has[file]))
        done = {first}
        return all(self._add(file, done) for file in others)

    def _add(self, file: str, done: set[str]) -> bool:
        own = {row for row in self._rows if file in row.files}
        there = {row for row in self._rows if not row.files.isdisjoint(done)}
        done.add(file)
        known = not own.isdisjoint(there)
        equal = _pairs(self._but(there, own), self._but(own, there), lambda one: frozenset(one.says.items()))
        for one, other in equal:
            self._drop(one, ELSEWHERE, other)
        gone = {row for pair in equal for row in pair}
        new, left = self._but(there | gone, own), self._but(own | gone, there)
        if not new or not left:
            return True
        few = len(new) * len(left) <= _MOST
        fuller = _pairs(new, left, _sums, _covers) if few else []
        if len(fuller) == min(len(new), len(left)) and (known or equal or (self._stands(own) and self._stands(there))):
            for one, other in fuller:
                self._drop(*((other, LESS, one) if len(one.says) > len(other.says) else (one, LESS, other)))
            return True
        known |= bool(equal)
        both = product(new, left) if few else ()
        if any(one.is_like(other) and (known or _sums(one) == _sums(other)) for one, other in both):
            return False
        sums = {*map(_sums, left)}
        for row in new:
            self._marks[row.at] = self._marks[row.at] or (NEARLY if _sums(row) in sums else APART)
        return True

    def _but(self, others: set[_Row], some: set[_Row]) -> list[_Row]:
        """Some of the rows without others, in their order."""
        return [row for row in self._rows if row in some and row not in others]

    def _drop(self, row: _Row, mark: int, by: _Row) -> None:
        self._rows.remove(row)
        self._marks[row.at] = ALIKE if row.rejected else mark
        by.files |= row.files

    def _stands(self, rows: Iterable[_Row]) -> bool:
        """Whether they may be an order of their own: of a person, and of a time."""
        filled = {name for row in rows for kind, name in row.says if kind == READ}
        asked = (self._mapping.names_of(*fields) for fields in (_PEOPLE, ("event_time",)))
        return all(not names or not filled.isdisjoint(names) for names in asked)


def _pairs(
    new: list[_Row],
    left: list[_Row],
    by: Callable[[_Row], Hashable],
    fits: Callable[[_Row, _Row], bool] = lambda one, other: True,
) -> list[tuple[_Row, _Row]]:
    """Rows that are the same by something, and fit; each is in one pair."""
    free = defaultdict[Hashable, list[_Row]](list)
    for row in left:
        free[by(row)].append(row)
    pairs = []
    for row in new:
        if (like := next((other for other in free[by(row)] if fits(row, other)), None)) is not None:
            free[by(row)].remove(like)
            pairs.append((row, like))
    return pairs


def _sums(row: _Row) -> Hashable:
    return frozenset((cell, said) for cell, said in row.says.items() if cell[0] == SUMMED)


def _covers(one: _Row, other: _Row) -> bool:
    """Whether one of them says all that the other does."""
    return one.says.items() <= other.says.items() or other.says.items() <= one.says.items()
