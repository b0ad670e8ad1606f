"""The JSON Schema accepts what the loader accepts."""

import json
from dataclasses import fields
from pathlib import Path

import jsonschema
import pytest
import yaml

from backfill.errors import MappingError
from backfill.mapping import SourceOptions, load_text, presets, schema
from backfill.mapping.cells import SOURCES, STEP_READERS, TEST_READERS
from backfill.mapping.examples import EXAMPLE_KEYS
from backfill.mapping.load import EVENT_KEYS, LOOKUP_KEYS, TOP_KEYS

REPO = Path(__file__).parents[2]
VALIDATOR = jsonschema.Draft202012Validator(schema())
BASE = "mapping: 1\nname: a\nevents: [{event_name: purchase, fields: {order_id: I, email: E, event_time: T}}]\n"


class Yaml12(yaml.SafeLoader):
    """PyYAML without what is more than text in YAML 1.1 alone: `on` is a key here, and a date a text."""


Yaml12.yaml_implicit_resolvers = {
    first: [
        (tag, found)
        for tag, found in resolvers
        if tag != "tag:yaml.org,2002:timestamp" and (tag != "tag:yaml.org,2002:bool" or first in "tTfF")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def says_schema(text: str) -> bool:
    return bool(VALIDATOR.is_valid(yaml.load(text, Loader=Yaml12)))


def says_loader(text: str) -> bool:
    try:
        load_text(text, "here")
    except MappingError:
        return False
    return True


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


def test_the_copy_next_to_the_presets_is_current() -> None:
    assert json.loads((REPO / "mappings" / "schema.json").read_text()) == schema()


@pytest.mark.parametrize("path", [*presets().values(), *REPO.glob("sample_data/*.yaml")], ids=lambda path: path.stem)
def test_mapping_files_fit_and_name_it(path: Path) -> None:
    text = path.read_text()
    assert says_schema(text)
    assert "yaml-language-server: $schema=" in text.splitlines()[0]


def test_no_key_of_the_loader_is_missing() -> None:
    made = schema()
    assert set(made["properties"]) == set(TOP_KEYS)
    assert set(made["properties"]["source"]["properties"]) == {option.name for option in fields(SourceOptions)}
    assert set(made["$defs"]["event"]["properties"]) == set(EVENT_KEYS)
    assert set(made["$defs"]["lookup"]["properties"]) == set(LOOKUP_KEYS)
    assert set(made["$defs"]["example"]["properties"]) == set(EXAMPLE_KEYS)
    cells = [made["$defs"][kind]["properties"] for kind in ("cell", "amount_cell", "time_cell")]
    assert set().union(*cells) == {*SOURCES, *STEP_READERS}
    tests = made["$defs"]["condition"]["anyOf"][1]["properties"]
    assert set(tests) == {"not", *TEST_READERS}


@pytest.mark.parametrize(
    ("text", "good"),
    [
        (BASE, True),
        (BASE + "detects: [A]", False),
        (BASE + "source: {group_by: A, sum: [I]}", True),
        (BASE + "source: {group: A}", False),
        (BASE + "source: {date_order: dym}", False),
        (BASE + "source: {quoting: none, trailer: [Grand Totals]}", True),
        (BASE + "where: {A: paid, B: [x, y], C: {not: [z]}, D: {at_least: 0.01}}", True),
        (BASE + "where: {A: {least: 1}}", False),
        (BASE + "lookups: {c: {on: [A, B]}}", True),
        (BASE + "lookups: {c: {on: [A]}}", False),
        (BASE.replace("email: E", "email: [E, F]"), True),
        (BASE.replace("email: E", "email: {column: E, case: lower}"), True),
        (BASE.replace("email: E", "email: {column: E, value: x}"), False),
        (BASE.replace("email: E", "email: {case: lower}"), False),
        (BASE.replace("email: E", "email: {column: E, minor_units: C}"), False),
        (BASE.replace("email: E", "email: E, amount: {column: A, minor_units: C}"), True),
        (BASE.replace("order_id: I", "order_id: {column: I, digits: 9}"), True),
        (BASE.replace("order_id: I", "order_id: {column: I, digits: varies}"), True),
        (BASE.replace("order_id: I", "order_id: {column: I, digits: 1}"), False),
        (BASE.replace("order_id: I", 'order_id: {column: I, digits: "31"}'), False),
        (BASE.replace("email: E", "email: E, do_not_capi: false"), True),
        (BASE.replace("email: E", "mail: E"), False),
        (BASE.replace("purchase", "purchas"), False),
        (BASE + "tests: [{name: x, rows: [{I: 1, E: null}], events: [{order_id: 1, amount: null}]}]", True),
        (BASE + "tests: {name: x, rows: {I: 1}, timezone: UTC, codes: missing_identity}", True),
        (BASE + "tests: [{name: x, rows: {I: 1}}]", False),
        (BASE + "tests: [{name: x, rows: [], events: []}]", False),
        (BASE + "tests: [{name: x, rows: {I: 1}, events: [{orderid: 1}]}]", False),
        (BASE + "tests: [{name: x, rows: {I: 1}, codes: [no_identity]}]", False),
        ("mapping: 1\nname: a\nrefuse: no email", True),
        ("mapping: 1\nname: a", False),
    ],
)
def test_schema_and_loader_accept_the_same(text: str, good: bool) -> None:
    assert (says_schema(text), says_loader(text)) == (good, good)
