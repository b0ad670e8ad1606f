"""Under `source.sum` an order whose rows are in several files has the sum of one of them, or none, or it is said."""

import csv
import io
import json
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory

from checking import TABLES, mapping_of, surveyed, write
from hypothesis import given, settings
from hypothesis import strategies as st

NAMES = ["id", "email", "phone", "total", "at", "item"]
AT = "2024-05-01T10:00:00Z"
MADE = mapping_of(group_by="id", sum=["total"]).replace("email: email", "email: email, phone: phone")
SAID = "added up each time", "all of these were added up"
Row = list[str]

ROW = st.tuples(st.sampled_from(["10", "10", "7"]), st.sampled_from(["hat", "cup"])).map(
    lambda row: ["1", "a@x.de", "+15551230001", row[0], AT, row[1]]
)
EMPTIED = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["email", "phone", "at", "item"])), max_size=5)
CHANGED = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["total", "item"])), max_size=2)


def edited(rows: list[Row], cells: list[tuple[int, str]], to: str = "") -> list[Row]:
    """The rows with other cells."""
    made = [[*row] for row in rows]
    for at, name in cells:
        if at < len(made):
            made[at][NAMES.index(name)] = to
    return made


def texts_of(files: Sequence[list[Row]], suffix: str) -> dict[str, str]:
    return {f"{n}.{suffix}": TABLES[suffix](NAMES, rows) for n, rows in enumerate(files)}


def checked(texts: dict[str, str]) -> tuple[float | None, set[str], str, str]:
    """The order's amount, why it waits for a person, what is said of rows, and the reject file."""
    with TemporaryDirectory() as folder, surveyed(write(Path(folder), texts), MADE) as survey:
        sent = [json.loads(event.body)["amount"] for event in survey.events(1, None)]
        codes = {note.code for _, notes, _ in survey.rejects for note in notes}
        made = io.BytesIO()
        survey.rejects.render(made, survey.origins, survey.layouts)
        said = " ".join(survey.account.findings.sentences())
    return (sent[0] if sent else None), codes, said, made.getvalue().decode()


def judged(*files: list[Row], suffix: str = "csv") -> tuple[float | None, bool, str]:
    """The order's amount, whether it waits for a person, and what is said of rows."""
    amount, codes, said, _ = checked(texts_of(files, suffix))
    return amount, codes == {"conflicting_rows"}, said


@settings(max_examples=50, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=4), st.lists(EMPTIED, min_size=1, max_size=2), st.sampled_from([*TABLES]))
def test_an_order_that_each_file_has_whole_is_its_sum_or_held(
    rows: list[Row], emptied: list[list[tuple[int, str]]], suffix: str
) -> None:
    """Whatever cells but the amounts are empty in one of them, as an older export has them."""
    files = [rows, *(edited(rows, cells) for cells in emptied)]
    total = sum(float(row[3]) for row in rows)
    amount, held, said = judged(*files, suffix=suffix)
    assert (amount, held) in ((total, False), (None, True)), said


def test_an_order_of_very_many_rows_is_its_sum_too() -> None:
    """No pair of them is looked at, so that none is too many; also where all amounts are alike."""
    rows = [["1", "a@x.de", "+15551230001", "10", AT, f"hat {n}"] for n in range(1500)]
    older = edited(rows, [(n, "email" if n % 2 else "phone") for n in range(1500)])
    assert judged(rows, older)[:2] == (15000, False)
    amount, held, said = judged(rows, [[*row[:5], row[5].upper()] for row in rows])
    assert (amount, held) == (30000, False) and any(text in said for text in SAID), said


@settings(max_examples=60, deadline=None)
@given(
    st.lists(ROW, min_size=1, max_size=4),
    st.lists(st.tuples(EMPTIED, CHANGED, st.integers(0, 3), st.integers(1, 4)), min_size=2, max_size=3),
)
def test_a_sum_that_no_file_has_is_held_or_said(
    rows: list[Row], files: list[tuple[list[tuple[int, str]], list[tuple[int, str]], int, int]]
) -> None:
    """Whatever parts of it the files have, and whatever has changed; in whichever order they are named."""
    tables = [edited(edited(rows, empty), other, "5")[first:][:count] for empty, other, first, count in files]
    tables = [table for table in tables if table]
    found = [judged(*some) for some in permutations(tables)] if tables else []
    assert len({one[:2] for one in found}) <= 1
    own = {sum(float(row[3]) for row in table) for table in tables}
    for amount, held, said in found:
        assert held or amount is None or amount in own or any(text in said for text in SAID), said


DAMAGED = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(["total", "email", "at", "phone"])), min_size=1, max_size=4
)
WRONG = {"email": "nobody", "at": "soon", "phone": ""}  # behind an amount is an x: rows that are not equal stay so


def spoiled(rows: list[Row], cell: tuple[int, str]) -> list[Row]:
    """The rows with a cell that is wrong."""
    total = rows[cell[0]][3] if cell[0] < len(rows) else ""
    return edited(rows, [cell], WRONG.get(cell[1], f"{total.removesuffix('x')}x"))


def rows_of(rejects: str, suffix: str) -> list[dict[str, str]]:
    return [*map(json.loads, rejects.splitlines())] if suffix == "jsonl" else [*csv.DictReader(rejects.splitlines())]


def mended(rejects: str, correct: list[Row], suffix: str) -> str:
    """The reject file with the cells of its first rows as they should be."""
    rows = rows_of(rejects, suffix)
    for row, cells in zip(rows, correct, strict=False):
        row |= dict(zip(NAMES, cells, strict=True))
    return TABLES[suffix]([*rows[0]], [[*row.values()] for row in rows])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(ROW, min_size=1, max_size=3),
    st.lists(DAMAGED, min_size=2, max_size=2),
    st.integers(1, 3),
    st.integers(0, 5),
    st.sampled_from([*TABLES]),
    st.booleans(),
)
def test_files_whose_rejects_were_mended_give_what_they_would_have_given(
    rows: list[Row], damaged: list[list[tuple[int, str]]], count: int, some: int, suffix: str, turned: bool
) -> None:
    """Also where one part is mended first, and the rest when it comes back."""
    files = [rows, rows[:count]][:: -1 if turned else 1]
    broken = files
    for number, cells in enumerate(damaged):
        for cell in cells:
            broken = [spoiled(one, cell) if at == number else one for at, one in enumerate(broken)]
    total = sum(float(row[3]) for row in rows)
    amount, codes, said, rejects = checked(texts_of(broken, suffix))
    places = [(int(Path(row["_file"]).name[0]), int(row["_row"]) - 1) for row in rows_of(rejects, suffix)]
    correct = [files[file][row] for file, row in places]
    for left in (correct[:some], correct):
        if amount is None and codes:
            assert len(rows_of(rejects, suffix)) == len(places), "all rows are there again"
            amount, codes, said, rejects = checked({f"r.{suffix}": mended(rejects, left, suffix)})
    assert (amount, codes) == (total, set()), said
