"""A disk that has no room left, as a program meets it."""

import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def little_room() -> Iterator[None]:
    """No file may be larger than 700 bytes: for this process, that is like a full disk."""
    before, heard = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # a module loaded here would leave a torn file
    resource.setrlimit(resource.RLIMIT_FSIZE, (700, before[1]))
    try:
        yield
    finally:
        sys.dont_write_bytecode = writes
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, heard)
