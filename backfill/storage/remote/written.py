"""New files in a store: whole or not at all, and never in another file's place.

A name that is taken is left alone, and the next one is used: `summary.json`, `summary-2.json`. Two runs at once get two
files, since a store is asked to create and not to write.
"""

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import IO

from backfill.storage.remote import store
from backfill.storage.remote.opened import opened
from backfill.storage.remote.path import FilePath, RemotePath

Content = Callable[[IO[bytes]], object]

_ours: dict[RemotePath, tuple[RemotePath, store.Stamp]] = {}  # where this process wrote what was to go somewhere


def put(path: RemotePath, content: Content) -> RemotePath:
    """Put this content into a new file; return its path. What this process wrote there itself is replaced."""
    with _rendered(content, path.name) as source:
        where, stamp = _ours.get(path, (path, None))
        if stamp is not None and store.exists(where) and store.stamp_of(where) == stamp:
            store.create(where, source, replacing=True)
        else:
            where = _created(source, _numbered(path))
    _ours[path] = where, store.stamp_of(where)
    return where


def add(path: RemotePath, content: Content, following: Callable[[FilePath], FilePath]) -> RemotePath:
    """Put this content into a file that was not there before: this one, or the next one that is free.

    Where the last one that is there has the same content, that is the one: a container keeps no state that would tell.
    """

    def names() -> Iterator[RemotePath]:
        name: FilePath = path
        while isinstance(name, RemotePath):
            yield name
            name = following(name)

    with _rendered(content, path.name) as source:
        return _created(source, names(), unless_last=True)


def _created(source: Path, names: Iterator[RemotePath], unless_last: bool = False) -> RemotePath:
    last: RemotePath | None = None
    for name in names:
        if not store.exists(name):  # not every store knows how to create alone
            if unless_last and last is not None and _same(source, last):
                return last
            with suppress(FileExistsError):
                store.create(name, source)
                return name
        last = name
    raise AssertionError("there is always another name")


def _same(source: Path, there: RemotePath) -> bool:
    """Whether a file of this machine and one in a store have the same bytes."""
    if store.stamp_of(there).size != source.stat().st_size:
        return False
    with opened(there) as theirs, source.open("rb") as ours:
        return hashlib.file_digest(theirs, "sha256").digest() == hashlib.file_digest(ours, "sha256").digest()


def _numbered(path: RemotePath) -> Iterator[RemotePath]:
    yield path
    yield from (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in count(2))


@contextmanager
def _rendered(content: Content, name: str) -> Iterator[Path]:
    """The content in a private file of this machine. Raises OSError where there is no room for it."""
    with tempfile.TemporaryDirectory(prefix="backfill-output-") as folder:
        path = Path(folder) / (name[-200:] or "file")
        path.touch(0o600)
        with path.open("wb") as file:
            content(file)
        yield path
