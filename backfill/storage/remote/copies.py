"""Copies: a file of a store is read once, into a private temporary file, and all else reads that.

A file that somebody writes to while it is read, or afterwards until the run has no more need of it, is noticed: its
size and the store's marks are compared.
"""

import atexit
import hashlib
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from shutil import rmtree

from filelock import FileLock

from backfill.storage.remote.path import RemotePath
from backfill.storage.remote.refusals import RemoteError
from backfill.storage.remote.store import Stamp, beginning, download, stamp_of
from backfill.storage.scratch import state_errors

CHANGED = "changed while it was being read; run again when it is complete"
_TRUSTED = 2.0  # seconds that pass before a file is looked at once more
_NAME = 200  # characters of a file's name, at its end, that every system takes

_folders: dict[Path, bool] = {}  # where copies are, 0700, and whether others share them; the last one is used


@dataclass
class Copy:
    """A file as it was. `path` is in a folder of its own, and has the file's name."""

    remote: RemotePath
    path: Path
    stamp: Stamp
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


def open_copy(remote: RemotePath) -> tuple[Copy, BufferedReader]:
    """Open the copy of the file as it is now, made where there is none yet. Raises OSError."""
    before = stamp_of(remote)
    folder = _folder()
    home = folder / hashlib.sha256(f"{remote.url} {before}".encode()).hexdigest()[:32]
    path = home / (remote.name[-_NAME:] or "file")
    with FileLock(f"{home}.lock", mode=0o600):
        if not _whole(path).exists():
            _make(remote, path, before)
        return Copy(remote, path, before), path.open("rb")


def keep_in(folder: Path) -> None:
    """Keep copies in this folder, which other processes may share and somebody clears away."""
    _folders.pop(folder, None)
    _folders[folder] = True


def drop(copy: Copy, shared: bool = False) -> None:
    """Remove a copy, one that others may want too only where it is said to be `shared`. What is open can be read on."""
    if _folders[copy.path.parents[1]] and not shared:
        return
    with FileLock(f"{copy.path.parent}.lock", mode=0o600):
        rmtree(copy.path.parent, ignore_errors=True)


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


def _make(remote: RemotePath, path: Path, before: Stamp) -> None:
    """Copy a file that is the same afterwards. Raises OSError."""
    with state_errors():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.touch(0o600)
    download(remote, path)
    if stamp_of(remote) != before or before.size not in (None, path.stat().st_size):
        path.unlink()
        raise RemoteError(CHANGED)
    _whole(path).touch(0o600)


def _whole(path: Path) -> Path:
    """What is there once a copy is whole: a process that is killed leaves half of one."""
    return path.with_name(".whole")


def _folder() -> Path:
    """The folder in use; one of this process's own, which goes with it, where no other was named."""
    if not _folders:
        with state_errors():
            made = Path(tempfile.mkdtemp(prefix="backfill-remote-"))
        atexit.register(rmtree, made, ignore_errors=True)
        _folders[made] = False
    return list(_folders)[-1]
