"""Entries: what stands in a ledger, as it goes in and comes out."""

from dataclasses import dataclass
from typing import Any, NamedTuple


class Accepted(NamedTuple):
    """An event that the API took. `order_id` is there only where the key does not end in it.

    `likeness` goes in and does not come out: what another event like it has too.
    """

    key: str
    time: str
    amount: str | None
    identity: bytes
    order_id: str | None = None
    likeness: int | None = None


class Known(NamedTuple):
    """What the ledger has under a key. `own` is the key as it was sent, which an earlier release wrote otherwise.

    `other`: it was written for another order, whose namespace and id read as this one's.
    """

    key: str
    own: str
    run: int
    time: str
    amount: str | None
    identity: bytes
    other: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """What a run was: its command line, its mapping's namespace, when it began, and its summary once it had ended."""

    command: str
    namespace: str | None
    started: str
    summary: dict[str, Any]


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
