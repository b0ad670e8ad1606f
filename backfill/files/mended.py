"""Mended: the cells of a reject file, each as it was, changed by a spreadsheet, or mended by a person.

Rows that a spreadsheet may harm carry what their cells were, in `_was`. What it changed is read as it was; what differs
for another reason was mended, and counts for the row's whole record.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl, quote_plus

import numpy as np
import pyarrow.compute as pc

from backfill.fields import parse_number, read_time
from backfill.fields.arrow import (
    Places,
    Texts,
    bytes_of,
    either,
    filled,
    listed,
    matches,
    of_sizes,
    only,
    pick,
    put,
    repeated,
    sizes,
    texts_of,
)
from backfill.fields.column import Locale
from backfill.fields.mend import is_cut
from backfill.fields.spreadsheet import doubtful, garbled, made_by_spreadsheet, ungarbled
from backfill.fields.typed import bare
from backfill.files.format import Layout
from backfill.files.marks import HELD_KEY, HELD_WAS
from backfill.files.rows import Rows

_FAULTY = "!"  # before the name of a column in which the record had a cell that was wrong
_LONGEST = 200  # characters of a cell; what is longer is no number and no date
# What a query, a delimiter, a quote or an escape is made of; the percent sign first, as it is in the spellings.
_SPELLINGS = {mark: quote_plus(mark) for mark in "%&=+,;|\"'\\"}
_PLAIN = "[ -~]*"
_plain_day = re.compile(
    r"[0-9]{1,4}[/.-][0-9]{1,2}[/.-][0-9]{1,4}(?:[ T][0-9:]+)?(?: [AaPp][Mm])?(?: ?[+-][0-9:]+)?"
).fullmatch
_date_cell = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:]{8})?").fullmatch  # as a sheet's are read
_rows_said = re.compile("(?:.*&)?=([0-9]{1,9})(?:[.]([0-9]{1,9}))?").fullmatch  # as no cell has a column without a name


class Wrong(NamedTuple):
    """The columns whose cells are wrong, and of how many rows the sums are that a row is a part of."""

    columns: frozenset[str]
    rows: int = 0


def pack(columns: dict[str, Texts], faulty: Sequence[Wrong], which: Places) -> Texts:
    """Write each row's cells in letters that no spreadsheet, delimiter or encoding changes.

    `which` says of each row which of `faulty` is wrong with it.
    """
    pieces: list[Texts] = []
    for name, column in columns.items():
        cells = _spelled(column)
        some = filled(cells)
        if not some.any():
            continue
        wrong = np.array([name in one.columns for one in faulty], bool)[which]
        named = (some & ~wrong, _named(name)), (some & wrong, _named(_FAULTY + name))
        pieces += [*(only(those, text) for those, text in named if those.any()), cells]
    if any(one.rows > 1 for one in faulty):
        pieces.append(pick(texts_of([f"&={one.rows}" if one.rows > 1 else "" for one in faulty]), which))
    if not pieces or not len(which):
        return repeated("", len(which))
    return pc.ascii_ltrim(pc.binary_join_element_wise(*pieces, ""), "&")


def _named(name: str) -> str:
    return f"&{quote_plus(name, errors='surrogatepass')}="


def _spelled(column: Texts) -> Texts:
    """A column's cells as a query has them, many at once; nothing for one that is too long."""
    letters, strange = bytes_of(column), np.empty(0, np.int64)
    if letters.min(initial=32) < 32 or letters.max(initial=32) > 126:
        strange = np.flatnonzero(~matches(column, _PLAIN))
    long = sizes(column) > _LONGEST
    long[strange] = True
    cells, text = either(long, "", column) if long.any() else column, letters.tobytes()
    for mark, spelling in _SPELLINGS.items():
        if mark.encode() in text:
            cells = pc.replace_substring(cells, mark, spelling)
    if b" " in text:
        cells = of_sizes(cells, bytes_of(cells).tobytes().replace(b" ", b"+"))
    texts = (quote_plus(cell) if len(cell) <= _LONGEST else "" for cell in listed(pick(column, strange)))
    return put(cells, strange, list(texts))


def unnumbered(packed: Texts) -> Texts:
    """What is said of rows' cells alone: not which were wrong, how many rows there were, or which of them each was."""
    bare = pc.replace_substring_regex(packed, "&=[0-9]+([.][0-9]+)?$", "")
    return pc.replace_substring_regex(bare, f"(^|&){quote_plus(_FAULTY)}", r"\1")


def _unpack(packed: str) -> Iterator[tuple[str, str, bool]]:
    """Each cell's column and text, and whether it was wrong."""
    for name, text in parse_qsl(packed, keep_blank_values=True, errors="surrogatepass"):
        yield name.removeprefix(_FAULTY), text, name.startswith(_FAULTY)


def as_they_were(
    rows: Rows,
    columns: Sequence[str],
    locale: Locale,
    layouts: Sequence[Layout],
    changed: Callable[[str, int, int, bool], None],
) -> Rows:
    """Take back what a spreadsheet changed, unless the source's `locale` reads it as another number or day.

    `changed` gets each such cell's column, part and row, and whether it was taken back: it may be a person's.
    """
    place = {name: at for at, name in enumerate(columns)}
    restored: dict[int, dict[int, str]] = {}  # column -> row -> its text
    letters: dict[int, list[tuple[str, str]]] = {}  # row -> its cells whose letters are others, and what they were
    for at, packed in enumerate(listed(rows.cells[place[HELD_WAS]])):
        for name, text, faulty in _unpack(packed) if packed and at not in rows.broken else ():
            column = place.get(name)
            now = text if column is None else restored.get(column, {}).get(at) or rows.cells[column][at].as_py()
            if column is not None and now != text and now == bare(text):
                restored.setdefault(column, {})[at] = text  # what was typed is a text in a reject file
            elif column is not None and now != text and made_by_spreadsheet(text, now):
                layout = layouts[int(rows.parts[at])]
                if (
                    faulty
                    and not garbled(text, now)
                    and _mended(text, now, locale, name in layout.numbers, bool(layout.sheet))
                ):
                    continue
                sure = not doubtful(text, now, locale)
                if sure:
                    restored.setdefault(column, {})[at] = text
                if garbled(text, now):
                    letters.setdefault(at, []).append((now, text))
                changed(name, int(rows.parts[at]), int(rows.numbers[at]), sure)
    keys = rows.cells[place[HELD_KEY]]
    restored[place[HELD_KEY]] = {at: _key(str(keys[at].as_py()), cells) for at, cells in letters.items()}
    for column, texts in restored.items():
        rows.cells[column] = put(rows.cells[column], list(texts), list(texts.values()))
    return rows


def _key(key: str, cells: list[tuple[str, str]]) -> str:
    """A row's key as it was, of which `_was` says nothing: its letters are others as those of the cells are."""
    was = ungarbled(key)
    for now, text in cells if was == key else ():  # a blank that some letters end in is lost at the end
        was = was.replace(now, text)
    return was


def _mended(old: str, new: str, locale: Locale, is_number: bool, in_sheet: bool) -> bool:
    """Whether a person has mended what may have been wrong, though a spreadsheet might have made the same of it.

    What can be read was not what was wrong. Of what can't be, a spreadsheet makes another id, and a sheet a number or a
    day of its own.
    """
    if parse_number(old, locale) is not None or read_time(old, locale) is not None:
        return False
    made_in_sheet = new != bare(new) or (_plain_day(old) and _date_cell(new))
    return not ((is_cut(old) and not is_number) or (in_sheet and made_in_sheet))


class Before(NamedTuple):
    """What `_was` says of a row: its cells, how many rows its record had, 0 where it does not say so, and which it is
    of those that are alike.
    """

    cells: dict[str, str]
    rows: int
    nth: int


def before(packed: str) -> Before:
    """Read it."""
    said = _rows_said(packed)
    cells = {column: old for column, old, _ in [*_unpack(packed)][::-1] if column}
    return Before(cells, int(said[1]) if said else 0, int(said[2] or 1) if said else 1)


def noted(text: str) -> str:
    """A cell as `_was` has it."""
    return text if len(text) <= _LONGEST else ""


def mended(name: str, texts: Texts, was: Texts, rows: Places) -> str | None:
    """The one cell of a record's rows that somebody mended, or None where none or several were."""
    found = set()
    for text, packed in zip(listed(pick(texts, rows)), listed(pick(was, rows)), strict=True):
        if packed and text not in ("", before(packed).cells.get(name)):
            found.add(text)
    return str(found.pop()) if len(found) == 1 else None
