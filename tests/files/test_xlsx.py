"""Workbooks: what a cell reads as, which sheet is read, and what a person is told of what a sheet does to data."""

import gzip
import io
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from checking import Desk, events_of, mapping_of, orders, write
from workbooks import rewritten, workbook

from backfill.convert.layout import find_mapping, format_of
from backfill.errors import SourceError
from backfill.fields.typed import TYPED
from backfill.files.encoding import detect_encoding
from backfill.files.open import open_parts
from backfill.files.workbook import Workbook
from backfill.mapping import load as loaded_preset

HEADER = ("id", "email", "total", "at")
GOOD = ("1", "a@x.de", 5, "2024-05-01T10:00:00Z")
NOON = datetime(2024, 5, 31, 12, 0)


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def texts(book: bytes) -> list[list[str]]:
    """The cells of the first sheet as they are read."""
    opened = Workbook(io.BytesIO(book), "orders.xlsx")
    opened.sheet.text.seek(0)
    lines = opened.sheet.text.read().decode().replace(TYPED, "").splitlines()
    opened.close()
    return [line.split("\t") for line in lines]


CELLS: list[tuple[Any, str]] = [
    (1001, "1001"),
    (123456789012345, "123456789012345"),
    (1234567890123456, "1.23456789012346E+15"),
    (5.4e20, "5.4E+20"),
    (19.99, "19.99"),
    (0.1 + 0.2, "0.3"),
    (118.881, "118.881"),
    (1234.567, "1234.567"),
    (1e-7, "0.0000001"),
    (-0.0, "0"),
    ((1234.5, '"$"#,##0.00'), "1234.5"),
    ((0.15, "0%"), "0.15"),
    (True, "TRUE"),
    ("0012", "0012"),
    (" ' x", " ' x"),
    (datetime(2024, 5, 31, 14, 3, 7), "2024-05-31T14:03:07"),
    (datetime(2024, 5, 31, 14, 3, 7, 500_000), "2024-05-31T14:03:07.500"),
    (date(2024, 5, 31), "2024-05-31"),
    (time(9, 5), "09:05:00"),
    (timedelta(hours=26, minutes=30), "26:30:00"),
    ("#N/A", "#N/A"),
    ("#REF!", "#REF!"),
]


def test_what_a_cell_reads_as() -> None:
    """A column each, as a column's dates depend on each other."""
    (found,) = texts(workbook([[value for value, _ in CELLS]]))
    assert found == [text for _, text in CELLS]
    (since_1904,) = texts(workbook([[datetime(2024, 5, 31, 14, 3, 7)]], since_1904=True))
    assert since_1904 == ["2024-05-31T14:03:07"]


MIDNIGHT = datetime(2024, 5, 31)


@pytest.mark.parametrize(
    ("form", "alone"),
    [
        ("yyyy-mm-dd", True),
        ("m/d/yyyy", True),
        ("[$-407]d. mmmm yyyy;@", True),
        ('d"th of" mmm yy', True),
        ("yyyy-mm-dd hh:mm:ss", False),
        ("m/d/yy h:mm", False),
        ("[$-409]m/d/yy h:mm AM/PM;@", False),
    ],
)
def test_a_day_among_moments_is_one_that_is_shown_so(form: str, alone: bool) -> None:
    days = [["x"], [(MIDNIGHT, form)]]
    (_, (shown,), _) = texts(workbook([*days, [(NOON, "yyyy-mm-dd hh:mm")]]))
    assert shown == ("2024-05-31" if alone else "2024-05-31T00:00:00")
    (_, (shown,), _) = texts(workbook([*days, [(NOON, form)]]))
    assert shown == "2024-05-31T00:00:00", "all of the column are shown so"
    (_, (shown,)) = texts(workbook(days))
    assert shown == "2024-05-31"


def test_the_events_are_those_of_a_csv(desk: Desk) -> None:
    text = orders(1, 2, 3)
    rows = [line.split(",") for line in text.splitlines()]
    rows[1:] = [[int(number), email, float(total), at] for number, email, total, at in rows[1:]]
    book = workbook(rows)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("orders.xlsx", book)
    files = {"a.csv": text, "b.xlsx": book, "c.csv": book, "d.xlsx.gz": gzip.compress(book), "e.zip": packed.getvalue()}
    a, *others = [events_of([name]) for name in write(desk.folder, files)]
    assert len(a) == 3 and all(other == a for other in others)
    several = desk.check({"f.xlsx": book, "g.xlsx": workbook([HEADER, GOOD])})
    assert (several["rows"], several["ready"], several["invalid"]) == (4, 2, 2), "order 1 differs"
    assert desk.check(files | {"a.csv": text}).code == 2, "one format at a time"


def test_times_without_an_offset_need_a_zone(desk: Desk) -> None:
    book = workbook([HEADER, (*GOOD[:3], NOON), (2, *GOOD[1:3], date(2024, 5, 31))])
    assert "timezone" in desk.check({"orders.xlsx": book}).said
    first, second = events_of(write(desk.folder, {"orders.xlsx": book}), mapping_of(timezone="Europe/Berlin"))
    assert (first["event_time"], second["event_time"]) == ("2024-05-31T10:00:00Z", "2024-05-31T10:00:00Z")


# --- rows


def test_rows_have_the_numbers_that_a_person_can_count(desk: Desk) -> None:
    """Empty rows and hidden ones count; those at the end do not. The header may be anywhere, with anything above it."""
    rows = [[], ["Orders of May", None], [None], HEADER, GOOD, [None] * 4, (2, "nobody", 5, GOOD[3]), [None], [""]]
    found = desk.check({"orders.xlsx": workbook(rows, hide=[5, 7])}, verbose=True)
    assert (found["rows"], found["ready"], found["without_event"]) == (3, 1, 1)
    assert "header of 4 columns in its row 4: what is called row 1 is its row 5" in found.said
    assert "hides 2 rows (the first is row 5; a filter, perhaps)" in found.said
    assert "Email is" not in found.said and found["codes"] == {"invalid_email": 1}


def test_a_merged_cell_counts_in_its_first_row(desk: Desk) -> None:
    rows = [("Orders", None, None, None), HEADER, GOOD, (None, *GOOD[1:])]
    found = desk.check({"orders.xlsx": workbook(rows, merge=["A1:D1", "A3:A4"])})
    assert "merged over rows 3 to 4: what is in it is read in the first" in found.said
    assert (found["ready"], found["codes"]) == (1, {"missing_order_id": 1})


def test_an_error_is_no_empty_cell(desk: Desk) -> None:
    rows = [HEADER, (1, "#N/A", 5, GOOD[3]), (2, "a@x.de", "#REF!", GOOD[3]), ("#NAME?", *GOOD[1:])]
    assert desk.check({"orders.xlsx": workbook(rows)})["codes"] == {
        "missing_identity": 1,
        "invalid_amount": 1,
        "invalid_order_id": 1,
    }


def test_a_formula_is_its_result(desk: Desk) -> None:
    book = workbook([HEADER, (*GOOD[:2], "=2+3", GOOD[3])])
    found = desk.check({"orders.xlsx": book})
    assert found.code == 2 and "column total: 1 formula has no result (the first is in row 2)" in found.said

    def worked_out(xml: bytes) -> bytes:
        return xml.replace(b"<v></v>", b"<v>5</v>").replace(b"<v />", b"<v>5</v>").replace(b"<v/>", b"<v>5</v>")

    assert desk.check({"orders.xlsx": rewritten(book, "xl/worksheets/sheet1.xml", worked_out)})["ready"] == 1
    beside = workbook([("=NOW()",), (*HEADER, "note"), (*GOOD, "=1+1")])
    assert desk.check({"orders.xlsx": beside})["ready"] == 1, "above the header, and in a column that is not used"


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [
        (731, "00000", "00731"),
        (731, "00", "731"),
        (123456789, "00000", "123456789"),
        (0, "000", "000"),
        (731, "0", "731"),
        (731, "0.00", "731"),
        (731, "#,##000", "731"),
        (7.5, "00000", "7.5"),
        ("731", "00000", "731"),  # a text is what it is
    ],
)
def test_a_number_shown_with_zeros_in_front_has_them(value: float, form: str, shown: str) -> None:
    (*_, (_, read, plain)) = texts(workbook([["Orders"], ["", "id", "n"], ["a", (value, form), 5]]))
    assert (read, plain) == (shown, "5")


def test_numbers_that_stand_for_ids(desk: Desk) -> None:
    ids = [123456789012345, 1234567890123456, 1023.5]
    found = desk.check({"orders.xlsx": workbook([HEADER, *((one, *GOOD[1:]) for one in ids)])})
    assert found["codes"] == {"invalid_order_id": 1} and found["ready"] == 2
    assert "a spreadsheet cut digits off" in found.said
    assert "column id: 1 id is a number with a fraction (the first is in row 4)" in found.said


def test_a_table_that_was_opened_with_the_wrong_delimiter(desk: Desk) -> None:
    """All of a row is in the first column."""
    rows = [["id;email;total;at"], ["1;a@x.de;12,50;2024-05-01T10:00:00Z"]]
    (event,) = events_of(write(desk.folder, {"orders.xlsx": workbook(rows)}), mapping_of(decimal=","))
    assert (event["order_id"], event["amount"]) == ("1", 12.5)


def test_the_mark_of_a_csv_that_was_opened_in_another_encoding_is_no_name(desk: Desk) -> None:
    header = ('\u00ef\u00bb\u00bf"id"', *HEADER[1:])
    assert desk.check({"orders.xlsx": workbook([header, GOOD])})["ready"] == 1


# --- which sheet


def test_the_one_sheet_that_fits_is_read(desk: Desk) -> None:
    one, two = [HEADER, GOOD], [HEADER, GOOD, (2, *GOOD[1:])]
    notes = [["Exported by Ann"], ["1 order"]]
    found = desk.check({"orders.xlsx": workbook(notes, "Notes", more={"May": one, "Empty": []})})
    assert found["ready"] == 1 and "sheet May is read, and not Notes\n" in found.said
    both = {"orders.xlsx": workbook(one, "May", more={"June": two, "Notes": notes})}
    found = desk.check(both)
    assert found.code == 2 and "the sheets May, June all fit; say which with --sheet or source.sheet" in found.said
    assert desk.check(both, sheet="June")["ready"] == desk.check(both, mapping_of(sheet="june"))["ready"] == 2
    found = desk.check(both, sheet="Juni")
    assert found.code == 2 and "no sheet is called Juni; it has May, June, Notes" in found.said
    found = desk.check({"orders.xlsx": workbook(notes, "Notes", more={"Other": notes})})
    assert found.code == 2 and "has the columns" in found.said and "(its sheets: Notes, Other)" in found.said
    book = openpyxl.load_workbook(io.BytesIO(workbook(notes, "Notes", more={"May": one})))
    book["May"].sheet_state = "hidden"
    book.save(hidden := io.BytesIO())
    found = desk.check({"orders.xlsx": hidden.getvalue()})
    assert found.code == 2 and "(its sheets: Notes; and hidden, which only --sheet has read: May)" in found.said
    assert desk.check({"orders.xlsx": hidden.getvalue()}, sheet="May")["ready"] == 1


def test_a_hidden_sheet_that_fits_too_is_said_to_be_left_out(desk: Desk) -> None:
    june = [HEADER, (2, *GOOD[1:]), (3, *GOOD[1:])]
    book = openpyxl.load_workbook(io.BytesIO(workbook([HEADER, GOOD], "May", more={"June": june, "Notes": [["x"]]})))
    book["June"].sheet_state = book["Notes"].sheet_state = "hidden"
    book.save(made := io.BytesIO())
    found = desk.check({"orders.xlsx": made.getvalue()})
    assert found["ready"] == 1 and "1 hidden sheet has the columns, too, and was not read (June)" in found.said
    assert "--sheet" in found.said and "Notes" not in found.said
    named = desk.check({"orders.xlsx": made.getvalue()}, sheet="June")
    assert named["ready"] == 2 and "hidden sheet" not in named.said
    assert "hidden sheet" not in desk.check({"orders.xlsx": made.getvalue()}, sheet="May").said


def test_a_preset_is_chosen_by_the_sheet_that_has_its_header(tmp_path: Path) -> None:
    paypal, deals = (loaded_preset(name).detect for name in ("paypal_activity", "hubspot_deals"))
    one, both = workbook([["Notes"]], more={"2024": [paypal]}), workbook([paypal], more={"Deals": [deals]})
    with open_parts(write(tmp_path, {"one.xlsx": one, "both.xlsx": both})) as parts:
        for part in parts:
            detect_encoding(part, None)
        assert find_mapping(parts[0], format_of(parts[0], None)).name == "paypal_activity"
        with pytest.raises(SourceError, match="the sheets Orders, Deals all fit; say which with --sheet"):
            find_mapping(parts[1], format_of(parts[1], None))


def test_a_note_is_no_table_that_a_mapping_could_be_drafted_for(tmp_path: Path) -> None:
    book = workbook([["Ask Jana"], ["before Friday"]], "Notes", more={"May": [HEADER, GOOD]})
    with open_parts(write(tmp_path, {"orders.xlsx": book})) as parts:
        detect_encoding(parts[0], None)
        found = format_of(parts[0], None).outline(parts[0])
        assert found.layout.columns == tuple(HEADER) and "sheet May is read, and not Notes" in parts[0].warnings[0]


@pytest.mark.parametrize("says_so", [True, False])
def test_a_cell_far_from_its_table_ends_no_process(desk: Desk, says_so: bool) -> None:
    """Room would be made for all cells between, gigabytes of it; some programs do not write how far a sheet goes."""
    book = openpyxl.Workbook(write_only=not says_so)
    sheet = book.active if says_so else book.create_sheet("Orders")
    for row in (HEADER, GOOD):
        sheet.append(row)
    if says_so:
        sheet.cell(row=1_048_576, column=16_384, value="x")
    else:
        sheet.append([None] * 16_000 + ["x"])
        for _ in range(4100):
            sheet.append(["1"])
    book.save(path := desk.folder / "far.xlsx")
    found = desk.check({"orders.xlsx": path.read_bytes()})
    where = "row 1,048,576 and to column 16,384" if says_so else "row 4,103 and to column 16,001"
    assert found.code == 2 and f"reaches to {where}, more than can be read; delete what lies far" in found.said


def test_what_is_said_of_one_workbook_of_a_zip_is_said_once(desk: Desk) -> None:
    hides = [HEADER, GOOD]
    book = openpyxl.load_workbook(io.BytesIO(workbook(hides)))
    book.active.row_dimensions[2].hidden = True
    book.save(path := desk.folder / "hides.xlsx")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.xlsx", workbook([HEADER, (2, *GOOD[1:])]))
        archive.writestr("b.xlsx", path.read_bytes())
    found = desk.check({"orders.zip": packed.getvalue()})
    assert found["ready"] == 2 and found.said.count("hides 1 row") == 1


def test_a_sheet_of_what_is_no_workbook(desk: Desk) -> None:
    assert "no workbook, so without a sheet May" in desk.check(orders(1), sheet="May").said
    assert desk.check(orders(1), mapping_of(sheet="May"))["ready"] == 1, "the mapping's export, saved as CSV"


# --- what is no workbook


def encrypted() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(70_000) + "EncryptedPackage".encode("utf-16-le") + bytes(99)


def misnamed(book: bytes) -> bytes:
    """With another name for the sheet's file before it than in the archive's directory."""
    return book.replace(b"worksheets/sheet1.xml", b"worksheets/sheet9.xml", 1)


@pytest.mark.parametrize(
    ("name", "data", "part"),
    [
        ("orders.xlsx", encrypted(), "protected by a password; save it without one"),
        ("orders.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(9000), "an old Excel workbook (.xls)"),
        ("orders.xlsx", orders(1).encode(), "no workbook but text; name it .csv"),
        (
            "orders.xlsx",
            workbook([HEADER, GOOD])[:4000],
            "a workbook that is damaged or cut short; download or export it again",
        ),
        ("orders.xlsx", rewritten(workbook([HEADER, GOOD]), "xl/worksheets/sheet1.xml", lambda x: x[:300]), "can't be"),
        ("orders.xlsx", rewritten(workbook([HEADER, GOOD]), "xl/workbook.xml", lambda x: x[:300]), "can't be read"),
        ("orders.xlsx", misnamed(workbook([HEADER, GOOD])), "can't be read"),
        ("orders.xlsx", workbook([]), "no line of it has the columns"),
        ("orders.xlsx", b"<html><table><tr><td>id</td>", "a web page"),
    ],
)
def test_one_sentence_says_what_it_is(desk: Desk, name: str, data: bytes, part: str) -> None:
    found = desk.check({name: data})
    assert found.code == 2 and part in found.said, found.said
    assert len(found.said.splitlines()) == 1


def test_a_mapping_may_ask_for_another_format(desk: Desk) -> None:
    assert desk.check({"orders.xlsx": workbook([HEADER, GOOD])}, mapping_of(format="csv", delimiter=";"))["ready"] == 1
    assert "no workbook but text" in desk.check(orders(1), mapping_of(format="xlsx")).said
