"""Copies: rows that are in the input again as they were rejected, where columns are added up over a record's rows.

A row of an export counts once, however often it is there: in the export itself, in reject files, in several of them
that were put together. What it was says which is which: its own cells, or those that `_was` has. A copy that was mended
is believed before one that was not. A record whose rows were rejected has as many of them as it had then, or no sum.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence
from itertools import chain, product
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from backfill.convert.repeats import COPY, TWICE, Comparer, Files, Marks, counted
from backfill.event import Code
from backfill.fields.arrow import Places, listed, pick, put
from backfill.fields.spreadsheet import made_by_spreadsheet
from backfill.files.format import Layout
from backfill.files.marks import CODE, FILE, HELD_WAS, MARKS, RAW, WAS
from backfill.files.part import source_of
from backfill.files.rows import Rows
from backfill.files.torn import candidates
from backfill.files.was import Before, before, noted

Meant = tuple[Hashable, ...]  # what a row's cells mean, column by column
Said = frozenset[tuple[str, str]]  # its other cells, by their columns' names


class Fault(NamedTuple):
    """Why a record's rows can't be added up, and the column that is in doubt, where it is one."""

    record: int
    column: str
    reason: str


def unread(rows: Rows, owner: Places, layouts: Sequence[Layout]) -> Places:
    """The rows of reject files that could not be read, and were mended: which of them are copies shows later."""
    marked = np.isin(rows.parts, [at for at, one in enumerate(layouts) if one.reject_file])
    return np.array(
        [at for at in np.flatnonzero(marked & (owner >= 0)).tolist() if _unread(_marks(rows, at, layouts))], np.int64
    )


def _marks(rows: Rows, at: int, layouts: Sequence[Layout]) -> dict[str, str]:
    layout = layouts[int(rows.parts[at])]
    return layout.format.cells_of(rows.text(at), layout).marks if layout.reject_file else {}


def _unread(marks: dict[str, str]) -> bool:
    return Code.UNREADABLE in marks.get(CODE, "").split("|")


def merge_copies(
    rows: Rows,
    owner: Places,
    marks: Marks,
    layouts: Sequence[Layout],
    compared: Comparer,
    files: Files,
) -> list[Fault]:
    """Mark the copies of each row, and give them the cells of the one that counts; say what is wrong with records.

    `owner` says of each row whose it is, -1 for none's. In `files` is noted which files have a row that counts.
    """
    rejected = (owner >= 0) & np.isin(rows.parts, [at for at, one in enumerate(layouts) if one.reject_file])
    if not rejected.any():
        return []
    layout = layouts[int(rows.parts[0])]
    packed = rows.cells[layout.columns.index(HELD_WAS)]
    was = {at: before(text) for at, text in enumerate(listed(packed)) if text and rejected[at]}
    of: defaultdict[int, list[int]] = defaultdict(list)
    places = np.flatnonzero((owner >= 0) & np.isin(owner, owner[rejected]) & counted(marks))
    for at, record in zip(places.tolist(), owner[places].tolist(), strict=True):
        of[record].append(at)
    for record in [record for record, own in of.items() if len(own) == 1 and own[0] in was and was[own[0]].rows < 2]:
        del of[record]  # nearly all, in no time
    table = _Table(rows, sorted(chain.from_iterable(of.values())), was, layouts, compared)
    faults = [Fault(record, *one) for record, own in of.items() for one in _Record(table, own).merge(marks, files)]
    for column, cells in table.edits.items():
        rows.cells[column] = put(rows.cells[column], list(cells), list(cells.values()))
    return faults


class _Table:
    """The rows of all records that were rejected: what they say, and what they said."""

    def __init__(
        self, rows: Rows, own: list[int], was: dict[int, Before], layouts: Sequence[Layout], compared: Comparer
    ) -> None:
        self._rows, self._layouts, self.was = rows, layouts, was
        layout = layouts[int(rows.parts[0])]
        self.read = [(at, name) for at, name in enumerate(layout.columns) if name not in layout.extra]
        self.group = layout.columns[layout.group] if layout.group is not None else ""
        self.edits: defaultdict[int, dict[int, str]] = defaultdict(dict)  # column -> row -> its cell from now on
        self._said: dict[int, Said] = {}
        self._groups = compared(self.group, {one.cells.get(self.group, "") for one in was.values()})
        now: list[list[Hashable]] = []
        then: list[list[Hashable]] = []
        places = np.array(own, np.int64)
        for column, name in self.read:
            texts = list(map(noted, listed(pick(rows.cells[column], places))))
            old = [was[at].cells.get(name, "") if at in was else text for at, text in zip(own, texts, strict=True)]
            meant = compared(name, {*texts, *old})
            now.append([meant[text] for text in texts])
            then.append([meant[text] for text in old])
        self.now = dict(zip(own, zip(*now, strict=True), strict=True))
        self.then = dict(zip(own, zip(*then, strict=True), strict=True))

    def meant(self, at: int) -> set[Meant]:
        """What a row may have been: what it was, or is; a cell that was not noted then may not have been read."""
        now, then = self.now[at], self.then[at]
        noted_ = self.was[at].cells if at in self.was else {}
        both = tuple(old if name in noted_ else new for old, new, (_, name) in zip(then, now, self.read, strict=True))
        return {now, then, both}

    def mended(self, at: int) -> dict[int, Hashable]:
        """The cells of a row that are not as they were, by their columns, of those that are read."""
        both = zip(self.now[at], self.then[at], strict=True)
        return {column: new for column, (new, old) in enumerate(both) if new != old}

    def is_alike(self, one: int, other: int) -> bool:
        """Whether two rows say the same in all that is not read, but for what a spreadsheet makes of it."""
        here, there = sorted(self._others(one) - self._others(other)), sorted(self._others(other) - self._others(one))
        return len(here) == len(there) and all(
            a[0] == b[0] and (made_by_spreadsheet(a[1], b[1]) or made_by_spreadsheet(b[1], a[1]))
            for a, b in zip(here, there, strict=True)
        )

    def _others(self, at: int) -> Said:
        if at not in self._said:
            layout = self._layouts[int(self._rows.parts[at])]
            names = {name for _, name in self.read}
            self._said[at] = layout.format.cells_of(self._rows.text(at), layout).said(but=names)
        return self._said[at]

    def origin(self, at: int) -> tuple[str, ...] | None:
        """How a row was written that could not be read and was mended, and the file and row that it comes from."""
        marks = _marks(self._rows, at, self._layouts)
        return tuple(marks.get(name, "") for name in (RAW, FILE, MARKS[0])) if _unread(marks) else None

    def group_of(self, was: Before) -> str:
        """The group that a row was in, "" where it was alone."""
        return str(self._groups[was.cells.get(self.group, "")])

    def files(self, at: int) -> set[str]:
        """The files that have a row: those that a reject file names for a row of its own, or the row's part."""
        if at in self.was and self.was[at].files:
            return {*self.was[at].files}
        marks = _marks(self._rows, at, self._layouts) if at not in self.was else {}
        own = marks.get(FILE) if _unread(marks) else None
        return {source_of(own) if own else self._layouts[int(self._rows.parts[at])].source}

    def are_apart(self, same: list[int], copies: list[int]) -> bool:
        """Whether a reject file has rows of both, and its marks say that they are two, if it has any."""
        parts = self._rows.parts
        pairs = (pair for pair in product(same, copies) if parts[pair[0]] == parts[pair[1]])
        both = ([_marks(self._rows, at, self._layouts) for at in pair] for pair in pairs)
        return any(
            (here.get(MARKS[0]) or here.get(CODE))
            and any(here.get(name) != there.get(name) for name in (FILE, MARKS[0]))
            for here, there in both
        )

    def is_rejected(self, at: int) -> bool:
        """Whether a row is one of a reject file."""
        return self._layouts[int(self._rows.parts[at])].reject_file

    def is_known(self, at: int) -> bool:
        """Whether a row without `_was` was its record's: not added by hand, nor one that may be any record's."""
        layout = self._layouts[int(self._rows.parts[at])]
        if not layout.reject_file or not self.group:
            return not layout.reject_file
        origin, group = self.origin(at), self._rows.cells[layout.columns.index(self.group)][at].as_py()
        return origin is not None and group in candidates(origin[0], self.group, layout)

    def overwrite(self, at: int, by: int) -> None:
        """Give a row the cells of another one."""
        for column, _ in self.read:
            cells = self._rows.cells[column]
            if (new := cells[by].as_py()) != cells[at].as_py():
                self.edits[column][at] = new


class _Record:
    """One record's rows; `_copies` has a list a row that counts. The order of the files decides nothing."""

    def __init__(self, table: _Table, own: list[int]) -> None:
        self._table = table
        self._copies: list[list[int]] = []
        found: defaultdict[Hashable, list[list[int]]] = defaultdict(list)
        for at in own:
            if at in table.was:
                self._add(at, found[table.then[at], table.was[at].nth])
        others = sorted((at for at in own if at not in table.was), key=lambda at: repr(table.now[at]))
        origins = {at: origin for at in others if (origin := table.origin(at))}
        added = [[at] for at in others if at not in origins and table.is_rejected(at)]
        self._match([at for at in others if not table.is_rejected(at)], self._written(origins), added)

    @staticmethod
    def _written(origins: dict[int, tuple[str, ...]]) -> list[list[int]]:
        """Rows that could not be read, and their copies: those that were written alike, one of each file."""
        times, nth = Counter[tuple[str, ...]](), dict[tuple[str, ...], int]()
        for origin in sorted({*origins.values()}):
            times[origin[:2]] += 1
            nth[origin] = times[origin[:2]]
        found: dict[Hashable, list[int]] = {}
        for at, origin in sorted(origins.items(), key=itemgetter(1)):
            found.setdefault((origin[0], nth[origin]), []).append(at)
        return [*found.values()]

    def _add(self, at: int, likely: list[list[int]]) -> None:
        for copies in likely:
            if self._table.is_alike(at, copies[0]):
                copies.append(at)
                return
        likely.append([at])
        self._copies.append(likely[-1])

    def _match(self, exported: list[int], mended: list[list[int]], added: list[list[int]]) -> None:
        """Find what others were rejected; one that was not is a row of its own.

        Those of an export first, by what the rejected ones were before what they are by now. Of what could not be read
        the export may have a copy that is left; a mended row that is the like of another one may still be its own.
        """
        left = self._exported(self._exported(exported, self._free(then=True)), self._free(then=False))
        for same in mended:
            like = (at for at in left if any(self._is_like(at, one) for one in same))
            if (found := next(like, None)) is not None:
                left.remove(found)
                self._copies.append([found, *same])
                same.clear()
        self._copies += [[at] for at in left]
        self._rejected([same for same in (*mended, *added) if same])

    def _is_like(self, one: int, other: int) -> bool:
        return self._table.now[one] == self._table.now[other] and self._table.is_alike(one, other)

    def _free(self, then: bool) -> dict[Meant, list[list[int]]]:
        """The rejected rows by what they may have been, or by what `then` was noted; none that an export has."""
        table, free = self._table, defaultdict[Meant, list[list[int]]](list)
        for copies in self._copies:
            if all(at in table.was for at in copies):
                for meant in {one for at in copies for one in ([table.then[at]] if then else table.meant(at))}:
                    free[meant].append(copies)
        return free

    def _exported(self, exported: list[int], free: dict[Meant, list[list[int]]]) -> list[int]:
        """Make these rows copies of rejected ones; return those that are left."""
        left = []
        for at in exported:
            likely = (one for one in free.get(self._table.now[at], ()) if one[-1] in self._table.was)
            if like := next((one for one in likely if self._table.is_alike(at, one[0])), None):
                like.append(at)
            else:
                left.append(at)
        return left

    def _rejected(self, others: list[list[int]]) -> None:
        """Make rows of reject files copies of what another one has of them, unless their record lacks some."""
        free: defaultdict[Meant, list[int]] = defaultdict(list)
        for number, copies in enumerate(self._copies):
            for meant in {one for at in copies if at in self._table.was for one in self._table.meant(at)}:
                free[meant].append(number)
        taken: dict[int, list[int]] = {}
        for same in others:
            likely = (number for number in free.get(self._table.now[same[0]], ()) if number not in taken)
            like = (number for number in likely if self._table.is_alike(same[0], self._copies[number][0]))
            found = min(like, key=lambda at: self._table.are_apart(same, self._copies[at]), default=None)
            if found is None:
                self._copies.append(same)
            else:
                taken[found] = same
        had, _, said = self._had()
        missing = had.total() - len(self._copies)
        for number, same in taken.items():
            unsure = self._table.origin(same[0]) and not self._table.is_known(same[0])
            uncounted = unsure and len(said) == 1  # else a later reject file has counted it
            if (missing > 0 or uncounted) and self._table.are_apart(same, self._copies[number]):
                self._copies.append(same)
                missing -= 0 if uncounted else 1
            else:
                self._copies[number] += same

    def merge(self, marks: Marks, files: Files) -> Iterator[tuple[str, str]]:
        """Mark the copies, note the files of each row, and yield why the rows are not to be added up."""
        table = self._table
        for copies in self._copies:
            told = [at for at in copies if at in table.was] or copies
            best = max(told, key=lambda at: len(table.mended(at)))
            if (column := self._differs(told, best)) is None:
                own = marks[best] if best not in table.was else TWICE if table.was[best].nth > 1 else 0
                marks[copies] = COPY
                marks[best] = own
                files[best] = {file for at in copies for file in (files.get(at) or table.files(at))}
                for at in copies:
                    table.overwrite(at, best)
            else:
                marks[[at for at in copies if at not in told]] = COPY
                yield column, f"one of its rows is there several times, mended in several ways in {column}"
        if reason := self._miscounted():
            yield "", reason

    def _differs(self, told: list[int], best: int) -> str | None:
        """A column in which copies were mended that the best of them has otherwise."""
        table = self._table
        for at in told:
            cells = table.mended(at) if at in table.was else dict(enumerate(table.now[at]))
            for column, meant in cells.items():
                if meant != table.now[best][column]:
                    return table.read[column][1]
        return None

    def _had(self) -> tuple[Counter[str], Counter[str], set[int]]:
        """How many rows it had, by its group then, and has of those that say so; and what they say, 0 for nothing."""
        table, had, has, said = self._table, Counter[str](), Counter[str](), set[int]()
        for copies in self._copies:
            if told := [table.was[at] for at in copies if at in table.was]:
                group, rows = table.group_of(told[0]), max(was.rows for was in told)
                had[group] = max(had[group], rows, 1)
                has[group] += 1
                said.add(rows)
        had[""] = has[""]  # each was alone
        return had, has, said

    def _miscounted(self) -> str | None:
        """What is to be said where it has fewer rows than it had, or more."""
        table, (had, has, counts) = self._table, self._had()
        others = [copies[0] for copies in self._copies if copies[0] not in table.was]
        before, now = had.total(), len(self._copies)
        known = has.total() + sum(table.is_known(at) and (0 not in counts or not table.origin(at)) for at in others)
        said = f"it had {before} row{'s' * (before != 1)} and has {now}"
        if now < before:
            return f"{said}: put the others back, or empty {WAS} in each that is left if they do not count"
        if known > before and has and not has[""]:
            return f"{said}: take out those that are not its own, or empty {WAS} in each if all of them count"
        return None
