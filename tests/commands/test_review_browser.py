"""The review's pages in a real browser: everybody can use them, the keyboard suffices, nothing leaves the machine."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from browser import OPEN, WIDTH, barriers, broken, chromium, skip_without
from place import Place
from reviewing import Review, reviewed
from test_review_mending import export

from backfill.fields import Locale, parse_number

__all__ = ["chromium"]
pytestmark = [skip_without]
SCREENS = ["columns", "columns?try=1", "counts", "mend", "orders?open=0-1", "mend/0-7", "hand-over"]


@pytest.fixture(scope="module")
def review(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Review]:
    place = Place(tmp_path_factory.mktemp("review"))
    with reviewed(place, *export(place)) as made:
        yield made


def test_everybody_can_read_them_everywhere(chromium, review: Review) -> None:  # type: ignore[no-untyped-def]
    asked: list[str] = []
    complaints: list[str] = []
    page = chromium.new_page()
    rev = review.get("columns").text.partition('name="rev" value="')[2].partition('"')[0]
    review.send("columns", rev=rev, event="0", field="amount", column=["id"])
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for at, screen in enumerate(SCREENS):
        page.emulate_media(color_scheme=("light", "dark")[at % 2], reduced_motion="reduce")  # no colour on its way
        page.goto(review.url + screen)
        page.wait_for_selector("h1:not(:has-text('Trying it'))")
        page.evaluate(OPEN)
        assert not barriers(page), screen
        for width in (1280, 768, 360):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate(WIDTH) <= width, (screen, width)
            assert not broken(page), (screen, width)
    page.goto(review.url + "hand-over")
    for width in range(340, 1280, 40):  # a command's words meet the end of a line at one or another
        page.set_viewport_size({"width": width, "height": 900})
        assert not broken(page), width
    assert not complaints
    assert all(url.startswith((review.url, "data:")) for url in asked)
    page.close()


NUMBERS = ["12.467,21", "12,467.21", "12467,21", "12467.21", "12 467,21", "12\u00a0467,21", "12'467.21", "1,23,456.78"]
NUMBERS += [
    "12.467",
    "12,467",
    "1.234.567",
    "1,234,567",
    "€ 12,50",
    "12.50 EUR",
    "USD 1,234.50",
    "-12,50",
    "−0.5",
    ".5",
    ",5",
]
NUMBERS += [
    "0",
    "007",
    "abc",
    "",
    "12,4,5",
    "1.2.3",
    "12,34.567,8",
    "12x",
    "1e5",
    "--5",
    "12 50",
    "1.2345,00",
    "5.",
    ".",
]


def test_a_shops_number_is_read_as_the_import_reads_it(chromium, place: Place) -> None:  # type: ignore[no-untyped-def]
    files = export(place)
    mapping = place.folder / "shop.yaml"
    mapping.write_text(mapping.read_text().replace("where:", "source: {decimal: ','}\nwhere:"))
    orders = place.folder / "orders.csv"
    orders.write_text(orders.read_text().replace("10.50", '"1.210,50"'))
    with reviewed(place, *files) as review:
        page = chromium.new_page()
        page.goto(review.url + "counts")
        for marks in (".,", ",."):
            seen = page.evaluate(
                "([texts, comma]) => texts.map((text) => read(text, comma))", [NUMBERS, marks[0] == ","]
            )
            for text, number in zip(NUMBERS, seen, strict=True):
                read = [parse_number(text, Locale(datetime.now(UTC), decimal=mark)) for mark in marks]
                expected = read[0] if read[0] is not None else read[1]
                assert (None if math.isnan(number) else number) == (expected and float(expected)), (text, marks)
        row = page.locator("table.months tbody tr").filter(has_text="1.210,50").first
        for text, said in [("1.210,50", "✓ the same"), ("1200", "10,50 less there"), ("abc", "not a number")]:
            row.locator("input").fill(text)
            assert row.locator(".diff").inner_text() == said
        page.close()


def test_all_is_mended_and_saved_with_the_keyboard_alone(chromium, place: Place) -> None:  # type: ignore[no-untyped-def]
    with reviewed(place, *export(place)) as review:
        page = chromium.new_page()
        page.goto(review.url + "mend")

        def told(order: str) -> str:
            return str(page.locator(f"#o-{order} .word").inner_text())

        def tab_to(name: str) -> None:
            for _ in range(40):
                page.keyboard.press("Tab")
                if page.evaluate("document.activeElement.getAttribute('aria-label')") == name:
                    return
            raise AssertionError(name)

        tab_to("email of #1002")
        page.keyboard.type("still nobody")
        page.keyboard.press("Enter")
        page.locator("#said", has_text="#1002").wait_for(state="attached")
        assert told("0-2") == "to mend"
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "total of #1003"
        page.keyboard.press("Shift+Enter")
        page.keyboard.press("Control+A")
        page.keyboard.type("bob@example.com")
        page.keyboard.press("Enter")
        page.locator("#o-0-2.mended").wait_for()
        page.keyboard.press("Control+A")
        page.keyboard.type("30")
        page.keyboard.press("Enter")
        page.wait_for_selector(".alike button")
        page.keyboard.press("Shift+Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Write the same there"
        page.keyboard.press("Enter")
        page.locator("#o-0-4.mended").wait_for()
        assert page.locator("#step-mend").inner_text() == "3 left"
        page.get_by_label("total of #1003").focus()
        page.keyboard.press("Control+A")
        page.keyboard.type("32.10")
        page.keyboard.press("Control+Enter")  # judges what was just written, and saves it
        page.keyboard.press("Control+Enter")
        page.locator("#bar", has_text="Saved as").wait_for()
        assert "orders.rejects.csv" in page.locator("#bar").inner_text()
        page.close()
        saved = (place.folder / "orders.rejects.csv").read_text(encoding="utf-8")
        assert saved.count("bob@example.com") == saved.count("32.10") == 1


def test_another_column_is_chosen_with_the_keyboard_alone(chromium, place: Place) -> None:  # type: ignore[no-untyped-def]
    with reviewed(place, *export(place)) as review:
        page = chromium.new_page()
        page.goto(review.url)
        select = page.get_by_label("Column for the order name")
        assert not page.get_by_role("button", name="Try it").first.is_visible()
        select.focus()
        page.keyboard.press("ArrowUp")  # nothing is asked for yet
        assert page.url.endswith("/columns") and select.input_value() == "id"
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Try it"
        page.keyboard.press("Enter")
        page.wait_for_selector("text=Nothing is changed until you keep it")
        page.locator(".change button.main").focus()
        page.keyboard.press("Enter")
        page.wait_for_selector("text=What would be written to shop.yaml")
        page.close()


def test_a_question_is_answered_with_the_keyboard_alone(chromium, place: Place) -> None:  # type: ignore[no-untyped-def]
    files = export(place)
    path = place.folder / "orders.csv"
    path.write_text(path.read_text().replace("T10:00:00Z", " 10:00"))
    with reviewed(place, *files, terminal=True) as review:
        page = chromium.new_page()
        page.goto(review.url)
        page.wait_for_selector("text=One question first")
        assert not barriers(page) and not broken(page)
        page.get_by_label("Time zone of the shop").focus()
        page.keyboard.type("Europe/Berlin")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=Is each column read as the right thing?")
        page.close()


def test_a_page_says_that_the_command_has_ended(chromium, place: Place) -> None:  # type: ignore[no-untyped-def]
    with reviewed(place, *export(place)) as review:
        page = chromium.new_page()
        page.goto(review.url + "mend")
        review.end()
        page.get_by_label("total of #1003").fill("3")
        page.keyboard.press("Enter")
        page.wait_for_selector("#lost:visible")
        assert page.get_by_label("total of #1003").input_value() == "3"
        page.close()


def test_no_page_grows_with_a_word_or_a_cell(chromium, place: Place) -> None:  # type: ignore[no-untyped-def]
    """The whole of a cell is there to be opened; what is shown of it is cut, or scrolls in itself."""
    word, text = "W" * 150, "many words " * 820
    name = "Column" + "n" * 150
    head = f"id,{name},email,total,at,status,note\n"
    rows = [
        f"1,{word},{'a' * 60}@{'b' * 60}.com,5,2024-01-31T10:00:00Z,paid,ok",
        f"2,{text},ada@example.com,{text},2024-01-30T10:00:00Z,paid,{text}",
        f"3,{word},{word},{word},{word},paid,{word * 60}",
        f"4,{word},ada@example.com,5,2024-01-29T10:00:00Z,{word},{text}",
        f"{word},ada,,5,2024-01-28T10:00:00Z,{text},{text}",
        f'5,"{word * 60}',
    ]
    (place.folder / f"{'f' * 100}.csv").write_text(head + "\n".join(rows) + "\n")
    (place.folder / "shop.yaml").write_text(
        "mapping: 1\nname: shop\nsource: {timezone: UTC}\nwhere: {status: [paid]}\nevents:\n  - event_name: purchase\n"
        f"    fields: {{order_id: id, order_name: {name}, email: email, amount: total, event_time: at,\n"
        "      profile_field_1: note}\n"
    )
    with reviewed(place, f"{'f' * 100}.csv", "-m", "shop.yaml", "--unmask") as review:
        rev = review.get("columns").text.partition('name="rev" value="')[2].partition('"')[0]
        review.send("columns", rev=rev, event="0", field="amount", column=[name])
        page = chromium.new_page()
        shown = [f"orders?open=0-{row}" for row in range(1, 7)] + [f"mend/0-{row}" for row in (2, 3, 6)]
        for screen in (*SCREENS[:4], "columns?sample=odd", "hand-over", *shown):
            page.goto(review.url + screen)
            page.wait_for_selector("h1:not(:has-text('Trying it'))")
            for width in (1280, 700, 360):
                page.set_viewport_size({"width": width, "height": 900})
                assert page.evaluate(WIDTH) <= width, (screen, width)
                high = page.evaluate("document.documentElement.scrollHeight")
                assert high < (6500 if width == 360 else 4500), (screen, width, high)
            page.evaluate(OPEN)
            assert not barriers(page, "scrollable-region-focusable"), screen  # the rest is as with short cells
            assert page.evaluate(WIDTH) <= 360, (screen, "opened")
        assert text.strip() in page.goto(review.url + "orders?open=0-4").text()
        page.close()
