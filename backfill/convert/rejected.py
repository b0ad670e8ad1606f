"""Rejected events: which column of the export to look at, and the key that stays the same whatever is mended."""

from dataclasses import dataclass, field, replace

from backfill.convert.batch import Batch
from backfill.convert.keys import recipe_fields
from backfill.event import Problem
from backfill.files.rejects import Rule, rules_of
from backfill.mapping import EventTemplate, FieldSource, Mapping

Problems = tuple[Problem, ...]


@dataclass(slots=True)
class RejectedEvents:
    """What a reject file says of the events of a batch. Most of them are alike, and what is the same is found once."""

    batch: Batch
    mapping: Mapping
    _rules: dict[tuple[int, Problems], tuple[Rule, ...]] = field(default_factory=dict)
    _unsure: dict[tuple[int, bool, Problems], bool] = field(default_factory=dict)

    def rules(self, at: int, problems: Problems) -> tuple[Rule, ...]:
        """The rules that an event broke, each with the column that its field came from."""
        table = int(self.batch.body.table[at])
        known = self._rules.get((table, problems))
        if known is not None:
            return known
        fields = self.mapping.events[table].fields
        cells = [None if one.column else fields.get(one.field) for one in problems]
        rules = rules_of(
            one if cell is None else replace(one, column=self._column(at, cell))
            for one, cell in zip(problems, cells, strict=True)
        )
        if all(cell is None or len(cell.names) < 2 for cell in cells):
            self._rules[table, problems] = rules
        return rules

    def sure_key(self, at: int, problems: Problems) -> str:
        """The event's key; "" where something that it is made of is wrong, so that mending it gives another."""
        batch = self.batch
        if batch.old_keys and at in batch.old_keys:  # it is not emptied yet
            return batch.old_keys[at]
        if (key := batch.value("key", at)) is None:
            return ""
        kind = int(batch.body.table[at]), batch.value("hashed", at), problems
        if kind not in self._unsure:
            self._unsure[kind] = _unsure(self.mapping.events[kind[0]], *kind[1:], self.mapping.source.group_by)
        return "" if self._unsure[kind] else str(key)

    def _column(self, at: int, cell: FieldSource) -> str:
        """The first of a cell's columns that is not empty in the event's record, or else the first."""
        record, names = int(self.batch.record[at]), cell.names
        cells = self.batch.records.cells
        return next((name for name in names if cells[name][record].as_py()), names[0] if names else "")


def _unsure(template: EventTemplate, hashed: bool, problems: Problems, group_by: str | None) -> bool:
    """Whether something is wrong that such an event's key is made of."""
    made_of = {"event_name", *recipe_fields(template, hashed)}
    conflicting = {problem.column for problem in problems if problem.field == group_by}
    return any(problem.field in made_of for problem in problems) or (
        bool(conflicting) and not conflicting.isdisjoint(_columns(template, made_of, hashed))
    )


def _columns(template: EventTemplate, made_of: set[str], hashed: bool) -> set[str]:
    """The columns that a key comes from; with "", that of a row that can't be read, where it is hashed."""
    cells = [template.event_name, *(template.fields[name] for name in made_of if name in template.fields)]
    cells += [part for part in (template.idempotency_key, *template.key) if isinstance(part, FieldSource)]
    return {name for cell in cells for name in cell.names} | ({""} if hashed else set())
