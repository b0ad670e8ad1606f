"""A format: how text holds rows, and how a person gets rows back in it. The others ask a layout's; they never branch.

A further format is a class with these verbs in a module of its own, and its entry in `formats`.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol, TextIO

from backfill.event import Row
from backfill.files.rows import FRAME_ROWS, Layout, Rows
from backfill.mapping import Mapping

if TYPE_CHECKING:
    from backfill.files.open import Part


class Cells(Protocol):
    """The cells of one row, from its own text; of one that can't be read as far as they go."""

    @property
    def marks(self) -> dict[str, str]:
        """What a reject file says of the row, by the marks' names; nothing for a row of an export."""

    def shown(self) -> Iterator[tuple[str, str]]:
        """All cells but marks as they are written, each under the mapping's name for its column, else its own."""

    def said(self, but: Collection[str]) -> frozenset[tuple[str, str]]:
        """What the row says, for two to be compared: its own cells by their names, without these columns."""

    def candidates(self, column: str) -> Iterable[str]:
        """What a row that can't be read may have in a column of the mapping."""


class Marked(NamedTuple):
    """A row for a reject file."""

    row: Row
    rules: tuple[str, ...]  # the texts of MARKS between the row's number and its key
    key: str
    file: str  # that it comes from
    unreadable: bool
    was: str  # the text of WAS


class Marking(NamedTuple):
    """Which marks the rows of a reject file need in addition to MARKS."""

    file: bool
    was: bool
    raw: bool


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
    sparse: bool  # a row may leave out what is empty

    def begins(self, start: str) -> bool:
        """Whether a text that begins so can be in no other format."""

    def has_marks(self, start: str) -> bool:
        """Whether a text that begins so is a reject file's."""

    def heads(self, part: "Part") -> Iterator[Sequence[str]]:
        """The columns' names in whatever may be a part's header, read every way it may be read. Raises SourceError."""

    def layout(self, part: "Part", mapping: Mapping) -> Layout:
        """Where the mapping's columns are in a part. Raises SourceError where one that is required can't be there."""

    def outline(self, part: "Part") -> Outline:
        """All of a part's columns, with no mapping to say which. Raises SourceError where they can't be known."""

    def columns(self, parts: "Sequence[Part]", layouts: Sequence[Layout]) -> Iterator[str]:
        """The names of the input's own columns; one may come again."""

    def has(self, layout: Layout, column: str) -> bool:
        """Whether a part has a column of the mapping; asked once all its rows are read."""

    def lacking(self, parts: "Sequence[Part]", layouts: Sequence[Layout], mapping: Mapping) -> str | None:
        """The sentence for columns that the mapping needs and, now that all is read, no row has; or None."""

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

    def mapped(self, texts: Sequence[str], layout: Layout) -> dict[str, list[str]]:
        """The mapping's columns of rows that are written like this, each cell as `Rows` has it."""

    def write(self, file: TextIO, rows: Iterable[Marked], layouts: Sequence[Layout], marking: Marking) -> None:
        """Write a reject file: its head, and rows that come back as they were. `layouts` are the parts'."""
