"""Already accepted: which events of a batch the ledger has, which differ by now, and what a run enters of them."""

import pickle
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from backfill.convert import Batch
from backfill.event import Code, Verdict
from backfill.fields.arrow import Places, listed, pick
from backfill.ledger import Known, Ledger, Rejected, amount_of, identity_digests, same_person
from backfill.storage.digest_map import Match
from backfill.survey.verdict_column import VerdictColumn

WHO = ("email", "comet_token", "fingerprint", "ip")


def identity_of(batch: Batch, at: int) -> bytes:
    """Digests of whom an event names, as the ledger keeps them."""
    return identity_digests(*(batch.value(name, at) for name in WHO))


def kept_of(batch: Batch, ledger: Ledger, run: int | None) -> dict[int, Known]:
    """What the ledger has under the events' keys, by their places in the batch; not of this run."""
    if ledger.empty:
        return {}
    with ledger.reading():
        return _kept(batch, ledger, run)


def _kept(batch: Batch, ledger: Ledger, run: int | None) -> dict[int, Known]:
    keys = listed(batch.key)
    known = ledger.find([key for key in keys if key is not None], run)
    return {at: known[key] for at, key in enumerate(keys) if key in known} if known else {}


def leave_accepted(
    batch: Batch, verdicts: VerdictColumn, kept: dict[int, Known], met: NDArray[np.int8], resend: bool, gone: set[str]
) -> tuple[int, dict[int, bool]]:
    """Mark the events that were accepted before; return how many changed since, and which have somebody else's key.

    Of several that claim a key (`met`) it is the one that was accepted; it is none whose person can't be read and whose
    time and amount are others. A key is nobody's once an undo has deleted its event (`gone`, as sent): wrong people are
    what it is for. With `resend` those that were accepted keep their verdict. Of somebody else's key is told whether
    time and amount are those that it has.
    """
    changed, taken = 0, dict[int, bool]()
    if not kept:
        return changed, taken
    people = list(zip(*(listed(batch.column(name)) for name in WHO), strict=True))
    times, amounts, claims = listed(batch.time), listed(batch.amount), met.tolist()
    already = []
    for at, before in kept.items():
        if at in batch.problems and any(problem.code is Code.CONFLICTING_ROWS for problem in batch.problems[at]):
            continue
        now = identity_digests(*people[at])
        plain = now and not (resend or before.other) and claims[at] <= Match.SAME and before.own == before.key
        if plain and (now, times[at], amounts[at]) == (before.identity, before.time, before.amount):
            already.append(at)  # as in nearly every file that is sent again: the rest would say the same
            continue
        same = None if not now else now == before.identity or is_same_person(before.identity, now, people[at])
        differs = times[at] != before.time or not _equal(amounts[at], before.amount)
        if before.other:
            same = False
        freed = same is False and not before.other and before.own in gone
        freed = freed and (resend or len(differences(batch, at, before)) < 2)  # else another order may have this id
        if claims[at] > Match.SAME:
            if same and not differs and not resend:
                already.append(at)
        elif same is False and not freed:
            taken[at] = not (differs or before.other)
        elif at in batch.problems and (freed or (same is None and len(differences(batch, at, before)) > 1)):
            continue  # nothing of it is that order's but the id
        elif not resend:
            already.append(at)
            changed += freed or (same is None and now != b"") or (differs and differences(batch, at, before) != [])
        if before.own != before.key and (same is not False or freed):
            batch.rekey(at, before.own)
    verdicts.put(already, Verdict.ALREADY)
    return changed, taken


def is_same_person(before: bytes, now: bytes, who: tuple[str | None, ...]) -> bool | None:
    """Whether an event names the person that the ledger has; an earlier release kept addresses as they were spelt."""
    same = same_person(before, now)
    return same_person(before, identity_digests(*who, spelt=True)) if same is False and who[3] else same


def differences(batch: Batch, at: int, before: Known) -> list[tuple[str, str | None, str | None]]:
    """The fields in which an event is not what was accepted, then and now; what could not be read is no other value."""
    time, amount = batch.value("event_time", at), batch.value("amount", at)
    found: list[tuple[str, str | None, str | None]] = []
    if time not in (None, before.time):
        found.append(("event_time", before.time, time))
    if amount is not None and not _equal(amount, before.amount):
        found.append(("amount", before.amount, amount))
    return found


def _equal(amount: str | None, kept: str | None) -> bool:
    if amount is None or kept is None:
        return amount is None and kept is None
    return amount == kept or Decimal(amount) == amount_of(kept)


class Noting(Protocol):
    """A ledger, or what keeps for it what a run notes there."""

    def see(self, run: int, keys: Sequence[str], /) -> None: ...

    def keep(self, run: int, rejected: Iterable[Rejected], /) -> None: ...


@dataclass(slots=True)
class Noted:
    """What a run enters in the ledger of the events that it has no need to send, packed small until it begins."""

    _packed: list[bytes] = field(default_factory=list)

    def note(self, batch: Batch, verdicts: VerdictColumn, labels: list[str]) -> None:
        """Note a batch's events that are already there, and those that come twice; `labels` are the parts'."""
        keys = listed(pick(batch.key, verdicts.are(Verdict.ALREADY)))
        twice = _twice(batch, np.flatnonzero(verdicts.are(Verdict.DUPLICATE)), labels)
        if keys or twice:
            self._packed.append(zlib.compress(pickle.dumps((keys, twice), pickle.HIGHEST_PROTOCOL), 1))

    def clear(self) -> None:
        self._packed.clear()

    def enter(self, ledger: Noting, run: int) -> None:
        """Enter all of it, and forget it."""
        for packed in self._packed:
            keys, twice = pickle.loads(zlib.decompress(packed))  # noqa: S301 (our own bytes, never leave the run)
            if keys:
                ledger.see(run, keys)
            if twice:
                ledger.keep(run, twice)
        self.clear()


def _twice(batch: Batch, places: Places, labels: list[str]) -> list[Rejected]:
    """What to enter of the batch's events at these places, which come twice."""
    if not len(places):
        return []
    rows, first = batch.records.rows, batch.records.firsts[batch.record[places]]
    columns = zip(
        listed(pick(batch.order_id, places)),
        listed(pick(batch.name, places)),
        (labels[part] for part in rows.parts[first].tolist()),
        rows.numbers[first].tolist(),
        first.tolist(),
        strict=True,
    )
    return [
        Rejected(order_id, name, Verdict.DUPLICATE, "", label, number, "" if order_id is not None else rows.text(at))
        for order_id, name, label, number, at in columns
    ]
