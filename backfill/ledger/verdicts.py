"""Verdicts other than accepted, as runs enter them: one that a run before gave too is only seen again.

A nightly export brings the same rejects each night; the ledger grows with what is new of them.
"""

import json
import sqlite3
import time
from collections.abc import Iterable
from itertools import islice

from backfill.ledger.entries import Rejected
from backfill.ledger.tables import columns_of

_WIDE = 1 << 16  # beside a run's number where it takes the place of another: as many bytes as that, so no page grows
_TOGETHER = 500  # verdicts that one statement looks for

Told = tuple[str | None, str, str, str]  # an order's id, its event, the verdict and the code
Stood = tuple[str, int]  # a file and a row


def enter(db: sqlite3.Connection, run: int, rejected: Iterable[Rejected]) -> None:
    """Enter a run's verdicts.

    An order's event under the same verdict and code stays one entry, of its first run, with the place where it stood
    last. What has no order_id is known by its place alone.
    """
    now, rest = int(time.time()), iter(rejected)
    while some := list(islice(rest, _TOGETHER)):
        known = _known(db, run, some)
        again, new = [], []
        for one in some:
            told, stood = (one.order_id, one.event, one.verdict, one.code), (storable(one.file), one.row)
            if entry := _taken(known.get(told, {}), stood, anywhere=one.order_id is not None):
                again.append((_WIDE + run, *stood, entry))
            else:
                new.append((run, *told, *stood, now, _WIDE + run))
        db.executemany("UPDATE verdicts SET seen_run = ?, file = ?, row = ? WHERE rowid = ?", again)
        db.executemany("INSERT INTO verdicts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", new)


def _known(db: sqlite3.Connection, run: int, some: list[Rejected]) -> dict[Told, dict[Stood, list[int]]]:
    """What earlier runs said of these: the entries, by what they say and where it stood."""
    orders = list({one.order_id for one in some if one.order_id is not None})
    places = list({(storable(one.file), one.row) for one in some if one.order_id is None})
    query = "SELECT order_id, event, verdict, code, file, row, v.rowid FROM json_each(?) CROSS JOIN verdicts v ON "
    of_order = query + "order_id = value WHERE seen_run IS NOT ? ORDER BY v.rowid"
    of_place = query + (
        "order_id IS NULL AND file = json_extract(value, '$[0]') AND row = json_extract(value, '$[1]') "
        "WHERE seen_run IS NOT ? ORDER BY v.rowid"
    )
    known: dict[Told, dict[Stood, list[int]]] = {}
    for asked, wanted in ((of_order, orders), (of_place, places)):
        for *told, file, row, entry in db.execute(asked, (json.dumps(wanted), _WIDE + run)) if wanted else ():
            known.setdefault((told[0], told[1], told[2], told[3]), {}).setdefault((file, row), []).append(entry)
    return known


def last_run(db: sqlite3.Connection) -> str:
    """The run that gave a verdict last, as an expression of a query."""
    return f"coalesce(seen_run - {_WIDE}, run)" if "seen_run" in columns_of(db, "verdicts") else "run"


def _taken(entries: dict[Stood, list[int]], stood: Stood, anywhere: bool) -> int | None:
    """Take one of the entries: that of the same place, or else any."""
    place = stood if stood in entries else next(iter(entries), None) if anywhere else None
    if place is None:
        return None
    entry = entries[place].pop(0)
    if not entries[place]:
        del entries[place]
    return entry


def storable(text: str) -> str:
    """A text as SQLite takes it: a file's name may hold bytes that are no UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()
