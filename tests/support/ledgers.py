"""Ledgers as earlier releases wrote them."""

import sqlite3
from contextlib import closing
from pathlib import Path

from backfill.ledger import Accepted

ADDRESS = "https://app.cometly.com:443"
EARLIER = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE runs (
    id INTEGER PRIMARY KEY, started TEXT NOT NULL, finished TEXT, command TEXT NOT NULL, mapping TEXT NOT NULL,
    namespace TEXT, files TEXT NOT NULL, exit_code INTEGER, summary TEXT);
CREATE TABLE accepted (
    key TEXT PRIMARY KEY, run INTEGER NOT NULL, accepted_at INTEGER NOT NULL, seen_run INTEGER, time TEXT NOT NULL,
    amount TEXT, identity BLOB NOT NULL, order_id TEXT) WITHOUT ROWID;
CREATE TABLE verdicts (
    run INTEGER NOT NULL, order_id TEXT, event TEXT, verdict TEXT NOT NULL, code TEXT NOT NULL, file TEXT NOT NULL,
    row INTEGER NOT NULL, at INTEGER NOT NULL);
CREATE TABLE recipes (mapping TEXT PRIMARY KEY, recipe TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES ('schema', '1'), ('address', 'https://app.cometly.com:443'), ('space', 'default');
"""


def of_an_earlier_release(path: Path, *events: tuple[str | None, Accepted]) -> None:
    """Write a ledger as it was before; a run for each event, with its mapping's namespace."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as db, db:
        db.executescript(EARLIER)
        for run, (namespace, one) in enumerate(events, 1):
            db.execute("INSERT INTO runs VALUES (?, '', '', 'backfill', 'm', ?, '[]', 0, '{}')", (run, namespace))
            values = (one.key, run, 1, None, one.time, one.amount, one.identity, one.order_id)
            db.execute("INSERT INTO accepted VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
