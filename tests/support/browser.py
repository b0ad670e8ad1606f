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
    """One profile for all pages of a module: to make a new one for each page costs as much as most tests."""
    from playwright.sync_api import sync_playwright

    assert BROWSER, "PAGE_BROWSER=required, and there is no Chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
        yield browser.new_context()
        browser.close()


def barriers(page, *rules: str) -> list[tuple[str, str]]:  # type: ignore[no-untyped-def]
    """What axe finds serious on a page, by some of its rules or by all of them, each with where it is."""
    from axe_playwright_python.sync_playwright import Axe

    only = {"runOnly": {"type": "rule", "values": rules}} if rules else {}
    ran = Axe().run(page, options={"resultTypes": ["violations"]} | only)  # it need not say where there is nothing
    found = [one for one in ran.response["violations"] if one["impact"] in ("serious", "critical")]
    return [(one["id"], one["nodes"][0]["html"][:200]) for one in found]


BROKEN = """limit => {
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const hidden = one => one && (one.getBoundingClientRect().width <= 1 || hidden(one.parentElement));
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const around = node.parentElement;
    if (!around.checkVisibility() || hidden(around) || around.closest('svg, select, option, script')) continue;
    for (const word of node.textContent.matchAll(/[^\\s\\u200b]+/gu)) {
      const bare = word[0].replace(/^[^\\p{L}\\p{N}-]+|[^\\p{L}\\p{N}]+$/gu, '');
      if (!bare || bare.length > limit || !/^(--[a-z-]+|[\\p{L}\\p{N}_.,:]+)$/u.test(bare)) continue;
      const range = document.createRange(), start = word.index + word[0].indexOf(bare);
      range.setStart(node, start); range.setEnd(node, start + bare.length);
      const lines = new Set([...range.getClientRects()].filter(one => one.width).map(one => Math.round(one.top)));
      if (lines.size > 1) found.push(bare + ' in ' + node.parentElement.outerHTML.slice(0, 160));
    }
  }
  return found;
}"""


def broken(page, limit: int = 24) -> list[str]:  # type: ignore[no-untyped-def]
    """Words and options, none longer than the limit, that end in another line than they begin in."""
    return list(page.evaluate(BROKEN, limit))
