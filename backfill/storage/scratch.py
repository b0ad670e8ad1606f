"""Scratch: private temporary files of a run. Where one can't be written, the run ends with one sentence."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from backfill.errors import StateError

_IN_MEMORY = 1 << 20


@contextmanager
def state_errors() -> Iterator[None]:
    """Turn what the file system, or SQLite, says of a temporary file into that sentence. Raises StateError."""
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        raise _unwritable(error) from None


def _unwritable(error: OSError | sqlite3.OperationalError) -> StateError:
    folder = tempfile.gettempdir() if tempfile.tempdir else "the folder of temporary files"
    why = error.strerror if isinstance(error, OSError) else error
    return StateError(f"{folder}: a temporary file can't be written ({why}); make room, or name another in TMPDIR")


class Scratch(tempfile.SpooledTemporaryFile[bytes]):
    """A file in memory while it is small. Seek between writing and reading: this writes what still waits to be written.

    Once something could not be written, nothing can be read either: there would be gaps.
    """

    def __init__(self, prefix: str):
        super().__init__(max_size=_IN_MEMORY, prefix=prefix)
        self._lost: StateError | None = None

    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except OSError as error:
            raise self._lose(error) from None

    def seek(self, *place: int) -> int:
        if self._lost:
            raise self._lost
        try:
            return super().seek(*place)
        except OSError as error:
            raise self._lose(error) from None

    def _lose(self, error: OSError) -> StateError:
        self._lost = _unwritable(error)
        return self._lost

    def close(self) -> None:
        with suppress(OSError):  # what could not be written is not wanted any more
            super().close()

    def __exit__(self, *_: object) -> None:
        self.close()
