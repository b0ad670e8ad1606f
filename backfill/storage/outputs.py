"""Outputs: files that a run leaves. Each is written aside, synced and renamed, so that nobody ever finds half of one.

Only regular files are ever renamed over: a link stays, and what it leads to is replaced; a device, a pipe or an open
descriptor (`/dev/stdout`) is written into, as a shell's `>` would. In a store nothing is ever replaced: there, what is
written gets a name of its own.
"""

import errno
import os
import re
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from backfill.storage.remote.path import FilePath, RemotePath

Owner = tuple[int, int]  # a user's and a group's number
Content = Callable[[IO[bytes]], object]  # writes what the file is to hold

PRIVATE = 0o600
_READER = 10.0  # seconds to wait for somebody who reads a pipe
_LINKS = 40  # as many as a system follows
_DESCRIPTOR = re.compile(r"/dev/fd/([0-9]{1,9})|/proc/(?:self|[0-9]+)/fd/([0-9]{1,9})|/dev/std(?:(out)|(err))")
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
_NO_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EACCES, errno.EPERM}  # of a folder


def replace(path: FilePath, content: Content, mode: int = PRIVATE, owner: Owner | None = None) -> FilePath:
    """Put this content where the path leads; return where it is. Raises OSError, and leaves what was there."""
    if isinstance(path, RemotePath):
        from backfill.storage.remote.written import put

        return put(path, content)
    if not replaceable(path):
        with _opened(path) as file:
            content(file)
        return path
    target = Path(os.path.realpath(path))
    with _aside(target.parent, content, mode, owner) as aside:
        aside.replace(target)
    sync(target.parent)
    return path


def rewrite(path: Path, content: Content) -> FilePath:
    """As `replace`, for a file that is people's: it keeps its mode and, where possible, its owner.

    A new one is as the person's own programs would make it.
    """
    try:
        was = path.stat()
    except FileNotFoundError:
        return replace(path, content, _usual_mode(path.parent))
    return replace(path, content, stat.S_IMODE(was.st_mode), (was.st_uid, was.st_gid))


def create(path: Path, content: Content) -> Path:
    """Put this content into a new file that is people's. Raises OSError, also where the name is taken."""
    with _aside(path.parent, content, _usual_mode(path.parent)) as aside:
        if not _linked(aside, path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    sync(path.parent)
    return path


def _usual_mode(folder: Path) -> int:
    """The mode that a file is given where none is asked for: only one that is made shows it."""
    name = tempfile.mktemp(prefix=".backfill-", dir=folder)  # noqa: S306 - it is made exclusively
    handle = os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
    try:
        return stat.S_IMODE(os.fstat(handle).st_mode)
    finally:
        os.close(handle)
        Path(name).unlink()


def add(path: FilePath, content: Content, following: Callable[[FilePath], FilePath]) -> FilePath:
    """Put this content into a file that was not there before: this path, or the next one that is free.

    Returns the file's path. Raises OSError, and leaves nothing.
    """
    if isinstance(path, RemotePath):
        from backfill.storage.remote import written

        return written.add(path, content, following)
    return _added(path, content, following)


def _added(path: Path, content: Content, following: Callable[[FilePath], FilePath]) -> Path:
    with _aside(path.parent, content, PRIVATE) as aside:
        while not _linked(aside, path):
            path = Path(str(following(path)))
    sync(path.parent)
    return path


def replaceable(path: Path) -> bool:
    """Whether the path leads to a regular file or to none; anything else is written into. Raises OSError."""
    if is_descriptor(path):
        return False
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except FileNotFoundError:
        return True


def lasts(path: FilePath) -> bool:
    """Whether what was put there can be read again: not in a device, a pipe or an open descriptor."""
    return isinstance(path, RemotePath) or replaceable(path)


def is_descriptor(path: Path) -> bool:
    """Whether the path names what this process has open, such as /dev/stdout."""
    return _descriptor(path) is not None


def there(path: FilePath) -> bool:
    """Whether the name is taken. Raises OSError."""
    if isinstance(path, RemotePath):
        from backfill.storage.remote.store import exists

        return exists(path)
    return os.path.lexists(path)


def takes_files(folder: FilePath) -> bool:
    """Whether a file can be made there: permissions alone do not show it. A store says so only once one is made."""
    if isinstance(folder, RemotePath):
        return not folder.read_only
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def same_file(path: FilePath, other: FilePath) -> bool:
    """Whether both lead to one file that is there."""
    if isinstance(path, RemotePath) or isinstance(other, RemotePath):
        return path == other
    with suppress(FileNotFoundError):
        return path.samefile(other)
    return False


@contextmanager
def _aside(folder: Path, content: Content, mode: int, owner: Owner | None = None) -> Iterator[Path]:
    """A private file in the same folder, complete and synced; it is removed unless the body has given it its name."""
    handle, name = tempfile.mkstemp(prefix=".backfill-", dir=folder)
    aside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            content(file)
            file.flush()
            if owner is not None:
                with suppress(OSError):  # others' files stay readable to whom their mode says
                    os.fchown(file.fileno(), *owner)
            if mode != PRIVATE:
                os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        yield aside
    finally:
        aside.unlink(missing_ok=True)


def _linked(aside: Path, path: Path) -> bool:
    """Give the file this name too, unless the name is taken."""
    try:
        os.link(aside, path)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if os.path.lexists(path):  # a file system without links
            return False
        aside.rename(path)
    return True


def give_name(aside: Path, path: Path) -> None:
    """Give a complete file, made in the same folder, its lasting name, in place of what is there. Raises OSError."""
    aside.replace(path)
    sync(path.parent)


def sync(folder: Path) -> None:
    """Make sure that a new name survives a crash; some file systems can't sync folders."""
    try:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise


def _descriptor(path: Path) -> int | None:
    """The number of the open descriptor that the path names. Opened anew it would lose its place in a file."""
    here = path.absolute()
    for _ in range(_LINKS):
        if found := _DESCRIPTOR.fullmatch(str(here)):
            number, same, out, _ = found.groups()
            return int(number or same) if number or same else 1 if out else 2
        try:
            here = here.parent / here.readlink()
        except OSError:
            return None
    return None


def _opened(path: Path) -> IO[bytes]:
    """Open what is no regular file. A pipe that nobody reads is waited for, but not for ever."""
    number = _descriptor(path)
    if number is not None:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError, AttributeError):
                stream.flush()
        return os.fdopen(os.dup(number), "wb")
    end = time.monotonic() + _READER
    while True:
        try:
            handle = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
        except OSError as error:
            if error.errno != errno.ENXIO or time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            os.set_blocking(handle, True)
            return os.fdopen(handle, "wb")
