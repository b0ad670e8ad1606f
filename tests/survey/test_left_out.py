"""Why a record was left out: reported by condition, with counts and sums, in plan and summary."""

import json
import random
import shlex
from pathlib import Path

import pytest
from checking import HEADER, MAPPING, Desk, as_csv, surveyed, write
from place import Place
from reading import Reader, reader, space
from workbooks import workbook

from backfill.survey.orders import orders

__all__ = ["reader"]

STATES = """
mapping: 1
name: states
where: %s
events:
  - event_name: purchase
    where: %s
    fields: {order_id: id, email: email, amount: total, event_time: at}
  - event_name: subscribe
    where: {state: [never]}
    fields: {email: email, event_time: at}
"""
NAMES = "id,email,total,at,state,gone\n"
ROWS = (
    "1,a@example.com,5,2024-05-01T10:00:00Z,paid,\n"
    "2,b@example.com,904.50,2024-05-02T10:00:00Z,pending,\n"
    "3,c@example.com,299.50,2024-05-03T10:00:00Z,pending,\n"
    "4,d@example.com,310,2024-05-04T10:00:00Z,voided,\n"
    "5,e@example.com,,2024-05-05T10:00:00Z,,\n"
    "6,f@example.com,0,2024-05-06T10:00:00Z,paid,2024-05-07\n"
    ",,,,,\n"
)
PAID = "state is pending 2 (1,204.00), voided 1 (310.00), empty 1"


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


@pytest.mark.parametrize(
    ("where", "own", "said"),
    [
        ("{state: [paid], gone: empty}", "{}", f"{PAID}; empty rows 1; gone is filled 1"),
        ("{}", "{state: [paid], gone: empty}", f"{PAID}; empty rows 1; gone is filled 1"),
        ("{total: {at_least: 300}}", "{}", "total is under 300 3 (304.50), empty 1; empty rows 1"),
        ("{total: {at_least: 1, at_most: 300}}", "{}", "total is under 1 or over 300 3 (1,214.50), empty 1; "
         "empty rows 1"),
        ("{state: {matches: ^p}}", "{}", "empty rows 1; state does not match ^p 1 (310.00), is empty 1"),
        ("{state: {not: [pending]}}", "{}", "state is pending 2 (1,204.00); empty rows 1"),
        ("{gone: present}", "{}", "gone is empty 5 (1,519.00); empty rows 1"),
        ("{at: {before: '2024-05-04T00:00:00Z'}}", "{}", "at is not before 2024-05-04T00:00:00Z 3 (310.00); "
         "empty rows 1"),
        ("{total: {not_all_of: total}}", "{}", "total is all of total 4 (1,519.00); empty rows 1"),
        ("{at: {later_than: at}}", "{}", "at is not later than at 6 (1,519.00); empty rows 1"),
        ("{email: [a@example.com]}", "{}", "email is something else 5 (1,514.00); empty rows 1"),
    ],
)  # fmt: skip
def test_it_is_reported_by_condition(desk: Desk, where: str, own: str, said: str) -> None:
    found = desk.check(NAMES + ROWS, STATES % (where, own))
    printed = " ".join(found.said.split())
    assert f"{found['without_event']} records without event: {said} rejects" in printed


def test_a_loss_is_left_out_in_words(desk: Desk) -> None:
    mapping = STATES % ("{}", "{total: {matches: '^(?![-−(])'}}")
    said = desk.check(NAMES + "8,g@example.com,-3.50,2024-05-06T10:00:00Z,paid,\n", mapping).said
    assert "total is below zero 1 (-3.50)" in said


def test_a_period_leaves_out_too(desk: Desk) -> None:
    found = desk.check(NAMES + ROWS, STATES % ("{}", "{}"), since="2024-05-03", until="2024-05-04")
    assert "6 records without event: not between --since and --until 5" in " ".join(found.said.split())


WORTH = """
mapping: 1
name: worth
source: {decimal: "%s"}
where: {state: [%s]}
events:
  - event_name: purchase
    fields: {order_id: id, email: email, amount: {column: total%s}, event_time: at}
"""


@pytest.mark.parametrize(
    ("decimal", "step", "totals"),
    [
        (",", "", ["1.234,50", "€ 12,5", "3", "0,125", "1 000,01 EUR"]),
        (".", "", ["1,234.50", "$12.5", "3 ", "US$ 0.10", "12.5-", "(0.50)"]),
        (",", "", [493.25, 12, 0.1, "7,50", -12.5]),
        (".", "", [493.25, 12, 0.1, "7.50", -0.25]),
        (",", ", scale: 0.01", [49325, "1.250", "99,5"]),
        (".", ", minor_units: unit", ["1200", "5", -7]),
        (",", ", extract: '([0-9,]+)'", ["rund 12,50", 7.25]),
        (",", ", default: '1.5'", ["", "2,50"]),
    ],
)
@pytest.mark.parametrize("name", ["orders.csv", "orders.xlsx", "orders.jsonl"])
def test_it_is_worth_what_it_would_have_gone_out_with(
    tmp_path: Path, name: str, decimal: str, step: str, totals: list[str | float]
) -> None:
    head = ["id", "email", "total", "at", "state", "unit"]
    cells = [
        str(one).replace(".", decimal) if name == "orders.csv" and not isinstance(one, str) else one for one in totals
    ]
    rows = [[f"A{n}", "a@x.de", cell, "2024-05-01T10:00:00Z", "open", "JPY"] for n, cell in enumerate(cells)]
    lines = (json.dumps(dict(zip(head, row, strict=True))) for row in rows)
    files = {
        "csv": lambda: as_csv(head, rows),
        "xlsx": lambda: workbook([head, *rows]),
        "jsonl": lambda: "\n".join(lines),
    }
    names = write(tmp_path, {name: files[name.partition(".")[2]]()})
    with surveyed(names, WORTH % (decimal, "open", step)) as survey:
        sent = [one.amount for one in orders(survey)]
    with surveyed(names, WORTH % (decimal, "never", step)) as survey:
        left = survey.account.left_out.amounts["state", "is open"]
        seen = [one.amount for one in orders(survey)]
    assert len(sent) == len(totals) and left == sum(one for one in seen if one is not None)
    for one, other in zip(sent, seen, strict=True):
        assert one == other or (one is None and other is not None and other < 0), (sent, seen)


@pytest.mark.parametrize("seed", range(5))
def test_the_counts_are_those_of_the_records(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    rows = [
        f"{n},p{n}@example.com,{n},2024-05-01T10:00:00Z,{chance.choice('abcdefg')},{chance.choice(['', 'x'])}\n"
        for n in range(chance.randrange(1, 90))
    ]
    mapping = STATES % ("{state: [a, b], gone: empty}", "{total: {at_least: 5}}")
    with surveyed(write(tmp_path, {"orders.csv": NAMES + "".join(rows)}), mapping, frame=7) as survey:
        left = survey.account.left_out
        assert left.records.total() == survey.account.counts.without_event
        cells = [row.strip().split(",") for row in rows]
        gone = [int(row[2]) for row in cells if row[4] in "ab" and row[5]]
        assert (left.records["gone", "is filled"], left.amounts["gone", "is filled"]) == (len(gone), sum(gone))


def test_a_value_is_shown_without_people_and_without_control_characters(desk: Desk) -> None:
    row = "9,z@example.com,1,2024-05-01T10:00:00Z,"
    cells = [f"{row}ann@example.com,", f"{row}\x1b[2J +49 170 1234567,", f"{row}{'long' * 30},"]
    said = desk.check(NAMES + "".join(f"{cell}\n" for cell in cells), STATES % ("{state: [paid]}", "{}")).said
    assert "ann@" not in said and "1234567" not in said and "\x1b" not in said and "longl..." in said


# -- the next command, and what a limit sent


def test_a_check_ends_with_the_plan_and_the_next_command(place: Place) -> None:
    orders = place.orders(3)
    words = ("check", orders, "-m", place.mapping, "--timezone", "Europe/Berlin", "--verbose")
    words += ("--state", str(place.folder / "st ate"))
    ran = place.command(*words)
    assert "Plan for space default at https://app.cometly.com" in ran.stderr
    assert f"{orders}: utf-8, delimiter ,, header of 4 columns in line 1" in ran.stderr
    assert f"{orders}: 3 rows" in ran.stderr
    last = ran.stderr.splitlines()[-1]
    assert last == f"to send what is ready: {shlex.join(('backfill', 'upload', *words[1:]))}"
    assert "to send what is ready" not in place.command(*words, "--since", "2030-01-01").stderr
    assert place.command(*words, "--quiet").stderr.count("\n") == 2  # the lines of --verbose


def test_a_limit_lists_what_it_sent_and_how_to_take_it_back(place: Place, reader: Reader) -> None:
    with space() as sandbox:
        result = reader.run("upload", sandbox.url, place.orders(90), limit=3, space="acme")
        assert "space acme, mapping small, run 1\n" in result.out
        lines = result.out.partition("to be looked up in Cometly:\n")[2].splitlines()
        sent = {event.body["order_id"] for event in sandbox.events}
        assert len(sent) == 3 and {line.split()[2] for line in lines[:3]} == sent
        state = place.folder / "state"
        undo = f"backfill undo 1 --space acme --state {state} --base-url {sandbox.url}"
        assert lines[3] == f"  run 1: taken back by {undo}"
        result = reader.run("upload", sandbox.url, place.orders(90), limit=60, space="acme")
        assert "and 10 more: backfill why ORDER" in result.out
        assert "taken back" not in reader.run("upload", sandbox.url, place.orders(1), space="acme").out


def test_a_record_without_conditions_is_never_left_out(desk: Desk) -> None:
    assert "without event" not in desk.check(HEADER + "1,a@example.com,5,2024-05-01T10:00:00Z\n", MAPPING).said
