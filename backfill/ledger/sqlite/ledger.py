"""A Space's ledger in SQLite.

A key is in the ledger only after the API took it, and before anything counts it: resuming, nightly runs and re-run
rejects are all one rule, to skip what is here. Amount, time and digests of the identity stand beside the key, so that a
changed or a foreign order is noticed; names and addresses of people do not.
"""

import json
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, Self

from backfill.errors import UsageError, place_of
from backfill.ledger.entries import Accepted, Input, Known, Rejected, Run
from backfill.ledger.likeness import likenesses
from backfill.ledger.spelling import earlier, name_in, today
from backfill.ledger.sqlite.again import forget_deleted, note_resent
from backfill.ledger.sqlite.file import (
    ledgers_beside,
    readable,
    space_with,
    writable,
)
from backfill.ledger.sqlite.health import damaged, told
from backfill.ledger.sqlite.tables import columns_of, fill_alike
from backfill.ledger.sqlite.verdicts import enter, last_run, storable

_TOGETHER = 100  # rows that one statement inserts
_INPUTS = 20  # runs of which the size of a file is kept


class Ledger:
    """One Space's ledger, open. Raises StateError, with the path, for one that can't be used."""

    def __init__(self, path: Path, connection: sqlite3.Connection):
        self.path = path
        self._db = connection
        self._lock = threading.Lock()

    @classmethod
    @contextmanager
    def open(cls, path: Path, address: str, space: str) -> Iterator[Self]:
        """Open a Space's ledger for a run that writes to it; make it where there is none."""
        with ExitStack() as stack:
            with told(path):
                connection = stack.enter_context(writable(path, address, space))
            yield cls(path, connection)

    @classmethod
    @contextmanager
    def look(cls, path: Path) -> Iterator[Self]:
        """Open a Space's ledger to read; where there is none, one without keys."""
        with ExitStack() as stack:
            with told(path):
                connection = stack.enter_context(readable(path))
            yield cls(path, connection)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """For who makes something of its values: one that says nothing is damage like any other. Raises StateError."""
        try:
            with told(self.path):
                yield
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
            raise damaged(self.path, f"a value can't be read: {type(error).__name__} at {place_of(error)}") from None

    def __len__(self) -> int:
        return self._number("SELECT count(*) FROM accepted")

    @property
    def empty(self) -> bool:
        return not self._one("SELECT EXISTS (SELECT 1 FROM accepted)")[0]

    def find(self, keys: Sequence[str], but_run: int | None = None) -> dict[str, Known]:
        """What was accepted under the keys, however an earlier release wrote them, by any run but this."""
        spelt: dict[str, str] = {}
        if self._colons:
            for key in keys:
                if (before := earlier(key)) and before[0] in self._colons.values():
                    spelt[before[1]] = key
        query = "SELECT a.key, a.key, run, time, amount, identity, FALSE FROM json_each(?) CROSS JOIN accepted a "
        query += "ON a.key = value WHERE run IS NOT ?"
        with self._lock, told(self.path):
            rows = self._db.execute(query, (json.dumps([*keys, *spelt]), but_run)).fetchall()
        found = {row[0]: Known._make(row) for row in rows}
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
        with self._lock, told(self.path):
            query = "SELECT id, namespace FROM runs WHERE namespace IS NOT NULL"
            query += " AND recipe IS NULL" if "recipe" in columns_of(self._db, "runs") else ""
            return dict(self._db.execute(query).fetchall())

    # -- events alike

    @cached_property
    def period(self) -> tuple[str, str]:
        """The first and the last event time of what was accepted before."""
        first, last = self._one("SELECT CAST(min(time) AS TEXT), CAST(max(time) AS TEXT) FROM accepted")
        return first or "", last or ""

    def alike(self, asked: Sequence[int]) -> set[int]:
        """Which of the likenesses an event accepted may have."""
        query = "SELECT a.likeness FROM json_each(?) CROSS JOIN alike a ON a.likeness = value"
        with self._lock, told(self.path):
            if not self._db.execute("SELECT 1 FROM pragma_table_info('alike')").fetchone():
                self._db.execute("CREATE TEMP TABLE alike (likeness INTEGER PRIMARY KEY)")  # of an earlier release
                fill_alike(self._db, "temp")
            return {one for (one,) in self._db.execute(query, (json.dumps(list(asked)),))}

    def others(
        self, asked: set[int], names: set[str], times: set[str], but_run: int | None
    ) -> dict[int, tuple[str, int]]:
        """The key, as it is written today, and the run of an event with each likeness, if it is still in the Space.

        `names` and `times` are those of the events that are asked for.
        """
        query = "SELECT key, run, time, amount, identity FROM accepted WHERE time IN (SELECT value FROM json_each(?))"
        query += " AND run IS NOT ? ORDER BY run, key"
        with self._lock, told(self.path):
            rows = self._db.execute(query, (json.dumps(list(times)), but_run)).fetchall()
        with self.reading():
            alike = [
                (one[0], key, run)
                for key, run, *rest in rows
                for name in ([name_in(key)] if name_in(key) else names)
                if (one := likenesses(name, *rest)) and one[0] in asked
            ]
        gone = self.deleted([key for _, key, _ in alike])
        found: dict[int, tuple[str, int]] = {}
        for like, key, run in alike:
            if key not in gone:
                found.setdefault(like, (today(key, self._colons.get(run)), run))
        return found

    def met(self, order_id: str, run: int) -> bool:
        """Whether a run left this order out, as a reject: it stood in that run's input, and was not sent."""
        query = "SELECT 1 FROM verdicts WHERE order_id = ? AND verdict <> 'duplicate' "
        query += f"AND ? BETWEEN run AND {last_run(self._db)}"
        return bool(self._one(query, order_id, run))

    @property
    def last_run(self) -> str:
        """The run that gave a verdict last, as an expression of a query."""
        return last_run(self._db)

    def verdicts(self, order_id: str) -> list[tuple[Any, ...]]:
        """What runs said of an order: event, verdict, code, file, row, the first run, when, and the last run."""
        query = f"SELECT event, verdict, code, file, row, run, at, {last_run(self._db)} FROM verdicts "  # noqa: S608
        return self.rows(query + "WHERE order_id = ? ORDER BY run, row", order_id)

    def begin(self, command: str, mapping: str, namespace: str | None, files: list[str], recipe: str = "") -> int:
        """Enter a run, with how its mapping makes keys, and return its number."""
        with self._lock, told(self.path):
            cursor = self._db.execute(
                "INSERT INTO runs (started, command, mapping, namespace, files, recipe) VALUES (?, ?, ?, ?, ?, ?)",
                (_now(), storable(command), mapping, namespace, json.dumps(files), recipe),
            )
        return int(cursor.lastrowid or 0)

    def finish(self, run: int, exit_code: int, summary: dict[str, Any], rejected: Iterable[Rejected]) -> None:
        """Enter how a run ended and its verdicts other than accepted; one that the ledger has is only seen again."""
        with self._transaction() as db:
            db.execute(
                "UPDATE runs SET finished = ?, exit_code = ?, summary = ? WHERE id = ?",
                (_now(), exit_code, json.dumps(summary), run),
            )
            enter(db, run, rejected)

    def keep(self, run: int, rejected: Iterable[Rejected]) -> None:
        """Enter verdicts of a run that goes on."""
        with self._transaction() as db:
            enter(db, run, rejected)

    def about(self) -> dict[str, str]:
        """The Space's name and its address."""
        return dict(self.rows("SELECT name, value FROM meta WHERE name IN ('space', 'address')"))

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Read, for who asks about the past."""
        with self._lock, told(self.path):
            return self._db.execute(query, values).fetchall()

    def accept(self, run: int, events: Iterable[Accepted]) -> None:
        """Enter events that the API has just taken; they are on disk when this returns.

        One that is there stays its first run's, unless it was deleted from the Space since; that it was sent again is
        kept beside.
        """
        now = int(time.time())
        events = list(events)
        rows = [(e.key, run, now, e.time, e.amount, e.identity, e.order_id) for e in events]
        likes = [(e.likeness,) for e in events if e.likeness is not None]
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
                    note_resent(db, run, now, [row[0] for row in some])
            db.executemany("INSERT OR IGNORE INTO alike VALUES (?)", likes)

    def see(self, run: int, keys: Sequence[str]) -> None:
        """Note that keys already accepted stood in this run's input."""
        with self._transaction() as db:
            db.execute(
                "UPDATE accepted SET seen_run = ? WHERE key IN (SELECT value FROM json_each(?))",
                (run, json.dumps(list(keys))),
            )

    def run(self, number: int) -> Run | None:
        """What one of its runs was."""
        row = self._one("SELECT command, namespace, started, summary FROM runs WHERE id = ?", number)
        with self.reading():
            return Run(row[0], row[1], row[2], dict(json.loads(row[3] or "{}"))) if row else None

    def runs(self) -> int:
        """How many runs there were."""
        return self._number("SELECT max(id) FROM runs")

    def all_accepted(self) -> Iterator[tuple[int, Accepted]]:
        """Every event accepted and not deleted since, with its run."""
        last = ""
        query = "SELECT run, key, time, amount, identity, order_id FROM accepted WHERE key > ? AND NOT EXISTS "
        query += "(SELECT 1 FROM deleted WHERE deleted.key = accepted.key) ORDER BY key LIMIT 10000"
        while True:
            with self._lock, told(self.path):
                rows = self._db.execute(query, (last,)).fetchall()
            for run, *row in rows:
                yield run, Accepted(*row)
            if not rows:
                return
            last = rows[-1][1]

    @property
    def last_accepted(self) -> int:
        """When an event was accepted last, in Unix seconds; 0 where none was."""
        return self._number("SELECT max(accepted_at) FROM accepted")

    def delete(self, run: int, key: str, event_id: str) -> None:
        """Enter that a run's event was deleted from the Space; its key stays, so that nothing sends it unasked.

        `deleted` holds what is deleted now; `undone` remembers it for good, whatever is sent again.
        """
        now = int(time.time())
        with self._transaction() as db:
            db.execute("INSERT OR REPLACE INTO deleted VALUES (?, ?, ?, ?)", (key, run, event_id, now))
            db.execute(
                "INSERT OR REPLACE INTO undone SELECT key, ?, accepted_at, ? FROM accepted WHERE key = ?",
                (run, now, key),
            )

    def deleted(self, keys: Sequence[str]) -> set[str]:
        """Which of the keys' events were deleted from the Space."""
        if not self._one("SELECT 1 FROM sqlite_master WHERE name = 'deleted'"):  # written by an earlier release
            return set()
        query = "SELECT key FROM deleted WHERE key IN (SELECT value FROM json_each(?))"
        with self._lock, told(self.path):
            return {row[0] for row in self._db.execute(query, (json.dumps(list(keys)),))}

    def deleted_of(self, run: int) -> int:
        """How many events of a run were deleted from the Space, whether or not another run has sent them again."""
        return self.deleted_by_run().get(run, 0)

    def deleted_by_run(self) -> dict[int, int]:
        """How many events were deleted from the Space, by the run that had sent them."""
        tables = [
            name for name in ("deleted", "undone") if self._one("SELECT 1 FROM sqlite_master WHERE name = ?", name)
        ]
        if not tables:  # written by an earlier release
            return {}
        union = " UNION ".join(f"SELECT key, run FROM {name}" for name in tables)  # noqa: S608
        return dict(self.rows(f"SELECT run, count(*) FROM ({union}) GROUP BY run"))  # noqa: S608

    def undone(self, keys: Sequence[str]) -> dict[str, list[tuple[int, int | None, int]]]:
        """Each deletion of the keys' events: by run that had sent it, when it was accepted and when deleted."""
        found: dict[str, list[tuple[int, int | None, int]]] = {}
        for table, accepted in (("undone", "accepted_at"), ("deleted", "NULL")):
            if self._one("SELECT 1 FROM sqlite_master WHERE name = ?", table):
                query = f"SELECT key, run, {accepted}, at FROM {table} WHERE key IN (SELECT value FROM json_each(?))"  # noqa: S608
                for key, *entry in self.rows(query, json.dumps(list(keys))):
                    if all(entry[0] != one[0] for one in found.get(key, ())):
                        found.setdefault(key, []).append((entry[0], entry[1], entry[2]))
        return {key: sorted(entries, key=lambda entry: entry[2]) for key, entries in found.items()}

    def resent(self, key: str) -> list[tuple[int, int]]:
        """The runs that sent the key's event once more, and when."""
        if not self._one("SELECT 1 FROM sqlite_master WHERE name = 'resent'"):  # written by an earlier release
            return []
        return self.rows("SELECT run, at FROM resent WHERE key = ? ORDER BY run", key)

    def refused(self, order_ids: Iterable[str | None]) -> set[tuple[str, str]]:
        """Which of the orders' events the API has refused, by event name and order_id."""
        query = "SELECT DISTINCT event, order_id FROM verdicts WHERE verdict = 'refused' AND order_id IN "
        query += "(SELECT value FROM json_each(?))"
        return set(self.rows(query, json.dumps([one for one in order_ids if one is not None])))

    def keep_inputs(self, run: int, mapping: str, inputs: Iterable[Input]) -> None:
        """Enter the run's files, for the gate of later runs; of those before it the rows count, and the last few."""
        rows = [(run, mapping, one.name, one.rows, json.dumps(one.header)) for one in inputs]
        files = [(mapping, one[2]) for one in rows]
        old = "SELECT run FROM inputs WHERE mapping = ? AND name = ? ORDER BY run DESC LIMIT 1 OFFSET ?"
        with self._transaction() as db:
            db.executemany("UPDATE inputs SET header = '[]' WHERE mapping = ? AND name = ?", files)
            db.executemany("INSERT OR REPLACE INTO inputs VALUES (?, ?, ?, ?, ?)", rows)
            query = f"DELETE FROM inputs WHERE mapping = ? AND name = ? AND run <= ({old})"  # noqa: S608
            db.executemany(query, [(*file, *file, _INPUTS) for file in files])

    def inputs(self, mapping: str, name: str, most: int) -> list[Input]:
        """What a file of this name held when this mapping last read it, the latest first."""
        if not self._one("SELECT 1 FROM sqlite_master WHERE name = 'inputs'"):  # written by an earlier release
            return []
        query = "SELECT name, rows, header FROM inputs WHERE mapping = ? AND name = ? ORDER BY run DESC LIMIT ?"
        with self._lock, told(self.path):
            rows = self._db.execute(query, (mapping, name, most)).fetchall()
        with self.reading():
            return [Input(row[0], row[1], tuple(json.loads(row[2]))) for row in rows]

    def recipe(self, mapping: str) -> str | None:
        """How hashed keys were made when this mapping's name last sent any."""
        found = self._one("SELECT recipe FROM recipes WHERE mapping = ?", mapping)
        return found[0] if found else None

    def last_keys(self, mapping: str) -> tuple[int, str | None, str | None] | None:
        """The last run with this mapping's name: its number, how it made keys where that is known, its namespace."""
        made = "recipe" if "recipe" in columns_of(self._db, "runs") else "NULL"
        query = f"SELECT id, {made}, namespace FROM runs WHERE mapping = ? ORDER BY id DESC LIMIT 1"  # noqa: S608
        found: tuple[int, str | None, str | None] | None = self._one(query, mapping)
        return found

    def sent_with(self, mapping: str) -> int:
        """How many events the runs with this mapping's name have sent."""
        return self._number("SELECT count(*) FROM accepted JOIN runs ON runs.id = run WHERE mapping = ?", mapping)

    def keep_recipe(self, mapping: str, recipe: str) -> None:
        with self._transaction() as db:
            db.execute("INSERT OR REPLACE INTO recipes VALUES (?, ?)", (mapping, recipe))

    def refuse_key(self, space: str, fingerprint: str, rotated: bool = False) -> None:
        """Raise UsageError where the Space's name is known with another API key, or the key with another name."""
        for other in ledgers_beside(self.path):
            if name := space_with(other, fingerprint):
                raise UsageError(
                    f"space {space}: its API key is known here as that of space {name}; one Space would get two "
                    f"ledgers, so use --space {name}"
                )
        known = self._one("SELECT value FROM meta WHERE name = 'api_key'")
        if known and known[0] != fingerprint and not rotated and not self.empty:
            raise UsageError(
                f"space {space}: comes with another API key than before; one client's orders would end up in another's "
                "account, so check the key, or say --key-rotated if this Space's key was replaced"
            )

    def bind(self, fingerprint: str) -> None:
        """Tie the Space's name to its API key, once the API has accepted an event with it."""
        with self._transaction() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES ('api_key', ?)", (fingerprint,))

    def _one(self, query: str, *values: object) -> Any:
        with self._lock, told(self.path):
            return self._db.execute(query, values).fetchone()

    def _number(self, query: str, *values: object) -> int:
        """A number that the query gives; 0 for none."""
        with self.reading():
            return int(self._one(query, *values)[0] or 0)

    def _begin(self) -> None:
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            # whoever holds it has held it for long: what is still to say needs no new wait
            self._db.execute("PRAGMA busy_timeout = 200")
            raise

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, told(self.path):
            self._begin()
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
