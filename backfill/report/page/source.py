"""The source: which files, through which mapping and settings, and what of them no event uses."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import NamedTuple

from backfill.convert.layout import column_names
from backfill.files.format import Layout
from backfill.files.head import place
from backfill.files.part import Part
from backfill.mapping import Condition, Mapping, SourceOptions
from backfill.report.page.samples import source_of
from backfill.storage.remote.opened import opened

CHEAP = 256 << 20  # bytes whose digest takes very little time


class File(NamedTuple):
    """One file of the input."""

    name: str
    folder: str
    size: str
    rows: int
    digest: str  # SHA-256, "" where that would take long


def files(parts: list[Part], rows: Counter[int]) -> list[File]:
    """The input's files; a zip's members each by itself."""
    made = []
    for at, part in enumerate(parts):
        path = Path(part.label)
        folder = str(path.parent) if path.is_absolute() else part.label.rpartition("/")[0]  # a URL; standard input
        made.append(File(path.name, folder, _size(part.size), rows[at], _digest(part)))
    return made


def _size(size: int) -> str:
    for unit, mark in ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "kB")):
        if size >= unit:
            return f"{size / unit:.1f} {mark}"
    return f"{size} bytes"


def _digest(part: Part) -> str:
    try:
        if part.size > CHEAP:
            return ""
        with opened(part.path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def unused(parts: list[Part], layouts: list[Layout], mapping: Mapping) -> list[str]:
    """The columns that no event depends on."""
    names = column_names(parts, layouts)
    read = [column for column in mapping.columns if column not in mapping.extra]
    used = {names[at] for column in read for at in place(names, column, mapping)}
    inner = {name for name in names for one in names if one.startswith(f"{name}.")}  # JSONL: what only holds others
    return [name for name in names if name not in used and name not in inner]


def settings(mapping: Mapping) -> Iterator[tuple[str, str]]:
    """What the mapping states of the source, and which records it leaves out."""
    usual = SourceOptions()
    for option in fields(SourceOptions):
        value = getattr(mapping.source, option.name)
        if value != getattr(usual, option.name):
            yield f"source.{option.name}", _said(value)
    yield from ((f"where {one.column}", condition_text(one)) for one in mapping.where)
    for number, template in enumerate(mapping.events, 1):
        yield from ((f"event {number}, where {one.column}", condition_text(one)) for one in template.where)
    yield from ((f"lookup {name}", f"{one.here} is its {one.there}") for name, one in mapping.lookups.items())


def _said(value: object) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_said(one)}" for name, one in value.items())
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def condition_text(one: Condition) -> str:
    """What a condition asks, in words."""
    tests = {
        "is": one.one_of,
        "is not": one.none_of,
        "matches": one.matches.pattern if one.matches and not one.leaves_losses_out else None,
        "at least": one.at_least,
        "at most": one.at_most,
        "before": one.before,
        "after": one.after,
        "not all of": one.not_all_of,
        "later than": one.later_than,
        "first by": one.first_by,
    }
    said = [f"{name} {_said(value)}" for name, value in tests.items() if value is not None]
    if one.leaves_losses_out:
        said.append("is not below zero")
    if one.empty is not None:
        said.append("empty" if one.empty else "filled in")
    return " and ".join(said)


def events(mapping: Mapping) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Each event of the mapping: its name's source, and its fields with theirs."""
    for template in mapping.events:
        name = template.event_name.value or source_of(template.event_name)
        yield name, [(field, source_of(cell)) for field, cell in template.fields.items()]
