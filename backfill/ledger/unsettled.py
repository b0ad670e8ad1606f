"""Unsettled: of which of a run's events nobody knows whether the API took them, as no run has had an answer for them.

Their answers were lost, and the run kept their keys: one is settled once a later run has had it accepted. Or the run
was killed and kept nothing: a later run of the same files, as they were, has an answer for each.
"""

import re
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from backfill.event import Verdict
from backfill.ledger.entries import Run
from backfill.ledger.protocol import Ledger

_ENDED = (0, 3)  # exit codes of a run that came to its end
_LESS = re.compile(r" --(?:since|until|route)[= ]\S+")  # options that leave something of the files out


class Unsettled(NamedTuple):
    """How many events; `killed`: nobody knows that either. `keys`: of those that are known.

    `by`: a later run that had others accepted. `again`: the same command, run once more, may tell of these.
    """

    events: int = 0
    killed: bool = False
    keys: Collection[str] = ()
    by: int = 0
    again: bool = False

    def __bool__(self) -> bool:
        return self.killed or self.events > 0


def left_open(run: Run) -> Unsettled:
    """What a run says of it when it ends."""
    if run.finished is None:
        return Unsettled(killed=True)
    ended = run.summary
    unknown = ended.get("unknown")
    if isinstance(unknown, list):
        return Unsettled(len(unknown), keys=unknown)
    if run.exit_code in _ENDED:
        return Unsettled()
    left = int(ended.get(Verdict.UNATTEMPTED, 0))  # by an earlier release
    return Unsettled(min(left, int(ended.get("retried", 0))))


def unsettled(ledger: Ledger, run: Run) -> Unsettled:
    """What is not known of a run by now. Of one that kept no keys, it reads the whole ledger."""
    said = left_open(run)
    if not isinstance(run.summary.get("unknown"), list):
        keys = _undelivered(ledger, run)
        said = said._replace(events=said.events + len(keys), keys=keys)
    accepted = _accepted_later(ledger, run, said.keys)
    there = accepted.keys() - ledger.deleted(list(accepted))
    found = said._replace(events=said.events - len(accepted), by=max((accepted[key] for key in there), default=0))
    if not found:
        return found
    later = [
        one for one in ledger.runs() if one.number > run.number and _input(one) == _input(run) and _to_its_end(one)
    ]
    if len(said.keys) == said.events and not said.killed:
        return found._replace(again=not later)
    if not all(_unchanged(file, run) for file in run.files):
        return found
    for one in _of_the_same(ledger, run, later):
        refused = int(one.summary.get(Verdict.REFUSED, 0))  # one of them perhaps because it was there already
        found = Unsettled(refused if found.killed else min(refused, found.events), by=one.number)
    return found._replace(again=not later)


def open_runs(ledger: Ledger, mapping: str) -> list[Run]:
    """The runs of this mapping's name that left something open, but where a later one of the same files did not."""
    found, whole = [], []
    for run in ledger.runs():
        if run.mapping == mapping and _input(run) not in whole:
            left = left_open(run)
            if left.killed or left.events > len(_accepted_later(ledger, run, left.keys)):
                found.append(run)
            elif _to_its_end(run):
                whole.append(_input(run))
    return found


def _accepted_later(ledger: Ledger, run: Run, keys: Collection[str]) -> dict[str, int]:
    """Which of the keys a run has had accepted since, and which run."""
    found = {}
    for key, known in (ledger.find(list(keys)) if keys else {}).items():
        by = known.run if known.run >= run.number else max((of for of, _ in ledger.resent(key)), default=0)
        if by >= run.number and not known.other:
            found[key] = by
    return found


def _undelivered(ledger: Ledger, run: Run) -> set[str]:
    """The keys of what a run by an earlier release entered as undelivered, made as most are, of an order's id."""
    mark = f"@{run.namespace}" if run.namespace else ""
    columns = ("run", "seen_run", "verdict", "event", "order_id")
    return {
        f"{event}{mark}:{order_id}"
        for first, last, verdict, event, order_id in ledger.rows_of("verdicts", columns)
        if verdict == Verdict.UNDELIVERED and first <= run.number <= last and order_id is not None
    }


def _of_the_same(ledger: Ledger, run: Run, later: list[Run]) -> list[Run]:
    """Those of the later runs that have met all that this one sent."""
    files: dict[int, set[tuple[str, int]]] = {}
    for number, name, rows in ledger.rows_of("inputs", ("run", "name", "rows")):
        files.setdefault(number, set()).add((name, rows))
    seen = [last or of for of, last in ledger.rows_of("accepted", ("run", "seen_run")) if of == run.number]
    mine = files.get(run.number)
    return [
        one for one in later if mine and files.get(one.number) == mine and one.number <= min(seen, default=one.number)
    ]


def _to_its_end(run: Run) -> bool:
    """Whether it had an answer for every event; what it left as it was there it did not send."""
    left = (Verdict.UNDELIVERED, Verdict.UNATTEMPTED, "existing")
    return run.exit_code in _ENDED and not left_open(run) and not any(run.summary.get(what, 0) for what in left)


def _input(run: Run) -> tuple[object, ...]:
    """What a run was told to read, and how."""
    return run.mapping, run.namespace, run.files_text, sorted(_LESS.findall(run.command))


def _unchanged(file: str, run: Run) -> bool:
    """Whether a file is as it was when the run began."""
    began = datetime.fromisoformat(run.started).timestamp() + 1  # it is written in whole seconds
    try:
        found = Path(file).stat()
    except (OSError, ValueError):
        return False
    return max(found.st_mtime, found.st_ctime) < began
