"""Records: rows that belong together become one, column by column.

Rows of a record are usually next to each other, so a record is made as soon as the next one begins, and its group value
is noted. Where a group value comes again later, its rows are apart: the pass is repeated with those groups known, and
their rows wait in a private temporary file until the input's end.

Rows that disagree in a cell which the mapping reads, or one of which can't be read, are no record to be trusted: its
events would depend on which row is believed. This is checked before anything else: before the conditions, whose columns
may be those that disagree, before the sums, before the ledger.

A row that can't be read belongs to the records whose group value it may have had, wherever they are. Where nothing in
it looks like a group value, and columns are summed, it may be a part of the record before or after it: neither is sent,
as its sum might lack that row. Without sums each row has all values of its record, and nothing is missing.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from backfill.convert.cells import Cells
from backfill.convert.copies import Fault, merge_copies
from backfill.convert.cut_rows import lack_amounts, tell_cut_rows
from backfill.convert.groups import Groups
from backfill.convert.meanings import Meanings
from backfill.convert.repeats import Marks, counted, number_of, repeats_in
from backfill.convert.waiting import Waiting
from backfill.counts import exactly
from backfill.event import Code, Problem, Row
from backfill.fields import Locale, parse_number
from backfill.fields.arrow import Flags, Places, Texts, filled, flags_of, listed, pick, put, texts_of
from backfill.files.format import Layout
from backfill.files.marks import HELD_EVENT, HELD_KEY, HELD_WAS
from backfill.files.mended import mended
from backfill.files.rows import FRAME_ROWS, Rows, frames
from backfill.mapping import Mapping
from backfill.storage.digest_map import Match
from backfill.storage.scratch import Scratch


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
        some = counted(self.repeats[places])
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


def columns(rows: Rows, mapping: Mapping) -> dict[str, Texts]:
    """The rows' cells by the names of their columns."""
    return dict(zip(mapping.columns, rows.cells, strict=True))


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
            yield _fold(rows, mapping, locale, groups)


def _alone(rows: Rows, mapping: Mapping) -> Records:
    """Each readable row is a record."""
    owner, source = np.arange(len(rows)), None
    if rows.broken:
        readable = _readable(rows)
        owner, source = np.where(readable, np.cumsum(readable) - 1, -1), np.flatnonzero(readable)
    return Records(rows, Cells(columns(rows, mapping), source), owner)


def _end_of_groups(rows: Rows, mapping: Mapping, most: int) -> int:
    """Where the last group begins, which the next rows may go on with; one of more rows than `most` does not wait."""
    keys = _keys(rows, mapping)
    end = int(np.flatnonzero(_starts(keys))[-1]) if filled(keys[-1:]).any() else len(rows)
    return len(rows) if end == 0 and len(rows) > most else end


def _whole(rows: Rows, mapping: Mapping, locale: Locale, groups: Groups, waiting: Waiting) -> Iterator[Records]:
    """Make records of groups whose rows follow each other; keep the rows of those that are apart."""
    if not len(rows):
        return
    keys = _keys(rows, mapping)
    if rows.broken or groups.neighbours:
        groups.tear(rows, keys, mapping)
    if len(groups.apart):
        wait = filled(keys) & groups.apart.holds(keys)
        wait[list(rows.broken)] = False
        if wait.any():
            waiting.add(rows, keys, np.flatnonzero(wait))
            stay = np.flatnonzero(~wait)
            rows, keys = rows.pick(stay), pick(keys, stay)
    read = pick(keys, _readable(rows)) if rows.broken else keys
    heads = pick(read, _starts(read) & filled(read))
    again = pick(heads, groups.met.add(heads, np.ones(len(heads), np.uint64)) != Match.NEW)
    groups.found.add(again, np.ones(len(again), np.uint64))
    yield _fold(rows, mapping, locale, groups)


def _keys(rows: Rows, mapping: Mapping) -> Texts:
    """The rows' group values. A row that can't be read has that of the row before it: it ends no group."""
    keys = rows.cells[mapping.columns.index(str(mapping.source.group_by))]
    if not rows.broken:
        return keys
    last = np.maximum.accumulate(np.where(_readable(rows), np.arange(len(rows)), -1))
    return pick(pa.concat_arrays([texts_of([""]), keys]), last + 1)


def _readable(rows: Rows) -> Flags:
    readable = np.ones(len(rows), bool)
    readable[list(rows.broken)] = False
    return readable


def _starts(keys: Texts) -> Flags:
    """Where a group begins: another value than the row before, or none at all."""
    starts = np.ones(len(keys), bool)
    starts[1:] = flags_of(pc.not_equal(keys[1:], keys[:-1])) | ~filled(keys[1:])
    return starts


def _fold(rows: Rows, mapping: Mapping, locale: Locale, groups: Groups) -> Records:
    """One record a run of equal group values: of each column the first cell that is not empty, or the sum."""
    keys = _keys(rows, mapping)
    group = np.cumsum(_starts(keys)) - 1
    readable = _readable(rows)
    alive = np.flatnonzero(np.bincount(group[readable]))  # a group none of whose rows can be read is no record
    dense = np.full(int(group.max(initial=-1)) + 1, -1)
    dense[alive] = np.arange(len(alive))
    owner = np.where(readable, dense[group], -1)
    at = np.flatnonzero(readable)
    first = np.diff(owner[at], prepend=-1) != 0
    leads, others = at[first], at[~first]
    repeats, faults = _repeats(rows, owner, mapping, locale, groups.layouts) if mapping.source.sum else (None, [])
    cells = columns(rows, mapping)
    records = Records(rows, Cells(cells, leads), owner, repeats=repeats)
    if mapping.source.sum:
        records.unsummed = cells
    for name, texts in cells.items():
        if name in mapping.source.sum:
            records.cells[name] = _sums(name, texts, records, len(alive), locale)
        elif name != mapping.source.group_by:
            more = _choose(name, texts, records, leads, others)
            if len(more) and name not in mapping.extra:
                _agree(name, texts, records, more, mapping, locale, cells.get(HELD_WAS))
    if HELD_KEY in cells:  # emptied in one row, it is emptied for the record
        emptied = np.unique(owner[~filled(cells[HELD_KEY]) & filled(cells[HELD_EVENT]) & (owner >= 0)])
        records.cells[HELD_KEY] = put(records.cells[HELD_KEY], emptied, [""] * len(emptied))
    for record, name, number in lack_amounts(rows, owner, mapping, groups.layouts):
        reason = f"its row {number} ends before {name}, and may have been cut short"
        records.conflicts.setdefault(record, _disagree(mapping, reason, name))
    for record, column, reason in faults:
        records.conflicts.setdefault(record, _disagree(mapping, reason, column or mapping.source.sum[0]))
        for name in (column,) if column else mapping.source.sum:
            records.unlike.setdefault(name, set()).add(record)
    for record, reason, records.lacking[record] in groups.losses(pick(keys, leads)):
        records.torn.add(record)
        records.conflicts[record] = _disagree(mapping, reason)
    return records


def _repeats(
    rows: Rows, owner: Places, mapping: Mapping, locale: Locale, layouts: Sequence[Layout]
) -> tuple[Marks, list[Fault]]:
    """Which rows are there several times, where columns are added up, and why some records can't be."""

    def compared(name: str, texts: set[str]) -> Callable[[str], Hashable]:
        added = name in mapping.source.sum
        return partial(number_of, locale=locale) if added else Meanings(name, texts, mapping, locale).of

    was = dict(zip(mapping.columns, rows.cells, strict=True)).get(HELD_WAS)
    exported = owner if was is None else np.where(filled(was), -1, owner)
    repeats = repeats_in(rows, exported, layouts, compared)
    return repeats, list(merge_copies(rows, owner, repeats, layouts, compared))


def _disagree(mapping: Mapping, reason: str, column: str = "") -> Problem:
    return Problem(Code.CONFLICTING_ROWS, str(mapping.source.group_by), reason, column)


def _choose(name: str, texts: Texts, records: Records, leads: Places, others: Places) -> Places:
    """Take the first cell of each record that is not empty; return the rows after its first that have one.

    `leads` are the records' first rows, `others` those after them, which are blank in most columns.
    """
    some = filled(texts)
    more = others[some[others]]
    owners = records.owner[more]
    late = np.flatnonzero(~some[leads[owners]])[::-1]  # backwards, so that the first of several is written last
    if len(late):
        source = leads.copy()
        source[owners[late]] = more[late]
        records.cells.choose(name, source)
    return more


def _agree(
    name: str,
    column: Texts,
    records: Records,
    more: Places,
    mapping: Mapping,
    locale: Locale,
    was: Texts | None,
) -> None:
    """Agree on what a column says where a record's rows write it in several ways; another meaning is a conflict.

    `more` are the rows after a record's first that have a cell. `was` is what a reject file says of the rows' cells:
    one that was mended in one of them counts for all.
    """
    owners = records.owner[more]
    now, first = pick(column, more), records.cells.of(name, owners)
    differ = np.flatnonzero(flags_of(pc.not_equal(now, first)))
    if not len(differ):
        return
    written: dict[int, set[str]] = {}
    texts = zip(listed(pick(first, differ)), listed(pick(now, differ)), strict=True)
    for owner, both in zip(owners[differ].tolist(), texts, strict=True):
        written.setdefault(owner, set()).update(both)
    agreed: dict[int, str] = {}
    meanings = Meanings(name, set().union(*written.values()), mapping, locale)
    for record, several in written.items():
        one = None if was is None else mended(name, column, was, np.flatnonzero(records.owner == record))
        one = meanings.common(several) if one is None else one
        if one is None:
            records.unlike.setdefault(name, set()).add(record)
            records.conflicts.setdefault(record, _disagree(mapping, f"its rows disagree in {name}", name))
            continue
        agreed[record] = one
        if any(map(meanings.is_nothing, several)):
            records.nothings.setdefault(name, set()).add(record)
    records.cells[name] = put(records.cells[name], list(agreed), list(agreed.values()))


def _sums(name: str, texts: Texts, records: Records, count: int, locale: Locale) -> Texts:
    """Add a column up over each record's rows, exactly. A cell that is no number stays, for its field to refuse."""
    made = [""] * count
    some = np.flatnonzero(filled(texts) & records.summed)
    owners = records.owner[some]
    several = np.bincount(owners, minlength=count) > 1
    totals: dict[int, Decimal] = {}
    with exactly():
        for record, text in zip(owners.tolist(), listed(pick(texts, some)), strict=True):
            number = parse_number(text, locale)
            if number is not None:
                totals[record] = totals.get(record, Decimal()) + number
            elif not made[record]:
                made[record] = text
                if several[record]:
                    reason = f"a cell of {name} is no number, so its rows can't be added up"
                    records.unsummable.setdefault(record, Problem(Code.INVALID_NUMBER, name, reason, name))
    for record, total in totals.items():
        written = format(total, "f")
        made[record] = made[record] or (written if locale.decimal != "," else written.replace(".", ","))
    return texts_of(made)
