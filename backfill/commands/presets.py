"""The presets and the mapping's schema, shown."""

import textwrap
from collections.abc import Iterator
from typing import Any

from backfill.console import show, show_as_is, show_json
from backfill.mapping import About, Mapping, load, preset_text, schema
from backfill.mapping import presets as names
from backfill.mapping.model import GROUPS

WIDTH = 95  # of a line, at most
_TITLES = {"export": "Export", "clock": "Clock", "money": "Money"}


def presets(name: str | None, as_json: bool = False) -> int:
    """Show one preset, how to export for it first, or list all by group; return the exit code."""
    if as_json:
        every = [_described(load(preset)) for preset in ([name] if name else names())]
        show_json(every[0] | {"text": preset_text(name)} if name else every)
        return 0
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


def _described(mapping: Mapping) -> dict[str, Any]:
    """What a program can choose a preset by."""
    events = (template.event_name for template in mapping.events)
    given = (name for event in events for name in (event.value, *(to for _, to in event.map)) if name)
    return {
        "name": mapping.name,
        "description": mapping.description,
        "group": mapping.about.group or None,
        **{part: getattr(mapping.about, part) or None for part in _TITLES},
        "refuse": mapping.refuse or None,
        "events": list(dict.fromkeys(given)),
        "detect": list(mapping.detect),
        "detect_not": list(mapping.detect_not),
        "columns": list(mapping.columns),
        "lookups": list(mapping.lookups),
    }


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
