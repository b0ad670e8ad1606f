"""Unanswered: what earlier runs have sent and have no answer for, held against what goes out under the same keys.

The API may have taken it, and keeps of one key what came first: then what goes out now never gets there.
"""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pyarrow.compute as pc

from backfill.api.readback import ExpectedEvent, ListedEvent, Readback, seconds_of
from backfill.convert import Batch
from backfill.errors import counted
from backfill.fields.arrow import Flags, Texts, flags_of, listed, pick, texts_of
from backfill.ledger import Accepted, Known, Ledger, amount_of
from backfill.ledger.identity import PERSON, otherwise
from backfill.ledger.unsettled import Left, unanswered
from backfill.survey.in_ledger import identity_of


@dataclass(slots=True)
class Unanswered:
    """Which events of one pass are to be sent otherwise than an earlier run has sent them."""

    ledger: Ledger
    events: int = 0
    fields: Counter[str] = field(default_factory=Counter)  # in which they are otherwise
    row: int = 0  # of the first
    _left: Left | None = None
    _keys: Texts = field(default_factory=lambda: texts_of([]))  # its own, looked for a batch at a time

    def begin(self) -> None:
        """Begin another pass."""
        self.events = self.row = 0
        self.fields.clear()

    def count(self, batch: Batch, ready: Flags) -> None:
        """Count those of a batch."""
        if self._left is None and ready.any():
            with self.ledger.reading():
                self._left = unanswered(self.ledger)
                self._keys = texts_of(self._left)
        if not self._left:
            return
        places = np.flatnonzero(ready & flags_of(pc.is_in(batch.key, self._keys)))
        for at, key in zip(places.tolist(), listed(pick(batch.key, places)), strict=True):
            now = Accepted(key, batch.value("event_time", at) or "", batch.value("amount", at), identity_of(batch, at))
            earlier = ([*otherwise(before, now)] for _, before in self._left[key])
            if found := next(filter(None, earlier), []):
                self.row = self.row or batch.records.rows_of(int(batch.record[at]))[0].number
                self.events += 1
                self.fields.update(found)

    def sentence(self) -> str | None:
        """What to say of them."""
        if not self.events:
            return None
        number = counted(self.events, "event to send is", "events to send are")
        fields = ", ".join(f"{name} {count:,}" for name, count in self.fields.items())
        return (
            f"{number} otherwise than a run before sent it, without an answer ({fields}; first in row {self.row}): if "
            "the API took that, it keeps that, and not what is sent now; backfill verify of this file tells, once it "
            "is sent, and backfill why ORDER_ID what each run sent"
        )


@dataclass(slots=True)
class Kept:
    """What the Space shows of events that had been sent before, without an answer, and otherwise: `left` by key."""

    left: Left
    space: Readback
    first: int = 0  # there as they were sent first
    others: set[str] = field(default_factory=set)  # keys of those that are there as another person's
    unclear: int = 0  # there, and nobody can tell whether as the person's that was named first
    _people: dict[bytes, str] = field(default_factory=dict)  # whom events name, and whose they are there
    _doubts: list[tuple[str, str | None, bytes, bytes]] = field(default_factory=list)

    def of(self, last: Known, names: tuple[str, ...], order_id: str | None) -> Known:
        """What was accepted last, as it is there; `names` are those under which it may be listed."""
        if not self.left:
            return last
        there = self._listed(last, names, order_id)
        for _, before in self.left.get(last.key, ()):
            differs = [*otherwise(before, last)]
            if differs == [PERSON] and there is not None:
                self._doubts.append((last.key, there.person, before.identity, last.identity))
                return last
            if differs and there is None and self._listed(before, names, order_id) is not None:
                self.first += 1
                return last._replace(time=before.time, amount=before.amount)
        if there is not None and there.person is not None and last.key not in self.left:
            self._people[last.identity] = there.person
        return last

    def settle(self) -> None:
        """Find out whose those are of which only the person was another, by the other events of these people."""
        for key, person, before, last in self._doubts:
            mine, theirs = self._people.get(last), self._people.get(before)
            if person is None or (mine is None and theirs is None):
                self.unclear += 1
            elif mine != person and (mine is not None or theirs == person):
                self.others.add(key)

    def _listed(self, event: Accepted | Known, names: tuple[str, ...], order_id: str | None) -> ListedEvent | None:
        moment, amount = seconds_of(event.time), amount_of(event.amount)
        return self.space.like(ExpectedEvent(event.key, names, order_id, moment, amount))
