"""backfill undo: what a run created is deleted, and nothing that was there before it."""

import json
import os
import re
import signal
import sqlite3
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from place import Place, accepted_in, attempted_in, ledger_of, until, wait_for
from reading import Reader, Result, live, overlap, reader, space

from backfill.commands.status import Asked, status, why
from backfill.ledger.lock import lock
from backfill.ledger.sqlite.file import ledger_path
from backfill.run.options import DELETES
from backfill.sandbox import Fault, busiest
from backfill.space import address_of

__all__ = ["reader"]


def orders_of(sandbox: Any) -> list[str]:
    return sorted(event.body["order_id"] for event in sandbox.events)


def ids_of(sandbox: Any) -> set[str]:
    return {event.id for event in sandbox.events}


def test_a_run_and_its_undoing(place: Place, reader: Reader) -> None:
    with space() as sandbox:
        first = reader.upload(sandbox.url, place.orders(5))
        second = reader.upload(sandbox.url, place.orders(9))
        assert (first["run"], second["run"]) == (1, 2)
        before = len(sandbox.reads)
        dry = reader.undo(sandbox.url, 2, dry_run=True)
        assert dry.code == 0 and "to delete     4 events: 4 purchase" in dry.out and "32.00" in dry.out
        assert len(sandbox.events) == 9 and not [1 for _, method, _ in sandbox.reads if method == "DELETE"]
        result = reader.undo(sandbox.url, 2)
        assert result.code == 0 and "4 events deleted" in result.out
        assert orders_of(sandbox) == [f"A{n}" for n in range(5)]
        assert len(sandbox.reads) - before == 2 + 4
        again = reader.undo(sandbox.url, 2)
        assert again.code == 0 and "4 deleted before" in again.err


def story_of(reader: Reader, *orders: str) -> str:
    reader.capsys.readouterr()
    for order in orders:
        assert why(Asked(reader.place.folder / "state"), order) == 0
    return reader.capsys.readouterr().out


def test_an_undo_and_what_is_sent_again_are_part_of_the_story(place: Place, reader: Reader) -> None:
    state = Asked(place.folder / "state")
    with space() as sandbox:
        reader.upload(sandbox.url, place.orders(2))
        reader.undo(sandbox.url, 1)
        assert "deleted" in story_of(reader, "A1") and "by backfill undo 1" in story_of(reader, "A1")
        status(state)
        said = reader.capsys.readouterr().out
        assert "0 events accepted, 2 more deleted since by an undo" in said
        assert "2 of those accepted were deleted from the Space: backfill undo 1" in said
        assert "(2 deleted before)" in reader.undo(sandbox.url, 1, dry_run=True).err
        result = reader.run("check", sandbox.url, place.orders(3))
        assert "2 of them deleted by an undo (see --resend" in result.err
        assert "of those already there, 2 were deleted by an undo: upload --resend" in result.out
        reader.upload(sandbox.url, place.orders(2), resend=True)
        assert "deleted by an undo" not in reader.run("check", sandbox.url, place.orders(2)).err
        assert "(2 deleted before)" in reader.undo(sandbox.url, 1, dry_run=True).err
        reader.upload(sandbox.url, place.orders(3))
        assert "  deleted       " not in reader.undo(sandbox.url, 3, dry_run=True).out
        reader.upload(sandbox.url, place.orders(2), resend=True)
    words = [line.split("  ")[2].strip() for line in story_of(reader, "A1").splitlines() if line.startswith("    ")]
    assert words == ["first accepted", "deleted", "accepted again", "sent again", "last seen"]
    status(replace(state, json=True))
    [found] = json.loads(reader.capsys.readouterr().out)
    assert (found["accepted"], found["deleted"]) == (3, 0)
    assert [(run["run"], run["deleted"]) for run in found["runs"]] == [(4, 0), (3, 0), (2, 0), (1, 2)]


def test_what_was_there_before_stays(place: Place, reader: Reader) -> None:
    """Live orders of the same ids: with other keys or none, other times or amounts, and one with no difference."""
    had = overlap(8)
    had[0] |= {"amount": 77}
    had[1] |= {"event_time": "2024-05-02T10:00:01Z", "idempotency_key": "pixel-1"}
    had[2] |= {"idempotency_key": "pixel-2"}  # no visible difference
    had[3] |= {"event_name": "subscribe"}
    had[4:] = [body | {"amount": 500 + n, "idempotency_key": f"pixel-{n + 4}"} for n, body in enumerate(had[4:])]
    with space(*had, live("X1")) as sandbox:
        before = ids_of(sandbox)
        assert reader.upload(sandbox.url, place.orders(12))["accepted"] == 12
        assert len(sandbox.events) == 21
        result = reader.undo(sandbox.url, 1)
        assert result.code == 3 and "11 events deleted, 0 not there, 1 left alone" in result.out
        assert before < ids_of(sandbox) and len(sandbox.events) == 10


def test_after_skip_existing_only_the_runs_own_events_are_deleted(place: Place, reader: Reader) -> None:
    with space(*overlap(6), live("X1")) as sandbox:
        before = ids_of(sandbox)
        reader.upload(sandbox.url, place.orders(10), skip_existing=True)
        result = reader.undo(sandbox.url, 1)
        assert result.code == 0 and "4 events deleted" in result.out
        assert ids_of(sandbox) == before


def test_an_event_that_the_api_dropped_for_an_earlier_one_is_left(place: Place, reader: Reader) -> None:
    """The Space knows the key already, or got another amount first: the run's event was never created."""
    had = [body | {"idempotency_key": f"purchase:A{n}", "amount": 400 + n} for n, body in enumerate(overlap(3))]
    with space(*had) as sandbox:
        assert reader.upload(sandbox.url, place.orders(5))["accepted"] == 5
        result = reader.undo(sandbox.url, 1)
        assert result.code == 3 and "2 events deleted, 0 not there, 3 left alone" in result.out
        assert orders_of(sandbox) == ["A0", "A1", "A2"]


def test_the_same_orders_by_two_runs_belong_to_neither(place: Place, reader: Reader) -> None:
    other = place.folder / "other.yaml"
    other.write_text(Path(place.mapping).read_text().replace("events:", "source: {namespace: eu}\nevents:"))
    with space() as sandbox:
        reader.upload(sandbox.url, place.orders(3))
        reader.upload(sandbox.url, place.orders(5), mapping=str(other), allow_doubles=True)
        result = reader.undo(sandbox.url, 2)
        assert result.code == 3 and "2 events deleted, 0 not there, 3 left alone" in result.out
        assert orders_of(sandbox) == ["A0", "A0", "A1", "A1", "A2", "A2"]


@pytest.mark.parametrize(
    ("source", "more"),
    [
        ("", ""),
        ("source: {namespace: eu.1}", ""),
        ("source: {namespace: eu.1}", "    idempotency_key: Pixel"),
        ("", "    idempotency_key: none"),
    ],
)
@pytest.mark.parametrize("order", ["{}", "B:{}", "0123456789abcdef0123456789abcde{}", "x" * 300 + "{}"])
def test_every_way_to_make_a_key(place: Place, reader: Reader, source: str, more: str, order: str) -> None:
    mapping, file = place.folder / "keys.yaml", place.folder / "keys.csv"
    fields = "{order_id: Order, email: Email, amount: Total, event_time: When}"
    mapping.write_text(
        f"mapping: 1\nname: keys\n{source}\nevents:\n  - event_name: purchase\n    fields: {fields}\n{more}\n"
    )
    lines = [f"{order.format(n)},p@example.com,{n}.5,2024-05-02T10:00:00Z,fb:{n}" for n in range(3)]
    file.write_text("\n".join(["Order,Email,Total,When,Pixel", *lines]) + "\n")
    with space(live("X1")) as sandbox:
        assert reader.upload(sandbox.url, str(file), mapping=str(mapping))["accepted"] == 3
        assert reader.undo(sandbox.url, 1).code == 0
        assert orders_of(sandbox) == ["X1"]


KEYS = {"of the order": "", "of a column": "    idempotency_key: Pixel {}\n", "none": "    idempotency_key: none\n"}


@pytest.mark.parametrize("kinds", [*product(KEYS, repeat=2), ("of a column", "of the order", "none")])
@pytest.mark.parametrize("runs", ["one run", "a run each"])
def test_an_order_s_events_are_the_run_s_whatever_their_keys_are(
    place: Place, reader: Reader, kinds: tuple[str, ...], runs: str
) -> None:
    """They are alike but for their names; another's of yet another name stays."""
    fields, file = "{order_id: Order, email: Email, amount: Total, event_time: When}", place.folder / "keys.csv"
    events = [
        f"  - event_name: {name}\n    fields: {fields}\n{KEYS[kind].format(name)}"
        for name, kind in zip(("purchase", "custom_event_3", "subscribe"), kinds, strict=False)
    ]
    lines = [f"A{n},p{n}@example.com,{n}.5,2024-05-02T10:00:00Z,p:{n},c:{n},s:{n}" for n in range(3)]
    head = "Order,Email,Total,When,Pixel purchase,Pixel custom_event_3,Pixel subscribe"
    file.write_text("\n".join([head, *lines]) + "\n")
    with space(live("A1", amount=1.5, event_name="custom_event_5")) as sandbox:
        parts = [events] if runs == "one run" else [[event] for event in events]
        for at, some in enumerate(parts):
            mapping = place.folder / f"keys{at}.yaml"
            mapping.write_text(f"mapping: 1\nname: keys{at}\nevents:\n{''.join(some)}")
            assert reader.upload(sandbox.url, str(file), mapping=str(mapping))["accepted"] == 3 * len(some)
        for run in range(1, len(parts) + 1):
            assert reader.undo(sandbox.url, run).code == 0
        assert orders_of(sandbox) == ["A1"]


def test_events_without_order_id_are_deleted_where_all_of_a_second_are_ours(place: Place, reader: Reader) -> None:
    mapping, file = place.folder / "leads.yaml", place.folder / "leads.csv"
    mapping.write_text(
        "mapping: 1\nname: leads\nevents:\n  - event_name: lead_generated\n"
        "    fields: {email: Email, event_time: When}\n"
    )
    times = [f"2024-05-0{n}T10:00:00Z" for n in (2, 2, 2, 3, 4)]
    file.write_text("Email,When\n" + "".join(f"p{n}@example.com,{at}\n" for n, at in enumerate(times)))
    had = live(None, event_name="lead_generated", amount=None, event_time="2024-05-03T10:00:00Z")
    with space(had) as sandbox:
        before = ids_of(sandbox)
        reader.upload(sandbox.url, str(file), mapping=str(mapping))
        result = reader.undo(sandbox.url, 1)
        assert result.code == 3 and "4 events deleted, 0 not there, 1 left alone" in result.out
        assert before < ids_of(sandbox)


def test_what_is_not_there_may_still_come(place: Place, reader: Reader) -> None:
    with space(visibility=60.0) as sandbox:
        reader.upload(sandbox.url, place.orders(2))
        result = reader.undo(sandbox.url, 1)
    assert result.code == 3 and "0 events deleted, 2 not there" in result.out and "wait:" in result.err


def test_deleted_keys_stay_already_until_resend(place: Place, reader: Reader) -> None:
    with space() as sandbox:
        reader.upload(sandbox.url, place.orders(3))
        reader.undo(sandbox.url, 1)
        assert reader.upload(sandbox.url, place.orders(3))["already"] == 3
        found = reader.verify(sandbox.url, place.orders(3))
        assert (found["undone"], found["exit_code"]) == (3, 3)
        sandbox.sandbox._spaces["sandbox"]._seen.clear()  # an API where a deletion frees the key
        assert reader.upload(sandbox.url, place.orders(3), resend=True)["accepted"] == 3
        assert reader.verify(sandbox.url, place.orders(3))["exit_code"] == 0
        result = reader.undo(sandbox.url, 3)  # they belong to that run now
        assert result.code == 0 and "3 events deleted" in result.out and sandbox.events == []


@pytest.mark.parametrize("mended", ["mapping", "file"])
def test_wrong_people_are_undone_and_the_right_ones_sent(place: Place, reader: Reader, mended: str) -> None:
    """Mended in the mapping, which had taken another column, or in the rows that verify gives."""
    file, right, wrong = (place.folder / name for name in ("o.csv", "right.yaml", "wrong.yaml"))
    rows = (f"A{n},agent{n}@x.de,p{n}@x.de,5,2024-05-01T10:07:1{n}Z\n" for n in range(3))
    file.write_text("Order,Agent,Email,Total,When\n" + "".join(rows))
    fields = "{order_id: Order, email: Agent, amount: Total, event_time: When}"
    wrong.write_text(f"mapping: 1\nname: shop\nevents:\n  - event_name: purchase\n    fields: {fields}\n")
    right.write_text(wrong.read_text().replace("Agent", "Email") if mended == "mapping" else wrong.read_text())
    with space() as sandbox:
        reader.upload(sandbox.url, str(file), mapping=str(wrong))
        reader.undo(sandbox.url, 1)
        result = reader.run("upload", sandbox.url, str(file), mapping=str(right))
        assert (result.code, sandbox.events) == (0, [])
        assert "of those already there, 3 were deleted by an undo: upload --resend" in result.out
        found = reader.verify(sandbox.url, str(file), mapping=str(right))
        assert (found["undone"], found["exit_code"]) == (3, 3) and found["resume"].endswith("--resend")
        gaps = Path(found["gaps_file"])
        gaps.write_text(gaps.read_text().replace(",agent", ",p"))
        sandbox.sandbox._spaces["sandbox"]._seen.clear()  # an API where a deletion frees the key
        again = reader.upload(sandbox.url, str(gaps), mapping=str(right), resend=True)
        assert (again["accepted"], again["events"]) == (3, 3)
        assert sorted(event.body["email"] for event in sandbox.events) == ["p0@x.de", "p1@x.de", "p2@x.de"]
        assert reader.verify(sandbox.url, str(file), mapping=str(right))["exit_code"] == 0
        words = [line.split("  ")[2].strip() for line in story_of(reader, "A1").splitlines() if line.startswith("    ")]
        assert words == ["first accepted", "deleted", "accepted again", "last seen"]
        assert "3 deleted before" in reader.undo(sandbox.url, 1).err and len(sandbox.events) == 3
        assert "3 events deleted" in reader.undo(sandbox.url, 3).out and sandbox.events == []


@pytest.mark.parametrize("run", [1, 2])
def test_what_was_sent_again_is_that_run_s_too(place: Place, reader: Reader, run: int) -> None:
    """Whose event the Space has nobody can say; where it had lost the first, it is the later run's."""
    with space() as sandbox:
        reader.upload(sandbox.url, place.orders(3))
        sandbox.sandbox._spaces["sandbox"]._seen.clear()
        sandbox.sandbox._stored.clear()
        assert reader.verify(sandbox.url, place.orders(3))["exit_code"] == 3
        assert reader.upload(sandbox.url, place.orders(2), resend=True)["accepted"] == 2
        reader.upload(sandbox.url, place.orders(4))
        result = reader.undo(sandbox.url, run)
        assert "2 events deleted" in result.out and orders_of(sandbox) == ["A3"]
        assert "(2 deleted before)" in reader.undo(sandbox.url, run).err or run == 1
        found = reader.verify(sandbox.url, place.orders(2))
        assert (found["undone"], found["exit_code"]) == (2, 3)
    lines = story_of(reader, "A1").splitlines()
    words = [line.split("  ")[2].strip() for line in lines if line.startswith("    ")]
    assert words == ["first accepted", "sent again", "deleted", "last seen"]
    assert any(f"by backfill undo {run};" in line for line in lines)


# Asking, going on, going wrong


@pytest.mark.parametrize(("answer", "code"), [("3\n", 0), ("y\n", 2), ("", 2)])
def test_the_number_is_typed(place: Place, reader: Reader, answer: str, code: int) -> None:
    pty = pytest.importorskip("pty")
    import os

    with space() as sandbox:
        reader.upload(sandbox.url, place.orders(3))
        ours, theirs = pty.openpty()
        try:
            running = place.start("undo", "1", "--state", "state", url=sandbox.url, stdin=theirs, stderr=theirs)
            os.close(theirs)
            said = b""
            while b"for good: " not in said:
                said += os.read(ours, 4096)
            os.write(ours, answer.encode() or b"\x04")
            assert running.wait(240) == code
        finally:
            os.close(ours)
            running.communicate()
        assert b"Type 3 to delete" in said
        assert len(sandbox.events) == (0 if code == 0 else 3)


def test_without_a_terminal_yes_must_be_given(place: Place, reader: Reader) -> None:
    with space() as sandbox:
        reader.upload(sandbox.url, place.orders(3))
        ran = place.command("undo", "1", "--state", "state", url=sandbox.url)
        assert ran.returncode == 2 and "--yes" in ran.stderr and len(sandbox.events) == 3
        assert place.command("undo", "1", "--state", "state", "--yes", url=sandbox.url).returncode == 0
        assert sandbox.events == []


def test_runs_and_ledgers_that_are_not_there(place: Place, reader: Reader) -> None:
    with space() as sandbox:
        result = reader.undo(sandbox.url, 1)
        assert result.code == 2 and "no ledger" in result.err
        reader.upload(sandbox.url, place.orders(1))
        result = reader.undo(sandbox.url, 7)
        assert result.code == 2 and "run 7: space default has runs 1 to 1" in result.err
        assert reader.undo(sandbox.url, 1, api_key="another").code == 2


@pytest.mark.parametrize(
    ("fault", "code", "left"),
    [
        (Fault(status=404, body={"message": "Not Difference"}, after=1), 0, 5),  # gone already, it says
        (Fault(status=503, at={3}), 0, 0),
        (Fault(status=429, retry_after=0, at={3}), 0, 0),
        (Fault(reset="after", at={3}), 0, 0),
        (Fault(status=204, body=b"", after=1), 0, 5),
        (Fault(status=422, body={"message": "No."}, at={3}), 3, 1),
        (Fault(status=403, after=3), 4, 3),
        (Fault(status=404, body="<html>", after=3), 4, 3),
        (Fault(status=200, body="<html>", after=3), 4, 3),
    ],
)
def test_answers_to_a_deletion(place: Place, reader: Reader, fault: Fault, code: int, left: int) -> None:
    with space(read_faults=[fault]) as sandbox:
        reader.upload(sandbox.url, place.orders(5))
        result = reader.undo(sandbox.url, 1)
        assert (result.code, len(sandbox.events)) == (code, left)
        if code == 4:
            assert "2 events were deleted" in result.err and "to go on: backfill undo" in result.err
            sandbox.sandbox._read_script = type(sandbox.sandbox._read_script)((), 0)
            assert reader.undo(sandbox.url, 1).code == 0
            assert sandbox.events == []


def test_an_interrupt_waits_for_the_answer_and_goes_on(place: Place, reader: Reader) -> None:
    with space() as sandbox:
        reader.upload(sandbox.url, place.orders(80))
    with space(*(), port=int(sandbox.url.rpartition(":")[2]), delete_rate=DELETES) as again:
        again.sandbox._stored |= sandbox.sandbox._stored
        env = {"BACKFILL_STATE": str(place.folder / "state")}
        running = place.start("undo", "1", "--yes", url=again.url, env=env)
        begun = time.monotonic()
        while len(again.reads) < 20 and time.monotonic() - begun < 120:
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        err = running.communicate(timeout=240)[1]
        assert running.returncode == 130 and "events were deleted" in err
        deleted = 80 - len(again.events)
        ledger = next((place.folder / "state").glob("*/default.sqlite"))
        with sqlite3.connect(ledger) as db:
            assert db.execute("SELECT count(*) FROM deleted WHERE run = 1").fetchone() == (deleted,)
        db.close()
        result = reader.undo(again.url, 1, dry_run=True)
        assert f"to delete     {80 - deleted} events" in result.out and f"{deleted} before" in result.out
        assert busiest([at for at, method, _ in again.reads if method == "DELETE"]) <= DELETES


def test_a_space_that_is_held(place: Place, reader: Reader) -> None:
    with space() as sandbox:
        reader.upload(sandbox.url, place.orders(2))
        path = ledger_path(place.folder / "state", address_of(sandbox.url), "default")
        with lock(path.with_suffix(".lock"), "default"):
            assert reader.undo(sandbox.url, 1).code == 6
        assert len(sandbox.events) == 2


# What the run had no answer for


def order(number: int) -> Callable[[dict[str, Any]], bool]:
    return lambda body: bool(body["order_id"] == f"A{number}")


@pytest.mark.parametrize(
    ("faults", "unknown"),
    [
        (
            [
                Fault(match=order(1), reset="after"),  # undelivered
                Fault(match=order(2), status=500, accept=True),
                Fault(match=order(3), reset="after", times=1),
                Fault(match=order(3), status=422, body={"message": "idempotency key has already been taken"}),
                Fault(match=order(4), reset="after", times=2),  # and then accepted
                Fault(match=order(5), status=422),
                Fault(match=order(6), status=429, times=1, retry_after=0),
            ],
            3,
        ),
        ([Fault(reset="after", after=4)], 4),  # and exit 4, without rejects
        ([Fault(match=order(7), reset="after", times=1), Fault(match=order(7), status=401)], 1),
        ([Fault(match=order(7), status=200, body="taken", accept=True)], 1),
        ([Fault(match=order(7), status=403)], 0),
    ],
)
def test_nothing_is_said_to_be_left_only_where_that_is_known(
    place: Place, reader: Reader, faults: list[Fault], unknown: int
) -> None:
    with space() as sandbox:
        sandbox.faults, file = faults, place.orders(8)
        reader.upload(sandbox.url, file, patience=0.5, unlimited=False)
        sandbox.faults = ()
        result = reader.undo(sandbox.url, 1)
        assert result.code == (3 if unknown else 0) and len(sandbox.events) == unknown
        assert (f"not known: what became of {unknown} more event" in result.out) == bool(unknown)
        again = reader.undo(sandbox.url, 1)
        assert again.code == result.code and "left to delete" in again.err
        reader.upload(sandbox.url, file)
        assert [reader.undo(sandbox.url, run).code for run in (2, 1)] == [0, 0] and not sandbox.events


HASHED = """
mapping: 1
name: hashed
events:
  - event_name: subscribe
    fields: {email: Email, event_time: When}
"""


@pytest.mark.parametrize("hashed", [False, True])
@pytest.mark.parametrize("then", ["the rejects", "the same", "the file written again", "more in another file"])
def test_what_a_later_run_had_accepted_is_known_by_its_key(
    place: Place, reader: Reader, then: str, hashed: bool
) -> None:
    (place.folder / "hashed.yaml").write_text(HASHED)
    given = {"mapping": str(place.folder / "hashed.yaml")} if hashed else {}
    file = Path(place.orders(5))
    with space() as sandbox:
        lost = Fault(match=lambda body: bool(body["email"] == "p3@example.com"), reset="after")
        down = Fault(status=503, accept=True)  # and exit 4, without rejects
        sandbox.faults = [lost if then == "the rejects" else down]
        patience = 5 if then == "the rejects" else 0.3
        found = reader.upload(sandbox.url, str(file), patience=patience, **given)
        sandbox.faults = ()
        result = reader.undo(sandbox.url, 1)
        assert result.code == 3 and len(sandbox.events) > 0 and "send the same once more" in result.err
        later = {"the rejects": found["rejects_file"], "more in another file": place.orders(9, name="more.csv")}
        if then == "the file written again":
            place.orders(7)
            os.utime(file, (time.time() + 9,) * 2)
        reader.upload(sandbox.url, later.get(then, str(file)), **given)
        result = reader.undo(sandbox.url, 1)
        assert result.code == 0 and "run 2 has sent since what run 1 had no answer for: undo it too" in result.err
        assert reader.undo(sandbox.url, 2).code == 0 and not sandbox.events
        result = reader.undo(sandbox.url, 1)
        assert result.code == 0 and "undo it too" not in result.err


def test_an_event_that_is_refused_when_it_is_sent_again_is_never_known(place: Place, reader: Reader) -> None:
    with space() as sandbox:
        sandbox.faults = [Fault(match=order(7), reset="after", times=1), Fault(match=order(7), status=403)]
        reader.upload(sandbox.url, place.orders(8))
        sandbox.faults = [Fault(match=order(7), status=422)]
        reader.upload(sandbox.url, place.orders(8))
        result = reader.undo(sandbox.url, 1)
        assert (result.code, len(sandbox.events)) == (3, 1)
        assert "verify of its files" in result.err and "send the same" not in result.err


@pytest.mark.parametrize("earlier", [False, True], ids=["by this release", "by an earlier one"])
@pytest.mark.parametrize("change", ["nothing", "the file", "what is read", "skip existing"])
def test_what_was_on_its_way_when_a_run_was_killed(place: Place, reader: Reader, change: str, earlier: bool) -> None:
    """A later run that had it accepted knows what became of it; an earlier release did not keep what it was."""
    file, until = Path(place.orders(8)), "2024-05-08" if change == "what is read" else None
    more = ("--until", until) if until else ()
    with space() as sandbox:
        sandbox.faults = [Fault(match=order(7), reset="after", times=1), Fault(match=order(7), status=403)]
        reader.upload(sandbox.url, str(file))
        with sqlite3.connect(ledger_of(place.folder)) as db:
            db.execute("UPDATE runs SET finished = NULL, exit_code = NULL, summary = NULL")
            db.execute("DELETE FROM attempts WHERE ?", (earlier,))
        db.close()
        sandbox.faults = ()
        result = reader.undo(sandbox.url, 1)
        unknown = "what was on its way when the run was killed" if earlier else "what became of 1 more event"
        assert result.code == 3 and f"7 events deleted, 0 not there, 0 left alone; not known: {unknown}" in result.out
        assert "then undo that run" in result.err and f"backfill upload {file}" in result.err
        if change == "the file":
            file.write_text(file.read_text().replace("A7,", "B7,"))
        given = {"until": until, "skip_existing": change == "skip existing"}
        reader.upload(sandbox.url, str(file), argv=("backfill", "upload", str(file), *more), **given)
        assert reader.undo(sandbox.url, 2).code == 0
        result = reader.undo(sandbox.url, 1)
        assert len(sandbox.events) == (change != "nothing")
        assert result.code == (0 if change == "nothing" and not earlier else 3)
        assert ("nobody can say" in result.err) == (change == "the file" or (change == "nothing" and earlier))


@pytest.mark.parametrize("answered", [0, 9])
def test_a_killed_run_has_left_the_keys_of_all_that_the_api_may_have(
    place: Place, reader: Reader, answered: int
) -> None:
    """Whatever became of its file."""
    file = Path(place.orders(40))
    words = ("upload", str(file), "-m", place.mapping, "--workers", "4")
    with space(faults=[Fault(hang=200, accept=True, after=answered)]) as sandbox:
        run = place.start(*words, url=sandbox.url, env={"BACKFILL_STATE": str(place.folder / "state")})
        until(sandbox, answered + 4, run)
        wait_for(lambda: len(sandbox.events) == answered + 4)
        run.kill()
        run.communicate()
        sandbox.faults = ()
        known, left = accepted_in(place.folder), attempted_in(place.folder)
        there = {event.body["idempotency_key"] for event in sandbox.events}
        assert there <= known | left and len(known) <= answered and not known & left
        file.unlink()
        result = reader.undo(sandbox.url, 1)
        assert result.code == 3 and _not_known(result) == len(left)
        for orders, unknown in ((answered + 2, left - {f"purchase:A{n}" for n in range(answered + 2)}), (40, set())):
            latest = reader.upload(sandbox.url, place.orders(orders, name=f"{orders}.csv"))
            assert latest["exit_code"] == 0 and reader.undo(sandbox.url, latest["run"]).code == 0
            result = reader.undo(sandbox.url, 1)
            assert (result.code, _not_known(result)) == (3 if unknown else 0, len(unknown))
        assert not sandbox.events


def _not_known(result: Result) -> int:
    found = re.search(r"not known: what became of (\d+) more event", result.out + result.err)
    return int(found[1]) if found else 0
