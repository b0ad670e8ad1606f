"""The grammar of times as exports write them: which days a text may mean, which clock, which zone.

A date or a clock comes first; a weekday may be before it, a zone after it. What a text leaves open, such as which of
two numbers is the month, stays open here.
"""

import re
from datetime import date, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

from backfill.fields.calendar import month_of, shared_months, weekdays_of
from backfill.fields.column import Order, Tongue, Unread
from backfill.fields.late import late_fullmatch, late_match
from backfill.fields.mend import INVISIBLE
from backfill.fields.zones import zone_of

_DAY = 86_400  # seconds
_EPOCH_DAY = date(1970, 1, 1)

_B = "[ \t\u00a0\u2007\u2009\u202f]"
_WORD = r"[^\W\d_]"
_ANY = re.IGNORECASE | re.DOTALL

# --- clocks, and what ends a text

_CLOCK = (
    rf"(?:(?P<part>上午|午前|오전|下午|午後|오후){_B}*)?(?P<hour>[0-9]{{1,2}})"
    rf"(?:(?P<by>[:.]|{_B}?h{_B}?)(?P<minute>[0-9]{{2}})"
    rf"(?:(?:(?P=by)|{_B}?m(?:in)?{_B}?)(?P<second>[0-9]{{2}})(?:[.,:][0-9]+)?s?)?(?![0-9]))?"
    rf"(?:{_B}*(?P<half>[ap])\.?{_B}?m\b\.?)?(?P<unit>{_B}*(?:Uhr|hrs?|h|godz)\b\.?)?"
)
# Words between date and clock. Where there is one of those that are not English, no date has its month first.
_ENGLISH, _OTHER = r"at|[-–|]", r"klo|kl\.?|um|à|a las?|às|as|alle|ore|om|o|v|в|saat"
_BETWEEN = rf"(?:[T:_]|{_B}*,{_B}*|{_B}+)(?:(?:{_ENGLISH}|(?P<abroad>{_OTHER})){_B}+|@{_B}*)?"
_rest = late_fullmatch(rf"(?:{_BETWEEN}{_CLOCK}(?P<zone>.*))?", _ANY)
_clock_ahead = late_match(rf"{_CLOCK}(?P<zone>),?{_B}+", _ANY)
_offset = late_fullmatch(
    rf"(?P<utc>Z|UTC|GMT)?(?:{_B}?(?P<east>[-+−])(?P<hours>[01][0-9]|2[0-3]|(?(utc)[0-9]|(?!)))(?::?(?P<minutes>[0-5][0-9]))?)?"
    rf"(?:{_B}*(?:\([^()]*\)|\[[^][]*\])|(?(east){_B}+[A-Z]{{3,5}}|(?!)))?",
    _ANY,
)
_zone_name = late_fullmatch(rf"{_B}*[([]?{_WORD}[\w/+(), .&:'-]*\]?", re.DOTALL)

# --- dates

_TH = "(?:st|nd|rd|th|er|re|º|ª|°|\\.)?"
_OF = rf"(?:(?:of|de|di|del){_B}+|d['’])?"
_MONTH = rf"(?P<month>{_WORD}{{3,12}})\.?"
_D, _Y4, _Y = "(?P<day>[0-9]{1,2})", "(?P<year>[0-9]{4})(?![0-9])", "(?P<year>[0-9]{4}|[0-9]{2})(?![0-9])"
_DATES = [
    late_match(form, _ANY)
    for form in (
        rf"(?P<first>[0-9]{{4}}|[0-9]{{1,2}})(?P<sep>[-/]|(?P<dot>\.{_B}?))(?P<mid>[0-9]{{1,2}})(?P=sep)"
        r"(?P<last>[0-9]{4}|[0-9]{1,2})(?![0-9])(?(dot)\.?)",
        rf"{_MONTH}{_B}+{_D}{_TH},?{_B}+{_OF}{_Y4}",  # May 1st, 2024
        # 5 de mayo de 2024, 5. Mai 2024, 5 мая 2024 г., 5. svibnja 2024.
        rf"{_D}{_TH}(?:{_B}+|(?<=\.)){_OF}{_MONTH}(?:,?{_B}+|(?<=\.)){_OF}{_Y}(?:{_B}?[гр]\.|{_B}r\.|\.(?={_B}|$))?",
        rf"{_D}(?P<sep>[-/.]){_MONTH}(?P=sep){_Y}",  # 15/Jul/2024
        rf"{_MONTH}(?P<sep>[-/]){_D}(?P=sep){_Y}",  # Jul-25-26
        rf"(?P<year>[0-9]{{4}})(?P<sep>[-/.]|\.?{_B}+){_MONTH}(?:(?P=sep)|{_B}+){_D}(?![0-9])\.?",  # 2024. május 1.
        r"(?P<first>[0-9]{4})(?P<mid>[0-9]{2})(?P<last>[0-9]{2})(?![0-9])",
        rf"(?P<first>[0-9]{{4}}){_B}?[年년]{_B}?(?P<mid>[0-9]{{1,2}}){_B}?[月월]{_B}?(?P<last>[0-9]{{1,2}}){_B}?[日일]",
    )
]
_ARTICLE = rf"(?:den|le|el|il|am|the){_B}+"
_weekday = late_match(rf"(?!{_ARTICLE})(?P<weekday>{_WORD}+(?:-feira)?)\.?,?{_B}+(?:{_ARTICLE})?|{_ARTICLE}", _ANY)

# --- whole texts

# 10 digits and more; .NET writes /Date(1705314600000+0100)/, whose offset says only where it was written.
_unix = late_fullmatch(
    r"(?P<net>/Date\()?(?P<seconds>[1-9][0-9]{9})(?:[0-9]{3}(?:[0-9]{3})?)?(?:\.[0-9]*)?(?(net)(?:[-+][0-9]{4})?\)/)"
)
_compact = late_fullmatch(
    rf"(?P<first>[0-9]{{4}})(?P<mid>[0-9]{{2}})(?P<last>[0-9]{{2}})(?:T|[-_]|{_B}+)?(?P<part>)"
    r"(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})(?:(?P<second>[0-9]{2})(?:[.,][0-9]+)?)?(?P<half>)(?P<unit>)(?P<zone>\D.*)?",
    _ANY,
)
# As C, Java and Ruby print it: Thu Jan  5 10:22:33 EST 2023
_printed = late_fullmatch(rf"(?P<weekday>[a-z]{{3}}){_B}+{_MONTH}{_B}+{_D}{_B}+{_CLOCK}(?P<zone>.*?){_B}+{_Y4}", _ANY)
_zero = late_fullmatch(
    r"(?:0000([-/.])0[01]\1(?:00|01)|00([-/.])00\2(?:0000|00)|0001-01-01|00000000(?:000000)?)"
    r"(?:[T ]00:00(?::00)?(?:\.0+)?(?:Z|[ +-].*)?)?"
)
serial = re.compile(r"[1-9][0-9]{4}(?:[.,][0-9]+)?").fullmatch  # a spreadsheet's day number


By = Order | Tongue | None  # the order of day, month and year, or the language of the month's name; None needs neither


class Said(NamedTuple):
    """What a text says without any setting."""

    days: dict[By, date]  # by what gives them
    clock: int | None  # seconds since midnight, None for a bare date
    zone: int | tzinfo | None  # seconds east of Greenwich or a zone that it names; None for a local time


def decipher(text: str) -> Said | Unread | None:
    """Take a text apart; None where it is no time, Unread where it is one except for a part that nobody can read."""
    try:
        return _deciphered(text if text.isascii() else text.translate(INVISIBLE))
    except (ValueError, OverflowError):  # a day, hour or minute that does not exist
        return None


def is_zero(text: str) -> bool:
    """Whether it is the date that databases write where there is none, such as 0000-00-00."""
    return _zero(text) is not None


def numbered_days(first: str, mid: str, last: str) -> dict[Order | None, date]:
    """The days that three numbers may mean, by the order that gives them."""
    return dict(_numbered_days(first, mid, last))


def _deciphered(text: str) -> Said | Unread | None:
    digits = text[:8].isdigit()  # a quick look, since most texts are none of the next three
    if (digits or text[:1] == "/") and (found := _unix(text)):
        day, clock = divmod(int(found["seconds"]), _DAY)
        return Said({None: _EPOCH_DAY + timedelta(days=day)}, clock, 0)
    whole = _compact if digits else _printed
    if (digits or text[:3].isalpha()) and (found := whole(text)):
        return _said(_days(found), found, found["zone"], found.groupdict().get("weekday"))
    ahead = None
    date_, weekday = _date_at(text, 0)
    if date_ is None and (ahead := _clock_ahead(text)):
        date_, weekday = _date_at(text, ahead.end())
    if date_ is None:
        return None
    days, end = _days(date_), text[date_.end() :]
    if ahead:
        return _said(days, ahead, end, weekday)
    rest = _rest(end)
    if rest is None:
        return None
    if rest["abroad"]:
        days.pop("mdy", None)
    return _said(days, rest if rest["hour"] else None, rest["zone"], weekday)


def _date_at(text: str, at: int) -> tuple[re.Match[str] | None, str | None]:
    """The date that begins there, and the weekday in front of it."""
    if found := _first_date(text, at):
        return found, None
    lead = _weekday(text, at)
    return (_first_date(text, lead.end()), lead["weekday"]) if lead else (None, None)


def _first_date(text: str, at: int) -> re.Match[str] | None:
    return next((found for match in _DATES if (found := match(text, at))), None)


def _said(
    days: dict[By, date], clock: re.Match[str] | None, zone: str | None, weekday: str | None
) -> Said | Unread | None:
    if weekday:  # one that is not the day's says two different days
        days = {order: day for order, day in days.items() if day.weekday() in weekdays_of(weekday)}
    seconds = _seconds(clock) if clock else None
    if seconds == _DAY:
        days, seconds = {order: day + timedelta(days=1) for order, day in days.items()}, 0
    if not days or (clock and seconds is None):
        return None
    if not (zone := (zone or "").strip()):
        return Said(days, seconds, None)
    found = zone_in(zone)
    if found is None:
        return Unread("its zone is none that this tool knows") if _zone_name(zone) else None
    return Said(days, seconds, found)


def _days(found: re.Match[str]) -> dict[By, date]:
    parts = found.groupdict()
    if "first" in parts:
        return dict[By, date](numbered_days(parts["first"], parts["mid"], parts["last"]).items())
    if shared := shared_months(parts["month"]):
        days = {tongue: _real_day(parts["year"], str(month), parts["day"]) for tongue, month in shared.items()}
        return {tongue: day for tongue, day in days.items() if day is not None}
    month = month_of(parts["month"])
    return {None: date(_full_year(parts["year"]), month, int(parts["day"]))} if month else {}


@lru_cache(maxsize=20_000)
def _numbered_days(first: str, mid: str, last: str) -> dict[Order | None, date]:
    if len(first) == 4:
        return {None: date(int(first), int(mid), int(last))} if len(last) <= 2 else {}
    if len(last) == 1:
        return {}
    guesses: dict[Order | None, tuple[str, str, str]] = {"dmy": (last, mid, first), "mdy": (last, first, mid)}
    if len(first) == len(last) == 2:
        guesses["ymd"] = (first, mid, last)
    days = {order: _real_day(*guess) for order, guess in guesses.items()}
    return {order: day for order, day in days.items() if day is not None}


def _real_day(year: str, month: str, day: str) -> date | None:
    try:
        return date(_full_year(year), int(month), int(day))
    except ValueError:
        return None


def _full_year(text: str) -> int:
    """Read a year; of two digits as POSIX does (strptime, %y): 69 to 99 are 1969 to 1999."""
    year = int(text)
    return year if len(text) == 4 else year + (1900 if year >= 69 else 2000)


def _seconds(clock: re.Match[str]) -> int | None:
    """Seconds since midnight; 24:00 is the end of the day. Raises ValueError for an hour that does not exist."""
    part, hour, minute, second, half, unit = clock.group("part", "hour", "minute", "second", "half", "unit")
    if not (minute or half or unit):
        return None  # a number after a date is no hour
    if int(minute or 0) > 59 or int(second or 0) > 59:
        raise ValueError
    if hour == "24" and not (half or part or int(minute or 0) or int(second or 0)):
        return _DAY
    afternoon = bool(half and half in "pP") or (part or "") in ("下午", "午後", "오후")
    return _hour(int(hour), bool(half or part), afternoon) * 3600 + int(minute or 0) * 60 + int(second or 0)


def _hour(hour: int, halved: bool, afternoon: bool) -> int:
    """Read an hour; a 24-hour one may carry the half of the day it is in."""
    if hour > 23 or (halved and not afternoon and hour > 12) or (afternoon and hour == 0):
        raise ValueError
    if halved and hour <= 12:
        return hour % 12 + 12 * afternoon
    return hour


@lru_cache(maxsize=4096)
def zone_in(text: str) -> int | tzinfo | None:
    """What ends a text: an offset, maybe with a name after it, or a name alone, maybe in brackets."""
    found = _offset(text)
    if found and (found["utc"] or found["east"]):
        if found["utc"] in ("Z", "z") and found["east"]:
            return None  # it says two different offsets
        seconds = int(found["hours"] or 0) * 3600 + int(found["minutes"] or 0) * 60
        return seconds if found["east"] in (None, "+") else -seconds
    bare = text[1:-1] if text[0] + text[-1] in ("()", "[]") else text
    return zone_of(bare)
