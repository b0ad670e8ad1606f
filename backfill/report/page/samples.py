"""Samples: whole events with the rows they came from, each field with its column; people masked unless asked for."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from backfill.event import Row
from backfill.files.format import Layout
from backfill.mapping import EventTemplate, FieldSource, Mapping
from backfill.report.page.veil import Veil
from backfill.survey.statistics import Sample

_MADE = {"do_not_capi": "always, unless the mapping says otherwise", "idempotency_key": "made of the name and the id"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One field of an event: as it is sent, where it comes from, what the cells held."""

    field: str
    value: str
    source: str
    cells: list[tuple[str, str]]  # column, text


@dataclass(frozen=True, slots=True)
class Story:
    """One event with its rows."""

    name: str
    ordinal: int
    places: str
    fields: list[Shown]
    others: list[tuple[str, str]]  # columns that no field of it reads, where they are filled


class Samples:
    """Shows events of one mapping and its files."""

    def __init__(self, mapping: Mapping, layouts: list[Layout], labels: list[str], unmask: bool):
        self._mapping, self._layouts, self._labels = mapping, layouts, labels
        self._veil = Veil(mapping, unmask)

    def story(self, sample: Sample) -> Story:
        """Lay an event out with the record that it was made of."""
        record = _record(sample.rows, self._layouts, self._mapping)
        body: dict[str, Any] = json.loads(sample.body, parse_float=str, parse_int=str)
        template = self._template(sample.name)
        fields = [self._shown(name, value, template, record) for name, value in body.items()]
        used = {column for shown in fields for column, _ in shown.cells}
        others = [
            (column, self._veil.cell(column, text)) for column, text in record.items() if column not in used and text
        ]
        return Story(sample.name, sample.ordinal + 1, self._places(sample.rows), fields, others)

    def cells(self, rows: list[Row]) -> list[tuple[str, str]]:
        """Every filled cell of a record, as it may be seen."""
        record = _record(rows, self._layouts, self._mapping)
        return [(column, self._veil.cell(column, text)) for column, text in record.items() if text]

    def _places(self, rows: list[Row]) -> str:
        numbers = [f"{row.number:,}" for row in rows[:6]] + (["..."] if len(rows) > 6 else [])
        where = f" of {self._labels[rows[0].part]}" if len(self._labels) > 1 else ""
        return f"row{'s' if len(rows) > 1 else ''} {', '.join(numbers)}{where}"

    def _template(self, name: str) -> EventTemplate:
        """The mapping's event of that name; where several may give it, the first."""
        for template in self._mapping.events:
            cell = template.event_name
            if name == cell.value or name in (to for _, to in cell.map):
                return template
        return self._mapping.events[0]

    def _shown(self, field: str, value: Any, template: EventTemplate, record: dict[str, str]) -> Shown:
        text = value if isinstance(value, str) else json.dumps(value)
        cell = template.event_name if field == "event_name" else template.fields.get(field)
        if field == "idempotency_key" and template.idempotency_key is not None:
            cell = template.idempotency_key
        source = source_of(cell) if cell is not None else _MADE.get(field, "")
        names = [name for name in cell.names if record.get(name)] if cell is not None else []
        if cell is not None and cell.template is None and names and names[0] in cell.columns:
            names = [names[0], *(name for name in names if name not in cell.columns)]  # the first that is filled wins
        cells = [(name, self._veil.cell(name, record[name])) for name in names]
        return Shown(field, self._veil.value(field, text), source, cells)


def _record(rows: list[Row], layouts: list[Layout], mapping: Mapping) -> dict[str, str]:
    """Every column of a record: the first text that is not empty, of summed columns all of them."""
    found: dict[str, list[str]] = {}
    for row in rows:
        layout = layouts[row.part]
        for column, text in layout.format.cells_of(row.text, layout).shown():
            texts = found.setdefault(column, [])
            if text.strip() and (not texts or column in mapping.source.sum):
                texts.append(text.strip())
    return {column: " + ".join(texts) for column, texts in found.items()}


def source_of(cell: FieldSource) -> str:
    """Where a field comes from, in words."""
    if cell.value is not None:
        return f"always {cell.value}"
    if cell.template is not None:
        said = "".join(f"{{{part}}}" if kind == "column" else part for kind, part in cell.template)
    else:
        said = ", else ".join(cell.columns)
    return "; ".join((said, *_steps(cell)))


def steps_of(cell: FieldSource) -> str:
    """What is done with a cell, in words."""
    return "; ".join(_steps(cell))


def _steps(cell: FieldSource) -> Iterator[str]:
    if cell.strip:
        yield f"less {', '.join(cell.strip)}"
    if cell.replace:
        yield ", ".join(f"{a} replaced by {b or 'nothing'}" for a, b in cell.replace)
    if cell.separator:
        yield f"the first of several by {' or '.join(cell.separator)}"
    if cell.extract is not None:
        yield f"what {cell.extract.pattern} finds"
    if cell.digits:
        yield f"with zeros in front, to {cell.digits} digits"
    if cell.map:
        pairs = [f"{a} is {b}" for a, b in cell.map[:6]]
        yield ", ".join([*pairs, *(["..."] if len(cell.map) > 6 else [])])
    if cell.case:
        yield f"in {cell.case} case"
    if cell.scale is not None:
        yield f"times {cell.scale}"
    if cell.minor_units:
        yield f"in minor units of {cell.minor_units}"
    if cell.timezone_column:
        yield f"in the zone of {cell.timezone_column}"
    if cell.default is not None:
        yield f"where empty: {cell.default}"
    if cell.on_invalid == "omit":
        yield "left out where it can't be read"
