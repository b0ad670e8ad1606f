"""Records: a frame's rows, those that belong together as one, column by column.

A column's cells are taken from the rows only once somebody asks for them.
"""

from collections.abc import Collection, Iterable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from backfill.convert.repeats import Files, Marks, counted, rejected
from backfill.event import Problem, Row
from backfill.fields.arrow import Flags, Places, Texts, pick
from backfill.files.rows import Rows


class Cells(MutableMapping[str, Texts]):
    """A column's texts by its name. `source` says in which row of the columns each record's cell is; None: its own."""

    def __init__(self, columns: dict[str, Texts], source: Places | None = None) -> None:
        self._columns, self._source = columns, source
        self._chosen: dict[str, Places] = {}  # where a column has its cells in other rows
        self._made: dict[str, Texts] = {}

    def __getitem__(self, name: str) -> Texts:
        if name not in self._made:
            source = self._rows(name)
            self._made[name] = self._columns[name] if source is None else pick(self._columns[name], source)
        return self._made[name]

    def __setitem__(self, name: str, texts: Texts) -> None:
        self._made[name] = texts

    def __delitem__(self, name: str) -> None:
        raise TypeError("a column stays")

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._columns, *self._made)))

    def __contains__(self, name: object) -> bool:
        return name in self._columns or name in self._made

    def __len__(self) -> int:
        return len(self._columns.keys() | self._made.keys())

    def of(self, name: str, records: Places) -> Texts:
        """A column's texts of some of the records."""
        if name in self._made:
            return pick(self._made[name], records)
        source = self._rows(name)
        return pick(self._columns[name], records if source is None else source[records])

    def choose(self, name: str, source: Places) -> None:
        """Say in which rows a column has the records' cells."""
        self._chosen[name] = source

    def pick(self, stays: Flags) -> "Cells":
        """The cells of some of the records."""
        kept = np.flatnonzero(stays)
        made = Cells(self._columns, kept if self._source is None else self._source[kept])
        made._chosen = {name: source[kept] for name, source in self._chosen.items()}
        made._made = {name: pick(texts, kept) for name, texts in self._made.items()}
        return made

    def _rows(self, name: str) -> Places | None:
        return self._chosen.get(name, self._source)


@dataclass(slots=True)
class Records:
    """Records of a frame: `cells` is column -> a text a record; `owner` says of each row whose it is, -1 for none's."""

    rows: Rows
    cells: Cells
    owner: Places
    conflicts: dict[int, Problem] = field(default_factory=dict)  # record -> why its rows are not one record
    unlike: dict[str, set[int]] = field(default_factory=dict)  # column -> records whose rows disagree in it
    nothings: dict[str, set[int]] = field(default_factory=dict)  # column -> records with a word for nothing too
    torn: set[int] = field(default_factory=set)  # records one of whose rows can't be read, or may be theirs
    lacking: dict[int, int] = field(default_factory=dict)  # record -> how many that can't be read are surely its
    unsummable: dict[int, Problem] = field(default_factory=dict)  # record -> why its rows can't be added up
    unsummed: dict[str, Texts] = field(default_factory=dict)  # where columns are summed: all cells, a text a row
    repeats: Marks | None = None  # and which rows are there twice
    files: Files = field(default_factory=dict)  # those that have a row that counts, where several do
    _order: tuple[Places, Places] | None = None

    def __len__(self) -> int:
        return int(self.owner.max(initial=-1)) + 1

    @property
    def blank(self) -> Flags:
        """Which records have no cell filled."""
        blank = np.zeros(len(self), bool)
        blank[self.owner[list(self.rows.blank)]] = True
        return blank

    def among(self, records: Collection[int]) -> Flags:
        """Which of all records are these."""
        made = np.zeros(len(self), bool)
        made[list(records)] = True
        return made

    def unsure(self, columns: Iterable[str]) -> Flags:
        """Which records may have another cell in one of these columns than the one that is here."""
        return self.among(self.torn.union(*(self.unlike.get(name, ()) for name in columns)))

    @property
    def parts(self) -> Places:
        """Which part each record begins in."""
        parts = self.rows.parts
        if len(parts) and (parts == parts[0]).all():
            return np.full(len(self), parts[0])
        return parts[self.firsts]

    @property
    def firsts(self) -> Places:
        """Where each record's first row is."""
        made = np.zeros(len(self), np.int64)
        owned = np.flatnonzero(self.owner >= 0)[::-1]  # backwards, so that a record's first row is written last
        made[self.owner[owned]] = owned
        return made

    def pick(self, kept: Sequence[bool], unowned: Collection[int]) -> "Records":
        """Some of the records with their rows; of the rows without a record those at the positions `unowned`."""
        stays = np.array(kept, bool)
        rows = (self.owner >= 0) & (stays[self.owner] if len(stays) else False)
        rows[list(unowned)] = True
        at = np.flatnonzero(rows)
        new = np.where(stays, np.cumsum(stays) - 1, -1)
        owner = np.where(self.owner[at] >= 0, new[self.owner[at]] if len(stays) else -1, -1)
        return Records(
            self.rows.pick(at),
            self.cells.pick(stays),
            owner,
            {int(new[record]): problem for record, problem in self.conflicts.items() if stays[record]},
            {name: {int(new[record]) for record in some if stays[record]} for name, some in self.unlike.items()},
            {name: {int(new[record]) for record in some if stays[record]} for name, some in self.nothings.items()},
            {int(new[record]) for record in self.torn if stays[record]},
            {int(new[record]): count for record, count in self.lacking.items() if stays[record]},
            {int(new[record]): problem for record, problem in self.unsummable.items() if stays[record]},
            {name: pick(texts, at) for name, texts in self.unsummed.items()},
            None if self.repeats is None else self.repeats[at],
            {new: self.files[old] for new, old in enumerate(at.tolist()) if old in self.files} if self.files else {},
        )

    @property
    def merged(self) -> int:
        return int((self.owner >= 0).sum()) - len(self)

    def row(self, position: int) -> Row:
        rows = self.rows
        return Row(rows.parts.item(position), rows.numbers.item(position), rows.text(position))

    def rows_of(self, record: int) -> list[Row]:
        order, starts = self._by_record()
        return [self.row(at) for at in order[starts[record] : starts[record + 1]].tolist()]

    def places_of(self, records: Places) -> tuple[Places, Places]:
        """Where the rows of these records are, record by record, and which of these records each is of.

        A row that counts in another file is none of them.
        """
        order, starts = self._by_record()
        counts = starts[records + 1] - starts[records]
        which = np.repeat(np.arange(len(records)), counts)
        nth = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
        places = order[starts[records][which] + nth]
        if self.repeats is None:
            return places, which
        some = rejected(self.repeats[places])
        return places[some], which[some]

    def reject_rows_of(self, record: int) -> list[Row]:
        """A record's rows for a reject file."""
        if self.repeats is None:
            return self.rows_of(record)
        return [self.row(at) for at in self.places_of(np.array([record]))[0].tolist()]

    @property
    def sizes(self) -> Places:
        """Of how many rows each record's sums are, 0 where nothing is added up."""
        if self.repeats is None:
            return np.zeros(len(self), np.int64)
        sizes = np.bincount(self.owner[self.summed], minlength=len(self))
        for record, count in self.lacking.items():
            sizes[record] += count
        return sizes

    @property
    def summed(self) -> Flags:
        """Which rows are added up."""
        none = np.zeros(len(self.rows), bool)
        return none if self.repeats is None else (self.owner >= 0) & counted(self.repeats)

    def _by_record(self) -> tuple[Places, Places]:
        """The rows' positions, by record, and where each record's begin."""
        if self._order is None:
            order = np.argsort(self.owner, kind="stable")
            self._order = order, np.searchsorted(self.owner, np.arange(len(self) + 1), sorter=order)
        return self._order

    def unreadable(self) -> Iterator[tuple[Row, str]]:
        for position, reason in sorted(self.rows.broken.items()):
            yield self.row(position), reason
