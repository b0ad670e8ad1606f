"""An event to send, as the survey found it."""

from dataclasses import dataclass
from decimal import Decimal

from backfill.convert import Batch
from backfill.event import Row
from backfill.ledger import Accepted, likenesses
from backfill.survey.in_ledger import identity_of


@dataclass(frozen=True, slots=True)
class ReadyEvent:
    """One event to send, and where it is in its batch, for the rows it came from."""

    key: str
    name: str
    body: bytes
    time: str
    amount: Decimal | None
    order_id: str | None
    batch: Batch
    at: int

    @property
    def rows(self) -> list[Row]:
        return self.batch.records.rows_of(int(self.batch.record[self.at]))

    @property
    def accepted(self) -> Accepted:
        """What the ledger keeps of it."""
        head, _, rest = self.key.partition(":")
        derived = (
            rest == self.order_id and head.partition("@")[0] == self.name
        )  # else the key does not show the order_id
        amount = None if self.amount is None else format(self.amount, "f")
        who = identity_of(self.batch, self.at)
        like = likenesses(self.name, self.time, amount, who)
        return Accepted(self.key, self.time, amount, who, None if derived else self.order_id, like[0] if like else None)


def event_at(batch: Batch, at: int) -> ReadyEvent:
    """The batch's event at a place."""
    key, name, time, order_id = (batch.value(one, at) for one in ("key", "event_name", "event_time", "order_id"))
    return ReadyEvent(key, name, batch.body[at], time, batch.worth(at), order_id, batch, at)
