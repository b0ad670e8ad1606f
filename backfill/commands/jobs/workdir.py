"""A private folder for what waits to be sent; what a killed process left is cleared away by the next."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from backfill.errors import StateError
from backfill.storage.file_lock import locked
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
    with ExitStack() as held:
        try:
            make_folder(home)
            with locked(home / ".lock", _PATIENCE):
                _clear(home)
                folder = Path(tempfile.mkdtemp(dir=home))
                held.enter_context(locked(folder / ".lock", 0))
        except OSError as error:
            refuse_crowd(home)
            raise StateError(f"{home}: can't be used ({error.strerror or 'locked'})") from None
        try:
            yield folder
        finally:
            held.close()
            shutil.rmtree(folder, ignore_errors=True)


def _clear(home: Path) -> None:
    """Remove the folders that nobody holds."""
    for left in home.iterdir():
        if left.is_dir():
            with suppress(OSError):
                with locked(left / ".lock", 0):
                    pass
                shutil.rmtree(left, ignore_errors=True)
