"""Evidence: what an input tells of itself, so that nobody has to state it: how its times and amounts are written.

A value that allows one reading alone settles it; two that contradict each other end the run. Nothing is guessed: a
column none of whose values can be read for want of a setting is refused.
"""

from collections import Counter
from dataclasses import dataclass, field, replace

from backfill.convert import Batch, Terms
from backfill.errors import SourceError
from backfill.read.files import Part
from backfill.read.rows import Layout

_WHY = {
    "timezone": "no value has an offset, and a time zone is never guessed",
    "date_order": "no value tells day from month",
    "decimal": "no value can be read with a decimal point",
}
_FLAG = {"timezone": "--timezone ZONE", "date_order": "--date-order ORDER", "decimal": "--decimal MARK"}
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


@dataclass(slots=True)
class Evidence:
    """What the passes over one input found in it. What was inferred lasts from pass to pass; counts are one pass's."""

    parts: list[Part]
    layouts: list[Layout]
    clues: dict[tuple[str, str], Clue] = field(default_factory=dict)  # ("date_order", "") or ("decimal", column)
    lacking: Counter[tuple[str, str]] = field(default_factory=Counter)  # (column, setting) -> cells that only lack it
    _found: dict[tuple[str, str, str], Clue] = field(default_factory=dict)  # (setting, column, value) -> the first
    _readable: Counter[str] = field(default_factory=Counter)
    _ids: Counter[str] = field(default_factory=Counter)
    _float_ids: Counter[str] = field(default_factory=Counter)

    @property
    def infers(self) -> bool:
        """A reject file infers nothing: its few rows say too little of the export they came from."""
        return not any(layout.reject_file for layout in self.layouts)

    def recount(self) -> None:
        """Count anew: another pass over the same input."""
        for counter in (self._readable, self.lacking, self._ids, self._float_ids):
            counter.clear()

    def weigh(self, batch: Batch, terms: Terms) -> Terms | None:
        """Learn how times and amounts are written; return other terms where that changes how they were read."""
        clues = batch.clues
        self._readable += clues.readable
        self.lacking += clues.lacking
        self._ids += clues.ids
        self._float_ids += clues.float_ids
        if not self.infers or not clues.evidence:
            return None
        for (setting, column, value), record in clues.evidence.items():
            row = batch.records.rows_of(record)[0]
            self._found.setdefault(
                (setting, column, value), Clue(value, column, row.number, self.parts[row.part].label)
            )
        return self._infer_date_order(terms) or self._infer_decimals(terms)

    def _infer_date_order(self, terms: Terms) -> Terms | None:
        if terms.reading.date_order is not None and ("date_order", "") not in self.clues:
            return None
        found = {clue.value: clue for (setting, _, _), clue in self._found.items() if setting == "date_order"}
        if len(found) > 1:
            raise SourceError(
                f"{_contradiction(list(found.values()))}; mend it, or set source.date_order to reject the others"
            )
        for value, clue in found.items():
            if terms.reading.date_order != value:
                self.clues["date_order", ""] = clue
                return replace(terms, reading=replace(terms.reading, date_order=value))  # type: ignore[arg-type]
        return None

    def _infer_decimals(self, terms: Terms) -> Terms | None:
        if terms.reading.decimal is not None:
            return None
        for column in dict.fromkeys(column for setting, column, _ in self._found if setting == "decimal"):
            comma, point = (self._found.get(("decimal", column, mark)) for mark in (",", "."))
            if comma and point:
                raise SourceError(
                    f"{_contradiction([comma, point])}; mend one, or set source.decimal to have the others rejected"
                )
            if comma and column not in terms.decimals:
                self.clues["decimal", column] = comma
                return replace(terms, decimals={**terms.decimals, column: ","})
        return None

    def refuse_unreadable(self, terms: Terms) -> None:
        """Raise SourceError where a column says nothing without a setting, or a spreadsheet made numbers of its ids."""
        stated = {"decimal"} if terms.reading.decimal is not None else set()
        lacking = {(column, of) for (column, of), cells in self.lacking.items() if cells and of not in stated}
        for column in sorted({column for column, _ in lacking}):
            if not self._readable[column]:
                lacks = sorted(setting for name, setting in lacking if name == column)
                why = " and ".join(_WHY[setting] for setting in lacks)
                cure = " and ".join(f"source.{setting} (or {_FLAG[setting]})" for setting in lacks)
                raise SourceError(f"column {column}: {why}; set {cure}")
        for column, ids in self._ids.items():
            if self.infers and ids and ids == self._float_ids[column]:
                raise SourceError(
                    f"column {column}: all {ids:,} ids end in .0, as a spreadsheet writes numbers; take it off in the "
                    f"mapping with {{column: {column}, strip: '.0'}} once it is sure that nothing else was lost"
                )


def _contradiction(clues: list[Clue]) -> str:
    found = [
        f"row {clue.row} of {clue.file} (column {clue.column}) can only be read {_READ_AS[clue.value]}"
        for clue in clues
    ]
    return ", but ".join(found)
