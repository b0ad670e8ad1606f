"""Printed commands: run as printed they do what they say, with every option that the run had."""

import argparse
from pathlib import Path
from typing import Any

import pytest

from backfill.cli.parser import parser
from backfill.convert.route import Route, read_route
from backfill.errors import ThresholdStop, UsageError
from backfill.run.next_command import CARRIED, NOT_CARRIED, all_the_same, for_space, upload_of
from backfill.run.options import Options
from backfill.upload.limits import MaxRejects

UPLOAD = next(a for a in parser()._actions if isinstance(a, argparse._SubParsersAction)).choices["upload"]
DESTS = {action.dest for action in UPLOAD._actions if action.dest not in ("help", "lookup", argparse.SUPPRESS)}
VALUES = {"timezone": "Europe/Berlin", "space_timezone": "Asia/Tokyo", "date_order": "dmy", "decimal": ","}
VALUES |= {
    "encoding": "cp1250",
    "since": "2024-01-01",
    "until": "2025-01-01",
    "space": "acme",
    "state": "/s t/x",
    "max_rejects": "2.5%",
}
VALUES |= {"rate": "300", "reserve": "100", "workers": "5", "patience": "1h", "base_url": "https://a.test"}


def options_of(words: list[str]) -> Options:
    """The options as the command line makes them."""
    given = vars(parser().parse_args(words))
    given["files"], given["lookups"] = tuple(given["files"]), tuple(given.pop("lookup"))
    given["also_in"] = tuple(given["also_in"] or ())
    given["max_rejects"] = given["max_rejects"] or MaxRejects()
    given["base_url"] = given["base_url"] or "https://app.cometly.com"
    return Options.of(argv=("backfill", *words), **given)


def test_every_option_is_carried_or_says_why_not() -> None:
    assert {*CARRIED, *NOT_CARRIED} == Options.of("check").flat.keys() >= DESTS
    assert not {*CARRIED} & NOT_CARRIED.keys()
    assert all(NOT_CARRIED.values())


@pytest.mark.parametrize("dest", sorted(DESTS - (NOT_CARRIED.keys() - {"base_url"})))
def test_a_printed_command_has_the_option_as_it_was(dest: str) -> None:
    action = next(action for action in UPLOAD._actions if action.dest == dest)
    value = [] if action.nargs == 0 else [VALUES.get(dest) or (list(action.choices or ()) or ["x"])[-1]]
    before = options_of(["upload", "a.csv", action.option_strings[-1], *value])
    after = options_of(upload_of(before, "m.yaml", {}, Path("a.rejects.csv"))[1:])
    assert before.flat[dest] == after.flat[dest] != options_of(["upload", "a.csv"]).flat[dest]


@pytest.mark.parametrize(
    ("words", "stop", "goes_on"),
    [
        ("upload a.csv --max-rejects 2%", ThresholdStop("", drop="--max-rejects"), "backfill upload a.csv"),
        ("upload a.csv --max-rejects=2%", ThresholdStop("", drop="--max-rejects"), "backfill upload a.csv"),
        ("upload -- a.csv", ThresholdStop("", "--allow-doubles"), "backfill upload --allow-doubles -- a.csv"),
        ("upload a.csv", ThresholdStop("", "--also-in", "b"), "backfill upload a.csv --also-in b"),
        ("upload a.csv", ThresholdStop(""), ""),
        ("jobs plan.yaml", ThresholdStop("", "--also-in", "b"), "set also-in: b in the plan"),
        ("jobs plan.yaml", ThresholdStop("", "--allow-shrink"), "set allow-shrink: true in the plan"),
        ("jobs plan.yaml", ThresholdStop("", drop="--min-rows"), "change min-rows in the plan, or leave it out there"),
    ],
)
def test_after_a_threshold_something_else_goes_on(words: str, stop: ThresholdStop, goes_on: str) -> None:
    assert all_the_same(("backfill", *words.split()), stop) == goes_on


def test_a_route_is_said() -> None:
    spaces = {"Berlin": "de", "L'Île": "fr"}
    before = options_of(["upload", "a.csv", "--space", "fr"]).but(route=Route("store", spaces, "skip", "fr", False))
    after = options_of(upload_of(before, "m.yaml", {}, Path("r.csv"))[1:])
    route = after.source.route
    assert route is not None and read_route(str(route), after.space.name) == before.source.route
    assert for_space(("backfill", "upload", "a.csv", "--space", "de"), "fr")[2:] == ["a.csv", "--space", "fr"]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"column": "a", "spaces": {}}', '{"column": 1, "spaces": {"a": "b"}}']
)
def test_no_route(text: str) -> None:
    with pytest.raises(UsageError, match="is no route"):
        read_route(text, "default")


def test_what_the_input_told_is_said(tmp_path: Path) -> None:
    given: dict[str, Any] = {"date_order": "dmy", "decimal": ","}
    made = options_of(upload_of(options_of(["upload", "a.csv"]), "m.yaml", given, tmp_path / "r.csv")[1:])
    assert (made.source.date_order, made.source.decimal, made.source.mapping) == ("dmy", ",", "m.yaml")
    stated = options_of(["upload", "a.csv", "--decimal", ".", "--lookup", "people=p.csv"])
    made = options_of(upload_of(stated, "m.yaml", given, tmp_path / "r.csv")[1:])
    assert (made.source.decimal, made.source.lookups) == (".", (("people", str(Path("p.csv").absolute())),))
