"""Mending on the page: what it says of a cell is what an upload of the saved reject file says, and no cell is lost."""

import json
import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from checking import mapping_of, write
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from place import Place
from reviewing import Review, reviewed

from backfill.commands.review.journal import Kept
from backfill.commands.review.mending import READY, Mending
from backfill.commands.review.reading import Reading
from backfill.commands.review.totals import MEND, MENDED
from backfill.errors import SourceError, StateError
from backfill.run.options import Options
from backfill.survey.orders import orders

HEADER = "id,email,total,at,status,note\n"
TWO = """
  - event_name: lead_generated
    where: {status: lead}
    fields: {email: email, event_time: at}
"""
MAPPINGS = [
    mapping_of(),
    mapping_of().replace("at}", "at, comet_token: note}"),
    mapping_of(group_by="id").rstrip() + TWO,
    mapping_of(group_by="id", sum=["total"]),
]
CELLS = {
    "id": st.sampled_from(["1001", "1002", "1003", "5.40E+12", ""]),
    "email": st.sampled_from(["a@x.de", "b@x.de", "nobody", ""]),
    "total": st.sampled_from(["5", "7.25", "free", ""]),
    "at": st.sampled_from(["2024-05-01T10:00:00Z", "2024-05-02T10:00:00Z", "soon", ""]),
    "status": st.sampled_from(["paid", "lead"]),
    "note": st.sampled_from(["t1", "t2"]),
}
ROW = st.tuples(*CELLS.values()).map(",".join)
TORN = st.sampled_from(["1001,a@x.de,5", '"1002,a@x.de,5,2024-05-01T10:00:00Z,paid,t1'])
TABLE = st.lists(st.one_of(ROW, ROW, ROW, TORN), min_size=1, max_size=7)
UNSTATED = {"total": ["49,90", "1.200"], "at": ["05.03.2024", "2024-05-01 10:00"]}  # what only a setting tells
WRITTEN = CELLS | {name: st.one_of(CELLS[name], st.sampled_from(texts)) for name, texts in UNSTATED.items()}
EDITS = st.lists(
    st.tuples(st.integers(0, 20), st.one_of(*(st.tuples(st.just(n), c) for n, c in WRITTEN.items()))), max_size=6
)


@contextmanager
def mending(folder: Path, files: list[str], mapping: str, **stated: Any) -> Iterator[Mending]:
    (folder / "m.yaml").write_text(mapping, encoding="utf-8")
    given = {"mapping": str(folder / "m.yaml"), "state": folder / "state", "base_url": "https://a.test", **stated}
    reading = Reading(Options.of("check", tuple(files), ("backfill", "check", *files), **given)).open()
    try:
        reading.take()
        if reading.failed:
            raise reading.failed
        made = Mending(reading, reading.journal)
        made.take_up()
        yield made
    finally:
        reading.close()


def owners(made: Mending) -> list[int]:
    return [owner for page in (1, 2) for owner in made.rows.owners("", page)]


def sound_of(again: Mending, rows: list[tuple[int, int]]) -> set[tuple[int, int]]:
    """The places of the rows that a saved reject file gives sound orders of; `rows` are all of its rows."""
    sound: set[tuple[int, int]] = set()
    for order in orders(again.reading.survey):
        if order.events and not order.rejected:
            sound |= {rows[row.number - 1] for row in order.rows if row.part == 0}
    return sound


def codes(made: Mending) -> dict[int, set[str]]:
    return {owner: {fault.code for row in made.rows.of(owner) for fault in row.faults} for owner in owners(made)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mending")


LONE = ["1001,a@x.de,free,2024-05-01T10:00:00Z,paid,t1"]
APART = ["5.40E+12,b@x.de,5,2024-05-01T10:00:00Z,lead,t2", "5.40E+12,,5,,paid,t2"]


@settings(max_examples=8, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@example(APART, MAPPINGS[2], [(0, ("id", "1003"))], 0)
@example(LONE, MAPPINGS[0], [(0, ("total", "49,90"))], 0)
@example(LONE, MAPPINGS[0], [(0, ("total", "1.200"))], 0)
@example(LONE, MAPPINGS[0], [(0, ("total", "5")), (0, ("at", "05.03.2024"))], 0)
@example([*LONE, "1002,a@x.de,7.25,2024-05-01T10:00:00Z,paid,t1"], MAPPINGS[0], [(0, ("total", "1.200"))], 0)
@given(TABLE, st.sampled_from(MAPPINGS), EDITS, st.integers(0, 99))
def test_the_pages_word_is_the_uploads(
    folder: Path, table: list[str], mapping: str, edits: list[tuple[int, tuple[str, str]]], seed: int
) -> None:
    for old in folder.glob("orders*"):
        old.unlink()
    lines = random.Random(seed).sample(table, len(table))
    files = write(folder, {"orders.csv": HEADER + "".join(f"{line}\n" for line in lines)})
    with mending(folder, files, mapping) as made:
        made.forget()
        every = owners(made)
        if not every:
            return
        for owner in every:  # nothing is mended yet: the same rules are broken
            assert made.judge(owner)[0].state != READY, made.rows.of(owner)
        for at, (column, text) in edits:
            owner = every[at % len(every)]
            row = made.rows.of(owner)[0]
            made.change(owner, {row.place: {column: text}})
            if made.judged[owner].state == "ask" and at % 2:
                made.take_key(owner)
        places = {owner: {row.place for row in made.rows.of(owner)} for owner in every}
        ready = {owner for owner in every if made.judged[owner].state == READY}
        rows = [row.place for row in made.rows.all()]
        saved = made.save(files[0])
        carried, holding = made.reading.shown.clues, made.holding
        totals = made.reading.totals
        assert totals.orders(MENDED) + totals.orders(MEND) == len(every)
    rejected = {number for _, number in rows}
    sent = [line for number, line in enumerate(lines, 1) if number not in rejected]
    files = [str(saved), *write(folder, {"sent.csv": HEADER + "".join(f"{line}\n" for line in sent)})]
    stated = {name: clue.value for name, clue in carried.items()}
    try:
        with mending(folder, files, mapping, **stated) as again:
            sound = sound_of(again, rows)
    except SourceError as error:  # no cell of a column says how it is written: the page has said which
        assert any(f"column {column}:" in str(error) for column in holding), (lines, edits, holding)
        return
    # an order whose rows an edit has set apart is mended once all of them are
    mended = {owner for owner in every if places[owner] <= sound}
    assert mended == ready or (holding and mended > ready), (lines, edits, ready, sound)


# The page

EXPORT = """id,name,email,total,at,status
1,#1001,ada@example.com,10.50,2024-01-31T10:00:00Z,paid
2,#1002,nobody,20.25,2024-02-02T10:00:00Z,paid
3,#1003,eve@example.com,free,2024-02-03T10:00:00Z,paid
4,#1004,zoe@example.com,free,2024-02-04T10:00:00Z,paid
5,#1005,kim@example.com,5,2024-02-04T10:00:00Z,paid
5,#1006,lou@example.com,6,2024-02-05T10:00:00Z,paid
7,#1007,too,few
"""
MAPPING = """mapping: 1
name: shop
where: {status: paid}
events:
  - event_name: purchase
    fields: {order_id: id, order_name: name, email: email, amount: total, event_time: at}
"""


def export(place: Place) -> list[str]:
    (place.folder / "orders.csv").write_text(EXPORT, encoding="utf-8")
    (place.folder / "shop.yaml").write_text(MAPPING, encoding="utf-8")
    return [str(place.folder / "orders.csv"), "-m", str(place.folder / "shop.yaml")]


def mend(review: Review, order: str, more: dict[str, Any] | None = None, **cells: str) -> Any:
    """Write into the cells of an order's first row; return what the script is told."""
    rev = re.findall(r'name="rev" value="(\d+)"', review.get("mend").text)[0]
    named = {f"c|{order}|{column}": text for column, text in cells.items()}
    return review.send(f"mend/{order}", rev=rev, **named, **(more or {})).json


def test_mended_saved_and_uploaded(place: Place) -> None:
    files = export(place)
    with reviewed(place, *files) as review:
        text = review.get("mend").text
        assert "nobody" not in text and "eve@" not in text  # a masked page does not hold what it masks
        assert 'value="free"' in text and "4 cells where the header has 6" in text
        assert mend(review, "0-2", email="still nobody")["orders"][0]["state"] == "wrong"
        assert mend(review, "0-2", email="bob@example.com")["orders"][0]["says"] == "ready now"
        found = mend(review, "0-3", total="30.00")
        assert found["alike"] == {"column": "total", "was": "free", "now": "30.00", "orders": 1}
        rev = found["rev"]
        found = review.send("mend/alike", rev=rev, column="total", was="free", now="30.00").json
        assert [(one["id"], one["state"]) for one in found["orders"]] == [("0-4", "ready")]
        found = mend(review, "0-3", id="33")["orders"][0]
        assert (found["state"], found["ask"]) == ("ask", ["3", "33"])  # it may have been sent under the other id
        assert mend(review, "0-3", {"take_key": "yes"})["orders"][0]["state"] == "ready"
        found = mend(review, "0-5", id="55")
        assert [(one["id"], one["state"]) for one in found["orders"]] == [("0-5", "ready"), ("0-6", "ready")]
        assert found["alike"] is None  # the other keeps the id that both had
        row = {"id": "7", "name": "#1007", "email": "ed@example.com", "total": "9", "at": "2024-02-09T10:00:00Z"}
        found = mend(review, "0-7", status="paid", **row)
        assert found["left"] == 0 and found["verdict"][0] == "Send this."
        assert "not yet in the reject file" in found["bar"]
        assert review.send("mend/save", rev=found["rev"]).json["file"] == "orders.rejects.csv"
        assert "Saved as orders.rejects.csv" in review.get("mend").words
        assert "mended, in orders.rejects.csv" in review.get("counts").words
        assert review.end()[0] == 130
    saved = place.folder / "orders.rejects.csv"
    assert saved.stat().st_mode & 0o777 == 0o600
    before = saved.read_bytes()
    ran = place.command("upload", str(saved), *files[1:], "--sandbox", "--json")
    summary = json.loads(ran.stdout)
    assert (ran.returncode, summary["accepted"], summary["amount"]["accepted"]) == (0, 6, "100.25"), ran.stderr
    ran = place.command("check", *files, "--json", "--state", str(place.folder / "state"))
    assert json.loads(ran.stdout)["rejects_file"] == str(saved)
    assert saved.read_bytes() == before
    assert not list(place.folder.glob("*rejects-2*"))


def test_nothing_that_was_kept_is_lost(place: Place) -> None:
    files = export(place)
    with reviewed(place, *files) as review:
        mend(review, "0-2", email="bob@example.com")
        review.process.kill()
        review.process.communicate(timeout=60)
    (journal,) = (place.folder / "state" / "review").iterdir()
    assert journal.stat().st_mode & 0o777 == 0o600
    with journal.open("a", encoding="utf-8") as file:
        file.write('{"row": [0, 3], "cel')  # as a machine that stops leaves it
    with reviewed(place, *files) as review:
        words = review.get("mend").words
        assert "1 cell mended on" in words and "1 of 6 mended" in words
        assert mend(review, "0-3", total="1")["mended"] == 2
        rev = re.findall(r'name="rev" value="(\d+)"', review.get("mend").text)[0]
        assert "0 of 6 mended" in review.post("mend/drop", rev=rev).words
    with reviewed(place, *files, "--forget"):
        assert not journal.exists()
    other = place.folder / "other.csv"
    with reviewed(place, *files) as review:
        mend(review, "0-2", email="bob@example.com")
    other.write_text(EXPORT + EXPORT.splitlines()[1] + "\n", encoding="utf-8")
    with reviewed(place, str(other), *files[1:]) as review:  # another file's cells are never applied
        assert "0 of 6 mended" in review.get("mend").words


def test_what_can_not_be_done_is_said(place: Place) -> None:
    files = export(place)
    with reviewed(place, *files) as review:
        rev = mend(review, "0-2", email="bob@example.com")["rev"]
        for sent, status, sentence in [
            ({"rev": 1, "c|0-2|email": "x"}, 409, "changed in another tab"),
            ({"rev": rev, "c|0-9|email": "x"}, 400, "none of the order's"),
            ({"rev": rev, "c|0-2|nothing": "x"}, 400, "no column nothing"),
            ({"rev": rev, "c|email": "x"}, 400, "names no cell"),
        ]:
            got = review.send("mend/0-2", **sent)
            assert (got.status, sentence in got.json["sentence"]) == (status, True), got.json
        assert review.send("mend/0-1", rev=rev).status == 404
        found = mend(review, "0-2", status="refunded")  # which the mapping leaves out
        rev, (order, *_) = found["rev"], found["orders"]
        assert order["state"] == "wrong" and order["cells"]["c|0-2|status"].startswith("with this it gives no event")
        (place.folder / "orders.csv").write_text(EXPORT + "8,#1008,a@x.de,1,2024-02-04,paid\n", encoding="utf-8")
        got = review.send("mend/save", rev=rev)
        assert got.status == 409 and "orders.csv has changed since it was read" in got.json["sentence"]
        assert "has changed since it was read" in review.get("counts").words
        (place.folder / "shop.yaml").write_text(MAPPING + "# and mine\n", encoding="utf-8")
        review.post("again", rev=rev, back="mend")
        words = review.read("mend").words
        assert "2 cells mended on" in words and "has changed since" not in words and "All 7" in words, words
        rev = re.findall(r'name="rev" value="(\d+)"', review.get("mend").text)[0]
        review.post("mapping/again", rev=rev)
        assert "# and mine" in review.read("columns").text


def test_without_the_script_a_form_does_the_same(place: Place) -> None:
    with reviewed(place, *export(place)) as review:
        rev = re.findall(r'name="rev" value="(\d+)"', review.get("mend").text)[0]
        got = review.post("mend/0-3", rev=rev, back="mend?page=1", **{"c|0-3|total": "3"})
        assert "1 of 6 mended" in got.words and "✓ ready now" in got.words
        assert "email" in review.get("mend/0-3").text
        assert review.get("cell/0-2?cell=c%7C0-2%7Cemail").json == {"text": "nobody"}


OFFERED = [
    ("total", "49,90", ["Decimal mark: comma"]),
    ("at", "05.03.2024", ["Time zone of the shop", "day first: 5 Mar 2024", "month first: 3 May 2024"]),
    ("at", "2024-05-01 10:00", ["Time zone of the shop"]),
]


@pytest.mark.parametrize(("column", "text", "offered"), OFFERED)
def test_a_cell_that_needs_a_setting_says_so_and_never_stops_the_start(
    place: Place, column: str, text: str, offered: list[str]
) -> None:
    files = export(place)
    (place.folder / "orders.csv").write_text("".join(EXPORT.splitlines(keepends=True)[:3]))  # one alone is rejected
    for at in range(2):
        with reviewed(place, *files) as review:
            found = mend(review, "0-2", **{column: text}) if not at else None
            page = review.get("mend").text
            assert f'value="{text}"' in page and "choose " in page and "source." not in page
            assert "columns#s-timezone" in page or 'form="set-decimal" name="value" value=","' in page
            (choices,) = re.findall(r'<span class="choice">(<.*?)</span>', page)
            assert re.findall(r">([^<]+)</(?:a|button)>", choices) == offered
            assert found is None or "choose " in found["orders"][0]["cells"][f"c|0-2|{column}"]
            assert "A cell may hold the others back." in review.get("hand-over").words


def test_a_cell_that_can_not_be_judged_is_refused_and_kept_nowhere(place: Place) -> None:
    files, row = export(place), EXPORT.replace("nobody,20.25", "nobody,1.200")
    (place.folder / "orders.csv").write_text(row, encoding="utf-8")
    with reviewed(place, *files) as review:
        assert "nobody can tell whether a person" in mend(review, "0-2", total="1200")["sentence"]
        assert mend(review, "0-3", total="5")["mended"] == 1
    (journal,) = (place.folder / "state" / "review").iterdir()
    assert "1200" not in journal.read_text()
    with journal.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"row": [0, 2], "cells": {"total": "1200"}}) + "\n")
    with reviewed(place, *files) as review:
        words = review.get("mend").words
        assert "1 of 6 mended" in words and "1 cell mended before is not here again." in words, words


ADDED = "8,#1008,a@x.de,1,2024-02-04T10:00:00Z,paid\n"
AT = {"0-2": {"email": "bob@example.com"}, "0-3": {"total": "30"}, "0-7": {"id": "7", "name": "#1007"}}
CHANGES = {  # what a new export may have instead, and the cells of the old one that fit it
    "a row more": (lambda text: text + ADDED, 4),
    "a row before": (lambda text: text.replace("1,#1001", ADDED + "1,#1001"), 4),
    "blanks and quotes": (lambda text: text.replace("nobody", '"nobody "'), 4),
    "another cell of the row": (lambda text: text.replace("2,#1002", "2,#1002b"), 4),
    "the cell itself": (lambda text: text.replace("nobody", "still nobody"), 3),
    "mended at its source": (lambda text: text.replace("nobody", "bob@example.com"), 3),
    "rows that are gone": (lambda text: text.partition("7,#1007")[0], 2),
    "several rows of an id": (
        lambda text: text.replace("2,#1002", "2,#9,nobody,1,2024-02-02T10:00:00Z,paid\n2,#1002b"),
        3,
    ),
}


@pytest.mark.parametrize(("made_of", "fits"), CHANGES.values(), ids=CHANGES)
def test_what_was_mended_outlives_a_change_of_the_file(
    tmp_path: Path, made_of: Callable[[str], str], fits: int
) -> None:
    files = write(tmp_path, {"orders.csv": EXPORT})
    with mending(tmp_path, files, MAPPING) as made:
        for place, cells in AT.items():
            change(made, place, **cells)
        before = {one.order: one for one in kept_in(made)}
    for text, number in ((made_of(EXPORT), fits), (made_of(EXPORT), fits), (EXPORT, 4), (made_of(EXPORT), fits)):
        write(tmp_path, {"orders.csv": text})
        with mending(tmp_path, files, MAPPING) as made:
            assert (made.taken_up, len(made.aside)) == (number, 4 - number), made.aside
            for row in made.rows.all():
                for column, written in made.journal.edits.get(row.place, {}).items():
                    assert before[made.journal.rows[row.place].order].cells[column] == written
                    assert made.cells(row)[column] == written
            assert {one.text for one in made.aside} <= {"bob@example.com", "7", "#1007"}
        assert len(list((tmp_path / "state" / "review").iterdir())) == 1
    with mending(tmp_path, files, MAPPING) as made:
        made.forget()
        made.forget_aside()
    write(tmp_path, {"orders.csv": EXPORT})
    with mending(tmp_path, files, MAPPING) as made:
        assert (made.taken_up, made.aside) == (0, [])


def test_two_sessions_of_a_changing_file_lose_nothing(tmp_path: Path) -> None:
    files = write(tmp_path, {"orders.csv": EXPORT})
    with mending(tmp_path, files, MAPPING) as before:
        write(tmp_path, {"orders.csv": EXPORT + ADDED})
        with mending(tmp_path, files, MAPPING) as after:
            change(after, "0-2", email="bob@example.com")
            change(before, "0-3", total="30")
            change(after, "0-4", total="40")
        change(before, "0-2", name="#9")
        with mending(tmp_path, files, MAPPING) as made:
            assert (made.taken_up, made.aside) == (4, [])
            with pytest.raises(StateError, match="another review of this file"):
                change(before, "0-4", total="1")


def change(made: Mending, place: str, **cells: str) -> None:
    at = made.reading.index.at(place)
    assert at
    made.change(at.id, {(at.part, at.row): cells})


def kept_in(made: Mending) -> list[Kept]:
    return [*made.journal.rows.values()]


def test_saved_is_what_the_file_holds_whoever_saved_it(tmp_path: Path) -> None:
    files = write(tmp_path, {"orders.csv": EXPORT})

    with mending(tmp_path, files, MAPPING) as one, mending(tmp_path, files, MAPPING) as other:
        change(one, "0-2", email="bob@example.com")
        saved = one.save(files[0])
        assert (one.journal.unsaved, one.journal.current_file) == (0, saved)
        with pytest.raises(StateError, match="another review of this file"):
            change(other, "0-3", total="5")
        with pytest.raises(StateError, match="another review of this file"):
            other.save(files[0])
        assert not other.journal.edits
    with mending(tmp_path, files, MAPPING) as again:
        assert (again.journal.unsaved, again.journal.current_file) == (0, saved)
        change(again, "0-3", total="5")
        assert again.journal.unsaved == 1
    with mending(tmp_path, files, MAPPING.replace("{status: paid}", "{id: {not: ['3']}}")) as made:  # other rows
        assert (made.journal.unsaved, made.journal.current_file) == (1, None)
        assert made.save(files[0]) != saved  # it may have been sent by now
    with mending(tmp_path, files, MAPPING) as again:
        assert again.journal.current_file is None and again.journal.unsaved == 2
        saved = again.save(files[0])
        assert (again.journal.unsaved, saved.read_text().count("bob@example.com")) == (0, 1)
    for text, unsaved in (
        (EXPORT + EXPORT.splitlines()[1].replace("1", "8", 1), 0),
        (EXPORT + ADDED.replace("@", ""), 2),
    ):
        write(tmp_path, {"orders.csv": text})  # a row more, rejected or not
        with mending(tmp_path, files, MAPPING) as again:
            assert (again.taken_up, again.journal.unsaved) == (2, unsaved)
            assert again.journal.current_file == (None if unsaved else saved)


BLAMED = [
    # of cells that are added up, those by which there is no sum
    (["1,a@x.de,5,{at},paid,t1", "1,a@x.de,ten,{at},paid,t1", "1,a@x.de,7,{at},paid,t1"],
     mapping_of(group_by="id", sum=["total"]), {(2, "total"): "is no number"}, {"invalid_number"}),
    (["1,a@x.de,5,{at},paid,t1", "1,a@x.de,-9,{at},paid,t1"],
     mapping_of(group_by="id", sum=["total"]), {(1, "total"): "below zero", (2, "total"): "below zero"},
     {"invalid_amount"}),
    # what a condition can't judge either is counted once
    (["1,a@x.de,ten,{at},paid,t1"], mapping_of() + "where: {{total: {{at_least: 0}}}}\n",
     {(1, "total"): "not a number"}, {"invalid_amount"}),
    (["1,a@x.de,5,{at},paid,ten"], mapping_of() + "where: {{note: {{at_least: 0}}}}\n",
     {(1, "note"): "can't be judged"}, {"invalid_number"}),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "mapping", "wrong", "chips"), BLAMED)
def test_only_the_cells_that_are_wrong_say_so(
    tmp_path: Path, rows: list[str], mapping: str, wrong: dict[tuple[int, str], str], chips: set[str]
) -> None:
    lines = [row.format(at="2024-05-01T10:00:00Z") + "\n" for row in rows]
    files = write(tmp_path, {"orders.csv": HEADER + "".join(lines)})
    with mending(tmp_path, files, mapping.replace("{{", "{").replace("}}", "}")) as made:
        (owner,) = owners(made)
        judged, *_ = made.judge(owner)
        assert {(row, column) for _, row, column in judged.wrong} == wrong.keys()
        for (_, row, column), reasons in judged.wrong.items():
            assert wrong[row, column] in reasons[0] and len(set(reasons)) == len(reasons)
        assert {code for code, _ in made.rows.codes()} == chips


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        ("7", "it leads to row 2 of people.csv, whose Email is the matter: not one e-mail address; mend it there"),
        ("5; 9", "it leads to row 3 of people.csv, whose Email is the matter: no email"),
        ("4", "no Id of people.csv is this: no email"),
        ("", "it leads to no row of people.csv: no email"),
    ],
)
def test_a_mistake_in_a_joined_file_is_said_where_it_is_joined(tmp_path: Path, ids: str, said: str) -> None:
    (tmp_path / "people.csv").write_text("Id,Email\n6,a@x.de\n7,nobody\n9,\n")
    files = write(tmp_path, {"orders.csv": HEADER + f"1,{ids},5,2024-05-01T10:00:00Z,paid,t1\n"})
    mapping = mapping_of().replace("email: email", "email: people.Email") + "lookups: {people: {on: [email, Id]}}\n"
    with mending(tmp_path, files, mapping, lookups=(("people", str(tmp_path / "people.csv")),)) as made:
        (owner,) = owners(made)
        judged, *_ = made.judge(owner)
        assert [(column, reasons) for (*_, column), reasons in judged.wrong.items()] == [("email", [judged.says])]
        assert judged.says.startswith(said)
