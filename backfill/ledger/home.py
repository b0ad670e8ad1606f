"""Where the ledgers are: those of one state folder, as they are opened, looked at and held."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from backfill.ledger.lock import lock
from backfill.ledger.protocol import Ledger, Unopened
from backfill.ledger.sqlite.file import ledger_path
from backfill.ledger.sqlite.health import is_there
from backfill.ledger.sqlite.ledger import SqliteLedger, ledgers
from backfill.storage.state_folder import space_file


class Ledgers:
    """The ledgers of a state folder: one for each Space, by the API's address and the Space's name.

    What opens one raises StateError, with the place, where it can't be used.
    """

    def __init__(self, state: Path):
        self._state = state

    def has(self, address: str, space: str) -> bool:
        """Whether there is one. Raises StateError where something else is in its place, or a part of it."""
        return is_there(ledger_path(self._state, address, space))

    def lock(self, address: str, space: str) -> AbstractContextManager[None]:
        """Lock the Space, so that no other run opens its ledger. Raises SpaceHeld, saying who holds it."""
        return lock(space_file(self._state, address, space, ".lock"), space)

    @contextmanager
    def open(self, address: str, space: str) -> Iterator[Ledger]:
        """Open one to write to it, with the Space held; make it where there is none."""
        with SqliteLedger.open(ledger_path(self._state, address, space), address, space) as ledger:
            yield ledger

    @contextmanager
    def look(self, address: str, space: str) -> Iterator[Ledger]:
        """Open one to read; where there is none, one without keys, and none is made."""
        with SqliteLedger.look(ledger_path(self._state, address, space)) as ledger:
            yield ledger

    def all(self) -> list[Unopened]:
        """All of them. Raises StateError for a folder that can't be read."""
        return ledgers(self._state)


@contextmanager
def no_ledger() -> Iterator[Ledger]:
    """A ledger without keys, to read: for code that must not know what was sent before."""
    with SqliteLedger.blank() as ledger:
        yield ledger
