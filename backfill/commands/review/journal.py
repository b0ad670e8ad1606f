"""The journal: mended cells, written down before the page says that they are kept, so that nothing ends with it.

It is of one input, by the digest of its files, in the state folder; it has people's cells in it, and is private.
"""

import hashlib
import json
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from backfill.errors import StateError
from backfill.files.part import Part
from backfill.storage.private import make_folder
from backfill.storage.remote.opened import opened
from backfill.storage.remote.path import FilePath, RemotePath, file_path

Place = tuple[int, int]  # part and row
Edits = dict[Place, dict[str, str]]  # the cells that are to be other ones, by their columns


@dataclass
class Journal:
    """One input's. `edits` are those of the file, `saved` the reject file that has been written and its SHA-256."""

    path: Path
    edits: Edits = field(default_factory=dict)
    saved: tuple[str, str] | None = None
    saved_edits: Edits = field(default_factory=dict)
    stale: bool = False  # the reject file was written for another mapping than the one that holds by now
    since: float = 0.0  # when it was written to last, before this session

    @classmethod
    def of(cls, parts: list[Part], state: Path) -> "Journal":
        """The journal of an input. Raises StateError where it can't be read."""
        digest = hashlib.sha256()
        for part in parts:
            with opened(part.path) as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        journal = cls(state / "review" / f"{digest.hexdigest()[:32]}.jsonl")
        journal._read()
        return journal

    def _read(self) -> None:
        try:
            with self.path.open(encoding="utf-8") as file:
                self.since = os.fstat(file.fileno()).st_mtime
                for entry in _entries(file.read()):
                    self._take(entry)
        except FileNotFoundError:
            return
        except (OSError, UnicodeError) as error:
            raise StateError(f"{self.path}: can't be read ({getattr(error, 'strerror', None) or error})") from None

    def _take(self, entry: dict[str, object]) -> None:
        if "saved" in entry:
            self.saved = str(entry["saved"]), str(entry["digest"])
            self.saved_edits = {place: dict(cells) for place, cells in self.edits.items()}
            return
        place, cells = entry["row"], entry["cells"]
        if isinstance(place, list) and isinstance(cells, dict):
            put(self.edits, (int(place[0]), int(place[1])), {str(name): text for name, text in cells.items()})

    def keep(self, place: Place, cells: dict[str, str | None]) -> None:
        """Keep cells of a row; None is what stood there. Raises StateError where they can't be written down."""
        self._append({"row": list(place), "cells": cells, "at": int(time.time())})
        put(self.edits, place, cells)

    def keep_saved(self, path: FilePath, digest: str) -> None:
        """Note that all of it is in a reject file by now."""
        self._append({"saved": str(path), "digest": digest, "at": int(time.time())})
        self.saved, self.saved_edits = (str(path), digest), {place: dict(cells) for place, cells in self.edits.items()}
        self.stale = False

    def _append(self, entry: dict[str, object]) -> None:
        try:
            make_folder(self.path.parent)
            handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(handle, "ab") as file:
                file.write(json.dumps(entry).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StateError(f"{self.path}: can't be written ({error.strerror}); the cell is not kept") from None

    def forget(self) -> None:
        """Remove it, and what it has."""
        with suppress(FileNotFoundError):
            self.path.unlink()
        self.edits, self.saved, self.saved_edits, self.since = {}, None, {}, 0.0

    @property
    def unsaved(self) -> bool:
        """Whether some cell is not in the reject file, as far as that is still what was written."""
        return self.edits != self.saved_edits if self.current_file else bool(self.edits)

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


def _entries(text: str) -> Iterator[dict[str, object]]:
    """The entries; the last line may be torn, where the machine stopped."""
    for line in text.splitlines():
        with suppress(ValueError):
            entry = json.loads(line)
            if isinstance(entry, dict) and ({"row", "cells"} <= entry.keys() or {"saved", "digest"} <= entry.keys()):
                yield entry
