"""The cells of one row of a CSV, from its own text, for what only few rows are asked."""

import re
from collections.abc import Collection, Iterator

import pyarrow as pa

from backfill.fields.arrow import Texts, texts_of
from backfill.fields.mend import unguarded
from backfill.fields.typed import TYPED
from backfill.files.csv_blocks import cells_in
from backfill.files.csv_lines import cells_of, plain, sendable, trimmed
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
        for at, width in self._shapes(column):
            for cells in (self.texts, self._unquoted):
                yield from cells[max(at - max(width - len(cells), 0), 0) : at + max(len(cells) - width, 0) + 1]

    def placed(self, column: str, others: Collection[str]) -> Iterator[str]:
        """A row with too few cells was mostly cut, maybe within its last: what is before that is where it was.

        Unless this one cell is missing, and those behind it have moved up: none of them shows that it has not.
        """
        readings = [self.texts, self._unquoted] if self._text.count('"') % 2 else [self.texts]
        for at, width in self._shapes(column):
            for cells in readings:
                more = len(cells) - width
                if more >= 0:
                    yield from (cells[at], cells[at + more])
                elif at < len(cells) - 1 and (more < -1 or self._stays(cells, at, others)):
                    yield cells[at]

    def _stays(self, cells: list[str], at: int, others: Collection[str]) -> bool:
        """Whether a cell from this one on, but for the last, is like those of its own column and not of the next."""
        rows = [[_kind(cell) for cell in cells_of(text, self._layout)] for text in others]
        for place, cell in enumerate(cells[at:-1], at):
            own, next_ = ({row[column] for row in rows if column < len(row)} for column in (place, place + 1))
            if next_ and _kind(cell) not in next_ and (place == at or _kind(cell) in own):
                return True
        return False

    def _shapes(self, column: str) -> set[tuple[int, int]]:
        """Where a row has the column, of how many: it may be written with a reject file's marks or without them."""
        layout = self._layout
        at, own = layout.positions[layout.columns.index(column)], layout.own
        if at < 0:
            return set()
        return {(at, len(layout.header))} | ({(own.index(at), len(own))} if at in own else set())

    @property
    def _unquoted(self) -> list[str]:
        return self._text.rstrip("\r\n").replace('"', "").split(self._layout.delimiter)


def _kind(text: str) -> str:
    """Numbers are alike, however long; so are words, and times."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"[\d.,]+", "9", text.strip()))


def mapped(written: pa.BinaryArray, layout: Layout) -> dict[str, Texts]:
    """The mapping's columns of rows that are written like this."""
    columns = cells_in(written, layout)
    if columns is not None:
        return dict(zip(layout.columns, columns, strict=True))
    apart = [cells_of(text.decode(*CODEC), layout) for text in written.to_pylist()]
    rows = [trimmed([_cell(cells, at) for at in layout.positions], layout) for cells in apart]
    return {
        name: texts_of([plain(unguarded(row[at]), layout) for row in rows]) for at, name in enumerate(layout.columns)
    }


def _cell(cells: list[str], at: int) -> str:
    text = cells[at] if 0 <= at < len(cells) else ""
    return text if sendable(text) else ""
