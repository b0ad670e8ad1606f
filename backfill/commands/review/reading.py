"""A reading: the input read by one mapping as a check reads it, with every order in an index."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from backfill.commands.review.index import Index
from backfill.commands.review.journal import Journal
from backfill.commands.review.reject_rows import RejectRows
from backfill.commands.review.totals import Totals
from backfill.convert import Batch
from backfill.counts import Counts
from backfill.errors import BackfillError, Interrupted
from backfill.fields.arrow import filled
from backfill.files.format import Layout
from backfill.files.part import Part, stamp_of
from backfill.files.rejects import Rejects
from backfill.mapping import Mapping
from backfill.report.console import Console, Left, Progress
from backfill.report.page.amounts import written
from backfill.run.context import Input, Run
from backfill.run.input import read_input
from backfill.run.open_ledger import space_of
from backfill.run.options import Options, state_folder
from backfill.run.survey import survey_input
from backfill.storage.remote.opened import opened
from backfill.survey.orders import Order, orders
from backfill.survey.passes import Survey, uncollected
from backfill.survey.result import SurveyResult


class Watched(Console):
    """A console that says nothing, keeps what a person should know, and counts what is read until it is stopped."""

    def __init__(self) -> None:
        super().__init__(quiet=True)
        self.read, self.size = 0, 0  # bytes
        self.stopped_by = 0  # a signal's number
        self.warnings: list[str] = []

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def progress(self, what: str, total: int, unit: str, left: Left | None = None) -> Progress:
        self.size = total
        return _Counting(what, total, unit, self, left)


class _Counting(Progress):
    def __init__(self, what: str, total: int, unit: str, console: Watched, left: Left | None):
        super().__init__(what, total, unit, console, left)
        self._watched = console

    def advance(self, by: int = 1, note: str = "") -> None:
        if self._watched.stopped_by:
            raise Interrupted(self._watched.stopped_by)
        self._watched.read += by

    def restart(self) -> None:
        self._watched.read = 0


@dataclass
class Reading:
    """One reading. `open` finds the files and the mapping, `take` reads them; what it shows is there after that."""

    options: Options
    mapping: Mapping | None = None  # in place of the one that the options name
    console: Watched = field(default_factory=Watched)
    index: Index = field(default_factory=Index)
    reject_rows: RejectRows = field(default_factory=RejectRows)
    totals: Totals = field(default_factory=Totals)
    filled: Counter[tuple[int, str]] = field(default_factory=Counter)  # event and field -> records with a cell for it
    records: int = 0
    done: bool = False
    failed: BackfillError | None = None
    _stack: ExitStack = field(default_factory=ExitStack)
    _open: tuple[Mapping, list[Layout]] | None = None
    _marked: dict[int, Layout] = field(default_factory=dict)

    def open(self) -> Self:
        """Open what is read. Raises UsageError and its kinds, as a check would."""
        try:
            state = self._stack.enter_context(state_folder(self.options))
            rejects = self._stack.enter_context(Rejects.gather())
            self.run = Run(self.options, self.console, state, rejects)
            self._parts, self._input = read_input(self.run, self._stack, self.mapping)
            self._ledger = self._stack.enter_context(space_of(self.options, state))
        except BaseException:
            self.close()
            raise
        return self

    def take(self) -> None:
        """Read all of it. What stops that is kept and not raised: this runs in a thread of its own."""
        try:
            survey = survey_input(self.run, self._parts, self._input, self._ledger, self._stack)
            self.totals.zone = survey.account.statistics.zone
            self.totals.several = len(survey.mapping.events) > 1
            self.totals.priced = any("amount" in one.fields for one in survey.mapping.events)
            if self.totals.priced:
                self.totals.write = written(survey.settings.locale.decimal == ",")
            else:
                self.totals.write = lambda amount, currency: "none"
            with uncollected():
                self.index.fill(self._noted(survey), self.totals)
                self.reject_rows.fill(survey)
            self.journal = Journal.of(self._parts, self.run.state)
            self.done = True
        except BackfillError as error:
            self.failed = error

    def _noted(self, survey: Survey) -> Iterator[Order]:
        """Every order, with the rejected ones' rows noted."""
        for at, order in enumerate(orders(survey, look=self._count_filled)):
            if self.console.stopped_by:
                raise Interrupted(self.console.stopped_by)
            if order.rejected:
                self.reject_rows.own(at, [row[:2] for row in order.rows])
            yield order

    def _count_filled(self, batch: Batch) -> None:
        """Count the records that have something for each field, whatever is done with it then."""
        cells, number = batch.records.cells, len(batch.records)
        self.records += number
        for at, template in enumerate(self.survey.mapping.events):
            for name, cell in (*template.fields.items(), ("event_name", template.event_name)):
                some = [filled(cells[column]) for column in cell.names if column in cells]
                if some and number:
                    self.filled[at, name] += int(np.logical_or.reduce(some).sum())

    def layout_with_marks(self, part: int, mapping: Mapping | None) -> Layout:
        """A part's layout for a mapping that reads a reject file's marks as well."""
        if part not in self._marked:
            assert mapping is not None
            self._marked[part] = self._input.layouts[part].format.layout(self._parts[part], mapping)
        return self._marked[part]

    def open_to_all(self) -> tuple[Mapping, list[Layout]]:
        """The mapping without its conditions, and the parts' layouts for it: each record makes all its events."""
        if self._open is None:
            mapping = self.survey.mapping
            events = tuple(replace(template, where=()) for template in mapping.events)
            mapping = replace(mapping, where=(), events=events)
            self._open = mapping, [one.format.layout(part, mapping)
                                   for part, one in zip(self._parts, self.survey.layouts, strict=True)]  # fmt: skip
        return self._open

    def close(self) -> None:
        self.index.close()
        self.reject_rows.close()
        self._stack.close()

    @property
    def survey(self) -> Survey:
        assert self.run.survey is not None
        return self.run.survey

    @property
    def shown(self) -> SurveyResult:
        """What a reject file is read by: with the decimal point too that the input shows, and its rows may not."""
        result, point = self.survey.result, self.survey.inference.point
        stated = self.survey.settings.locale.decimal is not None
        return result if stated or point is None else replace(result, clues=result.clues | {"decimal": point})

    @property
    def input(self) -> Input:
        return self._input

    @property
    def parts(self) -> list[Part]:
        return self._parts

    @property
    def counts(self) -> Counts:
        return self.survey.account.counts

    @property
    def changed(self) -> str | None:
        """The file that is not what it was when it was read, if any."""
        for part in self._parts:
            try:
                with opened(part.path) as now:
                    same = stamp_of(now) == part.stamp == stamp_of(part.raw)
            except OSError:
                same = part.label == "standard input"
            if not same:
                return part.path.name
        return None
