"""A recognised export: its preset's text, with what this file's values say about times and amounts filled in."""

import re
from collections.abc import Sequence

from backfill.commands.init.draft import Draft
from backfill.commands.init.sample import Column, Sample
from backfill.commands.init.settings import Settings, settings
from backfill.commands.init.yaml_text import shown
from backfill.errors import MappingError, SourceError
from backfill.files.head import place
from backfill.files.part import Part
from backfill.mapping import Mapping, load_text, preset_text

_SOURCE = re.compile(r"^source:[ \t]*(?:#.*)?\n(?=(?:[ \t]*(?:#.*)?\n)*( +)\S)", re.MULTILINE)
_SCHEMA = re.compile(r"^# yaml-language-server:.*\n", re.MULTILINE)  # its file is next to the presets, not to a copy
_EVENTS = re.compile(r"^(?=events:)", re.MULTILINE)


def recognised(part: Part, sample: Sample, preset: Mapping, about: str) -> Draft:
    """Write the preset's text for this file.

    It keeps the preset's name: a ledger knows by a mapping's name how keys were made, and these are the same events.
    """
    stated = {name for name in ("timezone", "date_order", "decimal") if getattr(preset.source, name)}
    if any(template.fields["event_time"].timezone_column for template in preset.events):
        stated.add("timezone")
    times = _columns(sample, preset, "event_time")
    found = settings(sample, times, _columns(sample, preset, "amount"), frozenset(stated))
    asks = [*_lacking(part, sample, preset), *found.asks]
    head = [
        f"Recognised by the header of {shown(about)}: the preset {preset.name}, copied by backfill init.",
        "Its name stays: by a mapping's name a ledger knows how keys were made, and this one makes the same events.",
        *(f"needed: {ask}" for ask in asks),
    ]
    text = "".join(f"# {line}\n" for line in head) + "\n" + _filled(_SCHEMA.sub("", preset_text(preset.name)), found)
    events = " and ".join(dict.fromkeys(template.event_name.value or "?" for template in preset.events))
    return Draft(text, f"{events} (preset {preset.name})", tuple(asks))


def _columns(sample: Sample, preset: Mapping, name: str) -> list[Column]:
    """The file's columns that the preset reads a field from."""
    wanted = dict.fromkeys(c for template in preset.events if (cell := template.fields.get(name)) for c in cell.columns)
    names = [column.name for column in sample.columns]
    places = [at for column in wanted for at in place(names, column, preset)]
    return [sample.columns[at] for at in dict.fromkeys(places) if len(sample.columns[at].filled)]


def _lacking(part: Part, sample: Sample, preset: Mapping) -> Sequence[str]:
    """The columns that the preset can't do without and this file lacks."""
    try:
        sample.format.layout(part, preset)
        return []
    except SourceError:
        groups = [group for group in preset.required if not any(place(sample.header, name, preset) for name in group)]
        return [f"the column {' or '.join(map(shown, group))}, which the file lacks: export it too" for group in groups]


def _filled(text: str, found: Settings) -> str:
    """Put settings into the preset's `source`; where that is written in an unexpected way, above the whole text."""
    if not found.lines:
        return text
    if match := _SOURCE.search(text):
        at, indent, before = match.end(), match[1], ""
    else:
        events = _EVENTS.search(text)
        at, indent, before = (events.start() if events else 0), "  ", "source:\n"
    lines = "".join(f"{indent}{line}\n" for line in found.lines)
    made = f"{text[:at]}{before}{lines}{text[at:]}"
    try:
        load_text(made, "the preset with its settings")
        return made
    except MappingError:
        return "".join(f"# {line}\n" for line in found.lines) + text
