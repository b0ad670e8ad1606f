"""Draft: one template's events, read field by field, before they are put in order with the others'."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from backfill.convert.profile import ColumnProfile
from backfill.convert.records import Records
from backfill.convert.rejection import Rejection
from backfill.convert.settings import ConvertSettings
from backfill.event import Problem
from backfill.fields.arrow import Flags, Places, Texts, flags_of, pick, repeated
from backfill.fields.typed import untyped
from backfill.mapping import EventTemplate, FieldSource


def label(cell: FieldSource, settings: ConvertSettings) -> str:
    """The name under which a cell's way of writing is known: of several columns the first that a file has."""
    names = [name for name in cell.names if name not in settings.lacking] or cell.names
    return names[0] if names else "(constant)"


@dataclass(slots=True)
class Draft:
    """One template's events, before they are put in order with the others'; positions are events."""

    template: EventTemplate
    records: Records
    record: Places  # the record of each event
    settings: ConvertSettings
    clues: ColumnProfile
    rejections: dict[int, Rejection]  # record -> what a reject file says of it
    old_keys: dict[int, str] = field(default_factory=dict)  # event -> the key that it had in a reject file
    values: dict[str, pa.Array] = field(default_factory=dict)  # field -> as it is sent
    unread: dict[str, list[int]] = field(default_factory=dict)  # field -> cells that are there and can't be sent
    empty: dict[str, Flags] = field(default_factory=dict)  # field -> cells that are not there
    problems: dict[int, list[Problem]] = field(default_factory=dict)
    dropped: dict[str, list[int]] = field(default_factory=dict)  # field -> events that go out without what is there
    events: pd.DataFrame = field(default_factory=pd.DataFrame)
    body: dict[str, pa.Array] = field(default_factory=dict)  # the columns that are sent, in their order

    def __len__(self) -> int:
        return len(self.record)

    @property
    def parts(self) -> Places:
        return self.records.parts[self.record]

    def cells(self, name: str) -> Texts:
        """A column's text for each event."""
        if self.all:
            return self.records.cells[name]
        return self.records.cells.of(name, self.record)

    @property
    def all(self) -> bool:
        """Whether every record gives its event."""
        return len(self.record) == len(self.records)

    def cells_of(self, cell: FieldSource) -> dict[str, Texts]:
        return {name: self.cells(name) for name in cell.names}

    def texts(self, name: str) -> Texts:
        """A column's cells for whatever reads them as texts."""
        return untyped(self.cells(name))

    def blame(self, places: Iterable[int], problem: Problem) -> None:
        self.add((int(at), problem) for at in places)

    def add(self, problems: Iterable[tuple[int, Problem]]) -> None:
        """Add what is wrong with events."""
        for at, problem in problems:
            if at in self.problems:
                self.problems[at].append(problem)
            else:  # nearly always, and there may be one for each event
                self.problems[at] = [problem]

    def drop(self, name: str, places: Iterable[int]) -> None:
        """Note which events go out without a field though something is there."""
        self.dropped.setdefault(name, []).extend(places)

    def keep(self, wanted: Flags) -> None:
        """Forget the other events."""
        moved = {old: new for new, old in enumerate(np.flatnonzero(wanted).tolist())}
        self.record = self.record[wanted]
        self.values = {name: pick(values, wanted) for name, values in self.values.items()}
        self.empty = {name: empty[wanted] for name, empty in self.empty.items()}
        self.unread = {name: [moved[at] for at in places if at in moved] for name, places in self.unread.items()}
        self.problems = {moved[at]: found for at, found in self.problems.items() if at in moved}
        self.dropped = {name: [moved[at] for at in places if at in moved] for name, places in self.dropped.items()}

    def value(self, name: str) -> pa.Array:
        return self.values.get(name, repeated(None, len(self)))

    @property
    def purchase(self) -> Flags:
        """Which events are purchases."""
        return flags_of(pc.equal(self.values["event_name"], "purchase"))

    def lacks(self, name: str) -> Flags:
        """Where a field has no value; a cell that breaks a rule has its own problem and is not lacking."""
        if name not in self.empty:
            return np.ones(len(self), bool)
        lacking = self.empty[name].copy()
        if self.template.fields[name].on_invalid == "omit":
            lacking[self.unread[name]] = True
        return lacking
