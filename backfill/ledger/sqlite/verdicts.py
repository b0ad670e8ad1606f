"""Verdicts other than accepted, as runs enter them: one that a run before gave too is only seen again."""

import json
import sqlite3
import time
from collections.abc import Iterable
from itertools import islice

from backfill.ledger.entries import Rejected
from backfill.ledger.repeats import Finding, Place, content_of, taken

WIDE = 1 << 16  # added to `seen_run`, so that every number takes as many bytes and an update makes no page grow
_TOGETHER = 500  # verdicts that one statement looks for


def enter(db: sqlite3.Connection, run: int, rejected: Iterable[Rejected]) -> None:
    """Enter a run's verdicts, and see those again that an earlier run gave too."""
    now, rest = int(time.time()), iter(rejected)
    while some := list(islice(rest, _TOGETHER)):
        known = _known(db, run, some)
        again, new = [], []
        for one in some:
            content, place = content_of(one), (storable(one.file), one.row)
            said = (one.event, one.verdict, one.code)
            if entry := taken(known.get((one.order_id or content, *said), {}), place):
                again.append((WIDE + run, *place, entry))
            else:
                new.append((run, one.order_id, *said, *place, now, WIDE + run, content))
        db.executemany("UPDATE verdicts SET seen_run = ?, file = ?, row = ? WHERE rowid = ?", again)
        db.executemany("INSERT INTO verdicts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", new)


def _known(db: sqlite3.Connection, run: int, some: list[Rejected]) -> dict[Finding, dict[Place, list[int]]]:
    """What earlier runs said of these: the entries, by what they say and where it was."""
    orders = list({one.order_id for one in some if one.order_id is not None})
    contents = list({content for one in some if (content := content_of(one)) is not None})
    query = "SELECT value, event, verdict, code, file, row, v.rowid FROM json_each(?) CROSS JOIN verdicts v ON "
    of_order = query + "order_id = value WHERE seen_run IS NOT ? ORDER BY v.rowid"
    of_content = query + "order_id IS NULL AND content = value WHERE seen_run IS NOT ? ORDER BY v.rowid"
    known: dict[Finding, dict[Place, list[int]]] = {}
    for asked, wanted in ((of_order, orders), (of_content, contents)):
        for about, event, verdict, code, file, row, entry in (
            db.execute(asked, (json.dumps(wanted), WIDE + run)) if wanted else ()
        ):
            known.setdefault((about, event, verdict, code), {}).setdefault((file, row), []).append(entry)
    return known


def last_run(columns: list[str]) -> str:
    """The run that gave a verdict last, as an expression of a query, where the table has these columns."""
    return f"coalesce(seen_run - {WIDE}, run)" if "seen_run" in columns else "run"


def storable(text: str) -> str:
    """A text as SQLite takes it: a file's name may hold bytes that are no UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()
