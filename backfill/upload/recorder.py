"""Recording: an outcome goes into the ledger, then into the counts and the reject file; thresholds watch what comes."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from backfill.counts import Counts
from backfill.errors import ThresholdStop
from backfill.event import Problem, Row, Verdict, masked
from backfill.ledger import Ledger
from backfill.progress import Progress
from backfill.upload.limits import MaxRejects
from backfill.upload.tally import Event, Outcome, Tally

_THERE = Outcome(Verdict.ALREADY)
ALIKE = 50  # first answers that, all refused for one reason, say that the mapping is wrong and not the rows


class Sink(Protocol):
    """Where rejected rows go: `rejects.Rejects`, or another object with the same method."""

    def add(
        self,
        row: Row,
        event: str,
        problems: Sequence[Problem],
        order_id: str | None = None,
        key: str = "",
        *,
        rows: int,
    ) -> None: ...


@dataclass(slots=True)
class OutcomeRecorder:
    """Where outcomes go."""

    ledger: Ledger
    run: int
    counts: Counts
    rejects: Sink
    limits: MaxRejects
    progress: Progress
    tally: Tally
    recipe: tuple[str, str] | None = None  # the mapping's name and how it makes hashed keys, until the first is sent
    count_accepted: Callable[[list[Event]], None] = lambda _: None  # who else wants to know of those that were accepted
    fingerprint: str = ""  # of the API key, until the first event is accepted with it
    answers: int = 0
    reasons: set[str] = field(default_factory=set)

    def __call__(self, outcomes: list[tuple[Event, Outcome]]) -> None:
        """Record some outcomes: in the ledger first, so that what is counted is also kept.

        Raises ThresholdStop, once they are recorded, where the run should not go on.
        """
        accepted = [event for event, outcome in outcomes if outcome.verdict is Verdict.ACCEPTED]
        if accepted and self.recipe is not None:
            self.ledger.keep_recipe(*self.recipe)
            self.recipe = None
        if accepted and self.fingerprint:
            self.ledger.bind(self.fingerprint)
            self.fingerprint = ""
        refused = [
            event.key
            for event, outcome in outcomes
            if outcome.verdict is not Verdict.ACCEPTED and event.key not in self.tally.unclear
        ]
        self.tally.doubt(event.key for event in accepted)  # where the ledger is gone, so is the answer
        others = self.ledger.accept(self.run, [event.accepted for event in accepted], refused)
        self.tally.unclear.difference_update(event.key for event in accepted)
        self.tally.unsettled.difference_update(event.key for event, _ in outcomes)
        if others and not self.counts.resent:  # a host that had the Space before, or after, was the first to enter them
            outcomes = [(event, _THERE if event.key in others else outcome) for event, outcome in outcomes]
            accepted = [event for event in accepted if event.key not in others]
        for event, outcome in outcomes:
            self.counts.move(Verdict.READY, outcome.verdict, event.name, event.amount)
            if problem := outcome.problem:
                self.counts.codes[problem.code] += 1
                rows = event.rows
                for row in rows:
                    self.rejects.add(row, event.name, [problem], event.order_id, event.accepted.key, rows=len(rows))
        if accepted:
            self.count_accepted(accepted)
        self.progress.advance(len(outcomes))
        for _, outcome in outcomes:
            self._watch(outcome)
        self.limits.watch(self.counts, self.answers)

    def _watch(self, outcome: Outcome) -> None:
        """Stop where the first answers are all one refusal: the rest would be refused for the same reason."""
        self.answers += 1
        if self.answers > ALIKE:
            return
        self.reasons.add(re.sub(r"\d+", "#", masked(outcome.reason)) if outcome.verdict is Verdict.REFUSED else "")
        if self.answers == ALIKE and len(self.reasons) == 1 and "" not in self.reasons:
            raise ThresholdStop(
                f"the first {ALIKE} answers were all refused for one reason ({masked(outcome.reason)}); "
                "the mapping is wrong, not the rows: mend it and run again"
            )
