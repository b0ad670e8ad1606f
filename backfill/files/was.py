"""Was: what `_was` says of a rejected row whose cells are at hand, as they are when its event is rejected.

Whether it is needed shows at once in nearly every file that a spreadsheet may harm. Where it does not, and for rows
that are rejected later, by the API, the reject file's writer cuts the rows once more.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from backfill.fields.arrow import Flags, Places, Texts, either, filled, listed, matches, pick
from backfill.fields.spreadsheet import risked
from backfill.files.format import Layout
from backfill.files.marks import HELD_WAS
from backfill.files.mended import pack
from backfill.files.reject_entries import EntryFile, Kind, Rule
from backfill.files.rows import Rows

HASHED = "[^:]+:[0-9a-f]{32}"  # a key
_FAULTY = ("invalid_", "missing_", "future_", "too_")  # codes of cells that are wrong, whatever others say
_ROWS = 1_000  # of many that are entered at once, that are looked at


def was_of(
    entries: EntryFile,
    rows: Rows,
    places: Places,
    alone: Flags,
    kinds: Sequence[Kind],
    which: Places,
    keys: Texts,
    layout: Layout,
) -> Texts | None:
    """What is to be said of the rows at these places, or None as long as nothing shows that it is needed.

    `alone` says which of them have one entry: of others an entry does not know all that is wrong.
    """
    columns = {name: pick(cells, places) for name, cells in zip(layout.columns, rows.cells, strict=True)}
    own = held(columns, layout)
    said = columns.get(HELD_WAS)
    if not entries.guarded:
        entries.guarded = said is not None and bool(filled(said).any())
    if not entries.guarded and layout.format.in_spreadsheets:
        some = np.flatnonzero(alone[:_ROWS])
        entries.guarded = _at_risk(pick(keys, some), {name: pick(cells, some) for name, cells in own.items()})
    if not entries.guarded or not alone.any():
        return None
    packed = pack(own, [wrong(kind.rules) for kind in kinds], which)
    if said is not None:
        packed = either(filled(said), said, packed)
    return packed


def held(columns: dict[str, Texts], layout: Layout) -> dict[str, Texts]:
    """The columns that an event depends on."""
    return {name: cells for name, cells in columns.items() if name not in layout.extra}


@lru_cache(1000)
def wrong(rules: tuple[Rule, ...]) -> frozenset[str]:
    """The columns whose cells are wrong."""
    return frozenset(column for code, _, column, _ in rules if code.startswith(_FAULTY))


def _at_risk(keys: Texts, columns: dict[str, Texts]) -> bool:
    """Whether a spreadsheet might change what these rows' events are; `keys` are the rows' own."""
    if matches(keys, HASHED).any():
        return True
    for cells in columns.values():
        some = np.flatnonzero(risked(cells))
        found = zip(listed(pick(cells, some)), listed(pick(keys, some)), strict=True)
        if any(not key.endswith(f":{text}") for text, key in found):
            return True
    return False
