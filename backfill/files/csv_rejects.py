"""Reject files of tables: the marks, and after them the columns of all parts in one header."""

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TextIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from backfill.fields.arrow import (
    Bytes,
    Flags,
    Texts,
    as_text,
    bytes_of,
    cut_out,
    flags_of,
    holds,
    listed,
    pick,
    put,
    sizes,
)
from backfill.files.csv_lines import cells_of, masked
from backfill.files.format import Layout, Marked, MarkedRows, Marking
from backfill.files.marks import FILE, MARKS, RAW, WAS
from backfill.files.rows import CODEC, encoded

Line = Callable[[Sequence[str]], str]  # writes cells as a line


class Head:
    """The first row of a reject file, and each row's cells under it."""

    def __init__(self, layouts: Sequence[Layout], marking: Marking) -> None:
        self._layouts = layouts
        self.own, self.places = union(layouts)
        self.several = marking.file or self.own[:1] == [FILE]  # what is there is a mark
        self.was, self.raw = marking.was or WAS in self.own, marking.raw or RAW in self.own
        self.names = [*MARKS, *[FILE] * self.several, *self.own, *[WAS] * self.was, *[RAW] * self.raw]

    def cells(self, one: Marked) -> list[str]:
        row, own = one.row, [""] * len(self.own)
        texts = [] if one.unreadable else cells_of(row.text, self._layouts[row.part])
        for place, cell in zip(self.places[row.part], texts, strict=False):
            if place >= 0:
                own[place] = cell
        raw = row.text.rstrip("\r\n") if one.unreadable else ""
        marks = [str(row.number), *one.rules, one.key, *[one.file] * self.several]
        return [*marks, *own, *[one.was] * self.was, *[raw] * self.raw]


def write_csv(file: TextIO, rows: Iterable[MarkedRows], layouts: Sequence[Layout], marking: Marking) -> None:
    """Write the header, and the rows as the first of the layouts has them; a row that fits it as it was written."""
    head = Head(layouts, marking)
    first = replace(layouts[0], delimiter=",", line_end="\r\n") if layouts[0].sheet else layouts[0]
    straight = [
        first.quoted and one.quoted and one.delimiter == first.delimiter and own == list(range(len(head.own)))
        for one, own in zip(layouts, head.places, strict=True)
    ]
    line, end = _writer(first), first.line_end
    file.write(line(head.names) + end)
    for some in rows:
        bare = pc.ascii_rtrim(as_text(some.texts), "\r\n")
        kept = np.array(straight)[some.parts] & ~some.unreadable
        kept &= as_written(bare, some.whole & kept, head.own, first.delimiter)
        written = _lines(some, bare, line, first, head)
        anew = np.flatnonzero(~kept)
        lines = [line(head.cells(one)) + end for one in some.at(anew)]
        _write(file, bytes_of(put(written, anew, as_text(encoded(lines)))))


def _write(file: TextIO, lines: Bytes) -> None:
    """Write lines; as the bytes that they are, where the file's encoding has the same."""
    if file.encoding.startswith("utf-8") and lines.max(initial=0) < 128:
        file.flush()
        file.buffer.write(lines.data)
    else:
        file.write(lines.tobytes().decode(*CODEC))


def _lines(some: MarkedRows, own: Texts, line: Line, layout: Layout, head: "Head") -> Texts:
    """The rows' lines, with their own cells as they are written."""
    mark = layout.delimiter
    said, labels = (pa.array([line(["", *one]) for one in those]) for those in (some.said, zip(some.labels)))
    pieces = [pa.array(some.numbers).cast(pa.string()), pick(said, some.said_of), mark, _cells(some.keys, line, mark)]
    if head.several:
        pieces.append(pick(labels, some.parts))
    pieces += [mark, own]
    if head.was:
        pieces += [mark, _cells(some.was, line, mark)]
    return pc.binary_join_element_wise(*pieces, mark * head.raw + layout.line_end, "")


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


def _cells(cells: Texts, line: Line, delimiter: str) -> Texts:
    """Cells as they are in a line; as they are where they may, as csv takes long to look at each character."""
    doubtful = np.flatnonzero(~_plain(cells, delimiter))
    return put(cells, doubtful, [line(["", cell])[len(delimiter) :] for cell in listed(pick(cells, doubtful))])


def _plain(cells: Texts, delimiter: str) -> Flags:
    """Which cells csv writes as they are; those that it need not quote but may are left to it."""
    letters = bytes_of(cells)
    if letters.max(initial=0) > 127 or not delimiter.isascii():
        return np.zeros(len(cells), bool)
    if letters.min(initial=32) > 31 and not holds(cells, '"', delimiter):  # mostly, and in a tenth of the time
        return np.ones(len(cells), bool)
    marks = bytes((*range(32), *b'"', *delimiter.encode()))
    return ~flags_of(pc.match_substring_regex(cells, "[" + "".join(f"\\x{mark:02x}" for mark in marks) + "]"))


def as_written(bare: Texts, whole: Flags, header: list[str], delimiter: str) -> Flags:
    """Which rows' texts are one row of the header's width to any reader, with no quotes but those that csv writes.

    Those that were read `whole` have that width, and are one row.
    """
    plain, others = np.empty(len(bare), bool), pick(bare, ~whole)
    plain[whole] = _quoted_as_csv(pick(bare, whole), delimiter)
    marked = pc.match_substring_regex(others, '["\r]')
    plain[~whole] = ~flags_of(marked) & (pc.count_substring(others, delimiter).to_numpy() == len(header) - 1)
    return plain


def _quoted_as_csv(rows: Texts, delimiter: str) -> Flags:
    """Which rows, whose quotes are in order, are quoted where csv quotes and nowhere else."""
    written, good = bytes_of(rows), np.ones(len(rows), bool)
    quotes = np.flatnonzero(written == ord('"'))
    if not len(quotes):
        return good
    opens, closes = quotes[::2], quotes[1::2]
    of = np.searchsorted(np.cumsum(sizes(rows)), opens, side="right")
    inner = as_text(cut_out(written, opens + 1, closes))
    needed = flags_of(pc.match_substring_regex(inner, f"[\\x{ord(delimiter):02x}\r\n]"))
    twice = (closes[:-1] + 1 == opens[1:]) & (of[:-1] == of[1:])  # a quote in a cell, which parts the cell's text
    needed[:-1] |= twice
    needed[1:] |= twice
    good[of[~needed]] = False
    if holds(rows, "\\"):  # which is a mark to some readers where quotes are
        good[of] &= ~flags_of(pc.match_substring(pick(rows, of), "\\"))
    return good


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


def _writer(layout: Layout) -> Line:
    """Writes cells as a line of the layout has them, without the line's end."""
    if not layout.quoted:
        mark = layout.delimiter
        return lambda cells: mark.join(masked(cell, mark) for cell in cells)
    return csv.writer(_Line(), delimiter=layout.delimiter, lineterminator="\r\n").writerow


class _Line:
    """Gives a line back. csv quotes a cell that has characters of a line's end in it, so it must know both of them."""

    def write(self, line: str) -> str:
        return line.removesuffix("\r\n")
