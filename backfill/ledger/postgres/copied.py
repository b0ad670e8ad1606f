"""A Space's tables in PostgreSQL as they are copied: see `ledger.copy`."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import psycopg

from backfill.ledger.copy import TABLES
from backfill.ledger.postgres.server import storable

_ORDER = {"accepted": "key", "alike": "likeness", "verdicts": "entry", "recipes": "mapping"}


def rows_of(db: psycopg.Connection, space: int, table: str, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """A table's rows, the oldest first, a few thousand at a time."""
    query = f"SELECT {', '.join(columns)} FROM backfill.{table} WHERE space = %s ORDER BY {_ORDER.get(table, '1, 2')}"
    with db.transaction(), db.cursor(name=f"copied_{table}") as cursor:
        cursor.itersize = 2000
        yield from cursor.execute(query, (space,))


def put(db: psycopg.Connection, space: int, tables: Iterable[tuple[str, Iterable[tuple[Any, ...]]]]) -> None:
    """Put the rows in place of what the tables hold of the Space, within a transaction."""
    for table, rows in tables:
        db.execute(f"DELETE FROM backfill.{table} WHERE space = %s", (space,))
        names = ", ".join(("space", *TABLES[table]))
        with db.cursor().copy(f"COPY backfill.{table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row((space, *(storable(one) if isinstance(one, str) else one for one in row)))
