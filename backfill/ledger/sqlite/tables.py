"""A ledger's tables, and how one that an earlier release wrote becomes today's."""

import sqlite3

from backfill.ledger.likeness import kept_likenesses
from backfill.ledger.spelling import name_in

SCHEMA = 3
TABLES = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS runs (
    id INTEGER PRIMARY KEY, started TEXT NOT NULL, finished TEXT, command TEXT NOT NULL, mapping TEXT NOT NULL,
    namespace TEXT, files TEXT NOT NULL, exit_code INTEGER, summary TEXT, recipe TEXT);
CREATE TABLE IF NOT EXISTS accepted (
    key TEXT PRIMARY KEY, run INTEGER NOT NULL, accepted_at INTEGER NOT NULL, seen_run INTEGER, time TEXT NOT NULL,
    amount TEXT, identity BLOB NOT NULL, order_id TEXT) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS accepted_order ON accepted (order_id) WHERE order_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS verdicts (
    run INTEGER NOT NULL, order_id TEXT, event TEXT, verdict TEXT NOT NULL, code TEXT NOT NULL, file TEXT NOT NULL,
    row INTEGER NOT NULL, at INTEGER NOT NULL, seen_run INTEGER, content INTEGER);
CREATE INDEX IF NOT EXISTS verdicts_order ON verdicts (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS verdicts_content ON verdicts (content) WHERE order_id IS NULL;
DROP INDEX IF EXISTS verdicts_row;
CREATE TABLE IF NOT EXISTS inputs (
    run INTEGER NOT NULL, mapping TEXT NOT NULL, name TEXT NOT NULL, rows INTEGER NOT NULL, header TEXT NOT NULL,
    PRIMARY KEY (mapping, name, run)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS recipes (mapping TEXT PRIMARY KEY, recipe TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS deleted (
    key TEXT PRIMARY KEY, run INTEGER NOT NULL, event_id TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS undone (
    key TEXT NOT NULL, run INTEGER NOT NULL, accepted_at INTEGER NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (key, run)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS alike (likeness INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS resent (
    key TEXT NOT NULL, run INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (key, run)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS attempts (
    run INTEGER NOT NULL, key TEXT NOT NULL, PRIMARY KEY (run, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bodies (
    run INTEGER NOT NULL, key TEXT NOT NULL, time TEXT NOT NULL, amount TEXT, identity BLOB NOT NULL,
    PRIMARY KEY (run, key)) WITHOUT ROWID;
"""
LATER = {  # the last schema that may lack the table
    "inputs": 1,
    "deleted": 1,
    "undone": 1,
    "alike": 1,
    "resent": 2,
    "attempts": 3,  # a release without it may go on with the ledger: its runs are those that enter none
    "bodies": 3,  # of attempts; a table of its own, as a release without it takes no attempts with more columns
}
_ADDED = {
    "runs": {"recipe": "TEXT"},
    "verdicts": {"seen_run": "INTEGER", "content": "INTEGER"},
}  # columns that an earlier release did not have


def prepare(db: sqlite3.Connection) -> None:
    """Make an earlier release's tables into those of today: all of it or nothing."""
    (before,) = db.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone()
    if before == str(SCHEMA) and columns_of(db, "attempts") and columns_of(db, "bodies"):
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        for table, columns in _ADDED.items():
            there = columns_of(db, table)
            for name, kind in columns.items():
                if there and name not in there:
                    db.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")
        for statement in TABLES.split(";\n"):
            db.execute(statement)
        if int(before) <= LATER["alike"]:
            fill_alike(db, "main")
        db.execute("INSERT OR REPLACE INTO meta VALUES ('schema', ?)", (str(SCHEMA),))
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def fill_alike(db: sqlite3.Connection, schema: str) -> None:
    """Enter the likenesses of every event whose key shows its name."""
    rows = db.execute("SELECT key, time, amount, identity FROM accepted")
    named = ((name_in(key), *rest) for key, *rest in rows)
    found = ((one,) for name, *rest in named if name for one in kept_likenesses(name, *rest))
    db.executemany(f"INSERT OR IGNORE INTO {schema}.alike VALUES (?)", found)  # noqa: S608


def columns_of(db: sqlite3.Connection, table: str) -> list[str]:
    """A table's columns; none where it is not there."""
    return [name for (name,) in db.execute("SELECT name FROM pragma_table_info(?)", (table,))]
