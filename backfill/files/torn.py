"""Torn rows: what a row that can't be read may have had in a column, for there is nearly always a trace of it.

A cell too few may be missing before the column or behind it, a stray quote may have glued cells together: whatever
stands where the column's cell would then be is a candidate.
"""

import json
import re
from collections.abc import Iterable, Iterator

from backfill.files.csv_lines import cells_of, sendable
from backfill.files.rows import Layout

_VALUE = r'("(?:[^"\\]|\\.)*"|-?[0-9]+(?:\.[0-9]+)?)'  # of a JSON line: a text or a number


def candidates(text: str, column: str, layout: Layout) -> list[str]:
    """The texts, trimmed, that a row written like this may have in a column of the mapping; none where none is left."""
    found = _cells(text, column, layout) if layout.format == "csv" else _values(text, column)
    trimmed = dict.fromkeys(cell.strip() for cell in found)
    return [cell for cell in trimmed if cell not in layout.empty and sendable(cell)]


def _cells(text: str, column: str, layout: Layout) -> Iterator[str]:
    at = layout.positions[layout.columns.index(column)]
    if at < 0:
        return
    own = layout.own
    shapes = {(at, len(layout.header))}  # of a row that stood in a reject file as it was, the export's own columns
    shapes |= {(own.index(at), len(own))} if at in own else set()
    for cells in (cells_of(text, layout), text.rstrip("\r\n").replace('"', "").split(layout.delimiter)):
        for place, width in shapes:
            yield from cells[max(place - max(width - len(cells), 0), 0) : place + max(len(cells) - width, 0) + 1]


def _values(text: str, path: str) -> Iterable[str]:
    """What stands under a path's last key, else every value of the line."""
    name = re.escape(json.dumps(path.rpartition(".")[2], ensure_ascii=False))
    return map(_spelled, re.findall(rf"{name}\s*:\s*{_VALUE}", text) or re.findall(_VALUE, text))


def _spelled(value: str) -> str:
    try:
        return str(json.loads(value)) if value.startswith('"') else value
    except ValueError:
        return value.strip('"')


def shape_of(text: str) -> str:
    """What texts of one kind share: order numbers of one shop look alike."""
    return re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", text))
