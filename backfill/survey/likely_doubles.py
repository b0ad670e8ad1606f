"""Likely doubles: events that the ledger has under another key, alike in name, person, time and amount.

A mapping whose order_id, namespace or Space has changed makes other keys of the same orders, and the API would count
each once more. Orders of one input are different ones, however alike, so that every cut of it gives the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from backfill.convert import Batch, ConvertSettings
from backfill.convert.expressions import text_of
from backfill.counts import Counts
from backfill.errors import ThresholdStop, counted
from backfill.event import Code, Problem, Verdict
from backfill.fields import read_time
from backfill.fields.arrow import Places, listed, pick, texts_of
from backfill.ledger import Ledger, likenesses
from backfill.mapping import Mapping
from backfill.survey.claims import Claims
from backfill.survey.in_ledger import identity_of

SHARE = 10  # one in so many of the events to send, and
LEAST = 10  # so many of them, are no chance any more
SHARE_DATED = 3  # where only the day is known, one in so many
_DAY = (0, 12)  # two hours that a bare date may mean, and a time does not


@dataclass(slots=True)
class Doubles:
    """Those of one pass over the input."""

    allowed: bool = False  # somebody has said that they are other orders
    timed: int = 0
    dated: int = 0  # of which only the day is known: they may well be other orders
    first: str = ""
    hashed: bool = False  # the key of some is made of fields and not of an order_id

    def judge(
        self, batch: Batch, fresh: Places, ledger: Ledger, run: int | None, claims: Claims
    ) -> dict[int, tuple[str, int]]:
        """The key and the run under which the ledger has an event like each of these, where it has one."""
        likes: dict[int, list[int]] = {}
        if len(fresh) and not ledger.empty:
            first, last = ledger.period
            for at in fresh[[first <= time <= last for time in listed(pick(batch.time, fresh))]].tolist():
                name, time, amount = (batch.value(one, at) for one in ("event_name", "event_time", "amount"))
                likes[at] = likenesses(name, time, amount, identity_of(batch, at))
        known = ledger.alike([one for found in likes.values() for one in found]) if likes else set()
        alike = {at: one for at, found in likes.items() if (one := next((n for n in found if n in known), None))}
        if not alike:
            return {}
        places = np.array(list(alike), np.int64)
        names, times = (set(listed(pick(column, places))) for column in (batch.name, batch.time))
        others = ledger.others(set(alike.values()), names, times, run)
        found = {at: others[one] for at, one in alike.items() if one in others}
        return self._apart(batch, found, ledger, claims)

    def _apart(
        self, batch: Batch, found: dict[int, tuple[str, int]], ledger: Ledger, claims: Claims
    ) -> dict[int, tuple[str, int]]:
        """Those whose double is not another order of this input, or of the input that the double was sent from."""
        if not found:
            return {}
        claims.doubt()
        keys = texts_of([key for key, _ in found.values()])
        held = dict(zip(found, claims.hold(keys).tolist(), strict=True))
        return {
            at: (key, of)
            for at, (key, of) in found.items()
            if not held[at] and not _left_out(batch.value("order_id", at), key, of, ledger)
        }

    def count(self, batch: Batch, at: int, other: tuple[str, int], dated: bool) -> Problem | None:
        """Count one, and say what is wrong with it: nothing, where only its day is known or others were allowed."""
        self.first = self.first or f"{batch.value('key', at)}, like {other[0]} of run {other[1]}"
        self.hashed |= batch.value("hashed", at)
        self.dated += dated
        self.timed += not dated
        if dated or self.allowed:
            return None
        reason = (
            "an event of the same name, person, time and amount was sent under another key: the mapping's order_id, "
            f"namespace or Space has changed, or say --allow-doubles (key {other[0]}, run {other[1]})"
        )
        return Problem(Code.LIKELY_DOUBLE, "order_id", reason)

    def stop(self, counts: Counts) -> ThresholdStop | None:
        """Why nothing should be sent, where too many are doubles for chance."""
        wanted = counts.verdicts[Verdict.READY] + (0 if self.allowed else self.timed)
        many = self.timed >= LEAST and self.timed * SHARE > wanted
        if self.allowed or not (many or self.dated * SHARE_DATED > wanted):
            return None
        found, of = self.timed + self.dated, counted(wanted, "event")
        return ThresholdStop(
            f"{found:,} of {of} to send {'is' if found == 1 else 'are'} in the ledger under other keys, of the same "
            f"person, time and amount ({self.first}): the mapping's order_id, namespace or Space has changed, and they "
            "would count twice; put it back, or say --allow-doubles if they are other orders",
            "--allow-doubles",
        )

    def sentences(self) -> Iterator[str]:
        """What to know of those that go out all the same."""
        if self.allowed and self.timed + self.dated:
            like = counted(self.timed + self.dated, "event is", "events are")
            yield f"{like} like others in the ledger under other keys (--allow-doubles)"
        elif self.dated:
            yield (
                f"{counted(self.dated, 'event has', 'events have')} the name, person, day and amount of others in the "
                f"ledger under other keys (the first: {self.first}); such times are dates alone, so they go out: look "
                "whether they are doubles"
            )


def _left_out(order_id: str | None, key: str, run: int, ledger: Ledger) -> bool:
    """Whether the run that sent the key had this order too, as another one, and did not send it."""
    return order_id is not None and order_id != key.partition(":")[2] and ledger.met(order_id, run)


def is_dated(batch: Batch, at: int, mapping: Mapping, settings: ConvertSettings) -> bool:
    """Whether an event's time was written as a day alone."""
    cell = mapping.events[int(batch.body.table[at])].fields["event_time"]
    record = int(batch.record[at])
    cells = {name: batch.records.cells[name][record : record + 1] for name in cell.names}
    text = text_of(cell, cells, 1)[0][0].as_py()
    meant = {read_time(text, settings.locale, hour) for hour in _DAY}
    return len(meant) > 1
