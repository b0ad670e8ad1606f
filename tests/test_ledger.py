import os
import random
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backfill.errors import SpaceHeld, StateError, UsageError
from backfill.ledger import Accepted, Input, Known, Ledger, Rejected, identity_digests, ledger_path, same_person
from backfill.ledger.lock import hold
from backfill.space import address_of, fingerprint_of

ADDRESS = "https://app.cometly.com:443"
ANN = identity_digests("ann@example.com", None, None, None)


def event(number: int, amount: str | None = "9.50") -> Accepted:
    return Accepted(f"purchase:{number}", "2024-05-01T10:00:00Z", amount, ANN)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return ledger_path(tmp_path / "state", ADDRESS, "default")


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    with Ledger.open(path, ADDRESS, "default") as opened:
        yield opened


def filled(path: Path, number: int = 3000) -> None:
    with Ledger.open(path, ADDRESS, "default") as ledger:
        run = ledger.begin("backfill upload x.csv", "small", None, ["x.csv"])
        ledger.accept(run, [event(n) for n in range(number)])


# Keys


def test_a_deleted_event_keeps_its_key_until_it_is_accepted_again(ledger: Ledger) -> None:
    first, second = (ledger.begin("backfill upload x.csv", "small", None, ["x.csv"]) for _ in "ab")
    ledger.accept(first, [event(1), event(2)])
    ledger.delete(first, "purchase:1", "evt_1")
    assert (ledger.deleted(["purchase:1", "purchase:2"]), ledger.deleted_of(first)) == ({"purchase:1"}, 1)
    assert len(ledger.find(["purchase:1", "purchase:2"])) == 2
    assert list(ledger.all_accepted()) == [(first, event(2))]
    ledger.accept(second, [event(1, "3"), event(2, "3")])
    assert list(ledger.all_accepted()) == [(second, event(1, "3")), (first, event(2))]
    assert ledger.deleted(["purchase:1"]) == set()


EARLIER = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE runs (
    id INTEGER PRIMARY KEY, started TEXT NOT NULL, finished TEXT, command TEXT NOT NULL, mapping TEXT NOT NULL,
    namespace TEXT, files TEXT NOT NULL, exit_code INTEGER, summary TEXT);
CREATE TABLE accepted (
    key TEXT PRIMARY KEY, run INTEGER NOT NULL, accepted_at INTEGER NOT NULL, seen_run INTEGER, time TEXT NOT NULL,
    amount TEXT, identity BLOB NOT NULL, order_id TEXT) WITHOUT ROWID;
CREATE TABLE verdicts (
    run INTEGER NOT NULL, order_id TEXT, event TEXT, verdict TEXT NOT NULL, code TEXT NOT NULL, file TEXT NOT NULL,
    row INTEGER NOT NULL, at INTEGER NOT NULL);
CREATE TABLE recipes (mapping TEXT PRIMARY KEY, recipe TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES ('schema', '1'), ('address', 'https://app.cometly.com:443'), ('space', 'default');
"""


def of_an_earlier_release(path: Path, *events: tuple[str | None, Accepted]) -> None:
    """Write a ledger as it was before; a run for each event, with its mapping's namespace."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as db, db:
        db.executescript(EARLIER)
        for run, (namespace, one) in enumerate(events, 1):
            db.execute("INSERT INTO runs VALUES (?, '', '', 'backfill', 'm', ?, '[]', 0, '{}')", (run, namespace))
            values = (one.key, run, 1, None, one.time, one.amount, one.identity, one.order_id)
            db.execute("INSERT INTO accepted VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)


def test_a_ledger_of_an_earlier_release_opens_and_can_be_looked_at(path: Path) -> None:
    of_an_earlier_release(path, (None, event(1)))
    with Ledger.look(path) as ledger:
        assert (ledger.deleted(["purchase:1"]), set(ledger.find(["purchase:1"]))) == (set(), {"purchase:1"})
    with Ledger.open(path, ADDRESS, "default") as ledger:
        assert [event.key for _, event in ledger.all_accepted()] == ["purchase:1"]
        ledger.finish(ledger.begin("backfill", "m", None, []), 0, {}, [])
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone() == ("3",)


@pytest.mark.parametrize("use", ["look", "open"])
def test_an_earlier_release_wrote_keys_of_a_namespace_otherwise(path: Path, use: str) -> None:
    ours, others = (Accepted(f"purchase:eu:{n}", "2024-05-01T10:00:00Z", "1", ANN) for n in (1, 2))
    of_an_earlier_release(path, ("eu", ours), (None, others), ("eu", Accepted("purchase:us:3", *ours[1:])))
    opened = Ledger.look(path) if use == "look" else Ledger.open(path, ADDRESS, "default")
    asked = [f"purchase{space}:{n}" for space in ("@eu", "@us", ":eu", ":us", "") for n in (1, 2, 3)]
    with opened as ledger:
        found = {key: (known.own, known.other) for key, known in ledger.find(asked).items()}
        assert found == {
            "purchase@eu:1": ("purchase:eu:1", False),
            "purchase:eu:1": ("purchase:eu:1", True),  # the order eu:1 of no namespace; the key is another's
            "purchase:eu:2": ("purchase:eu:2", False),
            "purchase:us:3": ("purchase:us:3", False),
        }


def test_what_was_accepted_is_found_and_nothing_else(ledger: Ledger) -> None:
    assert ledger.empty
    first = ledger.begin("backfill upload x.csv", "small", None, ["x.csv"])
    ledger.accept(first, [event(1), event(2, None)])
    assert ledger.find(["purchase:1", "purchase:2", "purchase:3", "PURCHASE:1"]) == {
        key: Known(key, key, first, "2024-05-01T10:00:00Z", amount, ANN)
        for key, amount in (("purchase:1", "9.50"), ("purchase:2", None))
    }
    assert len(ledger) == 2
    assert not ledger.empty


def test_a_run_does_not_meet_its_own_keys(ledger: Ledger) -> None:
    first, second = (ledger.begin("backfill upload", "small", None, []) for _ in range(2))
    ledger.accept(first, [event(1)])
    ledger.accept(second, [event(2)])
    assert set(ledger.find(["purchase:1", "purchase:2"], second)) == {"purchase:1"}


def test_the_last_files_of_a_name_are_kept_and_the_columns_of_the_last(ledger: Ledger) -> None:
    for run in range(1, 31):
        ledger.keep_inputs(run, "small", [Input("a.csv", run, ("id", str(run)))])
    found = ledger.inputs("small", "a.csv", 99)
    assert [one.rows for one in found] == list(range(30, 10, -1))
    assert [one.header for one in found[:2]] == [("id", "30"), ()]


def test_what_is_sent_again_is_kept_beside(ledger: Ledger) -> None:
    first, second, third = (ledger.begin("backfill upload", "small", None, []) for _ in range(3))
    ledger.accept(first, [event(1), event(2)])
    ledger.accept(second, [event(1)])
    ledger.accept(third, [event(3), event(1)])
    assert [run for run, _ in ledger.resent("purchase:1")] == [second, third]
    assert ledger.resent("purchase:2") == ledger.resent("purchase:3") == []


def test_the_first_time_a_key_was_accepted_stays(ledger: Ledger) -> None:
    first, second = (ledger.begin("backfill upload", "small", None, []) for _ in range(2))
    ledger.accept(first, [event(1, "1.00")])
    ledger.accept(second, [event(1, "2.00"), event(1, "3.00")])
    assert ledger.find(["purchase:1"])["purchase:1"].amount == "1.00"
    assert len(ledger) == 1


def test_seeing_a_key_again_is_noted_and_makes_none(ledger: Ledger, path: Path) -> None:
    first, second = (ledger.begin("backfill upload", "small", None, []) for _ in range(2))
    ledger.accept(first, [event(1), event(2)])
    ledger.see(second, ["purchase:2", "purchase:3"])
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT key, run, seen_run FROM accepted ORDER BY key").fetchall() == [
            ("purchase:1", first, None),
            ("purchase:2", first, second),
        ]


@settings(deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=300), unique=True, max_size=30))
def test_any_text_is_a_key(keys: list[str]) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        Ledger.open(Path(folder) / "any.sqlite", ADDRESS, "default") as ledger,
    ):
        run = ledger.begin("backfill upload", "small", None, [])
        ledger.accept(run, [Accepted(key, "2024-05-01T10:00:00Z", None, b"") for key in keys])
        assert set(ledger.find(keys)) == set(keys)


def test_what_is_accepted_is_on_disk_when_accept_returns(ledger: Ledger, path: Path) -> None:
    ledger.accept(ledger.begin("backfill upload", "small", None, []), [event(1)])
    with Ledger.look(path) as other:
        assert set(other.find(["purchase:1"])) == {"purchase:1"}


def test_a_run_keeps_its_summary_and_verdicts(ledger: Ledger, path: Path) -> None:
    odd = "/tmp/caf\udce9.csv"  # bytes that are no UTF-8
    run = ledger.begin(f"backfill upload {odd}", "small", "shop", [odd])
    ledger.finish(run, 3, {"events": 1}, [Rejected("7", "purchase", "refused", "refused", odd, 9)])
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT exit_code, summary FROM runs").fetchone() == (3, '{"events": 1}')
        assert db.execute("SELECT order_id, verdict, row FROM verdicts").fetchone() == ("7", "refused", 9)


def rejected(*places: tuple[str | None, str, int], code: str = "missing_identity", text: str = "") -> list[Rejected]:
    return [Rejected(order, "purchase", "invalid", code, file, row, text) for order, file, row in places]


NIGHT = rejected(("7", "a.csv", 3), ("7", "a.csv", 4), ("8", "a.csv", 9), (None, "a.csv", 5), text="x,y\r\n")


@pytest.mark.parametrize(
    ("then", "more", "of_order_7"),
    [
        (NIGHT, 0, [(3, 1, 2), (4, 1, 2)]),
        (NIGHT[:1], 0, [(3, 1, 2), (4, 1, 1)]),
        (rejected(("7", "b.csv", 13), ("7", "b.csv", 14), ("8", "b.csv", 19)), 0, [(13, 1, 2), (14, 1, 2)]),
        (rejected(("7", "a.csv", 4), ("7", "a.csv", 3), ("7", "a.csv", 5)), 1, [(3, 1, 2), (4, 1, 2), (5, 2, 2)]),
        (rejected(("7", "a.csv", 3), code="invalid_email"), 1, [(3, 1, 1), (4, 1, 1), (3, 2, 2)]),
        (rejected((None, "a-2.csv", 6), text="x,y"), 0, [(3, 1, 1), (4, 1, 1)]),
        (rejected((None, "a.csv", 5), (None, "a.csv", 6), text="x,y"), 1, [(3, 1, 1), (4, 1, 1)]),
        (rejected((None, "a.csv", 5), text="x,z"), 1, [(3, 1, 1), (4, 1, 1)]),
    ],
)
def test_a_verdict_of_the_night_before_is_no_new_entry(
    ledger: Ledger, then: list[Rejected], more: int, of_order_7: list[tuple[int, int, int]]
) -> None:
    for night in (NIGHT, then):
        ledger.finish(ledger.begin("backfill upload", "small", None, []), 3, {}, night)
    assert ledger.rows("SELECT count(*) FROM verdicts") == [(len(NIGHT) + more,)]
    assert [(row, first, last) for *_, row, first, _, last in ledger.verdicts("7")] == of_order_7
    assert ledger.met("7", 1) and not ledger.met("7", 3)


def test_an_unchanged_night_adds_next_to_nothing(path: Path) -> None:
    """Whatever its file is called, and though what is new stands above what was there."""
    sizes = []
    for night in range(3):
        file = f"orders-{night}.csv"
        with Ledger.open(path, ADDRESS, "default") as ledger:
            run = ledger.begin("backfill upload", "small", None, [file])
            if not night:
                ledger.accept(run, [event(n) for n in range(5000)])
            ledger.see(run, [f"purchase:{n}" for n in range(5000)])
            wrong = [
                Rejected(None, "purchase", "invalid", "missing_order_id", file, night + n, f",{n}") for n in range(999)
            ]
            ledger.finish(run, 3, {}, [*rejected(*((f"B{n}", file, n) for n in range(5000))), *wrong])
            ledger.keep_inputs(run, "small", [Input(f"{n}.csv", 9, ("column",) * 99) for n in range(9)])
        sizes.append(path.stat().st_size)
    assert sizes[-1] - sizes[0] <= 3 * 4096


def test_the_recipe_of_hashed_keys_is_the_last_one_kept(ledger: Ledger) -> None:
    assert ledger.recipe("small") is None
    ledger.keep_recipe("small", "a")
    ledger.keep_recipe("small", "b")
    assert (ledger.recipe("small"), ledger.recipe("other")) == ("b", None)


# Identities


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (("ann@x.de", None, None, None), ("ANN@X.de", None, None, None), True),
        (("ann@x.de", None, None, None), ("bob@x.de", None, None, None), False),
        (("ann@x.de", "t", None, None), ("bob@x.de", "t", None, None), True),
        (("ann@x.de", "t", None, None), (None, "u", None, None), False),
        (("ann@x.de", None, None, None), (None, "t", None, None), None),
        ((None, None, "f", "::1"), (None, None, "f", "::1"), True),
        ((None, None, "f", "::1"), (None, None, "f", "::2"), False),
        ((None, None, "f", None), (None, None, "f", None), None),
        ((None, None, None, None), ("ann@x.de", None, None, None), None),
    ],
)
def test_two_identities_agree(before: tuple[str, ...], now: tuple[str, ...], expected: bool | None) -> None:
    assert same_person(identity_digests(*before), identity_digests(*now)) is expected
    assert same_person(identity_digests(*now), identity_digests(*before)) is expected


def test_no_address_of_a_person_stands_in_the_ledger(path: Path) -> None:
    filled(path, 1)
    assert all(b"ann@" not in file.read_bytes() for file in path.parent.iterdir())


# Damage


def test_a_truncated_ledger_is_refused(path: Path) -> None:
    filled(path)
    os.truncate(path, path.stat().st_size // 2)
    for use in (lambda: Ledger.open(path, ADDRESS, "default"), lambda: Ledger.look(path)):
        with pytest.raises(StateError, match=r"damaged.*put back a copy"), use() as ledger:
            ledger.find([f"purchase:{n}" for n in range(3000)])
            len(ledger)


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to have a header of some kind" * 20])
def test_a_file_that_is_no_ledger_is_refused(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    for use in (lambda: Ledger.open(path, ADDRESS, "default"), lambda: Ledger.look(path)):
        with pytest.raises(StateError, match="damaged"), use():
            pass
    assert path.read_bytes() == content


@pytest.mark.parametrize("seed", range(6))
def test_a_ledger_with_bytes_overwritten_is_refused_or_whole(path: Path, seed: int) -> None:
    filled(path)
    content, chance = bytearray(path.read_bytes()), random.Random(seed)
    begin = chance.randrange(len(content) - 3000)
    content[begin : begin + 3000] = chance.randbytes(3000)
    path.write_bytes(content)
    keys = [f"purchase:{n}" for n in range(3000)]
    try:
        with Ledger.open(path, ADDRESS, "default") as ledger:
            assert set(ledger.find(keys)) == set(keys)
    except StateError as error:
        assert str(path) in str(error)


def test_a_newer_ledger_is_left_alone(path: Path) -> None:
    filled(path, 1)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE meta SET value = '99' WHERE name = 'schema'")
    for use in (lambda: Ledger.open(path, ADDRESS, "default"), lambda: Ledger.look(path)):
        with pytest.raises(StateError, match="newer release"), use():
            pass


def test_a_locked_ledger_is_said(path: Path) -> None:
    filled(path, 1)
    with closing(sqlite3.connect(path)) as other, Ledger.open(path, ADDRESS, "default") as ledger:
        other.execute("BEGIN EXCLUSIVE")
        ledger._db.execute("PRAGMA busy_timeout = 50")
        with pytest.raises(StateError, match="locked by another program"):
            ledger.accept(1, [event(9)])
        other.execute("ROLLBACK")
        ledger.accept(1, [event(9)])
        assert set(ledger.find(["purchase:9"])) == {"purchase:9"}


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    path = ledger_path(tmp_path / "state", ADDRESS, "default")
    with pytest.raises(StateError, match="state"), Ledger.open(path, ADDRESS, "default"):
        pass


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_ledger_can_be_looked_at_and_not_opened(path: Path) -> None:
    filled(path, 1)
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        with Ledger.look(path) as ledger:
            assert set(ledger.find(["purchase:0"])) == {"purchase:0"}
        with pytest.raises(StateError, match="written to"), Ledger.open(path, ADDRESS, "default"):
            pass
    finally:
        path.parent.chmod(0o700)


def test_looking_makes_nothing(path: Path) -> None:
    with Ledger.look(path) as ledger:
        assert ledger.empty
        assert ledger.find(["purchase:1"]) == {}
    assert not path.parent.exists()


def test_a_ledger_is_private(path: Path) -> None:
    filled(path, 1)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


# Spaces, addresses, keys


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://app.cometly.com", "https://app.cometly.com:443"),
        ("https://App.Cometly.com/public-api/", "https://app.cometly.com:443"),
        ("http://127.0.0.1:8765", "http://127.0.0.1:8765"),
        ("http://localhost", "http://localhost:80"),
        ("http://[::1]:80", "http://::1:80"),
    ],
)
def test_an_address_is_scheme_host_and_port(url: str, address: str) -> None:
    assert address_of(url) == address


def test_each_space_and_address_has_a_ledger_of_its_own(tmp_path: Path) -> None:
    names = [(address, space) for address in (ADDRESS, "http://localhost:80") for space in ("a", "a.b", "a b", "a_b")]
    paths = [ledger_path(tmp_path, *name) for name in names]
    assert len(set(paths)) == len(names)
    for path, name in zip(paths, names, strict=True):
        with Ledger.open(path, *name) as ledger:
            assert ledger.empty
            ledger.accept(1, [event(1)])


def bound(folder: Path, space: str, key: str, rotated: bool = False, accepts: bool = True) -> None:
    with Ledger.open(ledger_path(folder, ADDRESS, space), ADDRESS, space) as ledger:
        ledger.refuse_key(space, fingerprint_of(key), rotated)
        if accepts:
            ledger.bind(fingerprint_of(key))
            ledger.accept(1, [event(1)])


def test_a_space_stays_with_its_key(tmp_path: Path) -> None:
    bound(tmp_path, "acme", "one")
    bound(tmp_path, "acme", "one")
    with pytest.raises(UsageError, match=r"another API key.*--key-rotated"):
        bound(tmp_path, "acme", "two")
    bound(tmp_path, "acme", "two", rotated=True)
    bound(tmp_path, "acme", "two")
    with pytest.raises(UsageError, match="another API key"):
        bound(tmp_path, "acme", "one")


def test_a_key_that_the_api_took_nothing_with_binds_nothing(tmp_path: Path) -> None:
    bound(tmp_path, "acme", "mistyped", accepts=False)
    with Ledger.open(ledger_path(tmp_path, ADDRESS, "old"), ADDRESS, "old") as ledger:
        ledger.bind(fingerprint_of("mistyped"))  # as an earlier release did before it sent anything
    bound(tmp_path, "old", "one")
    bound(tmp_path, "acme", "mistyped")


def test_a_key_stays_with_its_space(tmp_path: Path) -> None:
    bound(tmp_path, "acme", "one")
    for rotated in (False, True):
        with pytest.raises(UsageError, match="known here as that of space acme"):
            bound(tmp_path, "default", "one", rotated)
    bound(tmp_path, "default", "two")


def test_no_key_stands_in_a_file(tmp_path: Path) -> None:
    bound(tmp_path, "acme", "sk_live_secret")
    assert all(b"sk_live" not in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


# Holding a Space


def test_a_held_space_names_its_holder_and_is_free_again(tmp_path: Path) -> None:
    path = tmp_path / "state" / "acme.lock"
    with hold(path, "acme"):
        with pytest.raises(SpaceHeld, match=rf"space acme: held by process {os.getpid()} since 20"), hold(path, "acme"):
            pass
        with hold(tmp_path / "state" / "other.lock", "other"):
            pass
    with hold(path, "acme"):
        pass
    assert not path.with_suffix(".holder").exists()


@pytest.mark.parametrize("card", ["", "{}", "[1]", '{"pid": 1', "\x00"])
def test_a_holder_that_left_an_odd_card_is_another_run(tmp_path: Path, card: str) -> None:
    path = tmp_path / "acme.lock"
    with hold(path, "acme"):
        path.with_suffix(".holder").write_text(card)
        with pytest.raises(SpaceHeld, match="held by another run"), hold(path, "acme"):
            pass


def test_a_card_alone_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "acme.lock").touch()
    (tmp_path / "acme.holder").write_text('{"pid": 999999, "since": "2020-01-01 00:00:00"}')
    with hold(tmp_path / "acme.lock", "acme"):
        pass
