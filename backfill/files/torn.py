"""Torn rows: what a row that can't be read may have had in a column, as there is nearly always a trace of it.

A missing cell may have been before the column or after it, and a stray quote may have glued cells together: whatever is
where the column's cell would then be is a candidate.
"""

import re
from collections.abc import Collection, Iterable

from backfill.files.csv_lines import sendable
from backfill.files.format import Layout


def candidates(text: str, column: str, layout: Layout) -> list[str]:
    """The texts, trimmed, that a row written like this may have in a column of the mapping; none where none is left."""
    return _cleaned(layout.format.cells_of(text, layout).candidates(column), layout)


def placed(text: str, column: str, layout: Layout, others: Collection[str]) -> list[str]:
    """Those of them that are where the column is; `others` are rows near it, which show what could be there instead."""
    return _cleaned(layout.format.cells_of(text, layout).placed(column, others), layout)


def _cleaned(found: Iterable[str], layout: Layout) -> list[str]:
    trimmed = dict.fromkeys(cell.strip() for cell in found)
    return [cell for cell in trimmed if cell and cell not in layout.empty and sendable(cell)]


def shape_of(text: str) -> str:
    """What texts of one kind share: order numbers of one shop look alike."""
    return re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", text))
