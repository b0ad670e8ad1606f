"""Nameless: records of an amount alone, which are likely parts of the orders above them.

Many programs write an order's number, its person and its time in the first of its rows alone. Where columns are added
up over an order's rows, what follows without a number is lost from the sum.
"""

from collections.abc import Iterable

import numpy as np

from backfill.convert.conditions import judge
from backfill.convert.profile import ColumnProfile
from backfill.convert.records import Records
from backfill.fields import Locale
from backfill.fields.arrow import Flags, Places, filled
from backfill.mapping import Condition, Mapping

NAMELESS = (
    "are empty in rows that have an amount, but neither a person nor a time: if they are parts of the orders above "
    "them, these go out with a part of their sums; fill the column down, or say by where that such rows do not count "
    "(present)"
)
_OF_AN_ORDER = ("order_id", "email", "phone", "comet_token", "fingerprint", "tracking_id", "event_time")


def nameless_in(records: Records, mapping: Mapping, locale: Locale) -> Places:
    """The records that have something to add up, and nothing that says of which order, of whom or of when it is.

    Each event is of an order, so they give none. One that has a cell by which `where` leaves it out is of no order.
    """
    group = str(mapping.source.group_by)
    if not (mapping.source.sum and all("order_id" in template.fields for template in mapping.events)):
        return np.empty(0, np.int64)
    told = {name for field in _OF_AN_ORDER for cell in mapping.cells_of(field) for name in cell.names}
    some = ~_filled(records, {group}) & _filled(records, mapping.source.sum)
    if not some.any():
        return np.empty(0, np.int64)
    nowhere = np.ones(len(records), bool)
    for template in mapping.events:
        nowhere &= _left_out(template.where, records, group, locale)
    left_out = nowhere | _left_out(mapping.where, records, group, locale)
    return np.flatnonzero(some & ~_filled(records, told - {*mapping.source.sum}) & ~left_out)


def _left_out(conditions: Iterable[Condition], records: Records, group: str, locale: Locale) -> Flags:
    out = np.zeros(len(records), bool)
    for one in conditions:
        passed, unsure, _ = judge(one, records.cells, locale, ColumnProfile())
        out |= ~(passed | unsure) & (filled(records.cells[one.column]) | (one.column == group))
    return out


def _filled(records: Records, names: Iterable[str]) -> Flags:
    some = np.zeros(len(records), bool)
    for name in names:
        if name in records.cells:
            some |= filled(records.cells[name])
    return some
