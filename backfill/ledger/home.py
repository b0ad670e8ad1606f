"""Where the ledgers are: in the state folder, a file a Space, or in the database that BACKFILL_LEDGER names."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from backfill.errors import UsageError
from backfill.ledger.lock import lock
from backfill.ledger.protocol import Ledger, Ledgers, Unopened
from backfill.ledger.sqlite.file import ledger_path
from backfill.ledger.sqlite.health import is_there
from backfill.ledger.sqlite.ledger import SqliteLedger, ledgers
from backfill.storage.state_folder import machine_folder, space_file

VARIABLE = "BACKFILL_LEDGER"


def ledgers_of(state: Path, alone: bool = False) -> Ledgers:
    """The ledgers of a state folder, or those of the database that the environment names.

    `alone`: whatever it names, for a state folder that is thrown away. Raises UsageError for an address that is none.
    """
    url = None if alone else os.environ.get(VARIABLE)
    if url is None:
        return FolderLedgers(state)
    if not url.strip():  # an orchestrator's secret that is not there
        raise UsageError(f"{VARIABLE} is empty; name the database, or unset it to use the ledger of this machine")
    return shared_ledgers(url.strip())


def shared_ledgers(url: str) -> Ledgers:
    """The ledgers in the database at this address, loaded only where there is one."""
    try:
        from backfill.ledger.postgres.home import PostgresLedgers
    except ImportError:
        raise UsageError(
            f"{VARIABLE} names a PostgreSQL, which needs psycopg: pip install 'cometly-backfill[postgres]'"
        ) from None
    folder, machine = machine_folder()
    return PostgresLedgers(
        url, machine, lambda address, space: lock(_held(folder, url, address, space), space), no_ledger
    )


def _held(folder: Path, url: str, address: str, space: str) -> Path:
    """The file that a process of this machine locks while it holds a Space there: it is free once that is dead."""
    name = hashlib.blake2b("\n".join((url, address, space)).encode(), digest_size=16).hexdigest()
    return folder / f"{name}.held"


class FolderLedgers:
    """`Ledgers` of a state folder."""

    def __init__(self, state: Path):
        self._state = state

    @property
    def place(self) -> str:
        return str(self._state)

    @property
    def identity(self) -> str:
        return ""

    @property
    def to_join(self) -> str:
        return "copy that folder here or name it with --state, or say --skip-existing"

    def has(self, address: str, space: str) -> bool:
        return is_there(ledger_path(self._state, address, space))

    def lock(self, address: str, space: str) -> AbstractContextManager[None]:
        return lock(space_file(self._state, address, space, ".lock"), space)

    @contextmanager
    def open(self, address: str, space: str) -> Iterator[Ledger]:
        with SqliteLedger.open(ledger_path(self._state, address, space), address, space) as ledger:
            yield ledger

    @contextmanager
    def look(self, address: str, space: str) -> Iterator[Ledger]:
        with SqliteLedger.look(ledger_path(self._state, address, space)) as ledger:
            yield ledger

    def all(self) -> list[Unopened]:
        return ledgers(self._state)


@contextmanager
def no_ledger() -> Iterator[Ledger]:
    """A ledger without keys, to read: for code that must not know what was sent before."""
    with SqliteLedger.blank() as ledger:
        yield ledger
