"""Copying: a Space's ledger moves from one home to another, whatever kind each is: all of it, or nothing.

The ledger that was copied says from then on where it has moved to, and is used for no run any more: two ledgers for one
Space would send everything twice.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from backfill.errors import UsageError, counted, shown
from backfill.ledger.protocol import Ledger
from backfill.ledger.spelling import today

TABLES = {  # what is copied, each with its columns; the rows of a run come before what names it
    "runs": (
        "run", "started", "finished", "command", "mapping", "namespace", "files", "exit_code", "summary", "recipe",
    ),
    "accepted": ("key", "run", "accepted_at", "seen_run", "time", "amount", "identity", "order_id"),
    "alike": ("likeness",),
    "resent": ("key", "run", "at"),
    "deleted": ("key", "run", "event_id", "at"),
    "undone": ("key", "run", "accepted_at", "at"),
    "verdicts": ("run", "order_id", "event", "verdict", "code", "file", "row", "at", "seen_run", "content"),
    "inputs": ("run", "mapping", "name", "rows", "header"),
    "recipes": ("mapping", "recipe"),
    "attempts": ("run", "key"),
    "bodies": ("run", "key", "time", "amount", "identity"),
}  # fmt: skip
_TOGETHER = 10_000  # keys that are looked for at once

Rows = Iterable[tuple[Any, ...]]


class Copied(NamedTuple):
    """What was copied, in entries."""

    keys: int
    runs: int
    verdicts: int


def copy(source: Ledger, target: Ledger) -> Copied | None:
    """Copy a ledger over another, and mark it as moved there; a copy that was cut off is made anew.

    None where it had been copied there already. Raises UsageError where the other knows what this one does not, or
    where this one is itself kept elsewhere by now.
    """
    here, there = shown(source.place), shown(target.place)  # a path need be no text
    if source.moved == there:
        if target.moved == here:  # cut off between the two marks, and then neither was used
            target.move("")
        return None
    if source.moved:
        raise UsageError(f"{source.place}: was copied to {source.moved} and is kept there; copy that one")
    with source.reading():
        _refuse_more(source, target)
        target.refill((name, _rows(source, name, columns)) for name, columns in TABLES.items())
    target.bind_to(source.bound_to)
    made = [sum(1 for _ in one.rows_of(name, TABLES[name])) for one in (source, target) for name in _COUNTED]
    if made[:3] != made[3:]:
        raise UsageError(f"{target.place}: holds {made[3:]} entries and not {made[:3]}: copy it again")
    source.move(there)
    target.move("")
    return Copied(*made[3:])


_COUNTED = ("accepted", "runs", "verdicts")


def _rows(source: Ledger, name: str, columns: tuple[str, ...]) -> Rows:
    """A table's rows; keys as they are written today, for a run of an earlier release wrote them in another way."""
    rows = source.rows_of(name, columns)
    if columns[:2] != ("key", "run"):
        return rows
    runs = source.rows_of("runs", ("run", "namespace", "recipe"))
    earlier = {run: space for run, space, recipe in runs if space and recipe is None}
    return ((today(key, earlier.get(run)), run, *rest) for key, run, *rest in rows)


def _refuse_more(source: Ledger, target: Ledger) -> None:
    """Raise UsageError where the target has a run or a key that the source has not: it would be lost."""
    begun = ("run", "started")
    more = len(set(target.rows_of("runs", begun)) - set(source.rows_of("runs", begun)))
    keys = (key for (key,) in target.rows_of("accepted", ("key",)))
    if lacking := more + sum(_lacking(source, some) for some in _parts(keys)):
        raise UsageError(
            f"{target.place}: knows {counted(lacking, 'run or key', 'runs or keys')} that {source.place} does not, and "
            "nothing was copied; copy it the other way, or into another database or folder, and say --skip-existing "
            "with that one: it knows nothing of them"
        )


def _lacking(source: Ledger, keys: list[str]) -> int:
    return len(keys) - len(source.find(keys))


def _parts(keys: Iterator[str]) -> Iterator[list[str]]:
    while part := list(islice(keys, _TOGETHER)):
        yield part
