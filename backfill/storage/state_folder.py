"""Where this platform keeps a program's state, and where in it a Space has its files."""

import os
import socket
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import platformdirs

from backfill.errors import UsageError
from backfill.storage.private import exists, make_file, make_folder, read_private

_OWN = ("pace", "spool", "review", "failed-plans", "checked-rejects.json", ".checked-rejects.json.lock")
SPACES = ("http_", "https_")  # how a folder begins that has an address's ledgers


def state_named(given: Path | None) -> Path | None:
    """The state folder that an option or BACKFILL_STATE names; None for the platform's. Raises UsageError.

    A variable is set once for every working folder, so it must name the same folder from each.
    """
    named = os.environ.get("BACKFILL_STATE", "").strip()
    return given if given is not None or not named else fixed_folder(named, "BACKFILL_STATE")


def default_state() -> Path:
    """Where this platform keeps a program's state. Raises UsageError where that depends on the working folder."""
    return fixed_folder(platformdirs.user_state_dir("backfill", appauthor=False), "the user's state folder")


def fixed_folder(text: str, whose: str) -> Path:
    """A folder that is the same from wherever it is named: `~` is the home folder, and a relative one is refused."""
    try:
        path = Path(text.strip()).expanduser()
    except RuntimeError:
        raise UsageError(f"{whose} is {text}: there is no such home folder; name the whole path") from None
    if not path.is_absolute():
        raise UsageError(
            f"{whose} is {text}, which is another folder in each working folder; name the whole path, such as "
            f"{path.absolute()}"
        )
    return path


def space_file(state: Path, address: str, space: str, ending: str) -> Path:
    """A file of a Space at an address, such as its ledger; no two Spaces share one."""
    folder = quote(address.replace("://", "_").replace(":", "_"), safe="_")
    return state / folder / f"{quote(space, safe='')}{ending}"


def owns(path: Path) -> bool:
    """Whether a path in a state folder, seen from there, is one of the program's own."""
    return bool(path.parts) and (path.parts[0] in _OWN or path.parts[0].startswith(SPACES))


def own_files(state: Path) -> Iterator[Path]:
    """The program's own files that are there."""
    with suppress(OSError):
        for path in state.iterdir():
            if owns(path.relative_to(state)):
                yield from (one for one in (path, *path.rglob("*")) if one.is_file())


def machine_folder() -> tuple[Path, str]:
    """Where this machine keeps what it knows of requests, and a mark of that memory, which is lost with the disk.

    Where there is no such place, both are this process's alone.
    """
    made = str(uuid.uuid4())
    try:
        folder = default_state() / "pace"
        make_folder(folder)
        path = folder / "machine"
        if not exists(path):
            make_file(path)
            path.write_text(made, encoding="ascii")
        made = str(uuid.UUID(read_private(path)))
    except (OSError, UsageError, ValueError):
        folder = Path(tempfile.mkdtemp(prefix="backfill-"))
    return folder, f"{made} {socket.gethostname()}"
