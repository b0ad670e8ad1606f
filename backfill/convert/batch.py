"""Records and a mapping to events, a frame at a time, column by column; a broken rule is noted and stops nothing."""

from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from backfill.convert.bodies import Bodies
from backfill.convert.conditions import meets
from backfill.convert.draft import IDENTITIES, Draft, make
from backfill.convert.held import Held
from backfill.convert.profile import ColumnProfile
from backfill.convert.records import Records
from backfill.convert.settings import ConvertSettings
from backfill.event import Problem
from backfill.fields.column import Flags, Places, Texts
from backfill.mapping import Mapping

CAPI_DAYS = 7  # Meta refuses website events older than this, and with them the whole request that holds one
_COLUMNS = ("record", "name", "key", "hashed", "time", "amount", "order_id", "capi")


@dataclass(slots=True)
class Batch:
    """The events of a frame's records, as columns in the records' order."""

    records: Records
    record: Places
    name: Texts
    key: Texts
    hashed: Flags
    time: Texts
    amount: Texts
    order_id: Texts
    identity: dict[str, Texts]
    body: Bodies
    capi: Flags  # do_not_capi is false: the ad platforms get it
    problems: dict[int, list[Problem]]
    clues: ColumnProfile
    old_keys: dict[int, str] = field(default_factory=dict)  # event -> the key that it had in a reject file
    capi_held: int = 0
    dropped: Counter[str] = field(default_factory=Counter)

    def __len__(self) -> int:
        return len(self.record)

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
            **{name: getattr(self, name)[wanted] for name in _COLUMNS},
            identity={name: values[wanted] for name, values in self.identity.items()},
            body=replace(self.body, table=self.body.table[wanted], row=self.body.row[wanted]),
            problems={moved[at]: found for at, found in self.problems.items() if at in moved},
        )

    def rekey(self, event: int, key: str) -> None:
        """Let an event go out under another key."""
        self.key[event] = key
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
        sound[list(self.problems)] = False
        return sound


def convert(records: Records, mapping: Mapping, settings: ConvertSettings) -> Batch:
    """Make the events of the records, one for each template whose conditions a record meets."""
    clues = ColumnProfile()
    drafts = []
    held, chosen = Held.of(records), _met(records, mapping, settings, clues)
    held.choose(chosen, mapping, records)
    for template, (met, doubts) in zip(mapping.events, chosen, strict=True):
        draft = Draft(template, records, np.flatnonzero(met), settings, clues, held)
        make(draft, doubts, mapping)
        drafts.append(draft)
    return _in_order(drafts, records, clues)


def _met(
    records: Records, mapping: Mapping, settings: ConvertSettings, clues: ColumnProfile
) -> list[tuple[Flags, dict[int, list[Problem]]]]:
    """For each template, which records meet all its conditions, and what can't be judged of them.

    A record whose rows conflict is to be rejected, whatever the conditions say: it gives the events that it may be
    meant for, and where it is meant for none, all.
    """
    doubts: dict[int, list[Problem]] = {}
    wanted = meets(mapping.where, records, ~records.blank, settings, doubts, clues) & ~records.blank
    found = []
    for scope, template in enumerate(mapping.events):
        own = {record: list(problems) for record, problems in doubts.items()}
        found.append((meets(template.where, records, wanted, settings, own, clues, scope), own))
    if not records.conflicts:
        return [(met & wanted, own) for met, own in found]
    conflicting = records.among(records.conflicts)
    columns = [mapping.sources_of(name for one in template.where for name in one.names) for template in mapping.events]
    likely = [met | records.unsure(names) for (met, _), names in zip(found, columns, strict=True)]
    none = ~np.logical_or.reduce(likely)
    return [
        (np.where(conflicting, open_ | none, met & wanted), own)
        for (met, own), open_ in zip(found, likely, strict=True)
    ]


def _together(columns: list[Texts], order: Places) -> Texts:
    """Several templates' columns as one; one template's are in order."""
    return columns[0] if len(columns) == 1 else np.concatenate(columns)[order]


def _in_order(drafts: list[Draft], records: Records, clues: ColumnProfile) -> Batch:
    """Put the templates' events together, in the order of their records."""
    record = np.concatenate([draft.record for draft in drafts])
    order = np.argsort(record, kind="stable")
    columns = {name: _together([draft.columns[name] for draft in drafts], order) for name in drafts[0].columns}
    table = np.repeat(np.arange(len(drafts)), [len(draft) for draft in drafts])
    row = np.concatenate([np.arange(len(draft)) for draft in drafts])
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    problems: dict[int, list[Problem]] = {}
    old_keys: dict[int, str] = {}
    offset = 0
    for draft in drafts:
        problems |= {int(place[offset + at]): found for at, found in draft.problems.items()}
        old_keys |= {int(place[offset + at]): key for at, key in draft.old_keys.items()}
        offset += len(draft.record)
    return Batch(
        records,
        record[order],
        name=columns["event_name"],
        key=columns["key"],
        hashed=columns["hashed"].astype(bool),
        time=columns["event_time"],
        amount=columns["amount"],
        order_id=columns["order_id"],
        identity={name: columns[name] for name in IDENTITIES},
        body=Bodies([draft.body for draft in drafts], table[order], row[order]),
        capi=columns["capi"].astype(bool),
        problems=problems,
        clues=clues,
        old_keys=old_keys,
        capi_held=sum(draft.capi_held for draft in drafts),
        dropped=sum((draft.dropped for draft in drafts), Counter()),
    )
