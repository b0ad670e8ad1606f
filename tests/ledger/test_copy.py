"""A ledger that is copied to another home is the same there, either way, and is used in one place alone."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from place import Place
from postgres import postgres

from backfill.errors import UsageError, shown
from backfill.ledger import Accepted, Input, Ledger, Rejected, identity_digests
from backfill.ledger.copy import TABLES, copy
from backfill.ledger.home import FolderLedgers
from backfill.sandbox import SandboxThread

NAMED = ("https://app.cometly.com:443", "default")
ANN = identity_digests("ann@example.com", None, None, None)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Ledger, Ledger]]:
    folder = tmp_path / os.fsdecode(b"\xe9")  # no UTF-8
    with FolderLedgers(folder).open(*NAMED) as one, postgres().emptied().open(*NAMED) as other:
        yield one, other


def fill(ledger: Ledger) -> None:
    run = ledger.begin(
        "backfill upload \udce9.csv", "small", "eu", ["\udce9.csv"], "k", [Input("a.csv", 3, ("x", "é"))]
    )
    ledger.accept(run, [Accepted(f"purchase:{n}", "2024-05-01T10:00:00Z", "1.50", ANN, None, (n,)) for n in range(30)])
    odd = Rejected("7\0", "purchase", "refused", "refused", "a.csv", 3)
    ledger.finish(run, 3, {"events": 30}, [odd, Rejected(None, "", "unreadable", "unreadable", "a.csv", 4, "x")])
    ledger.delete(run, "purchase:1", "evt_1")
    ledger.accept(ledger.begin("backfill upload", "small", "eu", []), [Accepted("purchase:2", "", None, ANN)])
    ledger.attempt(run, [Accepted(key, "", None, ANN) for key in ("purchase:2", "purchase:é")])
    ledger.keep_recipe("small", "r")
    ledger.bind("print")


def rows(ledger: Ledger) -> dict[str, list[tuple[object, ...]]]:
    return {name: [_seen(row) for row in ledger.rows_of(name, columns)] for name, columns in TABLES.items()}


def _seen(row: tuple[object, ...]) -> tuple[object, ...]:
    """A NUL is written out in PostgreSQL, which can't keep it."""
    return tuple(one.replace("\0", "\\x00") if isinstance(one, str) else one for one in row)


@pytest.mark.parametrize("back", [False, True])
def test_a_copy_holds_all_of_it(pair: tuple[Ledger, Ledger], back: bool) -> None:
    source, target = reversed(pair) if back else pair
    fill(source)
    assert copy(source, target) == (30, 2, 2)
    assert rows(source) == rows(target)
    assert (target.bound_to, target.moved, source.moved) == ("print", "", shown(target.place))
    assert copy(source, target) is None
    target.accept(target.begin("backfill upload", "small", None, []), [Accepted("purchase:new", "", None, ANN)])
    assert copy(target, source) == (31, 3, 2) and source.moved == ""
    assert set(source.find(["purchase:new"])) == {"purchase:new"}


def test_a_copy_that_was_cut_off_is_ended_by_the_next(pair: tuple[Ledger, Ledger]) -> None:
    first, second = pair
    fill(first)
    copy(first, second)
    copy(second, first)
    assert (first.moved, second.moved) == ("", shown(first.place))
    copy(first, second)
    second.move(shown(first.place))  # as a kill leaves it before the last step
    assert copy(first, second) is None
    assert (first.moved, second.moved) == (second.place, "")


def test_a_ledger_that_is_kept_elsewhere_is_not_copied_on(pair: tuple[Ledger, Ledger], tmp_path: Path) -> None:
    source, target = pair
    fill(source)
    copy(source, target)
    with FolderLedgers(tmp_path / "third").open(*NAMED) as third:
        with pytest.raises(UsageError, match=r"was copied to .* and is kept there; copy that one"):
            copy(source, third)
        assert third.empty


def test_a_target_that_knows_more_is_left_alone(pair: tuple[Ledger, Ledger]) -> None:
    source, target = pair
    fill(target)
    before = rows(target)
    with pytest.raises(UsageError, match=r"knows 32 runs or keys that .* does not"):
        copy(source, target)
    assert rows(target) == before and source.moved == ""


def test_a_moved_ledger_is_used_no_more(place: Place) -> None:
    server = postgres()
    server.emptied()
    with SandboxThread(keys={"sandbox": "default", "acme": "acme"}) as sandbox:
        words = ("upload", place.orders(4), "-m", place.mapping)
        assert place.command(*words, "--state", "state", url=sandbox.url).returncode == 0
        copied = place.command("ledger", "copy", "state", server.url)
        assert copied.returncode == 0 and "4 keys, 1 run and 0 other verdicts" in copied.stdout, copied.stderr
        for command in ("upload", "check"):
            stale = place.command(command, *words[1:], "--state", "state", url=sandbox.url)
            assert stale.returncode == 2 and "is kept there" in stale.stderr
        assert "copied to postgresql:" in place.command("status", "--state", "state").stdout
        there = place.command(*words, url=sandbox.url, BACKFILL_LEDGER=server.url)
        assert "4 already" in there.stdout, there.stderr
        acme = ("--space", "acme", "--also-in", "default", "--state", "state")
        more = place.command(*words, *acme, url=sandbox.url, COMETLY_API_KEY_ACME="acme")
        assert more.returncode == 0, more.stderr
        again = place.command("ledger", "copy", "state", server.url)  # as one that was cut off after the first Space
        assert again.returncode == 0 and "default at" in again.stdout and "already" in again.stdout, again.stderr
        assert "space acme at" in again.stdout and again.stdout.count("4 keys") == 1
        assert place.command("ledger", "copy", "nowhere", server.url).returncode == 2
        secret = place.command("ledger", "copy", "state", "postgresql://x:pass%40word@h/db")
        assert secret.returncode == 2 and "pass" not in secret.stderr.replace("password", "").replace("passfile", "")
