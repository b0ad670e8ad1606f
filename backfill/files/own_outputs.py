"""Ours: which files backfill wrote itself, told from what stands in them, whatever they are called by now."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

from backfill.errors import SourceError
from backfill.files.marks import marks_of_header, marks_of_keys
from backfill.files.open import Part, open_parts

_START = 1 << 18  # bytes: a header and its first row
_LINES = 30  # how far down a header may stand
_LONGEST = 1 << 24  # of a summary
_SUMMARIES = ({"command", "exit_code", "files"}, {"jobs", "totals", "exit_code"})  # a run's, a plan's
_BEGINNINGS = ("# HELP backfill_", "<!doctype html", "<html")  # figures; a page is no export, whoever wrote it


def is_ours(path: Path) -> bool:
    """Whether the file holds rejects, gaps, a summary, figures or a page of ours, and no more; it may be packed."""
    try:
        if not path.is_file():  # a pipe would be waited for
            return False
        with open_parts([str(path)]) as parts:
            return all(map(_wrote, parts))
    except (OSError, SourceError):
        return False


def _wrote(part: Part) -> bool:
    with part.binary() as file:
        start = file.read(_START)
        text = _text(start)
        if text.lower().startswith(tuple(map(str.lower, _BEGINNINGS))):
            return True
        return holds_rejects(start) or (text.startswith("{") and _is_summary(start + file.read(_LONGEST)))


def holds_rejects(start: bytes) -> bool:
    """Whether a file that starts with these bytes holds rejects or gaps."""
    text = _text(start)
    return _marked_object(text) if text.startswith(("{", "[")) else any(map(marks_of_header, _headers(text)))


def _text(start: bytes) -> str:
    return _decoded(start[:_START]).lstrip("\ufeff \r\n")


def _decoded(start: bytes) -> str:
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return start[: len(start) & ~1].decode("utf-16", "replace")
    if start[1:2] == b"\0":
        return start[: len(start) & ~1].decode("utf-16-le", "replace")
    return start.decode("utf-8", "replace")


def _headers(text: str) -> Iterator[list[str]]:
    """The first lines, by each of the delimiters that they may have: a spreadsheet or a person puts some above it."""
    for line in text.splitlines()[:_LINES]:
        for delimiter in ",;\t|":
            try:
                yield next(csv.reader([line], delimiter=delimiter), [])
            except csv.Error:
                yield line.split(delimiter)


def _marked_object(text: str) -> bool:
    """Whether the first object has marks, in whatever shape of JSON it stands."""
    try:
        pairs, _ = json.JSONDecoder(object_pairs_hook=list).raw_decode(text, max(text.find("{"), 0))
    except (ValueError, RecursionError):
        return False
    return bool(marks_of_keys([name for name, _ in pairs]))


def _is_summary(data: bytes) -> bool:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and any(found.keys() >= names for names in _SUMMARIES)
