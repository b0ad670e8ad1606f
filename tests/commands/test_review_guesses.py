"""Guesses: where no mapping fits, the page is that of init's draft, and what only a person knows is chosen there."""

import re
from pathlib import Path

import pytest
from browser import WIDTH, barriers, broken, chromium, skip_without
from place import Place
from reviewing import Review, reviewed
from test_review_columns import check, rev_of

from backfill.commands.init import drafted
from backfill.commands.review.answers import Refused
from backfill.commands.review.guesses import Guesses, Row
from backfill.mapping import load_text

__all__ = ["chromium"]
LOCAL = """Order No,Email,Total,Date,State,Memo
1,a@b.test,5.50,03.04.2024 10:00,paid,x
2,c@b.test,6.50,25.06.2024 10:00,mystery,y
3,d@b.test,7.50,26.06.2024 10:00,paid,z
"""
EXPORTS = {
    "a zone and a status": LOCAL,
    "the address and the time": "Deal ID,Stage,Amount,North,South\n"
    + "".join(f"{n:05},Won,{n}0.00,2024-0{n}-01T10:00:00Z,2024-0{n}-02T10:00:00Z\n" for n in range(1, 6)),
    "which of two amounts": "Order ID,Email,North Sum,South Sum,Date\n"
    + "".join(f"{n},a{n}@b.test,5.{n}0,6.{n}0,2024-01-05T10:00Z\n" for n in range(1, 4)),
    "what a row is": "Email,Amount,Colour\na@b.test,5,red\nb@b.test,6,blue\n",
    "whether rows are one order, and their sum": "Order ID,Payment ID,Email,Total,Date\n"
    + "".join(f"{n // 2},p{n},a{n // 2}@b.test,{n}.50,2024-01-05T10:00Z\n" for n in range(8)),
    "nothing of what is needed": "A,B,C\nx,y,z\nu,v,w\n",
    "two ways to write amounts": "Order ID,Email,Total,Date\n1,a@b.test,\"1,50\",2024-01-05T10:00Z\n"
    "2,b@b.test,2.50,2024-01-05T10:00Z\n",
    "an event that a column names": "Event,Email,When\npurchase,a@b.test,2024-01-05T10:00Z\n"
    "odd,b@b.test,2024-01-06T10:00Z\nlead_generated,c@b.test,2024-01-07T10:00Z\n",
}  # fmt: skip


def first_of(row: Row) -> str | list[str]:
    """What a person who takes the first of everything chooses."""
    if row.zone:
        return "Europe/Berlin"
    if row.many:
        return [*dict(row.likely)]
    needed = row.must or row.code == "order_id"
    return [*row.chosen, *(dict(row.likely) if needed else ()), *(row.others if needed else ()), ""][0]


@pytest.mark.parametrize("asks", EXPORTS)
def test_whatever_a_draft_leaves_open_can_be_chosen(tmp_path: Path, asks: str) -> None:
    """And what was not asked stays as init writes it."""
    path = tmp_path / "orders.csv"
    path.write_text(EXPORTS[asks])
    draft = drafted(str(path))
    guesses = Guesses(draft, tmp_path / "orders.yaml")
    assert guesses.asks and (draft.asks or draft.questions)
    with pytest.raises(Refused, match="choose what it is"):
        guesses.choose({row.name: "" for row in guesses.rows()})
    text = guesses.choose({row.name: first_of(row) for row in guesses.rows()})
    assert not list(load_text(text, "chosen").unfilled())
    open_lines = {question.waiting for question in draft.questions}
    was = [line for line in draft.text.splitlines() if not line.strip().startswith(tuple(open_lines))]
    assert [line for line in was if line not in text.splitlines()] == []


def test_a_guess_is_changed_in_its_line() -> None:
    """What was said of another column goes with it; a line that only waited is taken."""
    guesses = Guesses(drafted_from(EXPORTS["the address and the time"]), Path("deals.yaml"))
    sent = {row.name: first_of(row) for row in guesses.rows()}
    text = guesses.choose(sent | {"f-order_id": "North", "q0": "South"})
    assert re.search(r"    fields:\n      order_id: North\n", text) and "deal id" not in text
    with pytest.raises(Refused, match="one of what is listed"):
        guesses.choose(sent | {"f-order_id": "Nowhere"})


def drafted_from(text: str):  # type: ignore[no-untyped-def]
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "deals.csv"
        path.write_text(text)
        return drafted(str(path))


def choose(review: Review, **chosen: str) -> str:
    """Send the form with what it has, and some of it chosen by the words of its row; return the page that is read."""
    text = review.get("columns").text
    form: dict[str, str] = {}
    for name, inner in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', text, re.DOTALL):
        form[name] = next(iter(re.findall(r'<option value="([^"]*)" selected', inner)), "")
    review.post("answer", **(form | chosen))
    return review.once("columns", lambda got: "Reading orders" not in got.words).words


def test_an_unknown_export_is_chosen_read_and_saved(place: Place) -> None:
    (place.folder / "orders.csv").write_text(LOCAL)
    (place.folder / "orders.yaml").write_text("somebody's")
    with reviewed(place, "orders.csv", terminal=True) as review:
        assert review.process.stdout.readline().startswith("No known export has this file's columns")
        asked = review.get("").words
        assert "Which column is what?" in asked and "Choose what is marked, and check the rest." in asked
        assert "order no" in asked and "Which values of" in asked
        assert "choose what it is" in review.post("answer").words
        state = re.findall(r'name="(q\d+)" value="paid"', review.get("columns").text)[0]
        zone = re.findall(r'name="(q\d+)" aria', review.get("columns").text)[0]
        page = choose(review, **{state: "paid", zone: "Europe/Berlin"})
        assert "Send this. All 2 orders that count are fit to send." in page
        assert "The commands read the file like this once the mapping is saved." in page
        handed = review.get("hand-over").words
        assert "The mapping is not saved." in handed and "backfill upload" not in handed
        handed = review.post("mapping", rev=rev_of(review), back="hand-over").words
        assert "Hand over" in handed and "backfill upload orders.csv -m orders-2.yaml" in handed
        assert "mapping: " in review.end()[1]
    assert (place.folder / "orders.yaml").read_text() == "somebody's"
    saved = [(place.folder / name).stat().st_mode for name in ("orders-2.yaml", "orders.csv")]
    assert saved[0] == saved[1]  # colleagues read it as they read other files
    assert check(place, "orders.csv", "-m", "orders-2.yaml")["amount"] == {"ready": "13.00"}


def test_without_somebody_to_choose_it_is_as_it_was(place: Place) -> None:
    """A complete draft needs nobody. Where one is open and nobody is there, the command says where it is asked."""
    (place.folder / "orders.csv").write_text(LOCAL)
    ran = place.command("review", "orders.csv", "--no-browser", "--state", "state")
    assert ran.returncode == 2 and "run backfill review in a terminal" in ran.stderr
    assert "backfill init orders.csv" in ran.stderr and not list(place.folder.glob("*.yaml"))
    ran = place.command("check", "orders.csv", "--state", "state")
    assert ran.returncode == 2 and "backfill init orders.csv" in ran.stderr
    (place.folder / "sure.csv").write_text("Order ID,Email,Total,Date\n1,a@b.test,5.50,2024-01-05T10:00Z\n")
    with reviewed(place, "sure.csv") as review:
        assert "No known export has these columns" in review.get("columns").words
        assert "not saved: the mapping that was drafted" in review.end()[1]


@skip_without
def test_what_is_open_is_chosen_with_the_keyboard_alone(chromium, place: Place) -> None:  # type: ignore[no-untyped-def]
    (place.folder / "orders.csv").write_text(EXPORTS["the address and the time"])
    with reviewed(place, "orders.csv", terminal=True) as review:
        page = chromium.new_page()
        for scheme, width in (("light", 1280), ("dark", 700), ("light", 360)):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(review.url)
            assert page.evaluate(WIDTH) <= width and not barriers(page) and not broken(page)
        for at in range(2):
            page.locator("select[required]").nth(at).focus()
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=Is each column read as the right thing?")
        page.close()
