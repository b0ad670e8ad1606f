"""Outcomes: what there must be to an event that goes out, what the sending gave, and what it took."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from backfill.event import Code, Problem, Row, Verdict
from backfill.upload.timeline import Timeline

if TYPE_CHECKING:
    from backfill.ledger import Accepted


class Event(Protocol):
    """What there must be to an event that goes out."""

    @property
    def key(self) -> str: ...
    @property
    def body(self) -> bytes: ...
    @property
    def name(self) -> str: ...
    @property
    def amount(self) -> Decimal | None: ...
    @property
    def order_id(self) -> str | None: ...
    @property
    def rows(self) -> list[Row]:
        """The rows it came from, for the reject file."""

    @property
    def accepted(self) -> "Accepted":
        """What the ledger keeps of it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the sending gave. `reason` is the API's own message where it refused.

    `unclear`: it may have been taken all the same, at an attempt before that had no sound answer.
    """

    verdict: Verdict
    code: Code | None = None
    reason: str = ""
    unclear: bool = False

    @property
    def problem(self) -> Problem | None:
        """What a person is to look at."""
        said = "; an attempt before had no sound answer: it may have been taken" if self.unclear else ""
        return Problem(self.code, "", self.reason + said) if self.code else None


@dataclass(slots=True)
class Tally:
    """Requests made, and when; and which events the API may have without the ledger's knowing."""

    requests: int = 0
    rate_limited: int = 0
    retried: int = 0
    unclear: set[str] = field(default_factory=set)  # keys of events that the API may have, and the ledger has not
    unsettled: set[str] = field(default_factory=set)  # those of them that have no verdict
    timeline: Timeline = field(default_factory=Timeline)

    def count(self, what: str) -> None:
        """Count one `requests`, `rate_limited` or `retried`; `accepted` and `refused` are the timeline's alone."""
        match what:
            case "requests":
                self.requests += 1
            case "rate_limited":
                self.rate_limited += 1
            case "retried":
                self.retried += 1
        self.timeline.count(what)

    def doubt(self, keys: Iterable[str]) -> None:
        """The API may have these events; they have no verdict until that is in the ledger."""
        for key in keys:
            self.unclear.add(key)
            self.unsettled.add(key)
