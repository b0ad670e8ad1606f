"""Where each event's verdict is decided: by its problems, the input's other events, the ledger, the Space."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from backfill.api.readback import Readback
from backfill.convert import Batch
from backfill.counts import Counts
from backfill.errors import SourceError
from backfill.event import Code, Problem, Verdict
from backfill.fields.arrow import Places
from backfill.ledger import Ledger
from backfill.mapping import Mapping
from backfill.storage.digest_map import Match
from backfill.survey.claims import Claims
from backfill.survey.in_ledger import kept_of, leave_accepted
from backfill.survey.in_space import leave_out
from backfill.survey.key_taken import TakenKeys
from backfill.survey.likely_doubles import Doubles
from backfill.survey.respelled import Respelled
from backfill.survey.shared_identity import SharedIdentity
from backfill.survey.verdict_column import VerdictColumn
from backfill.survey.written_clock import clocks_of


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

    def of(self, batch: Batch, counts: Counts, doubles: Doubles, run: int | None = None) -> tuple[VerdictColumn, int]:
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
            gone = self.ledger.deleted([one.own for one in kept.values()]) if kept and self._undone else set()
            changed, taken = leave_accepted(batch, verdicts, kept, met, self.resend, gone)
            self._taken.refuse(batch, taken, kept)
        if gone:
            counts.undone += sum(verdicts[at] == Verdict.ALREADY and one.own in gone for at, one in kept.items())
        if self.existing is not None:
            changed += leave_out(batch, verdicts, met, self.existing, counts)
        fresh = sound & (met <= Match.SAME) & ~verdicts.are(Verdict.ALREADY)
        fresh[[at for at, one in kept.items() if one.own not in gone]] = False
        self._refuse_doubles(batch, np.flatnonzero(fresh), doubles, run)
        for at, problem in () if doubles.allowed else self._respelled.judge(batch, np.flatnonzero(sound), self.claims):
            if fresh[at] and at not in batch.problems:
                batch.reject(at, problem)
        for at in np.flatnonzero(sound & (met == Match.CONFLICT) & verdicts.are(Verdict.READY)).tolist():
            batch.reject(at, Problem(Code.CONFLICTING_DUPLICATE, "order_id", _conflict_reason(self.mapping)))
        broken = batch.broken
        verdicts.put(broken[~verdicts.are(Verdict.ALREADY)[broken]], Verdict.INVALID)
        counts.resent += int(verdicts.are(Verdict.READY)[list(kept)].sum()) if self.resend else 0
        return verdicts, changed

    @cached_property
    def _undone(self) -> bool:
        """Whether an undo has deleted any of the ledger's events."""
        return bool(self.ledger.deleted_by_run())

    @cached_property
    def _respelled(self) -> Respelled:
        return Respelled(self.mapping.source.namespace)

    @cached_property
    def _taken(self) -> TakenKeys:
        return TakenKeys(self.mapping, self.ledger)

    def _refuse_doubles(self, batch: Batch, fresh: Places, doubles: Doubles, run: int | None) -> None:
        """Reject the events that the ledger seems to have under other keys."""
        found = doubles.judge(batch, fresh, self.mapping, self.ledger, run, self.claims)
        clocks = clocks_of(batch, list(found), self.mapping)
        for at, other in found.items():
            problem = doubles.count(batch, at, other, dated=clocks[at] is None)
            if problem is not None:
                batch.reject(at, problem)


def _conflict_reason(mapping: Mapping) -> str:
    if mapping.source.group_by is None:
        return "its key comes with several different events: an export with a row a line item needs source.group_by"
    if mapping.source.sum:
        return "its key comes with several events, and where columns are summed each may have a part of one sum"
    return "its key comes with several different events"
