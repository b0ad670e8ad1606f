"""A survey: every event of the input with its verdict so far, and what only the input as a whole can show.

How times and amounts are written, which groups are apart, which tokens several people share, which keys come twice: a
pass learns this while it converts. Where it learns something that changes earlier results, the pass is repeated with
that known; an ordinary export needs one pass. The events to send come from one more pass over the same input, which
takes each only as the survey saw it: what was planned is sent.
"""

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import Enum

import numpy as np

from backfill.convert import Batch, ConvertSettings, Endless, convert, meeting, weigh
from backfill.convert.gather import gather
from backfill.convert.groups import Groups
from backfill.convert.lookup import Joined
from backfill.convert.profile import ColumnProfile
from backfill.convert.records import Records
from backfill.convert.route import Share
from backfill.counts import Counts
from backfill.errors import MappingError, SourceError
from backfill.event import Verdict
from backfill.fields.arrow import listed
from backfill.files import read_rows
from backfill.files.format import Layout
from backfill.files.marks import HELD_WAS
from backfill.files.part import Origin, Part
from backfill.files.rejects import Rejects
from backfill.files.rows import FRAME_ROWS
from backfill.files.was import as_they_were
from backfill.ledger import Ledger
from backfill.mapping import Mapping
from backfill.progress import Progress
from backfill.storage.digest_map import DigestMap
from backfill.survey.accounting import Account, count_events
from backfill.survey.claims import Claims
from backfill.survey.clock import Clock
from backfill.survey.cures import Cure, cures
from backfill.survey.currencies import currency_column, paid_in, stated_in
from backfill.survey.event import ReadyEvent, events_at
from backfill.survey.findings import Findings
from backfill.survey.gaps import asked_alone
from backfill.survey.inference import Inference
from backfill.survey.left_out import LeftOut
from backfill.survey.likely_doubles import Doubles
from backfill.survey.neighbours import Neighbours
from backfill.survey.result import SurveyResult
from backfill.survey.statistics import Statistics
from backfill.survey.unanswered import Unanswered
from backfill.survey.verdict_column import VerdictColumn
from backfill.survey.verdicts import Verdicts

Advance = Callable[[int], None]


class Learned(Enum):
    """What a pass learned that changes what came before it."""

    NOTHING = "nothing"
    VERDICTS = "verdicts"  # the events are the same
    EVENTS = "events"


@dataclass
class Survey:
    """One input, one mapping, one ledger. `take` counts every row and event; `events` gives those to send."""

    parts: list[Part]
    layouts: list[Layout]
    mapping: Mapping
    ledger: Ledger
    settings: ConvertSettings
    rejects: Rejects
    frame: int = FRAME_ROWS
    lookups: list[Joined] = field(default_factory=list)
    shown: bool = True  # somebody will look at the figures
    share: Share | None = None  # of an input that several Spaces share
    resend: bool = False  # what the ledger has goes out again, under its key
    allow_doubles: bool = False  # somebody has said that what looks like doubles are other orders
    excerpt: bool = False  # a few rows of an input, which say too little of a column to refuse it
    neighbours: Neighbours = field(default_factory=Neighbours)
    unanswered: Unanswered = field(init=False)
    inference: Inference = field(init=False)
    verdicts: Verdicts = field(init=False)
    account: Account = field(init=False)
    _groups: Groups = field(default_factory=Groups)
    _late: tuple[Counts, Counts] | None = None  # what was there, and what `events` saw there, once it came to its end

    def __post_init__(self) -> None:
        self.inference = Inference(self.parts, self.layouts)
        self.unanswered = Unanswered(self.ledger)
        there = {
            name
            for layout in self.layouts
            for name, at in zip(layout.columns, layout.positions, strict=False)
            if at >= 0
        }
        if there:  # objects show theirs one by one
            self.settings = replace(self.settings, lacking=frozenset(self.mapping.columns) - there)
        self._groups.layouts = self.layouts
        label = self.parts[0].label if self.parts else ""
        self.verdicts = Verdicts(self.mapping, self.ledger, label, self.resend, self._claims())
        self.account = self._begun()

    def take(self, progress: Progress) -> None:
        """Survey the input, in as many passes as it needs. Raises SourceError for one that can't be used."""
        with meeting():
            while (learned := self._passed(progress.advance)) is not Learned.NOTHING:
                if learned is Learned.EVENTS:
                    self._forget()
                progress.restart()
        self._refuse_unusable()

    def _passed(self, advance: Advance) -> Learned:
        """Do one pass; as soon as it learns what would have changed it, that."""
        self.rejects.clear()
        self.inference.recount()
        self.verdicts.claims.release()
        self.neighbours.found.clear()
        self.unanswered.begin()
        self.settings.firsts.begin()
        account = self.account = self._begun()
        with uncollected():
            for records in self._records(advance):
                with self.ending(records):
                    if not self._took(records, account):
                        return Learned.EVENTS
                del records  # there is room for one frame at a time
            return self._learned()

    def _took(self, records: Records, account: Account) -> bool:
        """Take a frame of records into account, unless something is learned that would have changed it."""
        if self.share is not None:  # the whole input shows how it is written, whoever its records are for
            clues = weigh(records, self.mapping, self.settings)
            self.inference.count_days(clues)
            if self._learn(clues, records):
                return False
        batch = self._converted(records)
        for joined in self.lookups:
            ids = batch.records.cells[joined.lookup.here]
            batch.clues.note(joined.lookup.here, joined.damage(ids), np.arange(len(ids)))
        self.inference.count(batch)
        if self.share is None:
            self.inference.count_days(batch.clues)
        if self._learn(batch.clues, batch.records):
            return False
        verdicts, changed = self.verdicts.of(batch, account.counts, account.doubles)
        self.neighbours.count(batch, verdicts.are(Verdict.READY))
        self.unanswered.count(batch, verdicts.are(Verdict.READY))
        account.add(batch, verdicts, changed, self.settings)
        return True

    def _begun(self) -> Account:
        """An account with nothing in it yet."""
        currency = currency_column(self.mapping, self.mapping.columns)
        paid = paid_in(self.mapping, currency, self.layouts[0].header)
        findings = Findings(
            self.parts, self.mapping.columns, currency or "", paid, stated_in(self.mapping, self.layouts)
        )
        for joined in self.lookups:
            joined.counts.clear()
            findings.lookups[joined.name] = joined.counts
        zone = self.settings.locale.timezone
        figures = Statistics(zone, Clock(self.mapping), currency)
        labels, doubles = [part.label for part in self.parts], Doubles(self.allow_doubles)
        kept = (self.rejects, self.shown, findings, figures, LeftOut(self.mapping), doubles)
        return Account(self.mapping, labels, self.layouts, *kept)

    def _records(self, advance: Advance) -> Iterator[Records]:
        """The input's records, of whichever Space."""
        if self.share is not None:
            self.share.forget()
        pieces = read_rows(self.parts, self.layouts, advance, self.frame)
        if HELD_WAS in self.mapping.extra:
            how = self.mapping.columns, self.settings.locale, self.layouts, self.account.findings.restore
            pieces = (as_they_were(rows, *how) for rows in pieces)
        yield from gather(pieces, self.mapping, self.settings.locale, self._groups, self.frame)

    def _converted(self, records: Records) -> Batch:
        """The events of this Space's records."""
        if self.share is not None:
            records = self.share.of(records)
        for joined in self.lookups:
            records.cells.update(joined.join(records.cells[joined.lookup.here]))
        batch = asked_alone(convert(records, self.mapping, self.settings), self.layouts)
        if self.share is not None:
            self.share.set_apart(batch)
        return batch

    @contextmanager
    def ending(self, records: Records) -> Iterator[None]:
        """Name the pattern that searches a text without end, and the row. Raises MappingError."""
        try:
            yield
        except Endless as search:
            cells = zip(*map(listed, records.cells.values()), strict=True)
            record = next((at for at, own in enumerate(cells) if any(search.text in one for one in own)), None)
            row = records.rows_of(record or 0)[0]
            where = f"{'row' if record is not None else 'a row from'} {row.number:,} of {self.parts[row.part].label}"
            sentence = (
                f"the pattern {search.pattern!r} comes to no end in {where}: a repeat within a repeat, as in (a+)+, "
                "takes for ever on some texts; write it without"
            )
            raise MappingError(self.mapping.origin, [(search.line, sentence)]) from None

    # -- what a pass learns ------------------------------------------------------------------------------------------

    def _learn(self, clues: ColumnProfile, records: Records) -> bool:
        """Learn how times and amounts are written; whether that changes how they were read."""
        settings = self.inference.learn(clues, records, self.settings)
        self.settings = settings or self.settings
        return settings is not None

    def _learned(self) -> Learned:
        """At a pass's end: is anything known now that would have changed it?"""
        if len(self._groups.found):
            self._groups.apart = self._groups.found.with_all(self._groups.apart)
            return Learned.EVENTS
        if self._groups.late or self.settings.firsts.end_pass() or self.verdicts.shared_identity.end_pass():
            return Learned.EVENTS
        return Learned.VERDICTS if self.verdicts.claims.end_pass() else Learned.NOTHING

    def _refuse_unusable(self) -> None:
        """Raise SourceError for a column that can't be read, a record that has no Space, a path that leads nowhere."""
        self.account.findings.refuse_doubts()
        if not self.excerpt:
            self.inference.refuse_unreadable(self.settings)
            self.account.findings.refuse_nameless()
        if self.share is not None:
            self.share.refuse_strays([part.label for part in self.parts])
        if missing := self.layouts[0].format.lacking(self.parts, self.layouts, self.mapping):
            raise SourceError(missing)

    def _claims(self) -> Claims:
        source = self.mapping.source
        return Claims(source.on_conflict, source.group_by if source.sum else None)

    def _forget(self) -> None:
        """Drop what the events of a pass have left: in the next one they are others."""
        self.verdicts.claims = self._claims()
        self._groups.found = DigestMap()
        self.verdicts.shared_identity.forget()

    # -- the result --------------------------------------------------------------------------------------------------

    @property
    def origins(self) -> list[Origin]:
        return [part.origin for part in self.parts]

    @property
    def result(self) -> SurveyResult:
        """The result so far."""
        left_out = self.account.left_out.sentence() if self.shown else ""
        column, others = (self.share.route.column, dict(self.share.others)) if self.share else ("", {})
        return SurveyResult(self.account.counts, self.mapping, dict(self.inference.clues), left_out, column, others)

    @property
    def rows_read(self) -> Counter[int]:
        """The files' rows by part, of whichever Space."""
        return self.account.findings.rows if self.share is None else self.share.read

    def damage(self) -> list[str]:
        """What is damaged, a sentence each."""
        return list(self.account.findings.sentences(self.inference.months_first(self.settings)))

    def cures(self) -> list[Cure]:
        """What would mend many rejects at once."""
        counts = self.account.counts
        judged = counts.events + counts.unreadable
        return cures(self.account.findings.clusters, self.inference.lacking, judged, self.mapping)

    def count_accepted(self, events: Iterable[object]) -> None:
        """Count some of `events` among the figures' accepted ones."""
        of_batch: dict[int, tuple[Batch, list[int]]] = {}
        for event in events:
            assert isinstance(event, ReadyEvent)
            of_batch.setdefault(id(event.batch), (event.batch, []))[1].append(event.at)
        for batch, places in of_batch.values():
            self.account.statistics.count_accepted(batch, np.array(places, np.int64))

    # -- once more, for what it saw ----------------------------------------------------------------------------------

    def judged(self, run: int | None = None) -> Iterator[tuple[Batch, VerdictColumn]]:
        """Each batch once more, with the survey's verdicts, whatever the run has accepted since."""
        self.verdicts.claims.release()
        for records in self._records(lambda _: None):
            with self.ending(records):
                batch = self._converted(records)
            aside = Counts(), Doubles(self.allow_doubles)  # it is counted already
            yield batch, self.verdicts.of(batch, *aside, run)[0]

    def events(self, run: int, limit: int | None) -> Iterator[ReadyEvent]:
        """The events that are ready, in the input's order; with a limit that many, spread over it.

        Raises SourceError where the input is no longer what the survey saw.
        """
        total, ordinal = self.account.counts.verdicts[Verdict.READY], 0
        wanted, seen = self.account.counts.wanted(limit), Counts()
        before = self.account.counts.of(Verdict.ALREADY)  # answers may move more of them there meanwhile
        for batch, verdicts in self.judged(run) if wanted else ():
            count_events(seen, batch, verdicts, (Verdict.ALREADY,))
            ready = np.flatnonzero(verdicts.are(Verdict.READY))
            places = np.arange(ordinal, ordinal + len(ready))
            yield from events_at(batch, ready[(places + 1) * wanted // total > places * wanted // total])
            ordinal += len(ready)
        self._late = before, seen

    def count_late(self) -> None:
        """Count as already there what was ready in the survey, and not when `events` came to it.

        A host that was cut off may enter what it had sent only when another has taken the Space over.
        """
        if self._late is not None:
            self.account.counts.find_since(*self._late)


@contextmanager
def uncollected() -> Iterator[None]:
    """Spare the search for reference cycles: a pass makes none, and looking costs it a fifth of its time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
