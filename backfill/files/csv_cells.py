"""The cells of one row of a CSV, from its own text, for what only few rows are asked."""

from collections.abc import Collection, Iterator, Sequence
from itertools import zip_longest

from backfill.fields.mend import GUARDS, unguarded
from backfill.files.csv_lines import cells_of, trimmed
from backfill.files.format import Layout

_ODD = ("\n ", " \n", *(f"\n{guard}" for guard in GUARDS))  # blanks around a cell of a column, and guards


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


def mapped(texts: Sequence[str], layout: Layout) -> dict[str, list[str]]:
    """The mapping's columns of rows that are written like this."""
    rows = [cells_of(text, layout) for text in texts]
    width = max(map(len, rows))
    columns = list(zip_longest(*rows, fillvalue=""))
    places = zip(layout.columns, layout.positions, strict=True)
    return {name: _read(columns[at], layout) if 0 <= at < width else [""] * len(rows) for name, at in places}


def _read(cells: Sequence[str], layout: Layout) -> list[str]:
    """A column's cells as they are read; most are written so."""
    written = "\n".join(["", *cells, ""])
    plain = written.isascii() and written.replace("\n", "").isprintable() and not any(odd in written for odd in _ODD)
    if plain and layout.empty.isdisjoint(filter(None, cells)):
        return list(cells)
    return [cell and unguarded(trimmed(cell, layout)) for cell in cells]
