"""Under `source.sum` a row of an export counts once, however many copies of it reject files have."""

import csv
import io
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from checking import TABLES, Desk, mapping_of, surveyed, write
from hypothesis import example, given, settings
from hypothesis import strategies as st

NAMES = ["id", "email", "total", "at", "item"]
HEADER = ",".join(NAMES) + "\n"
AT = "2024-05-01T10:00:00Z"
MADE = mapping_of(group_by="id", sum=["total"])
ITEMS = {
    "one": [("5", "hat")],
    "without an address": [("5", "hat")],
    "unlike": [("5", "hat"), ("2", "cup")],
    "unlike in what is not read": [("5", "hat"), ("5", "cup")],
    "equal": [("5", "hat"), ("5", "hat"), ("2", "cup")],
}
PIECES = ("export", "rejected", "7 mended", "rejected again", "8 mended")


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def judged(files: dict[str, str]) -> tuple[dict[str, float], set[str], str]:
    """The amounts that would go out, the codes of what would not, and the reject file."""
    with TemporaryDirectory() as folder, surveyed(write(Path(folder), files), MADE) as survey:
        bodies = [json.loads(event.body) for event in survey.events(1, None)]
        codes = {note.code for _, notes, _ in survey.rejects for note in notes}
        made = io.BytesIO()
        survey.rejects.render(made, survey.origins, survey.layouts)
        return {body["order_id"]: body["amount"] for body in bodies}, codes, made.getvalue().decode()


@cache
def pieces(items: str, suffix: str) -> dict[str, str]:
    """An export of two orders, and the reject files of a person who mends one after the other."""
    bad = "" if "without" in items else "nobody"
    rows = [["6", "ok@x.de", "1", AT, "hat"]]
    rows += [[order, bad, total, AT, item] for order in "78" for total, item in ITEMS[items]]
    export = TABLES[suffix](NAMES, rows)
    first = judged({f"o.{suffix}": export})[2]

    def mended(text: str, order: str) -> str:
        for written in (",{},{},", '"{}", "email": "{}"', '"{}","email":"{}"'):
            text = text.replace(written.format(order, bad), written.format(order, "a@x.de"))
        return text

    part = mended(first, "7")
    again = judged({f"r.{suffix}": part})[2]
    return dict(zip(PIECES, (export, first, part, again, mended(again, "8")), strict=True))


@settings(max_examples=20, deadline=None)
@given(
    st.sampled_from([*ITEMS]),
    st.sampled_from([*TABLES]),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=4),
    st.booleans(),
)
def test_a_row_counts_once_in_whatever_files_it_is(items: str, suffix: str, which: list[str], pasted: bool) -> None:
    """Also where reject files were put together; what is mended in one of them is mended."""
    texts = [pieces(items, suffix)[name] for name in dict.fromkeys(which) if name == "export"]
    marked = [pieces(items, suffix)[name] for name in which if name != "export"]
    if pasted and marked:
        header = "" if suffix == "jsonl" else marked[0].partition("\n")[0] + "\n"
        marked = [header + "".join(text.removeprefix(header) for text in marked)]
    texts = texts + marked if which[0] == "export" else marked + texts
    sent, codes, _ = judged({f"{n}.{suffix}": text for n, text in enumerate(texts)})
    total = sum(float(total) for total, _ in ITEMS[items])
    mended = {order: total for order in "78" if f"{order} mended" in which}
    assert sent == mended | ({"6": 1.0} if "export" in which else {})
    assert codes <= {"missing_identity" if "without" in items else "invalid_email"}


TORN = {
    "like another": ["5,AT,hat"],
    "alike": ["9,AT,pin"] * 2,
    "unlike": ["9,AT,pin"],
    "both": ["5,AT,hat", "9,AT,pin"],
}
MENDED = ("export", "fixed", "without", "rejected", "mended", "mended alike", "rejected again", "mended again")


@cache
def torn(goods: str, lines: str) -> dict[str, str]:
    """An export of an order of which some rows can't be read, as it is and mended, and its reject files."""
    good = [f"8,a@x.de,{total},{AT},{item}\n" for total, item in ITEMS[goods]]
    fixed = [f"8,a@x.de,{line}\n".replace("AT", AT) for line in TORN[lines]]
    export = HEADER + good[0] + "".join(line[:-1] + ",q\n" for line in fixed) + "".join(good[1:])
    first = judged({"o.csv": export})[2]

    def mended(rows: list[str], email: str = "a@x.de") -> str:
        reader = csv.DictReader(first.splitlines())
        cells = iter([dict(zip(NAMES, line.strip().split(","), strict=True)) for line in rows])
        made = io.StringIO()
        writer = csv.DictWriter(made, reader.fieldnames or [])
        writer.writeheader()
        writer.writerows(row | (next(cells) if row["_raw"] else {}) | {"email": email} for row in reader)
        return made.getvalue()

    again = judged({"r.csv": mended(fixed, "nobody")})[2]
    texts = (export, HEADER + "".join([*good, *fixed]), HEADER + "".join(good), first, mended(fixed))
    texts += (mended(good[:1] * len(fixed)), again, again.replace(",nobody,", ",a@x.de,"))
    return dict(zip(MENDED, texts, strict=True))


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(["one", "unlike", "equal"]),
    st.sampled_from([*TORN]),
    st.lists(st.sampled_from(MENDED), min_size=2, max_size=3).flatmap(
        lambda one: st.tuples(st.just(one), st.permutations(one))
    ),
)
@example("unlike", "like another", (["without", "mended"], ["mended", "without"]))
def test_the_order_of_the_files_decides_nothing(goods: str, lines: str, which: tuple[list[str], list[str]]) -> None:
    """Nor does a mended row that is the like of another one."""
    texts = torn(goods, lines)
    one, other = (judged({f"{n}.csv": texts[name] for n, name in enumerate(names)})[:2] for names in which)
    assert one == other


@pytest.mark.parametrize("lines", TORN)
@pytest.mark.parametrize("goods", ["one", "unlike", "equal"])
def test_mended_rows_that_are_alike_are_told_apart_when_they_are_rejected_again(goods: str, lines: str) -> None:
    texts = torn(goods, lines)
    total = sum(float(total) for total, _ in ITEMS[goods]) + sum(float(line.partition(",")[0]) for line in TORN[lines])
    assert judged({"o.csv": texts["rejected again"]})[:2] == ({}, {"invalid_email"})
    assert judged({"o.csv": texts["mended again"]})[:2] == ({"8": total}, set())


Change = Callable[[list[str]], list[str]]
CHANGES: dict[str, tuple[Change, float | None]] = {
    "one deleted": (lambda rows: rows[:1], None),
    "one deleted and one doubled": (lambda rows: rows[:1] * 2, None),
    "one doubled": (lambda rows: [*rows, rows[0]], 7),
    "one doubled, and one copy mended": (lambda rows: [*rows, rows[0].replace(",5,", ",6,")], 8),
    "mended in two ways": (lambda rows: [rows[1], *(rows[0].replace(",5,", f",{n},") for n in (6, 7))], None),
    "mended in two cells": (
        lambda rows: [rows[0].replace(",5,", ",6,"), rows[0].replace("a@x.de", "b@x.de"), rows[1]],
        None,
    ),
    "one that was not its own": (lambda rows: [*rows, rows[0].replace("=5&", "=4&").replace(",5,", ",4,")], None),
    "one added by hand": (lambda rows: [*rows, f",,,,,,,8,a@x.de,3,{AT},pot,"], 10),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_record_has_as_many_rows_as_it_had(desk: Desk, change: str) -> None:
    """No more and no fewer: which of them are its own nobody can tell but by what they were."""
    change_rows, amount = CHANGES[change]
    found = desk.check(HEADER + f"8,nobody,5,{AT},hat\n8,nobody,2,{AT},cup\n", MADE)
    path = Path(found["rejects_file"])
    header, *rows = path.read_text().replace(",nobody,", ",a@x.de,").splitlines()
    path.write_text("\n".join([header, *change_rows(rows)]) + "\n")
    for made in (MADE, MADE.replace("events:", "where: {total: {at_least: 6}}\nevents:")):
        again = desk.run("check", str(path), mapping=made)
        assert again["amount"].get("ready") == (amount and f"{amount}.00"), again.said
        assert again["codes"] == ({"conflicting_rows": 1} if amount is None else {}), "whatever its sum would be"
        if amount is None:
            assert desk.run("check", again["rejects_file"], mapping=made)["codes"] == {"conflicting_rows": 1}


@pytest.mark.parametrize("deleted", ["the row", "_raw", "both", "nothing"])
def test_a_row_that_can_not_be_read_stays_one_of_its_record(desk: Desk, deleted: str) -> None:
    """Whether a person deletes it, or what it was; once it is mended, it counts."""
    found = desk.check(HEADER + f"8,a@x.de,5,{AT},hat\n8,a@x.de,2,{AT},cup, small\n9,b@x.de,1,{AT},hat\n", MADE)
    path = Path(found["rejects_file"])
    lines = path.read_text().splitlines()
    assert lines[0].endswith(",_was,_raw") and lines[1].endswith("&=2,"), "so many it had"
    left = lines[:2] if deleted in ("the row", "both") else lines
    if deleted in ("_raw", "both"):
        left = [line.removesuffix(",_raw").partition(',"8,')[0] for line in left]
        left[1] = left[1].removesuffix(",")
    path.write_text("\n".join(left) + "\n")
    again = desk.run("check", str(path), mapping=MADE)
    assert (again["ready"], again["codes"]["conflicting_rows"]) == (0, 1), again.said
    assert again["unreadable"] == again["codes"].get("unreadable", 0) == (0 if len(left) == 2 else 1)
    if len(left) > 2:
        cells = left[2].split(",")
        cells[7:12] = ["8", "a@x.de", "2", AT, "cup"]
        path.write_text("\n".join([*left[:2], ",".join(cells)]) + "\n")
        assert desk.run("check", str(path), mapping=MADE)["amount"] == {"ready": "7.00"}
        assert desk.check({"twice.rejects.csv": "\n".join([*left[:2], *[",".join(cells)] * 2]) + "\n"}, MADE)[
            "amount"
        ] == {"ready": "7.00"}


@pytest.mark.parametrize("files", [1, 2])
def test_each_row_that_can_not_be_read_is_one_of_its_record(desk: Desk, files: int) -> None:
    """Also where there are several; where files overlap, each counts once."""
    torn = f"8,a@x.de,2,{AT},cup, small\n8,a@x.de,3,{AT},pot, large\n" + f"8,a@x.de,1,{AT},pen, red\n" * 2
    texts = {f"{n}.csv": f"{HEADER}8,a@x.de,5,{AT},hat\n{torn}" for n in range(files)}
    path = Path(desk.check(texts, MADE)["rejects_file"])
    reader = csv.DictReader(path.read_text().splitlines())
    good, *others = reader
    assert good["_was"].endswith("&=5") and len(others) == 4 * files
    cells = [dict(zip(NAMES, one["_raw"].split(","), strict=False)) for one in others]
    mended = [one | new for one, new in zip(others, cells, strict=True)]
    kept = [(mended, 12), (mended[:1], None), (mended[1:4], None), (mended[:4], 12), (mended[:4] + others[4:], 12)]
    for left, amount in kept if files == 1 else [*kept[:-1], (kept[-1][0], None)]:
        with path.open("w") as file:
            writer = csv.DictWriter(file, reader.fieldnames or [])
            writer.writeheader()
            writer.writerows([good, *left])
        again = desk.run("check", str(path), mapping=MADE)
        assert again["amount"].get("ready") == (amount and f"{amount}.00"), again.said


@pytest.mark.parametrize("emptied", ["", "_raw", "_row"])
@pytest.mark.parametrize(("equal", "named"), [(1, True), (2, True), (2, False)])
@pytest.mark.parametrize("suffix", [*TABLES])
def test_a_row_that_is_mended_into_the_like_of_another_counts_too(
    desk: Desk, suffix: str, equal: int, named: bool, emptied: str
) -> None:
    """Their marks tell them apart, whether it had named its order or not; in two reject files each counts once."""
    cells = ["8", "a@x.de", "5", AT, "hat"]
    export = TABLES[suffix](NAMES, [cells] * equal)
    line = export.splitlines()[-1]
    torn = f"{line[:-4]}\n{line[:-6]}\n" if named else "5\n6\n"
    found = desk.check({f"o.{suffix}": export + torn}, MADE)
    assert found["codes"] == {"conflicting_rows": 1, "unreadable": 2}
    mended = dict(zip(NAMES, cells, strict=True)) | {emptied: ""}
    rows = [row if row.get("id") else row | mended for row in found.rejects]
    rows = [{name: row.get(name, "") for name in rows[0] | rows[-1] if name} for row in rows]
    for some, amount in (
        (rows, 10 + 5 * equal),
        (rows * 2, 10 + 5 * equal),
        (rows[:-1], None if named else 5 + 5 * equal),
    ):
        name = f"{len(some)}.rejects.{suffix}"
        again = desk.check({name: TABLES[suffix]([*rows[0]], [[*row.values()] for row in some])}, MADE)
        assert again["amount"].get("ready") == (amount and f"{amount}.00"), again.said


def test_rows_that_are_no_text_are_told_apart_too(desk: Desk) -> None:
    whole = f"{HEADER}8,\u00e4@x.de,5,{AT},h\u00fct\n"
    found = desk.check({"o.csv": whole.encode() + f"8,a@x.de,1,{AT},".encode() + b"caf\xff\n"}, MADE)
    assert found["codes"] == {"conflicting_rows": 1, "unreadable": 1}
    assert found.rejects[0]["_was"].endswith("&=2")


def test_a_row_that_may_be_another_records_is_none_that_it_had(desk: Desk) -> None:
    """It is mended into one of its neighbours, and the other has all of its own."""
    found = desk.check(HEADER + f"8,a@x.de,5,{AT},hat\ncup\n9,b@x.de,1,{AT},hat\n", MADE)
    assert found["codes"] == {"conflicting_rows": 2, "unreadable": 1}
    path = Path(found["rejects_file"])
    for order, amounts in (("8", "8.00"), ("9", "8.00")):
        mail = "a@x.de" if order == "8" else "b@x.de"
        text = path.read_text().replace(",,,,,,,,cup", f",,{order},{mail},2,{AT},cup,,cup")
        again = desk.check({f"{order}.rejects.csv": text}, MADE)
        assert (again["amount"], again["ready"]) == ({"ready": amounts}, 2), again.said


def test_an_object_that_could_not_be_read_stays_so_without_its_text(desk: Desk) -> None:
    row = {"id": "8", "email": "a@x.de", "total": 5, "at": AT}
    found = desk.check({"o.jsonl": f'{json.dumps(row)}\n{{"id": "8", "total": 2\n'}, MADE)
    path = Path(found["rejects_file"])
    good, torn = (json.loads(line) for line in path.read_text().splitlines())
    assert good["_was"].endswith("&=2")
    for left in ([good], [good, {name: cell for name, cell in torn.items() if name != "_raw"}]):
        path.write_text("".join(json.dumps(one) + "\n" for one in left))
        again = desk.run("check", str(path), mapping=MADE)
        assert (again["ready"], again["unreadable"]) == (0, len(left) - 1)
