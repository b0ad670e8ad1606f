"""Times and dates as exports write them, read as instants in UTC or as calendar days.

A text is taken apart by grammar first (what days it may mean, what clock, what offset), and only then given a place in
time with what `Locale` says about the source. Nothing depends on the machine's locale or zone.
"""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from backfill.event import Code, Problem
from backfill.fields.column import Locale, Order, Parsed, Places, Texts, Unread, read_rest, shapes_of
from backfill.fields.grammar import Said, decipher, is_zero, numbered_days, serial

FUTURE_SLACK = 300  # seconds that two clocks may differ
EARLIEST_DATE = date(1900, 1, 1)  # of a profile's dates, which may be birthdays; an event's time begins with 1970

# The common shapes. What is in the cell is then left to pandas, which in these
# layouts reads what the grammar above reads and nothing else.
_LOCAL = frozenset(
    f"9999-99-99{between}99:99{rest}"
    for between in "T "
    for rest in ("", ":99", *(f":99.{'9' * digits}" for digits in range(1, 10)))
)
_OFFSETS = ("Z", *(f"{blank}{sign}99{rest}" for blank in ("", " ") for sign in "-+" for rest in ("99", ":99")))
_WITH_OFFSET = frozenset(local + offset for local in _LOCAL for offset in _OFFSETS)
_UNIX = frozenset(("9" * 10, "9" * 13))
_LEAD = r"(?:[^\d\n]{1,20}|\d\d?:\d\d[^\n]{0,12} )?"  # a weekday or a clock
_YEAR_LAST = rf"{_LEAD}(\d\d?)([-/]|\. ?)(\d\d?)\2(\d{{4}}|\d\d)(?!\d)"
_year_last = re.compile(_YEAR_LAST, re.ASCII).match
_some_year_last = re.compile(rf"\n{_YEAR_LAST}", re.ASCII).search  # most columns have none, and one search shows it

_YEAR_FIRST, _year_first = "2024-01-31", re.compile(r"(?:19|20)\d\d[-/.]?\d\d?", re.ASCII).match
_NAMED, _named = "31-Jan-2024", re.compile(r"\d\d?[-/. ] ?[^\W\d_]{3,}|[^\W\d_]{3,}\.?[-/ ]\d\d?(?!\d)").match

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = _EPOCH.date()
_SECOND = timedelta(seconds=1)
_DAY = 86_400
_MINUTES = np.array([f"{hour:02}:{minute:02}:" for hour in range(24) for minute in range(60)], dtype=object)
_SECONDS = np.array([f"{second:02}Z" for second in range(60)], dtype=object)
_YEAR_10000 = 253_402_300_800
_NOT_YET = np.iinfo(np.int64).min  # also what a NaT is inside


class _Instant(NamedTuple):
    seconds: int  # Unix
    day: date | None  # a bare date, as written


def read_time(text: str, locale: Locale, hour: int | None = None) -> str | None:
    """Read one time as YYYY-MM-DDTHH:MM:SSZ, or say None. A bare date means `hour`, or else the locale's."""
    found = _instant(text.strip(), locale, locale.date_hour if hour is None else hour)
    return None if isinstance(found, Unread) else _utc_text(found.seconds)


def event_times(name: str, cells: Texts, locale: Locale) -> Parsed:
    """Read times from 1970 up to 5 minutes from now, a bare date up to today, as YYYY-MM-DDTHH:MM:SSZ.

    The first day of 1970 counts as no time: it is what programs make of a Unix time of 0.
    """
    texts = cells.tolist()
    seconds = _common(texts, locale)
    ahead = seconds > locale.now + FUTURE_SLACK
    today = datetime.fromtimestamp(locale.now, locale.timezone or UTC).date()
    unread: dict[int, Unread] = {}
    known: dict[str, _Instant | Unread] = {}
    for position in np.flatnonzero((seconds == _NOT_YET) & (cells != "")).tolist():
        text = texts[position]
        found = known.get(text) or known.setdefault(text, _instant(text, locale, locale.date_hour))
        if isinstance(found, Unread):
            unread[position] = found
        else:
            late = found.day > today if found.day else found.seconds > locale.now + FUTURE_SLACK
            seconds[position], ahead[position] = found.seconds, late
    for position in np.flatnonzero((seconds >= 0) & (seconds < _DAY)).tolist():
        unread[position] = Unread("the first day of 1970, which programs write where there is no time")
    parsed = Parsed(_utc_texts(seconds))
    for position, why in unread.items():
        parsed.drop(position, Problem(Code.INVALID_TIME, name, why.reason), why.needs)
    for position in np.flatnonzero(ahead).tolist():
        parsed.drop(position, Problem(Code.FUTURE_TIME, name, "lies in the future"))
    return parsed


def dates(name: str, cells: Texts, locale: Locale) -> Parsed:
    """Read the calendar day that a time or date has where it was written, as YYYY-MM-DD, from 1900 on."""
    parsed = Parsed(np.full(len(cells), None, dtype=object))
    read_rest(parsed, cells.tolist(), lambda text: _calendar_day(text, locale), Code.INVALID_DATE, name)
    return parsed


def date_order_evidence(cells: Texts) -> dict[str, int]:
    """Find, for each order of day, month and year, the first cell that can be read in that order alone."""
    return time_evidence(cells)[0]


def time_evidence(cells: Texts) -> tuple[dict[str, int], dict[str, tuple[int, int]]]:
    """What shows the order of day, month and year, and how dates are written, where some are in numbers.

    The first is each order with the first cell that can be read in that order alone; the second each layout, as an
    example, with the number of its cells and the first of them.
    """
    texts = cells.tolist()
    joined = "\n".join(["", *texts])
    orders: dict[str, int] = {}
    layouts: dict[str, tuple[int, int]] = {}
    if not _some_year_last(joined):
        if count := joined.count("\n20") + joined.count("\n19"):
            layouts[_YEAR_FIRST] = count, next(at for at, text in enumerate(texts) if text[:2] in ("19", "20"))
        return orders, layouts
    for at, text in enumerate(texts):
        if match := _year_last(text):
            mark = match[2].strip()
            new = _orders_of(text, match) - orders.keys()
            orders.update((order, at) for order in new)
            layout = f"31{mark}01{mark}2024"
        elif _year_first(text):
            layout = _YEAR_FIRST
        elif _named(text):
            layout = _NAMED
        else:
            continue
        count, first = layouts.get(layout, (0, at))
        layouts[layout] = count + 1, first
    return orders, layouts


def _orders_of(text: str, match: re.Match[str]) -> set[Order]:
    """The one order in which a text can be read, if it is one; a weekday in front may decide."""
    days = numbered_days(*match.group(1, 3, 4))
    if match.start(1) or len(days) == 1:
        said = decipher(text)
        days = said.days if isinstance(said, Said) else {}
    return {order for order in days if order} if len(days) == 1 else set()


def _common(texts: list[str], locale: Locale) -> Places:
    """Read the ISO-like and Unix cells of a column at once; Unix seconds, _NOT_YET for the others."""
    layouts = shapes_of(texts)
    seconds = np.full(len(texts), _NOT_YET, dtype=np.int64)
    if at := [position for position, layout in enumerate(layouts) if layout in _WITH_OFFSET]:
        seconds[at] = _wall_seconds([texts[position] for position in at])
    if len(at) == len(texts):
        return seconds
    if at := [at for at, layout in enumerate(layouts) if layout in _UNIX and texts[at][0] != "0"]:
        seconds[at] = [int(texts[position][:10]) for position in at]
    zone = locale.timezone
    if zone and (at := [position for position, layout in enumerate(layouts) if layout in _LOCAL]):
        seconds[at] = _from_local(_wall_seconds([texts[position] for position in at]), zone)
    return seconds


def _wall_seconds(texts: list[str]) -> Places:
    # coerce: 30 February and 25:00 are left to the slow way, which refuses them.
    moments = pd.to_datetime(texts, format="ISO8601", utc=True, errors="coerce", cache=False)
    seconds = np.asarray(moments.tz_localize(None), dtype="M8[s]").astype(np.int64)
    seconds[(seconds < 0) | (seconds >= _YEAR_10000)] = _NOT_YET
    return seconds


def _from_local(wall: Places, zone: tzinfo) -> Places:
    """Turn local seconds into Unix seconds; those of a day whose clock changes are left to the slow way."""
    days, which = np.unique(wall // _DAY, return_inverse=True)
    offsets = [_steady_offset(zone, day) for day in days.tolist()]
    steady = np.array([offset is not None for offset in offsets], dtype=bool)[which]
    offset = np.array([offset or 0 for offset in offsets], dtype=np.int64)[which]
    found = wall - offset
    found[~steady | (wall < 0) | (found < 0)] = _NOT_YET
    return found


@lru_cache(maxsize=50_000)
def _steady_offset(zone: tzinfo, day: int) -> int | None:
    """The zone's offset in seconds on a day (counted from 1970), or None where it changes."""
    if not 0 <= day < _YEAR_10000 // _DAY - 1:
        return None
    start = datetime(1970, 1, 1) + timedelta(days=day)  # noqa: DTZ001 (a wall clock)
    edges = (start, start.replace(fold=1), start + timedelta(days=1))
    first, *others = (edge.replace(tzinfo=zone).utcoffset() for edge in edges)
    return None if first is None or any(other != first for other in others) else first // _SECOND


def _zone_offset(zone: tzinfo, day: int, clock: int) -> int:
    """The zone's offset in seconds at a local time."""
    steady = _steady_offset(zone, day)
    if steady is not None:
        return steady
    # fold=0 does both: the first reading of a doubled time, and the offset before the gap for a skipped one.
    offset = (_EPOCH.replace(tzinfo=zone) + timedelta(days=day, seconds=clock)).utcoffset()
    return (offset or timedelta()) // _SECOND


def _instant(text: str, locale: Locale, hour: int) -> _Instant | Unread:
    said = decipher(text) or _not_a_time(text)
    if isinstance(said, Unread):
        return said
    day = _day(said, locale.date_order)
    if isinstance(day, Unread):
        homeless = bool(day.needs) and said.zone is None and locale.timezone is None
        return Unread(f"{day.reason} and source.timezone", (*day.needs, "timezone")) if homeless else day
    zone = locale.timezone if said.zone is None else said.zone
    if zone is None:
        return Unread("a time without an offset: set source.timezone", ("timezone",))
    since_1970 = (day - _EPOCH_DAY).days
    clock = hour * 3600 if said.clock is None else said.clock
    offset = zone if isinstance(zone, int) else _zone_offset(zone, since_1970, clock)
    seconds = since_1970 * _DAY + clock - offset
    if not 0 <= seconds < _YEAR_10000:
        return Unread("before 1970" if seconds < 0 else "after the year 9999")
    return _Instant(seconds, day if said.clock is None else None)


def _calendar_day(text: str, locale: Locale) -> str | Unread:
    said = decipher(text) or _not_a_time(text)
    day = said if isinstance(said, Unread) else _day(said, locale.date_order)
    if isinstance(day, Unread):
        return day
    return day.isoformat() if day >= EARLIEST_DATE else Unread(f"before {EARLIEST_DATE.year}")


def _not_a_time(text: str) -> Unread:
    if is_zero(text):
        return Unread("the zero date, which databases write where there is none")
    return Unread("a spreadsheet's serial number, not a time" if serial(text) else "not a time this tool can read")


def _day(said: Said, order: Order | None) -> date | Unread:
    """Choose the one day that is meant."""
    if None in said.days:
        return said.days[None]
    if order is not None:
        return said.days.get(order) or Unread(f"not a date in the order that source.date_order sets ({order})")
    possible = set(said.days.values())
    if len(possible) == 1:
        return possible.pop()
    return Unread("day and month can't be distinguished: set source.date_order", ("date_order",))


def _utc_texts(seconds: Places) -> Texts:
    """The instants as they are sent, None for _NOT_YET; put together, as the days and minutes are few."""
    day, clock = np.divmod(np.where(seconds == _NOT_YET, 0, seconds), _DAY)
    codes, days = pd.factorize(day)
    dates = np.array([f"{text}T" for text in np.datetime_as_string(days.view("M8[D]"))], dtype=object)
    texts: Texts = dates[codes] + _MINUTES[clock // 60] + _SECONDS[clock % 60]
    texts[seconds == _NOT_YET] = None
    return texts


def _utc_text(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19] + "Z"
