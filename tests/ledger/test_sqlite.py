import os
import random
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from ledgers import ADDRESS, of_an_earlier_release

from backfill.errors import SpaceHeld, StateError
from backfill.ledger import Accepted, Input, Ledger, Rejected, identity_digests, same_person
from backfill.ledger.identity import PERSON, otherwise
from backfill.ledger.lock import lock
from backfill.ledger.sqlite.file import ledger_path
from backfill.ledger.sqlite.ledger import SqliteLedger
from backfill.space import address_of, fingerprint_of

ANN = identity_digests("ann@example.com", None, None, None)


def event(number: int, amount: str | None = "9.50") -> Accepted:
    return Accepted(f"purchase:{number}", "2024-05-01T10:00:00Z", amount, ANN)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return ledger_path(tmp_path / "state", ADDRESS, "default")


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    with SqliteLedger.open(path, ADDRESS, "default") as opened:
        yield opened


def filled(path: Path, number: int = 3000) -> None:
    with SqliteLedger.open(path, ADDRESS, "default") as ledger:
        run = ledger.begin("backfill upload x.csv", "small", None, ["x.csv"])
        ledger.accept(run, [event(n) for n in range(number)])


# Keys


def test_a_ledger_of_an_earlier_release_opens_and_can_be_looked_at(path: Path) -> None:
    of_an_earlier_release(path, (None, event(1)))
    with SqliteLedger.look(path) as ledger:
        assert (ledger.deleted(["purchase:1"]), set(ledger.find(["purchase:1"]))) == (set(), {"purchase:1"})
    with SqliteLedger.open(path, ADDRESS, "default") as ledger:
        assert [event.key for _, event in ledger.all_accepted()] == ["purchase:1"]
        ledger.finish(ledger.begin("backfill", "m", None, []), 0, {}, [])
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone() == ("3",)


@pytest.mark.parametrize(
    "left", ["", "CREATE TABLE attempts (run INTEGER, key TEXT, PRIMARY KEY (run, key)) WITHOUT ROWID"]
)
def test_runs_of_a_release_that_entered_no_attempts_are_known_as_such(path: Path, left: str) -> None:
    """It may have gone on with a ledger of this one, and with one that has no table for them."""

    def of_earlier(statement: str) -> None:
        with closing(sqlite3.connect(path)) as db, db:
            db.execute(statement)
            db.execute("INSERT INTO runs (started, command, mapping, files) VALUES ('', 'backfill', 'm', '[]')")

    filled(path, 1)
    of_earlier("DROP TABLE bodies")
    of_earlier("DROP TABLE attempts")
    of_earlier(left)
    with SqliteLedger.look(path) as ledger:
        assert ledger.attempts() == {}
    with SqliteLedger.open(path, ADDRESS, "default") as ledger:
        assert ledger.attempts() == {}
        ledger.attempt(ledger.begin("backfill", "m", None, []), [event(7)])
    of_earlier('INSERT OR IGNORE INTO attempts SELECT 6, value FROM json_each(\'["", "purchase:8"]\')')  # as it does
    with SqliteLedger.open(path, ADDRESS, "default") as ledger:
        ledger.begin("backfill", "m", None, [])
        assert ledger.attempts() == {5: {"purchase:7"}, 6: {"purchase:8"}, 7: set()}
        assert ledger.attempted() == {"purchase:7": {5: event(7)}}


@pytest.mark.parametrize("use", ["look", "open"])
def test_an_earlier_release_wrote_keys_of_a_namespace_differently(path: Path, use: str) -> None:
    ours, others = (Accepted(f"purchase:eu:{n}", "2024-05-01T10:00:00Z", "1", ANN) for n in (1, 2))
    of_an_earlier_release(path, ("eu", ours), (None, others), ("eu", Accepted("purchase:us:3", *ours[1:])))
    opened = SqliteLedger.look(path) if use == "look" else SqliteLedger.open(path, ADDRESS, "default")
    asked = [f"purchase{space}:{n}" for space in ("@eu", "@us", ":eu", ":us", "") for n in (1, 2, 3)]
    with opened as ledger:
        found = {key: (known.own, known.other) for key, known in ledger.find(asked).items()}
        assert found == {
            "purchase@eu:1": ("purchase:eu:1", False),
            "purchase:eu:1": ("purchase:eu:1", True),  # the order eu:1 without a namespace; the key is of another order
            "purchase:eu:2": ("purchase:eu:2", False),
            "purchase:us:3": ("purchase:us:3", False),
        }


def rejected(*places: tuple[str | None, str, int], code: str = "missing_identity", text: str = "") -> list[Rejected]:
    return [Rejected(order, "purchase", "invalid", code, file, row, text) for order, file, row in places]


def test_an_unchanged_night_adds_next_to_nothing(path: Path) -> None:
    """Whatever the name of its file, and although new rows are above those that were there."""
    sizes = []
    for night in range(3):
        file = f"orders-{night}.csv"
        with SqliteLedger.open(path, ADDRESS, "default") as ledger:
            inputs = [Input(f"{n}.csv", 9, ("column",) * 99) for n in range(9)]
            run = ledger.begin("backfill upload", "small", None, [file], inputs=inputs)
            if not night:
                ledger.accept(run, [event(n) for n in range(5000)])
            ledger.see(run, [f"purchase:{n}" for n in range(5000)])
            wrong = [
                Rejected(None, "purchase", "invalid", "missing_order_id", file, night + n, f",{n}") for n in range(999)
            ]
            ledger.finish(run, 3, {}, [*rejected(*((f"B{n}", file, n) for n in range(5000))), *wrong])
        sizes.append(path.stat().st_size)
    assert sizes[-1] - sizes[0] <= 3 * 4096


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
    was, is_ = (Accepted("k", "2024-05-01T10:00:00Z", "1", identity_digests(*who)) for who in (before, now))
    assert [*otherwise(was, is_)] == [PERSON] * (expected is False), "another only where they contradict each other"


def test_no_address_of_a_person_is_in_the_ledger(path: Path) -> None:
    filled(path, 1)
    assert all(b"ann@" not in file.read_bytes() for file in path.parent.iterdir())


# Damage


def test_a_truncated_ledger_is_refused(path: Path) -> None:
    filled(path)
    os.truncate(path, path.stat().st_size // 2)
    for use in (lambda: SqliteLedger.open(path, ADDRESS, "default"), lambda: SqliteLedger.look(path)):
        with pytest.raises(StateError, match=r"damaged.*put back a copy"), use() as ledger:
            ledger.find([f"purchase:{n}" for n in range(3000)])
            ledger.totals()


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to have a header of some kind" * 20])
def test_a_file_that_is_no_ledger_is_refused(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    for use in (lambda: SqliteLedger.open(path, ADDRESS, "default"), lambda: SqliteLedger.look(path)):
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
        with SqliteLedger.open(path, ADDRESS, "default") as ledger:
            assert set(ledger.find(keys)) == set(keys)
    except StateError as error:
        assert str(path) in str(error)


def test_a_newer_ledger_is_left_alone(path: Path) -> None:
    filled(path, 1)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE meta SET value = '99' WHERE name = 'schema'")
    for use in (lambda: SqliteLedger.open(path, ADDRESS, "default"), lambda: SqliteLedger.look(path)):
        with pytest.raises(StateError, match="newer release"), use():
            pass


def test_a_locked_ledger_is_reported(path: Path) -> None:
    filled(path, 1)
    with closing(sqlite3.connect(path)) as other, SqliteLedger.open(path, ADDRESS, "default") as ledger:
        other.execute("BEGIN EXCLUSIVE")
        ledger._db.execute("PRAGMA busy_timeout = 50")
        with pytest.raises(StateError, match="locked by another program"):
            ledger.accept(1, [event(9)])
        other.execute("ROLLBACK")
        ledger.accept(1, [event(9)])
        assert set(ledger.find(["purchase:9"])) == {"purchase:9"}


def test_a_place_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    path = ledger_path(tmp_path / "state", ADDRESS, "default")
    with pytest.raises(StateError, match="state"), SqliteLedger.open(path, ADDRESS, "default"):
        pass


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_ledger_can_be_looked_at_and_not_opened(path: Path) -> None:
    filled(path, 1)
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        with SqliteLedger.look(path) as ledger:
            assert set(ledger.find(["purchase:0"])) == {"purchase:0"}
        with pytest.raises(StateError, match="written to"), SqliteLedger.open(path, ADDRESS, "default"):
            pass
    finally:
        path.parent.chmod(0o700)


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


def bound(folder: Path, space: str, key: str, rotated: bool = False, accepts: bool = True) -> None:
    with SqliteLedger.open(ledger_path(folder, ADDRESS, space), ADDRESS, space) as ledger:
        ledger.refuse_key(space, fingerprint_of(key), rotated)
        if accepts:
            ledger.bind(fingerprint_of(key))
            ledger.accept(1, [event(1)])


def test_no_key_is_in_a_file(tmp_path: Path) -> None:
    bound(tmp_path, "acme", "sk_live_secret")
    assert all(b"sk_live" not in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


# Holding a Space


def test_a_held_space_names_its_holder_and_is_free_again(tmp_path: Path) -> None:
    path = tmp_path / "state" / "acme.lock"
    with lock(path, "acme"):
        with pytest.raises(SpaceHeld, match=rf"space acme: held by process {os.getpid()} since 20"), lock(path, "acme"):
            pass
        with lock(tmp_path / "state" / "other.lock", "other"):
            pass
    with lock(path, "acme"):
        pass
    assert not path.with_suffix(".holder").exists()


@pytest.mark.parametrize("card", ["", "{}", "[1]", '{"pid": 1', "\x00"])
def test_a_holder_that_left_an_odd_card_is_another_run(tmp_path: Path, card: str) -> None:
    path = tmp_path / "acme.lock"
    with lock(path, "acme"):
        path.with_suffix(".holder").write_text(card)
        with pytest.raises(SpaceHeld, match="held by another run"), lock(path, "acme"):
            pass


def test_a_card_alone_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "acme.lock").touch()
    (tmp_path / "acme.holder").write_text('{"pid": 999999, "since": "2020-01-01 00:00:00"}')
    with lock(tmp_path / "acme.lock", "acme"):
        pass
