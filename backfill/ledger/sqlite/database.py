"""A database: one connection to a ledger's file, which threads share, and whose errors name the file."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from backfill.errors import place_of
from backfill.ledger.sqlite.health import damaged, state_errors
from backfill.ledger.sqlite.tables import columns_of


class Database:
    """A ledger's file, open. Raises StateError, with the path, for one that can't be used."""

    def __init__(self, path: Path, connection: sqlite3.Connection):
        self.path = path
        self._db = connection
        self._lock = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """For code that converts its values: one that makes no sense is damage like any other. Raises StateError."""
        try:
            with state_errors(self.path):
                yield
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
            raise damaged(self.path, f"a value can't be read: {type(error).__name__} at {place_of(error)}") from None

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock, state_errors(self.path):
            return self._db.execute(query, values).fetchall()

    def _one(self, query: str, *values: object) -> Any:
        with self._lock, state_errors(self.path):
            return self._db.execute(query, values).fetchone()

    def _number(self, query: str, *values: object) -> int:
        """A number that the query gives; 0 for none."""
        with self.reading():
            return int(self._one(query, *values)[0] or 0)

    def _has(self, table: str) -> bool:
        """Whether there is such a table; an earlier release may have made none."""
        return bool(self._one("SELECT 1 FROM sqlite_master WHERE name = ?", table))

    def _columns(self, table: str) -> list[str]:
        with self._lock, state_errors(self.path):
            return columns_of(self._db, table)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, state_errors(self.path):
            self._begin()
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def _begin(self) -> None:
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            # another process has held it for long already: what is left to do does not wait as long again
            self._db.execute("PRAGMA busy_timeout = 200")
            raise
