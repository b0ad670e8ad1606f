"""Attempts: what a run is about to send, or has sent, and has no answer for. See `ledger.unsettled`."""

import json
import sqlite3
from collections.abc import Collection, Sequence
from itertools import chain

from backfill.ledger.entries import Accepted

_DROP = "DELETE FROM {} WHERE run = ? AND key {} (SELECT value FROM json_each(?))"
_TABLES = ("attempts", "bodies")
_TOGETHER = 200  # rows that one statement inserts


def begin_attempts(db: sqlite3.Connection, run: int) -> None:
    """Say by an empty key that the run enters what it sends before it sends it."""
    db.execute("INSERT OR IGNORE INTO attempts (run, key) VALUES (?, '')", (run,))


def enter_attempts(db: sqlite3.Connection, run: int, events: Sequence[Accepted]) -> None:
    """Enter what is about to be sent."""
    for at in range(0, len(events), _TOGETHER):
        some = [(run, *one[:4]) for one in events[at : at + _TOGETHER]]
        keys = ",".join(["(?, ?)"] * len(some))
        db.execute(f"INSERT OR IGNORE INTO attempts (run, key) VALUES {keys}", [*chain(*(one[:2] for one in some))])  # noqa: S608
        rows = ",".join(["(?, ?, ?, ?, ?)"] * len(some))
        db.execute(f"INSERT OR IGNORE INTO bodies (run, key, time, amount, identity) VALUES {rows}", [*chain(*some)])  # noqa: S608


def settle_attempts(db: sqlite3.Connection, run: int, keys: Sequence[str]) -> None:
    """Drop those of the keys that this run has entered."""
    for table in _TABLES:
        db.execute(_DROP.format(table, "IN"), (run, json.dumps(list(keys))))


def keep_attempts(db: sqlite3.Connection, run: int, keys: Collection[str]) -> None:
    """Drop all that this run has entered but the keys."""
    for table in _TABLES:
        db.execute(_DROP.format(table, "NOT IN"), (run, json.dumps(["", *keys])))
