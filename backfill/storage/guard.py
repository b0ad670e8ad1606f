"""The guard: before anything is written, no output leads to a file that is read, or that holds what was sent.

A file is known by what it is, not by how its name is spelt: links and relative paths lead to the same one.
"""

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from backfill.errors import UsageError, shown
from backfill.storage.outputs import is_descriptor, replaceable, takes_files, there
from backfill.storage.remote.path import FilePath, RemotePath
from backfill.storage.state_folder import own_files, owns

INPUT = "an input"
_LEDGERS = (b"SQLite format 3\0", b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")  # how a ledger begins, and its log
_Mark = object  # of a file; it has several


@dataclass(frozen=True, slots=True)
class _Output:
    name: str  # how it was asked for, such as --summary
    path: FilePath
    here: bool  # it is this process that writes it


@dataclass(slots=True)
class Guard:
    """What is read and written, as far as it is known; `states` are the folders in which ledgers are."""

    states: tuple[Path, ...] = ()
    _read: dict[_Mark, str] = field(default_factory=dict)
    _outputs: list[_Output] = field(default_factory=list)

    def reads(self, path: FilePath, what: str = INPUT) -> None:
        """Note a file that is read."""
        with suppress(OSError, ValueError):  # what can't be looked at is no file that an output could be
            for mark in _marks(path):
                self._read.setdefault(mark, what)

    def reads_standard_input(self, what: str = INPUT) -> None:
        """Note the file that standard input is, if it is one."""
        with suppress(OSError, ValueError, AttributeError):
            if stat.S_ISREG(os.fstat(sys.stdin.fileno()).st_mode):
                self.reads(Path(f"/dev/fd/{sys.stdin.fileno()}"), what)

    def writes(self, name: str, path: FilePath, here: bool = True) -> None:
        """Note an output."""
        self._outputs.append(_Output(name, path, here))

    def refuse(self) -> None:
        """Raise UsageError for an output that may not be written, or can't be."""
        for why in self.refusals().values():
            raise UsageError(why)

    def refusals(self) -> dict[str, str]:
        """Why which output may not be written, or can't be."""
        found: dict[str, str] = {}
        taken: dict[_Mark, str] = {}
        for one in self._outputs:
            asked = f"{one.name} {shown(str(one.path))}"
            try:
                marks = list(_marks(one.path))
                if why := self._refusal(one, marks):
                    found[one.name] = f"{asked}: {why}"
            except (OSError, ValueError) as error:
                why = (error.strerror if isinstance(error, OSError) else "") or str(error)
                found[one.name] = f"{asked}: can't be written ({why}); name another"
                continue
            if other := next((taken[mark] for mark in marks if mark in taken), None):
                found.setdefault(one.name, f"{asked}: is where {other} goes; name another file")
                found.setdefault(other, found[one.name])
            taken |= dict.fromkeys(marks, one.name)
        return found

    def _refusal(self, one: _Output, marks: list[_Mark]) -> str:
        if str(one.path) == "-":
            return "is no file; name one"
        if read := next((self._read[mark] for mark in marks if mark in self._read), None):
            return f"is {read}; name another file"
        if isinstance(one.path, Path) and any(_is_in(one.path, state) for state in self.states):
            return "is a file of the state folder's own; name another file"
        if isinstance(one.path, Path) and _is_ledger(one.path):
            return "is a ledger or another database; name another file"
        if one.here:
            _refuse_unwritable(one.path)
        return ""


def _marks(path: FilePath) -> Iterator[_Mark]:
    """What two paths to one file have in common. Raises OSError, ValueError."""
    if isinstance(path, RemotePath):
        yield replace(path, query="")
        return
    yield os.path.realpath(path)
    with suppress(FileNotFoundError):
        found = path.stat()
        if stat.S_ISREG(found.st_mode):
            yield found.st_dev, found.st_ino


def _is_in(path: Path, state: Path) -> bool:
    """Whether the path leads to a file of ours in a state folder, be it there yet or not."""
    real, folder = Path(os.path.realpath(path)), Path(os.path.realpath(state))
    if real.is_relative_to(folder) and owns(real.relative_to(folder)):
        return True
    with suppress(FileNotFoundError):
        found = path.stat()
        if stat.S_ISREG(found.st_mode) and found.st_nlink > 1:
            return any(os.path.samestat(found, own.stat()) for own in own_files(folder))
    return False


def _is_ledger(path: Path) -> bool:
    with suppress(FileNotFoundError):
        if stat.S_ISREG(path.stat().st_mode):
            with suppress(PermissionError), path.open("rb") as file:
                return file.read(16).startswith(_LEDGERS)
    return False


def _refuse_unwritable(path: FilePath) -> None:
    """Raise OSError where the path could not be written to at the end."""
    if isinstance(path, RemotePath):
        if path.read_only:
            raise OSError(errno.EROFS, f"{path.scheme}:// is read only")
        there(path)  # the store answers, and takes the credentials
    elif replaceable(path):
        target = Path(os.path.realpath(path))
        with suppress(FileNotFoundError):
            target.stat()  # a name that is too long fails here
        if not takes_files(target.parent):
            raise OSError(errno.EACCES, "its folder is not there or can't be written to")
    elif not is_descriptor(path):
        kind = path.stat().st_mode
        if stat.S_ISDIR(kind) or stat.S_ISSOCK(kind):
            raise OSError(errno.EISDIR, "is a folder" if stat.S_ISDIR(kind) else "is a socket")
        if not os.access(path, os.W_OK):
            raise OSError(errno.EACCES, os.strerror(errno.EACCES))
