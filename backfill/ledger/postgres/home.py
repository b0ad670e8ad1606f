"""Where the ledgers in a PostgreSQL database are, as they are opened, looked at and held."""

import atexit
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache, partial

from backfill.ledger.postgres.lease import Lease, held
from backfill.ledger.postgres.ledger import PostgresLedger
from backfill.ledger.postgres.server import Server
from backfill.ledger.protocol import Ledger, Unopened

Nothing = Callable[[], AbstractContextManager[Ledger]]


class _Connections:
    """This process's two connections to a database: what it asks, and its leases, which nothing is to put off."""

    def __init__(self, url: str):
        self.asking, self.leasing = Server(url), Server(url)
        for server in (self.asking, self.leasing):
            atexit.register(server.close)
        self.leases: dict[int, Lease] = {}  # of the Spaces that this process holds


_connections = cache(_Connections)


class PostgresLedgers:
    """`Ledgers` of a database.

    `machine` names this machine's memory of the pace; `here` locks a Space on this machine; `nothing` opens a ledger
    without keys.
    """

    def __init__(
        self, url: str, machine: str, here: Callable[[str, str], AbstractContextManager[None]], nothing: Nothing
    ):
        self._connections = _connections(url)
        self._server = self._connections.asking
        self._machine, self._here = machine, here
        self._nothing = nothing

    @property
    def place(self) -> str:
        return self._server.place

    @property
    def identity(self) -> str:
        query = "SELECT system_identifier || '/' || current_database() FROM pg_control_system()"
        return str(self._server.rows(query)[0][0])

    @property
    def to_join(self) -> str:
        return "copy its ledger here (backfill ledger copy), or say --skip-existing"

    def _number(self, address: str, space: str) -> int | None:
        """The Space's number; None where no run has made it yet."""
        query = "SELECT space FROM backfill.spaces WHERE (address, name) = (%s, %s)"
        rows = self._server.rows(query, (address, space)) if self._server.ready(writing=False) else []
        return rows[0][0] if rows else None

    def _made(self, address: str, space: str) -> int:
        """The Space's number, made where there is none."""
        self._server.ready(writing=True)
        found = self._number(address, space)
        if found is None:
            query = "INSERT INTO backfill.spaces (address, name) VALUES (%s, %s) ON CONFLICT DO NOTHING"
            self._server.rows(query, (address, space))
            found = self._number(address, space)
        assert found is not None
        return found

    def has(self, address: str, space: str) -> bool:
        number = self._number(address, space)
        query = "SELECT EXISTS (SELECT 1 FROM backfill.runs WHERE space = %s)"
        return number is not None and bool(self._server.rows(query, (number,))[0][0])

    @contextmanager
    def lock(self, address: str, space: str) -> Iterator[None]:
        number, leases = self._made(address, space), self._connections.leases
        with (
            self._here(address, space),
            held(self._connections.leasing, self._server, number, space, self._machine) as lease,
        ):
            leases[number] = lease
            try:
                yield
            finally:
                del leases[number]

    @contextmanager
    def open(self, address: str, space: str) -> Iterator[Ledger]:
        number = self._made(address, space)
        yield PostgresLedger(self._server, number, self._connections.leases.get(number), partial(self._beside, number))

    @contextmanager
    def look(self, address: str, space: str) -> Iterator[Ledger]:
        if self.has(address, space) and (number := self._number(address, space)) is not None:
            yield PostgresLedger(self._server, number, None, partial(self._beside, number))
        else:
            with self._nothing() as ledger:
                yield ledger

    def all(self) -> list[Unopened]:
        if not self._server.ready(writing=False):
            return []
        query = (
            "SELECT address, name FROM backfill.spaces WHERE EXISTS (SELECT 1 FROM backfill.runs WHERE runs.space = "
        )
        rows = self._server.rows(f"{query} spaces.space) ORDER BY address, name")
        return [self._unopened(*row) for row in rows]

    def _beside(self, number: int) -> list[Unopened]:
        """The ledgers of other Spaces at the same address."""
        query = "SELECT address FROM backfill.spaces WHERE space = %s"
        ((address,),) = self._server.rows(query, (number,))
        query = "SELECT name FROM backfill.spaces WHERE space = %s"
        ((name,),) = self._server.rows(query, (number,))
        return [one for one in self.all() if one.address == address and one.space != name]

    def _unopened(self, address: str, space: str) -> Unopened:
        return Unopened(address, space, f"{self.place} (space {space})", partial(self.look, address, space))
