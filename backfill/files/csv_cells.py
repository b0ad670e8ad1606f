"""The cells of one row of a CSV, from its own text, for what only few rows are asked."""

from collections.abc import Collection, Iterator

import pyarrow as pa

from backfill.fields.arrow import Texts, texts_of
from backfill.fields.mend import unguarded
from backfill.fields.typed import TYPED
from backfill.files.csv_blocks import cells_in
from backfill.files.csv_lines import cells_of, sendable, trimmed
from backfill.files.format import Layout
from backfill.files.rows import CODEC, fold


class CsvCells:
    """The cells of one row."""

    def __init__(self, text: str, layout: Layout):
        text = text.replace(TYPED, "") if layout.typed else text
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
        return frozenset((fold(layout.header[at]), cell) for at in places if (cell := cells[at].strip()))

    def end_before(self, column: str) -> bool:
        layout = self._layout
        at = layout.positions[layout.columns.index(column)]
        own = set(layout.own)
        behind = (cell for place, cell in enumerate(self.texts) if place >= at and place in own)
        return at >= 0 and not any(map(str.strip, behind))

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


def mapped(written: pa.BinaryArray, layout: Layout) -> dict[str, Texts]:
    """The mapping's columns of rows that are written like this."""
    columns = cells_in(written, layout)
    if columns is not None:
        return dict(zip(layout.columns, columns, strict=True))
    apart = [cells_of(text.decode(*CODEC), layout) for text in written.to_pylist()]
    rows = [trimmed([_cell(cells, at) for at in layout.positions], layout) for cells in apart]
    return {name: texts_of([unguarded(row[at]) for row in rows]) for at, name in enumerate(layout.columns)}


def _cell(cells: list[str], at: int) -> str:
    text = cells[at] if 0 <= at < len(cells) else ""
    return text if sendable(text) else ""
