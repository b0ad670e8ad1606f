"""A story: what became of one order, as a Space's ledger knows it, with deletions by an undo and what was resent."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backfill.errors import shown
from backfill.ledger.entries import Accepted, Deletion, PastEvent, PastVerdict, Run
from backfill.ledger.history import History
from backfill.ledger.identity import otherwise
from backfill.ledger.protocol import Ledger
from backfill.ledger.spelling import name_in
from backfill.ledger.unsettled import attempts_of, unanswered


def story(ledger: Ledger, order_id: str) -> dict[str, Any] | None:
    """What became of the order's events; None where the ledger never met it. A whole key is understood too."""
    kept = ledger.accepted_of(order_id)
    keys = [one.key for one in kept]
    deletions, gone = ledger.deletions(keys), ledger.deleted(keys)
    left = unanswered(ledger)
    accepted = [
        _accepted(ledger, one, deletions.get(one.key, []), one.key in gone)
        | {"unanswered": [_unanswered(ledger, one, *attempt) for attempt in left.get(one.key, ())]}
        for one in kept
    ]
    verdicts = list(map(_verdict, ledger.verdicts_of(order_id)))
    attempts = [_attempt(ledger, *one) for one in attempts_of(ledger, order_id)]
    if not accepted and not verdicts and not attempts:
        return None
    return {
        **ledger.about(),
        "order_id": order_id,
        "accepted": accepted,
        "verdicts": verdicts,
        "attempts": attempts,
    }


def _attempt(ledger: Ledger, run: Run, key: str) -> dict[str, Any]:
    return {"key": key, "run": run.number, "started": run.started, "finished": run.finished, "files": run.files}


def rejected(ledger: Ledger, asked: str) -> dict[str, Any] | None:
    """What was said of a reject, by FILE:ROW: `_row`, with the name of the input or of the reject file."""
    file, _, row = asked.rpartition(":")
    if not file or not row.isascii() or not row.isdigit():
        return None
    named = shown(Path(file).name)
    runs = [
        run.number
        for run in ledger.runs()
        if "rejects_file" in (run.summary_text or "") and Path(run.summary.get("rejects_file") or "").name == named
    ]
    found = ledger.verdicts_at(int(row[:18]))
    mine = [one for one in found if shown(Path(one.file).name) == named or one.run in runs]
    if not mine:
        return None
    order_id = next((one.order_id for one in mine if one.order_id is not None), None)
    known = story(ledger, order_id) if order_id is not None else None
    nothing: dict[str, Any] = {"order_id": None, "accepted": [], "attempts": []}
    return known or {**ledger.about(), **nothing, "verdicts": list(map(_verdict, mine))}


def _verdict(one: PastVerdict) -> dict[str, Any]:
    said = one._asdict() | {"at": moment(one.at)}
    del said["order_id"]
    return said


def moment(seconds: int | None) -> str | None:
    """A time as people and programs read it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if seconds else None


def _accepted(ledger: History, one: PastEvent, deletions: list[Deletion], gone: bool) -> dict[str, Any]:
    before, last = (deletions[:-1], deletions[-1]) if gone and deletions else (deletions, None)
    seen = ledger.run(one.seen_run) if one.seen_run else None
    return {
        "key": one.key,
        "event": _event_of(ledger, one.key, one.run),
        "event_time": one.time,
        "amount": one.amount,
        "run": one.run,
        "files": _files(ledger, one.run),
        "at": moment(one.at),
        "deleted": moment(last.at) if last else None,
        "deleted_run": last.run if last else None,
        "before": [
            {
                "run": was.run,
                "at": moment(was.accepted_at),
                "files": _files(ledger, was.run),
                "deleted": moment(was.at),
            }
            for was in before
        ],
        "sent_again": [
            {"run": later, "at": moment(when), "files": _files(ledger, later)}
            for later, when in ledger.resent(one.key)
            if later > one.run
        ],
        "last_seen_run": one.seen_run or one.run,
        "last_seen": seen.started if seen else moment(one.at),
        "last_seen_files": seen.files if seen else None,
    }


def _unanswered(ledger: History, one: PastEvent, run: int, attempt: Accepted) -> dict[str, Any]:
    """What a run had sent of an event without having an answer; `other` is in what it was otherwise."""
    other = [*otherwise(attempt, Accepted(one.key, one.time, one.amount, one.identity))]
    found = {"run": run, "files": _files(ledger, run), "event_time": attempt.time, "amount": attempt.amount}
    return found | {"other": other}


def _files(ledger: History, run: int) -> list[str]:
    found = ledger.run(run)
    return found.files if found else []


def _event_of(ledger: History, key: str, run: int) -> str:
    """The event's name: what its key begins with, or the one that its run sent."""
    if name := name_in(key):
        return name
    found = ledger.run(run)
    sent = list(found.summary.get("by_event", {})) if found else []
    return str(sent[0]) if len(sent) == 1 else "event"


def story_text(found: dict[str, Any], order_id: str) -> str:
    """The story in lines."""
    lines = [f"order {order_id}: space {found['space']} at {found['address']}"]
    for one in found["accepted"]:
        amount = f", amount {one['amount']}" if one["amount"] is not None else ""
        lines.append(f"  {one['event']} of {one['event_time']}{amount} (key {one['key']})")
        word = "first accepted"
        for sent in one["unanswered"]:
            if sent["other"]:
                what = {"time": f"time {sent['event_time']}", "amount": f"amount {sent['amount']}"}
                with_ = ", ".join(what.get(name, f"another {name}") for name in sent["other"])
                lines.append(f"    no answer       run {sent['run']}  {_named(sent['files'])}, with {with_}")
                lines.append("                    if the API took that, it keeps that: backfill verify tells")
        for was in one["before"]:
            lines.append(f"    {word}  {was['at'] or '':<20}  run {was['run']}  {_named(was['files'])}")
            lines.append(f"    deleted         {was['deleted']}  by backfill undo {was['run']}")
            word = "accepted again"
        lines.append(f"    {word}  {one['at']}  run {one['run']}  {_named(one['files'])}")
        for again in one["sent_again"]:
            lines.append(f"    sent again      {again['at']}  run {again['run']}  {_named(again['files'])}")
        if one["deleted"]:
            lines.append(
                f"    deleted         {one['deleted']}  by backfill undo {one['deleted_run']}; upload --resend sends it"
            )
        seen = _named(one["last_seen_files"] or one["files"])
        lines.append(f"    last seen       {one['last_seen']}  run {one['last_seen_run']}  {seen}")
    for one in found["verdicts"]:
        code = f" ({one['code']})" if one["code"] else ""
        event = f"{one['event']} " if one["event"] else ""
        runs = (
            f"run {one['run']}"
            if one["last_run"] == one["run"]
            else f"run {one['run']}, again until run {one['last_run']}"
        )
        lines.append(f"  {event}{one['verdict']}{code}  {one['at']}  {runs}  {Path(one['file']).name} row {one['row']}")
    for one in found["attempts"]:
        over = "" if one["finished"] else "; the run has not finished (it goes on, or was killed)"
        lines.append(f"  {one['key']} sent  {one['started']}  run {one['run']}  {_named(one['files'])}")
        lines.append(f"    no answer is in the ledger: the API may have it, and its key stays the same{over}")
    return "\n".join(lines)


def _named(files: list[str]) -> str:
    return ", ".join(Path(name).name for name in files)
