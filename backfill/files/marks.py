"""Marks: what a reject file says of a row in addition to the row's own cells, and where it is.

In CSV the marks are before the export's own columns, in JSON lines after the object's own keys. Only there they are
marks: a column of the export may have the name of one. Files of earlier releases have fewer, after the cells.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import unquote_plus

from backfill.event import EVENT_NAMES, Code

MARKS = ("_row", "_event", "_code", "_field", "_column", "_reason", "_key")
CODE, KEY = "_code", MARKS[-1]
FILE = "_file"  # follows them where there are several input files
WAS, RAW = "_was", "_raw"  # the last columns, only where they are needed
_EARLIER = ("_row", "_event", "_code", "_field", "_reason")
_SURE = len(MARKS) - 1  # so many identify a reject file: somebody may have deleted one
_ANYWHERE = 5  # so many do too wherever they are, the row's and the key's among them
_REMAINS = 3  # so many, in rows that say what a reject file says, are what a person has left of one

# What is read of them as well as the mapping's columns, under names that no column of a file has.
HELD_EVENT, HELD_KEY, HELD_WAS, HELD_OPEN = "\0_event", "\0_key", "\0_was", "\0_open"
HELD_CODE, HELD_FIELD, HELD_COLUMN = "\0_code", "\0_field", "\0_column"
HELD = {HELD_EVENT: "_event", HELD_KEY: KEY, HELD_WAS: WAS, HELD_OPEN: "_code"}
HELD |= {HELD_CODE: "_code", HELD_FIELD: "_field", HELD_COLUMN: "_column"}

T = TypeVar("T")
Marks = dict[str, int]  # a mark's name -> its column


def held_in(marks: Mapping[str, T], column: str) -> T | None:
    """What the marks have for one of HELD; whether a row's outcome is open is asked only where they lack its key."""
    return None if column == HELD_OPEN and KEY in marks else marks.get(HELD[column])


def marks_of_header(header: Sequence[str]) -> Marks:
    """Where a CSV header has its marks; none where it is no reject file's."""
    names = _plain(header)
    while names and not names[-1]:  # as a spreadsheet adds them
        names.pop()
    count = _in_order(names, MARKS)
    if count < _SURE:
        return _behind(names, _EARLIER, len(_EARLIER)) or _scattered(names)
    found = names[:count] + [FILE] * (names[count : count + 1] == [FILE])
    return {name: at for at, name in enumerate(found)} | _rightmost(names, len(found))


def marks_of_keys(names: Sequence[str]) -> Marks:
    """Where a JSON object's keys are marks: the last of them, or those that a program has sorted in; or nowhere."""
    plain = _plain(names)
    return _behind(plain, MARKS, _SURE) or _behind(plain, _EARLIER, len(_EARLIER)) or _scattered(plain)


def torn(row: Mapping[str, object], columns: Iterable[str] = ()) -> list[str]:
    """The marks that a person has left a reject file's row, by its columns, where they are too few; or none.

    An export may have one or two of its own: these say what a reject file says, and the mapping's `columns` lack them.
    """
    cells = {name: str(cell).strip() for name, cell in zip(_plain(row), row.values(), strict=True)}
    found = [mark for mark in (*MARKS, WAS, RAW) if mark in cells]
    if not found or marks_of_header([*row]) or marks_of_keys([*row]):
        return []
    number, codes = cells.get(MARKS[0], ""), {*cells.get(CODE, "").split("|")}
    if len(found) < _REMAINS:
        few = "_" in "".join(codes) or KEY in cells or WAS in cells
        if not (number.isdecimal() or (few and MARKS[0] not in cells)) or {*found} & {*_plain(columns)}:
            return []
    was = unquote_plus(cells.get(WAS, "").partition("=")[0]).removeprefix("!").lower()
    key = re.split("[@:]", cells.get(KEY, ""))
    return found if (was and was in cells) or codes & {*Code} or (key[0] in EVENT_NAMES and key[1:]) else []


def _plain(names: Iterable[str]) -> list[str]:
    """Names as they were written, whatever a program has made of their letters."""
    return [name.strip().lower() for name in names]


def _in_order(names: Iterable[str], marks: Sequence[str]) -> int:
    """How many of the names, from the first on, are marks in their order."""
    rest, count = iter(marks), 0
    for name in names:
        if name not in rest:
            break
        count += 1
    return count


def _scattered(names: list[str]) -> Marks:
    """The marks wherever a person has put them, or left them: so many that no export has them by chance."""
    found = {mark: names.index(mark) for mark in MARKS if mark in names}
    if len(found) < _ANYWHERE or not found.keys() >= {MARKS[0], KEY}:
        return {}
    found |= {FILE: names.index(FILE)} if FILE in names else {}
    return found | _rightmost(names, 0)


def _rightmost(names: list[str], begin: int) -> Marks:
    """The last marks, wherever they are by now: a person may have added columns behind them."""
    return {mark: len(names) - 1 - names[::-1].index(mark) for mark in (RAW, WAS) if mark in names[begin:]}


def _last(names: Sequence[str]) -> Marks:
    """The marks that are the last columns."""
    found, end = {}, len(names)
    for mark in (RAW, WAS):
        if end and names[end - 1] == mark:
            end -= 1
            found[mark] = end
    return found


def _behind(names: Sequence[str], marks: Sequence[str], least: int) -> Marks:
    """The marks that the names end with."""
    found = _last(names)
    end = len(names) - len(found)
    if end and names[end - 1] == FILE:
        end -= 1
        found[FILE] = end
    for count in range(len(marks), least - 1, -1):
        if count <= end and _in_order(names[end - count : end], marks) == count:
            return found | {names[at]: at for at in range(end - count, end)}
    return {}
