"""Files as programs and people leave them: quotes, widths, headers that come again, lines without end."""

import csv
import io
from pathlib import Path

import pytest
from checking import HEADER, MAPPING, ROW, Desk, events_of, orders, write
from hypothesis import given, settings
from hypothesis import strategies as st

from backfill.read.lines import cells_of
from backfill.read.rows import LONGEST, Layout
from backfill.read.tables import csv_rows

NAMED = MAPPING.replace("at}", "at, full_name: name}") + "source: {optional: [name]}\n"
TIME = "2024-05-01T10:00:00Z"


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def names_of(folder: Path, text: str, mapping: str = NAMED) -> list[str]:
    """The orders that would go out, each as id and name."""
    found = events_of(write(folder, {"orders.csv": text}), mapping)
    return [f"{event['order_id']} {event.get('full_name', '')}".strip() for event in found]


# Quotes as some programs write them


@pytest.mark.parametrize("d", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "cell",
    [
        ' "Lee, Ann; x"',
        '"Lee, Ann; x" ',
        ' \u00a0 "Lee, Ann; x"  ',
        '\ufeff"Lee, Ann; x"',
        '"Lee, Ann; x"',
    ],
)
def test_blanks_beside_quotes(tmp_path: Path, d: str, cell: str) -> None:
    rows = [d.join([f'"{n}"', f' "p{n}@example.com"', '"1.50" ', TIME, cell]) for n in (1, 2)]
    text = "\n".join([f"{d} ".join(["id", "email", '"total"', "at", "name"]), *rows, ""])
    assert names_of(tmp_path, text) == ["1 Lee, Ann; x", "2 Lee, Ann; x"]


@pytest.mark.parametrize("d", [",", ";", "\t"])
@pytest.mark.parametrize(
    ("cell", "name"),
    [
        (r'"Ann \"Annie\" Lee"', 'Ann "Annie" Lee'),
        (r'"\"Lee\", Ann"', '"Lee", Ann'),
        (r'"Ann \"A, B; C\""', 'Ann "A, B; C"'),
        (r'"C:\dir\\ \"x\""', r'C:\dir\ "x"'),
        ('"say \\"hi\nyou\\""', 'say "hi\nyou"'),
        (r'"\"Ann"', '"Ann'),
        ('"Ann\\""', 'Ann"'),
        ('"C:\\dir\\"', "C:\\dir\\"),  # as csv has it: nothing speaks for another reading
        (r"a\b", r"a\b"),
    ],
)
def test_a_backslash_before_a_quote(tmp_path: Path, d: str, cell: str, name: str) -> None:
    rows = [d.join([str(n), f"p{n}@example.com", "1", TIME, cell]) for n in (1, 2)]
    text = "\n".join([d.join(["id", "email", "total", "at", "name"]), *rows, d.join(["3", "c@x.de", "1", TIME, "Cem"])])
    assert names_of(tmp_path, text) == [f"1 {name}", f"2 {name}", "3 Cem"]


@pytest.mark.parametrize("d", [",", ";", "\t"])
@pytest.mark.parametrize("header", [True, False])
def test_a_line_in_one_quoted_cell(tmp_path: Path, d: str, header: bool) -> None:
    lines = [d.join(["id", "email", "total", "at", "name"])]
    lines += [d.join([str(n), f"p{n}@example.com", "1", TIME, f'"Lee{d} ""{n}"""']) for n in (1, 2)]
    wrapped = ['"' + line.replace('"', '""') + '"' for line in lines]
    text = "\r\n".join([wrapped[0] if header else lines[0], *wrapped[1:], d.join(["3", "c@x.de", "1", TIME, "Cem"])])
    assert names_of(tmp_path, text) == [f'1 Lee{d} "1"', f'2 Lee{d} "2"', "3 Cem"]


def test_rejects_of_odd_quotes_come_back(desk: Desk) -> None:
    rows = [r'1, "a@x.de", "x", "T", "Lee, \"A\""', r'"2,b@x.de,x,T,""Lee, B"""', '3 ,"c@x.de","x" ,T,Cem,']
    found = desk.check("\n".join(["id,email,total,at,name", *rows, ""]).replace("T", TIME), NAMED)
    assert [(row["id"].strip(), row["name"]) for row in found.rejects] == [("1", 'Lee, "A"'), ("2", "Lee, B"), ("", "")]
    assert found["unreadable"] == 1, "a cell too many in one row alone is no trailing delimiter"


@settings(max_examples=25)
@given(
    st.lists(st.lists(st.text('ab,\\" ', max_size=5), min_size=3, max_size=3), min_size=1, max_size=4),
    st.sampled_from([",", ";"]),
)
def test_what_csv_writes_reads_as_csv_reads_it(rows: list[list[str]], d: str) -> None:
    """Backslashes and blanks within rightly quoted cells are characters."""
    header = ("a", "b", "c")
    layout = Layout("csv", header, (0, 1, 2), header, delimiter=d)
    for row in rows:
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=d, quoting=csv.QUOTE_ALL).writerow(row)
        assert cells_of(text.getvalue(), layout) == row


# Widths


@pytest.mark.parametrize("d", [",", ";"])
@pytest.mark.parametrize("more", [1, 3])
@pytest.mark.parametrize("header", [0, 1, 3])
@pytest.mark.parametrize("rows", [True, False])
def test_delimiters_at_the_end(desk: Desk, d: str, more: int, header: int, rows: bool) -> None:
    lines = [
        f"{line}{d * (header if not at else more if rows else 0)}" for at, line in enumerate(orders(1, 2, 3).split())
    ]
    found = desk.check("\n".join(lines).replace(",", d))
    assert (found.code, found["ready"], found["amount"]["ready"]) == (0, 3, "7.50")


def test_a_cell_lost_or_won_is_no_trailing_delimiter(desk: Desk) -> None:
    ended = [line + "," for line in orders(*range(1, 8), header="").split()]
    lost = f"8,p8@example.com,{TIME},"
    won = f"9,p9@example.com,1,50,{TIME}"
    found = desk.check(HEADER + "\n".join([*ended, lost, won, ROW.format(6, 6, 6).strip()]))
    assert (found["ready"], found["unreadable"], found["duplicate"]) == (7, 2, 1)
    assert set(found.codes) == {"8", "9"}


def test_columns_without_a_name_that_hold_something_stay(desk: Desk) -> None:
    rows = "".join(f"{n},p{n}@x.de,1,{TIME},note {n}\n" for n in (1, 2)) + f"3,p3@x.de,x,{TIME},note 3\n"
    found = desk.check(HEADER.strip() + ",\n" + rows)
    assert (found["ready"], found["invalid"]) == (2, 1)
    assert found.rejects[0][""] == "note 3"


# A header that comes again


@pytest.mark.parametrize(
    "again",
    [
        "id,email,total,at",
        "ID,Email, Total ,AT",
        '"id","email","total","at"',
        "\ufeffid,email,total,at",
        '\ufeff"id","email","total","at"',
        "Orders of May\nid,email,total,at",
    ],
)
def test_a_header_again_is_passed_over(desk: Desk, again: str) -> None:
    found = desk.check("Orders of May\n" + orders(1) + again + "\n" + orders(2, header="") + again + "\n")
    assert (found.code, found["ready"], found["amount"]["ready"]) == (0, 2, "4.00")
    assert "2 rows repeat the header (first row" in found.said


@pytest.mark.parametrize(
    "again", ["email,id,total,at", "id,total,email,at", "ID,Email,at,Total", "id,email,total,at,name", "id,email,total"]
)
@pytest.mark.parametrize("rows", [1, 4000])
def test_other_columns_within_stop_it(desk: Desk, again: str, rows: int) -> None:
    found = desk.check(orders(*range(rows)) + again + "\n")
    assert found.code == 2 and f"row {rows + 1} is a header of its own" in found.said


def test_names_in_cells_are_no_header(desk: Desk) -> None:
    found = desk.check("id,email,total,at,name\n" + "".join(f"id,p{n}@x.de,1,{TIME},email\n" for n in range(3)))
    assert found["events"] == 3


# Marks, ends, lengths


@pytest.mark.parametrize("start", ["\ufeff", "\ufeff\ufeff", "\ufeff\ufeff\ufeff", "sep=,\r\n", "\ufeffsep=,\n"])
@pytest.mark.parametrize("end", ["", "\x1a", "\r\n\x1a", "\r\n\x1a\x1a"])
def test_marks_before_and_behind(desk: Desk, start: str, end: str) -> None:
    text = orders(1, 2).replace("id,email", '"id","email"').replace("\n", "\r\n").strip()
    found = desk.check(start + text + end)
    assert (found.code, found["rows"], found["ready"]) == (0, 2, 2)


@pytest.mark.parametrize("name", ['"""id"""', "\u200bid", "' id'", '"""ID"" "'])
def test_names_with_something_around_them(desk: Desk, name: str) -> None:
    assert desk.check(orders(1, header=f"{name},email,total,at\n"))["ready"] == 1


def test_mixed_line_ends(desk: Desk) -> None:
    rows = orders(*range(1, 7)).split("\n")
    found = desk.check(
        "".join(row + end for row, end in zip(rows, ["\r\n", "\n", "\r", "\r\n", "\r", "\n", ""], strict=False))
    )
    assert (found["rows"], found["ready"]) == (6, 6)


def test_long_cells_are_cells(desk: Desk) -> None:
    note = "x\n" * 140_000
    text = orders(1, 2, header=f"id,email,total,at,{'n' * 140_000}\n").replace("Z\n", f'Z,"{note}"\n')
    found = desk.check(text)
    assert (found.code, found["rows"], found["ready"]) == (0, 2, 2)


def test_a_line_without_end_costs_itself() -> None:
    header = ("id", "email", "total", "at")
    text = orders(1, header="") + '2,"' + "x" * (LONGEST + 10) + "\n" + orders(3, header="")
    layout = Layout("csv", header, (0, 1, 2, 3), header, named=4)
    found = list(csv_rows(io.StringIO(text, newline=""), layout, 0))
    assert [number for rows in found for number in rows.numbers.tolist()] == [1, 2, 3]
    ((text, reason),) = [(rows.text(at), reason) for rows in found for at, reason in rows.broken.items()]
    assert (len(text), reason) == (1000, "a line of more than 8,388,608 characters")
