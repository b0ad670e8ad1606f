"""A file to be read, wherever it is."""

from io import BufferedReader
from pathlib import Path

from backfill.storage.remote.path import FilePath


def opened(path: FilePath) -> BufferedReader:
    """Open a file, or the private copy of one in a store. Raises OSError."""
    if isinstance(path, Path):
        return path.open("rb")
    from backfill.storage.remote.copies import open_copy, release  # loaded only where a file is in a store

    copy, file = open_copy(path)
    release(copy)
    return file
