"""A ledger's tables in SQLite as they are copied: see `ledger.copy`."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from backfill.ledger.copy import TABLES
from backfill.ledger.sqlite.verdicts import WIDE

_NAMES = {("runs", "run"): "id"}
_READ = {("verdicts", "seen_run"): f"coalesce(seen_run - {WIDE}, run)"}
_ORDER = {"accepted": "key", "alike": "likeness", "verdicts": "rowid", "recipes": "mapping"}


def query_of(table: str, columns: Sequence[str]) -> str:
    """The query that gives a table's rows, the oldest first."""
    read = ", ".join(_READ.get((table, name), _NAMES.get((table, name), name)) for name in columns)
    return f"SELECT {read} FROM {table} ORDER BY {_ORDER.get(table, '1, 2')}"  # noqa: S608


def put(db: sqlite3.Connection, tables: Iterable[tuple[str, Iterable[tuple[Any, ...]]]]) -> None:
    """Put the rows in place of what the tables hold, within a transaction."""
    for table, rows in tables:
        columns = TABLES[table]
        names = ", ".join(_NAMES.get((table, name), name) for name in columns)
        wide = columns.index("seen_run") if table == "verdicts" else None
        db.execute(f"DELETE FROM {table}")  # noqa: S608
        query = f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
        db.executemany(query, _widened(iter(rows), wide))


def _widened(rows: Iterator[tuple[Any, ...]], at: int | None) -> Iterator[tuple[Any, ...]]:
    return rows if at is None else ((*row[:at], WIDE + row[at], *row[at + 1 :]) for row in rows)
