"""Copies: a file of a store is read once, into a private temporary file, and all else reads that.

A file that somebody writes to while it is read, or afterwards until the run has no more need of it, is noticed: its
size and the store's marks are compared. Where a store shows a file that still grows, and this one was written to a
moment ago, it is looked at once more after a while: its writer may only have paused.
"""

import atexit
import hashlib
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from shutil import rmtree
from threading import RLock

from backfill.storage.file_lock import locked
from backfill.storage.remote.path import Fetching, RemotePath
from backfill.storage.remote.refusals import RemoteError
from backfill.storage.remote.store import Stamp, beginning, download, stamp_of
from backfill.storage.scratch import state_errors

CHANGED = "changed while it was being read; run again when it is complete"
_QUIET = 10.0  # seconds without a write after which a file is taken for complete
_TRUSTED = 2.0  # seconds that pass before a file is looked at once more
_NAME = 200  # characters of a file's name, at its end, that every system takes


@dataclass
class Copy:
    """A file as it was. `path` is in a folder of its own, and has the file's name."""

    remote: RemotePath
    path: Path
    stamp: Stamp
    ended: bool  # its end is known; else it may be one that was cut off
    settled: bool = False  # all of it was read, and it was whole: what becomes of the file is of no interest
    _looked: float = field(default_factory=time.monotonic)

    @property
    def unchanged(self) -> bool:
        """Whether the file in the store is still the one that was copied. Raises OSError."""
        if not self.settled and time.monotonic() - self._looked > _TRUSTED:
            if stamp_of(self.remote) != self.stamp:
                return False
            self._looked = time.monotonic()
        return True

    def look(self) -> None:
        """Have the next question answered by the store, however short the time since the last."""
        self._looked = -_TRUSTED


def open_copy(
    remote: RemotePath, fetching: Fetching | None = None, waiting: Callable[[str], None] | None = None
) -> tuple[Copy, BufferedReader]:
    """Open the copy of the file as it is now, made where there is none yet. Raises OSError.

    `waiting` is told that a file was written to a moment ago, so that it takes a while to know that it is complete;
    without it nobody waits. Whoever opens a copy says with `release` that it is not needed any more.
    """
    before = stamp_of(remote)
    with _folders.using(hashlib.sha256(f"{remote.url} {before}".encode()).hexdigest()[:32]) as home:
        path = home / (remote.name[-_NAME:] or "file")
        if not _whole(path).exists():
            _make(remote, path, before, fetching, waiting)
        opened = path.open("rb")
        _folders.held[home] += 1
    return Copy(remote, path, before, ended=not _endless(path).exists()), opened


def release(copy: Copy) -> None:
    """Remove a copy that nobody in this process needs any more, unless others share it. What is open can be read on."""
    _folders.let_go(copy.path.parent)


def drop(copy: Copy) -> None:
    """Remove a copy that no other process is going to need."""
    _folders.remove(copy.path.parent)


def keep_in(folder: Path) -> None:
    """Keep copies in this folder, which other processes share and somebody clears away."""
    _folders.shared = folder


@contextmanager
def beginning_of(remote: RemotePath, most: int) -> Iterator[Path]:
    """A private file with the first `most` bytes, or with all where there are few more, or where all are needed."""
    size = stamp_of(remote).size
    with tempfile.TemporaryDirectory(prefix="backfill-remote-") as folder:
        path = Path(folder) / (remote.name[-_NAME:] or "file")
        path.touch(0o600)
        start = beginning(remote, most) if size is not None and size > 2 * most else b""
        if not start or start.startswith(b"PK"):  # the directory of a zip is at its end
            download(remote, path)
        else:
            path.write_bytes(start)
        yield path


def _make(
    remote: RemotePath,
    path: Path,
    before: Stamp,
    fetching: Fetching | None,
    waiting: Callable[[str], None] | None,
) -> None:
    """Copy a file that is the same afterwards. Raises OSError."""
    with state_errors():
        path.touch(0o600)
    with fetching(remote.name, before.size or 0) if fetching else nullcontext() as advance:
        ended = download(remote, path, advance)
    if stamp_of(remote) != before or before.size not in (None, path.stat().st_size):
        raise RemoteError(CHANGED)
    if waiting is not None:
        _outwait(remote, before, waiting)
    if not ended and before.size is None:
        _endless(path).touch(0o600)
    _whole(path).touch(0o600)


def _outwait(remote: RemotePath, stamp: Stamp, waiting: Callable[[str], None]) -> None:
    """Let a file be that was written to a moment ago, by this machine's clock; raise RemoteError where it grows."""
    age = time.time() - stamp.written if stamp.written is not None else _QUIET
    if age < _QUIET:
        left = min(_QUIET - age, _QUIET)  # a server's clock may be ahead
        waiting(f"was written to {max(age, 0):.0f} s ago; waiting {left:.0f} s to see whether it is complete")
        time.sleep(left)
        if stamp_of(remote) != stamp:
            raise RemoteError(CHANGED)


def _whole(path: Path) -> Path:
    """What is there once a copy is whole: a process that is killed leaves half of one."""
    return path.with_name(".whole")


def _endless(path: Path) -> Path:
    """What is there where nobody knows whether the file had an end there."""
    return path.with_name(".endless")


class _Folders:
    """Where copies are, each in a folder of its own, 0700."""

    def __init__(self) -> None:
        self.shared: Path | None = None  # with other processes; else one is made that goes with this process
        self.held: Counter[Path] = Counter()  # how often each copy of this process is needed
        self._own: Path | None = None
        self._lock = RLock()

    @contextmanager
    def using(self, name: str) -> Iterator[Path]:
        """A copy's folder, in which nobody else is busy. It goes where nothing came of it."""
        with self._lock, self._alone(name):
            home = self._made(name)
            try:
                yield home
            except BaseException:
                self._clear(home)
                raise

    def let_go(self, home: Path) -> None:
        with self._lock:
            self.held[home] -= 1
            if self.held[home] <= 0 and self._own is not None and home.parent == self._own:
                self.remove(home)

    def remove(self, home: Path) -> None:
        with self._lock, self._alone(home.name):
            self._clear(home)

    def _clear(self, home: Path) -> None:
        self.held.pop(home, None)
        rmtree(home, ignore_errors=True)
        if home.parent == self._own and not self.held:
            rmtree(self._own, ignore_errors=True)
            self._own = None

    def _alone(self, name: str) -> AbstractContextManager[object]:
        return locked(self.shared / f"{name}.lock", -1) if self.shared else nullcontext()

    def _made(self, name: str) -> Path:
        with state_errors():
            if self.shared is None and self._own is None:
                self._own = Path(tempfile.mkdtemp(prefix="backfill-remote-"))
                atexit.register(rmtree, self._own, ignore_errors=True)
            home = (self.shared or self._own or Path()) / name
            home.mkdir(mode=0o700, exist_ok=True)
        return home


_folders = _Folders()
