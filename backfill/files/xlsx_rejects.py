"""Reject files that are workbooks: every cell a text, the reasons in front, the cell that is wrong in colour."""

from collections.abc import Callable, Iterable, Sequence
from io import UnsupportedOperation
from itertools import chain
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING

from backfill.files.csv_rejects import Head
from backfill.files.format import Layout, MarkedRows, Marking
from backfill.files.marks import MARKS
from backfill.storage.scratch import state_errors

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format as XlsxFormat
    from xlsxwriter.worksheet import Worksheet

SHEET = "Rejects"
_ROWS, _COLUMNS, _CHARACTERS = 1_048_576, 16_384, 32_767  # that a sheet and a cell can hold
_WIDTHS = {"_row": 8, "_event": 12, "_code": 22, "_field": 14, "_column": 20, "_reason": 60, "_key": 24}
_WIDTH = 16
_COLUMN = MARKS.index("_column") - 1  # where a row's rules name the columns that are wrong


class SheetFull(Exception):
    """A workbook can't hold these rows or one of their cells; a text can."""


def write_xlsx(file: IO[bytes], rows: Iterable[MarkedRows], layouts: Sequence[Layout], marking: Marking) -> None:
    """Write the header, and the rows of all parts under it. Raises SheetFull."""
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import FileCreateError

    output = _Output(file)
    with state_errors(), TemporaryDirectory(prefix="backfill-sheet-") as folder:
        book = Workbook(output, {"constant_memory": True, "tmpdir": folder})
        try:
            full = not _fill(book, rows, layouts, marking)
            book.close()  # what it has begun must be ended, whether or not it is wanted
        except FileCreateError as error:  # of a temporary file
            raise error.args[0] from None
        finally:
            failed = output.end()
    if failed is not None:
        raise failed
    if full:
        raise SheetFull


class _Output:
    """The file, for a library that goes on after an error, to end what it began, and prints what that gives.

    So it hears of none: the first one is given at the end, and what is written after it goes nowhere.
    """

    def __init__(self, file: IO[bytes]):
        self._file, self._places = file, file.seekable()
        self._error: OSError | None = None
        self._ended = False

    def end(self) -> OSError | None:
        """Write no more; return the first error."""
        self._do(self._file.flush)
        self._ended = True
        return self._error

    def write(self, data: bytes) -> int:
        self._do(lambda: self._file.write(data))
        return len(data)

    def seek(self, place: int) -> int:
        self._do(lambda: self._file.seek(place))
        return place

    def tell(self) -> int:
        if not self._places:
            raise UnsupportedOperation("a pipe has no places")
        return self._do(self._file.tell)

    def flush(self) -> None:
        self._do(self._file.flush)

    def _do(self, act: Callable[[], int | None]) -> int:
        try:
            return 0 if self._ended or self._error else act() or 0
        except OSError as error:
            self._error = error
            return 0


def _fill(book: "Workbook", rows: Iterable[MarkedRows], layouts: Sequence[Layout], marking: Marking) -> bool:
    """Write the sheet; return whether all of it could be."""
    head, number = Head(layouts, marking), 0
    before = len(MARKS) + head.several
    text, bold = book.add_format({"num_format": "@"}), book.add_format({"num_format": "@", "bold": True})
    wrong = book.add_format({"num_format": "@", "bg_color": "#FFC7CE", "font_color": "#9C0006"})
    sheet = book.add_worksheet(SHEET)
    for at, name in enumerate(head.names):
        sheet.set_column(at, at, _WIDTHS.get(name, _WIDTH), text)
    if not all(_write(sheet, 0, at, name, bold) for at, name in enumerate(head.names)):
        return False
    for number, one in enumerate(chain.from_iterable(rows), 1):
        wrongs = one.rules[_COLUMN].split("|")
        faulty = {before + at for at, name in enumerate(head.own) if name in wrongs}
        written = [(at, cell) for at, cell in enumerate(head.cells(one)) if cell or at in faulty]
        if not all(_write(sheet, number, at, cell, wrong if at in faulty else text) for at, cell in written):
            return False
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(number, 1), len(head.names) - 1)
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{_ROWS}"})
    return True


def _write(sheet: "Worksheet", row: int, column: int, text: str, form: "XlsxFormat") -> bool:
    """Write a cell as text, whatever it begins with; what is no text is spelled out. Returns whether it could be."""
    if row >= _ROWS or column >= _COLUMNS or len(text) > _CHARACTERS:
        return False
    if text:
        sheet.write_string(row, column, text.encode("utf-8", "backslashreplace").decode(), form)
    else:
        sheet.write_blank(row, column, None, form)
    return True
