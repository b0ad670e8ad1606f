"""The guide, shown: its pages are in backfill/guide, one topic a file."""

import difflib
import os
import pydoc
import re
import shutil
import sys
from pathlib import Path

from backfill.console import is_terminal, show, show_as_is
from backfill.errors import UsageError, shown
from backfill.report.markdown import laid_out

FOLDER = Path(__file__).resolve().parents[1] / "guide"
WIDEST = 110  # columns; longer lines are hard to read


def topics() -> dict[str, str]:
    """Read the guide's pages, by topic, in order of the topics."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.md"))}


def guide(topic: str | None) -> int:
    """Show one page, or list all; return the exit code. Raises UsageError where there is no such page."""
    if topic is not None:
        _page(_found(topic))
        return 0
    pages = topics()
    width = max(map(len, pages), default=0)
    for name, text in pages.items():
        show(f"{name:<{width}}  {about(text)}")
    show("\nbackfill guide TOPIC shows a page; for a code, key or option it names its pages.")
    return 0


def about(text: str) -> str:
    """What is on a page: its first sentence says whom it is for, then this."""
    return text.split("\n", 3)[2].partition(": ")[2]


def _found(topic: str) -> str:
    pages = topics()
    name = topic.casefold().removesuffix(".md").replace(" ", "-").replace("_", "-")
    if name in pages:
        return pages[name]
    word = re.compile(rf"`[^`\n]*(?<!\w){re.escape(topic)}(?!\w)") if topic.strip() else None
    naming = [page for page, text in pages.items() if word and word.search(text)]
    close = difflib.get_close_matches(name[:100], pages, n=3)
    found = [f"{how}: {', '.join(own)}" for how, own in (("named in", naming), ("nearest", close)) if own]
    possible = "; ".join(found) or f"possible: {', '.join(pages)}"
    raise UsageError(f"the guide has no page {shown(topic)!r}; {possible}")


def _page(text: str) -> None:
    """Show a text, on a terminal with the pager that the user has set, else with the system's."""
    if is_terminal(sys.stdout) and is_terminal(sys.stdin):
        os.environ.setdefault("LESS", "FRX")  # as git does: what fits the screen needs no key to leave
        pydoc.pager(laid_out(text, min(shutil.get_terminal_size().columns, WIDEST)))
    else:
        show_as_is(text, end="")
