"""What stops a run from outside: a terminal that closes, a full disk, a ledger or an input that goes wrong under it.

Each ends with one sentence, the exit code of its kind, a ledger that is true, and the command that goes on.
"""

import os
import pty
import random
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from place import Place, Running, accepted_in, assert_each_once, attempted_in, ledger_of, until

from backfill.sandbox import Fault, SandboxThread


def one_sentence(err: str) -> str:
    """The error, which is printed in one line and never as a traceback."""
    assert "Traceback" not in err
    lines = [line for line in err.splitlines() if line.startswith("backfill: ")]
    assert len(lines) == 1, err
    return lines[0]


class Typed:
    """The command on a terminal of its own."""

    def __init__(self, place: Place, *words: str, url: str, env: dict[str, str] | None = None):
        self.terminal, inner = pty.openpty()
        streams = {"stdin": inner, "stdout": subprocess.DEVNULL, "stderr": inner}
        self.process = place.start(*words, url=url, env=env, **streams, start_new_session=True)
        os.close(inner)
        self.shown = ""

    def read_until(self, text: str) -> str:
        deadline = time.monotonic() + 60
        while text not in self.shown and time.monotonic() < deadline:
            try:
                self.shown += os.read(self.terminal, 4096).decode()
            except OSError:
                break
        return self.shown

    def say(self, text: str) -> None:
        os.write(self.terminal, text.encode())


def test_a_terminal_that_closes_ends_the_run_as_a_signal_does(place: Place) -> None:
    words = ("upload", place.orders(40), "-m", place.mapping, "--state", str(place.folder / "state"), "--workers", "4")
    with SandboxThread(faults=[Fault(latency=2, after=5)]) as sandbox:
        typed = Typed(place, *words, "--yes", url=sandbox.url)
        until(sandbox, 5)
        os.close(typed.terminal)
        assert typed.process.wait(240) == 129
        went = {f"purchase:{arrival.body['order_id']}" for arrival in sandbox.arrivals if arrival.body}
        assert 5 <= len(went) < 40
        assert accepted_in(place.folder) == went
        sandbox.faults = ()
        assert place.command(*words, url=sandbox.url).returncode == 0
        assert len(sandbox.arrivals) == 40
        assert_each_once(sandbox, 40)


def test_a_full_disk_loses_no_event(place: Place) -> None:
    words = ["upload", place.orders(600), "-m", place.mapping, "--state", str(place.folder / "state"), "--unlimited"]
    with SandboxThread(rate=None) as sandbox:
        line = f"ulimit -f 120; exec {sys.executable} -B -m backfill {' '.join(words)}"
        process = subprocess.Popen(
            ["sh", "-c", line],
            cwd=place.folder,
            env=place.environment(sandbox.url),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        _, err = process.communicate(timeout=120)
        assert process.returncode in (2, 4), err
        assert "can't be" in one_sentence(err)
        assert "make room" in err
        arrived = {f"purchase:{arrival.body['order_id']}" for arrival in sandbox.arrivals if arrival.body}
        if arrived:
            assert process.returncode == 4
            assert f"to go on: backfill {' '.join(words)}" in err
            assert accepted_in(place.folder) <= arrived <= accepted_in(place.folder) | attempted_in(place.folder)
        assert len(arrived) == len(sandbox.events)


def test_what_the_ledger_can_t_enter_before_it_is_sent_is_not_sent(place: Place) -> None:
    with SandboxThread() as sandbox:
        place.upload(sandbox.url, place.orders(1))
        with closing(sqlite3.connect(ledger_of(place.folder))) as db, db:
            db.execute(
                "CREATE TRIGGER no_room BEFORE INSERT ON attempts WHEN new.key = 'purchase:A30' "
                "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
            )
        found = place.upload(sandbox.url, place.orders(60))
        assert found["exit_code"] == 4 and found["balanced"] and 0 < found["accepted"] == len(sandbox.arrivals) - 1 < 30
        assert found["unattempted"] == 59 - found["accepted"] and attempted_in(place.folder) == set()
        with closing(sqlite3.connect(ledger_of(place.folder))) as db, db:
            db.execute("DROP TRIGGER no_room")
        assert place.upload(sandbox.url, place.orders(60))["exit_code"] == 0
        assert_each_once(sandbox, 60)


@pytest.mark.parametrize("name", ["rows.csv", "-"])
def test_a_disk_without_room_for_temporary_files_is_reported(place: Place, name: str) -> None:
    noise = random.Random(1)
    rows = [f"A{n},{noise.randbytes(160).hex()},5,2024-05-01T10:00:00Z\n" for n in range(4000)]
    text = "".join(["Order,Email,Total,When\n", *rows])
    (place.folder / "rows.csv").write_text(text, encoding="utf-8")
    words = [
        "-B",
        "-m",
        "backfill",
        "check",
        name,
        "-m",
        place.mapping,
        "--state",
        str(place.folder / "state"),
        "--rejects",
        "out.csv",
    ]
    ran = subprocess.run(
        ["sh", "-c", f"ulimit -f 1000; exec {sys.executable} {' '.join(words)}"],
        cwd=place.folder, env=place.environment(), input=text, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert ran.returncode == 2, ran.stderr
    assert "a temporary file can't be written (File too large); make room" in one_sentence(ran.stderr)
    assert not list(place.folder.glob("out.csv"))


@pytest.fixture
def half_way(place: Place) -> Iterator[tuple[SandboxThread, Running, list[str]]]:
    """An upload of which some events went out; the others are slow until the sandbox has no faults."""
    words = ["upload", place.orders(60), "-m", place.mapping, "--state", str(place.folder / "state"), "--workers", "4"]
    with SandboxThread(faults=[Fault(latency=2, after=20)]) as sandbox:
        process = place.start(*words, url=sandbox.url)
        until(sandbox, 20)
        yield sandbox, process, words
        process.kill()
        process.communicate()


def test_a_ledger_that_is_locked_half_way(place: Place, half_way: tuple[SandboxThread, Running, list[str]]) -> None:
    sandbox, process, words = half_way
    db = sqlite3.connect(ledger_of(place.folder), isolation_level=None)
    db.execute("BEGIN EXCLUSIVE")
    sandbox.faults = ()
    out, err = process.communicate(timeout=240)
    db.execute("ROLLBACK")
    db.close()
    assert process.returncode == 4, err
    assert "locked by another program" in one_sentence(err)
    assert f"to go on: backfill {' '.join(words)}" in err
    accepted = len(accepted_in(place.folder))
    assert f"{accepted} accepted" in out
    sent = len(sandbox.arrivals) - accepted
    assert f"of those unattempted, {sent} were sent, and no answer is in the ledger" in out
    rest = place.command(*words, url=sandbox.url)
    assert rest.returncode == 0, rest.stderr
    assert_each_once(sandbox, 60)


def test_a_ledger_that_is_overwritten_half_way(
    place: Place, half_way: tuple[SandboxThread, Running, list[str]]
) -> None:
    sandbox, process, words = half_way
    path = ledger_of(place.folder)
    for name in (path, path.with_name(path.name + "-wal")):
        with name.open("r+b") as file:
            file.write(b"no ledger " * (name.stat().st_size // 10))
    sandbox.faults = ()
    _, err = process.communicate(timeout=240)
    assert "Traceback" not in err
    arrived = len(sandbox.arrivals)
    again = place.command(*words, url=sandbox.url)
    if again.returncode == 0:  # SQLite made it whole again from what it still had
        assert process.returncode == 0
        assert "60 already" in again.stdout
    else:
        assert again.returncode == 2
        assert "the ledger" in one_sentence(again.stderr)
    assert len(sandbox.arrivals) == arrived


@pytest.mark.parametrize("change", ["vanishes", "shrinks", "changes", "grows"])
def test_an_input_that_changes_before_the_answer_is_yes(place: Place, change: str) -> None:
    path = Path(place.orders(30))
    text = path.read_text(encoding="utf-8")
    words = ("upload", str(path), "-m", place.mapping, "--state", str(place.folder / "state"))
    with SandboxThread() as sandbox:
        typed = Typed(place, *words, url=sandbox.url)
        typed.read_until("[y/N]")
        match change:
            case "vanishes":
                path.unlink()
            case "shrinks":
                path.write_text(text[: len(text) // 2], encoding="utf-8")
            case "changes":
                path.write_text(text.replace(".50,", ".75,"), encoding="utf-8")
            case "grows":
                path.write_text(text + text.replace("A", "B"), encoding="utf-8")
        typed.say("y\n")
        shown = typed.read_until("to go on").replace("\r\n", "\n")
        code = typed.process.wait(240)
        os.close(typed.terminal)
        assert "Traceback" not in shown
        planned = {(f"A{n}", n % 90 + 1.5) for n in range(30)}
        assert {(event.body["order_id"], event.body["amount"]) for event in sandbox.events} <= planned
        if code == 0:
            assert len(sandbox.events) == 30
        else:
            assert code == (4 if sandbox.arrivals else 2)
            said = re.sub(r"\x1b\[\d*m", "", shown.partition("[y/N]")[2])  # without colours
            assert str(path.name) in one_sentence(said.replace(" backfill:", "\nbackfill:"))
