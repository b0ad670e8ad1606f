"""Headers of more than one row, and with one name on several columns."""

from pathlib import Path
from typing import Any

import pytest
from checking import HEADER, Desk, events_of, mapping_of, orders, write

QUESTIONS = 'Your order?,"Your address, please","How\nmuch?",When?\n'
TIME = "2024-05-01T10:00:00Z"


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def ids_of(folder: Path, text: str, **source: Any) -> list[str]:
    return [event["order_id"] for event in events_of(write(folder, {"orders.csv": text}), mapping_of(**source))]


# The first of several columns of one name


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("id,email,total,at,email", "2 and 5"),
        ("id,Email,total,at,EMAIL ", "2 and 5"),
        ("email,id,email,total,at,email", "1, 3 and 6"),
        ("id,email,total,at,mail,e-mail", None),  # other columns, which no mapping asks for
        ("id,mail,total,at,e-mail,mail", "2 and 6"),  # an alias's
    ],
)
def test_of_one_name_the_first_is_read(desk: Desk, header: str, columns: str | None) -> None:
    names = header.split(",")
    cells = {"id": "1", "total": "5", "at": TIME}
    row = ",".join(cells.get(name, f"p{at}@example.com") for at, name in enumerate(names, 1))
    made = mapping_of(aliases={"email": ["mail"]})
    found = desk.check(f"{header}\n{row}\n", made)
    assert (found["rows"], found["ready"]) == (1, 1)
    said = f"the header has 'email' {len(columns.replace('and', ',').split(','))} times" if columns else ""
    assert (f"{said}, in columns {columns}; the first is read" in found.said) == (columns is not None)
    first = next(at for at, name in enumerate(names, 1) if name.strip().lower() in ("email", "mail"))
    [event] = events_of([str(desk.folder / "orders.csv")], made)
    assert event["email"] == f"p{first}@example.com"


def test_two_aliases_of_one_column_are_two_columns(desk: Desk) -> None:
    text = f"id,mail,e-mail,total,at\n1,a@example.com,b@example.com,5,{TIME}\n"
    found = desk.check(text, mapping_of(aliases={"email": ["mail", "e-mail"]}))
    assert found.code == 2
    assert "the header has 'email' as 'mail' and as 'e-mail'; name one of them in the mapping" in found.said


def test_a_reject_file_keeps_both_columns(desk: Desk) -> None:
    text = f"id,email,total,at,email\n1,a@example.com,5,{TIME},x\n2,b@example.com,5,soon,y\n"
    assert desk.check(text, mapping_of())["invalid"] == 1
    [rejects] = desk.folder.glob("*.rejects.csv")
    rejects.write_text(rejects.read_text().replace("soon", TIME))
    assert "b@example.com,5," + TIME + ",y" in rejects.read_text()
    assert desk.run("check", str(rejects), mapping=mapping_of())["ready"] == 1


# Further rows of the header


@pytest.mark.parametrize("above", ["", "Answers of May\n\n"])
def test_rows_of_the_header_are_no_rows(tmp_path: Path, above: str) -> None:
    others = QUESTIONS + "\nids,4,5,6\n"
    text = above + HEADER + others + orders(1, 2, header="")
    found = ids_of(tmp_path, text, header_rows=3)
    assert found == ["1", "2"]


def test_a_reject_file_has_one_header_row(desk: Desk) -> None:
    made = mapping_of(header_rows=2)
    text = HEADER + QUESTIONS + orders(1, header="") + f"2,b@example.com,5,soon\n3,,5,{TIME}\n"
    found = desk.check(text, made)
    assert (found["rows"], found["ready"], found["invalid"]) == (3, 1, 2)
    [rejects] = desk.folder.glob("*.rejects.csv")
    again = desk.run("check", str(rejects), mapping=made)
    assert (again["rows"], again["invalid"]) == (2, 2)


def test_glued_files_repeat_all_rows_of_the_header(desk: Desk) -> None:
    one = HEADER + "Your order?,Your address?,How much?,When?\n"
    found = desk.check(one + orders(1, header="") + one + orders(2, header=""), mapping_of(header_rows=2))
    assert (found["ready"], found["without_event"], found["invalid"]) == (2, 2, 0)
    assert "2 rows repeat the header" in found.said


def test_without_it_the_questions_are_a_reject(desk: Desk) -> None:
    found = desk.check(HEADER + QUESTIONS + orders(1, header=""), mapping_of())
    assert (found["ready"], found["invalid"]) == (1, 1)


# What stands above it


@pytest.mark.parametrize(
    ("above", "refused"),  # None: where rows below show how ids are written
    [
        ("1,p1@example.com,5,2024-05-01T10:00:00Z\n2,p2@example.com,5,2024-05-02T10:00:00Z\n", True),
        ("1,,5.00,13/05/2024\n", True),
        ("2,p2@example.com,,05/13/2024 10:00\n", True),
        ("2,p2@example.com,5.00,\n", True),  # not paid
        ('2,unknown,"€ 1.234,50",\n', None),
        ("2024-05-01,,,2024-05-31\n", False),
        ("12,,1234.50,\n", False),
        ("2,,,13/05/2024\n", None),
        ("RPT-10293,,,2024-05-01 10:12\n", False),
        ("acct_1Nf3,owner@shop.com,,\n", False),
        ("1,Orders:,150.00,\n", False),
        ("1,Orders,150.00,Sum\n", False),
        ("#1,#2,#3,#4\n1,2,3,4\n", False),
        ("Q1 total,,12.50,\n", False),
        ("Orders,,,\nFrom,2024-05-01,To,2024-05-31\n", False),  # as spreadsheets save a title
        ("Total,,12.50,\nExported at,,,2024-05-01T10:00:00Z\n", False),
        ("Sent to,p1@example.com,,\n,,,\n", False),
        ("sep=,\n", False),
    ],
)
@pytest.mark.parametrize("below", ["3,p3@example.com,5,2024-05-03T10:00:00Z\n", ""])
def test_a_row_above_it_is_not_passed_over(desk: Desk, above: str, refused: bool | None, below: str) -> None:
    refused = bool(below) if refused is None else refused
    found = desk.check(f"{above}id,email,total,at\n{below}", mapping_of(timezone="UTC", date_order="dmy"))
    assert ("is above the header" in found.said) == refused
    assert found.code == (2 if refused else 0)
