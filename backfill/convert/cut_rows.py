"""Rows that were cut short, in a file whose rows are all of one width again, as a spreadsheet saves them.

Where columns are added up over a record's rows, the rest of such a row's record would go out with a part of its sum.
What shows them is that they end early: nothing is in the column that matters, nor in any behind it. A mapping that says
that rows may end early (`short_rows: pad`) takes them as they are.

Rows whose id a spreadsheet has damaged may be of the orders next to them as well.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from backfill.convert.nameless import sums_orders, surely_left_out
from backfill.fields import Locale, parse
from backfill.fields.arrow import Flags, Places, filled, pick
from backfill.fields.mend import is_cut, is_error, is_formula
from backfill.files.format import Layout
from backfill.files.rows import Rows
from backfill.mapping import Mapping


def tell_cut_rows(pieces: Iterable[Rows], mapping: Mapping, layouts: Sequence[Layout]) -> Iterator[Rows]:
    """The rows; those that end before the group value, and name no order otherwise, can't be read."""
    group = str(mapping.source.group_by)
    if not sums_orders(mapping) or mapping.source.short_rows == "pad":
        yield from pieces
        return
    for rows in pieces:
        nameless = ~_filled(rows, group, mapping) & ~_named_otherwise(rows, mapping)
        nameless[[*rows.broken, *rows.blank]] = False
        for at in _ending_before(group, rows, nameless, layouts):
            rows.broken[at] = f"it ends before {group}: it was cut short, and nothing says which order it is of"
        yield rows


def damaged_ids(rows: Rows, mapping: Mapping, locale: Locale) -> list[int]:
    """The rows with something to add up whose group value a spreadsheet has damaged, and that name no order otherwise.

    One that has a cell by which `where` leaves it out is of no order.
    """
    if not sums_orders(mapping):
        return []
    values = rows.cells[mapping.columns.index(str(mapping.source.group_by))]
    found = [
        at
        for at in parse("order_id", values, Locale(0)).problems
        if any(of(values[at].as_py()) for of in (is_cut, is_error, is_formula))
    ]
    if not found:
        return []
    some = ~_named_otherwise(rows, mapping) & np.logical_or.reduce(
        [_filled(rows, name, mapping) for name in mapping.source.sum]
    )
    places = np.array([at for at in found if some[at] and at not in rows.broken], np.int64)
    cells = {name: pick(texts, places) for name, texts in zip(mapping.columns, rows.cells, strict=True)}
    left_out: list[int] = places[surely_left_out(cells, len(places), mapping, locale)].tolist()
    return sorted({*places.tolist()} - {*left_out})


def _named_otherwise(rows: Rows, mapping: Mapping) -> Flags:
    """Which rows have something in another column that an order's id is made of."""
    named = np.zeros(len(rows), bool)
    for name in mapping.names_of("order_id") - {mapping.source.group_by}:
        named |= _filled(rows, name, mapping)
    return named


def lack_amounts(
    rows: Rows, owner: Places, mapping: Mapping, layouts: Sequence[Layout]
) -> Iterator[tuple[int, str, int]]:
    """Records of which one row has a part of the amount and another ends before it: record, column, row.

    `owner` says of each row whose it is, -1 for none's.
    """
    if mapping.source.short_rows == "pad":
        return
    for name in sorted(mapping.names_of("amount") & {*mapping.source.sum}):
        some, owned = _filled(rows, name, mapping), owner >= 0
        counted = np.bincount(owner[some & owned], minlength=int(owner.max(initial=-1)) + 1)
        empty = owned & ~some
        empty[empty] = counted[owner[empty]] > 0
        for at in _ending_before(name, rows, empty, layouts):
            yield int(owner[at]), name, int(rows.numbers[at])


def _filled(rows: Rows, name: str, mapping: Mapping) -> Flags:
    return filled(rows.cells[mapping.columns.index(name)])


def _ending_before(column: str, rows: Rows, likely: Flags, layouts: Sequence[Layout]) -> Iterator[int]:
    """Which of the likely rows have nothing in the column, nor behind it."""
    for at in np.flatnonzero(likely).tolist():
        layout = layouts[int(rows.parts[at])]
        if layout.format.cells_of(rows.text(at), layout).end_before(column):
            yield at
