"""The survey: what is inferred, what only the whole input shows, what the ledger knows, what a limit picks."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from checking import HEADER, MAPPING, Desk, events_of, mapping_of, orders, surveyed, write
from hypothesis import given, settings
from hypothesis import strategies as st

from backfill.errors import UsageError
from backfill.ledger import Accepted, identity_digests
from backfill.ledger.sqlite.ledger import SqliteLedger
from backfill.sandbox import SandboxThread
from backfill.survey.changes import changes
from backfill.survey.key_recipe import recipe_of, refuse_other_recipe

AT = "2024-05-01T10:00:00Z"
FRAMES = [2, 20_000]  # rows; a law of the house draws others


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def dated(*times: str) -> str:
    return HEADER + "".join(f'{n},p{n}@x.de,5,"{when}"\n' for n, when in enumerate(times))


def priced(*amounts: str) -> str:
    return HEADER + "".join(f'{n},p{n}@x.de,"{amount}",{AT}\n' for n, amount in enumerate(amounts))


# Inference


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize(
    ("times", "read"),
    [
        (["03/04/2024 10:00 +0000", "05/04/2024 10:00 +0000", "13/04/2024 10:00 +0000"], ["04-03", "04-05", "04-13"]),
        (["03/04/2024 10:00 +0000", "05/05/2024 10:00 +0000", "04/13/2024 10:00 +0000"], ["03-04", "05-05", "04-13"]),
        (["2024-04-03T10:00:00Z", "2024-04-03T10:00:00Z", "25.12.2023 10:00 +0000"], ["04-03", "04-03", "12-25"]),
    ],
)
def test_the_date_order_is_read_from_the_file(tmp_path: Path, times: list[str], read: list[str], frame: int) -> None:
    names = write(tmp_path, {"orders.csv": dated(*times)})
    with surveyed(names, frame=frame) as survey:
        assert [event.time[5:10] for event in survey.events(1, None)] == read
        clue = survey.inference.clues["date_order"]
        assert (clue.column, clue.row, clue.file) == ("at", 3, names[0])


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize(
    ("others", "month"),
    [
        (["7. kolovoza 2023", "8. rujna 2023"], "10"),
        (["7 września 2023", "8 stycznia 2023"], "11"),
        (["7. září 2023"], "11"),
        (["7. kolovoza 2023", "7 września 2023"], None),
        (["7 May 2023", "8 maja 2023"], None),
        ([], None),
    ],
)
def test_other_months_show_in_which_language_two_are_named_alike(
    tmp_path: Path, others: list[str], month: str | None, frame: int
) -> None:
    days = ["2024-05-01", "5 listopada 2023", *others]
    for order in (days, days[::-1]):
        names = write(tmp_path, {"a.csv": HEADER + "".join(f"{day},a@x.de,5,{day} 10:00\n" for day in order)})
        found = events_of(names, mapping_of(timezone="UTC"), frame=frame)
        read = [event["event_time"][5:7] for event in found if event["order_id"] == days[1]]
        assert (len(found), read) == (1 + len(others) + bool(month), [month] * bool(month))


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize(
    ("amounts", "read"),
    [
        (["1.234", "5", "12,50"], [1234, 5, 12.5]),
        (["1,234", "5", "12.50"], [1234, 5, 12.5]),
        (["1,234", "1.23"], [1234, 1.23]),
        (["1.234", "0.500"], [1.234, 0.5]),
        (["1.234,50 €", "1.234"], [1234.5, 1234]),
        (["1.234.567", "1.234"], [1234567, 1234]),
    ],
)
def test_the_decimal_mark_is_read_from_the_input(
    tmp_path: Path, amounts: list[str], read: list[float], frame: int
) -> None:
    names = write(tmp_path, {"orders.csv": priced(*amounts)})
    assert [event["amount"] for event in events_of(names, frame=frame)] == read


POINTS = MAPPING.replace("at}", "at, profile_field_16: other}")


def pairs(*rows: tuple[str, str]) -> str:
    made = "".join(f'{n},p{n}@x.de,"{total}",{AT},"{other}"\n' for n, (total, other) in enumerate(rows))
    return f"id,email,total,at,other\n{made}"


@pytest.mark.parametrize("frame", FRAMES)
def test_one_decimal_mark_holds_for_all_columns(tmp_path: Path, desk: Desk, frame: int) -> None:
    names = write(tmp_path, {"orders.csv": pairs(("1.500", "1.500"), ("2,50", "3"))})
    found = events_of(names, POINTS, frame=frame)
    assert [(event["amount"], event["profile_field_16"]) for event in found] == [(1500, "1500"), (2.5, "3")]
    mixed = desk.check(pairs(("2,50", "3"), ("4", "1.5")), POINTS)
    assert mixed.code == 2
    assert "(column total) can only be read with a decimal comma, but row 2 of" in mixed.said


@pytest.mark.parametrize(
    ("rows", "total"),
    [
        ([("1.200 €", ""), ("950 €", ""), ("12.500 €", "")], None),
        ([("1,200", ""), ("950", "")], None),
        ([("$1,200", ""), ("12.500", "")], None),
        ([("1.200", ""), ("0.500", "")], "1.70"),
        ([("1.200", ""), ("12,5", "")], "1212.50"),
        ([("1,200", ""), ("950", "1.5")], "2150.00"),  # another column shows what a comma means
        ([("1.200", ""), ("950", "1.5")], None),
        ([("1.200", ""), ("950", "1,5")], "2150.00"),
        ([("950", "1.200")], "950.00"),  # a profile's number may have three decimals
        ([("1 200", ""), ("1'500", "")], "2700.00"),
    ],
)
def test_thousands_or_thousandths_is_asked(desk: Desk, rows: list[tuple[str, str]], total: str | None) -> None:
    found = desk.check(pairs(*rows), POINTS)
    if total is None:
        assert found.code == 2
        assert "column total: its only marks are before exactly three digits (first in row 1 of" in found.said
        assert "set source.decimal (or --decimal MARK)" in found.said
        assert not any(total and total in found.said for total, _ in rows)
        assert desk.check(pairs(*rows[:1]), POINTS, decimal=",").code == 0
    else:
        assert (found.code, found["amount"]["ready"]) == (0, total)


def test_of_several_columns_one_that_a_file_has_is_named(desk: Desk) -> None:
    made = MAPPING.replace("amount: total", "amount: [sub, total, more]").replace(
        "event_time: at", "event_time: [on, at]"
    )
    for text in (priced("1.200"), priced("7,5"), dated("2024-05-01 10:00")):
        found = desk.check(text, made)
        assert "column sub" not in found.said and "column on" not in found.said
        assert "column total" in found.said or "column at" in found.said, found.said


def test_all_files_together_say_how_amounts_are_written(desk: Desk) -> None:
    files = {"a.csv": priced("1.200"), "b.csv": priced("7,5").replace("\n0,", "\n9,")}
    assert desk.check(files)["amount"] == {"ready": "1207.50"}
    files["b.csv"] = priced("7").replace("\n0,", "\n9,")
    assert desk.check(files).code == 2


@pytest.mark.parametrize(
    ("text", "source", "parts"),
    [
        (dated("13/04/2024", "04/13/2024"), {"timezone": "UTC"}, ["row 1 of", "day first", "row 2 of", "month first"]),
        (priced("1.234,5", "5", "1,234.5"), {}, ["row 1 of", "decimal comma", "row 3 of", "decimal point", "total"]),
        (dated("2024-05-01 10:00", "2024-05-02"), {}, ["column at", "source.timezone (or --timezone ZONE)"]),
        (dated("03/04/2024", "05/04/2024"), {}, ["source.date_order (or --date-order", "source.timezone"]),
        (dated("03/04/2024 10:00 +0000"), {}, ["column at", "source.date_order"]),
        (HEADER + f"17.0,a@x.de,5,{AT}\n18.0,a@x.de,5,{AT}\n", {}, ["all its ids end in .0", "extract: '^([0-9]+)'"]),
    ],
)
def test_what_can_not_be_read_is_reported_once(desk: Desk, text: str, source: Any, parts: list[str]) -> None:
    found = desk.check(text, mapping_of(**source))
    assert found.code == 2 and all(part in found.said for part in parts), found.said
    assert "x.de" not in found.said and "1.234" not in found.said and "13/04" not in found.said


@pytest.mark.parametrize("source", [{}, {"timezone": "UTC"}])
@pytest.mark.parametrize("offsets", [("+01:00", "+02:00"), ("CET", "CEST"), ("Z", "Z")])
def test_no_zone_is_asked_for_where_each_time_has_its_offset(desk: Desk, offsets: Any, source: Any) -> None:
    """Also where none of them can be read."""
    text = dated(f"5 lis 2023 10:00 {offsets[0]}", f"6 lip 2023 10:00 {offsets[1]}")
    found = desk.check(text, mapping_of(**source))
    assert (found.code, found["codes"]) == (3, {"invalid_time": 2})
    assert "zone" not in found.said and "write the day as 2024-11-05" in " ".join(found.said.split()), found.said


@pytest.mark.parametrize("zeros", ["0", "00", "000000"])
@pytest.mark.parametrize(
    "spelled",
    ["1,234,567.", "1.234.567,", "1 234 567,", "1'234'567.", "1’234’567.", "1\u00a0234,", "12,34,567.", "1,234."],
)
def test_ids_that_are_numbers_are_asked_for_however_they_are_spelled(desk: Desk, spelled: str, zeros: str) -> None:
    """And what is said to do about it gives the digits."""
    text = "".join(f'"{spelled[:-2]}{n}{spelled[-1]}{zeros}",p{n}@x.de,5,{AT}\n' for n in range(3))
    found = desk.check(HEADER + text)
    assert found.code == 2 and "column id: all its ids end in .0" in found.said
    cure = found.said.partition("in the mapping, ")[2].partition(", once it is sure")[0]
    made = MAPPING.replace("order_id: id", f"order_id: {cure}")
    ids = [event["order_id"] for event in events_of([str(desk.folder / "orders.csv")], made)]
    assert ids == ["".join(filter(str.isdigit, spelled))[:-1] + str(n) for n in range(3)]
    mixed = desk.check(HEADER + text + f"x1,p@x.de,5,{AT}\n")
    assert (mixed.code, "column id: 3 cells (first in row 1) end in .0" in mixed.said) == (0, True)


@pytest.mark.parametrize("floats", [0, 1, 2])
def test_ids_of_one_file_that_all_end_in_0_are_asked_for(desk: Desk, floats: int) -> None:
    """Also where it overlaps others: each order of it would count twice."""
    files = {f"{n}.csv": HEADER + f"17,a@x.de,5,{AT}\n1{n},b@x.de,5,{AT}\n" for n in range(3)}
    files[f"{floats}.csv"] = files[f"{floats}.csv"].replace(",a@", ".0,a@").replace(",b@", ".0,b@")
    found = desk.check(files)
    assert found.code == 2 and f"column id: all its ids of {desk.folder / f'{floats}.csv'} end in .0" in found.said


MADE_OF_IDS = [
    ("order_id: id", "order_id: {template: 'wc-{id}'}"),
    ("order_id: id", "order_id: id, idempotency_key: {template: 'wc-{id}'}"),
]


@pytest.mark.parametrize(
    ("made", "cells"),
    [
        ("order_id: {template: '{email}-{id}'}", ("1.0", "2.0")),  # a version
        ("order_id: id, idempotency_key: [email, id]", ("1.0", "1,001")),
        ("order_id: {template: 'wc-{id}'}", ("12.345.678", "192.168.100.200")),
    ],
)
def test_what_else_may_be_a_part_of_an_id_is_not_asked_for(desk: Desk, made: str, cells: tuple[str, str]) -> None:
    rows = HEADER + "".join(f'"{cell}",a{n}@x.de,5,{AT}\n' for n, cell in enumerate(cells))
    mapping = MAPPING.replace("order_id: id", made)
    if made.startswith("order_id: id,"):
        rows = rows.replace('"1.0"', "A7").replace('"1,001"', '"A1,001"')
    assert desk.check(rows, mapping)["ready"] == 2


@pytest.mark.parametrize("made", MADE_OF_IDS)
@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (("17.0", "18.0"), "all its ids end in .0"),
        (("17", "1,234"), "1 cell is a number with thousands commas"),
        (("17.0", "A18"), ""),
        (("17,a", "1.234"), ""),
    ],
)
def test_an_id_is_asked_for_whatever_it_is_made_of(
    desk: Desk, made: tuple[str, str], cells: tuple[str, str], said: str
) -> None:
    mapping = MAPPING.replace(*made)
    rows = HEADER + "".join(f'"{cell}",a{n}@x.de,5,{AT}\n' for n, cell in enumerate(cells))
    found = desk.check(rows, mapping)
    assert (found.code, said in found.said) == (2 if said else 0, True), found.said
    as_it_is = mapping.replace("{template: ", "{extract: '(.+)', template: ").replace(
        "[{column: id", "[{extract: '(.+)', column: id"
    )
    assert desk.check(rows, as_it_is)["ready"] == 2 or made[1].startswith("order_id: id,")


@pytest.mark.parametrize("frame", FRAMES)
def test_no_order_goes_out_with_and_without_the_zeros_of_its_id(desk: Desk, frame: int) -> None:
    """Whichever file comes first, and in one file or two; orders of others are others."""
    ours, theirs = [f"0{n},p{n}@x.de,5,{AT}\n" for n in (101, 102, 103)], [f"101,P101@x.de,5.00,{AT}\n"]
    theirs += [f"102,p102@x.de,6,{AT}\n", f"103,q@x.de,5,{AT}\n", f"0104,p104@x.de,5,{AT}\n"]
    for texts in ((ours, theirs), (theirs, ours)):
        two = {f"{n}.csv": HEADER + "".join(text) for n, text in enumerate(texts)}
        for files in (two, {"one.csv": HEADER + "".join(texts[0] + texts[1])}):
            sent = [event["order_id"] for event in events_of(write(desk.folder, files), frame=frame)]
            assert sorted(sent) == ["0101", "0102", "0103", "0104", "102", "103"]
    found = desk.check(two)
    assert found["codes"] == {"likely_double": 1} and found.rejects[0]["id"] == "101", found.said
    assert desk.run("check", *write(desk.folder, two), allow_doubles=True)["ready"] == 7


@pytest.mark.parametrize("first", ["0101", "101"])
def test_what_a_spreadsheet_made_of_an_id_is_sent_by_no_other_run(desk: Desk, first: str) -> None:
    """Neither from its own reject file, nor where the other one went out the night before."""
    both = HEADER + "".join(f"{name},a@x.de,5,{AT}\n" for name in ("0101", "101"))
    with SandboxThread() as sandbox:
        names = {"base_url": sandbox.url, "api_key": "sandbox"}
        desk.run("upload", *write(desk.folder, {"a.csv": HEADER + f"{first},a@x.de,5,{AT}\n"}), **names)
        found = desk.run("upload", *write(desk.folder, {"both.csv": both}), **names)
        assert (found["already"], found["codes"]) == (1, {"likely_double": 1}), found.said
        again = desk.run("upload", found["rejects_file"], **names)
        assert again["codes"] == {"likely_double": 1} and len(sandbox.events) == 1
    with SandboxThread() as sandbox:
        names = {"base_url": sandbox.url, "api_key": "sandbox"}
        found = desk.run("upload", *write(desk.folder, {"both.csv": both}), **names)
        again = desk.run("upload", found["rejects_file"], **names)
        assert again["codes"] == {"likely_double": 1} and [event.body["order_id"] for event in sandbox.events] == [
            "0101"
        ]


def test_what_others_can_read_is_a_reject(desk: Desk) -> None:
    found = desk.check(dated(AT, "2024-05-01 10:00", "03/04/2024 10:00 +0000"))
    assert (found.code, found["ready"], found.codes) == (3, 1, {"2": "invalid_time", "3": "invalid_time"})
    assert desk.check(priced("12,50", "0,5"), decimal=".")["invalid"] == 2, "it was asked for"
    found = desk.check(priced("12,50", "1.5"), decimal=",")
    assert (found["ready"], found.codes) == (1, {"2": "invalid_amount"})
    stated = desk.check(dated("13/04/2024", "04/13/2024"), mapping_of(timezone="UTC", date_order="dmy"))
    assert stated.codes == {"2": "invalid_time"}
    mixed = HEADER + f"17.0,a@x.de,5,{AT}\nA18,a@x.de,5,{AT}\n"
    assert desk.check(mixed)["ready"] == 2
    assert (
        desk.check(mixed.replace("A18", "18.0"), MAPPING.replace("id: id", "id: {column: id, strip: '.0'}"))["ready"]
        == 2
    )


def test_a_reject_file_infers_nothing(desk: Desk) -> None:
    text = priced("1.500", "2,50").replace("p1@x.de", "nobody")
    found = desk.check(text)
    assert found["inferred"]["decimal"]["total"] | {"file": ""} == {
        "value": ",",
        "column": "total",
        "row": 2,
        "file": "",
    }
    rejects = found["rejects_file"]
    Path(rejects).write_text(Path(rejects).read_text().replace("nobody", "p1@x.de"))
    assert desk.run("check", rejects).code == 2
    ids = desk.check({"ids.csv": HEADER + f"17.0,nobody,5,{AT}\nA18,a@x.de,5,{AT}\n"})["rejects_file"]
    assert desk.run("check", ids)["invalid"] == 1, "that all its ids end in .0 proves nothing"
    again = desk.run("check", rejects, decimal=",")
    assert (again["ready"], again["amount"], again["inferred"]) == (1, {"ready": "2.50"}, {})


@pytest.mark.parametrize("frame", FRAMES)
def test_a_late_discovery_makes_no_duplicates_of_what_came_before(tmp_path: Path, frame: int) -> None:
    text = dated(*[AT] * 9, "03/04/2024 10:00 +0000", "13/04/2024 10:00 +0000") + f'99,p99@x.de,"1.234,5",{AT}\n'
    with surveyed(write(tmp_path, {"orders.csv": text}), frame=frame) as survey:
        assert survey.account.counts.verdicts == {"ready": 12}
        assert len(list(survey.events(1, None))) == 12


# The same key twice

SAME, OTHER = f"1,a@x.de,5,{AT}\n", f"1,a@x.de,6,{AT}\n"


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize(
    ("rows", "conflict", "sent", "invalid", "duplicate"),
    [
        ([SAME, SAME, SAME], "reject", [5], 0, 2),
        ([SAME, OTHER], "reject", [], 2, 0),
        ([SAME, SAME, OTHER, SAME], "reject", [], 4, 0),
        ([SAME, OTHER], "first", [5], 0, 1),
        ([SAME, OTHER], "last", [6], 0, 1),
        ([SAME, OTHER, SAME], "first", [5], 0, 2),
        ([SAME, OTHER, SAME], "last", [5], 0, 2),
        ([OTHER, SAME, SAME, OTHER, OTHER], "last", [6], 0, 4),
        ([SAME, OTHER.replace("a@x.de", "bad")], "reject", [5], 1, 0),
        ([OTHER.replace("6", "free"), SAME], "first", [5], 1, 0),
    ],
)
def test_the_same_key_twice(
    tmp_path: Path, rows: list[str], conflict: str, sent: list[int], invalid: int, duplicate: int, frame: int
) -> None:
    rows = [*rows, orders(7, header="")]
    for files in ({"o.csv": HEADER + "".join(rows)}, {f"{n}.csv": HEADER + row for n, row in enumerate(rows)}):
        with surveyed(write(tmp_path, files), mapping_of(on_conflict=conflict), frame=frame) as survey:
            amounts = [json.loads(event.body)["amount"] for event in survey.events(1, None)]
            assert amounts == [*sent, 7.5]
            found = survey.account.counts.verdicts
            assert (found["ready"], found["invalid"], found["duplicate"]) == (len(sent) + 1, invalid, duplicate)
            if invalid > 1:
                assert survey.account.counts.codes == {"conflicting_duplicate": invalid}


def test_the_message_on_conflicts_names_the_usual_cause(desk: Desk) -> None:
    assert "source.group_by" in desk.check(HEADER + SAME + OTHER).rejects[0]["_reason"]


# One token of several people


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("field", ["comet_token", "tracking_id"])
def test_a_shared_token_rejects_all_its_events(tmp_path: Path, field: str, frame: int) -> None:
    mapping = MAPPING.replace("at}", f"at, {field}: token}}")
    who = [
        ("a@x.de", "t"),
        ("A@x.de", "t"),
        ("b@x.de", "u"),
        ("c@x.de", "v"),
        ("", "v"),
        ("d@x.de", "v"),
        ("d@x.de", ""),
    ]
    rows = [f"{n},{email},5,{AT},{token}\n" for n, (email, token) in enumerate(who)]
    names = write(tmp_path, {"orders.csv": "id,email,total,at,token\n" + "".join(rows)})
    with surveyed(names, mapping, frame=frame) as survey:
        assert [event.order_id for event in survey.events(1, None)] == ["0", "1", "2", "6"]
        lacking = {"missing_identity": 1} if field == "tracking_id" else {}
        assert survey.account.counts.codes == {"shared_identity": 3} | lacking


# The ledger


def accepted(key: str, email: str = "p1@example.com", amount: str = "1.5", at: str = AT, **identity: str) -> Accepted:
    who = {"token": None, "fingerprint": None, "ip": None, **identity}
    return Accepted(key, at, amount, identity_digests(email or None, **who))


@pytest.mark.parametrize(
    ("before", "verdict", "changed"),
    [
        (accepted("purchase:1"), "already", 0),
        (accepted("purchase:1", "P1@EXAMPLE.com"), "already", 0),
        (accepted("purchase:1", amount="2"), "already", 1),
        (accepted("purchase:1", at="2024-05-01T10:00:01Z"), "already", 1),
        (accepted("purchase:1", "", token="t"), "already", 1),
        (accepted("purchase:1", "other@x.de"), "invalid", 0),
        (accepted("purchase:2", "other@x.de"), "ready", 0),
    ],
)
def test_what_the_ledger_knows(tmp_path: Path, before: Accepted, verdict: str, changed: int) -> None:
    path = tmp_path / "ledger.sqlite"
    with SqliteLedger.open(path, "https://a.test:443", "default") as ledger:
        ledger.accept(ledger.begin("backfill upload", "m", None, []), [before])
    names = write(tmp_path, {"orders.csv": orders(1, 1).replace("1.50", "1.5")})
    with surveyed(names, ledger=path) as survey:
        duplicate = {"duplicate": 1, "ready": 1} if verdict == "ready" else {verdict: 2}
        assert (survey.account.counts.verdicts, survey.account.counts.changed) == (duplicate, changed * 2)
        assert survey.account.counts.codes == ({"key_taken": 2} if verdict == "invalid" else {})


KEPT = [accepted("purchase:1"), accepted("purchase:2", "p2@example.com", "2.50")]
ITS, LATER = f"1,P1@example.com,1.50,{AT}", "1,p1@example.com,1.5,2024-06-01T10:00:00Z"


@pytest.mark.parametrize(
    ("rows", "source", "verdicts", "codes", "changed"),
    [
        ([f"1,p1@example.com,free,{AT}"], {}, {"already": 1}, {}, 0),
        ([f"1,,1.5,{AT}"], {}, {"already": 1}, {}, 0),  # what can't be read is no other value
        ([f"1,nobody,1.5,{AT}"], {}, {"already": 1}, {}, 0),
        ([f"1,nobody,9,{AT}"], {}, {"already": 1}, {}, 1),
        (["1,nobody,1.5,2024-06-01T10:00:00Z"], {}, {"already": 1}, {}, 1),
        (["1,nobody,9,2024-06-01T10:00:00Z"], {}, {"invalid": 1}, {"invalid_email": 1}, 0),  # another shop's
        (["1,p1@example.com,1.5,"], {}, {"already": 1}, {}, 0),
        ([ITS, ITS], {}, {"already": 2}, {}, 0),
        ([LATER, LATER], {}, {"already": 2}, {}, 2),
        ([ITS, LATER], {}, {"already": 1, "invalid": 1}, {"conflicting_duplicate": 1}, 0),
        ([ITS, f"1,bob@x.de,1.5,{AT}"], {}, {"already": 1, "invalid": 1}, {"conflicting_duplicate": 1}, 0),
        ([f"2,p2@example.com,9,{AT}", f"2,p2@example.com,8,{AT}"], {}, {"invalid": 2}, {"conflicting_duplicate": 2}, 0),
        ([ITS, f"1,p1@example.com,free,{AT}"], {}, {"already": 1, "invalid": 1}, {"invalid_amount": 1}, 0),
        ([f"1,,1.5,{AT}", ITS], {}, {"already": 1, "invalid": 1}, {"missing_identity": 1}, 0),
        ([ITS, LATER], {"on_conflict": "first"}, {"already": 1, "duplicate": 1}, {}, 0),
        ([LATER, ITS], {"on_conflict": "first"}, {"already": 2}, {}, 1),
        ([ITS, LATER], {"on_conflict": "last"}, {"already": 2}, {}, 1),
        ([ITS, LATER], {"group_by": "id"}, {"invalid": 1}, {"conflicting_rows": 1}, 0),
        ([f"1,bob@x.de,1.5,{AT}"] * 2, {}, {"invalid": 2}, {"key_taken": 2}, 0),
    ],
)
@pytest.mark.parametrize("frame", [1, 100])
def test_of_several_the_one_that_the_ledger_has_is_taken(
    tmp_path: Path,
    rows: list[str],
    source: dict[str, str],
    verdicts: dict[str, int],
    codes: dict[str, int],
    changed: int,
    frame: int,
) -> None:
    path = tmp_path / "ledger.sqlite"
    with SqliteLedger.open(path, "https://a.test:443", "default") as ledger:
        ledger.accept(ledger.begin("backfill upload", "m", None, []), KEPT)
    names = write(tmp_path, {"orders.csv": HEADER + "\n".join(rows)})
    with surveyed(names, mapping_of(**source), ledger=path, frame=frame) as survey:
        assert (survey.account.counts.verdicts, survey.account.counts.codes, survey.account.counts.changed) == (
            verdicts,
            codes,
            changed,
        )


@pytest.mark.parametrize(
    ("rows", "verdicts", "codes", "changed"),
    [
        ([ITS], {"already": 1}, {}, 0),
        ([f"1,new@x.de,1.5,{AT}"], {"already": 1}, {}, 1),
        ([f"1,new@x.de,1.5,{AT}"] * 2, {"already": 2}, {}, 2),
        ([f"1,new@x.de,free,{AT}"], {"invalid": 1}, {"invalid_amount": 1}, 0),
        ([f"1,new@x.de,1.5,{AT}", f"1,other@x.de,1.5,{AT}"], {"invalid": 2}, {"conflicting_duplicate": 2}, 0),
        ([ITS, f"2,new@x.de,2.5,{AT}"], {"already": 1, "invalid": 1}, {"key_taken": 1}, 0),  # not deleted
    ],
)
@pytest.mark.parametrize("resend", [False, True])
def test_what_an_undo_has_deleted_goes_out_for_whom_the_file_names_by_now(
    tmp_path: Path, rows: list[str], verdicts: dict[str, int], codes: dict[str, int], changed: int, resend: bool
) -> None:
    """Once somebody says so, and each by its key: an undo may have deleted only some."""
    path = tmp_path / "ledger.sqlite"
    with SqliteLedger.open(path, "https://a.test:443", "default") as ledger:
        ledger.accept(ledger.begin("backfill upload", "m", None, []), KEPT)
        ledger.delete(1, "purchase:1", "evt_1")
    names = write(tmp_path, {"orders.csv": HEADER + "\n".join(rows)})
    with surveyed(names, mapping_of(timezone="UTC"), ledger=path, resend=resend) as survey:
        already, counts = verdicts.get("already", 0), survey.account.counts
        sent = {"ready": 1, "duplicate": already - 1} if resend and already else {}
        rest = {verdict: n for verdict, n in verdicts.items() if verdict == "invalid" or not resend}
        assert (counts.verdicts, counts.codes) == ({v: n for v, n in (sent | rest).items() if n}, codes)
        assert (counts.undone, counts.resent) == ((0, bool(already)) if resend else (already, 0))
        found = list(changes(survey))
        assert counts.changed == (0 if resend else changed) == len({(one.row, one.key) for one in found})
        assert ("identity" in {one.field for one in found}) == (counts.changed > 0)


@pytest.mark.parametrize(("resend", "code"), [(False, "key_taken"), (True, None)])
def test_another_order_under_a_deleted_id_is_left_out_by_nobody_in_silence(
    tmp_path: Path, resend: bool, code: str | None
) -> None:
    """Its person, time and amount are others: another shop's, or all three columns were the wrong ones."""
    path = tmp_path / "ledger.sqlite"
    with SqliteLedger.open(path, "https://a.test:443", "default") as ledger:
        ledger.accept(ledger.begin("backfill upload", "m", None, []), KEPT)
        ledger.delete(1, "purchase:1", "evt_1")
    names = write(tmp_path, {"orders.csv": HEADER + "1,new@x.de,9,2024-06-01"})
    with surveyed(names, mapping_of(timezone="UTC"), ledger=path, resend=resend) as survey:
        counts = survey.account.counts
        assert (counts.codes, counts.verdicts["ready"]) == ({code: 1} if code else {}, int(code is None))


def test_what_an_undo_has_deleted_is_a_likely_double_of_what_was_sent_in_its_place(tmp_path: Path) -> None:
    path, row = tmp_path / "ledger.sqlite", f"1,new@x.de,1.5,{AT}"
    names, other = write(tmp_path, {"orders.csv": HEADER + row, "other.csv": HEADER + f"X-{row}"})
    with SqliteLedger.open(path, "https://a.test:443", "default") as ledger:
        ledger.accept(ledger.begin("backfill upload", "m", None, []), KEPT)
        ledger.delete(1, "purchase:1", "evt_1")
        with surveyed([other], mapping_of()) as survey:
            ledger.accept(ledger.begin("", "m", None, []), [event.accepted for event in survey.events(1, None)])
    with surveyed([names], mapping_of(), ledger=path, resend=True) as survey:
        assert survey.account.counts.codes == {"likely_double": 1}


HASHED = """
mapping: 1
name: leads
source: {timezone: UTC}
events:
  - event_name: lead_generated
    key: [email, event_time]
    fields: {email: email, event_time: at, full_name: id}
"""


@pytest.mark.parametrize(
    ("old", "new", "differs"),
    [
        ("full_name: id", "full_name: total", None),
        ("name: leads", "name: other", None),
        ("UTC", "Europe/Berlin", "timezone"),
        ("{timezone", "{namespace: crm, timezone", "namespace"),
        ("{timezone", "{date_hour: 9, timezone", "date_hour"),
        ("[email, event_time]", "[email]", "recipe for lead_generated"),
        ("[email, event_time]", "[email, event_time, {column: id}]", "recipe for lead_generated"),
        ("event_time: at", "event_time: [at, total]", "recipe for lead_generated"),
        ("fields: {email: email", "fields: {email: {column: email, case: lower}", "recipe for lead_generated"),
        ("    key: [email, event_time]\n", "", None),  # which is the default
        ("full_name: id", "order_id: id", None),  # no hashed key any more
        ("events:", "events:\n  - {event_name: sign_up, fields: {email: email, event_time: at}}", None),
    ],
)
@pytest.mark.parametrize("there", [False, True], ids=["others", "the same"])
def test_another_recipe_of_hashed_keys(tmp_path: Path, old: str, new: str, differs: str | None, there: bool) -> None:
    """Also where the file has only events that were sent before, and none is ready: each would be a likely double."""
    names = write(tmp_path, {"orders.csv": orders(1)})
    path = tmp_path / "ledger.sqlite"
    with surveyed(names, HASHED) as survey, SqliteLedger.open(path, "https://a.test:443", "default") as ledger:
        ledger.keep_recipe("leads", recipe_of(survey.mapping, survey.settings))
        if there:
            ledger.accept(ledger.begin("", "leads", None, []), [event.accepted for event in survey.events(1, None)])
    assert HASHED.replace(old, new) != HASHED
    with surveyed(names, HASHED.replace(old, new), ledger=path) as survey:
        if differs is None or survey.account.counts.verdicts["already"]:  # the key is the same in spite of it
            refuse_other_recipe(survey)
        else:
            with pytest.raises(UsageError, match=f"made with another {differs} before"):
                refuse_other_recipe(survey)


# Limits, and the second pass


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 40), st.integers(0, 50), st.integers(1, 9))
def test_a_limit_is_spread_over_the_input(
    tmp_path_factory: pytest.TempPathFactory, many: int, limit: int, frame: int
) -> None:
    names = write(tmp_path_factory.mktemp("limit"), {"orders.csv": orders(*range(many))})
    with surveyed(names, frame=frame) as survey:
        picked = [int(event.order_id or "") for event in survey.events(1, limit)]
    assert len(picked) == min(limit, many) and picked == sorted(set(picked))
    if 0 < limit <= many:
        gaps = [later - earlier for earlier, later in zip([-1, *picked], [*picked, many], strict=False)]
        assert max(gaps) <= -(-many // limit) + 1
        assert picked[-1] == many - 1


def test_the_second_pass_takes_only_what_the_first_saw(tmp_path: Path) -> None:
    (name,) = write(tmp_path, {"orders.csv": orders(*range(50))})
    stamp = Path(name).stat()
    with surveyed([name], frame=10) as survey:
        text = Path(name).read_text().replace("49.50", "48.50")
        with Path(name).open("r+") as file:
            file.write(text)
        os.utime(name, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))  # so that only the content shows it
        with pytest.raises(UsageError, match="changed while it was being read"):
            list(survey.events(1, None))


@pytest.mark.parametrize("frame", [1, 2, 20_000])
@pytest.mark.parametrize(("conflict", "taken"), [("first", [10, 30]), ("last", [25, 40])])
def test_first_and_last_are_the_same_wherever_their_rows_are(
    tmp_path: Path, conflict: str, taken: list[int], frame: int
) -> None:
    mapping = mapping_of(group_by="name", on_conflict=conflict)
    orders = {"#1": ("77", 10), "#2": ("77", 25), "#3": ("88", 30), "#4": ("88", 40)}
    head = {name: f"{name},{id_},a@x.de,{total},2024-05-01T10:00:00Z\n" for name, (id_, total) in orders.items()}
    rest = {name: f"{name},,,,\n" for name in orders}
    one, two, three, four = orders
    for rows in (
        [head[name] + rest[name] for name in orders],  # together
        [head[one], head[two], rest[one], head[three], head[four], rest[four], rest[three]],
        [rest[one], head[two], head[one], rest[three], head[four], head[three]],
        [rest[one], head[two], head[one], rest[two], head[three], rest[four], rest[three], head[four]],
    ):
        names = write(tmp_path, {"o.csv": "name," + HEADER + "".join(rows)})
        with surveyed(names, mapping, frame=frame) as survey:
            assert [int(event.amount or 0) for event in survey.events(1, None)] in (taken, taken[::-1])
            assert survey.account.counts.verdicts["duplicate"] == 2
            assert survey.account.counts.amounts["ready"] == sum(taken)
