"""A ledger's file: where it lies, whose it is, and how it is opened.

What SQLite and the file system raise here comes out as it is; the Ledger makes one sentence of it.
"""

import hashlib
import sqlite3
from pathlib import Path
from urllib.parse import quote, urlsplit

import platformdirs

from backfill.errors import StateError

SCHEMA = 1
_CACHE_KIB = 512  # of pages; with a million keys more finds none sooner, and a process may hold fifty ledgers
_TABLES = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS runs (
    id INTEGER PRIMARY KEY, started TEXT NOT NULL, finished TEXT, command TEXT NOT NULL, mapping TEXT NOT NULL,
    namespace TEXT, files TEXT NOT NULL, exit_code INTEGER, summary TEXT);
CREATE TABLE IF NOT EXISTS accepted (
    key TEXT PRIMARY KEY, run INTEGER NOT NULL, accepted_at INTEGER NOT NULL, seen_run INTEGER, time TEXT NOT NULL,
    amount TEXT, identity BLOB NOT NULL, order_id TEXT) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS accepted_order ON accepted (order_id) WHERE order_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS verdicts (
    run INTEGER NOT NULL, order_id TEXT, event TEXT, verdict TEXT NOT NULL, code TEXT NOT NULL, file TEXT NOT NULL,
    row INTEGER NOT NULL, at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS verdicts_order ON verdicts (order_id) WHERE order_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS inputs (
    run INTEGER NOT NULL, mapping TEXT NOT NULL, name TEXT NOT NULL, rows INTEGER NOT NULL, header TEXT NOT NULL,
    PRIMARY KEY (mapping, name, run)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS recipes (mapping TEXT PRIMARY KEY, recipe TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS deleted (
    key TEXT PRIMARY KEY, run INTEGER NOT NULL, event_id TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
"""


def address_of(url: str) -> str:
    """Scheme, host and port: what a ledger belongs to."""
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"


def default_state() -> Path:
    """Where this platform keeps a program's state."""
    return Path(platformdirs.user_state_dir("backfill", appauthor=False))


def ledger_path(state: Path, address: str, space: str) -> Path:
    return state / quote(address.replace("://", "_").replace(":", "_"), safe="_") / f"{quote(space, safe='')}.sqlite"


def fingerprint_of(api_key: str) -> str:
    """What tells two API keys apart without keeping either."""
    return hashlib.blake2b(api_key.encode(), digest_size=16, person=b"backfill api key").hexdigest()


def writable(path: Path, address: str, space: str) -> sqlite3.Connection:
    """Open a Space's file for a run that writes to it; make it where there is none."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    connection = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
    try:
        _prepare(connection, path, address, space)
    except BaseException:
        connection.close()
        raise
    return connection


def readable(path: Path) -> sqlite3.Connection:
    """Open a Space's file to read; where there is none, one in memory without keys."""
    connection = (
        _read_only(path)
        if path.exists() and path.stat().st_size
        else sqlite3.connect(":memory:", check_same_thread=False)
    )
    try:
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'accepted'").fetchone():
            _refuse_newer(connection, path)
        else:
            connection.close()
            connection = sqlite3.connect(":memory:", check_same_thread=False)
            connection.executescript(_TABLES)
    except BaseException:
        connection.close()
        raise
    return connection


def space_with(path: Path, fingerprint: str) -> str | None:
    """The Space's name if its ledger knows this API key."""
    try:
        db = _read_only(path)
        try:
            known = dict(db.execute("SELECT name, value FROM meta"))
        finally:
            db.close()
    except sqlite3.Error:
        return None
    return known.get("space") if known.get("api_key") == fingerprint else None


def _prepare(db: sqlite3.Connection, path: Path, address: str, space: str) -> None:
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    if db.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise StateError(
            f"{path}: the ledger is damaged; put back a copy: without it the same events would go out twice"
        )
    db.executescript(_TABLES)
    _refuse_newer(db, path)
    for name, value in (("schema", str(SCHEMA)), ("address", address), ("space", space)):
        db.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", (name, value))


def _refuse_newer(db: sqlite3.Connection, path: Path) -> None:
    found = db.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone()
    if found and found[0] != str(SCHEMA):
        raise StateError(f"{path}: written by a newer release of backfill; use that one")


def _read_only(path: Path) -> sqlite3.Connection:
    where = quote(str(path.absolute()))
    connection = sqlite3.connect(f"file:{where}?mode=ro", uri=True, timeout=10, check_same_thread=False)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        return connection
    except sqlite3.OperationalError:  # a folder that can't be written to has no room for a reader's files
        connection.close()
        return sqlite3.connect(f"file:{where}?immutable=1", uri=True, check_same_thread=False)
    except BaseException:
        connection.close()
        raise
