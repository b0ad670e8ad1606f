"""Workbooks: the rows of one sheet, read as the table that they are."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import IO

from backfill.errors import SourceError, counted, shown
from backfill.files import csv_head
from backfill.files.csv import CSV, Csv
from backfill.files.format import Format, Layout, MarkedRows, Marking, Outline
from backfill.files.head import head
from backfill.files.part import Part
from backfill.files.rows import fold
from backfill.files.workbook import DELIMITER, Workbook
from backfill.files.xlsx_rejects import write_xlsx
from backfill.mapping import Mapping, detect

_START = 1 << 18  # bytes: a header


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
            raise SourceError(f"{error}{_others(book)}") from None
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


# -- which sheet is read: the one that was named, else the one sheet that fits


def settle(part: Part, book: Workbook, fits: Callable[[], bool]) -> None:
    """Turn a workbook to the one sheet that fits, unless it is settled already. Raises SourceError where several do.

    Where none does, it stays at the first; `fits` judges the sheet that the workbook is turned to.
    """
    if book.settled:
        return
    found, hidden = ([name for name in _turned(book, some) if fits()] for some in (book.visible, book.hidden))
    book.turn_to(found[0] if found else book.visible[0])
    if len(found) > 1:
        raise SourceError(f"{part.label}: the sheets {_list(found)} all fit; {book.advice}")
    if found:
        _settle(part, book)
    if found and hidden:
        left = counted(len(hidden), "hidden sheet has", "hidden sheets have")
        part.warnings.append(
            f"{part.label}: {left} the columns, too, and was not read ({_list(hidden)}); if it counts, {book.advice}"
        )


def name_sheet(part: Part, name: str) -> None:
    """Turn a workbook to a sheet by its name. Raises SourceError where it has none of that name, or is none.

    But for a reject file's: its sheet is called what the program calls it that saved it last.
    """
    book = part.book
    if book is None:
        raise SourceError(f"{part.label}: no workbook, so without a sheet {shown(name)}; leave --sheet out")
    found = [one for one in book.names if one == name] or [one for one in book.names if fold(one) == fold(name)]
    found = found or [one for one in _turned(book, book.visible) if _holds_rejects(book)]
    if not found:
        raise SourceError(f"{part.label}: no sheet is called {shown(name)}; it has {_list(book.names)}")
    book.turn_to(found[0])
    _settle(part, book)


def _holds_rejects(book: Workbook) -> bool:
    text = book.sheet.text
    text.seek(0)
    return CSV.has_marks(text.read(_START).decode("utf-8", "replace"))


def _others(book: Workbook) -> str:
    """What to say of the sheets that were not the one; "" where there was one alone."""
    if book.hidden:
        return f" (its sheets: {_list(book.visible)}; and hidden, which only --sheet has read: {_list(book.hidden)})"
    return f" (its sheets: {_list(book.visible)})" if len(book.visible) > 1 else ""


def _turned(book: Workbook, names: list[str]) -> Iterator[str]:
    """Those of the sheets with anything in them, the workbook turned to each."""
    for name in names:
        book.turn_to(name)
        if book.sheet.size:
            yield name


def _settle(part: Part, book: Workbook) -> None:
    book.settled = True
    part.warnings += book.sheet.remarks
    if rest := [name for name in book.visible if name != book.current and not book.is_empty(name)]:
        part.warnings.append(f"{part.label}: sheet {shown(book.current)} is read, and not {_list(rest)}")


def _list(names: list[str]) -> str:
    more = f" and {len(names) - 9:,} more" if len(names) > 9 else ""
    return ", ".join(map(shown, names[:9])) + more
