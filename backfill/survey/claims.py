"""Claims: which events of an input come under which key, and whether those of one key are one event.

What is found depends on the input alone, never on what a ledger holds: only which broken events are looked at does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from backfill.convert import Batch
from backfill.fields.arrow import Flags, Places, Texts, filled, pick, texts_of
from backfill.storage.digest_map import DigestMap, Match

_OTHER = np.uint64(0x9E3779B97F4A7C15)  # makes of a value another one


@dataclass(slots=True)
class Claims:
    """Those of one input, a pass at a time. `on_conflict` is the mapping's.

    `summed_by` is the group_by of a mapping that adds columns up: two records of one file that are alike under one
    order_id are no copies there, for each may have a part of the sum. Those of two files are, as where
    exports overlap.
    """

    on_conflict: str
    summed_by: str | None = None
    complete: bool = False  # a pass is over: who claims what is known
    _sound: DigestMap = field(default_factory=DigestMap)
    _ranks: DigestMap = field(default_factory=DigestMap)  # where first or last is asked for: of the event that it is
    _broken: DigestMap = field(default_factory=DigestMap)  # of events that broke a rule, under keys that the ledger has
    _owners: tuple[DigestMap, DigestMap] = field(default_factory=lambda: (DigestMap(), DigestMap()))  # sound, broken
    _unsure: bool = False  # what came later changes what was said before
    moved: bool = False  # the input is no longer what it was

    def take(self, batch: Batch, kept: Sequence[int]) -> NDArray[np.int8]:
        """What is under each event's key before it: Match NEW, SAME, OTHER or CONFLICT. `kept` are the ledger's.

        Only events that broke no rule are compared; a broken one is in CONFLICT where others claim its key.
        """
        met = np.full(len(batch), Match.NEW, np.int8)
        sound = np.flatnonzero(batch.sound)
        if len(sound):
            met[sound] = self._compare(batch, sound)
        broken = np.array([at for at in kept if at in batch.problems], np.int64)
        if len(broken):
            met[broken] = np.where(self._contested(batch, broken), np.int8(Match.CONFLICT), np.int8(Match.NEW))
        return met

    def _compare(self, batch: Batch, places: Places) -> NDArray[np.int8]:
        keys, values, reject = pick(batch.key, places), batch.body.digests(places), self.on_conflict == "reject"
        if self.complete:
            met = self._sound.take(keys, values)
            self.moved |= bool((met == Match.UNKNOWN).any() or (reject and (met == Match.OTHER).any()))
            return met
        met = self._sound.add(keys, values, mark=reject)
        apart = self._apart(batch, places, self._owners[0])
        if len(apart):
            met[apart] = self._sound.add(pick(keys, apart), values[apart] ^ _OTHER)
        others = met == Match.OTHER
        if not reject:
            leads = self._ranks.lead(keys, batch.ranks[places], last=self.on_conflict == "last")
            self._sound.add(pick(keys, leads), values[leads], last=True, mark=False)
            others &= leads
        self._unsure |= bool(others.any())
        self._unsure |= bool(len(self._broken)) and bool(self._broken.holds(keys).any())
        return met

    def _contested(self, batch: Batch, places: Places) -> Flags:
        keys = pick(batch.key, places)
        if not self.complete:
            values, apart = batch.body.digests(places), self._apart(batch, places, self._owners[1])
            self._broken.add(keys, values)
            if len(apart):
                self._broken.add(pick(keys, apart), values[apart] ^ _OTHER)
            self._unsure |= bool((self._sound.holds(keys) | self._broken.conflicting(keys)).any())
        return self._sound.holds(keys) | self._broken.conflicting(keys)

    def _apart(self, batch: Batch, places: Places, owners: DigestMap) -> Places:
        """Which of these events are no copies of those before them: one file has several records of their key."""
        if self.summed_by is None or self.on_conflict != "reject":
            return np.empty(0, np.int64)
        records, which = batch.records, batch.record[places]
        named = filled(records.cells[self.summed_by])[which] & ~batch.hashed[places]
        owner = np.where(named, batch.ranks[places] >> np.uint64(10), np.uint64(0)) + np.uint64(1)  # a record's begin
        owned = np.flatnonzero(records.owner >= 0)
        count = int(records.rows.parts.max(initial=0)) + 1
        holders, parts = np.divmod(np.unique(records.owner[owned] * count + records.rows.parts[owned]), count)
        begins, ends = (np.searchsorted(holders, which, side) for side in ("left", "right"))
        several = ends - begins
        event = np.repeat(np.arange(len(places)), several)
        part = parts[np.arange(len(event)) - np.repeat(np.cumsum(several) - several - begins, several)]
        keys = pc.binary_join_element_wise(pick(pick(batch.key, places), event), texts_of(part.astype(str)), "\0")
        return np.unique(event[owners.add(keys, owner[event], mark=False) == Match.OTHER])

    def hold(self, keys: Texts) -> Flags:
        """Which of the keys some event of this input has, as far as it was read; once a pass is over, of all of it."""
        held: Flags = self._sound.holds(keys) | self._broken.holds(keys)
        return held

    def doubt(self) -> None:
        """Have another pass: what was just said may depend on what comes later."""
        self._unsure |= not self.complete

    def end_pass(self) -> bool:
        """At a pass's end: whether what was said of some events was not yet right."""
        again = self._unsure and not self.complete
        self.complete = True
        return again

    def release(self) -> None:
        """Forget what a pass has claimed, for the next one."""
        self._sound.release()
