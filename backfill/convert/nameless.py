"""Nameless: records without a number, which are likely parts of orders.

Many programs write an order's number, its person and its time in the first of its rows alone. Where columns are added
up over an order's rows, what follows without a number is lost from the sum.

So is one row that lost its number alone. Where it has the name, the person and the time of an order, or two of them and
not the third, that order waits until somebody has looked at the row.
"""

from collections.abc import Iterable, Iterator
from itertools import combinations

import numpy as np

from backfill.convert.conditions import judge
from backfill.convert.expressions import Columns
from backfill.convert.profile import ColumnProfile
from backfill.convert.records import Records
from backfill.fields import Locale
from backfill.fields.arrow import Flags, Places, filled, listed
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


def claims_of(records: Records, mapping: Mapping, locale: Locale) -> Iterator[tuple[int, str]]:
    """The records that would be a purchase if they had a number, each with what says whose part it is."""
    group = {str(mapping.source.group_by)}
    lacking = ~_filled(records, group) if sums_orders(mapping) else np.zeros(len(records), bool)
    if not lacking.any():
        return
    lacking &= _filled(records, mapping.source.sum) & ~_filled(records, mapping.names_of("order_id") - group)
    places = np.flatnonzero(lacking & _would_count(records, mapping, locale))
    for record, (shop, said) in zip(places.tolist(), _told(records, mapping, places), strict=True):
        if len(said) > 1 and ("name" in said or ":" in said["time"]):  # a day alone may be that of another order
            yield record, _spelled(shop, said.items())


def orders_told(records: Records, mapping: Mapping) -> Iterator[tuple[int, str]]:
    """The records that have a number, each with all that may say so of a part of it."""
    places = np.flatnonzero(_filled(records, {str(mapping.source.group_by)}))
    for record, (shop, said) in zip(places.tolist(), _told(records, mapping, places), strict=True):
        for count in (2, 3):
            yield from ((record, _spelled(shop, some)) for some in combinations(said.items(), count))


def _told(records: Records, mapping: Mapping, places: Places) -> Iterator[tuple[str, dict[str, str]]]:
    """Whose and of when records are: the shop, and their name, person and time, as far as they have them."""
    columns = {"name": mapping.names_of("order_name"), "person": mapping.names_of(*_PEOPLE)}
    columns["time"] = mapping.names_of("event_time")
    shops = listed(records.cells.of(mapping.route, places)) if mapping.route else [""] * len(places)
    texts = {
        kind: [listed(records.cells.of(name, places)) for name in sorted(names) if name in records.cells]
        for kind, names in columns.items()
    }
    for at, shop in enumerate(shops):
        firsts = ((kind, next((cells[at] for cells in those if cells[at]), "")) for kind, those in texts.items())
        yield shop, {kind: text for kind, text in firsts if text}


def _spelled(shop: str, said: Iterable[tuple[str, str]]) -> str:
    return "\0".join([shop, *(f"{kind}:{text}" for kind, text in said)])


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
        if template.event_name.value in (None, "purchase"):
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
