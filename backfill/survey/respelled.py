"""Respelled ids: 101 beside 0101, of the same person, time and amount.

Where a spreadsheet has saved one of two files that overlap, it took zeros off their ids, and each order would count
twice. What it made is a likely double; the other one goes out.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from backfill.convert import Batch
from backfill.event import Code, Problem
from backfill.fields.arrow import Places, Texts, flags_of, pick, present
from backfill.storage.digest_map import DigestMap
from backfill.survey.claims import Claims

_LIKE = ("comet_token", "fingerprint", "ip", "event_time", "amount")  # besides the address
_REASON = (
    "an event of this input has its id with zeros in front, and the same person, time and amount: a spreadsheet may "
    "have taken them off here; leave it out, or say --allow-doubles if it is another order"
)


def is_respelled(order_id: str | None, other: str) -> bool:
    """Whether two ids are the same number, one of them with zeros in front that the other lacks."""
    numbers = order_id is not None and order_id.isdecimal() and other.isdecimal()
    return numbers and order_id != other and str(order_id).lstrip("0") == other.lstrip("0")


@dataclass(slots=True)
class Respelled:
    """The events of an input whose ids have zeros in front, as far as it was read, each known without these."""

    namespace: str | None
    _bare: bool = False  # some ids are numbers without zeros in front
    _whole: DigestMap = field(default_factory=DigestMap)

    def judge(self, batch: Batch, sound: Places, claims: Claims) -> Iterator[tuple[int, Problem]]:
        """What is wrong with those of the sound events that another one of the input is like, but for zeros."""
        sound = sound[present(batch.order_id)[sound] & present(batch.key)[sound]]
        names, ids = pick(batch.name, sound), pick(batch.order_id, sound)
        numbers = flags_of(pc.ascii_is_decimal(ids)) & flags_of(
            pc.equal(self._keys(names, ids), pick(batch.key, sound))
        )
        led = numbers & flags_of(pc.starts_with(ids, "0"))
        plain = sound[numbers & ~led]
        self._bare |= bool(len(plain))
        if led.any():
            without = self._keys(pick(names, led), pc.ascii_ltrim(pick(ids, led), "0"))
            self._whole.add(_likes(batch, sound[led], without), np.ones(len(without), np.uint64))
            if self._bare and claims.hold(without).any():  # which came before: another pass judges them
                claims.doubt()
        if len(self._whole) and len(plain):
            found = self._whole.holds(_likes(batch, plain, pick(batch.key, plain)))
            yield from ((at, Problem(Code.LIKELY_DOUBLE, "order_id", _REASON)) for at in plain[found].tolist())

    def _keys(self, names: Texts, ids: Texts) -> Texts:
        return pc.binary_join_element_wise(names, ids, f"@{self.namespace}:" if self.namespace else ":")


def _likes(batch: Batch, places: Places, keys: Texts) -> Texts:
    """What two events have in common that are one: the key, the person, the time and the amount."""
    columns = [pick(batch.column(name), places).cast(pa.string()) for name in _LIKE]
    email = pc.utf8_lower(pick(batch.column("email"), places))
    return pc.binary_join_element_wise(keys, email, *columns, "\n", null_handling="replace")
