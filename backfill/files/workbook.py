"""A workbook: its sheets, each as the text of a table whose cells have tabs between them.

A cell reads as a spreadsheet would export it, but for what an export loses: dates and times are in ISO form, numbers
have all of their fifteen digits.
"""

import csv
import io
import re
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import islice
from typing import IO, TYPE_CHECKING, Any
from zipfile import BadZipFile

from backfill.errors import SourceError, counted
from backfill.files.typed_cells import text_of
from backfill.files.workbook_xml import CELLS, Place, Unsaid, days_alone, reach, unsaid, zeros_in_front
from backfill.storage.scratch import Scratch

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

DELIMITER = "\t"
_marked = re.compile("(?:\ufeff|\u00ef\u00bb\u00bf)+").match
Cell = Any  # a text, number, truth, date, time, moment or duration, as the reader has them


@dataclass(slots=True)
class Sheet:
    """A sheet's text, and what a person should know of it. Columns are counted from 0 and rows of the sheet from 1."""

    text: IO[bytes]
    size: int = 0  # bytes of the text
    top: int = 1  # the sheet's row that is the text's first
    fractions: dict[int, tuple[int, int]] = field(default_factory=dict)  # column -> numbers with a fraction, first row
    uncomputed: dict[int, list[int]] = field(default_factory=dict)  # column -> rows of formulas without a result
    remarks: list[str] = field(default_factory=list)


class Workbook:
    """The sheets that a person sees. It is turned to one of them, which is then its text."""

    def __init__(self, file: IO[bytes], label: str) -> None:
        """Open it. Raises SourceError for one that can't be read."""
        from python_calamine import CalamineError, SheetTypeEnum, SheetVisibleEnum, load_workbook

        self.file, self.label = file, label
        self._read: dict[str, Sheet] = {}
        self.settled = False  # it is known which sheet is to be read
        self.advice = "say which with --sheet or source.sheet"  # where several could be
        file.seek(0)
        try:
            self._book = load_workbook(file)
        except (CalamineError, OSError, ValueError) as error:
            raise _unreadable(label, error) from None
        found = [one for one in self._book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
        self.names = [one.name for one in found]
        self.visible = [one.name for one in found if one.visible == SheetVisibleEnum.Visible] or self.names
        if not found:
            raise SourceError(f"{label}: a workbook without a sheet of cells")
        self.current = self.visible[0]

    def close(self) -> None:
        self._book.close()
        for sheet in self._read.values():
            sheet.text.close()

    @property
    def hidden(self) -> list[str]:
        return [name for name in self.names if name not in self.visible]

    def turn_to(self, name: str) -> None:
        self.current = name

    @property
    def sheet(self) -> Sheet:
        """The sheet that it is turned to, read once. Raises SourceError for one that can't be read."""
        if self.current not in self._read:
            found = self._unsaid()  # first: it refuses what the reader would end the process at
            self._read[self.current] = _sheet(self, self._cells(), found)
        return self._read[self.current]

    def is_empty(self, name: str) -> bool:
        """Whether it is known that there is nothing in a sheet."""
        return name in self._read and not self._read[name].size

    def _unsaid(self) -> Unsaid:
        try:
            row, column = reach(self.file, self.current)
            if (row + 1) * (column + 1) > CELLS:
                raise SourceError(
                    f"{self.label}: sheet {self.current} reaches to row {row + 1:,} and to column {column + 1:,}, more "
                    "than can be read; delete what lies far from its table, or save it as CSV"
                )
            return unsaid(self.file, self.current)
        except (BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
            raise _unreadable(f"{self.label}: sheet {self.current}", error) from None

    def _cells(self) -> "CalamineSheet":
        from python_calamine import CalamineError

        try:
            return self._book.get_sheet_by_name(self.current)
        except (CalamineError, OSError, ValueError) as error:
            raise _unreadable(f"{self.label}: sheet {self.current}", error) from None


def _unreadable(what: str, error: Exception) -> SourceError:
    return SourceError(f"{what}: can't be read ({error}); open it in a spreadsheet, and save it anew")


def _sheet(book: Workbook, cells: "CalamineSheet", found: Unsaid) -> Sheet:
    made = Sheet(Scratch("backfill-sheet-"))
    top, left = cells.start or (0, 0)
    made.top = top + 1
    for row, column in found.uncomputed:
        made.uncomputed.setdefault(column - left, []).append(row + 1)
    zeros = zeros_in_front(book.file, book.current)
    with_times, without = _write(cells, made, found, zeros)
    if mixed := with_times & without:  # a moment at midnight is no bare date where others of the column have a time
        _write(cells, made, found, zeros, mixed, days_alone(book.file, book.current))
    made.remarks = [f"{book.label}: sheet {book.current} {what}" for what in _remarks(cells, found)]
    return made


def _write(
    cells: "CalamineSheet",
    made: Sheet,
    found: Unsaid,
    zeros: dict[Place, int],
    moments: Collection[int] = (),
    days: Collection[Place] = (),
) -> tuple[set[int], set[int]]:
    """Write the sheet's text; `moments` are columns in which a date is a moment at midnight, but for these `days`.

    Numbers in the places of `zeros` have so many digits at least: an id that is shown as 00731 is no 731.

    Returns the columns that have moments, and those that have dates.
    """
    with_times: set[int] = set()
    without: set[int] = set()
    made.fractions.clear()
    made.text.seek(0)
    made.text.truncate()
    text = io.TextIOWrapper(made.text, "utf-8", newline="", write_through=True)
    writer = csv.writer(text, delimiter=DELIMITER, lineterminator="\r\n")  # so that it quotes both of them in cells
    left = (cells.start or (0, 0))[1]
    empty: list[list[str]] = []  # rows that are written once another follows
    for number, row in _rows(cells, found):
        for at in [at for at, kind in enumerate(map(type, row)) if kind is not str]:
            cell = row[at]
            kind = type(cell)
            if kind is float and cell % 1:
                count, first = made.fractions.get(at, (0, number))
                made.fractions[at] = count + 1, first
            elif kind is datetime:
                with_times.add(at)
            elif kind is date:
                without.add(at)
                if at in moments and (number - 1, at + left) not in days:
                    cell = datetime.combine(cell, time())
            row[at] = text_of(cell)
            if zeros and kind is float and (width := zeros.get((number - 1, at + left))) and row[at].isdigit():
                row[at] = row[at].zfill(width)
        if not any(row):
            empty.append(row)
            continue
        if number == made.top:
            row[0] = _unmarked(row[0])
        writer.writerows([*empty, row])
        empty = []
    text.flush()
    made.size = made.text.tell()
    text.detach()
    return with_times, without


def _rows(cells: "CalamineSheet", found: Unsaid) -> Iterator[tuple[int, list[Cell]]]:
    """Each row's number in the sheet, from 1, and its cells, those with an error too."""
    top, left = cells.start or (0, 0)
    errors: dict[int, dict[int, str]] = {}
    for (row, column), text in found.errors.items():
        errors.setdefault(row, {})[column - left] = text
    for row, values in enumerate(islice(cells.iter_rows(), top, None) if cells.start else (), top):
        for column, text in errors.get(row, {}).items():
            if 0 <= column < len(values):
                values[column] = text
        yield row + 1, values


def _unmarked(cell: str) -> str:
    """The first cell, without the byte-order mark of a CSV that was opened in another encoding, and its quotes."""
    found = _marked(cell)
    return cell[found.end() :].strip('"') if found else cell


def _remarks(cells: "CalamineSheet", found: Unsaid) -> Iterator[str]:
    end = (cells.end or (0, 0))[0]
    hidden = [row for row in found.hidden if row <= end]
    if hidden:
        yield (
            f"hides {counted(len(hidden), 'row')} (the first is row {hidden[0] + 1}; a filter, perhaps); what it "
            "hides is read like all others"
        )
    merged = [(first, last) for (first, _), (last, _) in cells.merged_cell_ranges or () if last > first]
    if merged:
        first, last = min(merged)
        more = f", and {len(merged) - 1:,} more like it" if len(merged) > 1 else ""
        yield (
            f"has a cell merged over rows {first + 1} to {last + 1}{more}: what is in it is read in the first of these "
            "rows alone, and the others are empty there"
        )
