"""Spreadsheets: how they change a cell's text when somebody opens a CSV file in one and saves it.

They take texts for numbers, dates and truth values, and write those as their language and the column's width require.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pyarrow.compute as pc

from backfill.fields.arrow import Flags, Texts, flags_of, is_ascii, listed, matches, pick
from backfill.fields.column import Locale
from backfill.fields.typed import TYPED, bare

_DIGITS = 15  # that a spreadsheet's numbers have
_SHOWN = 9  # digits of a number that was cut to its column's width, at least
_LONG = 11  # digits of a number that is shown in scientific notation, at least
_TRUE = frozenset(("true", "wahr", "vrai", "vero", "verdadero", "verdadeiro", "waar", "sant", "sand", "tosi", "prawda"))
_FALSE = frozenset(
    ("false", "falsch", "faux", "falso", "onwaar", "falskt", "falsk", "usand", "usann", "epätosi", "fałsz")
)
_MONTHS = (
    ("jan", "gen", "ene", "janv"), ("feb", "fev", "fév", "févr"), ("mar", "mär", "mrz", "mär", "mrt"),
    ("apr", "abr", "avr", "kwi"), ("may", "mai", "mag", "mei", "maj"), ("jun", "jui", "giu", "juin"),
    ("jul", "lug", "juil"), ("aug", "ago", "aoû", "août"), ("sep", "set", "sept"), ("oct", "okt", "ott", "out"),
    ("nov",), ("dec", "dez", "dic", "déc"),
)  # fmt: skip
_MONTH = {name: month for month, names in enumerate(_MONTHS, 1) for name in names}
# A mark for thousands is before three digits alone, and in no number with a power.
_WHOLE = (
    r"[0-9]{1,3}(?P<by>[OTHER' \u00a0\u202f])[0-9]{3}(?:(?P=by)[0-9]{3})*|[0-9]{1,2}(?:[OTHER][0-9]{2})+[OTHER][0-9]{3}"
)
_NUMBER = (
    rf"[+-]?[$€£]?(?=[.,]?[0-9])(?:(?:{_WHOLE})(?:[MARK][0-9]*)?|[0-9]*(?:[MARK][0-9]*)?(?:[eE][+-]?0*[0-9]{{1,3}})?)"
)
_numbers = {
    mark: re.compile(_NUMBER.replace("OTHER", other).replace("MARK", mark)).fullmatch
    for mark, other in ((".", ","), (",", "."))
}
_time = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(?:[.,][0-9]+)?\s*([ap])?\.?\s*(?:m\b\.?)?", re.IGNORECASE)
_word = re.compile(r"[0-9]+|[^\W\d_]+")
_FRAGILE = (
    r"0[0-9]+|[+-]?[0-9]{12,}|[+-][0-9]+|[0-9]+(?:[.,][0-9]*)?[eE][+-]?[0-9]+|[0-9]{1,3}(?:[,.][0-9]{3})+(?:[,.][0-9]+)?"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:T[0-9:.]+| .*)?|[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,4}(?: .*)?"
    r"|[0-9]{1,2}[/-][0-9]{1,2}|[a-z]{3,9}\.? [0-9]{1,2},? [0-9]{4}(?:,? .*)?|[0-9]{1,2}[- .]{1,2}[a-z]{3,9}.*"
    r"|[0-9.,]+ ?%|\([0-9.,]+\)|true|false|=.*"
)
_IN_UTC = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z"
_fragile = re.compile(_FRAGILE, re.IGNORECASE).fullmatch
_LATIN = [bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(256)]  # Windows-1252, and no gaps
_EPOCH = date(1899, 12, 30)
Moment = tuple[
    str, int | None, int, int, int, int, int | None
]  # how it was read; year, month, day, hour, minute, second


def made_by_spreadsheet(old: str, new: str) -> bool:
    """Whether a spreadsheet alone may have made the new text of the old one, without a person's edit."""
    old, new = _bare(old), _bare(new)
    if old == bare(new):
        return True
    if not new or not old:
        return False
    if new.startswith("#") and old[0] in "=+-@":  # it took the text for a formula
        return True
    if (
        len(old) == len(new)
        and "?" in new
        and all(a == b or (b == "?" and a > "~") for a, b in zip(old, new, strict=True))
    ):
        return True  # letters that the encoding lacks
    if garbled(old, new):
        return True
    for words in (_TRUE, _FALSE):
        if old.casefold() in words and new.casefold() in words:
            return True
    return _same_number(old, new) or _same_moment(old, new)


def garbled(old: str, new: str) -> bool:
    """Whether the new text is what is shown of the old one where its UTF-8 is taken for Windows-1252.

    So Excel takes what has no mark. Of blanks, which some letters end in then, no two are told apart.
    """
    shown = "".join(map(_LATIN.__getitem__, old.encode("utf-8", "surrogatepass")))
    return not old.isascii() and shown.split() == new.split()


def ungarbled(text: str) -> str:
    """The text of which this one is shown so; this one where it is none's."""
    try:
        return bytes(map(_LATIN.index, text)).decode("utf-8")
    except ValueError:
        return text


def doubtful(old: str, new: str, locale: Locale) -> bool:
    """Whether a text that a spreadsheet may have made is another number or day, as the source writes them.

    1200 of 1.200 is what a spreadsheet makes that has the point for thousands, and what a person writes who means 1200.
    """
    mark = locale.decimal or "."
    before = "." if old.endswith(TYPED) else mark
    old, new = _bare(bare(old)), _bare(new)
    if _same_number(old, new):
        return before in _values(old) and not _same_number(old, new, (before, mark))
    read = any(how == locale.date_order for how, *_ in _moments(old))
    return read and not _same_moment(old, new, locale.date_order)


def fragile(text: str) -> bool:
    """Whether a spreadsheet writes it differently, so that it reads as something else."""
    return _fragile(text) is not None


def risked(texts: Texts, zoned: bool = False) -> Flags:
    """Which of a column's texts are fragile; where times without a zone are `zoned`, also those that Gnumeric takes the
    Z from.
    """
    flags = matches(texts, f"(?i:{_FRAGILE}{f'|{_IN_UTC}' * zoned})")
    if not is_ascii(texts):
        strange = np.flatnonzero(~flags_of(pc.string_is_ascii(texts)))
        flags = flags.copy()
        flags[strange] = [fragile(text) for text in listed(pick(texts, strange))]
    return flags


def guarded(text: str) -> str:
    """A text that no spreadsheet changes."""
    return f"'{text}" if fragile(text) else text


def unguarded(text: str) -> str:
    """The text that `guarded` was given."""
    return text[1:] if text[:1] == "'" and fragile(text[1:]) else text


def _bare(text: str) -> str:
    """A text without its guards, as a spreadsheet shows it."""
    text = " ".join(text.split())
    if (match := re.fullmatch(r'="?(.*?)"?', text)) and not text.startswith("=="):
        return match[1]
    return text[1:] if text[:1] == "'" else text


# -- numbers


def _same_number(old: str, new: str, marks: tuple[str, str] | None = None) -> bool:
    """Whether the new text is the number of the old one; with marks, where that is read with the first, and the new one
    with the second where it can be.
    """
    before, after, powers = _values(old), _values(new), "e" in old.lower()
    if marks is not None:
        before = {marks[0]: before[marks[0]]}
        after = {marks[1]: after[marks[1]]} if marks[1] in after else after
    return any(_shown_as(value, now, new, powers) for value in before.values() for now in after.values())


def _values(text: str) -> dict[str, Decimal]:
    """What a text is as a number, by decimal mark."""
    found = {}
    text = re.sub(r"^\((.*)\)$", r"-\1", text)  # as accounts write what is below zero
    for mark, other in ((".", ","), (",", "."))[: 1 if text.endswith(TYPED) else 2]:
        if _numbers[mark](plain := re.sub(r"\s*[%$€£]$", "", bare(text))):
            found[mark] = Decimal(re.sub(rf"[{other}'\s$€£]", "", plain).replace(mark, "."))
            found[mark] = found[mark].scaleb(-2 * text.endswith("%"))
    return found


def _shown_as(old: Decimal, new: Decimal, text: str, powers: bool) -> bool:
    """Whether one number is another, or a shortened form of it; with `powers` the first was written with a power."""
    if old in (new, _rounded(new, _DIGITS)):  # which may have been counted in binary: 301.48000000000000001
        return True
    digits = re.sub(r"[eE].*|[^0-9]", "", text)
    if "e" in text.lower():  # 5404319552844 is shown as 5.40E+12
        return (powers or _length(old) >= _LONG) and _rounded(old, len(digits)) == _rounded(new, len(digits))
    if _length(old) > _DIGITS:  # and saved as 5404319552844000000
        return _rounded(old, _DIGITS) == new or _cut(old) == new
    shown = len(digits.strip("0"))
    return shown >= _SHOWN and _rounded(old, shown) == new and old != old.to_integral_value()


def _length(number: Decimal) -> int:
    return abs(number.adjusted()) + 1 if number else 1


def _rounded(number: Decimal, digits: int) -> Decimal:
    return Decimal(f"{number:.{max(digits - 1, 0)}E}")


def _cut(number: Decimal) -> Decimal:
    text = str(abs(int(number)))
    return Decimal(text[:_DIGITS] + "0" * (len(text) - _DIGITS)).copy_sign(number)


# -- dates


def _same_moment(old: str, new: str, order: str | None = None) -> bool:
    """Whether the new text is the day or time of the old one; with an order, where the old one's day is read by it."""
    others = {"dmy", "mdy"} - {order} if order in ("dmy", "mdy") else set()
    before = [moment for moment in _moments(old) if moment[0] not in others or moment[1] is None]
    if not before:
        return False
    if re.fullmatch(r"[0-9]{5}(?:[.,][0-9]+)?", new):  # days since 1899
        day = _EPOCH + timedelta(days=int(new[:5]))
        return any((year or day.year, month, at) == (day.year, day.month, day.day) for _, year, month, at, *_ in before)
    if re.fullmatch(r"[0-9]+[.,][0-9]+", new) or _zone(new) not in ("", _zone(old)):  # no spreadsheet writes a day so
        return False
    return any(_alike(a, b, _parting(old) != _parting(new)) for a in before for b in _moments(new))


def _zone(text: str) -> str:
    """What is behind a time."""
    clock = _time.search(text)
    return text[clock.end() :].strip() if clock else ""


def _parting(text: str) -> str:
    """What is between the numbers of a day."""
    found = re.search(r"[0-9]([./-])[0-9]", text)
    return found[1] if found else ""


def _alike(old: Moment, new: Moment, relaid: bool) -> bool:
    """The same moment, read by one language: day first stays day first, unless the day was written in a new layout, as
    LibreOffice does in every language where cells are not saved as shown. Seconds may go, and a year may come.
    """
    (by, year, *rest), (now, other, *others) = old, new
    if by != now and not relaid and not {by, now} & {"ymd", "name"}:
        return False
    if year is not None and year != other:
        return False
    seconds = rest.pop(), others.pop()
    return rest == others and (
        seconds[0] == seconds[1] or seconds[1] is None or (seconds[0] is None and not seconds[1])
    )


def _moments(text: str) -> Iterator[Moment]:
    """What a text may be as a day, with or without a time; without a year too, as of 1-2 and MAR1."""
    clock = _time.search(text)
    hour = minute = 0
    second: int | None = None
    if clock:
        hour, minute = int(clock[1]), int(clock[2])
        second = int(clock[3]) if clock[3] else None
        hour = hour % 12 + 12 * (clock[4].lower() == "p") if clock[4] else hour
        text = text[: clock.start()]
    text = re.sub(r"(?<=[0-9])T$|[.,]?\s*$", "", text)
    words = _word.findall(text)
    months = [_month(word) for word in words if not word.isdigit()]
    numbers = [word for word in words if word.isdigit()]
    if len(months) > 1 or None in months or not 2 <= len(months) + len(numbers) <= 3 or len(numbers) < 1:
        return
    if any(len(word) > 4 for word in numbers):
        return
    for how, year, month, day in _days(months, numbers):
        if 1 <= month <= 12 and 1 <= day <= 31:
            yield how, _whole_year(year), month, day, hour, minute, second


def _days(months: list[int | None], numbers: list[str]) -> Iterator[tuple[str, str | None, int, int]]:
    values = list(map(int, numbers))
    if months and months[0]:
        if len(numbers) == 1:
            yield "name", None, months[0], values[0]
            yield "name", numbers[0], months[0], 1  # MAR24 is the first of March
        else:
            yield "name", numbers[1], months[0], values[0]
            yield "name", numbers[0], months[0], values[1]
    elif len(numbers) == 2:
        yield "dmy", None, values[1], values[0]
        yield "mdy", None, values[0], values[1]
        yield "my", numbers[1], values[0], 1  # 5.2024 is the first of May
    else:
        if len(numbers[0]) == 4:
            yield "ymd", numbers[0], values[1], values[2]
        else:
            yield "dmy", numbers[2], values[1], values[0]
            yield "mdy", numbers[2], values[0], values[1]


def _month(word: str) -> int | None:
    word = word.casefold()
    return next((_MONTH[word[:size]] for size in (4, 3) if word[:size] in _MONTH), None)


def _whole_year(text: str | None) -> int | None:
    if text is None:
        return None
    year = int(text)
    return year if len(text) > 2 else year + (2000 if year < 70 else 1900)
