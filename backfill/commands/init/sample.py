"""A sample of an export: where its header is, and its columns' texts in the first rows and in some further down."""

import csv
import io
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TextIO
from zoneinfo import ZoneInfo

import numpy as np

from backfill.convert.layout import DELIMITERS, LINES, first_objects, head
from backfill.errors import SourceError
from backfill.fields import Reading, parse_number, read_time
from backfill.fields.column import Cells
from backfill.files.csv_blocks import csv_rows
from backfill.files.json_objects import jsonl_rows, read_line
from backfill.files.json_text import pieces
from backfill.files.marks import marks_of_header
from backfill.files.open import Format, Part
from backfill.files.rows import IN_LINES, Layout, Rows, Shape, frames

ROWS = 2_000  # that are looked at from the top
PLACES = 8  # further down, each of
BLOCK = 1 << 16  # bytes
MOST_PATHS = 1_000
NULLS = frozenset(  # how databases and people write an empty cell
    ("NULL", "null", "(null)", "\\N", "N/A", "n/a", "#N/A", "None", "(none)", "-", "--", "\u2014")
)
LONGEST_NAME = 200  # characters; a longer header cell is a text, not a name

_address = re.compile(r"[^\s@]@[^\s@]").search


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, and its trimmed text in each row of the sample, "" where it is one of the `nulls`."""

    name: str
    cells: Cells
    nulls: tuple[str, ...] = ()

    @property
    def filled(self) -> Cells:
        found: Cells = self.cells[self.cells != ""]
        return found


@dataclass(frozen=True, slots=True)
class Sample:
    """What was looked at. `numbers` are the rows' own, 0 for one further down."""

    format: Format
    columns: tuple[Column, ...]  # those that a mapping can name
    numbers: tuple[int, ...] = ()
    header: tuple[str, ...] = ()  # all of it
    broken: int = 0  # rows of the sample that can't be read
    skip: int = 0  # lines up to and including the header
    delimiter: str = ","
    unnamed: tuple[str, ...] = field(default=())  # columns that a mapping can't name, and why

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)


def sample_of(part: Part, form: Format) -> Sample:
    """Look at a part whose encoding is settled. Raises SourceError where no header can be told from the rows."""
    if form == "jsonl":
        shape = _shape(part)
        names = _paths_of(part, shape)
        return _sample(Layout("jsonl", names, header=names, shape=shape), part, form)
    skip, delimiter, names = _csv_header(part)
    layout = Layout("csv", names, tuple(range(len(names))), header=names, skip=skip, delimiter=delimiter)
    return _sample(layout, part, form)


def _sample(layout: Layout, part: Part, form: Format) -> Sample:
    pieces = [np.empty((len(layout.header), 0), dtype=object)]
    numbers: list[int] = []
    broken = 0
    for place, rows in enumerate(_rows(part, layout)):
        whole = [at for at, cells in enumerate(rows.cells.T) if at not in rows.broken and any(cells)]
        pieces.append(rows.cells[:, whole])
        numbers += [0 if place else int(rows.numbers[at]) for at in whole]
        broken += 0 if place else len(rows.broken)  # further down, the first may be half a row
    cells = np.concatenate(pieces, axis=1)
    columns, unnamed, marks = [], [], set(marks_of_header(layout.header).values())
    for at, name in enumerate(layout.header):
        reason = _unusable(name, layout.header)
        if reason:
            unnamed.append(reason)
        elif at not in marks:
            columns.append(_column(name, cells[at].tolist()))
    return Sample(
        form,
        tuple(columns),
        tuple(numbers),
        layout.header,
        broken,
        layout.skip,
        layout.delimiter,
        tuple(dict.fromkeys(unnamed)),
    )


def _column(name: str, texts: list[str]) -> Column:
    nulls = NULLS.intersection(texts)
    cells = ["" if text in nulls else text for text in texts]
    return Column(name, np.array(cells, dtype=object), tuple(sorted(nulls)))


def _unusable(name: str, header: Sequence[str]) -> str | None:
    """Why a mapping can't name this column, or None."""
    if not name.strip():
        return "a column without a name"
    if len(name) > LONGEST_NAME:
        return f"a column whose name has more than {LONGEST_NAME} characters"
    if any("\ud800" <= character <= "\udfff" for character in name):
        return "a column whose name has bytes that are no text in the file's encoding"
    if header.count(name) > 1:
        return f"{name}, which the header has {header.count(name)} times"
    return None


# --- rows


def _rows(part: Part, layout: Layout) -> Iterator[Rows]:
    """The first rows, then some from further down where that costs nothing: in a plain file, by seeking."""

    def cut(text: TextIO) -> Iterator[Rows]:
        lines = layout.format == "jsonl"
        return jsonl_rows(pieces(text, layout.shape), layout, 0) if lines else csv_rows(text, layout, 0)

    if layout.shape != IN_LINES:
        with part.text() as text:
            yield from (rows.slice(0, min(ROWS, len(rows))) for rows in islice(frames(cut(text), ROWS), 1))
        return
    with part.text() as text:
        first = "".join(islice(text, layout.skip + 4 * ROWS))
    for front in islice(frames(cut(io.StringIO(first, newline="")), ROWS), 1):
        yield front.slice(0, min(ROWS, len(front)))
    seen = len(first.encode(part.encoding, "replace"))
    if part.size < 4 * PLACES * BLOCK or part.encoding.lower().startswith(("utf-16", "utf-32")):
        return
    layout = replace(layout, skip=0)
    with part.binary() as stream:
        if stream is not part.raw:
            return
        for start in (part.size * place // (PLACES + 1) for place in range(1, PLACES + 1)):
            if start < seen:
                continue
            stream.seek(start)
            text_block = stream.read(BLOCK).decode(part.encoding, "replace")
            lines = list(io.StringIO(text_block, newline=""))[1:-1]
            yield from islice(frames(cut(io.StringIO("".join(lines), newline="")), ROWS), 1)


def _shape(part: Part) -> Shape:
    """Where the rows are: the outermost objects, unless there is one alone and those in its array have more in them."""
    outer, *inner = first_objects(part)
    if inner and len(outer[1]) <= 1:
        shape, objects = max(inner, key=lambda found: sum(len(one.values) for one in found[1]))
        if not outer[1] or len(objects[0].values) > len(outer[1][0].values):
            return shape
    return outer[0]


def _paths_of(part: Part, shape: Shape) -> tuple[str, ...]:
    """The dotted paths of all values in the first lines, in order; of a list the first item alone."""
    names: dict[str, None] = {}
    with part.text() as text:
        source, seen = pieces(text, shape), 0
        while seen < ROWS and (lines := source.readlines(BLOCK)):
            seen += len(lines)
            for one in (one for line in lines if line.strip() for one in read_line(line.strip())):
                if one.reason is None:
                    names.update(dict.fromkeys(_paths(one.values)))
            if len(names) > MOST_PATHS:
                break
    if not names:
        raise SourceError(f"{part.label}: none of its first {ROWS:,} objects is one with a value in it")
    return tuple(islice(names, MOST_PATHS))


def _paths(found: object, prefix: str = "", depth: int = 0) -> Iterator[str]:
    items: list[tuple[str, object]] = []
    if isinstance(found, dict):
        items = [(key, value) for key, value in found.items() if not prefix or "." not in key]
    elif isinstance(found, list):
        items = [("0", found[0])] if found else []
    for key, value in items:
        if isinstance(value, dict | list) and depth < 8:
            yield from _paths(value, f"{prefix}{key}.", depth + 1)
        elif not isinstance(value, dict | list):
            yield prefix + key


# --- the header of a CSV


def headers(lines: list[str]) -> Iterator[tuple[int, str, tuple[str, ...], list[list[str]]]]:
    """Read every line that may be the header with every delimiter.

    `lines` are the file's first. Yields the lines up to the header's end, the delimiter, the names, the rows below.
    """
    for delimiter in DELIMITERS:
        for start in range(min(len(lines), LINES)):
            reader = csv.reader(lines[start:], delimiter=delimiter)
            try:
                names = next(reader, [])
                skip = start + reader.line_num
                following = [cells for cells in islice(reader, 12) if any(map(str.strip, cells))]
            except csv.Error:
                continue
            if any(map(str.strip, names)):
                yield skip, delimiter, tuple(name.removeprefix("\ufeff") for name in names), following


def _csv_header(part: Part) -> tuple[int, str, tuple[str, ...]]:
    best, place = 0.0, None
    for skip, delimiter, names, following in headers(head(part)):
        score = _likeness(names, following)
        if score > best:
            best, place = score, (skip, delimiter, names)
    if place is None or not _reads_like_names(place[2]):
        raise SourceError(
            f"{part.label}: none of its first {LINES} lines reads like a header; put one with the columns' names on top"
        )
    return place


def _likeness(names: Sequence[str], following: list[list[str]]) -> float:
    """How much like a header: names, distinct, in all cells, above rows of the same width; more columns count more."""
    filled = [name.strip() for name in names if name.strip()]
    if len(names) == 1 and any(mark in names[0] for mark in DELIMITERS):
        return 0.0  # a row of several cells, read with the wrong delimiter
    like = sum(map(_is_name, filled)) / len(filled)
    distinct = len(set(filled)) / len(filled)
    same = sum(len(cells) == len(names) for cells in following) / len(following) if following else 0.5
    return same * like**2 * distinct * len(filled) / len(names) * math.log2(1 + len(names))


def _is_name(text: str) -> bool:
    """Whether a cell may be a column's name: no address, number or time, and not a whole text."""
    reading = Reading(now=0, timezone=ZoneInfo("UTC"), date_order="dmy")
    value = parse_number(text, reading) is not None or read_time(text, reading)
    return not value and not _address(text) and len(text) <= LONGEST_NAME


def _reads_like_names(names: Sequence[str]) -> bool:
    """Whether it is safe to show these cells as names: a file without a header has people in its first line."""
    filled = [name.strip() for name in names if name.strip()]
    return sum(map(_is_name, filled)) * 2 > len(filled) and not any(map(_address, filled))
