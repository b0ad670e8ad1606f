"""Where each event's verdict is decided: by its problems, the input's other events, the ledger, the Space."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from backfill.api.readback import Readback
from backfill.convert import Batch, ConvertSettings
from backfill.counts import Counts
from backfill.errors import SourceError, counted
from backfill.event import Code, Problem, Verdict
from backfill.fields.arrow import Places
from backfill.ledger import Ledger
from backfill.mapping import Mapping
from backfill.storage.digest_map import Match
from backfill.survey.claims import Claims
from backfill.survey.in_ledger import deleted_among, kept_of, leave_accepted
from backfill.survey.in_space import leave_out
from backfill.survey.likely_doubles import Doubles, is_dated
from backfill.survey.respelled import Respelled
from backfill.survey.shared_identity import SharedIdentity
from backfill.survey.verdict_column import VerdictColumn


@dataclass
class Verdicts:
    """What verdicts on one input depend on, besides its events. `label` is what reports call the input."""

    mapping: Mapping
    ledger: Ledger
    label: str
    resend: bool  # what the ledger has goes out again, under its key
    claims: Claims
    existing: Readback | None = None  # the Space's events: what is among them is left out
    shared_identity: SharedIdentity = field(default_factory=SharedIdentity)

    def of(
        self, batch: Batch, settings: ConvertSettings, counts: Counts, doubles: Doubles, run: int | None = None
    ) -> tuple[VerdictColumn, int]:
        """Each event's verdict so far, and how many changed since they were accepted.

        Adds to the batch's problems those that only the whole input or the ledger can show. What `run` has accepted
        itself is ignored.
        """
        verdicts = VerdictColumn(len(batch))
        if not len(batch):
            return verdicts, 0
        self.shared_identity.refuse_shared(batch, self.mapping)
        kept, sound = kept_of(batch, self.ledger, run), batch.sound
        met = self.claims.take(batch, list(kept))
        if self.claims.moved:
            raise SourceError(f"{self.label}: changed while it was being read; run again when it is complete")
        verdicts.put((met == Match.SAME) | (met == Match.OTHER), Verdict.DUPLICATE)
        with self.ledger.reading():
            changed, resent = leave_accepted(batch, verdicts, kept, met, self.resend, self._taken if kept else "")
            if kept and self._undone:
                counts.undone += deleted_among(kept, verdicts, self.ledger)
        counts.resent += resent
        if self.existing is not None:
            changed += leave_out(batch, verdicts, met, self.existing, counts)
        fresh = sound & (met <= Match.SAME) & ~verdicts.are(Verdict.ALREADY)
        fresh[list(kept)] = False
        self._refuse_doubles(batch, np.flatnonzero(fresh), settings, doubles, run)
        for at, problem in () if doubles.allowed else self._respelled.judge(batch, np.flatnonzero(sound), self.claims):
            if fresh[at] and at not in batch.problems:
                batch.reject(at, problem)
        for at in np.flatnonzero(sound & (met == Match.CONFLICT) & verdicts.are(Verdict.READY)).tolist():
            batch.reject(at, Problem(Code.CONFLICTING_DUPLICATE, "order_id", _conflict_reason(self.mapping)))
        broken = batch.broken
        verdicts.put(broken[~verdicts.are(Verdict.ALREADY)[broken]], Verdict.INVALID)
        return verdicts, changed

    @cached_property
    def _undone(self) -> bool:
        """Whether an undo has deleted any of the ledger's events."""
        return bool(self.ledger.deleted_by_run())

    @cached_property
    def _respelled(self) -> Respelled:
        return Respelled(self.mapping.source.namespace)

    @cached_property
    def _taken(self) -> str:
        """Why the ledger has an event's key for somebody else, and what to do in view of what this mapping has sent."""
        space = "another source.namespace" if self.mapping.source.namespace else "source.namespace"
        why = "its key was accepted for somebody else: two sources share ids"
        if not (sent := self.ledger.sent_with(self.mapping.name)):
            return f"{why}; set {space}: what goes out without it comes back as likely_double, and is not sent again"
        stay = counted(sent, "event, which stays as it is", "events, which stay as they are")
        return (
            f"{why}; this mapping has sent {stay}: set {space} in a copy of it, and "
            "upload the reject file alone with that"
        )

    def _refuse_doubles(
        self, batch: Batch, fresh: Places, settings: ConvertSettings, doubles: Doubles, run: int | None
    ) -> None:
        """Reject the events that the ledger seems to have under other keys."""
        for at, other in doubles.judge(batch, fresh, self.mapping, self.ledger, run, self.claims).items():
            problem = doubles.count(batch, at, other, is_dated(batch, at, self.mapping, settings))
            if problem is not None:
                batch.reject(at, problem)


def _conflict_reason(mapping: Mapping) -> str:
    if mapping.source.group_by is None:
        return "its key comes with several different events: an export with a row a line item needs source.group_by"
    return "its key comes with several different events"
