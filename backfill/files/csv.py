"""CSV: a header, and rows whose cells are separated by a delimiter."""

from collections.abc import Iterable, Iterator, Sequence
from typing import IO, TextIO

from backfill.errors import counted
from backfill.files import csv_head
from backfill.files.csv_blocks import csv_rows
from backfill.files.csv_cells import CsvCells, mapped
from backfill.files.csv_rejects import edited, write_csv
from backfill.files.format import Format, Layout, MarkedRows, Marking, Outline, lines_into
from backfill.files.head import LINES
from backfill.files.marks import marks_of_header
from backfill.files.part import Part
from backfill.files.quotes import first_record
from backfill.files.rows import FRAME_ROWS, Rows
from backfill.files.second_header import pass_over_headers
from backfill.mapping import Mapping


class Csv(Format):
    """Tables, whatever separates their cells; quoted or not."""

    name = "csv"
    suffixes: tuple[str, ...] = (".csv", ".tsv", ".txt")
    escapes = "backslashreplace"
    in_spreadsheets = True
    delimited = True
    sparse = False
    heads = staticmethod(csv_head.heads)
    cells_of = CsvCells
    mapped = staticmethod(mapped)
    edited = staticmethod(edited)

    def has_marks(self, start: str) -> bool:
        return any(map(marks_of_header, _first_lines(start)))

    def layout(self, part: Part, mapping: Mapping) -> Layout:
        return csv_head.layout_of(part, mapping, self)

    def outline(self, part: Part) -> Outline:
        return csv_head.outline(part, self)

    def columns(self, parts: Sequence[Part], layouts: Sequence[Layout]) -> Iterator[str]:
        return (layout.header[at] for layout in layouts for at in layout.own)

    def has(self, layout: Layout, column: str) -> bool:
        return layout.positions[layout.columns.index(column)] >= 0

    def described(self, layout: Layout, encoding: str) -> str:
        delimiter = {"\t": "tab"}.get(layout.delimiter, layout.delimiter)
        columns = counted(len(layout.header), "column")
        return f"{encoding}, delimiter {delimiter}, header of {columns} in line {layout.skip}"

    def rows(
        self, text: TextIO, layout: Layout, part: int = 0, label: str = "", frame: int = FRAME_ROWS
    ) -> Iterator[Rows]:
        for found in csv_rows(text, layout, part, frame):
            if label:
                pass_over_headers(found, layout, label)
            yield found

    def write(self, file: IO[bytes], rows: Iterable[MarkedRows], layouts: Sequence[Layout], marking: Marking) -> None:
        with lines_into(file, marking.encoding, marking.errors) as text:
            write_csv(text, rows, layouts, marking)


CSV = Csv()


def _first_lines(text: str) -> Iterator[list[str]]:
    """By each of the delimiters that they may have: a spreadsheet or a person puts some above the header."""
    for line in text.splitlines()[:LINES]:
        for delimiter in csv_head.DELIMITERS:
            found = first_record(line, delimiter)
            yield line.split(delimiter) if found is None else found
