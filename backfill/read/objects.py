"""Objects: JSON lines cut into rows, every value the text that was written."""

import json
import secrets
from collections.abc import Iterator
from typing import TextIO

import numpy as np

from backfill.read.lines import is_mark, sendable
from backfill.read.rows import FRAME_ROWS, RAW, REJECT_COLUMNS, Layout, Rows, frames

DEEPEST = 100  # levels of a JSON object
TOO_DEEP = "nested too deeply"
BLOCK_CHARACTERS = 1 << 17
_MARK = secrets.token_hex(8)  # what no line can hold
_BETWEEN = f',"{_MARK}",'
_ABSENT = object()


def jsonl_rows(source: TextIO, layout: Layout, part: int, frame: int = FRAME_ROWS) -> Iterator[Rows]:
    """Cut JSON lines into rows. A blank line is no row; a broken one costs itself."""
    return frames(_pieces(source, layout, part, min(BLOCK_CHARACTERS, 32 * frame)), frame)


def _pieces(source: TextIO, layout: Layout, part: int, size: int) -> Iterator[Rows]:
    paths = [(name, name.split(".")) for name in layout.columns]
    number = 1
    while lines := source.readlines(size):
        texts = [text for line in lines if (text := line.strip())]
        objects = _objects(texts)
        broken = {at: reason for at, (_, _, reason) in enumerate(objects) if reason is not None}
        found = [values for values, _, _ in objects]
        if not layout.met and len(broken) < len(texts):
            layout.met.append(1)
        cells = np.full((len(paths), len(texts)), "", dtype=object)
        for column, (name, path) in zip(cells, paths, strict=True):
            column[:] = _column(found, name, path, layout)
        hollow = np.flatnonzero(~cells.astype(bool).any(axis=0)).tolist()
        blank = {at for at in hollow if at not in broken and not _says(found[at], layout)}
        yield Rows.of(part, number, [text for _, text, _ in objects], cells, broken, blank)
        number += len(texts)


def _column(objects: list[dict[str, object]], name: str, path: list[str], layout: Layout) -> list[str]:
    """The trimmed texts at one dotted path; "" where there is none."""
    if len(path) == 1:
        values = [found.get(name, _ABSENT) for found in objects]
    else:
        values = [_at(found, name, path) for found in objects]
    if name not in layout.present and any(value is not _ABSENT for value in values):
        layout.present.add(name)
    texts = [(value if type(value) is str else _text(value)).strip() for value in values]
    return texts if len(layout.empty) == 1 else ["" if text in layout.empty else text for text in texts]


def _says(found: object, layout: Layout) -> bool:
    """Whether any value of the export itself says something."""
    if isinstance(found, dict):
        return any(_says(value, layout) for name, value in found.items() if not is_mark(name, layout))
    if isinstance(found, list):
        return any(_says(value, layout) for value in found)
    return found is not None and not (isinstance(found, str) and found.strip() in layout.empty)


class Number(str):
    """A JSON number as it was written: 20 digits stay 20 digits, 1.10 stays 1.10."""

    __slots__ = ()


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} stands for no value")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


_DECODER = json.JSONDecoder(parse_float=Number, parse_int=Number, parse_constant=_no_constant, object_pairs_hook=_once)


Object = tuple[dict[str, object], str, str | None]  # the values, the row's own text, why it can't be read


def _objects(texts: list[str]) -> list[Object]:
    """Read lines: all at once, which takes two thirds of the time, or one by one where any of them is unusual."""
    block = _BETWEEN.join(texts)
    try:
        found = _DECODER.decode(f"[{block}]")
    except (ValueError, RecursionError):
        found = []
    # A line that is no value of its own may be one together with the next, but not without what stands between them.
    whole = found[1::2] == [_MARK] * (len(texts) - 1) and all(type(values) is dict for values in found[::2])
    if not whole or len(found) != 2 * len(texts) - 1 or not block.isascii() or "\\u" in block or RAW in block:
        return [json_object(text) for text in texts]
    read = zip(found[::2], texts, strict=True)
    return [(values, text, None) if _shallow(values, text) else ({}, text, TOO_DEEP) for values, text in read]


def json_object(text: str) -> Object:
    """Read one line."""
    try:
        found = _DECODER.decode(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        return {}, text, f"not JSON: {error.msg} at character {error.pos + 1}"
    except ValueError as error:
        return {}, text, f"not JSON: {error}"
    except RecursionError:
        return {}, text, TOO_DEEP
    if not isinstance(found, dict):
        return {}, text, "not a JSON object"
    if not _shallow(found, text):
        return {}, text, TOO_DEEP
    if isinstance(raw := found.get(RAW), str) and not found.keys() - set(REJECT_COLUMNS):
        return {}, raw, "still as it was: only _raw is there"
    if not text.isascii() and not sendable(text):
        return {}, text, "bytes that are no text in the file's encoding"
    if "\\u" in text and not sendable(write_json(found)):
        return {}, text, "half a character (a lone surrogate)"
    return found, text, None


def _shallow(found: object, text: str) -> bool:
    return text.count("[") + text.count("{") <= DEEPEST or _depth(found) <= DEEPEST


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


def _at(found: object, name: str, path: list[str]) -> object:
    """The value at a dotted path, or _ABSENT."""
    if isinstance(found, dict) and name in found:
        return found[name]
    for step in path:
        if isinstance(found, dict) and step in found:
            found = found[step]
        elif isinstance(found, list) and step.isascii() and step.isdigit() and int(step[:9]) < len(found):
            found = found[int(step[:9])]
        else:
            return _ABSENT
    return found


def _text(value: object) -> str:
    """A value as a cell has it."""
    if isinstance(value, str):
        return str(value)
    if value is None or value is _ABSENT:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return write_json(value)


def write_json(value: object) -> str:
    """JSON text with every number as it was written."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k, ensure_ascii=False)}:{write_json(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(write_json, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
