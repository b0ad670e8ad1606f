"""Times and dates as exports write them, read as instants in UTC or as calendar days.

A text is taken apart by grammar first (what days it may mean, what clock, what offset), and only then given a place in
time with what `Locale` says about the source. Nothing depends on the machine's locale or zone.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from backfill.event import Code
from backfill.fields.arrow import (
    Bytes,
    Places,
    Texts,
    bytes_of,
    fixed,
    flags_of,
    holds,
    kept,
    listed,
    pick,
    places_of,
    put,
    repeated,
    shapes_of,
)
from backfill.fields.calendar import tongue_at
from backfill.fields.column import Locale, Order, Tongue, Unread
from backfill.fields.grammar import Said, decipher, is_zero, serial, zone_in

FUTURE_SLACK = 300  # seconds that two clocks may differ
EARLIEST_DATE = date(1900, 1, 1)  # of a profile's dates, which may be birthdays; an event's time begins with 1970

# The common shapes, a 9 for each digit. In those of the first what is in the cell is left to Arrow, which reads there
# what the grammar reads and nothing else. Those of the second have few different days and clocks, and the grammar
# reads each.
_ISO = re.compile(r"9999-99-99(?P<clock>[T ]99:99(?P<second>:99(?:\.9{1,9})?)?(?P<offset>Z| ?[-+]99(?::?99)?)?)?")
_NUMBERED = re.compile(
    r"99?(?P<mark>[-/.])99?(?P=mark)(?:99)?99"
    r"(?P<clock> 99?:99(?::99)?(?: ?[AaPp][Mm])?(?P<offset> ?(?:Z|UTC|GMT|[-+]99:?99))?)?"
)
_UNIX = ("9" * 10, "9" * 13)
_CLOCK, _A_DAY = "2024-01-31T10:00:00", "2024-01-31"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = _EPOCH.date()
_EARLIEST = (EARLIEST_DATE - _EPOCH_DAY).days * 86_400
_SECOND = timedelta(seconds=1)
_DAY = 86_400
_MINUTES = np.array([f"T{hour:02}:{minute:02}:" for hour in range(24) for minute in range(60)], "S")
_SECONDS = np.array([f"{second:02}Z" for second in range(60)], "S")
_YEAR_10000 = 253_402_300_800
_TEN_DIGITS = 1_000_000_000  # what they begin with
_NOT_YET = np.iinfo(np.int64).min  # what a kernel leaves to the grammar; also what a NaT is inside


_UNCLEAR = "day and month can't be distinguished: set source.date_order"
_SHARED_MONTH = "the name of its month is another month's in Croatian than in Polish and Czech: "
_WRITE_DAY = "write the day as 2024-11-05"
_STATE_HOME = f"state the zone that it is of, such as Europe/Zagreb or Europe/Warsaw, or {_WRITE_DAY}"


class _Instant(NamedTuple):
    seconds: int  # Unix
    day: date | None  # a bare date, as written


def read_time(text: str, locale: Locale, hour: int | None = None) -> str | None:
    """Read one time as YYYY-MM-DDTHH:MM:SSZ, or say None. A bare date means `hour`, or else the locale's."""
    found = _instant(text.strip(), locale, locale.date_hour if hour is None else hour)
    return None if isinstance(found, Unread) else _utc_text(found.seconds)


def event_times(cells: Texts, locale: Locale) -> Texts:
    """Read the times of the common layouts that an event may have, each as `event_time` does."""
    last = min(locale.now + FUTURE_SLACK, _YEAR_10000 - 1)
    seconds = np.full(len(cells), _NOT_YET)
    for layout, places, texts in _common(cells):
        found = _instants(layout, texts, locale) if layout else _unix_seconds(texts)
        seconds[places] = np.where((found >= _DAY) & (found <= last), found, _NOT_YET)
    return _utc_texts(seconds)


def event_time(text: str, locale: Locale) -> str | Unread:
    """Read a time from 1970 up to 5 minutes from now, a bare date up to today, as YYYY-MM-DDTHH:MM:SSZ.

    The first day of 1970 counts as no time: it is what programs make of a Unix time of 0.
    """
    found = _instant(text, locale, locale.date_hour)
    if isinstance(found, Unread):
        return found
    if found.day > _today(locale) if found.day else found.seconds > locale.now + FUTURE_SLACK:
        return Unread("lies in the future", code=Code.FUTURE_TIME)
    if found.seconds < _DAY:
        return Unread("the first day of 1970, which programs write where there is no time")
    return _utc_text(found.seconds)


def first_days(texts: Texts, locale: Locale) -> Places:
    """Where a column has the first day of 1970, in UTC or as it is written, which programs write for no time."""
    if not holds(texts, "1970", "1969"):  # which it is in America
        return np.empty(0, np.int64)
    likely = np.flatnonzero(flags_of(pc.match_substring_regex(texts, "19(?:70|69)")))
    coded = pick(texts, likely).dictionary_encode()
    found = np.array([_is_first_day(text, locale) for text in listed(coded.dictionary)], bool)
    places: Places = likely[found[coded.indices.to_numpy()]]
    return places


def _is_first_day(text: str, locale: Locale) -> bool:
    found = _instant(text, locale, locale.date_hour)
    return calendar_day(text, locale) == str(_EPOCH_DAY) if isinstance(found, Unread) else found.seconds < _DAY


def calendar_days(cells: Texts, locale: Locale) -> Texts:
    """Read the days of the common layouts, each as `calendar_day` does."""
    values = repeated(None, len(cells))
    for layout, places, texts in _common(cells):
        if layout and layout.re is _ISO:
            sure = _wall_seconds(layout, texts) >= _EARLIEST
            if layout["offset"]:
                sure &= _offsets(layout, texts) != _NOT_YET
            values = put(values, places, kept(fixed(_letters(texts)[:, :10]), sure))
    return values


def calendar_day(text: str, locale: Locale) -> str | Unread:
    """Read the calendar day that a time or date has where it was written, as YYYY-MM-DD, from 1900 on."""
    said = decipher(text) or _not_a_time(text)
    day = said if isinstance(said, Unread) else _day(said, locale.date_order, _tongue(said, locale))
    if isinstance(day, Unread):
        return day
    return day.isoformat() if day >= EARLIEST_DATE else Unread(f"before {EARLIEST_DATE.year}")


def _common(cells: Texts) -> Iterator[tuple[re.Match[str] | None, Places, Texts]]:
    """The cells of the common shapes, a shape at a time: its layout (Unix times have none), their places and texts."""
    shapes = shapes_of(cells)
    layouts = {number: _layout(shape) for number, shape in enumerate(listed(shapes.dictionary))}
    common = [number for number, layout in layouts.items() if layout or shapes.dictionary[number].as_py() in _UNIX]
    for number, places in places_of(shapes, common):
        yield layouts[number], places, cells if len(places) == len(cells) else pick(cells, places)


def _layout(shape: str) -> re.Match[str] | None:
    return _ISO.fullmatch(shape) or _NUMBERED.fullmatch(shape)


def _unix_seconds(texts: Texts) -> Places:
    seconds: Places = fixed(_letters(texts)[:, :10]).cast(pa.int64()).to_numpy()
    return np.where(seconds >= _TEN_DIGITS, seconds, _NOT_YET)


def _instants(layout: re.Match[str], texts: Texts, locale: Locale) -> Places:
    """Unix seconds of texts of one layout, _NOT_YET for those that are left to the grammar."""
    wall = _wall_seconds(layout, texts) if layout.re is _ISO else _numbered_seconds(layout, texts, locale.date_order)
    if not layout["clock"]:
        before = wall < (_today(locale) - _EPOCH_DAY).days * _DAY
        wall = np.where(before & (wall != _NOT_YET), wall + locale.date_hour * 3600, _NOT_YET)
    if layout["offset"]:
        away = _offsets(layout, texts)
        return np.where((wall == _NOT_YET) | (away == _NOT_YET), _NOT_YET, wall - away)
    return _from_local(wall, locale.timezone) if locale.timezone else np.full(len(wall), _NOT_YET)


def _wall_seconds(layout: re.Match[str], texts: Texts) -> Places:
    """What the clocks showed, counted from 1970 there; _NOT_YET for 30 February, 25:00 and the like."""
    size = len(_CLOCK) if layout["second"] else len(layout[0]) - len(layout["offset"] or "")
    clocks = fixed(_letters(texts)[:, :size])
    try:
        wall = clocks.cast(pa.timestamp("s"))
    except pa.ArrowInvalid:  # which it says of the first alone
        moments = pd.to_datetime(listed(clocks), format="ISO8601", errors="coerce", cache=False)
        wall = pa.array(moments, pa.timestamp("s"))
    seconds: Places = wall.cast(pa.int64()).fill_null(_NOT_YET).to_numpy()
    return seconds


def _numbered_seconds(layout: re.Match[str], texts: Texts, order: Order | None) -> Places:
    """The same of days in numbers with the year last, and of a clock after a blank."""
    letters = _letters(texts)
    end = layout.start("clock") if layout["clock"] else letters.shape[1]
    days = _each(letters[:, :end], lambda text: _day_number(text, order))
    wall = np.where(days == _NOT_YET, _NOT_YET, days * _DAY)
    if not layout["clock"]:
        return wall
    clocks = _each(letters[:, end + 1 : layout.start("offset") if layout["offset"] else None], _clock_in)
    return np.where((wall == _NOT_YET) | (clocks == _NOT_YET), _NOT_YET, wall + clocks)


def _each(letters: Bytes, read: Callable[[str], int]) -> Places:
    """What each distinct row is read as."""
    found = fixed(letters).dictionary_encode()
    values, of = np.array(list(map(read, listed(found.dictionary))), np.int64), found.indices.to_numpy()
    made: Places = values[of]
    return made


@lru_cache(maxsize=50_000)
def _day_number(text: str, order: Order | None) -> int:
    """The day that a date alone means, counted from 1970."""
    said = decipher(text)
    day = _day(said, order) if isinstance(said, Said) else None
    return (day - _EPOCH_DAY).days if isinstance(day, date) else _NOT_YET


@lru_cache(maxsize=100_000)  # there are 86,400
def _clock_in(text: str) -> int:
    """The second of the day that a clock alone means; what it is after a date."""
    said = decipher(f"{_A_DAY} {text}")
    if not isinstance(said, Said) or said.clock is None or said.zone is not None:
        return _NOT_YET
    return said.clock if said.days == {None: date.fromisoformat(_A_DAY)} else _NOT_YET


def _offsets(layout: re.Match[str], texts: Texts) -> Places:
    """Seconds east of Greenwich, _NOT_YET where a text ends in no offset."""

    def read(text: str) -> int:
        found = zone_in(text.strip())
        return found if isinstance(found, int) else _NOT_YET

    return _each(_letters(texts)[:, layout.start("offset") :], read)


def _letters(texts: Texts) -> Bytes:
    """The bytes of texts of one length, a row each."""
    return bytes_of(texts).reshape(len(texts), -1)


def _from_local(wall: Places, zone: tzinfo) -> Places:
    """Turn local seconds into Unix seconds; those of a day whose clock changes are left to the slow way."""
    which, days = pd.factorize(wall // _DAY)
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


@lru_cache(maxsize=64)
def _today(locale: Locale) -> date:
    return datetime.fromtimestamp(locale.now, locale.timezone or UTC).date()


def _instant(text: str, locale: Locale, hour: int) -> _Instant | Unread:
    said = decipher(text) or _not_a_time(text)
    if isinstance(said, Unread):
        return said
    day = _day(said, locale.date_order, _tongue(said, locale))
    if isinstance(day, Unread):
        if said.zone is not None or locale.timezone is not None:  # to ask for another could move times
            return day
        if day.reason.startswith(_SHARED_MONTH):
            return Unread(_SHARED_MONTH + _STATE_HOME, ("timezone",))
        both = f"{_UNCLEAR} and source.timezone, or write it as 2024-12-31 10:00 +01:00"
        return Unread(both, (*day.needs, "timezone")) if day.needs else day
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


def _not_a_time(text: str) -> Unread:
    if is_zero(text):
        return Unread("the zero date, which databases write where there is none")
    return Unread("a spreadsheet's serial number, not a time" if serial(text) else "not a time this tool can read")


def _tongue(said: Said, locale: Locale) -> Tongue | None:
    """In which language it names a month that two languages name alike: that of the zone, or of other months."""
    return tongue_at(said.zone) or tongue_at(locale.timezone) or locale.months


def _day(said: Said, order: Order | None, tongue: Tongue | None = None) -> date | Unread:
    """Choose the one day that is meant."""
    if None in said.days:
        return said.days[None]
    if not {"hr", "pl"}.isdisjoint(said.days):
        decided = said.days.get(tongue) if tongue else next(iter(said.days.values())) if len(said.days) == 1 else None
        return decided or Unread(_SHARED_MONTH + _WRITE_DAY)
    if order is not None:
        return said.days.get(order) or Unread(f"not a date in the order that source.date_order sets ({order})")
    possible = set(said.days.values())
    if len(possible) == 1:
        return possible.pop()
    return Unread(f"{_UNCLEAR}, or write the day as 2024-12-31", ("date_order",))


def _utc_texts(seconds: Places) -> Texts:
    """The instants as they are sent, no value for _NOT_YET; put together, as the days and minutes are few."""
    known = seconds != _NOT_YET
    day, clock = np.divmod(np.where(known, seconds, 0), _DAY)
    of, days = pd.factorize(day)
    letters = np.empty((len(seconds), len(_CLOCK) + 1), np.uint8)
    letters[:, :10] = _rows(np.datetime_as_string(days.view("M8[D]")).astype("S10"))[of]
    letters[:, 10:17] = _rows(_MINUTES)[clock // 60]
    letters[:, 17:] = _rows(_SECONDS)[clock % 60]
    return kept(fixed(letters), known)


def _rows(texts: NDArray[np.bytes_]) -> Bytes:
    """The bytes of numpy's texts, a row each."""
    return texts.view(np.uint8).reshape(len(texts), texts.itemsize)


def _utc_text(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19] + "Z"
