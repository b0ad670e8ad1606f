"""A sample of an export: where its header is, and its columns' texts in the first rows and in some further down."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, takewhile
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from backfill.fields.arrow import listed
from backfill.files.format import IN_LINES, Format, Layout
from backfill.files.head import LONGEST_NAME
from backfill.files.marks import marks_of_header
from backfill.files.part import Part
from backfill.files.rows import Rows, frames

Flags = NDArray[np.bool_]
ROWS = 2_000  # that are looked at from the top
PLACES = 8  # further down, each of
BLOCK = 1 << 16  # bytes
NULLS = frozenset(  # how databases and people write an empty cell
    ("NULL", "null", "(null)", "\\N", "N/A", "n/a", "#N/A", "None", "(none)", "-", "--", "?", "??", "\u2014")
)
Cells = NDArray[np.object_]


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
    unnamed: tuple[str, ...] = ()  # columns that a mapping can't name, and why
    headers: tuple[Sequence[str], ...] = ()  # the names of every other line that may be the header

    @property
    def names(self) -> list[str]:
        """The names of the columns that a mapping can name, in their order."""
        return [column.name for column in self.columns]

    @property
    def titles(self) -> tuple[Sequence[str], ...]:
        """The cells of the lines above the header, where a report says what it is about."""
        above = [*takewhile(lambda names: tuple(names) != self.header, self.headers)]
        return tuple(above) if self.skip > 1 and len(above) < self.skip else ()

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)

    def absent(self, text: str) -> str:
        """The text, made a name that no column of the file has, so that a check stops at it."""
        names = {name.strip().casefold() for name in (*self.header, *self.names)}
        while text.casefold() in names:
            text += "?"
        return text

    def only(self, rows: Flags) -> "Sample":
        """The sample with these rows alone."""
        columns = tuple(replace(column, cells=column.cells[rows]) for column in self.columns)
        return replace(self, columns=columns, numbers=tuple(np.array(self.numbers)[rows].tolist()))


def sample_of(part: Part, form: Format) -> Sample:
    """Look at a part whose encoding is known. Raises SourceError where no header can be distinguished from the rows."""
    layout, headers = form.outline(part)
    return replace(_sample(layout, part), headers=tuple(headers))


def _sample(layout: Layout, part: Part) -> Sample:
    pieces = [np.empty((len(layout.header), 0), dtype=object)]
    numbers: list[int] = []
    broken = 0
    for place, rows in enumerate(_rows(part, layout)):
        cells = np.array(list(map(listed, rows.cells)), dtype=object).reshape(len(layout.header), len(rows))
        whole = [at for at, row in enumerate(cells.T) if at not in rows.broken and any(row)]
        pieces.append(cells[:, whole])
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
        layout.format,
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
        return layout.format.rows(text, layout)

    if layout.shape != IN_LINES:
        with part.text() as text:
            yield from (rows.between(0, min(ROWS, len(rows))) for rows in islice(frames(cut(text), ROWS), 1))
        return
    with part.text() as text:
        first = "".join(islice(text, layout.skip + 4 * ROWS))
    for front in islice(frames(cut(io.StringIO(first, newline="")), ROWS), 1):
        yield front.between(0, min(ROWS, len(front)))
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
