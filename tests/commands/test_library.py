"""`import backfill`: a check as a function, with what it finds as values."""

import ast
import inspect
import json
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from checking import MAPPING, mapping_of, orders, write
from guide_pages import ROOT, blocks, page

import backfill

AT = "2024-05-01T10:00:00Z"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BACKFILL_STATE", str(tmp_path / "state"))
    (tmp_path / "small.yaml").write_text(MAPPING)
    return tmp_path


def test_what_it_offers_is_little_and_loads_when_asked_for() -> None:
    assert set(backfill.__all__) == {"BackfillError", "Result", "check"}
    assert (ROOT / "backfill" / "py.typed").exists()
    assert all(hasattr(backfill, name) for name in backfill.__all__) and dir(backfill) == sorted(backfill.__all__)
    assert not hasattr(backfill, "nothing")
    loaded = "import sys, backfill; print('pandas' in sys.modules, 'numpy' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, cwd=ROOT, check=True)
    assert ran.stdout.split() == ["False", "False"]


def test_a_file_several_and_a_frame_give_the_same(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    bad = "9,nobody,5,2024-05-01T10:00:00Z\n"
    (name, more) = write(here, {"orders.csv": orders(1, 2) + bad, "more.csv": orders(3)})
    for found in (
        backfill.check([Path(name), more], "small.yaml"),
        backfill.check(pd.concat([pd.read_csv(name), pd.read_csv(more)]), here / "small.yaml"),
    ):
        assert (found.rows, found.records, found.ready, found.invalid, found.amount) == (4, 4, 3, 1, Decimal("7.5"))
        assert found.codes == {"invalid_email": 1} and found.summary["events"] == 4 and found.summary["exit_code"] == 3
        assert sorted(found.events["order_id"]) == ["1", "2", "3"]
        assert sorted(found.events["amount"]) == [Decimal("1.5"), Decimal("2.5"), Decimal("3.5")]
        (reject,) = found.rejects.to_dict("records")
        assert (reject["_row"], reject["_code"], reject["id"], reject["email"]) == ("3", "invalid_email", "9", "nobody")
        assert repr(found) == "<Result: 3 ready, 0 already there, 1 row rejected>"
    assert capfd.readouterr() == ("", "")
    assert not list(here.glob("*rejects*")) and not (here / "state").exists()


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("orders.csv", b"id,email,total,at,no\xffte\n1,nobody,5,2024-05-01T10:00:00Z,J\xffo\n"),
        (
            "orders.jsonl",
            b'{"id": 1, "email": "nobody", "total": 5, "at": "2024-05-01", "no\xffte": "J\xffo"}\n',
        ),
        (
            "orders.jsonl",
            rb'{"id": 1, "email": "nobody", "total": 5, "at": "2024-05-01", "note": "J\ud83do"}',
        ),
    ],
)
def test_rejects_that_are_no_text_can_be_seen(here: Path, name: str, row: bytes) -> None:
    (path,) = write(here, {name: row})
    (reject,) = backfill.check(path, "small.yaml", encoding="utf-8").rejects.to_dict("records")
    found = " ".join(str(cell) for cell in reject.values())
    assert "J\\xffo" in found or "J\\ud83do" in found, found


def test_where_no_event_is_ready_its_columns_are_there(here: Path) -> None:
    (name,) = write(here, {"orders.csv": "id,email,total,at\n9,nobody,5,2024-05-01T10:00:00Z\n"})
    found = backfill.check(name, "small.yaml")
    assert found.ready == 0 and len(found.events.groupby("event_name")["amount"].sum()) == 0


def test_json_lines_have_rejects_too(here: Path) -> None:
    (name,) = write(here, {"o.jsonl": f'{{"id": 1, "email": "nobody", "total": 5.10, "at": "{AT}"}}\n'})
    (reject,) = backfill.check(name, "small.yaml").rejects.to_dict("records")
    assert (reject["_code"], reject["id"], reject["total"]) == ("invalid_email", 1, Decimal("5.10"))


def test_rejects_of_json_lines_go_back_in_as_a_frame(here: Path) -> None:
    """Also where none of them has a column that others have."""
    sound = {"id": "001", "email": "a@x.de", "total": "5.10", "at": AT}
    lines = [sound, {name: cell for name, cell in sound.items() if name != "total"} | {"id": "002"}]
    (name,) = write(here, {"o.jsonl": "\n".join(map(json.dumps, lines))})
    rejects = backfill.check(name, "small.yaml").rejects
    again = backfill.check(rejects, "small.yaml")
    assert again.codes == {"missing_amount": 1}
    assert backfill.check(again.rejects.assign(total=5), "small.yaml").events["order_id"].tolist() == ["002"]


CELLS: list[tuple[Any, str]] = [
    ([1001, 1002], "1001"),
    ([12345678901234567890, 1], "12345678901234567890"),
    ([1001.0, np.nan], "1001"),
    (["0012", None], "0012"),
    (pd.array([7, None], dtype="Int64"), "7"),
    ([Decimal("12.50"), None], "12.50"),
    ([np.float64(7.0), "x"], "7"),
    (np.array([19.99, 1], "float32"), "19.99"),
    (pd.array([0.1, None], dtype="Float32"), "0.1"),
    ([b"A1 \xc3\xa9", b"A2"], "A1 é"),
    ([True, False], "TRUE"),
    ([datetime(2024, 5, 31), datetime(2024, 5, 30)], "2024-05-31"),
    ([datetime(2024, 5, 31), datetime(2024, 5, 30, 1)], "2024-05-31T00:00:00"),
    ([datetime(2024, 5, 31, 10, tzinfo=UTC), None], "2024-05-31T10:00:00+00:00"),
    ([date(2024, 5, 31), None], "2024-05-31"),
    (['a,"b"\n', "x"], 'a,"b"\n'),
]


@pytest.mark.parametrize(("values", "text"), CELLS)
def test_what_a_frames_cell_reads_as(values: Any, text: str) -> None:
    frame = pd.DataFrame({"id": ["1", "2"], "email": "nobody", "total": 5, "at": AT, "note": values}, index=[8, 9])
    assert backfill.check(frame, "small.yaml").rejects["note"][0] == text


@pytest.mark.parametrize("stated", [None, "cp1252"])
def test_a_cell_of_a_frame_that_is_no_text_harms_no_other(here: Path, stated: str | None) -> None:
    """A DataFrame has no encoding that could be guessed, or stated."""
    frame = pd.DataFrame({"id": ["Ä1", "Ö2", "Ü3"], "email": "a@x.de", "total": 5, "at": AT})
    frame["note"] = pd.Series(["José", "bad \udce9", "x"], dtype=object)
    found = backfill.check(frame, "small.yaml", encoding=stated)
    assert found.events["order_id"].tolist() == ["Ä1", "Ü3"] and found.codes == {"unreadable": 1}
    assert not found.warnings


def test_warnings_name_no_hidden_file(here: Path) -> None:
    frame = pd.DataFrame({"id": [1, 1.2345678901234e20], "email": "a@x.de", "total": "5,10", "at": AT})
    found = backfill.check(frame, "small.yaml")
    assert any("in scientific notation" in one for one in found.warnings)
    assert found.summary["inferred"] and not any("/" in one for one in found.warnings), found.warnings


def test_what_stops_it_is_raised(here: Path) -> None:
    with pytest.raises(backfill.BackfillError, match="no such file") as caught:
        backfill.check("gone.csv", "small.yaml")
    assert caught.value.exit_code == 2
    with pytest.raises(backfill.BackfillError, match="timezone"):
        backfill.check(
            pd.DataFrame({"id": 1, "email": "a@x.de", "total": 5, "at": [datetime(2024, 5, 1)]}), "small.yaml"
        )


OPTIONS = sorted(set(inspect.signature(backfill.check).parameters) - {"source", "lookups"})


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"timezone": "Mars"}, "timezone: 'Mars' is no IANA time zone"),
        ({"date_order": "xyz"}, "date_order: 'xyz' is none of ymd, dmy, mdy"),
        ({"decimal": ";"}, "decimal: ';' is none of ., ,"),
        ({"encoding": "klingon"}, "encoding: 'klingon' is no text encoding"),
        ({"space": "no/such"}, "space: a Space's name has"),
        ({"base_url": "ftp://x"}, "ftp://x: an https:// address is needed"),
        ({"since": "later"}, "--since later: not a time"),
        ({"since": date(2024, 5, 1)}, "since: must be a text, and is of date"),
        *(({name: ""}, f"{name}: ") for name in OPTIONS),
        ({"source": []}, "there is no file in the list"),
        ({"source": pd.DataFrame()}, "DataFrame.csv: "),
    ],
)
def test_what_no_command_line_would_take_is_raised(here: Path, options: dict[str, Any], sentence: str) -> None:
    frame = pd.DataFrame({"id": [1], "email": "a@x.de", "total": 5, "at": AT})
    with pytest.raises(backfill.BackfillError) as caught:
        backfill.check(**({"source": frame, "mapping": "small.yaml"} | options))
    assert str(caught.value).startswith(sentence) and caught.value.exit_code == 2, caught.value


def test_a_number_of_any_length_is_a_cell_of_the_rejects(here: Path) -> None:
    digits = [4299, 4300, 4301, 9000]
    rows = "".join(f'{{"id": {n}, "email": "a@x.de", "total": -{"9" * n}, "at": "{AT}"}}\n' for n in digits)
    (name,) = write(here, {"o.jsonl": rows})
    found = backfill.check(name, "small.yaml")
    assert found.codes == {"invalid_amount": len(digits)}
    assert [Decimal(cell) for cell in found.rejects["total"]] == [Decimal(f"-{'9' * n}") for n in digits]


def test_an_export_of_which_no_row_can_be_read_is_called_no_reject_file(here: Path) -> None:
    (name,) = write(here, {"o.jsonl": '{"id": 1,\n'})
    found = backfill.check(name, "small.yaml")
    assert found.unreadable == 1
    assert "no row that can be read has the column id, which the mapping names: it reads as empty" in found.warnings


def test_settings_and_lookups(here: Path) -> None:
    (here / "joined.yaml").write_text(
        mapping_of(timezone="Europe/Berlin")
        .replace("events:", "lookups: {people: {on: [who, id]}}\nevents:")
        .replace("email: email", "email: people.mail")
    )
    frame = pd.DataFrame({"id": [1, 2], "who": ["a", "b"], "total": 5, "at": [datetime(2024, 5, 1, 9), pd.NaT]})
    people = pd.DataFrame({"id": ["a"], "mail": ["a@x.de"]})
    found = backfill.check(frame, "joined.yaml", lookups={"people": people}, until="2024-06-01")
    assert found.events["event_time"].tolist() == ["2024-05-01T07:00:00Z"]
    assert found.events["email"].tolist() == ["a@x.de"] and found.invalid == 1


def test_the_page_of_the_guide_runs(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("shopify_orders.csv", "presets/stripe_payments.csv"):
        (here / Path(name).name).write_bytes((ROOT / "sample_data" / name).read_bytes())
    scope: dict[str, Any] = {}
    for block in blocks("python", page("library")):
        exec(compile(ast.parse(block), "library.md", "exec"), scope)
    said = capsys.readouterr().out
    assert "ready, 0 already there" in said and "no preset" in said and said.rstrip().endswith("2")
    assert scope["found"].ready
