"""A format: how text holds rows, and how a person gets rows back in it. The others ask a layout's; they never branch.

A further format is a class with these verbs in a module of its own, and its entry in `formats`.
"""

import io
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, NamedTuple, Protocol, TextIO

import numpy as np
import pyarrow as pa

from backfill.event import Row
from backfill.fields.arrow import Flags, Places, Texts, listed, pick, texts_of
from backfill.files.part import Part
from backfill.files.rows import AROUND, CODEC, FRAME_ROWS, MARK, Rows, encoded
from backfill.mapping import Mapping


class Shape(NamedTuple):
    """How deep the objects of a JSON text lie: -1 in lines, 0 one after the other, 1 in an array, more in one that lies
    under `keys`, one less than that. Where they have a `wrapper`, each is what is in it under that key.
    """

    level: int = -1
    keys: tuple[str, ...] = ()
    wrapper: str = ""


IN_LINES = Shape()


@dataclass(frozen=True, slots=True)
class Layout:
    """How one part is written, and where in it the mapped columns are.

    `columns` are the mapping's names; `positions` their places in a CSV row, -1 for one that the file lacks. For JSONL
    each column is a dotted path.
    """

    format: "Format"
    columns: tuple[str, ...]
    positions: tuple[int, ...] = ()
    header: tuple[str, ...] = ()  # as wide as the rows are: where all end in a delimiter, with names that are empty
    named: int = 0  # how many of its names come before the empty ones at its end, where rows may end early
    surplus: int = 0  # how many cells behind the names are empty in every row that is whole
    widths: frozenset[int] = frozenset()  # of rows of another width than the header that are whole all the same
    others: frozenset[str] = frozenset()  # what the mapping calls the columns that the header has, and their aliases
    skip: int = 0  # physical lines up to and including the header
    above: frozenset[str] = frozenset()  # the lines above it, and those that belong to it below its names
    delimiter: str = ","
    left_over: str = ""  # the delimiter of another program that is at the lines' ends
    line_end: str = "\n"
    group: int | None = None  # which of `columns` is the group_by
    summed: bool = False  # columns are added up over the rows of a group
    zoned: bool = False  # a time without a zone is one of another zone than UTC
    pad: bool = False
    quoted: bool = True  # False: a quote is a character like any other
    trailer: tuple[str, ...] = ()  # what a row begins with that is no data
    empty: frozenset[str] = frozenset({""})  # cell texts that mean empty
    shape: Shape = IN_LINES  # JSON: where its objects are
    numbers: frozenset[str] = frozenset()  # those of `columns` whose typed numbers are told from texts
    typed: bool = False  # a CSV's rows mark those numbers, in every column
    extra: frozenset[str] = frozenset()  # those of `columns` for a person to see, and marks of a reject file
    marks: dict[str, int] = field(default_factory=dict)  # of a reject file's CSV: where each mark is
    reject_file: bool = False
    source: str = ""  # the part's label in short
    sheet: str = ""  # of a workbook
    header_row: int = 0  # the sheet's row that holds the header
    present: set[str] = field(default_factory=set, compare=False)  # JSONL: mapped paths met so far
    met: list[int] = field(default_factory=list, compare=False)  # JSONL: [1] once an object was read
    passed: list[int] = field(default_factory=list, compare=False)  # rows of this pass that repeat the header
    beside: set[tuple[str, ...]] = field(default_factory=set, compare=False)  # JSON: keys of other arrays of objects
    names: frozenset[str] = field(init=False, compare=False)  # those and the header's, as another file may spell them

    def __post_init__(self) -> None:
        spellings = (str.lower, str.upper, str.title, str.capitalize)
        names = [name.strip(AROUND) for name in (*self.header, *self.others) if name.strip()]
        names += [spelled(name) for name in names for spelled in spellings]
        object.__setattr__(self, "names", frozenset([*names, *(MARK + name for name in names)]))

    @property
    def own(self) -> list[int]:
        """Where the export's own columns are, between a reject file's marks."""
        marks = set(self.marks.values())
        return [at for at in range(len(self.header)) if at not in marks]

    def name_of(self, column: str) -> str:
        """What the file itself calls a column of the mapping."""
        at = self.positions[self.columns.index(column)] if column in self.columns and self.positions else -1
        return self.header[at] if at >= 0 else column


class Cells(Protocol):
    """The cells of one row, from its own text; of one that can't be read as far as they go."""

    @property
    def marks(self) -> dict[str, str]:
        """What a reject file says of the row, by the marks' names; nothing for a row of an export."""

    def shown(self) -> Iterator[tuple[str, str]]:
        """All cells but marks as they are written, each under the mapping's name for its column, else its own."""

    def said(self, but: Collection[str]) -> frozenset[tuple[str, str]]:
        """What the row says, for two to be compared: its own cells by their names, without these columns."""

    def end_before(self, column: str) -> bool:
        """Whether nothing is in a column of the mapping, nor behind it: maybe the row was cut short and filled up."""

    def candidates(self, column: str) -> Iterable[str]:
        """What a row that can't be read may have in a column of the mapping."""

    def placed(self, column: str, others: Collection[str]) -> Iterable[str]:
        """What it has in the column's own place, as far as that is sure; `others` are rows near it that can be read."""


@contextmanager
def lines_into(file: IO[bytes], encoding: str, errors: str) -> Iterator[TextIO]:
    """The file for the body to write text into, line ends as they are."""
    text = io.TextIOWrapper(file, encoding=encoding, errors=errors, newline="")
    yield text
    text.detach()


class Marked(NamedTuple):
    """A row for a reject file."""

    row: Row
    rules: tuple[str, ...]  # the texts of MARKS between the row's number and its key
    key: str
    file: str  # that it comes from
    unreadable: bool
    was: str  # the text of WAS


@dataclass(frozen=True, slots=True)
class MarkedRows:
    """Rows for a reject file, as columns; `said_of` says of each which of `said` are its rules."""

    parts: Places
    numbers: Places
    texts: pa.BinaryArray
    whole: Flags  # read whole, many at once
    said: list[tuple[str, ...]]
    said_of: Places
    keys: Texts
    labels: list[str]  # of the parts
    unreadable: Flags
    was: Texts

    @classmethod
    def of(cls, rows: Iterable[Marked]) -> Iterator["MarkedRows"]:
        """Rows of one part, whichever file each of them says that it comes from."""
        for row, rules, key, label, unreadable, was in rows:
            number, texts, torn = np.array([row.number]), encoded([row.text]), np.array([unreadable])
            first, whole = np.zeros(1, np.int64), np.zeros(1, bool)
            yield cls(first, number, texts, whole, [rules], first, texts_of([key]), [label], torn, texts_of([was]))

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[Marked]:
        return self.at(np.arange(len(self)))

    def at(self, places: Places) -> Iterator[Marked]:
        """Some of the rows, one by one."""
        parts, numbers, said_of = (one[places].tolist() for one in (self.parts, self.numbers, self.said_of))
        texts, unreadable = pick(self.texts, places).to_pylist(), self.unreadable[places].tolist()
        others = listed(pick(self.keys, places)), unreadable, listed(pick(self.was, places))
        for part, number, text, rules, key, unread, was in zip(parts, numbers, texts, said_of, *others, strict=True):
            yield Marked(Row(part, number, text.decode(*CODEC)), self.said[rules], key, self.labels[part], unread, was)


class Marking(NamedTuple):
    """Which marks the rows of a reject file need in addition to MARKS, and how its text is encoded."""

    file: bool
    was: bool
    raw: bool
    encoding: str
    errors: str  # what the codec does with what the encoding lacks


class Outline(NamedTuple):
    """The layout of all columns of a part, and the names in every line that may be its header."""

    layout: Layout
    headers: list[tuple[str, ...]]


class Format(Protocol):
    """One format. It has no state, and is itself again where a layout comes from another process."""

    name: str  # that `source.format` has for it
    suffixes: tuple[str, ...]  # of files' names, that of a new file first
    escapes: str  # the codecs' error handler that spells out what an encoding lacks
    in_spreadsheets: bool  # a spreadsheet opens it, and may change its cells
    delimited: bool  # its cells are what a delimiter makes them
    sparse: bool  # a row may leave out what is empty

    def __reduce__(self) -> str:
        return self.name.upper()  # in its own module

    @property
    def in_text(self) -> "Format":
        """The format that its rows' texts are in."""
        return self

    def begins(self, start: str) -> bool:
        """Whether a text that begins so can be in no other format."""
        return False

    def has_marks(self, start: str) -> bool:
        """Whether a text that begins so is a reject file's."""

    def heads(self, part: Part) -> Iterator[Sequence[str]]:
        """The columns' names in whatever may be a part's header, read every way it may be read. Raises SourceError."""

    def layout(self, part: Part, mapping: Mapping) -> Layout:
        """Where the mapping's columns are in a part. Raises SourceError where one that is required can't be there."""

    def outline(self, part: Part) -> Outline:
        """All of a part's columns, with no mapping to say which. Raises SourceError where they can't be known."""

    def columns(self, parts: Sequence[Part], layouts: Sequence[Layout]) -> Iterator[str]:
        """The names of the input's own columns; one may come again."""

    def has(self, layout: Layout, column: str) -> bool:
        """Whether a part has a column of the mapping; asked once all its rows are read."""

    def lacking(self, parts: Sequence[Part], layouts: Sequence[Layout], mapping: Mapping) -> str | None:
        """The sentence for columns that the mapping needs and, now that all is read, no row has; or None.

        A format whose layouts show all columns has no such sentence: there would have been no layout.
        """
        return None

    def described(self, layout: Layout, encoding: str) -> str:
        """How a part is read, for a person."""

    def rows(
        self, text: TextIO, layout: Layout, part: int = 0, label: str = "", frame: int = FRAME_ROWS
    ) -> Iterator[Rows]:
        """Cut the text of a part into rows, numbered from 1, about `frame` of them at a time.

        Raises SourceError where the whole is not what its head says; a text without a label is an excerpt, and is not
        judged so.
        """

    def cells_of(self, text: str, layout: Layout) -> Cells:
        """The cells of a row that is written like this."""

    def mapped(self, written: pa.BinaryArray, layout: Layout) -> dict[str, Texts]:
        """The mapping's columns of rows that are written like this, each cell as `Rows` has it."""

    def edited(self, text: str, layout: Layout, cells: dict[str, str]) -> str:
        """A row that is written like this, with other cells; their names are those of `Cells.shown`, or marks."""

    def write(self, file: IO[bytes], rows: Iterable[MarkedRows], layouts: Sequence[Layout], marking: Marking) -> None:
        """Write a reject file: its head, and rows that come back as they were. `layouts` are the parts'."""
