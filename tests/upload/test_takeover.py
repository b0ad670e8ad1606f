"""Several hosts, one ledger: a Space has one holder, and what the holder before it has sent counts."""

import json
import socket
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from place import Place, until, wait_for
from postgres import POOLER, postgres
from takeovers import race
from test_stops import Typed

from backfill.ledger import Accepted, identity_digests
from backfill.sandbox import Fault, SandboxThread


def test_two_hosts_race_under_kills_freezes_and_cut_lines(tmp_path: Path) -> None:
    """A few faults here; `make crash` has hundreds."""
    assert "requests by" in race(tmp_path, faults=2, orders=80, seed=3, lease=3.0, permit=1.2)


def test_another_host_is_told_who_holds_the_space_and_may_wait(place: Place) -> None:
    server = postgres()
    server.emptied()
    words = ("upload", place.orders(12), "-m", place.mapping, "--yes")
    hosts = [{"BACKFILL_LEDGER": server.url, "XDG_STATE_HOME": str(place.folder / name)} for name in ("one", "two")]
    with SandboxThread(faults=[Fault(latency=2, after=4)]) as sandbox:
        first = place.start(*words, "--workers", "2", url=sandbox.url, env=hosts[0])
        until(sandbox, 5, first)
        uses = server.rows("SELECT application_name, count(*) FROM pg_stat_activity GROUP BY 1")
        assert (f"backfill {socket.gethostname()} process {first.pid}", 2) in uses, "a process uses two connections"
        held = place.command(*words, url=sandbox.url, **hosts[1])
        assert held.returncode == 6 and f"process {first.pid} since 2" in held.stderr
        second = place.start(*words, "--wait", "10m", url=sandbox.url, env=hosts[1])
        sandbox.faults = ()
        out = [run.communicate(timeout=240)[0] for run in (first, second)]
    assert (first.returncode, second.returncode) == (0, 0) and "12 already" in out[1]
    assert len(sandbox.arrivals) == 12


def test_who_waits_for_a_space_waits_for_the_database_too(place: Place) -> None:
    server = postgres()
    ledgers = server.emptied()
    said = place.folder / "said"

    def says(text: str) -> bool:
        assert run.poll() is None, said.read_text()
        return text in said.read_text()

    with SandboxThread() as sandbox, said.open("w") as err, ExitStack() as held:
        held.enter_context(ledgers.lock(sandbox.url, "default"))
        env = {"BACKFILL_LEDGER": server.url, "XDG_STATE_HOME": str(place.folder / "other")}
        words = ("upload", place.orders(3), "-m", place.mapping, "--yes", "--wait", "30m")
        run = place.start(*words, url=sandbox.url, env=env, stderr=err)
        wait_for(lambda: says("waiting up to 30 min"))
        server.stop()
        try:
            wait_for(lambda: says("can't be reached"))
        finally:
            server.start()
        assert not sandbox.arrivals
        held.close()
        out, _ = run.communicate(timeout=240)
        assert run.returncode == 0 and "3 accepted" in out, said.read_text()


def test_without_the_database_nothing_is_sent_and_no_other_ledger_is_used(place: Place) -> None:
    nowhere = f"postgresql://nobody@/none?host={place.folder}"
    for url, said in (
        (nowhere, "can't be reached"),
        ("mysql://u:hidden@h/d", "no PostgreSQL address"),
        ("postgresql://u:pass@hidden@h/d", "no PostgreSQL address"),
        (" ", "BACKFILL_LEDGER is empty; name the database, or unset it"),
        (postgres().url.replace("/postgres?", "/hidden_one?"), "refuses the connection (connection failed"),
    ):
        with SandboxThread() as sandbox:
            done = place.command("upload", place.orders(3), "-m", place.mapping, url=sandbox.url, BACKFILL_LEDGER=url)
            assert done.returncode == 2 and said in done.stderr and "hidden@" not in done.stderr
            assert not sandbox.arrivals
    rehearsed = place.command("upload", "orders.csv", "-m", place.mapping, "--sandbox", BACKFILL_LEDGER=nowhere)
    assert rehearsed.returncode == 0, rehearsed.stderr


def test_a_ledger_that_is_gone_for_longer_than_the_patience_stops_the_run(place: Place) -> None:
    server = postgres()
    server.emptied()
    words = ("upload", place.orders(40), "-m", place.mapping, "--patience", "3s", "--workers", "2", "--json")
    with SandboxThread(latency=0.2) as sandbox:
        run = place.start(*words, url=sandbox.url, env={"BACKFILL_LEDGER": server.url})
        until(sandbox, 5, run)
        server.stop()
        try:
            out, err = run.communicate(timeout=240)
        finally:
            server.start()
        assert run.returncode == 4 and "Traceback" not in err, err
        found, came = json.loads(out), len(sandbox.arrivals)
        assert found["accepted"] + found["unsettled"] == came and found["unsettled"] > 0
        assert (found["undelivered"], found["unattempted"]) == (0, 40 - found["accepted"])
        done = place.command(*words, url=sandbox.url, BACKFILL_LEDGER=server.url)
        assert done.returncode == 0, done.stderr
        assert {event.body["order_id"] for event in sandbox.events} == {f"A{n}" for n in range(40)}
        assert len(sandbox.events) == 40 and came < 40


@pytest.mark.skipif(not POOLER, reason="no PgBouncer here")
def test_a_pooler_in_transaction_mode_with_one_connection_is_enough(place: Place) -> None:
    server = postgres()
    server.emptied()
    words = ("upload", place.orders(12), "-m", place.mapping, "--yes")
    with SandboxThread() as sandbox, server.pooled(str(POOLER)) as url:
        first = place.command(*words, url=sandbox.url, BACKFILL_LEDGER=url)
        assert first.returncode == 0 and "12 accepted" in first.stdout, first.stderr
        assert "12 already" in place.command(*words, url=sandbox.url, BACKFILL_LEDGER=url).stdout
        assert "first accepted" in place.command("why", "A5", url=sandbox.url, BACKFILL_LEDGER=url).stdout
        copied = place.command("ledger", "copy", url, "state", url=sandbox.url)
        assert "12 keys, 2 runs" in copied.stdout, copied.stderr


def test_each_event_is_counted_in_one_run_alone_whenever_another_host_enters_it(place: Place) -> None:
    """A host that was cut off enters what it had sent: some once the file is surveyed, some while they are sent."""
    server = postgres()
    ledgers = server.emptied()
    words = ("upload", place.orders(12), "-m", place.mapping, "--summary", "summary.json")

    def enter(numbers: Iterable[int]) -> None:
        with ledgers.open(sandbox.url, "default") as late:
            late.accept(other, [accepted(n) for n in numbers])

    def arriving(body: dict[str, Any]) -> bool:
        if (number := int(body["order_id"][1:])) in (5, 6, 7):
            enter([number])
        return False

    with SandboxThread(faults=[Fault(match=arriving)]) as sandbox:
        with ledgers.open(sandbox.url, "default") as late:
            other = late.begin("backfill upload", "small", None, [])
        typed = Typed(place, *words, url=sandbox.url, env={"BACKFILL_LEDGER": server.url})
        assert "Send 12 events" in typed.read_until("[y/N]")
        enter(range(5))
        typed.say("y\n")
        typed.read_until("no such text")  # up to its end
        assert typed.process.wait(240) == 0, typed.shown
        found = json.loads((place.folder / "summary.json").read_text())
        assert (found["accepted"], found["already"], found["unattempted"], found["balanced"]) == (4, 8, 0, True)
        assert found["amount"] == {"accepted": "44.00", "already": "40.00"}
        assert (len(sandbox.arrivals), len(sandbox.events)) == (7, 7)
        mine = "SELECT count(*) FROM backfill.accepted WHERE run = %s"
        assert server.rows(mine, found["run"]) == [(4,)] and server.rows(mine, other) == [(8,)]


def accepted(number: int) -> Accepted:
    """One of `place.orders`, as the ledger keeps it."""
    day = f"2024-05-{number % 28 + 1:02d}T10:00:00Z"
    who = identity_digests(f"p{number}@example.com", None, None, None)
    return Accepted(f"purchase:A{number}", day, f"{number + 1}.50", who, None, (number,))
