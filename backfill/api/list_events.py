"""A listing: the Space's events of a period, read back through List Events page by page.

4000 events a page, 7 pages a minute. The API reads the dates of a query in the Space's own time zone, but does not
report that zone: where it is not known, the period is widened by as much as zones can differ.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from zoneinfo import ZoneInfo

from backfill.api.client import Answer, meaning_of, stop_at
from backfill.api.readback import ListedEvent, Readback
from backfill.api.requester import Requester
from backfill.api.retry import Meaning
from backfill.api.secret import repeats
from backfill.errors import ApiStop, counted
from backfill.progress import Progress

PATH = "/public-api/v1/events"
PAGE = 4000  # events a page, at the most
NAMES = 10  # event names a query, at the most
FIELDS = ("id", "event_name", "order_id", "amount", "event_time_utc", "profile_id")
MARGIN = timedelta(days=1)  # around the period: what recorded an order live may have taken another moment of it
SETTLING = 600  # seconds after the last acceptance in which what is missing may still be in the API's queue
ZONES = timedelta(hours=14)  # what a zone can be away from UTC
_IDLE = 50  # pages without an event in a row: this list has no end
_REPEATED = 10  # pages without an event that one page of nothing but known events weighs as much as
_PAGES, _FEW = 100, 10  # after so many pages each has at least so many events, on average
_HOURLY = 60_000  # events that a Space takes in an hour, at the most
_CURSOR = 4096  # characters; an address has no room for more
_EARLIEST, _LATEST = -62_135_596_800, 253_402_300_799  # the first second of the year 1, the last of 9999
_DIGITS = 30  # of an amount: more is none
_HALF = re.compile("[\ud800-\udfff]")  # half a character, which no file can hold
_SAFE = "nothing was sent"


@dataclass(frozen=True)
class EventQuery:
    """Events of these names (none: any) between two times (Unix seconds); `zone` is the Space's if it is known."""

    names: tuple[str, ...]
    first: int
    last: int
    zone: str | None = None

    @property
    def parts(self) -> list[tuple[str, ...]]:
        """The names, as many at a time as the API takes."""
        return [self.names[at : at + NAMES] for at in range(0, len(self.names), NAMES)] or [()]

    @property
    def hours(self) -> int:
        return int((self.last - self.first + 2 * self._margin.total_seconds()) / 3600) + 1

    @property
    def _margin(self) -> timedelta:
        return MARGIN if self.zone else MARGIN + ZONES

    @property
    def begin(self) -> int:
        """From when on events may be read for it, in Unix seconds."""
        return self.first - int(self._margin.total_seconds())

    @property
    def end(self) -> int:
        """Until when."""
        return self.last + int(self._margin.total_seconds())

    def encoded(self, part: int, cursor: str | None) -> str:
        zone = ZoneInfo(self.zone) if self.zone else UTC
        start = _written(self.first, zone, -self._margin) or "0001-01-01 00:00:00"
        end = _written(self.last, zone, self._margin + timedelta(seconds=1)) or "9999-12-31 23:59:59"
        words = [("start_date", start), ("end_date", end)]
        words += [("event_names[]", name) for name in self.parts[part]]
        words += [("fields[]", name) for name in FIELDS]
        words += [("per_page", str(PAGE))] + ([("cursor", cursor)] if cursor else [])
        return urlencode(words)


def _written(seconds: int, zone: tzinfo, by: timedelta) -> str | None:
    """A date and time in a zone, so much away from a moment; None where no calendar has that."""
    try:
        return (datetime.fromtimestamp(seconds, zone) + by).replace(tzinfo=None).isoformat(" ", "seconds")
    except (OverflowError, ValueError):
        return None


async def read_events(query: EventQuery, kept: Readback, url: str, requester: Requester, progress: Progress) -> None:
    """Read every event that the query is for into `kept`, from where an earlier run stopped.

    Raises ApiStop where the list has no end or is none, and Interrupted; what was read is kept.
    """
    for part in range(kept.part, len(query.parts)):
        await _read_part(query, part, url, kept, requester, progress)


async def _read_part(
    query: EventQuery, part: int, url: str, kept: Readback, requester: Requester, progress: Progress
) -> None:
    """Read every page of one part of the query, from where an earlier run stopped."""
    cursor = kept.cursor if kept.part == part else None
    end, reach, last = _End(cursor, query.hours * _HOURLY), _Reach(), part + 1 == len(query.parts)
    while True:
        answer = await requester.ask("GET", f"{url}?{query.encoded(part, cursor)}")
        try:
            listed, cursor = _page(answer, url)
            events = [event for event in listed if not query.names or event.name in query.names]
            before = len(kept)
            kept.add(events, part + (cursor is None), cursor, last and cursor is None)
            if cursor is not None and (why := end.missed(cursor, bool(listed), len(kept) > before, kept)):
                raise ApiStop(f"GET {url}: the list has no end: {why} after {counted(kept.pages, 'page')}; {_SAFE}")
        except ApiStop:
            if meaning_of(answer) in (Meaning.REFUSED, Meaning.ACCEPTED):  # going on from here would end the same way
                kept.restart()
            raise
        progress.advance(reach.hours(events), f"{counted(len(kept), 'event')}, {counted(kept.pages, 'page')}")
        if cursor is None:
            return


class _End:
    """Finds out whether a list has no end, whatever its pages hold."""

    def __init__(self, cursor: str | None, most: int) -> None:
        self._met, self._most, self._idle = {cursor}, most, 0

    def missed(self, cursor: str, some: bool, new: bool, kept: Readback) -> str:
        """Why the list has no end; "" while it may have one. `some`: the page had events; `new`: unknown ones."""
        again = cursor in self._met
        self._met.add(cursor)
        self._idle = 0 if new else self._idle + (_REPEATED if some else 1)
        if again:
            return "a cursor came twice"
        if self._idle >= _IDLE:
            return "nothing new came"
        if kept.pages > _PAGES + len(kept) // _FEW:
            return f"no more than {counted(len(kept), 'event')} came"
        return f"more events than a Space takes ({self._most:,}) came" if len(kept) > self._most else ""


class _Reach:
    """How much of the period the pages have covered, in whichever order they come."""

    def __init__(self) -> None:
        self._first = self._last = 0
        self._reported = 0

    def hours(self, events: list[ListedEvent]) -> int:
        """Hours that this page has added."""
        times = [event.time for event in events if event.time is not None]
        if times:
            self._first = min(self._first or times[0], *times)
            self._last = max(self._last, *times)
        before, self._reported = self._reported, (self._last - self._first) // 3600
        return self._reported - before


def _page(answer: Answer, url: str) -> tuple[list[ListedEvent], str | None]:
    """The events of a page and the cursor of the next. Raises ApiStop where it is no page of events."""
    kind = meaning_of(answer)
    if kind is Meaning.REFUSED:
        raise ApiStop(f"GET {url}: HTTP {answer.status}: {answer.message}; {_SAFE}")
    if kind is not Meaning.ACCEPTED:
        raise stop_at(kind, answer, url, _SAFE)
    try:
        found = json.loads(answer.body, parse_float=Decimal, parse_constant=lambda _: None)
        if not isinstance(found["data"], list):
            raise TypeError
        events, cursor = [_listed(one) for one in found["data"]], _next(found)
        if repeats(answer.key, cursor or "", *(f"{one.id} {one.name} {one.order_id}" for one in events)):
            raise ApiStop(f"GET {url}: the answer repeats the API key, where an event or a cursor should be; {_SAFE}")
        return events, cursor
    except (ValueError, KeyError, TypeError, RecursionError):
        needed = f"{', '.join(FIELDS[:-1])} and its next_cursor"
        raise ApiStop(f"GET {url}: HTTP {answer.status}, but no page of events with {needed}; {_SAFE}") from None


def _next(page: dict[str, Any]) -> str | None:
    """The cursor of the next page, in either form that Laravel writes; None of the last one.

    Raises ValueError or KeyError where the page does not say whether it is the last one, or not where the next begins.
    """
    meta, links = (found if isinstance(found := page.get(name), dict) else {} for name in ("meta", "links"))
    cursors = [place["next_cursor"] for place in (page, meta) if "next_cursor" in place]
    addresses = [place[name] for place, name in ((page, "next_page_url"), (links, "next")) if name in place]
    if not cursors and not addresses and page["data"]:  # behind an empty page there is nothing
        raise ValueError
    cursor = next(filter(None, cursors), None)
    if cursor is None and (address := next(filter(None, addresses), None)):
        cursor = parse_qs(urlsplit(address if isinstance(address, str) else "").query)["cursor"][0]
    if cursor is not None and len(str(cursor)) > _CURSOR:
        raise ValueError
    return None if cursor is None else _text(cursor)


def _listed(one: dict[str, Any]) -> ListedEvent:
    """An event of a page. Raises KeyError, TypeError or ValueError where it lacks what identifies it."""
    if one["id"] is None or one["event_name"] is None:
        raise TypeError
    return ListedEvent(
        _text(one["id"]),
        _text(one["event_name"]),
        _mark(one["order_id"]),
        _seconds(one["event_time_utc"]),
        _amount(one["amount"]),
        _mark(one.get("profile_id")),
    )


def _mark(value: Any) -> str | None:
    """A text by which events are compared; None where there is none that a file can hold."""
    return None if value in (None, "") or _HALF.search(str(value)) else str(value)


def _text(value: Any) -> str:
    """A text that a file can hold. Raises ValueError for half a character."""
    text = str(value)
    if _HALF.search(text):
        raise ValueError
    return text


def _seconds(value: Any) -> int | None:
    """A time as Unix seconds: ISO 8601 in any form, without an offset UTC; or the number itself."""
    text = str(value).strip().removesuffix("UTC").strip()
    try:
        if text.isascii() and text.isdigit():
            seconds = int(text) // (1000 if len(text) > 11 else 1)
        else:
            moment = datetime.fromisoformat(text)
            seconds = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() // 1)
    except (ValueError, OverflowError):
        return None
    return seconds if _EARLIEST <= seconds <= _LATEST else None


def _amount(value: Any) -> Decimal | None:
    try:
        found = None if value is None or isinstance(value, bool) else Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() and abs(found.adjusted()) < _DIGITS else None
