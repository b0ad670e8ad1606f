"""Verdicts other than accepted, as runs enter them: one that a run before gave too is only seen again."""

import time
from collections.abc import Iterable
from itertools import islice

import psycopg

from backfill.ledger.entries import Rejected
from backfill.ledger.postgres.server import storable
from backfill.ledger.repeats import Finding, Place, content_of, taken

_TOGETHER = 500  # verdicts that one statement looks for

_KNOWN = """
SELECT {about}, event, verdict, code, file, row, entry FROM backfill.verdicts
WHERE space = %s AND {among} AND seen_run <> %s ORDER BY entry"""
_OF_ORDERS = _KNOWN.format(about="order_id", among="order_id = ANY(%s)")
_OF_CONTENTS = _KNOWN.format(about="content", among="order_id IS NULL AND content = ANY(%s)")
_AGAIN = "UPDATE backfill.verdicts SET seen_run = %s, file = %s, row = %s WHERE entry = %s"
_NEW = """
INSERT INTO backfill.verdicts (space, run, order_id, event, verdict, code, file, row, at, seen_run, content)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"""


def enter(db: psycopg.Connection, space: int, run: int, rejected: Iterable[Rejected]) -> None:
    """Enter a run's verdicts, and see those again that an earlier run gave too."""
    now, rest = int(time.time()), iter(rejected)
    with db.cursor() as cursor:
        while some := list(islice(rest, _TOGETHER)):
            known = _known(db, space, run, some)
            again, new = [], []
            for one in some:
                content, place = content_of(one), (storable(one.file), one.row)
                order = None if one.order_id is None else storable(one.order_id)
                said = (one.event, one.verdict, one.code)
                about = content if order is None else order
                if about is not None and (entry := taken(known.get((about, *said), {}), place)):
                    again.append((run, *place, entry))
                else:
                    new.append((space, run, order, *said, *place, now, run, content))
            cursor.executemany(_AGAIN, again)
            cursor.executemany(_NEW, new)


def _known(db: psycopg.Connection, space: int, run: int, some: list[Rejected]) -> dict[Finding, dict[Place, list[int]]]:
    """What earlier runs said of these: the entries, by what they say and where it was."""
    orders = list({storable(one.order_id) for one in some if one.order_id is not None})
    contents = list({content for one in some if (content := content_of(one)) is not None})
    known: dict[Finding, dict[Place, list[int]]] = {}
    for query, asked in ((_OF_ORDERS, orders), (_OF_CONTENTS, contents)):
        for about, event, verdict, code, file, row, entry in db.execute(query, (space, asked, run)) if asked else ():
            known.setdefault((about, event, verdict, code), {}).setdefault((file, row), []).append(entry)
    return known
