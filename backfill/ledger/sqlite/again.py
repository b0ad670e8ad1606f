"""Again: keys that a run has sent though an earlier one had, as their events were deleted or somebody asked for it."""

import json
import sqlite3

_AMONG = "WHERE key IN (SELECT value FROM json_each(?))"


def forget_deleted(db: sqlite3.Connection, keys: list[str]) -> None:
    """Drop those of the keys whose events were deleted from the Space."""
    for table in ("accepted", "deleted"):
        query = f"DELETE FROM {table} WHERE key IN (SELECT key FROM deleted {_AMONG})"  # noqa: S608
        db.execute(query, (json.dumps(keys),))


def note_resent(db: sqlite3.Connection, run: int, now: int, keys: list[str]) -> set[str]:
    """Enter which of the keys an earlier run had sent; give them."""
    among = (json.dumps(keys), run)
    found = {key for (key,) in db.execute(f"SELECT key FROM accepted {_AMONG} AND run <> ?", among)}  # noqa: S608
    db.executemany("INSERT OR REPLACE INTO resent VALUES (?, ?, ?)", [(key, run, now) for key in found])
    db.execute(f"UPDATE accepted SET seen_run = {run} {_AMONG} AND run <> ?", among)  # noqa: S608
    return found
