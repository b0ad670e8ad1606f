"""Markdown as a screen shows it: paragraphs and tables fitted to its width, code as it is, marks for style left out."""

import re
import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby

_ITEM = re.compile(r" *(?:[-*]|\d+\.) ")
_CELL_ENDS = re.compile(r"(?<!\\)\|")
_GAP = "  "  # between a table's columns
_WORD = 28  # a column is not made narrower than its longest word, up to this


def laid_out(text: str, width: int) -> str:
    """Lay a page out for a screen of this many columns. The links to other pages become the command that shows them."""
    text = re.sub(r"\[([\w-]+)\]\(\1\.md\)", r"`backfill guide \1`", text)
    lines: list[str] = []
    for kind, block in groupby(_kinds(text), key=lambda found: found[0]):
        found = [line for _, line in block]
        match kind:
            case "text":
                lines += _wrapped(found, width)
            case "table":
                lines += _table(found, width)
            case "heading":
                lines += [mark for line in found for mark in _heading(line)]
            case _:
                lines += found
    return "\n".join(lines) + "\n"


def _kinds(text: str) -> Iterator[tuple[str, str]]:
    """Each line with what it is a part of; the fences around code are left out."""
    code = False
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            code = not code
        elif code:
            yield "code", f"    {line}" if line else ""
        elif line.startswith("|"):
            yield "table", line
        elif line.startswith("#"):
            yield "heading", line
        else:
            yield "text" if line.strip() else "", line


def _heading(line: str) -> tuple[str, str]:
    marks, _, title = line.partition(" ")
    return title, ("=" if marks == "#" else "-") * len(title)


def _wrapped(lines: Sequence[str], width: int) -> list[str]:
    """A paragraph, or a list's items, each after its mark."""
    items: list[list[str]] = []
    for line in lines:
        if items and not _ITEM.match(line):
            items[-1].append(line.strip())
        else:
            items.append([line.rstrip()])
    return [row for item in items for row in _item(" ".join(item), width)]


def _item(text: str, width: int) -> list[str]:
    """A text after its mark, code in one row each."""
    mark = found[0] if (found := _ITEM.match(text)) else ""
    kept = re.sub(r"`[^`]+`", lambda code: code[0].replace(" ", "\0"), text[len(mark) :])
    rows = _rows(kept, width - len(mark))
    return [(" " * len(mark) if at else mark) + row.replace("\0", " ") for at, row in enumerate(rows)]


def _rows(text: str, width: int) -> list[str]:
    return textwrap.wrap(_plain(text), max(width, 10), break_on_hyphens=False) or [""]


def _plain(text: str) -> str:
    return text.replace("**", "").replace("\\|", "|")


def _table(lines: Sequence[str], width: int) -> list[str]:
    """A table's columns next to each other, the widest ones narrowed until they fit."""
    head, _, *rows = [[cell.strip() for cell in _CELL_ENDS.split(line)[1:-1]] for line in lines]
    widths = _narrowed(list(zip(head, *rows, strict=True)), width - len(_GAP) * (len(head) - 1))
    shown = [head, ["-" * size for size in widths], *rows]
    return [line for row in shown for line in _side_by_side(row, widths)]


def _narrowed(columns: Sequence[Sequence[str]], room: int) -> list[int]:
    """Each column's width: its widest cell's, or less where there is no room; never less than its longest word's."""
    widest = [max(map(len, cells)) for cells in columns]
    words = [max(len(word) for cell in cells for word in _plain(cell).split(" ")) for cells in columns]
    least = [min(size, _WORD) for size in words]
    bound = max(widest)
    while bound > 1 and sum(_between(least, widest, bound)) > room:
        bound -= 1
    return _between(least, widest, bound)


def _between(least: list[int], most: list[int], bound: int) -> list[int]:
    return [max(low, min(high, bound)) for low, high in zip(least, most, strict=True)]


def _side_by_side(cells: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    if not any(cells[1:]):  # a title between the rows
        yield _plain(cells[0])
        return
    columns = [_rows(cell, size) for cell, size in zip(cells, widths, strict=True)]
    for at in range(max(map(len, columns))):
        row = [rows[at] if at < len(rows) else "" for rows in columns]
        yield _GAP.join(text.ljust(size) for text, size in zip(row, widths, strict=True)).rstrip()
