"""A recognised export: its preset's text, with what this file's values say about times and amounts filled in."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

from backfill.commands.init.sample import Column, Sample
from backfill.commands.init.settings import Settings, joined, settings
from backfill.errors import MappingError, SourceError
from backfill.files.head import place
from backfill.files.part import Part
from backfill.mapping import FieldSource, Mapping, load_text
from backfill.mapping.draft import Draft, Question
from backfill.mapping.yaml_text import shown

_SOURCE = re.compile(r"^source:[ \t]*(?:#.*)?\n(?=(?:[ \t]*(?:#.*)?\n)*( +)\S)", re.MULTILINE)
_SCHEMA = re.compile(r"^# yaml-language-server:.*\n", re.MULTILINE)  # its file is next to the presets, not to a copy
_EVENTS = re.compile(r"^(?=events:)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Fit:
    """A preset that a header fits, its text, and what was changed in that for a header which only nearly fits."""

    preset: Mapping
    text: str
    changes: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()  # what could not be taken from the preset, nor be guessed
    questions: tuple[Question, ...] = ()


def recognised(part: Part, sample: Sample, fit: Fit, about: str) -> Draft:
    """Write the preset's text for this file.

    It keeps the preset's name: a ledger knows by a mapping's name how keys were made, and these are the same events.
    """
    preset = fit.preset
    stated = {name for name in ("timezone", "date_order", "decimal") if getattr(preset.source, name)}
    if any(template.fields["event_time"].timezone_column for template in preset.events):
        stated.add("timezone")
    times = columns_of(sample, preset, "event_time")
    found = settings(sample, times, columns_of(sample, preset, "amount"), frozenset(stated))
    asks = [*(fit.asks or _lacking(part, sample, preset)), *found.asks]
    header = f"the header of {shown(about)}"
    known = f"From what {header} nearly fits:" if fit.changes else f"Recognised by {header}:"
    head = [
        f"{known} the preset {preset.name}, copied by backfill init.",
        *(f"changed: {change}" for change in fit.changes),
        "Its name stays: by a mapping's name a ledger knows how keys were made, and this one makes the same events.",
        *(f"needed: {ask}" for ask in asks),
    ]
    text = "".join(f"# {line}\n" for line in head) + "\n" + _filled(_SCHEMA.sub("", fit.text), found)
    events = " and ".join(dict.fromkeys(template.event_name.value or "?" for template in preset.events))
    nearly = f", {len(fit.changes)} changed" if fit.changes else ""
    said = f"{events} (preset {preset.name}{nearly})"
    return Draft(text, said, tuple(asks), fit.changes, (*fit.questions, *found.questions), preset=preset.name)


def columns_of(sample: Sample, preset: Mapping, name: str) -> list[Column]:
    """The file's columns that the preset reads a field from; those of a template as one."""
    cells = preset.cells_of(name)
    places: list[tuple[int, ...]] = [(at,) for cell in cells for at in _placed(sample, preset, cell.columns)]
    places += [_placed(sample, preset, _names(cell)) for cell in cells if cell.template]
    found = [reduce(joined, (sample.columns[at] for at in each)) for each in dict.fromkeys(places) if each]
    return [column for column in found if len(column.filled)]


def _names(cell: FieldSource) -> tuple[str, ...]:
    return tuple(text for kind, text in cell.template or () if kind == "column")


def _placed(sample: Sample, preset: Mapping, names: Iterable[str]) -> tuple[int, ...]:
    return tuple(at for name in names for at in place(sample.names, name, preset))


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
