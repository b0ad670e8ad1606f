"""Typed numbers: a cell that is a number and no text has no decimal mark, and is what it is."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from checking import Desk, events_of, mapping_of, write
from hypothesis import given, settings
from hypothesis import strategies as st
from workbooks import workbook

import backfill
from backfill.files.frame import write_frame

AT = "2024-05-01T10:00:00Z"
HEADER = ("id", "email", "total", "at")
FIELDS = """profile_field_1: total, profile_field_2: {template: "{total} paid"},
      profile_field_16: {column: total, case: upper}"""
Row = tuple[str, str, Any, str]


def in_lines(folder: Path, rows: list[Row]) -> str:
    lines = [json.dumps(dict(zip(HEADER, row, strict=True))) for row in rows]
    return write(folder, {"a.jsonl": "\n".join(lines)})[0]


def in_a_book(folder: Path, rows: list[Row]) -> str:
    return write(folder, {"a.xlsx": workbook([HEADER, *rows])})[0]


def in_a_frame(folder: Path, rows: list[Row]) -> str:
    with (folder / "a.csv").open("wb") as file:
        write_frame(pd.DataFrame(rows, columns=list(HEADER), dtype=object), file)
    return str(folder / "a.csv")


WAYS = [in_lines, in_a_book, in_a_frame]
fractions = st.integers(1, 9_999_999).filter(lambda units: units % 1000).map(lambda units: units / 1000)
MARKS = [(None, []), (".", ["1.50"]), (",", ["1,50"]), (",", ["1.200"]), (None, ["1,50"]), (None, ["1.50"])]


@pytest.mark.parametrize(
    ("number", "read"),
    [
        *(("1.23456789E7", "12345678.9"), ("1e2", "100"), ("12.5e-1", "1.25"), ("1.5E+3", "1500"), ("0e5", "0")),
        *(("123456789012345e-2", "1234567890123.45"), ("1e40", None), ("-1e2", None)),
    ],
)
@pytest.mark.parametrize("mark", [None, ",", "."])
def test_a_number_of_json_with_a_power_is_that_number(
    tmp_path: Path, number: str, read: str | None, mark: str | None
) -> None:
    """A text with one is none: a spreadsheet has cut it."""
    for cell, amounts in ((number, [read] if read else []), (f'"{number}"', [])):
        line = f'{{"id": "1", "email": "a@x.de", "total": {cell}, "at": "{AT}"}}\n'
        for mapping in (mapping_of(decimal=mark), mapping_of(decimal=mark, group_by="id", sum=["total"])):
            found = events_of(write(tmp_path, {"a.jsonl": line}), mapping)
            assert [Decimal(str(event["amount"])) for event in found] == list(map(Decimal, amounts))


@pytest.mark.parametrize("way", WAYS)
@given(st.lists(fractions, min_size=1, max_size=4), st.sampled_from(MARKS), st.booleans())
@settings(max_examples=25)
def test_a_number_is_what_it_is_whatever_the_mark_of_texts(
    tmp_path_factory: pytest.TempPathFactory,
    way: Callable[[Path, list[Row]], str],
    numbers: list[float],
    stated: tuple[str | None, list[str]],
    summed: bool,
) -> None:
    """As an amount, in a sum and for a bound; and it is written as it is where it is a text."""
    mark, texts = stated
    rows: list[Row] = [(str(at), f"p{at}@x.de", cell, AT) for at, cell in enumerate([*numbers, *texts])]
    of_sums = {"sum": ["total"], "group_by": "id"} if summed else {}
    mapping = mapping_of(decimal=mark, **of_sums).replace("event_time: at", f"event_time: at, {FIELDS}")
    mapping = mapping.replace("events:", f"where: {{total: {{at_least: {min(numbers)}, not: ['0']}}}}\nevents:")
    found = events_of([way(tmp_path_factory.mktemp("typed"), rows)], mapping)[: len(numbers)]
    assert [event["amount"] for event in found] == numbers
    assert [float(event["profile_field_16"]) for event in found] == numbers
    if not summed:
        assert [event["profile_field_1"] for event in found] == list(map(str, numbers))
        assert [event["profile_field_2"] for event in found] == [f"{number} paid" for number in numbers]


@pytest.mark.parametrize("way", WAYS)
def test_numbers_show_nothing_of_a_mark_and_lack_none(tmp_path: Path, way: Callable[[Path, list[Row]], str]) -> None:
    rows: list[Row] = [(str(at), f"p{at}@x.de", cell, AT) for at, cell in enumerate([12.5, 99.125])]
    assert len(events_of([way(tmp_path, rows)])) == 2
    with pytest.raises(backfill.BackfillError, match="nobody can tell thousands"):
        events_of([way(tmp_path, [*rows, ("9", "p9@x.de", "1.200", AT)])])


@pytest.mark.parametrize("way", WAYS)
def test_an_id_that_is_a_number_is_written_as_it_is(tmp_path: Path, way: Callable[[Path, list[Row]], str]) -> None:
    row: Any = (118.881, "a@x.de", 5, AT)
    mapping = mapping_of(decimal=",").replace("amount: total", "amount: id, upsell_common_id: id")
    (event,) = events_of([way(tmp_path, [row])], mapping)
    assert (event["idempotency_key"], event["order_id"], event["upsell_common_id"], event["amount"]) == (
        "purchase:118.881", "118.881", "118.881", 118.881
    )  # fmt: skip


NUMBERS = [118.881, 12.5, 0.125, 1234.567, 5, -1.125]


@pytest.mark.parametrize("mark", [None, ".", ","])
@pytest.mark.parametrize("way", [in_lines, in_a_book])
def test_a_reject_file_has_them_as_they_were(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], way: Callable[[Path, list[Row]], str], mark: str | None
) -> None:
    """As CSV and as a workbook of texts; a number that is typed there is one too, also in the rejects of those."""
    desk, mapping = Desk(tmp_path, capsys), mapping_of(decimal=mark)
    name = way(tmp_path, [(str(at), "nobody", number, AT) for at, number in enumerate(NUMBERS)])
    endings = ["jsonl"] if way is in_lines else ["csv", "xlsx"]
    for ending in endings:
        desk.run("check", name, mapping=mapping, rejects=tmp_path / f"r.{ending}")
        again = desk.run("check", str(tmp_path / f"r.{ending}"), mapping=mapping, rejects=tmp_path / f"s.{ending}")
        assert again["codes"] == {"invalid_email": 6, "invalid_amount": 1}
        assert Decimal(again["amount"]["invalid"]) == Decimal(str(sum(NUMBERS) + 1.125)), ending


def test_a_frames_rejects_have_them_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(mapping_of(), encoding="utf-8")
    frame = pd.DataFrame({"id": ["1", "2"], "email": "nobody", "total": [118.881, 12.5], "at": AT})
    rejects = backfill.check(frame, path, decimal=",").rejects
    assert list(rejects["total"]) == ["118.881", "12.5"]
    rejects["email"], rejects["total"] = "a@x.de", pd.Series(["118.881", 1.125], dtype=object)
    assert list(backfill.check(rejects, path, decimal=",").events["amount"]) == [Decimal("118.881"), Decimal("1.125")]


@pytest.mark.parametrize("way", WAYS)
def test_an_id_that_is_made_of_one_is_sound(way: Callable[..., str], tmp_path: Path) -> None:
    name = way(tmp_path, [("1", "a@x.de", 10.5, AT), ("2", "b@x.de", 118.881, AT)])
    mapping = mapping_of().replace("order_id: id", 'order_id: {template: "{id}-{total}"}')
    assert [event["order_id"] for event in events_of([name], mapping)] == ["1-10.5", "2-118.881"]
