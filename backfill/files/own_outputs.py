"""Which files backfill wrote itself, recognised by their content, whatever they are called by now.

One in which there was nothing to write has no content: of such the state folder knows.
"""

import json
from collections.abc import Set
from pathlib import Path

from backfill.errors import SourceError
from backfill.fields import FIELDS
from backfill.files.book import Book
from backfill.files.formats import told_by
from backfill.files.open import open_parts
from backfill.files.part import Part
from backfill.storage.remote.path import FilePath, RemotePath

_START = 1 << 18  # bytes: a header and its first row
_LONGEST = 1 << 24  # of a summary
_SUMMARIES = (  # a run's, a plan's; the receipt of a check
    {"command", "exit_code", "files"},
    {"jobs", "totals", "exit_code"},
    {"receipt", "words", "inputs", "ledger"},
)
_LINES = (  # of --events, and of --changes: the keys that each line has
    {"event_name", "event_time", "do_not_capi"},
    {"key", "event_name", "order_id", "event_time", "run", "field", "before", "after", "file", "row"},
)
_BEGINNINGS = ("# HELP backfill_", "<!doctype html", "<html")  # figures; a page is no export, whoever wrote it


def is_ours(path: FilePath, state: Path | None = None) -> bool:
    """Whether the file holds rejects, gaps, events, a summary, figures or a page of ours alone; it may be packed.

    An empty one is ours where the state folder says so.
    """
    if state is not None and Book.seen(state).is_empty(path):
        return True
    try:
        if isinstance(path, RemotePath):
            from backfill.storage.remote.copies import beginning_of  # loaded only where a file is in a store

            with beginning_of(path, _START + _LONGEST) as start:
                return is_ours(start)
        if not path.is_file():  # reading a pipe would wait
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
        return (
            holds_rejects(start)
            or _holds_events(text)
            or (text.startswith("{") and any(_keys(start + file.read(_LONGEST)) >= names for names in _SUMMARIES))
        )


def holds_rejects(start: bytes) -> bool:
    """Whether a file that starts with these bytes holds rejects or gaps."""
    text = _text(start)
    return told_by(text).has_marks(text)


def _holds_events(text: str) -> bool:
    """Whether the first line is an event as it goes out, or a change of one: nothing but the API's fields."""
    keys = _keys(text.partition("\n")[0])
    return _LINES[0] <= keys <= FIELDS.keys() or keys == _LINES[1]


def _text(start: bytes) -> str:
    return _decoded(start[:_START]).lstrip("\ufeff \r\n")


def _decoded(start: bytes) -> str:
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return start[: len(start) & ~1].decode("utf-16", "replace")
    if start[1:2] == b"\0":
        return start[: len(start) & ~1].decode("utf-16-le", "replace")
    return start.decode("utf-8", "replace")


def _keys(text: str | bytes) -> Set[str]:
    """The keys of an object of JSON; none of what is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return set()
    return found.keys() if isinstance(found, dict) else set()
