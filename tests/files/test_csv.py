"""Files to rows: in any packing and any encoding, and with any damage."""

import bz2
import csv
import gzip
import io
import json
import lzma
import os
import random
import signal
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pytest
import zstandard
from checking import HEADER, MAPPING, ROW, Desk, cells_at, events_of, mapping_of, orders, surveyed, write
from hypothesis import given, settings
from hypothesis import strategies as st
from place import Place

from backfill.errors import BackfillError, SourceError
from backfill.fields.arrow import as_text
from backfill.files.csv import CSV
from backfill.files.csv_blocks import csv_rows
from backfill.files.csv_lines import NOT_CLOSED, cells_of
from backfill.files.csv_rejects import as_written
from backfill.files.format import Layout
from backfill.files.rows import LONGEST


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def zipped(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("_dot_", "."), data)
    return file.getvalue()


PACKED: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.ZstdCompressor().compress,
    ".zip": lambda data: zipped(orders_dot_csv=data),
}
NOISE = random.Random(3).randbytes(60_000).hex()  # so that a packed file is long enough to be cut anywhere
LARGE = "id,email,total,at,note\n" + "".join(
    ROW.format(n, n, n)[:-1] + f",{NOISE[n * 100 :][:100]}\n" for n in range(1000)
)


# Packed files


@pytest.mark.parametrize("suffix", PACKED)
def test_a_packed_file_is_read_whole(desk: Desk, suffix: str) -> None:
    found = desk.check({f"orders.csv{suffix}": PACKED[suffix](LARGE.encode())})
    assert (found.code, found["rows"], found["ready"]) == (0, 1000, 1000)


@pytest.mark.parametrize("suffix", PACKED)
@pytest.mark.parametrize("cut", [4, 5, 9, 30, 0.3, 0.9, -9, -4, -1])
def test_a_packed_file_cut_short_is_never_read_as_a_shorter_one(desk: Desk, suffix: str, cut: float) -> None:
    whole = PACKED[suffix](LARGE.encode())
    found = desk.check({f"orders.csv{suffix}": whole[: int(cut * len(whole)) if isinstance(cut, float) else cut]})
    assert found.code == 2 and found.said.count("\n") == 1, found.said


@pytest.mark.parametrize("suffix", PACKED)
def test_a_flipped_bit_is_never_read_as_another_order(desk: Desk, suffix: str) -> None:
    data = bytearray(PACKED[suffix](LARGE.encode()))
    data[len(data) // 2] ^= 16
    if suffix == ".zst":  # the tool's frames carry a checksum; the library's own do not by default
        data = bytearray(zstandard.ZstdCompressor(write_checksum=True).compress(LARGE.encode()))
        data[len(data) // 2] ^= 16
    assert desk.check({f"orders.csv{suffix}": bytes(data)}).code == 2


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz", ".zst"])
def test_frames_one_after_the_other_are_one_file(desk: Desk, suffix: str) -> None:
    pieces = [PACKED[suffix](text.encode()) for text in (HEADER, orders(1, header=""), orders(2, 3, header=""))]
    assert desk.check({f"orders.csv{suffix}": b"".join(pieces)})["ready"] == 3


def test_members_of_a_zip_are_one_input_in_order(desk: Desk) -> None:
    data = zipped(b_dot_csv=orders(1, 2).encode(), a_dot_csv=orders(3, 2).encode() + b"x\n")
    with zipfile.ZipFile(file := io.BytesIO(data), "a") as archive:
        archive.mkdir("empty")
        archive.writestr("__MACOSX/._b.csv", b"\0")
        archive.writestr(".DS_Store", b"\0")
    found = desk.check({"export.zip": file.getvalue()})
    assert (found["rows"], found["ready"], found["duplicate"], found["unreadable"]) == (5, 3, 1, 1)
    assert Path(found["rejects_file"]).name == "export.rejects.csv"
    assert found.rejects[0]["_file"] == str(desk.folder / "export.zip" / "a.csv")


def test_standard_input(desk: Desk) -> None:
    path = desk.folder / "m.yaml"
    path.write_text(MAPPING)
    check = ("check", "-", "-m", str(path), "--json", "--state", "state")
    packed = gzip.compress(orders(1, 2).encode())
    for words, data in ((check, orders(1, 2).encode()), (check, packed), (("init", "-", "-o", "-"), packed)):
        reading, writing = os.pipe()
        os.write(writing, data)
        os.close(writing)
        ran = Place(desk.folder).start(*words, stdin=reading)
        os.close(reading)
        out, err = ran.communicate()
        assert ran.returncode == 0, err
        assert json.loads(out)["ready"] == 2 if words == check else "order_id: id" in out
    assert not list(desk.folder.glob("backfill-stdin*"))


# What is no export


@pytest.mark.parametrize(
    ("name", "data", "part"),
    [
        ("orders.csv", b"", "a file of 0 bytes"),
        ("orders.jsonl", b"", "a file of 0 bytes"),
        ("orders.csv.gz", gzip.compress(b""), "a file of 0 bytes"),
        ("orders.csv", b"i", "no header"),
        ("orders.csv", b"\xef\xbb\xbf", "no line of it"),
        ("orders.csv", b"id,e", "no header"),
        ("orders.csv", b"\x28\xb5\x2f\xfd", "damaged or cut short"),
        ("orders.csv", b"\x28\xb5\x2f\xfd\x00\x90\x11\x00\x00id", "packed with --long=28 or more"),
        ("orders.csv", b"PK\x03\x04", "a zip that is damaged or cut short; download"),
        ("orders.zip", zipped(), "a zip with no file in it"),
        ("orders.csv", zipped(**{"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b""}), "can't be read"),
        ("orders.csv", zipped(**{"[Content_Types].xml": b"<x/>", "xl/workbook.bin": b""}), "a binary Excel workbook"),
        ("orders.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook"),
        ("orders.csv", zipped(**{"[Content_Types].xml": b"<x/>", "word/document.xml": b""}), "an Office document"),
        ("orders.csv", zipped(**{"content.xml": b"<x/>", "META-INF/manifest.xml": b""}), "an OpenDocument file"),
        ("orders.zip", zipped(**{"__MACOSX/._a.csv": b"x", ".DS_Store": b"", "b/Thumbs.db": b"x"}), "no file in it"),
        ("orders.zip", zipped(**{"inner.zip": zipped(**{"a.csv": b"x"})}), "an archive within an archive"),
        ("orders.zip", zipped(**{"a.csv.gz": gzip.compress(b"x")}), "an archive within an archive"),
        ("orders.zip", zipped(**{"a.png": b"\x89PNG\r\n"}), "a picture"),
        ("orders.csv", b"<table><tr><td>id", "a web page"),
        ("orders.csv", b"<orders><order/>", "an XML file"),
        ("orders.csv", b"{\\rtf1 id,email", "a text document"),
        ("orders.csv.gz", gzip.compress(b"id,email") + b"garbage", "damaged or cut short"),
        ("orders.csv", b"\n  <!DOCTYPE html><html>", "a web page"),
        ("orders.csv", b"%PDF-1.7", "a PDF"),
        ("orders.csv", b'<?xml version="1.0"?>', "an XML file"),
        ("orders.jsonl", b'[{"id": 1}]', "no line of it"),
        ("orders.json", b'[{"id": 1}, ', "ends within its JSON"),
        ("orders.csv", random.Random(1).randbytes(5000), "no header"),
        ("orders.csv", b"\0" * 5000, "no header"),
        ("orders.csv", b'{"id": 1}\n', "looks like JSON lines"),
        ("orders.dat", orders(1).encode(), "the name does not say what it is"),
        ("orders.csv", b"1,ann@email.com,5,2024-05-01\n", "no header"),
    ],
)
def test_what_is_no_export(desk: Desk, name: str, data: bytes, part: str) -> None:
    found = desk.check({name: data})
    assert found.code == 2 and part in found.said, found.said
    assert "ann@" not in found.said and len(found.said.splitlines()) <= 2, "the second may be a warning"


def test_missing_and_strange_files(desk: Desk) -> None:
    for name in ("none.csv", "", ".", "a\0b.csv", "x" * 5000):
        assert desk.run("check", str(desk.folder / name) if name else name).code == 2
    (name,) = write(desk.folder, {"orders.csv": orders(1)})
    (desk.folder / "link.csv").symlink_to(name)
    assert "named twice" in desk.run("check", name, str(desk.folder / "link.csv")).said


def test_what_else_is_in_a_zip_with_the_data(desk: Desk) -> None:
    others = {
        "__MACOSX/._a.csv": b"x",
        "~$a.csv": b"x",
        "Thumbs.db": b"x",
        "README.txt": b"Thank you",
        "invoice.pdf": b"%PDF",
    }
    many = {f"{n:03}.csv": orders(n).encode() for n in range(100)}
    found = desk.check({"orders.zip": zipped(**others, **many)})
    assert (found.code, found["ready"]) == (0, 100)
    assert (
        "passed over what is no table by its name: README.txt, invoice.pdf" in found.said and "MACOSX" not in found.said
    )


def test_a_last_character_that_is_cut_shows_no_other_encoding(desk: Desk) -> None:
    found = desk.check({"orders.csv": (orders(1, 2).strip() + "Zo").encode() + "ë".encode()[:1]})
    assert (found["unreadable"], found["ready"]) == (1, 1)


def test_a_locked_zip(desk: Desk) -> None:
    data = bytearray(zipped(orders_dot_csv=orders(1).encode()))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert "password" in desk.check({"orders.zip": bytes(data)}).said


def test_a_file_that_is_written_to_meanwhile(tmp_path: Path) -> None:
    (name,) = write(tmp_path, {"orders.csv": orders(*range(100))})
    with surveyed([name], frame=10) as survey:
        events = survey.events(1, None)
        next(events)
        with Path(name).open("a") as file:
            file.write(ROW.format(900, 900, 900))
        with pytest.raises(SourceError, match="changed while it was being read"):
            list(events)


# Encodings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, newline: str) -> None:
    text = "id,email,total,at,näme\n" + "".join(ROW.format(n, n, n)[:-1] + ",Zoë Müller\n" for n in range(300))
    mapping = MAPPING.replace("at}", "at, full_name: näme}")
    names = write(tmp_path, {"orders.csv": text.replace("\n", newline).encode(encoding)})
    assert [event["full_name"] for event in events_of(names, mapping)] == ["Zoë Müller"] * 300


@pytest.mark.parametrize(
    "encoding",
    [
        *("utf-16", "u16", "utf-16-be", "utf-32", "utf_32_le", "utf-7", "utf-8-sig", "ascii", "cp037", "cp424"),
        *("shift_jis", "hz", "idna", "punycode", "unicode_escape", "raw_unicode_escape"),
    ],
)
def test_an_encoding_that_a_file_is_not_in_ends_with_a_sentence(tmp_path: Path, encoding: str) -> None:
    text = orders(1, 2).replace("p1@", "Zoë \\N{x} +AAA- p1@")
    for number, data in enumerate([orders(1).encode(), text.encode("cp1252"), text.encode(), text.encode("utf-16-le")]):
        names = write(tmp_path, {f"{number}.csv": data})
        try:
            events_of(names, mapping_of(encoding=encoding))
        except BackfillError as error:
            assert error.exit_code == 2 and "\n" not in str(error).strip()


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_what_utf_16_says(tmp_path: Path, encoding: str) -> None:
    names = write(tmp_path, {"orders.csv": orders(1, 2).encode(encoding)})
    assert len(events_of(names, mapping_of(encoding="utf-16"))) == 2


def test_a_guess_is_reported_and_can_be_stated(desk: Desk) -> None:
    data = {"orders.csv": orders(1).replace("p1@", "Žižka <p1@").encode("cp1250")}
    said = desk.check(data).said
    assert (
        "not UTF-8; read as cp1252, with 'Žižka <p1@example.com' (a guess: --encoding NAME or source.encoding" in said
    )
    assert "(a guess" not in desk.check(data, mapping_of(encoding="cp1250")).said
    assert "(a guess" not in desk.check(data, mapping_of(encoding="cp1252"), encoding="cp1250").said


def test_one_bad_byte_costs_one_row(desk: Desk) -> None:
    lines = [ROW.format(n, n, n).encode() for n in range(9)]
    lines[3] = lines[3].replace(b"3.50", b"3.50\xff")
    found = desk.check({"orders.csv": HEADER.encode() + "8,ä@example.com,1,2024\n".encode() + b"".join(lines)})
    assert (found["unreadable"], found["ready"], found["invalid"]) == (1, 8, 1)
    written = Path(found["rejects_file"]).read_bytes()
    assert b"3.50\xff" in written, "the row's bytes are as they were"


def test_half_a_utf16_character_costs_one_row(desk: Desk) -> None:
    data = orders(1, 2, 3).encode("utf-16-le").replace("p2".encode("utf-16-le"), b"\x00\xd8p\x00")
    found = desk.check({"orders.csv": b"\xff\xfe" + data})
    assert (found["unreadable"], found["ready"]) == (1, 2)


def test_nul_characters_are_no_text(desk: Desk) -> None:
    found = desk.check(orders(1, 2).replace("p1@", "p\0@").replace("\n2,", "\n2\0,"))
    assert found["codes"] == {"invalid_email": 1, "invalid_order_id": 1}


# Headers and delimiters


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "above", ["", "sep=;\n", "My shop; orders, all\n\n# 3 of 3 | x\n", '"quoted, title\nof two lines"\n']
)
def test_delimiters_and_titles_above(tmp_path: Path, delimiter: str, above: str) -> None:
    text = above + orders(1, 2).replace(",", delimiter)
    assert len(events_of(write(tmp_path, {"orders.txt": text}))) == 2


def test_a_header_by_another_name(desk: Desk) -> None:
    assert desk.check(" ID ,EMAIL,Total,At\n" + orders(1, header=""))["ready"] == 1
    assert desk.check("No,email,total,at\n" + orders(1, header=""), mapping_of(aliases={"id": ["No"]}))["ready"] == 1
    near = desk.check("idd,email,total,at\n" + orders(1, header=""))
    assert near.code == 2 and "'id' (near: 'idd')" in near.said
    many = MAPPING.replace("email: email", "email: [Mail, E-mail, Address, Who, Your mail, Contact, Person]")
    said = desk.check("id,Your own Mail address,total,at\n" + orders(1, header=""), many).said
    assert "'Mail' or 'E-mail' or 'Address' or 'Who' or one of 3 others (near: 'Your own Mail address')" in said
    twice = desk.check("id,id,email,total,at\n")
    assert "has 'id' 2 times, in columns 1 and 2; the first is read" in twice.said
    far = desk.check("x\n" * 30 + orders(1))
    assert far.code == 2 and "within its first 30 lines" in far.said


def test_no_rows(desk: Desk) -> None:
    for data in (HEADER, HEADER.strip(), HEADER + "\n\r\n\n"):
        found = desk.check(data)
        assert (found.code, found["rows"]) == (0, 0) and "nothing to do" in found.said


# Rows


@pytest.mark.parametrize(
    ("rows", "unreadable", "ready"),
    [
        ("1,a@x.de,5,2024-05-01T10:00:00Z\n\n\r\n2,b@x.de,5,2024-05-01T10:00:00Z", 0, 2),
        ('1,"a@x.de",5,"2024-05-01T10:00:00Z"\n', 0, 1),
        ("1,a@x.de,5\n2,b@x.de,5,2024-05-01T10:00:00Z,\n3,c@x.de,5,2024-05-01T10:00:00Z\n", 2, 1),
        (f"1,a@x.de,{'5' * LONGEST},2024-05-01T10:00:00Z\n2,b@x.de,5,2024-05-01T10:00:00Z\n", 1, 1),
    ],
)
def test_rows(desk: Desk, rows: str, unreadable: int, ready: int) -> None:
    found = desk.check(HEADER + rows)
    assert (found["unreadable"], found["ready"]) == (unreadable, ready)


@pytest.mark.parametrize("cell", ["keine", '"=""keine"""', '="keine"', "'-9", '="-9"', "'-9 "])
@pytest.mark.parametrize("beside", ["", '"a\nb"', 'a "b', '""b" c"'])  # what has a row read by itself
def test_a_text_that_means_empty_does_so_within_a_guard(tmp_path: Path, cell: str, beside: str) -> None:
    text = f"id,email,total,at,who,note\n1,a@x.de,5,2024-05-01T10:00:00Z,{cell},{beside}\n"
    made = mapping_of(empty=["keine", "-9"]).replace("at}", "at, full_name: who}")
    (event,) = events_of(write(tmp_path, {"a.csv": text}), made)
    assert "full_name" not in event


def test_a_row_with_no_cell_filled_gives_no_event(desk: Desk) -> None:
    found = desk.check(HEADER + ',,,\n" ",,,""\n   \n' + orders(1, header=""))
    assert (found["rows"], found["without_event"], found["events"], found["ready"]) == (4, 3, 1, 1)
    assert desk.check(HEADER + "n/a,,,N/A\n", mapping_of(empty=["n/a", "N/A"]))["without_event"] == 1
    found = desk.check("id,email,total,at,note\n,,,,filled\n")
    assert (found["without_event"], found["invalid"]) == (0, 1), "a cell that the mapping does not name is one too"


def test_short_rows_can_be_padded(desk: Desk) -> None:
    header, rows = "id,email,total,at,note\n", orders(1, header="") + orders(2, header="").strip() + ",x,y\n"
    found = desk.check(header + rows, mapping_of(short_rows="pad"))
    assert (found["ready"], found["unreadable"]) == (1, 1), "one with more cells is none the less broken"


def test_line_breaks_in_quotes_belong_to_the_cell(tmp_path: Path) -> None:
    notes = ["a\nb", "x\r\ny, z", "\n\n", 'he said ""hi""\n', "1,2,3\n\n4,5", "lone\rcr"]
    rows = [f'{n},p@x.de,1,2024-05-01T10:00:00Z,"{note}"\n' for n, note in enumerate(notes)]
    mapping = MAPPING.replace("at}", "at, full_name: note}")
    names = write(tmp_path, {"orders.csv": "id,email,total,at,note\n" + "".join(rows)})
    found = [event.get("full_name", "") for event in events_of(names, mapping)]
    assert found == [note.replace('""', '"').strip() for note in notes]


# A quote that would swallow rows

STRAY = [  # a row with a stray quote, and where the quote is
    ('{},"p{}@example.com,{}.50,2024-05-01T10:00:00Z\n', "at a cell's start"),
    ('"{},p{}@example.com,{}.50,2024-05-01T10:00:00Z\n', "at the row's start"),
    ('{},p{}@example.com,{}.50,"2024-05-01T10:00:00Z\n', "in the last cell"),
]


@pytest.mark.parametrize("row", [row for row, _ in STRAY])
@pytest.mark.parametrize(("at", "end"), [(0, "\n"), (6, "\n"), (11, "\n"), (11, "")])
@pytest.mark.parametrize("quoted", [False, True])
def test_a_stray_quote_costs_one_row(tmp_path: Path, row: str, at: int, end: str, quoted: bool) -> None:
    rows = [ROW.format(n, n, n) for n in range(12)]
    if quoted:
        rows = ['"' + line[:-1].replace(",", '","') + '"\n' for line in rows]
    rows[at] = row.format(at, at, at)
    names = write(tmp_path, {"orders.csv": HEADER + "".join(rows).strip("\n") + end})
    for frame in (3, 20_000):
        with surveyed(names, frame=frame) as survey:
            ids = [event.order_id for event in survey.events(1, None)]
            assert ids == [str(n) for n in range(12) if n != at]
            assert (survey.account.counts.rows, survey.account.counts.unreadable) == (12, 1)


def test_many_stray_quotes_cost_only_their_own_rows(tmp_path: Path) -> None:
    bad = {n for n in range(3000) if n % 7 == 3 or 500 < n < 560}
    rows = [(STRAY[n % 3][0] if n in bad else ROW).format(n, n, n) for n in range(3000)]
    with surveyed(write(tmp_path, {"orders.csv": HEADER + "".join(rows)})) as survey:
        assert (survey.account.counts.rows, survey.account.counts.unreadable) == (3000, len(bad))
        assert len(list(survey.events(1, None))) == 3000 - len(bad)


@pytest.mark.parametrize("between", [0, 1, 5, 68])
def test_two_stray_quotes_that_make_a_valid_cell(desk: Desk, between: int) -> None:
    mapping = MAPPING.replace("purchase", "lead_generated").replace("amount: total, ", "").replace("order_id: id, ", "")
    rows = ['a@x.de,"5,2024-05-01T10:00:00Z\n', *(f"b{n}@x.de,7,2024-05-01T10:00:00Z\n" for n in range(between))]
    found = desk.check("email,total,at\n" + "".join(rows) + 'c@x.de,5",2024-05-01T10:00:00Z\n', mapping)
    assert (found["rows"], found["unreadable"], found["ready"]) == (between + 2, 1, between + 1)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "quoted", [["id", "at"], ["id", "email", "at"], ["email", "total"], ["id", "email", "total", "at"]]
)
def test_breaks_in_several_cells_of_a_row(desk: Desk, line_end: str, quoted: list[str]) -> None:
    """What is between them looks like a row, but for its quotes."""
    names = HEADER.strip().split(",")
    rows = [ROW.format(n, n, n).strip().split(",") for n in range(1, 4)]
    for row in rows:
        for name in quoted:
            row[names.index(name)] = f'"{row[names.index(name)]}{line_end}"'
    found = desk.check(HEADER + "\n".join(map(",".join, rows)))
    assert (found["rows"], found["unreadable"], found["ready"]) == (3, 0, 3)


def test_a_quote_within_a_cell_is_a_character(desk: Desk) -> None:
    text = 'id,email,total,at,note\n1,a@x.de,5,2024-05-01T10:00:00Z,a 5" pipe\n2,b@x.de,5,2024-05-01T10:00:00Z,"x" y\n'
    assert desk.check(text)["ready"] == 2


@given(st.lists(st.text('ab",\n\r;1 ', max_size=12), min_size=1, max_size=8), st.integers(1, 4))
def test_any_text_is_cut_into_rows_without_losing_any_of_it(lines: list[str], frame: int) -> None:
    text = "\n".join(lines)
    header = ("a", "b", "c")
    for size in (frame, 20_000):
        rows = list(csv_rows(io.StringIO(text, newline=""), Layout(CSV, header, (0, 1, 2), header), 0, size))
        kept = "".join(found.text(at) for found in rows for at in range(len(found)))
        assert kept.translate(BREAKS) == text.translate(BREAKS), "only blank lines are left out"
        assert [n for found in rows for n in found.numbers] == list(range(1, sum(map(len, rows)) + 1))


@settings(max_examples=200)
@given(st.lists(st.text('ab",\n\r;1 ', max_size=12), min_size=8, max_size=60), st.integers(1, 4))
def test_rows_are_the_same_however_much_is_read_at_a_time(lines: list[str], frame: int) -> None:
    def cut(size: int) -> list[tuple[str, str | None, list[str]]]:
        found = csv_rows(io.StringIO("\n".join(lines), newline=""), Layout(CSV, header, (0, 1, 2), header), 0, size)
        return [(rows.text(at), rows.broken.get(at), cells_at(rows, at)) for rows in found for at in range(len(rows))]

    header = ("a", "b", "c")
    assert cut(frame) == cut(20_000)


def test_what_a_quote_that_is_never_closed_had_read_is_given_in_blocks() -> None:
    """Rows take a hundred times the room of their text."""
    header = ("a", "b", "c", "d")
    layout = Layout(CSV, header, (0, 1, 2, 3), header)
    found = list(csv_rows(io.StringIO('1,"' + "ab,c\n" * 20_000), layout, 0, frame=20))
    assert sum(map(len, found)) == 20_000 and max(map(len, found)) < 1000
    assert found[0].broken[0] == NOT_CLOSED


LETTERS = st.text(st.sampled_from('ab ",ü\x1f\x1e\x1d\x1c\x01\x02💶\ud800='), max_size=6)


@given(st.lists(st.tuples(LETTERS, LETTERS, LETTERS), min_size=1, max_size=6), st.booleans())
def test_cells_cut_out_of_a_block_are_those_of_each_line(rows: list[tuple[str, ...]], backwards: bool) -> None:
    header, places = ("a", "b", "c"), (2, 1, 0) if backwards else (0, 1, 2)
    lines = [",".join(f'"{cell.replace(QUOTE, QUOTE * 2)}"' if QUOTE in cell else cell for cell in row) for row in rows]
    layout = Layout(CSV, header, places, header)
    whole = list(csv_rows(io.StringIO("\n".join(lines), newline=""), layout, 0))
    alone = [next(csv_rows(io.StringIO(line, newline=""), layout, 0)) for line in lines if line]
    assert [cells_at(found, at) for found in whole for at in range(len(found))] == [cells_at(one, 0) for one in alone]
    reasons = [found.broken.get(at) for found in whole for at in range(len(found))]
    assert reasons == [one.broken.get(0) for one in alone]


QUOTE = '"'
BREAKS = str.maketrans("", "", "\r\n")

# JSON lines

JSON_MAPPING = """
mapping: 1
name: nested
events:
  - event_name: purchase
    fields: {order_id: id, email: customer.email, amount: total, event_time: at, full_name: items.0.sku}
"""
GOOD: dict[str, Any] = {
    "id": 90071992547409920001, "customer": {"email": "a@x.de"}, "total": 9.5, "at": "2024-05-01T10:00:00Z",
    "items": [{"sku": "A"}],
}  # fmt: skip


def line(**values: Any) -> str:
    return json.dumps(GOOD | values)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not JSON"),
        ('{"id": 1', "not JSON"),
        ("nonsense", "not JSON"),
        ("{'id': 1}", "not JSON"),
        (line() + line()[:-1], "not JSON: Extra data"),
        (line(total=float("nan")), "NaN"),
        (line(total=float("-inf")), "-Infinity"),
        ("[1]", "not a JSON object"),
        ("7", "not a JSON object"),
        ("null", "not a JSON object"),
        (line(note="\ud800"), "half a character"),
        ('{"id": 1, "id": 2}', "a key is there twice"),
        ('{"id": 1, "customer": {"a": 1, "a": 1}}', "a key is there twice"),
        ('{"a":' * 150 + "1" + "}" * 150, "nested too deeply"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' + "[" * 100_000 + "]" * 100_000 + "}", "nested too deeply"),  # in no time
        ('{"a": "\t"}', "not JSON"),
    ],
)
def test_a_broken_json_line_costs_no_other_line(desk: Desk, text: str, reason: str) -> None:
    found = desk.check({"orders.jsonl": f"{line()}\n{text}\n\n{line(id=2)}"}, JSON_MAPPING)
    assert (found["rows"], found["unreadable"], found["ready"]) == (3, 1, 2)
    (reject,) = found.rejects
    assert reject["_row"] == 2 and reject["_raw"] == text and reason in reject["_reason"]


def test_json_values_are_text_as_written(tmp_path: Path) -> None:
    raw = line().replace("9.5", "1234567890123456789.10")
    mapping = JSON_MAPPING.replace(
        "full_name: items.0.sku", "profile_field_1: {template: '{total} {id} {flag} {gone}'}"
    )
    mapping += "source: {optional: [flag, gone]}\n"
    text = "\ufeff" + raw[:-1] + ', "flag": true, "gone": null}\r\n'
    (event,) = events_of(write(tmp_path, {"orders.jsonl": text}), mapping)
    assert event["order_id"] == "90071992547409920001"
    assert event["profile_field_1"] == "1234567890123456789.10 90071992547409920001 true"


def test_numbers_that_are_not_json_numbers(desk: Desk) -> None:
    text = "\n".join(
        line(id=n).replace("9.5", total) for n, total in enumerate(["1e999", "1E400", "-1", "1" * 5000, "0"])
    )
    found = desk.check({"orders.ndjson": text}, JSON_MAPPING)
    assert (found["codes"], found["ready"]) == ({"invalid_amount": 4}, 1)


def test_json_paths(desk: Desk) -> None:
    texts = [line(id=n, items=items) for n, items in enumerate([[], None, [{}], "A", [["sku"]], {"0": {"sku": "Z"}}])]
    assert desk.check({"o.jsonl": "\n".join(texts) + "\n" + line()}, JSON_MAPPING)["ready"] == 7
    none = desk.check({"o.jsonl": "\n".join(texts[:2])}, JSON_MAPPING.replace("customer.email", "customer.mail"))
    assert none.code == 2 and "'customer.mail' (near: 'customer.email'" in none.said
    assert (
        desk.check({"o.jsonl": "{}\n" + line() + '\n{"id": null, "a": [{"b": ""}]}'}, JSON_MAPPING)["without_event"]
        == 2
    )


def test_deep_but_allowed(desk: Desk) -> None:
    deep = '{"a":' * 80 + "[1.0]" + "}" * 80
    mapping = JSON_MAPPING.replace("full_name: items.0.sku", "full_name: items")
    text = line(items=0).replace('"items": 0', f'"items": {deep}') + "\n" + line(id=3, total="x")
    found = desk.check({"o.jsonl": text}, mapping)
    assert (found["ready"], found["invalid"]) == (1, 1)


def test_formats_do_not_mix(desk: Desk) -> None:
    found = desk.check({"a.csv": orders(1), "b.jsonl": line()})
    assert found.code == 2 and "several formats" in found.said


def test_an_interrupt_while_a_block_is_cut_is_the_programs_own() -> None:
    """Arrow's reader takes SIGINT for itself while it runs, unless it is told not to, and gives the block up."""
    met, over, header = list[int](), threading.Event(), ("a", "b")
    text = "a,b\n" + "x,y\n" * 200_000

    def interrupt() -> None:
        while not over.wait(0.0005):
            os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, lambda number, _: met.append(number))
    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        while not met:
            rows = csv_rows(io.StringIO(text), Layout(CSV, header, (0, 1), header, skip=1), 0)
            assert sum(map(len, rows)) == 200_000
    finally:
        over.set()
        thread.join()
        signal.signal(signal.SIGINT, before)


CELLS = st.text(st.sampled_from(list('a", ;\\\r\n\té')), max_size=5)
QUOTED = CELLS.map(lambda cell: cell.replace("\n", "")) | CELLS.map(lambda cell: '"' + cell.replace('"', '""') + '"')


@given(st.lists(st.lists(QUOTED, min_size=1, max_size=4), max_size=5), st.sampled_from([",", ";", "\t"]))
def test_a_rejected_row_goes_out_as_it_is_only_where_csv_writes_the_same(rows: list[list[str]], mark: str) -> None:
    header = ("a", "b", "c")
    layout = Layout(CSV, header, (0, 1, 2), header, 3, delimiter=mark)
    source = io.StringIO("".join(mark.join(row) + "\n" for row in [["1", f'"2{mark}"', "3"], ["1", "2", "3"], *rows]))
    for some in filter(len, csv_rows(source, layout, 0)):
        written, whole = some.written_at(np.arange(len(some)))
        kept = as_written(pc.ascii_rtrim(as_text(written), "\r\n"), whole, list(header), mark)
        assert kept[:2].all() or rows, "and those that are plain do"
        for at in np.flatnonzero(kept).tolist():
            found, file = cells_of(some.text(at), layout), io.StringIO(newline="")
            csv.writer(file, delimiter=mark, lineterminator="\r\n").writerow(found)
            assert len(found) == 3 and file.getvalue() == some.text(at).rstrip("\r\n") + "\r\n"
