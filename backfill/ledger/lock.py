"""The lock of a Space: one run at a time on this machine. One whose holder died is free."""

import errno
import json
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from filelock import Timeout

from backfill.errors import SpaceHeld, StateError
from backfill.storage.file_lock import locked
from backfill.storage.handles import refuse_crowd
from backfill.storage.outputs import replace
from backfill.storage.private import Unseen, exists, make_folder, read_private

_REMOVE = "remove it while no run is going on"
_LET_IN = (
    "make it and its folder writable for this user; a new --state knows nothing of what was sent from this one: say "
    "--skip-existing with it"
)
_NO_ROOM = "make room there"
_MENDED_BY = {
    errno.ENOSPC: _NO_ROOM,
    errno.EDQUOT: _NO_ROOM,
    errno.ENOLCK: "copy the whole state folder to a disk that has locks, and name it with --state",
}


@contextmanager
def lock(path: Path, space: str) -> Iterator[None]:
    """Hold the Space while the body runs. Raises SpaceHeld, saying who holds it and since when."""
    with ExitStack() as held:
        try:
            make_folder(path.parent)
            held.enter_context(locked(path, 0))
        except Timeout:
            raise SpaceHeld(f"space {space}: held by {_holder(path)}; wait for it or stop it") from None
        except OSError as error:
            _refuse(path, error)
        try:
            with suppress(OSError):  # only information for the run that is kept out: the lock holds without it
                card = json.dumps({"pid": os.getpid(), "since": time.strftime("%Y-%m-%d %H:%M:%S")})
                replace(_card(path), lambda file: file.write(card.encode()))
            yield
        finally:
            with suppress(OSError):
                _card(path).unlink(missing_ok=True)


def _refuse(path: Path, error: OSError) -> NoReturn:
    """Raise StateError for what can't be locked. The ledger there holds what was sent: none is left without a word."""
    refuse_crowd(path)
    exists(path.parent, "a folder")
    try:
        exists(path)
    except Unseen:
        raise
    except StateError as odd:
        raise StateError(f"{odd}; {_REMOVE}") from None
    if path.is_symlink():
        raise StateError(f"{path}: is a link, and no file; {_REMOVE}")
    how = _MENDED_BY.get(error.errno or 0, _LET_IN)
    raise StateError(f"{path}: can't be locked ({error.strerror}); {how}")


def _card(path: Path) -> Path:
    return path.with_suffix(".holder")


def _holder(path: Path) -> str:
    try:
        card = json.loads(read_private(_card(path)))
        return f"process {int(card['pid'])} since {datetime.fromisoformat(card['since'])}"
    except (ValueError, KeyError, TypeError, RecursionError):
        return "another run"
