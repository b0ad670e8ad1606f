"""A real browser, the system's own Chromium. Without one its tests are skipped, unless PAGE_BROWSER=required."""

import os
import shutil
from collections.abc import Iterator

import pytest

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
NEEDED = os.environ.get("PAGE_BROWSER") == "required"
WIDTH = "document.documentElement.scrollWidth"
OPEN = "document.querySelectorAll('details').forEach(one => one.open = true)"
skip_without = pytest.mark.skipif(
    not (BROWSER or NEEDED), reason="no Chromium here: the page was not looked at in a browser"
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    from playwright.sync_api import sync_playwright

    assert BROWSER, "PAGE_BROWSER=required, and there is no Chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def barriers(page) -> list[tuple[str, str]]:  # type: ignore[no-untyped-def]
    """What axe finds serious on a page, each with where it is."""
    from axe_playwright_python.sync_playwright import Axe

    found = [one for one in Axe().run(page).response["violations"] if one["impact"] in ("serious", "critical")]
    return [(one["id"], one["nodes"][0]["html"][:200]) for one in found]
