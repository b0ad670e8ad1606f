"""Respelled ids: those of an input that are others of it, as a spreadsheet writes numbers: without zeros in front, or
with .0 behind. Where one of two files that overlap was saved by one, their orders would go out twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow.compute as pc

from backfill.convert import Batch
from backfill.event import Code, Problem
from backfill.fields.arrow import Places, Texts, flags_of, holds, listed, matches, pick, present, sizes, texts_of
from backfill.fields.mend import WHOLE_FLOAT
from backfill.survey.claims import Claims


@dataclass(slots=True)
class Respelled:
    """What all ids of an input look like, as far as it was read."""

    _shortest: int = 1_000  # digits of the numbers without zeros in front, at least
    _widths: set[int] = field(default_factory=set)  # digits of those with zeros in front

    def judge(self, batch: Batch, fresh: Places, claims: Claims) -> Iterator[tuple[int, Problem]]:
        """What is wrong with those of the events whose ids, spelled as they were, others of the input have."""
        fresh = fresh[present(batch.order_id)[fresh] & ~batch.hashed[fresh]]
        found = list(self._meant(pick(batch.order_id, fresh)))
        if found or self._shortest < self._width:
            claims.doubt()
        if not found:
            return
        places = fresh[[at for at, _ in found]]
        ids, keys = listed(pick(batch.order_id, places)), listed(pick(batch.key, places))
        meant = [
            f"{key.removesuffix(name)}{other}" if key.endswith(f":{name}") else f"{key}\0"
            for key, name, (_, other) in zip(keys, ids, found, strict=True)
        ]
        for at in np.flatnonzero(claims.hold(texts_of(meant))).tolist():
            reason = (
                f"is {found[at][1]} of this input as a spreadsheet writes numbers, and would count twice: leave it "
                "out, or say --allow-doubles if they are different orders"
            )
            yield int(places[at]), Problem(Code.LIKELY_DOUBLE, "order_id", reason)

    @property
    def _width(self) -> int:
        """Digits of all numbers with zeros in front, or 0 where they differ."""
        return max(self._widths) if len(self._widths) == 1 else 0

    def _meant(self, ids: Texts) -> Iterator[tuple[int, str]]:
        """What a spreadsheet may have made ids of: the position of each such one, and what it was."""
        numbers, size = flags_of(pc.ascii_is_decimal(ids)), sizes(ids)
        led = numbers & flags_of(pc.starts_with(ids, "0")) & (size > 1)
        self._shortest = size[numbers & ~led].min(initial=self._shortest)
        self._widths.update(np.unique(size[led]).tolist())
        for at in np.flatnonzero(numbers & ~led & (size < self._width)).tolist():
            yield at, ids[at].as_py().zfill(self._width)
        floats = matches(ids, WHOLE_FLOAT) if holds(ids, ".0", ",0") else np.zeros(len(ids), bool)
        for at in np.flatnonzero(floats).tolist():
            yield at, ids[at].as_py()[:-2]
