"""The index: every order of a reading, to be listed and found, in a temporary file that has no name.

It holds the orders' rows as they are written, so that one can be judged again; it is gone with the process, however
that ends.
"""

import json
import marshal
import sqlite3
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import islice
from typing import Any, NamedTuple

from backfill.commands.review.totals import (
    ALREADY,
    DUPLICATE,
    KINDS,
    LEFT,
    MEND,
    MENDED,
    Months,
    Share,
    Totals,
    kind_of,
    shares_of,
)
from backfill.counts import total
from backfill.errors import shown
from backfill.event import Row
from backfill.storage.scratch import state_errors
from backfill.survey.orders import Order

Noted = tuple[Order, str, str, list[Share]]  # with what becomes of it, and its month

PAGE = 25  # orders that are listed together
_CACHE = 16_000  # kB of it in memory
_ENDS = 1000  # different ones that are counted
_TOGETHER = 1000  # orders that are written together
_TABLES = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -{cache};
CREATE TABLE orders (
    id INTEGER PRIMARY KEY, part INTEGER, row INTEGER, name TEXT COLLATE NOCASE, order_id TEXT COLLATE NOCASE,
    email TEXT, time TEXT, month TEXT, amount TEXT, currency TEXT, kind TEXT, why TEXT, parts TEXT,
    rows BLOB);
CREATE TABLE links (link TEXT, owner INTEGER);
"""
_INDICES = """
CREATE INDEX by_time ON orders (time DESC, id);
CREATE INDEX by_kind ON orders (kind, time DESC, id);
CREATE INDEX by_name ON orders (name);
CREATE INDEX by_id ON orders (order_id);
CREATE INDEX by_email ON orders (email);
CREATE INDEX by_row ON orders (row, part);
CREATE INDEX by_link ON links (link);
CREATE INDEX by_owner ON links (owner);
"""
_LISTED = "id, part, row, name, order_id, email, time, month, amount, currency, kind, why, parts"


class Listed(NamedTuple):
    """One order as a list has it. `part` and `row` are where it begins, and its name in addresses."""

    id: int
    part: int
    row: int
    name: str
    order_id: str
    email: str
    time: str
    month: str
    amount: str | None
    currency: str
    kind: str
    why: str
    parts: str  # JSON of its shares; "" for one alone

    @property
    def shares(self) -> list[Share]:
        """What becomes of its events."""
        if not self.parts:
            return [Share(self.kind, self.month, int(self.kind != LEFT), self.money or Decimal())]
        return [Share(kind, month, events, Decimal(amount)) for kind, month, events, amount in json.loads(self.parts)]

    @property
    def place(self) -> str:
        return f"{self.part}-{self.row}"

    @property
    def unreadable(self) -> bool:
        """Whether it is a row that can't be read, as far as that can be told: it has nothing but a reason."""
        return self.kind == MEND and not (self.name or self.order_id or self.time)

    @property
    def money(self) -> Decimal | None:
        return None if self.amount is None else Decimal(self.amount)


class Index:
    """The orders of one reading. Raises StateError where the temporary file can't be written."""

    def __init__(self) -> None:
        self.filled = 0  # orders taken in so far
        self._extremes: list[tuple[int, int]] = []  # the shortest rows' length and order, and the longest's
        self._ends: dict[tuple[str, str], list[int]] = {}  # kind and reason -> how many orders, and the first
        self._db = sqlite3.connect("", check_same_thread=False, isolation_level=None)  # a file that is deleted already
        self._db.executescript(_TABLES.format(cache=_CACHE))

    def close(self) -> None:
        self._db.close()

    def fill(self, orders: Iterable[Order], totals: Totals) -> None:
        """Take all orders in, and count them."""
        noted = enumerate(_noted(orders, totals))
        self._db.execute("BEGIN")
        while some := list(islice(noted, _TOGETHER)):
            with state_errors():
                self._add(some)
            self.filled += len(some)
        with state_errors():
            self._db.executescript(_INDICES)  # which ends the transaction first

    def _add(self, some: list[tuple[int, Noted]]) -> None:
        found = [_values(at, *noted) for at, noted in some]
        self._db.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", found)
        sizes = [(len(values[-1]), at) for (at, _), values in zip(some, found, strict=True)]
        self._extremes = [min([*sizes, *self._extremes]), max([*sizes, *self._extremes])]
        for (at, (_, kind, *_)), values in zip(some, found, strict=True):
            if (end := (kind, str(values[-3]))) in self._ends or len(self._ends) < _ENDS:
                self._ends.setdefault(end, [0, at])[0] += 1
        links = [(_storable(link), at) for at, (order, *_) in some for link in _stored_links(order)]
        self._db.executemany("INSERT INTO links VALUES (?, ?)", links)

    def listed(self, kind: str = "", search: str = "", page: int = 1) -> list[Listed]:
        """One page of the orders of a kind that a search finds, the newest first."""
        where, values = _where(kind, search)
        query = f"SELECT {_LISTED} FROM orders {where} ORDER BY time DESC, id LIMIT {PAGE} OFFSET ?"  # noqa: S608
        return [Listed._make(row) for row in self._rows(query, *values, (page - 1) * PAGE)]

    def number(self, kind: str = "", search: str = "") -> int:
        """How many orders that are."""
        where, values = _where(kind, search)
        return int(self._rows(f"SELECT COUNT(*) FROM orders {where}", *values)[0][0])  # noqa: S608

    def at(self, place: str) -> Listed | None:
        """The order that begins in a row, named part-row."""
        part, _, row = place.partition("-")
        if not (part.isascii() and part.isdigit() and row.isascii() and row.isdigit() and len(place) < 20):
            return None
        found = self._rows(f"SELECT {_LISTED} FROM orders WHERE row = ? AND part = ?", int(row), int(part))  # noqa: S608
        return Listed._make(found[0]) if found else None

    def order(self, owner: int) -> Listed:
        """An order by its number."""
        return Listed._make(self._rows(f"SELECT {_LISTED} FROM orders WHERE id = ?", owner)[0])  # noqa: S608

    def from_ids(self, wanted: Iterable[int]) -> list[Listed]:
        """For each number the first order from it on that counts, or else the one of that number."""
        query = f"SELECT {_LISTED} FROM orders WHERE id >= ? AND kind <> ? AND time <> '' ORDER BY id LIMIT 1"  # noqa: S608
        found = [next(map(Listed._make, self._rows(query, at, LEFT)), None) or self.order(at) for at in wanted]
        return list(dict.fromkeys(found))

    def odd(self) -> list[Listed]:
        """The order with the longest rows, the one with the shortest, and one that ends as few do."""
        rarest = [at for _, at in sorted(self._ends.values())[:1]]
        return [self.order(at) for at in dict.fromkeys([at for _, at in self._extremes] + rarest)]

    def rows_of(self, owner: int) -> list[Row]:
        """An order's rows, as they are written."""
        (packed,) = self._rows("SELECT rows FROM orders WHERE id = ?", owner)[0]
        return [Row(*row) for row in marshal.loads(packed)]  # noqa: S302 (our own file, never leaves the process)

    def links(self, owner: int) -> list[str]:
        """The keys and tokens of a rejected order."""
        return [str(link) for (link,) in self._rows("SELECT link FROM links WHERE owner = ?", owner)]

    def linked(self, links: Iterable[str], most: int) -> list[int]:
        """The orders that may share a key or a token with these, so many at most."""
        found: dict[int, None] = {}
        for link in links:
            query = "SELECT owner FROM links WHERE link = ?1 UNION SELECT id FROM orders WHERE order_id = ?2 LIMIT ?3"
            found |= dict.fromkeys(o for (o,) in self._rows(query, _storable(link), link.partition(":")[2], most))
        return list(found)[:most]

    def change(self, owner: int, kind: str, amount: Decimal | None, totals: Totals) -> None:
        """Note what becomes of an order by now, and what its events that were rejected come to."""
        was = self.order(owner)
        shares = _changed(was.shares, kind, amount or Decimal())
        totals.remove(was.kind, was.month, was.currency, was.shares)
        totals.add(kind, was.month, was.currency, shares)
        worth = total(one.amount for one in shares) if was.parts else amount
        written = None if worth is None else format(worth, "f")
        parts = _packed(shares) if was.parts else ""
        self._rows("UPDATE orders SET kind = ?, amount = ?, parts = ? WHERE id = ?", kind, written, parts, owner)

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with state_errors():
            return self._db.execute(query, values).fetchall()


def links_of(order: Order) -> list[str]:
    """What an order's verdict may depend on other orders by: its events' keys, and what names its person."""
    return [*(one.key for one in order.events if one.key), *order.tokens]


def _changed(shares: list[Share], kind: str, amount: Decimal) -> list[Share]:
    """An order's shares once what was to mend of it is mended, or is so no longer, and comes to this amount."""
    own = [one for one in shares if one.kind in (MEND, MENDED)]
    others = [one for one in shares if one not in own]
    return [*others, Share(kind, own[0].month, sum(one.events for one in own), amount)] if own else others


def _packed(shares: list[Share]) -> str:
    return json.dumps([(*one[:3], format(one.amount, "f")) for one in shares])


def _values(at: int, order: Order, kind: str, month: str, shares: list[Share]) -> tuple[Any, ...]:
    """An order as the index has it."""
    first, amount = order.rows[0], None if order.amount is None else format(order.amount, "f")
    said = (order.name, order.order_id, order.email.strip().lower(), order.time, month, amount, order.currency)
    plain = order.name.isprintable() and order.order_id.isprintable() and order.email.isprintable()
    seen = said if plain else (*map(shown, said[:3]), *said[3:])
    why, rows = shown(_why(order)) if order.rejected else order.left_out, marshal.dumps(list(map(tuple, order.rows)))
    parts = _packed(shares) if len(order.events) > 1 else ""
    return (at, first.part, first.number, *seen, kind, why, parts, rows)


def _stored_links(order: Order) -> list[str]:
    """Those that do not show the order's id; of an order that may be mended, all."""
    links = links_of(order)
    return links if order.rejected else [link for link in links if link.partition(":")[2] != order.order_id]


def _noted(orders: Iterable[Order], totals: Totals) -> Iterator[Noted]:
    months, sent = Months(totals.zone), set[int]()  # of keys, hashed
    for order in orders:
        kind, month = kind_of(order), months.of(order.time)
        shares = shares_of(order, kind, month, months)
        if kind == ALREADY:
            keys = {hash(one.key) for one in order.events}
            if keys <= sent:  # as it was before the first was sent
                kind, shares = DUPLICATE, [share._replace(kind=DUPLICATE) for share in shares]
            sent |= keys
        totals.add(kind, month, order.currency, shares, order.judged, order.worth)
        yield order, kind, month, shares


def _why(order: Order) -> str:
    rules = [rule for one in order.events for rule in one.rules]
    return order.unreadable or order.left_out or (rules[0][3] if rules else "")


def _where(kind: str, search: str) -> tuple[str, list[str]]:
    """A search is for the beginning of an id or a name, with or without #, or for a whole e-mail."""
    parts, values = [], []
    if kind in KINDS:
        parts.append("kind = ?")
        values.append(kind)
    if text := search.strip():
        begins = [("name", text), ("order_id", text), ("name", text[1:] if text.startswith("#") else f"#{text}")]
        tests = [f"({column} >= ? AND {column} < ?)" for column, beginning in begins if beginning]
        parts.append(f"({' OR '.join([*tests, 'email = ?'])})")
        for _, beginning in begins:
            values += [beginning, beginning + "\U0010ffff"] if beginning else []
        values.append(text.lower())
    return (f"WHERE {' AND '.join(parts)}" if parts else ""), values


def _storable(text: str) -> str | bytes:
    """SQLite takes no halves of characters, as which bytes that are no text are read."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text
