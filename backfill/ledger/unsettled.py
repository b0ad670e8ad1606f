"""Unsettled: of which of a run's events nobody knows whether the API took them, as no run has had an answer for them.

Their answers were lost, or the run was killed while it waited for them. A later run of the same files, as they were,
has an answer for each once it is at its end: what the API took is in the ledger then.
"""

import re
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from backfill.event import Verdict
from backfill.ledger.entries import Run
from backfill.ledger.history import History
from backfill.ledger.protocol import Ledger
from backfill.ledger.spelling import name_in

_ENDED = (0, 3)  # exit codes of a run that came to its end
_LESS = re.compile(r" --(?:since|until|route)[= ]\S+")  # options that leave something of the files out


class Unsettled(NamedTuple):
    """How many events; `killed`: nobody knows that either. `by`: the later run that had an answer for all others."""

    events: int = 0
    killed: bool = False
    by: int = 0

    def __bool__(self) -> bool:
        return self.killed or self.events > 0


def left_open(run: Run) -> Unsettled:
    """What a run says of it when it ends, but for what it entered as undelivered."""
    if run.finished is None:
        return Unsettled(killed=True)
    ended = run.summary
    if "unknown" in ended:
        return Unsettled(max(int(ended["unknown"]), 0))
    if run.exit_code in _ENDED:
        return Unsettled()
    left = int(ended.get(Verdict.UNATTEMPTED, 0))  # by an earlier release
    return Unsettled(min(left, int(ended.get("retried", 0))))


def unsettled(ledger: Ledger, run: Run) -> Unsettled:
    """What is not known of a run by now. Reads the whole ledger."""
    said, undelivered = left_open(run), _undelivered(ledger, run)
    if not said and not undelivered:
        return said
    found = said._replace(events=said.events + undelivered)
    for later in _sent_again(ledger, run):
        refused = int(later.summary.get(Verdict.REFUSED, 0))  # one of them perhaps because it was there already
        found = Unsettled(refused if found.killed else min(refused, found.events), by=later.number)
    return found


def open_runs(ledger: History, mapping: str) -> list[Run]:
    """The runs of this mapping's name that left something open, but where a later one of the same files did not."""
    found, whole = [], []
    for run in ledger.runs():
        if run.mapping == mapping and _input(run) not in whole:
            if left_open(run):
                found.append(run)
            elif _to_its_end(run):
                whole.append(_input(run))
    return found


def _undelivered(ledger: Ledger, run: Run) -> int:
    """How many events the run entered as undelivered, and no run as accepted since."""
    columns = ("run", "seen_run", "verdict", "event", "order_id", "file", "row")
    events: set[tuple[str, str | None, str, int]] = set()
    for first, last, verdict, event, order_id, *place in ledger.rows_of("verdicts", columns):
        if verdict == Verdict.UNDELIVERED and first <= run.number <= last:
            events.add((event, order_id, *(place if order_id is None else ("", 0))))
    return sum(order_id is None or not _accepted(ledger, run, event, order_id) for event, order_id, *_ in events)


def _accepted(ledger: Ledger, run: Run, event: str, order_id: str) -> bool:
    """Whether the ledger has an order's event, of the run's namespace."""
    for one in ledger.accepted_of(order_id):
        by = ledger.run(one.run)
        if by is not None and by.namespace == run.namespace and name_in(one.key) in ("", event):
            return True
    return False


def _sent_again(ledger: Ledger, run: Run) -> list[Run]:
    """The later runs of the same files, all that this one sent among them, that had an answer for every event."""
    later = [
        one for one in ledger.runs() if one.number > run.number and _input(one) == _input(run) and _to_its_end(one)
    ]
    if not later or not all(_unchanged(file, run) for file in run.files):
        return []
    files: dict[int, set[tuple[str, int]]] = {}
    for number, name, rows in ledger.rows_of("inputs", ("run", "name", "rows")):
        files.setdefault(number, set()).add((name, rows))
    seen = [last or of for of, last in ledger.rows_of("accepted", ("run", "seen_run")) if of == run.number]
    met = min(seen, default=later[0].number)
    mine = files.get(run.number)
    return [one for one in later if mine and files.get(one.number) == mine and one.number <= met]


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
