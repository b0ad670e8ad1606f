"""A file that one process at a time holds on this machine; one whose holder died is free."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock


@contextmanager
def locked(path: Path, seconds: float) -> Iterator[None]:
    """Hold the file while the body runs; wait so long for others, with -1 for ever.

    Raises filelock.Timeout, which is an OSError, where another holds it to the end, OSError where it can't be locked.
    """
    lock = FileLock(path, timeout=seconds, mode=0o600, thread_local=False)
    try:
        lock.acquire()
    except NotImplementedError:
        raise OSError(errno.ENOLCK, "its file system has no locks") from None
    try:
        yield
    finally:
        lock.release()
