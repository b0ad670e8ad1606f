"""Laws: every event has one verdict, a key depends on its recipe alone, repaired rejects give what was meant."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from checking import MAPPING, events_of, mapping_of, surveyed, write
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from backfill.fields.mend import NOTHINGS

HEADER = ["id", "email", "total", "at", "note"]
GOOD = ["1", "a@x.de", "5", "2024-05-01T10:00:00Z", "n"]
MAPPINGS = [
    mapping_of(timezone="UTC", date_order="dmy", decimal="."),
    mapping_of(timezone="UTC", date_order="dmy", decimal=".", group_by="id"),
    mapping_of(timezone="UTC", date_order="dmy", decimal=",", short_rows="pad", group_by="id", sum=["total"]),
    MAPPING.replace("purchase", "lead_generated")
    .replace("at}", "at, comet_token: note}")
    .replace(
        "events:", "source: {timezone: UTC, date_order: mdy, decimal: '.'}\nwhere: {total: {at_least: 1}}\nevents:"
    ),
]
NAUGHTY = [
    "",
    " ",
    '"',
    '""',
    ",",
    "\n",
    "\r",
    "\0",
    "0",
    "-0",
    "1e5",
    "1.0",
    "#N/A",
    "=1+1",
    "null",
    "İ",
    "\ufeff",
    "💩",
    "a|b",
]
CELL = st.sampled_from([*NAUGHTY, *GOOD]) | st.text(max_size=20)
TABLE = st.lists(st.lists(CELL, min_size=4, max_size=6), max_size=6)


def as_csv(rows: list[list[str]], header: list[str] = HEADER) -> str:
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\r\n").writerows([header, *rows])
    return file.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("laws")


@settings(max_examples=15, deadline=None)
@given(TABLE, st.sampled_from(MAPPINGS), st.integers(1, 4))
def test_any_text_in_any_cell_has_one_verdict(folder: Path, rows: list[list[str]], mapping: str, frame: int) -> None:
    names = write(folder, {"any.csv": as_csv([GOOD, *rows])})
    with surveyed(names, mapping, frame=frame) as survey:
        counts = survey.account.counts
        assert counts.rows == counts.records + counts.merged
        assert counts.events == sum(counts.verdicts.values())
        events = list(survey.events(1, None))
        assert len(events) == counts.verdicts["ready"]
        assert all(json.loads(event.body)["idempotency_key"] == event.key for event in events)
        assert len({event.key for event in events}) == len(events)
        rejected = sum(1 for _ in survey.rejects)
        assert (rejected > 0) == (counts.rejects > 0) and rejected <= counts.rows
        path = survey.rejects.write(folder / "any.rejects.csv", survey.parts, survey.layouts, replace=True)
    if rejected:
        with surveyed([str(path)], mapping, frame=frame) as again:
            assert not again.inference.infers and again.account.counts.rows == rejected
            assert again.account.counts.unreadable == counts.unreadable


VALUE = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zs", "Zl", "Zp")), max_size=30)


@settings(max_examples=15, deadline=None)
@given(VALUE, VALUE, st.integers(1, 3), st.permutations(HEADER), st.sampled_from(["x.csv", "y.csv"]), st.integers(0, 9))
def test_a_key_is_made_of_its_recipe_alone(
    folder: Path, order: str, note: str, amount: int, header: list[str], name: str, others: int
) -> None:
    order = order.strip().lstrip("#+-=0123456789") or "A1"
    assume(order not in NOTHINGS)
    row = {"id": order, "email": "Ann@x.de", "total": str(amount), "at": "2024-05-01T12:00:00+02:00", "note": note}
    rows = [["", f"o{n}@x.de", "1", "2024-05-01T10:00:00Z", "x"] for n in range(others)]
    rows = [[dict(zip(HEADER, cells, strict=True))[column] for column in header] for cells in rows]
    rows.insert(others // 2, [row[column] for column in header])
    lead = MAPPING.replace("purchase", "lead_generated").replace("at}", "at, full_name: note}")
    for mapping, plain in (
        (lead, {**row, "note": "", "total": "9"}),
        (lead.replace("order_id: id, ", ""), {**row, "id": ""}),
    ):
        (alone,) = events_of(write(folder, {"plain.csv": as_csv([[*plain.values()]], [*plain])}), mapping)
        names = write(folder, {name: as_csv(rows, header)})
        keys = [event["idempotency_key"] for event in events_of(names, mapping) if event["email"] == "Ann@x.de"]
        assert keys == [alone["idempotency_key"]]


DAMAGE: dict[str, list[str]] = {
    "email": ["", "nobody", "a b@x.de"],
    "total": ["", "free", "-1"],
    "at": ["", "soon", "2099-01-01T00:00:00Z"],
}


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([*DAMAGE, ""]), st.integers(0, 2), st.booleans()), min_size=1, max_size=8),
    st.booleans(),
    st.sampled_from(["utf-8", "utf-16", "cp1252"]),
)
def test_repaired_rejects_give_the_keys_that_were_meant(
    folder: Path, damages: list[tuple[str, int, bool]], hashed: bool, encoding: str
) -> None:
    mapping = mapping_of(encoding=encoding)
    if hashed:
        mapping = mapping.replace("order_id: id, ", "").replace("purchase", "lead_generated")
    whole: list[list[str]] = [
        [f"00{n}", f"p{n}@x.de", f"{n}.50", f"2024-05-0{n + 1} 10:00:00 -0500", "é" * (n % 2)]
        for n in range(len(damages))
    ]
    broken = [list(row) for row in whole]
    for row, (column, which, ragged) in zip(broken, damages, strict=True):
        if column:
            row[HEADER.index(column)] = DAMAGE[column][which]
        if ragged:
            row.append("one too many")
    (folder / "meant.csv").write_bytes(as_csv(whole).encode(encoding))
    (folder / "broken.csv").write_bytes(as_csv(broken).encode(encoding))
    meant = {event["idempotency_key"]: event for event in events_of([str(folder / "meant.csv")], mapping)}
    found: dict[str, Any] = {}
    name = str(folder / "broken.csv")
    with surveyed([name], mapping) as survey:
        found |= {event.key: json.loads(event.body) for event in survey.events(1, None)}
        path = survey.rejects.write(folder / "broken.rejects.csv", survey.parts, survey.layouts, replace=True)
        numbers = [row.number for row, _, _ in survey.rejects]
    lines = list(csv.reader(io.StringIO(path.read_bytes().decode(encoding), newline="")))
    for number, line in zip(numbers, lines[1:], strict=True):
        line[7 : 7 + len(HEADER)] = whole[number - 1]  # after the marks
    path.write_bytes(as_csv(lines[1:], lines[0]).encode(encoding))
    found |= {event["idempotency_key"]: event for event in events_of([str(path)], mapping)}
    assert found.keys() == meant.keys()
