"""The presets and the mapping's schema, shown."""

import textwrap
from collections.abc import Iterator

from backfill.console import show, show_as_is, show_json
from backfill.mapping import About, Mapping, load, preset_text, schema
from backfill.mapping import presets as names
from backfill.mapping.model import GROUPS

WIDTH = 95  # of a line, at most
_TITLES = {"export": "Export", "clock": "Clock", "money": "Money"}


def presets(name: str | None) -> int:
    """Show one preset, how to export for it first, or list all by group; return the exit code."""
    if name:
        text = preset_text(name)
        mapping = load(name)
        show_as_is("".join(f"# {line}\n" for line in _advice(mapping)) + "#\n" + text, end="")
        return 0
    shipped = [load(preset) for preset in names()]
    for line in _listed(shipped, max(map(len, names()), default=0)):
        show(line)
    return 0


def _advice(mapping: Mapping) -> Iterator[str]:
    """What a person needs who is about to take the export."""
    yield mapping.description
    for part, title in _TITLES.items():
        if text := getattr(mapping.about, part):
            yield from textwrap.wrap(f"{title}: {text}", WIDTH, subsequent_indent="  ", break_on_hyphens=False)
    if mapping.refuse:
        yield from textwrap.wrap(f"Not usable: {mapping.refuse}", WIDTH, subsequent_indent="  ")


def _listed(shipped: list[Mapping], width: int) -> Iterator[str]:
    """A line for each, under the titles of their groups."""
    for group, title in {**GROUPS, About().group: "Others"}.items():
        members = [mapping for mapping in shipped if mapping.about.group == group]
        if members:
            yield title
        for mapping in members:
            yield f"  {mapping.name:<{width}}  {mapping.description}"
        if members:
            yield ""
    yield "backfill presets NAME shows how to take that export, which zone its times are in, and the mapping"


def show_schema() -> int:
    """Show the JSON schema of a mapping; return the exit code."""
    show_json(schema(), indent=1)
    return 0
