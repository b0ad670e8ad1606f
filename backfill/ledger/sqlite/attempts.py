"""Attempts: what a run is about to send, or has sent, and has no answer for. See `ledger.unsettled`."""

import json
import sqlite3
from collections.abc import Collection, Sequence
from itertools import chain

from backfill.ledger.entries import Accepted

_DROP = "DELETE FROM attempts WHERE run = ? AND key {} (SELECT value FROM json_each(?))"


_TOGETHER = 200  # rows that one statement inserts


def begin_attempts(db: sqlite3.Connection, run: int) -> None:
    """Say by an empty key that the run enters what it sends before it sends it."""
    db.execute("INSERT OR IGNORE INTO attempts (run, key) VALUES (?, '')", (run,))


def enter_attempts(db: sqlite3.Connection, run: int, events: Sequence[Accepted]) -> None:
    """Enter what is about to be sent."""
    for at in range(0, len(events), _TOGETHER):
        some = [(run, one.key, one.time, one.amount, one.identity) for one in events[at : at + _TOGETHER]]
        values = ",".join(["(?, ?, ?, ?, ?)"] * len(some))
        query = f"INSERT OR IGNORE INTO attempts (run, key, time, amount, identity) VALUES {values}"  # noqa: S608
        db.execute(query, list(chain.from_iterable(some)))


def settle_attempts(db: sqlite3.Connection, run: int, keys: Sequence[str]) -> None:
    """Drop those of the keys that this run has entered."""
    db.execute(_DROP.format("IN"), (run, json.dumps(list(keys))))


def keep_attempts(db: sqlite3.Connection, run: int, keys: Collection[str]) -> None:
    """Drop all that this run has entered but the keys."""
    db.execute(_DROP.format("NOT IN"), (run, json.dumps(["", *keys])))
