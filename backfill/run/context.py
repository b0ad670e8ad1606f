"""A run: what it was asked to do, and the result of each step, for the summary, however the run ends."""

import time
from dataclasses import dataclass, field
from pathlib import Path

from backfill.counts import Counts
from backfill.files.format import Layout
from backfill.files.part import Origin
from backfill.files.rejects import Rejects
from backfill.ledger import Ledger, Ledgers, ledgers_of
from backfill.mapping import Mapping
from backfill.report.console import Console
from backfill.run.options import Options
from backfill.survey.passes import Survey
from backfill.survey.result import SurveyResult
from backfill.upload.tally import Tally


@dataclass(frozen=True, slots=True)
class Input:
    """The input as it is read: of each part where it comes from and its layout, and the mapping for all."""

    origins: list[Origin]
    layouts: list[Layout]
    mapping: Mapping


@dataclass(frozen=True, slots=True)
class Entered:
    """A run's place in a ledger."""

    ledger: Ledger
    number: int


@dataclass
class Run:
    """One run. A step's result is None until that step is done, and never changes after."""

    options: Options
    console: Console
    state: Path
    rejects: Rejects
    started: float = field(default_factory=time.time)  # Unix seconds
    began: float = field(default_factory=time.monotonic)  # the same moment on a clock that nobody sets
    mapping: Mapping | None = None  # the one that was named, then the one that reads the files
    input: Input | None = None
    survey: Survey | None = None
    surveyed: SurveyResult | None = None  # by another process
    entered: Entered | None = None
    tally: Tally = field(default_factory=Tally)
    sent: list[str] = field(default_factory=list)  # with --limit: a line for each event that was accepted

    @property
    def ledgers(self) -> Ledgers:
        return ledgers_of(self.state, alone=self.options.sandbox)

    @property
    def seconds(self) -> float:
        """How long it has taken."""
        return round(time.monotonic() - self.began, 3)

    @property
    def number(self) -> int | None:
        """Its number in the ledger, once it is entered there."""
        return self.entered.number if self.entered else None

    @property
    def mapping_name(self) -> str | None:
        return self.mapping.name if self.mapping else None

    @property
    def result(self) -> SurveyResult | None:
        """The result of the survey so far."""
        return self.survey.result if self.survey else self.surveyed

    @property
    def counts(self) -> Counts:
        """What became of rows and events by now."""
        if self.survey is not None:
            return self.survey.account.counts
        return self.surveyed.counts if self.surveyed else Counts()
