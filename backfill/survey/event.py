"""Events to send, as the survey found them."""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from backfill.convert import Batch
from backfill.event import Row
from backfill.fields.arrow import Places, listed, pick
from backfill.ledger import Accepted, identity_digests, kept_likenesses
from backfill.survey.in_ledger import WHO

_TOGETHER = 500  # events that are made at once: each is asked for soon


class ReadyEvent(NamedTuple):
    """One event to send, whom it names, and where it is in its batch, for the rows it came from."""

    key: str
    name: str
    time: str
    order_id: str | None
    amount: Decimal | None
    who: tuple[str | None, ...]
    body: bytes
    batch: Batch
    at: int

    @property
    def rows(self) -> list[Row]:
        return self.batch.records.reject_rows_of(int(self.batch.record[self.at]))

    @property
    def accepted(self) -> Accepted:
        """What the ledger keeps of it."""
        head, _, rest = self.key.partition(":")
        derived = (
            rest == self.order_id and head.partition("@")[0] == self.name
        )  # else the key does not show the order_id
        amount = None if self.amount is None else format(self.amount, "f")
        who = identity_digests(*self.who)
        likes = tuple(kept_likenesses(self.name, self.time, amount, who))
        return Accepted(self.key, self.time, amount, who, None if derived else self.order_id, likes)


def events_at(batch: Batch, places: Places) -> Iterator[ReadyEvent]:
    """The batch's events at these places."""
    for some in np.split(places, np.arange(_TOGETHER, len(places), _TOGETHER)):
        texts = (listed(pick(column, some)) for column in (batch.key, batch.name, batch.time, batch.order_id))
        amounts = [None if amount is None else Decimal(amount) for amount in listed(pick(batch.amount, some))]
        people = zip(*(listed(pick(batch.column(name), some)) for name in WHO), strict=True)
        bodies = batch.body.written(some)
        for key, name, time, order_id, amount, who, body, at in zip(
            *texts, amounts, people, bodies, some.tolist(), strict=True
        ):
            yield ReadyEvent(key, name, time, order_id, amount, who, body, batch, at)
