"""Edits of a mapping's text: the lines that change are written as a person would, every other stays as it is.

What has an anchor there changes for all that repeat it.
"""

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

import yaml

from backfill.mapping.load import columns_named, load_text
from backfill.mapping.yaml_nodes import Notes, parse
from backfill.mapping.yaml_text import listed, scalar, several

_anchor = re.compile(r"&\S+[ \t]*")
_repeat = re.compile(r"[\s:]*\*[\w-]+")
_AFTER_SOURCE = ("lookups", "where", "events", "tests")


class Entry(NamedTuple):
    """One `key: value` of a table, and the table that it is in."""

    key: yaml.Node
    value: yaml.Node
    table: yaml.MappingNode


def with_columns(text: str, event: int, field: str, columns: Sequence[str]) -> str:
    """Let a field of an event come from these columns, its steps as they are; from none, it is no longer sent.

    Raises ValueError where the field is a constant or a template, and MappingError where the mapping is none then.
    """
    fields = _table(_find(_events(text)[event], "fields"))
    entry = _find(fields, field)
    if entry is None:
        edited = _added(text, fields, field, listed(columns)) if columns else text
    elif not columns:
        edited = _removed(text, entry)
    elif isinstance(entry.value, yaml.MappingNode):
        source = _find(entry.value, "column") or _find(entry.value, "first_of")
        if source is None:
            raise ValueError(f"{field} comes from no column alone")
        written = f"column: {scalar(columns[0])}" if len(columns) == 1 else f"first_of: {several(columns)}"
        edited = _put(text, source.key.start_mark.index, _end(text, source.value), written)
    else:
        edited = _replaced(text, entry.value, listed(columns))
    return without_unused(edited)


def with_source(text: str, event: int, field: str, written: str) -> str:
    """Let a field of an event have this YAML as its source, whatever it had. Raises MappingError."""
    entry = _find(_table(_find(_events(text)[event], "fields")), field)
    assert entry is not None
    return without_unused(_replaced(text, entry.value, written))


def without_event(text: str, event: int) -> str:
    """The mapping without one of its events. Raises MappingError where others repeat what is in it, or none is left."""
    node = _events(text)[event]
    return without_unused(_cut(text, node.start_mark.index, _end(text, node), flow=False))


def without_conditions(text: str, columns: Collection[str]) -> str:
    """The mapping without its conditions, and those of its events, on any of these columns. Raises MappingError."""
    while entry := _condition(text, columns):
        text = _removed(text, entry)
    return without_unused(text)


def _condition(text: str, columns: Collection[str]) -> Entry | None:
    """The first condition on one of the columns; the whole `where`, where there is no other in it."""
    for table in (_root(text), *_events(text)):
        where = _find(table, "where")
        if where is not None and isinstance(where.value, yaml.MappingNode):
            found = [entry for name in columns if (entry := _find(where.value, name))]
            if found:
                return found[0] if len(where.value.value) > 1 else where
    return None


def with_setting(text: str, name: str, value: str) -> str:
    """State a setting of the source. Raises MappingError where its value is none."""
    root = _root(text)
    source, written = _find(root, "source"), scalar(value) if value not in ".," else f'"{value}"'
    if source is None:
        edited = _with_source(text, root, f"source: {{{name}: {written}}}")
    elif not isinstance(source.value, yaml.MappingNode):  # it is there, and says nothing
        edited = _put(text, source.key.start_mark.index, _end(text, source.value), f"source: {{{name}: {written}}}")
    elif (entry := _find(source.value, name)) is not None:
        edited = _replaced(text, entry.value, written)
    else:
        edited = _added(text, source.value, name, written)
    load_text(edited, "")
    return edited


def with_values(text: str, place: int, values: Sequence[str]) -> str:
    """Let the condition at this place, of the mapping and then of its events, list these values.

    Raises ValueError where it lists none, and MappingError where the mapping is none then.
    """
    tables = [_find(_root(text), "where"), *(_find(event, "where") for event in _events(text))]
    entries = [pair for found in tables if found is not None for pair in _table(found).value]
    node = entries[place][1]
    if isinstance(node, yaml.MappingNode):
        entry = _find(node, "not")
        if entry is None:
            raise ValueError("this condition lists no values")
        node = entry.value
    edited = _replaced(text, node, several(values))
    load_text(edited, "")
    return edited


def without(text: str, key: str) -> str:
    """The mapping without one of its parts, such as `tests`, and the blank lines above it."""
    entry = _find(_root(text), key)
    return text if entry is None else _removed(text, entry).rstrip("\n") + "\n"


# -- finding ---------------------------------------------------------------------------------------------------------


def _root(text: str) -> yaml.Node:
    return parse(text, Notes("")).raw


def _events(text: str) -> list[yaml.Node]:
    events = _find(_root(text), "events")
    assert events is not None
    return list(events.value.value) if isinstance(events.value, yaml.SequenceNode) else [events.value]


def _find(node: yaml.Node, key: str) -> Entry | None:
    assert isinstance(node, yaml.MappingNode)
    return next((Entry(name, value, node) for name, value in node.value if name.value == key), None)


def _table(entry: Entry | None) -> yaml.MappingNode:
    assert entry is not None and isinstance(entry.value, yaml.MappingNode)
    return entry.value


def _end(text: str, node: yaml.Node) -> int:
    """Where a node's own text ends: a block's mark is where the next thing begins."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(text, last[1] if isinstance(last, tuple) else last)
    start, end = node.start_mark.index, node.end_mark.index
    return start + len(text[start:end].rstrip())


# -- writing ---------------------------------------------------------------------------------------------------------


def _put(text: str, start: int, end: int, written: str) -> str:
    return text[:start] + written + text[end:]


def _replaced(text: str, node: yaml.Node, written: str) -> str:
    """Another value in place of a node's; a list that stands below its key moves up to it."""
    anchor = _anchor.match(text, node.start_mark.index)
    start, end = anchor.end() if anchor else node.start_mark.index, _end(text, node)
    if "\n" in text[start:end] or not text[:start].rpartition("\n")[2].strip():
        kept = text[:start].rstrip()
        return f"{kept} {written}{text[end:]}"
    return _put(text, start, end, written)


def _added(text: str, table: yaml.MappingNode, key: str, written: str) -> str:
    """One entry more at a table's end."""
    if table.flow_style:
        close = table.end_mark.index - 1
        inner = text[:close].rstrip()
        return f"{inner}{', ' if table.value else ''}{key}: {written}{text[len(inner) :]}"
    first, last = table.value[0][0], table.value[-1][1]
    at = _line_end(text, _end(text, last))
    return _put(text, at, at, f"\n{' ' * first.start_mark.column}{key}: {written}")


def _removed(text: str, entry: Entry) -> str:
    """A table without one entry; one that had no other goes as well."""
    start, end = entry.key.start_mark.index, _end(text, entry.value)
    if end < start:  # it repeats what has an anchor further up
        repeat = _repeat.match(text, entry.key.end_mark.index)
        assert repeat is not None
        end = repeat.end()
    return _cut(text, start, end, flow=bool(entry.table.flow_style))


def _cut(text: str, start: int, end: int, flow: bool) -> str:
    if not flow:
        return _put(text, text.rfind("\n", 0, start) + 1, _line_end(text, end) + 1, "")
    after = text[end:].lstrip()
    if after.startswith(","):
        return text[:start] + after[1:].lstrip()
    before = text[:start].rstrip()
    return before.removesuffix(",") + text[end:]


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found


def _with_source(text: str, root: yaml.Node, line: str) -> str:
    """The source above what follows it, and above the comments on that."""
    following = next(entry for key in _AFTER_SOURCE if (entry := _find(root, key)))
    lines = text[: following.key.start_mark.index].splitlines(keepends=True)
    at = len(lines)
    while at and lines[at - 1].startswith("#"):
        at -= 1
    return "".join([*lines[:at], f"{line}\n\n", *lines[at:], text[following.key.start_mark.index :]])


# -- what names a column that nothing reads any more -----------------------------------------------------------------


def without_unused(text: str) -> str:
    """The mapping without what its source says of columns that nothing reads. Raises MappingError."""
    for key in ("sum", "optional", "aliases"):
        text = _less(text, key)
    load_text(text, "")
    return text


def _less(text: str, key: str) -> str:
    """The mapping whose source says under this key nothing of a column that nothing reads."""
    source = _find(_root(text), "source")
    entry = _find(source.value, key) if source and isinstance(source.value, yaml.MappingNode) else None
    if entry is None or source is None or not (names := _names(entry.value)):
        return text
    used = columns_named(text, detected=key == "aliases")
    kept = [name for name in names if name in used]
    if kept == names:
        return text
    if not kept:
        whole = len(_table(source).value) == 1  # it says nothing else
        return _removed(text, source if whole else entry)
    if not isinstance(entry.value, yaml.MappingNode):
        return _replaced(text, entry.value, several(kept))
    alias = _find(entry.value, next(name for name in names if name not in used))
    assert alias is not None
    return _less(_removed(text, alias), key)


def _names(node: yaml.Node) -> list[str]:
    """What a list lists, or a table's keys."""
    nodes = [key for key, _ in node.value] if isinstance(node, yaml.MappingNode) else node.value
    return [one.value for one in nodes] if isinstance(node, yaml.CollectionNode) else [node.value]
