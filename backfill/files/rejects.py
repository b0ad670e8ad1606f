"""The reject file: what a person must look at, in the input's own format, with the reason; it goes straight back in.

Rejects are gathered in a private temporary file while the run lasts and written, sorted by row, at its end.
"""

import codecs
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import IO, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from backfill.event import Problem, Row
from backfill.fields.arrow import (
    Places,
    Texts,
    as_text,
    bytes_of,
    either,
    filled,
    flags_of,
    listed,
    pick,
    present,
    put,
    repeated,
    sizes,
)
from backfill.fields.spreadsheet import guarded, risked
from backfill.fields.typed import TYPED
from backfill.files.csv import CSV
from backfill.files.format import Format, Layout, MarkedRows, Marking
from backfill.files.formats import FORMATS, format_at
from backfill.files.marks import HELD_WAS
from backfill.files.part import Origin
from backfill.files.reject_entries import Entries, EntryFile, Kind, Rule, rules_of
from backfill.files.rows import CODEC
from backfill.files.was import Wrong, at_risk, held, numbered, packed, unnumbered, wrong
from backfill.files.xlsx_rejects import SheetFull
from backfill.storage import outputs
from backfill.storage.digest_map import DigestMap, Match
from backfill.storage.occurrences import Occurrences
from backfill.storage.remote.path import FilePath
from backfill.storage.scratch import Scratch

NUMBERED = re.compile(r"(.*\.(?:rejects|missing))(?:-(\d+))?")


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


class Rejects(EntryFile):
    """The rejects of one run. `add` in any order; `write` once."""

    @classmethod
    @contextmanager
    def gather(cls) -> Iterator["Rejects"]:
        with Scratch("backfill-rejects-") as file:
            yield cls(file)

    def add(
        self,
        row: Row,
        event: str,
        problems: Sequence[Problem],
        order_id: str | None = None,
        key: str = "",
        unreadable: bool = False,
        rows: int = 0,
    ) -> None:
        """Add a row with what is wrong with one of its events, whose record has so many `rows`."""
        self.enter(row, Kind(event, rules_of(problems), unreadable, rows), order_id, key)

    def __iter__(self) -> Iterator[tuple[Row, list[Note], bool]]:
        """Each rejected row once, in the input's order, with all that is wrong with it."""
        for entries in self.in_order():
            yield from _rows_of(entries)

    def digest(self, origins: Sequence[Origin]) -> str:
        """What only the same rows of the same files have, with the same events' keys."""
        made = [hashlib.sha256() for _ in range(7)]  # each of a stream of its own, wherever the pieces end
        for entries in self.in_order():
            events = pa.array([kind.event for kind in entries.kinds], pa.string())
            columns = entries.texts, entries.keys, pick(events, entries.which)
            streams = [np.stack((entries.parts, entries.numbers, entries.unreadable), axis=1)]
            streams += [sizes(column) for column in columns] + [bytes_of(column) for column in columns]
            for one, stream in zip(made, streams, strict=True):
                one.update(stream.tobytes())
        labels = repr([origin.label for origin in origins]).encode()
        return hashlib.sha256(labels + b"".join(one.digest() for one in made)).hexdigest()

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
        marking = Marking(len(origins) > 1, self._guarded(layouts), self.any_raw, *_encoding(origins, layouts[0]))
        labels = [origin.label for origin in origins]
        alike = Occurrences() if marking.was and any(one.summed for one in layouts) else None
        if alike is not None and any(one.reject_file for one in layouts):
            for entries in self.in_order():
                for _, said in _said_before(entries, layouts):
                    alike.add(unnumbered(said))
        rows = (_marked(entries, labels, layouts, marking.was, alike) for entries in self.in_order())
        form.write(file, rows, layouts, marking)
        return marking.encoding

    def _guarded(self, layouts: list[Layout]) -> bool:
        """Whether a spreadsheet might change an event of these rows, or a cell be mended in one row of several."""
        if self.guarded:
            return True
        if not any(HELD_WAS in one.columns or one.group is not None or one.format.in_spreadsheets for one in layouts):
            return False
        groups = DigestMap()
        for entries in self.in_order():
            for layout, places, columns in _tables(entries, layouts):
                if layout.summed or (HELD_WAS in columns and filled(columns[HELD_WAS]).any()):
                    return True
                if layout.group is not None and _comes_twice(columns[layout.columns[layout.group]], groups):
                    return True
                if layout.format.in_spreadsheets and at_risk(
                    held(columns, layout), entries.keys, places, _ends(entries, places), layout.zoned
                ):
                    return True
        return False


def _rows_of(entries: Entries) -> Iterator[tuple[Row, list[Note], bool]]:
    """Each row, all that is wrong with it, each once, and whether it can't be read."""
    columns = (entries.parts, entries.numbers, entries.which)
    parts, numbers, which = (column.tolist() for column in columns)
    texts, keys, ids = entries.texts.to_pylist(), listed(entries.keys), listed(entries.order_ids)
    begins = np.flatnonzero(entries.begins).tolist()
    for begin, end in zip(begins, [*begins[1:], len(entries)], strict=True):
        notes: dict[Note, None] = {}
        for at in range(begin, end):
            kind = entries.kinds[which[at]]
            notes |= dict.fromkeys(_note(kind.event, rule, ids[at], keys[at]) for rule in kind.rules)
        row = Row(parts[begin], numbers[begin], texts[begin].decode(*CODEC))
        yield row, list(notes), entries.kinds[which[begin]].unreadable


def _marked(
    entries: Entries, labels: list[str], layouts: list[Layout], was: bool, alike: Occurrences | None
) -> MarkedRows:
    """The rows, with what a reject file says of them."""
    rows = np.flatnonzero(entries.begins)
    parts, which = entries.parts[rows], entries.which[rows]
    said_of, kinds = pd.factorize(parts * len(entries.kinds) + which)
    said = [
        _said(entries.kinds[kind], layouts[part])
        for part, kind in (divmod(one, len(entries.kinds)) for one in kinds.tolist())
    ]
    ruled = np.array([bool(kind.rules) for kind in entries.kinds], bool)
    keys = _guarded_all(pick(entries.keys, entries.begins), {kind.event for kind in entries.kinds})
    keys = either(ruled[which], keys, "")
    several = np.flatnonzero(np.diff(np.append(rows, len(entries))) > 1)
    if len(several):
        made = [_several(entries, at, layouts) for at in rows[several].tolist()]
        keys = put(keys, several, [key for _, key in made])
        said_of[several] = np.arange(len(said), len(said) + len(made))
        said += [rules for rules, _ in made]
    before = _before(entries, rows, layouts) if was else repeated("", len(rows))
    if alike is not None:
        before = _numbered(before, entries, rows, layouts, alike)
    written = _as_seen(pick(entries.texts, entries.begins), layouts), entries.whole[rows]
    return MarkedRows(
        parts, entries.numbers[rows], *written, said, said_of, keys, labels, entries.unreadable[rows], before
    )


def _as_seen(texts: pa.BinaryArray, layouts: list[Layout]) -> pa.BinaryArray:
    """Rows as a person sees them; `_was` says which of their numbers were typed."""
    return pc.replace_substring(texts, TYPED, "") if any(layout.typed for layout in layouts) else texts


def _several(entries: Entries, begin: int, layouts: list[Layout]) -> tuple[tuple[str, ...], str]:
    """What is said of a row with several entries, and its keys."""
    end = begin + 1 + int(np.argmax(np.append(entries.begins[begin + 1 :], True)))
    notes: dict[Note, None] = {}
    for at in range(begin, end):
        kind, own = entries.kinds[entries.which[at]], (entries.order_ids[at].as_py(), entries.keys[at].as_py())
        notes |= dict.fromkeys(_note(kind.event, rule, *own) for rule in kind.rules)
    key = "|".join(dict.fromkeys(guarded(note.key) for note in notes if note.key))
    return _joined([note[:5] for note in notes], layouts[entries.parts[begin]]), key


def _note(event: str, rule: Rule, order_id: str | None, key: str) -> Note:
    code, field, column, reason = rule
    return Note(event, code, field, column, reason, order_id, key)


def _said(kind: Kind, layout: Layout) -> tuple[str, ...]:
    return _joined([(kind.event, *rule) for rule in kind.rules], layout)


def _guarded_all(keys: Texts, events: Iterable[str]) -> Texts:
    """Each key as no spreadsheet changes it; it changes none that an event's name and a colon begin."""
    likely = np.ones(len(keys), bool)
    for event in filter(None, events):
        likely &= ~flags_of(pc.starts_with(keys, f"{event}:"))
    places = np.flatnonzero(likely)
    places = places[risked(pick(keys, places))]
    return put(keys, places, [guarded(key) for key in listed(pick(keys, places))])


def _tables(
    entries: Entries, layouts: list[Layout], among: Places | None = None
) -> Iterator[tuple[Layout, Places, dict[str, Texts]]]:
    """The rows that can be read, by part: its layout, their first entries, and the mapping's columns' cells.

    With `among`, of those rows alone that have their first entry there.
    """
    readable = entries.begins & ~entries.unreadable
    if among is not None:
        readable &= np.isin(np.arange(len(entries)), among)
    for part in np.unique(entries.parts[readable]).tolist():
        places = np.flatnonzero(readable & (entries.parts == part))
        yield layouts[part], places, layouts[part].format.mapped(pick(entries.texts, places), layouts[part])


def _comes_twice(groups: Texts, known: DigestMap) -> bool:
    """Whether a group comes again, here or among the known ones, to which these are added."""
    own = pick(groups, filled(groups))
    return bool((known.add(own, np.ones(len(own), np.uint64)) != Match.NEW).any())


def _before(entries: Entries, rows: Places, layouts: list[Layout]) -> Texts:
    """What `_was` says of each row; of one that comes from a reject file, what it said there."""
    made = pick(entries.was, entries.begins)
    known = present(made) & (np.diff(np.append(rows, len(entries))) == 1)
    if known.all():
        return made
    made = either(known, made, "")
    for layout, places, columns in _tables(entries, layouts, rows[~known]):
        made = put(made, np.searchsorted(rows, places), packed(columns, layout, *_faulty(entries, places)))
    return made


def _numbered(before: Texts, entries: Entries, rows: Places, layouts: list[Layout], alike: Occurrences) -> Texts:
    """The same, of line items that are alike also which each is; `alike` has those of which that was said before."""
    fresh = filled(before)
    for places, _ in _said_before(entries, layouts):
        fresh[np.searchsorted(rows, places)] = False
    exported = np.array([not one.reject_file for one in layouts], bool)[entries.parts[rows]]
    own, mended = np.flatnonzero(fresh & exported), np.flatnonzero(fresh & ~exported)
    texts = pc.ascii_rtrim(as_text(pick(entries.texts, rows[own])), "\r\n")
    before = put(before, own, numbered(pick(before, own), texts, alike))
    were = pick(before, mended)
    return put(before, mended, numbered(were, unnumbered(were), alike))


def _said_before(entries: Entries, layouts: list[Layout]) -> Iterator[tuple[Places, Texts]]:
    """Of which rows reject files said what they were, by their first entries, and what."""
    for layout, places, columns in _tables(entries, layouts):
        if layout.reject_file and HELD_WAS in columns:
            some = filled(columns[HELD_WAS])
            yield places[some], pick(columns[HELD_WAS], some)


def _faulty(entries: Entries, places: Places) -> tuple[list[Wrong], Places]:
    """What is wrong with rows, and which of that with each."""
    faulty = [wrong(kind) for kind in entries.kinds]
    which = entries.which[places]
    end_of = _ends(entries, places)
    for row in np.flatnonzero(end_of - places > 1).tolist():
        own = entries.which[places[row] : end_of[row]].tolist()
        which[row] = len(faulty)
        columns = frozenset[str]().union(*(faulty[one].columns for one in own))
        faulty.append(faulty[own[0]]._replace(columns=columns))
    return faulty, which


def _ends(entries: Entries, places: Places) -> Places:
    """Where the entries of the rows end that begin at these places."""
    begins = np.append(np.flatnonzero(entries.begins), len(entries))
    ends: Places = begins[np.searchsorted(begins, places) + 1]
    return ends


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
