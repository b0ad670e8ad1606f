"""The law of outputs: no file that is read, or that holds what was sent, is ever written to, however it is named."""

import argparse
import json
import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from place import Place, ledger_of
from plans import write_plan
from reading import space

from backfill.cli import main
from backfill.cli.jobs import settings
from backfill.cli.parser import parser
from backfill.run.option_values import local, output
from backfill.storage.state_folder import own_files, owns

LOOKED_UP = "Order,Note\nA0,x\n"
JOINED = """mapping: 1
name: small
lookups: {notes: {on: [Order, Order]}}
events:
  - event_name: purchase
    fields: {order_id: Order, email: Email, amount: Total, event_time: When, order_name: notes.Note}
"""


def options_of(command: str) -> list[str]:
    """Every option of a command that names a file to be written."""
    grammar = next(a for a in parser()._actions if isinstance(a, argparse._SubParsersAction)).choices[command]
    return [one.option_strings[-1] for one in grammar._actions if one.option_strings and one.type in (local, output)]


COMMANDS = {
    "check": ["orders.csv", "-m", "joined.yaml", "--lookup", "notes=notes.csv"],
    "upload": ["orders.csv", "-m", "joined.yaml", "--lookup", "notes=notes.csv"],
    "receipt": ["kept.plan"],
    "verify": ["orders.csv", "-m", "joined.yaml", "--lookup", "notes=notes.csv"],
    "jobs": ["plan.yaml"],
    "init": ["orders.csv"],
}
INPUTS = ["orders.csv", "notes.csv", "joined.yaml"]
READ = {
    **dict.fromkeys(("check", "upload", "verify"), INPUTS),
    "receipt": [*INPUTS, "kept.plan"],
    "jobs": [*INPUTS, "other.csv", "late.csv", "plan.yaml"],
    "init": ["orders.csv"],
}


@pytest.fixture
def desk(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """Files of every kind that is read, and a ledger that holds what was sent."""
    monkeypatch.chdir(place.folder)
    monkeypatch.setenv("COMETLY_API_KEY", "sandbox")
    monkeypatch.setenv("BACKFILL_STATE", str(place.folder / "state"))
    for name, text in (("joined.yaml", JOINED), ("notes.csv", LOOKED_UP)):
        (place.folder / name).write_text(text)
    place.orders(3)
    place.orders(3, name="other.csv")
    with space() as sandbox:
        monkeypatch.setenv("COMETLY_API_URL", sandbox.url)
        words = COMMANDS["check"]
        assert main(["upload", *words]) == main(["check", *words, "--plan", "kept.plan"]) == 0
        Path("bad.csv").write_text("Order,Email,Total,When\nB,nobody,1,2024-05-01T10:00:00Z\n")
        assert main(["check", "bad.csv", "-m", place.mapping]) == 3  # a reject file that the state knows
        job = {"mapping": "joined.yaml", "lookup": {"notes": "notes.csv"}}
        write_plan(place, {"files": "o*.csv", **job}, {"files": "late.csv", **job})
        yield place


def kept(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def own(folder: Path) -> list[str]:
    """The state folder's files, those that a run will make, and a ledger of another folder."""
    found = [str(path) for path in own_files(folder / "state")]
    other = folder / "elsewhere.sqlite"
    other.write_bytes(ledger_of(folder).read_bytes())
    address = ledger_of(folder).parent
    return [*found, str(address / "new.sqlite"), str(address / "default.sqlite-wal"), "state/pace/new", str(other)]


def spellings(name: str, folder: Path) -> Iterator[str]:
    """Names of one file: as it is, from the working folder, by a link, through a linked folder and as a second name."""
    path = folder / name
    yield str(path)
    yield os.path.relpath(path)
    for at, (link, target) in enumerate([(folder / "link", path), (folder / "through", path.parent)]):
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        yield str(link / path.name) if at else str(link)
    if path.exists():
        twin = folder / "twin"
        twin.unlink(missing_ok=True)
        os.link(path, twin)
        yield str(twin)


@pytest.mark.parametrize("command", COMMANDS)
def test_no_output_is_what_is_read_or_holds_what_was_sent(
    desk: Place, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    folder, real = desk.folder, "upload" if command == "receipt" else command
    (folder / "late.csv").unlink(missing_ok=True)
    options, names = (
        options_of(real),
        [*READ[command], *(own(folder) if command in ("check", "verify", "jobs") else [])],
    )
    assert options, command
    before = kept(folder)
    turn = 0
    for option in options:
        for name in names:
            found = list(spellings(name, folder))
            for spelt in found if name == "orders.csv" else [found[turn % len(found)]]:
                turn += 1
                code = main([real, *COMMANDS[command], option, spelt])
                said = capsys.readouterr().err
                assert code == 2 and said.count("\n") == 1 and "name another" in said, (option, spelt, said)
            for link in ("link", "through", "twin"):
                (folder / link).unlink(missing_ok=True)
            assert kept(folder) == before, (option, name)


@pytest.mark.parametrize("command", ["check", "upload", "jobs"])
def test_two_outputs_of_a_run_are_two_files(desk: Place, capsys: pytest.CaptureFixture[str], command: str) -> None:
    (desk.folder / "link").symlink_to("out")
    options, before = options_of(command), kept(desk.folder)
    for one, other in pairwise(options):
        assert main([command, *COMMANDS[command], one, "out", other, "link"]) == 2
        assert "goes; name another file" in capsys.readouterr().err and kept(desk.folder) == before


@pytest.mark.parametrize("key", [name for name, setting in settings().items() if setting.path])
def test_a_jobs_output_is_no_file_of_the_plan(desk: Place, capsys: pytest.CaptureFixture[str], key: str) -> None:
    """Its own input, another's, one that is not there yet, what all share, the ledger, and where another job writes."""
    job = {"mapping": "joined.yaml", "lookup": {"notes": "notes.csv"}}
    jobs = [{"files": "o*.csv", **job}, {"files": "late.csv", "summary": "taken.json", **job}]
    names = [*READ["jobs"], str(ledger_of(desk.folder)), "taken.json"]
    for name in names:
        for spelt in spellings(name, desk.folder):
            write_plan(desk, {key: spelt, **jobs[0]}, jobs[1])
            before = kept(desk.folder)
            assert main(["jobs", "plan.yaml", "--metrics", "out.prom"]) == 2
            said = capsys.readouterr().err
            assert "job 1's " in said and "name another" in said and said.count("\n") == 1, said
            (desk.folder / "out.prom").unlink()  # says that the plan was refused
            assert kept(desk.folder) == before


def test_a_refusal_replaces_nothing_but_figures(desk: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was to be read is not always known by then: no key, a plan that is none."""
    monkeypatch.delenv("COMETLY_API_KEY")
    Path("broken.yaml").write_text("plan: [")
    for words in (["upload", *COMMANDS["upload"]], ["jobs", "broken.yaml"]):
        before = kept(desk.folder)
        for name in ("orders.csv", "joined.yaml", "broken.yaml", str(ledger_of(desk.folder))):
            assert main([*words, "--metrics", name]) == 2 and kept(desk.folder) == before
        assert main([*words, "--metrics", "out.prom"]) == main([*words, "--metrics", "out.prom"]) == 2
        assert b"backfill_exit_code" in Path("out.prom").read_bytes()
        Path("out.prom").write_bytes(b"")
        assert main([*words, "--metrics", "out.prom"]) == 2 and Path("out.prom").stat().st_size
        Path("out.prom").unlink()


def test_the_file_of_standard_input_is_an_input(desk: Place) -> None:
    text = Path("orders.csv").read_bytes()
    with Path("orders.csv").open() as file:
        ran = desk.start("check", "-", "-m", desk.mapping, "--summary", "orders.csv", stdin=file)
        said = ran.communicate(timeout=240)[1]
    assert ran.returncode == 2 and "is an input" in said and Path("orders.csv").read_bytes() == text


def test_what_is_in_a_state_folder_is_known_as_its_own(desk: Place) -> None:
    there = sorted((desk.folder / "state").iterdir())
    assert len(there) > 1 and all(owns(path.relative_to(desk.folder / "state")) for path in there), there
    assert main(["check", *COMMANDS["check"], "--summary", "state/mine.json"]) == 0
    assert json.loads(Path("state/mine.json").read_text())["exit_code"] == 0


def test_a_jobs_rejects_are_never_put_where_another_job_reads(desk: Place) -> None:
    """Also where nobody has said where they go, and what is there is a check's own, which it would replace."""
    text = Path("bad.rejects.csv").read_bytes()
    Path("bad.csv").write_text(Path("bad.csv").read_text() + "C,nobody,1,2024-05-01T10:00:00Z\n")
    write_plan(desk, {"files": "bad.csv"}, {"files": "bad.rejects.csv"})
    assert main(["jobs", "plan.yaml"]) == 3
    assert Path("bad.rejects.csv").read_bytes() == text and Path("bad.rejects-2.csv").exists()
