"""Workbooks in the commands that come after an upload: verify's gaps, an order's story, and mending on the page."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from checking import mapping_of, orders, write
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from place import Place
from reading import Reader, reader, space
from test_review_mending import EDITS, HEADER, ROW, owners, sound_of
from test_review_mending import mending as mending_of
from workbooks import cells_in, workbook

from backfill.commands.review.mending import READY, Mending
from backfill.commands.review.reading import Reading
from backfill.errors import SourceError
from backfill.run.options import Options

__all__ = ["reader"]


def book(place: Place, text: str, name: str = "Orders") -> str:
    """The table as the second sheet of a workbook."""
    path = place.folder / "orders.xlsx"
    path.write_bytes(workbook([], "Notes", more={name: [line.split(",") for line in text.splitlines()]}))
    return str(path)


def test_gaps_and_stories(place: Place, reader: Reader) -> None:
    text = Path(place.orders(6)).read_text()
    with space() as sandbox:
        assert reader.upload(sandbox.url, book(place, text), sheet="Orders", limit=4)["accepted"] == 4
        found = reader.verify(sandbox.url, book(place, text), sheet="Orders")
        gaps = Path(found["gaps_file"])
        assert gaps.name == "orders.missing.xlsx" and len(cells_in(gaps)) == 2
        assert reader.upload(sandbox.url, str(gaps))["accepted"] == 2
        assert len({event.body["order_id"] for event in sandbox.events}) == 6
    story = place.command("why", "orders.xlsx:2", "--state", str(place.folder / "state"))
    assert story.returncode == 0 and "purchase accepted before" in story.stdout, story.stdout + story.stderr


@contextmanager
def mending(place: Place, name: str) -> Iterator[Mending]:
    (place.folder / "m.yaml").write_text(mapping_of())
    given = {"mapping": str(place.folder / "m.yaml"), "state": place.folder / "state", "base_url": "https://a.test"}
    reading = Reading(Options.of("check", (name,), ("backfill", "check", name), **given)).open()
    try:
        reading.take()
        made = Mending(reading, reading.journal)
        made.take_up()
        yield made
    finally:
        reading.close()


def test_mended_on_the_page_it_is_saved_as_a_workbook(place: Place, reader: Reader) -> None:
    wrong = "007,nobody,5,2024-05-01T10:00:00Z\n+3,nobody,1.50,2024-05-01T10:00:00Z\n9,nobody,5,2024-05-01T10:00:00Z\n"
    name = book(place, orders(1) + wrong)
    with mending(place, name) as made:
        owners = made.rows.owners("", 1)
        for owner, email in zip(owners, ["seven@example.com", "=cmd@example.com", "nine"], strict=True):
            made.change(owner, {made.rows.of(owner)[0].place: {"email": email}})
        saved = made.save(name)
        assert made.save(name) == saved
    assert saved.name == "orders.rejects.xlsx" and saved.stat().st_mode & 0o777 == 0o600
    rows = cells_in(saved)
    assert all(cell is None or type(cell) is str for row in rows for cell in row.values())
    assert [row["id"] for row in rows] == ["007", "+3", "9"] and rows[0]["_code"] == "invalid_email"
    with space() as sandbox:
        found = reader.upload(sandbox.url, str(saved), mapping=str(place.folder / "m.yaml"))
        assert (found["accepted"], found["codes"]) == (2, {"invalid_email": 1}), found
        sent = {event.body["order_id"]: event.body["email"] for event in sandbox.events}
        assert sent == {"007": "seven@example.com", "+3": "=cmd@example.com"}


def test_what_no_workbook_can_hold_is_saved_as_text(place: Place) -> None:
    name = book(place, orders(1) + "2,nobody,5,2024-05-01T10:00:00Z\n")
    with mending(place, name) as made:
        (owner,) = made.rows.owners("", 1)
        made.change(owner, {made.rows.of(owner)[0].place: {"email": "b" * 40_000}})
        saved = made.save(name)
    assert saved.name == "orders.rejects.csv" and "b" * 40_000 in saved.read_text("utf-8-sig")
    assert not (place.folder / "orders.rejects.xlsx").exists()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workbooks")


def sheet(lines: list[str]) -> bytes:
    return workbook([], "Notes", more={"Orders": [line.split(",") for line in [HEADER.strip(), *lines]]})


@settings(max_examples=6, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(st.lists(ROW, min_size=1, max_size=6), EDITS)
def test_the_pages_word_is_the_uploads_of_workbooks_too(
    folder: Path, lines: list[str], edits: list[tuple[int, tuple[str, str]]]
) -> None:
    for old in folder.glob("orders*"):
        old.unlink()
    files = write(folder, {"orders.xlsx": sheet(lines)})
    with mending_of(folder, files, mapping_of()) as made:
        made.forget()
        if not (every := owners(made)):
            return
        for at, (column, text) in edits:
            made.change(every[at % len(every)], {made.rows.of(every[at % len(every)])[0].place: {column: text}})
        mended = [owner for owner in every if owner in made.judged and made.judged[owner].state == READY]
        ready = {row.place for owner in mended for row in made.rows.of(owner)}
        rows = [row.place for row in made.rows.all()]
        saved, carried, holding = made.save(files[0]), made.reading.shown.clues, made.holding
    assert saved.suffix == ".xlsx"
    rejected = {number for _, number in rows}
    sent = [line for number, line in enumerate(lines, 1) if number not in rejected]
    files = [str(saved), *write(folder, {"sent.xlsx": sheet(sent)})]
    try:
        with mending_of(folder, files, mapping_of(), **{name: clue.value for name, clue in carried.items()}) as again:
            sound = sound_of(again, rows)
    except SourceError as error:  # no cell of a column says how it is written: the page has said which
        assert any(f"column {column}:" in str(error) for column in holding), (lines, edits, holding)
        return
    assert sound == ready or (holding and sound > ready), (lines, edits)
