"""Amounts and numbers as exports write them, read as exact decimals.

What is read: currency signs and codes, grouping in threes or the Indian way (1,23,456.78), accounting brackets, and a
sign before or a minus after. Nothing passes through a float. What is refused: texts that two people could read
differently, and what no export writes for money: exponents, percent, hexadecimal, words.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from functools import lru_cache, reduce
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from backfill.fields.arrow import (
    Flags,
    Places,
    Texts,
    bytes_of,
    edges,
    either,
    firsts_of,
    flags_of,
    kept,
    listed,
    pick,
    places_of,
    repeated,
    shapes_of,
)
from backfill.fields.column import Locale, Mark, Unread
from backfill.fields.late import late_fullmatch
from backfill.fields.mend import INVISIBLE, decoded
from backfill.fields.typed import TYPED, bare

MOST_DIGITS = 30
_LONGEST_SUMMED = 20  # characters of amounts that Arrow adds up: its decimals have 38 digits, and no sign of too many
_AMOUNT, _PARTS = " amount", " digits after the point"  # columns beside those that are grouped by
_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)
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

_GROUPING = ".," + _APOSTROPHES + _BLANK  # between digits of a number that can be read; its decimal mark is none of it


def parse_number(text: str, locale: Locale) -> Decimal | None:
    """Read one number, of at most 30 digits, or say None.

    The result has no zeros at its end and no negative zero; write it with format(number, "f"), as str() would give
    very small ones an exponent.
    """
    return _read(text.strip(), locale.decimal or ".")


def amount(text: str, locale: Locale) -> str | Unread:
    """Read an amount of at least zero, as it is sent: with a decimal point alone."""
    found = number(text, locale)
    below = isinstance(found, str) and found.startswith("-")
    return Unread("below zero, and Cometly knows no refunds") if below else found


def number(text: str, locale: Locale) -> str | Unread:
    """Read a number of either sign, as it is sent: without grouping and exponent."""
    mark: Mark = locale.decimal or "."
    read = _read(text, mark)
    if read is not None:
        return format(read, "f")
    other = _OTHER[mark]
    if _read(text, other) is None:
        return Unread("not a number this tool can read")
    return Unread(
        f"no number with {mark!r} as the decimal mark, but one with {other!r}: set source.decimal", ("decimal",)
    )


def numbers(cells: Texts, locale: Locale) -> Texts:
    """Read what nearly every column has nearly everywhere, numbers above zero, by the shape of its texts.

    The grammar reads the shape, and says by it where all texts of the shape have their number.
    """
    mark: Mark = locale.decimal or "."
    shapes = shapes_of(cells)
    of = shapes.indices.to_numpy()
    spans = [_around(shape, mark) for shape in listed(shapes.dictionary)]
    found, texts, where = np.full(len(cells), -1), list[Texts](), 0
    for before, behind, by in set(filter(None, spans)):
        places = np.flatnonzero(np.array([span == (before, behind, by) for span in spans], bool)[of])
        found[places] = np.arange(where, where + len(places))
        where += len(places)
        some = cells if len(places) == len(cells) else pick(cells, places)
        some = pc.utf8_slice_codeunits(some, before, -behind or None) if before or behind else some
        texts.append(_canonical(some, by))
    if not texts:
        return repeated(None, len(cells))
    values = pa.concat_arrays(texts)
    return values if len(texts) == 1 and where == len(cells) else values.take(pa.array(found, mask=found < 0))


def decimal_evidence(cells: Texts) -> dict[str, int]:
    """Find what shows the decimal mark: "," or "." and the first cell that can be read with that mark alone.

    "?," and "?." are the first cells that both marks read, to different numbers, by where that mark is: 1,234 and
    1.234.
    """
    shapes = shapes_of(cells)
    known = {
        number: _marks_of(shape) for number, shape in enumerate(listed(shapes.dictionary)) if len(shape) <= LONGEST
    }
    first = firsts_of(shapes)
    met = [(same, first[number]) for number, (same, led) in known.items() if same == led]
    for number, places in places_of(shapes, [number for number, (some, led) in known.items() if some != led]):
        led = _led(pick(cells, places), shapes.dictionary[number].as_py())
        both = zip(known[number], (places[~led], places[led]), strict=True)
        met += [(mark, here[0]) for mark, here in both if len(here)]
    found: dict[str, int] = {}
    for mark, at in met:
        found[mark] = min(int(at), found.get(mark, len(cells)))
    return {mark: found[mark] for mark in (",", ".", "?,", "?.") if mark in found}


def _led(texts: Texts, shape: str) -> Flags:
    """Which of the texts of a shape have a 0 as their first digit."""
    first = shape.index("9")
    return flags_of(pc.equal(pc.utf8_slice_codeunits(texts, first, first + 1), "0"))


@lru_cache(maxsize=4096)
def _marks_of(shape: str) -> tuple[str, str]:
    """What texts of this shape show of the decimal mark, and those whose first digit is 0, which is no grouping."""
    return _mark_of(shape), _mark_of(shape.replace("9", "0", 1))


def _mark_of(shape: str) -> str:
    """What texts of this shape show of the decimal mark."""
    read = {mark: _read(shape, mark) for mark in _OTHER}
    marks = [mark for mark, number in read.items() if number is not None]
    if len(marks) != 2:
        return "".join(marks)
    return "" if read["."] == read[","] else "?," if "," in shape else "?."


@lru_cache(maxsize=4096)
def _around(shape: str, mark: Mark) -> tuple[int, int, Mark] | None:
    """How many characters are before and behind the number in texts of this shape, and its decimal mark; None where
    they are left.
    """
    number = _read(shape, mark) if len(shape) <= LONGEST else None
    match = _amount(bare(shape)) if number is not None and number > 0 else None
    if match is None or match["number"][0] != "9":
        return None
    return match.start("number"), len(shape) - match.end("number"), "." if shape.endswith(TYPED) else mark


def _canonical(numbers: Texts, mark: Mark) -> Texts:
    """Numbers that can be read, with a point and without grouping; no value where the first digit is a 0 too many."""
    written = bytes_of(numbers).tobytes()
    for character in _GROUPING.replace(mark, ""):
        if character.encode() in written:
            numbers = pc.replace_substring(numbers, character, "")
    if mark != "." and mark.encode() in written:
        numbers = pc.replace_substring(numbers, mark, ".")
    led = edges(numbers)[0] == ord("0")
    if led.any():
        led &= ~(flags_of(pc.starts_with(numbers, "0.")) | flags_of(pc.equal(numbers, "0")))
    if pointed := written.count(mark.encode()):
        trimmed = pc.ascii_rtrim(pc.ascii_rtrim(numbers, "0"), ".")
        whole = pointed < len(numbers)  # some, and a number has one mark at the most
        numbers = pc.if_else(pc.match_substring(numbers, "."), trimmed, numbers) if whole else trimmed
    return kept(numbers, ~led) if led.any() else numbers


def _read(text: str, mark: Mark) -> Decimal | None:
    if text.endswith(TYPED):
        text, mark = bare(text), "."
    if "&" in text:  # a sign as HTML has it, &pound;
        text = decoded(text)
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


def total_of(amounts: Texts) -> Decimal:
    """Add up amounts as they are sent, exactly, whatever their number of digits; no value counts nothing."""
    numbers, _, long = _summable(amounts)
    return reduce(_EXACT.add, map(Decimal, listed(pick(amounts, long))), pc.sum(numbers).as_py() or Decimal())


def totals_by(groups: dict[str, pa.Array], amounts: Texts) -> Iterator[tuple[tuple[Any, ...], int, Decimal]]:
    """How often each combination of the groups' values comes, and what its amounts are together, exactly.

    An amount that is too long for Arrow's decimals comes by itself and without a number: add up what comes again.
    """
    numbers, parts, long = _summable(amounts)
    for at in long.tolist():
        yield tuple(column[at].as_py() for column in groups.values()), 0, Decimal(amounts[at].as_py())
    table = pa.table({**groups, _AMOUNT: numbers, _PARTS: parts}).group_by(list(groups), use_threads=False)
    found = table.aggregate([(_AMOUNT, "sum"), (_PARTS, "max"), ([], "count_all")])
    for *values, amount, most, count in zip(*(column.to_pylist() for column in found.columns), strict=True):
        yield tuple(values), count, (amount or Decimal()).quantize(Decimal(1).scaleb(-(most or 0)), context=_EXACT)


def _summable(amounts: Texts) -> tuple[pa.Decimal128Array, pa.Int32Array, Places]:
    """The amounts as numbers, the digits after each one's point, and where those are that are too long for that."""
    points, size = pc.find_substring(amounts, "."), pc.binary_length(amounts)
    parts = pc.if_else(pc.greater_equal(points, 0), pc.subtract(pc.subtract(size, points), 1), 0)
    long = flags_of(pc.or_(pc.greater(size, _LONGEST_SUMMED), pc.greater(parts, _LONGEST_SUMMED // 2)))
    if long.any():
        amounts, parts = either(long, None, amounts), either(long, None, parts)
    return amounts.cast(pa.decimal128(38, pc.max(parts).as_py() or 0)), parts, np.flatnonzero(long)
