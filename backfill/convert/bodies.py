"""Bodies: what goes out for each event, written when it is asked for; and a number that only equal bodies share."""

from dataclasses import dataclass

import numpy as np
import orjson
from numpy.typing import NDArray

from backfill.event import address_value, plain
from backfill.fields import FIELDS, Kind
from backfill.fields.column import Places, Texts


@dataclass(frozen=True, slots=True)
class Bodies:
    """The request bodies of a batch by position, empty fields left out.

    `tables` are columns in the order in which a body has them, one table for each template; `table` says of each event
    which is its, `row` its place there.
    """

    tables: list[dict[str, Texts]]
    table: Places
    row: Places

    def __len__(self) -> int:
        return len(self.row)

    def __getitem__(self, at: int) -> bytes:
        row = self.row[at]
        columns = self.tables[self.table[at]].items()
        sent = {name: value for name, values in columns if (value := values[row]) is not None}
        if "amount" in sent:
            sent["amount"] = orjson.Fragment(format(sent["amount"], "f"))
        return orjson.dumps(sent)

    def rekey(self, at: int, key: str) -> None:
        """Give a body another key, where it has one."""
        if "idempotency_key" in (columns := self.tables[self.table[at]]):
            columns["idempotency_key"][self.row[at]] = key

    def digests(self, places: Places) -> NDArray[np.uint64]:
        """A number for each of these bodies that only those equal by value have, in this process; never 0."""
        made = np.empty(len(places), np.int64)
        names = sorted(set().union(*self.tables))  # of all templates: by name, and a field left out is an empty one
        for number, columns in enumerate(self.tables):
            here = np.flatnonzero(self.table[places] == number)
            rows, lacking = self.row[places[here]], [None] * len(here)
            lists = [by_value(name, columns[name][rows]) if name in columns else lacking for name in names]
            made[here] = np.fromiter(map(hash, zip(*lists, strict=True)), np.int64, len(here))
        return np.maximum(made.view(np.uint64), np.uint64(1))


def by_value(name: str, values: Texts) -> list[object]:
    """What hashes alike where it means the same: 5 and 5.00 are one number, and two texts."""
    listed: list[object] = values.tolist()
    kind = FIELDS[name]
    if kind in (Kind.AMOUNT, Kind.NUMBER):
        texts = [None if value is None else str(value) for value in listed]
        return [plain(text) if text and (text[-1] == "0" or "E" in text) else text for text in texts]
    if kind is Kind.EMAIL and (joined := "".join(filter(None, values))) != joined.lower():
        return [value.lower() if isinstance(value, str) else None for value in listed]
    if kind is Kind.IP:
        return [address_value(value) if isinstance(value, str) and ":" in value else value for value in listed]
    return listed
