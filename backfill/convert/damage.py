"""Damage: what spreadsheets and careless exports do to cells. It is reported once a column, never guessed away."""

import re
from collections.abc import Callable, Iterator

from backfill.fields import Kind
from backfill.fields.column import Texts
from backfill.fields.mend import is_float
from backfill.fields.money import SIGNS, WORDS

# What was found, as the report says it: "column Id: 12 cells (first in row 7) " and then this.
SCIENTIFIC = "are numbers in scientific notation: a spreadsheet cut their digits; export again"
FLOAT = "end in .0, as a spreadsheet writes numbers; take it off with strip or extract once nothing else was lost"
POINTED = "may be whole numbers with thousands points (such as 1.234 for 1234), and go out as written"
LOST_ZEROS = "are shorter than others that begin with 0: a spreadsheet may have taken their zeros; export again"
MOJIBAKE = "hold text that was decoded wrongly before it came here (such as Ã©); export again as UTF-8"
SERIAL = "are a spreadsheet's day numbers (such as 45384.35), not times; export again"
CURRENCIES = "bear another currency than the cells before: one import, one currency; split the file"
PLACEHOLDER = "are placeholder addresses: their events would all be one person's; leave them out by where"

_scientific = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE]\+[0-9]+", re.ASCII).fullmatch
_pointed = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}", re.ASCII).fullmatch
_SECOND = "".join(bytes([byte]).decode("cp1252", "ignore") for byte in range(0x80, 0xC0))  # of a two-byte character
_mojibake = re.compile(f"[ÃÄÅ][\x80-\x9f{_SECOND}]|Â[\xa0-\xbf]|â€|ï»¿").search
_SERIAL = r"[2-6][0-9]{4}(?:[.,][0-9]+)?"
_serial = re.compile(_SERIAL, re.ASCII).fullmatch
_currency = re.compile(rf"[A-Z]{{3}}|[^\W\d_]{{0,3}}[{SIGNS}]|{WORDS}").search
_NOBODY = (
    r"(?:test|tester|testing|noemail|no-?reply|none|na|n/a|null|unknown|anonymous|guest|customer|walk-?in|pos|dummy|fake"
    r"|asdf?|abc|x+)[0-9]*@"
)
_NOWHERE = r"@(?:test|none|noemail|invalid|localhost|nowhere|na|xxx?|asdf)\.[a-z]+"
# of a lowered text: a search without regard to case takes twice the time
_placeholder = re.compile(rf"{_NOBODY}|[^@]*{_NOWHERE}\Z").match
# The same in a whole column, each cell between line ends; one search shows whether any cell needs one of its own.
_some_serial = re.compile(rf"\n{_SERIAL}\n", re.ASCII).search
_some_nobody = re.compile(rf"\n{_NOBODY}").search  # two searches take half the time of one for both
_some_nowhere = re.compile(rf"{_NOWHERE}\n").search

_TEXTUAL = {Kind.TEXT, Kind.PROFILE_TEXT, Kind.NAME, Kind.PHONE}
_DAMAGED = _TEXTUAL | {Kind.ORDER_ID, Kind.TIME, Kind.DATE, Kind.EMAIL}


def damage_in(kind: Kind, texts: Texts) -> Iterator[tuple[str, list[int]]]:
    """What is damaged in a field's column: the finding and the positions of its cells."""
    if kind not in _DAMAGED:
        return
    listed = texts.tolist()
    joined = "\n".join(["", *listed, ""])  # most columns are sound, and one search of the whole shows it
    if kind in _TEXTUAL and not joined.isascii():
        yield from _those(MOJIBAKE, listed, _mojibake)
    if kind is Kind.ORDER_ID:
        yield from _ids(listed, joined)
    if (kind is Kind.TIME or kind is Kind.DATE) and _some_serial(joined):
        yield from _those(SERIAL, listed, _serial)
    if kind is Kind.EMAIL and (_some_nobody(lowered := joined.lower()) or _some_nowhere(lowered)):
        yield from _those(PLACEHOLDER, [text.lower() for text in listed], _placeholder)


def _those(finding: str, texts: list[str], test: Callable[[str], object]) -> Iterator[tuple[str, list[int]]]:
    if places := [at for at, text in enumerate(texts) if text and test(text)]:
        yield finding, places


def _ids(texts: list[str], joined: str) -> Iterator[tuple[str, list[int]]]:
    if "+" in joined:
        yield from _those(SCIENTIFIC, texts, _scientific)
    if ".0" in joined or ",0" in joined:
        yield from _those(FLOAT, texts, is_float)
    if "." in joined:
        yield from _those(POINTED, texts, _pointed)
    widths = {len(text) for text in texts if text[:1] == "0" and text.isdigit()} if "\n0" in joined else set()
    if len(widths) == 1:
        width = widths.pop()
        short = [
            at for at, text in enumerate(texts) if text and len(text) < width and text.isdigit() and text[0] != "0"
        ]
        if short:
            yield LOST_ZEROS, short


def currency_in(text: str) -> str:
    """The currency sign or code that is in a cell which reads as an amount, or ""."""
    found = _currency(text)
    return found[0] if found else ""
