"""The mapping grammar as a JSON Schema, for editors: made from the loader's own tables, so that they can't differ."""

from typing import Any, get_args

from backfill.event import Code
from backfill.fields import EVENT_NAMES, FIELDS
from backfill.mapping.cells import MOST_DIGITS, NUMBERS, SOURCES, STEP_READERS, TEST_READERS
from backfill.mapping.examples import EXAMPLE_KEYS, SETTINGS
from backfill.mapping.load import EVENT_KEYS, LOOKUP_KEYS, MAPPED, SOURCE_READERS, TOP_KEYS
from backfill.mapping.model import GROUPS, FormatName

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string", "minLength": 1}
_SCALAR: Schema = {"type": ["string", "number", "boolean"]}
_TEXTS: Schema = {"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR}]}
_NUMBER: Schema = {"type": ["number", "string"], "pattern": r"^-?[0-9]{1,20}(\.[0-9]{1,20})?$"}
_TIME: Schema = {"type": "string", "pattern": "^(19|20)[0-9]{2}"}
_REGEX: Schema = {"type": "string", "format": "regex", "minLength": 1}


def _word(*words: str) -> Schema:
    return {"enum": list(words)}


_ABOUT: dict[str, Schema] = {
    "group": _word(*GROUPS),
    "export": _TEXT | {"description": "how to get the file"},
    "clock": _TEXT | {"description": "which zone its times are in, and who says so"},
    "money": _TEXT | {"description": "what its amounts are"},
}
_DIGITS: Schema = {
    "type": ["integer", "string"],
    "minimum": 2,
    "maximum": MOST_DIGITS,
    "pattern": "^([2-9]|[12][0-9]|30|varies)$",
}
_SOURCE: dict[str, Schema] = {
    "group_by": _TEXT | {"description": "rows that share this column's value are one record"},
    "sum": _TEXTS | {"description": "columns added up over a record's rows"},
    "optional": _TEXTS | {"description": "columns that the file may lack"},
    "aliases": {"type": "object", "additionalProperties": _TEXTS, "description": "other spellings of a header"},
    "empty": _TEXTS | {"description": "cell texts that mean empty"},
    "timezone": _TEXT | {"description": "IANA zone of times without an offset; never guessed"},
    "date_order": _word("ymd", "dmy", "mdy"),
    "date_hour": {"type": ["integer", "string"], "description": "the hour that a bare date means (12)"},
    "decimal": _word(".", ","),
    "namespace": _TEXT | {"pattern": "^[A-Za-z0-9._-]{1,100}$", "description": "a shop's or CRM's own mark in keys"},
    "on_conflict": _word("reject", "first", "last"),
    "short_rows": _word("reject", "pad"),
    "quoting": _word("standard", "none"),
    "trailer": _TEXTS | {"description": "a row whose first filled cell begins so is no data"},
    "header_rows": {"enum": [*range(1, 6), *map(str, range(1, 6))], "description": "rows that the header takes (1)"},
    "format": _word(*get_args(FormatName)),
    "encoding": _TEXT,
    "delimiter": _TEXT,
    "sheet": _TEXT | {"description": "a workbook's sheet; else the one that has the columns"},
}
_CELL: dict[str, Schema] = {
    "column": _TEXT,
    "first_of": {"type": "array", "items": _TEXT, "minItems": 1},
    "value": _SCALAR | {"description": "a constant"},
    "template": _TEXT | {"pattern": r"\{[^{}]+\}"},
    "strip": _TEXTS | {"description": "texts taken off either end, once each"},
    "replace": {"type": "object", "description": "text to text, letter for letter, wherever in the cell"},
    "separator": _TEXTS | {"description": "between several values in a cell, of which the first is taken"},
    "extract": _REGEX | {"description": "a regular expression; its first group"},
    "digits": _DIGITS | {"description": "that an id has at least: lost zeros are put back; or varies"},
    "map": {"type": "object", "description": "text to text, without regard to case; others pass"},
    "case": _word("lower", "upper", "title"),
    "scale": _NUMBER | {"description": "an exact factor above zero"},
    "minor_units": _TEXT | {"description": "the column of the currency whose ISO 4217 exponent applies"},
    "timezone_column": _TEXT | {"description": "the column that names the zone of this time"},
    "default": _SCALAR | {"description": "where the cell is empty"},
    "on_invalid": _word("reject", "omit"),
}
# The kinds of cell, by the steps that they take.
_KINDS = {
    "amount": "amount_cell",
    **{name: "number_cell" for name in NUMBERS if name != "amount"},
    "event_time": "time_cell",
    "event_name": "name_cell",
    "idempotency_key": "key_cell",
    "key": "key_cell",
}
_ONLY_FOR = {
    "scale": {"amount_cell", "number_cell"},
    "minor_units": {"amount_cell"},
    "timezone_column": {"time_cell"},
}
_NOT_FOR = {"on_invalid": ("name_cell", "key_cell"), "value": ("key_cell",)}
_TEST: dict[str, Schema] = {
    "not": _TEXTS,
    "matches": _REGEX,
    "at_least": _NUMBER,
    "at_most": _NUMBER,
    "before": _TIME,
    "after": _TIME,
    "not_all_of": _TEXT | {"description": "a column: the number is empty, 0, or less than that one's"},
    "later_than": _TEXT | {"description": "a column: the time is after that one's"},
    "first_by": _TEXT | {"description": "a column of times: of records with one text here, the earliest counts"},
}


def schema() -> Schema:
    """The JSON Schema (draft 2020-12) of a mapping file."""
    where = {"type": "object", "additionalProperties": {"$ref": "#/$defs/condition"}}
    top: dict[str, Schema] = {
        "mapping": {"enum": [1, "1"], "description": "the grammar's version"},
        "name": {"type": "string", "pattern": "^[a-z0-9_-]+$"},
        "description": {"type": "string"},
        "about": _closed(_ABOUT, _ABOUT) | {"description": "what a person should know of the export"},
        "refuse": _TEXT | {"description": "why such an export can't be used; detection ends with this sentence"},
        "detect": _TEXTS | {"description": "header names that identify this export"},
        "detect_not": _TEXTS,
        "source": _closed(_SOURCE, SOURCE_READERS),
        "lookups": {"type": "object", "additionalProperties": {"$ref": "#/$defs/lookup"}},
        "where": where,
        "events": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/event"}},
        "tests": _listed({"$ref": "#/$defs/example"}) | {"description": "rows, and what they must give"},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "backfill mapping",
        **_closed(top, TOP_KEYS, required=("mapping", "name")),
        "anyOf": [{"required": ["events"]}, {"required": ["refuse"]}],
        "$defs": _definitions(where),
    }


def _definitions(where: Schema) -> Schema:
    event: dict[str, Schema] = {
        "event_name": {"anyOf": [{"enum": sorted(EVENT_NAMES)}, _cell("event_name")]},
        "where": where,
        "key": {"anyOf": [_TEXT, _cell("key"), {"type": "array", "items": {"anyOf": [_TEXT, _cell("key")]}}]},
        "idempotency_key": _field("idempotency_key"),
        "fields": _closed({name: _field(name) for name in (*MAPPED, "idempotency_key")}, (*MAPPED, "idempotency_key")),
    }
    lookup: dict[str, Schema] = {
        "on": {
            "type": "array",
            "items": _TEXT,
            "minItems": 2,
            "maxItems": 2,
            "description": "the column here, the one there",
        },
        "separator": _TEXT,
    }
    condition = {"anyOf": [_TEXTS, _closed(_TEST, ("not", *TEST_READERS)) | {"minProperties": 1}]}
    return {
        "event": _closed(event, EVENT_KEYS, required=("event_name", "fields")),
        "example": _example(),
        "lookup": _closed(lookup, LOOKUP_KEYS, required=("on",)),
        "condition": condition,
        **{kind: _cell_schema(kind) for kind in dict.fromkeys(("cell", *_KINDS.values()))},
    }


def _example() -> Schema:
    """Rows, and what they must give."""
    rows = _listed({"type": "object"}) | {"minItems": 1}
    sent: Schema = {"type": ["string", "number", "boolean", "null"]}
    event: Schema = {"type": "object", "propertyNames": {"enum": list(FIELDS)}, "additionalProperties": sent}
    code: Schema = {"enum": list(Code)}
    keys: dict[str, Schema] = {
        "name": _TEXT | {"description": "the rule that it shows"},
        "rows": rows | {"description": "columns to cells; columns that are left out are empty"},
        "lookups": {"type": "object", "additionalProperties": rows},
        **{name: _SOURCE[name] for name in SETTINGS},
        "events": _listed(event) | {"description": "in their order; only these fields are compared"},
        "codes": _listed(code) | {"description": "one for each reject and code"},
    }
    made = _closed(keys, EXAMPLE_KEYS, required=("name", "rows"))
    return made | {"anyOf": [{"required": ["events"]}, {"required": ["codes"]}]}


def _listed(items: Schema) -> Schema:
    """One, or a list of them."""
    return {"anyOf": [items, {"type": "array", "items": items}]}


def _field(name: str) -> Schema:
    """A column, several, a constant, or a cell with steps."""
    forms: list[Schema] = [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}, _cell(name)]
    return {"anyOf": forms if name == "idempotency_key" else [*forms, {"type": "boolean"}]}


def _cell(name: str) -> Schema:
    return {"$ref": f"#/$defs/{_KINDS.get(name, 'cell')}"}


def _cell_schema(kind: str) -> Schema:
    """A cell with steps: those that this kind of field takes."""
    keys = [key for key in (*SOURCES, *STEP_READERS) if kind in _ONLY_FOR.get(key, {kind})]
    keys = [key for key in keys if kind not in _NOT_FOR.get(key, ())]
    cell = _closed({key: _CELL[key] for key in keys}, keys)
    return cell | {"oneOf": [{"required": [source]} for source in SOURCES if source in keys]}


def _closed(properties: dict[str, Schema], keys: Any, required: tuple[str, ...] = ()) -> Schema:
    """An object with the loader's keys and no others: one that has no schema here is a mistake of ours."""
    made: Schema = {
        "type": "object",
        "properties": {key: properties[key] for key in keys},
        "additionalProperties": False,
    }
    return made | {"required": list(required)} if required else made
