"""The page in a real browser: it fits, prints, asks the network for nothing, and axe finds no serious barrier.

Without a browser these are skipped, unless PAGE_BROWSER=required says that there must be one.
"""

import shutil
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from browser import BROWSER, OPEN, WIDTH, barriers, broken, chromium, skip_without
from checking import HEADER, MAPPING, mapping_of
from place import ROOT, Place

from backfill.sandbox import Fault, SandboxThread

__all__ = ["chromium"]
pytestmark = [skip_without]


def _year(count: int = 400) -> str:
    """A shop's year, in three languages, with some of each kind of error."""
    lines = ["id,email,total,at,Currency,name"]
    names = ["Ada Lovelace", "عمر خان", "示例 公司", "Jürgen Müller-Lüdenscheidt"]
    for n in range(count):
        at = datetime(2024, 1, 1, 8) + timedelta(days=n * 365 / count, hours=n * 7 % 14)
        email = "nobody" if n % 40 == 3 else f"p{n}@example.com"
        lines.append(
            f"{n},{email},{n * 37 % 20000}.{n % 100:02d},{at.isoformat()},{['USD', 'EUR'][n % 9 == 0]},{names[n % 4]}"
        )
    return "\n".join([*lines, ""])


INPUTS = {
    "year": (_year(), mapping_of(timezone="America/New_York").replace("at}", "at, full_name: name}")),
    "empty": (HEADER, MAPPING),
    "rejected": (HEADER + "".join(f"{n},x,-5,never\n" for n in range(60)), MAPPING),
    "long": (
        HEADER.replace("id", "W" * 300) + f"{'9' * 150},{'a' * 60}@example.com,999999999999.55,2024-05-01T10:00:00Z\n",
        MAPPING.replace("order_id: id", f"order_id: {'W' * 300}"),
    ),
}


@dataclass
class Pages:
    """The pages to look at, each made when it is first asked for."""

    folder: Path
    made: dict[str, Path] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Path:
        if name not in self.made:
            folder = self.folder / name
            folder.mkdir()
            self.made[name] = self._sent(folder) if name == "sent" else self._checked(folder, *INPUTS[name])
        return self.made[name]

    @staticmethod
    def _checked(folder: Path, text: str, mapping: str) -> Path:
        (folder / "orders.csv").write_text(text, encoding="utf-8")
        (folder / "mapping.yaml").write_text(mapping, encoding="utf-8")
        return _run(folder, "check", "orders.csv", "-m", "mapping.yaml")

    @staticmethod
    def _sent(folder: Path) -> Path:
        shutil.copy(ROOT / "sample_data" / "shopify_orders.csv", folder)
        with SandboxThread(faults=[Fault(status=429, at=(4,), retry_after=1), Fault(status=422, at=(7,))]) as sandbox:
            return _run(folder, "upload", "shopify_orders.csv", "--limit", "12", "--unmask", url=sandbox.url)


def _run(folder: Path, *words: str, url: str = "") -> Path:
    ran = Place(folder).command(*words, "--state", "state", "--report", "page.html", url=url)
    assert ran.returncode in (0, 3), ran.stderr
    return folder / "page.html"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Pages:
    return Pages(tmp_path_factory.mktemp("pages"))


@dataclass
class Look:
    """One page, opened; what it asked the network for, and what the browser complained of."""

    page: object
    asked: list[str]
    complaints: list[str]


def look(chromium, path: Path, width: int = 1280, scheme: str = "light") -> Look:  # type: ignore[no-untyped-def]
    page = chromium.new_page()
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    seen = Look(page, [], [])
    page.on("request", lambda request: seen.asked.append(request.url))
    page.on("console", lambda message: seen.complaints.append(message.text))
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.goto(path.as_uri())
    return seen


IN_THE_DARK = ("sent", "rejected")  # these and the others have every kind of table, chart and mark, in both schemes
SHOWN = "[...document.querySelectorAll('.chart svg')].filter(one => one.checkVisibility()).length"


@pytest.mark.parametrize("name", [*INPUTS, "sent"])
def test_everybody_can_read_it_everywhere(chromium, pages: Pages, name: str) -> None:  # type: ignore[no-untyped-def]
    """No serious barrier in light or dark; never wider than the screen; no request to the network; it prints."""
    seen = look(chromium, pages[name])
    seen.page.evaluate(OPEN)
    seen.page.emulate_media(color_scheme="dark" if name in IN_THE_DARK else "light")
    assert not barriers(seen.page)
    for width in (1280, 768, 360):
        seen.page.set_viewport_size({"width": width, "height": 900})
        assert seen.page.evaluate(WIDTH) <= width
        assert not broken(seen.page), width
        assert seen.page.evaluate(SHOWN) == seen.page.evaluate("document.querySelectorAll('.chart').length")
    assert (seen.asked, seen.complaints) == ([pages[name].as_uri()], [])
    assert seen.page.pdf(format="A4").startswith(b"%PDF")
    seen.page.close()


def test_a_charts_bars_are_as_high_as_its_table_says(chromium, pages: Pages) -> None:  # type: ignore[no-untyped-def]
    seen = look(chromium, pages["sent"])
    article = seen.page.locator("#months ~ article").first
    bars = (
        article.locator("figure")
        .first.locator(".wide .bar rect")
        .evaluate_all("all => all.map(r => +r.getAttribute('height'))")
    )
    cells = article.locator("tbody tr td:nth-child(3)").all_inner_texts()
    amounts = [float(cell.replace(",", "")) for cell in cells]
    assert len(bars) == len(amounts) > 5
    scale = max(bars) / max(amounts)
    assert all(abs(bar - amount * scale) < 1 for bar, amount in zip(bars, amounts, strict=True))
    seen.page.close()


def test_dark_is_dark_and_paper_is_white(chromium, pages: Pages) -> None:  # type: ignore[no-untyped-def]
    seen = look(chromium, pages["sent"], 1280, "dark")
    colour = "getComputedStyle(document.body).backgroundColor"
    assert seen.page.evaluate(colour) == "rgb(21, 24, 27)"
    seen.page.emulate_media(media="print", color_scheme="dark")
    assert seen.page.evaluate(colour) == "rgb(255, 255, 255)"
    seen.page.close()


def test_a_browser_is_there_where_it_must_be() -> None:
    assert BROWSER
