"""Trim: a preset's text cut down to what a file has and its values bear out, the rest guessed from its columns."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from backfill.commands.init import money, needed
from backfill.commands.init.choice import Choice, Choices
from backfill.commands.init.draft import ask_of, question_of, waiting
from backfill.commands.init.guess import likely_share
from backfill.commands.init.sample import Column, Sample
from backfill.errors import MappingError
from backfill.files.head import place
from backfill.mapping import FieldSource, Mapping, load_text
from backfill.mapping.draft import Question
from backfill.mapping.edit import (
    with_columns,
    with_source,
    without,
    without_conditions,
    without_event,
    without_unused,
)
from backfill.mapping.model import Condition
from backfill.mapping.yaml_text import shown

# What is needed, and may come from other columns than the preset's: no key is made of it.
_NEEDED = {"email": "the buyer's e-mail address", "event_time": "when it happened", "amount": "what was paid"}
_ELSEWHERE = "another file"


@dataclass(slots=True)
class Trimmed:
    """A preset's text as it is cut so far; `changes` says what was cut, `asks` what is left to a person."""

    text: str
    sample: Sample
    changes: list[str] = field(default_factory=list)
    asks: list[str] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    gone: dict[str, list[str]] = field(default_factory=dict)  # fields that are left out, and why

    def mapping(self) -> Mapping:
        return load_text(self.text, "the preset")


def trimmed(text: str, sample: Sample) -> Trimmed:
    """Cut the text of a preset, its columns named as the file names them. Raises MappingError where none is left."""
    made = Trimmed(text, sample)
    _conditions(made)
    mapping = made.mapping()
    for event in reversed(range(len(mapping.events))):  # what repeats another's source goes before that one does
        for name in mapping.events[event].fields:
            _field(made, event, name)
    for why, fields in made.gone.items():
        made.changes.append(f"without {', '.join(dict.fromkeys(fields))}: {why}")
    for name, lookup in made.mapping().lookups.items():
        made.changes.append(f"no longer joins {name} by {shown(lookup.here)}: that is another file")
        made.text = without_unused(without(made.text, "lookups")).replace("\n\n\n", "\n\n")
    made.changes = list(dict.fromkeys(made.changes))
    return made


# --- fields


def _field(made: Trimmed, event: int, name: str) -> None:
    """Leave a field the columns that the file has; with none left, or none that suits it, guess it."""
    mapping = made.mapping()
    cell = mapping.events[event].fields.get(name)
    if cell is None or cell.value is not None:  # it went with the one that repeats it, or reads no column
        return
    there = [column for column in cell.columns if _column(made.sample, mapping, column)]
    lacks = [column for column in cell.names if not _column(made.sample, mapping, column)]
    helping = {*cell.names} - {*cell.columns}
    if (not there and not (cell.template and not lacks)) or helping & {*lacks}:
        _replace(made, mapping, event, name, _lacking(mapping, lacks))
        return
    kept = _filling(made.sample, mapping, there) if name == "amount" else there  # a second sum is another sum
    strange = [column for column in kept if not _holds(name, cell, _column(made.sample, mapping, column))]
    if strange:
        _replace(made, mapping, event, name, f"most values of {_names(strange)} can't be it", guess=False)
    elif kept != list(cell.columns):
        made.text = with_columns(made.text, event, name, kept)
        absent = [column for column in cell.columns if column not in there]
        idle = [column for column in there if column not in kept]
        why = [f"{_names(absent)}, which the file lacks"] if absent else []
        why += [f"{_names(idle)}, which adds nothing to the others here"] if idle else []
        made.changes.append(f"{name} no longer reads {'; nor '.join(why)}")


def _replace(made: Trimmed, mapping: Mapping, event: int, name: str, why: str, guess: bool = True) -> None:
    """Read a field from what the file's own columns suggest, ask for one that is needed, or leave it out.

    Of several events each has a time of its own, which no column's name tells: that is asked.
    """
    template = mapping.events[event]
    buys = template.event_name.value in (None, "purchase")
    if name not in _NEEDED or (name == "amount" and not buys):
        made.text = with_columns(made.text, event, name, [])
        joined = why.endswith(_ELSEWHERE) and ";" not in why
        made.gone.setdefault(f"from {_ELSEWHERE}" if joined else why, []).append(name)
        return
    choice = _guessed(name, Choices(made.sample), buys, bool(mapping.source.group_by))
    if choice.source and guess and not (name == "event_time" and len(mapping.events) > 1):
        made.text = with_source(made.text, event, name, choice.source)
        reasons = "; ".join(note.removeprefix("sure: ") for note in choice.notes if note.startswith("sure: "))
        made.changes.append(f"{name} is {_names(column.name for column in choice.columns)} ({reasons}): {why}")
        return
    if choice.source:
        choice = Choices(made.sample).open(name, _NEEDED[name], [])
    line = waiting(choice, made.sample)
    made.text = with_source(made.text, event, name, line)
    made.changes.append(f"{name} is left to you: {why}")
    if ask_of(choice) not in made.asks:
        made.asks.append(ask_of(choice))
        made.questions.append(question_of(choice, made.sample))


def _guessed(name: str, choices: Choices, buys: bool, grouped: bool) -> Choice:
    if name == "email":
        return needed.email(choices)
    if name == "amount":
        return money.amount(choices, grouped, None)
    return needed.event_time(choices, (0, 1, 2, 3) if buys else (2, 1, 0))


def _filling(sample: Sample, mapping: Mapping, names: list[str]) -> list[str]:
    """Those columns that are filled in some row where the ones before are empty; else the first."""
    kept: list[str] = []
    done = np.zeros(len(sample.numbers), dtype=bool)
    for name in names:
        column = _column(sample, mapping, name)
        more = (column.cells != "") & ~done if column else done & False
        kept += [name] if more.any() else []
        done |= more
    return kept or names[:1]


def _holds(name: str, cell: FieldSource, column: Column | None) -> bool:
    """Whether a field explains most of a column's values; those that steps are to change first say nothing of it."""
    steps = cell.strip or cell.replace or cell.separator or cell.extract or cell.map or cell.default is not None
    return column is None or bool(steps) or likely_share(name, column)


def _lacking(mapping: Mapping, names: list[str]) -> str:
    joined = [name for name in names if mapping.lookup_of(name)]
    own = [name for name in names if name not in joined]
    said = [f"the file lacks {_names(own)}"] if own else []
    said += [f"{_names(joined)} {'are' if len(joined) > 1 else 'is'} in {_ELSEWHERE}"] if joined else []
    return "; ".join(said)


# --- conditions


def _conditions(made: Trimmed) -> None:
    """Drop the conditions on columns that the file lacks, and those that a join alone asks for.

    Where empty cells are not written at all, a column that is not there is empty, and its condition stays. An event
    that such a row never gives is dropped itself. Raises MappingError where no row would give any.
    """
    mapping = made.mapping()
    joins = [lookup.here for lookup in mapping.lookups.values()]
    asked = [condition for condition in mapping.where if condition.empty is False]
    needless = [condition.column for condition in asked if condition.column in joins]
    for event in reversed(range(len(mapping.events))):
        if lost := [one for one in mapping.events[event].where if _lost(made, mapping, one) and not _passes(one)]:
            name = mapping.events[event].event_name.value or "an event"
            made.text = without_event(made.text, event)
            made.changes.append(f"no {name}, which asks for {_names(one.column for one in lost)}: the file lacks it")
    gone = [one for one in made.mapping().where if _lost(made, mapping, one)]
    if strange := [one.column for one in gone if not _passes(one) and one.empty is not False]:
        raise MappingError(mapping.name, [(0, f"no row can meet its condition on {_names(strange)}")])
    gone += [one for template in made.mapping().events for one in template.where if _lost(made, mapping, one)]
    if needless:
        made.changes.append(f"where no longer asks for {_names(needless)}, which only the join needs")
    if gone:
        made.changes.append(f"where no longer asks for {_names(one.column for one in gone)}, which the file lacks")
    made.text = without_conditions(made.text, [*needless, *(one.column for one in gone)])


def _lost(made: Trimmed, mapping: Mapping, condition: Condition) -> bool:
    """Whether the file lacks a column of the condition."""
    lacks = [name for name in condition.names if not _column(made.sample, mapping, name)]
    return bool(lacks) and not (made.sample.format.sparse and _passes(condition))


def _passes(condition: Condition) -> bool:
    """Whether an empty cell meets the condition."""
    numbers = (condition.at_least, condition.at_most, condition.before, condition.after, condition.later_than)
    held = condition.matches is None or condition.matches.search("") is not None
    return condition.one_of is None and condition.empty is not False and held and all(one is None for one in numbers)


# --- columns


def _column(sample: Sample, mapping: Mapping, name: str) -> Column | None:
    if mapping.lookup_of(name):
        return None
    return next((sample.columns[at] for at in place(sample.names, name, mapping)), None)


def _names(names: Iterable[str]) -> str:
    return ", ".join(map(shown, names))
