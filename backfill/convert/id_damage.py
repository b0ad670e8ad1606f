"""What a spreadsheet may have done to ids and names of which they have no trace themselves."""

from collections.abc import Callable

from backfill.convert.damage import FRACTIONS, PLAIN, RESPELLED, fractions_in, plain_in, respelled_in
from backfill.convert.expressions import text_of
from backfill.convert.profile import MEASURED, TIMED, ColumnProfile
from backfill.fields import FIELDS
from backfill.fields.arrow import Places, Texts
from backfill.mapping import EventTemplate, FieldSource
from backfill.mapping.model import VARIES


def look_at_ids(template: EventTemplate, column: Callable[[str], Texts], records: Places, clues: ColumnProfile) -> None:
    """Note it; `column` gives a column's texts, and `records` are those of the texts."""

    def note(name: str, finding: str, places: Places) -> None:
        if places.size:
            clues.note(name, {finding: places.tolist()}, records)

    def texts(cell: FieldSource) -> Texts:
        return text_of(cell, {name: column(name) for name in cell.names}, len(records))[0]

    cells = [one for one in (template.fields.get("order_id"), template.idempotency_key) if one is not None]
    typed = [cell for name, cell in template.fields.items() if FIELDS[name] in MEASURED | TIMED]
    made_of = {name for cell in cells for name in cell.names} & {name for cell in typed for name in cell.names}
    for name in sorted(made_of):
        note(name, RESPELLED, respelled_in(column(name)))
    for cell in cells:
        if cell.digits == VARIES:
            note(cell.names[0], PLAIN, plain_in(texts(cell)))
    named = template.fields.get("order_name")
    if named is not None and named.names:
        note(named.names[0], FRACTIONS, fractions_in(texts(named)))
