"""Reject files of tables: the marks, and after them the columns of all parts in one header."""

import csv
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TextIO

from backfill.files.csv_cells import CsvCells
from backfill.files.csv_lines import masked
from backfill.files.format import Marked, Marking
from backfill.files.marks import FILE, MARKS, RAW, WAS
from backfill.files.rows import Layout


def write_csv(file: TextIO, rows: Iterable[Marked], layouts: Sequence[Layout], marking: Marking) -> None:
    """Write the header, and the rows as the first of the layouts has them."""
    header, places = _union(layouts)
    in_place = [own == list(range(len(header))) for own in places]
    several = marking.file or header[:1] == [FILE]  # what is there is a mark
    was, raw = marking.was or header[-1:] == [WAS], marking.raw or header[-1:] == [RAW]
    write = _writer(file, layouts[0])
    write([*MARKS, *([FILE] if several else []), *header, *([WAS] if was else []), *([RAW] if raw else [])])
    for one in rows:
        row, part = one.row, one.row.part
        found = None if one.unreadable else CsvCells(row.text, layouts[part])
        own = found.texts if found else []
        marks = [str(row.number), *one.marks, *([one.file] if several else [])]
        straight = in_place[part] and len(own) == len(header)
        cells = own if straight else _placed(own, places[part], header)
        more = [one.was(found) if found else ""] if was else []
        more += [row.text.rstrip("\r\n") if one.unreadable else ""] if raw else []
        write([*marks, *cells, *more])


def _union(layouts: Sequence[Layout]) -> tuple[list[str], list[list[int]]]:
    """The columns of all parts, in order, and where each part's columns are there (-1: a mark of a reject file)."""
    header: dict[tuple[str, int], int] = {}
    places = []
    for layout in layouts:
        times: dict[str, int] = {}
        own = [-1] * len(layout.header)
        for at in layout.own:
            name = layout.header[at]
            times[name] = times.get(name, 0) + 1
            own[at] = header.setdefault((name, times[name]), len(header))
        places.append(own)
    return [name for name, _ in header], places


def _placed(own: list[str], places: list[int], header: list[str]) -> list[str]:
    """A row's cells where the header of all parts has them."""
    cells = [""] * len(header)
    for place, cell in zip(places, own, strict=False):
        if place >= 0:
            cells[place] = cell
    return cells


def _writer(file: TextIO, layout: Layout) -> Callable[[list[str]], object]:
    """Writes rows as the layout has them."""
    if not layout.quoted:
        mark = layout.delimiter
        return lambda cells: file.write(mark.join(masked(cell, mark) for cell in cells) + layout.line_end)
    return csv.writer(_Lines(file, layout.line_end), delimiter=layout.delimiter, lineterminator="\r\n").writerow


class _Lines(NamedTuple):
    """Gives a row its own line end. csv quotes a cell that has the end's characters in it, so it must know both."""

    file: TextIO
    end: str

    def write(self, row: str) -> None:
        self.file.write(row.removesuffix("\r\n") + self.end)
