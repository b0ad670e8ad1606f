"""Gaps: rows whose events the Space lacks. Only the events that the rows name are made of their records.

A row may give several events; what `verify` found in place must not go out again.
"""

import numpy as np

from backfill.convert import Batch
from backfill.event import Row
from backfill.fields.arrow import listed
from backfill.files.format import Layout

CODES = frozenset(("missing", "undone", "not_sent"))  # in `_code`: what the Space lacks, and nothing to mend


def asked_alone(batch: Batch, layouts: list[Layout]) -> Batch:
    """The batch without the events that its rows, where they are gaps, do not ask for."""
    if not any(layout.reject_file for layout in layouts):
        return batch
    wanted = np.ones(len(batch), bool)
    names, made = listed(batch.name), listed(batch.key)
    for record in dict.fromkeys(batch.record.tolist()):
        events, keys = _asked(batch.records.rows_of(record), layouts)
        if not events:
            continue
        own = np.flatnonzero(batch.record == record).tolist()
        met = {names[at] for at in own if made[at] in keys}
        for at in own:  # one whose key is another now is judged like any row whose cells were edited
            wanted[at] = names[at] in events and (made[at] in keys or names[at] not in met)
    return batch if wanted.all() else batch.only(wanted)


def _asked(rows: list[Row], layouts: list[Layout]) -> tuple[set[str], set[str]]:
    """Names and keys of the events that a record's rows ask for; none where they are no gaps."""
    events: set[str] = set()
    keys: set[str] = set()
    for row in rows:
        layout = layouts[row.part]
        marks = layout.format.cells_of(row.text, layout).marks
        if CODES & set(marks.get("_code", "").split("|")):
            events.update(marks.get("_event", "").split("|"))
            keys.update((marks.get("_key", ""), *marks.get("_key", "").split("|")))
    return events, keys - {""}
