"""backfill verify: file, ledger and Space are compared; the gaps can be uploaded."""

import csv
import json
import os
import random
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from checking import TABLES
from place import MAPPING, Place, ledger_of
from reading import Reader, live, overlap, reader, space

from backfill.ledger.sqlite.ledger import SqliteLedger
from backfill.ledger.story import story, story_text
from backfill.sandbox import Fault

__all__ = ["reader"]


def test_after_an_upload_all_three_agree(place: Place, reader: Reader) -> None:
    with space() as sandbox:
        reader.upload(sandbox.url, place.orders(40))
        result = reader.run("verify", sandbox.url, place.orders(40))
        found = reader.verify(sandbox.url, place.orders(40))
    assert result.code == 0 and "file, ledger and Space agree" in result.out
    total = sum(n % 90 + 1.5 for n in range(40))
    assert found["months"] == [
        {"month": "2024-05", "event_name": "purchase", "file": 40, "ledger": 40, "space": 40, "other": 0,
         "file_amount": f"{total:.2f}", "ledger_amount": f"{total:.2f}", "space_amount": f"{total:.2f}",
         "other_amount": "0.00"}
    ]  # fmt: skip
    assert (found["events"], found["agree"], found["gaps_file"], found["resume"]) == (40, 40, None, None)


def lost(sandbox: Any, *orders: str) -> None:
    """Make the Space lose events, as if a queue had dropped them."""
    for event in sandbox.events:
        if event.body.get("order_id") in orders:
            del sandbox.sandbox._stored[event.id]
            sandbox.sandbox._spaces["sandbox"]._seen.clear()


def test_what_is_missing_doubled_different_and_not_sent(place: Place, reader: Reader) -> None:
    had = [
        live("A1", amount=2.5, event_time="2024-05-02T10:00:00Z"),
        live("X1"),
        live("X2"),
        live("X2", email="b@c.de"),
    ]
    with space(*had, live("A9", amount=7)) as sandbox:
        reader.upload(sandbox.url, place.orders(8))
        lost(sandbox, "A3", "A4")
        result = reader.run("verify", sandbox.url, place.orders(11), json=True)
        found = result.json
        assert result.code == 3
        kinds = ("agree", "different", "missing", "undone", "not_sent", "twice", "unexpected")
        assert [found[kind] for kind in kinds] == [6, 1, 2, 0, 2, 2, 2]
        assert found["events"] == 11 and (found["amount_differs"], found["time_differs"], found["elsewhere"]) == (
            1,
            1,
            1,
        )
        assert "wait: " in result.err
        assert [place["row"] for place in found["places"]["missing"]] == [4, 5]
        with Path(found["gaps_file"]).open(newline="") as file:
            gaps = list(csv.DictReader(file))
        assert [(row["Order"], row["_code"]) for row in gaps] == [
            ("A3", "missing"), ("A4", "missing"), ("A8", "not_sent"), ("A10", "not_sent")
        ]  # fmt: skip
        assert Path(found["gaps_file"]).stat().st_mode & 0o777 == 0o600
        assert found["resume"].endswith("--resend")
        sent = reader.upload(sandbox.url, found["gaps_file"], resend=True)
        assert (sent["accepted"], sent["requests"]) == (4, 4)
        after = reader.verify(sandbox.url, place.orders(11))
        assert [after[kind] for kind in kinds] == [10, 1, 0, 0, 0, 2, 2]


def test_gaps_that_were_never_sent_need_no_resend(place: Place, reader: Reader) -> None:
    with space() as sandbox:
        reader.upload(sandbox.url, place.orders(3))
        gaps = place.folder / "gaps.csv"
        found = reader.verify(sandbox.url, place.orders(5), gaps=gaps)
        assert (found["not_sent"], found["gaps_file"]) == (2, str(gaps))
        assert "--resend" not in found["resume"]
        assert reader.upload(sandbox.url, str(gaps))["accepted"] == 2
        assert reader.verify(sandbox.url, place.orders(5), gaps=gaps)["exit_code"] == 0
        assert gaps.read_text().count("\n") == 1  # the header only
        found = reader.verify(sandbox.url, place.orders(6), gaps=Path(os.devnull))
        assert (found["not_sent"], found["resume"]) == (1, None)


def test_gaps_files_are_numbered_and_replace_only_their_own(place: Place, reader: Reader) -> None:
    with space() as sandbox:
        files = [reader.verify(sandbox.url, place.orders(2))["gaps_file"] for _ in range(2)]
        assert [Path(name).name for name in files] == ["orders.missing.csv"] * 2
        Path(files[0]).write_text("mine")
        assert Path(reader.verify(sandbox.url, place.orders(3))["gaps_file"]).name == "orders.missing-2.csv"


ITEMS = """
mapping: 1
name: items
source: {group_by: Order}
events:
  - event_name: purchase
    fields: {order_id: Order, email: Email, amount: Total, event_time: When}
  - event_name: sign_up
    where: {New: "1"}
    fields: {email: Email, event_time: When}
"""


def test_records_of_several_rows_and_events(place: Place, reader: Reader) -> None:
    mapping, file = place.folder / "items.yaml", place.folder / "items.csv"
    mapping.write_text(ITEMS)
    lines = ["Order,Email,Total,When,New,Item"]
    for n in range(6):
        moment = f"2024-0{n // 2 + 1}-15T10:00:00Z"
        lines += [f"B{n},p{n}@example.com,{n}.50,{moment},{n % 2},cup", f"B{n},,,,,pot"]
    file.write_text("\n".join(lines) + "\n")
    with space() as sandbox:
        sent = reader.upload(sandbox.url, str(file), mapping=str(mapping))
        assert sent["accepted"] == 9
        found = reader.verify(sandbox.url, str(file), mapping=str(mapping))
        assert (found["exit_code"], found["agree"], len(found["months"])) == (0, 9, 6)
        lost(sandbox, "B2")
        found = reader.verify(sandbox.url, str(file), mapping=str(mapping))
        assert (found["missing"], found["agree"]) == (1, 8)
        with Path(found["gaps_file"]).open(newline="") as gaps:
            assert [row["Item"] for row in csv.DictReader(gaps)] == ["cup", "pot"]


THREE = """
mapping: 1
name: three
source: {group_by: Order}
events:
  - event_name: lead_generated
    fields: {order_id: Order, email: Email, event_time: When}
  - event_name: purchase
    fields: {order_id: Order, email: Email, amount: Total, event_time: When}
  - event_name: purchase
    where: {New: "1"}
    fields: {order_id: {template: "{Order}-new"}, email: Email, amount: Total, event_time: When}
"""


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("form", TABLES)
def test_what_is_printed_sends_what_is_missing_and_nothing_else(
    place: Place, reader: Reader, seed: int, form: str
) -> None:
    """A row gives one to three events. Each may be in the Space from elsewhere, be lost, or never have been sent."""
    chance = random.Random(seed)
    mapping, file = place.folder / "three.yaml", place.folder / f"three.{form}"
    mapping.write_text(THREE)
    rows = [
        {"Order": f"B{n}", "Email": f"p{n}@example.com", "Total": f"{n}.50", "When": f"2024-05-0{n + 1}T10:00:00Z",
         "New": str(n % 2), "Item": item}
        for n in range(6) for item in ("cup", "pot")[: 1 + n % 2]
    ]  # fmt: skip
    file.write_text(TABLES[form]([*rows[0]], ([*row.values()] for row in rows)))
    given = {"mapping": str(mapping)}
    with space() as sandbox:
        reader.upload(sandbox.url, str(file), **given, limit=chance.randrange(16))
        for event in chance.sample(sandbox.events, chance.randrange(len(sandbox.events) + 1)):
            del sandbox.sandbox._stored[event.id]
            sandbox.sandbox._spaces["sandbox"]._seen.clear()
        if chance.random() < 0.5:
            reader.given["state"] = place.folder / "another"  # with no ledger in it
        had = events_of(sandbox)
        found = reader.verify(sandbox.url, str(file), **given)
        if found["resume"]:
            reader.upload(sandbox.url, found["gaps_file"], **given, resend="--resend" in found["resume"])
        now = events_of(sandbox)
        assert had <= now and set(now.values()) == {1} and len(now) == 15
        assert reader.verify(sandbox.url, str(file), **given)["agree"] == 15


def events_of(sandbox: Any) -> Counter[tuple[str, str]]:
    return Counter((event.body["event_name"], event.body["order_id"]) for event in sandbox.events)


def test_rejects_and_duplicates_of_the_file(place: Place, reader: Reader) -> None:
    file = Path(place.orders(6))
    lines = file.read_text().replace("p4@example.com", "nobody").splitlines()
    file.write_text("\n".join([*lines, lines[1], "too,few"]) + "\n")
    with space() as sandbox:
        assert reader.upload(sandbox.url, str(file))["accepted"] == 5
        result = reader.run("verify", sandbox.url, str(file))
        assert result.code == 0
        assert result.out.endswith(
            "agree: all 5 events that were sent; 2 rejects of the file are still to be mended "
            "(1 has no key: mended and sent since or not, this file can't tell)\n"
        )
        found = reader.verify(sandbox.url, str(file))
        assert (found["agree"], found["rejects"], found["rejects_without_key"]) == (5, 2, 1)
        assert found["gaps_file"] is None


def test_what_was_mended_agrees_with_what_was_sent(place: Place, reader: Reader) -> None:
    """The file keeps its mistakes; what went out is in the ledger, and the Space has that."""
    wrong = ["p9@example.com,n/a,2024-05-09T10:00:00Z", "p8@example.com,-5.00,2024-05-08T10:00:00Z",
             "p7@example.com,7.00,soon", "nobody,6.00,2024-05-06T10:00:00Z"]  # fmt: skip
    file = Path(place.orders(3))
    file.write_text(file.read_text() + "".join(f"A9{n},{row}\n" for n, row in enumerate(wrong)))
    with space() as sandbox:
        rejects = Path(reader.upload(sandbox.url, str(file))["rejects_file"])
        mended = (
            rejects.read_text()
            .replace("n/a", "9.00")
            .replace("-5.00", "5.00")
            .replace(",soon,", ",2024-05-07T09:00:00Z,")
        )
        rejects.write_text(
            mended.replace(",soon", ",2024-05-07T09:00:00Z").replace("nobody,6.00", "p6@example.com,6.50")
        )
        assert reader.upload(sandbox.url, str(rejects))["accepted"] == 4
        found = reader.verify(sandbox.url, str(file))
        assert (found["exit_code"], found["agree"], found["different"], found["rejects"]) == (0, 7, 0, 0)
        assert (found["mended"], sum(one["file"] for one in found["months"])) == (4, 3)


WRONG = [
    "p7@example.com,1.00,2024-05-02T10:00:00Z",
    "p2@example.com,n/a,2024-05-02T10:00:00Z",
    "p2@example.com,1.00,2024-05-02T11:00:00Z",
    "p2@example.com,1.00,2024-13-40",
    "p2@example.com,1.00",
]


@pytest.mark.parametrize(
    ("since", "wrong"),
    [*(("mended", wrong) for wrong in WRONG), ("mended after a check", WRONG[0]), ("nothing", WRONG[1])]
    + [(since, wrong) for since in ("sent before", "another's") for wrong in WRONG[:2]],
)
def test_a_reject_is_mended_once_a_later_run_has_its_key_whatever_its_code(
    place: Place, reader: Reader, since: str, wrong: str
) -> None:
    grouped, file, later = place.folder / "grouped.yaml", place.folder / "grouped.csv", place.folder / "later.csv"
    grouped.write_text(Path(place.mapping).read_text() + "source: {group_by: Order}\n")
    right = "p2@example.com,1.00,2024-05-02T10:00:00Z"
    head = "Order,Email,Total,When\nA1,p1@example.com,1.00,2024-05-01T10:00:00Z\n"
    with space() as sandbox:
        if since == "sent before":
            file.write_text(f"{head}A2,{right}\n")
            reader.upload(sandbox.url, str(file), mapping=str(grouped))
        file.write_text(f"{head}A2,{right}\nA2,{wrong}\n")
        command = "check" if since == "mended after a check" else "upload"
        rejects = Path(reader.summary(command, sandbox.url, str(file), mapping=str(grouped))["rejects_file"])
        if since.startswith("mended"):
            later.write_text(f"{head}A2,{right}\nA2,{right}\n")
            rejects.write_text(rejects.read_text().replace(f"A2,{wrong}", f"A2,{right}"))
            if wrong.endswith("1.00"):
                rejects = later  # a row that can't be read is written anew
            reader.upload(sandbox.url, str(rejects), mapping=str(grouped))
        if since == "another's":
            later.write_text("Order,Email,Total,When\nA2,x@example.com,8.00,2024-05-02T10:00:00Z\n")
            assert reader.upload(sandbox.url, str(later))["accepted"] == 1
        found = reader.verify(sandbox.url, str(file), mapping=str(grouped))
        mended = since.startswith("mended")
        assert (found["rejects"] - found["rejects_without_key"], found["mended"]) == (not mended, mended)
        assert command == "check" or found["exit_code"] == 0


MENDED = {"A1": ("2.50", "99.00"), "A2": ("03T10:00", "03T11:00"), "A3": ("p3@", "q3@"), "A4": ("", "")}


@pytest.mark.parametrize(("status", "orders"), [(422, "A1 A2 A3 A4"), (500, "A1 A3")])
def test_what_the_api_did_not_take_was_mended_like_what_broke_a_rule(
    place: Place, reader: Reader, status: int, orders: str
) -> None:
    """In the file, in the reject file as it was written, and in what the file gives once more."""
    file, mended, number = Path(place.orders(5)), place.folder / "mended.csv", len(orders.split())
    with space(faults=[Fault(match=lambda body: body["order_id"] in orders, status=status)]) as sandbox:
        rejects = Path(reader.upload(sandbox.url, str(file))["rejects_file"])
        sandbox.faults = []
        text = rejects.read_text()
        for was, now in MENDED.values():
            text = text.replace(was, now) if was else text
        mended.write_text(text)
        assert reader.upload(sandbox.url, str(mended))["accepted"] == number
        otherwise = sum(1 for order in orders.split() if MENDED[order][0])
        for _ in range(2):
            for name, agree in ((file, 5), (rejects, number), (mended, number)):
                found = reader.verify(sandbox.url, str(name))
                assert (found["exit_code"], found["agree"], found["rejects"]) == (0, agree, 0), name
                assert found["mended"] == otherwise * (name != mended)
            again = Path(reader.upload(sandbox.url, str(file))["rejects_file"])
            assert reader.verify(sandbox.url, str(again))["rejects"] == 0
        was, text = file.stat(), file.read_text()
        file.write_text(text.replace(",1.50,", ",7.00,"))
        os.utime(file, ns=(was.st_atime_ns, was.st_mtime_ns))
        found = reader.verify(sandbox.url, str(file))
        assert (found["different"], found["agree"]) == (1, 4), "A0 was never rejected"
        file.write_text(text.replace(",2.50,", ",77.00,"))
        os.utime(file, (was.st_mtime + 3600,) * 2)
        found = reader.verify(sandbox.url, str(file))
        assert (found["exit_code"], found["different"] > 0) == (3, True), "nobody mended what it says by now"
        file.write_text(text)
        os.utime(file, ns=(was.st_atime_ns, was.st_mtime_ns))
        lost(sandbox, "A1", "A3")
        assert "mend it again" in Path(reader.verify(sandbox.url, str(file))["gaps_file"]).read_text()


def test_what_was_sent_from_the_file_itself_was_mended_in_no_other(place: Place, reader: Reader) -> None:
    file = Path(place.orders(3))
    with space(faults=[Fault(match=lambda body: body["order_id"] == "A1", status=422)]) as sandbox:
        assert reader.upload(sandbox.url, str(file))["refused"] == 1
        sandbox.faults = []
        file.write_text(file.read_text().replace("2.50", "99.00"))
        assert reader.upload(sandbox.url, str(file))["accepted"] == 1
        for amount, different in (("99.00", 0), ("2.50", 1)):
            file.write_text(file.read_text().replace("99.00", amount))
            assert reader.verify(sandbox.url, str(file))["different"] == different


def test_what_was_mended_to_another_month_is_found_and_its_gap_says_to_mend_it_again(
    place: Place, reader: Reader
) -> None:
    file = Path(place.orders(3))
    file.write_text(file.read_text() + "A9,p9@example.com,9.00,soon\n")
    with space() as sandbox:
        rejects = Path(reader.upload(sandbox.url, str(file))["rejects_file"])
        rejects.write_text(rejects.read_text().replace(",soon", ",2025-02-07T09:00:00Z"))
        assert reader.upload(sandbox.url, str(rejects))["accepted"] == 1
        assert (reader.verify(sandbox.url, str(file))["exit_code"]) == 0
        lost(sandbox, "A9")
        found = reader.verify(sandbox.url, str(file))
        assert found["missing"] == 1 and "mend it again" in Path(found["gaps_file"]).read_text()


def test_an_id_that_was_mended_is_found_by_the_reject_file(place: Place, reader: Reader) -> None:
    file = Path(place.orders(3))
    file.write_text(file.read_text() + ",p9@example.com,9.00,2024-05-09T10:00:00Z\n")
    with space() as sandbox:
        rejects = Path(reader.upload(sandbox.url, str(file))["rejects_file"])
        rejects.write_text(rejects.read_text().replace(",,p9@", ",A99,p9@"))
        assert reader.upload(sandbox.url, str(rejects))["accepted"] == 1
        whole, mended = (reader.verify(sandbox.url, str(one)) for one in (file, rejects))
        assert (whole["agree"], whole["rejects"], whole["rejects_without_key"]) == (3, 1, 1)
        assert (mended["agree"], mended["rejects"], mended["rejects_without_key"]) == (1, 0, 0)


def test_what_the_api_refused_is_a_reject_and_no_gap(place: Place, reader: Reader) -> None:
    odd = Fault(match=lambda body: body["order_id"] == "A2", status=422)
    with space(faults=[odd]) as sandbox:
        assert reader.upload(sandbox.url, place.orders(4))["refused"] == 1
        found = reader.verify(sandbox.url, place.orders(4))
        assert (found["exit_code"], found["agree"], found["refused"], found["rejects"]) == (0, 3, 1, 1)
        assert found["gaps_file"] is None


def test_what_the_ledger_lacks_is_not_blamed_on_others_alone(place: Place, reader: Reader) -> None:
    """Events that the API took without an answer: rejects, of an outage, and of a run that was killed."""

    def order(number: int) -> Callable[[dict[str, Any]], bool]:
        return lambda body: bool(body["order_id"] == f"A{number}")

    file, saying = place.orders(6), "not in the ledger: "
    with space(live("A0", email="p0@example.com", amount=1.5, event_time="2024-05-01T10:00:00Z")) as sandbox:
        first = reader.run("verify", sandbox.url, file)
        assert f"1 of those there is {saying}live tracking, or another tool" in first.out
        sandbox.faults = [
            Fault(match=order(1), reset="after"),
            Fault(match=order(2), status=500),
            Fault(match=order(3), reset="after", times=1),
            Fault(match=order(3), status=422, body={"message": "it has already been taken"}),
        ]
        reader.upload(sandbox.url, file)
        found, said = reader.verify(sandbox.url, file), reader.run("verify", sandbox.url, file).out
        assert (found["exit_code"], found["agree"], found["not_sent"], found["rejects"]) == (3, 5, 1, 3)
        assert [found[one] for one in ("elsewhere", "undelivered_there", "refused_there", "undelivered")] == [
            2,
            1,
            1,
            2,
        ]
        assert "1 of those there is a reject that a run had no answer for" in said and saying not in said
        assert "3 rejects of the file are still to be mended" in said
        sandbox.faults = [Fault(reset="after", after=1)]
        more = place.orders(12)
        assert reader.upload(sandbox.url, more, patience=0.3)["exit_code"] == 4
        found, said = reader.verify(sandbox.url, more), reader.run("verify", sandbox.url, more).out
        assert found["open_runs"] == [2, 1] and f"{saying}sent by run 2, which had no answer for" in said
        with closing(sqlite3.connect(ledger_of(place.folder))) as db, db:
            db.execute("UPDATE runs SET finished = NULL, exit_code = NULL, summary = NULL WHERE id = 2")
        assert f"{saying}sent by run 2, which has not finished" in reader.run("verify", sandbox.url, more).out
        sandbox.faults = ()
        reader.upload(sandbox.url, more)
        found = reader.verify(sandbox.url, more)
        assert (found["agree"], found["elsewhere"], found["rejects"], found["open_runs"]) == (12, 0, 0, [])


KEYED = """
mapping: 1
name: keyed
events:
  - event_name: {column: Name}
    idempotency_key: {template: "web:{Order}"}
    fields: {order_id: Order, email: Email, event_time: When}
  - event_name: contact
    fields: {email: Email, event_time: When}
"""


OTHERWISE = {
    "amount": (",2.50,", ",99.00,", "amount 2.5"),
    "time": ("02T10:00", "02T11:00", "time 2024-05-02T10:00:00Z"),
    "person": ("A1,p1@", "A1,p9@", "another person"),
    "nothing": ("", "", ""),
}


@pytest.mark.parametrize("end", ["no answer", "killed"])
@pytest.mark.parametrize("arrived", [True, False])
@pytest.mark.parametrize("what", OTHERWISE)
def test_what_a_run_without_an_answer_may_have_left_otherwise_is_said_and_found(
    place: Place, reader: Reader, what: str, arrived: bool, end: str
) -> None:
    """By whoever sends the same key with another body, and by verify, which sees what the Space has of the two."""
    was, now, said = OTHERWISE[what]
    file, others = Path(place.orders(3)), place.folder / "others.csv"
    reset = Fault(match=lambda body: body["order_id"] == "A1", reset="after" if arrived else "before")
    with space(faults=[reset]) as sandbox:
        assert reader.upload(sandbox.url, str(file))["undelivered"] == 1
        if end == "killed":
            with closing(sqlite3.connect(ledger_of(place.folder))) as db, db:
                db.execute("UPDATE runs SET finished = NULL, exit_code = NULL, summary = NULL")
                db.execute("DELETE FROM verdicts")
        sandbox.faults = []
        if was:
            file.write_text(file.read_text().replace(was, now))
        sent = reader.run("upload", sandbox.url, str(file), json=True)
        assert (sent.code, sent.json["accepted"]) == (0, 1)
        assert (f"without an answer ({what} 1; first in row 2)" in sent.err) == (what != "nothing"), sent.err
        told = story_text(told_of(place, "A1"), "A1")
        assert (f"no answer       run 1  orders.csv, with {said}" in told) == (what != "nothing"), told
        found = reader.verify(sandbox.url, str(file))
        kept = arrived and what in ("amount", "time")
        assert (found["exit_code"], found["different"], found["sent_first"]) == (3 * kept, int(kept), int(kept))
        assert (found["person_unclear"], found["person_differs"]) == (int(what == "person"), 0)
        said_at_end = reader.run("verify", sandbox.url, str(file)).out
        assert (what == "person") == ("agree but for the persons" in said_at_end)
        for who in ("p1", "p9"):  # another event of theirs in the Space shows whose the doubtful one is
            others.write_text(f"Order,Email,Total,When\nB{who},{who}@example.com,5.00,2024-05-09T10:00:00Z\n")
            reader.upload(sandbox.url, str(others))
            found = reader.verify(sandbox.url, str(file), str(others))
            assert found["person_differs"] == int(what == "person" and arrived) and found["person_unclear"] == 0


def told_of(place: Place, order_id: str) -> dict[str, Any]:
    with SqliteLedger.look(ledger_of(place.folder)) as ledger:
        found = story(ledger, order_id)
    assert found is not None
    return found


def test_what_other_runs_of_this_ledger_sent_is_ours(place: Place, reader: Reader) -> None:
    """They are of another file and mapping: keys that a pixel made, and events without order_id."""
    mapping, file = place.folder / "keyed.yaml", place.folder / "keyed.csv"
    mapping.write_text(KEYED)
    rows = [f"B{n},q{n}@example.com,2024-05-02T1{n}:00:00Z,{name}" for n, name in enumerate(["purchase", "schedule"])]
    file.write_text("\n".join(["Order,Email,When,Name", *rows, ""]))
    with space(live("X1"), live("A9", event_time="2024-05-03T09:00:00Z")) as sandbox:
        reader.upload(sandbox.url, place.orders(6))
        assert reader.upload(sandbox.url, str(file), mapping=str(mapping))["accepted"] == 4
        found = reader.verify(sandbox.url, place.orders(6))
        assert (found["exit_code"], found["agree"], found["ours"], found["unexpected"]) == (0, 6, 1, 2)
        [month] = found["months"]
        assert (month["file"], month["ledger"], month["space"], month["other"]) == (6, 7, 9, 2)
        found = reader.verify(sandbox.url, str(file), mapping=str(mapping))
        assert (found["exit_code"], found["agree"], found["ours"], found["unexpected"]) == (0, 4, 1, 1)  # A1 at ten
        lost(sandbox, "A1")
        assert reader.verify(sandbox.url, str(file), mapping=str(mapping))["absent"] == 1


def test_while_a_plans_run_has_not_ended_its_plan_goes_on(place: Place, reader: Reader) -> None:
    """Nothing says yet whether it has a route."""
    with space() as sandbox:
        reader.upload(sandbox.url, place.orders(2))
        with closing(sqlite3.connect(ledger_of(place.folder))) as db, db:
            db.execute("UPDATE runs SET command = 'backfill jobs p.yaml', summary = NULL, finished = NULL")
        found = reader.verify(sandbox.url, place.orders(3))
    assert (found["agree"], found["not_sent"], found["resume"]) == (2, 1, "backfill jobs p.yaml")


@pytest.mark.parametrize(
    "other",
    ["source: {namespace: two, timezone: UTC}", "source: {timezone: UTC}\nKEY: {template: 'x{Order}'}"],
    ids=["namespace", "idempotency_key"],
)
@pytest.mark.parametrize("lost_ones", [(), ("A1", "A2")])
def test_what_the_ledger_has_under_another_key_is_its_own(
    place: Place, reader: Reader, other: str, lost_ones: tuple[str, ...]
) -> None:
    """Of dates alone: with a clock time it is a likely double, and none of the file's events."""
    file, mapping = place.folder / "days.csv", place.folder / "other.yaml"
    file.write_text("Order,Email,Total,When\n" + "".join(f"A{n},q{n}@x.com,{n}.50,2024-05-0{n}\n" for n in range(1, 7)))
    (place.folder / "one.yaml").write_text(MAPPING + "source: {timezone: UTC}\n")
    source, _, key = other.partition("\nKEY: ")
    keyed = MAPPING.replace("    fields:", f"    idempotency_key: {key}\n    fields:") if key else MAPPING
    mapping.write_text(f"{keyed}{source}\n")
    with space() as sandbox:
        reader.upload(sandbox.url, str(file), mapping=str(place.folder / "one.yaml"))
        lost(sandbox, *lost_ones)
        result = reader.run("verify", sandbox.url, str(file), mapping=str(mapping))
        found = reader.verify(sandbox.url, str(file), mapping=str(mapping))
    there = 6 - len(lost_ones)
    assert (found["agree"], found["other_keys"], found["elsewhere"]) == (there, there, 0)
    assert (found["absent"], sum(one["ledger"] for one in found["months"])) == (len(lost_ones), there)
    assert "another tool" not in result.out


def test_what_another_person_has_under_the_same_id_is_not_the_ledgers(place: Place, reader: Reader) -> None:
    """Two shops may share an id: what the ledger sent of one is not there because the other's is."""
    days = "Order,Email,Total,When\nA1,{}@x.com,5.00,2024-05-01\n"
    (place.folder / "one.csv").write_text(days.format("ann"))
    (place.folder / "two.csv").write_text(days.format("bob"))
    (place.folder / "one.yaml").write_text(MAPPING + "source: {timezone: UTC}\n")
    (place.folder / "two.yaml").write_text(MAPPING + "source: {timezone: UTC, namespace: two}\n")
    with space() as sandbox:
        reader.upload(sandbox.url, str(place.folder / "one.csv"), mapping=str(place.folder / "one.yaml"))
        for event in sandbox.events:  # Bob's, by another tool
            event.body["email"] = "bob@x.com"
        found = reader.verify(sandbox.url, str(place.folder / "two.csv"), mapping=str(place.folder / "two.yaml"))
        assert (found["agree"], found["other_keys"], found["elsewhere"], found["absent"]) == (1, 0, 1, 1)
        found = reader.verify(sandbox.url, str(place.folder / "one.csv"), mapping=str(place.folder / "two.yaml"))
        assert (found["agree"], found["other_keys"], found["elsewhere"], found["absent"]) == (1, 1, 0, 0)


def test_like_events_under_several_ids_are_doubled(place: Place, reader: Reader) -> None:
    """The same orders: sent before under one id, by hand or by a lost ledger, and now under another."""
    had = [body | {"order_id": f"#{n}"} for n, body in enumerate(overlap(3))]
    had[1] |= {"amount": 77}  # another amount: another order
    had[2] |= {"is_upsell": True}
    had.append(live("Y1") | {"order_id": "Y2"})  # like none of ours
    with space(*had, live("Y1")) as sandbox:
        reader.upload(sandbox.url, place.orders(5))
        result = reader.run("verify", sandbox.url, place.orders(5))
        found = reader.verify(sandbox.url, place.orders(5))
        assert (result.code, found["doubled"], found["agree"], found["unexpected"]) == (3, 2, 5, 5)
        assert "2 like another in person, name, amount and time, under another id (evt_1, evt_3)" in result.out
        again = reader.verify(sandbox.url, place.orders(5), allow_doubles=True)
        assert (again["exit_code"], again["doubled"]) == (0, 0)


def test_two_like_orders_of_one_file_are_doubled_too(place: Place, reader: Reader) -> None:
    file = Path(place.orders(2))
    file.write_text(file.read_text() + "A9,p1@example.com,2.50,2024-05-02T10:00:00Z\n")
    with space() as sandbox:
        assert reader.upload(sandbox.url, str(file))["accepted"] == 3
        found = reader.verify(sandbox.url, str(file))
        assert (found["exit_code"], found["agree"], found["doubled"]) == (3, 3, 1)


@pytest.mark.parametrize("amount", ["1.50", "1234567.89", "12345678901234567890.25"])
def test_its_table_fits_eighty_columns(place: Place, reader: Reader, amount: str) -> None:
    file = place.folder / "wide.csv"
    rows = "".join(f"A{n},p@example.com,{amount},2024-0{n}-02T10:00:00Z\n" for n in range(1, 5))
    file.write_text("Order,Email,Total,When\n" + rows)
    with space(*overlap(3)) as sandbox:
        reader.upload(sandbox.url, str(file))
        result = reader.run("verify", sandbox.url, str(file))
    lines = result.out.splitlines()
    table = lines[1 : next(at for at, line in enumerate(lines) if line.startswith("  events"))]
    assert len(table) > 8 and max(map(len, table)) <= 80
    assert any(f"{Decimal(amount):,}" in line for line in table)


def test_a_changed_file_differs_from_what_the_api_kept(place: Place, reader: Reader) -> None:
    with space() as sandbox:
        file = Path(place.orders(3))
        reader.upload(sandbox.url, str(file))
        file.write_text(file.read_text().replace(",2.50,", ",99.00,"))
        found = reader.verify(sandbox.url, str(file))
    assert (found["different"], found["amount_differs"], found["time_differs"]) == (1, 1, 0)
    assert found["places"]["different"] == [{"file": str(file), "row": 2}]
    assert (found["months"][0]["file_amount"], found["months"][0]["ledger_amount"]) == ("104.00", "7.50")


def test_an_event_is_looked_for_where_it_was_sent(place: Place, reader: Reader) -> None:
    """Whatever time the file has by now."""
    with space() as sandbox:
        file = Path(place.orders(2))
        reader.upload(sandbox.url, str(file))
        file.write_text(file.read_text().replace("2024-", "2025-"))
        found = reader.verify(sandbox.url, str(file))
    assert (found["different"], found["time_differs"], found["missing"], found["resume"]) == (2, 2, 0, None)


@pytest.mark.parametrize(("rule", "different"), [("first", (0, 1)), ("last", (1, 0))])
def test_of_one_key_the_event_that_counts_is_held_against_the_space(
    place: Place, reader: Reader, rule: str, different: tuple[int, int]
) -> None:
    mapping, file = place.folder / "conflict.yaml", Path(place.orders(1))
    mapping.write_text(MAPPING.replace("events:", f"source: {{on_conflict: {rule}}}\nevents:", 1))
    with space() as sandbox:
        reader.upload(sandbox.url, str(file), mapping=str(mapping))
        header, row = file.read_text().splitlines()
        for rows, expected in zip(
            ([row, row.replace(",1.50,", ",35,")], [row.replace(",1.50,", ",35,"), row]), different, strict=True
        ):
            file.write_text("\n".join([header, *rows]))
            found = reader.verify(sandbox.url, str(file), mapping=str(mapping))
            assert (found["different"], found["agree"]) == (expected, 1 - expected)


@pytest.mark.parametrize(
    "text", ["Order,Email,Total,When\n", "Order,Email,Total,When\nA1,nobody,1,2024-05-01T10:00:00Z\n"]
)
def test_a_file_without_events_reads_nothing(place: Place, reader: Reader, text: str) -> None:
    file = place.folder / "empty.csv"
    file.write_text(text)
    with space() as sandbox:
        found = reader.verify(sandbox.url, str(file))
        assert (found["events"], found["from"], sandbox.reads) == (0, None, [])


def test_until_leaves_the_rest_to_live_tracking(place: Place, reader: Reader) -> None:
    with space(*overlap(28, first=14)) as sandbox:
        reader.upload(sandbox.url, place.orders(28), until="2024-05-15")
        assert reader.verify(sandbox.url, place.orders(28), until="2024-05-15")["exit_code"] == 0


def test_a_reading_before_the_queue_has_finished(place: Place, reader: Reader) -> None:
    with space(visibility=60.0) as sandbox:
        reader.upload(sandbox.url, place.orders(3))
        result = reader.run("verify", sandbox.url, place.orders(3), json=True)
    assert result.json["missing"] == 3 and "the API's queue may need time" in result.err


def test_the_command_in_a_shell(place: Place) -> None:
    with space(*overlap(2)) as sandbox:
        words = ("verify", place.orders(3), "-m", place.mapping, "--state", "s", "--json", "--quiet")
        ran = place.command(*words, url=sandbox.url)
        assert (ran.returncode, ran.stderr, json.loads(ran.stdout)["not_sent"]) == (3, "", 1)
        assert place.command(*words).returncode == 2  # no key
        assert place.command("verify", "nowhere.csv", url=sandbox.url).returncode == 2
