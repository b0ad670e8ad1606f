"""Files as programs and people write them: quotes, widths, repeated headers, lines without end."""

import csv
import io
import json
from pathlib import Path

import pytest
from checking import HEADER, MAPPING, ROW, Desk, events_of, orders, write
from hypothesis import given, settings
from hypothesis import strategies as st

from backfill.files.bounded import Bounded
from backfill.files.csv import CSV
from backfill.files.csv_blocks import csv_rows
from backfill.files.csv_lines import cells_of
from backfill.files.format import Layout, Shape
from backfill.files.json_text import values
from backfill.files.quotes import without
from backfill.files.rows import LONGEST

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
def test_blanks_next_to_quotes(tmp_path: Path, d: str, cell: str) -> None:
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
        ('"C:\\dir\\"', "C:\\dir\\"),  # as csv reads it: nothing shows another reading
        (r"a\b", r"a\b"),
    ],
)
def test_a_backslash_before_a_quote(tmp_path: Path, d: str, cell: str, name: str) -> None:
    rows = [d.join([str(n), f"p{n}@example.com", "1", TIME, cell]) for n in (1, 2)]
    text = "\n".join([d.join(["id", "email", "total", "at", "name"]), *rows, d.join(["3", "c@x.de", "1", TIME, "Cem"])])
    assert names_of(tmp_path, text) == [f"1 {name}", f"2 {name}", "3 Cem"]


@pytest.mark.parametrize("d", [",", ";", "\t"])
@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("cell", ['"Lee{} ""{}"""', r'"Lee{} \"{}\""', ' "Lee{} ""{}"""', '"Lee{} ""{}""" '])
def test_a_line_in_one_quoted_cell(tmp_path: Path, d: str, header: bool, cell: str) -> None:
    """Whichever way the quotes in it are written."""
    lines = [d.join(["id", "email", "total", "at", "name"])]
    lines += [d.join([str(n), f"p{n}@example.com", "1", TIME, cell.format(d, n)]) for n in (1, 2)]
    wrapped = ['"' + line.replace('"', '""') + '"' for line in lines]
    text = "\r\n".join([wrapped[0] if header else lines[0], *wrapped[1:], d.join(["3", "c@x.de", "1", TIME, "Cem"])])
    assert names_of(tmp_path, text) == [f'1 Lee{d} "1"', f'2 Lee{d} "2"', "3 Cem"]


@pytest.mark.parametrize("end", [";;", ";", ",,"])
@pytest.mark.parametrize("quoted", [True, False])
@pytest.mark.parametrize("header", ["quoted, ends so", "quoted", "bare"])
def test_what_another_program_added_to_lines_is_no_cell(tmp_path: Path, end: str, quoted: bool, header: str) -> None:
    """The last column is one that may be absent: its name and its cells are kept all the same."""
    if "," in end and not (quoted and header == "quoted, ends so"):
        return
    lines = ["id,email,total,at,name", *(f"{n},p{n}@example.com,1,{TIME},Lee" for n in (1, 2, 3))]
    ended = [f'"{line}"{end}' if quoted else f"{line}{end}" for line in lines]
    first = {"quoted, ends so": ended[0], "quoted": f'"{lines[0]}"', "bare": lines[0]}[header]
    assert names_of(tmp_path, "\r\n".join([first, *ended[1:], ""])) == ["1 Lee", "2 Lee", "3 Lee"]


def test_delimiters_within_cells_are_kept(tmp_path: Path) -> None:
    lines = [
        "id,email,total,at,name",
        *(f"{n},p{n}@example.com,1,{TIME},{'a;b;' if n < 3 else 'a;'}" for n in (1, 2, 3)),
    ]
    assert names_of(tmp_path, "\n".join(lines)) == ["1 a;b;", "2 a;b;", "3 a;"]


@pytest.mark.parametrize(("block", "many"), [(1, 9), (2, 9), (3, 9), (5, 9), (50_000, 200_000)])
def test_what_is_left_over_is_the_same_in_any_blocks(block: int, many: int) -> None:
    text = "a;b;;;\r\nc;;d; \n;;\n\r\n;e;;" + ";" * many + "f;\ng;;"
    source = Bounded(io.StringIO(text, newline=""), ";")
    assert "".join(iter(lambda: source.read(block), "")) == without(";", text)


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
    layout = Layout(CSV, header, (0, 1, 2), header, delimiter=d)
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


@pytest.mark.parametrize("blank", [" ", "\u00a0", "\u200b", '"  "'])
@pytest.mark.parametrize("rows", [[0], [1, 2], [0, 1, 2]])
def test_blanks_beyond_the_header_count_as_nothing(desk: Desk, blank: str, rows: list[int]) -> None:
    header, *lines = orders(1, 2, 3).split()
    found = desk.check("\n".join([header, *(f"{line},{blank if at in rows else ''}" for at, line in enumerate(lines))]))
    assert (found.code, found["ready"]) == (0, 3)


def test_a_missing_or_extra_cell_is_no_trailing_delimiter(desk: Desk) -> None:
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


def test_a_row_with_cells_too_many_is_so_once_a_spreadsheet_has_saved_it(desk: Desk) -> None:
    """It gives all rows as many cells as the longest has, the header too."""
    lines = [f"{line},," for line in orders(*range(1, 4)).split()]
    noted = f"{ROW.format(4, 4, 4).strip()},,called twice"
    won = f"9,p9@example.com,1,250,{TIME},x"
    found = desk.check("\n".join([*lines, noted, won]))
    assert (found["ready"], found["unreadable"]) == (4, 1)
    assert found.rejects[0]["_raw"] == won and "the header has 4" in found.rejects[0]["_reason"]


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
    "again",
    [
        "email,id,total,at",
        "id,total,email,at",
        "ID,Email,at,Total",
        "id,email,total,at,name",
        "id,email,total",
        "id,e-mail,at,total",
        "order_id,email,at,total",
        "order_id,mail,at,total",
        "order_id,mail,total,at",
    ],
)
@pytest.mark.parametrize("rows", [1, 4000])
def test_other_columns_within_stop_it(desk: Desk, again: str, rows: int) -> None:
    made = MAPPING + "source: {aliases: {id: [order_id, order], email: [mail]}}\n"
    found = desk.check(orders(*range(rows)) + again + "\n", made)
    assert found.code == 2 and f"row {rows + 1} is a header of its own" in found.said


@pytest.mark.parametrize("end", ["", ",", ",name"])
@pytest.mark.parametrize(
    ("again", "code"),
    [("id,email,total,at", 3), ("ID,Email,TOTAL,at", 3), ("id,email,at,total", 2), ("order,mail,at,total", 2)],
)
def test_a_header_glued_to_the_last_row(desk: Desk, again: str, code: int, end: str) -> None:
    """Which has no line break at its end, as `cat` leaves it; rows below the same names are read."""
    made = MAPPING + "source: {aliases: {id: [order_id, order], email: [mail]}}\n"
    cells = end.replace("name", "x") + "\n"
    first = orders(1, 2, header="").replace("\n", cells).rstrip("\n")
    last = orders(3, header="").replace("\n", cells)
    found = desk.check(f"{HEADER.strip()}{end}\n{first}{again}{end}\n{last}", made)
    assert found.code == code and ("row 2 has a header at its end" in found.said) == (code == 2)
    assert code == 2 or (found["ready"], found["unreadable"]) == (2, 1)


def test_names_in_cells_are_no_header(desk: Desk) -> None:
    found = desk.check("id,email,total,at,name\n" + "".join(f"id,p{n}@x.de,1,{TIME},email\n" for n in range(3)))
    assert found["events"] == 3


# Marks, ends, lengths


@pytest.mark.parametrize(
    "start", ["\ufeff", "\ufeff\ufeff\ufeff", "ï»¿", "\ufeffï»¿", "Ã¯Â»Â¿", "sep=,\r\n", "\ufeffsep=,\n"]
)
@pytest.mark.parametrize("end", ["", "\x1a", "\r\n\x1a", "\r\n\x1a\x1a"])
def test_marks_at_the_start_and_the_end(desk: Desk, start: str, end: str) -> None:
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


def test_a_line_without_end_costs_no_other_line() -> None:
    header = ("id", "email", "total", "at")
    text = orders(1, header="") + '2,"' + "x" * (LONGEST + 10) + "\n" + orders(3, header="")
    layout = Layout(CSV, header, (0, 1, 2, 3), header, named=4)
    found = list(csv_rows(io.StringIO(text, newline=""), layout, 0))
    assert [number for rows in found for number in rows.numbers.tolist()] == [1, 2, 3]
    ((text, reason),) = [(rows.text(at), reason) for rows in found for at, reason in rows.broken.items()]
    assert (len(text), reason) == (1000, "a line of more than 8,388,608 characters")


@pytest.mark.parametrize(("start", "between", "end"), [("", "\n", "\n"), ("[", ",", "]"), ("[\n", ",\n", "\n]")])
@pytest.mark.parametrize("place", [0, 1])
def test_too_long_an_object_is_unreadable_wherever_it_is(
    desk: Desk, start: str, between: str, end: str, place: int
) -> None:
    one = {"id": 1, "email": "p@x.de", "total": 5, "at": TIME}
    texts = [json.dumps(one | {"id": 2})]
    texts.insert(place, json.dumps(one | {"note": "x" * (LONGEST + 10)}))
    found = desk.check({"o.jsonl": start + between.join(texts) + end})
    assert (found.code, found["rows"], found["ready"], found["unreadable"]) == (3, 2, 1, 1)


# JSON in any shape

OBJECTS = [
    {"id": n, "email": f"p{n}@x.de", "total": "2.50", "at": TIME, "note": 'a "]}{[,\n', "items": [{"sku": "A"}, {}]}
    for n in (1, 2, 3)
]


def answer(*objects: object) -> object:
    """As GraphQL gives a list."""
    edges = [{"cursor": '"node": {', "node": one} for one in objects]
    return {"data": {"shop": {"name": "x", "orders": {"edges": edges, "pageInfo": {"hasNextPage": False}}}}}


EACH = [json.dumps(one) for one in OBJECTS]
PRETTY = [json.dumps(one, indent=2) for one in OBJECTS]


@pytest.mark.parametrize("name", ["orders.json", "orders.jsonl"])
@pytest.mark.parametrize(
    "text",
    [
        "\n".join(EACH),
        "\n".join(PRETTY),
        ",\n".join(PRETTY).replace("\n", "\r\n"),
        json.dumps(OBJECTS),
        json.dumps(OBJECTS, indent="\t"),
        "\ufeff[\n" + ",\n".join(EACH) + "\n]\n",
        "[\n" + "\n,".join(EACH) + "\n]",
        "[" + ",\n".join(EACH) + "]",
        ",\n".join(EACH) + ",\n",
        EACH[0] + EACH[1] + "\n" + EACH[2],
        EACH[0] + "\n" + EACH[1] + ", " + EACH[2],
        "".join("\x1e" + one + "\n" for one in EACH),
        json.dumps({"count": 3, "orders": OBJECTS, "next": None}),
        json.dumps({"meta": {"x": [1, 2]}, "lists": [[{}]], "data": {"orders": OBJECTS}}, indent=1),
        '{"orders": [\n' + ",\n".join(EACH) + "\n]}\n",
        "\n".join(json.dumps({"orders": [one], "more": True}) for one in OBJECTS),
        "\n".join(json.dumps({"shops": [{"id": 1, "name": "x"}], "orders": [one]}, indent=1) for one in OBJECTS),
        json.dumps(OBJECTS[:2]) + "\n" + EACH[2],
        "ï»¿" + json.dumps(OBJECTS),
        json.dumps(answer(*OBJECTS)),
        json.dumps(answer(*OBJECTS), indent=1),
        "\n".join(json.dumps(answer(one)) for one in OBJECTS),
    ],
)
def test_json_in_any_shape(desk: Desk, name: str, text: str) -> None:
    found = desk.check({name: text})
    assert (found.code, found["rows"], found["ready"], found["amount"]["ready"]) == (0, 3, 3, "7.50"), found.said


@pytest.mark.parametrize("between", ["\n", ",\n", "", ", ", "\r\n"])
@pytest.mark.parametrize("start", ["", "[", "[\n", "[\r\n ", '{"orders": [\n'])
@pytest.mark.parametrize("texts", [EACH, PRETTY])
def test_an_object_with_nothing_in_it_is_a_row_wherever_it_is(
    desk: Desk, texts: list[str], start: str, between: str
) -> None:
    if start and "," not in between:
        return
    end = {"": "\n", "{": "\n]}\n"}.get(start[:1], "\n]\n")
    for place in (0, 1):
        rows = [*texts[:place], "{}", *texts[place:]]
        found = desk.check({"o.json": start + between.join(rows) + end})
        assert (found.code, found["rows"], found["ready"]) == (0, 4, 3), (place, found.said)


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("around", ["{}", '{{"orders": {}}}'])
def test_what_is_no_order_in_an_array_costs_no_other_order(desk: Desk, indent: int | None, around: str) -> None:
    listed: list[object] = [OBJECTS[0], 7, {"id": float("nan")}, OBJECTS[1], [1], OBJECTS[2]]
    found = desk.check({"orders.json": around.format(json.dumps(listed, indent=indent))})
    assert (found["rows"], found["ready"], found["unreadable"]) == (6, 3, 3)
    assert [row["_row"] for row in found.rejects] == [2, 3, 5]


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("around", [OBJECTS, {"orders": OBJECTS}, {"a": {"orders": OBJECTS}}])
def test_json_that_ends_early_stops_it(desk: Desk, indent: int | None, around: object) -> None:
    text = json.dumps(around, indent=indent)
    for end in (text.rindex("]"), text.rindex('"sku'), text.rindex("p3@")):
        found = desk.check({"orders.json": text[:end]})
        assert found.code == 2 and "ends within its JSON" in found.said


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("between", [",\n", "\n,", ",\n\n"])
def test_an_array_in_lines_that_ends_early_stops_it(desk: Desk, between: str, end: str) -> None:
    text = "[\n" + between.join(EACH)
    for cut in (text, text + ",\n\n", text[: text.rindex(between)], text[: text.rindex("}") - 2], text[:-1]):
        found = desk.check({"orders.json": cut.replace("\n", end)})
        assert found.code == 2 and "ends within its JSON" in found.said
    for whole in ("]", " ]\n", "\n  ]", "\n],\n\x1a", "\n]\n" + EACH[0].replace("3", "4")):
        assert desk.check({"orders.json": (text + whole).replace("\n", end)})["ready"] >= 3


def test_an_array_in_lines_whose_last_row_is_broken_loses_that_row_alone(desk: Desk) -> None:
    for end in (EACH[-1].replace(", ", ",, ", 1) + "]", EACH[-1] + "];", EACH[-1] + "]\0"):
        found = desk.check({"orders.json": "[\n" + ",\n".join([*EACH[:-1], end])})
        assert (found["ready"], found["unreadable"]) == (len(EACH) - 1, 1)


def test_a_page_without_orders_is_a_row(desk: Desk) -> None:
    found = desk.check({"orders.jsonl": json.dumps({"orders": OBJECTS}) + '\n{"error": "limit"}\n{"orders": []}'})
    assert (found["rows"], found["ready"], found["invalid"]) == (4, 3, 1)


def test_rejects_of_json_come_back(desk: Desk) -> None:
    text = json.dumps({"orders": OBJECTS}, indent=2).replace("2.50", "x")
    found = desk.check({"orders.json": text})
    assert [row["_code"] for row in found.rejects] == ["invalid_amount"] * 3
    path = Path(found["rejects_file"])
    path.write_text(path.read_text().replace('"x"', "1.50"))
    assert desk.run("check", str(path))["amount"]["ready"] == "4.50"


@settings(max_examples=30)
@given(st.lists(st.sampled_from([*EACH, *PRETTY, '"a]"', "7", "[[{}]]", "{}"]), max_size=5), st.integers(1, 40))
def test_pieces_are_the_same_in_any_blocks(several: list[str], block: int) -> None:
    text = '{"a": [{"b": {}}], "o": [' + ", ".join(several) + ', {}], "c": [{"d": []}]}'
    for shape, source in ((Shape(2, ("o",)), text), (Shape(1), text[text.index("[", 20) : text.index('], "c') + 1])):
        found = values(io.StringIO(source).read, shape, "x", block)
        assert [json.loads(f"[{one}]") for one in found] == [json.loads(f"[{one}]") for one in found_in(several)]


def found_in(several: list[str]) -> list[str]:
    """The pieces: each object and each list is one, and all that is between two of them is one together."""
    pieces = [""]
    for one in [*several, "{}"]:
        brackets = one.startswith(("{", "["))
        pieces += [one, ""] if brackets else []
        pieces[-1] += "" if brackets else f"{', ' if pieces[-1] else ''}{one}"
    return [one for one in pieces if one]


@pytest.mark.parametrize(
    ("made", "named"),
    [
        ({"completed": OBJECTS[:1], "processing": OBJECTS[1:]}, "completed and processing"),
        ({"data": {"a": {"orders": OBJECTS}, "b": {"orders": OBJECTS}}}, "data.a.orders and data.b.orders"),
        ({"orders": OBJECTS, "errors": [{"text": "x"}], "customers": [{"id": 1, "email": "a@x.de"}]}, ""),
        ([one | {"refunds": OBJECTS} for one in OBJECTS], ""),  # an order's own
    ],
)
def test_of_two_arrays_of_orders_none_is_passed_over(desk: Desk, made: object, named: str) -> None:
    found = desk.check({"orders.json": json.dumps(made)})
    assert found.code == (2 if named else 0)
    assert (f"{named} are arrays that both have the mapping's columns" in found.said) == bool(named)


@pytest.mark.parametrize("suffix", ["json", "jsonl"])
def test_an_array_that_comes_late_is_not_passed_over(desk: Desk, suffix: str) -> None:
    """In a later page alone."""
    pages: list[dict[str, object]] = [{"completed": OBJECTS[:1]}, {"completed": OBJECTS[1:2], "open": OBJECTS[2:]}]
    found = desk.check({f"pages.{suffix}": "\n".join(map(json.dumps, pages))})
    assert found.code == 2 and "completed and open are arrays that both" in found.said


def test_an_array_that_comes_behind_all_that_is_looked_at_is_not_passed_over(desk: Desk) -> None:
    many = [OBJECTS[0] | {"id": n, "note": "x" * 100} for n in range(9000)]
    beside = [{"text": "x"}] * 3
    for late, code in ((OBJECTS, 2), (beside, 0)):
        found = desk.check({"big.json": json.dumps({"completed": many, "more": {"open": late}})})
        assert (found.code, found["rows"]) == (code, 9000), found.said


def test_a_page_without_rows_has_none(desk: Desk) -> None:
    page = json.dumps({"page": 2, "orders": [], "errors": []})
    assert (desk.check({"a.json": page})["rows"], desk.check({"b.json": page}).code) == (0, 0)
    both = desk.check({"1.json": json.dumps({"page": 1, "orders": OBJECTS}), "2.json": page})
    assert (both["rows"], both["ready"], both.code) == (3, 3, 0)
    order = {"id": 1, "refunds": []}  # which lacks columns, and is no page
    assert desk.check({"c.json": json.dumps(order)}).code == 2
