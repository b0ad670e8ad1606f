"""Carrying over: what was mended before the file changed, by what its rows say and by their keys."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from backfill.commands.review.journal import Kept, Place
from backfill.commands.review.reject_rows import RejectRow
from backfill.files.format import Layout
from backfill.files.marks import KEY, RAW

ELSE, SEVERAL, GONE = (
    "its cell says something else by now",
    "several rows have its id by now",
    "its order can go as it is by now, or is not in the file any more",
)


class Known(NamedTuple):
    """A row of the reject file, by what it is known in another version of the file."""

    place: Place
    text: str
    key: str
    cells: dict[str, str]


def known(row: RejectRow, layout: Layout) -> Known:
    """What a row is known by, as it was read."""
    found = layout.format.cells_of(row.text, layout)
    cells, marks = dict(found.shown()), found.marks
    said = json.dumps([[text.strip() for text in cells.values()], marks.get(RAW, "")])
    return Known(row.place, hashlib.sha256(said.encode()).hexdigest()[:32], marks.get(KEY, ""), cells)


def carried(
    kept: Sequence[Kept], rows: Iterable[RejectRow], layout: Layout | None
) -> tuple[dict[Place, Kept], list[tuple[Kept, str]]]:
    """For each row the cells that were mended in it; and what has no row, with the reason.

    A row that says the same is the same; else one with its key, in which the cells say what they said.
    """
    if layout is None:  # nothing is rejected any more
        return {}, [(one, GONE) for one in kept]
    texts: dict[str, list[Known]] = {one.text: [] for one in kept if one.text}
    keys: dict[str, list[Known]] = {one.key: [] for one in kept if one.key}
    for row in (known(row, layout) for row in rows):
        for of, name in ((texts, row.text), (keys, row.key)):
            if name in of:
                of[name].append(row)
    fitting: dict[Place, Kept] = {}
    rest: list[Kept] = []
    for one in kept:
        same = [
            row for row in texts.get(one.text, ()) if row.place not in fitting and one.was.keys() <= row.cells.keys()
        ]
        if same:
            fitting[same[0].place] = one._replace(key=same[0].key)
        else:
            rest.append(one)
    alike = Counter(map(_mark, rest))
    aside = []
    for one in rest:
        named = [row for row in keys.get(one.key, ()) if row.place not in fitting]
        fit = [row for row in named if all(row.cells.get(name) == text for name, text in one.was.items())]
        if fit and len(fit) <= alike[_mark(one)]:
            fitting[fit[0].place] = one._replace(text=fit[0].text)
            alike[_mark(one)] -= 1
        else:
            aside.append((one, SEVERAL if fit else ELSE if named else GONE))
    return fitting, aside


def _mark(one: Kept) -> str:
    return json.dumps([one.key, sorted(one.was.items())])
