"""Glued files: a header that comes again within the rows is skipped; another one ends the input."""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from backfill.errors import SourceError
from backfill.fields.arrow import Words, put
from backfill.files.csv_lines import cells_of, sendable
from backfill.files.format import Layout
from backfill.files.rows import Rows, fold


def pass_over_headers(rows: Rows, layout: Layout, label: str) -> None:
    """Make rows that repeat the header blank, and with them the lines that were above it. Raises SourceError where the
    names come in another order, or others with them: what the rows below hold is no longer what the header says.
    """
    known = _known(layout.header)
    for at in _likely(rows, layout):
        cells = [fold(cell) for cell in cells_of(rows.text(at), layout)]
        filled = [cell for cell in cells if cell]
        number = int(rows.numbers[at])
        if cells == [fold(name) for name in layout.header][: len(cells)] and len(cells) >= layout.named:
            _blank(rows, at)
            layout.passed.append(number)
            below = at + 1
            while below < len(rows) and rows.text(below).strip() in layout.above:
                _blank(rows, below)
                layout.passed.append(int(rows.numbers[below]))
                below += 1
        elif len(filled) > 1 and sum(cell in known for cell in filled) * 2 > len(filled):
            raise SourceError(
                f"{label}: row {number} is a header of its own, with other columns or in another order: files were "
                "glued together; cut them apart there, and give them as a file each"
            )
    for at in [at for at in rows.broken if rows.text(at).strip() in layout.above] if layout.above else ():
        _blank(rows, at)


def _blank(rows: Rows, at: int) -> None:
    rows.broken.pop(at, None)
    rows.cells = [put(cells, [at], [""]) for cells in rows.cells]
    rows.blank.add(at)


def _likely(rows: Rows, layout: Layout) -> Iterator[int]:
    """Which rows may hold names: those with one in each of two columns, or that are none of the header's width."""
    columns = [cells for cells, place in zip(rows.cells, layout.positions, strict=True) if place >= 0][:2]
    if columns:
        names = _words(layout.names)
        some = names.places_in(columns[0])
        if some.size:
            yield from some[np.isin(some, names.places_in(columns[-1]))].tolist()
    yield from list(rows.broken)


@lru_cache
def _known(header: tuple[str, ...]) -> frozenset[str]:
    return frozenset(fold(name) for name in header if name.strip())


@lru_cache
def _words(names: frozenset[str]) -> Words:
    return Words([name for name in names if name and sendable(name)])
