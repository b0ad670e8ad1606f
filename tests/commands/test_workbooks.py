"""Workbooks in the commands that come after an upload: verify's gaps, an order's story, and mending on the page."""

from pathlib import Path

from checking import mapping_of, orders
from place import Place
from reading import Reader, reader, space
from workbooks import cells_in, workbook

from backfill.commands.review.mending import Mending
from backfill.commands.review.reading import Reading
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


def test_mended_on_the_page_it_is_saved_as_text(place: Place) -> None:
    """A sheet's rows are texts there; the file that is saved has a name that says so."""
    name = book(place, orders(1) + "2,nobody,5,2024-05-01T10:00:00Z\n")
    (place.folder / "m.yaml").write_text(mapping_of())
    given = {"mapping": str(place.folder / "m.yaml"), "state": place.folder / "state", "base_url": "https://a.test"}
    reading = Reading(Options.of("check", (name,), ("backfill", "check", name), **given)).open()
    try:
        reading.take()
        mending = Mending(reading, reading.journal)
        mending.take_up()
        (owner,) = mending.rows.owners("", 1)
        mending.change(owner, {mending.rows.of(owner)[0].place: {"email": "p2@example.com"}})
        saved = mending.save(name)
    finally:
        reading.close()
    assert saved.name == "orders.rejects.csv" and "2,p2@example.com,5" in saved.read_text("utf-8-sig")
