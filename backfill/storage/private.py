"""Private: folders and files that are this program's alone, 700 and 600 whatever the umask, and what is at a path.

What a person finds in such a folder may be anything by now; each function here looks before it opens.
"""

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

from backfill.errors import StateError
from backfill.storage.outputs import sync

_KINDS = (
    (stat.S_ISREG, "a file"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe (fifo)"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class Unseen(StateError):
    """What is there is not known, and may be all right."""


def exists(path: Path, wanted: str = "a file") -> bool:
    """Whether `wanted`, a file or a folder, is there, at the end of links too.

    Raises StateError, with the path and what it is, where something else is there or on the way. A link to nothing also
    raises: a disk that is not mounted looks like that.
    """
    for at in (path, *path.parents):
        if found := _found(at):
            if found != (wanted if at == path else "a folder"):
                raise StateError(f"{at}: is {found}, and no {(wanted if at == path else 'a folder')[2:]}")
            return at == path
    return False


def _found(path: Path) -> str:
    """What is there, "" for nothing. Raises Unseen for what can't be looked at."""
    try:
        os.lstat(path)
        try:
            mode = os.stat(path).st_mode  # noqa: PTH116 (like lstat above)
        except (FileNotFoundError, NotADirectoryError):
            return "a link to nothing"
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        if os.path.islink(path):  # noqa: PTH114 (pathlib's raises for a name that is too long)
            return f"a link that leads nowhere ({error.strerror})"
        how = "name another --state" if error.errno == errno.ENAMETOOLONG else "check the permissions on the way there"
        raise Unseen(f"{path}: can't be looked at ({error.strerror}); {how}") from None
    return next((what for is_kind, what in _KINDS if is_kind(mode)), "something odd")


def make_folder(path: Path) -> None:
    """Make a folder and those above it that are not there; what is made survives a power cut. Raises OSError."""
    missing = []
    for at in (path, *path.parents):
        if os.path.lexists(at):
            break
        missing.append(at)
    for folder in reversed(missing):
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            folder.chmod(0o700)  # a umask may have taken more
            sync(folder.parent)
    path.mkdir(exist_ok=True)  # says what is wrong where something else is there


def make_file(path: Path) -> None:
    """Make an empty file where there is none. Raises OSError."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        path.chmod(0o600)


def read_private(path: Path) -> str:
    """A small file's text, "" where there is none or it must not be read: reading a pipe would not end."""
    try:
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    except (OSError, ValueError):
        return ""
