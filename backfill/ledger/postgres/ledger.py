"""A Space's ledger in PostgreSQL: the verbs of a run, which write to it and find in it."""

import json
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

import psycopg

from backfill.errors import UsageError
from backfill.ledger.api_key import known_as, other_than_before
from backfill.ledger.entries import Accepted, Input, Known, Rejected
from backfill.ledger.likeness import kept_likenesses
from backfill.ledger.postgres.copied import put, rows_of
from backfill.ledger.postgres.history import PostgresHistory
from backfill.ledger.postgres.server import Server, storable
from backfill.ledger.postgres.verdicts import enter
from backfill.ledger.protocol import Hold, Unopened
from backfill.ledger.spelling import name_in

_TOGETHER = 2000  # keys that one statement looks for, or enters
_INPUTS = 20  # runs of which the size of a file is kept

# The LIMIT makes it one walk down the index a key, whatever the server's statistics are; as a join, or as "= ANY", it
# is planned as a sort or a scan of the Space now and then, up to 30 times slower.
_FIND = """
SELECT a.* FROM unnest(%s::text[]) n (k) CROSS JOIN LATERAL (
    SELECT key, key AS own, run, time, amount, identity FROM backfill.accepted
    WHERE space = %s AND key = n.k AND run IS DISTINCT FROM %s LIMIT 1) a"""
_ALIKE = """
SELECT n.k FROM unnest(%s::bigint[]) n (k) CROSS JOIN LATERAL (
    SELECT 1 FROM backfill.alike WHERE space = %s AND likeness = n.k LIMIT 1) a"""
# In the order of the keys: two writers that have the same ones can't block each other.
_ACCEPT = """
INSERT INTO backfill.accepted (space, run, accepted_at, key, time, amount, identity, order_id)
SELECT %s, %s, %s, * FROM unnest(%s::text[], %s::text[], %s::text[], %s::bytea[], %s::text[])
    AS n (k, t, a, i, o) ORDER BY k
ON CONFLICT DO NOTHING"""
_FORGET = """
WITH gone AS (DELETE FROM backfill.deleted WHERE space = %s AND key = ANY(%s) RETURNING key)
DELETE FROM backfill.accepted WHERE space = %s AND key IN (SELECT key FROM gone)"""
_RESENT = """
WITH again AS (
    UPDATE backfill.accepted SET seen_run = greatest(seen_run, run, %s)
    WHERE space = %s AND key = ANY(%s) AND run <> %s RETURNING key)
INSERT INTO backfill.resent SELECT %s, key, %s, %s FROM again
ON CONFLICT (space, key, run) DO UPDATE SET at = excluded.at RETURNING key"""
_BEGIN = "INSERT INTO backfill.attempts (space, run, key) VALUES (%s, %s, '') ON CONFLICT DO NOTHING"
_ATTEMPT = """
WITH n AS (
    SELECT %s::integer space, %s::integer run, * FROM unnest(%s::text[], %s::text[], %s::text[], %s::bytea[])
        AS n (key, time, amount, identity)),
entered AS (INSERT INTO backfill.attempts (space, run, key) SELECT space, run, key FROM n ON CONFLICT DO NOTHING)
INSERT INTO backfill.bodies (space, run, key, time, amount, identity) SELECT * FROM n ON CONFLICT DO NOTHING"""
_DROP = """
WITH dropped AS (DELETE FROM backfill.attempts WHERE space = %(space)s AND run = %(run)s AND {0})
DELETE FROM backfill.bodies WHERE space = %(space)s AND run = %(run)s AND {0}"""
_SETTLE, _KEEP = _DROP.format("key = ANY(%(keys)s)"), _DROP.format("key <> ALL(%(keys)s)")


class PostgresLedger(PostgresHistory):
    """`Ledger` of a Space. `hold` is there where this process holds the Space."""

    def __init__(self, server: Server, space: int, hold: Hold | None, beside: "Callable[[], Iterable[Unopened]]"):
        super().__init__(server, space)
        self.hold = hold
        self._beside = beside

    @property
    def empty(self) -> bool:
        query = "SELECT NOT EXISTS (SELECT 1 FROM backfill.accepted WHERE space = %s)"
        return bool(self._rows(query, self._space)[0][0])

    def find(self, keys: Sequence[str], but_run: int | None = None) -> dict[str, Known]:
        found: dict[str, Known] = {}
        for at in range(0, len(keys), _TOGETHER):
            some = (list(keys[at : at + _TOGETHER]), self._space, but_run)
            found |= Known.by_key((*row, False) for row in self._server.rows(_FIND, some, binary=True))
        return found

    # -- events alike

    @cached_property
    def period(self) -> tuple[str, str]:
        query = "SELECT min(time), max(time) FROM backfill.accepted WHERE space = %s"
        ((first, last),) = self._rows(query, self._space)
        return first or "", last or ""

    def alike(self, asked: Sequence[int]) -> set[int]:
        found: set[int] = set()
        for at in range(0, len(asked), _TOGETHER):
            found |= {one for (one,) in self._rows(_ALIKE, list(asked[at : at + _TOGETHER]), self._space)}
        return found

    def seconds(self, minutes: set[str]) -> dict[str, str]:
        query = (
            "SELECT left(time, 16), string_agg(DISTINCT substr(time, 18, 2), ',') FROM backfill.accepted "
            "WHERE space = %s AND left(time, 16) = ANY(%s) AND substr(time, 18, 2) <> '00' GROUP BY 1"
        )
        return dict(self._rows(query, self._space, list(minutes)))

    def others(
        self, asked: set[int], names: set[str], times: set[str], but_run: int | None
    ) -> dict[int, tuple[str, int]]:
        query = (
            "SELECT key, run, time, amount, identity FROM backfill.accepted WHERE space = %s AND time = ANY(%s) "
            "AND run IS DISTINCT FROM %s ORDER BY run, key"
        )
        rows = self._rows(query, self._space, list(times), but_run)
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
                found.setdefault(like, (key, run))
        return found

    def met(self, order_id: str, run: int) -> bool:
        query = "SELECT 1 FROM backfill.verdicts WHERE space = %s AND order_id = %s AND verdict <> 'duplicate'"
        return bool(self._rows(f"{query} AND %s BETWEEN run AND seen_run", self._space, storable(order_id), run))

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
        entry = (_now(), storable(command), mapping, namespace, json.dumps(files), keys)
        held = list(inputs)

        def act(db: psycopg.Connection) -> int:
            db.execute("SELECT 1 FROM backfill.spaces WHERE space = %s FOR UPDATE", (self._space,))
            query = "SELECT coalesce(max(run), 0) + 1 FROM backfill.runs WHERE space = %s"
            (run,) = db.execute(query, (self._space,)).fetchone() or (1,)
            query = "INSERT INTO backfill.runs (space, run, started, command, mapping, namespace, files, recipe)"
            db.execute(f"{query} VALUES (%s, %s, %s, %s, %s, %s, %s, %s)", (self._space, run, *entry))
            db.execute(_BEGIN, (self._space, run))  # it enters what it sends before it sends it
            self._keep_inputs(db, run, mapping, held)
            return int(run)

        return self._server.transaction(act)

    def finish(
        self,
        run: int,
        exit_code: int,
        summary: dict[str, Any],
        rejected: Iterable[Rejected],
        unknown: Collection[str] = (),
    ) -> None:
        ended, verdicts = (_now(), exit_code, json.dumps(summary), self._space, run), list(rejected)

        def act(db: psycopg.Connection) -> None:
            query = "UPDATE backfill.runs SET finished = %s, exit_code = %s, summary = %s WHERE space = %s AND run = %s"
            db.execute(query, ended)
            enter(db, self._space, run, verdicts)
            db.execute(_KEEP, {"space": self._space, "run": run, "keys": ["", *unknown]})

        self._server.transaction(act)

    def keep(self, run: int, rejected: Iterable[Rejected]) -> None:
        verdicts = list(rejected)
        self._server.transaction(lambda db: enter(db, self._space, run, verdicts))

    def attempt(self, run: int, events: Sequence[Accepted]) -> None:
        columns = [[one[at] for one in events] for at in range(4)]
        self._rows(_ATTEMPT, self._space, run, *columns)

    def accept(self, run: int, events: Iterable[Accepted], refused: Sequence[str] = ()) -> set[str]:
        """What was accepted is a fact: it is entered whoever holds the Space by now."""
        rows, now = list(events), int(time.time())

        def act(db: psycopg.Connection) -> set[str]:
            others: set[str] = set()
            for at in range(0, len(rows), _TOGETHER):
                others |= self._accept(db, run, now, rows[at : at + _TOGETHER])
            keys = [*(one.key for one in rows), *refused]
            db.execute(_SETTLE, {"space": self._space, "run": run, "keys": keys})
            return others

        return self._server.transaction(act) if rows or refused else set()

    def _accept(self, db: psycopg.Connection, run: int, now: int, some: list[Accepted]) -> set[str]:
        """Enter some; the keys that are another run's."""
        others: set[str] = set()
        columns = [list(column) for column in zip(*(one[:5] for one in some), strict=True)]
        keys = columns[0]
        db.execute(_FORGET, (self._space, keys, self._space))
        if db.execute(_ACCEPT, (self._space, run, now, *columns)).rowcount < len(some):
            again = db.execute(_RESENT, (run, self._space, keys, run, self._space, run, now))
            others = {key for (key,) in again}
        likes = sorted({like for one in some for like in one.likenesses})
        query = "INSERT INTO backfill.alike SELECT %s, unnest(%s::bigint[]) ON CONFLICT DO NOTHING"
        db.execute(query, (self._space, likes))
        return others

    def see(self, run: int, keys: Sequence[str]) -> None:
        query = "UPDATE backfill.accepted SET seen_run = %s WHERE space = %s AND key = ANY(%s)"
        for at in range(0, len(keys), _TOGETHER):
            self._rows(query, run, self._space, list(keys[at : at + _TOGETHER]))

    def delete(self, run: int, key: str, event_id: str) -> None:
        """`deleted` holds what is deleted now; `undone` remembers it for good, whatever is sent again."""
        now = int(time.time())

        def act(db: psycopg.Connection) -> None:
            again = "ON CONFLICT (space, key) DO UPDATE SET run = excluded.run, event_id = excluded.event_id, "
            query = f"INSERT INTO backfill.deleted VALUES (%s, %s, %s, %s, %s) {again} at = excluded.at"
            db.execute(query, (self._space, key, run, event_id, now))
            resent = "(SELECT at FROM backfill.resent r WHERE r.space = a.space AND r.key = a.key AND r.run = %s)"
            query = f"INSERT INTO backfill.undone SELECT space, key, %s, coalesce({resent}, accepted_at), %s "
            query += "FROM backfill.accepted a WHERE space = %s AND key = %s "
            again = "ON CONFLICT (space, key, run) DO UPDATE SET accepted_at = excluded.accepted_at, at = excluded.at"
            db.execute(f"{query}{again}", (run, run, now, self._space, key))

        self._server.transaction(act)

    def keep_recipe(self, mapping: str, recipe: str) -> None:
        again = "ON CONFLICT (space, mapping) DO UPDATE SET recipe = excluded.recipe"
        self._rows(f"INSERT INTO backfill.recipes VALUES (%s, %s, %s) {again}", self._space, mapping, recipe)

    def _keep_inputs(self, db: psycopg.Connection, run: int, mapping: str, inputs: list[Input]) -> None:
        """Enter a run's files, for the gate of later runs; of those before it the rows count, and the last few."""
        for one in inputs:
            file = (self._space, mapping, storable(one.name))
            of_file = "WHERE space = %s AND mapping = %s AND name = %s"
            db.execute(f"UPDATE backfill.inputs SET header = '[]' {of_file}", file)
            query = "INSERT INTO backfill.inputs VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
            db.execute(query, (*file, run, one.rows, json.dumps(one.header)))
            old = f"SELECT run FROM backfill.inputs {of_file} ORDER BY run DESC LIMIT 1 OFFSET %s"
            query = f"DELETE FROM backfill.inputs {of_file} AND run <= ({old})"
            db.execute(query, (*file, *file, _INPUTS))

    # -- keys of Spaces, and their neighbours

    def refuse_key(self, space: str, fingerprint: str, rotated: bool = False) -> None:
        for name in self._known_with(fingerprint):
            raise known_as(space, name)
        known = self.bound_to
        if known and known != fingerprint and not rotated and not self.empty:
            raise other_than_before(space)

    def _known_with(self, fingerprint: str) -> list[str]:
        """Which other Space at this address has events that were accepted with this API key."""
        query = """
            SELECT other.name FROM backfill.spaces mine JOIN backfill.spaces other USING (address)
            WHERE mine.space = %s AND other.space <> mine.space AND other.fingerprint = %s
            AND EXISTS (SELECT 1 FROM backfill.accepted WHERE accepted.space = other.space)"""
        return [name for (name,) in self._rows(query, self._space, fingerprint)]

    def bind(self, fingerprint: str) -> None:
        """The table lets a key belong to one Space, whichever host comes first."""

        def act(db: psycopg.Connection) -> None:
            free = """
                UPDATE backfill.spaces other SET fingerprint = NULL FROM backfill.spaces mine
                WHERE mine.space = %s AND other.address = mine.address AND other.fingerprint = %s
                AND other.space <> mine.space
                AND NOT EXISTS (SELECT 1 FROM backfill.accepted WHERE accepted.space = other.space)"""
            db.execute(free, (self._space, fingerprint))
            try:
                db.execute("UPDATE backfill.spaces SET fingerprint = %s WHERE space = %s", (fingerprint, self._space))
            except psycopg.errors.UniqueViolation:
                raise UsageError("this API key is known as that of another Space, which was quicker") from None

        self._server.transaction(act)

    def neighbours(self) -> Iterable[Unopened]:
        return self._beside()

    # -- to be copied

    @property
    def bound_to(self) -> str | None:
        ((found,),) = self._rows("SELECT fingerprint FROM backfill.spaces WHERE space = %s", self._space)
        return None if found is None else str(found)

    def bind_to(self, fingerprint: str | None) -> None:
        if fingerprint is not None:
            self.bind(fingerprint)

    @property
    def moved(self) -> str:
        ((found,),) = self._rows("SELECT moved FROM backfill.spaces WHERE space = %s", self._space)
        return str(found)

    def move(self, place: str) -> None:
        self._rows("UPDATE backfill.spaces SET moved = %s WHERE space = %s", storable(place), self._space)

    def rows_of(self, table: str, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        yield from self._server.each(lambda db: rows_of(db, self._space, table, columns))

    def refill(self, tables: Iterable[tuple[str, Iterable[tuple[Any, ...]]]]) -> None:
        self._server.transaction(lambda db: put(db, self._space, tables), once=True)


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
