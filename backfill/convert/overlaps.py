"""Overlaps: a record's rows in several files that are not equal, where columns are added up over its rows.

Where one file has all of a record's rows, the sum is that file's. A row that another file has with more cells filled is
likely the same row, of an older or a newer export: where that is so of all of them, each counts once. Where it is so of
some alone, or files share rows and have another amount in one that is alike, nobody can tell: the record has no sum.
What else there is in several files is added up, and said.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cached_property

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
_MOST = 1_000_000  # rows times the ways in which others are filled; where there are more, all are added up, and said
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

    @property
    def sums(self) -> Hashable:
        return tuple(item for item in self.says.items() if item[0][0] == SUMMED)

    def of(self, cells: Iterable[Cell]) -> Hashable:
        return (*map(self.says.__getitem__, cells),)


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
        self._rows = dict.fromkeys(rows)

    def merge(self) -> bool:
        """Take one file after the other in, that with the most rows first; False where nobody can tell what counts."""
        if (own := _differing([*self._rows])) is not None:
            self._keep_all(own)
            return True
        self._rows = dict.fromkeys(sorted(self._rows, key=lambda row: (row.order, row.at)))
        has = defaultdict[str, list[Hashable]](list)
        for row in self._rows:
            for file in row.files:
                has[file].append(row.order)
        first, *others = sorted(has, key=lambda file: (-len(has[file]), has[file]))
        done = {first}
        return all(self._add(file, done) for file in others)

    def _add(self, file: str, done: set[str]) -> bool:
        own = {row for row in self._rows if file in row.files}
        there = {row for row in self._rows if not row.files.isdisjoint(done)}
        done.add(file)
        known = not own.isdisjoint(there)
        equal = _equal(self._but(there, own), self._but(own, there))
        for one, other in equal:
            self._drop(one, ELSEWHERE, other)
        gone = {row for pair in equal for row in pair}
        new, left = self._but(there | gone, own), self._but(own | gone, there)
        if not new or not left:
            return True
        alike = _Alike(new, left)
        fuller = alike.fuller() if alike.few else []
        if len(fuller) == min(len(new), len(left)) and (known or equal or (self._stands(own) and self._stands(there))):
            for one, other in fuller:
                self._drop(*((other, LESS, one) if len(one.says) > len(other.says) else (one, LESS, other)))
            return True
        known |= bool(equal)
        if alike.few and alike.some(known):
            return False
        self._keep(new, {row.sums for row in left})
        return True

    def _keep_all(self, files: list[list[_Row]]) -> None:
        """Say for one file after the other which rows are added up to those before that it has not."""
        done, there = set[_Row](), Counter[Hashable]()
        for rows in files:
            new = [row for row in rows if row not in done]
            here = Counter(row.sums for row in rows if row in done)
            if here.total() < len(done):
                self._keep(new, {row.sums for row in new if there[row.sums] > here[row.sums]})
            done.update(new)
            there.update(row.sums for row in new)

    def _keep(self, new: Iterable[_Row], sums: Set[Hashable]) -> None:
        """Say that these are added up, to others with these amounts."""
        for row in new:
            self._marks[row.at] = self._marks[row.at] or (NEARLY if row.sums in sums else APART)

    def _but(self, others: set[_Row], some: set[_Row]) -> list[_Row]:
        """Some of the rows without others, in their order."""
        return [row for row in self._rows if row in some and row not in others]

    def _drop(self, row: _Row, mark: int, by: _Row) -> None:
        del self._rows[row]
        self._marks[row.at] = ALIKE if row.rejected else mark
        by.files |= row.files

    def _stands(self, rows: Iterable[_Row]) -> bool:
        """Whether they may be an order of their own: of a person, and of a time."""
        filled = {name for row in rows for kind, name in row.says if kind == READ}
        asked = (self._mapping.names_of(*fields) for fields in (_PEOPLE, ("event_time",)))
        return all(not names or not filled.isdisjoint(names) for names in asked)


def _differing(rows: list[_Row]) -> list[list[_Row]] | None:
    """Each file's rows, in an order that no name decides, if those of any two differ in cells that all have filled.

    None of these can be the same as another, and most records are like this: it is found without holding two together.
    """
    both = sorted({*rows[0].says}.intersection(*(row.says for row in rows)))
    if any(len(row.files) > 1 for row in rows):  # then another amount makes no other row
        both = [cell for cell in both if cell[0] != SUMMED]
    whose = dict[Hashable, set[str]]()
    has = defaultdict[str, list[_Row]](list)
    for row in rows:
        if whose.setdefault(row.of(both), row.files) != row.files:
            return None
        for file in row.files:
            has[file].append(row)
    return sorted(has.values(), key=lambda own: (-len(own), sorted(repr(row.of(both)) for row in own)))


class _Alike:
    """Rows of one side held against those of another, looked up by the cells that both have filled."""

    def __init__(self, new: list[_Row], left: list[_Row]) -> None:
        self._new, self._left = new, left
        self._kinds, self._others = _by_cells(new), _by_cells(left)
        self.few = len(new) * len(self._others) + len(left) * len(self._kinds) <= _MOST

    def fuller(self) -> list[tuple[_Row, _Row]]:
        """Rows with the same amounts of which one says all that the other does; each is in one pair, the first free."""
        place = {row: at for at, row in enumerate(self._left)}
        shelves = {cells: [*self._shelves(cells)] for cells in self._kinds}
        taken, pairs = set[_Row](), []
        for row in self._new:
            found = []
            for cells, shelf in shelves[frozenset(row.says)]:
                free = shelf.get(row.of(cells), [])
                while free and free[-1] in taken:
                    free.pop()
                found += free[-1:]
            if found:
                pairs.append((row, min(found, key=place.__getitem__)))
                taken.add(pairs[-1][1])
        return pairs

    def _shelves(self, cells: Set[Cell]) -> Iterator[tuple[list[Cell], dict[Hashable, list[_Row]]]]:
        """The other side's rows that have all of these cells filled or no more than these, by those that both have."""
        for others, rows in self._others.items():
            if (others <= cells or cells <= others) and _summed(others) == _summed(cells):
                both = [*(others & cells)]
                shelf = defaultdict[Hashable, list[_Row]](list)
                for row in reversed(rows):
                    shelf[row.of(both)].append(row)
                yield both, shelf

    def some(self, known: bool) -> bool:
        """Whether any two say the same in all cells that both have filled, but for amounts where these are known."""
        for cells, rows in self._kinds.items():
            for others, left in self._others.items():
                both = [cell for cell in cells & others if cell[0] != SUMMED]
                if not known:
                    if _summed(cells) != _summed(others):
                        continue
                    both += _summed(cells)
                if not {row.of(both) for row in rows}.isdisjoint(row.of(both) for row in left):
                    return True
        return False


def _by_cells(rows: list[_Row]) -> dict[Set[Cell], list[_Row]]:
    """The rows by which of their cells are filled."""
    found = defaultdict[Set[Cell], list[_Row]](list)
    for row in rows:
        found[frozenset(row.says)].append(row)
    return found


def _summed(cells: Set[Cell]) -> Set[Cell]:
    return {cell for cell in cells if cell[0] == SUMMED}


def _equal(new: list[_Row], left: list[_Row]) -> list[tuple[_Row, _Row]]:
    """Rows that say the same; each is in one pair."""
    free = defaultdict[Hashable, list[_Row]](list)
    for row in reversed(left):
        free[frozenset(row.says.items())].append(row)
    pairs = []
    for row in new:
        if like := free.get(frozenset(row.says.items())):
            pairs.append((row, like.pop()))
    return pairs
