"""What a spreadsheet may have done to ids and names of which they have no trace themselves."""

from collections.abc import Callable, Iterator

import numpy as np

from backfill.convert.damage import FRACTION_TEXTS, FRACTIONS, PLAIN, RESPELLED, RESPELLED_TEXTS
from backfill.convert.expressions import Blanks, text_of
from backfill.convert.profile import MEASURED, TIMED, ColumnProfile
from backfill.event import Code, Problem
from backfill.fields import FIELDS, Locale, parse
from backfill.fields.arrow import Flags, Places, Texts, filled, holds, matches
from backfill.fields.mend import is_cut, is_error
from backfill.mapping import EventTemplate, FieldSource
from backfill.mapping.model import VARIES


def damage_of(template: EventTemplate, column: Callable[[str], Texts], lacking: Flags) -> Iterator[tuple[int, Problem]]:
    """The events whose id or key is made of damaged cells, or lacks a part. `lacking` says which have no order_id.

    A plain id is judged where it is read: this is what steps and templates would hide, and what keys are made of.
    """
    own, key = template.fields.get("order_id"), template.idempotency_key
    hidden = own is not None and (own.template is not None or own.strip or own.replace or own.extract)
    if own is not None and own.on_invalid != "omit" and hidden:
        yield from _damaged("order_id", own, column)
    if key is not None:
        yield from _damaged("idempotency_key", key, column)
    for part in template.key if key is None else ():
        if isinstance(part, FieldSource):
            yield from ((at, problem) for at, problem in _damaged("key", part, column) if lacking[at])


def _damaged(field: str, cell: FieldSource, column: Callable[[str], Texts]) -> Iterator[tuple[int, Problem]]:
    whole = cell.template is not None
    parts = {name: column(name) for name in cell.names}
    some = np.logical_or.reduce([filled(texts) for texts in parts.values()]) if parts else np.zeros(0, bool)
    for name, texts in parts.items():
        for at in np.flatnonzero(some & ~filled(texts)).tolist() if whole else ():
            yield at, Problem(Code.MISSING_ORDER_ID, field, f"its part from {name} is empty", name)
        for at, problem in parse("order_id", texts, Locale(0)).problems.items():
            text = texts[at].as_py()
            if whole or is_cut(text) or is_error(text):
                yield at, Problem(Code.INVALID_ORDER_ID, field, problem.reason, name)


def _numbered_by(template: EventTemplate) -> Iterator[str]:
    """The columns that are an id, or a key, but for the words around them; a plain id is judged as it is read.

    What several columns make may be anything: a version, a day, an address.
    """
    own, key = template.fields.get("order_id"), template.idempotency_key
    for cell in (own if own is not None and own.template is not None else None, key):
        stepped = cell is None or cell.strip or cell.replace or cell.extract or cell.map
        if cell is not None and not stepped and len(cell.names) == 1:
            yield cell.names[0]


def look_at_ids(
    template: EventTemplate, column: Callable[[str], Texts], records: Places, parts: Places, clues: ColumnProfile
) -> None:
    """Note which ids a spreadsheet has changed.

    `column` gives a column's texts; `records` and `parts` are those of the texts.
    """

    def note(name: str, finding: str, texts: Texts, pattern: str) -> None:
        if (places := np.flatnonzero(matches(texts, pattern))).size:
            clues.note(name, {finding: places}, records)

    def texts(cell: FieldSource) -> Texts:
        return text_of(cell, {name: column(name) for name in cell.names}, len(records))[0]

    cells = [one for one in (template.fields.get("order_id"), template.idempotency_key) if one is not None]
    typed = [cell for name, cell in template.fields.items() if FIELDS[name] in MEASURED | TIMED]
    read = {name for cell in typed for name in cell.names}
    for name in sorted({name for cell in cells for name in cell.names} & read):
        note(name, RESPELLED, column(name), RESPELLED_TEXTS)
    for name in _numbered_by(template):
        if name not in read:
            clues.count_parts(name, column(name), parts)
    for cell in cells:
        if cell.digits == VARIES:
            note(cell.names[0], PLAIN, texts(cell), "[1-9][0-9]*")
    if template.idempotency_key is not None:
        blanks, columns = Blanks(parts=False), {name: column(name) for name in template.idempotency_key.names}
        text_of(template.idempotency_key, columns, len(records), blanks)
        clues.blank(template.idempotency_key.names[0], blanks, records)
    named = template.fields.get("order_name")
    if named is not None and named.names and holds(names := texts(named), ".", ","):
        note(named.names[0], FRACTIONS, names, FRACTION_TEXTS)
