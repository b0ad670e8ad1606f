"""History: what the ledgers of a state folder remember, of their runs and of one order."""

import json
import shlex
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from backfill.errors import StateError
from backfill.event import EVENT_NAMES, Verdict
from backfill.ledger import Ledger, address_of, ledgers_in, whose

RUNS = 10  # the latest ones of a Space that `status` tells

Told = TypeVar("Told")


@dataclass(frozen=True)
class Asked:
    """Which ledgers are asked: all of a state folder, or those of one Space or address."""

    state: Path
    space: str | None = None
    base_url: str | None = None
    json: bool = False


def status(asked: Asked) -> int:
    """Print each Space's ledger and its latest runs; return the exit code."""
    found, damaged = _told(asked, _status)
    if asked.json:
        print(json.dumps([*found, *({**one, "accepted": None, "runs": []} for one in damaged)], indent=2))
    else:
        lines = [*map(_status_text, found), *map(_damage_text, damaged)]
        print("\n\n".join(lines) or f"no ledger in {asked.state}: nothing was sent from here")
    return 2 if damaged else 0


def why(asked: Asked, order_id: str) -> int:
    """Print an order's story in every ledger that knows it; return the exit code."""
    found, damaged = _told(asked, lambda ledger: _story(ledger, order_id))
    if asked.json:
        nothing = {"order_id": order_id, "accepted": [], "verdicts": []}
        print(json.dumps([*found, *({**one, **nothing} for one in damaged)], indent=2))
    else:
        lines = [*(_story_text(story, order_id) for story in found), *map(_damage_text, damaged)]
        if lines:
            print("\n\n".join(lines))
        else:
            print(f"order {order_id}: in no ledger of {asked.state}; no upload has accepted or rejected it")
            left, damaged = _told(asked, lambda ledger: list(_unattempted(ledger)))
            print("".join(f"{line}\n" for lines in left for line in lines), end="")
    return 2 if damaged else 0


def _told(asked: Asked, what: Callable[[Ledger], Told | None]) -> tuple[list[Told], list[dict[str, Any]]]:
    """What each ledger asked for has to tell; and the damaged ones, which are said on standard error too."""
    found: list[Told] = []
    damaged: list[dict[str, Any]] = []
    for path in ledgers_in(asked.state):
        address, space = whose(path)
        try:
            with Ledger.look(path) as ledger, ledger.reading():
                about = _about(ledger)
                address, space = about["address"], about["space"]
                if _asked_for(asked, address, space) and (told := what(ledger)):
                    found.append(told)
        except StateError as error:
            if _asked_for(asked, address, space):
                damaged.append({"space": space, "address": address, "ledger": str(path), "damaged": str(error)})
                sys.stderr.write(f"backfill: {error}\n")
    return found, damaged


def _asked_for(asked: Asked, address: str, space: str) -> bool:
    return asked.space in (None, space) and (not asked.base_url or address == address_of(asked.base_url))


def _damage_text(found: dict[str, Any]) -> str:
    return f"space {found['space']} at {found['address']}: its ledger can't be read\n  {found['damaged']}"


def _about(ledger: Ledger) -> dict[str, str]:
    return dict(ledger.rows("SELECT name, value FROM meta WHERE name IN ('space', 'address')"))


def _moment(seconds: int | None) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if seconds else None


# -- status ----------------------------------------------------------------------------------------------------------


def _status(ledger: Ledger) -> dict[str, Any]:
    runs = ledger.rows(
        "SELECT id, started, finished, command, mapping, files, exit_code, summary FROM runs ORDER BY id DESC LIMIT ?",
        RUNS,
    )
    return {
        **_about(ledger),
        "ledger": str(ledger.path),
        "accepted": len(ledger),
        "runs": [_run(*row) for row in runs],
    }


def _run(
    number: int, started: str, finished: str | None, command: str, mapping: str, files: str, code: int, summary: str
) -> dict[str, Any]:
    ended = json.loads(summary or "{}")
    return {
        "run": number,
        "started": started,
        "finished": finished,
        "exit_code": code,
        "mapping": mapping,
        "files": json.loads(files),
        **{str(verdict): ended.get(verdict, 0) for verdict in Verdict if verdict is not Verdict.READY},
        "amount": ended.get("amount", {}).get(Verdict.ACCEPTED),
        "rejects_file": ended.get("rejects_file"),
        "resume": ended.get("resume") if finished else command,
    }


def _status_text(found: dict[str, Any]) -> str:
    lines = [f"space {found['space']} at {found['address']}: {found['accepted']:,} events accepted"]
    lines.append(f"  ledger {found['ledger']}")
    for run in found["runs"]:
        ended = "not finished: running, or killed" if run["finished"] is None else f"exit {run['exit_code']}"
        files = ", ".join(Path(name).name for name in run["files"])
        lines.append(f"  run {run['run']}  {run['started']}  {ended}  {files} ({run['mapping']})")
        counts = [f"{run[verdict]:,} {verdict}" for verdict in Verdict if run.get(verdict)]
        if counts:
            amount = f", amount {run['amount']}" if run["amount"] else ""
            lines.append(f"         {', '.join(counts)}{amount}")
    latest = found["runs"][0] if found["runs"] else None
    if latest and latest["resume"]:
        lines.append(f"  to go on: {latest['resume']}")
    return "\n".join(lines)


# -- why -------------------------------------------------------------------------------------------------------------


def _story(ledger: Ledger, order_id: str) -> dict[str, Any] | None:
    """What became of the order's events; None where the ledger never met it. A whole key is understood too."""
    accepted = [_accepted(ledger, *row) for row in _kept(ledger, order_id)]
    verdicts = [
        dict(zip(("event", "verdict", "code", "file", "row", "run", "at"), (*row[:6], _moment(row[6])), strict=True))
        for row in ledger.rows(
            "SELECT event, verdict, code, file, row, run, at FROM verdicts WHERE order_id = ? ORDER BY run, row",
            order_id,
        )
    ]
    if not accepted and not verdicts:
        return None
    return {**_about(ledger), "order_id": order_id, "accepted": accepted, "verdicts": verdicts}


def _kept(ledger: Ledger, order_id: str) -> list[tuple[Any, ...]]:
    """The events accepted for an order: under the keys that its id makes, or with its id beside another key."""
    namespaces = [space for (space,) in ledger.rows("SELECT DISTINCT namespace FROM runs") if space]
    ids = [order_id, *(f"{space}:{order_id}" for space in namespaces)]
    keys = [order_id, *(f"{name}:{one}" for name in EVENT_NAMES for one in ids)]
    columns = "key, run, accepted_at, seen_run, time, amount"
    among = f"SELECT {columns} FROM accepted WHERE key IN (SELECT value FROM json_each(?))"  # noqa: S608
    beside = f"SELECT {columns} FROM accepted WHERE order_id = ?"  # noqa: S608
    return ledger.rows(f"{among} UNION {beside} ORDER BY accepted_at", json.dumps(keys), order_id)


def _accepted(
    ledger: Ledger, key: str, run: int, at: int, seen: int | None, time: str, amount: str | None
) -> dict[str, Any]:
    when = ledger.rows("SELECT started, files FROM runs WHERE id = ?", seen) if seen else []
    files = ledger.rows("SELECT files FROM runs WHERE id = ?", run)
    return {
        "key": key,
        "event": key.partition(":")[0],
        "event_time": time,
        "amount": amount,
        "run": run,
        "files": json.loads(files[0][0]) if files else [],
        "at": _moment(at),
        "last_seen_run": seen or run,
        "last_seen": when[0][0] if when else _moment(at),
        "last_seen_files": json.loads(when[0][1]) if when else None,
    }


def _story_text(story: dict[str, Any], order_id: str) -> str:
    lines = [f"order {order_id}: space {story['space']} at {story['address']}"]
    for one in story["accepted"]:
        amount = f", amount {one['amount']}" if one["amount"] is not None else ""
        files = ", ".join(Path(name).name for name in one["files"])
        lines.append(f"  {one['event']} of {one['event_time']}{amount} (key {one['key']})")
        lines.append(f"    first accepted  {one['at']}  run {one['run']}  {files}")
        seen = ", ".join(Path(name).name for name in one["last_seen_files"] or one["files"])
        lines.append(f"    last seen       {one['last_seen']}  run {one['last_seen_run']}  {seen}")
    for one in story["verdicts"]:
        code = f" ({one['code']})" if one["code"] else ""
        event = f"{one['event']} " if one["event"] else ""
        lines.append(
            f"  {event}{one['verdict']}{code}  {one['at']}  run {one['run']}  {Path(one['file']).name} row {one['row']}"
        )
    return "\n".join(lines)


def _unattempted(ledger: Ledger) -> Iterator[str]:
    """Where an order may wait that nothing is known of."""
    latest = ledger.rows("SELECT id, started, finished, command, summary FROM runs ORDER BY id DESC LIMIT 1")
    for number, _, finished, command, summary in latest:
        ended = json.loads(summary or "{}")
        left = ended.get(Verdict.UNATTEMPTED, 0)
        if finished is None or left:
            what = f"left {left:,} events unattempted" if finished else "has not finished"
            yield f"run {number} of space {_about(ledger).get('space')} {what}: the order may be among them"
            yield f"  to go on: {ended.get('resume') or shlex.join(shlex.split(command))}"
