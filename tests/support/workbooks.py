"""Workbooks as another program makes them, and reject files that are some, read cell by cell."""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl

Rows = Iterable[Sequence[Any]]


def workbook(rows: Rows = (), name: str = "Orders", *, more: Mapping[str, Rows] | None = None, **how: Any) -> bytes:
    """A workbook; a cell that is a pair is a value and its number format.

    `how`: `hide` rows, `merge` areas, count days `since_1904`, take formulas and errors for `plain` texts.
    """
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904 if how.get("since_1904") else book.epoch
    for at, (title, cells) in enumerate({name: rows, **(more or {})}.items()):
        sheet = book.active if at == 0 else book.create_sheet()
        sheet.title = title
        for number, row in enumerate(cells, 1):
            for column, cell in enumerate(row, 1):
                value, form = cell if isinstance(cell, tuple) else (cell, None)
                made = sheet.cell(number, column, value)
                made.number_format = form or made.number_format
                if isinstance(value, str) and how.get("plain"):
                    made.data_type = "s"
        for area in how.get("merge", ()):
            sheet.merge_cells(area)
        for number in how.get("hide", ()):
            sheet.row_dimensions[number].hidden = True
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def rewritten(book: bytes, name: str, change: Any) -> bytes:
    """The workbook with one of its files changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(file, "w") as new:
        for one in old.namelist():
            new.writestr(one, change(old.read(one)) if one == name else old.read(one))
    return file.getvalue()


def cells_in(path: str | Path) -> list[dict[str, str]]:
    """The rows of a reject file, each cell a text or empty."""
    header, *rows = openpyxl.load_workbook(path).active.values
    assert all(cell is None or isinstance(cell, str) for row in rows for cell in row)
    return [dict(zip(header, ["" if cell is None else cell for cell in row], strict=True)) for row in rows]
