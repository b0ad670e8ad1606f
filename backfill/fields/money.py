"""Amounts and numbers as exports write them, read as exact decimals.

What is read: currency signs and codes, grouping in threes or the Indian way (1,23,456.78), accounting brackets, and a
sign before or a minus after. Nothing passes through a float. What is refused: texts that two people could read
differently, and what no export writes for money: exponents, percent, hexadecimal, words.
"""

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache

import numpy as np

from backfill.event import Code
from backfill.fields.column import INVISIBLE, Locale, Mark, Parsed, Texts, Unread, read_rest, shapes_of
from backfill.fields.late import late_fullmatch

MOST_DIGITS = 30
LONGEST = 80  # characters, with currency, grouping and blanks

_APOSTROPHES = "'’ʼ´"
_BLANK = " \t\u00a0\u2007\u2009\u202f"
# Unicode's category Sc without the cent signs, for 50¢ is not 50.
SIGNS = (
    "$£¤¥\u058f\u060b\u07fe\u07ff\u09f2\u09f3\u09fb\u0af1\u0bf9\u0e3f\u17db\u20a0-\u20cf\ua838\ufdfc\ufe69\uff04\uffe1"
    "\uffe5\uffe6\U00011fdd-\U00011fe0\U0001e2ff\U0001ecb0"
)
# What is written instead of a sign or code, before the number or after it.
WORDS = (
    r"[Kk][Rr]\.?|[Kk][cčČ]s?|[Zz][lłŁ]|[Ff][Tt]|R[Ss]\.?|S/\.?|B/\.?|Bs\.?|TL|R[Mp]\.?|[Ll][Ee][Ii]|лв\.?|руб\.?|р\.|грн\.?|дин\.?"
    r"|din\.?|kn|KM|Lekë?|Gs\.?|[KTU][Ss]h\.?|Tk\.?|Br\.?|[BJK]D|S?[Ff]r\.?|[Ee]uros?|Dhs?\.?|د\.إ\.?|ر\.س\.?|د\.ك\.?|ج\.م\.?|[円元원đ]"
    r"|[RQLKP](?=[0-9\s])"
)
# Codes in small letters only where they are known: "12 mil" means 12,000. For the same reason "MIO" and the like are no
# codes.
_CODE = (
    r"(?:(?!MI[OL]|ML[ND]|MRD|TSD|BLN|BIO|PCS|PTS)[A-Z]{3}|(?i:usd|eur|gbp|aud|cad|nzd|chf|sek|nok|dkk|pln|czk|huf|ron|bgn"
    r"|inr|brl|mxn|ars|clp|cop|pen|jpy|cny|krw|twd|hkd|sgd|myr|idr|php|thb|vnd|aed|sar|ils|try|zar|kes|ngn|uah|rub))"
)
_SIGNED_CODE = rf"(?:[A-Z]{{1,3}}[{_BLANK}]?)?[{SIGNS}](?:[{_BLANK}]?(?:[A-Z]{{1,3}}|{_CODE}))?"  # US $, U$S, $ CAD
_CURRENCY = rf"(?:(?:{_CODE}[{_BLANK}]*)?(?:{_SIGNED_CODE}|{WORDS})|{_CODE})?"
# "5.-", "149,-" and "149:-" are five and 149, without cents, and not below zero; so is the Indian "149/-".
_amount = late_fullmatch(
    rf"(?P<lead>[-+−(]?)[{_BLANK}]*{_CURRENCY}[{_BLANK}]*(?P<inner>[-+−(]?)[{_BLANK}]*"
    rf"(?P<number>[0-9](?:[0-9.,{_APOSTROPHES}{_BLANK}]*[0-9.,])?|[.,][0-9]+)(?:(?<=[.,])(?:--?|[–—])|[:/][-–=])?[{_BLANK}]*"
    rf"(?P<close>\)?)[{_BLANK}]*{_CURRENCY}[{_BLANK}]*(?P<last>(?:(?<![.,])[-−]|\))?)"
)
_SIGNED = {"": 1, "+": 1, "-": -1, "−": -1, "()": -1}

# A first group that begins with 0 is no grouping: 0,125 is an eighth.
_THREES = rf"[1-9][0-9]{{0,2}}(?P<by>[{_APOSTROPHES}{_BLANK}OTHER])[0-9]{{3}}(?:(?P=by)[0-9]{{3}})*"
_INDIAN = r"[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}"
_NUMBER: dict[Mark, Callable[[str], re.Match[str] | None]] = {
    ".": re.compile(rf"(?P<whole>[0-9]*|{_THREES.replace('OTHER', ',')}|{_INDIAN})(?:\.(?P<part>[0-9]*))?").fullmatch,
    ",": re.compile(rf"(?P<whole>[0-9]*|{_THREES.replace('OTHER', '.')})(?:,(?P<part>[0-9]*))?").fullmatch,
}
_OTHER: dict[Mark, Mark] = {".": ",", ",": "."}
_no_digits = re.compile("[^0-9]").sub

# What nearly every cell looks like, and Decimal() alone reads rightly.
_PLAIN: dict[Mark, Callable[[str], re.Match[str] | None]] = {
    ".": re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,9})?").fullmatch,
    ",": re.compile(r"[0-9]{1,15}").fullmatch,
}
_GROUPING = ".," + _APOSTROPHES + _BLANK  # between digits of a number that can be read; its decimal mark is none of it


def parse_number(text: str, locale: Locale) -> Decimal | None:
    """Read one number, of at most 30 digits, or say None.

    The result has no zeros at its end and no negative zero; write it with format(number, "f"), as str() would give
    very small ones an exponent.
    """
    return _read(text.strip(), locale.decimal or ".")


def amounts(name: str, cells: Texts, locale: Locale) -> Parsed:
    """Read amounts of at least zero."""

    def read(text: str) -> Decimal | Unread:
        number = _judge(text, locale)
        below = isinstance(number, Decimal) and number < 0
        return Unread("below zero, and Cometly knows no refunds") if below else number

    parsed = _plain_ones(cells, locale)
    read_rest(parsed, cells.tolist(), read, Code.INVALID_AMOUNT, name)
    return parsed


def numbers(name: str, cells: Texts, locale: Locale) -> Parsed:
    """Read numbers of either sign; they go out as text without grouping and exponent."""
    parsed = _plain_ones(cells, locale)
    read_rest(parsed, cells.tolist(), lambda text: _judge(text, locale), Code.INVALID_NUMBER, name)
    parsed.values[:] = [None if value is None else format(value, "f") for value in parsed.values.tolist()]
    return parsed


def decimal_evidence(cells: Texts) -> dict[str, int]:
    """Find what shows the decimal mark: "," or "." and the first cell that can be read with that mark alone.

    "?," and "?." are the first cells that both marks read, to different numbers, by where that mark is: 1,234 and
    1.234.
    """
    texts = cells.tolist()
    shapes = shapes_of(texts)
    known = {shape: (_mark_of(shape), _mark_of(_led_by_zero(shape))) for shape in set(shapes) if len(shape) <= LONGEST}
    found: dict[str, int] = {}
    for mark in ",", ".", "?,", "?.":
        telling = {shape for shape, either in known.items() if mark in either}
        places = (at for at, shape in enumerate(shapes) if shape in telling) if telling else ()
        first = next((at for at in places if known[shapes[at]][_begins_with_zero(texts[at], shapes[at])] == mark), None)
        if first is not None:
            found[mark] = first
    return found


@lru_cache(maxsize=4096)
def _mark_of(shape: str) -> str:
    """What texts of this shape show of the decimal mark."""
    read = {mark: _read(shape, mark) for mark in _OTHER}
    marks = [mark for mark, number in read.items() if number is not None]
    if len(marks) != 2:
        return "".join(marks)
    return "" if read["."] == read[","] else "?," if "," in shape else "?."


def _led_by_zero(shape: str) -> str:
    """The shape's text whose first digit is 0, which decides what grouping is."""
    return shape.replace("9", "0", 1)


def _begins_with_zero(text: str, shape: str) -> bool:
    return text[shape.index("9")] == "0"


@lru_cache(maxsize=4096)
def _number_in(shape: str, mark: Mark) -> tuple[int, int] | None:
    """Where the number is in texts of this shape; None where they are no number, or not one above zero."""
    number = _read(shape, mark)
    match = _amount(shape) if number is not None and number > 0 else None
    return match.span("number") if match else None


def _plain_ones(cells: Texts, locale: Locale) -> Parsed:
    """Read what nearly every column has nearly everywhere, by the shape of its texts; the rest is left."""
    mark: Mark = locale.decimal or "."
    texts = cells.tolist()
    shapes = shapes_of(texts)
    places = {shape: _number_in(shape, mark) if len(shape) <= LONGEST else None for shape in set(shapes)}
    plain = {shape: "." in shape for shape in places if _PLAIN[mark](shape)}
    values = [
        (Decimal(text.rstrip("0") if plain[shape] else text)) if shape in plain else None
        for text, shape in zip(texts, shapes, strict=True)
    ]
    if len(plain) < len(places):
        found = ((at, places[shape]) for at, shape in enumerate(shapes) if shape not in plain)
        spans = [(at, *place) for at, place in found if place and texts[at][place[0]] != "0"]
        bare = _ungrouped([texts[at][start:end] for at, start, end in spans], mark)
        for (at, *_), number in zip(spans, bare, strict=True):
            values[at] = _trimmed(number)
    return Parsed(np.array(values, dtype=object))


def _ungrouped(numbers: list[str], mark: Mark) -> list[str]:
    """Numbers that can be read, with a point and without grouping."""
    lines = "\n".join(numbers)
    for character in _GROUPING.replace(mark, ""):
        lines = lines.replace(character, "")
    return lines.replace(mark, ".").split("\n") if numbers else []


def _judge(text: str, locale: Locale) -> Decimal | Unread:
    mark: Mark = locale.decimal or "."
    number = _read(text, mark)
    if number is not None:
        return number
    other = _OTHER[mark]
    if _read(text, other) is None:
        return Unread("not a number this tool can read")
    return Unread(
        f"no number with {mark!r} as the decimal mark, but one with {other!r}: set source.decimal", ("decimal",)
    )


def _trimmed(text: str) -> Decimal:
    return Decimal((text.rstrip("0").rstrip(".") or "0") if "." in text else text)


def _read(text: str, mark: Mark) -> Decimal | None:
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.translate(INVISIBLE))
    amount = _amount(text) if len(text) <= LONGEST else None
    if amount is None:
        return None
    signs = amount["lead"] + amount["inner"] + amount["close"] + amount["last"]
    number = _NUMBER[mark](amount["number"])
    if number is None or signs not in _SIGNED:
        return None
    whole, part = _no_digits("", number["whole"]), number["part"] or ""
    if not 0 < len(whole) + len(part) <= MOST_DIGITS:
        return None
    return _exact(_SIGNED[signs], whole.lstrip("0"), part.rstrip("0"))


def _exact(sign: int, whole: str, part: str) -> Decimal:
    if not whole and not part:
        return Decimal(0)
    digits = f"{whole or '0'}.{part}" if part else whole
    # From text to the end: arithmetic, a minus too, would round to the context's 28 digits.
    return Decimal(f"-{digits}" if sign < 0 else digits)
