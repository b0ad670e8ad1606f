"""Rejected events: which column of the export to look at, and the key that stays the same whatever is mended."""

from backfill.convert.batch import Batch
from backfill.convert.keys import recipe_fields
from backfill.event import Problem
from backfill.mapping import EventTemplate, FieldSource, Mapping


def with_columns(batch: Batch, at: int, problems: list[Problem], mapping: Mapping) -> list[Problem]:
    """The problems of an event, each with the column that its field came from."""
    fields = _template(batch, at, mapping).fields
    return [
        Problem(problem.code, problem.field, problem.reason, _column(batch, at, fields[problem.field]))
        if not problem.column and problem.field in fields
        else problem
        for problem in problems
    ]


def sure_key(batch: Batch, at: int, problems: list[Problem], mapping: Mapping) -> str:
    """The event's key; "" where something that it is made of is wrong, so that mending it gives another."""
    key, template = batch.key[at], _template(batch, at, mapping)
    if at in batch.old_keys:  # it is not emptied yet
        return batch.old_keys[at]
    if key is None:
        return ""
    hashed = bool(batch.hashed[at])
    made_of = {"event_name", *recipe_fields(template, hashed)}
    conflicting = {problem.column for problem in problems if problem.field == mapping.source.group_by}
    unsure = any(problem.field in made_of for problem in problems) or (
        bool(conflicting) and not conflicting.isdisjoint(_columns(template, made_of, hashed))
    )
    return "" if unsure else str(key)


def _columns(template: EventTemplate, made_of: set[str], hashed: bool) -> set[str]:
    """The columns that a key comes from; with "", that of a row that can't be read, where it is hashed."""
    cells = [template.event_name, *(template.fields[name] for name in made_of if name in template.fields)]
    cells += [part for part in (template.idempotency_key, *template.key) if isinstance(part, FieldSource)]
    return {name for cell in cells for name in cell.names} | ({""} if hashed else set())


def _template(batch: Batch, at: int, mapping: Mapping) -> EventTemplate:
    return mapping.events[int(batch.body.table[at])]


def _column(batch: Batch, at: int, cell: FieldSource) -> str:
    """The first of a cell's columns that is not empty in the event's record, or else the first."""
    record, names = int(batch.record[at]), cell.names
    return next((name for name in names if batch.records.cells[name][record]), names[0] if names else "")
