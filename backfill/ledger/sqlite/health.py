"""A ledger's health: whether the file that is there is whole, as far as can be known before it is read.

SQLite reads every page of a file to find out that it is sound, which takes a third of a second for a million keys. A
line in a small file next to it shows sooner that a large file has not changed since it was found sound.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from backfill.errors import StateError
from backfill.storage.handles import refuse_crowd
from backfill.storage.outputs import replace
from backfill.storage.private import Unseen, exists, read_private

_MAGIC = b"SQLite format 3\0"
_LARGE = 4 << 20  # bytes; a smaller file is looked through in 15 ms


_INSTEAD = (  # nothing makes up for the keys but a copy or the Space itself
    "name a new --state and say --skip-existing: without its keys the same events would go out twice"
)
_CURE = f"put back a copy of its folder, or {_INSTEAD}"
_LET_IN = f"make it and its folder writable for this user, or {_INSTEAD}"


def damaged(path: Path, what: str) -> StateError:
    """What to say of a ledger that can't be trusted."""
    return StateError(f"{path}: the ledger is damaged ({what}); {_CURE}")


def is_there(path: Path) -> bool:
    """Whether a ledger's file is there. Raises StateError where something else is, or only a part of it."""
    try:
        if exists(path):
            return True
    except Unseen as error:
        raise StateError(f"{error}, or {_INSTEAD}") from None
    except StateError as error:
        raise StateError(f"{error}; a ledger belongs there: {_CURE}") from None
    if unmerged(path):  # a new file would take it for its own
        raise damaged(path, f"it is gone, and {companions(path)[0].name} still there")
    return False


def companions(path: Path) -> tuple[Path, Path]:
    """What SQLite keeps next to a file: its log of what is not merged yet, and the log's index."""
    return path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")


def unmerged(path: Path) -> bool:
    """Whether a run that goes on, or was killed, has entries in the log alone."""
    with suppress(OSError):
        return companions(path)[0].stat().st_size > 0
    return False


def refuse_unsound(db: sqlite3.Connection, path: Path, trust: bool = True) -> None:
    """Raise StateError where the file is not whole; `db` is open on it, or on its copy.

    With `trust`, what was found sound and has not been written to since is not looked through again.
    """
    with path.open("rb") as file:
        head = file.read(100)
    if not head.startswith(_MAGIC):
        raise damaged(path, "it is no ledger" if head else "it is empty")
    page = int.from_bytes(head[16:18], "big")  # SQLite takes what is cut off a file's last page for zeros
    if path.stat().st_size % max(page, 512) and not unmerged(path):
        raise damaged(path, "it is cut off")
    if not (trust and _known(path)):
        found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise damaged(path, found.partition("\n")[2] or found)
        keep_known(path)


def keep_known(path: Path) -> None:
    """Note that a large file is sound as it is now. What can't be noted is looked through again."""
    with suppress(OSError):
        if path.stat().st_size >= _LARGE and not unmerged(path):
            replace(_note(path), lambda file: file.write(_state(path).encode()))


def _known(path: Path) -> bool:
    return not unmerged(path) and read_private(_note(path)) == _state(path)


def _note(path: Path) -> Path:
    return path.with_suffix(".sound")


def _state(path: Path) -> str:
    """What distinguishes one state of a file from another: no writing leaves all three unchanged."""
    found = path.stat()
    return f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}\n"


@contextmanager
def state_errors(path: Path) -> Iterator[None]:
    """Turn the errors of SQLite and the file system into one sentence."""
    try:
        yield
    except sqlite3.Error as error:
        text = str(error)
        if "locked" in text:
            raise StateError(f"{path}: the ledger is locked by another program; close it and run again") from None
        if "readonly" in text or "unable to open" in text:
            refuse_crowd(path)
            how = "written to" if "readonly" in text else "opened"
            raise StateError(f"{path}: the ledger can't be {how}; {_LET_IN}") from None
        if "full" in text or "disk I/O" in text:
            raise StateError(
                f"{path}: the ledger can't be written ({text}); make room and run the same command again"
            ) from None
        raise damaged(path, text) from None
    except UnicodeError:  # of SQLite's own words too, where they repeat what is in the file
        raise damaged(path, "a text in it is none") from None
    except OSError as error:
        refuse_crowd(path)
        raise StateError(f"{path}: the ledger can't be used ({error.strerror})") from None
