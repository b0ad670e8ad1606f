"""The cells of one row of a CSV, from its own text, for what only few rows are asked."""

import io
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from backfill.fields.arrow import Texts, texts_of
from backfill.fields.mend import unguarded
from backfill.files.csv_blocks import csv_rows
from backfill.files.csv_lines import cells_of, sendable, trimmed
from backfill.files.format import Layout
from backfill.files.rows import Rows


class CsvCells:
    """The cells of one row."""

    def __init__(self, text: str, layout: Layout):
        self._text, self._layout, self.texts = text, layout, cells_of(text, layout)

    @property
    def marks(self) -> dict[str, str]:
        return {name: self.texts[at].strip() for name, at in self._layout.marks.items() if at < len(self.texts)}

    def shown(self) -> Iterator[tuple[str, str]]:
        layout = self._layout
        named = dict(zip(layout.positions, layout.columns, strict=True))
        return ((named.get(at, layout.header[at]), self.texts[at]) for at in layout.own)

    def said(self, but: Collection[str]) -> frozenset[tuple[str, str]]:
        """In whatever order the columns are; an empty cell says nothing."""
        layout, cells = self._layout, self.texts
        left_out = {at for name, at in zip(layout.columns, layout.positions, strict=True) if name in but}
        places = (at for at in layout.own if at < len(cells) and at not in left_out)
        return frozenset((layout.header[at].strip(), cell) for at in places if (cell := cells[at].strip()))

    def candidates(self, column: str) -> Iterator[str]:
        """A missing cell may be before the column or after it; a stray quote may have glued cells together."""
        layout = self._layout
        at = layout.positions[layout.columns.index(column)]
        if at < 0:
            return
        own = layout.own
        shapes = {(at, len(layout.header))}  # a row that was in a reject file as written, the export's columns
        shapes |= {(own.index(at), len(own))} if at in own else set()
        for cells in (self.texts, self._text.rstrip("\r\n").replace('"', "").split(layout.delimiter)):
            for place, width in shapes:
                yield from cells[max(place - max(width - len(cells), 0), 0) : place + max(len(cells) - width, 0) + 1]


def mapped(texts: Sequence[str], layout: Layout) -> dict[str, Texts]:
    """The mapping's columns of rows that are written like this."""
    lines = [text if text.endswith(("\n", "\r")) else f"{text}\n" for text in texts]
    found = list(csv_rows(io.StringIO("".join(lines), newline=""), replace(layout, skip=0, left_over=""), 0))
    if not any(rows.broken for rows in found) and [rows.text(at) for rows in found for at in range(len(rows))] == lines:
        return dict(zip(layout.columns, Rows.joined(found).cells, strict=True))
    apart = [cells_of(text, layout) for text in texts]  # next to each other they say something else
    places = zip(layout.columns, layout.positions, strict=True)
    return {name: texts_of([_cell(cells, at, layout) for cells in apart]) for name, at in places}


def _cell(cells: list[str], at: int, layout: Layout) -> str:
    """A cell as `Rows` has it."""
    text = cells[at] if 0 <= at < len(cells) else ""
    return unguarded(trimmed(text, layout)) if sendable(text) else ""
