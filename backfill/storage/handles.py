"""Handles: how many files and connections this process may have open, and what to say where that is too few."""

import errno
import os
from contextlib import suppress

from backfill.errors import StateError

NEEDED = 40  # by any command in addition to its inputs and connections: libraries, ledger, locks, temporary files
_TOO_MANY = {errno.EMFILE, errno.ENFILE}
_PLENTY = 4096


def refuse_few() -> None:
    """Raise StateError where so many more files can't be open; a limit that may be raised is raised first."""
    _raise_limit()
    if room(NEEDED) < NEEDED:
        raise too_many(f"{NEEDED} more are needed")


def refuse_crowd(why: object) -> None:
    """Raise StateError where an error means that nothing more can be opened; `why` says what was to be opened."""
    if not room(1):
        raise too_many(str(why))


def crowded(error: BaseException | None) -> bool:
    """Whether an error says that nothing more can be opened."""
    return isinstance(error, OSError) and error.errno in _TOO_MANY


def too_many(what: str) -> StateError:
    return StateError(f"too many open files ({what}); allow more, with ulimit -n {_PLENTY}, and run the same command")


def room(most: int) -> int:
    """How many more files or connections can be open now, counted up to `most`."""
    held: list[int] = []
    try:
        while len(held) < most:
            held.append(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        if error.errno not in _TOO_MANY:
            return most
    finally:
        for handle in held:
            os.close(handle)
    return len(held)


def _raise_limit() -> None:
    with suppress(ImportError, OSError, ValueError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = _PLENTY if hard == resource.RLIM_INFINITY else min(_PLENTY, hard)
        if soft != resource.RLIM_INFINITY and soft < most:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
