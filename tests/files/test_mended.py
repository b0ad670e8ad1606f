"""What `_was` says: every cell of a row as any reader of a query string has it again."""

from urllib.parse import parse_qsl

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from backfill.fields.arrow import texts_of
from backfill.files.mended import Wrong, pack

CELLS = st.text(st.sampled_from("aZ9 %+&=~#:/@'\"\n\r\t\x01\x02\x03\x04é€\U0001f600"), max_size=6) | st.sampled_from(
    ["", "x" * 200, "x" * 201, "é" * 200, "é" * 201]
)
NAMES = ["Total", "Paid at", "a&b=c", "100%", "Straße"]


@given(st.lists(st.lists(CELLS, min_size=5, max_size=5), min_size=1, max_size=6), st.sets(st.sampled_from(NAMES)))
def test_packed_cells_come_back_as_they_were(rows: list[list[str]], wrong: set[str]) -> None:
    columns = {name: texts_of([row[at] for row in rows]) for at, name in enumerate(NAMES)}
    which = np.arange(len(rows)) % 2  # every other row has cells that are wrong
    packed = pack(columns, [Wrong(frozenset()), Wrong(frozenset(wrong))], which).to_pylist()
    for row, odd, text in zip(rows, which.tolist(), packed, strict=True):
        kept = [(name, cell) for name, cell in zip(NAMES, row, strict=True) if cell and len(cell) <= 200]
        marked = [("!" * (odd and name in wrong) + name, cell) for name, cell in kept]
        assert parse_qsl(text, keep_blank_values=True) == marked
        assert text.isascii() and text.isprintable() and not {",", ";", '"', "\t", "|"} & set(text)
