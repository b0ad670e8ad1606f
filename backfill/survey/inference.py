"""Inference: how an input writes times and amounts, inferred from its cells, so that nobody has to state it.

A value that can be read in only one way decides it; two that contradict each other end the run. Nothing is guessed: a
column none of whose values can be read without a setting is refused.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from backfill.convert import Batch, ConvertSettings
from backfill.convert.profile import ColumnProfile
from backfill.convert.records import Records
from backfill.errors import SourceError, counted
from backfill.fields.calendar import SHARED, tongue_at
from backfill.fields.column import Tongue
from backfill.fields.time_evidence import EARLY, HIGH_LONG, HIGH_SHORT, LOW_LONG, LOW_SHORT, YEAR_FIRST
from backfill.files.format import Layout
from backfill.files.part import Part

_WHY = {
    "timezone": "no value has an offset, and a time zone is never guessed",
    "date_order": "no value tells day from month",
    "decimal": "no value can be read with a decimal point",
}
_UNSAID = {"decimal": "."}  # what holds where nothing is stated
_FLAG = {"timezone": "--timezone ZONE", "date_order": "--date-order ORDER", "decimal": "--decimal MARK"}
_ORDERS = ("ymd", "dmy", "mdy")
_TONGUES: tuple[Tongue, ...] = ("hr", "pl")
_FEWEST_DAYS = 3  # cells that show that a spreadsheet turned days: few could be early in their month by chance
_READ_AS = {
    "dmy": "day first",
    "mdy": "month first",
    "ymd": "year first",
    ",": "with a decimal comma",
    ".": "with a decimal point",
}


@dataclass(frozen=True, slots=True)
class Clue:
    """Where a setting was read from: a value of this column, in this row, allows one reading alone."""

    value: str
    column: str
    row: int
    file: str
    part: int = 0

    @property
    def place(self) -> tuple[int, int]:
        return self.part, self.row


@dataclass(slots=True)
class Inference:
    """What the passes over one input found in it. What was inferred lasts from pass to pass; counts are one pass's."""

    parts: list[Part]
    layouts: list[Layout]
    clues: dict[str, Clue] = field(default_factory=dict)  # "date_order" or "decimal" -> where it was read
    lacking: Counter[tuple[str, str]] = field(default_factory=Counter)  # (column, setting) -> cells that only lack it
    _found: dict[tuple[str, str, str], Clue] = field(default_factory=dict)  # (setting, column, value) -> the first
    _layouts: dict[str, Counter[str]] = field(default_factory=dict)  # column of times -> layout of its days -> cells
    _readable: Counter[str] = field(default_factory=Counter)
    _ids: Counter[tuple[str, int]] = field(default_factory=Counter)
    _float_ids: Counter[tuple[str, int]] = field(default_factory=Counter)
    _float_marks: dict[str, str] = field(default_factory=dict)
    _grouped_ids: Counter[str] = field(default_factory=Counter)
    _comma_ids: Counter[str] = field(default_factory=Counter)
    _grouped_parts: Counter[str] = field(default_factory=Counter)

    @property
    def infers(self) -> bool:
        """A reject file infers nothing: its few rows say too little of the export they came from."""
        return not any(layout.reject_file for layout in self.layouts)

    def recount(self) -> None:
        """Count anew: another pass over the same input."""
        of_ids = (self._ids, self._float_ids, self._grouped_ids, self._comma_ids, self._grouped_parts)
        for counter in (self._readable, self.lacking, *of_ids):
            counter.clear()
        self._layouts.clear()
        self._float_marks.clear()

    def months_first(self, settings: ConvertSettings) -> set[str]:
        """The columns whose days are written with the month in front, as their own values show it, or a setting."""
        found = {
            column: {clue.value for clue in self._telling("date_order", _ORDERS, column)} for column in self._layouts
        }
        stated = {str(settings.locale.date_order)}
        return {column for column, orders in found.items() if (orders or stated) == {"mdy"}}

    def count_days(self, clues: ColumnProfile) -> None:
        """Count how days are written in a frame."""
        for (column, layout), (cells, _) in clues.layouts.items():
            self._layouts.setdefault(column, Counter())[layout] += cells

    def count(self, batch: Batch) -> None:
        """Count what could be read of a batch, and what lacked a setting."""
        clues = batch.clues
        self._readable += clues.readable
        self.lacking += clues.lacking
        self._ids += clues.ids
        self._float_ids += clues.float_ids
        self._float_marks |= clues.float_marks
        self._grouped_ids += clues.grouped_ids
        self._comma_ids += clues.comma_ids
        self._grouped_parts += clues.grouped_parts

    def learn(self, clues: ColumnProfile, records: Records, settings: ConvertSettings) -> ConvertSettings | None:
        """Learn how times and amounts are written; return other settings where that changes how they were read."""
        if not clues.evidence:
            return None
        for (setting, column, value), record in clues.evidence.items():
            row = records.rows_of(record)[0]
            clue = Clue(value, column, row.number, self.parts[row.part].label, row.part)
            self._found.setdefault((setting, column, value), clue)
        if tongue_at(settings.locale.timezone) is None and (months := self._months()) != settings.locale.months:
            return replace(settings, locale=replace(settings.locale, months=months))
        if not self.infers:
            return None
        return self._infer("date_order", settings, _ORDERS) or self._infer("decimal", settings, (".", ","))

    def _months(self) -> Tongue | None:
        """In which language the input names its months, as far as other names show it than those that two share."""
        found = {clue.value for clue in self._telling("months", (*_TONGUES, SHARED))}
        return next((tongue for tongue in _TONGUES if found == {tongue, SHARED}), None)

    def _infer(self, setting: str, settings: ConvertSettings, values: tuple[str, ...]) -> ConvertSettings | None:
        """One way of writing holds for all columns; the first row that allows it alone is the clue."""
        if settings.states(setting):
            return None
        found = sorted(self._telling(setting, values), key=lambda clue: clue.place)
        firsts = {clue.value: clue for clue in reversed(found)}
        if len(firsts) > 1:
            raise SourceError(
                f"{_contradiction(sorted(firsts.values(), key=lambda clue: clue.place))}; mend it, or set "
                f"source.{setting} to reject the others"
            )
        for value, clue in firsts.items():
            if (getattr(settings.locale, setting) or _UNSAID.get(setting)) != value:
                self.clues[setting] = clue
                locale = replace(settings.locale, **{setting: value})  # type: ignore[arg-type]
                return replace(settings, locale=locale, inferred=settings.inferred | {setting})
        return None

    def _telling(self, setting: str, values: tuple[str, ...], column: str | None = None) -> list[Clue]:
        return [
            clue
            for (of, name, value), clue in self._found.items()
            if of == setting and value in values and column in (None, name)
        ]

    def refuse_unreadable(self, settings: ConvertSettings) -> None:
        """Raise SourceError where a column says nothing without a setting, or a spreadsheet made numbers of its ids."""
        self._refuse_thousands(settings)
        self._refuse_turned_days()
        lacking = self.lacked(settings)
        for column in sorted({column for column, _ in lacking}):
            if not self._readable[column]:
                lacks = sorted(setting for name, setting in lacking if name == column)
                why = " and ".join(_WHY[setting] for setting in lacks)
                cure = " and ".join(f"source.{setting} (or {_FLAG[setting]})" for setting in lacks)
                raise SourceError(f"column {column}: {why}; set {cure}")
        for (column, part), ids in self._ids.items():
            if self.infers and ids == self._float_ids[column, part]:
                where = f" of {self.parts[part].label}" if len(self.parts) > 1 else ""
                mark = self._float_marks.get(column)
                steps = f'replace: {{"{mark}": ""}}, ' if mark else ""
                raise SourceError(
                    f"column {column}: all its ids{where} end in .0, as a spreadsheet writes numbers; take it off by "
                    f"strip or extract in the mapping, {{column: {column}, {steps}extract: '^([0-9]+)'}}, once it is "
                    "sure that nothing else was lost"
                )
        for column, ids in self._grouped_ids.items():
            if ids and (others := self._comma_ids[column]):
                those = counted(ids, "id looks like a number", "ids look like numbers")
                raise SourceError(
                    f"column {column}: {those} with thousands commas, and {counted(others, 'has', 'have')} "
                    f"other commas; say in the mapping to take all as they are: {{column: {column}, extract: '(.+)'}}"
                )

        for column, parts in self._grouped_parts.items():
            if self.infers and parts:
                those = counted(parts, "cell is a number", "cells are numbers")
                raise SourceError(
                    f"column {column}: {those} with thousands commas, as a spreadsheet writes them, and ids or keys "
                    "are made of this column: export again, or add extract: '(.+)' to them in the mapping, to take all "
                    "as they are"
                )

    def _refuse_thousands(self, settings: ConvertSettings) -> None:
        """Raise SourceError for an amount column whose only marks may separate thousands as well as decimals.

        Where others show that it has a decimal point, that was inferred: some of these rows alone do not show it.
        """
        for clue in self.unclear(settings):
            raise SourceError(
                f"column {clue.column}: its only marks are before exactly three digits (first in row {clue.row} "
                f"of {clue.file}), and nobody can tell thousands from thousandths; set source.decimal (or "
                f"{_FLAG['decimal']})"
            )
        marked = self.infers and not settings.states("decimal") and self._telling("decimal", ("?,", "?."))
        if marked and self.point:
            self.clues.setdefault("decimal", self.point)

    @property
    def point(self) -> Clue | None:
        """The first cell that can only be read with a decimal point."""
        return min(self._telling("decimal", (".",)), key=lambda clue: clue.place, default=None)

    def lacked(self, settings: ConvertSettings) -> set[tuple[str, str]]:
        """The columns with cells that can be read with a setting alone, and which it is."""
        stated = {"decimal"} if settings.locale.decimal is not None else set()
        return {(column, of) for (column, of), cells in self.lacking.items() if cells and of not in stated}

    def unclear(self, settings: ConvertSettings) -> Iterator[Clue]:
        """The first cell of each amount column whose marks may all separate thousands as well as decimals."""
        if settings.states("decimal"):
            return
        marks = {clue.value for clue in self._telling("decimal", (".", ","))} if self.infers else set()
        for clue in self._telling("decimal", ("?,", "?.")):
            mark = clue.value[1]
            grouped = mark not in marks if marks else not self.infers and mark == ","  # as others show
            if not grouped and not self._telling("decimal", (mark,), clue.column):
                yield clue

    def _refuse_turned_days(self) -> None:
        """Raise SourceError where a spreadsheet took the days up to the twelfth for months, and left the others.

        Days that begin with the year are what the dates of a workbook read as; in a text an export may write them so.
        """
        of_workbooks = all(layout.sheet for layout in self.layouts)
        for column, found in self._layouts.items() if self.infers and of_workbooks else ():
            early, late = found[EARLY], found[HIGH_SHORT] + found[HIGH_LONG]
            whole = found[YEAR_FIRST] == early and not found[LOW_SHORT] + found[LOW_LONG]
            if whole and late and early >= _FEWEST_DAYS:
                raise SourceError(
                    f"column {column}: the {early:,} cells like {EARLY} all have days up to the twelfth, and "
                    f"{counted(late, 'cell')} in another layout later ones: a spreadsheet of another language has "
                    "turned day and month of the former; open the export in it anew, with this column as text"
                )


def _contradiction(clues: list[Clue]) -> str:
    found = [
        f"row {clue.row} of {clue.file} (column {clue.column}) can only be read {_READ_AS[clue.value]}"
        for clue in clues
    ]
    return ", but ".join(found)
