"""A ledger's file: where it is, whose it is, and how it is opened.

What SQLite and the file system raise here comes out as it is; the Ledger makes one sentence of it.
"""

import os
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from urllib.parse import quote, unquote

from backfill.errors import StateError
from backfill.ledger.sqlite.health import companions, damaged, is_there, keep_known, refuse_unsound, unmerged
from backfill.ledger.sqlite.tables import LATER, SCHEMA, TABLES, prepare
from backfill.storage.handles import refuse_crowd
from backfill.storage.outputs import give_name
from backfill.storage.private import exists, make_file, make_folder
from backfill.storage.state_folder import SPACES, space_file

_CACHE_KIB = 512  # of pages; with a million keys more pages make nothing faster, and a process may hold fifty ledgers

_HELD = """
    SELECT EXISTS (SELECT 1 FROM accepted), EXISTS (SELECT 1 FROM runs), NOT EXISTS (SELECT 1 FROM accepted) AND
        EXISTS (SELECT 1 FROM runs WHERE json_valid(summary) AND json_extract(summary, '$.accepted') > 0)
"""  # whether there are events, and runs, and whether these have sent any though there are none


def ledger_path(state: Path, address: str, space: str) -> Path:
    return space_file(state, address, space, ".sqlite")


def whose(path: Path) -> tuple[str, str]:
    """The address and the Space that a ledger's path is made for."""
    scheme, _, rest = unquote(path.parent.name).partition("_")
    host, _, port = rest.rpartition("_")
    return f"{scheme}://{host if '.' in host else host.replace('_', ':')}:{port}", unquote(path.stem)


def ledgers_in(state: Path) -> list[Path]:
    """Where in a state folder a ledger is, or should. Raises StateError for a folder that can't be read."""
    found: set[Path] = set()
    for folder in _names_in(state) if exists(state, "a folder") else []:
        if not folder.name.startswith(SPACES):
            continue
        for path in _names_in(folder) if exists(folder, "a folder") else []:
            if path.suffix == ".sqlite":
                found.add(path)
            elif path.name.endswith(".sqlite-wal"):
                found.add(path.with_name(path.name.removesuffix("-wal")))
    return sorted(found)


def ledgers_beside(path: Path) -> list[Path]:
    """The ledgers of other Spaces at the same address."""
    return sorted(other for other in path.parent.glob("*.sqlite") if other != path)


def _names_in(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError as error:
        refuse_crowd(folder)
        raise StateError(f"{folder}: can't be read ({error.strerror}); check its permissions") from None


@contextmanager
def writable(path: Path, address: str, space: str) -> Iterator[sqlite3.Connection]:
    """Open a Space's file for a run that writes to it; make it where there is none."""
    make_folder(path.parent)
    if not is_there(path):
        _make(path, address, space)
    with closing(sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)) as connection:
        refuse_unsound(connection, path, trust=False)
        _refuse_other(connection, path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        prepare(connection)
        yield connection
    keep_known(path)


def _make(path: Path, address: str, space: str) -> None:
    """Make a Space's file under another name and rename it, so that no run ever sees an empty one or a part of one."""
    aside = path.with_name(f".{path.name}.new")
    files = (aside, *companions(aside), path.with_name(f"{aside.name}-journal"))
    for left in files:
        left.unlink(missing_ok=True)
    try:
        make_file(aside)
        with closing(sqlite3.connect(aside, isolation_level=None)) as db:
            db.execute("PRAGMA synchronous = FULL")  # without a log: what a full disk keeps out of the file is an error
            db.executescript(f"BEGIN; {TABLES}")
            for name, value in (("schema", str(SCHEMA)), ("address", address), ("space", space)):
                db.execute("INSERT INTO meta VALUES (?, ?)", (name, value))
            db.execute("COMMIT")
        give_name(aside, path)
    except BaseException:
        for left in files:
            left.unlink(missing_ok=True)
        raise


@contextmanager
def readable(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a Space's file to read; where there is none, one in memory without keys."""
    with ExitStack() as stack:
        if is_there(path):
            connection = stack.enter_context(_read_only(path))
            refuse_unsound(connection, path)
            _refuse_other(connection, path)
        else:
            connection = stack.enter_context(blank())
        yield connection


@contextmanager
def blank() -> Iterator[sqlite3.Connection]:
    """Open tables in memory, without keys."""
    with closing(sqlite3.connect(":memory:", check_same_thread=False)) as connection:
        connection.executescript(TABLES)
        yield connection


def space_with(path: Path, fingerprint: str) -> str | None:
    """The Space's name if an event was accepted there with this API key; of one that can't be read nothing is known."""
    try:
        if not is_there(path):
            return None
        with _read_only(path) as db:
            known = dict(db.execute("SELECT name, value FROM meta WHERE EXISTS (SELECT 1 FROM accepted)"))
    except (sqlite3.Error, OSError, StateError, ValueError):
        return None
    return known.get("space") if known.get("api_key") == fingerprint else None


def _refuse_other(db: sqlite3.Connection, path: Path) -> None:
    """Raise StateError where the file is no ledger, lacks a table, or was written by a newer release."""
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables & {"meta", "accepted"}:
        raise damaged(path, "it is another program's file")
    if "meta" not in tables:
        raise damaged(path, "its table meta is gone")
    meta = dict(db.execute("SELECT name, value FROM meta"))
    schema = str(meta.get("schema"))
    if not (schema.isascii() and schema.isdigit() and {"address", "space"} <= meta.keys()):
        raise damaged(path, "it does not say whose it is")
    if int(schema) > SCHEMA:
        raise StateError(f"{path}: written by a newer release of backfill; use that one")
    gone = set(re.findall(r"CREATE TABLE IF NOT EXISTS (\w+)", TABLES)) - tables
    if gone := {name for name in gone if LATER.get(name, 0) < int(schema)}:
        raise damaged(path, f"its table {min(gone)} is gone")
    events, runs, sent = db.execute(_HELD).fetchone()
    if events and not runs:
        raise damaged(path, "its runs are gone")
    if sent and not events:
        raise damaged(path, "the keys of what its runs sent are gone")


@contextmanager
def _read_only(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a file that is there, also in a folder that can't be written to and has no room for what a reader keeps.

    The file is then complete, or, where a killed run has left a log next to it, a copy of both is read.
    """
    with ExitStack() as stack:
        try:
            connection = _connected(f"{_uri(path)}?mode=ro")
        except sqlite3.OperationalError as error:
            if not error.sqlite_errorname.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY")):
                raise
            if unmerged(path):
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="backfill-ledger-")))
                for one in (path, companions(path)[0]):
                    shutil.copyfile(one, folder / one.name)
                connection = _connected(_uri(folder / path.name))
            else:
                connection = _connected(f"{_uri(path)}?immutable=1")
        stack.enter_context(closing(connection))
        yield connection


def _connected(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, timeout=10, check_same_thread=False)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _uri(path: Path) -> str:
    return f"file:{quote(os.fsencode(path.absolute()))}"  # as bytes: a name need be no UTF-8
