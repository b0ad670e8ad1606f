import argparse
import json
import os
import pty
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from place import Place

from backfill.cli import main
from backfill.cli.parser import parser
from backfill.mapping import load, preset_text, presets
from backfill.mapping.model import GROUPS
from backfill.sandbox import SandboxThread

ABSENT = ["--no-such-flag", "--api-key", "--dry-run"]


def exit_and_error(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Run the command line in this process; return its exit code and what it wrote on standard error."""
    try:
        code = main(words)
    except SystemExit as left:
        code = int(left.code or 0)
    return code, capsys.readouterr().err


# Usage


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["frobnicate"],
        ["check"],
        ["upload"],
        *(["upload", "x.csv", flag, "sk_live_secret"] for flag in ABSENT),
        ["upload", "x.csv", "--api-key=sk_live_secret"],
        ["check", "x.csv", "--rate", "5"],
        *(["upload", "x.csv", "--rate", rate] for rate in ("0", "1001", "-5", "many", "1e3", "9" * 5000, "²")),
        *(["upload", "x.csv", "--workers", number] for number in ("0", "501")),
        *(["upload", "x.csv", "--patience", text] for text in ("soon", "-5", "5 days", "inf", "")),
        *(["upload", "x.csv", "--limit", text] for text in ("-1", "1.5")),
        *(["check", "x.csv", "--max-rejects", text] for text in ("-1", "%", "nan", "1e999999999", "1.5", "1_0", "5%%")),
        *(["check", "x.csv", "--space", text] for text in ("", "../x", ".hidden", "a/b", "x" * 65)),
        ["check", "x.csv", "--timezone", "Mars/Olympus"],
        ["check", "x.csv", "--timezone", "../../etc/passwd"],
        ["check", "x.csv", "--date-order", "dym"],
        ["check", "x.csv", "--decimal", ";"],
        ["check", "no-such-file.csv"],
        ["check", "x.csv", "--rej", "y.csv"],
        ["sandbox", "--port", "70000"],
        ["sandbox", "--window", "open"],
        ["presets", "no_such_preset"],
        ["guide", "no_such_page"],
    ],
)
def test_a_usage_error_is_one_line(place: Place, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, text = exit_and_error(words, capsys)
    assert code == 2
    assert text.count("\n") == 1
    assert text.startswith("backfill")
    assert "sk_live" not in text


def commands() -> dict[str, argparse.ArgumentParser]:
    made = next(action for action in parser()._actions if isinstance(action, argparse._SubParsersAction)).choices
    return dict(made)


@pytest.mark.parametrize(
    ("command", "option"),
    [
        (name, action.option_strings[-1])
        for name, one in commands().items()
        for action in one._actions
        if action.option_strings and action.nargs != 0
    ],
)
def test_an_option_with_nothing_in_it_is_no_option_left_out(
    command: str, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    named = [action for action in commands()[command]._actions if not action.option_strings and action.nargs != "?"]
    words = [command, *(next(iter(action.choices)) if action.choices else "1" for action in named)]
    for blank in ("", " "):
        code, text = exit_and_error([*words, option, blank], capsys)
        assert (code, text.count("\n"), option in text) == (2, 1, True), text


def test_a_key_comes_from_its_own_variable_alone(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["upload", place.orders(1), "-m", place.mapping]
    assert "environment variable COMETLY_API_KEY\n" in exit_and_error(words, capsys)[1]
    monkeypatch.setenv("COMETLY_API_KEY", "sk_live_default")
    code, text = exit_and_error([*words, "--space", "acme.eu"], capsys)
    assert (code, "COMETLY_API_KEY_ACME_EU" in text, "sk_live" in text) == (2, True, False)
    for odd in ("sk live", "sk\nlive", "schlüssel", "  "):
        monkeypatch.setenv("COMETLY_API_KEY", odd)
        code, text = exit_and_error(words, capsys)
        assert (code, text.count("\n"), odd in text.strip() and odd.strip() != "") == (2, 1, False)


def test_plain_http_is_for_loopback(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COMETLY_API_KEY", "sandbox")
    monkeypatch.setenv("COMETLY_API_URL", "http://app.cometly.com")
    assert "https:// address is needed" in exit_and_error(["upload", place.orders(1), "-m", place.mapping], capsys)[1]


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["upload", "--help"]])
def test_what_reads_no_rows_loads_no_pandas(place: Place, words: list[str]) -> None:
    code = f"import sys; from backfill.cli import main\ntry: main({words!r})\nexcept SystemExit: pass\n"
    ran = subprocess.run(
        [sys.executable, "-c", f"{code}sys.exit('pandas' in sys.modules)"], env=place.environment(), capture_output=True
    )
    assert ran.returncode == 0, ran.stderr


INTERRUPTED = """
import os, runpy, signal, sys
class Interrupting:
    def find_spec(self, name, *more):
        if name == "backfill.cli.parser":
            os.kill(os.getpid(), signal.SIGINT)
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Interrupting())
runpy.run_module("backfill", run_name="__main__")
"""


def test_an_interrupt_while_the_command_is_loaded_is_no_traceback(place: Place) -> None:
    ran = subprocess.run([sys.executable, "-c", INTERRUPTED], env=place.environment(), capture_output=True)
    assert (ran.returncode, ran.stdout, ran.stderr) == (130, b"", b"")


def test_the_help_names_every_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    text = " ".join(capsys.readouterr().out.split("exit codes:")[1].split())
    assert all(f"{code} " in text for code in (0, 1, 2, 3, 4, 5, 6, "130, 143, 129"))


# Exits and streams


def test_an_upload_from_start_to_end(place: Place) -> None:
    place.orders(6)
    words = ("upload", "orders.csv", "-m", place.mapping, "--state", "state")
    with SandboxThread() as sandbox:
        first = place.command(*words, url=sandbox.url)
        assert first.returncode == 0, first.stderr
        assert first.stderr.startswith("Plan for space default")
        assert "no ledger in" in first.stderr
        assert first.stdout.startswith("upload of orders.csv")
        quiet = place.command(*words, "--quiet", url=sandbox.url)
        assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
        shown = place.command(*words, "--json", url=sandbox.url)
        assert json.loads(shown.stdout)["already"] == 6
        assert "sandbox" not in shown.stdout


@pytest.mark.parametrize(
    ("content", "words", "code"),
    [
        ("Order,Email,Total,When\n1,a@x.de,5,2024-05-01T10:00:00Z\n", (), 0),
        ("Order,Email,Total,When\n", (), 0),
        ("Order,Email,Total,When\n1,not-an-email,5,2024-05-01T10:00:00Z\n", (), 3),
        ("Order,Email,Total,When\n1,not-an-email,5,2024-05-01T10:00:00Z\n", ("--max-rejects", "0"), 5),
        ("Order,Email,Total,When\n1,a@x.de,5,2024-05-01 10:00:00\n", (), 2),
        ("Order,Email\n1,a@x.de\n", (), 2),
        ("", (), 2),
    ],
)
def test_json_is_the_summary_and_nothing_else_on_every_exit(
    place: Place, content: str, words: tuple[str, ...], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    file = place.folder / "x.csv"
    file.write_text(content, encoding="utf-8")
    assert main(["check", str(file), "-m", place.mapping, "--json", *words]) == code
    written = capsys.readouterr()
    assert json.loads(written.out)["exit_code"] == code
    assert "not-an-email" not in written.err + written.out


def test_json_when_the_api_or_another_run_stops_it(place: Place) -> None:
    place.orders(3)
    with SandboxThread() as sandbox:
        ran = place.command(
            "upload", "orders.csv", "-m", place.mapping, "--json", url=sandbox.url, COMETLY_API_KEY="no"
        )
    assert ran.returncode == 4
    found = json.loads(ran.stdout)
    assert (found["exit_code"], found["unattempted"]) == (4, 3)
    assert found["resume"] in ran.stderr


def test_the_sandbox_flag_needs_no_key_and_leaves_no_state(place: Place) -> None:
    place.orders(3)
    ran = place.command("upload", "orders.csv", "-m", place.mapping, "--sandbox", TMPDIR=str(place.folder))
    assert ran.returncode == 0, ran.stderr
    assert sorted(path.name for path in place.folder.iterdir() if path.name != "home") == ["orders.csv", "small.yaml"]
    assert not list((place.folder / "home").rglob("*.sqlite"))


def test_presets_are_listed_by_group_and_printed_with_how_to_export_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["presets"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line in GROUPS.values()] == sorted(
        {GROUPS[load(name).about.group] for name in presets()}, key=[*GROUPS.values()].index
    )
    assert {line.split()[0] for line in lines if line.startswith("  ")} == {*presets()}
    assert main(["presets", "shopify_orders"]) == 0
    head, text = capsys.readouterr().out.split("\n#\n")
    assert [line.split()[1] for line in head.splitlines() if not line.startswith("#  ")] == [
        *("Shopify", "Export:", "Clock:", "Money:")
    ]
    assert text == preset_text("shopify_orders")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has it")
def test_a_sandbox_that_can_print_nothing_serves(place: Place) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with Path("/dev/full").open("w") as full:
        process = place.start("sandbox", "--port", str(port), stdout=full, stderr=full)
        for _ in range(2400):
            with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
                break
            assert process.poll() is None
            time.sleep(0.05)
        busy = place.start("sandbox", "--port", str(port), stdout=full, stderr=full)
        assert busy.wait(240) == 2
        process.terminate()
        assert process.wait(240) == 0


def test_the_sandbox_serves_until_it_is_interrupted(place: Place) -> None:
    (place.folder / "live.jsonl").write_text('{"event_name": "purchase", "email": "a@example.com"}\n\n')
    process = place.start("sandbox", "--port", "0", "--overlap", "live.jsonl", "--visible-after", "5")
    assert process.stdout is not None
    line = process.stdout.readline()
    url = line.split(" at ")[1].split()[0]
    place.orders(3)
    assert place.command("upload", "orders.csv", "-m", place.mapping, "--state", "state", url=url).returncode == 0
    process.terminate()
    process.communicate(timeout=240)
    assert process.returncode == 0


@pytest.mark.parametrize(
    "words", [("presets", "shopify_orders"), ("check", "orders.csv", "-m", "small.yaml", "--json", "--quiet")]
)
def test_a_reader_that_goes_away_is_no_error(place: Place, words: tuple[str, ...]) -> None:
    place.orders(2), place.mapping
    read, write = os.pipe()
    os.close(read)
    process = place.start(*words, stdout=write)
    os.close(write)
    _, err = process.communicate(timeout=240)
    assert (process.returncode, err) == (0, "")


@pytest.mark.parametrize(("options", "code"), [("", 0), ("--json", 2)])
def test_closed_streams_are_no_error_but_where_an_answer_is_asked_for(place: Place, options: str, code: int) -> None:
    place.orders(2)
    line = f"{sys.executable} -m backfill check orders.csv -m {place.mapping} {options} >&- 2>&-"
    ran = subprocess.run(["sh", "-c", line], cwd=place.folder, env=place.environment(), timeout=240)
    assert ran.returncode == code


# The question


@pytest.mark.parametrize(
    ("typed", "code"), [("y\n", 0), ("YES\n", 0), ("n\n", 2), ("\n", 2), ("\x04", 2), ("\x03", 130)]
)
def test_a_terminal_is_asked(place: Place, typed: str, code: int) -> None:
    with SandboxThread() as sandbox:
        master, slave = pty.openpty()
        words = ("upload", place.orders(3), "-m", place.mapping, "--state", "state")
        streams = {"stdin": slave, "stderr": slave, "stdout": subprocess.DEVNULL}
        process = place.start(*words, url=sandbox.url, **streams, start_new_session=True)
        os.close(slave)
        seen = _seen_until(master, b"[y/N] ")
        assert b"Plan for space" in seen
        os.write(master, typed.encode())
        seen += _seen_until(master, b"never written")
        assert process.wait(240) == code, seen
        os.close(master)
        assert len(sandbox.events) == (3 if code == 0 else 0)
        assert b"Traceback" not in seen


def _seen_until(terminal: int, text: bytes) -> bytes:
    seen, deadline = b"", time.monotonic() + 240
    while text not in seen and time.monotonic() < deadline:
        try:
            seen += os.read(terminal, 4096)
        except OSError:  # the other side has closed it
            break
    return seen


def test_yes_and_a_pipe_are_not_asked(place: Place) -> None:
    with SandboxThread() as sandbox:
        ran = place.command("upload", place.orders(2), "-m", place.mapping, "--state", "state", url=sandbox.url)
    assert (ran.returncode, "[y/N]" in ran.stderr) == (0, False)


def test_a_bug_is_one_line_and_the_summary_is_still_printed(place: Place) -> None:
    place.orders(2)
    (Path(place.folder) / "sitecustomize.py").write_text(
        "import backfill.survey.passes\nbackfill.survey.passes.Survey.take = lambda *_: 1 / 0\n", encoding="utf-8"
    )
    path = f"{place.folder}{os.pathsep}{Path(__file__).parents[2]}"
    ran = place.command("check", "orders.csv", "-m", place.mapping, "--json", PYTHONPATH=path)
    assert ran.returncode == 1
    assert "a bug: ZeroDivisionError at" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert json.loads(ran.stdout)["exit_code"] == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [("{", "line 1 is no JSON"), ('{"event_name": "x"}', "line 1 is no event: "), (None, "No such file")],
)
def test_an_overlap_file_that_is_not_valid(place: Place, line: str | None, said: str) -> None:
    if line is not None:
        (place.folder / "live.jsonl").write_text(line)
    ran = place.command("sandbox", "--port", "0", "--overlap", "live.jsonl")
    assert ran.returncode == 2 and said in ran.stderr and len(ran.stderr.splitlines()) == 1


# Common mistakes


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["review", "plan.yaml"], "of a plan, review one job's files with its mapping"),
        (["review", "orders.csv", "--route", "{}"], "--route is of a plan's jobs"),
        (["upload", "orders.csv", "--dry-run"], "--dry-run is what `backfill check` does"),
        (["jobs", "plan.yaml", "--dry-run"], "--dry-run is what `backfill jobs PLAN --check` does"),
        (["check", "ordres.csv"], "ordres.csv: no such file; is it orders.csv?"),
        (["check", "Orders.CSV.gz"], "no such file; is it orders.csv?"),
        (["check", "nowhere/orders.csv"], "nowhere/orders.csv: no such file: there is no folder nowhere"),
        (["check", "zzz"], "zzz: no such file\n"),
        (
            ["check", "orders.csv", "--quiet", "odd.csv"],
            "arguments: odd.csv (files stand together, before the options)",
        ),
        (["check", "odd.csv"], "or draft a mapping of the file's own: backfill init "),
        (["check", "orders.csv", "--since", "2024-03-01", "--until", "2024-01-01"], "no time lies between them"),
        (["check", "orders.csv", "--since", "2024-03-01", "--until", "2024-03-01"], "no time lies between them"),
        (
            ["upload", "orders.csv", "--since", "2024-05-01T10:00:00+02:00", "--until", "2024-05-01T08:00:00Z"],
            "crossed",
        ),
        (
            ["verify", "orders.csv", "--since", "2025-01-01", "--until", "2024-12-31T23:59:59Z"],
            "--since 2025-01-01 --until",
        ),
    ],
)
def test_a_mistake_is_reported_with_what_was_meant(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    place.orders(2)
    (place.folder / "odd.csv").write_text("Colour,Size\nred,9\n")
    monkeypatch.chdir(place.folder)
    monkeypatch.setenv("COMETLY_API_KEY", "sandbox")
    named = [] if words[1] == "odd.csv" else ["-m", place.mapping]
    code, err = exit_and_error([*words, *named, "--state", "state"], capsys)
    assert (code, said in err) == (2, True), err
