"""Verdicts other than accepted, as runs enter them: one that a run before gave too is only seen again.

A nightly export has the same rejects each night; the ledger grows only by the new ones.
"""

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterable
from itertools import islice

from backfill.ledger.entries import Rejected

_WIDE = 1 << 16  # added to `seen_run`, so that every number takes as many bytes and an update makes no page grow
_TOGETHER = 500  # verdicts that one statement looks for

Finding = tuple[str | int | None, str, str, str]  # order id or row content, event, verdict, code
Place = tuple[str, int]  # a file and a row


def enter(db: sqlite3.Connection, run: int, rejected: Iterable[Rejected]) -> None:
    """Enter a run's verdicts.

    An order's event under the same verdict and code stays one entry, of its first run, with the place where it was
    last. What has no order_id is known by what its row says, for files have dates in their names and rows move on.
    """
    now, rest = int(time.time()), iter(rejected)
    while some := list(islice(rest, _TOGETHER)):
        known = _known(db, run, some)
        again, new = [], []
        for one in some:
            content, place = _content(one), (storable(one.file), one.row)
            said = (one.event, one.verdict, one.code)
            if entry := _taken(known.get((one.order_id or content, *said), {}), place):
                again.append((_WIDE + run, *place, entry))
            else:
                new.append((run, one.order_id, *said, *place, now, _WIDE + run, content))
        db.executemany("UPDATE verdicts SET seen_run = ?, file = ?, row = ? WHERE rowid = ?", again)
        db.executemany("INSERT INTO verdicts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", new)


def _known(db: sqlite3.Connection, run: int, some: list[Rejected]) -> dict[Finding, dict[Place, list[int]]]:
    """What earlier runs said of these: the entries, by what they say and where it was."""
    orders = list({one.order_id for one in some if one.order_id is not None})
    contents = list({content for one in some if (content := _content(one)) is not None})
    query = "SELECT value, event, verdict, code, file, row, v.rowid FROM json_each(?) CROSS JOIN verdicts v ON "
    of_order = query + "order_id = value WHERE seen_run IS NOT ? ORDER BY v.rowid"
    of_content = query + "order_id IS NULL AND content = value WHERE seen_run IS NOT ? ORDER BY v.rowid"
    known: dict[Finding, dict[Place, list[int]]] = {}
    for asked, wanted in ((of_order, orders), (of_content, contents)):
        for about, event, verdict, code, file, row, entry in (
            db.execute(asked, (json.dumps(wanted), _WIDE + run)) if wanted else ()
        ):
            known.setdefault((about, event, verdict, code), {}).setdefault((file, row), []).append(entry)
    return known


def _content(one: Rejected) -> int | None:
    """A number made of what the row says, where it names no order."""
    if one.order_id is not None:
        return None
    text = one.text.rstrip("\r\n").encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=7).digest())


def last_run(columns: list[str]) -> str:
    """The run that gave a verdict last, as an expression of a query, where the table has these columns."""
    return f"coalesce(seen_run - {_WIDE}, run)" if "seen_run" in columns else "run"


def _taken(entries: dict[Place, list[int]], wanted: Place) -> int | None:
    """Take one of the entries: that of the same place, or else any."""
    place = wanted if wanted in entries else next(iter(entries), None)
    if place is None:
        return None
    entry = entries[place].pop(0)
    if not entries[place]:
        del entries[place]
    return entry


def storable(text: str) -> str:
    """A text as SQLite takes it: a file's name may hold bytes that are no UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()
