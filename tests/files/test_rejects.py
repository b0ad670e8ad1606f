"""The reject file: all that a person needs, in the input's own form, and it can be uploaded again as it is."""

import csv
import gzip
import io
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from checking import HEADER, MAPPING, ROW, Checked, Desk, events_of, mapping_of, orders, write

from backfill.sandbox import SandboxThread
from backfill.upload.limits import MaxRejects

AT = "2024-05-01T10:00:00Z"
MARKS = "_row,_event,_code,_field,_column,_reason,_key"
MARKED = ",".join(f'"{mark}":""' for mark in MARKS.split(","))
EARLIER = '"_row":1,"_event":"","_code":"","_field":"","_reason":""'
BAD = f"8,nobody,5,{AT}\n"


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return Desk(tmp_path, capsys)


def repair(found: Checked, *changes: tuple[str, str], encoding: str = "utf-8") -> str:
    """Mend the reject file's text; return its name."""
    path = Path(found["rejects_file"])
    text = path.read_bytes().decode(encoding)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_bytes(text.encode(encoding))
    return str(path)


# What is in it


def test_all_columns_as_they_were(desk: Desk) -> None:
    header = 'id,email," Total ",at,note,note,,"a ""b"", c"\r\n'
    row = f'1, nobody ," $5 ",{AT},"two\r\nlines","lone\rcr and ""x""; ü",\' 007,"\n"\r\n'
    found = desk.check(header + row + "x\r\n", MAPPING.replace("total", "Total"))
    text = Path(found["rejects_file"]).read_bytes().decode()
    names, first, second = csv.reader(io.StringIO(text, newline=""))
    marks = ["_row", "_event", "_code", "_field", "_column", "_reason", "_key"]
    (was, cells) = csv.reader(io.StringIO(header + row, newline=""))
    assert names == [*marks, *was, "_raw"]
    said = ["1", "purchase", "invalid_email", "email", "email", "not one e-mail address", "purchase:1"]
    assert first == [*said, *cells, ""]
    assert second == ["2", "", "unreadable", "", "", "1 cell where the header has 8", "", *[""] * 8, "x"]
    assert text.count("\r\n") == 4, "the header, two rows, one line break in a cell"


def test_raw_is_there_only_where_needed_and_codes_are_joined(desk: Desk) -> None:
    found = desk.check(HEADER + "1,nobody,free,soon\n")
    assert "_raw" not in found.rejects[0] and "_file" not in found.rejects[0]
    (row,) = found.rejects
    assert row["_code"].split("|") == ["invalid_time", "invalid_email", "invalid_amount"]
    assert row["_field"].split("|") == ["event_time", "email", "amount"]
    assert row["_event"].split("|") == ["purchase"] * 3 and row["_reason"].count("|") == 2
    assert (row["_column"], row["_key"]) == ("at|email|total", "purchase:1")


def test_several_files_with_different_headers(desk: Desk) -> None:
    files = {"a.csv": HEADER + BAD, "b.csv": f"at;extra;email;total;id\n{AT};x,y;nobody;5;9\nragged;row\n"}
    found = desk.check(files)
    assert [*found.rejects[0]] == [
        "_row", "_event", "_code", "_field", "_column", "_reason", "_key", "_file",
        "id", "email", "total", "at", "extra", "_raw",
    ]  # fmt: skip
    assert [(row["id"], row["extra"], row["_row"], Path(row["_file"]).name) for row in found.rejects] == [
        ("8", "", "1", "a.csv"),
        ("9", "x,y", "1", "b.csv"),
        ("", "", "2", "b.csv"),
    ]
    assert found.rejects[2]["_raw"] == "ragged;row"
    assert Path(found["rejects_file"]).name == "a.rejects.csv"
    again = desk.run("check", repair(found, ("nobody", "p@x.de")))
    assert (again["rows"], again["ready"], again["unreadable"]) == (3, 2, 1)
    assert again.rejects[0]["_raw"] == "ragged;row" and again.rejects[0]["_row"] == "3"


def test_rows_are_there_once_and_in_order_with_all_rows_of_a_record(desk: Desk) -> None:
    two = MAPPING + "  - event_name: sign_up\n    fields: {email: email, event_time: at}\n"
    two = two.replace("events:", "source: {group_by: id}\nevents:")
    text = HEADER + f"2,nobody,5,{AT}\n1,a@x.de,5,{AT}\n2,,,\n3,bad,1,{AT}\n"
    found = desk.check(text, two)
    assert [(row["_row"], row["_event"]) for row in found.rejects] == [
        ("1", "purchase|sign_up"),
        ("3", "purchase|sign_up"),
        ("4", "purchase|sign_up"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("stated", [False, True])
def test_the_inputs_own_encoding_unless_it_was_a_guess(desk: Desk, encoding: str, stated: bool) -> None:
    data = (HEADER + f"8,Zoë Müller,5,{AT}\n").encode(encoding)
    mapping = mapping_of(encoding=encoding) if stated else MAPPING
    found = desk.check({"orders.csv": data}, mapping)
    guess = not stated and encoding in ("utf-16-le", "cp1252")
    written = "utf-8-sig" if guess else encoding
    assert Path(found["rejects_file"]).read_bytes().startswith((MARKS + "," + HEADER.strip()).encode(written))
    again = desk.run("check", repair(found, ("Zoë Müller", "zoe@x.de"), encoding=written), mapping=mapping)
    assert (again["ready"], again.code) == (1, 0), again.said


def test_what_the_encoding_lacks_is_spelled_out(desk: Desk) -> None:
    (desk.folder / "łódź").mkdir()
    data = {"łódź/a.csv": (HEADER + BAD).encode(), "łódź/b.csv": (HEADER + BAD.replace("8", "9")).encode() + b"\xe9,\n"}
    found = desk.check(data, mapping_of(encoding="cp1252"))
    assert b"\\u0142\xf3d\\u017a" in Path(found["rejects_file"]).read_bytes()


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "shift_jis", "utf-16", "utf-8"])
def test_what_the_encoding_lacks_is_spelled_out_as_json_does(desk: Desk, encoding: str) -> None:
    order = {"id": 1, "total": 5, "at": AT, "customer": {"email": "nobody", "name": "\U0001f600 \u0142\x81"}}
    mapping = JSON_MAPPING.replace("events:", f"source: {{encoding: {encoding}}}\nevents:")
    found = desk.check({"o.jsonl": json.dumps(order).encode(encoding)}, mapping)
    for _ in range(2):  # first the line as it was, then without the marks of the first time
        text = Path(found["rejects_file"]).read_bytes().decode(encoding)
        assert order.items() <= json.loads(text).items()
        found = desk.run("check", found["rejects_file"], mapping=mapping)
    assert desk.run("check", repair(found, ("nobody", "a@x.de"), encoding=encoding), mapping=mapping)["ready"] == 1


def test_bytes_that_are_no_text_are_kept_next_to_what_is_spelled_out(desk: Desk) -> None:
    mapping = JSON_MAPPING.replace("events:", "source: {encoding: cp1252}\nevents:")
    line = json.dumps({"id": 1, "total": 5, "at": AT, "customer": {"email": "nobody", "name": "\U0001f600"}})
    found = desk.check({"o.jsonl": line.encode() + b"\n{broken \x81"}, mapping)
    found = desk.run("check", found["rejects_file"], mapping=mapping)
    first, second = Path(found["rejects_file"]).read_bytes().splitlines()
    assert b'"name":"\\ud83d\\ude00"' in first and b'"_raw":"{broken \x81"' in second


@pytest.mark.parametrize(("suffix", "delimiter"), [(".csv", ";"), (".tsv", "\t"), (".txt", "|")])
def test_the_inputs_own_delimiter_and_name(desk: Desk, suffix: str, delimiter: str) -> None:
    found = desk.check({f"orders{suffix}": (HEADER + BAD).replace(",", delimiter)})
    assert Path(found["rejects_file"]).name == f"orders.rejects{suffix}"
    header = Path(found["rejects_file"]).read_text().splitlines()[0]
    assert header == (MARKS + "," + HEADER.strip()).replace(",", delimiter)


@pytest.mark.parametrize("letter", ["o", "é", "漢"])
def test_a_name_without_room_for_more_is_shortened(desk: Desk, letter: str) -> None:
    name = letter * ((255 - len(".csv.gz")) // len(letter.encode()))
    text = gzip.compress((HEADER + BAD).encode())
    found = desk.check({f"{name}.csv.gz": text})
    rejects = Path(found["rejects_file"])
    assert re.fullmatch(f"{letter}{{60,}}\\.rejects\\.csv", rejects.name) and len(os.fsencode(rejects.name)) <= 250
    rejects.write_text("a person's own")
    again = Path(desk.run("check", str(desk.folder / f"{name}.csv.gz"))["rejects_file"])
    assert again.name == rejects.name.replace(".csv", "-2.csv")
    assert rejects.read_text() == "a person's own"


JSON_MAPPING = """
mapping: 1
name: nested
events:
  - event_name: purchase
    fields: {order_id: id, email: customer.email, amount: total, event_time: at}
"""


def test_json_lines_are_there_as_they_were(desk: Desk) -> None:
    line = '{"id": 90071992547409920001, "total": 1.10, "at": "2024-05-01T10:00:00Z", '
    line += '"customer": {"email": "nobody"}, "e": [1e3, -0.0, null, "\\u00fc\\/ü"] '
    found = desk.check({"orders.jsonl": line + "}\n{broken\n"}, JSON_MAPPING)
    text = Path(found["rejects_file"]).read_text()
    first, second = text.splitlines()
    assert first.startswith(line.rstrip() + ',"_row":1,"_event":"purchase",')
    assert json.loads(first)["_event"] == "purchase"
    assert json.loads(second) | {"_reason": ""} == {
        "_row": 2, "_event": "", "_code": "unreadable", "_field": "", "_column": "", "_reason": "", "_key": "",
        "_raw": "{broken",
    }  # fmt: skip
    again = desk.run("check", repair(found, ("nobody", "a@x.de")), mapping=JSON_MAPPING)
    assert (again["ready"], again["unreadable"]) == (1, 1)
    assert json.loads(Path(again["rejects_file"]).read_text())["_raw"] == "{broken"
    mended = repair(again, ('"_raw"', f'"id": 7, "total": 1, "at": "{AT}", "customer": {{"email": "b@x.de"}}, "_raw"'))
    assert desk.run("check", mended, mapping=JSON_MAPPING)["ready"] == 1


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('{"id": 1, %s }', '{"id": 1, %s,"_row":1,'),
        ('\ufeff{"id":1,%s\t}\t', '{"id":1,%s,"_row":1,'),
        ('{"_id": 7e0, "id": 1,%s}', '{"_id": 7e0, "id": 1,%s,"_row":1,'),
        ('{"\\u005fid": 7e0, "id": 1,%s}', '{"\\u005fid": 7e0, "id": 1,%s,"_row":1,'),
        ('{"_row": 7e0, "id": 1.0,%s}', '{"_row": 7e0, "id": 1.0,%s,"_row":1,'),
        (f'{{"id": 1.0,%s,{MARKED}}}', '{"id":1.0,%s,"_row":1,'),
        (f'{{"_row": 7e0, "id": 1.0,%s,{MARKED}}}', '{"_row":7e0,"id":1.0,%s,"_row":1,'),
        (f'{{"id": 1.0,%s,{MARKED.replace("_r", chr(92) + "u005fr")}}}', '{"id":1.0,%s,"_row":1,'),
        (f'{{"id": 1.0,%s,{EARLIER}}}', '{"id":1.0,%s,"_row":1,'),
    ],
)
def test_marks_come_last_and_once(desk: Desk, line: str, expected: str) -> None:
    inside = f'"total":5.0,"at":"{AT}","customer":{{"email":"nobody"}}'
    found = desk.check({"o.jsonl": f"\n{line % inside}\n"}, JSON_MAPPING)
    written = Path(found["rejects_file"]).read_text()
    assert written.startswith(expected % inside) and written.endswith('"}\n')
    assert '"not one e-mail address","_key":"purchase:1' in written
    again = desk.run("check", found["rejects_file"], mapping=JSON_MAPPING)
    (row,) = again.rejects
    assert written.count('"_row"') == Path(again["rejects_file"]).read_text().count('"_row"')
    assert written.count('"_row"') == 1 + line.startswith('{"_row')
    assert row == json.loads(written)


def test_a_columns_own_name_may_begin_like_a_mark(desk: Desk) -> None:
    found = desk.check("id,email,total,at,_file,_id\n" + f"8,nobody,5,{AT},mine,x\n")
    assert (found.rejects[0]["_file"], found.rejects[0]["_id"]) == ("mine", "x")
    found = desk.check(
        {"o.jsonl": json.dumps({"id": 1, "total": 5, "at": AT, "_file": "mine", "_id": "x"})}, JSON_MAPPING
    )
    assert found.code == 2, "no line has customer.email"
    line = {"id": 1, "total": 5, "at": AT, "_file": "mine", "_id": "x", "customer": {"email": "nobody"}}
    assert desk.check({"o.jsonl": json.dumps(line)}, JSON_MAPPING).rejects[0]["_file"] == "mine"


# The loop


def test_the_loop_ends_when_all_is_repaired(desk: Desk) -> None:
    broken = f"7,g@x.de,7,{AT},too many\n"
    found = desk.check(HEADER + BAD + orders(1, header="") + broken + f"9,also bad,5,{AT}\n")
    assert found["ready"] == 1
    names = [repair(found, ("nobody", "h@x.de"))]
    found = desk.run("check", names[0])
    assert (found["ready"], found["invalid"], found["unreadable"], found["resume"] is None) == (1, 1, 1, False)
    found = desk.run("check", repair(found, ("also bad", "i@x.de")))
    assert (found["ready"], found["unreadable"]) == (1, 1)
    found = desk.run("check", repair(found, ("empty,,,,,,", f"empty,,7,g@x.de,7,{AT},")))
    assert (found.code, found["ready"], found["rejects_file"]) == (0, 1, None)
    assert sorted(path.name for path in desk.folder.glob("*rejects*")) == [
        "orders.rejects-2.csv",
        "orders.rejects-3.csv",
        "orders.rejects.csv",
    ]
    assert names[0].endswith("orders.rejects.csv")


def test_the_same_keys_come_out(desk: Desk) -> None:
    text = HEADER + f" 007 ,nobody,5,{AT}\n,b@x.de,,{AT}\n"
    mapping = MAPPING.replace("purchase", "lead_generated")
    found = desk.check(text.replace(AT, "soon", 1).replace("b@x.de", "bad"), mapping)
    whole = events_of(write(desk.folder, {"whole.csv": text.replace("nobody", "a@x.de")}), mapping)
    name = repair(found, ("nobody", "a@x.de"), ("soon", AT), (",bad,", ",b@x.de,"))
    assert events_of([name], mapping) == whole and len(whole) == 2


# Names, and what is never written to


def test_a_path_that_is_no_text_is_written_as_json_can_hold_it(desk: Desk) -> None:
    found = desk.check({os.fsdecode(b"o\xff.csv"): HEADER + BAD})
    assert found["rejects_file"].endswith("o\\xff.rejects.csv") and found["files"][0].endswith("o\\xff.csv")
    assert (desk.folder / os.fsdecode(b"o\xff.rejects.csv")).exists()
    json.dumps(found.summary, ensure_ascii=False).encode()


def test_numbering_and_a_checks_own_file(desk: Desk) -> None:
    (desk.folder / "orders.rejects.csv").write_text("mine")
    (desk.folder / "orders.rejects-2.csv").symlink_to("nowhere")
    text = HEADER + BAD
    for _ in range(2):
        assert Path(desk.check(text)["rejects_file"]).name == "orders.rejects-3.csv", "a check's own file is replaced"
    with (desk.folder / "orders.rejects-3.csv").open("a") as file:
        file.write("x")
    assert Path(desk.check(text)["rejects_file"]).name == "orders.rejects-3.csv", "it holds these rows"
    text = HEADER + BAD.replace("8", "9")
    assert Path(desk.check(text)["rejects_file"]).name == "orders.rejects-4.csv"
    assert (desk.folder / "orders.rejects.csv").read_text() == "mine"
    assert (desk.folder / "orders.rejects-3.csv").read_text().endswith("x")
    assert Path(desk.check(text, state=desk.folder / "other")["rejects_file"]).name == "orders.rejects-5.csv"
    assert not list(desk.folder.glob(".rejects*")), "nothing is left aside"


def test_a_checks_own_file_is_not_replaced_while_it_is_an_input(desk: Desk) -> None:
    first = Path(desk.check(HEADER + BAD)["rejects_file"])
    before = first.read_bytes()
    found = desk.run("check", str(desk.folder / "orders.csv"), str(first))
    assert Path(found["rejects_file"]).name == "orders.rejects-2.csv" and first.read_bytes() == before


def test_an_upload_leaves_a_checks_file_as_it_is_once_changed(desk: Desk) -> None:
    name = repair(desk.check(HEADER + BAD), ("nobody", "still bad"))
    found = desk.run("upload", str(desk.folder / "orders.csv"), sandbox=True)  # the sandbox has a state of its own
    assert Path(found["rejects_file"]).name == "orders.rejects-2.csv" and "still bad" in Path(name).read_text()
    assert "still bad" not in (found["resume"] or "") and "orders.rejects-2.csv" in found["resume"]


def test_what_an_upload_wrote_is_never_changed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMETLY_API_KEY", "sandbox")
    with SandboxThread(keys=("sandbox",), rate=1000) as sandbox:
        sending = {"base_url": sandbox.url, "api_key": "sandbox"}
        first = Path(desk.check(HEADER + BAD, **sending)["rejects_file"])
        name = str(desk.folder / "orders.csv")
        assert desk.run("upload", name, **sending)["rejects_file"] == str(first), "a check's, and now an upload's"
        held = first.read_bytes()
        for command in ("upload", "check", "upload"):
            assert desk.run(command, name, **sending)["rejects_file"] == str(first), "these rows and keys are there"
        repair(desk.run("check", name, **sending), ("nobody", "still bad"))
        assert desk.run("upload", name, **sending)["rejects_file"] == str(first), "where somebody mends them too"
        write(desk.folder, {"orders.csv": HEADER + BAD.replace("8", "9")})
        for command in ("check", "upload", "check"):
            found = desk.run(command, name, **sending)
            assert Path(found["rejects_file"]).name == "orders.rejects-2.csv"
        assert first.read_bytes() == held.replace(b"nobody", b"still bad")
        checked = desk.check({"b.csv": HEADER + BAD}, **sending)["rejects_file"]
        desk.run("upload", checked, **sending)
        write(desk.folder, {"b.csv": HEADER + BAD.replace("8", "7")})
        found = desk.run("check", str(desk.folder / "b.csv"), **sending)
        assert Path(found["rejects_file"]).name == "b.rejects-3.csv", "one that was uploaded is nobody's to replace"


def test_stated_path_is_replaced_whole(desk: Desk) -> None:
    path = desk.folder / "out" / "r.csv"
    path.parent.mkdir()
    (path.parent / "real.csv").write_text("old and long" * 99)
    path.symlink_to("real.csv")
    desk.check(HEADER + BAD, rejects=path)
    assert path.is_symlink() and "nobody" in path.read_text()
    found = desk.check(orders(1), rejects=path)
    assert found.code == 0 and path.read_text() == f"{MARKS},{HEADER}"
    assert oct(path.stat().st_mode & 0o777) == "0o600"
    jsonl = desk.folder / "r.jsonl"
    line = json.dumps({"id": 1, "total": 5, "at": AT, "customer": {"email": "a@x.de"}})
    desk.check({"o.jsonl": line}, JSON_MAPPING, rejects=jsonl)
    assert jsonl.read_bytes() == b""


@pytest.mark.parametrize(
    ("path", "part"),
    [
        (".", "is a folder"),
        ("none/r.csv", "its folder is not there or can't be written to"),
        ("/proc/r.csv", "its folder is not there or can't be written to"),
    ],
)
def test_where_rejects_can_not_go(desk: Desk, path: str, part: str) -> None:
    text = HEADER + BAD
    found = desk.check(text, rejects=desk.folder / path)
    assert found.code == 2 and part in found.said
    assert (desk.folder / "orders.csv").read_text() == text


def test_a_private_file_next_to_the_input_or_else_here(desk: Desk) -> None:
    found = desk.check({"orders.csv.gz": gzip.compress((HEADER + BAD).encode())})
    path = Path(found["rejects_file"])
    assert path == desk.folder / "orders.rejects.csv" and oct(path.stat().st_mode & 0o777) == "0o600"
    with (desk.folder / "orders.csv").open("w+") as file:
        file.write(HEADER + BAD)
        file.flush()
        folder = Path("/proc/self/fd")  # where nobody can make a file
        found = desk.run("check", str(folder / str(file.fileno())), mapping=mapping_of(format="csv"))
    assert Path(found["rejects_file"]).parent == Path.cwd() == desk.folder / "work"


def test_many_rejects_in_order_and_not_in_memory(desk: Desk) -> None:
    rows = "".join(ROW.format(n, n, n).replace("@", "(at)" if n % 2 else "@") for n in range(5000))
    found = desk.check(HEADER + rows)
    assert [int(row["_row"]) for row in found.rejects] == list(range(2, 5001, 2))


def test_rejects_are_written_whatever_stops_the_run(desk: Desk) -> None:
    found = desk.check(HEADER + BAD + orders(1, header=""), max_rejects=MaxRejects(number=0))
    assert (found.code, len(found.rejects), found["unattempted"]) == (5, 1, 1)


def test_no_message_holds_a_cells_text(desk: Desk) -> None:
    secret = "secret"
    cells: list[Any] = [f"{secret}(at)x.de", f"{secret}\ud800", f'{secret}"', f"{secret}\0"]
    rows = [f"{cell},{cell},{cell},{cell}\n" for cell in cells] + [f'{secret},"{secret}\n', f"{secret}\n"]
    made = mapping_of(encoding="utf-8")  # a guess would be shown with a cell that depends on it
    found = desk.check(HEADER + "".join(rows) + orders(1, header=""), made)
    assert found["rows"] == 7
    reasons = [row["_reason"] for row in found.rejects]
    assert reasons and secret not in "".join(reasons) and secret not in found.said
    assert secret not in json.dumps(found.summary)
    assert Path(found["rejects_file"]).name == "orders.rejects.csv"
