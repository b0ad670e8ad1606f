"""Bodies: what goes out for each event, written when it is asked for; and a number that only equal bodies share."""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import orjson
from numpy.typing import NDArray

from backfill.convert.cells import Texts

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Bodies:
    """The request bodies of a batch by position, empty fields left out.

    `tables` are columns in the order in which a body has them, one table for each template; `table` says of each event
    which is its, `row` where it stands there.
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

    def digests(self, places: Places) -> NDArray[np.uint64]:
        """A number for each of these bodies that only those alike have, in this process; never 0."""
        made = np.empty(len(places), np.int64)
        for number, columns in enumerate(self.tables):
            here = np.flatnonzero(self.table[places] == number)
            rows = self.row[places[here]]
            lists = [_as_written(name, values[rows]) for name, values in columns.items()]
            made[here] = np.fromiter(map(hash, zip(*lists, strict=True)), np.int64, len(here))
        return np.maximum(made.view(np.uint64), np.uint64(1))


def _as_written(name: str, values: Texts) -> list[object]:
    """What hashes alike where it is written alike: 5 and 5.00 are one number, and two texts."""
    listed = values.tolist()
    return [str(value) if isinstance(value, Decimal) else value for value in listed] if name == "amount" else listed
