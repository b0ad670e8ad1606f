"""README and guide say what the program does: commands, options, exits, codes, keys, examples, no more and no less."""

import argparse
import json
import re
import shlex
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest
import yaml
from checking import Desk, orders
from guide_pages import PAGES, README, ROOT, blocks, named, page, prose, rows, section
from place import Place
from reading import Reader, reader, space
from test_imports import FREE, ROOMS

from backfill import errors
from backfill.api.list_events import SETTLING
from backfill.api.reconcile import SHOWN, Difference
from backfill.cli import main
from backfill.cli.jobs import OF_ALL, OF_ONE
from backfill.cli.parser import EXITS, parser
from backfill.commands.guide import topics
from backfill.commands.jobs.summary import WORST_FIRST
from backfill.convert.keys import LONGEST_KEY
from backfill.event import Code, Verdict
from backfill.fields.text import PROFILE_LIMIT
from backfill.files.head import LINES
from backfill.files.json_text import MOST
from backfill.files.rows import LONGEST
from backfill.mapping import SourceOptions, load_text, preset_text, presets
from backfill.mapping.cells import SOURCES, STEP_READERS, TEST_READERS
from backfill.mapping.examples import EXAMPLE_KEYS
from backfill.mapping.load import EVENT_KEYS, LOOKUP_KEYS, TOP_KEYS
from backfill.run.gate import RUNS, SHRUNK
from backfill.run.options import DELETES, LISTS
from backfill.upload.recorder import ALIKE

__all__ = ["reader"]


# Commands and options

COMMANDS: dict[str, argparse.ArgumentParser] = next(
    action.choices for action in parser()._actions if isinstance(action, argparse._SubParsersAction)
)


def options(command: str) -> dict[str, str]:
    """Each option of a command, and what it takes as the help shows it ("" is a switch)."""
    made = {}
    for action in COMMANDS[command]._actions:
        if action.help == argparse.SUPPRESS:  # for the benchmarks
            continue
        for name in action.option_strings:
            if action.nargs != 0:
                made[name] = str(action.metavar or "{" + ",".join(action.choices or ()) + "}")
            elif name not in ("-h", "--help"):
                made[name] = ""
    return made


def documented(text: str) -> dict[str, str]:
    """Options as a table's first column writes them; a short form takes what its long form takes."""
    found: dict[str, str] = {}
    for cell, *_ in rows(text):
        words = [mark.partition(" ") for mark in named(cell) if mark.startswith("-")]
        found |= {name: taken or (words[-1][2] if len(name) == 2 else "") for name, _, taken in words}
        found |= {name: f"{found[name]}|P%" for name, _, _ in words if "`P%`" in cell}
    return found


@pytest.mark.parametrize("text", [section("Commands", README), page("commands")], ids=["README", "guide"])
def test_every_command_has_its_line(text: str) -> None:
    table = [named(cell)[0].split() for cell, *_ in rows(text) if "`backfill " in cell]
    assert sorted(words[1] for words in table) == sorted(COMMANDS)


def test_every_option_of_check_and_upload_has_its_line() -> None:
    both, alone = (section(f"Options of {which}", page("commands")) for which in ("check and upload", "upload alone"))
    checks = options("check")
    assert documented(both) == checks
    assert documented(alone) == {name: taken for name, taken in options("upload").items() if name not in checks}


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - {"check", "upload"}))
def test_the_other_commands_options(command: str) -> None:
    sentences = re.search(rf"`{command}`\s+takes (.*?)\.\s", page("commands"), flags=re.DOTALL)
    marks = named(sentences[1]) if sentences else []
    assert {mark.split()[0] for mark in marks if mark.startswith("-") and mark != "-"} == set(options(command))


def test_no_page_names_an_option_or_a_command_that_does_not_exist() -> None:
    known = {name for command in COMMANDS for name in options(command)} | {"--help", "--version", "--print-completion"}
    for path in PAGES:
        text = re.sub("`stripe [^`]*`", "", path.read_text(encoding="utf-8"))  # another program's
        for block in [*blocks("dockerfile", text), *blocks("sh", text)]:
            text = text.replace(block, "")
        assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) <= known
        assert set(re.findall(r"`backfill ([a-z]+)", text)) <= set(COMMANDS)


def test_defaults_are_the_programs() -> None:
    parse = parser().parse_args
    upload, sandbox = parse(["upload", "x.csv"]), parse(["sandbox"])
    text = prose(page("commands"))
    assert f"at most and by default {upload.rate}" in text
    assert f"requests in flight at most ({upload.workers})" in text
    assert f"waited for ({upload.patience / 60:.0f}m)" in text
    assert f"(default `{upload.space}`)" in text
    assert f"`--port N` ({sandbox.port})" in text
    assert f"requests a minute that it allows, {sandbox.rate}" in text


@pytest.mark.parametrize("command", [*blocks("console")])
def test_commands_on_pages_can_be_parsed(command: str) -> None:
    for line in command.splitlines():
        words = shlex.split(line.removeprefix("$ "), comments=True) if line.strip().startswith("$ backfill") else []
        if words := [word for word in words if word != "$"]:
            assert parser().parse_args(words[1:])


def test_each_page_says_who_it_is_for() -> None:
    assert len(README.splitlines()) <= 350
    for topic, text in topics().items():
        title, empty, first, after = text.split("\n", 4)[:4]
        assert title.startswith("# ") and (empty, after) == ("", ""), topic
        assert re.fullmatch(r"For \w[^.:]+: [^.:]+\.", first) and len(first) <= 110, topic
        assert f"](backfill/guide/{topic}.md)" in README


def test_files_named_are_there() -> None:
    for path in PAGES:
        for mark in named(path.read_text(encoding="utf-8")):
            if re.fullmatch(r"(backfill|tests|mappings|sample_data)/(?!NAME|guide/TOPIC)[\w./-]*", mark):
                assert (ROOT / mark).exists(), f"{path.name}: {mark}"


def test_the_picture_has_every_part_of_the_package() -> None:
    (picture,) = blocks("text", page("contributing"))
    for room, floor in ROOMS.items():
        assert re.search(rf"^ +{floor}  .*(\n {{8}}.*)?\b{room}\b", picture, re.MULTILINE), (
            f"{room} is on floor {floor}"
        )
    assert all(f"  {room} " in picture for room in FREE)


def test_links_lead_somewhere() -> None:
    for path in PAGES:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), target


# Exits, verdicts, codes, the summary


def test_what_a_job_has_none_of() -> None:
    text = prose(page("spaces"))
    said = text[text.index("It has none of those") : text.index("The plan is read as")]
    assert sorted(named(said)) == sorted(OF_ONE | OF_ALL - {"help", "lookup"})
    assert f"in this order: {', '.join(map(str, WORST_FIRST))}." in text


def test_exits() -> None:
    table = [row for row in rows(page("exit-codes")) if re.fullmatch(r"[\d /]+", row[0])]
    assert [row[0] for row in table] == ["0", "1", "2", "3", "4", "5", "6", "130 / 143 / 129"]
    stops = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    assert {str(kind.exit_code) for kind in stops} <= {row[0] for row in table}
    assert all(re.search(rf"(?<!\d){code}\b", EXITS) for row in table for code in row[0].split(" / "))
    assert f"first {ALIKE} answers" in dict(table)["5"]
    assert all(f"`{flag}`" in dict(table)["5"] for flag in ("--max-rejects", "--min-rows"))


def test_verdicts_in_their_order() -> None:
    assert [named(cell)[0] for cell, *_ in rows(page("verdicts"))] == list(Verdict)


def test_codes_in_their_order() -> None:
    table = rows(page("rejects"))
    assert [named(cell)[0] for cell, *_ in table] == list(Code)
    assert all(len(row) == 3 and row[1] and row[2] for row in table)
    assert rows(section("Reject codes", README)) == [[code, remedy] for code, _, remedy in table]


def test_the_summarys_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = Desk(tmp_path, capsys).check(orders(1))
    keys = [mark for cell, _ in rows(page("summary")) for mark in named(cell)]
    verdicts = next(text for cell, text in rows(page("summary")) if cell == "`events`")
    assert named(verdicts) == list(Verdict)
    at = keys.index("events") + 1
    assert [*keys[:at], *Verdict, *keys[at:]] == list(found.summary)
    by_event = next(text for cell, text in rows(page("summary")) if cell == "`by_event`")
    assert set(named(by_event)) == set(found["by_event"]["purchase"])


def test_the_findings_and_the_results_keys(place: Place, reader: Reader) -> None:
    text = page("verify")
    table = [named(cell)[0] for cell, *_ in rows(text)]
    assert table == list(Difference)
    with space() as sandbox:
        found = reader.verify(sandbox.url, place.orders(2))
    keys = named(text.split("`--json` gives one object")[1])
    given = set(found) | set(found["months"][0]) - {f"{side}_amount" for side in ("file", "ledger", "space", "other")}
    assert set(keys) == given - set(Difference)
    assert SETTLING == 600 and SHOWN == 20


# The mapping


def test_the_sources_keys() -> None:
    keys = [mark for cell, *_ in rows(section("source", page("mappings"))) for mark in named(cell)]
    assert sorted(keys) == sorted(option.name for option in fields(SourceOptions))


@pytest.mark.parametrize(
    "keys",
    [
        TOP_KEYS,
        EVENT_KEYS,
        LOOKUP_KEYS,
        EXAMPLE_KEYS,
        (*SOURCES, *STEP_READERS),
        ("not", "empty", "present", *TEST_READERS),
    ],
    ids=["top", "event", "lookup", "example", "cell", "condition"],
)
def test_no_key_of_the_grammar_is_missing(keys: tuple[str, ...]) -> None:
    text = page("mappings")
    words = {word for mark in [*named(text), *blocks("yaml", text)] for word in re.findall(r"[a-z_]+", mark)}
    assert set(keys) <= words


@pytest.mark.parametrize("text", blocks("yaml"), ids=lambda text: str(text).split("\n")[1])
def test_mappings_shown_load(text: str) -> None:
    assert load_text(text, "guide").events


def test_the_shopify_mapping_is_the_shipped_one() -> None:
    shown = next(text for text in blocks("yaml") if "shopify_orders" in text)
    whole = yaml.safe_load(preset_text("shopify_orders"))
    assert yaml.safe_load(shown) == {key: part for key, part in whole.items() if key not in ("about", "tests")}


def test_the_lookup_example_runs(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    text = section("lookups", page("mappings"))
    names = [name for name in named(text) if name.endswith((".csv", ".yaml"))]
    shown = dict(zip(names, [*blocks("csv", text), *blocks("yaml", text)], strict=True))
    for name, content in shown.items():
        (place.folder / name).write_text(content, encoding="utf-8")
    (line,) = blocks("console", text)
    ran = place.command(*shlex.split(line)[2:], "--json", "--state", "state")
    found = json.loads(ran.stdout)
    assert (ran.returncode, found["ready"], found["without_event"]) == (0, 2, 1)
    assert found["amount"] == {"ready": "200.00"}
    assert "lookup" in ran.stderr and "1 ambiguous" in ran.stderr
    assert capsys.readouterr().out == ""


def test_every_preset_has_its_line() -> None:
    listed = [named(row[0])[0] for row in rows(page("exports"))]
    assert sorted(listed) == sorted(presets())


def test_the_steps_in_their_order() -> None:
    assert [named(cell)[0] for cell, _ in rows(section("events", page("mappings")))] == list(STEP_READERS)


def test_numbers_in_prose() -> None:
    assert f"within the first {LINES}" in prose(page("mappings"))
    assert (RUNS, SHRUNK) == (10, 5)
    assert "under a fifth of the median rows of its last ten runs" in prose(page("nightly"))
    limits = page("limits")
    assert f"| {LISTS} pages of 4000 events a minute |" in limits and f"| {DELETES} a minute |" in limits
    assert f"| {LONGEST:,} characters; a longer one is `unreadable`" in limits and f"within {MOST:,} is" in limits
    assert f"| {LINES} lines |" in limits and f"| {LONGEST_KEY} characters;" in limits
    assert (
        f"| {PROFILE_LIMIT:,} characters;" in limits and f"| {parser().parse_args(['upload', 'x']).workers}," in limits
    )


def test_help_and_version_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--version"], *([command, "--help"] for command in COMMANDS)):
        with pytest.raises(SystemExit) as left:
            main(words)
        assert left.value.code == 0
    assert "backfill" in capsys.readouterr().out


# No text names a developer's machine


def test_no_file_names_a_path_of_a_developers_machine() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("no checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    strange = re.compile(rb"(?<![\w.])/(?:home|root|Users|work|workspace)/[\w.]")
    for name in filter(None, listed.decode().split("\0")):
        path = ROOT / name
        if path.is_file():
            assert not strange.search(path.read_bytes()), name
