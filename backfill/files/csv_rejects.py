"""Reject files of tables: the marks, and after them the columns of all parts in one header."""

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TextIO

from backfill.files.csv_lines import cells_of, masked
from backfill.files.format import Layout, Marked, Marking
from backfill.files.marks import FILE, MARKS, RAW, WAS


def write_csv(file: TextIO, rows: Iterable[Marked], layouts: Sequence[Layout], marking: Marking) -> None:
    """Write the header, and the rows as the first of the layouts has them; a row that fits it as it was written."""
    header, places = union(layouts)
    first = replace(layouts[0], delimiter=",", line_end="\r\n") if layouts[0].sheet else layouts[0]
    straight = [
        first.quoted and one.quoted and one.delimiter == first.delimiter and own == list(range(len(header)))
        for one, own in zip(layouts, places, strict=True)
    ]
    several = marking.file or header[:1] == [FILE]  # what is there is a mark
    was, raw = marking.was or header[-1:] == [WAS], marking.raw or header[-1:] == [RAW]
    line, mark, end = _writer(first), first.delimiter, first.line_end
    file.write(line([*MARKS, *([FILE] if several else []), *header, *([WAS] if was else []), *([RAW] if raw else [])]))
    file.write(end)
    said = lru_cache(1000)(line)  # most rows are rejected for the same reasons
    for row, rules, key, label, unreadable, packed in rows:
        marks = [key, label] if several else [key]
        more = [packed] * was + [row.text.rstrip("\r\n") if unreadable else ""] * raw
        own = _as_written(row.text, header, mark) if straight[row.part] and not unreadable else None
        if own is None:
            texts = [] if unreadable else cells_of(row.text, layouts[row.part])
            written = line([str(row.number), *rules, *marks, *placed(texts, places[row.part], header), *more])
        else:
            after = _after(more, line, mark) if more else ""
            written = f"{row.number}{mark}{said(rules)}{_after(marks, line, mark)}{mark}{own}{after}"
        file.write(written + end)


def edited(text: str, layout: Layout, cells: dict[str, str]) -> str:
    """A row with other cells, by their columns' names or marks'; one that the layout lacks is no cell."""
    texts = cells_of(text, layout)
    texts += [""] * (len(layout.header) - len(texts))
    named = {layout.header[at]: at for at in reversed(layout.own)} | layout.marks
    named |= {name: at for name, at in zip(layout.columns, layout.positions, strict=True) if at >= 0}
    for name, cell in cells.items():
        if name in named:
            texts[named[name]] = cell
    bare = text.rstrip("\r\n")
    return _writer(layout)(texts) + text[len(bare) :]


def _after(cells: list[str], line: Callable[[Sequence[str]], str], delimiter: str) -> str:
    """Cells as they go on in a line; as they are where they may, as csv takes long to look at each character."""
    text = "".join(cells)
    if text.isprintable() and '"' not in text and delimiter not in text:
        return "".join(delimiter + cell for cell in cells)
    return line(["", *cells])


def _as_written(text: str, header: list[str], delimiter: str) -> str | None:
    """A row's text as it is, where it is one row of the header's width to any reader; or None."""
    bare = text.rstrip("\r\n")
    plain = '"' not in bare and "\r" not in bare and bare.count(delimiter) == len(header) - 1
    return bare if plain else None


def union(layouts: Sequence[Layout]) -> tuple[list[str], list[list[int]]]:
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


def placed(own: list[str], places: list[int], header: list[str]) -> list[str]:
    """A row's cells where the header of all parts has them."""
    cells = [""] * len(header)
    for place, cell in zip(places, own, strict=False):
        if place >= 0:
            cells[place] = cell
    return cells


def _writer(layout: Layout) -> Callable[[Sequence[str]], str]:
    """Writes cells as a line of the layout has them, without the line's end."""
    if not layout.quoted:
        mark = layout.delimiter
        return lambda cells: mark.join(masked(cell, mark) for cell in cells)
    return csv.writer(_Line(), delimiter=layout.delimiter, lineterminator="\r\n").writerow


class _Line:
    """Gives a line back. csv quotes a cell that has characters of a line's end in it, so it must know both of them."""

    def write(self, line: str) -> str:
        return line.removesuffix("\r\n")
