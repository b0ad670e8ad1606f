"""Objects: JSON lines cut into rows, every value the text that was written.

`json_object` judges a line. orjson reads an ordinary one to the same end in less than half its time, but gives what
numbers are worth and not how they were written, and of two equal keys the last: what it leaves open is judged.
"""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import repeat
from typing import Any, NamedTuple, Protocol

import numpy as np
import orjson

from backfill.event import Code
from backfill.fields.arrow import Texts, filled, texts_of
from backfill.fields.mend import GUARDS, trim, unguarded
from backfill.fields.typed import TYPED, bare
from backfill.files.csv_lines import SHOWN, TOO_LONG, sendable
from backfill.files.format import Layout
from backfill.files.marks import CODE, HELD, RAW, held_in, marks_of_keys
from backfill.files.rows import FRAME_ROWS, LONGEST, MARK, Rows

BETWEEN = " \t\r\n,\x1e" + MARK  # what may be between two objects and says nothing
DEEPEST = 100  # levels of a JSON object
TOO_DEEP = "nested too deeply"
BLOCK_CHARACTERS = 1 << 16  # measured: what a core keeps at hand
_GATHERED = 1 << 20  # characters of a block of rows
_ABSENT = object()
_TOO_DEEP_INDENTED = b"\n" + b"  " * (1 + DEEPEST)  # a value that deep in one of several objects
# A path whose last key is no index, in characters that an ordinary line never spells out, as it never does a colon.
_plain = re.compile(r"(?:\w+[ .-])*[^\W\d]\w*", re.ASCII).fullmatch
_spelled_out = re.compile(rb"\\u00(?:2[0dDeE]|3[0-9aA]|[4-7])").search
_FULL = 30  # digits that a number may have
_number = re.compile(r"[ \t\r\n]*:[ \t\r\n]*(-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)").match

Values = dict[str, object]


class Object(NamedTuple):
    """A line as a row: its own values and text, why it can't be read, and what a reject file says of it."""

    values: Values
    text: str
    reason: str | None
    marks: Values = {}  # noqa: RUF012 (never changed)


class Lines(Protocol):
    """Texts of one object each, about so many characters of them at a time; none at the end."""

    def readlines(self, size: int, /) -> list[str]: ...


def jsonl_rows(source: Lines, layout: Layout, part: int, frame: int = FRAME_ROWS) -> Iterator[Rows]:
    """Cut JSON lines into rows, a block after the other. A blank line is no row; a broken one costs itself."""
    size, number, block = min(BLOCK_CHARACTERS, 32 * frame), 1, Block(layout)
    while lines := source.readlines(size):
        block.add(objects_of([text for line in lines if (text := line.strip().strip(","))]))
        if block.characters > min(_GATHERED, 32 * frame):
            yield block.rows(part, number)
            number, block = number + len(block), Block(layout)
    if len(block):
        yield block.rows(part, number)


class Block:
    """Objects as rows of columns, gathered until there are enough to be worth Arrow's calls."""

    def __init__(self, layout: Layout):
        self.layout, self.texts, self.characters = layout, list[str](), 0
        self._broken: dict[int, str] = {}
        self._cells: list[list[str]] = [[] for _ in layout.columns]
        self._guarded: list[tuple[int, int]] = []

    def __len__(self) -> int:
        return len(self.texts)

    def add(self, objects: list[Object]) -> None:
        """Take in what the mapped columns hold; the objects themselves are forgotten while they are at hand."""
        before, texts = len(self.texts), [one.text for one in objects]
        broken = {before + at: one.reason for at, one in enumerate(objects) if one.reason is not None}
        if not self.layout.met and len(broken) < len(texts):
            self.layout.met.append(1)
        found = [one.values for one in objects]
        for place, name in enumerate(self.layout.columns):
            if name in HELD:
                self._cells[place] += [_held(one.marks, name) for one in objects]
                continue
            column, places = _column(found, texts, name, self.layout)
            self._cells[place] += column
            self._guarded += [(before + at, place) for at in places]
        self.texts += texts
        self.characters += sum(map(len, texts))
        self._broken |= broken

    def columns(self) -> list[Texts]:
        return list(map(texts_of, self._cells))

    def rows(self, part: int, first: int) -> Rows:
        """The objects as rows, the first of them with this number."""
        columns, hollow = self.columns(), np.ones(len(self), bool)
        for name, cells in zip(self.layout.columns, columns, strict=True):
            if name not in HELD:
                hollow &= ~filled(cells)
        doubtful = [at for at in np.flatnonzero(hollow).tolist() if at not in self._broken]
        blank = {at for at in doubtful if not _says(json_object(self.texts[at]).values, self.layout)}
        return Rows.of(part, first, self.texts, columns, self._broken, blank, guarded=self._guarded)


def _held(marks: Values, name: str) -> str:
    text = unguarded(str(held_in(marks, name) or ""))
    return text if sendable(text) else ""


def objects_of(texts: list[str]) -> list[Object]:
    """Read lines: all at once where they are ordinary, else one by one."""
    try:
        written = [text.encode() for text in texts]  # a str would keep its bytes for as long as it lives
        if _ordinary(found := list(map(orjson.loads, written)), written):
            return list(map(Object, found, texts, repeat(None)))
    except (ValueError, TypeError):
        pass
    return [one for text in texts for one in objects_of([text])] if len(texts) != 1 else read_line(texts[0])


def _ordinary(found: list[Any], written: list[bytes]) -> bool:
    """Whether lines are what was found in them: objects without marks, none of them too deep, no key twice in one.

    Of two pairs with one key the first is gone, and its colon with it; no other colon comes or goes.
    """
    if set(map(type, found)) != {dict} or any("_row" in values or "_code" in values for values in found):
        return False
    text = b"\n".join(written)
    if b"\\" in text and _spelled_out(text):  # one character is found in a tenth of the time
        return False
    anew = orjson.dumps(found, option=orjson.OPT_INDENT_2)
    return _colons(anew) == _colons(text) and _TOO_DEEP_INDENTED not in anew


def _colons(text: bytes) -> int:
    return int(np.count_nonzero(np.frombuffer(text, np.uint8) == ord(":")))


def _column(objects: list[Values], texts: list[str], name: str, layout: Layout) -> tuple[list[str], list[int]]:
    """The trimmed texts at one dotted path, "" where there is none; and which had a spreadsheet's guard."""
    values = _values(objects, name)
    if name not in layout.present and any(value is not _ABSENT for value in values):
        layout.present.add(name)
    cells = _texts(values, texts, name)
    if name in layout.numbers:
        cells = [
            _in_full(cell) if isinstance(value, float | Number) else cell
            for value, cell in zip(values, cells, strict=True)
        ]
    joined, guarded = "\n".join(["", *cells]), []  # most columns are ordinary, and one search of the whole shows it
    if not joined.isascii():
        cells = [cell if cell.isascii() else trim(cell) for cell in cells]
    if any("\n" + guard in joined for guard in GUARDS):
        plain = [unguarded(cell) for cell in cells]
        guarded = [at for at, cell in enumerate(cells) if plain[at] != cell]
        cells = plain
    return cells if len(layout.empty) == 1 else ["" if bare(cell) in layout.empty else cell for cell in cells], guarded


def _in_full(number: str) -> str:
    """A number without the power that programs write large ones with; with its mark where it has a fraction."""
    powered = "e" in number.lower()
    if powered and abs(Decimal(number).adjusted()) < _FULL:
        number, powered = format(Decimal(number), "f"), False
    return f"{number}{TYPED}" if "." in number and not powered else number


def _values(objects: list[Values], name: str) -> list[object]:
    """What is at a dotted path in each, or _ABSENT. A key that has the dots itself comes first."""
    path = name.split(".")
    values: list[Any] = list(objects)
    for step in path:
        try:
            values = [value[step] for value in values]
        except (KeyError, TypeError):
            values = [value.get(step, _ABSENT) if type(value) is dict else _item(value, step) for value in values]
    if len(path) > 1 and any(name in found for found in objects):
        values = [found.get(name, value) for found, value in zip(objects, values, strict=True)]
    return values


def holds(found: Values, name: str) -> bool:
    """Whether anything is at a dotted path."""
    return _values([found], name)[0] is not _ABSENT


def _item(value: object, step: str) -> object:
    if isinstance(value, list) and step.isascii() and step.isdigit() and int(step[:9]) < len(value):
        return value[int(step[:9])]
    return _ABSENT


def _texts(values: list[Any], texts: list[str], name: str) -> list[str]:
    """The values as cells have them, trimmed; most columns are of one kind, which is one call for each."""
    kinds = set(map(type, values))
    if kinds == {str}:
        return list(map(str.strip, values))
    if kinds == {int} and 0 not in values:  # 0 may be there as -0
        return list(map(str, values))
    return [
        (value if type(value) is str else _cell(value, text, name)).strip()
        for value, text in zip(values, texts, strict=True)
    ]


def _cell(value: object, text: str, name: str) -> str:
    """A value as a cell has it."""
    if value is None or value is _ABSENT:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, int) and value:  # 0 may be there as -0
        return str(value)
    written = _as_written(value, text, name) if isinstance(value, int | float) else None
    return written or write_json(_values([json_object(text).values], name)[0])


def _as_written(value: float, text: str, name: str) -> str | None:
    """The number as the line has it, or None where that needs a closer look.

    The path's last key is there in quotes, and so are its namesakes: it is one of these, and which one does not
    matter unless two are worth the same and written in different ways.
    """
    key = name.rpartition(".")[2]
    if not _plain(name) or (key != name and f'"{name}"' in text):
        return None
    found = {match[1] for piece in text.split(f'"{key}"')[1:] if (match := _number(piece))}
    same = [number for number in found if float(number) == value]
    return same[0] if len(same) == 1 else None


def _says(found: object, layout: Layout) -> bool:
    """Whether any value of the export itself says something."""
    if isinstance(found, dict):
        return any(_says(value, layout) for value in found.values())
    if isinstance(found, list):
        return any(_says(value, layout) for value in found)
    return found is not None and not (isinstance(found, str) and found.strip() in layout.empty)


class Number(str):
    """A JSON number as it was written: 20 digits stay 20 digits, 1.10 stays 1.10."""

    __slots__ = ()


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no value of JSON")


class _Marked(dict[str, object]):
    """An object with marks; what is its own may have their names."""

    own: Values
    marks: Values


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    places = {*marks_of_keys([name for name, _ in pairs]).values()}
    rest = [pair for at, pair in enumerate(pairs) if at not in places] if places else pairs
    own = dict(rest)
    if len(own) < len(rest):
        raise ValueError("a key is there twice in one object")
    if not places:
        return own
    found = _Marked(pairs)
    found.own, found.marks = own, dict(pair for at, pair in enumerate(pairs) if at in places)
    return found


_DECODER = json.JSONDecoder(parse_float=Number, parse_int=Number, parse_constant=_no_constant, object_pairs_hook=_once)


def json_object(text: str) -> Object:
    """Read one line."""
    try:
        found = _DECODER.decode(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        return Object({}, text, f"not JSON: {error.msg} at character {error.pos + 1}")
    except ValueError as error:
        return Object({}, text, f"not JSON: {error}")
    except RecursionError:
        return Object({}, text, TOO_DEEP)
    if not isinstance(found, dict):
        return Object({}, text, "not a JSON object")
    if text.count("[") + text.count("{") > DEEPEST and _depth(found) > DEEPEST:
        return Object({}, text, TOO_DEEP)
    found, marks = (found.own, found.marks) if isinstance(found, _Marked) else (found, {})
    raw, codes = (str(marks.get(name) or "") for name in (RAW, CODE))
    if (raw or Code.UNREADABLE in codes.split("|")) and not found:
        return Object({}, raw, "still as it was: only its marks are there", marks)
    if not text.isascii() and not sendable(text):
        return Object({}, text, "bytes that are no text in the file's encoding")
    if "\\u" in text and not sendable(write_json(found)):
        return Object({}, text, "half a character (a lone surrogate)")
    return Object(found, text, None, marks)


def _depth(found: object) -> int:
    level, deep = [found], 0
    while level:
        deep += 1
        level = [
            value
            for one in level
            if isinstance(one, dict | list)
            for value in (one.values() if isinstance(one, dict) else one)
        ]
    return deep


def read_line(text: str) -> list[Object]:
    """Read what is on one line: an object, several, or none where it is a bracket of the array around them."""
    if len(text) > LONGEST:
        return [Object({}, text[:SHOWN], TOO_LONG)]
    found = json_object(text)
    several = _apart(text.strip(BETWEEN)) if found.reason and not found.marks else None
    return [found] if several is None else [json_object(one) for one in several]


def _apart(text: str) -> list[str] | None:
    """The texts of the objects in a line that has nothing else; None for any other line."""
    if text in ("[", "]", "],", "],["):
        return []
    text = text.removeprefix("[").strip(BETWEEN) if text.startswith("[{") else text
    found: list[str] = []
    at = 0
    while at < len(text) and text[at:].strip(BETWEEN + "]"):
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            return None
        if not isinstance(value, dict):
            return None
        found.append(text[at:end])
        at = end + len(text[end:]) - len(text[end:].lstrip(BETWEEN))
    return found


_encoded = json.JSONEncoder(ensure_ascii=False).encode


def write_json(value: object) -> str:
    """JSON text with every number as it was written."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{_encoded(k)}:{write_json(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(write_json, value)) + "]"
    return _encoded(value)
