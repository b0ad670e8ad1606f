"""History: what the ledgers of a state folder remember, of their runs and of one order."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from backfill.console import show, show_json, tell
from backfill.errors import StateError, counted, shown, spelled_out
from backfill.event import Verdict
from backfill.ledger import History, Ledger, Run, ledgers_of
from backfill.ledger.home import FolderLedgers
from backfill.ledger.story import rejected, story, story_text
from backfill.space import address_of, refuse_address

RUNS = 10  # the latest ones of a Space that `status` shows
FILES = 5  # of those that `why` could not look through

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Asked:
    """Which ledgers are asked: all of a state folder, or those of one Space or address."""

    state: Path
    space: str | None = None
    base_url: str | None = None
    json: bool = False


def status(asked: Asked) -> int:
    """Print each Space's ledger and its latest runs; return the exit code. Raises UsageError for what is no address."""
    answers, damaged = _answers(asked, lambda ledger: _shown(_status(ledger), _status_text))
    if asked.json:
        found = [one for one, _ in answers]
        show_json([*found, *({**one, "accepted": None, "runs": []} for one in damaged)])
    else:
        lines = [*(text for _, text in answers), *map(_damage_text, damaged)]
        show("\n\n".join(lines) or f"no ledger in {ledgers_of(asked.state).place}: nothing was sent from here")
    return 2 if damaged else 0


def why(asked: Asked, order_id: str) -> int:
    """Print an order's story in every ledger that knows it; return the exit code."""
    order_id = spelled_out(order_id)
    read: defaultdict[str, set[str]] = defaultdict(set)  # by ledger, which files of its runs were looked through
    answers, damaged = _answers(
        asked,
        lambda ledger: _shown(
            _story(ledger, asked.state, order_id, read[str(ledger.about())]),
            lambda found: _story_text(found, shown(order_id)),
        ),
    )
    if asked.json:
        found = [one for one, _ in answers]
        nothing = {"order_id": order_id, "accepted": [], "verdicts": [], "attempts": []}
        show_json([*found, *({**one, **nothing} for one in damaged)])
    else:
        lines = [*(text for _, text in answers), *map(_damage_text, damaged)]
        if lines:
            show("\n\n".join(lines))
        else:
            left, damaged = _answers(
                asked, lambda ledger: [*_unread(ledger, read[str(ledger.about())]), *_unattempted(ledger)]
            )
            looked = ", nor in the files of its runs that can be read again" if any(read.values()) else ""
            show(f"order {shown(order_id)}: in no ledger of {ledgers_of(asked.state).place} by this name{looked}")
            for line in (line for lines in left for line in lines):
                show(line)
    return 2 if damaged else 0


def spaces_in(state: Path) -> list[str]:
    """The Spaces that have a ledger in a state folder."""
    return [one.space for one in FolderLedgers(state).all()]


def _answers(asked: Asked, what: Callable[[Ledger], Answer | None]) -> tuple[list[Answer], list[dict[str, Any]]]:
    """What each ledger asked for knows; and the damaged ones, which are also reported on standard error."""
    found: list[Answer] = []
    damaged: list[dict[str, Any]] = []
    if asked.base_url:
        refuse_address(asked.base_url)
    for one in ledgers_of(asked.state).all():
        address, space = one.address, one.space
        try:
            with one.look() as ledger, ledger.reading():
                about = ledger.about()
                address, space = about["address"], about["space"]
                if _asked_for(asked, address, space) and (answer := what(ledger)):
                    found.append(answer)
        except StateError as error:
            if _asked_for(asked, address, space):
                damaged.append({"space": space, "address": address, "ledger": one.place, "damaged": str(error)})
                tell(f"backfill: {error}")
    return found, damaged


def _shown(found: dict[str, Any] | None, text: Callable[[dict[str, Any]], str]) -> tuple[dict[str, Any], str] | None:
    """What was found and its text, made while the ledger is read: what no text or JSON can show is damage too."""
    json.dumps(found)
    return (found, text(found)) if found else None


def _asked_for(asked: Asked, address: str, space: str) -> bool:
    return asked.space in (None, space) and (not asked.base_url or address == address_of(asked.base_url))


def _damage_text(found: dict[str, Any]) -> str:
    return f"space {found['space']} at {found['address']}: its ledger can't be read\n  {found['damaged']}"


# -- status ----------------------------------------------------------------------------------------------------------


def _status(ledger: Ledger) -> dict[str, Any]:
    deleted, totals = ledger.deleted_by_run(), ledger.totals()
    return {
        **ledger.about(),
        "ledger": ledger.place,
        **({"moved": ledger.moved} if ledger.moved else {}),
        "accepted": totals.accepted - totals.deleted,
        "deleted": totals.deleted,
        "runs": [_run(run) | {"deleted": deleted.get(run.number, 0)} for run in islice(ledger.runs(), RUNS)],
    }


def _run(run: Run) -> dict[str, Any]:
    ended = run.summary
    return {
        "run": run.number,
        "started": run.started,
        "finished": run.finished,
        "exit_code": run.exit_code,
        "mapping": run.mapping,
        "files": run.files,
        **{str(verdict): ended.get(verdict, 0) for verdict in Verdict if verdict is not Verdict.READY},
        "amount": ended.get("amount", {}).get(Verdict.ACCEPTED),
        "rejects_file": ended.get("rejects_file"),
        "resume": ended.get("resume") if run.finished else run.command,
    }


def _status_text(found: dict[str, Any]) -> str:
    gone = f", {found['deleted']:,} more deleted since by an undo" if found["deleted"] else ""
    lines = [f"space {found['space']} at {found['address']}: {counted(found['accepted'], 'event')} accepted{gone}"]
    lines.append(f"  ledger {found['ledger']}")
    lines += [f"  copied to {found['moved']}, and used there since"] if "moved" in found else []
    for run in found["runs"]:
        ended = "not finished: running, or killed" if run["finished"] is None else f"exit {run['exit_code']}"
        files = ", ".join(Path(name).name for name in run["files"])
        lines.append(f"  run {run['run']}  {run['started']}  {ended}  {files} ({run['mapping']})")
        counts = [f"{run[verdict]:,} {verdict}" for verdict in Verdict if run.get(verdict)]
        if counts:
            amount = f", amount {run['amount']}" if run["amount"] else ""
            lines.append(f"         {', '.join(counts)}{amount}")
        if run["deleted"]:
            lines.append(
                f"         {run['deleted']:,} of those accepted were deleted from the Space: backfill undo {run['run']}"
            )
    latest = found["runs"][0] if found["runs"] else None
    if latest and latest["resume"]:
        lines.append(f"  to go on: {latest['resume']}")
    return "\n".join(lines)


# -- why -------------------------------------------------------------------------------------------------------------


def _story(ledger: Ledger, state: Path, asked: str, read: set[str]) -> dict[str, Any] | None:
    """What a ledger knows of an order; where no run has had an answer for it, also what the files of its runs say."""
    answer = story(ledger, asked) or rejected(ledger, asked)
    if answer is not None and (answer["accepted"] or answer["verdicts"]):
        return answer
    from backfill.run.reread import reread  # loads longer than most orders take to look up

    found = reread(ledger, state, asked, read)
    if not found:
        return answer
    ids = dict.fromkeys(event["order_id"] or event["key"] for one in found for event in one["events"])
    known = [one for order_id in ids if order_id and (one := story(ledger, order_id))]
    ready = any(event["verdict"] == Verdict.READY for one in found for event in one["events"])
    if answer is not None and answer["order_id"] not in ids:
        known.append(answer)  # asked for by its key, or no event any more
    attempts = {(one["run"], one["key"]): one for answer in known for one in answer["attempts"]}
    return {
        **ledger.about(),
        "order_id": next(iter(ids), None),
        "accepted": [one for answer in known for one in answer["accepted"]],
        "verdicts": [one for answer in known for one in answer["verdicts"]],
        "attempts": [*attempts.values()],
        "read": found,
        "waiting": list(_unattempted(ledger)) if ready else [],
    }


def _story_text(answer: dict[str, Any], asked: str) -> str:
    lines = [story_text(answer, asked)]
    if found := answer.get("read"):
        from backfill.run.reread import reread_text

        tried = {one["key"] for one in answer["attempts"]}
        lines += [*(line for one in found for line in reread_text(one, tried)), *answer["waiting"]]
    return "\n".join(lines)


def _unread(ledger: History, read: set[str]) -> Iterator[str]:
    """What is not known of an order because a file is missing."""
    from backfill.run.reread import unread

    files = list(unread(ledger, read))
    if files:
        space = ledger.about().get("space")
        yield f"space {space} may have sent it: its ledger knows events by order_id and key; other names of an order,"
        yield "and what a condition left out, are in the files of its runs alone, and these show nothing:"
        yield from (f"  {line}" for line in files[:FILES])
        if len(files) > FILES:
            yield f"  and {len(files) - FILES:,} more"
        yield "  ask by the order_id or the key, or put the file back where it was"


def _unattempted(ledger: History) -> Iterator[str]:
    """Where an order of which nothing is known may wait."""
    for run in islice(ledger.runs(), 1):
        ended = run.summary
        left = ended.get(Verdict.UNATTEMPTED, 0)
        if run.finished is None or left:
            what = f"left {counted(left, 'event')} unattempted" if run.finished else "has not finished"
            yield f"run {run.number} of space {ledger.about().get('space')} {what}: the order may be among them"
            yield f"  to go on: {ended.get('resume') or run.command}"
