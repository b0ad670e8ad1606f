"""The book: what a state folder knows of the files that were written, whose each is and what it held."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from backfill.storage import outputs
from backfill.storage.file_lock import locked
from backfill.storage.private import make_folder, read_private
from backfill.storage.remote.path import FilePath, RemotePath, is_url

_NAME = "checked-rejects.json"


class Book:
    """Of each file: whose it is, its rejects' digest, or the stamp of one that was written and has nothing in it."""

    @classmethod
    @contextmanager
    def opened(cls, state: Path) -> Iterator["Book"]:
        """Open it; others wait. Where it can't be kept, nothing is known and no file is free."""
        with ExitStack() as stack:
            with suppress(OSError):
                make_folder(state)
                stack.enter_context(locked(state / f".{_NAME}.lock", 10))
            yield cls(state / _NAME)

    @classmethod
    def seen(cls, state: Path) -> "Book":
        """Only to look into."""
        return cls(state / _NAME)

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entries: dict[str, dict[str, str]] = {}
        with suppress(AttributeError, RecursionError, ValueError):  # a file with anything else in it says nothing
            found = json.loads(read_private(path) or "{}")
            self._entries = {name: entry for name, entry in found.items() if isinstance(entry, dict)}

    def digest(self, path: FilePath) -> str | None:
        return self._entry(path).get("rejects")

    def free(self, path: FilePath) -> bool:
        """Whether a check wrote it last, and nobody has changed it since."""
        known = self._entry(path).get("checked")
        if isinstance(path, RemotePath) or known is None:
            return False
        with suppress(OSError):
            return known == _sum(path)
        return False

    def own(self, path: FilePath, checked: bool, digest: str | None = None) -> bool:
        """Note to whom it belongs; return whether that could be done."""
        entry = {"rejects": digest or self.digest(path) or ""} | (
            {"checked": _sum(path)} if checked and isinstance(path, Path) else {}
        )
        return self._keep(path, entry)

    def own_empty(self, path: FilePath, stamp: str) -> None:
        self._keep(path, {"empty": stamp})

    def is_empty(self, path: FilePath) -> bool:
        """Whether it was written so, and is the same file."""
        known = self._entry(path).get("empty")
        with suppress(OSError):
            return known is not None and known == _stamp_of_empty(path)
        return False

    def _entry(self, path: FilePath) -> dict[str, str]:
        return self._entries.get(str(path.absolute()), {})

    def _keep(self, path: FilePath, entry: dict[str, str]) -> bool:
        self._entries[str(path.absolute())] = entry
        with suppress(OSError, ValueError):
            kept = json.dumps(
                {name: entry for name, entry in self._entries.items() if is_url(name) or Path(name).exists()}
            )
            outputs.replace(self._path, lambda file: file.write(kept.encode()))
            return True
        return False


def note_empty(path: FilePath, state: Path | None) -> None:
    """Note that a file was written, where there was nothing to write into it."""
    with suppress(OSError):
        if state is not None and (stamp := _stamp_of_empty(path)):
            with Book.opened(state) as book:
                book.own_empty(path, stamp)


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stamp_of_empty(path: FilePath) -> str:
    """What distinguishes an empty file from another that takes its place; "" for any other file. Raises OSError."""
    if isinstance(path, RemotePath):
        from backfill.storage.remote.store import stamp_of  # loaded only where a file is in a store

        there = stamp_of(path)
        return "" if there.size else repr(there)
    found = path.stat()
    return f"{found.st_ino} {found.st_mtime_ns}" if path.is_file() and not found.st_size else ""
