"""Records: rows that belong together, wherever they are."""

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from checking import Checked, Desk, events_of, mapping_of, surveyed, write
from hypothesis import given, settings
from hypothesis import strategies as st

HEADER = "id,email,total,at,item\n"
GROUPED = mapping_of(group_by="id", sum=["total"]).replace("at}", "at, full_name: email}")
AT = "2024-05-01T10:00:00Z"


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def lines(*rows: str) -> str:
    """Rows of id, total and where to leave the other cells empty: "1 5" or "1 5 -"."""
    made = []
    for row in rows:
        order, total, *bare = row.split()
        made.append(f"{order},{'' if bare else f'p{order}@x.de'},{total},{'' if bare else AT},x")
    return HEADER + "\n".join(made) + "\n"


def amounts(events: list[dict[str, Any]]) -> dict[str, float]:
    return {event["order_id"]: event["amount"] for event in events}


@pytest.mark.parametrize("frame", [1, 2, 3, 5, 20_000])
@pytest.mark.parametrize(
    "rows",
    [
        ["1 5", "1 6 -", "1 7 -", "2 1", "3 2", "3 3 -"],
        ["1 5", "2 1", "3 2", "1 6 -", "3 3 -", "1 7 -"],
        ["3 3 -", "1 7 -", "1 6 -", "2 1", "1 5", "3 2"],
    ],
)
def test_rows_together_and_apart(tmp_path: Path, rows: list[str], frame: int) -> None:
    names = write(tmp_path, {"orders.csv": lines(*rows)})
    assert amounts(events_of(names, GROUPED, frame=frame)) == {"1": 18, "2": 1, "3": 5}
    names = write(tmp_path, {"a.csv": lines(*rows[:2]), "b.csv": lines(*rows[2:4]), "c.csv": lines(*rows[4:])})
    assert amounts(events_of(names, GROUPED, frame=frame)) == {"1": 18, "2": 1, "3": 5}


@pytest.mark.parametrize("apart", [False, True])
def test_a_group_larger_than_a_frame(tmp_path: Path, apart: bool) -> None:
    rows = [f"1 {n}{' -' if n else ''}" for n in range(100)] + ["2 1"]
    rows = [*rows[:60], "3 1", *rows[60:]] if apart else rows
    with surveyed(write(tmp_path, {"orders.csv": lines(*rows)}), GROUPED, frame=3) as survey:
        found = {event.order_id: event.amount for event in survey.events(1, None)}
        assert found == {"1": 4950, "2": 1} | ({"3": 1} if apart else {})
        assert (survey.account.counts.rows, survey.account.counts.records) == (len(rows), len(found))


def test_torn_rows_that_remain_of_a_group_are_no_group(tmp_path: Path) -> None:
    """The rows of the group wait for each other. The rows that can't be read, in two places, do not wait."""
    one, two = lines("1 5", "2 1").removeprefix(HEADER).splitlines(keepends=True)
    names = write(tmp_path, {"orders.csv": HEADER + one + "1,torn\n" + two + one + "1,torn\n"})
    with surveyed(names, GROUPED) as survey:
        assert [event.order_id for event in survey.events(1, None)] == ["2"]


def test_sums_are_exact_and_of_numbers_alone(desk: Desk) -> None:
    text = HEADER + f"1,a@x.de,0.1,{AT},x\n1,,0.2,,x\n1,,,,x\n2,a@x.de,5.00,{AT},x\n2,,free,,x\n3,a@x.de,free,{AT},x\n"
    found = desk.check(text, GROUPED)
    assert (found["amount"]["ready"], found["merged"]) == ("0.30", 3)
    assert found.codes == {
        "4": "invalid_number",
        "5": "invalid_number",
        "6": "invalid_amount",
    }


@pytest.mark.parametrize("frame", [1, 2, 20_000])
def test_sums_with_a_decimal_comma(tmp_path: Path, frame: int) -> None:
    text = HEADER.replace(",", ";") + f"1;a@x.de;1.500;{AT};x\n1;;1.000;;x\n2;b@x.de;2;{AT};x\n2;;0,5;;x\n"
    names = write(tmp_path, {"orders.csv": text})
    assert amounts(events_of(names, GROUPED, frame=frame)) == {"1": 2500, "2": 2.5}
    fallback = GROUPED.replace("amount: total", "amount: [item, total]")
    assert amounts(events_of(write(tmp_path, {"o.csv": text.replace(";x\n", ";\n")}), fallback, frame=frame)) == {
        "1": 2500,
        "2": 2.5,
    }


def test_rows_without_a_group_are_records_of_their_own(desk: Desk) -> None:
    text = HEADER + f",a@x.de,5,{AT},x\n,a@x.de,5,{AT},x\n ,b@x.de,5,{AT},x\n,,,,\n1,b@x.de,5,{AT},x\n"
    mapping = GROUPED.replace("order_id: id, ", "").replace("purchase", "lead_generated")
    found = desk.check(text, mapping)
    assert (found["records"], found["merged"], found["without_event"]) == (5, 0, 1)
    assert (found["ready"], found["duplicate"]) == (2, 2)


def test_rows_that_disagree_reject_their_record(desk: Desk) -> None:
    text = HEADER + f"1,a@x.de,5,{AT},x\n1,b@x.de,5,{AT},x\n2,c@x.de,5,{AT},x\n2,c@x.de,,,y\n"
    found = desk.check(text, GROUPED)
    assert (found["codes"], found["ready"]) == ({"conflicting_rows": 1}, 1)
    assert [(row["_row"], row["_reason"]) for row in found.rejects] == [
        ("1", "its rows disagree in email"),
        ("2", "its rows disagree in email"),
    ]


@pytest.mark.parametrize("frame", [1, 2, 20_000])
@pytest.mark.parametrize("order", [[0, 1, 2, 3], [1, 0, 2, 3], [0, 2, 1, 3], [2, 0, 3, 1]])
def test_an_unreadable_row_rejects_its_record(tmp_path: Path, order: list[int], frame: int) -> None:
    rows = [f"1,a@x.de,5,{AT},x\n", "1,,6\n", f"2,b@x.de,7,{AT},x\n", "1,,8,,x\n"]
    names = write(tmp_path, {"orders.csv": HEADER + "".join(rows[at] for at in order)})
    with surveyed(names, GROUPED, frame=frame) as survey:
        assert [event.order_id for event in survey.events(1, None)] == ["2"]
        counts = survey.account.counts
        assert (counts.rows, counts.records, counts.merged, counts.unreadable) == (4, 3, 1, 1)
        assert {row.number: [note.code for note in notes] for row, notes, _ in survey.rejects} == {
            1 + order.index(0): ["conflicting_rows"],
            1 + order.index(1): ["unreadable"],
            1 + order.index(3): ["conflicting_rows"],
        }


def test_an_unreadable_row_alone_and_one_whose_group_is_no_text(desk: Desk) -> None:
    text = (
        (HEADER + "1,,6\n" + f"2,b@x.de,7,{AT},x\n3,b@x.de,7,{AT},x\n").encode()
        + b"\xff1,a\n"
        + "ö,\n".encode()
        + b"\xff\xfe,,,,\n"
    )
    found = desk.check({"orders.csv": text + "éßü,,,,\n".encode()}, GROUPED)
    assert (found["unreadable"], found["records"], found["ready"]) == (4, 7, 1)
    assert found.codes["3"] == "conflicting_rows"  # the row after it may belong to it


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["", "A", "B", "C"]),
        st.sampled_from(["", "a@x.de", "b@x.de"]),
        st.sampled_from(["", "1", "2.5", "x"]),
        st.sampled_from(["", AT, "2024-05-02T10:00:00Z"]),
        st.sampled_from(["", "i"]),
    ),
    max_size=14,
)


@settings(max_examples=15, deadline=None)
@given(ROWS, st.integers(0, 99), st.integers(1, 6))
def test_the_order_of_rows_never_changes_the_events(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]], seed: int, frame: int
) -> None:
    folder = tmp_path_factory.mktemp("shuffle")
    mapping = GROUPED.replace("amount: total", "amount: total, comet_token: item")
    outcomes = []
    for name, order in (("one.csv", rows), ("other.csv", random.Random(seed).sample(rows, len(rows)))):
        text = HEADER + "".join(",".join(row) + "\n" for row in order)
        with surveyed(write(folder, {name: text}), mapping, frame=frame) as survey:
            events = sorted(event.body for event in survey.events(1, None))
            outcomes.append(
                (events, survey.account.counts.verdicts, survey.account.counts.codes, survey.account.counts.records)
            )
    assert outcomes[0] == outcomes[1]


# Conflicts come before conditions, sums and the ledger.

READ = """
mapping: 1
name: small
source: {group_by: id, sum: [total], timezone: UTC}
lookups: {people: {on: [person, no]}}
where: {status: paid}
events:
  - event_name: purchase
    where: {kind: {not: trial}}
    key: [{column: mark}]
    fields:
      order_id: id
      email: email
      amount: {column: total, minor_units: currency}
      event_time: {column: at, timezone_column: zone}
      full_name: people.name
"""
CELLS = {"id": "1", "email": "a@x.de", "total": "500", "currency": "EUR", "at": "2024-05-01 10:00", "zone": "UTC"}
CELLS |= {"status": "paid", "kind": "order", "mark": "m", "person": "7"}
OTHER = {"email": "b@x.de", "currency": "JPY", "at": "2024-05-02 10:00", "zone": "Europe/Berlin", "status": "pending"}
OTHER |= {"kind": "trial", "mark": "n", "person": "8"}


def people(folder: Path) -> tuple[tuple[str, str], ...]:
    (folder / "people.csv").write_text("no,name\n7,Ann\n8,Bob\n")
    return (("people", str(folder / "people.csv")),)


@pytest.mark.parametrize("status", ["paid", "pending"])
@pytest.mark.parametrize("column", sorted(OTHER))
def test_rows_that_disagree_conflict_whatever_the_conditions_say(desk: Desk, column: str, status: str) -> None:
    rows = [CELLS | {"status": status}, CELLS | {"status": status, column: OTHER[column]}]
    rows[1] |= {"status": "paid" if status == "pending" else "pending"} if column == "status" else {}
    files = [",".join(row.values()) + "\n" for row in rows]
    header, sound = ",".join(CELLS) + "\n", ",".join((CELLS | {"id": "2"}).values()) + "\n"
    for inputs in (
        {"a.csv": header + "".join(files) + sound},
        {"b.csv": header + files[1] + sound, "c.csv": header + files[0]},
    ):
        found = desk.check(inputs, READ, lookups=people(desk.folder))
        assert (found["codes"], found["ready"], found["without_event"], found.code) == (
            {"conflicting_rows": 1},
            1,
            0,
            3,
        )
        assert [row["_reason"] for row in found.rejects] == [f"its rows disagree in {column}"] * 2


@pytest.mark.parametrize("bounds", [{"until": "2024-05-02"}, {"since": "2024-05-02"}])
def test_a_time_that_rows_disagree_in_is_within_any_bounds(desk: Desk, bounds: dict[str, Any]) -> None:
    text = (
        HEADER + f"1,a@x.de,5,{AT},x\n1,,5,2024-05-02T10:00:00Z,x\n2,a@x.de,5,2024-05-01T00:00:00Z,x\n2,b@x.de,5,,x\n"
    )
    found = desk.check(text, GROUPED, **bounds)
    assert found["codes"] == {"conflicting_rows": 2 if "until" in bounds else 1}


def test_a_record_that_conflicts_gives_the_events_that_it_may_be_meant_for(desk: Desk) -> None:
    lead = "\n  - event_name: lead_generated\n    where: {item: lead}\n    fields: {email: email, event_time: at}\n"
    mapping = GROUPED.replace("    fields", "    where: {item: sale}\n    fields").rstrip() + lead
    rows = [f"1,a@x.de,5,{AT},sale\n", f"1,b@x.de,5,{AT},sale\n"]  # a sale, of one person or the other
    rows += [f"2,a@x.de,5,{AT},sale\n", f"2,a@x.de,5,{AT},lead\n"]  # one of both
    rows += [f"3,a@x.de,5,{AT},else\n", f"3,b@x.de,5,{AT},else\n"]  # neither, as far as is known
    rows += [f"4,a@x.de,5,{AT},else\n", f"4,a@x.de,6,{AT},else\n"]  # no conflict, and neither
    found = desk.check(HEADER + "".join(rows), mapping)
    assert (found["codes"], found["without_event"]) == ({"conflicting_rows": 5}, 1)


def test_a_conflict_comes_before_a_sum_that_fails(desk: Desk) -> None:
    text = HEADER + f"1,a@x.de,5,{AT},x\n1,b@x.de,free,{AT},x\n2,a@x.de,5,{AT},x\n2,,free,,x\n"
    found = desk.check(text, GROUPED)
    assert found["codes"] == {"conflicting_rows": 1, "invalid_number": 1}
    left_out = GROUPED.replace("    fields", "    where: {item: y}\n    fields")
    assert desk.check(text, left_out)["codes"] == {"conflicting_rows": 1}


# A row that can't be read belongs to some record.

COLUMNS = {"first": "id,email,total,at", "middle": "email,id,total,at", "last": "email,total,at,id"}
DAMAGE = {  # of a row's cells
    "a stray quote before the group": lambda cells, at: [*cells[:at], '"' + cells[at], *cells[at + 1 :]],
    "a stray quote before the row": lambda cells, at: ['"' + cells[0], *cells[1:]],
    "a cell too few at the start": lambda cells, at: cells[1:] if at else [cells[0], *cells[2:]],
    "a cell too few at the end": lambda cells, at: cells[:-1] if at < 3 else [*cells[:-2], cells[-1]],
    "a cell too many at the start": lambda cells, at: ["", *cells],
    "a cell too many at the end": lambda cells, at: [*cells, "y"],
    "no group": lambda cells, at: [*cells[:at], *cells[at + 1 :]],
    "a group cut off": lambda cells, at: [*cells[: min(at, 2)], cells[at][:2]],
    "a group that is no text": lambda cells, at: [*cells[:at], "\udcff1", *cells[at + 1 :]],
}
GROUP_UNKNOWN = ("no group", "a group cut off", "a group that is no text")


def row(order: str, total: int, columns: str) -> list[str]:
    cells = {"id": order, "email": f"p{order}@x.de", "total": str(total), "at": AT}
    return [cells[name] for name in columns.split(",")]


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("place", COLUMNS)
def test_a_partial_sum_is_never_sent(tmp_path: Path, place: str, damage: str) -> None:
    columns = COLUMNS[place]
    unknown = damage in GROUP_UNKNOWN or ("too few" in damage and place != "first")
    broken = ",".join(DAMAGE[damage](row("1002", 5, columns), columns.split(",").index("id"))) + "\n"
    one, two, three, four = (",".join(row(f"100{n}", 10 + n, columns)) + "\n" for n in range(1, 5))
    orders = [[four, two, broken, three, one], [one, four, three, broken, two]]
    orders += [[four, two, three, one, broken]] if not unknown else []  # it names its order
    for rows, frame, split in zip(orders, (20_000, 2, 1), (False, True, False), strict=False):
        cut = rows.index(broken) if split else 0
        texts = {
            f"{n}.csv": "\ufeff" + columns + "\n" + "".join(rows[some])
            for n, some in enumerate((slice(cut), slice(cut, None)))
            if rows[some]
        }
        data = {name: text.encode("utf-8", "surrogateescape") for name, text in texts.items()}
        events = amounts(events_of(write(tmp_path, data), GROUPED.replace(", full_name: email", ""), frame=frame))
        assert "1002" not in events and events["1004"] == 14
        expected = {"1001": 11, "1003": 13, "1004": 14}
        assert events.items() <= expected.items() if unknown else events == expected


CUT = [
    "id,qty,total,email,at",
    "email,id,qty,total,at",
    "email,qty,total,id,at",
    "email,at,total,id",
    "name,total,id,qty",
]


@pytest.mark.parametrize("columns", CUT)
def test_a_cell_of_another_column_is_no_order_number(tmp_path: Path, columns: str) -> None:
    """Though it looks like one, and is one of another order: wherever a row is cut, and whichever cell it lacks."""
    names, cells = columns.split(","), {"email": "a@x.de", "at": AT, "qty": "11", "total": "12", "name": '"Doe, 13"'}
    good = [[(cells | {"id": str(order)})[name] for name in names] for order in range(10, 100)]
    lines = [*map(",".join, good)]
    torn = [lines[at][:at] for at in range(1, lines[0].rindex(","))]
    torn += [
        ",".join([*row[:at], *row[at + 1 :]]) for at, row in zip(range(len(names)), good[len(torn) :], strict=False)
    ]
    objects = [json.dumps(dict(zip(names, (int(c) if c.isdigit() else c for c in row), strict=True))) for row in good]
    cut = ["11", "null", "[12]", *(objects[at + 2][:at] for at in range(1, len(objects[0]) - 1))]
    mapping = GROUPED.replace(", full_name: email", "").replace("email: email", "email: [email, name]")
    mapping = mapping.replace('"sum"', '"optional": ["email", "at", "name"], "sum"')
    for name, head, whole, broken in (("o.csv", f"{columns}\n", lines, torn), ("o.jsonl", "", objects, cut)):
        assert len(broken) < len(whole)
        text = head + "".join(f"{line}\n{part}\n{line}\n" for line, part in zip(whole, broken, strict=False))
        assert not amounts(events_of(write(tmp_path, {name: text}), mapping))


@pytest.mark.parametrize(("place", "frame"), [("first", 20_000), ("middle", 1), ("last", 20_000)])
def test_a_row_that_was_cut_short_and_filled_up_lets_no_partial_sum_go_out(
    tmp_path: Path, place: str, frame: int
) -> None:
    """As a spreadsheet saves it: as wide as the others."""
    columns = COLUMNS[place] + ",item"
    one, two, three, other = (
        [*row(order, total, COLUMNS[place]), "x"]
        for order, total in (("1001", 11), ("1002", 12), ("1003", 13), ("1002", 5))
    )
    plain = GROUPED.replace(", full_name: email", "")
    for width in range(1, 5):
        cut = [*other[:width], *[""] * (5 - width)]
        for rows in ([one, two, cut, three], [one, cut, two, three], [cut, two, one, three], [three, one, two, cut]):
            names = write(tmp_path, {"o.csv": "\n".join([columns, *map(",".join, rows)]) + "\n"})
            events = amounts(events_of(names, plain, frame=frame))
            assert events.items() <= {"1001": 11, "1002": 17, "1003": 13}.items()
            named = {"id", "total"} <= set(columns.split(",")[:width])
            assert ("1002" in events) == named and len(events) >= (3 if named else 1)
            assert amounts(events_of(names, plain.replace('"sum"', '"short_rows": "pad", "sum"'))).get("1002") in (
                12,
                17,
                None,
            )


def test_without_sums_a_row_of_unknown_group_rejects_only_itself(tmp_path: Path) -> None:
    mapping = mapping_of(group_by="id")
    rows = [",".join(row(order, 5, COLUMNS["first"])) + "\n" for order in ("1001", "1002")]
    names = write(tmp_path, {"o.csv": COLUMNS["first"] + "\n" + rows[0] + f"p1002@x.de,5,{AT}\n" + rows[1]})
    assert amounts(events_of(names, mapping)) == {"1001": 5, "1002": 5}


@pytest.mark.parametrize("frame", [1, 20_000])
def test_a_broken_line_of_json_belongs_to_some_record_too(tmp_path: Path, frame: int) -> None:
    good = [f'{{"id": "{n}", "email": "p@x.de", "total": 5, "at": "{AT}"}}\n' for n in (1001, 1002, 1003)]
    for line in (good[1][:30] + "\n", good[1].replace('"email"', "email"), good[1].replace('"id": ', '"id" ')):
        names = write(tmp_path, {"o.jsonl": "".join([*good, line])})
        assert amounts(events_of(names, GROUPED.replace(", full_name: email", ""), frame=frame)) == {
            "1001": 5,
            "1003": 5,
        }


# Files that overlap.


def said_of_rows(found: Checked) -> list[str]:
    return [line.partition(" (")[0] for line in found.said.splitlines() if re.search(r" rows? \(first", line)]


def test_a_row_that_two_files_have_counts_once(desk: Desk) -> None:
    jan = f"id,email,total,at,item\n1,a@x.de,5,{AT},hat\n1,,2,,cup\n"
    feb = f'"item";"total";"email";"id";"at"\n"cup";" 2 ";"";"1";""\n"mug";"3";"b@x.de";"2";"{AT}"\n'
    found = desk.check({"jan.csv": jan, "feb.csv": feb}, GROUPED)
    assert (found["amount"]["ready"], found["rows"], found["merged"], found.code) == ("10.00", 4, 2, 0)
    assert "1 row (first in row 1 of" in found.said and "feb.csv) is in another file too" in found.said
    rejected = desk.check({"jan.csv": jan, "feb.csv": feb.replace('"cup";" 2 "', '"cup";"free"')}, GROUPED)
    assert rejected["codes"] == {"invalid_number": 1}


@pytest.mark.parametrize(
    ("row", "amount"),
    [
        ("1,a@x.de,5,{at},hat", "5.00"),
        ("1,A@X.de,5.0,2024-05-13 12:00:00,hat", "5.00"),
        ("1,a@x.de,5,13.05.2024 12:00,hat", "5.00"),
        ("1,a@x.de,5,13.05.2024 12:01,hat", "rejected"),
        ("1,a@x.de,5,13.05.2024 12:00,cup", "10.00"),
    ],
)
def test_a_row_that_two_files_write_in_other_ways_counts_once(desk: Desk, row: str, amount: str) -> None:
    head, mapping = "id,email,total,at,item\n", mapping_of(group_by="id", sum=["total"], timezone="Europe/Berlin")
    at = "2024-05-13T10:00:00Z"
    found = desk.check({"jan.csv": f"{head}1,a@x.de,5,{at},hat\n", "feb.csv": head + row.format(at=at) + "\n"}, mapping)
    if amount == "rejected":
        assert found["codes"] == {"conflicting_rows": 1}
        return
    assert found["amount"]["ready"] == amount and "in another file too" in found.said


@pytest.mark.parametrize("spelled", [str.upper, "{} ".format, '" {}"'.format])
def test_a_column_is_the_same_in_two_files_however_its_name_is_spelled(
    desk: Desk, spelled: Callable[[str], str]
) -> None:
    names, row = HEADER.strip().split(","), f"1,a@x.de,5,{AT},hat\n"
    for some in (names[-1:], names):  # what the mapping does not read, and all
        other = ",".join(spelled(name) if name in some else name for name in names)
        found = desk.check({"jan.csv": HEADER + row, "feb.csv": f"{other}\n{row}"}, GROUPED)
        assert (found["amount"], found.code) == ({"ready": "5.00"}, 0), found.said


def test_a_row_that_one_file_has_twice_counts_twice(desk: Desk) -> None:
    jan = HEADER + f"1,a@x.de,5,{AT},hat\n1,,2,,cup\n1,,2,,cup\n"
    found = desk.check(jan, GROUPED)
    assert (found["amount"]["ready"], said_of_rows(found)) == ("9.00", ["warning: 1 row"])
    assert "is in its file once more" in found.said
    found = desk.check({"jan.csv": jan, "feb.csv": HEADER + "1,,2,,cup\n1,,2,,cup\n1,,2,,cup\n"}, GROUPED)
    assert found["amount"]["ready"] == "11.00"  # as often as it is in the file that has it most often
    found = desk.check({"jan.csv": jan, "feb.csv": HEADER + "1,,2,,pot\n"}, GROUPED)
    assert (found["amount"]["ready"], "but for columns that the mapping does not read" in found.said) == ("11.00", True)


def test_objects_that_two_files_have_count_once(desk: Desk) -> None:
    one = f'{{"id": "1", "email": "a@x.de", "total": 5, "at": "{AT}", "more": {{"x": 1}}}}\n'
    two = f'{{"more": {{"x": 1}}, "at": "{AT}", "id": "1", "total": 5, "email": "a@x.de"}}\n'
    mapping = GROUPED.replace(", full_name: email", "")
    assert desk.check({"a.jsonl": one, "b.jsonl": two}, mapping)["amount"]["ready"] == "5.00"
    assert desk.check({"a.jsonl": one, "b.jsonl": two.replace("1}", "2}")}, mapping)["amount"]["ready"] == "10.00"


@pytest.mark.parametrize(
    ("one", "other", "amount"),
    [("2", "2.00", "7.00"), ("$2.50", "2.5", "7.50"), ("2", "-2", None), ("-1", "-2", None), ("2", "", "7.00")],
)
def test_a_number_that_two_files_write_differently_counts_once(
    desk: Desk, one: str, other: str, amount: str | None
) -> None:
    """Another number in a row that is the same otherwise, beside one that both have: nobody can tell what counts."""
    files = {f"{n}.csv": HEADER + f"1,a@x.de,5,{AT},hat\n1,,{cell},,cup\n" for n, cell in enumerate((one, other))}
    found = desk.check(files, GROUPED)
    assert (found["amount"].get("ready"), found["codes"]) == (amount, {} if amount else {"conflicting_rows": 1})


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(1, 9)), min_size=1, max_size=10), st.data())
def test_sums_do_not_depend_on_how_files_overlap(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, int]], data: st.DataObject
) -> None:
    rows = sorted(rows, key=lambda row: row[0]) if data.draw(st.booleans()) else rows
    written = [f"{order},p{order}@x.de,{total},{AT},i{n}\n" for n, (order, total) in enumerate(rows)]  # each unique
    cuts = data.draw(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=3))
    pieces = [written[min(cut) : max(cut) + 1] for cut in cuts] + [written[3:], written[:6]]
    files = {f"{n}.csv": HEADER + "".join(some) for n, some in enumerate(pieces) if some}
    names = write(tmp_path_factory.mktemp("overlap"), files)
    expected: dict[str, int] = {}
    for order, total in rows:
        expected[order] = expected.get(order, 0) + total
    assert amounts(events_of(names, GROUPED, frame=data.draw(st.sampled_from([1, 3, 20_000])))) == expected


@pytest.mark.parametrize("frame", [1, 20_000])
@pytest.mark.parametrize(
    ("damaged", "held"), [("#N/A", True), ("5.40E+12", True), ("=A7", True), ("#BEZUG!", True), ("", False)]
)
def test_an_order_next_to_a_row_whose_id_is_damaged_waits(
    tmp_path: Path, desk: Desk, damaged: str, held: bool, frame: int
) -> None:
    """It may be a part of either; mended, or taken out of the reject file, it holds nobody back."""
    text = lines("1 5", "2 6", "X 7", "3 8", "4 9", "3 1").replace("X", damaged)
    assert amounts(events_of(write(tmp_path, {"o.csv": text}), GROUPED, frame=frame)) == (
        {"1": 5, "4": 9} if held else {"1": 5, "2": 6, "3": 9, "4": 9}
    )
    if not held:
        return
    rejects = desk.check(text, GROUPED).summary["rejects_file"]
    written = Path(rejects).read_text("utf-8").splitlines()
    mended = "\n".join(line.replace(f",{damaged},", ",2,").replace(f"p{damaged}@", "p2@") for line in written)
    others = "\n".join(line for line in written if f",{damaged}," not in line)
    for texts, expected in ((mended, {"2": 13, "3": 9}), (others, {"2": 6, "3": 9})):
        assert amounts(events_of(write(tmp_path, {"o.rejects.csv": texts}), GROUPED, frame=frame)) == expected


@pytest.mark.parametrize(
    ("cells", "codes", "left_out"),
    [
        (f"#N/A,,7,{AT},", {"conflicting_rows": 2, "invalid_order_id": 1}, 0),
        (f"#N/A,,7,{AT},payout", {}, 1),
        (f"#N/A,,,{AT},", {}, 1),
    ],
)
def test_a_damaged_row_for_which_orders_wait_is_a_reject_itself(
    desk: Desk, cells: str, codes: dict[str, int], left_out: int
) -> None:
    """Also where a condition reads an empty cell of it. One that a cell leaves out, or without amount, is nobody's."""
    mapping = GROUPED.replace("events:", "where: {item: charge}\nevents:").replace(", full_name: email", "")
    rows = [f"1,a@x.de,5,{AT},charge", cells, f"2,b@x.de,6,{AT},charge"]
    found = desk.check(HEADER + "\n".join(rows) + "\n", mapping)
    assert (found["codes"], found["without_event"]) == (codes, left_out)
    assert not codes or len(found.rejects) == 3


def test_a_condition_on_a_lookup_says_nothing_of_a_damaged_row(desk: Desk) -> None:
    mapping = GROUPED.replace("events:", "lookups: {kinds: {on: [item, no]}}\nwhere: {kinds.kind: paid}\nevents:")
    mapping = mapping.replace(", full_name: email", "")
    (kinds,) = write(desk.folder, {"kinds.csv": "no,kind\nx,paid\n"})
    rows = [f"1,a@x.de,5,{AT},x", f"#N/A,,7,{AT},", f"2,b@x.de,6,{AT},x"]
    found = desk.check(HEADER + "\n".join(rows) + "\n", mapping, lookups=(("kinds", kinds),))
    assert found["codes"] == {"conflicting_rows": 2, "invalid_order_id": 1}


LOST = [  # a row that has lost its number: name, e-mail, time; and whether the order next to it waits
    (("#1", "a@x.de", AT), True),
    (("", "a@x.de", AT), True),
    (("#1", "", AT), True),
    (("#1", "a@x.de", ""), True),
    (("#2", "a@x.de", AT), False),
    (("#1", "b@x.de", AT), False),
    (("#1", "a@x.de", "2024-05-02T10:00:00Z"), False),
    (("", "a@x.de", "2024-05-02T10:00:00Z"), False),
    (("", "a@x.de", ""), False),
    (("", "", AT), False),
    (("", "a@x.de", "2024-05-01"), False),
    (("", "", ""), False),
]


@pytest.mark.parametrize(("said", "held"), LOST)
def test_an_order_waits_for_a_row_without_a_number_that_says_otherwise_that_it_is_its(
    desk: Desk, said: tuple[str, str, str], held: bool
) -> None:
    """Wherever the row is; mended it is added up. One that has only some of it in common holds nobody back."""
    mapping = mapping_of(group_by="id", sum=["total"], timezone="UTC").replace(
        "id, email", "id, order_name: name, email"
    )
    day = said[2] or AT if len(said[2] or AT) < 12 else AT
    order, other = f"1,#1,a@x.de,{day},10\n", f"3,#3,c@x.de,{AT},5\n"
    lost = f",{','.join(said)},7\n"
    for lines in ((order, lost, other), (lost, other, order), (order, other, lost)):
        files = {f"{n}.csv": "id,name,email,at,total\n" + line for n, line in enumerate(lines)}
        whole = {"o.csv": "id,name,email,at,total\n" + "".join(lines)}
        for some, frame in ((files, 1), (whole, 1), (whole, 20_000)):
            made = amounts(events_of(write(desk.folder, some), mapping, frame=frame))
            assert made == ({"3": 5} if held else {"1": 10, "3": 5})
    for made in (mapping.replace("events:", "where: {name: {not: ['', '#1', '#2']}}\nevents:"),):
        assert desk.check(whole, made)["codes"] == {}, "what does not count is nobody's"
    lead = mapping.replace("purchase", "lead_generated")
    assert desk.check(whole, lead)["codes"].get("conflicting_rows") is None, "it is an event without a number"
    spare = mapping.replace("order_id: id", "order_id: {column: id, default: none}")
    assert spare != mapping and "conflicting_rows" not in desk.check(whole, spare)["codes"], "it goes out as that"
    if held:
        found = desk.check(whole, mapping)
        assert {"conflicting_rows", "missing_order_id"} <= {*found["codes"]} and len(found.rejects) == 2
        path = Path(found["rejects_file"])
        path.write_text(path.read_text().replace(f",{lost.strip()}", f",1{lost.strip()}"))
        assert desk.run("check", str(path), mapping=mapping)["amount"] == {"ready": "17.00"}


PARTS = [
    ({}, 2, "exit 2"),
    ({}, 1, "said"),
    ({"email": "a@x.de"}, 2, ""),
    ({"at": AT}, 2, ""),
    ({"item": "fee"}, 2, ""),
    ({"total": ""}, 2, ""),
]


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize(("cells", "each", "expected"), PARTS)
def test_an_order_whose_number_is_in_its_first_row_alone(
    desk: Desk, form: str, cells: dict[str, str], each: int, expected: str
) -> None:
    """Each event is of an order, and a row that names none, no person and no time has a part of the sum."""
    names = HEADER.strip().split(",")
    order = {"email": "a@x.de", "total": "5", "at": AT, "item": "pen"}
    rows = [row for number in "12" for row in [order | {"id": number}, *[{"total": "7"} | cells] * each]]
    rows += [order | {"id": "3"}] * (1 if each > 1 else 30)
    lines = [",".join(row.get(name, "") for name in names) if form == "csv" else json.dumps(row) for row in rows]
    text = "\n".join([*[HEADER.strip()] * (form == "csv"), *lines]) + "\n"
    mapping = GROUPED.replace("events:", "where: {item: {not: fee}}\nevents:")
    found = desk.check({f"orders.{form}": text}, mapping)
    assert (found.code == 2) == (expected == "exit 2")
    assert ("column id:" in found.said) == bool(expected)
    stated = desk.check({f"orders.{form}": text}, mapping.replace("not: fee}", "not: fee}, id: present"))
    assert stated.code == 0 and "column id:" not in stated.said
