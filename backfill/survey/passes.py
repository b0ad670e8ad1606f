"""A survey: every event of the input with its verdict so far, and what only the input as a whole can tell.

How times and amounts are written, which groups lie apart, which tokens several people share, which keys come twice: a
pass learns it while it converts. Where it learns something that changes what came before, the pass is done anew with
that known; an ordinary export needs one. The events to send come from one more pass over the same input, which takes
each only as the survey saw it: what was planned is what goes.
"""

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC
from decimal import Decimal
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backfill.api.readback import Readback
from backfill.convert import Batch, Endless, Terms, Texts, convert, weigh
from backfill.convert.layout import missing_paths
from backfill.convert.lookup import Joined
from backfill.convert.profile import Clues
from backfill.convert.records import Groups, Records, gather
from backfill.convert.rejected import sure_key, with_columns
from backfill.convert.route import Share
from backfill.counts import Counts, total
from backfill.errors import MappingError, SourceError
from backfill.event import Code, Problem, Row, Verdict
from backfill.files import read_rows
from backfill.files.marks import HELD_WAS
from backfill.files.mended import as_they_were
from backfill.files.open import Origin, Part
from backfill.files.rejects import Rejects
from backfill.files.rows import FRAME_ROWS, Layout
from backfill.ledger import Accepted, Ledger, likenesses
from backfill.mapping import Mapping
from backfill.progress import Progress
from backfill.storage.digest_map import Met, Seen
from backfill.survey.claims import Claims
from backfill.survey.cures import Cure, cures
from backfill.survey.findings import Findings
from backfill.survey.gaps import asked_alone
from backfill.survey.in_ledger import Noted, identity_of, kept_of, leave_accepted
from backfill.survey.in_space import leave_out
from backfill.survey.inference import Evidence
from backfill.survey.left_out import LeftOut
from backfill.survey.likely_doubles import Doubles, is_dated
from backfill.survey.neighbours import Neighbours
from backfill.survey.result import SurveyResult
from backfill.survey.shared_identity import Tokens
from backfill.survey.statistics import Figures, currency_column

Advance = Callable[[int], None]


class _Anew(Exception):
    """This pass learned something that changes what came before; `events` says whether the events themselves differ."""

    def __init__(self, events: bool = True):
        self.events = events


@dataclass(frozen=True, slots=True)
class Event:
    """One event to send, and where it stands in its batch, for the rows it came from."""

    key: str
    name: str
    body: bytes
    time: str
    amount: Decimal | None
    order_id: str | None
    batch: Batch
    at: int

    @property
    def rows(self) -> list[Row]:
        return self.batch.records.rows_of(int(self.batch.record[self.at]))

    @property
    def accepted(self) -> Accepted:
        """What the ledger keeps of it."""
        head, _, rest = self.key.partition(":")
        derived = (
            rest == self.order_id and head.partition("@")[0] == self.name
        )  # else nobody could tell it from the key
        amount = None if self.amount is None else format(self.amount, "f")
        who = identity_of(self.batch, self.at)
        like = likenesses(self.name, self.time, amount, who)
        return Accepted(self.key, self.time, amount, who, None if derived else self.order_id, like[0] if like else None)


@dataclass
class Survey:
    """One input, one mapping, one ledger. `take` counts every row and event; `events` gives those to send."""

    parts: list[Part]
    layouts: list[Layout]
    mapping: Mapping
    ledger: Ledger
    terms: Terms
    rejects: Rejects
    frame: int = FRAME_ROWS
    lookups: list[Joined] = field(default_factory=list)
    shown: bool = True  # somebody will look at the figures: they take a fiftieth of a check's time
    share: Share | None = None  # of an input that several Spaces share
    counts: Counts = field(default_factory=Counts)
    findings: Findings = field(default_factory=lambda: Findings([]))
    figures: Figures = field(default_factory=Figures)
    evidence: Evidence = field(init=False)
    left_out: LeftOut = field(init=False)
    hashed: bool = False
    noted: Noted = field(default_factory=Noted)
    capi: bool = False  # some event goes out with do_not_capi false
    existing: Readback | None = None  # the Space's events: what is among them is left out
    resend: bool = False  # what the ledger has goes out again, under its key
    _groups: Groups = field(default_factory=Groups)
    _tokens: Tokens = field(default_factory=Tokens)
    doubles: Doubles = field(default_factory=Doubles)
    neighbours: Neighbours = field(default_factory=Neighbours)
    _claims: Claims = field(init=False)

    def __post_init__(self) -> None:
        self.evidence = Evidence(self.parts, self.layouts)
        self._groups.layouts = self.layouts
        self.left_out = LeftOut(self.mapping)
        self._claims = Claims(self.mapping.source.on_conflict)

    def take(self, progress: Progress) -> None:
        """Survey the input, in as many passes as it needs. Raises SourceError for one that can't be used."""
        while True:
            try:
                with _uncollected():
                    self._pass(progress.advance)
            except _Anew as learned:
                if learned.events:
                    self._forget()
                progress.restart()
                continue
            self._refuse_unusable()
            return

    def _pass(self, advance: Advance) -> None:
        self.counts, self.findings = Counts(), Findings(self.parts, self.mapping.columns)
        self.figures = Figures(self.terms.reading.timezone or UTC, currency_column(self.mapping, self.mapping.columns))
        self.left_out = LeftOut(self.mapping)
        self.rejects.clear()
        for joined in self.lookups:
            joined.counts.clear()
            self.findings.lookups[joined.name] = joined.counts
        self.evidence.recount()
        self._claims.release()
        self.noted.clear()
        self.doubles = Doubles(self.doubles.allowed)
        self.neighbours.found.clear()
        labels = [part.label for part in self.parts]
        for batch in self._batches(advance):
            self.evidence.count(batch)
            self._learn(batch.clues, batch.records)
            verdicts, changed = self._verdicts(batch)
            self.counts.changed += changed
            self.noted.note(batch, verdicts, labels)
            self.neighbours.count(batch, verdicts == Verdict.READY)
            self._count(batch, verdicts)
        self._settle()

    def _batches(self, advance: Advance) -> Iterator[Batch]:
        if self.share is not None:
            self.share.forget()
        readings = dict.fromkeys(self.mapping.source.sum, self.terms.reading)
        pieces = read_rows(self.parts, self.layouts, advance, self.frame)
        if HELD_WAS in self.mapping.beside:
            pieces = (as_they_were(rows, self.mapping.columns, self.findings.restore) for rows in pieces)
        for records in gather(pieces, self.mapping, readings, self._groups, self.frame):
            if self.share is not None:
                # the whole input tells how it is written, whoever its records are for
                with self._ending(records):
                    clues = weigh(records, self.mapping, self.terms)
                self._learn(clues, records)
                records = self.share.of(records)
            for joined in self.lookups:
                records.cells |= joined.join(records.cells[joined.lookup.here])
            with self._ending(records):
                batch = asked_alone(convert(records, self.mapping, self.terms), self.layouts)
            if self.share is not None:
                self.share.set_apart(batch)
            yield batch

    @contextmanager
    def _ending(self, records: Records) -> Iterator[None]:
        """Name the pattern that searches a text without end, and the row. Raises MappingError."""
        try:
            yield
        except Endless as search:
            cells = zip(*(texts.tolist() for texts in records.cells.values()), strict=True)
            record = next((at for at, own in enumerate(cells) if any(search.text in one for one in own)), None)
            row = records.rows_of(record or 0)[0]
            where = f"{'row' if record is not None else 'a row from'} {row.number:,} of {self.parts[row.part].label}"
            sentence = (
                f"the pattern {search.pattern!r} comes to no end in {where}: a repeat within a repeat, as in (a+)+, "
                "takes for ever on some texts; write it without"
            )
            raise MappingError(self.mapping.origin, [(search.line, sentence)]) from None

    # -- what a pass learns ------------------------------------------------------------------------------------------

    def _learn(self, clues: Clues, records: Records) -> None:
        """Learn how times and amounts are written. Raises _Anew where that changes how they were read."""
        terms = self.evidence.learn(clues, records, self.terms)
        if terms is not None:
            self.terms = terms
            raise _Anew

    def _refuse_unusable(self) -> None:
        """Raise SourceError for a column that can't be read, a record that has no Space, a path that leads nowhere."""
        self.evidence.refuse_unreadable(self.terms)
        if self.share is not None:
            self.share.refuse_strays([part.label for part in self.parts])
        if missing := missing_paths(self.parts, self.layouts, self.mapping):
            raise SourceError(missing)

    def _settle(self) -> None:
        """At a pass's end: is anything known now that would have changed it?"""
        if len(self._groups.found):
            self._groups.apart = self._groups.found.with_all(self._groups.apart)
            raise _Anew
        if self._groups.late:
            raise _Anew
        if self._tokens.settle():
            raise _Anew
        if self._claims.settle():
            raise _Anew(events=False)

    def _forget(self) -> None:
        """Drop what the events of a pass have left: in the next one they are others."""
        self._claims = Claims(self.mapping.source.on_conflict)
        self._groups.found = Seen()
        self._tokens.forget()

    # -- verdicts ----------------------------------------------------------------------------------------------------

    def _verdicts(self, batch: Batch, run: int | None = None) -> tuple[Texts, int]:
        """Each event's verdict so far, and how many changed since they were accepted.

        What only the whole input or the ledger can tell is added to the batch's problems.
        """
        verdicts = np.full(len(batch), Verdict.READY, dtype=object)
        if not len(batch):
            return verdicts, 0
        self._tokens.refuse_shared(batch, self.mapping)
        kept, sound = kept_of(batch, self.ledger, run), batch.sound
        met = self._claims.take(batch, list(kept))
        if self._claims.moved:
            raise SourceError(f"{self.parts[0].label}: changed while it was being read; run again when it is complete")
        verdicts[(met == Met.SAME) | (met == Met.OTHER)] = Verdict.DUPLICATE
        with self.ledger.reading():
            changed, resent = leave_accepted(batch, verdicts, kept, met, self.resend, self._taken if kept else "")
        self.counts.resent += resent if run is None else 0
        if self.existing is not None:
            changed += leave_out(batch, verdicts, met, self.existing, self.counts if run is None else Counts())
        fresh = sound & (met <= Met.SAME) & (verdicts != Verdict.ALREADY)
        fresh[list(kept)] = False
        self._refuse_doubles(batch, np.flatnonzero(fresh), run)
        for at in np.flatnonzero(sound & (met == Met.CONFLICT) & (verdicts == Verdict.READY)).tolist():
            batch.reject(at, Problem(Code.CONFLICTING_DUPLICATE, "order_id", _conflict_reason(self.mapping)))
        for at in batch.problems:
            if verdicts[at] != Verdict.ALREADY:
                verdicts[at] = Verdict.INVALID
        return verdicts, changed

    @cached_property
    def _taken(self) -> str:
        """Why the ledger has an event's key for somebody else, and what to do in view of what this mapping has sent."""
        space = "another source.namespace" if self.mapping.source.namespace else "source.namespace"
        why = "its key was accepted for somebody else: two sources share ids"
        if not (sent := self.ledger.sent_with(self.mapping.name)):
            return f"{why}; set {space}: what goes out without it comes back as likely_double, and is not sent again"
        return (
            f"{why}; this mapping has sent {sent:,} events, which stay as they are: set {space} in a copy of it, and "
            "upload the reject file alone with that"
        )

    def _refuse_doubles(self, batch: Batch, fresh: NDArray[np.int64], run: int | None) -> None:
        """Reject the events that the ledger seems to have under other keys."""
        doubles = self.doubles if run is None else Doubles(self.doubles.allowed)
        for at, other in doubles.judge(batch, fresh, self.ledger, run, self._claims).items():
            problem = doubles.count(batch, at, other, is_dated(batch, at, self.mapping, self.terms))
            self.hashed |= bool(batch.hashed[at])
            if problem is not None:
                batch.reject(at, problem)

    # -- counting ----------------------------------------------------------------------------------------------------

    def _count(self, batch: Batch, verdicts: Texts) -> None:
        counts, records = self.counts, batch.records
        counts.rows += len(records.rows)
        counts.merged += records.merged
        counts.unreadable += len(records.rows.broken)
        counts.without_event += batch.without_event
        counts.with_event += len(records) - batch.without_event
        counts.events += len(batch)
        counts.capi_held += batch.capi_held
        counts.dropped += batch.dropped
        self._count_events(batch, verdicts)
        self.findings.add(batch)
        if self.shown:
            self.figures.add(batch, verdicts == Verdict.READY)
            self.left_out.add(batch, self.terms)
        for row, reason in records.unreadable():
            counts.codes[Code.UNREADABLE] += 1
            problems = [Problem(Code.UNREADABLE, "", reason)]
            self.findings.reject(problems)
            self.rejects.add(row, "", problems, unreadable=True)
        for at, problems in batch.problems.items():
            if verdicts[at] == Verdict.INVALID:
                self._count_reject(batch, at, problems)

    def _count_events(self, batch: Batch, verdicts: Texts) -> None:
        codes, known = pd.factorize(batch.name)
        names = np.append(known, "")  # one that is not there has the code -1
        met = set(verdicts.tolist())
        for verdict in (verdict for verdict in Verdict if verdict in met):
            of_verdict = verdicts == verdict
            for code in sorted(set(codes[of_verdict].tolist()), key=names.__getitem__):
                chosen = of_verdict & (codes == code)
                amounts = [amount for amount in batch.amount[chosen] if amount is not None]
                self.counts.add_name(verdict, str(names[code]), int(chosen.sum()), total(amounts))
        ready = verdicts == Verdict.READY
        if ready.any():
            times = batch.time[ready]
            self.counts.first = min([*times, *([self.counts.first] if self.counts.first else [])])
            self.counts.last = max([*times, *([self.counts.last] if self.counts.last else [])])
            self.hashed |= bool(batch.hashed[ready].any())
            self.capi |= bool(batch.capi[ready].any())

    def _count_reject(self, batch: Batch, at: int, problems: list[Problem]) -> None:
        self.counts.codes.update({problem.code for problem in problems})
        self.findings.reject([_nameless(one) for one in problems])
        told, key = with_columns(batch, at, problems, self.mapping), sure_key(batch, at, problems, self.mapping)
        for row in batch.records.rows_of(int(batch.record[at])):
            self.rejects.add(row, batch.name[at] or "", told, batch.order_id[at], key)

    @property
    def origins(self) -> list[Origin]:
        return [part.origin for part in self.parts]

    @property
    def result(self) -> SurveyResult:
        """What it has come to by now."""
        left_out = self.left_out.sentence() if self.shown else ""
        column, others = (self.share.route.column, dict(self.share.others)) if self.share else ("", {})
        return SurveyResult(self.counts, self.mapping, dict(self.evidence.clues), left_out, column, others)

    @property
    def rows_read(self) -> Counter[int]:
        """The files' rows by part, whosever they are."""
        return self.findings.rows if self.share is None else self.share.read

    def cures(self) -> list[Cure]:
        """What would mend many rejects at once."""
        return cures(
            self.findings.clusters, self.evidence.lacking, self.counts.events + self.counts.unreadable, self.mapping
        )

    def settle(self, event: object) -> None:
        """Count an event of `events` among the figures' accepted ones."""
        assert isinstance(event, Event)
        self.figures.settle(event.name, event.batch, event.at)

    def judged(self, run: int | None = None) -> Iterator[tuple[Batch, Texts]]:
        """Each batch once more, with the survey's verdicts, whatever the run has accepted since."""
        self._claims.release()
        for batch in self._batches(lambda _: None):
            yield batch, self._verdicts(batch, run)[0]

    # -- sending -----------------------------------------------------------------------------------------------------

    def events(self, run: int, limit: int | None) -> Iterator[Event]:
        """The events that are ready, in the input's order; with a limit that many, spread over it.

        Raises SourceError where the input is no longer what the survey saw.
        """
        total, ordinal = self.counts.verdicts[Verdict.READY], 0
        wanted = self.counts.wanted(limit)
        for batch, verdicts in self.judged(run) if wanted else ():
            for at in np.flatnonzero(verdicts == Verdict.READY).tolist():
                ordinal += 1
                if ordinal * wanted // total > (ordinal - 1) * wanted // total:
                    yield _event(batch, at)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Spare the search for reference cycles: a pass makes none, and looking costs it a fifth of its time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _event(batch: Batch, at: int) -> Event:
    return Event(
        batch.key[at], batch.name[at], batch.body[at], batch.time[at], batch.amount[at], batch.order_id[at], batch, at
    )


def _nameless(problem: Problem) -> Problem:
    """A problem whose reason is without what is one event's alone."""
    return replace(problem, reason="makes another key than it had") if problem.code is Code.KEY_CHANGED else problem


def _conflict_reason(mapping: Mapping) -> str:
    if mapping.source.group_by is None:
        return "its key comes with several different events: an export with a row a line item needs source.group_by"
    return "its key comes with several different events"
