"""Nameless: records without a number, which are likely parts of orders.

Many programs write an order's number, its person and its time in the first of its rows alone. Where columns are added
up over an order's rows, what follows without a number is lost from the sum.

So is one row that lost its number alone. Where it has the name, the person and the time of an order, or two of them and
not the third, that order waits until somebody has looked at the row.
"""

from collections.abc import Iterable, Iterator
from itertools import combinations

import numpy as np
import pyarrow.compute as pc

from backfill.convert.conditions import judge
from backfill.convert.expressions import Columns
from backfill.convert.profile import ColumnProfile
from backfill.convert.records import Records
from backfill.fields import Locale
from backfill.fields.arrow import Flags, Places, Texts, either, filled, flags_of, pick, repeated, texts_of
from backfill.files.marks import HELD_CODE
from backfill.mapping import Condition, Mapping

NAMELESS = (
    "are empty in rows that have an amount, but neither a person nor a time: if they are parts of the orders above "
    "them, these go out with a part of their sums; fill the column down, or say by where that such rows do not count "
    "(present)"
)
_PEOPLE = ("email", "phone", "comet_token", "fingerprint", "tracking_id")
_OF_AN_ORDER = ("order_id", *_PEOPLE, "event_time")


def sums_orders(mapping: Mapping) -> bool:
    """Whether columns are added up, and each event is of an order."""
    return bool(mapping.source.sum) and all("order_id" in template.fields for template in mapping.events)


def nameless_in(records: Records, mapping: Mapping, locale: Locale) -> Places:
    """The records that have something to add up, and nothing that says of which order, of whom or of when it is.

    Each event is of an order, so they give none. One that has a cell by which `where` leaves it out is of no order.
    """
    group = str(mapping.source.group_by)
    if not sums_orders(mapping):
        return np.empty(0, np.int64)
    told = mapping.names_of(*_OF_AN_ORDER)
    some = ~_filled(records, {group}) & _filled(records, mapping.source.sum)
    if not some.any():
        return np.empty(0, np.int64)
    if HELD_CODE in records.cells:  # a reject file's have been judged
        some &= ~filled(records.cells[HELD_CODE])
    left_out = surely_left_out(records.cells, len(records), mapping, locale)
    return np.flatnonzero(some & ~_filled(records, told - {*mapping.source.sum}) & ~left_out)


def claims_of(records: Records, mapping: Mapping, locale: Locale) -> tuple[Places, Texts]:
    """The records that would be a purchase if they had a number, and what says whose part each is."""
    group = {str(mapping.source.group_by)}
    lacking = ~_filled(records, group) if sums_orders(mapping) else np.zeros(len(records), bool)
    if lacking.any():
        lacking &= _filled(records, mapping.source.sum) & ~_filled(records, mapping.names_of("order_id") - group)
    if lacking.any():
        lacking &= _would_count(records, mapping, locale)
    places = np.flatnonzero(lacking)
    if not len(places):
        return places, texts_of([])
    shops, said = _told(records, mapping, places)
    has = {kind: filled(texts) for kind, texts in said.items()}
    timed = flags_of(pc.match_substring(said["time"], ":"))  # a day alone may be that of another order
    telling = np.flatnonzero((np.sum([*has.values()], axis=0) > 1) & (has["name"] | timed))
    return places[telling], pick(_spelled(shops, said), telling)


def orders_told(records: Records, mapping: Mapping) -> Iterator[tuple[Places, Texts]]:
    """The records that have a number, with what may say so of a part of them: of each two of its kinds, and of all."""
    places = np.flatnonzero(_filled(records, {str(mapping.source.group_by)}))
    shops, said = _told(records, mapping, places)
    for count in (2, 3):
        for some in combinations(said, count):
            here = np.flatnonzero(np.logical_and.reduce([filled(said[kind]) for kind in some]))
            if len(here):
                yield places[here], _spelled(pick(shops, here), {kind: pick(said[kind], here) for kind in some})


def _told(records: Records, mapping: Mapping, places: Places) -> tuple[Texts, dict[str, Texts]]:
    """Whose and of when records are: the shops, and their names, persons and times, "" where they lack them."""
    columns = {"name": mapping.names_of("order_name"), "person": mapping.names_of(*_PEOPLE)}
    columns["time"] = mapping.names_of("event_time")
    none = repeated("", len(places))
    said = dict.fromkeys(columns, none)
    for kind, names in columns.items():
        for name in sorted(names):
            if name in records.cells:
                said[kind] = either(filled(said[kind]), said[kind], records.cells.of(name, places))
    return records.cells.of(mapping.route, places) if mapping.route else none, said


def _spelled(shops: Texts, said: dict[str, Texts]) -> Texts:
    parts = [
        either(filled(texts), pc.binary_join_element_wise(f"\0{kind}:", texts, ""), "") for kind, texts in said.items()
    ]
    return pc.binary_join_element_wise(shops, *parts, "")


def _would_count(records: Records, mapping: Mapping, locale: Locale) -> Flags:
    """Which records meet the conditions of an event that needs a number."""

    def meets(conditions: Iterable[Condition]) -> Flags:
        met = np.ones(len(records), bool)
        for one in conditions:
            if all(name in records.cells for name in one.names):  # else a lookup's, which is not there yet
                passed, unsure, _ = judge(one, records.cells, locale, ColumnProfile())
                met &= passed | unsure
        return met

    some = np.zeros(len(records), bool)
    for template in mapping.events:
        named = template.fields["order_id"].default  # then a row without a number goes out as that: none is lost
        if template.event_name.value in (None, "purchase") and not named:
            some |= meets(template.where)
    return some & meets(mapping.where)


def surely_left_out(cells: Columns, count: int, mapping: Mapping, locale: Locale) -> Flags:
    """Of so many rows, or records, those that `where` leaves out by what is in a cell, not by what is missing."""

    def any_of(conditions: Iterable[Condition]) -> Flags:
        out = np.zeros(count, bool)
        for one in conditions:
            if any(name not in cells for name in one.names):
                continue  # a lookup's, which is not there yet
            passed, unsure, _ = judge(one, cells, locale, ColumnProfile())
            out |= ~(passed | unsure) & (filled(cells[one.column]) | (one.column == mapping.source.group_by))
        return out

    nowhere = np.ones(count, bool)
    for template in mapping.events:
        nowhere &= any_of(template.where)
    return nowhere | any_of(mapping.where)


def _filled(records: Records, names: Iterable[str]) -> Flags:
    some = np.zeros(len(records), bool)
    for name in names:
        if name in records.cells:
            some |= filled(records.cells[name])
    return some
