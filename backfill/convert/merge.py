"""Merging: rows of one group value become a record: of each column the first cell that is not empty, or the sum.

Rows that disagree in a cell which the mapping reads, or one of which can't be read, are no record to be trusted: its
events would depend on which row is believed. This is checked before anything else: before the conditions, whose columns
may be those that disagree, before the sums, before the ledger.

A row that can't be read belongs to the records whose group value it may have had, wherever they are. Where nothing
that is sure to be its group value looks like one, and columns are summed, it may be a part of the record before or
after it: neither is sent, as its sum might lack that row. Without sums each row has all values of its record, and
nothing is missing.
"""

from collections.abc import Hashable, Iterator, Sequence
from decimal import Decimal
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from backfill.convert.copies import Fault, merge_copies, unread
from backfill.convert.cut_rows import damaged_ids, lack_amounts
from backfill.convert.group_values import group_values
from backfill.convert.groups import Groups
from backfill.convert.meanings import Meanings
from backfill.convert.nameless import claims_of, orders_told
from backfill.convert.overlaps import UNLIKE, merge_overlaps
from backfill.convert.records import Cells, Records
from backfill.convert.repeats import Files, Marks, number_of, repeats_in
from backfill.counts import exactly
from backfill.event import Code, Problem
from backfill.fields import Locale, parse_number
from backfill.fields.arrow import Flags, Places, Texts, filled, flags_of, listed, pick, put, texts_of
from backfill.fields.money import MOST_DIGITS
from backfill.files.format import Layout
from backfill.files.marks import HELD_EVENT, HELD_KEY, HELD_WAS
from backfill.files.rows import Rows
from backfill.files.was import mended
from backfill.mapping import Mapping


def merge_rows(rows: Rows, mapping: Mapping, locale: Locale, groups: Groups) -> Records:
    """One record a run of equal group values: of each column the first cell that is not empty, or the sum."""
    keys = keys_of(rows, mapping)
    group = np.cumsum(starts_of(keys)) - 1
    readable = rows.readable
    alive = np.flatnonzero(np.bincount(group[readable]))  # a group none of whose rows can be read is no record
    dense = np.full(int(group.max(initial=-1)) + 1, -1)
    dense[alive] = np.arange(len(alive))
    owner = np.where(readable, dense[group], -1)
    at = np.flatnonzero(readable)
    first = np.diff(owner[at], prepend=-1) != 0
    leads, others = at[first], at[~first]
    cells = columns(rows, mapping)
    records = Records(rows, Cells(cells, leads), owner)
    for name, texts in cells.items():
        if name == mapping.source.group_by:
            _spell(name, texts, records, others)
        elif name not in mapping.source.sum:
            more = _choose(name, texts, records, leads, others)
            if len(more) and name not in mapping.extra:
                _agree(name, texts, records, more, mapping, locale, cells.get(HELD_WAS))
    faults = _add_up(records, len(alive), mapping, locale, groups.layouts) if mapping.source.sum else []
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
    for place in damaged_ids(rows, mapping, locale):  # whatever `where` says, as others wait for it
        reason = "its id is damaged, and it may be a part of an order next to it"
        problem = Problem(Code.INVALID_ORDER_ID, str(mapping.source.group_by), reason)
        records.conflicts.setdefault(int(owner[place]), problem)
    for record, reason in _claimed(records, mapping, locale, groups):
        records.torn.add(record)
        records.conflicts.setdefault(record, _disagree(mapping, reason))
    for record, reason, records.lacking[record] in groups.losses(pick(keys, leads)):
        records.torn.add(record)
        records.conflicts[record] = _disagree(mapping, reason)
    return records


def _claimed(records: Records, mapping: Mapping, locale: Locale, groups: Groups) -> Iterator[tuple[int, str]]:
    """The records of which a row without a number says that it is theirs, and how to say it."""
    if not mapping.source.sum:
        return
    found, texts = claims_of(records, mapping, locale)
    if len(found):
        groups.claim(texts, records.rows.numbers[records.firsts[found]])
    if len(groups.claimed):
        for places, texts in orders_told(records, mapping):
            yield from ((int(places[at]), reason) for at, reason in groups.claims(texts))


def columns(rows: Rows, mapping: Mapping) -> dict[str, Texts]:
    """The rows' cells by the names of their columns."""
    return dict(zip(mapping.columns, rows.cells, strict=True))


def keys_of(rows: Rows, mapping: Mapping) -> Texts:
    """The rows' group values. A row that can't be read has that of the row before it: it ends no group."""
    keys = group_values(rows.cells[mapping.columns.index(str(mapping.source.group_by))], mapping)
    if not rows.broken:
        return keys
    last = np.maximum.accumulate(np.where(rows.readable, np.arange(len(rows)), -1))
    return pick(pa.concat_arrays([texts_of([""]), keys]), last + 1)


def starts_of(keys: Texts) -> Flags:
    """Where a group begins: another value than the row before, or none at all."""
    starts = np.ones(len(keys), bool)
    starts[1:] = flags_of(pc.not_equal(keys[1:], keys[:-1])) | ~filled(keys[1:])
    return starts


def _add_up(records: Records, count: int, mapping: Mapping, locale: Locale, layouts: Sequence[Layout]) -> list[Fault]:
    """Add columns up over each record's rows, each row once; say why some records can't be added up."""
    records.unsummed, owner = columns(records.rows, mapping), records.owner
    records.repeats, faults = _repeats(records.rows, owner, mapping, locale, layouts, records.files)
    skip = {fault.record for fault in faults} | records.conflicts.keys()
    faults += merge_overlaps(records, skip, mapping, locale, layouts)
    for name in mapping.source.sum:
        records.cells[name] = _sums(name, records.unsummed[name], records, count, locale)
    return [one for one in faults if one.reason != UNLIKE or one.record not in records.unsummable]


def _repeats(
    rows: Rows,
    owner: Places,
    mapping: Mapping,
    locale: Locale,
    layouts: Sequence[Layout],
    files: Files,
) -> tuple[Marks, list[Fault]]:
    """Which rows are there several times, where columns are added up, and why some records can't be."""

    def compared(name: str, texts: set[str]) -> dict[str, Hashable]:
        if name == mapping.source.group_by:
            known = sorted(texts)
            return dict(zip(known, listed(group_values(texts_of(known), mapping)), strict=True))
        added = name in mapping.source.sum
        of = partial(number_of, locale=locale) if added else Meanings(name, texts, mapping, locale).of
        return {text: of(text) for text in texts}

    was = dict(zip(mapping.columns, rows.cells, strict=True)).get(HELD_WAS)
    exported = owner if was is None else np.where(filled(was), -1, owner)
    if was is not None:
        exported[unread(rows, exported, layouts)] = -1
    repeats = repeats_in(rows, exported, layouts, compared, files)
    return repeats, list(merge_copies(rows, owner, repeats, layouts, compared, files))


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


def _spell(name: str, texts: Texts, records: Records, others: Places) -> None:
    """Of the spellings of a record's group value take the same one, whichever row comes first."""
    owners = records.owner[others]
    first = records.cells.of(name, owners)
    differ = np.flatnonzero(flags_of(pc.not_equal(pick(texts, others), first)))
    spelled: dict[int, str] = {}
    both = zip(listed(pick(first, differ)), listed(pick(texts, others[differ])), strict=True)
    for record, several in zip(owners[differ].tolist(), both, strict=True):
        spelled[record] = min(spelled.get(record, several[0]), *several)
    records.cells[name] = put(records.cells[name], list(spelled), list(spelled.values()))


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
                    reason = (
                        f"a cell of {name} is no number of at most {MOST_DIGITS} digits: its rows can't be added up"
                    )
                    records.unsummable.setdefault(record, Problem(Code.INVALID_NUMBER, name, reason, name))
    for record, total in totals.items():
        written = format(total, "f")
        made[record] = made[record] or (written if locale.decimal != "," else written.replace(".", ","))
    return texts_of(made)
