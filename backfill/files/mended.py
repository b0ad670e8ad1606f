"""Mended: the cells of a reject file, each as it was, changed by a spreadsheet, or mended by a person.

Rows that a spreadsheet may harm carry what their cells were, in `_was`. What it changed is read as it was; what differs
for another reason was mended, and counts for the row's whole record.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from urllib.parse import parse_qsl, quote_plus

import numpy as np
from numpy.typing import NDArray

from backfill.fields.spreadsheet import made_by_spreadsheet
from backfill.files.marks import HELD_WAS
from backfill.files.rows import Rows

Texts = NDArray[np.object_]
_FAULTY = "!"  # before the name of a column whose cell was wrong: whatever is there now is meant
_SPELLINGS = {code: quote_plus(chr(code)) for code in range(128)}  # a tenth of what quoting each text costs
_LONGEST = 200  # characters of a cell; what is longer is no number and no date


def pack(cells: dict[str, str], faulty: Iterable[str]) -> str:
    """Write cells in letters that no spreadsheet, delimiter or encoding changes."""
    wrong = set(faulty)
    return "&".join(
        [
            f"{_spelled_name(_FAULTY + name if name in wrong else name)}={_spelled(text)}"
            for name, text in cells.items()
            if 0 < len(text) <= _LONGEST
        ]
    )


@cache
def _spelled_name(name: str) -> str:
    return _spelled(name)  # of the few columns that a mapping reads, in every row


def _spelled(text: str) -> str:
    if not text.isascii():
        return quote_plus(text, errors="surrogatepass")
    return text if text.isalnum() else text.translate(_SPELLINGS)


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


def mended(name: str, texts: Texts, was: Texts, rows: NDArray[np.int64]) -> str | None:
    """The one cell of a record's rows that somebody mended, or None where none or several were."""
    found = set()
    for at in rows.tolist():
        before = {column: text for column, text, _ in _unpack(was[at])}
        if was[at] and texts[at] not in ("", before.get(name)):
            found.add(texts[at])
    return str(found.pop()) if len(found) == 1 else None
