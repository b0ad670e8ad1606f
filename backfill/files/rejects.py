"""The reject file: what a person must look at, in the input's own format, with the reason; it goes straight back in.

Rejects are gathered in a private temporary file while the run lasts and written, sorted by row, at its end.
"""

import codecs
import hashlib
import io
import json
import pickle
import re
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np

from backfill.event import Problem, Row
from backfill.fields.spreadsheet import fragile, guarded
from backfill.files.format import Cells, Marked, Marking
from backfill.files.formats import FORMATS
from backfill.files.marks import HELD_WAS
from backfill.files.mended import pack
from backfill.files.open import Origin
from backfill.files.rows import Layout
from backfill.storage import outputs
from backfill.storage.scratch import Scratch

NUMBERED = re.compile(r"(.*\.(?:rejects|missing))(?:-(\d+))?")
_FAULTY = ("invalid_", "missing_", "future_", "too_")  # codes of cells that are wrong, whatever others say
_hashed = re.compile(r"[^:]+:[0-9a-f]{32}").fullmatch
_perhaps_marked = re.compile(r'"(?:_|\\u005)').search  # a text that begins as a mark does


class Note(NamedTuple):
    """What is wrong with one event of a row; `event` is "" for a row that could not be read.

    `column` is the mapping's column to look at; `key` is the event's, "" where none could be made of sound cells.
    """

    event: str
    code: str
    field: str
    column: str
    reason: str
    order_id: str | None
    key: str


class Gathered(NamedTuple):
    """Where the rejects are in the file that holds them."""

    entries: bytes  # part, row number and offset of each entry, 8 bytes each
    end: int  # bytes
    any_raw: bool  # some row can't be read


class Rejects:
    """The rejects of one run. `add` in any order; `write` once. They wait in `file`, private and temporary."""

    @classmethod
    @contextmanager
    def gather(cls) -> Iterator["Rejects"]:
        with Scratch("backfill-rejects-") as file:
            yield cls(file)

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._end = 0
        self._at_end = False  # the file is there
        self._index = array("Q")  # part, row number, offset of each entry
        self._any_raw = False

    def __len__(self) -> int:
        return len(self._index) // 3

    @classmethod
    def restored(cls, file: IO[bytes], gathered: Gathered) -> "Rejects":
        """The rejects that another process gathered into this file."""
        made = cls(file)
        made._index.frombytes(gathered.entries)
        made._end, made._any_raw = gathered.end, gathered.any_raw
        return made

    @property
    def gathered(self) -> Gathered:
        """What another process must know, as well as the file, to go on with it."""
        return Gathered(self._index.tobytes(), self._end, self._any_raw)

    def add(
        self,
        row: Row,
        event: str,
        problems: Sequence[Problem],
        order_id: str | None = None,
        key: str = "",
        unreadable: bool = False,
    ) -> None:
        notes = [Note(event, str(p.code), p.field, p.column, p.reason, order_id, key) for p in problems]
        self.enter(row, notes, unreadable)

    def enter(self, row: Row, noted: list[Note], unreadable: bool = False) -> None:
        """Add a row with its problems."""
        entry = pickle.dumps((row.text, [tuple(note) for note in noted], unreadable), pickle.HIGHEST_PROTOCOL)
        if not self._at_end:
            self._file.seek(self._end)
        self._at_end = False  # until all of it is written
        self._file.write(entry)
        self._at_end = True
        self._index.extend((row.part, row.number, self._end))
        self._end += len(entry)
        self._any_raw |= unreadable

    def clear(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._end, self._at_end, self._any_raw = 0, True, False
        del self._index[:]

    def __iter__(self) -> Iterator[tuple[Row, list[Note], bool]]:
        """Each rejected row once, in the input's order, with all that is wrong with it."""
        index = np.array(self._index, np.uint64).reshape(-1, 3)
        previous: tuple[Row, list[Note], bool] | None = None
        self._at_end = False
        for at in np.lexsort(index.T[::-1]).tolist():
            part, number, offset = index[at].tolist()
            self._file.seek(offset)
            text, stored, unreadable = pickle.load(self._file)  # noqa: S301 (our own file, never leaves the run)
            noted = [Note(*note) for note in stored]
            if previous and previous[0][:2] == (part, number):
                previous[1].extend(n for n in noted if n not in previous[1])
                continue
            if previous:
                yield previous
            previous = (Row(part, number, text), noted, unreadable)
        if previous:
            yield previous

    def digest(self, origins: Sequence[Origin]) -> str:
        """What only the same rows of the same files have, with the same events' keys."""
        made = hashlib.sha256()
        for row, noted, unreadable in self:
            keys = list(dict.fromkeys((note.event, note.key) for note in noted))
            made.update(json.dumps([origins[row.part].label, row.number, row.text, unreadable, keys]).encode())
        return made.hexdigest()

    def write(self, path: Path, origins: Sequence[Origin], layouts: list[Layout], replace: bool) -> Path:
        """Write them; return the file's path, the next free one where it must not replace another. Raises OSError."""

        def content(file: IO[bytes]) -> None:
            self._render(file, origins, layouts)

        if not replace:
            return outputs.add(path, content, next_path)
        outputs.replace(path, content)
        return path

    def _render(self, file: IO[bytes], origins: Sequence[Origin], layouts: list[Layout]) -> None:
        encoding, errors = _encoding(origins, layouts[0])
        text = io.TextIOWrapper(file, encoding=encoding, errors=errors, newline="")
        marking = Marking(file=len(origins) > 1, was=self._guarded(layouts), raw=self._any_raw)
        layouts[0].format.write(text, self._marked(origins, layouts), layouts, marking)
        text.detach()

    def _marked(self, origins: Sequence[Origin], layouts: list[Layout]) -> Iterator[Marked]:
        for row, noted, unreadable in self:
            layout = layouts[row.part]
            was = partial(_was, noted=noted, layout=layout)
            yield Marked(row, _joined(noted, layout), origins[row.part].label, unreadable, was)

    def _guarded(self, layouts: list[Layout]) -> bool:
        """Whether a spreadsheet might change an event of these rows, or a cell be mended in one row of several."""
        groups: set[str] = set()
        for row, noted, unreadable in self:
            layout = layouts[row.part]
            cells = {} if unreadable else layout.format.cells_of(row.text, layout).mapped
            group = cells.get(layout.columns[layout.group], "") if layout.group is not None else ""
            if group in groups or cells.get(HELD_WAS):
                return True
            keys = [note.key for note in noted]
            held = _held(cells, layout).values()
            risked = (text for text in held if not any(key.endswith(f":{text}") for key in keys))
            if layout.format.in_spreadsheets and (any(map(_hashed, keys)) or any(map(fragile, risked))):
                return True
            groups |= {group} - {""}
        return False


def _was(found: Cells, noted: list[Note], layout: Layout) -> str:
    """What `_was` says of a row of these cells; of one that comes from a reject file, what it said there."""
    cells = found.mapped
    if before := cells.get(HELD_WAS):
        return before
    faulty = {note.column for note in noted if note.code.startswith(_FAULTY)}
    return pack(_held(cells, layout), faulty)


def _held(cells: dict[str, str], layout: Layout) -> dict[str, str]:
    """The cells that an event depends on."""
    return {name: cell for name, cell in cells.items() if name not in layout.extra}


def _joined(noted: list[Note], layout: Layout) -> list[str]:
    """_event, _code, _field, _column, _reason: several of each joined with a bar, in step; and _key, each once."""
    fields = [(note.event, note.code, note.field, layout.name_of(note.column), note.reason) for note in noted]
    keys = dict.fromkeys(guarded(note.key) for note in noted if note.key)
    return ["|".join(column) for column in zip(*fields, strict=True)] + ["|".join(keys)]


def _encoding(origins: Sequence[Origin], layout: Layout) -> tuple[str, str]:
    """The input's own; UTF-8 with a mark where it was guessed or the parts differ. And what is done where it fails."""
    spelled_out = layout.format.escapes
    first = origins[0]
    if first.guessed or any(one.encoding != first.encoding for one in origins):
        return "utf-8-sig", spelled_out
    return first.encoding, _AS_IT_WAS.format(spelled_out) if first.errors == "surrogateescape" else spelled_out


def _as_it_was(error: UnicodeError, spelled_out: str) -> tuple[str | bytes, int]:
    """Give back the bytes that were no text; a character that the encoding lacks is spelled out."""
    try:
        return codecs.lookup_error("surrogateescape")(error)
    except UnicodeError:
        return codecs.lookup_error(spelled_out)(error)


_AS_IT_WAS = "{}-as-it-was"
for _form in FORMATS.values():
    codecs.register_error(_AS_IT_WAS.format(_form.escapes), partial(_as_it_was, spelled_out=_form.escapes))


def next_path(path: Path) -> Path:
    """orders.rejects.csv, orders.rejects-2.csv, orders.rejects-3.csv."""
    found = NUMBERED.fullmatch(path.stem)
    stem, number = (found[1], int(found[2] or 1)) if found else (path.stem, 1)
    return path.with_name(f"{stem}-{number + 1}{path.suffix}")
