"""Nameless: records of an amount alone, which are likely parts of the orders above them.

Many programs write an order's number, its person and its time in the first of its rows alone. Where columns are added
up over an order's rows, what follows without a number is lost from the sum.
"""

from collections.abc import Iterable

import numpy as np

from backfill.convert.conditions import judge
from backfill.convert.expressions import Columns
from backfill.convert.profile import ColumnProfile
from backfill.convert.records import Records
from backfill.fields import Locale
from backfill.fields.arrow import Flags, Places, filled
from backfill.files.marks import HELD_CODE
from backfill.mapping import Condition, Mapping

NAMELESS = (
    "are empty in rows that have an amount, but neither a person nor a time: if they are parts of the orders above "
    "them, these go out with a part of their sums; fill the column down, or say by where that such rows do not count "
    "(present)"
)
_OF_AN_ORDER = ("order_id", "email", "phone", "comet_token", "fingerprint", "tracking_id", "event_time")


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
