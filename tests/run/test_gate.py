"""The gate for nightly files: a file that shrank, a lost column or an empty file stops the run before it sends."""

import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from checking import HEADER, Desk, mapping_of, orders
from hypothesis import given
from hypothesis import strategies as st
from place import MAPPING, Place

from backfill.cli import main
from backfill.errors import ThresholdStop
from backfill.files.csv import CSV
from backfill.files.format import Layout
from backfill.files.open import open_parts
from backfill.ledger import Input
from backfill.ledger.sqlite.file import ledger_path
from backfill.ledger.sqlite.ledger import SqliteLedger
from backfill.run.gate import RUNS, inputs_of, new_columns, refuse_shrunk, shrunk
from backfill.sandbox import SandboxThread
from backfill.space import address_of

ADDRESS = "https://a.test:443"


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


@pytest.mark.parametrize(
    ("rows", "past", "refused"),
    [
        (1, [], False),
        (0, [], False),
        (19, [100], True),
        (20, [100], False),
        (0, [1], True),
        (0, [0], False),
        (500, [100], False),
        (19, [100, 100, 1], True),  # one bad night that was let through does not move the median
        (19, [100, 1, 1], False),
        (3, [10, 20], False),  # a median between two
        (2, [10, 20], True),
    ],
)
def test_under_a_fifth_of_the_median_is_refused(rows: int, past: list[int], refused: bool) -> None:
    assert shrunk(rows, past) == refused


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=4), st.integers(0, 300), st.integers(0, 300))
def test_more_rows_are_never_refused_where_fewer_are_not(past: list[int], rows: int, more: int) -> None:
    assert shrunk(rows, past) or not shrunk(rows + more, past)


def test_each_file_and_mapping_has_its_own_past(tmp_path: Path) -> None:
    with SqliteLedger.open(tmp_path / "l.sqlite", ADDRESS, "default") as ledger:
        past = [Input("orders.csv", 100, ("id", "email")), Input("b.csv", 7, ("id",))]
        ledger.begin("backfill upload", "small", None, [], inputs=past)
        now = [Input("orders.csv", 100, ("id", "email", "x y", "", " ")), Input("b.csv", 1, ("id",))]
        assert list(new_columns(now, ledger, "small")) == ["orders.csv: new column since the last run: x y"]
        assert list(new_columns(now, ledger, "other")) == []
        with pytest.raises(ThresholdStop, match=r"b\.csv: 1 row, where its last run had 7; if"):
            refuse_shrunk(now, ledger, "small")
        refuse_shrunk(now, ledger, "other")
        refuse_shrunk([Input("c.csv", 1, ())], ledger, "small")


def test_only_the_last_runs_count(tmp_path: Path) -> None:
    with SqliteLedger.open(tmp_path / "l.sqlite", ADDRESS, "default") as ledger:
        for rows in [1000] * RUNS + [4] * RUNS:
            ledger.begin("backfill upload", "small", None, [], inputs=[Input("orders.csv", rows, ())])
        refuse_shrunk([Input("orders.csv", 1, ())], ledger, "small")
        assert [one.rows for one in ledger.inputs("small", "orders.csv", RUNS + 1)] == [4] * RUNS + [1000]


def test_members_of_a_zip_count_together_and_standard_input_not_at_all(tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "o.zip", "w") as archive:
        for name in ("a.csv", "b.csv"):
            archive.writestr(name, orders(1))
    (tmp_path / "c.csv").write_text(orders(1))
    with open_parts([str(tmp_path / "o.zip"), str(tmp_path / "c.csv")]) as parts:
        layouts = [Layout(CSV, (), header=("id",)) for _ in parts]
        inputs = inputs_of(parts, layouts, Counter({0: 3, 1: 4, 2: 5}))
        assert [(one.name, one.rows) for one in inputs] == [("o.zip", 7), ("c.csv", 5)]
        parts[2].label = "standard input"
        assert [one.name for one in inputs_of(parts, layouts, Counter())] == ["o.zip"]


# Night after night


class Nights:
    """One file under one name, exported again and uploaded."""

    def __init__(self, place: Place, sandbox: SandboxThread):
        self.place, self.sandbox = place, sandbox

    def __call__(self, number: int, first: int = 0, name: str = "orders.csv", **options: Any) -> dict[str, Any]:
        return self.place.upload(self.sandbox.url, self.place.orders(number, first, name), **options)


def test_a_file_that_shrank_sends_nothing_until_it_is_allowed(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    with SandboxThread(keys=("sandbox",)) as sandbox:
        nightly = Nights(place, sandbox)
        assert nightly(30)["accepted"] == 30
        assert nightly(35, 5)["accepted"] == 5
        capsys.readouterr()
        stopped = nightly(40, 35)
        assert (stopped["exit_code"], stopped["accepted"], stopped["unattempted"]) == (5, 0, 5)
        assert "orders.csv: 5 rows, where the median of its last 2 runs had 30;" in capsys.readouterr().err
        assert len(sandbox.events) == 35
        assert nightly(40, 35, allow_shrink=True)["accepted"] == 5
        assert nightly(36, 30)["exit_code"] == 0  # the median is 30 still, and 6 are a fifth
        assert nightly(42, 40, "other.csv")["exit_code"] == 0


def test_other_folders_and_check_and_rejects(place: Place, desk: Desk) -> None:
    """The name without its folder counts. A check is stopped too and leaves no trace; a reject file never is."""
    with SandboxThread(keys=("sandbox",)) as sandbox:
        nightly = Nights(place, sandbox)
        nightly(30)
        given: dict[str, Any] = {"state": place.folder / "state", "base_url": sandbox.url}
        (place.folder / "may").mkdir()
        small = place.orders(1, name="may/orders.csv")
        for _ in range(3):
            assert desk.run("check", small, mapping=MAPPING, **given).code == 5
        assert desk.run("check", small, mapping=MAPPING, allow_shrink=True, **given).code == 0
        path = ledger_path(place.folder / "state", address_of(sandbox.url), "default")
        with sqlite3.connect(path) as db:
            assert db.execute("SELECT name, rows FROM inputs").fetchall() == [("orders.csv", 30)]
        db.close()
        header = "When,_row,_event,_code,_field,_reason\n"
        marked = Path(small).read_text().replace("When\n", header).replace("Z\n", "Z,1,,,,\n")
        Path(small).write_text(marked)
        assert desk.run("check", small, mapping=MAPPING, **given).code == 0


def test_what_a_dry_limit_or_a_refused_run_leaves(place: Place) -> None:
    with SandboxThread(keys=("sandbox",)) as sandbox:
        nightly = Nights(place, sandbox)
        assert nightly(30, max_rejects=_none()).get("accepted") == 30
        assert nightly(31, 30, min_rows=2)["exit_code"] == 5
        assert nightly(60, 30, limit=1)["accepted"] == 1  # all its rows count, although one event was sent
        assert nightly(6)["exit_code"] == 0
        assert nightly(5)["exit_code"] == 5


def _none() -> Any:
    from backfill.upload.limits import MaxRejects

    return MaxRejects(number=0)


# New and lost columns


def test_a_new_column_is_a_note(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    with SandboxThread(keys=("sandbox",)) as sandbox:
        file = Path(place.orders(3))
        place.upload(sandbox.url, str(file))
        file.write_text(file.read_text().replace("When", "Tag,Note,When").replace(",2024", ",x,y,2024"))
        capsys.readouterr()
        assert place.upload(sandbox.url, str(file))["already"] == 3
        said = capsys.readouterr().err
        assert "note: orders.csv: new columns since the last run: Tag, Note" in said
        place.upload(sandbox.url, str(file))
        assert "new column" not in capsys.readouterr().err


@pytest.mark.parametrize(("header", "near"), [("id,email,totals,at", "'totals'"), ("id,email,at", ""), ("a,b,c,d", "")])
def test_a_column_that_vanished_stops_it_with_the_nearest_name(desk: Desk, header: str, near: str) -> None:
    found = desk.check(header + "\n1,a@example.com,5,2024-05-01T10:00:00Z\n")
    assert (found.code, "has the column" in found.said, "'total'" in found.said) == (2, True, True)
    assert near in found.said


def test_an_optional_column_that_decides_and_is_not_there_is_a_warning(desk: Desk) -> None:
    mapping = mapping_of(optional=["Cancelled"]) + "where: {Cancelled: empty}\n"
    found = desk.check(orders(1), mapping)
    assert (found.code, found["ready"]) == (0, 1)
    assert "warning: the file has no column Cancelled" in found.said


# Empty files


@pytest.mark.parametrize(
    ("text", "options", "code", "part"),
    [
        (HEADER, {}, 0, "warning: no rows under the header"),
        (HEADER, {"min_rows": 1}, 5, "0 rows are fewer than --min-rows 1"),
        (orders(1, 2), {"min_rows": 2}, 0, ""),
        (orders(1, 2), {"min_rows": 3}, 5, "2 rows are fewer than --min-rows 3"),
        ("", {}, 2, "a file of 0 bytes"),
        ("", {"min_rows": 1}, 2, "a file of 0 bytes"),
    ],
)
def test_an_empty_file(desk: Desk, text: str, options: dict[str, Any], code: int, part: str) -> None:
    found = desk.check(text, **options)
    assert (found.code, part in found.said) == (code, True)


def test_rows_of_all_files_count_for_min_rows(desk: Desk) -> None:
    files = {"a.csv": orders(1, 2), "b.csv": orders(3), "c.csv": HEADER}
    assert desk.check(files, min_rows=3).code == 0
    assert desk.check(files, min_rows=4).code == 5


def test_the_options_reach_the_gate(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["check", place.orders(2), "-m", place.mapping, "--state", str(place.folder / "state")]
    assert main([*words, "--min-rows", "3"]) == 5
    assert main([*words, "--min-rows", "2", "--allow-shrink"]) == 0
    with pytest.raises(SystemExit) as left:
        main([*words, "--min-rows", "-1"])
    assert left.value.code == 2
    capsys.readouterr()


def test_a_ledger_from_before_the_gate_is_still_used(desk: Desk) -> None:
    """An older ledger lacks the table: a check must not fail because of it."""
    path = ledger_path(desk.folder / "state", ADDRESS, "default")
    with SqliteLedger.open(path, ADDRESS, "default"):
        pass
    db = sqlite3.connect(path)
    db.execute("DROP TABLE inputs")
    db.execute("UPDATE meta SET value = '1' WHERE name = 'schema'")
    db.commit()
    db.close()
    assert desk.check(orders(1)).code == 0
