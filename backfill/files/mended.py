"""Mended: the cells of a reject file, each as it was, changed by a spreadsheet, or mended by a person.

Rows that a spreadsheet may harm carry what their cells were, in `_was`. What it changed is read as it was; what differs
for another reason was mended, and counts for the row's whole record.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from urllib.parse import parse_qsl, quote_plus

from backfill.fields.column import Places, Texts
from backfill.fields.spreadsheet import made_by_spreadsheet
from backfill.files.marks import HELD_WAS
from backfill.files.rows import Rows

_FAULTY = "!"  # before the name of a column whose cell was wrong: whatever is there now is meant
# The percent sign and the plus come first, as others are written with them.
_SPELLINGS = {mark: quote_plus(mark) for mark in ("%", "+", *map(chr, range(32, 127))) if quote_plus(mark) != mark}
_LONGEST = 200  # characters of a cell; what is longer is no number and no date


def pack(columns: dict[str, list[str]], faulty: Iterable[frozenset[str]]) -> list[str]:
    """Write each row's cells in letters that no spreadsheet, delimiter or encoding changes.

    `faulty` are for each row the columns whose cells are wrong.
    """
    wrongs = list(faulty)
    names = {wrong: [_named(name, wrong) for name in columns] for wrong in set(wrongs)}
    rows = zip(wrongs, *map(_spelled, columns.values()), strict=True)
    return [
        "&".join([name + text for name, text in zip(names[wrong], cells, strict=True) if text])
        for wrong, *cells in rows
    ]


def _named(name: str, wrong: frozenset[str]) -> str:
    return f"{quote_plus(_FAULTY * (name in wrong) + name, errors='surrogatepass')}="


def _spelled(cells: list[str]) -> list[str]:
    """A column's cells as `quote_plus` writes them, at a tenth of its cost; nothing for one that is too long."""
    text = "\n".join(cells)
    if not (text.isascii() and text.replace("\n", "").isprintable() and text.count("\n") == len(cells) - 1):
        return [quote_plus(cell, errors="surrogatepass") if len(cell) <= _LONGEST else "" for cell in cells]
    there = set(text)
    for mark, spelling in _SPELLINGS.items():
        if mark in there:
            text = text.replace(mark, spelling)
    return [made if len(cell) <= _LONGEST else "" for cell, made in zip(cells, text.split("\n"), strict=True)]


def _unpack(packed: str) -> Iterator[tuple[str, str, bool]]:
    """Each cell's column and text, and whether it was wrong."""
    for name, text in parse_qsl(packed, keep_blank_values=True, errors="surrogatepass"):
        yield name.removeprefix(_FAULTY), text, name.startswith(_FAULTY)


def as_they_were(rows: Rows, columns: Sequence[str], changed: Callable[[str, int, int], None]) -> Rows:
    """Take back what a spreadsheet changed; `changed` gets each such cell's column, part and row."""
    place = {name: at for at, name in enumerate(columns)}
    for at, packed in enumerate(rows.cells[place[HELD_WAS]].tolist()):
        for name, text, faulty in _unpack(packed) if packed and at not in rows.broken else ():
            now = rows.cells[place[name], at] if name in place else text
            if now != text and not faulty and made_by_spreadsheet(text, now):
                rows.cells[place[name], at] = text
                changed(name, int(rows.parts[at]), int(rows.numbers[at]))
    return rows


def mended(name: str, texts: Texts, was: Texts, rows: Places) -> str | None:
    """The one cell of a record's rows that somebody mended, or None where none or several were."""
    found = set()
    for at in rows.tolist():
        before = {column: text for column, text, _ in _unpack(was[at])}
        if was[at] and texts[at] not in ("", before.get(name)):
            found.add(texts[at])
    return str(found.pop()) if len(found) == 1 else None
