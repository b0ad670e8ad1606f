"""Quotes as some programs write them: with blanks next to them, after a backslash, or a pair around the whole line."""

import csv
import io
import re
from collections.abc import Callable, Sequence, Sized
from functools import lru_cache, partial

_BLANKS = " \t\u00a0\u200b\ufeff"  # with them glued files' byte-order marks
_DOUBLED, _ESCAPED = '[^"]*+(?:""[^"]*+)*+', r'(?:[^"\\]|""|\\.)*+'  # within quotes: as csv has it, or with backslashes
_backslashed = re.compile(r'\\(["\\])|""').sub

_ODD_PAIRS = ('\\"', *(f'{blank}"' for blank in _BLANKS), *(f'"{blank}' for blank in _BLANKS))


def _blank(delimiter: str) -> str:
    return f"[{_BLANKS.replace(delimiter, '')}]"


@lru_cache
def _odd(delimiter: str) -> re.Pattern[str]:
    """Finds a quote that is not as csv has it."""
    mark, blanks = re.escape(delimiter), _blank(delimiter)
    return re.compile(rf'(?:^|{mark}){blanks}+"|"{blanks}+(?:{mark}|\Z)|\\"', re.MULTILINE)


@lru_cache
def _cell(delimiter: str, inside: str) -> re.Pattern[str]:
    """Matches one cell with blanks next to its quotes."""
    mark, blanks = re.escape(delimiter), _blank(delimiter)
    bare = rf'(?!{blanks}*")[^{mark}\r\n]*+'
    return re.compile(rf'{blanks}*+"({inside})"{blanks}*+(?={mark}|\Z)|({bare})(?={mark}|\Z)', re.DOTALL)


@lru_cache
def _begun(delimiter: str) -> re.Pattern[str]:
    """Matches a quoted cell that does not end."""
    return re.compile(rf'{_blank(delimiter)}*+"(?:{_DOUBLED}|{_ESCAPED})\Z', re.DOTALL)


def odd(text: str, delimiter: str) -> bool:
    """Whether a record may have such quotes."""
    return any(pair in text for pair in _ODD_PAIRS) and _odd(delimiter).search(text) is not None


def spelled(text: str, delimiter: str, width: int | None = None) -> list[str] | None:
    """The cells of a record with blanks or backslashes next to its quotes; None where it is none of that width.

    A record that csv reads without a doubt to that width is left to it; of no given width, one of several cells is one.
    """
    text = text.rstrip("\r\n")
    found = _cells(text, _cell(delimiter, _DOUBLED))
    if _fits(found, width):
        return [bare if quoted is None else quoted.replace('""', '"') for quoted, bare in found]
    if '\\"' not in text or _fits(first_record(text, delimiter, strict=True) or [], width):
        return None
    found = _cells(text, _cell(delimiter, _ESCAPED))
    if not _fits(found, width):
        return None
    return [bare if quoted is None else _backslashed(lambda m: m[1] or '"', quoted) for quoted, bare in found]


def _fits(cells: Sized, width: int | None) -> bool:
    return len(cells) == width if width else len(cells) > 1


def _cells(text: str, pattern: re.Pattern[str]) -> list[tuple[str | None, str]]:
    """Each cell as it is in its quotes, or bare; none where not all of the text is cells."""
    found: list[tuple[str | None, str]] = []
    at = 0
    while match := pattern.match(text, at):
        found.append((match[1], match[2]))
        at = match.end() + 1
        if at > len(text):
            return found
    return []


def first_record(text: str, delimiter: str, strict: bool = False) -> list[str] | None:
    """The cells of a text's first record as csv reads them; None where it can't."""
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict), [])
    except csv.Error:
        return None


def goes_on(text: str, delimiter: str) -> bool:
    """Whether a quote of such a record is open at the text's end."""
    for pattern in (_cell(delimiter, inside) for inside in (_DOUBLED, _ESCAPED)):
        at = 0
        while at <= len(text) and (match := pattern.match(text, at)):
            at = match.end() + 1
        if at <= len(text) and _begun(delimiter).match(text, at):
            return True
    return False


def unwrapped(cells: list[str], delimiter: str, width: int | None = None) -> list[str] | None:
    """The cells of a record that a program has put into one quoted cell, with none or empty ones after it; or None."""
    if not cells or len(cells) == width or delimiter not in cells[0] or any(map(str.strip, cells[1:])):
        return None
    line = cells[0]
    found = (spelled(line, delimiter, width) if odd(line, delimiter) else None) or first_record(line, delimiter) or []
    return found if _fits(found, width) else None


def left_over(lines: Sequence[str], delimiter: str, delimiters: Sequence[str]) -> str:
    """The delimiter of another program that is at the ends of these lines and separates nothing; "" where none does.

    A spreadsheet that separates by semicolons writes them after lines that are each one cell to it.
    """
    ends = [text.rstrip() for text in lines if delimiter in text]
    for other in delimiters:
        tailed = [text for text in ends if text.endswith(other)]
        if other == delimiter or len(tailed) * 2 <= len(ends):
            continue
        in_header, in_row = ends[0].endswith(other), any(other in text.rstrip(other) for text in ends)
        if in_header or not in_row or all(text.endswith(other * 2) for text in tailed):
            return other
    return ""


@lru_cache
def _left_over(other: str) -> Callable[[str], str]:
    return partial(re.compile(rf"(?<!{(mark := re.escape(other))}){mark}++[ \t]*+(?=[\r\n]|\Z)").sub, "")


def without(other: str, text: str) -> str:
    """Whole lines without what was left over at their ends."""
    return _left_over(other)(text) if other else text
