"""The mapping: YAML to a frozen `Mapping`, or one error with every problem; and finding the shipped ones."""

from backfill.mapping.load import load_text
from backfill.mapping.model import About, Condition, EventTemplate, Example, FieldSource, Lookup, Mapping, SourceOptions
from backfill.mapping.presets import closeness, detect, load, preset_text, presets
from backfill.mapping.schema import schema

__all__ = [
    "About",
    "Condition",
    "EventTemplate",
    "Example",
    "FieldSource",
    "Lookup",
    "Mapping",
    "SourceOptions",
    "closeness",
    "detect",
    "load",
    "load_text",
    "preset_text",
    "presets",
    "schema",
]
