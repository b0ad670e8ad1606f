"""Was: what `_was` says of a rejected row: its cells, which a spreadsheet may change and a person may mend.

It is said as events are rejected and the cells are at hand. Whether it is needed shows at once in nearly every file
that a spreadsheet may harm. Where it does not, and for rows that are rejected later, by the API, the reject file's
writer cuts the rows once more. What a spreadsheet changed is read as it was; what differs for another reason was
mended, and counts for the row's whole record.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl, quote_plus

import numpy as np
import pyarrow.compute as pc

from backfill.event import Code
from backfill.fields import parse_number, read_time
from backfill.fields.arrow import (
    Flags,
    Places,
    Texts,
    bytes_of,
    either,
    filled,
    is_ascii,
    listed,
    matches,
    of_sizes,
    pick,
    put,
    repeated,
    sizes,
    texts_of,
)
from backfill.fields.column import Locale
from backfill.fields.mend import is_cut
from backfill.fields.spreadsheet import doubtful, garbled, made_by_spreadsheet, risked, ungarbled
from backfill.fields.typed import bare, is_typed
from backfill.files.csv_lines import unmasked
from backfill.files.format import Layout
from backfill.files.marks import HELD_CODE, HELD_KEY, HELD_WAS, RAW, WAS
from backfill.files.raw import before_in
from backfill.files.reject_entries import EntryFile, Kind
from backfill.files.rows import Rows
from backfill.storage.occurrences import Occurrences

_HASHED = "[^:]+:[0-9a-f]{32}"  # a key
FAULTY = ("invalid_", "missing_", "future_", "too_")  # codes of cells that are wrong, whatever others say
_ROWS = 1_000  # of many that are entered at once, that are looked at
_FAULTY = "!"  # before the name of a column in which the record had a cell that was wrong
_FILE = "."  # before the name of a file that had the row, where a column's cell would be
_LONGEST = 200  # characters of a cell; what is longer is no number and no date
# What a query, a delimiter, a quote or an escape is made of; the percent sign first, as it is in the spellings.
_SPELLINGS = {mark: quote_plus(mark) for mark in "%&=+,;|\"'\\"}
_PLAIN = "[ -~]*"
_plain_day = re.compile(
    r"[0-9]{1,4}[/.-][0-9]{1,2}[/.-][0-9]{1,4}(?:[ T][0-9:]+)?(?: [AaPp][Mm])?(?: ?[+-][0-9:]+)?"
).fullmatch
_SHEET_TIME = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}"
_sheet_time, _in_utc = re.compile(_SHEET_TIME).fullmatch, re.compile("[0-9-]{10}T[0-9:.]+Z").fullmatch
_date_cell = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:]{8})?").fullmatch  # as a sheet's are read
_rows_said = re.compile("(?:.*&)?=([0-9]{1,9})(?:[.]([0-9]{1,9}))?").fullmatch  # as no cell has a column without a name


class Wrong(NamedTuple):
    """The columns whose cells are wrong, of how many rows the sums are that a row is a part of, and the files."""

    columns: frozenset[str]
    rows: int = 0
    files: tuple[str, ...] = ()


def was_of(
    entries: EntryFile,
    rows: Rows,
    places: Places,
    alone: Flags,
    kinds: Sequence[Kind],
    which: Places,
    keys: Texts,
    layout: Layout,
) -> Texts | None:
    """What is to be said of the rows at these places, or None as long as nothing shows that it is needed.

    `alone` says which of them have one entry: of others an entry does not know all that is wrong.
    """
    there = ((name, cells) for name, cells in zip(layout.columns, rows.cells, strict=True) if bytes_of(cells).size)
    columns = {name: pick(cells, places) for name, cells in there}
    if not entries.guarded:
        entries.guarded = layout.summed or (HELD_WAS in columns and bool(filled(columns[HELD_WAS]).any()))
    if not entries.guarded and layout.format.in_spreadsheets:
        some = np.flatnonzero(alone[:_ROWS])
        first = {name: pick(cells, some) for name, cells in held(columns, layout).items()}
        entries.guarded = at_risk(first, keys, some, some + 1, layout.zoned)
    if not entries.guarded or not alone.any():
        return None
    return packed(columns, layout, [wrong(kind) for kind in kinds], which)


def packed(columns: dict[str, Texts], layout: Layout, faulty: Sequence[Wrong], which: Places) -> Texts:
    """What to say of rows, of those of a reject file what it said; `which` of `faulty` is wrong with each row."""
    faulty = faulty if layout.summed else [Wrong(one.columns) for one in faulty]
    cells = held(columns, layout)
    made = pack(cells, faulty, which)
    if HELD_WAS not in columns:
        return made
    said = either(filled(columns[HELD_WAS]), columns[HELD_WAS], made)
    typed = {name: either(is_typed(own), own, "") for name, own in cells.items() if is_typed(own).any()}
    if not typed:
        return said
    both = zip(listed(said), listed(pack(typed, faulty, which)), strict=True)  # a person has typed it since
    return texts_of([f"{old}&{new}" if new and new not in old else old for old, new in both])


def numbered(was: Texts, rows: Texts, known: Occurrences) -> Texts:
    """`_was` for rows that have none yet; where line items are written alike, it also numbers them."""
    several = np.flatnonzero(matches(was, ".*&=[0-9]+"))
    nth = known.add(pick(rows, several))
    again, nth = several[nth > 1], nth[nth > 1]
    return put(was, again, [f"{text}.{one}" for text, one in zip(listed(pick(was, again)), nth.tolist(), strict=True)])


def held(columns: dict[str, Texts], layout: Layout) -> dict[str, Texts]:
    """The columns that an event depends on."""
    return {name: cells for name, cells in columns.items() if name not in layout.extra}


@lru_cache(1000)
def wrong(kind: Kind) -> Wrong:
    """The columns whose cells are wrong, how many rows the record has, and which files have the row too."""
    columns = frozenset(column for code, _, column, _ in kind.rules if code.startswith(FAULTY))
    return Wrong(columns, kind.rows, kind.files)


def at_risk(columns: dict[str, Texts], keys: Texts, begins: Places, ends: Places, zoned: bool) -> bool:
    """Whether a spreadsheet might change what rows' events are: a cell of theirs that ends no key shows it.

    A row's keys are those from where it begins up to where it ends.
    """
    if not is_ascii(keys):
        return True
    hashed = np.append(0, np.cumsum(matches(keys, _HASHED)))
    if (hashed[ends] > hashed[begins]).any():
        return True
    for cells in columns.values():
        if not is_ascii(cells):  # opened in another encoding, its letters are others, in the keys too
            return True
        some = np.flatnonzero(risked(cells, zoned) | is_typed(cells))
        for at, text in zip(some.tolist(), listed(pick(cells, some)), strict=True):
            if not any(key.endswith(f":{text}") for key in listed(keys[begins[at] : ends[at]])):
                return True
    return False


# -- in letters that nothing changes


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
        pieces += [*(either(those, text, "") for those, text in named if those.any()), cells]
    if any(one.files for one in faulty):
        files = ("".join(f"&={_FILE}{source}" for source in one.files) for one in faulty)
        pieces.append(pick(texts_of([*files]), which))
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
    """What is said of rows' cells alone: not which were wrong, who has them, how many they were, or which each was."""
    bare = pc.replace_substring_regex(packed, "(&=[.][^&]*)*(&=[0-9]+([.][0-9]+)?)?$", "")
    return pc.replace_substring_regex(bare, f"(^|&){quote_plus(_FAULTY)}", r"\1")


# -- read again


def _unpack(packed: str) -> Iterator[tuple[str, str, bool]]:
    """Each cell's column and text, and whether it was wrong."""
    for name, text in parse_qsl(packed, keep_blank_values=True, errors="surrogatepass"):
        yield name.removeprefix(_FAULTY), text, name.startswith(_FAULTY)


def as_they_were(
    rows: Rows,
    columns: Sequence[str],
    locale: Locale,
    layouts: Sequence[Layout],
    changed: Callable[[str, int, int, bool | None, str], None],
) -> Rows:
    """Take back what a spreadsheet changed, unless the source's `locale` reads it as another number or day.

    `changed` gets each such cell's column, part and row, whether it was taken back (it may be a person's), and the mark
    that says what it was. None stands for one of which nobody knows what it was.
    """
    for one in _sheet_times(rows, columns, layouts):
        changed(*one, None, WAS)
    place = {name: at for at, name in enumerate(columns)}
    restored: dict[int, dict[int, str]] = {}  # column -> row -> its text
    letters: dict[int, list[tuple[str, str]]] = {}  # row -> its cells whose letters are others, and what they were
    zoned, typed = set[str](), list[tuple[str, int, int]]()  # columns with a zone, and a sheet's times that are new
    for at, packed in enumerate(listed(rows.cells[place[HELD_WAS]])):
        for name, text, faulty in _unpack(packed) if packed and at not in rows.broken else ():
            column = place.get(name)
            now = text if column is None else restored.get(column, {}).get(at) or rows.cells[column][at].as_py()
            zoned |= {name} if _in_utc(text) else set()
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
                changed(name, int(rows.parts[at]), int(rows.numbers[at]), sure, WAS)
            elif now != text and _sheet_time(now) and layouts[int(rows.parts[at])].sheet:
                typed.append((name, int(rows.parts[at]), int(rows.numbers[at])))
    for one in typed:
        if one[0] in zoned:
            changed(*one, None, WAS)
    for at, name, old in _filled_anew(rows, columns, locale, layouts):
        column = place[name]
        if at in restored.get(column, {}):
            continue
        sure = old is not None and not doubtful(old, rows.cells[column][at].as_py(), locale)
        if sure:
            restored.setdefault(column, {})[at] = str(old)
        changed(name, int(rows.parts[at]), int(rows.numbers[at]), sure, RAW)
    keys = rows.cells[place[HELD_KEY]]
    restored[place[HELD_KEY]] = {at: _key(str(keys[at].as_py()), cells) for at, cells in letters.items()}
    for column, texts in restored.items():
        rows.cells[column] = put(rows.cells[column], list(texts), list(texts.values()))
    return rows


def _filled_anew(
    rows: Rows, columns: Sequence[str], locale: Locale, layouts: Sequence[Layout]
) -> Iterator[tuple[int, str, str | None]]:
    """The cells that a spreadsheet may have changed of rows that could not be read: row, column, and what each was."""
    codes = dict(zip(columns, rows.cells, strict=True))[HELD_CODE]
    for at in np.flatnonzero(matches(codes, f"(.*[|])?{Code.UNREADABLE}([|].*)?")).tolist():
        layout = layouts[int(rows.parts[at])]
        if at in rows.broken or not (layout.format.in_spreadsheets and RAW in layout.marks):
            continue
        raw = layout.format.cells_of(rows.text(at), layout).marks.get(RAW, "")
        now = {name: cells[at].as_py() for name, cells in zip(columns, rows.cells, strict=True)}
        for name, old in before_in(raw if layout.quoted else unmasked(raw, layout.delimiter), now, layout, locale):
            yield at, name, old


def _sheet_times(rows: Rows, columns: Sequence[str], layouts: Sequence[Layout]) -> Iterator[tuple[str, int, int]]:
    """The column, part and row of each cell that a sheet has made a time of its own since its row was rejected.

    Of a file without `_was` that is sure: had one been there, there would be `_was`. A sheet's times have no zone.
    """
    parts = [at for at, one in enumerate(layouts) if one.sheet and one.reject_file and WAS not in one.marks]
    places = np.flatnonzero(np.isin(rows.parts, parts)) if parts else np.empty(0, np.int64)
    for name, cells in zip(columns, rows.cells, strict=True) if len(places) else ():
        for at in places[matches(pick(cells, places), _SHEET_TIME)].tolist():
            yield name, int(rows.parts[at]), int(rows.numbers[at])


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
    """What `_was` says of a row: its cells, how many rows its record had, 0 where it does not say so, which it is of
    those that are alike, and the files that had it, where there were several.
    """

    cells: dict[str, str]
    rows: int
    nth: int
    files: frozenset[str]


def before(packed: str) -> Before:
    """What a `_was` says."""
    said, found = _rows_said(packed), [*_unpack(packed)]
    cells = {column: old for column, old, _ in found[::-1] if column}
    files = frozenset(text.removeprefix(_FILE) for name, text, _ in found if not name and text.startswith(_FILE))
    return Before(cells, int(said[1]) if said else 0, int(said[2] or 1) if said else 1, files)


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
