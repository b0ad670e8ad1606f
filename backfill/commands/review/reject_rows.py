"""Reject rows: the reject file as a check would write it, row by row, with which order each is of and what is wrong.

It waits in temporary files without a name. Mending edits its rows, and saving writes it, so that what is judged here
is what `upload` will read.
"""

import hashlib
import io
import json
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, NamedTuple

from backfill.convert.layout import layouts_of
from backfill.event import Code, Row
from backfill.fields.arrow import listed
from backfill.files import read_rows
from backfill.files.format import Format, Layout, Marked, MarkedRows, Marking
from backfill.files.marks import FILE, KEY, MARKS, RAW, WAS
from backfill.files.part import Origin, Part, stamp_of
from backfill.files.rejects import Note
from backfill.mapping import Mapping
from backfill.storage.scratch import state_errors
from backfill.survey.passes import Survey

PAGE = 50  # orders that are shown together
_TABLES = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -8000;
CREATE TABLE owned (part INTEGER, row INTEGER, owner INTEGER, PRIMARY KEY (part, row)) WITHOUT ROWID;
CREATE TABLE rows (
    at INTEGER PRIMARY KEY, owner INTEGER, part INTEGER, row INTEGER, text BLOB, grouped TEXT, notes TEXT);
CREATE TABLE codes (code TEXT, owner INTEGER, PRIMARY KEY (code, owner)) WITHOUT ROWID;
"""
_COUNTED = """
INSERT OR IGNORE INTO codes SELECT fault.value ->> 0, owner FROM rows, json_each(notes) fault
WHERE fault.value ->> 2 <> '' OR NOT EXISTS (  -- what a condition can't judge may be a field's fault already
    SELECT 1 FROM json_each(notes) own WHERE own.value ->> 2 <> '' AND own.value ->> 2 = fault.value ->> 1)
"""
_INDICES = "CREATE INDEX by_owner ON rows (owner); CREATE INDEX by_group ON rows (grouped);"


class Fault(NamedTuple):
    """A rule that an event of a row broke; `column` is the mapping's."""

    code: str
    field: str
    column: str
    reason: str


class RejectRow(NamedTuple):
    """A row of the reject file: where it comes from, its line there, and what is wrong with it."""

    part: int
    number: int
    text: str
    faults: tuple[Fault, ...]

    @property
    def place(self) -> tuple[int, int]:
        return self.part, self.number


class RejectRows:
    """The reject file of one survey. Raises StateError where the disk is full."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._db.executescript(_TABLES)
        self._stack = ExitStack()
        self.header = self._digest = ""
        self.layout: Layout | None = None
        self.mapping: Mapping | None = None  # with the marks
        self.origin: Origin | None = None

    def close(self) -> None:
        self._stack.close()
        self._db.close()

    def own(self, owner: int, places: Iterable[tuple[int, int]]) -> None:
        """Note the rows of a rejected order."""
        self._db.executemany("INSERT INTO owned VALUES (?, ?, ?)", [(*place, owner) for place in places])

    def fill(self, survey: Survey) -> None:
        """Write the reject file aside, and take its rows in; every rejected order's rows are noted before."""
        if not len(survey.rejects):
            return
        with state_errors():
            file = self._stack.enter_context(tempfile.TemporaryFile(prefix="backfill-review-"))  # noqa: SIM115
            encoding = survey.rejects.render(file, survey.origins, survey.layouts)
        part = _part(file, encoding, survey)
        self.mapping, (self.layout,) = _laid_out(part, survey)
        self.origin = part.origin
        with part.text() as text:
            self.header = "".join(text.readline() for _ in range(self.layout.skip))
        self._db.execute("BEGIN")
        self._db.executemany("INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?)", self._read(part, survey))
        self._db.execute(_COUNTED)
        self._db.executescript(_INDICES)

    def _read(self, part: Part, survey: Survey) -> Iterator[tuple[object, ...]]:
        """Each row of the file, next to the reject that it was written for."""
        assert self.layout is not None and self.mapping is not None
        rejects = iter(survey.rejects)
        at = 0
        for rows in read_rows([part], [self.layout]):
            groups = listed(rows.cells[self.layout.group]) if self.layout.group is not None else [""] * len(rows)
            for place in range(len(rows)):
                row, notes, unreadable = next(rejects)
                faults = dict.fromkeys((note.code, note.field, note.column, note.reason) for note in notes)
                text = self._line(row, notes, survey) if unreadable else rows.text(place)
                written = text.encode("utf-8", "surrogatepass")
                owner = self._owner(row.part, row.number)
                grouped = groups[place].encode("utf-8", "replace").decode()
                yield at, owner, row.part, row.number, written, grouped, json.dumps(list(faults))
                at += 1

    def _line(self, row: Row, notes: list[Note], survey: Survey) -> str:
        """The line of a row that can't be read, which is read as the row itself."""
        assert self.layout is not None
        said = (str(row.number), "", notes[0].code, "", "", notes[0].reason, "")
        marks = dict(zip(MARKS, said, strict=True)) | {FILE: survey.origins[row.part].label}
        kept = {name: text for name, text in marks.items() if name != FILE or len(survey.origins) > 1}
        blank = "{}" if self.layout.format.sparse else ""
        return self.layout.format.edited(blank, self.layout, kept | {RAW: row.text.rstrip("\r\n")})

    def _owner(self, part: int, number: int) -> int:
        found = self._db.execute("SELECT owner FROM owned WHERE part = ? AND row = ?", (part, number)).fetchone()
        return int(found[0]) if found else -1

    # -- what there is -----------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        """How many orders are rejected."""
        return int(self._rows("SELECT COUNT(DISTINCT owner) FROM rows")[0][0])

    def digest(self) -> str:
        """Of all rows as they were read: a file that was written of other ones is another file."""
        if not self._digest:
            found = hashlib.sha256(self.header.encode("utf-8", "surrogatepass"))
            for row in self.all():
                found.update(row.text.encode("utf-8", "surrogatepass"))
            self._digest = found.hexdigest()
        return self._digest

    def codes(self) -> list[tuple[str, int]]:
        """How many orders have each code, the most frequent first."""
        return self._rows("SELECT code, COUNT(*) FROM codes GROUP BY code ORDER BY COUNT(*) DESC, code")

    def owners(self, code: str, page: int) -> list[int]:
        """One page of the orders with a code, or of all, in the input's order."""
        where = "WHERE owner IN (SELECT owner FROM codes WHERE code = ?1)" if code else "WHERE ?1 = ''"
        query = f"SELECT owner FROM rows {where} GROUP BY owner ORDER BY MIN(at) LIMIT ?2 OFFSET ?3"  # noqa: S608
        return [owner for (owner,) in self._rows(query, code, PAGE, (page - 1) * PAGE)]

    def of(self, owner: int) -> list[RejectRow]:
        """An order's rows."""
        found = self._rows("SELECT part, row, text, notes FROM rows WHERE owner = ? ORDER BY at", owner)
        return [_row(*one) for one in found]

    def owner_at(self, part: int, number: int) -> int | None:
        """Whose a row is."""
        found = self._rows("SELECT owner FROM owned WHERE part = ? AND row = ?", part, number)
        return int(found[0][0]) if found else None

    def grouped(self, groups: Iterable[str], most: int) -> list[int]:
        """The orders that have a row with one of these group values."""
        found: dict[int, None] = {}
        for group in filter(None, groups):
            query = "SELECT DISTINCT owner FROM rows WHERE grouped = ? LIMIT ?"
            found |= dict.fromkeys(owner for (owner,) in self._rows(query, group, most))
        return list(found)[:most]

    def torn_with(self, owner: int, most: int) -> list[int]:
        """The nearest rows that can't be read and may be an order's; of such a row, the nearest orders it may be of."""
        query = """
            WITH mine AS (SELECT MIN(at) AS here FROM rows WHERE owner = ?1)
            SELECT other.owner FROM codes own JOIN codes other JOIN rows ON rows.owner = other.owner JOIN mine
            WHERE own.owner = ?1 AND (own.code, other.code) IN (VALUES (?2, ?3), (?3, ?2))
            GROUP BY other.owner ORDER BY MIN(ABS(at - here)) LIMIT ?4"""
        return [one for (one,) in self._rows(query, owner, Code.UNREADABLE, Code.CONFLICTING_ROWS, most)]

    def with_text(self, text: str) -> list[RejectRow]:
        """The rows that hold a text, in whichever cell."""
        query = "SELECT part, row, text, notes FROM rows WHERE instr(text, CAST(? AS BLOB)) ORDER BY at LIMIT 5000"
        return [_row(*one) for one in self._rows(query, text)]

    def all(self) -> Iterator[RejectRow]:
        """Every row, in the file's order."""
        for one in self._db.execute("SELECT part, row, text, notes FROM rows ORDER BY at"):
            yield _row(*one)

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        return self._db.execute(query, values).fetchall()

    def write(self, file: IO[bytes], rows: Iterable[str], form: Format) -> None:
        """Write a reject file of these rows, in this format. Raises SheetFull for more than a workbook can hold."""
        assert self.origin is not None and self.layout is not None
        if form is not self.layout.format:
            marks = self.layout.marks
            marking = Marking(FILE in marks, WAS in marks, RAW in marks, self.origin.encoding, self.origin.errors)
            form.write(file, MarkedRows.of(map(self._marked, rows)), [self.layout], marking)
            return
        text = io.TextIOWrapper(file, encoding=self.origin.encoding, errors=self.origin.errors, newline="")
        text.write(self.header)
        for row in rows:
            text.write(row if row.endswith(("\n", "\r")) else row + self.layout.line_end)
        text.detach()

    def _marked(self, text: str) -> Marked:
        """A line of the file with its marks apart from its cells."""
        assert self.layout is not None
        found = self.layout.format.cells_of(text, self.layout)
        said, number = found.marks, found.marks[MARKS[0]]
        torn = bool(said.get(RAW)) and not any(cell for _, cell in found.shown())
        row = Row(0, int(number) if number.isdigit() else 0, said[RAW] if torn else text)
        rules = tuple(said.get(mark, "") for mark in MARKS[1:-1])
        return Marked(row, rules, said.get(KEY, ""), said.get(FILE, ""), torn, said.get(WAS, ""))


def _row(part: int, number: int, text: bytes, notes: str) -> RejectRow:
    faults = tuple(Fault(*one) for one in json.loads(notes))
    return RejectRow(part, number, text.decode("utf-8", "surrogatepass"), faults)


def _part(file: IO[bytes], encoding: str, survey: Survey) -> Part:
    stamp = stamp_of(file)
    part = Part("the reject file", Path(survey.origins[0].path.name), file, stamp=stamp, encoding=encoding)
    part.errors, part.size = "surrogateescape", stamp[0]
    return part


def _laid_out(part: Part, survey: Survey) -> tuple[Mapping, list[Layout]]:
    """The mapping with the marks, and the file's layout: its delimiter may be any that the mapping does not state."""
    form = survey.layouts[0].format.in_text
    source = replace(survey.mapping.source, encoding=None)
    mapping, layouts = layouts_of([part], form, replace(survey.mapping, source=source))
    return replace(mapping, source=survey.mapping.source), layouts
