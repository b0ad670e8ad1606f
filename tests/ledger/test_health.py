"""Damage: whatever is in the state folder, no command reads it as an empty ledger, and none ends in a bug."""

import ctypes
import json
import os
import random
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from place import PACKAGE, Place, ledger_of
from postgres import postgres
from reading import Reader, Result, reader, space

from backfill.api.pace.window import WindowLog
from backfill.commands.ledger import copy_ledgers
from backfill.commands.status import Asked, status, why
from backfill.errors import StateError, UsageError, shown
from backfill.ledger import Accepted, identity_digests
from backfill.ledger.home import shared_ledgers
from backfill.ledger.lock import lock
from backfill.ledger.postgres.server import Server
from backfill.ledger.sqlite.ledger import SqliteLedger
from backfill.sandbox import SandboxThread
from backfill.storage.private import make_folder
from backfill.storage.state_folder import fixed_folder

__all__ = ["reader"]


class Home:
    """A folder in which six orders were sent, and everything that can be asked there."""

    def __init__(self, place: Place, reader: Reader, sandbox: SandboxThread):
        self.place, self.reader, self.sandbox = place, reader, sandbox
        self.state = place.folder / "state"
        self.sent = place.orders(6)
        reader.upload(sandbox.url, self.sent, unlimited=True)
        [self.ledger] = self.state.rglob("*.sqlite")
        self.whole = self.ledger.read_bytes()
        self.more = place.orders(8, name="more.csv")

    def restore(self) -> None:
        if self.ledger.is_dir() and not self.ledger.is_symlink():
            shutil.rmtree(self.ledger)
        self.ledger.unlink(missing_ok=True)
        self.ledger.write_bytes(self.whole)
        for left in (*self.ledger.parent.glob("*.sqlite-*"), *self.ledger.parent.glob("*.sound")):
            left.unlink()

    def asked(self, *kinds: str) -> dict[str, int]:
        """The exit code of each command."""
        asked = Asked(self.state)
        commands: dict[str, Callable[[], int]] = {
            "status": lambda: status(asked),
            "why": lambda: why(asked, "A1"),
            "check": lambda: self.reader.run("check", self.sandbox.url, self.more).code,
            "verify": lambda: self.reader.run("verify", self.sandbox.url, self.more).code,
            "undo": lambda: self.reader.run("undo", self.sandbox.url, number=1, dry_run=True).code,
            "upload": lambda: self.reader.run("upload", self.sandbox.url, self.more, unlimited=True).code,
        }
        return {kind: commands[kind]() for kind in kinds or commands}

    def refused(self, *kinds: str) -> bool:
        """Whether each command ends with exit 2, and nothing is sent."""
        before = len(self.sandbox.arrivals)
        codes = self.asked(*kinds)
        assert set(codes.values()) == {2}, codes
        return len(self.sandbox.arrivals) == before


@contextmanager
def bound_by_modes() -> Iterator[None]:
    """Root reads and writes whatever a file's mode says, unless it gives that up for a while."""
    if os.geteuid() != 0 or sys.platform != "linux":
        yield
        return
    libc, head, kept = ctypes.CDLL(None), (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    assert libc.capget(head, kept) == 0
    assert libc.capset(head, type(kept)(kept[0] & ~0b110, *kept[1:])) == 0  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
    try:
        yield
    finally:
        libc.capset(head, kept)


@pytest.fixture
def home(place: Place, reader: Reader) -> Iterator[Home]:
    with space() as sandbox:
        yield Home(place, reader, sandbox)


def changed(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for statement in statements:
            db.execute(statement)


def foreign(path: Path) -> None:
    path.unlink()
    changed(path, "CREATE TABLE notes (text)", "INSERT INTO notes VALUES ('mine')")


def only_its_log(path: Path) -> None:
    path.with_name(f"{path.name}-wal").write_bytes(b"what a killed run left")
    path.unlink()


def instead(make: Callable[[Path], object]) -> Callable[[Path], None]:
    def put(path: Path) -> None:
        path.unlink()
        make(path)

    return put


DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: os.truncate(path, 0),
    "one byte": lambda path: os.truncate(path, 1),
    "its first page": lambda path: os.truncate(path, 4096),
    "all but a byte": lambda path: os.truncate(path, path.stat().st_size - 1),
    "a text": lambda path: path.write_text("Order,Email\n" * 400),
    "another program's": foreign,
    "of a newer release": lambda path: changed(path, "UPDATE meta SET value = '99' WHERE name = 'schema'"),
    "of no release": lambda path: changed(path, "DELETE FROM meta WHERE name = 'schema'"),
    "without accepted": lambda path: changed(path, "DROP TABLE accepted"),
    "without runs": lambda path: changed(path, "DROP TABLE runs"),
    "without a run": lambda path: changed(path, "DELETE FROM runs"),
    "without a key": lambda path: changed(path, "DELETE FROM accepted"),
    "a folder": instead(Path.mkdir),
    "a pipe": instead(os.mkfifo),
    "a link to nothing": instead(lambda path: path.symlink_to("gone")),
    "a link to itself": instead(lambda path: path.symlink_to(path.name)),
    "only its log": only_its_log,
}


def test_what_is_no_whole_ledger_stops_every_command(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    for damage, do in DAMAGES.items():
        home.restore()
        do(home.ledger)
        assert home.refused(), damage
        capsys.readouterr()
        assert status(Asked(home.state, json=True)) == 2
        printed = capsys.readouterr()
        [found] = json.loads(printed.out)
        assert (found["space"], found["address"], found["ledger"]) == ("default", home.sandbox.url, str(home.ledger))
        assert found["damaged"] in printed.err and str(home.ledger) in found["damaged"]
        assert damage == "of a newer release" or "--skip-existing" in found["damaged"]
        assert why(Asked(home.state, space="acme"), "A1") == 0  # another Space is not affected


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_ledger_cut_anywhere_or_with_an_empty_page_is_refused(home: Home, data: st.DataObject) -> None:
    home.restore()
    if data.draw(st.booleans(), "cut"):
        os.truncate(home.ledger, data.draw(st.integers(0, len(home.whole) - 1), "bytes left"))
    else:
        page = data.draw(st.integers(0, len(home.whole) // 4096 - 1), "page")
        content = bytearray(home.whole)
        content[page * 4096 : (page + 1) * 4096] = bytes(4096)
        home.ledger.write_bytes(content)
    assert home.refused("status", "why", "check")


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), length=st.sampled_from([1, 8, 200, 4096]))
def test_bytes_overwritten_are_damage_or_do_no_harm(home: Home, seed: int, length: int) -> None:
    home.restore()
    chance = random.Random(seed)
    content = bytearray(home.whole)
    begin = chance.randrange(len(content) - length)
    content[begin : begin + length] = chance.randbytes(length)
    home.ledger.write_bytes(content)
    assert set(home.asked("status", "why", "check").values()) <= {0, 2, 3}


def test_values_that_say_nothing_are_damage_or_do_no_harm(home: Home) -> None:
    for table in ("accepted", "runs", "inputs", "meta", "verdicts"):
        with closing(sqlite3.connect(home.ledger)) as db:
            columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
        for column in columns:
            for value in ("'odd'", "x'ff00'"):
                home.restore()
                with suppress(sqlite3.IntegrityError):
                    changed(home.ledger, f"UPDATE OR IGNORE {table} SET {column} = {value}")
                    codes = home.asked("status", "why", *(["check"] if table in ("accepted", "inputs") else []))
                    assert set(codes.values()) <= {0, 2, 3}, (table, column, value, codes)
        home.restore()
    for column in ("time", "amount"):
        changed(home.ledger, f"UPDATE accepted SET {column} = 'odd'")
        assert home.refused("undo")
    assert home.refused("verify")


@pytest.mark.parametrize(
    "odd",
    [
        "accepted SET time = '9999-12-31T23:59:59Z'",
        "accepted SET time = '0001-01-01T00:00:00+10:00'",
        "accepted SET time = 'yesterday'",
        "accepted SET amount = '9e999999'",
        "accepted SET amount = 'NaN'",
        "accepted SET amount = x'ff'",
        "accepted SET key = x'80ff' WHERE key = 'purchase:A1'",
        "inputs SET rows = 'odd'",
    ],
)
def test_a_value_that_no_run_has_written_is_no_bug(home: Home, odd: str) -> None:
    changed(home.ledger, f"UPDATE {odd}")
    codes = home.asked("verify", "undo") | {"sent": home.reader.run("check", home.sandbox.url, home.sent).code}
    codes["why"] = why(Asked(home.state, json=True), "A1")
    assert set(codes.values()) <= {0, 2, 3}, codes
    with suppress(UsageError):
        copy_ledgers(str(home.state), str(home.place.folder / "copied"), None, None)


def test_the_bytes_of_a_path_do_not_change_what_is_in_it(
    place: Place, reader: Reader, capsys: pytest.CaptureFixture[str]
) -> None:
    name = os.fsdecode(b"caf\xe9 %3f?#\x80 \xc3\xa9")  # bytes that are no UTF-8, and what has a meaning in an address
    place.folder /= name
    place.folder.mkdir()
    with space() as sandbox:
        home = Home(place, reader, sandbox)
        wrong = Path(place.orders(7, first=6, name=f"{name}.csv"))
        wrong.write_text(wrong.read_text(encoding="utf-8").replace("p6@", ""), encoding="utf-8")
        assert reader.run("upload", sandbox.url, str(wrong)).code == 3
        assert home.asked() == {"status": 0, "why": 0, "check": 0, "verify": 3, "undo": 0, "upload": 0}
        for asked in (wrong.name, shown(wrong.name)):
            assert why(Asked(home.state), f"{asked}:1") == 0
            assert "purchase invalid (invalid_email)" in capsys.readouterr().out
        assert why(Asked(home.state), f"{Path(home.sent).name}:1") == 0  # which is known of the file alone
        assert "key purchase:A0" in capsys.readouterr().out


def test_a_new_ledger_is_whole_from_its_first_moment(tmp_path: Path) -> None:
    """What a killed process left is not used as the start of a ledger, and is deleted."""
    path = tmp_path / "state" / "http_a.test_80" / "default.sqlite"
    make_folder(path.parent)
    for name in ("", "-wal", "-journal"):
        (path.parent / f".default.sqlite.new{name}").write_bytes(b"cut off")
    with SqliteLedger.open(path, "http://a.test:80", "default") as ledger:
        ledger.begin("x", "small", None, [])
    assert [one.name for one in path.parent.iterdir()] == ["default.sqlite"]


def test_a_large_ledger_is_checked_again_only_after_it_was_written_to(tmp_path: Path) -> None:
    path = tmp_path / "default.sqlite"
    who = identity_digests("ann@example.com", None, None, None)
    with SqliteLedger.open(path, "http://a.test:80", "default") as ledger:
        run = ledger.begin("x", "small", None, [])
        ledger.accept(run, [Accepted(f"purchase:{n:0>90}", "2024-05-01T10:00:00Z", "9", who) for n in range(40_000)])
    note = path.with_suffix(".sound")
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    with SqliteLedger.look(path) as ledger:
        assert ledger.totals().accepted == 40_000
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 4096 // 2 * 4096)
        file.write(bytes(4096))
    for _ in range(2):
        with pytest.raises(StateError, match="damaged"), SqliteLedger.look(path):
            pass
    note.write_text("odd")
    with pytest.raises(StateError, match="damaged"), SqliteLedger.look(path):
        pass


# The state folder and what else is in it


@pytest.mark.parametrize(
    "make", [os.mkfifo, Path.touch, lambda path: path.symlink_to("gone"), lambda path: path.symlink_to(path.name)]
)
def test_a_state_folder_that_is_no_folder_stops_every_command(home: Home, make: Callable[[Path], object]) -> None:
    shutil.rmtree(home.state)
    make(home.state)
    with pytest.raises(StateError, match=r"state: is a .*, and no folder"):
        status(Asked(home.state))
    assert home.refused("check", "verify", "undo", "upload")


@pytest.mark.parametrize("name", ["n" * 300, "a/" * 2500])
def test_a_state_folder_whose_name_is_too_long_is_reported(tmp_path: Path, name: str) -> None:
    for ask in (status, lambda asked: why(asked, "A1")):
        with pytest.raises(StateError, match="File name too long"):
            ask(Asked(tmp_path / name))


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir, lambda path: path.symlink_to(path.name), lambda path: None])
def test_odd_files_next_to_a_ledger_lose_no_event(home: Home, make: Callable[[Path], object]) -> None:
    """Odd files where a run keeps its lock, its card, its pace and its outputs: no bug, and no endless wait."""
    left = [*home.state.rglob("*.lock"), home.ledger.with_suffix(".holder"), home.ledger.with_suffix(".readback")]
    left += [*(home.place.folder / "home").rglob("pace/*.log"), home.state / "checked-rejects.json"]
    for path in left:
        path.unlink(missing_ok=True)
        make(path)
        if not os.path.lexists(path):
            path.write_text("[" * 20_000)
    codes = home.asked("status", "why", "check", "verify", "upload")
    assert set(codes.values()) <= {0, 2, 3}, codes
    assert (codes["status"], codes["why"], codes["check"]) == (0, 0, 0)


@pytest.mark.parametrize(
    "put",
    [
        instead(Path.mkdir),
        instead(lambda path: path.symlink_to("gone")),
        instead(lambda path: path.symlink_to(path.name)),
        instead(lambda path: path.symlink_to(__file__)),
        lambda path: path.chmod(0o400),
        lambda path: path.parent.chmod(0o500),
        lambda path: path.parent.chmod(0),
    ],
)
def test_no_way_around_what_is_locked_or_read_only_forgets_what_was_sent(
    home: Home, put: Callable[[Path], object]
) -> None:
    def undone() -> Result:
        return home.reader.run("undo", home.sandbox.url, number=1, dry_run=True)

    def sent() -> Result:
        return home.reader.run("upload", home.sandbox.url, home.more, unlimited=True)

    [pace] = (home.place.folder / "home").rglob("pace/*.lock")
    for path, command in ((home.ledger.with_suffix(".lock"), undone), (pace, sent), (home.ledger, sent)):
        put(path)
        with bound_by_modes():
            found = command()
        assert found.code in (0, 2), (path, found)
        assert not re.search("(new|another) --state", found.err) or "--skip-existing" in found.err, (path, found)
        path.parent.chmod(0o700)
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
        home.restore()


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("gone")])
def test_a_pace_that_cannot_be_kept_is_reported(tmp_path: Path, make: Callable[[Path], object]) -> None:
    make(tmp_path / "a.log")
    with pytest.raises(StateError, match=r"a\.log"):
        WindowLog(tmp_path / "a.log")


def test_what_a_killed_run_left_is_read_where_nothing_can_be_written(home: Home) -> None:
    """A log without its index, in a folder that is read only, is read as in a folder that can be written to."""
    with closing(sqlite3.connect(home.ledger)) as db:
        db.execute("UPDATE accepted SET amount = '77'")
        db.commit()
        copy = home.place.folder / "copy"
        shutil.copytree(home.state, copy)
    [ledger] = copy.rglob("*.sqlite")
    ledger.with_name("default.sqlite-shm").unlink()
    ledger.parent.chmod(0o500)
    try:
        with SqliteLedger.look(ledger) as opened:
            assert opened.find(["purchase:A1"])["purchase:A1"].amount == "77"
    finally:
        ledger.parent.chmod(0o700)


@pytest.mark.parametrize("mask", [0o000, 0o077, 0o777])
def test_what_is_made_is_private_whatever_the_umask(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        path = tmp_path / "deep" / "er" / "default.sqlite"
        with (
            SqliteLedger.open(path, "http://a.test:80", "default") as ledger,
            lock(path.with_suffix(".lock"), "default"),
        ):
            ledger.begin("x", "small", None, [])
            WindowLog(path.with_suffix(".log")).close()
            found = {one: stat.S_IMODE(one.stat().st_mode) for one in tmp_path.rglob("*")}
    finally:
        os.umask(before)
    assert {mode for one, mode in found.items() if one.is_dir()} == {0o700}
    assert {mode for one, mode in found.items() if one.is_file()} == {0o600}


@pytest.mark.parametrize("text", ["state", "./state", "$HOME/state", "~nobody-at-all/state"])
def test_a_folder_that_depends_on_where_it_is_named_is_refused(place: Place, text: str) -> None:
    with pytest.raises(UsageError, match="name the whole path"):
        fixed_folder(text, "BACKFILL_STATE")
    assert fixed_folder(" ~/a ", "BACKFILL_STATE") == place.folder / "home" / "a"


def test_a_run_that_has_begun_is_ended_whatever_fails_next(place: Place) -> None:
    """Events that are there already are noted after the run has its number. If that fails, the run is not left open."""
    with SandboxThread(rate=None) as sandbox:
        assert place.upload(sandbox.url, place.orders(3))["exit_code"] == 0
        path = ledger_of(place.folder)
        with closing(sqlite3.connect(path)) as db, db:
            db.execute(
                "CREATE TRIGGER no_room BEFORE UPDATE OF seen_run ON accepted "
                "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
            )
        found = place.upload(sandbox.url, place.orders(3))
    assert (found["exit_code"], found["run"]) == (2, 2)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT exit_code FROM runs WHERE id = 2").fetchone() == (2,)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("DELETE FROM backfill.meta WHERE name = 'schema'", "damaged .its tables do not say of which release"),
        ("UPDATE backfill.meta SET value = 'one' WHERE name = 'schema'", "damaged .its tables do not say of which"),
        ("DROP TABLE backfill.meta", "damaged .its tables do not say of which release"),
        ("DROP TABLE backfill.accepted", "damaged .its table accepted is gone"),
        ("DROP TABLE backfill.verdicts", "damaged .its table verdicts is gone"),
        ("DROP TABLE backfill.resent", "damaged .its table resent is gone"),
        ("UPDATE backfill.meta SET value = '99' WHERE name = 'schema'", "written by a newer release"),
    ],
)
def test_a_database_that_is_no_whole_ledger_is_never_none(damage: str, said: str) -> None:
    server = postgres()
    server.rows("CREATE DATABASE damaged")
    url = server.url.replace("/postgres?", "/damaged?")
    try:
        with closing(Server(url)) as fresh:
            assert not fresh.ready(writing=False)
            assert fresh.ready(writing=True)
            fresh.rows(damage)
        for writing in (False, True):
            with closing(Server(url)) as other, pytest.raises(StateError, match=said):
                other.ready(writing)
    finally:
        server.rows("DROP DATABASE damaged WITH (FORCE)")


# The table of attempts as earlier releases made it, and how they enter one.
OF_KEYS = """CREATE TABLE backfill.attempts (
    space integer NOT NULL, run integer NOT NULL, key text COLLATE "C" NOT NULL, PRIMARY KEY (space, run, key)
)"""
KEYS = "INSERT INTO backfill.attempts SELECT {}, {}, unnest(%s::text[]) ON CONFLICT DO NOTHING"


@pytest.mark.parametrize("kept", ["nothing", "keys"])
def test_a_database_of_a_release_that_entered_less_of_attempts_can_be_read_and_written_to_by_both(kept: str) -> None:
    server, named = postgres(), ("https://app.cometly.com:443", "default")
    with server.emptied().open(*named) as ledger:
        ledger.begin("backfill", "m", None, [])
    for table in ("bodies", "attempts"):
        server.rows(f"DROP TABLE backfill.{table}")
    ((space,),) = server.rows("SELECT space FROM backfill.spaces")
    before: dict[int, set[str]] = {}
    if kept == "keys":
        server.rows(OF_KEYS)
        server.rows(KEYS.format(space, 1), ["", "purchase:6"])
        before = {1: {"purchase:6"}}
    of_another_process = shared_ledgers(f"{server.url}&application_name=other-{kept}")
    with of_another_process.look(*named) as ledger:
        assert (ledger.attempts(), ledger.attempted()) == (before, {})
    one = Accepted("purchase:7", "", None, b"")
    with of_another_process.open(*named) as ledger:
        ledger.attempt(ledger.begin("backfill", "m", None, []), [one])
        server.rows(KEYS.format(space, 3), ["", "purchase:8"])
        assert ledger.attempts() == before | {2: {"purchase:7"}, 3: {"purchase:8"}}
        assert ledger.attempted() == {"purchase:7": {2: one}}


FULL = """
import subprocess, sys
from pathlib import Path
from backfill.errors import StateError
from backfill.ledger.sqlite.ledger import SqliteLedger

def mount(options):
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", sys.argv[1]], check=True)

refused = 0
for size in range(4, 240, 8):
    mount(f"size={size}k")
    path = Path(sys.argv[1]) / "http_a.test_80" / "default.sqlite"
    try:
        with SqliteLedger.open(path, "http://a.test:80", "default"):
            pass
    except StateError as error:
        refused += 1
        assert "damaged" not in str(error), error
    mount("remount,size=9m")
    with SqliteLedger.look(path) as ledger:
        assert ledger.empty
    with SqliteLedger.open(path, "http://a.test:80", "default") as ledger:
        assert ledger.empty and not list(ledger.runs())
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    subprocess.run(["umount", sys.argv[1]], check=True)
assert refused > 5, refused
"""


@pytest.mark.skipif(
    not shutil.which("unshare") or subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode != 0,
    reason="needs a file system of its own",
)
def test_a_disk_that_fills_while_a_ledger_is_made_leaves_none_that_is_damaged(tmp_path: Path) -> None:
    """Whatever room there was: once there is more, the same command goes on."""
    ran = subprocess.run(
        ["unshare", "-rm", sys.executable, "-c", FULL, str(tmp_path)],
        env=os.environ | {"PYTHONPATH": str(PACKAGE.parent)}, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
