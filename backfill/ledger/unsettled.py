"""Unsettled: of which of a run's events nobody knows whether the API took them, as no run has had an answer for them.

A run enters the keys of what it is about to send, and drops each once its answer is entered. So what is left of one
that is over, killed or not, is all that it has no answer for; a key is settled once a later run has had it accepted.
"""

import re
from collections.abc import Collection, Mapping
from itertools import takewhile
from typing import NamedTuple

from backfill.event import Verdict
from backfill.ledger.entries import Accepted, Run
from backfill.ledger.history import History
from backfill.ledger.protocol import Ledger
from backfill.ledger.spelling import rest_of

_ENDED = (0, 3)  # exit codes of a run that came to its end
_LESS = re.compile(r" --(?:since|until|route)[= ]\S+")  # options that leave something of the files out
Left = dict[str, list[tuple[int, Accepted]]]
_Attempts = Mapping[int, Collection[str]]


class Unsettled(NamedTuple):
    """How many events; `killed`: nobody knows that either, as an earlier release's run was killed.

    `by`: a later run that had others accepted. `again`: the same command, run once more, may tell of these.
    """

    events: int = 0
    killed: bool = False
    by: int = 0
    again: bool = False

    def __bool__(self) -> bool:
        return self.killed or self.events > 0


def unsettled(ledger: Ledger, run: Run) -> Unsettled:
    """What is not known of a run by now."""
    attempts = ledger.attempts()
    keys, more = _left(run, attempts)
    keys = _undelivered(ledger, run) if keys is None else keys
    accepted = _accepted_later(ledger, run, keys)
    there = accepted.keys() - ledger.deleted(list(accepted))
    found = more._replace(
        events=more.events + len(keys) - len(accepted), by=max((accepted[key] for key in there), default=0)
    )
    later = takewhile(lambda one: one.number > run.number, ledger.runs() if found else ())
    again = not any(_input(one) == _input(run) and _to_its_end(one, attempts) for one in later)
    return found._replace(again=bool(found) and again)


def open_runs(ledger: Ledger, mapping: str) -> list[tuple[Run, int]]:
    """The runs of this mapping's name that may have sent what the ledger has not, and how many events, where known.

    The last run is one of them while it has not finished. Of an earlier release one is, where no later run of the same
    files came to its end.
    """
    attempts, found, whole, last = ledger.attempts(), [], [], True
    for run in ledger.runs():
        goes_on, last = last and run.finished is None, False
        if run.mapping == mapping:
            keys, more = _left(run, attempts)
            number = len(keys) - len(_accepted_later(ledger, run, keys)) if keys else more.events
            if goes_on or ((number or more.killed) and (keys or _input(run) not in whole)):
                found.append((run, number))
            elif _to_its_end(run, attempts):
                whole.append(_input(run))
    return found


def attempts_of(ledger: Ledger, order_id: str) -> list[tuple[Run, str]]:
    """The runs that may have sent an order's event, and under which key, where no run has had it accepted since."""
    found: list[tuple[Run, str]] = []
    for number, keys in sorted(ledger.attempts().items()):
        run = ledger.run(number)
        if run is not None and (mine := [key for key in keys if order_id in (key, rest_of(key, run.namespace))]):
            later = _accepted_later(ledger, run, mine)
            found += [(run, key) for key in sorted(mine) if key not in later]
    return found


def unanswered(ledger: History) -> Left:
    """What runs have sent, or were about to, and have no answer for, by key: the run and the event, the first first.

    What an undo of theirs or of a later run has deleted is no longer there, whatever it was.
    """
    found = ledger.attempted()
    deletions = ledger.deletions(list(found))
    left: Left = {}
    for key, by_run in found.items():
        last = max((one.run for one in deletions.get(key, ())), default=0)
        if those := [(run, by_run[run]) for run in sorted(by_run) if run > last]:
            left[key] = those
    return left


def _left(run: Run, attempts: _Attempts) -> tuple[Collection[str] | None, Unsettled]:
    """The keys that a run has no answer for, and what is open beside them; none where an earlier release kept none."""
    kept = attempts.get(run.number, run.summary.get("unknown"))
    if isinstance(kept, set | list):
        return kept, Unsettled()
    if run.exit_code in _ENDED:
        return None, Unsettled()
    left = min(int(run.summary.get(Verdict.UNATTEMPTED, 0)), int(run.summary.get("retried", 0)))
    return None, Unsettled(left, killed=run.finished is None)


def _accepted_later(ledger: Ledger, run: Run, keys: Collection[str]) -> dict[str, int]:
    """Which of the keys a run has had accepted since, and which run.

    One before counts too, a host's that was cut off and entered it late; but not where it was to be sent again.
    """
    found, again = {}, "--resend" in run.command.split()
    for key, known in (ledger.find(list(keys)) if keys else {}).items():
        by = known.run
        if by < run.number:
            by = max([by, *(of for of, _ in ledger.resent(key))])
        if not known.other and (by >= run.number or not again):
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


def _to_its_end(run: Run, attempts: _Attempts) -> bool:
    """Whether it had an answer for every event; what it left as it was there it did not send."""
    left = (Verdict.UNDELIVERED, Verdict.UNATTEMPTED, "existing")
    return run.exit_code in _ENDED and not any(_left(run, attempts)) and not any(map(run.summary.get, left))


def _input(run: Run) -> tuple[object, ...]:
    """What a run was told to read, and how."""
    return run.mapping, run.namespace, run.files_text, sorted(_LESS.findall(run.command))
