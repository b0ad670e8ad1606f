"""Printed commands: run as printed, they do what they say, with every option that the run had."""

import argparse
import json
from pathlib import Path
from typing import Any

import pytest
from checking import MAPPING

from backfill.cli.command_line import lasting
from backfill.cli.jobs import settings
from backfill.cli.parser import parser
from backfill.commands.jobs.plan import Grammar, load_plan
from backfill.convert.route import Route, read_route
from backfill.errors import ThresholdStop, UsageError
from backfill.run.next_command import CARRIED, all_the_same, for_space, undo_of, upload_of
from backfill.run.options import Options
from backfill.run.options import options_of as command_line_options
from backfill.upload.limits import MaxRejects

COMMANDS = next(a for a in parser()._actions if isinstance(a, argparse._SubParsersAction)).choices
UPLOAD = COMMANDS["upload"]


def flags_of(command: str) -> dict[str, str]:
    """What a command takes: each option's name, and its longest spelling; a file has none."""
    actions = [action for action in COMMANDS[command]._actions if action.dest not in ("help", argparse.SUPPRESS)]
    return {action.dest: max(action.option_strings, key=len, default="") for action in actions}


DESTS = flags_of("upload").keys() - {"lookup"}
VALUES = {"timezone": "Europe/Berlin", "space_timezone": "Asia/Tokyo", "date_order": "dmy", "decimal": ","}
VALUES |= {
    "encoding": "cp1250",
    "since": "2024-01-01",
    "until": "2025-01-01",
    "space": "acme",
    "state": "/s t/x",
    "max_rejects": "2.5%",
}
VALUES |= {
    "rate": "300",
    "reserve": "100",
    "workers": "5",
    "patience": "1h",
    "wait": "2m",
    "base_url": "https://a.test",
}


FILES = ("mapping", "rejects", "summary", "report", "events", "changes", "plan", "metrics", "gaps")
NUMBERS = ("limit", "min_rows", "port")


@pytest.mark.parametrize("command", ["check", "upload", "verify", "undo", "review", "jobs"])
def test_a_command_that_is_kept_means_the_same_files_from_every_folder(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name is a value like others where no file is meant."""
    monkeypatch.chdir(tmp_path)
    named = "5" if command == "undo" else "acme"
    usual = vars(parser().parse_args([command, str(tmp_path / "acme") if named == "acme" else named]))
    found = 0
    for action in COMMANDS[command]._actions:
        if (
            action.nargs == 0
            or not action.option_strings
            or action.choices
            or action.dest in ("help", argparse.SUPPRESS)
        ):
            continue
        value = {"lookup": "x=acme", **dict.fromkeys(NUMBERS, "5")}.get(action.dest, VALUES.get(action.dest, "acme"))
        for flag in action.option_strings:
            for words in ([flag, value], [f"{flag}={value}"], *([[flag + value]] if len(flag) == 2 else [])):
                words = lasting([command, *words, "--", named], parser())
                given = vars(parser().parse_args(words))
                whole = str(tmp_path / "acme") if action.dest in FILES else given[action.dest]
                whole = [("x", str(tmp_path / "acme"))] if action.dest == "lookup" else whole
                assert str(given[action.dest]) == str(whole), words
                assert {name: given[name] for name in usual if name != action.dest} == {
                    name: usual[name] for name in usual if name != action.dest
                }
                found += action.dest in FILES
    assert found or command == "undo"
    presets = lasting(["check", "-m", "shopify_orders", "-"], parser())
    assert presets == ["check", "-m", "shopify_orders", "-"]


NOT_CARRIED = {  # and why
    "command": "it is upload's",
    "files": "another file",
    "argv": "what was typed",
    "sheet": "a reject file has one alone",
    "mapping": "said by itself, as it was found",
    "lookups": "said by themselves",
    "base_url": "said by itself, where it is not the usual one",
    "rejects": "that file is the next run's input",
    "summary": "a run's own, not to be replaced by the next",
    "report": "a run's own, not to be replaced by the next",
    "events": "a run's own, not to be replaced by the next",
    "changes": "a run's own, not to be replaced by the next",
    "plan": "of check: the receipt has all of it",
    "receipt": "its rejects are no part of it",
    "unmask": "of the report",
    "metrics": "a series of the export's, not of its repairs",
    "gaps": "of verify",
    "json": "for the program that reads it",
    "quiet": "how it is shown, not what is done",
    "verbose": "how it is shown, not what is done",
    "log_format": "for the program that reads it",
    "min_rows": "about the export: its rejects are few",
    "allow_shrink": "about the export: a reject file is not measured by others",
    "limit": "a trial of the export: what is repaired is to go",
    "yes": "a person may be asked",
    "dry_run": "of undo",
    "number": "of undo",
    "route": "said by itself",
    "mark": "in the file's name already",
    "api_key": "never on a command line",
    "timeout": "not on the command line",
    "pauses": "not on the command line",
    "list_rate": "not on the command line",
    "delete_rate": "not on the command line",
}


def options_of(words: list[str]) -> Options:
    """The options as the command line makes them."""
    given = vars(parser().parse_args(words))
    given["files"], given["lookups"] = tuple(given["files"]), tuple(given.pop("lookup"))
    given["also_in"] = tuple(given.get("also_in") or ())
    given["max_rejects"] = given.get("max_rejects") or MaxRejects()
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


def value_of(flag: str) -> list[str]:
    action = next(action for action in UPLOAD._actions if flag in action.option_strings)
    return [] if action.nargs == 0 else [VALUES.get(action.dest) or (list(action.choices or ()) or ["x"])[-1]]


def test_an_upload_takes_the_options_of_a_check() -> None:
    """Its next command is the same line with another command in it, unless a receipt has all of it."""
    assert flags_of("check").items() - {("plan", "--plan")} <= flags_of("upload").items()


def test_the_options_of_verify_are_carried_to_the_upload_of_gaps() -> None:
    flags = flags_of("verify")
    assert flags.keys() - {"lookup"} <= {*CARRIED, *NOT_CARRIED}
    carried = [flag for dest, flag in flags.items() if dest in CARRIED or dest in ("base_url", "lookup")]
    given = [[flag, "people=/p.csv"] if flag == "--lookup" else [flag, *value_of(flag)] for flag in carried]
    before = options_of(["verify", "a.csv", *(word for words in given for word in words)])
    after = options_of(upload_of(before, "m.yaml", {}, Path("a.missing.csv"))[1:])
    differs = {name for name, value in before.flat.items() if after.flat[name] != value}
    assert differs == {"command", "files", "argv", "mapping"}


UNDO_LEAVES = {"number", "key_rotated", "dry_run", "yes", "quiet", "verbose"}  # the run has bound its key


def test_the_command_that_takes_a_run_back_finds_its_ledger() -> None:
    flags = flags_of("undo")
    given = [word for dest in sorted(flags.keys() - UNDO_LEAVES) for word in (flags[dest], VALUES[dest])]
    before = options_of(["upload", "a.csv", *given])
    made = vars(parser().parse_args(undo_of(before, 7)[1:]))
    assert {dest for dest in made if dest in UNDO_LEAVES and made[dest]} == {"number"}
    assert {dest: made[dest] for dest in flags.keys() - UNDO_LEAVES} == {
        dest: before.flat[dest] for dest in flags.keys() - UNDO_LEAVES
    }


PLAN_LEAVES = {
    "yes": "of all jobs",
    "json": "of all jobs",
    "quiet": "of all jobs",
    "verbose": "of all jobs",
    "log_format": "of all jobs",
    "metrics": "of all jobs",
    "report": "of one file",
    "events": "of one file",
    "changes": "of one file",
    "unmask": "of one file",
    "skip_existing": "of one file",
    "space_timezone": "of one file",
    "route": "in the plan's own words",
    "unlimited": "for measuring",
}


def test_a_job_alone_is_what_its_plan_says(tmp_path: Path) -> None:
    known = settings()
    assert {one.dest for one in known.values()} | PLAN_LEAVES.keys() | {"files", "lookup", "state", "sandbox"} >= DESTS
    (tmp_path / "a.csv").write_text("id\n1\n")
    mapping = tmp_path / "m.yaml"
    values = {flag: (value_of(f"--{flag}") or [True])[0] for flag, one in known.items() if one.dest not in PLAN_LEAVES}
    values |= {"mapping": str(mapping), "limit": "7", "min-rows": "3", "also-in": "other"}
    values |= {flag: str(tmp_path / flag) for flag, one in known.items() if one.path and flag != "mapping"}
    job = {"files": "a.csv", "lookup": {"people": "p.csv"}, **{k: v for k, v in values.items() if k != "state"}}
    mapping.write_text(MAPPING)
    plan = tmp_path / "plan.yaml"
    plan.write_text(json.dumps({"plan": "1", "jobs": [job]}))
    grammar = Grammar(known, Options.of("upload", argv=("backfill", "jobs", str(plan)), state=Path("/s t/x")))
    (one,) = load_plan(plan, grammar)
    alone = options_of(list(one.options.argv[1:]))
    differs = {name for name, value in one.options.flat.items() if alone.flat[name] != value}
    assert differs <= {"argv", "mark"}
    plain = options_of(["upload", "a.csv"])
    assert {dest for dest in DESTS - PLAN_LEAVES.keys() if alone.flat[dest] == plain.flat[dest]} <= {"sandbox"}


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        ("upload a.csv", "upload a.csv --state /s --base-url http://127.0.0.1:9"),
        ("upload --state /t -- a.csv", "upload --state /t --base-url http://127.0.0.1:9 -- a.csv"),
        ("upload a.csv --base-url=http://127.0.0.1:8", "upload a.csv --base-url=http://127.0.0.1:8 --state /s"),
        ("upload a.csv --sandbox", "upload a.csv --sandbox --state /s"),
        ("undo 7 --state /t", "undo 7 --state /t --base-url http://127.0.0.1:9"),
    ],
)
def test_settings_of_the_environment_are_printed(words: str, printed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {"BACKFILL_STATE": "/s", "COMETLY_API_URL": "http://127.0.0.1:9", "COMETLY_API_KEY": "k"}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    given = vars(parser().parse_args(words.split()))
    assert command_line_options(given, words.split()).argv == ("backfill", *printed.split())


def test_another_space_has_outputs_and_a_key_of_its_own() -> None:
    words = "backfill upload a.csv --rate 5 --key-rotated --rejects r --summary=s --report p --events e --metrics m"
    words += " --space de"
    assert for_space(words.split(), "fr") == ["backfill", "upload", "a.csv", "--rate", "5", "--space", "fr"]


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
def test_after_a_threshold_another_command_goes_on(words: str, stop: ThresholdStop, goes_on: str) -> None:
    assert all_the_same(("backfill", *words.split()), stop) == goes_on


def test_a_route_is_printed() -> None:
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


def test_settings_inferred_from_the_input_are_printed(tmp_path: Path) -> None:
    given: dict[str, Any] = {"date_order": "dmy", "decimal": ","}
    made = options_of(upload_of(options_of(["upload", "a.csv"]), "m.yaml", given, tmp_path / "r.csv")[1:])
    assert (made.source.date_order, made.source.decimal, made.source.mapping) == ("dmy", ",", "m.yaml")
    stated = options_of(["upload", "a.csv", "--decimal", ".", "--lookup", "people=p.csv"])
    made = options_of(upload_of(stated, "m.yaml", given, tmp_path / "r.csv")[1:])
    assert (made.source.decimal, made.source.lookups) == (".", (("people", str(Path("p.csv").absolute())),))
