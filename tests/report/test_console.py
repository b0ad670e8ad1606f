"""The console: nothing from outside steers a terminal, and what can't be written is reported."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from place import PACKAGE, Place

from backfill.cli import main
from backfill.console import show
from backfill.errors import StateError, command, shown, visible
from backfill.report.console import lasting
from backfill.sandbox import SandboxThread

STEERING = "\x1b[31m \x9b2K \x1b]0;owned\x07 \r \x7f \u202e \u2066 \x85 \u200b"
steers = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]").search


@given(st.text())
@example(STEERING)
def test_what_is_shown_can_be_seen(text: str) -> None:
    assert not steers(visible(text)) and not steers(shown(text))
    assert "\n" not in shown(text) and visible(text).count("\n") == text.count("\n")
    if text.isprintable():
        assert visible(text) == shown(text) == text


@given(st.floats(0, 10**7))
@example(119_646 * 60 / 1000)
def test_a_duration_never_has_sixty_minutes_of_an_hour(seconds: float) -> None:
    said = lasting(seconds)
    hours, minutes = ([0, *map(int, re.findall(r"\d+", said))])[-2:]
    assert said.endswith(" s") or (abs(hours * 60 + minutes - seconds / 60) <= 0.5 and (minutes < 60 or not hours))


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\x1b[0m", "a\\x1b[0m"),
        ("\udce9t", "\\xe9t"),
        ("\u202egpj", "\\u202egpj"),
        ("é\n", "é\\n"),
        ("\u0085", "\\x85"),
    ],
)
def test_how_it_is_shown(text: str, seen: str) -> None:
    assert shown(text) == seen


@pytest.mark.skipif(shutil.which("bash") is None, reason="a shell that knows $'...'")
def test_a_printed_command_can_be_copied() -> None:
    words = ["plain", "", "two words", "it's", "a\\b", "n\nn", STEERING, "\udce9t\udce9.csv", "é", "$'x'", "\x1b1", "-"]
    printed = command(words)
    assert not steers(printed) and "\n" not in printed
    ran = subprocess.run(["bash", "-c", f"printf '%s\\0' {printed}"], capture_output=True, check=True)
    assert [os.fsdecode(word) for word in ran.stdout.split(b"\0")[:-1]] == words


ODD = "evil\x1b[2K\x1b[31m\u202e\n.csv"


def ran(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    capsys.readouterr()
    try:
        code = main(words)
    except SystemExit as error:
        code = int(str(error.code))
    out, err = capsys.readouterr()
    return code, out, err


def test_no_command_lets_a_terminal_be_steered(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(place.folder)
    monkeypatch.setenv("COMETLY_API_KEY", "sandbox")
    text = Path(place.orders(2)).read_text()
    Path(ODD).write_text(text + f"A{STEERING}3,nobody,1,2024-05-01T10:00:00Z\n")
    Path("header.csv").write_text(text.replace("Email", f"Em{STEERING}ail").replace("\r", ""))
    Path("more.csv").write_text(text.replace("When\n", f"When,New{STEERING}\n").replace("Z\n", "Z,x\n"))
    Path(f"m{ODD}").write_text(Path(place.mapping).read_text().replace("Order,", '"Or\\e[5mder",'))
    Path("plan.yaml").write_text(f"plan: 1\njobs: [{{files: {json.dumps(ODD)}, mapping: {json.dumps(place.mapping)}}}]")
    small, odd = ["-m", place.mapping], f"x{STEERING}"
    with SandboxThread() as sandbox:
        to = ["--base-url", sandbox.url, "--state", str(place.folder / "state")]
        for words in [
            ["check", ODD, *small, *to],
            ["check", odd, *small],
            ["check", ODD, *small, *to, "--log-format", "json", "--json"],
            ["check", ODD, *small, *to, "--report", "page.html"],
            ["check", "header.csv", *small],
            ["check", "header.csv"],
            ["check", ODD, "-m", odd],
            ["check", ODD, "-m", f"m{ODD}"],
            ["check", ODD, *small, "--base-url", f"https://x.test/{odd}"],
            ["check", ODD, *small, "--rejects", f"none/{odd}"],
            ["check", ODD, *small, "--timezone", odd],
            ["check", ODD, *small, "--lookup", f"{odd}={odd}"],
            ["check", ODD, *small, "--since", odd],
            ["check", ODD, *small, f"--{odd}"],
            ["check", ODD, *small, "--space", odd],
            ["upload", ODD, *small, *to],
            ["upload", "more.csv", *small, *to],
            ["verify", ODD, *small, *to],
            ["status", "--state", str(place.folder / "state")],
            ["status", "--state", odd],
            ["why", "A1", "--state", str(place.folder / "state")],
            ["why", odd, "--state", str(place.folder / "state")],
            ["why", f"A{STEERING}3", "--state", str(place.folder / "state")],
            ["jobs", "plan.yaml", "--check", *to[2:]],
            ["jobs", odd],
            ["init", ODD],
            ["init", "header.csv", "-o", "-"],
            ["init", odd],
            ["presets", odd],
            ["guide", odd],
            ["sandbox", "--overlap", odd],
            [odd],
        ]:
            code, out, err = ran(words, capsys)
            assert code != 1, (words, err)
            assert not steers(out + err), (words, out, err)
    assert not steers(Path("page.html").read_text("utf-8"))


COMMANDS = [
    ["status"],
    ["why", "A0"],
    ["presets"],
    ["presets", "shopify_orders"],
    ["guide"],
    ["guide", "rejects"],
    ["schema"],
    ["--help"],
    ["init", "orders.csv", "-o", "-"],
    ["check", "orders.csv", "-m", "small.yaml", "--json"],
    ["check", "orders.csv", "-m", "small.yaml"],
    ["upload", "orders.csv", "-m", "small.yaml", "--yes", "--json", "--state", "other"],
    ["upload", "orders.csv", "-m", "small.yaml", "--yes", "--json", "--state", "other"],
    ["verify", "orders.csv", "-m", "small.yaml", "--json"],
    ["jobs", "plan.yaml", "--check", "--json"],
    ["undo", "1", "--dry-run"],
]


WITH_A_FILE = [
    *(
        f"check orders.csv -m small.yaml --json --{name}"
        for name in ("summary", "report", "metrics", "events", "changes")
    ),
    "upload orders.csv -m small.yaml --yes --json --summary",
    "jobs plan.yaml --check --json --summary",
    "verify orders.csv -m small.yaml --gaps",
    "verify orders.csv -m small.yaml --json --gaps",
]


@contextmanager
def a_plan_and_a_sandbox(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxThread]:
    """Two orders, a plan of them, and where they go, all in the working folder and the environment."""
    monkeypatch.chdir(place.folder)
    place.orders(2)
    Path("plan.yaml").write_text(f"plan: 1\njobs: [{{files: orders.csv, mapping: {json.dumps(place.mapping)}}}]")
    with SandboxThread() as sandbox:
        monkeypatch.setenv("COMETLY_API_URL", sandbox.url)
        monkeypatch.setenv("COMETLY_API_KEY", "sandbox")
        yield sandbox


def test_where_standard_output_can_not_be_written(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A full disk is reported and is no success. A reader that has gone away is no error."""
    with a_plan_and_a_sandbox(place, monkeypatch) as sandbox:
        monkeypatch.setenv("BACKFILL_STATE", str(place.folder / "state"))
        assert main(["upload", "orders.csv", "-m", place.mapping, "--yes", "--quiet"]) == 0
        for words in COMMANDS:
            reading, writing = os.pipe()
            os.close(reading)
            with os.fdopen(writing, "w", encoding="utf-8") as gone, redirect_stdout(gone):
                code, _, err = ran(words, capsys)
                assert code == 0 and "can't be written" not in err, (words, err)
            if not Path("/dev/full").exists():
                continue
            shutil.rmtree("other", ignore_errors=True)
            before = len(sandbox.arrivals)
            with Path("/dev/full").open("w", encoding="utf-8") as full, redirect_stdout(full):
                code, _, err = ran(words, capsys)
            assert code == (4 if len(sandbox.arrivals) > before else 2), (words, err)
            assert "standard output can't be written (No space left on device)" in err, (words, err)


def test_where_standard_output_is_closed_what_only_prints_is_refused(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is sent. What a check or an upload leaves is more than what it prints, and so is a file."""
    with a_plan_and_a_sandbox(place, monkeypatch) as sandbox:
        kept = [f"{line} out.csv".split() for line in WITH_A_FILE]
        plain = [*COMMANDS, ["test", "small.yaml"], ["upload", "orders.csv", "-m", "small.yaml", "--yes"]]
        for words in [*plain, *kept]:
            if words == ["--help"]:
                continue
            with monkeypatch.context() as closed:
                closed.setattr(sys, "stdout", None)
                code, _, err = ran(words, capsys)
                sys.stdout.close()
            if words in kept:
                assert code == 0 and Path("out.csv").exists(), (words, err)
                Path("out.csv").unlink()
            elif words[0] in ("check", "upload") and "--json" not in words:
                assert code == 0, (words, err)
            else:
                assert (code, "standard output is closed" in err) == (2, True), (words, err)
                assert not sandbox.arrivals, words


def test_standard_output_that_is_closed() -> None:
    with Path(os.devnull).open("w") as closed:
        pass
    with redirect_stdout(closed), pytest.raises(StateError):
        show("a result")


def test_a_lost_summary_is_reported_in_what_is_kept(place: Place) -> None:
    """The exit code is the same in the summary, in the ledger, and for the shell."""
    words = [
        "upload",
        place.orders(2),
        "-m",
        place.mapping,
        "--yes",
        "--json",
        "--summary",
        str(place.folder / "s.json"),
    ]
    words += ["--state", str(place.folder / "state")]
    with SandboxThread() as sandbox, Path("/dev/full").open("w") as full:
        process = place.start(*words, url=sandbox.url, stdout=full)
        _, err = process.communicate(timeout=240)
        assert process.returncode == 4 and f"to go on: backfill {' '.join(words)}" in err
        found = json.loads((place.folder / "s.json").read_text())
        assert (found["exit_code"], found["accepted"]) == (4, 2)
        spaces = json.loads(place.command("status", "--state", str(place.folder / "state"), "--json").stdout)
        assert spaces[0]["runs"][0]["exit_code"] == 4
        again = place.command(*words, url=sandbox.url)
        assert again.returncode == 0 and json.loads(again.stdout)["already"] == 2


def test_text_is_printed_in_one_place_only() -> None:
    for path in sorted(set(PACKAGE.rglob("*.py")) - {PACKAGE / "console.py"}):
        if "sandbox" in path.parts:  # it imports no other part, and prints only its own text
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called not in ("print", "sys.stdout.write", "sys.stderr.write", "shlex.join", "tqdm.write"), path
