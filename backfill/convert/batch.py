"""Records and a mapping to events, a frame at a time, column by column; a broken rule is noted and stops nothing."""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from backfill.convert.bodies import Bodies
from backfill.convert.choice import Choice
from backfill.convert.conditions import meets
from backfill.convert.draft import Draft
from backfill.convert.nameless import NAMELESS, nameless_in
from backfill.convert.profile import ColumnProfile
from backfill.convert.records import Records
from backfill.convert.rejection import rejections_of
from backfill.convert.resubmission import resubmit
from backfill.convert.settings import ConvertSettings
from backfill.convert.template_events import make
from backfill.event import Problem
from backfill.fields.arrow import Flags, Places, Texts, column_of, flags_of, listed, put, series_of
from backfill.mapping import Mapping

CAPI_DAYS = 7  # Meta refuses website events older than this, and with them the whole request that holds one


@dataclass(slots=True)
class Batch:
    """The events of a frame's records, in the records' order; amounts are texts, as they are sent.

    `events` has a row for each: event_name, key, hashed, event_time, amount, order_id, capi, capi_held and the
    identities, in Arrow's columns. `record` says of each which record it is of, `problems` which rules it broke.
    """

    records: Records
    record: Places
    events: pd.DataFrame
    body: Bodies
    problems: dict[int, list[Problem]]
    clues: ColumnProfile
    old_keys: dict[int, str] = field(default_factory=dict)  # event -> the key that it had in a reject file
    dropped: dict[str, list[int]] = field(default_factory=dict)  # field -> events that go out without what is there

    def __len__(self) -> int:
        return len(self.record)

    def column(self, name: str) -> pa.Array:
        """What the events have in a column."""
        return column_of(self.events, name)

    @property
    def name(self) -> Texts:
        return self.column("event_name")

    @property
    def key(self) -> Texts:
        return self.column("key")

    @property
    def time(self) -> Texts:
        return self.column("event_time")

    @property
    def amount(self) -> Texts:
        return self.column("amount")

    @property
    def order_id(self) -> Texts:
        return self.column("order_id")

    @property
    def hashed(self) -> Flags:
        """Whose keys are made of fields and not of an order_id."""
        return flags_of(self.column("hashed"))

    @property
    def capi(self) -> Flags:
        """Whose do_not_capi is false: the ad platforms get it."""
        return flags_of(self.column("capi"))

    @property
    def capi_held(self) -> int:
        """How many have do_not_capi set because they are too old."""
        return int(flags_of(self.column("capi_held")).sum())

    def value(self, name: str, at: int) -> Any:
        """What one event has in a column, None for nothing."""
        return self.column(name)[at].as_py()

    def worth(self, at: int) -> Decimal | None:
        """One event's amount."""
        amount = self.value("amount", at)
        return None if amount is None else Decimal(amount)

    @property
    def amounts(self) -> list[Decimal | None]:
        """The events' amounts as numbers."""
        return [None if amount is None else Decimal(amount) for amount in listed(self.amount)]

    @property
    def without_event(self) -> int:
        return len(self.records) - int((np.diff(self.record, prepend=-1) != 0).sum())

    def reject(self, event: int, problem: Problem) -> None:
        """Add a broken rule that only the whole input, or the ledger, could show."""
        self.problems.setdefault(event, []).append(problem)

    def only(self, wanted: Flags) -> "Batch":
        """The batch without its other events."""
        moved = {old: new for new, old in enumerate(np.flatnonzero(wanted).tolist())}
        return replace(
            self,
            record=self.record[wanted],
            events=self.events[wanted],
            body=replace(self.body, table=self.body.table[wanted], row=self.body.row[wanted]),
            problems={moved[at]: found for at, found in self.problems.items() if at in moved},
            old_keys={moved[at]: key for at, key in self.old_keys.items() if at in moved},
            dropped={name: [moved[at] for at in places if at in moved] for name, places in self.dropped.items()},
        )

    def set_column(self, name: str, values: pa.Array) -> None:
        """Let the events have other values in a column."""
        self.events = self.events.assign(**{name: series_of(values)})

    def rekey(self, event: int, key: str) -> None:
        """Let an event go out under another key."""
        self.set_column("key", put(self.key, [event], [key]))
        self.body.rekey(event, key)

    @property
    def ranks(self) -> NDArray[np.uint64]:
        """Where each event is in the input: at its record's first row, however far away the others are."""
        first, nth = self.records.firsts[self.record], np.arange(len(self)) - np.searchsorted(self.record, self.record)
        rows = self.records.rows
        ranks: Places = rows.parts[first] << 44 | rows.numbers[first] << 10 | np.minimum(nth, 1023)
        return ranks.astype(np.uint64)

    @property
    def sound(self) -> Flags:
        """Which events broke no rule."""
        sound = np.ones(len(self), bool)
        sound[self.broken] = False
        return sound

    @property
    def broken(self) -> Places:
        """The events that broke rules, as they were found."""
        return np.fromiter(self.problems, np.int64, len(self.problems))


def convert(records: Records, mapping: Mapping, settings: ConvertSettings) -> Batch:
    """Make the events of the records, one for each template whose conditions a record meets."""
    clues = ColumnProfile()
    drafts = []
    rejections, choices = rejections_of(records), _choices(records, mapping, settings, clues)
    if rejections:
        resubmit(rejections, choices, mapping, records, settings.locale)
    if len(nameless := nameless_in(records, mapping, settings.locale)):
        clues.note(str(mapping.source.group_by), {NAMELESS: nameless.tolist()}, np.arange(len(records)))
    for template, choice in zip(mapping.events, choices, strict=True):
        draft = Draft(template, records, np.flatnonzero(choice.met), settings, clues, rejections)
        make(draft, choice.doubts, mapping)
        drafts.append(draft)
    return _in_order(drafts, records, clues)


def _choices(records: Records, mapping: Mapping, settings: ConvertSettings, clues: ColumnProfile) -> list[Choice]:
    """For each template, which records meet all its conditions, and what can't be judged of them.

    A record whose rows conflict is to be rejected, whatever the conditions say: it gives the events that it may be
    meant for, and where it is meant for none, all.
    """
    doubts: dict[int, list[Problem]] = {}
    phones = {name for cell in mapping.cells_of("phone") for name in cell.names}
    wanted = meets(mapping.where, records, ~records.blank, settings, doubts, clues, phones) & ~records.blank
    found = []
    for scope, template in enumerate(mapping.events):
        own = {record: list(problems) for record, problems in doubts.items()}
        found.append((meets(template.where, records, wanted, settings, own, clues, phones, scope), own))
    if not records.conflicts:
        return [Choice(met & wanted, own) for met, own in found]
    conflicting = records.among(records.conflicts)
    columns = [mapping.sources_of(name for one in template.where for name in one.names) for template in mapping.events]
    likely = [met | records.unsure(names) for (met, _), names in zip(found, columns, strict=True)]
    none = ~np.logical_or.reduce(likely)
    return [
        Choice(np.where(conflicting, open_ | none, met & wanted), own)
        for (met, own), open_ in zip(found, likely, strict=True)
    ]


def _in_order(drafts: list[Draft], records: Records, clues: ColumnProfile) -> Batch:
    """Put the templates' events together, in the order of their records."""
    record = np.concatenate([draft.record for draft in drafts])
    order = np.argsort(record, kind="stable")
    events = drafts[0].events
    if len(drafts) > 1:  # one template's are in order
        events = pd.concat([draft.events for draft in drafts]).iloc[order]
    table = np.repeat(np.arange(len(drafts)), [len(draft) for draft in drafts])
    row = np.concatenate([np.arange(len(draft)) for draft in drafts])
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    problems: dict[int, list[Problem]] = {}
    old_keys: dict[int, str] = {}
    dropped: dict[str, list[int]] = {}
    offset = 0
    for draft in drafts:
        own = place[offset : offset + len(draft)].tolist()
        problems |= zip(map(own.__getitem__, draft.problems), draft.problems.values(), strict=True)
        old_keys |= zip(map(own.__getitem__, draft.old_keys), draft.old_keys.values(), strict=True)
        for name, places in draft.dropped.items():
            dropped.setdefault(name, []).extend(map(own.__getitem__, places))
        offset += len(draft)
    return Batch(
        records,
        record[order],
        events=events,
        body=Bodies([draft.body for draft in drafts], table[order], row[order]),
        problems=problems,
        clues=clues,
        old_keys=old_keys,
        dropped=dropped,
    )
