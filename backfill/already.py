"""Already accepted: which events of a batch the ledger has, which differ by now, and what a run enters of them."""

import pickle
import zlib
from dataclasses import dataclass, field

import numpy as np

from backfill.convert import Batch, Texts
from backfill.event import Code, Problem, Verdict
from backfill.ledger import Ledger, Rejected, identity_digests, same_person

_WHO = ("email", "comet_token", "fingerprint", "ip")


def identity_of(batch: Batch, at: int) -> bytes:
    """Digests of whom an event names, as the ledger keeps them."""
    return identity_digests(*(batch.identity[name][at] for name in _WHO))


def leave_accepted(batch: Batch, verdicts: Texts, ledger: Ledger, run: int | None, resend: bool) -> tuple[int, int]:
    """Mark the events that were accepted by any run but this; return how many changed since, and how many go again.

    One whose key was accepted for somebody else is a broken rule. With `resend` the others keep their verdict.
    """
    if ledger.empty:
        return 0, 0
    with ledger.reading():
        return _left_out(batch, verdicts, ledger, run, resend)


def _left_out(batch: Batch, verdicts: Texts, ledger: Ledger, run: int | None, resend: bool) -> tuple[int, int]:
    keys = batch.key.tolist()
    places = [at for at, key in enumerate(keys) if key is not None]
    known = ledger.find([keys[at] for at in places], run)
    if not known:
        return 0, 0
    people = list(zip(*(batch.identity[name].tolist() for name in _WHO), strict=True))
    times, amounts = batch.time.tolist(), batch.amount.tolist()
    changed = resent = 0
    for at in places:
        before = known.get(keys[at])
        if before is None:
            continue
        same = same_person(before.identity, identity_digests(*people[at]))
        if same is False:
            reason = "its key was accepted for somebody else: two sources share ids, set source.namespace"
            batch.reject(at, Problem(Code.KEY_TAKEN, "order_id", reason))
        elif resend:
            resent += 1
        else:
            verdicts[at] = Verdict.ALREADY
            time, amount = times[at], amounts[at]
            differs = before.time != (time or before.time)
            differs |= amount is not None and before.amount != format(amount, "f")
            changed += differs or same is None
    return changed, resent


@dataclass(slots=True)
class Noted:
    """What a run enters in the ledger of the events that it has no need to send, packed small until it begins."""

    _packed: list[bytes] = field(default_factory=list)

    def note(self, batch: Batch, verdicts: Texts, labels: list[str]) -> None:
        """Note a batch's events that are already there, and those that come twice; `labels` are the parts'."""
        keys = batch.key[verdicts == Verdict.ALREADY].tolist()
        twice = [_twice(batch, at, labels) for at in np.flatnonzero(verdicts == Verdict.DUPLICATE).tolist()]
        if keys or twice:
            self._packed.append(zlib.compress(pickle.dumps((keys, twice), pickle.HIGHEST_PROTOCOL), 1))

    def clear(self) -> None:
        self._packed.clear()

    def enter(self, ledger: Ledger, run: int) -> None:
        """Enter all of it, and forget it."""
        for packed in self._packed:
            keys, twice = pickle.loads(zlib.decompress(packed))  # noqa: S301 (our own bytes, never leave the run)
            if keys:
                ledger.see(run, keys)
            if twice:
                ledger.keep(run, twice)
        self.clear()


def _twice(batch: Batch, at: int, labels: list[str]) -> Rejected:
    row = batch.records.rows_of(int(batch.record[at]))[0]
    return Rejected(batch.order_id[at], batch.name[at], Verdict.DUPLICATE, "", labels[row.part], row.number)
