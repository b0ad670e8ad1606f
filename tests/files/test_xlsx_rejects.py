"""Reject files that are workbooks: nothing in them is lost, nothing in them runs, and what is mended goes out.

They are mended in programs that nobody here has written: LibreOffice and gnumeric save them again where they are there.
"""

import csv
import gc
import io
import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from checking import MAPPING, Desk, as_csv, events_of, mapping_of, surveyed, write
from full_disk import little_room
from hypothesis import given, settings
from hypothesis import strategies as st
from workbooks import cells_in, workbook

from backfill.errors import StateError
from backfill.files.format import Marking
from backfill.files.own_outputs import is_ours
from backfill.files.xlsx_rejects import write_xlsx

HEADER = ("id", "email", "total", "at", "note")
AT = "2024-05-01T10:00:00Z"
ROWS = [
    ("0012", "nobody", "5.10", AT, "=1+1"),
    ("123456789012345678", "+x", "6", AT, "-2"),
    ("5-7", "@SUM(A1)", "7", AT, "a\nb"),
    ("1", "a@x.de", "8", AT, "fine"),
    ("2", "a@x.de", "1e", "31.12.2024", '="007"'),
]
INJECTED = ("=1+1", "-2", "a\nb", '="007"')


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def mended(path: Path, to: Path, change: Callable[[dict[str, str]], None]) -> Path:
    """A reject file with its cells changed by another program than the one that wrote it."""
    book = openpyxl.load_workbook(path)
    sheet = book.active
    header = [cell.value for cell in sheet[1]]
    for cells in sheet.iter_rows(min_row=2):
        row = {name: cell.value or "" for name, cell in zip(header, cells, strict=True)}
        change(row)
        for name, cell in zip(header, cells, strict=True):
            if row[name] != (cell.value or ""):
                cell.value = row[name]
    book.save(to)
    return to


def repair(row: dict[str, str]) -> None:
    row["email"] = f"p{row['_row']}@example.com"
    row["total"], row["at"] = "9.99", AT


@pytest.mark.parametrize("name", ["orders.csv", "orders.xlsx"])
def test_every_cell_is_a_text_and_the_wrong_one_in_colour(desk: Desk, name: str) -> None:
    data = as_csv(HEADER, ROWS).encode() if name.endswith("csv") else workbook([HEADER, *ROWS], plain=True)
    path = desk.folder / "look.xlsx"
    found = desk.check({name: data}, rejects=path)
    assert found["codes"] == {"invalid_email": 3, "invalid_amount": 1, "invalid_time": 1}
    rows = cells_in(path)
    assert [[row[name] for name in HEADER] for row in rows] == [list(row) for row in ROWS if row[0] != "1"]
    assert list(rows[0])[:7] == ["_row", "_event", "_code", "_field", "_column", "_reason", "_key"]
    sheet = openpyxl.load_workbook(path).active
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", f"A1:{sheet.dimensions.split(':')[1]}")
    coloured = {cell.coordinate for row in sheet.iter_rows(min_row=2) for cell in row if cell.fill.fill_type}
    places = dict(zip([cell.value for cell in sheet[1]], "ABCDEFGHIJKLM", strict=False))
    email, total, at = (places[name] for name in ("email", "total", "at"))
    assert coloured == {f"{email}2", f"{email}3", f"{email}4", f"{total}5", f"{at}5"}
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s"}
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has it")
@pytest.mark.parametrize("count", [1, 3000])
def test_a_full_disk_is_said_in_a_sentence_and_nothing_else(desk: Desk, count: int) -> None:
    path = desk.folder / "full.xlsx"
    path.symlink_to("/dev/full")
    lines = as_csv(HEADER, [(str(n), f"nobody{n * 7919}", "5", AT, f"{n * n}") for n in range(count)])
    found = desk.check({"orders.csv": lines}, rejects=path)
    assert found.code == 2 and found.said.splitlines()[-1].endswith("can't be written (No space left on device)")


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the library leaves its own temporary file open
def test_so_is_no_room_for_its_temporary_files() -> None:
    with little_room(), io.BytesIO() as file, pytest.raises(StateError, match="temporary file can't be written"):
        write_xlsx(file, [], [], Marking(False, False, False, "utf-8", "strict"))
    gc.collect()


def test_the_repair_loop(desk: Desk) -> None:
    """Default names, the same file for the same rejects, and what is still wrong comes back."""
    found = desk.check({"orders.xlsx": workbook([HEADER, *ROWS], plain=True)})
    first = Path(found["rejects_file"])
    assert first.name == "orders.rejects.xlsx" and is_ours(first)
    again = desk.run("check", str(desk.folder / "orders.xlsx"))
    assert again["rejects_file"] == str(first)

    def some(row: dict[str, str]) -> None:
        if row["id"] != "0012":
            repair(row)

    found = desk.run("check", str(mended(first, first, some)))
    assert (found["ready"], found["codes"]) == (3, {"invalid_email": 1})
    second = Path(found["rejects_file"])
    assert second.name == "orders.rejects-2.xlsx"
    events = events_of([str(mended(second, second, repair))])
    assert [(one["order_id"], one["email"]) for one in events] == [("0012", "p1@example.com")]


@pytest.mark.parametrize("others", [AT, "2024-05-01T12:00:00.5+02:00", "2024-05-01 10:00:00"])
def test_a_time_that_a_sheet_has_taken_the_zone_from_is_named(desk: Desk, others: str) -> None:
    """Gnumeric makes a time of its own of one; where others have none, one that is mended so lacks nothing."""
    made = mapping_of(timezone="Asia/Tokyo")
    rows = [("1", "a@x.de", "5", "soon", ""), ("2", "nobody", "5", others, "")]
    found = desk.check(as_csv(HEADER, rows), made, rejects=desk.folder / "look.xlsx")

    def mend(row: dict[str, Any]) -> None:
        row.update({"at": datetime(2024, 5, 1, 10, 0, 1)} if row["id"] == "1" else {"email": "b@x.de"})

    path = Path(found["rejects_file"])
    again = desk.run("check", str(mended(path, path, mend)), mapping=made)
    said = "column at: 1 cell (first in row 1) is a time of the sheet's own, which has no zone" in again.said
    assert (again["ready"], said) == (2, "T" in others), again.said


def test_what_no_workbook_can_hold_goes_into_a_csv(desk: Desk) -> None:
    """A cell of more characters than a sheet takes; a file that is there is left alone."""
    text = as_csv(HEADER, [("1", "nobody", "5", AT, "x" * 40_000)])
    kept = desk.folder / "look.csv"
    kept.write_text("mine")
    found = desk.check(text, rejects=desk.folder / "look.xlsx")
    assert Path(found["rejects_file"]).name == "look-2.csv" and kept.read_text() == "mine"
    assert len(found.rejects[0]["note"]) == 40_000 and not (desk.folder / "look.xlsx").exists()
    assert "more than a workbook can hold" in found.said


def test_other_formats_of_a_reject_file(desk: Desk) -> None:
    found = desk.check({"orders.xlsx": workbook([HEADER, *ROWS], plain=True)}, rejects=desk.folder / "look.csv")
    with Path(found["rejects_file"]).open(encoding="utf-8-sig", newline="") as file:
        assert [row["note"] for row in csv.DictReader(file)] == list(INJECTED)
    found = desk.check({"orders.jsonl": '{"id": 1}\n'}, rejects=desk.folder / "look.xlsx")
    assert found.code == 2 and "JSON lines are no table; name a .jsonl" in found.said
    (name,) = write(desk.folder, {"orders.xlsx": workbook([HEADER, *ROWS], plain=True)})
    assert desk.run("check", name, rejects=Path(name)).code == 2, "an input"


@pytest.mark.parametrize("stated", [False, True])
@pytest.mark.parametrize("kind", ["csv", "jsonl", "xlsx"])
def test_a_reject_file_can_be_uploaded_under_its_name_or_is_refused(desk: Desk, kind: str, stated: bool) -> None:
    """Before anything is sent, and whatever is rejected."""
    made = mapping_of(format=kind) if stated and kind != "xlsx" else MAPPING
    row = ("1", "nobody", "5", AT)
    data = {"csv": as_csv(HEADER[:4], [row]), "xlsx": workbook([HEADER[:4], row])}
    data["jsonl"] = json.dumps(dict(zip(HEADER, row, strict=False)))
    (path,) = write(desk.folder, {f"o.{kind}": data[kind]})
    taken = set()
    for name in ("r", "r.out", "r.plan", "r.jsonl", "r.csv.gz", "R.TSV", "r.txt", "r.xlsx"):
        found = desk.run("check", path, mapping=made, rejects=desk.folder / name)
        if found.code == 2:
            assert f"{name}: could not be uploaded under that name; name a ." in found.said or "no table" in found.said
            assert not (desk.folder / name).exists()
        else:
            assert desk.run("check", found["rejects_file"], mapping=made)["codes"] == {"invalid_email": 1}
            taken.add(name)
    assert taken >= ({"r.jsonl"} if kind == "jsonl" else {"R.TSV", "r.txt", "r.xlsx"})


def test_an_unreadable_row_keeps_its_text(desk: Desk) -> None:
    found = desk.check(as_csv(HEADER, [("1", "a@x.de", "5", AT)]), rejects=desk.folder / "look.xlsx")
    (row,) = cells_in(found["rejects_file"])
    assert row["_raw"] == f"1,a@x.de,5,{AT}" and row["id"] == ""
    assert desk.run("check", found["rejects_file"])["codes"] == {"unreadable": 1}


# Any text that XML can hold, and most that it can't. Line breaks in a row's first and last cell are taken for stray
# quotes: its second line has as many cells as the header.
ODD = ["_x0041_", " x ", "\t", '"', 'a"b', "1e5", "\u2028", "\x01", "a\r\nb", "007", "TRUE", "#N/A"]
LETTER = st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\ufffe\uffff")
CELL = st.text(LETTER, max_size=12) | st.sampled_from([*INJECTED, *ODD])


@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.tuples(CELL, CELL).filter(lambda pair: not all("\n" in one for one in pair)), min_size=1, max_size=8)
)
def test_mended_cells_are_the_events_of_an_export_without_mistakes(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("cells")
    good = [(f"{at}{key}", f"p{at}@example.com", "9.99", AT, note) for at, (key, note) in enumerate(pairs, 1)]
    wrong = [(key, "nobody", *rest) for key, _, *rest in good]
    names = write(folder, {"bad.csv": as_csv(HEADER, wrong), "good.csv": as_csv(HEADER, good)})
    path = folder / "look.xlsx"
    with surveyed(names[:1]) as survey:
        survey.rejects.write(path, survey.origins, survey.layouts, replace=True)
        assert [row.number for row, *_ in survey.rejects] == [*range(1, len(pairs) + 1)]
    assert events_of([str(mended(path, path, repair))]) == events_of(names[1:])


def ssconvert(files: list[Path], suffix: str, to: Path) -> None:
    for file in files:
        made = to / file.with_suffix(suffix).name
        subprocess.run(["ssconvert", str(file), str(made)], check=True, capture_output=True, timeout=120)


def soffice(files: list[Path], suffix: str, to: Path) -> None:
    profile = f"-env:UserInstallation={(to / 'profile').as_uri()}"
    # A CSV in UTF-8 with a comma, as its dialogue offers.
    form = "csv:Text - txt - csv (StarCalc):44,34,76" if suffix == ".csv" else suffix[1:]
    command = ["soffice", profile, "--headless", "--convert-to", form, "--outdir", str(to), *map(str, files)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)


@pytest.mark.parametrize("save", [ssconvert, soffice])
def test_another_program_may_save_it(desk: Desk, save: Callable[[list[Path], str, Path], None]) -> None:
    """A mended file saved again as a workbook or as CSV gives the same events; so does an export that was saved so."""
    if shutil.which(save.__name__) is None:
        pytest.skip(f"{save.__name__} is not here")
    long = "123456789012345678"
    keys = ["007", long, "5-7", "1e5", "TRUE", "0x1F", "=1+1", "-2", "#5", "12.10", "é\u2028", "2024-05"]
    good = [(key, f"p{at}@example.com", "9.99", AT, f"{key} \n") for at, key in enumerate(keys, 1)]
    wrong = [(key, "nobody", *rest) for key, _, *rest in good]
    (whole,) = write(desk.folder, {"good.csv": as_csv(HEADER, good)})
    found = desk.check(as_csv(HEADER, wrong), rejects=desk.folder / "look.xlsx")
    look = mended(Path(found["rejects_file"]), desk.folder / "mended.xlsx", repair)
    export = desk.folder / "export.xlsx"
    export.write_bytes(workbook([HEADER, *good], plain=True))
    saved = desk.folder / "saved"
    saved.mkdir()
    save([look, export], ".xlsx", saved)
    expected = events_of([whole])
    assert events_of([str(saved / "mended.xlsx")]) == events_of([str(saved / "export.xlsx")]) == expected
    save([saved / "mended.xlsx"], ".csv", saved)
    assert events_of([str(saved / "mended.csv")]) == expected
