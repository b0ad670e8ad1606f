"""README and guide as text: pages, sections, tables, and the code in them."""

import re
from pathlib import Path

from backfill.commands.guide import FOLDER

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "mappings" / "README.md", *sorted(FOLDER.glob("*.md"))]
EVERYTHING = "\n".join(path.read_text(encoding="utf-8") for path in PAGES)


def page(topic: str) -> str:
    """A page of the guide."""
    return (FOLDER / f"{topic}.md").read_text(encoding="utf-8")


def section(title: str, text: str) -> str:
    """The text under a heading, up to the next of its kind."""
    return re.split(r"^## ", text.split(f"\n## {title}\n")[1], flags=re.MULTILINE)[0]


def prose(text: str) -> str:
    """A text as if it were one line."""
    return " ".join(text.split())


def rows(text: str) -> list[list[str]]:
    """The cells of a page's tables, headings left out."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return [
        row
        for row in cells
        if row[0] not in ("command", "option", "exit", "key", "code", "verdict", "finding", "preset", "metric", "step")
    ]


def named(text: str) -> list[str]:
    """What is in backticks, without whole blocks of code."""
    return re.findall(r"`([^`]+)`", re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL))


def blocks(kind: str, text: str = EVERYTHING) -> list[str]:
    return re.findall(rf"^ *```{kind}\n(.*?)^ *```$", text, flags=re.MULTILINE | re.DOTALL)
