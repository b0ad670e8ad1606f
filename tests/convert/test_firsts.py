"""The first payment of a customer alone: a condition that compares a record with the others of its customer."""

import json
from collections import defaultdict
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from checking import Desk, as_csv, events_of, write
from hypothesis import given, settings
from hypothesis import strategies as st

HEADER = "id,email,total,refund,at\n"


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def mapping(where: dict[str, Any], **source: Any) -> str:
    fields = {"order_id": "id", "email": "email", "amount": "total", "event_time": "at"}
    events = [{"event_name": "purchase", "fields": fields}]
    return json.dumps({"mapping": 1, "name": "firsts", "source": source, "where": where, "events": events})


FIRST = {"refund": "empty", "email": {"first_by": "at"}}


def rows_of(*payments: tuple[str, int, str]) -> str:
    """A row each of an address, a day, and what was refunded."""
    made = [f"{n},{who},5,{refund},2024-05-{day:02}T10:00:00Z" for n, (who, day, refund) in enumerate(payments, 1)]
    return HEADER + "\n".join([*made, ""])


def ids(names: list[str], made: str, **options: Any) -> set[str]:
    return {event["order_id"] for event in events_of(names, made, **options)}


@pytest.mark.parametrize(
    ("payments", "first"),
    [
        ([("a@x.co", 2, ""), ("a@x.co", 1, ""), ("a@x.co", 3, "")], {"2"}),
        ([("a@x.co", 1, ""), ("A@X.co", 2, "")], {"1"}),
        ([("a@x.co", 1, ""), ("a@x.co", 1, ""), ("a@x.co", 2, "")], {"1", "2"}),
        ([("a@x.co", 1, "5"), ("a@x.co", 2, "")], {"2"}),  # what other conditions leave out was no payment
        ([("a@x.co", 1, ""), ("b@x.co", 2, "")], {"1", "2"}),
    ],
)
def test_the_first_payment_of_a_customer_alone(
    tmp_path: Path, payments: list[tuple[str, int, str]], first: set[str]
) -> None:
    assert ids(write(tmp_path, {"a.csv": rows_of(*payments)}), mapping(FIRST)) == first


NOBODY = ["NULL", "null", "#N/A", "-", "undefined", "nan", "(none)", "", "\u200b"]


@pytest.mark.parametrize("column", ["email", "phone", "customer"])
@pytest.mark.parametrize("word", NOBODY)
def test_who_is_nobody_to_the_fields_is_no_customer(tmp_path: Path, column: str, word: str) -> None:
    text = "id,email,phone,customer,token,total,at\n" + "".join(
        f"{n}," + ",".join(word if name == column else "" for name in ("email", "phone", "customer"))
        + f",t{n},5,2024-05-0{n}T10:00:00Z\n"
        for n in (1, 2, 3)
    )  # fmt: skip
    assert ids(write(tmp_path, {"a.csv": text}), known_by(column)) == {"1", "2", "3"}


@pytest.mark.parametrize(
    ("column", "sound", "damaged"),
    [
        ("email", "ann@x.com", "'ann@x.com"),
        ("email", "ann@x.com", "'ann@x.com'"),
        ("email", "ann@x.com", "a\u200bnn@x.com"),
        ("email", "ann@x.com", "ANN\u00ad@x.com"),
        ("email", "a&b@x.com", "a&amp;b@x.com"),
        ("email", "a&b@x.com", "a&amp;amp;b@x.com"),
        ("phone", "15551230003", "15551230003.0"),
        ("phone", "15551230003", '"""15551230003"""'),
        ("phone", "15551230003", "1555\u200b1230003"),
        ("customer", "c-17", "c\u00ad-17"),
        ("customer", "ann@x.com", "'ann@x.com"),
        ("customer", "A & B", "a &amp; b"),
    ],
)
def test_a_customer_is_known_by_what_the_damaged_cell_was_meant_to_be(
    tmp_path: Path, column: str, sound: str, damaged: str
) -> None:
    cells = {"email": "", "phone": "", "customer": ""}
    rows = [
        f"{n},{','.join((cells | {column: who}).values())},t{n},5,2024-05-0{n}T10:00:00Z"
        for n, who in enumerate((sound, damaged, sound), 1)
    ]
    text = "\n".join(["id,email,phone,customer,token,total,at", *rows, ""])
    assert ids(write(tmp_path, {"a.csv": text}), known_by(column)) == {"1"}


def known_by(column: str) -> str:
    """The first of each `column` counts; a token identifies who has no address."""
    fields = {"order_id": "id", "email": "email", "phone": "phone", "comet_token": "token", "amount": "total"}
    event = {"event_name": "purchase", "fields": fields | {"event_time": "at"}}
    return json.dumps({"mapping": 1, "name": "firsts", "where": {column: {"first_by": "at"}}, "events": [event]})


def test_a_number_that_was_cut_is_no_ones(desk: Desk) -> None:
    """A phone number is left out, as the field leaves it out; of an id nobody knows whose it was."""
    rows = [f"{n},,{{}},{{}},t{n},5,2024-05-0{n}T10:00:00Z" for n in (1, 2)]
    header = "id,email,phone,customer,token,total,at"
    of_phones = desk.check("\n".join([header, *(row.format("4.479E+11", "") for row in rows), ""]), known_by("phone"))
    assert (of_phones["ready"], of_phones["without_event"]) == (2, 0)
    for cut in ("4.479E+11", "4.479e11"):
        of_ids = desk.check("\n".join([header, *(row.format("", cut) for row in rows), ""]), known_by("customer"))
        assert (of_ids["ready"], of_ids["codes"]) == (0, {"invalid_order_id": 2})


@settings(max_examples=10, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["a@x.co", "B@x.co", "b@x.co"]), st.integers(1, 9), st.sampled_from(["", "5"])),
             min_size=1, max_size=12),
    st.randoms(),
    st.integers(1, 4),
    st.integers(1, 3),
)  # fmt: skip
def test_it_depends_on_no_order_of_rows_files_and_frames(
    tmp_path_factory: pytest.TempPathFactory, payments: list[tuple[str, int, str]], chance: Any, frame: int, files: int
) -> None:
    header, *rows = rows_of(*payments).splitlines(keepends=True)
    times: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for n, (who, day, refund) in enumerate(payments, 1):
        if not refund:
            times[who.lower()][str(n)] = day
    expected = {n for own in times.values() for n, day in own.items() if day == min(own.values())}
    chance.shuffle(rows)
    parts = [list(group) for _, group in groupby(rows, key=lambda row: rows.index(row) % files)]
    folder = tmp_path_factory.mktemp("firsts")
    names = write(folder, {f"{at}.csv": header + "".join(part) for at, part in enumerate(parts)})
    assert ids(names, mapping(FIRST), frame=frame) == expected


def test_the_first_of_each_event_of_a_mapping(tmp_path: Path) -> None:
    fields = {"order_id": "id", "email": "email", "amount": "total", "event_time": "at"}
    first = {
        "event_name": "subscribe",
        "fields": fields,
        "where": {"email": {"first_by": "at"}, "total": {"at_least": 9}},
    }
    every = {"event_name": "purchase", "fields": fields}
    made = json.dumps({"mapping": 1, "name": "two", "where": {"refund": "empty"}, "events": [every, first]})
    rows = [(1, 5, ""), (2, 9, "1"), (3, 9, ""), (4, 9, "")]
    text = HEADER + "".join(f"{n},a@x.co,{total},{refund},2024-05-0{n}T10:00:00Z\n" for n, total, refund in rows)
    events = events_of(write(tmp_path, {"a.csv": text}), made)
    found = [(event["event_name"], event["order_id"]) for event in events]
    assert sorted(found) == [("purchase", "1"), ("purchase", "3"), ("purchase", "4"), ("subscribe", "3")]


def test_later_ones_are_said_to_be_left_out(desk: Desk) -> None:
    found = desk.check(rows_of(("a@x.co", 1, ""), ("a@x.co", 2, ""), ("", 3, "")), mapping(FIRST))
    assert (found["ready"], found["without_event"], found["codes"]) == (1, 1, {"missing_identity": 1})
    assert "email was there before, by at 1 (5.00)" in found.said


@pytest.mark.parametrize("time", ["soon", "1970-01-01T00:00:00Z"])
def test_where_a_time_cant_be_read_all_of_the_customer_wait_for_it(desk: Desk, time: str) -> None:
    """Nor the first day of 1970, which is no time."""
    text = rows_of(("a@x.co", 3, ""), ("a@x.co", 1, ""), ("b@x.co", 2, "")).replace("2024-05-01T10:00:00Z", time)
    found = desk.check(text, mapping(FIRST))
    assert (found["ready"], found["invalid"]) == (1, 2)
    assert found.codes == {"1": "invalid_time", "2": "invalid_time|invalid_time"}
    rejects = desk.folder / "orders.rejects.csv"
    rejects.write_text(rejects.read_text().replace(time, "2024-05-01T10:00:00Z"))
    mended = desk.run("check", str(rejects), mapping=mapping(FIRST))
    assert (mended["ready"], mended["codes"], mended["without_event"]) == (1, {}, 1), "as the export whole would give"
    assert "email was there before, by at 1 (5.00)" in mended.said


def test_what_was_no_first_is_none_either_where_it_comes_back_alone(desk: Desk) -> None:
    """Until a person says so: the row alone can't show it."""
    found = desk.check(rows_of(("a@x.co", 1, ""), ("c@x.co", 2, "")).replace(",5,", ",free,"), mapping(FIRST))
    rejects = Path(found["rejects_file"])
    rejects.write_text(rejects.read_text().replace("free", "5").replace("c@x.co", "a@x.co"))
    for _ in range(3):
        found = desk.run("check", str(rejects), mapping=mapping(FIRST))
        assert (found["codes"], found.rejects[0]["_column"]) == ({"key_changed": 1}, "email")
        rejects = Path(found["rejects_file"])
    rejects.write_text(rejects.read_text().replace("purchase:2", ""))
    assert desk.run("check", str(rejects), mapping=mapping(FIRST))["ready"] == 1


HASHED = {"email": "email", "amount": "total", "event_time": "at"}
MENDED = {  # what was wrong with a later payment of the first one's customer, and whether its person may be another now
    "email": ("nobody", "a@x.co", True),
    "email ": ("", "a@x.co", True),
    "total": ("free", "5", False),
    "row": (",extra", "", True),
}


@pytest.mark.parametrize("fields", [{"order_id": "id"} | HASHED, HASHED])
@pytest.mark.parametrize("group", [{}, {"group_by": "id"}])
@pytest.mark.parametrize("what", MENDED)
def test_whose_person_was_mended_is_a_first_only_if_a_person_says_so(
    desk: Desk, what: str, group: dict[str, str], fields: dict[str, str]
) -> None:
    """Whatever else is wrong with it, and however often it comes back; a mended amount shows no other customer."""
    made = json.loads(mapping({"email": {"first_by": "at"}}, **group))
    made["events"][0] = {"event_name": "subscribe", "fields": fields}
    wrong, right, other = MENDED[what]
    later = {"id": "2", "email": "a@x.co" if other else "b@x.co", "total": "5", "refund": "", "at": "2024-05-02T10:00"}
    if what != "row":
        later[what.strip()] = wrong
    row = ",".join(later.values()) + (wrong if what == "row" else "")
    found = desk.check(f"{HEADER}1,a@x.co,5,,2024-05-01T10:00Z\n{row}\n", json.dumps(made))
    assert (found["ready"], found["invalid"] + found["unreadable"]) == (1, 1), found.said
    mended = later | ({what.strip(): right} if what != "row" else {})
    for at in (later["at"], later["at"], later["at"] + "Z"):  # it needs a zone, for a while
        name, rejects = Path(found["rejects_file"]), found.rejects
        rejects[0] |= mended | {"at": at, "refund": ""} | ({"_raw": ""} if what == "row" else {})
        name.write_text(as_csv([*rejects[0]], [[*rejects[0].values()]]))
        found = desk.run("check", str(name), mapping=json.dumps(made))
        assert "key_changed" in found["codes"] or not other, found.said
    assert (found["ready"], found["codes"]) == ((0, {"key_changed": 1}) if other else (1, {}))
    if other:
        assert "correct the export" in found.rejects[0]["_reason"] and found.rejects[0]["_key"]
        name = Path(found["rejects_file"])
        name.write_text(name.read_text().replace(found.rejects[0]["_key"], ""))
        assert desk.run("check", str(name), mapping=json.dumps(made))["ready"] == 1


@pytest.mark.parametrize(
    ("fields", "wrong", "mended", "ready"),
    [
        ({"order_id": "id"} | HASHED, "2,nobody,5,,{}", "2,c@x.co,5,,{}", 1),
        ({"order_id": "id"} | HASHED, "2,,free,,{}", "2,c@x.co,5,,{}", 1),
        ({"order_id": "id"} | HASHED, ",nobody,5,,{}", "2,c@x.co,5,,{}", 0),  # no key was made of it
        (HASHED, "2,nobody,5,,{}", "2,c@x.co,5,,{}", 0),
        ({"order_id": "id"} | HASHED, "2,nobody,5,,{},extra", "2,c@x.co,5,,{}", 0),
    ],
)
def test_who_empties_the_key_when_the_person_is_mended_says_that_it_is_a_first(
    desk: Desk, fields: dict[str, str], wrong: str, mended: str, ready: int
) -> None:
    """At once as well as later; where there was no key, an empty one says nothing."""
    made = json.loads(mapping({"email": {"first_by": "at"}}))
    made["events"][0] = {"event_name": "purchase" if "order_id" in fields else "subscribe", "fields": fields}
    day = "2024-05-02T10:00Z"
    found = desk.check(f"{HEADER}1,a@x.co,5,,2024-05-01T10:00Z\n{wrong.format(day)}\n", json.dumps(made))
    name, [reject] = Path(found["rejects_file"]), found.rejects
    assert (reject["_key"] != "") == (ready == 1)
    cells = dict(zip(HEADER.strip().split(","), mended.format(day).split(","), strict=True))
    reject |= cells | {"_key": ""} | ({"_raw": ""} if "_raw" in reject else {})
    name.write_text(as_csv([*reject], [[*reject.values()]]))
    found = desk.run("check", str(name), mapping=json.dumps(made))
    assert (found["ready"], found["codes"]) == (ready, {} if ready else {"key_changed": 1}), found.said


def test_what_is_still_wrong_is_not_said_to_be_mended(desk: Desk) -> None:
    found = desk.check(rows_of(("a@x.co", 1, ""), ("nobody", 2, "")), mapping(FIRST))
    again = desk.run("check", found["rejects_file"], mapping=mapping(FIRST))
    assert again["codes"] == {"invalid_email": 1}


def test_times_without_a_zone_ask_for_it(desk: Desk) -> None:
    text = rows_of(("a@x.co", 3, ""), ("a@x.co", 1, "")).replace("Z", "")
    assert "set source.timezone" in desk.check(text, mapping(FIRST)).said
    assert desk.check(text, mapping(FIRST, timezone="Europe/Berlin"))["ready"] == 1


def test_what_is_asked_for_must_be_there(desk: Desk) -> None:
    found = desk.check(HEADER, mapping({"email": {"first_by": "Paid at"}}))
    assert (found.code, "'Paid at'" in found.said) == (2, True)
