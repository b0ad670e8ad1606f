"""The repair loop: mended rows count, others come back, and nothing is sent that was not meant."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import datetime
from itertools import compress, product
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from checking import HEADER, MAPPING, TABLES, Checked, Desk, mapping_of, write

from backfill.sandbox import Fault, SandboxThread

AT = "2024-05-01T10:00:00Z"
LATER = "2024-05-02T10:00:00Z"
BAD = f"8,nobody,5,{AT}\n"
TWO = (
    MAPPING
    + "  - event_name: lead_generated\n    where: {email: present}\n    fields: {email: email, event_time: at}\n"
)


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path, capsys)


def mend(found: Checked, row: int = 0, **cells: str) -> str:
    """Replace cells of one row of the reject file; return its name."""
    path = Path(found["rejects_file"])
    text = path.read_bytes().decode("utf-8-sig")
    reader = csv.DictReader(io.StringIO(text, newline=""))
    rows = list(reader)
    rows[row] |= cells
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, reader.fieldnames or [])
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def test_a_spreadsheets_order_number_is_the_old_one_and_a_persons_is_refused(desk: Desk) -> None:
    """Whatever `_was` says: only the key decides."""
    found = desk.check(HEADER + BAD.replace("8", "00012302", 1))
    (row,) = found.rejects
    assert (row["_key"], "_was" in row) == ("purchase:00012302", False)
    for number, code in (("12302", 0), ("12399", 3), ("12302.0", 0)):
        again = desk.run("check", mend(found, id=number, email="a@x.de"))
        assert again.code == code, number
        if code:
            (row,) = again.rejects
            assert row["_code"] == "key_changed" and row["_key"] == "purchase:00012302"
            assert "purchase:12399" in row["_reason"] and "12399" not in again.said
            assert desk.run("check", mend(again, _key=""))["ready"] == 1, "until _key is emptied"
        else:
            assert "changed by a spreadsheet" in again.said and again["ready"] == 1


@pytest.mark.parametrize(("before", "now"), [*product((None, "one", "two"), repeat=2)])
def test_a_key_of_another_namespace_is_changed(desk: Desk, before: str | None, now: str | None) -> None:
    """Whether the mapping's namespace was added, taken away or replaced since, and whatever a spreadsheet did."""
    made = [mapping_of(namespace=one) if one else MAPPING for one in (before, now)]
    found = desk.check(HEADER + BAD.replace("8", "0101", 1), made[0])
    for number in ("0101", "101"):
        again = desk.run("check", mend(found, id=number, email="a@x.de"), mapping=made[1])
        assert again["codes"] == ({} if before == now else {"key_changed": 1})
        said = "changed by a spreadsheet" in again.said
        assert said == (before == now and number == "101")
        if before != now:
            assert again.rejects[0]["_key"] == found.rejects[0]["_key"]


@pytest.mark.parametrize(
    ("at", "saved"), [("Mar 15, 2024 11:23:29", "03/15/24 11:23 AM"), ("2024-03-15T11:23:29", "3/15/2024 11:23")]
)
def test_a_time_that_a_spreadsheet_shortens_makes_the_key_that_it_had(desk: Desk, at: str, saved: str) -> None:
    """Also where the row had none yet, as its address was wrong."""
    mapping = MAPPING.replace("purchase", "lead_generated").replace("order_id: id, ", "")
    mapping = mapping.replace("events:", "source: {timezone: UTC}\nevents:")
    meant = desk.check(HEADER + f'A-1,a@x.de,5,"{at}"\n', mapping)
    found = desk.check(HEADER + f'A-1,a at x.de,5,"{at}"\n', mapping)
    again = desk.run("check", mend(found, at=saved, email="a@x.de"), mapping=mapping)
    assert again["ready"] == meant["ready"] == 1
    assert again["first_event_time"] == meant["first_event_time"] == "2024-03-15T11:23:29Z"


@pytest.mark.parametrize("column", ["email", "total", "at"])
def test_a_cell_mended_in_one_row_counts_for_the_record(desk: Desk, column: str) -> None:
    wrong = {"email": "nobody", "total": "free", "at": "soon"}
    good = {"id": "8", "email": "a@x.de", "total": "5", "at": AT}
    line = ",".join((good | {column: wrong[column]}).values()) + "\n"
    for row in (0, 1):
        found = desk.check({f"o{row}.csv": HEADER + line * 2}, mapping_of(group_by="id"))
        name = mend(found, row, **{column: good[column]})
        assert desk.run("check", name, mapping=mapping_of(group_by="id")).code == 0
    found = desk.check({"o3.csv": HEADER + line * 3}, mapping_of(group_by="id"))
    mend(found, 0, **{column: good[column]})
    name = mend(found, 1, **{column: {"email": "b@x.de", "total": "6", "at": "2024-05-02"}[column]})
    again = desk.run("check", name, mapping=mapping_of(group_by="id", timezone="UTC"))
    assert again["codes"] == {"conflicting_rows": 1}, "mended twice, in two ways"


def test_an_amount_that_a_person_mended_is_no_spreadsheets(desk: Desk) -> None:
    """Also where it was mended in a row that was rejected for another cell."""
    rows = f"8,a@x.de,20.00,{AT}\n8,a@x.de,2000,{AT}\n9,nobody,1990,{AT}\n7,nobody,1.200,{AT}\n"
    made = mapping_of(group_by="id", decimal=".")
    found = desk.check(HEADER + rows, made)
    mend(found, 1, total="20.00")
    mend(found, 2, total="19.90", email="b@x.de")
    name = mend(found, 3, total="1200", email="c@x.de")
    asked = desk.run("check", name, mapping=made)
    assert (
        asked.code == 2 and "column total: 1 cell (first in row 4) is another number or day than it was" in asked.said
    )
    again = desk.run("check", mend(found, 3, _was=""), mapping=made)
    assert (again.code, again["amount"]["ready"]) == (0, "1239.90")
    mend(found, 3, _was="id=7&total=1.200")
    again = desk.run("check", mend(found, 3, total="1.2"), mapping=made)
    assert again["amount"]["ready"] == "41.10" and "empty _was in its row" in again.said


WRONG = [  # the cell that was wrong, what is there now, whether in a sheet, and what is ready, rejected and said
    ({"id": "5.40E+12"}, 5400000000000, True, (0, 1, True)),
    ({"id": "5.40E+12"}, "5400000000000", False, (0, 1, True)),
    ({"id": "5.40E+12"}, "5404319552844", False, (1, 0, False)),
    ({"total": "12%"}, 0.12, True, (0, 1, True)),
    ({"total": "12%"}, "12.00%", False, (0, 1, False)),
    ({"total": "12%"}, "0.12", False, (1, 0, False)),
    ({"total": "1.5E+3"}, "1500", False, (1, 0, False)),
    ({"at": "7.5.2024 10:30 Uhr"}, "2024-05-07T10:30:00", True, (1, 0, False)),
    ({"at": "7 May"}, "2024-05-07", True, (1, 0, False)),
    ({"at": "05/06/2024 10:00 +0000"}, datetime(2024, 5, 6, 10), True, (0, 1, True)),
    ({"at": "05/06/2024"}, datetime(2024, 5, 6), True, (0, 1, True)),
    ({"at": "05/06/2024"}, "2024-06-05", False, (1, 0, False)),
    ({"at": "05/06/2024"}, "2024-06-05T10:00:00Z", True, (1, 0, False)),
    ({"total": "x"}, "3", False, (1, 0, False)),
]


@pytest.mark.parametrize(("wrong", "now", "sheet", "becomes"), WRONG)
def test_what_a_spreadsheet_makes_of_a_wrong_cell_is_no_mend(
    desk: Desk, wrong: dict[str, str], now: Any, sheet: bool, becomes: tuple[int, int, bool]
) -> None:
    """A number and a day of its own; what a person writes who knows better is taken."""
    order = {"id": "7", "email": "a@x.de", "total": "5", "at": AT} | wrong
    other = f"8,nobody,5,{AT}\n9,c@x.de,6,{AT}\n"
    made = mapping_of(timezone="UTC")
    found = desk.check(HEADER + ",".join(order.values()) + "\n" + other, made)
    assert found["invalid"] == 2, found.said
    (name,) = wrong
    if sheet:
        header, *lines = csv.reader(Path(found["rejects_file"]).read_text().splitlines())
        book = openpyxl.Workbook()
        first = [now if at == name else cell for at, cell in zip(header, lines[0], strict=True)]
        for cells in (header, first, lines[1]):
            book.active.append(["b@x.de" if cell == "nobody" else cell for cell in cells])
        path = desk.folder / "mended.xlsx"
        book.save(path)
    else:
        mend(found, 1, email="b@x.de")
        path = Path(mend(found, 0, **{name: now}))
    again = desk.run("check", str(path), mapping=made)
    said = "changed by a spreadsheet" in again.said
    assert (again["ready"] - 1, again["invalid"], said) == becomes, again.said


def test_a_sound_cell_beside_a_wrong_one_is_a_spreadsheets_to_change(desk: Desk) -> None:
    """All rows of an order bear its reason, and the amounts of most were right."""
    rows = f"8,a@x.de,1.200,{AT}\n8,a@x.de,x,{AT}\n"
    made = mapping_of(group_by="id", sum=["total"], decimal=",")
    found = desk.check(HEADER.replace(",", ";") + rows.replace(",", ";"), made)
    path = Path(found["rejects_file"])
    mended = path.read_text().replace(";x;", ";3;")
    for now, ready in (("1200", "1203.00"), ("1.2", None)):
        path.write_text(mended.replace(";1.200;", f";{now};"))
        again = desk.run("check", str(path), mapping=made)
        assert again["amount"].get("ready") == ready, again.said
        assert again.code == (0 if ready else 2)


@pytest.mark.parametrize("source", [{}, {"group_by": "id"}, {"group_by": "id", "sum": ["total"]}])
def test_an_export_next_to_its_reject_file_is_warned_of_unless_each_row_counts_once(
    desk: Desk, source: dict[str, Any]
) -> None:
    """In whichever order they are named; each of them alone is as it is."""
    made = mapping_of(**source)
    found = desk.check(f"{HEADER}{BAD}9,b@x.de,6,{AT}\n", made)
    files = [str(desk.folder / "orders.csv"), mend(found, email="a@x.de")]
    for names in (files, files[::-1], files[:1], files[1:]):
        again = desk.run("check", *names, mapping=made)
        assert ("upload the reject file alone" in again.said) == (len(names) == 2 and "sum" not in source)
        assert (again.code == 0) == (files[0] not in names or (len(names) == 2 and "sum" in source)), again.said


@pytest.mark.parametrize("refused", [False, True])
def test_a_partial_sum_never_goes_out(desk: Desk, refused: bool) -> None:
    """Whichever rows of an order were deleted, and whoever had rejected it, unless `_was` is emptied in the others."""
    made, mail = mapping_of(group_by="id", sum=["total"]), "a@x.de" if refused else "nobody"
    lines = [f"8,{mail},{total},{AT}\n" for total in (10, 20, 30)]
    files = {"o.csv": HEADER + "".join(lines[:2]), "p.csv": HEADER + "".join(lines)}  # they overlap
    if refused:
        with SandboxThread(faults=[Fault(status=422)]) as sandbox:
            names = {"base_url": sandbox.url, "api_key": "sandbox"}
            found = desk.run("upload", *write(desk.folder, files), mapping=made, **names)
    else:
        found = desk.check(files, made)
    path = Path(found["rejects_file"])
    header, *rows = path.read_text().replace("nobody", "a@x.de").splitlines()
    for kept in product((False, True), repeat=3):
        left = list(compress(rows, kept))
        for emptied in (False, True):
            texts = [line.rpartition(",")[0] + "," if emptied else line for line in left]
            path.write_text("\n".join([header, *texts]) + "\n")
            again = desk.run("check", str(path), mapping=made)
            if emptied or len(left) in (0, 3):
                total = sum(compress((10, 20, 30), kept))
                assert again["amount"].get("ready", "0.00") == f"{total}.00" and again.code == 0
            else:
                assert again["codes"] == {"conflicting_rows": 1} and again["ready"] == 0
                assert f"had 3 rows and has {len(left)}" in again.rejects[0]["_reason"]


def test_only_what_was_rejected_is_sent_again(desk: Desk) -> None:
    """The lead was sent, under a key of its time; the purchase was not. A time that changes makes no second lead."""
    found = desk.check(HEADER + f"8,a@x.de,free,{AT}\n", TWO)
    assert (found["ready"], found["invalid"]) == (1, 1)
    name = mend(found, total="5", at="2024-05-01T10:00:01Z")
    again = desk.run("check", name, mapping=TWO)
    assert (again["ready"], again["by_event"].keys()) == (1, {"purchase"})


NAMED = {  # how a template names its events
    "constant": "sign_up",
    "by a cell": "{column: stage, map: {won: subscribe}}",
    "by another": "{column: other, map: {hot: schedule}}",
    "by the same": "{column: stage, map: {Won!: contact, won: contact}}",
}
NAMES_APART = [  # the templates in their order, and what is wrong in one of them
    ("constant", "by a cell", "mail"),
    ("by a cell", "constant", "mail"),
    ("constant", "by a cell", "stage"),
    ("by a cell", "constant", "stage"),
    ("by another", "by a cell", "stage"),
    ("by a cell", "by another", "mail"),
    ("by a cell", "by the same", "stage"),
    ("by the same", "by a cell", "stage"),
]


@pytest.mark.parametrize(("one", "two", "what"), NAMES_APART)
def test_a_row_gives_no_event_again_that_it_was_not_rejected_for(desk: Desk, one: str, two: str, what: str) -> None:
    """Wherever the events' names come from, and though nobody knows the key that the rejected one will have."""
    faulty, sound = (two, one) if what == "stage" and two == "by a cell" else (one, two)
    made = "mapping: 1\nname: t\nevents:\n"
    for template in (one, two):
        mail = "mail" if template == faulty else "email"
        made += f"  - event_name: {NAMED[template]}\n"
        made += f"    fields: {{email: {mail}, event_time: at, order_name: {{value: {template}}}}}\n"
    events = desk.folder / "events.jsonl"
    row = {"email": "a@x.de", "mail": "b@x.de", "at": AT, "stage": "won", "other": "hot"}
    wrong = row | {what: "Won!"}
    found = desk.check(f"{','.join(row)}\n{','.join(wrong.values())}\n", made, events=events)
    assert [json.loads(line)["order_name"] for line in events.read_text().splitlines()] == [sound], found.said
    assert found.rejects[0]["_column"] == what and found["invalid"] == 1
    mended = {what: row[what], "at": LATER}
    again = desk.run("check", mend(found, **mended), mapping=made, events=events)
    assert [json.loads(line)["order_name"] for line in events.read_text().splitlines()] == [faulty], again.said


def test_an_event_without_a_name_is_held_to_no_key_of_another(desk: Desk) -> None:
    """The row's other event has one, and both were rejected."""
    made = TWO.replace("lead_generated", "{column: stage, map: {won: subscribe}}")
    found = desk.check(HEADER.replace("\n", ",stage\n") + f"8,a@x.de,free,{AT},Won!\n", made)
    assert [found.rejects[0][name] for name in ("_event", "_key")] == ["purchase|#2", "purchase:8"]
    again = desk.run("check", mend(found, total="5", stage="won"), mapping=made)
    assert (again.code, [*again["by_event"]]) == (0, ["purchase", "subscribe"]), again.said
    again = desk.run("check", mend(found, stage="", total="5"), mapping=made)
    assert (again["ready"], again["codes"]) == (1, {"invalid_event_name": 1}), "what is not mended comes back"


def test_an_event_that_no_longer_exists_is_reported(desk: Desk) -> None:
    paid = MAPPING.replace("events:", 'where: {paid: "true"}\nevents:')
    found = desk.check(HEADER.replace("\n", ",paid\n") + f"8,nobody,5,{AT},true\n", paid)
    again = desk.run("check", mend(found, email="a@x.de", paid="no"), mapping=paid)
    assert again["codes"] == {"key_changed": 1} and "and gives no event" in again.rejects[0]["_reason"]
    assert desk.run("check", mend(again, _key=""), mapping=paid)["without_event"] == 1
    found = desk.check({"b.csv": HEADER.replace("\n", ",paid\n") + f"8,nobody,5,{AT},true\n"}, paid)
    assert desk.run("check", mend(found, email="a@x.de", paid="WAHR"), mapping=paid)["ready"] == 1


def test_an_event_that_a_torn_order_may_have_given_is_none_that_is_lost(desk: Desk) -> None:
    """While a row can't be read, the order is held back under each of its templates, whatever their conditions."""
    mapping = MAPPING.replace("events:", "source: {group_by: id}\nevents:", 1).replace(
        "    fields:", "    where: {paid: 'true'}\n    fields:", 1
    )
    mapping += "  - event_name: add_to_cart\n    where: {paid: 'false'}\n"
    mapping += "    fields: {email: email, order_id: id, event_time: at}\n"
    row = f"8,a@x.de,5,{AT},true"
    found = desk.check(HEADER.replace("\n", ",paid\n") + f"{row}\n{row},x\n", mapping)
    at = next(at for at, one in enumerate(found.rejects) if one["_code"] == "unreadable")
    assert "add_to_cart:8" in found.rejects[1 - at]["_key"]
    name = mend(found, at, id="8", email="a@x.de", total="5", at=AT, paid="true")
    again = desk.run("check", name, mapping=mapping)
    assert (again.code, again["ready"], [*again["by_event"]]) == (0, 1, ["purchase"])


@pytest.mark.parametrize("kept", ["purchase", "lead_generated"])
def test_each_event_that_no_longer_exists_is_reported(desk: Desk, kept: str) -> None:
    """Whatever becomes of the others of its row, until its key is taken out."""
    header, end = HEADER.replace("\n", ",paid,kind\n"), f"{AT}x,true,new\n"
    both = TWO.replace("  - event_name: lead", "    where: {paid: 'true'}\n  - event_name: lead", 1)
    both = both.replace("where: {email: present}", "where: {kind: new}").replace(
        "email: email, event", "email: email, order_id: id, event"
    )
    found = desk.check(header + f"8,a@x.de,5,{end}", both)
    keys = {"purchase": "purchase:8", "lead_generated": "lead_generated:8"}
    assert found.rejects[0]["_key"] == "|".join(keys.values())
    lost = next(iter(keys.keys() - {kept}))
    edit = {"paid": "false"} if kept == "lead_generated" else {"kind": "old"}
    again = desk.run("check", mend(found, at=AT, **edit), mapping=both)
    assert (again["ready"], again["codes"]) == (1, {"key_changed": 1}) and kept in again["by_event"]
    (row,) = again.rejects
    assert (row["_event"], row["_key"]) == (lost, keys[lost])
    undone = desk.run("check", mend(again, paid="true", kind="new"), mapping=both)
    assert (undone["ready"], [*undone["by_event"]]) == (1, [lost])
    meant = desk.run("check", mend(found, _key=keys[kept], at=AT, **edit), mapping=both)
    assert (meant["ready"], meant["codes"], [*meant["by_event"]]) == (1, {}, [kept])


MENDED_OUT = {  # by a condition: a cell as its rows had it, and as it is now
    "total: {at_least: 6}": ("total", ["x"], "5"),
    "email: {not: [eva@own.de]}": ("email", ["nobody"], "eva@own.de"),
    "email: {first_by: at}": ("at", ["soon"], LATER),
    "at: {before: '2024-05-02'}": ("at", ["soon"], LATER),
    "state: [paid]": ("state", ["paid", "open"], "open"),
}


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
@pytest.mark.parametrize("where", MENDED_OUT)
def test_what_a_mended_cell_leaves_out_is_left_out(desk: Desk, where: str, suffix: str) -> None:
    """As the mended export whole would; a cell that was not wrong may have been changed by mistake."""
    made = mapping_of(group_by="id", timezone="UTC").replace("events:", f"where: {{{where}}}\nevents:")
    first = {"id": "7", "email": "a@x.de", "total": "9", "at": "2024-05-01T09:00:00Z", "state": "paid"}
    sound, (name, were, now) = first | {"id": "8", "at": AT}, MENDED_OUT[where]
    other = "email" if name == "total" else "total"
    wrong, edited = [sound | {name: text} for text in were], [sound | {other: "wrong"}]
    for rows, left in ((wrong, {}), (edited, {"key_changed": 1}))[: 1 if "first_by" in where else 2]:
        cells = [[*row.values()] for row in (first, *rows)]
        found = desk.check({f"o.{suffix}": TABLES[suffix]([*sound], cells)}, made)
        rejects = [row | ({other: sound[other], name: now} if row["id"] == "8" else {}) for row in found.rejects]
        path = Path(found["rejects_file"])
        path.write_text(TABLES[suffix]([*rejects[0]], [[*row.values()] for row in rejects]))
        again = desk.run("check", str(path), mapping=made)
        assert (again["codes"], again["without_event"]) == (left, 0 if left else 1), again.said


NEVER_IN = {  # by a condition: a cell that it meets, and one that it does not
    "total: {at_least: 6}": ("total", "9", "5"),
    "email: {not: [eva@own.de]}": ("email", "a@x.de", "eva@own.de"),
    "at: {before: '2024-05-02'}": ("at", AT, LATER),
    "state: [paid]": ("state", "paid", "refunded"),
}


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
@pytest.mark.parametrize("where", NEVER_IN)
def test_what_was_left_out_from_the_start_stays_left_out(desk: Desk, where: str, suffix: str) -> None:
    """Also where its rows disagreed in another cell, and none of its conditions was asked; but by no change."""
    made = mapping_of(group_by="id", timezone="UTC").replace("events:", f"where: {{{where}}}\nevents:")
    made += "  - event_name: add_to_cart\n    where: {state: none}\n    fields: {email: email, event_time: at}\n"
    name, meets, fails = NEVER_IN[where]
    other = "email" if name == "total" else "total"
    order = {"id": "8", "email": "a@x.de", "total": "9", "at": AT, "state": "paid"}
    for was, emptied, left in (
        (fails, {}, {}),
        (fails, {"_was": ""}, {"key_changed": 1}),
        (meets, {}, {"key_changed": 1}),
    ):
        cells = [[*(order | {name: was} | wrong).values()] for wrong in ({}, {other: "wrong"})]
        found = desk.check({f"o.{suffix}": TABLES[suffix]([*order], cells)}, made)
        assert found["codes"] == {"conflicting_rows": 1}
        rejects = [row | {other: order[other], name: fails} | emptied for row in found.rejects]
        path = Path(found["rejects_file"])
        path.write_text(TABLES[suffix]([*rejects[0]], [[*row.values()] for row in rejects]))
        again = desk.run("check", str(path), mapping=made)
        assert (again["codes"], again["without_event"]) == (left, 0 if left else 1), again.said
        assert not left or "was rejected as" in again.rejects[0]["_reason"]


@pytest.mark.parametrize(
    "mails",
    [
        ("a@x.de", "b@x.de", "c@x.de"),
        ("a@x.de", "b@x.de", ""),
        ("a@x.de", "", "b@x.de"),
        ("a@x.de", "b@x.de", "b@x.de"),
    ],
)
def test_a_row_that_is_deleted_leaves_nothing_out(desk: Desk, mails: tuple[str, ...]) -> None:
    """The others of its order may lack what it had."""
    made = mapping_of(group_by="id").replace("events:", "where: {state: [paid]}\nevents:")
    rows = [f"8,{mail},5,{AT},{state}\n" for mail, state in zip(mails, ("paid", "", ""), strict=True)]
    found = desk.check(HEADER.replace("\n", ",state\n") + "".join(rows), made)
    assert found["codes"] == {"conflicting_rows": 1}
    path, (_, *left) = Path(found["rejects_file"]), found.rejects
    path.write_text(TABLES["csv"]([*left[0]], [[*(row | {"email": "a@x.de"}).values()] for row in left]))
    assert desk.run("check", str(path), mapping=made)["codes"] == {"key_changed": 1}


SENT = "2024-05-01T10:07:31Z"


@pytest.mark.parametrize(
    ("was", "now", "cures"),
    [
        (f"5,{SENT}", f"5.00,{SENT}", {"delete the row"}),
        (f"5,{AT}", f"5,{AT}", {"delete the row"}),
        ("5,1714557600", "5,1714557600", {"delete the row"}),
        (f"5,{SENT}", f"6,{SENT}", {"namespace"}),
        (f"5,{SENT}", f"5,{LATER}", {"namespace"}),
        # Orders of two shops may have the same day, their prices and small numbers.
        ("5,2024-05-01", "5,2024-05-01", {"delete the row", "namespace"}),
        ("5,01.05.2024", "5,2024-05-01", {"delete the row", "namespace"}),
        ("5,2024-05-01 00:00:00", "5,2024-05-01 00:00:00", {"delete the row", "namespace"}),
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata"])
def test_the_order_of_a_person_who_changed_goes_out_under_no_other_key(
    desk: Desk, was: str, now: str, cures: set[str], zone: str
) -> None:
    """Another source's order does, once the mapping says that it is one; where that is open, the reason says so."""
    with SandboxThread() as sandbox:
        names = {"base_url": sandbox.url, "api_key": "sandbox"}
        made = {"timezone": zone, "date_order": "dmy"}
        for file, line in {"o.csv": f"8,a@x.de,{was}\n", "p.csv": f"8,new@x.de,{now}\n"}.items():
            found = desk.run("upload", *write(desk.folder, {file: HEADER + line}), mapping=mapping_of(**made), **names)
        assert found["codes"] == {"key_taken": 1}
        reason = found.rejects[0]["_reason"]
        assert {cure for cure in ("delete the row", "namespace") if cure in reason} == cures
        assert ("do not show" in reason) == (len(cures) > 1)
        again = desk.run("check", found["rejects_file"], mapping=mapping_of(namespace="b", **made), **names)
        assert (again["ready"], again["codes"]) == ((1, {}) if "namespace" in cures else (0, {"key_changed": 1}))


def test_a_mapping_that_states_how_the_export_is_written_says_nothing_of_what_was_saved(desk: Desk) -> None:
    made = mapping_of(delimiter=";", encoding="cp1252")
    found = desk.check({"o.csv": (HEADER + BAD.replace("8", "é8", 1)).replace(",", ";").encode("cp1252")}, made)
    text = Path(found["rejects_file"]).read_text("cp1252")
    for delimiter, encoding in ((",", "utf-8-sig"), ("\t", "utf-16"), (";", "cp1252"), (";", "utf-8")):
        saved = text.replace(";", delimiter).replace("nobody", "a@x.de").encode(encoding)
        again = desk.check({"saved.csv": saved}, made)
        assert (again["ready"], again.code) == (1, 0), (delimiter, encoding, again.said)


@pytest.mark.parametrize("stated", ["utf-8", "utf-16", "utf-16-le", "shift_jis"])
@pytest.mark.parametrize("saved", ["cp1252", "utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_the_bytes_say_in_which_encoding_a_reject_file_was_saved(desk: Desk, stated: str, saved: str) -> None:
    made = MAPPING.replace("email: email", "email: email, full_name: name")
    found = desk.check({"o.csv": f"id,email,total,at,name\n8,nobody,5,{AT},Zo\n".encode(stated)}, made, encoding=stated)
    text = Path(found["rejects_file"]).read_bytes().decode(stated).replace("nobody", "a@x.de")
    text = text.replace("Zo", "Zoë Müller")
    again = desk.check({"saved.csv": text.encode(saved)}, made, encoding=stated, events=desk.folder / "events.jsonl")
    assert (again["ready"], again.code) == (1, 0), again.said
    assert json.loads((desk.folder / "events.jsonl").read_text())["full_name"] == "Zoë Müller"


def taken_for_windows_1252(text: str) -> str:
    """What a spreadsheet shows of a file in UTF-8 that has no mark."""
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in text.encode())


@pytest.mark.parametrize("letters", ["Nº1", "Zoë", "Ágnes à", "“x” …", "Łódź", "日本", "Ã©", "é\u0301 ½"])
@pytest.mark.parametrize("column", ["id", "name", "key"])
def test_letters_that_a_spreadsheet_has_taken_for_others_are_as_they_were(
    desk: Desk, letters: str, column: str
) -> None:
    """In cells and in keys: else the event would go out under a second one."""
    made = MAPPING.replace("email: email", "email: email, full_name: name")
    made += "    idempotency_key: {template: 'k-{name}'}\n" if column == "key" else ""
    cells = {"id": "8", "name": "Zoé"} | {"name" if column == "key" else column: letters}
    found = desk.check({"o.csv": f"id,email,total,at,name\n{cells['id']},nobody,5,{AT},{cells['name']}\n"}, made)
    text = Path(found["rejects_file"]).read_bytes().decode().replace("nobody", "a@x.de")
    events = []
    for name, data in {"a.csv": text.encode(), "b.csv": taken_for_windows_1252(text).encode("utf-8-sig")}.items():
        again = desk.check({name: data}, made, events=desk.folder / "events.jsonl")
        assert (again["ready"], again.code) == (1, 0), again.said
        events.append((desk.folder / "events.jsonl").read_text())
    assert events[0] == events[1]
    assert "changed by a spreadsheet" in again.said


def test_letters_that_a_person_puts_right_make_another_key(desk: Desk) -> None:
    """What `_was` shows was so in the export, and may have been taken under its key."""
    found = desk.check(HEADER + BAD.replace("8", "NÂº8", 1))
    again = desk.run("check", mend(found, id="Nº8", email="a@x.de"))
    assert again["codes"] == {"key_changed": 1}


def test_a_reject_file_of_an_earlier_release_can_be_uploaded(desk: Desk) -> None:
    header = HEADER.strip() + ",_row,_event,_code,_field,_reason\n"
    again = desk.check({"o.rejects.csv": header + f"8,a@x.de,5,{AT},1,purchase,invalid_email,email,no\n"})
    assert again["ready"] == 1
    assert "a reject file without _key: nobody can tell what a spreadsheet has changed" in again.said
    assert Path(desk.check({"p.rejects.csv": header + f"8,bad,5,{AT},1,,,,\n"})["rejects_file"]).read_text() == (
        "_row,_event,_code,_field,_column,_reason,_key," + HEADER
        + f"1,purchase,invalid_email,email,email,not one e-mail address,purchase:8,8,bad,5,{AT}\n"
    )  # fmt: skip


@pytest.mark.parametrize("code", ["undelivered", "invalid_email|unknown_outcome"])
def test_what_may_have_been_accepted_is_not_sent_again_without_its_key(desk: Desk, code: str) -> None:
    """A spreadsheet has made 8 of 0008, and nothing in a file of an earlier release says so."""
    header = HEADER.strip() + ",_row,_event,_code,_field,_reason\n"
    rows = f"8,a@x.de,5,{AT},1,purchase,{code},,no answer\n9,b@x.de,5,{AT},2,purchase,invalid_email,email,no\n"
    found = desk.check({"o.rejects.csv": header + rows})
    assert (found["ready"], found["codes"]) == (1, {"key_changed": 1})
    assert desk.run("check", found["rejects_file"])["codes"] == {"key_changed": 1}, "nor when it comes back as it is"
    assert desk.run("check", mend(found, _key=""))["ready"] == 1
    line = json.dumps({"id": "8", "email": "a@x.de", "total": 5, "at": AT, "_row": 1, "_event": "purchase"})
    line = line[:-1] + f', "_code": "{code}", "_field": "", "_reason": "no answer"}}\n'
    assert desk.check({"o.rejects.jsonl": line})["codes"] == {"key_changed": 1}


OWN = ["_row,_event,_code", "_code", "_key,_row", "_file", "_raw", "_was", "_row,_event,_code,_field,_reason"]


@pytest.mark.parametrize("names", OWN)
def test_a_columns_name_may_be_that_of_a_mark(desk: Desk, names: str) -> None:
    """Before or after the other columns: it is no mark unless all marks are there, and comes back as it was."""
    some = names.split(",")
    for front in (True, False):
        parts = [some, ["id", "email", "total", "at"]]
        header = parts if front else parts[::-1]
        if not front and len(some) == 5:
            continue  # that is a file of an earlier release
        cells = [["x"] * len(some), ["8", "nobody", "5", AT]]
        cells = cells if front else cells[::-1]
        text = "\n".join(",".join(name for part in line for name in part) for line in (header, cells)) + "\n"
        found = desk.check({f"o{front}.csv": text})
        name = found["rejects_file"]
        Path(name).write_text(Path(name).read_text().replace("nobody", "also bad"))
        again = desk.run("check", name)
        header, row = (line.split(",") for line in Path(again["rejects_file"]).read_text().splitlines())
        assert [cell for cell in row if cell == "x"] == ["x"] * len(some), row


def test_what_a_gap_does_not_ask_for_leaves_nothing_to_other_events(desk: Desk) -> None:
    """Row 1 lacks one of its two purchases; the key of row 2 is another, and the e-mail of row 3 is none."""
    both = MAPPING.replace("    fields: {", "    fields: {do_not_capi: {value: false}, ip: ip, ")
    both += both[both.index("  - event_name") :].replace("order_id: id", "order_id: id2")
    marks = "_row,_event,_code,_field,_column,_reason,_key,"
    rows = (
        f"1,purchase,missing,,,not there,purchase:A1,A1,a@x.de,5,{AT},B1,1.1.1.1",
        f"2,purchase,invalid_email,email,email,no,purchase:OLD2,A2,b@x.de,5,{AT},,",
        f"3,purchase,invalid_email,email,email,no,purchase:C3,C3,nobody,5,{AT},,",
    )
    found = desk.check({"o.missing.csv": marks + HEADER.replace("\n", ",id2,ip\n") + "\n".join(rows) + "\n"}, both)
    keys = {row["_key"] for row in found.rejects if row["_row"] == "2"}
    assert keys == {"purchase:OLD2"}
    assert {row["_key"] for row in found.rejects if row["_row"] == "3"} == {"purchase:C3"}
    assert (found["ready"], found["events"], found["capi_held"], found["dropped_fields"]) == (1, 5, 5, {"ip": 1})


def test_a_key_from_its_own_column_is_the_old_one_too(desk: Desk) -> None:
    pixel = MAPPING.replace("    fields:", "    idempotency_key: pixel\n    fields:")
    found = desk.check(HEADER.replace("\n", ",pixel\n") + f"8,nobody,5,{AT},00771\n", pixel)
    assert found.rejects[0]["_key"] == "'00771", "guarded, as a spreadsheet would take it for 771"
    for number, code in (("771", {}), ("772", {"key_changed": 1})):
        again = desk.run("check", mend(found, pixel=number, email="a@x.de"), mapping=pixel)
        assert again["codes"] == code


def test_a_key_that_lacks_a_part_is_no_key(desk: Desk) -> None:
    """It is not a hash of the values that are left: after the repair, the hash would be another."""
    lines = [f"5.41E+12,a@x.de,5,{AT}\n", f"5.41E+12,b@x.de,5,{AT}\n", f",a@x.de,free,{AT}\n"]
    found = desk.check(HEADER + "".join(lines), mapping_of(group_by="id"))
    assert [row["_key"] for row in found.rejects] == ["", "", ""]
    lead = MAPPING.replace("purchase", "lead_generated").replace("order_id: id", "comet_token: id")
    found = desk.check({"l.csv": HEADER + f"tok,nobody,5,{AT}\n"}, lead)
    assert found.rejects[0]["_key"] == "", "its token alone is not what it is made of"
    assert desk.run("check", mend(found, email="a@x.de"), mapping=lead)["ready"] == 1


def test_a_decimal_point_that_other_rows_showed_goes_with_the_command(desk: Desk) -> None:
    """The rows that are left do not show it: nobody could tell thousands from thousandths."""
    found = desk.check(f"{HEADER}8,nobody,1.200,{AT}\n9,b@x.de,20.50,{AT}\n")
    assert found["inferred"]["decimal"]["total"]["value"] == ".", "which the command that is printed carries"
    name = mend(found, email="a@x.de")
    assert desk.run("check", name).code == 2
    assert desk.run("check", name, mapping=mapping_of(decimal="."))["amount"] == {"ready": "1.20"}


MOVED = {
    "added behind": lambda names: [*names, "Comment"],
    "added in front": lambda names: ["Done", *names],
    "added on both sides": lambda names: ["Done", *names, "Comment"],
    "two deleted": lambda names: [name for name in names if name not in ("_reason", "_column")],
    "marks behind": lambda names: [*names[7:], *names[:7]],
    "sorted": sorted,
}


@pytest.mark.parametrize("how", MOVED)
def test_a_reject_file_stays_one_whatever_a_person_did_to_its_columns(desk: Desk, how: str) -> None:
    """The keys are held against, what a spreadsheet did is taken back, and what could not be read still can't be."""
    where = MAPPING.replace("    fields:", "    where: {email: present}\n    fields:")
    found = desk.check(f'{HEADER}00012302,nobody,5,{AT}\n0009,n,5,{AT}\n7,"b@x.de,5,{AT}\n', where)
    assert found["codes"] == {"invalid_email": 2, "unreadable": 1}
    path = Path(found["rejects_file"])
    reader = csv.DictReader(io.StringIO(path.read_text(), newline=""))
    rows = list(reader)
    rows[0] |= {"id": "12302", "email": "a@x.de"}
    rows[1] |= {"id": "8", "email": "c@x.de"}
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, MOVED[how](reader.fieldnames or []), restval="ask Eva", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    again = desk.run("check", str(path), mapping=where)
    assert (again["ready"], again["codes"]) == (1, {"key_changed": 1, "unreadable": 1}), again.said


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
@pytest.mark.parametrize(
    "left",
    [
        "_field,_column,_reason,_key", "_row,_event,_code,_field,_column,_reason",
        "_event,_code,_field,_column,_reason,_key",
        "_code,_field,_reason", "_row,_key", "_key", "_row,_code", "_code", "_was", "_was,_row",
    ],
)  # fmt: skip
def test_a_reject_file_without_its_row_or_key_is_refused(desk: Desk, suffix: str, left: str) -> None:
    """Nothing would hold an id that was edited to its key, and it would infer."""
    order = {"id": "001", "email": "nobody", "total": "5", "at": AT, "shop": "x"}
    text = f"{','.join(order)}\n{','.join(order.values())}\n" if suffix == "csv" else json.dumps(order)
    path = Path(desk.check({f"orders.{suffix}": text})["rejects_file"])
    if suffix == "csv":
        (row,) = csv.DictReader(path.read_text().splitlines())
    else:
        row = json.loads(path.read_text())
    row = {name: (row | {"_was": "id=001&email=nobody"})[name] for name in [*order, *left.split(",")][::-1]}
    path.write_text(f"{','.join(row)}\n{','.join(row.values())}\n" if suffix == "csv" else json.dumps(row))
    again = desk.run("check", str(path))
    assert again.code == 2 and "of the columns that a reject file has" in again.said, again.said


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
@pytest.mark.parametrize(
    "own",
    [
        {"_row": "7"}, {"_key": "abc"}, {"_row": "7", "_key": "abc"}, {"_code": "SUMMER"}, {"_code": "refused"},
        {"_row": "7", "_code": "ok"}, {"_row": "A7", "_key": "purchase:8"}, {"_was": "open"}, {"_event": "purchase"},
        {"_row": "7", "_event": "purchase"}, {"_key": "purchase:8", "order": "8"},
        {"": "0", "_row": "7"}, {"": "", "_key": "k1"},
    ],
)  # fmt: skip
def test_one_or_two_columns_that_say_what_no_reject_file_does_are_the_exports(
    desk: Desk, suffix: str, own: dict[str, str]
) -> None:
    made = MAPPING.replace("total", "total, order_name: _key") if "order" in own else MAPPING
    row = {"id": "8", "email": "a@x.de", "total": "5", "at": AT} | own
    assert desk.check({f"o.{suffix}": TABLES[suffix]([*row], [[*row.values()]])}, made)["ready"] == 1


@pytest.mark.parametrize("cell", ["5.40E+12", "#N/A", "NULL", ""])
@pytest.mark.parametrize(
    "made",
    [
        "order_id: {template: 'wc-{shop}-{id}'}",
        "order_id: {column: id, strip: ['#']}",
        "order_id: {column: id, extract: '([0-9]+)'}",
        "order_id: {column: id, replace: {'E+': 'x', '#': 'n'}}",
        "order_id: shop",
    ],
)
def test_an_id_or_key_of_damaged_cells_is_none(desk: Desk, cell: str, made: str) -> None:
    """Whatever is made of them: two orders that were cut to one text would be one."""
    mapping = MAPPING.replace("order_id: id", made)
    if made.endswith("shop"):
        mapping = mapping.replace("    fields:", "    idempotency_key: id\n    fields:")
    found = desk.check(f"id,email,total,at,shop\n{cell},a@x.de,5,{AT},s1\n77,b@x.de,5,{AT},s2\n", mapping)
    if made.endswith("shop") and cell in ("NULL", ""):
        assert found["ready"] == 2, "which the id stands in for"
        return
    assert (found["ready"], found["invalid"]) == (1, 1), found.said
    (row,) = found.rejects
    assert {"missing_order_id", "invalid_order_id"} & {*row["_code"].split("|")} and row["_key"] == ""
    again = desk.run("check", mend(found, id="76"), mapping=mapping)
    assert (again["ready"], again["codes"]) == (1, {})


@pytest.mark.parametrize("key", ["[{column: id}]", "[order_name]"])
def test_an_event_with_nothing_that_its_key_is_made_of_is_rejected(desk: Desk, key: str) -> None:
    lead = MAPPING.replace("purchase", "lead_generated").replace("order_id: id", "order_name: id")
    lead = lead.replace("    fields:", f"    key: {key}\n    fields:")
    found = desk.check(f"{HEADER}1,a@x.de,5,{AT}\n,b@x.de,5,{AT}\n", lead)
    assert (found["ready"], found["codes"], found.code) == (1, {"missing_order_id": 1}, 3)
    assert desk.run("check", mend(found, id="2"), mapping=lead)["ready"] == 1


@pytest.mark.parametrize("sort", [True, False])
def test_a_reject_file_of_json_stays_one_whatever_a_program_did_to_its_keys(desk: Desk, sort: bool) -> None:
    found = desk.check({"o.jsonl": json.dumps({"id": "001", "email": "nobody", "total": 5, "at": AT})})
    path = Path(found["rejects_file"])
    order = json.loads(path.read_text()) | {"email": "a@x.de", "note": "asked Eva"}
    path.write_text(json.dumps(order, sort_keys=sort))
    assert desk.run("check", str(path))["ready"] == 1
    path.write_text(json.dumps(order | {"id": "002"}, sort_keys=sort))
    again = desk.run("check", str(path))
    assert again["codes"] == {"key_changed": 1} and not desk.run("check", again["rejects_file"])["ready"]


PHONED: dict[str, dict[str, Any]] = {  # by the mapping's path, what an order has of it
    "phone": {"phone": "+4930123456"},
    "customer.phone": {"customer": {"phone": "+4930123456"}},
    "lines.0.phone": {"lines": [{"phone": "+4930123456"}]},
}


def with_phone(path: str) -> str:
    return MAPPING.replace("event_time: at", f"event_time: at, phone: {path}")


def as_objects(found: Sequence[dict[str, Any]], array: bool) -> str:
    return json.dumps(found, indent=1) if array else "".join(json.dumps(one) + "\n" for one in found)


@pytest.mark.parametrize("array", [True, False])
@pytest.mark.parametrize("path", PHONED)
def test_what_rejected_objects_leave_out_reads_as_empty(desk: Desk, path: str, array: bool) -> None:
    """As it did where they were rejected, beside others that have it; and as it is said."""
    sound = {"id": "1", "email": "a@x.de", "total": "5", "at": AT}
    wrong, bare = sound | {"id": "2", "email": "nobody"}, {"note": "no order", "orders": [sound | PHONED[path]]}
    name, mapping = "o.json" if array else "o.jsonl", with_phone(path)
    files = {
        name: as_objects([sound | PHONED[path], wrong, bare], array),
        f"p{name}": as_objects([sound | {"id": "4"}], array),
    }
    found = desk.check(files, mapping)
    assert found["codes"]["invalid_email"] == 1 and found["rows"] == 4
    rejects = found.rejects
    again = desk.run("check", found["rejects_file"], mapping=mapping)
    assert (again["codes"], again["rows"]) == (found["codes"], 2), again.said
    assert f"has the column {path}, which the mapping names" in again.said
    for alone in rejects:
        Path(found["rejects_file"]).write_text(as_objects([alone], array))
        left = desk.run("check", found["rejects_file"], mapping=mapping)
        assert left["codes"].items() <= found["codes"].items() and left["rows"] == 1, left.said
    mended = [row | {"email": "b@x.de"} for row in rejects if row.get("id")]
    Path(found["rejects_file"]).write_text(as_objects(mended, array))
    assert desk.run("check", found["rejects_file"], mapping=mapping)["ready"] == 1


def test_what_no_rejected_object_of_this_export_leaves_out_is_refused(desk: Desk) -> None:
    """That of an export, of a reject file of another one, and of one whose names have other letters by now."""
    order = {"id": "2", "email": "nobody", "total": "5", "at": AT}
    mapping, lines = with_phone("phone"), as_objects([order | {"phone": ""}, order | {"id": "3"}], False)
    found = desk.check({"o.jsonl": lines}, mapping)
    path, (_, lacks) = found["rejects_file"], found.rejects
    other = {name if name[0] == "_" else f"o_{name}": cell for name, cell in lacks.items()} | {"_column": "o_email"}
    capitals = {name.upper(): cell for name, cell in lacks.items()}
    for row in (other, {"PHONE": "1"} | lacks, order, capitals):
        Path(path).write_text(as_objects([row], False))
        again = desk.run("check", path, mapping=mapping)
        assert again.code == 2 and "no line of it has the column" in again.said, again.said
    again = desk.check({"q.jsonl": as_objects([lacks], False), "r.jsonl": as_objects([order], False)}, mapping)
    assert again.code == 2 and "no line of it has the column 'phone'" in again.said
