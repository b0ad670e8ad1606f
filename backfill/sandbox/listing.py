"""A listing: one page of a Space's events, as `GET /public-api/v1/events` reads them back.

Pages come in Laravel's cursor shape. Left open by the API's pages and decided here: the oldest event comes first, both
ends of the range belong to it, the legal `fields` are those of the event object, times read `YYYY-MM-DDTHH:MM:SSZ`.
Attribution (`sources`) is not played.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

import orjson
from multidict import MultiMapping
from yarl import URL

from .rules import EVENT_NAMES
from .space import Stored

FIELDS = (
    "id", "profile_id", "company_id", "space_id", "event_name", "configured_name", "amount", "is_upsell",
    "event_time_utc", "order_id", "order_name",
)  # fmt: skip
DEFAULT_FIELDS = ("id", "event_time_utc")
READ_NAMES = EVENT_NAMES | {"upsell_purchase"}
_LOCAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")

Problems = dict[str, list[str]]
Position = tuple[datetime, int]


@dataclass(frozen=True)
class Cursor:
    """A place between two events, and on which side of it the page is."""

    position: Position
    forward: bool = True

    def encode(self) -> str:
        time, number = self.position
        mark = {"event_time_utc": time.isoformat(), "id": number, "_pointsToNextItems": self.forward}
        return base64.urlsafe_b64encode(orjson.dumps(mark)).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> "Cursor | None":
        try:
            mark = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            position = datetime.fromisoformat(mark["event_time_utc"]), int(mark["id"])
            return cls(position, bool(mark["_pointsToNextItems"]))
        except (ValueError, TypeError, KeyError, binascii.Error):
            return None


@dataclass(frozen=True)
class Listing:
    """What was asked for."""

    start: datetime
    end: datetime
    names: frozenset[str]
    fields: tuple[str, ...]
    per_page: int
    cursor: Cursor | None

    def page(self, events: Iterable[Stored], url: URL) -> dict[str, Any]:
        """Return the page of `events` that the cursor points to; `url` is the one asked."""
        chosen = sorted(
            (event for event in events if event.read_name in self.names and self.start <= event.time <= self.end),
            key=_position,
        )
        first, last = self._slice([_position(event) for event in chosen])
        shown = chosen[first:last]
        before = Cursor(_position(shown[0]), forward=False).encode() if shown and first > 0 else None
        behind = Cursor(_position(shown[-1])).encode() if shown and last < len(chosen) else None
        return {
            "data": [_fields(event, self.fields) for event in shown],
            "path": str(url.with_query(None)),
            "per_page": self.per_page,
            "next_cursor": behind,
            "next_page_url": behind and str(url.update_query(cursor=behind)),
            "prev_cursor": before,
            "prev_page_url": before and str(url.update_query(cursor=before)),
        }

    def _slice(self, positions: list[Position]) -> tuple[int, int]:
        if self.cursor is None:
            return 0, self.per_page
        if self.cursor.forward:
            first = sum(position <= self.cursor.position for position in positions)
            return first, first + self.per_page
        last = sum(position < self.cursor.position for position in positions)
        return max(0, last - self.per_page), last


def read_listing(query: MultiMapping[str], zone: tzinfo) -> "Listing | Problems":
    """Return what the query asks for, or the problems of it; its dates are local times of `zone`."""
    found: Problems = {}
    start, end = (_date(query, name, zone, found) for name in ("start_date", "end_date"))
    if start and end and end <= start:
        found["end_date"] = ["The end date field must be a date after start date."]
    names = _choices(query, "event_names", READ_NAMES, 10, found)
    fields = _choices(query, "fields", FIELDS, len(FIELDS), found)
    per_page = query.get("per_page", "200")
    if not (per_page.isascii() and per_page.isdigit() and 1 <= int(per_page) <= 4000):
        found["per_page"] = ["The per page field must be between 1 and 4000."]
    cursor = Cursor.decode(query["cursor"]) if query.get("cursor") else None
    if query.get("cursor") and cursor is None:
        found["cursor"] = ["The cursor field is invalid."]
    if found or start is None or end is None:
        return found
    return Listing(start, end, frozenset(names) or READ_NAMES, tuple(fields) or DEFAULT_FIELDS, int(per_page), cursor)


def _date(query: MultiMapping[str], name: str, zone: tzinfo, found: Problems) -> datetime | None:
    words, text = name.replace("_", " "), query.get(name, "")
    if not text:
        found[name] = [f"The {words} field is required."]
        return None
    try:
        if _LOCAL.fullmatch(text):
            return datetime.fromisoformat(text).replace(tzinfo=zone)
    except ValueError:
        pass
    found[name] = [f"The {words} field must match the format Y-m-d H:i:s."]
    return None


def _choices(query: MultiMapping[str], name: str, legal: Iterable[str], most: int, found: Problems) -> list[str]:
    given = [value for key, value in query.items() if re.fullmatch(rf"{name}(\[[0-9]*\])", key)]
    words = name.replace("_", " ")
    if name in query:
        found[name] = [f"The {words} field must be an array."]
    if len(given) > most:
        found[name] = [f"The {words} field must not have more than {most} items."]
    for place, value in enumerate(given):
        if value not in legal:
            found[f"{name}.{place}"] = [f"The selected {name}.{place} is invalid."]
        elif value in given[:place]:
            found[f"{name}.{place}"] = [f"The {name}.{place} field has a duplicate value."]
    return given


def _position(event: Stored) -> Position:
    return event.time, event.number


def _fields(event: Stored, names: Iterable[str]) -> dict[str, Any]:
    whole = {
        "id": event.id,
        "profile_id": event.profile,
        "company_id": None,
        "space_id": event.space,
        "event_name": event.read_name,
        "configured_name": event.read_name,
        "amount": event.body.get("amount"),
        "is_upsell": bool(event.body.get("is_upsell")),
        "event_time_utc": event.time.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "order_id": event.body.get("order_id"),
        "order_name": event.body.get("order_name"),
    }
    return {name: whole[name] for name in names}
