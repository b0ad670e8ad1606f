"""The reject file: what a person must look at, in the input's own format, with the reason; it goes straight back in.

Rejects are gathered in a private temporary file while the run lasts and written, sorted by row, at its end.
"""

import codecs
import hashlib
import json
import marshal
import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import IO, NamedTuple

import numpy as np

from backfill.event import Problem, Row
from backfill.fields.arrow import Places, Texts, filled, listed
from backfill.fields.spreadsheet import fragile, guarded
from backfill.files.csv import CSV
from backfill.files.format import Format, Layout, Marked, Marking
from backfill.files.formats import FORMATS, format_at
from backfill.files.marks import HELD_WAS
from backfill.files.mended import pack
from backfill.files.part import Origin
from backfill.files.xlsx_rejects import SheetFull
from backfill.storage import outputs
from backfill.storage.remote.path import FilePath
from backfill.storage.scratch import Scratch

NUMBERED = re.compile(r"(.*\.(?:rejects|missing))(?:-(\d+))?")
_FAULTY = ("invalid_", "missing_", "future_", "too_")  # codes of cells that are wrong, whatever others say
_hashed = re.compile(r"[^:]+:[0-9a-f]{32}").fullmatch
_ROWS = 5_000  # that are looked at together,
_CHARACTERS = 4 << 20  # if they have no more
_BLOCK = 1 << 18  # bytes that are written or read at once, where entries are not longer


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


Rule = tuple[str, str, str, str]  # code, field, column and reason of a broken rule


def rules_of(problems: Iterable[Problem]) -> tuple[Rule, ...]:
    """The broken rules as a reject file has them."""
    return tuple((str(one.code), one.field, one.column, one.reason) for one in problems)


class _Entry(NamedTuple):
    """One event of a rejected row, or the row where it can't be read."""

    row: Row
    event: str
    order_id: str | None
    key: str
    rules: tuple[Rule, ...]
    unreadable: bool

    @property
    def notes(self) -> list[Note]:
        return [Note(self.event, *rule, self.order_id, self.key) for rule in self.rules]


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
        self._end = 0  # of all entries
        self._waiting: list[bytes] = []  # the last entries, which are not in the file yet
        self._written = 0  # the end of those that are
        self._index = array("Q")  # part, row number, offset of each entry
        self._any_raw = False

    def __len__(self) -> int:
        return len(self._index) // 3

    @classmethod
    def restored(cls, file: IO[bytes], gathered: Gathered) -> "Rejects":
        """The rejects that another process gathered into this file."""
        made = cls(file)
        made._index.frombytes(gathered.entries)
        made._end = made._written = gathered.end
        made._any_raw = gathered.any_raw
        return made

    def hand_over(self) -> Gathered:
        """Write all of it to the file, and return what else another process must know to go on with it."""
        self._write_waiting()
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
        """Add a row with what is wrong with one of its events."""
        self.enter((row,), event, rules_of(problems), order_id, key, unreadable)

    def enter(
        self,
        rows: Iterable[Row],
        event: str,
        rules: tuple[Rule, ...],
        order_id: str | None,
        key: str,
        unreadable: bool = False,
    ) -> None:
        """Add all rows of an event."""
        for part, number, text in rows:
            entry = marshal.dumps((text, event, order_id, key, rules, unreadable))
            self._index.extend((part, number, self._end))
            self._waiting.append(entry)
            self._end += len(entry)
        self._any_raw |= unreadable
        if self._end - self._written > _BLOCK:
            self._write_waiting()

    def clear(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._end, self._written, self._any_raw, self._waiting = 0, 0, False, []
        del self._index[:]

    def _write_waiting(self) -> None:
        if self._waiting:
            self._file.seek(self._written)
            self._file.write(b"".join(self._waiting))
            self._waiting, self._written = [], self._end

    def __iter__(self) -> Iterator[tuple[Row, list[Note], bool]]:
        """Each rejected row once, in the input's order, with all that is wrong with it."""
        for found in self._by_row():
            yield found[0].row, _notes_of(found), found[0].unreadable

    def _by_row(self) -> Iterator[list[_Entry]]:
        """The entries of each rejected row, in the input's order."""
        found: list[_Entry] = []
        for entry, begins in self._in_order():
            if begins and found:
                yield found
                found = []
            found.append(entry)
        if found:
            yield found

    def _in_order(self) -> Iterator[tuple[_Entry, bool]]:
        """All entries, in the order of their rows, and which is a row's first; what is in line is read at once."""
        self._write_waiting()
        index = np.array(self._index, np.uint64).reshape(-1, 3).astype(np.int64)
        ends = np.append(index[1:, 2], self._end)
        order = np.lexsort(index[:, ::-1].T)
        begins = iter((np.diff(index[order, :2], axis=0, prepend=-1) != 0).any(axis=1).tolist())
        start = 0
        for stop in (np.flatnonzero(np.diff(order, append=-1) != 1) + 1).tolist():
            first = int(order[start])
            entries = self._read(index[first : first + stop - start], ends[first : first + stop - start])
            yield from zip(entries, begins, strict=False)  # the flags of later entries stay
            start = stop

    def _read(self, index: Places, ends: Places) -> Iterator[_Entry]:
        """Entries that follow each other in the file, a block at a time; each of them ends at its place of `ends`."""
        at = 0
        while at < len(index):
            first = int(index[at, 2])
            after = max(int(np.searchsorted(ends, first + _BLOCK)), at + 1)
            self._file.seek(first)
            block = memoryview(self._file.read(int(ends[after - 1]) - first))
            for part, number, offset in index[at:after].tolist():
                text, *rest = marshal.loads(block[offset - first :])  # noqa: S302 (our own file, never leaves the run)
                yield _Entry(Row(part, number, text), *rest)
            at = after

    def digest(self, origins: Sequence[Origin]) -> str:
        """What only the same rows of the same files have, with the same events' keys."""
        made = hashlib.sha256()
        for row, noted, unreadable in self:
            keys = list(dict.fromkeys((note.event, note.key) for note in noted))
            made.update(json.dumps([origins[row.part].label, row.number, row.text, unreadable, keys]).encode())
        return made.hexdigest()

    def write(self, path: FilePath, origins: Sequence[Origin], layouts: list[Layout], replace: bool) -> FilePath:
        """Write them; return the file's path, the next free one where it must not replace another. Raises OSError.

        What no workbook can hold goes into a CSV of the same name.
        """
        form = format_at(path, layouts[0].format)

        def content(file: IO[bytes]) -> None:
            self._render(file, form, origins, layouts)

        try:
            if not replace:
                return outputs.add(path, content, next_path)
            return outputs.replace(path, content)
        except SheetFull:
            return self.write(path.with_suffix(CSV.suffixes[0]), origins, layouts, replace=False)

    def render(self, file: IO[bytes], origins: Sequence[Origin], layouts: list[Layout]) -> str:
        """Write them into a file as text, and return its encoding."""
        return self._render(file, layouts[0].format.in_text, origins, layouts)

    def _render(self, file: IO[bytes], form: Format, origins: Sequence[Origin], layouts: list[Layout]) -> str:
        encoding, errors = _encoding(origins, layouts[0])
        marking = Marking(file=len(origins) > 1, was=self._guarded(layouts), raw=self._any_raw)
        form.write(file, self._marked(origins, layouts, marking.was), layouts, marking, encoding, errors)
        return encoding

    def _marked(self, origins: Sequence[Origin], layouts: list[Layout], was: bool) -> Iterator[Marked]:
        @lru_cache(1000)
        def joined(part: int, broken: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
            return _joined(broken, layouts[part])

        @lru_cache(1000)
        def rules_alone(part: int, event: str, rules: tuple[Rule, ...]) -> tuple[str, ...]:
            return joined(part, tuple((event, *rule) for rule in rules))

        for some in self._some_rows():
            before = _before(some, layouts) if was else [""] * len(some)
            for found, packed in zip(some, before, strict=True):
                row, event, _, key, broken, unreadable = found[0]
                if len(found) == 1:
                    rules, key = rules_alone(row.part, event, broken), guarded(key) if key and broken else ""
                else:
                    notes = _notes_of(found)
                    rules = joined(row.part, tuple(note[:5] for note in notes))
                    key = "|".join(dict.fromkeys(guarded(note.key) for note in notes if note.key))
                yield Marked(row, rules, key, origins[row.part].label, unreadable, packed)

    def _some_rows(self) -> Iterator[list[list[_Entry]]]:
        """The rows, some at a time, so that their cells are looked at column by column."""
        some: list[list[_Entry]] = []
        size = 0
        for found in self._by_row():
            some.append(found)
            size += len(found[0].row.text)
            if len(some) == _ROWS or size > _CHARACTERS:
                yield some
                some, size = [], 0
        if some:
            yield some

    def _guarded(self, layouts: list[Layout]) -> bool:
        """Whether a spreadsheet might change an event of these rows, or a cell be mended in one row of several."""
        groups: set[str] = set()
        for some in self._some_rows():
            for layout, _, rows, columns in _tables(some, layouts):
                if HELD_WAS in columns and filled(columns[HELD_WAS]).any():
                    return True
                if layout.group is not None:
                    own = [group for group in listed(columns[layout.columns[layout.group]]) if group]
                    before, groups = len(groups), groups.union(own)
                    if len(groups) < before + len(own):
                        return True
                if not layout.format.in_spreadsheets:
                    continue
                for found, *cells in zip(rows, *map(listed, _held(columns, layout).values()), strict=True):
                    keys = [one.key for one in found]
                    risked = (text for text in cells if not any(key.endswith(f":{text}") for key in keys))
                    if any(map(_hashed, keys)) or any(map(fragile, risked)):
                        return True
        return False


def _tables(
    some: list[list[_Entry]], layouts: list[Layout]
) -> Iterator[tuple[Layout, list[int], list[list[_Entry]], dict[str, Texts]]]:
    """The rows that can be read, by part: its layout, their places, and the mapping's columns with a cell a row."""
    for part in dict.fromkeys(found[0].row.part for found in some):
        layout = layouts[part]
        places = [at for at, (one, *_) in enumerate(some) if one.row.part == part and not one.unreadable]
        if places:
            rows = [some[at] for at in places]
            yield layout, places, rows, layout.format.mapped([found[0].row.text for found in rows], layout)


def _before(some: list[list[_Entry]], layouts: list[Layout]) -> list[str]:
    """What `_was` says of each row; of one that comes from a reject file, what it said there."""
    made = [""] * len(some)
    for layout, places, rows, columns in _tables(some, layouts):
        packed = pack(_held(columns, layout), list(map(_faulty, rows)))
        old = listed(columns[HELD_WAS]) if HELD_WAS in columns else packed
        for at, text, kept in zip(places, packed, old, strict=True):
            made[at] = kept or text
    return made


def _faulty(found: list[_Entry]) -> frozenset[str]:
    """The columns of a row's cells that are wrong."""
    return _wrong(found[0].rules) if len(found) == 1 else frozenset().union(*(_wrong(one.rules) for one in found))


@lru_cache(1000)
def _wrong(rules: tuple[Rule, ...]) -> frozenset[str]:
    return frozenset(column for code, _, column, _ in rules if code.startswith(_FAULTY))


def _notes_of(found: list[_Entry]) -> list[Note]:
    """All that is wrong with a row, each once."""
    return list(dict.fromkeys(note for one in found for note in one.notes)) if len(found) > 1 else found[0].notes


def _held(columns: dict[str, Texts], layout: Layout) -> dict[str, Texts]:
    """The columns that an event depends on."""
    return {name: cells for name, cells in columns.items() if name not in layout.extra}


def _joined(found: Iterable[tuple[str, ...]], layout: Layout) -> tuple[str, ...]:
    """_event, _code, _field, _column, _reason: several of each joined with a bar, in step."""
    fields = [(event, code, name, layout.name_of(column), reason) for event, code, name, column, reason in found]
    return tuple("|".join(column) for column in zip(*fields, strict=True))


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


def next_path(path: FilePath) -> FilePath:
    """orders.rejects.csv, orders.rejects-2.csv, orders.rejects-3.csv."""
    found = NUMBERED.fullmatch(path.stem)
    stem, number = (found[1], int(found[2] or 1)) if found else (path.stem, 1)
    return path.with_name(f"{stem}-{number + 1}{path.suffix}")
