"""Reject files of JSON lines: the objects as they were written, with marks after their own keys."""

import codecs
import re
from collections.abc import Iterable
from itertools import chain
from typing import TextIO

from backfill.files.format import MarkedRows, Marking
from backfill.files.json_objects import Number, json_object, write_json
from backfill.files.marks import FILE, MARKS, RAW, WAS

ESCAPES = "backfill-json"
_is_number = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?", re.ASCII).fullmatch  # as JSON has it
_perhaps_marked = re.compile(r'"(?:_|\\u005)').search  # a text that begins as a mark does


def write_jsonl(file: TextIO, rows: Iterable[MarkedRows], marking: Marking) -> None:
    """Write a line for each row."""
    for one in chain.from_iterable(rows):
        row, unreadable = one.row, one.unreadable
        marks: dict[str, object] = dict(zip(MARKS, [row.number, *one.rules, one.key], strict=True))
        if marking.file:
            marks[FILE] = one.file
        if marking.was and not unreadable:
            marks[WAS] = one.was
        if unreadable:
            marks[RAW] = row.text.rstrip("\r\n")
        file.write(_marked("{}" if unreadable else row.text, marks) + "\n")


def _marked(text: str, marks: dict[str, object]) -> str:
    """A line as it was written, with marks after its content; it is written anew only to drop earlier marks."""
    if _perhaps_marked(text) and (found := json_object(text)).marks:
        text = write_json(found.values)
    body = text.removeprefix("\ufeff")[:-1].rstrip()
    return f"{body}{'' if body.endswith('{') else ','}{write_json(marks)[1:]}"


def edited(text: str, cells: dict[str, str]) -> str:
    """An object with other values, by their dotted paths or marks' names."""
    found = json_object(text)
    values, marks = dict(found.values), dict(found.marks)
    for name, cell in cells.items():
        if name in marks:
            marks[name] = cell
        else:
            _put(values, name, cell)
    own, said = write_json(values), write_json(marks)
    bare = text.rstrip("\r\n")
    joined = own if not marks else f"{own[:-1]}{',' if values else ''}{said[1:]}"
    return joined + text[len(bare) :]


def _put(values: dict[str, object], path: str, cell: str) -> None:
    """Put a text where a path leads; a number stays one. What is no object or list on the way is replaced by one."""
    first, dot, rest = path.partition(".")
    if path in values or not dot:
        values[path] = Number(cell) if isinstance(values.get(path), Number) and _is_number(cell) else cell
        return
    inner = values.get(first)
    if isinstance(inner, list) and rest.partition(".")[0].isdigit() and int(rest.partition(".")[0]) < len(inner):
        within: dict[str, object] = {str(at): one for at, one in enumerate(inner)}
        _put(within, rest, cell)
        values[first] = list(within.values())
    else:
        deeper = dict(inner) if isinstance(inner, dict) else {}
        _put(deeper, rest, cell)
        values[first] = deeper


def _in_json(error: UnicodeError) -> tuple[str, int]:
    """Spell out characters that the encoding lacks as JSON does: in four digits, or in two halves of four."""
    assert isinstance(error, UnicodeEncodeError)
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2)), error.end


codecs.register_error(ESCAPES, _in_json)
