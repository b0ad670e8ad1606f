"""Likely doubles: events that the ledger has under another key, alike in name, person, time and amount.

A mapping whose order_id, namespace or Space has changed makes other keys of the same orders, and the API would count
each once more; so it does where keys are made of times, and a spreadsheet has taken their seconds. Orders of one input
are different ones, however alike, so that every cut of it gives the same; but for zeros in front of their ids
(respelled.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow.compute as pc

from backfill.convert import Batch
from backfill.counts import Counts
from backfill.errors import ThresholdStop, counted
from backfill.event import Code, Problem, Verdict
from backfill.fields.arrow import Places, flags_of, listed, pick, present, texts_of
from backfill.ledger import Ledger, identity_digests, likenesses
from backfill.mapping import EventTemplate, Mapping
from backfill.survey.claims import Claims
from backfill.survey.in_ledger import WHO
from backfill.survey.respelled import is_respelled

SHARE = 10  # one in so many of the events to send, and
LEAST = 10  # so many of them, are no chance any more
SHARE_DATED = 3  # where only the day is known, one in so many
_TOGETHER = 2000  # events that are compared at once: each may be like those of 60 seconds
_MINUTE = len("2024-05-01T10:00")


class Double(NamedTuple):
    """The key and the run under which the ledger has an event like one of the input."""

    key: str
    run: int
    cut: str  # its time, where that of the input lacks its second


@dataclass(slots=True)
class Doubles:
    """Those of one pass over the input."""

    allowed: bool = False  # somebody has said that they are other orders
    timed: int = 0
    dated: int = 0  # of which only the day is known: they may well be other orders
    cut: int = 0  # of the timed ones, those that lack the second which the ledger has
    beside: int = 0  # events that lack the second of another one of this input, which the ledger has
    first: str = ""
    hashed: bool = False  # the key of some is made of fields and not of an order_id

    def judge(
        self, batch: Batch, fresh: Places, mapping: Mapping, ledger: Ledger, run: int | None, claims: Claims
    ) -> dict[int, Double]:
        """What the ledger has that is like each of these, where it has something."""
        alike = _alike(batch, fresh, mapping, ledger) if len(fresh) and not ledger.empty else {}
        if not alike:
            return {}
        places = np.array(list(alike), np.int64)
        names, own = set(listed(pick(batch.name, places))), listed(pick(batch.time, places))
        times = {time for likes in alike.values() for time in likes.values()}
        others = ledger.others({like for likes in alike.values() for like in likes}, names, times, run)
        found = {
            at: Double(*others[one], likes[one] if likes[one] != time else "")
            for (at, likes), time in zip(alike.items(), own, strict=True)
            if (one := next((like for like in likes if like in others), None)) is not None
        }
        return self._apart(batch, found, ledger, claims)

    def _apart(self, batch: Batch, found: dict[int, Double], ledger: Ledger, claims: Claims) -> dict[int, Double]:
        """Those whose double is not another order of this input, or of the input that the double was sent from.

        One whose id is the same but for zeros in front is no other order.
        """
        if not found:
            return {}
        claims.doubt()
        keys = texts_of([other.key for other in found.values()])
        held = dict(zip(found, claims.hold(keys).tolist(), strict=True))
        self.beside += sum(held[at] and other.cut != "" for at, other in found.items())
        ids = {at: batch.value("order_id", at) for at in found}
        return {
            at: other
            for at, other in found.items()
            if is_respelled(ids[at], other.key.partition(":")[2])
            or (not held[at] and not _left_out(ids[at], other.key, other.run, ledger))
        }

    def count(self, batch: Batch, at: int, other: Double, dated: bool) -> Problem | None:
        """Count one, and say what is wrong with it: nothing, where only its day is known or others were allowed."""
        self.first = self.first or f"{batch.value('key', at)}, like {other.key} of run {other.run}"
        self.hashed = self.hashed or batch.value("hashed", at)
        self.dated += dated
        self.timed += not dated
        self.cut += other.cut != "" and not dated
        if dated or self.allowed:
            return None
        if other.cut:
            reason = (
                "an event of the same name, person, minute and amount was sent with a second, which a spreadsheet may "
                "have taken from this one: export again, or say --allow-doubles if it is another order (key "
                f"{other.key}, run {other.run}, {other.cut})"
            )
            return Problem(Code.LIKELY_DOUBLE, "event_time", reason)
        reason = (
            "an event of the same name, person, time and amount was sent under another key: the mapping's order_id, "
            "namespace or Space has changed; put it back, or say --allow-doubles if it is another order (key "
            f"{other.key}, run {other.run})"
        )
        return Problem(Code.LIKELY_DOUBLE, "order_id", reason)

    def stop(self, counts: Counts) -> ThresholdStop | None:
        """Why nothing should be sent, where too many are doubles for chance."""
        wanted = counts.verdicts[Verdict.READY] + (0 if self.allowed else self.timed)
        many = self.timed >= LEAST and self.timed * SHARE > wanted
        if self.allowed or not (many or self.dated * SHARE_DATED > wanted):
            return None
        found, of = self.timed + self.dated, counted(wanted, "event")
        when, why, cure = "time", "the mapping's order_id, namespace or Space has changed", "put it back"
        if self.cut * 2 > found:
            when, why, cure = "minute", "a spreadsheet has saved the file without seconds", "export it again"
        return ThresholdStop(
            f"{found:,} of {of} to send {'is' if found == 1 else 'are'} in the ledger under other keys, of the same "
            f"person, {when} and amount ({self.first}): {why}, and they would count twice; {cure}, or say "
            "--allow-doubles if they are other orders",
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
        if self.beside:
            yield (
                f"{counted(self.beside, 'event has', 'events have')} the name, person, minute and amount of others of "
                "this input that were sent, but no seconds, and may go out: look whether a spreadsheet has saved one "
                "of the files without them"
            )


def _alike(batch: Batch, fresh: Places, mapping: Mapping, ledger: Ledger) -> dict[int, dict[int, str]]:
    """The likenesses that events of the ledger may have, too, each with its time there.

    An event whose key is made of its time, and that has no second, is like those of its whole minute.
    """
    first, last = ledger.period
    times = listed(pick(batch.time, fresh))
    within = fresh[[first[:_MINUTE] <= time <= last for time in times]]
    keyed = np.array([_keyed_by_time(template) for template in mapping.events], bool)
    whole = flags_of(pc.ends_with(batch.time, ":00Z")) & ~present(batch.order_id)
    whole &= batch.hashed & keyed[batch.body.table]
    minutes = {time[:_MINUTE] for time in listed(pick(batch.time, within[whole[within]]))}
    seconds = ledger.seconds(minutes) if minutes else {}
    found: dict[int, dict[int, str]] = {}
    for some in np.split(within, np.arange(_TOGETHER, len(within), _TOGETHER)):
        texts = (listed(pick(column, some)) for column in (batch.name, batch.time, batch.amount))
        people = zip(*(listed(pick(batch.column(name), some)) for name in WHO), strict=True)
        asked: dict[int, dict[int, str]] = {}
        for at, name, time, amount, who in zip(some.tolist(), *texts, people, strict=True):
            near = seconds.get(time[:_MINUTE], "") if whole[at] else ""
            then = (time, *(f"{time[:_MINUTE]}:{second}Z" for second in near.split(",") if second))
            digests = identity_digests(*who)
            asked[at] = {like: each for each in then for like in likenesses(name, each, amount, digests)}
        known = ledger.alike([like for likes in asked.values() for like in likes])
        for at, likes in asked.items():
            if kept := {like: time for like, time in likes.items() if like in known}:
                found[at] = kept
    return found


def _keyed_by_time(template: EventTemplate) -> bool:
    """Whether hashed keys are others once the times have lost their seconds."""
    time = template.fields.get("event_time")
    return time is not None and (
        not template.key
        or any(
            part == "event_time" if isinstance(part, str) else {*part.names} & {*time.names} for part in template.key
        )
    )


def _left_out(order_id: str | None, key: str, run: int, ledger: Ledger) -> bool:
    """Whether the run that sent the key had this order too, as another one, and did not send it."""
    return order_id is not None and order_id != key.partition(":")[2] and ledger.met(order_id, run)
