"""Group values: what tells the rows of one record from those of another, as the damage of its cells is mended.

An id whose spelling differs from row to row (1234 and 1,234, with an invisible character or without its zeros) is one
to the events, and its rows are one record.
"""

import re
from dataclasses import replace

import numpy as np
import pyarrow.compute as pc

from backfill.convert.expressions import text_of
from backfill.fields.arrow import Texts, flags_of, holds, is_ascii, listed, matches, pick, put, sizes
from backfill.fields.mend import GROUPS, revealed, ungrouped
from backfill.mapping import FieldSource, Mapping

# Such as # or .0: a spelling. What has letters or other numbers in it may say what the row is.
_is_spelling = re.compile(r"[^\w]*0*").fullmatch


def group_values(texts: Texts, mapping: Mapping) -> Texts:
    """The values of the group_by column as an id is read that is made of it alone, else without what nobody sees."""
    cell = _id_of(mapping)
    if cell is not None and (cell.strip or cell.digits):
        texts = _stepped(texts, cell)
    if cell is not None and not cell.strip and holds(texts, *GROUPS):
        likely = np.flatnonzero(matches(texts, f"[1-9][0-9{GROUPS}]*[0-9]") & ~flags_of(pc.ascii_is_decimal(texts)))
        texts = put(texts, likely, list(map(ungrouped, listed(pick(texts, likely)))))
    if not is_ascii(texts):
        strange = np.flatnonzero(~flags_of(pc.string_is_ascii(texts)))
        texts = put(texts, strange, list(map(revealed, listed(pick(texts, strange)))))
    return texts


def _id_of(mapping: Mapping) -> FieldSource | None:
    """What the events' ids are made of, where that is this column alone, and nothing else than how it is spelled."""
    cells = mapping.cells_of("order_id")
    if not cells or any(replace(cell, line=0) != replace(cells[0], line=0) for cell in cells):
        return None
    cell = cells[0]
    if cell.columns != (mapping.source.group_by,) or cell.replace or cell.separator or cell.extract or cell.map:
        return None
    return cell if all(_is_spelling(affix) for affix in cell.strip) and not cell.case else None


def _stepped(texts: Texts, cell: FieldSource) -> Texts:
    """The texts with the id's steps done: those that a step may change."""
    likely = matches(texts, "[1-9][0-9]*") & (sizes(texts) < cell.digits) if cell.digits else np.zeros(len(texts), bool)
    for affix in cell.strip:
        likely |= flags_of(pc.starts_with(texts, affix)) | flags_of(pc.ends_with(texts, affix))
    places = np.flatnonzero(likely)
    own = replace(cell, default=None)
    return put(texts, places, text_of(own, {cell.columns[0]: pick(texts, places)}, len(places))[0])
