"""A story: what became of one order, as a Space's ledger tells it; deletions by an undo and what was sent again too."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backfill.errors import shown
from backfill.ledger import Ledger, keys_of_order, name_in

Row = tuple[Any, ...]
_VERDICT = "event, verdict, code, file, row, run, at"
_OF_VERDICT = ("event", "verdict", "code", "file", "row", "run", "at", "last_run")
_COLUMNS = "key, run, accepted_at, seen_run, time, amount"


def story(ledger: Ledger, order_id: str) -> dict[str, Any] | None:
    """What became of the order's events; None where the ledger never met it. A whole key is understood too."""
    kept = _kept(ledger, order_id)
    undone = ledger.undone([row[0] for row in kept])
    gone = ledger.deleted([row[0] for row in kept])
    accepted = [_accepted(ledger, row, undone.get(row[0], []), row[0] in gone) for row in kept]
    verdicts = list(map(_verdict, ledger.verdicts(order_id)))
    if not accepted and not verdicts:
        return None
    return {**ledger.about(), "order_id": order_id, "accepted": accepted, "verdicts": verdicts}


def rejected(ledger: Ledger, asked: str) -> dict[str, Any] | None:
    """What was said of a reject, by FILE:ROW: `_row`, with the name of the input or of the reject file."""
    file, _, row = asked.rpartition(":")
    if not file or not row.isascii() or not row.isdigit():
        return None
    named = shown(Path(file).name)
    runs = [
        number
        for number, text in ledger.rows("SELECT id, summary FROM runs WHERE summary LIKE '%rejects_file%'")
        if Path(json.loads(text).get("rejects_file") or "").name == named
    ]
    found = ledger.rows(
        f"SELECT DISTINCT order_id, {_VERDICT}, {ledger.last_run} FROM verdicts WHERE row = ? ORDER BY run, event",  # noqa: S608
        int(row[:18]),
    )
    mine = [row for row in found if shown(Path(row[4]).name) == named or row[6] in runs]
    if not mine:
        return None
    order_id = next((one[0] for one in mine if one[0] is not None), None)
    known = story(ledger, order_id) if order_id is not None else None
    return known or {
        **ledger.about(),
        "order_id": None,
        "accepted": [],
        "verdicts": [_verdict(row[1:]) for row in mine],
    }


def _verdict(row: Row) -> dict[str, Any]:
    return dict(zip(_OF_VERDICT, (*row[:6], moment(row[6]), row[7]), strict=True))


def moment(seconds: int | None) -> str | None:
    """A time as people and programs read it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if seconds else None


def _kept(ledger: Ledger, order_id: str) -> list[Row]:
    """The events accepted for an order: under its whole key, the keys that its id makes, or with its id beside."""
    namespaces = [space for (space,) in ledger.rows("SELECT DISTINCT namespace FROM runs") if space]
    keys = [order_id, *keys_of_order(order_id, namespaces)]
    among = f"SELECT {_COLUMNS} FROM accepted WHERE key IN (SELECT value FROM json_each(?))"  # noqa: S608
    beside = f"SELECT {_COLUMNS} FROM accepted WHERE order_id = ?"  # noqa: S608
    found = ledger.rows(f"{among} UNION {beside} ORDER BY accepted_at, key", json.dumps(keys), order_id)
    return found or _ending(ledger, order_id)


def _ending(ledger: Ledger, order_id: str) -> list[Row]:
    """Events whose keys of another making end in the id: earlier releases kept no id beside those."""
    end = f":{order_id}"
    ending = "order_id IS NULL AND substr(key, -length(?)) = ?"
    return ledger.rows(f"SELECT {_COLUMNS} FROM accepted WHERE {ending} ORDER BY accepted_at", end, end)  # noqa: S608


def _accepted(ledger: Ledger, row: Row, undone: list[tuple[int, int | None, int]], gone: bool) -> dict[str, Any]:
    key, run, at, seen, time, amount = row
    before = [(first, when, deleted) for first, when, deleted in undone if first != run or not gone]
    deleted = next((when for first, _, when in reversed(undone) if gone and first == run), None)
    when = ledger.rows("SELECT started, files FROM runs WHERE id = ?", seen) if seen else []
    return {
        "key": key,
        "event": _event_of(ledger, key, run),
        "event_time": time,
        "amount": amount,
        "run": run,
        "files": _files(ledger, run),
        "at": moment(at),
        "deleted": moment(deleted),
        "before": [
            {"run": first, "at": moment(was), "files": _files(ledger, first), "deleted": moment(deleted)}
            for first, was, deleted in before
        ],
        "sent_again": [
            {"run": later, "at": moment(when), "files": _files(ledger, later)}
            for later, when in ledger.resent(key)
            if later > run
        ],
        "last_seen_run": seen or run,
        "last_seen": when[0][0] if when else moment(at),
        "last_seen_files": json.loads(when[0][1]) if when else None,
    }


def _files(ledger: Ledger, run: int) -> list[str]:
    found = ledger.rows("SELECT files FROM runs WHERE id = ?", run)
    return list(json.loads(found[0][0])) if found else []


def _event_of(ledger: Ledger, key: str, run: int) -> str:
    """The event's name: what its key begins with, or the one that its run sent."""
    if name := name_in(key):
        return name
    found = ledger.run(run)
    sent = list(found.summary.get("by_event", {})) if found else []
    return str(sent[0]) if len(sent) == 1 else "event"


def story_text(told: dict[str, Any], order_id: str) -> str:
    """The story in lines."""
    lines = [f"order {order_id}: space {told['space']} at {told['address']}"]
    for one in told["accepted"]:
        amount = f", amount {one['amount']}" if one["amount"] is not None else ""
        lines.append(f"  {one['event']} of {one['event_time']}{amount} (key {one['key']})")
        word = "first accepted"
        for was in one["before"]:
            lines.append(f"    {word}  {was['at'] or '':<20}  run {was['run']}  {_named(was['files'])}")
            lines.append(f"    deleted         {was['deleted']}  by backfill undo {was['run']}")
            word = "accepted again"
        lines.append(f"    {word}  {one['at']}  run {one['run']}  {_named(one['files'])}")
        for again in one["sent_again"]:
            lines.append(f"    sent again      {again['at']}  run {again['run']}  {_named(again['files'])}")
        if one["deleted"]:
            lines.append(
                f"    deleted         {one['deleted']}  by backfill undo {one['run']}; upload --resend sends it"
            )
        seen = _named(one["last_seen_files"] or one["files"])
        lines.append(f"    last seen       {one['last_seen']}  run {one['last_seen_run']}  {seen}")
    for one in told["verdicts"]:
        code = f" ({one['code']})" if one["code"] else ""
        event = f"{one['event']} " if one["event"] else ""
        runs = (
            f"run {one['run']}"
            if one["last_run"] == one["run"]
            else f"run {one['run']}, again until run {one['last_run']}"
        )
        lines.append(f"  {event}{one['verdict']}{code}  {one['at']}  {runs}  {Path(one['file']).name} row {one['row']}")
    return "\n".join(lines)


def _named(files: list[str]) -> str:
    return ", ".join(Path(name).name for name in files)
