"""Examples inside a mapping: rows of an export, and the events or the codes that they must give."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from backfill.event import Code
from backfill.fields import FIELDS
from backfill.mapping.cells import read_each
from backfill.mapping.model import Bare, Example, Mapping
from backfill.mapping.yaml_nodes import Node, nearest, quote

SETTINGS = ("timezone", "date_order", "decimal")  # of source, that an example may set
EXAMPLE_KEYS = ("name", "rows", "lookups", *SETTINGS, "events", "codes")

_bare = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?|true|false").fullmatch  # as JSON has them


def with_examples(mapping: Mapping, node: Node, readers: dict[str, Callable[[Node], Any]]) -> Mapping:
    """Add the examples of a mapping; `readers` read the settings of its source."""
    if mapping.refuse:
        node.say("can't be used here: a mapping that refuses its export makes no events")
    readers = {name: readers[name] for name in SETTINGS}
    return replace(mapping, tests=tuple(_example(item, mapping, readers) for item in node.items()))


def _example(node: Node, mapping: Mapping, readers: dict[str, Callable[[Node], Any]]) -> Example:
    entries = node.table(EXAMPLE_KEYS, required=("name", "rows"))
    if node.is_table and not entries.keys() & {"events", "codes"}:
        node.say("says nothing of what it must give; write events: [] where that is nothing")
    lookups = entries["lookups"].entries("a mapping of lookups to rows") if "lookups" in entries else {}
    for name in [name for name in lookups if name not in mapping.lookups]:
        lookups.pop(name).say(f"is no lookup of this mapping; {nearest(name, mapping.lookups)}")
    return Example(
        name=(entries["name"].text() or "") if "name" in entries else "",
        rows=_rows(entries["rows"], _known(mapping)) if "rows" in entries else (),
        lookups={name: _rows(rows, _known(mapping, name)) for name, rows in lookups.items()},
        settings=read_each(entries, readers),
        events=tuple(_event(item) for item in entries["events"].items()) if "events" in entries else (),
        codes=tuple(_codes(entries["codes"])) if "codes" in entries else (),
        line=node.line,
    )


def _known(mapping: Mapping, lookup: str = "") -> list[str]:
    """The columns that the mapping names of the export, or of a lookup's, under all their names."""
    known = []
    for column in (*mapping.named, *mapping.detect, *(f"{name}.{one.there}" for name, one in mapping.lookups.items())):
        found = mapping.lookup_of(column)
        if (found[0] if found else "") == lookup:
            spellings = (column, *mapping.source.aliases.get(column, ()))
            known += [name.removeprefix(f"{lookup}.") if lookup else name for name in spellings]
    return known


# --- rows


def _rows(node: Node, known: list[str]) -> tuple[dict[str, Any], ...]:
    rows = tuple(_row(item, known) for item in node.items())
    if not rows:
        node.wrong("a list of rows, each a mapping of columns to cells")
    return rows


def _row(node: Node, known: list[str]) -> dict[str, Any]:
    found = node.entries("a mapping of columns to cells")
    folded = [name.strip().casefold() for name in known]
    for path, at in _paths(found):
        if not any(_meet(path.strip().casefold(), name) for name in folded):
            at.say(f"is a column that the mapping never names; {nearest(path, known)}")
    return {name: _cell(at) for name, at in found.items()}


def _paths(found: dict[str, Node], prefix: str = "") -> Iterator[tuple[str, Node]]:
    """Where the cells are, as dotted paths."""
    for name, node in found.items():
        if node.is_table:
            yield from _paths(node.entries(), f"{prefix}{name}.")
        elif node.is_list:
            yield from _paths({str(at): item for at, item in enumerate(node.items())}, f"{prefix}{name}.")
        else:
            yield prefix + name, node


def _meet(path: str, column: str) -> bool:
    """Whether one is the other, or is in it."""
    return path == column or path.startswith(f"{column}.") or column.startswith(f"{path}.")


def _cell(node: Node) -> Any:
    """Objects and lists, for JSON lines; else the text of the cell, None where there is none."""
    if node.is_table:
        return {name: _cell(at) for name, at in node.entries().items()}
    if node.is_list:
        return [_cell(item) for item in node.items()]
    if node.unset:
        return None
    text = node.text("a text", empty=True) or ""
    return Bare(text) if node.plain is not None and _bare(text) else text


# --- what they give


def _event(node: Node) -> dict[str, str | None]:
    found = node.entries("a mapping of fields to what is sent")
    for name in [name for name in found if name not in FIELDS]:
        found.pop(name).say(f"is no field of the API; {nearest(name, FIELDS)}")
    return {name: None if at.unset else at.text() for name, at in found.items()}


def _codes(node: Node) -> Iterable[str]:
    for text, item in node.scalars():
        if text not in list(Code):
            item.say(f"is {quote(text)}, which is no code of a reject; {nearest(text, list(Code))}")
    return node.texts()
