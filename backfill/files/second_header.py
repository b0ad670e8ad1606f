"""Glued files: a header that comes again within the rows is skipped; another one ends the input."""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from backfill.errors import SourceError
from backfill.fields.arrow import Words, put
from backfill.files.csv_lines import cells_of, sendable
from backfill.files.format import Layout
from backfill.files.rows import Rows, fold

_LOOKED_AT = 4  # of the mapped columns: two names in them show a header, though others are spelled anew


def pass_over_headers(rows: Rows, layout: Layout, label: str) -> None:
    """Make rows that repeat the header blank, and with them the lines that were above it. Raises SourceError where the
    names come in another order, or others with them: what the rows below hold is no longer what the header says.
    """
    header = [fold(name) for name in layout.header]
    for at in _likely(rows, layout):
        cells = [fold(cell) for cell in cells_of(rows.text(at), layout)]
        number = int(rows.numbers[at])
        if cells == header[: len(cells)] and len(cells) >= layout.named:
            _blank(rows, at)
            layout.passed.append(number)
            below = at + 1
            while below < len(rows) and rows.text(below).strip() in layout.above:
                _blank(rows, below)
                layout.passed.append(int(rows.numbers[below]))
                below += 1
        elif _are_names(cells, layout):
            raise _glued(f"{label}: row {number} is a header of its own")
        elif _are_names(behind := cells[len(header) :], layout) and behind[: len(header) - 1] != header[1:]:
            raise _glued(f"{label}: row {number} has a header at its end and no line break before it")
    for at in [at for at in rows.broken if rows.text(at).strip() in layout.above] if layout.above else ():
        _blank(rows, at)


def _are_names(cells: list[str], layout: Layout) -> bool:
    known = _known(layout.header, layout.others)
    filled = [cell for cell in cells if cell]
    return len(filled) > 1 and sum(cell in known for cell in filled) * 2 > len(filled)


def _glued(what: str) -> SourceError:
    return SourceError(
        f"{what}, with other columns or in another order: files were glued together; cut them apart there, and give "
        "them as a file each"
    )


def _blank(rows: Rows, at: int) -> None:
    rows.broken.pop(at, None)
    rows.cells = [put(cells, [at], [""]) for cells in rows.cells]
    rows.blank.add(at)


def _likely(rows: Rows, layout: Layout) -> Iterator[int]:
    """Which rows may hold names: those with one in two columns, or that are none of the header's width.

    A row that names no more than some of the columns is of another table, unless the first two are among them.
    """
    columns = [cells for cells, place in zip(rows.cells, layout.positions, strict=True) if place >= 0][:_LOOKED_AT]
    names = _words(layout.names)
    some = np.concatenate([np.empty(0, np.int64), *map(names.places_in, columns[:-1] or columns)])
    if some.size:  # nearly never; where it is not, one column more makes no two
        some = np.append(some, names.places_in(columns[-1])) if columns[1:] else some
        for at in np.flatnonzero(np.bincount(some) >= min(2, len(columns))).tolist():
            cells = [column[at].as_py() for column in columns]
            if all(cells) or layout.names.issuperset(cells[:2]):
                yield at
    yield from list(rows.broken)


@lru_cache
def _known(header: tuple[str, ...], others: frozenset[str]) -> frozenset[str]:
    return frozenset(fold(name) for name in (*header, *others) if name.strip())


@lru_cache
def _words(names: frozenset[str]) -> Words:
    return Words([name for name in names if name and sendable(name)])
