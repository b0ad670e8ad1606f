"""Entries: what a ledger holds, as it goes in and comes out."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

_DIGITS = 500  # before or behind the point: what is sent has fewer, and sums have room for twice as many


def amount_of(kept: str | None) -> Decimal | None:
    """A kept amount as a number. Raises ValueError, ArithmeticError or TypeError for what was never one."""
    found = None if kept is None else Decimal(kept)
    if found is not None and not (found.is_finite() and abs(found.adjusted()) < _DIGITS):
        raise ValueError
    return found


class Accepted(NamedTuple):
    """An event that the API took. `order_id` is there only where the key does not end in it.

    `likenesses` go in and do not come out: what other events like it have too.
    """

    key: str
    time: str
    amount: str | None
    identity: bytes
    order_id: str | None = None
    likenesses: tuple[int, ...] = ()


class Known(NamedTuple):
    """What the ledger has under a key. `own` is the key as sent, which an earlier release may have written differently.

    `other`: it was written for another order, whose namespace and id read as this one's.
    """

    key: str
    own: str
    run: int
    time: str
    amount: str | None
    identity: bytes
    other: bool = False

    @classmethod
    def by_key(cls, rows: Iterable[tuple[Any, ...]]) -> "dict[str, Known]":
        """Rows of a database, all fields in order, as entries; at a third of what `_make` takes."""
        found: dict[str, Known] = {known[0]: known for known in map(partial(tuple.__new__, cls), rows)}
        return found


class PastEvent(NamedTuple):
    """An event of the past: the run that sent it and when, and the last run whose input had it again."""

    key: str
    run: int
    at: int
    seen_run: int | None
    time: str
    amount: str | None
    identity: bytes


def by_run(attempts: Iterable[tuple[int, str]]) -> dict[int, set[str]]:
    """Attempts as they are kept, by run: each run has one from its beginning, the empty key."""
    found: dict[int, set[str]] = {}
    for run, key in attempts:
        found.setdefault(run, set()).update([key] if key else ())
    return found


def by_key(attempts: Iterable[tuple[int, str, str, str | None, bytes]]) -> dict[str, dict[int, Accepted]]:
    """Attempts as they are kept, by key and run."""
    found: dict[str, dict[int, Accepted]] = {}
    for run, key, time, amount, identity in attempts:
        found.setdefault(key, {})[run] = Accepted(key, time, amount, identity)
    return found


class Deletion(NamedTuple):
    """A deletion of a run's event; `accepted_at` is None where an earlier release made it."""

    run: int
    accepted_at: int | None
    at: int


class Totals(NamedTuple):
    """How many keys a ledger has, and of how many of them the events are deleted now."""

    accepted: int
    deleted: int


@dataclass(frozen=True, slots=True)
class Run:
    """What a run was. Files and summary are read when they are asked for: ValueError where they say nothing."""

    number: int
    command: str
    mapping: str
    namespace: str | None
    started: str
    finished: str | None
    exit_code: int | None
    files_text: str
    summary_text: str | None

    @property
    def files(self) -> list[str]:
        return list(json.loads(self.files_text))

    @property
    def summary(self) -> dict[str, Any]:
        """Empty until it had ended."""
        return dict(json.loads(self.summary_text or "{}"))


@dataclass(frozen=True, slots=True)
class Rejected:
    """A verdict other than accepted, on one event or unreadable row.

    `text`: the row's, by which the verdict is known another night where there is no order_id.
    """

    order_id: str | None
    event: str
    verdict: str
    code: str
    file: str
    row: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Input:
    """A file as a run met it: its name without folders, its rows, its header's names."""

    name: str
    rows: int
    header: tuple[str, ...]


class PastVerdict(NamedTuple):
    """A verdict of the past: the run that gave it first, and the last run that gave it again."""

    order_id: str | None
    event: str
    verdict: str
    code: str
    file: str
    row: int
    run: int
    at: int
    last_run: int
