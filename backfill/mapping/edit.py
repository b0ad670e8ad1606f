"""Edits of a mapping's text: the lines that change are written as a person would, every other stays as it is.

What has an anchor there changes for all that repeat it.
"""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

import yaml

from backfill.errors import MappingError
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
    entries = [pair for found in _wheres(text) if found is not None for pair in _table(found).value]
    node = entries[place][1]
    if isinstance(node, yaml.MappingNode):
        entry = _find(node, "not")
        if entry is None:
            raise ValueError("this condition lists no values")
        node = entry.value
    edited = _replaced(text, node, several(values))
    load_text(edited, "")
    return edited


class Off(NamedTuple):
    """A condition that is switched off: a comment where it would stand. `table` is an event's number, -1 for all."""

    table: int
    column: str
    key: str  # as it is written, and the tests
    written: str
    line: int


def without_condition(text: str, place: int) -> str:
    """Switch the condition at this place off, of the mapping and then of its events: it becomes a comment.

    Raises MappingError where something else repeats what is in it.
    """
    pairs = [(where, pair) for where in _wheres(text) if where is not None for pair in _table(where).value]
    where, (key, value) = pairs[place]
    start, end, only = key.start_mark.index, max(_end(text, value), key.end_mark.index), len(where.value.value) == 1
    said = f"# {text[start : key.end_mark.index]}: {_in_flow(text, value)}"
    if _table(where).flow_style:
        indent = " " * (where.key.start_mark.column + 2)
        at = _line_end(text, _end(text, where.value))
        edited = _put(text, at, at, f"\n{indent}{said}")
        removed = _cut(edited, start, end, flow=True)
        edited = _replaced(edited, where.value, "{}") if only else removed
    else:
        edited = _put(text, start, end, said)
        after = where.key.end_mark.index + 1  # the colon
        edited = _put(edited, after, after, " {}") if only else edited
    return without_unused(edited)


def conditions_off(text: str, columns: Collection[str]) -> list[Off]:
    """The conditions on these columns that are switched off, in their order."""
    found = []
    for table, where in enumerate(_wheres(text), -1):
        for line, said in _comments_in(text, where) if where is not None else ():
            with suppress(MappingError, ValueError):
                ((key, value),) = _table_of(said)
                if key.value in columns:
                    one = Off(table, key.value, _in_flow(said, key), _in_flow(said, value), line)
                    with_condition(text, one)  # which shows whether it is one
                    found.append(one)
    return found


def with_condition(text: str, off: Off) -> str:
    """Switch a condition on again. Raises MappingError where the mapping is none then."""
    where = _wheres(text)[off.table + 1]
    assert where is not None
    lines, value = text.splitlines(keepends=True), where.value
    before, line, after = "".join(lines[: off.line]), lines[off.line], "".join(lines[off.line + 1 :])
    if value.value and _table(where).flow_style:
        edited = _added(before + after, _table(where), off.key, off.written)
    else:
        indent = value.value[0][0].start_mark.column if value.value else len(line) - len(line.lstrip())
        edited = f"{before}{' ' * indent}{line.lstrip()[2:]}{after}"
        if not value.value:  # a block takes the place of nothing
            edited = _put(edited, where.key.end_mark.index + 1, _end(text, value), "")
    load_text(edited, "")
    return edited


def _wheres(text: str) -> list[Entry | None]:
    """What decides which records count, of the mapping and of each event."""
    return [_find(_root(text), "where"), *(_find(event, "where") for event in _events(text))]


def _comments_in(text: str, where: Entry) -> Iterator[tuple[int, str]]:
    """The comments below a `where` and further in than it: each one's line, and what it says."""
    lines, column = text.splitlines(), where.key.start_mark.column
    for number in range(where.key.start_mark.line + 1, len(lines)):
        line = lines[number]
        bare = line.lstrip(" ")
        if bare and len(line) - len(bare) <= column:
            return
        if bare.startswith("# "):
            yield number, bare[2:]


def _table_of(said: str) -> list[tuple[yaml.Node, yaml.Node]]:
    """The entries of a text that is a table. Raises ValueError where it is none."""
    with suppress(MappingError):
        node: yaml.Node = parse(said, Notes("")).raw
        if isinstance(node, yaml.MappingNode):
            return list(node.value)
    raise ValueError("no table")


def _in_flow(text: str, node: yaml.Node) -> str:
    """A node as it is written in one line."""
    if isinstance(node, yaml.MappingNode):
        return f"{{{', '.join(f'{_in_flow(text, key)}: {_in_flow(text, value)}' for key, value in node.value)}}}"
    if isinstance(node, yaml.SequenceNode):
        return f"[{', '.join(_in_flow(text, one) for one in node.value)}]"
    plain = getattr(node, "style", None) is None and not set(node.value) & set(",[]{}#:&*\n")
    return str(node.value) if plain else json.dumps(node.value, ensure_ascii=False)


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
