"""The mapping grammar: YAML text in, a frozen `Mapping` out, or one error with every problem and its line."""

import codecs
import encodings.aliases
import re
import zoneinfo
from collections.abc import Callable
from dataclasses import fields as dataclass_fields
from typing import Any, get_args

from backfill.fields import EVENT_NAMES, FIELDS
from backfill.fields.cities import zone_hint
from backfill.mapping.cells import read_cell, read_column, read_each, read_where, word
from backfill.mapping.examples import with_examples
from backfill.mapping.model import (
    GROUPS,
    About,
    EventTemplate,
    FieldSource,
    FormatName,
    Lookup,
    Mapping,
    SourceOptions,
)
from backfill.mapping.yaml_nodes import Node, Notes, nearest, parse, quote

TOP_KEYS = (
    *("mapping", "name", "description", "about", "refuse", "detect", "detect_not"),
    *("source", "lookups", "where", "events", "tests"),
)
LOOKUP_KEYS = ("on", "separator")
EVENT_KEYS = ("event_name", "where", "key", "idempotency_key", "fields")
MAPPED = tuple(name for name in FIELDS if name not in ("event_name", "idempotency_key"))


def load_text(text: str, origin: str) -> Mapping:
    """Read a mapping from its YAML text; `origin` is what errors call it.

    Raises MappingError with every problem of the text, each with its line.
    """
    notes = Notes(origin)
    mapping = _mapping(parse(text, notes))
    notes.raise_problems()
    return mapping


def columns_named(text: str, detected: bool = False) -> set[str]:
    """The columns that a mapping reads, with those that only identify its export where that is asked.

    Other problems of the text are passed over.
    """
    notes = Notes("")
    mapping = _mapping(parse(text, notes))
    return {*notes.columns, *((*mapping.detect, *mapping.detect_not) if detected else ())}


def _mapping(root: Node) -> Mapping:
    refused = root.is_table and "refuse" in root.entries()
    entries = root.table(TOP_KEYS, required=("mapping", "name", *(() if refused else ("events",))))
    version, name, source = (entries.get(key) for key in ("mapping", "name", "source"))
    if version and version.text("1") not in (None, "1"):
        version.say(f"is {quote(str(version.raw.value))}, and this release reads grammar 1: write mapping: 1")
    if name and not re.fullmatch("[a-z0-9_-]+", name.text("letters a-z, digits, _ and -") or "a"):
        name.wrong("letters a-z, digits, _ and -")
    words = {key: entries[key].texts() for key in ("detect", "detect_not") if key in entries}
    mapping = Mapping(
        name=str(name.raw.value) if name else "",
        description=(entries["description"].text() or "") if "description" in entries else "",
        about=_about(entries["about"]) if "about" in entries else About(),
        refuse=entries["refuse"].text() if "refuse" in entries else None,
        source=_source(source) if source else SourceOptions(),
        lookups=_lookups(entries["lookups"]) if "lookups" in entries else {},
        where=read_where(entries["where"]) if "where" in entries else (),
        events=_events(entries["events"]) if "events" in entries else (),
        origin=root.notes.origin,
        detect=words.get("detect", ()),
        detect_not=words.get("detect_not", ()),
    )
    if source and source.is_table:
        _guard(source, words.get("detect", ()) + words.get("detect_not", ()))
        _own_columns(source, mapping)
    return with_examples(mapping, entries["tests"], SOURCE_READERS) if "tests" in entries else mapping


def _about(node: Node) -> About:
    entries = node.table(tuple(part.name for part in dataclass_fields(About)))
    texts = {key: entry.text() or "" for key, entry in entries.items() if key != "group"}
    return About(group=(entries["group"].choice(GROUPS) or "") if "group" in entries else "", **texts)


# --- source


def _source(node: Node) -> SourceOptions:
    entries = node.table(tuple(option.name for option in dataclass_fields(SourceOptions)))
    if "sum" in entries and entries["sum"].texts() and "group_by" not in entries:
        entries["sum"].say("adds up the rows of a record, and needs source.group_by to say which rows those are")
    return SourceOptions(**read_each(entries, SOURCE_READERS))


def _aliases(node: Node) -> dict[str, tuple[str, ...]]:
    owners: dict[tuple[str, str], str] = {}
    aliases = {}
    for column, spelling in node.entries("a mapping of columns to their other spellings").items():
        aliases[column] = spelling.texts()
        for alias in aliases[column]:
            scope = column.rpartition(".")[0], alias  # a lookup's columns are in another file
            if owners.setdefault(scope, column) != column:
                spelling.say(f"lists {quote(alias)}, which {quote(owners[scope])} lists already")
    return aliases


def _timezone(node: Node) -> str | None:
    name = node.text("an IANA name such as Europe/Berlin")
    if name is None:
        return None
    try:
        zoneinfo.ZoneInfo(name)
        if name != "localtime":  # what the machine is set to, not what the export is written in
            return name
    except (KeyError, ValueError, OSError):
        pass
    node.say(f"is {quote(name)}, which is no IANA time zone; {zone_hint(name)}")
    return None


def _date_hour(node: Node) -> int | None:
    text = node.text("an hour, 0 to 23")
    if text is None or re.fullmatch("[01]?[0-9]|2[0-3]", text):
        return None if text is None else int(text)
    node.wrong("an hour, 0 to 23")
    return None


def _header_rows(node: Node) -> int | None:
    text = node.text("a number, 1 to 5")
    if text is None or re.fullmatch("[1-5]", text):
        return None if text is None else int(text)
    node.wrong("a number, 1 to 5")
    return None


def _namespace(node: Node) -> str | None:
    text = node.text("a short text")
    if text is not None and not re.fullmatch(r"[A-Za-z0-9._-]{1,100}", text):
        node.wrong("at most 100 letters (A to Z), digits, '.', '_' and '-', as it is a part of keys")
    return text


_OF_WORDS = {"idna", "punycode", "unicode-escape", "raw-unicode-escape"}  # codecs of single texts, in which no file is


def is_encoding(name: str) -> bool:
    """Whether files may be in it: it makes text of bytes, however they are cut."""
    try:
        "a".encode(name)
        return codecs.lookup(name).name not in _OF_WORDS
    except (LookupError, ValueError):  # codecs that make no text, such as hex, are LookupErrors too
        return False


def _encoding(node: Node) -> str | None:
    name = node.text("an encoding's name such as utf-8 or cp1252")
    if not is_encoding(name or "utf-8"):
        names = {*encodings.aliases.aliases, *encodings.aliases.aliases.values()}
        hint = nearest(name or "", {known.replace("_", "-") for known in names})
        hint = hint if hint.startswith("nearest") else "write a name such as utf-8, utf-16, cp1252 or latin-1"
        node.say(f"is {quote(name or '')}, which is no text encoding known here; {hint}")
    return name


def _delimiter(node: Node) -> str | None:
    text = node.text('one character in quotes, such as ";", or the word tab')
    if text in ("tab", "\\t"):
        return "\t"
    if text is not None and (len(text) != 1 or text in '"\r\n'):
        node.wrong('one character in quotes, such as ";", or the word tab')
    return text


SOURCE_READERS: dict[str, Callable[[Node], Any]] = {
    "group_by": read_column,
    "sum": Node.texts,
    "optional": Node.texts,
    "aliases": _aliases,
    "empty": Node.texts,
    "timezone": _timezone,
    "date_order": word("ymd", "dmy", "mdy"),
    "date_hour": _date_hour,
    "decimal": word(".", ","),
    "namespace": _namespace,
    "on_conflict": word("reject", "first", "last"),
    "short_rows": word("reject", "pad"),
    "quoting": word("standard", "none"),
    "trailer": Node.texts,
    "header_rows": _header_rows,
    "format": word(*get_args(FormatName)),
    "encoding": _encoding,
    "delimiter": _delimiter,
    "sheet": Node.text,
}


def _guard(source: Node, detected: tuple[str, ...]) -> None:
    """Note every name in `sum`, `optional` and `aliases` that nothing uses: it is most likely misspelt."""
    used = source.notes.columns
    entries = {key: node for key, node in source.entries().items() if key in ("sum", "optional", "aliases")}
    for key, node in entries.items():
        listed = node.scalars() if key != "aliases" else node.entries().items() if node.is_table else ()
        for name, place in listed:
            if name not in used and not (key == "aliases" and name in detected):
                place.say(f"is about {quote(name)}, a column that the mapping never uses; {nearest(name, used)}")


def _own_columns(source: Node, mapping: Mapping) -> None:
    """Note a column of a lookup where rows are made records: lookups are joined to records, and come later."""
    entries = source.entries()
    for key in ("group_by", "sum"):
        for name, place in entries[key].scalars() if key in entries else ():
            if mapping.lookup_of(name):
                place.say(f"is {quote(name)}, a lookup's column, and must be one of the export itself")


# --- lookups


def _lookups(node: Node) -> dict[str, Lookup]:
    found = node.entries("a mapping of names to {on: [Column here, Column there]}")
    for name, entry in found.items():
        if not re.fullmatch("[A-Za-z][A-Za-z0-9_]*", name):
            entry.say("is no name for a lookup: letters, digits and _, with a letter first")
    lookups = {name: _lookup(name, entry) for name, entry in found.items()}
    known: set[str] = set()
    for name, lookup in lookups.items():  # they are joined in this order
        other = lookup.here.partition(".")[0]
        if other in lookups and other not in known and "." in lookup.here:
            found[name].say(f"is joined by a column of {quote(other)}, which must be above it")
        known.add(name)
    return lookups


def _lookup(name: str, node: Node) -> Lookup:
    entries = node.table(LOOKUP_KEYS, required=("on",))
    on = entries["on"].texts() if "on" in entries else ()
    if "on" in entries and len(on) != 2:
        entries["on"].wrong("a list of two columns, the one here and the one there")
    here, there = on if len(on) == 2 else ("", "")
    node.notes.columns |= {here: None, f"{name}.{there}": None}
    separator = entries["separator"].text("one character") if "separator" in entries else None
    return Lookup(here, there, separator or ";", node.line)


# --- events


def _events(node: Node) -> tuple[EventTemplate, ...]:
    if not node.is_list or not node.raw.value:
        node.wrong("a list with at least one event")
        return ()
    return tuple(_event(item) for item in node.items())


def _event(node: Node) -> EventTemplate:
    entries = node.table(EVENT_KEYS, required=("event_name", "fields"))
    nodes = entries["fields"].entries("a mapping of the API's fields to columns") if "fields" in entries else {}
    stated = [entries[key] for key in ("idempotency_key",) if key in entries]
    if "idempotency_key" in nodes and not nodes["idempotency_key"].unset:
        stated.append(nodes["idempotency_key"])
    nodes.pop("idempotency_key", None)
    if len(stated) > 1:
        stated[1].say("is there twice, in fields and next to it; one of them has to go")
    fields = {name: read_cell(cell, name) for name, cell in nodes.items() if not cell.unset}
    key_cell, send_key = _idempotency_key(stated[0]) if stated else (None, True)
    template = EventTemplate(
        event_name=_event_name(entries["event_name"]) if "event_name" in entries else FieldSource(),
        fields=fields,
        where=read_where(entries["where"]) if "where" in entries else (),
        key=_key(entries["key"], fields) if "key" in entries else (),
        idempotency_key=key_cell,
        send_key=send_key,
        line=node.line,
    )
    if "fields" in entries and _fields_known(nodes):
        _check_event(node, template)
    return template


def _fields_known(nodes: dict[str, Node]) -> bool:
    for name, node in nodes.items():
        if name == "event_name":
            node.say("is in fields, and belongs next to it")
        elif name not in FIELDS:
            node.say(f"is no field of the API; {nearest(name, MAPPED)}")
    return all(name in MAPPED for name in nodes)


def _event_name(node: Node) -> FieldSource:
    if not node.is_table:
        name = node.text("an event's name, or a mapping such as {column: Stage, map: {Won: purchase}}")
        if name is not None:
            _known_event(node, name)
        return FieldSource(value=name, line=node.line)
    cell = read_cell(node, "event_name")
    if cell.case is None:
        for name in (cell.value, cell.default, *(result for _, result in cell.map)):
            if name:
                _known_event(node, name)
    return cell


def _known_event(node: Node, name: str) -> None:
    if name not in EVENT_NAMES:
        node.say(f"gives {quote(name)}, which is no event of the API; {nearest(name, sorted(EVENT_NAMES))}")


def _idempotency_key(node: Node) -> tuple[FieldSource | None, bool]:
    if not node.is_table and not node.is_list and node.raw.value == "none":
        return None, False
    return read_cell(node, "idempotency_key"), True


def _key(node: Node, fields: dict[str, FieldSource]) -> tuple[str | FieldSource, ...]:
    parts: list[str | FieldSource] = []
    for item in node.items():
        if item.is_table:
            parts.append(read_cell(item, "key"))
            continue
        name = item.text("a field of this event, or {column: Name}")
        if name is not None and name not in fields:
            item.say(f"is {quote(name)}, no field of this event; {nearest(name, fields)}; a column is {{column: Name}}")
        elif name is not None:
            parts.append(name)
    if node.is_list and not node.raw.value:
        node.wrong("a list of fields or columns")
    return tuple(parts)


def _check_event(node: Node, template: EventTemplate) -> None:
    """Note what would make every event of this template a reject, or be sent twice."""
    fields = template.fields.keys()
    if not fields & {"email", "comet_token"} and not fields >= {"fingerprint", "ip"}:
        node.say("maps nothing that identifies a person; possible: email, comet_token, or fingerprint with ip")
    if "event_time" not in fields:
        node.say("maps no event_time, and every event needs one")
    if "order_id" not in fields and template.event_name.value == "purchase":
        node.say("maps no order_id, and a purchase needs one")
    if "order_id" not in fields and not template.send_key:
        node.say("sends no idempotency_key and maps no order_id, so nothing would tell its events apart")
