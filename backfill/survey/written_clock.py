"""The clock that an event's time was written with: its own cell says whether it is more than a day."""

from collections.abc import Sequence

import numpy as np

from backfill.convert import Batch
from backfill.convert.expressions import text_of
from backfill.fields.arrow import listed, pick
from backfill.fields.grammar import Said, decipher
from backfill.mapping import Mapping


def clocks_of(batch: Batch, places: Sequence[int], mapping: Mapping) -> dict[int, int | None]:
    """The second of the day as each of these events' times was written; None for a day alone."""
    found: dict[int, int | None] = {}
    events = np.array(places, np.int64)
    tables = batch.body.table[events]
    for table in np.unique(tables).tolist():
        here, cell = events[tables == table], mapping.events[table].fields["event_time"]
        cells = {name: pick(batch.records.cells[name], batch.record[here]) for name in cell.names}
        for at, text in zip(here.tolist(), listed(text_of(cell, cells, len(here))[0]), strict=True):
            said = decipher(text.strip())
            found[at] = said.clock if isinstance(said, Said) else None
    return found
