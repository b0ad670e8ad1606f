"""The server: one connection of this process to the database, which threads share, and whose errors name the place.

Nothing is kept in a session (no prepared statement, setting or lock), so PgBouncer in transaction mode is fine. Every
statement and every transaction may be done twice: where the connection breaks, nobody knows whether it was.
"""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from psycopg import conninfo

from backfill.errors import LedgerLost, StateError, UsageError, place_of, shown
from backfill.ledger.postgres.tables import SCHEMA, barred, gone, lacking, make, version

VARIABLE = "BACKFILL_LEDGER"
_DEAD_AFTER = {  # seconds, one in ms: a line to the server that carries nothing any more is found out
    "connect_timeout": 5,
    "tcp_user_timeout": 5000,
    "keepalives_idle": 3,
    "keepalives_interval": 1,
    "keepalives_count": 3,
}
_NAME = 63  # bytes of a name that the server keeps
_REFUSED = "FATAL: "  # a server's own word, and not the network's
_PAUSE = 0.5  # seconds until a lost server is tried again
UNREACHABLE = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.ReadOnlySqlTransaction)

Result = TypeVar("Result")
Rows = list[tuple[Any, ...]]


class Server:
    """A database, reached by one connection. Raises StateError, with the place, where it can't be used.

    `patience`: seconds for which each verb waits for a server that is gone.
    """

    def __init__(self, url: str):
        self._info = _parsed(url)
        self._lock = threading.RLock()
        self._db: psycopg.Connection | None = None
        self._checked = self._complete = False
        self.patience = 0.0

    @property
    def place(self) -> str:
        """The address as it may be shown: without user and password."""
        known = [str(self._info.get(name) or "") for name in ("host", "port", "dbname")]
        return shown(f"postgresql://{known[0]}{f':{known[1]}' if known[1] else ''}/{known[2]}")

    # -- asking

    def rows(self, query: str, values: Sequence[Any] | dict[str, Any] = (), binary: bool = False) -> Rows:
        """One statement, committed when this returns, and what it gives."""
        return self.do(lambda db: _all(db.execute(query, values or None, binary=binary)))

    def each(self, act: Callable[[psycopg.Connection], Iterator[tuple[Any, ...]]]) -> Iterator[tuple[Any, ...]]:
        """Rows as they come, in a transaction that lasts as long as they do; once, for nobody knows how far it came."""
        with self._lock, self._errors():
            yield from act(self._connected())

    def transaction(self, act: Callable[[psycopg.Connection], Result], once: bool = False) -> Result:
        """Several statements: all of them, or nothing. `once`: they take what can't be given again."""

        def together(db: psycopg.Connection) -> Result:
            with db.transaction():
                return act(db)

        if once:
            with self._lock, self._errors():
                return together(self._connected())
        return self.do(together)

    def do(self, act: Callable[[psycopg.Connection], Result]) -> Result:
        """Do it with a connection; where the server is gone, again once at once, and then for as long as `patience`."""
        began, tried = time.monotonic(), 0
        with self._lock:
            while True:
                try:
                    return act(self._connected())
                except UNREACHABLE as error:
                    self.close()
                    fresh, tried = tried == 0 and not isinstance(error, _Never), tried + 1
                    if not fresh and time.monotonic() - began >= self.patience:
                        self.patience = 0.0  # what is left to do does not wait as long again
                        raise self._lost(error) from None
                    time.sleep(0 if fresh else _PAUSE)
                except psycopg.Error as error:
                    raise self._unusable(error) from None

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except UNREACHABLE as error:
            self.close()
            raise self._lost(error) from None
        except psycopg.Error as error:
            raise self._unusable(error) from None

    def _damaged(self, what: str) -> StateError:
        return StateError(f"{self.place}: the ledger is damaged ({what}); put back a copy of the database")

    def _unusable(self, error: psycopg.Error) -> StateError:
        missing = isinstance(error, psycopg.errors.InsufficientPrivilege)
        rights = "; the rights that it takes are in: backfill guide hosts" if missing else ""
        return StateError(f"{self.place}: the ledger can't be used ({_said(error)}){rights}")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """For code that converts values: one that makes no sense is damage. Raises StateError."""
        try:
            yield
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
            what = f"a value can't be read: {type(error).__name__} at {place_of(error)}"
            raise StateError(f"{self.place}: the ledger is damaged ({what})") from None

    # -- the connection and the tables

    def _connected(self) -> psycopg.Connection:
        if self._db is None or self._db.closed:
            try:
                known = {"application_name": f"backfill {process_name()}"[:_NAME], **_DEAD_AFTER, **self._info}
                known["client_encoding"] = "UTF8"  # whatever PGCLIENTENCODING says
                self._db = psycopg.connect(**known, autocommit=True, prepare_threshold=None)
            except psycopg.OperationalError as error:
                raise _Never(_said(error)) from None
        return self._db

    def ready(self, writing: bool) -> bool:
        """Whether the tables are there; made, where somebody is to write. Raises StateError for a newer schema."""
        if not self._checked:
            found = self.do(version)
            if found < 0:
                raise self._damaged("its tables do not say of which release they are")
            if not found and not writing:
                return False
            if not found:
                self.do(make)
            elif found > SCHEMA:
                raise StateError(f"{self.place}: written by a newer release of backfill; use that one")
            elif table := self.do(gone):
                raise self._damaged(f"its table {table} is gone")
            self._checked = True
        if writing and not self._complete:
            if self.do(lacking):
                if why := self.do(barred):
                    raise StateError(f"{self.place}: {why}")
                self.do(make)
            self._complete = True
        return True

    def close(self) -> None:
        with self._lock:
            if self._db is not None:
                self._db.close()
            self._db = None

    def _lost(self, error: BaseException) -> LedgerLost:
        what = "can't be reached"
        if isinstance(error, psycopg.errors.ReadOnlySqlTransaction):
            what = "takes no writes, as a standby does"
        elif _REFUSED in str(error):
            what = "refuses the connection"
        return LedgerLost(
            f"{self.place}: the ledger's server {what} ({_said(error)}); "
            f"{VARIABLE} names it, and no other ledger is used instead"
        )


def process_name() -> str:
    """This process, for people on other hosts."""
    return f"{socket.gethostname()} process {os.getpid()}"


class _Never(psycopg.OperationalError):
    """No connection could be made at all."""


def _all(cursor: psycopg.Cursor) -> Rows:
    return cursor.fetchall() if cursor.description else []


def _said(error: BaseException) -> str:
    """The first line of what the server or the library said; never a value."""
    if isinstance(error, psycopg.DataError | psycopg.IntegrityError):
        return type(error).__name__
    lines = str(error).strip().splitlines()
    return shown(lines[0][:200]) if lines else type(error).__name__


def _parsed(url: str) -> dict[str, Any]:
    """The parts of an address. Raises UsageError, without the text, which may hold a password."""
    try:
        if not url.startswith(("postgresql://", "postgres://")):
            raise ValueError
        found = conninfo.conninfo_to_dict(url)
        if "@" in str(found.get("host") or ""):  # the end of a password that has one in it
            raise ValueError
        return found
    except (psycopg.Error, ValueError):
        sentence = f"{VARIABLE} is no PostgreSQL address; it is like postgresql://USER@HOST:5432/DATABASE, and the "
        raise UsageError(f"{sentence}password stands in PGPASSWORD or in a passfile") from None


def storable(text: str) -> str:
    """A text as PostgreSQL takes it: without NUL, and a file's name may hold bytes that are no UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
