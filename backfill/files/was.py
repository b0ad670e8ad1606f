"""Was: what `_was` says of a rejected row whose cells are at hand, as they are when its event is rejected.

Whether it is needed shows at once in nearly every file that a spreadsheet may harm. Where it does not, and for rows
that are rejected later, by the API, the reject file's writer cuts the rows once more.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from backfill.fields.arrow import (
    Flags,
    Places,
    Texts,
    bytes_of,
    either,
    filled,
    is_ascii,
    listed,
    matches,
    pick,
    put,
    texts_of,
)
from backfill.fields.spreadsheet import risked
from backfill.fields.typed import is_typed
from backfill.files.format import Layout
from backfill.files.marks import HELD_WAS
from backfill.files.mended import Wrong, pack
from backfill.files.reject_entries import EntryFile, Kind
from backfill.files.rows import Rows
from backfill.storage.occurrences import Occurrences

_HASHED = "[^:]+:[0-9a-f]{32}"  # a key
FAULTY = ("invalid_", "missing_", "future_", "too_")  # codes of cells that are wrong, whatever others say
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
    there = ((name, cells) for name, cells in zip(layout.columns, rows.cells, strict=True) if bytes_of(cells).size)
    columns = {name: pick(cells, places) for name, cells in there}
    if not entries.guarded:
        entries.guarded = layout.summed or (HELD_WAS in columns and bool(filled(columns[HELD_WAS]).any()))
    if not entries.guarded and layout.format.in_spreadsheets:
        some = np.flatnonzero(alone[:_ROWS])
        first = {name: pick(cells, some) for name, cells in held(columns, layout).items()}
        entries.guarded = at_risk(first, keys, some, some + 1)
    if not entries.guarded or not alone.any():
        return None
    return packed(columns, layout, [wrong(kind) for kind in kinds], which)


def packed(columns: dict[str, Texts], layout: Layout, faulty: Sequence[Wrong], which: Places) -> Texts:
    """What to say of rows, of those of a reject file what it said; `which` of `faulty` is wrong with each row."""
    faulty = faulty if layout.summed else [Wrong(one.columns) for one in faulty]
    cells = held(columns, layout)
    made = pack(cells, faulty, which)
    if HELD_WAS not in columns:
        return made
    said = either(filled(columns[HELD_WAS]), columns[HELD_WAS], made)
    typed = {name: either(is_typed(own), own, "") for name, own in cells.items() if is_typed(own).any()}
    if not typed:
        return said
    both = zip(listed(said), listed(pack(typed, faulty, which)), strict=True)  # a person has typed it since
    return texts_of([f"{old}&{new}" if new and new not in old else old for old, new in both])


def numbered(was: Texts, rows: Texts, known: Occurrences) -> Texts:
    """The same for rows that nothing was said of; of line items that are written alike, also which each is."""
    several = np.flatnonzero(matches(was, ".*&=[0-9]+"))
    nth = known.add(pick(rows, several))
    again, nth = several[nth > 1], nth[nth > 1]
    return put(was, again, [f"{text}.{one}" for text, one in zip(listed(pick(was, again)), nth.tolist(), strict=True)])


def held(columns: dict[str, Texts], layout: Layout) -> dict[str, Texts]:
    """The columns that an event depends on."""
    return {name: cells for name, cells in columns.items() if name not in layout.extra}


@lru_cache(1000)
def wrong(kind: Kind) -> Wrong:
    """The columns whose cells are wrong, and how many rows the record has."""
    return Wrong(frozenset(column for code, _, column, _ in kind.rules if code.startswith(FAULTY)), kind.rows)


def at_risk(columns: dict[str, Texts], keys: Texts, begins: Places, ends: Places) -> bool:
    """Whether a spreadsheet might change what rows' events are: a cell of theirs that ends no key shows it.

    A row's keys are those from where it begins up to where it ends.
    """
    if not is_ascii(keys):
        return True
    hashed = np.append(0, np.cumsum(matches(keys, _HASHED)))
    if (hashed[ends] > hashed[begins]).any():
        return True
    for cells in columns.values():
        if not is_ascii(cells):  # opened in another encoding, its letters are others, in the keys too
            return True
        some = np.flatnonzero(risked(cells) | is_typed(cells))
        for at, text in zip(some.tolist(), listed(pick(cells, some)), strict=True):
            if not any(key.endswith(f":{text}") for key in listed(keys[begins[at] : ends[at]])):
                return True
    return False
