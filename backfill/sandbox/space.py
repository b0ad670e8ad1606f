"""A Space of the sandbox: its quotas, and which events it keeps.

Deduplication is silent and the first arrival wins (help article 14095787). An event with an idempotency_key is compared
by that alone; without one, by event name, order_id and customer with every event kept; order_name counts only where
there is no order_id. Left open by the API's pages and decided here: the key of a deleted event stays taken.
"""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from .quota import Quota
from .rules import read_time

Customer = tuple[str, ...]


class Stored(NamedTuple):
    """An event that was kept."""

    number: int
    space: str
    received: float  # Unix seconds
    time: datetime  # UTC; the moment of receipt where the body names none
    profile: int
    body: dict[str, Any]

    @property
    def id(self) -> str:
        return f"evt_{self.number}"

    @property
    def read_name(self) -> str:
        """The name under which it is read back: an upsell's purchase has its own."""
        upsell = self.body["event_name"] == "purchase" and self.body.get("is_upsell")
        return "upsell_purchase" if upsell else str(self.body["event_name"])

    def public(self) -> dict[str, Any]:
        return {"id": self.id, "event_time_utc": self.time.isoformat(), **self._asdict()}


class Space:
    """One tenant: what its key may do, and what it has seen."""

    def __init__(self, name: str, *, track: Quota | None, read: Quota | None, delete: Quota | None):
        self.name = name
        self.track, self.read, self.delete = track, read, delete
        self._seen: set[tuple[str | Customer, ...]] = set()
        self._profiles: dict[Customer, int] = {}

    def keep(self, body: dict[str, Any], number: int, now: float) -> Stored | None:
        """Return the event as kept under `number` at `now` (Unix seconds), or None where it was kept before."""
        customer = _customer(body)
        marks = _marks(body, customer)
        if marks and marks[0] in self._seen:
            return None
        self._seen.update(marks)
        profile = self._profiles.setdefault(customer, len(self._profiles) + 1)
        time = read_time(body.get("event_time")) or datetime.fromtimestamp(now, UTC)
        return Stored(number, self.name, now, time, profile, body)


def _customer(body: dict[str, Any]) -> Customer:
    if email := _text(body, "email"):
        return ("email", email.lower())
    if token := _text(body, "comet_token"):
        return ("token", token)
    return ("device", _text(body, "fingerprint"), _text(body, "ip"))


def _marks(body: dict[str, Any], customer: Customer) -> list[tuple[str | Customer, ...]]:
    """Return what an event is known by; the first one is what it is compared by when it arrives."""
    marks: list[tuple[str | Customer, ...]] = []
    if key := _text(body, "idempotency_key"):
        marks.append(("key", key))
    if order := _text(body, "order_id"):
        marks.append(("order_id", body["event_name"], order, customer))
    elif name := _text(body, "order_name"):
        marks.append(("order_name", body["event_name"], name, customer))
    return marks


def _text(body: dict[str, Any], name: str) -> str:
    return (body.get(name) or "").strip()
