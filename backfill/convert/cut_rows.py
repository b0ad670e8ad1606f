"""Rows that were cut short, in a file whose rows are all of one width again, as a spreadsheet saves them.

Where columns are added up over a record's rows, the rest of such a row's record would go out with a part of its sum.
What shows them is that they end early: nothing is in the column that matters, nor in any behind it. A mapping that says
that rows may end early (`short_rows: pad`) takes them as they are.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from backfill.fields.arrow import Flags, Places, filled
from backfill.files.format import Layout
from backfill.files.rows import Rows
from backfill.mapping import Mapping


def tell_cut_rows(pieces: Iterable[Rows], mapping: Mapping, layouts: Sequence[Layout]) -> Iterator[Rows]:
    """The rows; those that end before the group value, and name no order otherwise, can't be read."""
    group = str(mapping.source.group_by)
    named = {group, *_names(mapping, "order_id")}
    orders = all("order_id" in template.fields for template in mapping.events)
    if not (mapping.source.sum and orders) or mapping.source.short_rows == "pad":
        yield from pieces
        return
    for rows in pieces:
        nameless = ~np.logical_or.reduce([_filled(rows, name, mapping) for name in named if name in mapping.columns])
        nameless[[*rows.broken, *rows.blank]] = False
        for at in _ending_before(group, rows, nameless, mapping, layouts):
            rows.broken[at] = f"it ends before {group}: it was cut short, and nothing says which order it is of"
        yield rows


def lack_amounts(
    rows: Rows, owner: Places, mapping: Mapping, layouts: Sequence[Layout]
) -> Iterator[tuple[int, str, int]]:
    """Records of which one row has a part of the amount and another ends before it: record, column, row.

    `owner` says of each row whose it is, -1 for none's.
    """
    if mapping.source.short_rows == "pad":
        return
    for name in sorted(_names(mapping, "amount") & {*mapping.source.sum}):
        some, owned = _filled(rows, name, mapping), owner >= 0
        counted = np.bincount(owner[some & owned], minlength=int(owner.max(initial=-1)) + 1)
        empty = owned & ~some
        empty[empty] = counted[owner[empty]] > 0
        for at in _ending_before(name, rows, empty, mapping, layouts):
            yield int(owner[at]), name, int(rows.numbers[at])


def _names(mapping: Mapping, field: str) -> set[str]:
    """The columns that a field is made of."""
    return {name for template in mapping.events if field in template.fields for name in template.fields[field].names}


def _filled(rows: Rows, name: str, mapping: Mapping) -> Flags:
    return filled(rows.cells[mapping.columns.index(name)])


def _ending_before(
    column: str, rows: Rows, likely: Flags, mapping: Mapping, layouts: Sequence[Layout]
) -> Iterator[int]:
    """Which of the likely rows have nothing in the column, nor behind it."""
    for at in np.flatnonzero(likely).tolist():
        layout = layouts[int(rows.parts[at])]
        if layout.format.cells_of(rows.text(at), layout).end_before(column):
            yield at
