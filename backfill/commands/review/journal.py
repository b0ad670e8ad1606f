"""The journal: mended cells, written down before the page says that they are kept, so that nothing ends with it.

It is of one input, by the digest of its files, in the state folder; it has people's cells in it, and is private. It
knows the input's paths too: once a file has changed, the journal of what it was is where the next one begins.
"""

import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from backfill.errors import StateError
from backfill.files.part import Part
from backfill.storage import outputs
from backfill.storage.private import make_folder
from backfill.storage.remote.opened import opened
from backfill.storage.remote.path import FilePath, RemotePath, file_path

Place = tuple[int, int]  # part and row
Edits = dict[Place, dict[str, str]]  # the cells that are to be other ones, by their columns
_OTHERS = "another review of this file has kept cells meanwhile; end one of the two, and start the other again"


class Kept(NamedTuple):
    """What is kept of a row, and by what it is known where the file is another by now."""

    cells: dict[str, str]
    was: dict[str, str]  # what stood in them
    text: str  # a digest of the row's cells as they were read
    key: str
    order: str


@dataclass
class Journal:
    """One input's. `edits` are those of the file, `saved` the reject file that has been written and its SHA-256."""

    path: Path
    inputs: tuple[str, ...] = ()
    edits: Edits = field(default_factory=dict)
    rows: dict[Place, Kept] = field(default_factory=dict)  # what is kept of each, and its marks
    aside: list[Kept] = field(default_factory=list)  # what no row of the file is known by
    earlier: list[Kept] = field(default_factory=list)  # what is kept of the file as it was before it changed
    saved: tuple[str, str] | None = None
    saved_edits: Edits = field(default_factory=dict)  # what is in that file
    saved_rows: str = ""  # the digest of all its rows as they were read
    changed: bool = False  # the file has, since what is kept of it was written down
    ours: bool = False  # this session has written the reject file
    stale: bool = False  # the reject file was written of other rows than those that are rejected by now
    since: float = 0.0  # when it was written to last, before this session
    _replaced: list[Path] = field(default_factory=list)  # journals of the file as it was
    _heads: dict[str, float] = field(default_factory=dict)  # path of an input -> when a session of it last wrote
    _size: int = 0  # of the file, as far as it is known
    _headed: bool = False

    @classmethod
    def of(cls, parts: list[Part], state: Path) -> "Journal":
        """The journal of an input. Raises StateError where it can't be read."""
        digest = hashlib.sha256()
        for part in parts:
            with opened(part.path) as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        names = tuple(_name(part.path) for part in parts if part.label != "standard input")
        journal = cls(state / "review" / f"{digest.hexdigest()[:32]}.jsonl", names)
        journal._read()
        others = [one for one in _others(journal.path) if one.met(names)]
        journal._replaced = [one.path for one in others if set(one._heads) <= set(names)]
        taken = [one for one in others if one.path in journal._replaced or one.met(names) > journal.met(names)]
        taken.sort(key=lambda one: -one.since)
        found = [kept for one in taken for kept in (*one.rows.values(), *one.aside)] + journal.aside
        journal.earlier, journal.changed = list({json.dumps(one): one for one in found}.values()), bool(taken)
        journal.since = max(one.since for one in (journal, *taken))
        if taken and journal.saved is None:  # which holds while the rows that are rejected are the same
            latest = taken[0]
            journal.saved, journal.saved_rows, journal.saved_edits = latest.saved, latest.saved_rows, latest.saved_edits
        return journal

    def met(self, names: Iterable[str]) -> float:
        """When a session of one of these inputs last wrote here; 0 for never."""
        return max((self._heads.get(name, 0.0) for name in names), default=0.0)

    def _read(self) -> None:
        try:
            with self.path.open(encoding="utf-8") as file:
                self.since, self._size = (found := os.fstat(file.fileno())).st_mtime, found.st_size
                for entry in _entries(file.read()):
                    self._take(entry)
        except FileNotFoundError:
            return
        except (OSError, UnicodeError) as error:
            raise StateError(f"{self.path}: can't be read ({getattr(error, 'strerror', None) or error})") from None

    def _take(self, entry: dict[str, Any]) -> None:
        if "saved" in entry:
            self.saved, self.saved_rows = (str(entry["saved"]), str(entry["digest"])), str(entry.get("rows", ""))
            self.saved_edits = {(part, row): cells for part, row, cells in entry.get("cells", ())}
        elif "inputs" in entry:
            self._heads |= dict.fromkeys(entry["inputs"], float(entry["at"]))
        elif "aside" in entry:
            self.aside.append(Kept(*entry["aside"]))
        elif isinstance(entry["row"], list) and isinstance(entry["cells"], dict):
            place, known = (int(entry["row"][0]), int(entry["row"][1])), entry.get("known") or [{}, "", "", ""]
            self._put(place, entry["cells"], Kept({}, *known))

    def _put(self, place: Place, cells: dict[str, str | None], known: Kept) -> None:
        put(self.edits, place, cells)
        was = (self.rows[place].was if place in self.rows else {}) | known.was
        self.rows[place] = known._replace(cells=dict(self.edits.get(place, {})), was=was)
        if not self.rows[place].cells:
            del self.rows[place]

    def take(self, place: Place, one: Kept) -> None:
        """Take over what was kept of another version of the file; it is to be written down."""
        own = self.rows.get(place, one)
        cells = own.cells | one.cells
        self.edits[place], self.rows[place] = dict(cells), one._replace(cells=cells, was=own.was | one.was)

    def reread(self) -> None:
        """Take it as it is on disk: another reading may have passed over some of it."""
        fresh = Journal(self.path, self.inputs)
        fresh._read()
        if not self.changed:
            self.edits, self.rows, self.aside, self.earlier = fresh.edits, fresh.rows, fresh.aside, fresh.aside
            self.saved, self.saved_edits, self.saved_rows = fresh.saved, fresh.saved_edits, fresh.saved_rows
            self._size = fresh._size

    def keep(self, changes: Iterable[tuple[Place, dict[str, str | None], Kept]]) -> None:
        """Keep cells of rows, all or none; None is what stood there. Raises StateError where that can't be."""
        changes, at = list(changes), int(time.time())
        self._append([{"row": place, "cells": cells, "known": known[1:], "at": at} for place, cells, known in changes])
        for place, cells, known in changes:
            self._put(place, cells, known)

    def keep_saved(self, path: FilePath, digest: str, rows: str) -> None:
        """Note that all of it is in a reject file by now, in which these rows are."""
        self.saved, self.saved_rows, self.stale, self.ours = (str(path), digest), rows, False, True
        self.saved_edits = {place: dict(cells) for place, cells in self.edits.items()}
        self._append([self._saved_entry()])

    def _saved_entry(self) -> dict[str, object]:
        assert self.saved is not None
        cells = [[*place, cells] for place, cells in self.saved_edits.items()]
        return {"saved": self.saved[0], "digest": self.saved[1], "rows": self.saved_rows, "cells": cells}

    def begin_anew(self, aside: list[Kept]) -> None:
        """Write all of it down as it is by now; what the file was known by before is in it, or set aside."""
        self.aside, self.earlier, self.changed = aside, [], False
        entries: list[dict[str, Any]] = [{"row": place, "cells": one.cells, "known": one[1:]}
                                            for place, one in self.rows.items()]  # fmt: skip
        entries += [{"aside": one} for one in aside] + ([self._saved_entry()] if self.saved else [])
        content = b"".join(json.dumps(one).encode() + b"\n" for one in [self._head(), *entries])
        try:
            make_folder(self.path.parent)
            outputs.replace(self.path, lambda file: file.write(content))
        except OSError as error:
            raise StateError(f"{self.path}: can't be written ({error.strerror}); the cells stay as they are") from None
        self._size, self._headed = len(content), True
        self._drop_replaced()

    def _head(self) -> dict[str, object]:
        return {"inputs": self.inputs, "at": time.time()}

    def check_alone(self) -> None:
        """Raise StateError where another session has written to it."""
        size = 0
        with suppress(FileNotFoundError):
            size = self.path.stat().st_size
        if size != self._size:
            raise StateError(_OTHERS)

    def _append(self, entries: list[dict[str, object]]) -> None:
        self.check_alone()
        written = [self._head(), *entries] if self.inputs and not self._headed else entries
        content = b"".join(json.dumps(one).encode() + b"\n" for one in written)
        try:
            make_folder(self.path.parent)
            handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(handle, "ab") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                self._size = os.fstat(file.fileno()).st_size
        except OSError as error:
            raise StateError(f"{self.path}: can't be written ({error.strerror}); the cell is not kept") from None
        self._headed = True

    def _drop_replaced(self) -> None:
        for path in self._replaced:
            with suppress(OSError):
                path.unlink()
        self._replaced = []

    def forget(self) -> None:
        """Remove it, and what it has, and what is kept of the file as it was."""
        with suppress(FileNotFoundError):
            self.path.unlink()
        self._drop_replaced()
        self.edits, self.rows, self.aside, self.earlier = {}, {}, [], []
        self.saved, self.saved_edits, self.since, self.changed = None, {}, 0.0, False
        self._size, self._headed = 0, False

    @property
    def unsaved(self) -> int:
        """How many cells are not in the reject file as they are, as far as that is still what was written."""
        differing = _flat(self.edits) ^ _flat(self.saved_edits if self.current_file else {})
        return len({(place, name) for place, name, _ in differing})

    @property
    def current_file(self) -> FilePath | None:
        """The reject file, where `upload` reads in it what the page shows."""
        return None if self.stale else self.saved_file

    @property
    def saved_file(self) -> FilePath | None:
        """The reject file that was saved, while it is as it was; in a store, no file of ours is ever replaced."""
        if self.saved is None:
            return None
        path = file_path(self.saved[0])
        if isinstance(path, RemotePath):
            return path
        with suppress(OSError), path.open("rb") as file:
            return path if hashlib.file_digest(file, "sha256").hexdigest() == self.saved[1] else None
        return None


def put(edits: Edits, place: Place, cells: dict[str, str | None]) -> None:
    """Change cells of a row; None is what stood there."""
    own = edits.setdefault(place, {})
    for name, text in cells.items():
        if text is None:
            own.pop(name, None)
        else:
            own[name] = text
    if not own:
        del edits[place]


def _flat(edits: Edits) -> set[tuple[Place, str, str]]:
    return {(place, name, text) for place, cells in edits.items() for name, text in cells.items()}


def _name(path: FilePath) -> str:
    return str(path.absolute())


def _others(path: Path) -> Iterator[Journal]:
    """The other journals of the state folder that can be read."""
    for one in sorted(path.parent.glob("*.jsonl")) if path.parent.is_dir() else ():
        if one != path:
            other = Journal(one)
            with suppress(StateError):
                other._read()
                yield other


_WHOLE = ({"row", "cells"}, {"saved", "digest"}, {"inputs", "at"}, {"aside"})  # what entries have at least


def _entries(text: str) -> Iterator[dict[str, Any]]:
    """The entries; the last line may be torn, where the machine stopped."""
    for line in text.splitlines():
        with suppress(ValueError):
            entry = json.loads(line)
            if isinstance(entry, dict) and any(names <= entry.keys() for names in _WHOLE):
                yield entry
