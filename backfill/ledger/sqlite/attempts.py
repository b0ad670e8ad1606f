"""Attempts: keys that a run is about to send, or has sent, and has no answer for. See `ledger.unsettled`."""

import json
import sqlite3
from collections.abc import Collection, Sequence

_DROP = "DELETE FROM attempts WHERE run = ? AND key {} (SELECT value FROM json_each(?))"


def enter_attempts(db: sqlite3.Connection, run: int, keys: Sequence[str] = ("",)) -> None:
    """Enter keys; the empty one says that the run enters the others before it sends them."""
    db.execute("INSERT OR IGNORE INTO attempts SELECT ?, value FROM json_each(?)", (run, json.dumps(list(keys))))


def settle_attempts(db: sqlite3.Connection, run: int, keys: Sequence[str]) -> None:
    """Drop those of the keys that this run has entered."""
    db.execute(_DROP.format("IN"), (run, json.dumps(list(keys))))


def keep_attempts(db: sqlite3.Connection, run: int, keys: Collection[str]) -> None:
    """Drop all that this run has entered but the keys."""
    db.execute(_DROP.format("NOT IN"), (run, json.dumps(["", *keys])))
