"""A readback: the Space's events of a period as the API lists them, kept page by page in a private file.

What was read of it so far is kept for an hour after an interrupted run. The file also holds the events of an input file
or of a run, so that both can be compared in constant memory: by order_id, or without one by their second.
"""

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, Self

from backfill.counts import minus, to_cents
from backfill.errors import StateError
from backfill.storage.handles import refuse_crowd
from backfill.storage.private import make_file, make_folder

KEPT = 3600  # seconds for which an interrupted readback can go on: what is listed changes
PURCHASES = ("purchase", "upsell_purchase")  # one order may be listed under either
CENT = Decimal("0.005")  # two amounts that differ by no more are one: the API may round to its currency
_TABLES = """
CREATE TABLE IF NOT EXISTS asked (question TEXT, began REAL, part INTEGER, cursor TEXT, pages INTEGER, done INTEGER);
CREATE TABLE IF NOT EXISTS listed (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, order_id TEXT, mark TEXT NOT NULL, time INTEGER, amount TEXT,
    person TEXT, cents TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS listed_mark ON listed (mark);
CREATE TABLE IF NOT EXISTS twins (id TEXT PRIMARY KEY, many TEXT NOT NULL, ours INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS own (
    key TEXT PRIMARY KEY, names TEXT NOT NULL, order_id TEXT, mark TEXT NOT NULL, time INTEGER NOT NULL, amount TEXT,
    state TEXT NOT NULL, kept TEXT, file INTEGER NOT NULL, row INTEGER NOT NULL, person BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS found (key TEXT PRIMARY KEY, what TEXT NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class ListedEvent:
    """An event as the API lists it; `time` in Unix seconds, None where it could not be read.

    `person` is the API's own mark of whose it is. `twin`: another one is like it but for its order_id.
    """

    id: str
    name: str
    order_id: str | None
    time: int | None
    amount: Decimal | None
    person: str | None = None
    twin: bool = False


@dataclass(frozen=True, slots=True)
class ExpectedEvent:
    """An event of a file or the ledger. `names`: those it may be read back under, the likeliest first (none: any)."""

    key: str
    names: tuple[str, ...]
    order_id: str | None
    time: int
    amount: Decimal | None
    state: str = ""
    kept: Decimal | None = None  # the ledger's amount
    file: int = 0
    row: int = 0
    person: bytes = b""  # whom it names, as the ledger keeps it


def read_names(name: str, upsell: bool = False) -> tuple[str, ...]:
    """The names under which an event may be read back, the likeliest first.

    An upsell's purchase has its own; and whether an order was one, the next to record it may not have said.
    """
    if name != PURCHASES[0]:
        return (name,)
    return PURCHASES[::-1] if upsell else PURCHASES


def kind_of(name: str) -> str:
    """What events of one order are of one kind by, whichever of its names they are read back under."""
    return PURCHASES[0] if name in PURCHASES else name


def seconds_of(text: str) -> int:
    """Unix seconds of a time as it is sent. Raises ValueError or OverflowError for none that `text_of` could write."""
    return int(datetime.fromisoformat(text).astimezone(UTC).timestamp())


def text_of(moment: int) -> str:
    """A time as it is sent, of Unix seconds."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def same_amount(one: Decimal | None, other: Decimal | None) -> bool:
    """Whether two amounts are one, to half a cent; none is as good as zero."""
    return minus(one or Decimal(), other or Decimal()).copy_abs() <= CENT


def alike(own: ExpectedEvent, listed: ListedEvent) -> bool:
    """Whether the two agree to the second and to the cent."""
    return own.time == listed.time and same_amount(own.amount, listed.amount)


def cents(amount: Decimal | None) -> Decimal:
    """An amount as most currencies have it: what alike amounts nearly always share."""
    return to_cents(amount or Decimal())


def _mark(order_id: str | None, moment: int | None) -> str:
    """What events are compared by."""
    return f"o{order_id}" if order_id is not None else f"t{moment}"


class Readback:
    """One readback, in `path`; `part` and `cursor` say where it is. Raises StateError where it can't be kept."""

    def __init__(self, path: Path, db: sqlite3.Connection):
        self.path = path
        self._db = db

    @classmethod
    @contextmanager
    def open(cls, path: Path, question: str) -> Iterator[Self]:
        """Go on with what was read for the same question within the hour, or begin; a finished one leaves no file."""
        with _state_errors(path):
            make_folder(path.parent)
            db = _opened(path, question)
        this = cls(path, db)
        try:
            yield this
        finally:
            done = False
            with suppress(StateError):
                done = this.done
            db.close()
            if done:
                path.unlink(missing_ok=True)

    def __len__(self) -> int:
        return int(self._one("SELECT count(*) FROM listed")[0])

    @property
    def part(self) -> int:
        return int(self._one("SELECT part FROM asked")[0])

    @property
    def cursor(self) -> str | None:
        found: str | None = self._one("SELECT cursor FROM asked")[0]
        return found

    @property
    def pages(self) -> int:
        return int(self._one("SELECT pages FROM asked")[0])

    @property
    def done(self) -> bool:
        return bool(self._one("SELECT done FROM asked")[0])

    def order_ids(self) -> dict[str, tuple[int, int]]:
        """By event name: how many events are listed, and how many of them have an order_id."""
        with _state_errors(self.path):
            found = self._db.execute("SELECT name, count(*), count(order_id) FROM listed GROUP BY name ORDER BY name")
            return {name: (number, with_one) for name, number, with_one in found}

    def add(self, events: Iterable[ListedEvent], part: int, cursor: str | None, done: bool = False) -> None:
        """Keep a page and where the next one begins; an event that was listed before is there once."""
        rows = [
            (
                e.id,
                e.name,
                e.order_id,
                _mark(e.order_id, e.time),
                e.time,
                _text(e.amount),
                e.person,
                str(cents(e.amount)),
            )
            for e in events
        ]
        with self._transaction() as db:
            db.executemany("INSERT OR REPLACE INTO listed VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
            db.execute("UPDATE asked SET part = ?, cursor = ?, pages = pages + 1, done = ?", (part, cursor, done))

    def restart(self) -> None:
        """Forget what was listed."""
        with self._transaction() as db:
            db.execute("DELETE FROM listed")
            db.execute("UPDATE asked SET part = 0, cursor = NULL, pages = 0")

    def find(self, order_ids: Sequence[str]) -> dict[tuple[str, str], list[ListedEvent]]:
        """The listed events of these orders, by name and order_id."""
        marks = json.dumps([_mark(one, None) for one in order_ids])
        query = (
            "SELECT id, name, order_id, time, amount, person, 0 FROM listed"
            " WHERE mark IN (SELECT value FROM json_each(?)) AND order_id IS NOT NULL"
        )
        found: dict[tuple[str, str], list[ListedEvent]] = {}
        with _state_errors(self.path):
            for row in self._db.execute(query, (marks,)):
                found.setdefault((row[1], row[2]), []).append(_listed(*row))
        return found

    def own(self, events: Iterable[ExpectedEvent], place: Literal["<", ">"] | None = None) -> None:
        """Keep a file's or a run's own events in the same database.

        Of one key the first that is given is kept, or the one with the least (<) or greatest (>) place in the file.
        """
        names = ("names", "order_id", "mark", "time", "amount", "state", "kept", "file", "row", "person")
        better = ", ".join(f"{name} = excluded.{name}" for name in names)
        better = f"UPDATE SET {better} WHERE (excluded.file, excluded.row) {place} (own.file, own.row)"
        rows = (
            (
                *(e.key, "|".join(e.names), e.order_id, _mark(e.order_id, e.time), e.time),
                *(_text(e.amount), e.state, _text(e.kept), e.file, e.row, e.person),
            )
            for e in events
        )
        with self._transaction() as db:
            values = "INSERT INTO own VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO "
            db.executemany(values + (better if place else "NOTHING"), rows)

    def pairs(self) -> Iterator[tuple[list[ExpectedEvent], list[ListedEvent]]]:
        """Own and listed events with the same order_id, or without one in the same second; either may be none."""
        query = """
            SELECT mark, 0, key, names, order_id, time, amount, state, kept, file, row, person FROM own UNION ALL
            SELECT mark, 1, id, name, order_id, time, amount, person, id IN (SELECT id FROM twins), 0, 0, 0 FROM listed
            ORDER BY 1, 2, 3"""
        with _state_errors(self.path):
            for _, rows in groupby(self._db.execute(query), lambda row: row[0]):
                own, listed = [], []
                for _, is_listed, *row in rows:
                    if is_listed:
                        listed.append(_listed(*row[:7]))
                    else:
                        own.append(_own(*row))
                yield own, listed

    def pair_twins(self, first: int, last: int) -> None:
        """Find the events between two times that are alike in person, name, amount and time under several ids."""
        kind = "replace(name, 'upsell_purchase', 'purchase')"
        like = f"person IS NOT NULL AND time BETWEEN ? AND ? GROUP BY person, {kind}, time, cents"
        unlike = f"SELECT person, {kind} AS kind, time, cents FROM listed WHERE {like}"  # noqa: S608
        unlike += " HAVING count(DISTINCT ifnull(order_id, '#' || id)) > 1"
        with self._transaction() as db:
            db.execute("DELETE FROM twins")
            db.execute(
                "INSERT INTO twins SELECT id, l.person || ' ' || u.kind || ' ' || l.time || ' ' || l.cents, 0"  # noqa: S608
                f" FROM listed l JOIN ({unlike}) u ON u.person = l.person AND u.kind = {kind} AND u.time = l.time"
                " AND u.cents = l.cents",
                (first, last),
            )

    def claim_twins(self, ids: Iterable[str]) -> None:
        """Note which of them are the file's, or the ledger's."""
        with self._transaction() as db:
            db.executemany("UPDATE twins SET ours = 1 WHERE id = ?", ((one,) for one in ids))

    def doubled(self) -> Iterator[str]:
        """Of events that are alike under several ids, one of them ours: each but the first, by its id."""
        query = """
            SELECT t.many, t.id, ifnull(l.order_id, '#' || l.id) FROM twins t JOIN listed l ON l.id = t.id
            WHERE t.many IN (SELECT many FROM twins WHERE ours) ORDER BY t.many, t.ours DESC, t.id"""
        with _state_errors(self.path):
            for _, rows in groupby(self._db.execute(query), lambda row: row[0]):
                met: set[str] = set()
                for _, one, order in rows:
                    if met and order not in met:
                        yield one
                    met.add(order)

    def note(self, found: Iterable[tuple[str, str]]) -> None:
        """Keep what was found of own events, by key."""
        with self._transaction() as db:
            db.executemany("INSERT OR REPLACE INTO found VALUES (?, ?)", found)

    def noted(self, keys: Sequence[str]) -> dict[str, str]:
        """What was found of these keys."""
        query = "SELECT key, what FROM found WHERE key IN (SELECT value FROM json_each(?))"
        with _state_errors(self.path):
            return dict(self._db.execute(query, (json.dumps(list(keys)),)).fetchall())

    def notes(self) -> Iterator[tuple[str, str]]:
        """Everything that was found, by key."""
        last = ""
        while True:
            with _state_errors(self.path):
                rows = self._db.execute("SELECT * FROM found WHERE key > ? ORDER BY key LIMIT 1000", (last,)).fetchall()
            yield from rows
            if not rows:
                return
            last = rows[-1][0]

    def like(self, own: ExpectedEvent) -> ListedEvent | None:
        """A listed event that agrees with this one."""
        query = "SELECT id, name, order_id, time, amount, person, 0 FROM listed WHERE mark = ?"
        with _state_errors(self.path):
            rows = self._db.execute(query, (_mark(own.order_id, own.time),)).fetchall()
        return next((one for one in (_listed(*row) for row in rows) if one.name in own.names and alike(own, one)), None)

    def lists(self, order_id: str) -> bool:
        """Whether an event with this order_id is listed."""
        return bool(self._one("SELECT EXISTS (SELECT 1 FROM listed WHERE mark = ?)", _mark(order_id, None))[0])

    def _one(self, query: str, *values: object) -> Any:
        with _state_errors(self.path):
            return self._db.execute(query, values).fetchone()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with _state_errors(self.path):
            self._db.execute("BEGIN")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise


def _opened(path: Path, question: str) -> sqlite3.Connection:
    """The file as it was left for this question, or a fresh one."""
    for fresh in (False, True):
        if fresh:
            path.unlink(missing_ok=True)
        make_file(path)
        db = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
        try:
            db.execute("PRAGMA synchronous = NORMAL")
            db.executescript(_TABLES)
            db.execute("SELECT person FROM own LIMIT 0")  # an earlier release's has none
            found = db.execute("SELECT question, began, done FROM asked").fetchone()
            if fresh:
                db.execute("INSERT INTO asked VALUES (?, ?, 0, NULL, 0, 0)", (question, time.time()))
                return db
            if found and found[0] == question and not found[2] and 0 <= time.time() - found[1] < KEPT:
                return db
        except sqlite3.DatabaseError:
            if fresh:
                db.close()
                raise
        except BaseException:
            db.close()
            raise
        db.close()
    raise AssertionError


def _listed(
    number: str, name: str, order_id: str | None, moment: int | None, amount: str | None, person: str | None, twin: int
) -> ListedEvent:
    return ListedEvent(number, name, order_id, moment, _decimal(amount), person, bool(twin))


def _own(
    key: str,
    names: str,
    order_id: str | None,
    moment: int,
    amount: str | None,
    state: str,
    kept: str | None,
    file: int,
    row: int,
    person: bytes,
) -> ExpectedEvent:
    readable = tuple(filter(None, names.split("|")))
    return ExpectedEvent(key, readable, order_id, moment, _decimal(amount), state, _decimal(kept), file, row, person)


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


@contextmanager
def _state_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        refuse_crowd(path)
        why = error.strerror if isinstance(error, OSError) else error
        raise StateError(
            f"{path}: what is read back can't be kept there ({why}); make room there, or make its folder writable"
        ) from None
