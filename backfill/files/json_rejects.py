"""Reject files of JSON lines: the objects as they were written, with marks after their own keys."""

import codecs
import re
from collections.abc import Iterable
from typing import TextIO

from backfill.files.format import Marked, Marking
from backfill.files.json_objects import json_object, write_json
from backfill.files.marks import FILE, MARKS, RAW, WAS

ESCAPES = "backfill-json"
_perhaps_marked = re.compile(r'"(?:_|\\u005)').search  # a text that begins as a mark does


def write_jsonl(file: TextIO, rows: Iterable[Marked], marking: Marking) -> None:
    """Write a line for each row."""
    for one in rows:
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


def _in_json(error: UnicodeError) -> tuple[str, int]:
    """Spell out characters that the encoding lacks as JSON does: in four digits, or in two halves of four."""
    assert isinstance(error, UnicodeEncodeError)
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2)), error.end


codecs.register_error(ESCAPES, _in_json)
