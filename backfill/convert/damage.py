"""Damage: what spreadsheets and careless exports do to cells. It is reported once a column, never guessed away."""

import re
from collections.abc import Iterator

import numpy as np
import pyarrow.compute as pc

from backfill.fields import Kind
from backfill.fields.arrow import (
    Flags,
    Places,
    Texts,
    bytes_of,
    edges,
    filled,
    flags_of,
    holds,
    is_ascii,
    matches,
    pick,
    sizes,
)
from backfill.fields.mend import FLOAT
from backfill.fields.money import SIGNS, WORDS

# What was found, as the report says it: "column Id: 12 cells (first in row 7) " and then this.
SCIENTIFIC = "are numbers in scientific notation: a spreadsheet cut digits off; export again"
FLOAT_ID = "end in .0, as a spreadsheet writes numbers; take it off with strip or extract once nothing else was lost"
QUOTED = "have quotes around them, and go out with these; if they are no part of the id, take them off with strip"
POINTED = "may be whole numbers with thousands points (such as 1.234 for 1234), and go out as written"
LOST_ZEROS = "are shorter than others that begin with 0: a spreadsheet may have taken their zeros; export again"
PLAIN = (
    "are plain numbers: zeros in front of them, if they had some, a spreadsheet has taken; say how many digits they "
    "have (digits), or export again"
)
RESPELLED = (
    "are numbers, days or times as a spreadsheet writes them (such as 9.5, 1/5/24 or 9:30:00), and ids are made of "
    "these cells: if one has saved the file, the export had other ids; export again"
)
FRACTIONS = (
    "are numbers with a fraction: a spreadsheet may have made them of other texts (408691.8 of 4086918E-0001), or have "
    "taken zeros off their ends; export again"
)
FRACTIONS_OF_CENTS = (
    "have a fraction, though scale takes them for cents or the like; if they are in whole units, they go out too small"
)
NOISE = "have more decimals than money has (such as 301.48000000000000001), as a program adds that counts in binary"
GNUMERIC = (
    "are days or times as Gnumeric saves them (such as 2024/05/01 09:30:00): if they had a zone, it is lost, midnight "
    "may be, and day and month may be turned; export again, or set source.date_order: ymd where the export writes so"
)
DATED = "look like a day or a time, as a spreadsheet makes of ids such as 5-7 and 3/4, and others do not; export again"
MOJIBAKE = "hold text that was decoded wrongly before it came here (such as Ã©); export again as UTF-8"
SERIAL = "are a spreadsheet's day numbers (such as 45384.35), not times; export again"
CUT_SECONDS = (
    "are times as a spreadsheet saves them, without seconds (such as 1/5/24 9:30): if they had some, these are lost; "
    "export again"
)
CURRENCIES = "bear another currency than most: one import, one currency; split the file"
PLACEHOLDER = "are placeholder addresses: their events would all be one person's; leave them out by where"

_SCIENTIFIC = r"[0-9]+(?:[.,][0-9]+)?[eE]\+[0-9]+"
_POINTED = r"[1-9][0-9]{0,2}\.[0-9]{3}"
_DATED = (  # with a clock, as programs write it; 05/07/26, 2026-07-05
    r"(?:[0-9]{1,2}[/.][0-9]{1,2}[/.](?:[0-9]{2}|[0-9]{4})|[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?: [AP]M)?(?:Z|[-+][0-9]{2}:?[0-9]{2})?)?"
    r"|[0-9]{1,2}[-.] ?[A-Z][a-zä]{2}|[A-Z][a-zä]{2}[- .][0-9]{2}"  # 5-Jul, Dec-24
    r"|[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?: [AP]M)?"  # 12:30:00 PM
)
_LONGEST_DATED = len("2026-07-05 00:00:00.000000000+00:00")
RESPELLED_TEXTS = (
    r"-?[0-9]+[.,][0-9]"  # 118.40 without its last zero
    r"|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2}(?: .*)?|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}"  # the latter in workbooks
    r"|[0-9]{1,2}:[0-9]{2}:00(?: [AP]M)?|[0-9]{1,2}:[0-9]{2}:[0-9]{2} [AP]M"
)
FRACTION_TEXTS = "[0-9]+[.,][0-9]+"
_NOISE = "[^0-9]*[0-9.,]*[0-9][.,][0-9]{9,}[^0-9]*"
_NOISY = 11  # characters that such an amount has, at least
_GNUMERIC = r"[0-9]{4}/[0-9]{2}/[0-9]{2}(?: [0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?)?"
_SECOND = "".join(bytes([byte]).decode("cp1252", "ignore") for byte in range(0x80, 0xC0))  # of a two-byte character
_MOJIBAKE = f"[ÃÄÅ][\x80-\x9f{_SECOND}]|Â[\xa0-\xbf]|â€|ï»¿"
_SERIAL = r"[2-6][0-9]{4}(?:[.,][0-9]+)?"
_currency = re.compile(rf"[A-Z]{{3}}|[^\W\d_]{{0,3}}[{SIGNS}]|{WORDS}").search
_NOBODY = (
    r"(?:test|tester|testing|noemail|no-?reply|none|na|n/a|null|unknown|anonymous|guest|customer|walk-?in|pos|dummy|fake"
    r"|asdf?|abc|x+)[0-9]*@"
)
_NOWHERE = r"@(?:test|none|noemail|invalid|localhost|nowhere|na|xxx?|asdf)\.[a-z]+"
_PLACEHOLDER = rf"{_NOBODY}(?s:.)*|[^@]*{_NOWHERE}"  # of a lowered text
_NOBODYS, _NOWHERES = (np.isin(np.arange(256), [*begins]) for begins in (b"tnuagcwpdfxTNUAGCWPDFX", b"tnilxaTNILXA"))

_NUMBERED = {Kind.ORDER_ID, Kind.TEXT, Kind.PROFILE_TEXT}  # invoices and ads have numbers, too
_TEXTUAL = {Kind.TEXT, Kind.PROFILE_TEXT, Kind.NAME, Kind.PHONE}


def damage_in(kind: Kind, texts: Texts, read: Flags, year_first: bool = False) -> Iterator[tuple[str, Places]]:
    """What is damaged in a field's column: the finding and its cells' positions; `read` are the cells with a value.

    With `year_first` it is said that days are written so.
    """
    if kind in _TEXTUAL and not is_ascii(texts) and holds(texts, *"ÃÄÅÂâï"):
        yield from _those(MOJIBAKE, flags_of(pc.match_substring_regex(texts, _MOJIBAKE)))
    if kind in _NUMBERED and holds(texts, "+"):
        yield from _those(SCIENTIFIC, matches(texts, _SCIENTIFIC))
    if kind is Kind.ORDER_ID:
        yield from _ids(texts)
    if kind is Kind.TIME or kind is Kind.DATE:  # none of which can be read as one
        unread = np.flatnonzero(filled(texts) & ~read)
        yield from ((finding, unread[at]) for finding, at in _those(SERIAL, matches(pick(texts, unread), _SERIAL)))
        if not year_first and holds(texts, "/"):
            yield from _those(GNUMERIC, matches(texts, _GNUMERIC))
    if kind is Kind.AMOUNT and sizes(texts).max(initial=0) >= _NOISY:
        yield from _those(NOISE, matches(texts, _NOISE))
    if kind is Kind.EMAIL:
        likely = _like_placeholders(texts)
        found = matches(pc.ascii_lower(pick(texts, likely)), _PLACEHOLDER)
        yield from ((finding, likely[at]) for finding, at in _those(PLACEHOLDER, found))


def _like_placeholders(texts: Texts) -> Places:
    """The addresses that begin, or whose domains begin, as a placeholder's do; by far the most don't."""
    letters = bytes_of(texts)
    likely = _NOBODYS[edges(texts)[0]]
    at = np.flatnonzero(letters[:-1] == ord("@"))
    likely[np.searchsorted(np.cumsum(sizes(texts)), at[_NOWHERES[letters[at + 1]]], side="right")] = True
    return np.flatnonzero(likely)


def _those(finding: str, flags: Flags) -> Iterator[tuple[str, Places]]:
    if flags.any():
        yield finding, np.flatnonzero(flags)


def _ids(texts: Texts) -> Iterator[tuple[str, Places]]:
    if holds(texts, '"'):
        yield from _those(QUOTED, matches(texts, '"(?s:.)+"'))
    if holds(texts, ".0", ",0"):
        yield from _those(FLOAT_ID, matches(texts, FLOAT))
    if holds(texts, "."):
        yield from _those(POINTED, matches(texts, _POINTED))
    if holds(texts, "/", ":", "-", "."):
        size = sizes(texts)
        short = np.flatnonzero((size > 4) & (size <= _LONGEST_DATED))
        dated = matches(pick(texts, short), _DATED)
        if dated.any() and int(dated.sum()) < int(filled(texts).sum()):
            yield DATED, short[dated]
    led = flags_of(pc.starts_with(texts, "0"))
    if led.any():
        numbers, size = flags_of(pc.ascii_is_decimal(texts)), sizes(texts)
        widths = np.unique(size[led & numbers])
        if len(widths) == 1:
            yield from _those(LOST_ZEROS, numbers & ~led & (size < widths[0]))


def currency_in(text: str) -> str:
    """The currency sign or code that is in a cell which reads as an amount, or ""."""
    found = _currency(text)
    return found[0] if found else ""
