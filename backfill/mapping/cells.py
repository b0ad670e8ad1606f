"""Cells and conditions of a mapping: which column, and what is done with it or asked of it."""

import re
import warnings
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal

from backfill.mapping.model import VARIES, Condition, FieldSource
from backfill.mapping.yaml_nodes import Node, quote

SOURCES = ("column", "first_of", "value", "template")
NUMBERS = ("amount", *(f"profile_field_{number}" for number in range(16, 26)))
BOOLEANS = ("is_upsell", "do_not_capi")

# YAML 1.2's core schema, where an unquoted scalar is more than text
TRUTH = frozenset({"true", "True", "TRUE", "false", "False", "FALSE"})
NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0x[0-9a-fA-F]+|0o[0-7]+")
DECIMAL = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")
MOST_DIGITS = 30  # that an id may be said to have
PART = re.compile(r"(?P<brace>\{\{|\}\})|\{(?P<column>[^{}]+)\}|(?P<text>[^{}]+)|(?P<stray>.)", re.DOTALL)


def read_each(entries: dict[str, Node], readers: dict[str, Callable[[Node], Any]]) -> dict[str, Any]:
    """Read the entries that have a reader, and keep those that could be read."""
    values = {key: readers[key](node) for key, node in entries.items() if key in readers}
    return {key: value for key, value in values.items() if value is not None}


def word(*words: str) -> Callable[[Node], str | None]:
    """Make a reader of one of these words."""
    return lambda node: node.choice(words)


def read_column(node: Node) -> str | None:
    """Read a column's name; an unquoted number is none, as it may as well be meant for a constant."""
    text = node.text("a column's name")
    if text is None:
        return None
    if node.plain is not None and NUMBER.fullmatch(text):
        node.say(f"is the number {text}: write {{value: {text}}} for a constant, or quote it to name a column")
        return None
    node.notes.columns[text] = None
    return text


def _columns(node: Node) -> tuple[str, ...] | None:
    names = [read_column(item) for item in node.items()] if node.is_list else []
    if not names:
        node.wrong("a list of columns")
        return None
    return tuple(name for name in names if name is not None)


def read_cell(node: Node, target: str = "") -> FieldSource:
    """Read where a field's text comes from; `target` is the field. One that can't be read gives a bare FieldSource."""
    if node.is_table:
        return _stepped(node, target)
    if node.is_list:
        return FieldSource(columns=_columns(node) or (), line=node.line)
    if node.plain in TRUTH and target == "idempotency_key":
        node.wrong("a column's name, or none to send no key")
    elif node.plain in TRUTH:
        return FieldSource(value=node.plain, line=node.line)
    elif target in BOOLEANS and (node.plain or "").lower() in ("yes", "no", "on", "off"):
        node.say(
            f"is the text {node.plain}: write true or false, or {{column: {node.plain}}} for a column of that name"
        )
    else:
        column = read_column(node)
        return FieldSource(columns=(column,) if column is not None else (), line=node.line)
    return FieldSource(line=node.line)


def _stepped(node: Node, target: str) -> FieldSource:
    entries = node.table((*SOURCES, *STEP_READERS))
    named = [key for key in SOURCES if key in entries]
    if len(named) != 1:
        node.say(f"names {' and '.join(named) or 'no source'}, and needs exactly one of {', '.join(SOURCES)}")
    if "value" in entries and target in ("idempotency_key", "key"):
        entries["value"].say("can't be used here: a constant tells no event from another")
    if "scale" in entries and target not in NUMBERS:
        entries["scale"].say("is a step for numbers, and works on amount and profile_field_16..25 only")
    if "minor_units" in entries and target != "amount":
        entries["minor_units"].say("is a step for money, and works on amount only")
    if "minor_units" in entries and "scale" in entries:
        entries["minor_units"].say("and scale can't both be set: one amount has one factor")
    if "timezone_column" in entries and target != "event_time":
        entries["timezone_column"].say("is a step for times, and works on event_time only")
    if "on_invalid" in entries and target in ("event_name", "idempotency_key", "key"):
        entries["on_invalid"].say(f"can't be used here: an event whose {target} can't be made is no event")
    values = read_each(entries, {**SOURCE_OF_CELL, **STEP_READERS})
    columns = values.pop("first_of", ())
    if "column" in values:
        columns = (values.pop("column"),)
    extract_line = entries["extract"].line if "extract" in entries else 0
    return FieldSource(columns=columns, line=node.line, extract_line=extract_line, **values)


def _template(node: Node) -> tuple[tuple[Literal["text", "column"], str], ...] | None:
    text = node.text('a text with columns in braces, such as "{First Name} {Last Name}"')
    parts: list[tuple[Literal["text", "column"], str]] = []
    for part in PART.finditer(text or ""):
        kind, found = part.lastgroup, part[part.lastgroup or 0]
        if kind == "stray":
            node.say(f"has a {found} without its partner: columns are {{Name}}, a brace itself is {{{{ or }}}}")
            return None
        if kind == "column":
            node.notes.columns[found] = None
            parts.append(("column", found))
        else:
            parts.append(("text", found[0] if kind == "brace" else found))
    if text is not None and not any(kind == "column" for kind, _ in parts):
        node.say('names no column: write "{Column}" in it, or use value for a constant')
    return tuple(parts)


def _pattern(node: Node) -> re.Pattern[str] | None:
    text = node.text("a regular expression")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what a later Python may read otherwise
            return re.compile(text) if text is not None else None
    except (re.error, RecursionError, OverflowError) as error:
        node.say(f"is no regular expression: {error}")
        return None


def _extract(node: Node) -> re.Pattern[str] | None:
    pattern = _pattern(node)
    if pattern is not None and not pattern.groups:
        node.say("has no group: put what is to be taken out in ( )")
    return pattern


def _replace(node: Node) -> tuple[tuple[str, str], ...]:
    pairs: dict[str, str] = {}
    for found, result in node.entries("a mapping of texts to texts").items():
        text = "" if result.unset else result.text(empty=True)
        if not found:
            result.say("replaces an empty text; use default for cells that are empty")
        elif text is not None:
            pairs[found] = text
    return tuple(pairs.items())


def _map(node: Node) -> tuple[tuple[str, str], ...]:
    pairs: dict[str, tuple[str, str]] = {}
    for found, result in node.entries("a mapping of texts to texts").items():
        text = "" if result.unset else result.text(empty=True)
        folded = found.strip().casefold()
        if not folded:
            result.say("maps an empty text; use default for cells that are empty")
        elif text is not None and pairs.setdefault(folded, (found, text))[1] != text:
            result.say(f"maps {quote(found)} a second time, since case makes no difference")
    return tuple(pairs.values())


def _scale(node: Node) -> Decimal | None:
    number = _number(node, "a decimal number above zero, such as 0.01")
    if number is not None and number <= 0:
        node.wrong("a decimal number above zero, such as 0.01")
        return None
    return number


def _digits(node: Node) -> int | None:
    possible = f"a whole number from 2 to {MOST_DIGITS}, or varies"
    text = node.text(possible)
    if text == "varies":
        return VARIES
    if text is not None and not (re.fullmatch("[0-9]{1,2}", text) and 2 <= int(text) <= MOST_DIGITS):
        node.wrong(possible)
        return None
    return None if text is None else int(text)


def _number(node: Node, possible: str) -> Decimal | None:
    text = node.text(possible)
    if text is not None and not DECIMAL.fullmatch(text):
        node.wrong(possible)
        return None
    return None if text is None else Decimal(text)


SOURCE_OF_CELL: dict[str, Callable[[Node], Any]] = {
    "column": read_column,
    "first_of": _columns,
    "value": Node.text,
    "template": _template,
}
STEP_READERS: dict[str, Callable[[Node], Any]] = {
    "strip": Node.texts,
    "replace": _replace,
    "separator": Node.texts,
    "extract": _extract,
    "digits": _digits,
    "map": _map,
    "case": word("lower", "upper", "title"),
    "scale": _scale,
    "minor_units": read_column,
    "timezone_column": read_column,
    "default": Node.text,
    "on_invalid": word("reject", "omit"),
}


# --- conditions


def read_where(node: Node) -> tuple[Condition, ...]:
    """Read the conditions on a record, one a column."""
    return tuple(_condition(column, test) for column, test in node.entries("a mapping of columns to tests").items())


def _condition(column: str, node: Node) -> Condition:
    node.notes.columns[column] = None
    if not node.is_table:
        return Condition(column, line=node.line, **_texts(node, "one_of"))
    entries = node.table(("not", *TEST_READERS))
    if not entries:
        node.say(f"holds no test; possible: not, {', '.join(TEST_READERS)}")
    tests = read_each(entries, TEST_READERS)
    if "not" in entries:
        tests |= _texts(entries["not"], "none_of")
    if tests.get("at_least", 0) > tests.get("at_most", tests.get("at_least", 0)):
        node.say("can never be met, since at_least is above at_most")
    matches_line = entries["matches"].line if "matches" in entries else 0
    return Condition(column, line=node.line, matches_line=matches_line, **tests)


def _texts(node: Node, test: Literal["one_of", "none_of"]) -> dict[str, Any]:
    """Read a text, a list of texts, or one of the words `empty` and `present` (which in a list are texts)."""
    possible = "a text, a list of texts, empty, present, or a mapping such as {at_least: 1}"
    texts = node.texts(possible, empty=node.is_list)
    if not texts:
        node.wrong(possible)
    elif not node.is_list and texts[0] in ("empty", "present"):
        return {"empty": (texts[0] == "empty") == (test == "one_of")}
    return {test: texts}


def _bound(node: Node) -> Decimal | None:
    return _number(node, "a decimal number")


def _time(node: Node) -> str | None:
    text = node.text("a date or time that begins with its year, such as 2024-01-31")
    if text is not None and not re.match("(19|20)[0-9]{2}", text):
        node.wrong("a date or time that begins with its year, such as 2024-01-31")
    return text


TEST_READERS: dict[str, Callable[[Node], Any]] = {
    "matches": _pattern,
    "at_least": _bound,
    "at_most": _bound,
    "before": _time,
    "after": _time,
    "not_all_of": read_column,
    "later_than": read_column,
    "first_by": read_column,
}
