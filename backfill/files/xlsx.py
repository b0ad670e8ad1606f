"""Workbooks: the rows of one sheet, read as the table that they are."""

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import IO

from backfill.errors import SourceError, counted, shown
from backfill.files import csv_head
from backfill.files.csv import CSV, Csv
from backfill.files.format import Format, Layout, MarkedRows, Marking, Outline
from backfill.files.head import head
from backfill.files.part import Part
from backfill.files.sheets import others, settle
from backfill.files.workbook import DELIMITER, Workbook
from backfill.files.xlsx_rejects import write_xlsx
from backfill.mapping import Mapping, detect


class Xlsx(Csv):
    """Tables in workbooks. A part of this format has its workbook, or is none."""

    name = "xlsx"
    suffixes = (".xlsx",)
    delimited = False

    @property
    def in_text(self) -> Format:
        return CSV

    def layout(self, part: Part, mapping: Mapping) -> Layout:
        book, asked = _book(part), _of_cells(mapping)
        settle(part, book, lambda: _is_read(lambda: _laid_out(part, asked, self)))
        try:
            layout = _laid_out(part, asked, self)
        except SourceError as error:
            raise SourceError(f"{error}{others(book)}") from None
        made = replace(layout, sheet=book.current, header_row=_header_row(part, layout, book))
        _judge(part, made, mapping, book)
        return made

    def outline(self, part: Part) -> Outline:
        book = _book(part)
        settle(part, book, lambda: any(map(detect, self.heads(part))))
        # an identity and a time are two columns at least; a note has one
        settle(part, book, lambda: _is_read(lambda: len(csv_head.outline(part, self).layout.header) > 1))
        return csv_head.outline(part, self)

    def described(self, layout: Layout, encoding: str) -> str:
        columns = counted(len(layout.header), "column")
        return (
            f"sheet {shown(layout.sheet)}, header of {columns} in its row {layout.header_row}: "
            f"what is called row 1 is its row {layout.header_row + 1}"
        )

    def write(self, file: IO[bytes], rows: Iterable[MarkedRows], layouts: Sequence[Layout], marking: Marking) -> None:
        write_xlsx(file, rows, layouts, marking)


XLSX = Xlsx()


def _book(part: Part) -> Workbook:
    assert part.book is not None
    return part.book


def _of_cells(mapping: Mapping) -> Mapping:
    """The mapping without what it says of text: cells need no quotes, and no sheet is in another encoding."""
    return replace(mapping, source=replace(mapping.source, quoting="standard", delimiter=None, encoding=None))


def _laid_out(part: Part, mapping: Mapping, form: Csv) -> Layout:
    """Where the columns are in the sheet that the workbook is turned to. Raises SourceError where one is missing.

    A table that was opened with the wrong delimiter has all its cells in the first column, and is read by its own.
    """
    try:
        return csv_head.layout_of(part, replace(mapping, source=replace(mapping.source, delimiter=DELIMITER)), form)
    except SourceError:
        return csv_head.layout_of(part, mapping, form)


def _is_read(read: Callable[[], object]) -> bool:
    """Whether the sheet can be read so, and as what is wanted."""
    try:
        return bool(read())
    except SourceError:
        return False


def _header_row(part: Part, layout: Layout, book: Workbook) -> int:
    """The sheet's row that holds the header; its cells, and those above it, may have line breaks."""
    above = list(csv.reader(head(part)[: layout.skip], delimiter=DELIMITER))
    return book.sheet.top + len(above) - 1


def _judge(part: Part, layout: Layout, mapping: Mapping, book: Workbook) -> None:
    """Say which ids are fractions. Raises SourceError where what is read was never worked out."""
    if layout.delimiter != DELIMITER:
        return
    ids = _ids(mapping)
    for column, at in zip(layout.columns, layout.positions, strict=True):
        where = f"{part.label}: sheet {shown(book.current)}, column {shown(layout.header[at])}"
        if rows := [row for row in book.sheet.uncomputed.get(at, ()) if row > layout.header_row]:
            formulas = counted(len(rows), "formula has", "formulas have")
            raise SourceError(
                f"{where}: {formulas} no result (the first is in row {rows[0]}): no program has worked it out; "
                "open it in a spreadsheet, and save it"
            )
        if column in ids and at in book.sheet.fractions:
            count, first = book.sheet.fractions[at]
            numbers = counted(count, "id is a number", "ids are numbers")
            said = (
                f"{where}: {numbers} with a fraction (the first is in row {first}): zeros at the end are lost, and "
                "some may have been no numbers; have the column exported as text"
            )
            part.warnings += [said] if said not in part.warnings else []


def _ids(mapping: Mapping) -> set[str]:
    """The columns whose texts tell orders apart."""
    cells = [
        cell for template in mapping.events for cell in (template.fields.get("order_id"), template.idempotency_key)
    ]
    ids = {name for cell in cells if cell is not None for name in cell.names}
    return ids | ({mapping.source.group_by} if mapping.source.group_by else set())
