"""What a run was asked to do, and where it keeps its state."""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from backfill.booking import MaxRejects
from backfill.errors import UsageError
from backfill.ledger import address_of, fingerprint_of
from backfill.retry import FIRST_PAUSE, LONGEST_PAUSE


@dataclass(frozen=True)
class Options:
    """What the command line asks for. `argv` is that line, to be printed as the command that goes on."""

    command: str
    files: tuple[str, ...]
    argv: tuple[str, ...]
    mapping: str | None = None
    space: str = "default"
    rejects: Path | None = None
    summary: Path | None = None
    state: Path | None = None
    timezone: str | None = None
    date_order: str | None = None
    decimal: str | None = None
    since: str | None = None
    until: str | None = None
    lookups: tuple[tuple[str, str], ...] = ()  # a lookup's name and a file of it
    max_rejects: MaxRejects = field(default_factory=MaxRejects)
    min_rows: int = 0
    allow_shrink: bool = False
    json: bool = False
    quiet: bool = False
    verbose: bool = False
    rate: int = 1000
    reserve: int = 0
    unlimited: bool = False  # no pace at all, to loopback only: for measuring
    workers: int = 50
    patience: float = 900.0
    timeout: float = 30.0  # seconds until an attempt counts as lost; not on the command line
    pauses: tuple[float, float] = (FIRST_PAUSE, LONGEST_PAUSE)  # before another attempt; not on the command line
    limit: int | None = None
    base_url: str = ""
    api_key: str = ""
    key_rotated: bool = False
    sandbox: bool = False
    yes: bool = False


def api_key_of(space: str) -> str:
    """The Space's key from its own variable, and from nothing else. Raises UsageError where it is not there."""
    name = "COMETLY_API_KEY"
    if space != "default":
        name += "_" + re.sub(r"[^A-Z0-9]", "_", space.upper())
    key = os.environ.get(name, "").strip()
    if not key:
        raise UsageError(f"space {space}: no API key; set the environment variable {name}")
    if not key.isascii() or not key.isprintable() or " " in key:
        raise UsageError(f"space {space}: {name} holds characters that no API key has")
    return key


def _default_state() -> Path:
    return Path(platformdirs.user_state_dir("backfill", appauthor=False))


@contextmanager
def state_folder(options: Options) -> Iterator[Path]:
    """The state folder; for the sandbox one that is thrown away."""
    if options.sandbox:
        with tempfile.TemporaryDirectory(prefix="backfill-sandbox-") as folder:
            yield Path(folder)
    else:
        yield (options.state or _default_state()).absolute()


def pace_file(options: Options, state: Path) -> Path:
    """The pace's memory: one a key and address on this machine, whatever the state folder: the rate is the Space's."""
    name = f"pace/{fingerprint_of(address_of(options.base_url) + options.api_key)}.log"
    if options.sandbox:
        return state / name
    shared = _default_state() / name
    try:
        shared.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return shared if os.access(shared.parent, os.W_OK) else state / name
    except OSError:
        return state / name
