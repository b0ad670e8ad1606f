"""A private folder for what waits to be sent; what a killed process left is cleared away by the next."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from backfill.errors import StateError
from backfill.storage.handles import refuse_crowd
from backfill.storage.private import make_folder

_PATIENCE = 30.0  # seconds to wait for another that is clearing away


@contextmanager
def private_folder(state: Path | None) -> Iterator[Path]:
    """Make a folder nobody else's to read, under the state folder where there is one, and remove it at the end.

    Raises StateError where it can't be made.
    """
    if state is None:
        with tempfile.TemporaryDirectory(prefix="backfill-jobs-") as name:
            yield Path(name)
        return
    home = state / "spool"
    try:
        make_folder(home)
        with FileLock(home / ".lock", timeout=_PATIENCE, mode=0o600):
            _clear(home)
            folder = Path(tempfile.mkdtemp(dir=home))
            lock = FileLock(folder / ".lock", timeout=0, mode=0o600)
            lock.acquire()
    except (OSError, Timeout, NotImplementedError) as error:
        refuse_crowd(home)
        raise StateError(f"{home}: can't be used ({getattr(error, 'strerror', None) or 'locked'})") from None
    try:
        yield folder
    finally:
        lock.release()
        shutil.rmtree(folder, ignore_errors=True)


def _clear(home: Path) -> None:
    """Remove the folders that nobody holds."""
    for left in home.iterdir():
        if left.is_dir():
            with suppress(Timeout, OSError, NotImplementedError):
                with FileLock(left / ".lock", timeout=0):
                    pass
                shutil.rmtree(left, ignore_errors=True)
