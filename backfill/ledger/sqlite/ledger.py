"""A Space's ledger in SQLite: the verbs of a run, which write to it and find in it."""

import json
import sqlite3
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property, partial
from itertools import chain
from pathlib import Path
from typing import Any, Self

from backfill.ledger.api_key import known_as, other_than_before
from backfill.ledger.entries import Accepted, Input, Known, Rejected
from backfill.ledger.likeness import kept_likenesses
from backfill.ledger.protocol import Hold, Unopened
from backfill.ledger.spelling import earlier, name_in, today
from backfill.ledger.sqlite.again import forget_deleted, note_resent
from backfill.ledger.sqlite.attempts import begin_attempts, enter_attempts, keep_attempts, settle_attempts
from backfill.ledger.sqlite.copied import put, query_of
from backfill.ledger.sqlite.file import blank, ledgers_beside, ledgers_in, readable, space_with, whose, writable
from backfill.ledger.sqlite.health import state_errors
from backfill.ledger.sqlite.history import SqliteHistory
from backfill.ledger.sqlite.tables import fill_alike
from backfill.ledger.sqlite.verdicts import enter, last_run, storable

_TOGETHER = 100  # rows that one statement inserts
_INPUTS = 20  # runs of which the size of a file is kept


class SqliteLedger(SqliteHistory):
    """`Ledger` of a file."""

    hold: Hold | None = None  # its lock is this machine's, as the file is

    @classmethod
    @contextmanager
    def open(cls, path: Path, address: str, space: str) -> Iterator[Self]:
        """Open a Space's ledger for a run that writes to it; make it where there is none."""
        with ExitStack() as stack:
            with state_errors(path):
                connection = stack.enter_context(writable(path, address, space))
            yield cls(path, connection)

    @classmethod
    @contextmanager
    def look(cls, path: Path) -> Iterator[Self]:
        """Open a Space's ledger to read; where there is none, one without keys."""
        with ExitStack() as stack:
            with state_errors(path):
                connection = stack.enter_context(readable(path))
            yield cls(path, connection)

    @classmethod
    @contextmanager
    def blank(cls) -> Iterator[Self]:
        """Open a ledger without keys, which has no file."""
        with blank() as connection:
            yield cls(Path(":memory:"), connection)

    @property
    def empty(self) -> bool:
        return not self._one("SELECT EXISTS (SELECT 1 FROM accepted)")[0]

    def find(self, keys: Sequence[str], but_run: int | None = None) -> dict[str, Known]:
        """By the keys as they are asked for, however an earlier release wrote them."""
        spelt: dict[str, str] = {}
        if self._colons:
            for key in keys:
                if (before := earlier(key)) and before[0] in self._colons.values():
                    spelt[before[1]] = key
        query = "SELECT a.key, a.key, run, time, amount, identity, FALSE FROM json_each(?) CROSS JOIN accepted a "
        query += "ON a.key = value WHERE run IS NOT ?"
        found = Known.by_key(self._rows(query, json.dumps([*keys, *spelt]), but_run))
        return self._as_asked(found, spelt) if self._colons else found

    def _as_asked(self, found: dict[str, Known], spelt: dict[str, str]) -> dict[str, Known]:
        """What was found, by the keys as they are written today."""
        asked: dict[str, Known] = {}
        for own, known in found.items():
            space = self._colons.get(known.run)
            of_space = space is not None and own.startswith(f"{name_in(own)}:{space}:")
            key = spelt.get(own)
            if key is not None and of_space and key not in found:
                asked[key] = known._replace(key=key)
            asked.setdefault(own, known._replace(other=of_space))
        return asked

    @cached_property
    def _colons(self) -> dict[int, str]:
        """The namespaces of runs by an earlier release, which put a colon before them in a key."""
        query = "SELECT id, namespace FROM runs WHERE namespace IS NOT NULL"
        query += " AND recipe IS NULL" if "recipe" in self._columns("runs") else ""
        return dict(self._rows(query))

    # -- events alike

    @cached_property
    def period(self) -> tuple[str, str]:
        first, last = self._one("SELECT CAST(min(time) AS TEXT), CAST(max(time) AS TEXT) FROM accepted")
        return first or "", last or ""

    def alike(self, asked: Sequence[int]) -> set[int]:
        query = "SELECT a.likeness FROM json_each(?) CROSS JOIN alike a ON a.likeness = value"
        with self._lock, state_errors(self.path):
            if not self._db.execute("SELECT 1 FROM pragma_table_info('alike')").fetchone():
                self._db.execute("CREATE TEMP TABLE alike (likeness INTEGER PRIMARY KEY)")  # of an earlier release
                fill_alike(self._db, "temp")
            return {one for (one,) in self._db.execute(query, (json.dumps(list(asked)),))}

    def seconds(self, minutes: set[str]) -> dict[str, str]:
        query = "SELECT substr(time, 1, 16) AS minute, group_concat(DISTINCT substr(time, 18, 2)) FROM accepted "
        query += "WHERE minute IN (SELECT value FROM json_each(?)) AND substr(time, 18, 2) <> '00' GROUP BY minute"
        return dict(self._rows(query, json.dumps(list(minutes))))

    def others(
        self, asked: set[int], names: set[str], times: set[str], but_run: int | None
    ) -> dict[int, tuple[str, int]]:
        """By the keys as they are written today."""
        query = "SELECT key, run, time, amount, identity FROM accepted WHERE time IN (SELECT value FROM json_each(?))"
        query += " AND run IS NOT ? ORDER BY run, key"
        rows = self._rows(query, json.dumps(list(times)), but_run)
        with self.reading():
            alike = [
                (one, key, run)
                for key, run, *rest in rows
                for name in ([name_in(key)] if name_in(key) else names)
                for one in kept_likenesses(name, *rest)
                if one in asked
            ]
        gone = self.deleted([key for _, key, _ in alike])
        found: dict[int, tuple[str, int]] = {}
        for like, key, run in alike:
            if key not in gone:
                found.setdefault(like, (today(key, self._colons.get(run)), run))
        return found

    def met(self, order_id: str, run: int) -> bool:
        last = last_run(self._columns("verdicts"))
        query = "SELECT 1 FROM verdicts WHERE order_id = ? AND verdict <> 'duplicate' "
        return bool(self._one(f"{query} AND ? BETWEEN run AND {last}", order_id, run))

    # -- what a run enters

    def begin(
        self,
        command: str,
        mapping: str,
        namespace: str | None,
        files: list[str],
        keys: str = "",
        inputs: Iterable[Input] = (),
    ) -> int:
        with self._transaction() as db:
            cursor = db.execute(
                "INSERT INTO runs (started, command, mapping, namespace, files, recipe) VALUES (?, ?, ?, ?, ?, ?)",
                (_now(), storable(command), mapping, namespace, json.dumps(files), keys),
            )
            run = int(cursor.lastrowid or 0)
            begin_attempts(db, run)
            _keep_inputs(db, run, mapping, inputs)
        return run

    def finish(
        self,
        run: int,
        exit_code: int,
        summary: dict[str, Any],
        rejected: Iterable[Rejected],
        unknown: Collection[str] = (),
    ) -> None:
        with self._transaction() as db:
            db.execute(
                "UPDATE runs SET finished = ?, exit_code = ?, summary = ? WHERE id = ?",
                (_now(), exit_code, json.dumps(summary), run),
            )
            enter(db, run, rejected)
            keep_attempts(db, run, unknown)

    def keep(self, run: int, rejected: Iterable[Rejected]) -> None:
        with self._transaction() as db:
            enter(db, run, rejected)

    def attempt(self, run: int, events: Sequence[Accepted]) -> None:
        with self._transaction() as db:
            enter_attempts(db, run, events)

    def accept(self, run: int, events: Iterable[Accepted], refused: Sequence[str] = ()) -> set[str]:
        """What an earlier run had sent is kept as sent again."""
        now, others = int(time.time()), set[str]()
        events = list(events)
        rows = [(e.key, run, now, e.time, e.amount, e.identity, e.order_id) for e in events]
        likes = [(like,) for event in events for like in event.likenesses]
        with self._transaction() as db:
            if db.execute("SELECT EXISTS (SELECT 1 FROM deleted)").fetchone()[0]:
                forget_deleted(db, [row[0] for row in rows])
            for at in range(0, len(rows), _TOGETHER):  # each statement lets other threads in, which costs more than it
                some = rows[at : at + _TOGETHER]
                entered = db.execute(
                    "INSERT OR IGNORE INTO accepted (key, run, accepted_at, time, amount, identity, order_id) VALUES "  # noqa: S608
                    + ",".join(["(?, ?, ?, ?, ?, ?, ?)"] * len(some)),
                    list(chain.from_iterable(some)),
                ).rowcount
                if entered < len(some):
                    others |= note_resent(db, run, now, [row[0] for row in some])
            db.executemany("INSERT OR IGNORE INTO alike VALUES (?)", likes)
            settle_attempts(db, run, [*(row[0] for row in rows), *refused])
        return others

    def see(self, run: int, keys: Sequence[str]) -> None:
        with self._transaction() as db:
            db.execute(
                "UPDATE accepted SET seen_run = ? WHERE key IN (SELECT value FROM json_each(?))",
                (run, json.dumps(list(keys))),
            )

    def delete(self, run: int, key: str, event_id: str) -> None:
        """`deleted` holds what is deleted now; `undone` remembers it for good, whatever is sent again."""
        now = int(time.time())
        with self._transaction() as db:
            db.execute("INSERT OR REPLACE INTO deleted VALUES (?, ?, ?, ?)", (key, run, event_id, now))
            again = "(SELECT at FROM resent WHERE resent.key = accepted.key AND resent.run = ?1)"
            query = f"SELECT key, ?1, coalesce({again}, accepted_at), ?2 FROM accepted WHERE key = ?3"  # noqa: S608
            db.execute(f"INSERT OR REPLACE INTO undone {query}", (run, now, key))

    def keep_recipe(self, mapping: str, recipe: str) -> None:
        with self._transaction() as db:
            db.execute("INSERT OR REPLACE INTO recipes VALUES (?, ?)", (mapping, recipe))

    # -- keys of Spaces, and their neighbours

    def refuse_key(self, space: str, fingerprint: str, rotated: bool = False) -> None:
        for other in ledgers_beside(self.path):
            if name := space_with(other, fingerprint):
                raise known_as(space, name)
        known = self.bound_to
        if known and known != fingerprint and not rotated and not self.empty:
            raise other_than_before(space)

    def bind(self, fingerprint: str) -> None:
        self._keep_meta("api_key", fingerprint)

    def neighbours(self) -> list[Unopened]:
        return [_unopened(path) for path in ledgers_beside(self.path)]

    # -- to be copied

    @property
    def bound_to(self) -> str | None:
        return self._meta("api_key")

    def bind_to(self, fingerprint: str | None) -> None:
        self._keep_meta("api_key", fingerprint)

    @property
    def moved(self) -> str:
        return self._meta("moved") or ""

    def move(self, place: str) -> None:
        self._keep_meta("moved", place or None)

    def _meta(self, name: str) -> str | None:
        found = self._one("SELECT value FROM meta WHERE name = ?", name)
        return found[0] if found else None

    def _keep_meta(self, name: str, value: str | None) -> None:
        with self._transaction() as db:
            db.execute("DELETE FROM meta WHERE name = ?", (name,))
            if value is not None:
                db.execute("INSERT INTO meta VALUES (?, ?)", (name, value))

    def rows_of(self, table: str, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        with self._lock, state_errors(self.path):
            cursor = self._db.execute(query_of(table, columns))
        while True:
            with self._lock, state_errors(self.path):
                rows = cursor.fetchmany(1000)
            if not rows:
                return
            yield from rows

    def refill(self, tables: Iterable[tuple[str, Iterable[tuple[Any, ...]]]]) -> None:
        with self._transaction() as db:
            put(db, tables)


def ledgers(state: Path) -> list[Unopened]:
    """The ledgers of a state folder. Raises StateError for a folder that can't be read."""
    return [_unopened(path) for path in ledgers_in(state)]


def _unopened(path: Path) -> Unopened:
    return Unopened(*whose(path), str(path), partial(SqliteLedger.look, path))


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def _keep_inputs(db: sqlite3.Connection, run: int, mapping: str, inputs: Iterable[Input]) -> None:
    """Enter a run's files, for the gate of later runs; of those before it the rows count, and the last few."""
    rows = [(run, mapping, one.name, one.rows, json.dumps(one.header)) for one in inputs]
    files = [(mapping, one[2]) for one in rows]
    old = "SELECT run FROM inputs WHERE mapping = ? AND name = ? ORDER BY run DESC LIMIT 1 OFFSET ?"
    db.executemany("UPDATE inputs SET header = '[]' WHERE mapping = ? AND name = ?", files)
    db.executemany("INSERT OR REPLACE INTO inputs VALUES (?, ?, ?, ?, ?)", rows)
    query = f"DELETE FROM inputs WHERE mapping = ? AND name = ? AND run <= ({old})"  # noqa: S608
    db.executemany(query, [(*file, *file, _INPUTS) for file in files])
