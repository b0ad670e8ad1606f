"""The cells of one JSON object, from its own text, for what only few rows are asked."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

import pyarrow as pa

from backfill.fields.arrow import Texts
from backfill.fields.typed import bare
from backfill.files.format import Layout
from backfill.files.json_objects import Block, json_object, objects_of, write_json
from backfill.files.marks import HELD
from backfill.files.rows import CODEC, encoded

_VALUE = r'("(?:[^"\\]|\\.)*"|-?[0-9]+(?:\.[0-9]+)?)'  # of a JSON line: a text or a number


class JsonCells:
    """The cells of one object: what is at its paths."""

    def __init__(self, text: str, layout: Layout):
        self._text, self._layout = text, layout

    @property
    def marks(self) -> dict[str, str]:
        return {name: str(value) for name, value in json_object(self._text).marks.items()}

    def shown(self) -> Iterator[tuple[str, str]]:
        columns = self._layout.columns
        mapped_cells = mapped(encoded([self._text]), self._layout)
        yield from ((name, bare(cells[0].as_py())) for name, cells in mapped_cells.items() if name not in HELD)
        yield from ((path, text) for path, text in _leaves(json_object(self._text).values) if path not in columns)

    def said(self, but: Collection[str]) -> frozenset[tuple[str, str]]:
        """Of objects in objects each for itself, as only some of it may be mapped; what is empty says nothing."""
        return frozenset(_filled(json_object(self._text).values, but))

    def end_before(self, column: str) -> bool:
        return False

    def candidates(self, column: str) -> Iterable[str]:
        """What is under a path's last key, else every value of the line."""
        name = re.escape(json.dumps(column.rpartition(".")[2], ensure_ascii=False))
        found = re.findall(rf"{name}\s*:\s*{_VALUE}", self._text) or re.findall(_VALUE, self._text)
        return map(_spelled, found)

    def placed(self, column: str, others: Collection[str]) -> Iterator[str]:
        """What is under its name, as deep as its path is, and was not cut."""
        name = re.escape(json.dumps(column.rpartition(".")[2], ensure_ascii=False))
        for found in re.finditer(rf"{name}\s*:?\s*{_VALUE}(?:(?<=\")|(?=[^0-9.]))", self._text):
            before = Counter(re.sub(r'"(?:[^"\\]|\\.)*"', "", self._text[: found.start()]))  # without texts
            if before["{"] + before["["] - before["}"] - before["]"] == column.count(".") + 1:
                yield _spelled(found[1])


def mapped(written: pa.BinaryArray, layout: Layout) -> dict[str, Texts]:
    """The mapping's columns of objects that are written like this."""
    texts = [text.decode(*CODEC) for text in written.to_pylist()]
    block, objects = Block(layout), objects_of(texts)
    several = len(objects) != len(texts)  # lines of which only the first object is asked for
    block.add([objects_of([text])[0] for text in texts] if several else objects)
    return dict(zip(layout.columns, block.columns(), strict=True))


def _leaves(found: object, prefix: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(found, dict):
        for key, value in found.items():
            yield from _leaves(value, f"{prefix}.{key}" if prefix else key)
    elif isinstance(found, list):
        for at, value in enumerate(found[:20]):
            yield from _leaves(value, f"{prefix}.{at}")
    elif found is not None:
        yield prefix, str(found)


def _filled(found: Mapping[str, object], but: Collection[str], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in found.items():
        if (path := prefix + name) in but or value in (None, "", [], {}):
            continue
        if isinstance(value, dict):
            yield from _filled(value, but, f"{path}.")
        else:
            yield path, write_json(value)


def _spelled(value: str) -> str:
    try:
        return str(json.loads(value)) if value.startswith('"') else value
    except ValueError:
        return value.strip('"')
