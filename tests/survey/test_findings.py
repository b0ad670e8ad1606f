"""Findings: damage is reported once a column and never mended by a guess; like rejects come with their remedy."""

import csv
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from checking import HEADER, MAPPING, Checked, Desk, events_of, mapping_of, surveyed, write
from hypothesis import given
from hypothesis import strategies as st
from workbooks import workbook

from backfill.convert import damage
from backfill.convert.damage import currency_in, damage_in
from backfill.errors import SourceError
from backfill.event import Code
from backfill.fields import FIELDS, Kind
from backfill.fields.arrow import texts_of
from backfill.mapping import load_text
from backfill.survey.cures import FEW, MANY, Cluster, cures
from backfill.survey.key_taken import OTHER_ORDER, PERHAPS_THE_SAME, SAME_ORDER

AT = "2024-05-01T10:00:00Z"
LEAD = """
mapping: 1
name: leads
events:
  - event_name: lead_generated
    fields: {order_id: id, email: email, phone: phone, full_name: name, event_time: at}
"""


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def damaged(kind: Kind, *texts: str) -> dict[str, list[int]]:
    """What is damaged in a column of which nothing could be read."""
    return {finding: at.tolist() for finding, at in damage_in(kind, texts_of(texts), np.zeros(len(texts), bool))}


def test_days_and_amounts_as_gnumeric_saves_them() -> None:
    days = ["2024/05/01 09:30:00", "2024/05/01", "2024/05/01 09:30:00.082", "2024/05/01T09:30:00", "2024/5/1", "5/2024"]
    assert damaged(Kind.TIME, *days) == {damage.GNUMERIC: [0, 1, 2]}
    assert not [*damage_in(Kind.TIME, texts_of(days), np.zeros(6, bool), year_first=True)]
    amounts = ["301.48000000000000001", "301.48", "12345678901.50", "$1,301.479999999999", "0.00000001"]
    assert damaged(Kind.AMOUNT, *amounts) == {damage.NOISE: [0, 3]}


def leads(*rows: tuple[str, str, str, str], at: str = AT) -> str:
    return "id,email,phone,name,at\n" + "".join(",".join([*row, at]) + "\n" for row in rows)


def sound(number: int, **cells: str) -> tuple[str, str, str, str]:
    made = {"id": f"A{number}", "email": f"p{number}@example.com", "phone": "+39 02155", "name": "Ann"} | cells
    return made["id"], made["email"], made["phone"], made["name"]


# Damage, a column at a time

DAMAGED = [
    (Kind.ORDER_ID, damage.POINTED, "1.234|12.345|999.001", "1.23|0.123|1.2345|1.234.567|A1.234|1001.123"),
    (Kind.TEXT, damage.SCIENTIFIC, "4.09E+05|4,09E+05|1.2E+17", "4086918E-0001|1+1"),
    (Kind.ORDER_ID, damage.SCIENTIFIC, "5.40E+12|5,4E+12|1E+15|5.4e+09", "54E12|E+12|A5.40E+12"),
    (
        Kind.ORDER_ID,
        damage.DATED,
        "05/07/26|5/7/2026|2026-07-05|05.07.2026|12:30:00 PM|12:30|5-Jul|Dec-24|05. Mär",
        "5-7|A-Jul|2025-0001|1.2.3|12:3|1001-Jul",
    ),
    (  # with a clock, as a workbook, pandas and a spreadsheet have it
        Kind.ORDER_ID,
        damage.DATED,
        "2026-05-07T00:00:00|2026-05-07 10:30|2026-05-07 00:00:00.000000001|2026-05-07 00:00:00+00:00"
        "|05/07/2026 0:00|5/7/26 9:30:05 PM|2026-05-07T10:30:00.500Z",
        "5-7|2026-05-07-00:00|2026-05-07 A|2026-05-07T1|1234-05-07 10:30 x",
    ),
    (Kind.ORDER_ID, damage.FLOAT_ID, "1001.0|0.0|1001.00|1001,0", "1001|v1.0|1.01|1,001"),
    (
        Kind.TEXT,
        damage.MOJIBAKE,
        "JosÃ©|MÃ¼ller|Ã–zil|StraÃŸe|Ã\x81ngel|Å‚ukasz|Itâ€™s|Â£5|ï»¿Ann",
        "José|Müller|Özil|Straße|ÅSA|SÃO PAULO|Âge|Łukasz|Zoë|李",
    ),
    (Kind.PROFILE_TEXT, damage.MOJIBAKE, "CafÃ©", "Café"),
    (Kind.TIME, damage.SERIAL, "45384|45384.34789351852|45384,35", "1714557600|2024|20240501|75000"),
    (Kind.DATE, damage.SERIAL, "45384", "2024-05-01"),
    (
        Kind.EMAIL,
        damage.PLACEHOLDER,
        "test@example.com|NoEmail@shop.com|guest12@x.org|no-reply@x.com|a@test.com|n/a@x.com|xxx@y.de|b\nann@test.com",
        "contest@example.com|guesthouse@x.org|anna@x.com|nadia@example.com|ann@testing-labs.com|posy@x.de",
    ),
]


@pytest.mark.parametrize(("kind", "finding", "bad", "good"), DAMAGED)
def test_what_is_damaged_and_what_is_not(kind: Kind, finding: str, bad: str, good: str) -> None:
    bad, good = bad.split("|"), good.split("|")
    assert damaged(kind, *good, "", *bad)[finding] == list(range(len(good) + 1, len(good) + 1 + len(bad)))
    assert finding not in damaged(kind, *good, "")
    for one in bad:  # found at any place, first or last too
        assert damaged(kind, one, "", *good, one)[finding] == [0, len(good) + 2]


@pytest.mark.parametrize(
    ("ids", "short"),
    [
        (["00123", "123", "456", "01234"], [1, 2]),
        (["00123", "12345", "99999"], []),
        (["00123", "123456"], []),
        (["0123", "00123", "77"], []),  # lengths vary anyway
        (["A0123", "123"], []),
        (["123", "45"], []),
        (["007", "42", ""], [1]),
    ],
)
def test_zeros_that_were_lost(ids: list[str], short: list[int]) -> None:
    assert damaged(Kind.ORDER_ID, *ids).get(damage.LOST_ZEROS, []) == short


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("$5.00", "$"),
        ("US$ 5", "US$"),
        ("5,00 €", "€"),
        ("EUR 5", "EUR"),
        ("5 kr", "kr"),
        ("5", ""),
        ("", ""),
        ("-5.00", ""),
    ],
)
def test_currencies(text: str, sign: str) -> None:
    assert currency_in(text) == sign


@given(st.sampled_from(sorted(set(FIELDS.values()))), st.lists(st.text(max_size=12), max_size=8))
def test_any_column_can_be_looked_at(kind: Kind, texts: list[str]) -> None:
    for places in damaged(kind, *texts).values():
        assert places == sorted(set(places))
        assert all(texts[at] for at in places)


# ... and in a check

SAID = [
    ({"id": "5.40E+12"}, "column id", "scientific notation"),
    ({"id": "1001.0"}, "column id", "end in .0"),
    ({"id": '"""000123"""'}, "column id", "have quotes around them, and go out with these"),
    ({"id": "'02155"}, "column id", "apostrophe"),
    ({"phone": "'+39 02155"}, "column phone", "apostrophe"),
    ({"name": "JosÃ©"}, "column name", "decoded wrongly"),
    ({"email": "guest@example.com"}, "column email", "placeholder"),
]


@pytest.mark.parametrize(("cells", "place", "finding"), SAID)
def test_damage_is_reported_once_with_a_count_and_a_row(
    desk: Desk, cells: dict[str, str], place: str, finding: str
) -> None:
    rows = [sound(n, **(cells if n in (3, 5, 6) else {})) for n in range(1, 9)]
    found = desk.check(leads(*rows), LEAD)
    (line,) = [line for line in found.said.splitlines() if finding in line and not line.startswith("  ")]
    assert line.startswith(f"warning: {place}: 3 cells (first in row 3) ")
    assert not any(cell in line for cell in cells.values())


def test_what_is_damaged_is_not_mended(desk: Desk) -> None:
    text = leads(sound(1, name="JosÃ©"))
    found = desk.check(text, LEAD)
    assert (found.code, found["ready"]) == (0, 1)
    with surveyed([str(desk.folder / "orders.csv")], LEAD) as survey:
        body = json.loads(next(survey.events(1, None)).body)
    assert body["full_name"] == "JosÃ©"


# ... and what was meant, where that is clear

MEANT = [  # cells, what is sent of them, what is reported of which column
    ({"id": '="0123"', "phone": '="+15551230001"'}, {"order_id": "0123", "phone": "+15551230001"}, "id", "guard"),
    ({"id": "'0123"}, {"order_id": "0123"}, "id", "guard"),
    ({"id": "\u200b0123", "name": "\u202aAnn\u202c\ufeff"}, {"order_id": "0123", "full_name": "Ann"}, "", ""),
    ({"id": "01\u200b23"}, {"order_id": "0123"}, "id", "invisible characters"),
    ({"id": "1,234,567"}, {"order_id": "1234567"}, "id", "thousands commas"),
    ({"id": "1.234.567"}, {"order_id": "1234567"}, "id", "thousands commas"),
    ({"id": "1\u202f234"}, {"order_id": "1234"}, "id", "thousands commas"),
    ({"id": "1.234"}, {"order_id": "1.234"}, "", ""),
    ({"phone": "4.47900E+11"}, {"phone": None}, "phone", "has cut"),
    ({"phone": "15551230003.0"}, {"phone": "15551230003"}, "phone", ".0 behind"),
    ({"name": "undefined undefined", "phone": "NULL"}, {"full_name": None, "phone": None}, "name", "for nothing"),
    ({"name": "#N/A"}, {"full_name": None}, "name", "for nothing"),
    ({"name": "Liam O&#039;Brien"}, {"full_name": "Liam O'Brien"}, "name", "HTML entities"),
]


@pytest.mark.parametrize(("cells", "sent", "column_", "finding"), MEANT)
def test_a_cell_is_sent_as_it_was_meant_and_is_counted(
    desk: Desk, cells: dict[str, str], sent: dict[str, str | None], column_: str, finding: str
) -> None:
    rows = [
        dict(zip(("id", "email", "phone", "name"), sound(n, **(cells if n == 2 else {})), strict=True)) for n in (1, 2)
    ]
    written = io.StringIO(newline="")
    table = csv.DictWriter(written, [*rows[0], "at"], lineterminator="\n")
    table.writeheader()
    table.writerows([row | {"at": AT} for row in rows])
    lines = "".join(json.dumps(row | {"at": AT}) + "\n" for row in rows)
    quoted = "id,email,phone,name,at\n" + "".join(
        ",".join('"' + cell.replace('"', '""') + '"' for cell in (*row.values(), AT)) + "\n" for row in rows
    )
    for name, text in {"a.csv": written.getvalue(), "b.csv": quoted, "c.jsonl": lines}.items():
        found = desk.check({name: text}, LEAD)
        assert (found.code, found["ready"]) == (0, 2), found.said
        body = events_of([str(desk.folder / name)], LEAD)[1]
        assert {field: body.get(field) for field in sent} == sent
        assert (f"column {column_}: 1 cell (first in row 2" in found.said) is bool(finding)
        assert finding in found.said
        assert found["dropped_fields"] == ({"phone": 1} if sent == {"phone": None} else {})


def test_a_guard_without_quotes_is_one_too(desk: Desk) -> None:
    found = desk.check(leads(sound(1, id='="0012"', phone='="+1555"')), LEAD)
    assert found["ready"] == 1
    (body,) = events_of([str(desk.folder / "orders.csv")], LEAD)
    assert (body["order_id"], body["phone"]) == ("0012", "+1555")


def test_rows_of_one_order_are_grouped_whatever_guards_them(desk: Desk) -> None:
    rows = f'"=""0012""",a@example.com,5,{AT}\n0012,,,\n0013,b@example.com,5,{AT}\n\'0012,,,\n'
    found = desk.check(HEADER + rows, mapping_of(group_by="id"))
    assert (found.code, found["records"], found["merged"], found["ready"]) == (0, 2, 2, 2)
    assert "column id: 2 cells (first in row 1) had a spreadsheet's guard" in found.said


@pytest.mark.parametrize("word", ["NULL", "nan", "undefined", "#REF!", "#BEZUG!", "0000-00-00", "N/A"])
def test_a_word_for_nothing_is_an_error_in_ids_and_amounts_and_empty_elsewhere(desk: Desk, word: str) -> None:
    mapping = MAPPING.replace("at}", "[paid, at], phone: phone}")
    header = "id,email,total,paid,at,phone\n"
    rows = [f"{word},a@example.com,5,{AT},,1", f"2,b@example.com,{word},{AT},,1", f"3,{word},5,{AT},,1"]
    rows += [f"4,d@example.com,5,{word},{AT},{word}", f"5,e@example.com,5,{word},{word},1"]
    found = desk.check("\n".join([header.strip(), *rows, ""]), mapping)
    assert found.codes == {"1": "invalid_order_id", "2": "invalid_amount", "3": "missing_identity", "5": "missing_time"}
    assert found["ready"] == 1
    assert "column paid: 2 cells (first in row 4) hold what a program writes for nothing" in found.said


def test_the_parts_of_a_template_are_mended_and_counted_as_they_are_alone(desk: Desk) -> None:
    made = MAPPING.replace("at}", 'at, phone: {template: "+{cc} {phone}"}, full_name: {template: "{first} {last}"}}')
    rows = [
        ("49", "NULL", "-", "-"),
        ("49.0", "555.0000", "#REF!", "Lee"),
        ("49", "4.479E+11", "Ann", "N/A"),
        ("", "", "", ""),
    ]
    text = "id,email,total,at,cc,phone,first,last\n" + "".join(
        ",".join([str(n), f"p{n}@x.de", "5", AT, *row]) + "\n" for n, row in enumerate(rows, 1)
    )
    found = desk.check(text, made)
    events = events_of([str(desk.folder / "orders.csv")], made)
    assert [(event.get("phone"), event.get("full_name")) for event in events] == [
        ("+49", None), ("+49 555.0000", "Lee"), (None, "Ann"), (None, None)
    ]  # fmt: skip
    nothing, dropped = "what a program writes for nothing", found["dropped_fields"]
    for column, cells in (("phone", "1 cell (first in row 1)"), ("first", "2 cells"), ("last", "2 cells")):
        assert f"column {column}: {cells}" in found.said and nothing in found.said
    assert "column cc: 1 cell (first in row 2) is a phone number with a .0 behind" in found.said
    assert dropped == {"phone": 1}


def test_a_condition_takes_a_word_for_nothing_as_empty(desk: Desk) -> None:
    mapping = MAPPING.replace("events:", "where: {cancelled: empty, paid: present}\nevents:")
    rows = [("0000-00-00 00:00:00", AT), ("NULL", AT), (AT, AT), ("", "NULL"), ("", "0000-00-00")]
    text = "id,email,total,at,cancelled,paid\n" + "".join(
        f"{n},p{n}@example.com,5,{AT},{cancelled},{paid}\n" for n, (cancelled, paid) in enumerate(rows)
    )
    found = desk.check(text, mapping)
    assert (found["ready"], found["without_event"]) == (2, 3)


def test_what_the_mapping_reads_as_a_word_is_one(desk: Desk) -> None:
    mapping = LEAD.replace("full_name: name", "full_name: {column: name, map: {None: Nobody}}")
    assert desk.check(leads(sound(1, name="None")), mapping)["ready"] == 1
    assert events_of([str(desk.folder / "orders.csv")], mapping)[0]["full_name"] == "Nobody"


def test_commas_that_are_no_thousands_are_asked_for(desk: Desk) -> None:
    text = leads(sound(1, id='"1,234"'), sound(2, id='"12,34"'))
    found = desk.check(text, LEAD)
    assert found.code == 2 and "extract: '(.+)'" in found.said
    stated = LEAD.replace("order_id: id", "order_id: {column: id, extract: '(.+)'}")
    assert desk.check(text, stated)["ready"] == 2
    assert [body["order_id"] for body in events_of([str(desk.folder / "orders.csv")], stated)] == ["1,234", "12,34"]


@pytest.mark.parametrize("frame", [2, 20_000])
def test_dates_that_a_spreadsheet_changed_are_reported(tmp_path: Path, frame: int) -> None:
    times = ["2024-05-01 10:00", "2024-12-14 09:00", "13/01/2024 10:00", "25/01/2024 11:00", "2024-03-01 10:00"]
    rows = "".join(f"{n},p{n}@example.com,5,{at}\n" for n, at in enumerate(times))
    with surveyed(write(tmp_path, {"a.csv": HEADER + rows}), mapping_of(timezone="UTC"), frame=frame) as survey:
        (said,) = survey.damage()
    assert said.startswith(
        "column at: dates are written in several layouts, 3 cells (first in row 1) like 2024-01-31 and 2 cells (first "
        "in row 3) like 31/01/2024; a spreadsheet may have turned day and month"
    )


@pytest.mark.parametrize("frame", [2, 20_000])
@pytest.mark.parametrize(
    ("times", "turned"),
    [
        ("2024-05-01 | 2024-12-01 | 13/01/2024 | 2024-03-12T10:00:00", True),
        ("2024-05-01 | 2024-12-01 | 01/13/2024 10:00 | 2024-03-12", True),  # month first, and opened where the day is
        ("20240501 | 20241201 | 13/01/24 | 20240312", True),
        ("2024-05-01 | 2024-12-01 | 13/01/2024 | 2024-03-13", False),
        ("2024-05-01 | 2024-12-01 | 13/01/2024 | 12/01/2024 | 2024-03-12", False),
        ("2024-05-01 | 2024-12-01 | 13/01/2024", False),  # by chance
        ("2024-05-01 | 2024-12-01 | 2024-03-12", False),
    ],
)
def test_days_that_a_spreadsheet_turned_are_refused(tmp_path: Path, times: str, turned: bool, frame: int) -> None:
    """It took those up to the twelfth for months, and left the others as they were; an export may write text so."""
    rows = [[str(n), f"p{n}@example.com", "5", at] for n, at in enumerate(times.split(" | "))]
    text, book = "".join(f"{','.join(row)}\n" for row in rows), workbook([HEADER.strip().split(","), *rows])
    mapping = mapping_of(timezone="UTC")
    assert events_of(write(tmp_path, {"a.csv": HEADER + text}), mapping, frame=frame)
    names = write(tmp_path, {"a.xlsx": book})
    if not turned:
        assert len(events_of(names, mapping, frame=frame)) == len(rows)
        return
    with pytest.raises(SourceError, match="column at: the 3 cells like 2024-01-12 all have days up to the twelfth"):
        events_of(names, mapping, frame=frame)


@pytest.mark.parametrize(("rest", "layout"), [("12/31/2023", "01/31/2024"), ("31/12/2023", "31/01/2024")])
def test_layouts_are_named_in_the_order_of_their_days(tmp_path: Path, rest: str, layout: str) -> None:
    rows = "".join(f"{n},p{n}@example.com,5,{at}\n" for n, at in enumerate(["2024-01-31", rest, "01/02/2024"]))
    with surveyed(write(tmp_path, {"a.csv": HEADER + rows}), mapping_of(timezone="UTC")) as survey:
        (said,) = survey.damage()
    assert f"2 cells (first in row 2) like {layout};" in said


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ("13/01/2024 | 5-Jan-24 | 14/01/2024", ["2 cells (first in row 1) like", "(first in row 2) like 31-Jan-2024"]),
        ("13.01.2024 | 01/05/2024", ["like 31.01.2024", "like 31/01/2024"]),
        ("13/01/2024 | 1/2/24 | 31/12/2023 10:00", ["2 cells (first in row 1) like 31/12/2024", "like 01/02/24"]),
        ("13/01/2024 | 1/2/24 | 01/12/2023 10:00", []),
        ("13/01/2024 | 1/2/24 | 31/12/23 10:00", []),
        ("2024-05-01 | 5 May 2024 | May 5, 2024", []),
    ],
)  # fmt: skip
def test_any_two_layouts_of_dates_in_numbers_are_reported(tmp_path: Path, times: str, said: list[str]) -> None:
    rows = "".join(f'{n},p{n}@example.com,5,"{at}"\n' for n, at in enumerate(times.split(" | ")))
    with surveyed(write(tmp_path, {"a.csv": HEADER + rows}), mapping_of(timezone="UTC")) as survey:
        found = " ".join(sentence for sentence in survey.damage() if "several layouts" in sentence)
    assert bool(found) is bool(said) and all(part in found for part in said)


@pytest.mark.parametrize(
    ("times", "reported"),
    [
        ("13/01/24 10:30 | 14/01/24 02:05 PM", "2 cells (first in row 1) are times"),
        ("13/01/24 10:30:00 | 13/01/2024 10:30 | 14/01/24", ""),
        ("13/1/2024 9:30 | 13/01/2024 10:30 | 3/10/2024 19:30", "2 cells (first in row 1) are times"),
        ("14/01/24 | 13/01/24 10:30", "1 cell (first in row 2) is a time"),
    ],
)
def test_times_whose_seconds_a_spreadsheet_cut_are_reported(tmp_path: Path, times: str, reported: str) -> None:
    rows = "".join(f'{n},p{n}@example.com,5,"{at}"\n' for n, at in enumerate(times.split(" | ")))
    with surveyed(write(tmp_path, {"a.csv": HEADER + rows}), mapping_of(timezone="UTC", date_order="dmy")) as survey:
        said = list(survey.damage())
    assert [sentence.split(" as ")[0] for sentence in said] == ([f"column at: {reported}"] if reported else [])


def test_a_key_that_a_program_wrote_as_nothing_is_reported(desk: Desk) -> None:
    mapping = LEAD.replace("fields:", "idempotency_key: name\n    fields:", 1)
    found = desk.check(leads(sound(1), sound(2, name="NULL")), mapping)
    assert found["ready"] == 2 and "column name: 1 cell (first in row 2)" in found.said and "for nothing" in found.said


def test_a_cell_that_two_events_read_counts_once(desk: Desk) -> None:
    twice = LEAD + LEAD.split("events:\n")[1].replace("lead_generated", "schedule")
    found = desk.check(leads(sound(1), sound(2, id="1.0"), sound(3, id="2.0")), twice)
    assert found["events"] == 6
    assert "column id: 2 cells (first in row 2) end in .0" in found.said


def test_an_export_without_damage_gives_no_warning(desk: Desk) -> None:
    assert desk.check(leads(*(sound(n) for n in range(1, 40))), LEAD).said.startswith("Plan for space")


def test_days_of_a_spreadsheet_are_rejected_and_reported(desk: Desk) -> None:
    found = desk.check(HEADER + f"1,a@example.com,5,{AT}\n2,b@example.com,5,45384.34789\n3,c@example.com,5,45385\n")
    assert found.codes == {"2": "invalid_time", "3": "invalid_time"}
    assert "column at: 2 cells (first in row 2) are a spreadsheet's day numbers" in found.said


@pytest.mark.parametrize(
    ("amounts", "said"),
    [
        (["$5", "$6", "7", "EUR 8"], "column total: 1 cell (first in row 4) (EUR among $) bears another currency"),
        (["5 €", "$6", "$7"], "column total: 1 cell (first in row 1) (€ among $) bears another currency"),
        (["$5", "€6", "$7", "£8", "€9"], "column total: 3 cells (first in row 2) (€, £ among $) bear another currency"),
        (["$5", "$6", "7.00"], ""),
        (["$5", "call JOE", "TBD"], ""),  # words are no currencies, and no person's cell is shown
    ],
)
def test_two_currencies_in_one_column(desk: Desk, amounts: list[str], said: str) -> None:
    rows = "".join(f"{n},p{n}@example.com,{amount},{AT}\n" for n, amount in enumerate(amounts, 1))
    found = desk.check(HEADER + rows)
    assert said in found.said
    assert ("currency" in found.said) == bool(said)
    assert "JOE" not in found.said


@pytest.mark.parametrize(
    ("column", "others", "source", "said"),
    [
        ("Currency", ["EUR", "jpy", "eur", "JPY", "EUR"], "", "2 cells (first in row 2) (JPY among EUR) bear another"),
        ("Währung", ["EUR", "EUR", "CHF", "", ""], "", "1 cell (first in row 3) (CHF among EUR) bears another"),
        ("moneda_del_pedido", ["€", "€", "US$", "", ""], "", "1 cell (first in row 3) (US$ among €) bears another"),
        ("Currency", ["EUR", "JPY", "EUR", "JPY", "EUR"], "where: {Currency: EUR}\n", ""),
        ("Currency", ["EUR", "eur", "EUR", "NaN", "Ann"], "", ""),
        ("Currency,Exchange Rate", ["EUR,1", "JPY,1", "EUR,1", "EUR,1", "EUR,1"], "", ""),  # of the shop's own, perhaps
        ("Converted Currency", ["EUR", "JPY", "EUR", "EUR", "EUR"], "", ""),
    ],
)
def test_two_currencies_in_a_column_of_their_own(
    desk: Desk, column: str, others: list[str], source: str, said: str
) -> None:
    text = f"id,email,total,at,{column}\n" + "".join(
        f"{n},p{n}@example.com,{n},{AT},{other}\n" for n, other in enumerate(others, 1)
    )
    found = desk.check(text, source + MAPPING)
    assert found.code == 0 and said in found.said
    assert (f"column {column}: " in found.said, "another currency" in found.said) == (bool(said), bool(said))


@pytest.mark.parametrize("name", ["Měna", "Para Birimi", "通貨", "CCY"])
@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["CZK", "", "CZK", "EUR", "CZK"], "1 cell (first in row 4) (EUR among CZK) bears another currency"),
        (["EUR", "EUR", "EUR", "EUR", "EUR"], ""),
        (["CZE", "DEU", "FRA", "USA", "GBR"], ""),  # countries
        (["EUR", "USD", "EUR", "USD", "ABC"], ""),  # one of which is none: these are something else
        (["eng", "all", "top", "eng", "eng"], ""),
        (["EUR", "JPY", "", "Ann", "EUR"], ""),
    ],
)
def test_a_column_of_currencies_is_known_by_its_cells(desk: Desk, name: str, cells: list[str], said: str) -> None:
    rows = "".join(f"{n},p{n}@example.com,{n},{AT},{cell}\n" for n, cell in enumerate(cells, 1))
    found = desk.check(f"id,email,total,at,{name}\n{rows}", MAPPING)
    assert (f"column {name}: {said}" if said else "") in found.said
    assert ("another currency" in found.said) == bool(said)


def test_a_cell_far_below_shows_that_a_column_has_no_currencies(desk: Desk) -> None:
    rows = [f"{n},p{n}@example.com,{n},{AT},{'EUR' if n % 2 else 'JPY'}\n" for n in range(1, 301)]
    text = "id,email,total,at,Kód\n" + "".join(rows)
    assert "column Kód: 150 cells" in desk.check(text, MAPPING).said
    assert "another currency" not in desk.check(text + f"301,p@example.com,5,{AT},A-1\n", MAPPING).said


def test_two_columns_of_currencies_say_nothing_of_an_amount(desk: Desk) -> None:
    rows = "".join(f"{n},p{n}@example.com,{n},{AT},{cell}\n" for n, cell in enumerate(("EUR,CZK", "CZK,EUR"), 1))
    assert "another currency" not in desk.check(f"id,email,total,at,Měna,Měna dopravy\n{rows}", MAPPING).said


@pytest.mark.parametrize("amount", ["Total USD", "Total ($)", "Converted Total", "Total in shop currency"])
def test_an_amount_in_another_currency_than_the_column_says(desk: Desk, amount: str) -> None:
    text = f"id,email,{amount},at,Currency\n1,a@example.com,5,{AT},EUR\n2,b@example.com,6,{AT},JPY\n"
    found = desk.check(text, MAPPING.replace("total", amount))
    assert (found.code, "another currency" in found.said) == (0, False)


def test_an_amount_with_a_dash_in_its_name_says_no_currency(desk: Desk) -> None:
    text = f"id,email,Deal - Value,at,Deal - Currency\n1,a@example.com,5,{AT},EUR\n2,b@example.com,6,{AT},JPY\n"
    found = desk.check(text, MAPPING.replace("total", "Deal - Value"))
    assert "column Deal - Currency: 1 cell (first in row 2) (JPY among EUR) bears another currency" in found.said


def test_two_files_whose_amounts_names_say_other_currencies(desk: Desk) -> None:
    texts = {f"{sign}.csv": f"id,email,Amount ({sign}),at\n{sign},a@example.com,5,{AT}\n" for sign in ("EUR", "USD")}
    made = mapping_of(aliases={"Amount (USD)": ["Amount (EUR)"]}).replace("total", "Amount (USD)")
    said = desk.check(texts, made).said
    assert "column Amount (USD): 1 cell (first in row 1 of" in said and "(USD among EUR) bears another currency" in said


def test_two_amount_columns_of_one_currency_each(desk: Desk) -> None:
    event = MAPPING.partition("events:\n")[2]
    made = "".join(
        event.replace("fields:", f"where: {{Currency: {sign}}}\n    fields:").replace("total", column)
        for sign, column in (("EUR", "total"), ("JPY", "worth"))
    )
    text = f"id,email,total,worth,at,Currency\n1,a@example.com,5,,{AT},EUR\n2,b@example.com,800,5,{AT},JPY\n"
    found = desk.check(text, MAPPING.partition("events:\n")[0] + "events:\n" + made)
    assert (found["ready"], "another currency" in found.said) == (2, False)


def test_days_and_months_that_no_value_distinguishes(desk: Desk) -> None:
    found = desk.check(HEADER + f"1,a@example.com,5,01/02/2024 10:00Z\n2,b@example.com,5,{AT}\n")
    assert found.codes == {"1": "invalid_time"}
    none = desk.check(HEADER + "1,a@example.com,5,01/02/2024\n", mapping_of(timezone="UTC"))
    assert (none.code, "source.date_order" in none.said) == (2, True)


# Many records, one person


@pytest.mark.parametrize(
    ("email", "alike", "others", "said"),
    [
        ("till@shop.example", 20, 380, True),
        ("till@shop.example", 20, 381, False),
        ("till@shop.example", 19, 1, False),
        ("", 30, 30, False),
    ],
)
def test_an_address_that_many_share(desk: Desk, email: str, alike: int, others: int, said: bool) -> None:
    rows = [sound(n, email=email if n < alike else f"p{n}@example.com") for n in range(alike + others)]
    found = desk.check(leads(*rows), LEAD)
    sentence = f"email: {alike} of {alike + others} records have one and the same"
    assert (sentence in found.said, "one and the same" in found.said) == (said, said)
    assert "shop.example" not in found.said


def test_a_crowd_is_found_over_frames_and_counts_records(tmp_path: Path) -> None:
    twice = LEAD + LEAD.split("events:\n")[1].replace("lead_generated", "schedule")
    rows = [sound(n, email="till@shop.example" if n % 10 == 0 else f"p{n}@example.com") for n in range(1000)]
    with surveyed(write(tmp_path, {"leads.csv": leads(*rows)}), twice, frame=300) as survey:
        (said,) = survey.damage()
    assert said.startswith("email: 100 of 1,000 records")


# What drifts between files


def test_a_column_that_means_something_else_in_another_file(desk: Desk) -> None:
    first = HEADER + "".join(f"{n},p{n}@example.com,{n}.50,{AT}\n" for n in range(1, 11))
    second = HEADER + "".join(f"{n},p{n}@example.com,Standard,{AT}\n" for n in range(11, 21))
    found = desk.check({"may.csv": first, "june.csv": second})
    (line,) = [line for line in found.said.splitlines() if "may mean something else" in line]
    assert line == (
        f"warning: column total: 100% of its cells can be read in {desk.folder}/may.csv, and 0% in "
        f"{desk.folder}/june.csv; it may mean something else there"
    )
    assert "Standard" not in found.said


@pytest.mark.parametrize(("bad", "rows"), [(2, 10), (4, 4)])
def test_a_few_bad_cells_are_no_drift(desk: Desk, bad: int, rows: int) -> None:
    def file(first: int, wrong: int, number: int) -> str:
        totals = ["x"] * wrong + ["5"] * (number - wrong)
        return HEADER + "".join(f"{first + n},p{first + n}@e.com,{t},{AT}\n" for n, t in enumerate(totals))

    found = desk.check({"may.csv": file(0, 0, 10), "june.csv": file(100, bad, rows)})
    assert "may mean something else" not in found.said
    assert len(found.codes) == bad


def test_damage_in_several_files_names_the_first(desk: Desk) -> None:
    files = {
        "a.csv": leads(sound(1)),
        "b.csv": leads(sound(2), sound(3, name="JosÃ©")),
        "c.csv": leads(sound(4, name="Ã–")),
    }
    said = desk.check(files, LEAD).said
    assert f"column name: 2 cells (first in row 2 of {desk.folder}/b.csv) hold text" in said


# Cures


def said_cures(found: Checked) -> list[tuple[str, Any]]:
    """The sentences on rejects for one reason, each with the lines that it proposes for the mapping."""
    made: list[tuple[str, Any]] = []
    text, last = "", False
    for line in [*found.said.splitlines(), ""]:
        if line.startswith("  ") and last:
            text += line[2:] + "\n"
            continue
        if text:
            made[-1] = (made[-1][0], yaml.safe_load(text))
            text = ""
        if last := " rejects: " in line and not line.startswith("  "):
            made.append((line, None))
    return made


def merged(mapping: str, lines: dict[str, Any]) -> str:
    """The mapping with the proposed lines in it."""
    whole = yaml.safe_load(mapping)
    for key, entries in lines.items():
        whole[key] = {**whole.get(key, {}), **entries}
    return json.dumps(whole)


ITEMS = HEADER + "".join(f"{n},p{n}@example.com,{i},{AT}\n" for n in range(30) for i in (1, 2))
EMAILS = HEADER + "".join(f"{n},{f'p{n}@example.com' if n % 2 else ''},5,{AT}\n" for n in range(50))
AMOUNTS = HEADER + "".join(f"{n},p{n}@example.com,{'5' if n % 2 else ''},{AT}\n" for n in range(50))
SHORT = HEADER.replace("at\n", "at,note\n") + "".join(f"{n},p{n}@example.com,5,{AT}\n" for n in range(25))
ORDERS = (
    HEADER + "".join(f"{n},p{n}@example.com,5,0{n % 9 + 1}/02/2024 10:00Z\n" for n in range(25)) + f"x,x@e.com,5,{AT}\n"
)
ZONES = HEADER + "".join(f"{n},p{n}@example.com,5,2024-05-01 10:00\n" for n in range(25)) + f"x,x@e.com,5,{AT}\n"
GROUPED = mapping_of(group_by="id")
CURED = [
    (MAPPING, ITEMS, "60 rejects: id comes again with other values", {"source": {"group_by": "id"}}),
    (GROUPED, ITEMS, "30 rejects: total differs between the rows", {"source": {"sum": ["total"]}}),
    (MAPPING, EMAILS, "25 rejects: email is empty", {"where": {"email": "present"}}),
    (MAPPING, AMOUNTS, "25 rejects: total is empty", {"where": {"total": "present"}}),
    (MAPPING, SHORT, "25 rejects: the rows have 4 cells where the header has 5", {"source": {"short_rows": "pad"}}),
    (MAPPING, ORDERS, "22 rejects: at does not tell day from month", {"source": {"date_order": "dmy"}}),
    (MAPPING, ZONES, "25 rejects: at has no offset", {"source": {"timezone": "Europe/Berlin"}}),
]


@pytest.mark.parametrize(("mapping", "text", "sentence", "lines"), CURED)
def test_rejects_for_one_reason_come_with_their_remedy(
    desk: Desk, mapping: str, text: str, sentence: str, lines: dict[str, Any]
) -> None:
    found = desk.check(text, mapping)
    assert found.code == 3
    ((line, proposed),) = said_cures(found)
    assert line.startswith(sentence)
    assert proposed == lines
    mended = desk.check(text, merged(mapping, proposed))
    assert set(mended["codes"]) == ({"conflicting_rows"} if mapping == MAPPING and text == ITEMS else set())


def test_a_decimal_comma_in_a_reject_file(desk: Desk) -> None:
    """Nothing is inferred from a reject file, so the setting may be what is missing."""
    header = f"_row,_event,_code,_field,_column,_reason,_key,{HEADER}"
    rows = "".join(f'{n},purchase,x,,,,,{n},p{n}@example.com,"{n},5",{AT}\n' for n in range(25))
    found = desk.check({"a.rejects.csv": header + rows + f"99,purchase,x,,,,,x,x@e.com,5,{AT}\n"})
    assert said_cures(found) == [
        ("25 rejects: total uses a decimal comma; set source.decimal: ','", {"source": {"decimal": ","}})
    ]
    assert desk.check({"a.rejects.csv": header + rows}, mapping_of(decimal=",")).code == 0


EVENT = "{column: state, map: {won: purchase}}"
NAMED = MAPPING.replace("event_name: purchase", f"event_name: {EVENT}")


@pytest.mark.parametrize(
    ("mapping", "row", "sentence"),
    [
        (NAMED, "{n},p{n}@e.com,5,2024-05-01T10:00:00Z,lost", "state has values that event_name's map does not turn"),
        (MAPPING, "{n},p{n}@e.com,5,2999-05-01T10:00:00Z,", "at lies in the future"),
        (MAPPING, "5.4E+{n},p{n}@e.com,5,2024-05-01T10:00:00Z,", "id went through a spreadsheet"),
    ],
)
def test_other_clusters(desk: Desk, mapping: str, row: str, sentence: str) -> None:
    rows = [row.format(n=n) for n in range(10, 40)]
    found = desk.check("\n".join(["id,email,total,at,state", *rows, ""]), mapping)
    assert any(line.startswith(f"30 rejects: {sentence}") for line, _ in said_cures(found))


@pytest.mark.parametrize(
    ("reason", "yaml"),
    [(f"{OTHER_ORDER}; set it", "namespace: second_shop"), (SAME_ORDER, ""), (f"{PERHAPS_THE_SAME}; look", "")],
)
def test_keys_accepted_for_others_ask_for_a_namespace(reason: str, yaml: str) -> None:
    """But for orders that are, or may be, the same: they would be there twice."""
    clusters: Counter[Cluster] = Counter({(Code.KEY_TAKEN, "order_id", reason): MANY})
    (cure,) = cures(clusters, Counter(), 1000, load_text(MAPPING, "test.yaml"))
    assert (cure.count, yaml in cure.yaml, bool(cure.yaml)) == (MANY, True, bool(yaml))


@pytest.mark.parametrize(
    ("count", "events", "worth"),
    [
        (MANY, 10**6, True),
        (MANY - 1, 10**6, False),
        (FEW, 60, True),
        (FEW, 61, False),
        (FEW - 1, 2, False),
        (0, 0, False),
    ],
)
def test_how_many_are_enough_for_a_remedy(count: int, events: int, worth: bool) -> None:
    clusters: Counter[Cluster] = Counter({(Code.MISSING_IDENTITY, "email", "no email"): count})
    assert bool(cures(clusters, Counter(), events, load_text(MAPPING, "test.yaml"))) == worth


def test_the_largest_comes_first_and_quiet_prints_nothing(desk: Desk) -> None:
    text = EMAILS + "".join(f"y{n},y{n}@example.com,,{AT}\n" for n in range(30))
    counts = [line.split()[0] for line, _ in said_cures(desk.check(text))]
    assert counts == ["30", "25"]
    assert desk.check(text, quiet=True).said == ""


@pytest.mark.parametrize("name", ['To"tal', "To\\tal", "To: tal", "#total", "Größe"])
def test_a_cure_is_yaml_whatever_the_column_is_called(desk: Desk, name: str) -> None:
    mapping = MAPPING.replace("amount: total", f"amount: {json.dumps(name, ensure_ascii=False)}")
    quoted = '"' + name.replace('"', '""') + '"'
    found = desk.check(AMOUNTS.replace("total", quoted), mapping)
    assert [proposed for _, proposed in said_cures(found)] == [{"where": {name: "present"}}]
    assert load_text(merged(mapping, {"where": {name: "present"}}), "cured.yaml").where[0].column == name


def test_no_finding_repeats_a_persons_cell(desk: Desk) -> None:
    secret = "Xq7"
    rows = [f"{secret}{n}.0,{secret}{n}@test.com,{secret},{secret}" for n in range(30)]
    found = desk.check("\n".join([HEADER.strip(), *rows, ""]))
    assert found.code == 3
    assert secret not in found.said
    assert len(write(desk.folder, {})) == 0
