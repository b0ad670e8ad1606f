"""The account of one pass over the input: what became of every row, record and event, for people and for the ledger."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace

import pyarrow.compute as pc

from backfill.convert import Batch, ConvertSettings
from backfill.convert.rejected import enter_rejected, rejected_of
from backfill.convert.resubmission import no_first
from backfill.counts import Counts
from backfill.event import Code, Problem, Verdict
from backfill.fields.arrow import Places, listed, pick
from backfill.fields.money import total_of
from backfill.files.format import Layout
from backfill.files.rejects import Rejects
from backfill.mapping import Mapping
from backfill.survey.findings import Findings
from backfill.survey.in_ledger import Noted
from backfill.survey.left_out import LeftOut
from backfill.survey.likely_doubles import Doubles
from backfill.survey.statistics import Statistics
from backfill.survey.verdict_column import VerdictColumn


@dataclass(slots=True)
class Account:
    """What one pass counts. Another pass begins another account, and the rejects anew."""

    mapping: Mapping
    labels: list[str]  # of the input's parts
    layouts: list[Layout]
    rejects: Rejects
    shown: bool  # somebody will look at the figures: they take a fiftieth of a check's time
    findings: Findings
    statistics: Statistics
    left_out: LeftOut
    doubles: Doubles
    counts: Counts = field(default_factory=Counts)
    noted: Noted = field(default_factory=Noted)
    sends_hashed: bool = False  # some key to send is made of fields and not of an order_id
    keyless: int = 0  # rejects with no key to look for: mended, they have one that nothing here tells
    capi: bool = False  # some event goes out with do_not_capi false

    @property
    def hashed(self) -> bool:
        """Whether a key to send, or that of a likely double, is made of fields and not of an order_id."""
        return self.sends_hashed or self.doubles.hashed

    def add(self, batch: Batch, verdicts: VerdictColumn, changed: int, settings: ConvertSettings) -> None:
        """Count a batch's rows, records and events; `changed` of them are other than when they were accepted."""
        counts, records = self.counts, batch.records
        counts.changed += changed
        counts.rows += len(records.rows)
        counts.merged += records.merged
        counts.unreadable += len(records.rows.broken)
        counts.without_event += batch.without_event
        counts.with_event += len(records) - batch.without_event
        counts.events += len(batch)
        counts.capi_held += batch.capi_held
        counts.dropped.update({name: len(places) for name, places in batch.dropped.items()})
        self._add_events(batch, verdicts)
        self.noted.note(batch, verdicts, self.labels)
        ready = verdicts.are(Verdict.READY)
        self.findings.add(batch, ready)
        if self.shown:
            self.statistics.add(batch, ready)
            self.left_out.add(batch, settings)
        for row, reason in records.unreadable():
            counts.codes[Code.UNREADABLE] += 1
            problems = [Problem(Code.UNREADABLE, "", reason)]
            self.findings.reject(problems)
            self.rejects.add(row, "", problems, unreadable=True)
            self.keyless += 1
        broken = batch.broken
        if (rejected := broken[verdicts.are(Verdict.INVALID)[broken]]).size:
            self._add_rejects(batch, rejected)

    def _add_events(self, batch: Batch, verdicts: VerdictColumn) -> None:
        count_events(self.counts, batch, verdicts)
        ready = verdicts.are(Verdict.READY)
        if ready.any():
            bounds = pc.min_max(pick(batch.time, ready)).as_py()
            self.counts.first = min(bounds["min"], self.counts.first or bounds["min"])
            self.counts.last = max(bounds["max"], self.counts.last or bounds["max"])
            self.sends_hashed |= bool(batch.hashed[ready].any())
            self.capi |= bool(batch.capi[ready].any())

    def _add_rejects(self, batch: Batch, events: Places) -> None:
        found = rejected_of(batch, events, self.mapping)
        self.keyless += pick(batch.key, found.events["event"].to_numpy()).null_count
        enter_rejected(self.rejects, batch, found, self.layouts)
        for problems, count in found.counted.items():
            for code in dict.fromkeys(problem.code for problem in problems):
                self.counts.codes[code] += count
            self.findings.reject([_nameless(one) for one in problems], count)


def count_events(
    counts: Counts, batch: Batch, verdicts: VerdictColumn, among: Collection[Verdict] = tuple(Verdict)
) -> None:
    """Count a batch's events of these verdicts, by verdict and name."""
    coded = batch.name.dictionary_encode()
    codes, known = coded.indices.fill_null(-1).to_numpy(), [*listed(coded.dictionary), ""]
    for verdict in (verdict for verdict in verdicts.met() if verdict in among):
        of_verdict = verdicts.are(verdict)
        for code in sorted(set(codes[of_verdict].tolist()), key=known.__getitem__):
            chosen = of_verdict & (codes == code)
            counts.add_name(verdict, known[code], int(chosen.sum()), total_of(pick(batch.amount, chosen)))


def _nameless(problem: Problem) -> Problem:
    """A problem whose reason leaves out what belongs to one event alone."""
    if problem.code is not Code.KEY_CHANGED or problem == no_first(problem.column):
        return problem
    return replace(problem, reason="makes another key than it had")
