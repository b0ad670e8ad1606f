"""check --plan, and the upload of it: what was seen is sent, in as many runs as it takes, or nothing is."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from place import MAPPING, Place
from reading import space

from backfill.cli import main
from backfill.files.own_outputs import is_ours
from backfill.sandbox import Fault, SandboxThread


@pytest.fixture
def desk(place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Where commands are typed: the place's folder, with a key."""
    monkeypatch.chdir(place.folder)
    monkeypatch.setenv("COMETLY_API_KEY", "sandbox")
    monkeypatch.setenv("BACKFILL_STATE", str(place.folder / "state"))
    place.orders(6)
    (place.folder / "small.yaml").write_text(MAPPING)
    return place


def check(sandbox: SandboxThread, *words: str) -> int:
    return main(["check", "orders.csv", "-m", "small.yaml", "--base-url", sandbox.url, "--plan", "out.plan", *words])


def orders_of(sandbox: SandboxThread) -> list[str]:
    return sorted(event.body["order_id"] for event in sandbox.events)


def test_exactly_what_was_seen_is_sent(desk: Place, capsys: pytest.CaptureFixture[str]) -> None:
    with space() as sandbox:
        assert check(sandbox, "--until", "2024-05-05T12:00:00Z", "--json", "--rejects", "wrong.csv") == 0
        shown = capsys.readouterr()
        resume = json.loads(shown.out)["resume"]
        plan, rejects, state = (desk.folder / name for name in ("out.plan", "wrong.csv", "state"))
        assert resume == f"backfill upload {plan} --rejects {rejects} --state {state}"
        assert resume in shown.err
        assert Path("out.plan").stat().st_mode & 0o777 == 0o600 and is_ours(Path("out.plan"))
        assert main([*resume.split()[1:], "--yes", "--rate", "600"]) == 0
        assert orders_of(sandbox) == [f"A{n}" for n in range(5)]
        assert main(["upload", "out.plan", "--yes"]) == 0, "all of it is there: nothing is left to send"
        assert len(sandbox.events) == 5


@pytest.mark.parametrize("kept", [["--plan", "out.plan"], []])
def test_the_printed_command_sends_with_a_replaced_key(
    desk: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], kept: list[str]
) -> None:
    with space(keys={"sandbox": "one", "new": "one"}) as sandbox:
        first = ["orders.csv", "-m", "small.yaml", "--base-url", sandbox.url]
        assert main(["upload", *first, "--yes"]) == 0
        desk.orders(8)
        monkeypatch.setenv("COMETLY_API_KEY", "new")
        capsys.readouterr()
        assert main(["check", *first, "--key-rotated", "--json", *kept]) == 0
        resume = json.loads(capsys.readouterr().out)["resume"]
        assert main([*resume.split()[1:], "--yes"]) == 0, capsys.readouterr().err
        assert len(sandbox.events) == 8


def test_it_is_sent_in_as_many_runs_as_it_takes(desk: Place) -> None:
    """Doubles in the file among them, which after the first run are known."""
    with Path("orders.csv").open("a") as file:
        file.write("A1,p1@example.com,2.50,2024-05-02T10:00:00Z\n")
    with space(faults=[Fault(status=403, at={4})]) as sandbox:
        assert check(sandbox) == 0
        assert main(["upload", "out.plan", "--yes", "--limit", "2"]) == 0
        assert main(["upload", "out.plan", "--yes", "--workers", "1"]) == 4
        assert 2 <= len(sandbox.events) < 6
        assert main(["upload", "out.plan", "--yes"]) == 0
        assert orders_of(sandbox) == [f"A{n}" for n in range(6)]


def changed_mapping() -> None:
    Path("small.yaml").write_text(MAPPING.replace("amount: Total,", ""))


def changed_byte() -> None:
    Path("orders.csv").write_text(Path("orders.csv").read_text().replace("3.50", "3.60"))


def one_more() -> None:
    with Path("orders.csv").open("a") as file:
        file.write("A9,p9@example.com,2.50,2024-05-02T10:00:00Z\n")


def edited() -> None:
    Path("out.plan").write_text(Path("out.plan").read_text().replace('"rows": 6', '"rows": 7'))


def cut() -> None:
    Path("out.plan").write_text(Path("out.plan").read_text()[:200])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (changed_mapping, "the mapping"),
        (changed_byte, "its text is, at the same size, another"),
        (one_more, "its size is another"),
        (edited, "not as the check wrote it"),
        (cut, "damaged or cut short"),
        (lambda: Path("orders.csv").unlink(), "can't be read"),
    ],
)
def test_any_difference_is_named(
    desk: Place, capsys: pytest.CaptureFixture[str], change: Callable[[], None], said: str
) -> None:
    with space() as sandbox:
        assert check(sandbox) == 0
        change()
        assert main(["upload", "out.plan", "--yes"]) == 2 and said in capsys.readouterr().err
        assert not sandbox.events


def test_what_others_have_sent_is_a_difference(desk: Place, capsys: pytest.CaptureFixture[str]) -> None:
    with space() as sandbox:
        assert check(sandbox) == 0
        desk.orders(1, name="other.csv")
        words = ["upload", "other.csv", "-m", "small.yaml", "--base-url", sandbox.url, "--yes"]
        assert main(words) == 0
        assert main(["upload", "out.plan", "--yes"]) == 2
        assert "the ledger is not where it was: run 1 has come since" in capsys.readouterr().err
        assert len(sandbox.events) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--timezone", "Europe/Berlin"], "holds another --timezone than Europe/Berlin"),
        (["--space", "other"], "holds another --space than other"),
        (["-m", "shopify_orders"], "holds another --mapping"),
        (["--base-url", "http://127.0.0.1:9"], "holds another --base-url"),
        (["--skip-existing"], "holds another --skip-existing; leave it out"),
        (["--sandbox"], "it was made for the API at"),
        (["--summary", "-"], "--summary -: is no file; name one"),
    ],
)
def test_what_is_said_with_it_only_says_how(
    desk: Place, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    with space() as sandbox:
        assert check(sandbox) == 0
        assert main(["upload", "out.plan", "--yes", *words]) == 2 and said in capsys.readouterr().err


def test_a_plan_is_no_input_and_none_is_made_of_what_is_gone(desk: Place, capsys: pytest.CaptureFixture[str]) -> None:
    with space() as sandbox:
        assert main(["check", "-", "-m", "small.yaml", "--base-url", sandbox.url, "--plan", "out.plan"]) == 2
        assert "standard input is gone" in capsys.readouterr().err
        assert check(sandbox) == 0 and main(["check", "out.plan", "-m", "small.yaml"]) == 2
