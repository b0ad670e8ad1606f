"""Pages: screens as HTML, and the style sheet and the script that they load."""

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from backfill.commands.review.answers import Screen
from backfill.commands.review.ways import plain
from backfill.commands.review.words import field_word
from backfill.errors import counted, visible
from backfill.report.page.wrapping import whole

HERE = Path(__file__).parent
ASSETS = {"review.css": "text/css", "review.js": "text/javascript"}


def short(text: str, most: int = 60) -> str:
    """A text where there is no place for more of it; the whole is where it leads."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        finalize=lambda value: visible(value) if type(value) is str else value,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(number="{:,}".format, money=_money, field=field_word, whole=whole, short=short, plain=plain)
    made.globals.update(counted=counted)
    return made


@pass_context
def _money(context: Context, amount: Decimal) -> str:
    """An amount as the shop writes it."""
    return str(context["write"](amount, ""))


def html(screen: Screen, top: dict[str, Any]) -> bytes:
    """A screen's page."""
    text = _environment().get_template(screen.template).render({**top, **screen.values})
    return text.encode("utf-8", "backslashreplace")


def asset(name: str) -> bytes | None:
    """The style sheet or the script."""
    return (HERE / "assets" / name).read_bytes() if name in ASSETS else None
