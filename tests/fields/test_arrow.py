"""Columns of texts: what is found by the bytes at their ends is what a look at each text finds."""

from hypothesis import given
from hypothesis import strategies as st

from backfill.fields.arrow import Words, texts_of
from backfill.fields.mend import NOTHINGS

NEAR = ["", "NULL", "null", "nulL", "N", "n/a", "#N/A", "–", "—", "-", "0", "é", "Nell", "nil", "00/00/0000"]


@given(st.lists(st.sampled_from(NEAR) | st.text(max_size=3)), st.integers(0, 3))
def test_words_are_found_where_cells_are_words(cells: list[str], cut: int) -> None:
    found = Words(NOTHINGS).places_in(texts_of(cells)[cut:])
    assert found.tolist() == [at for at, cell in enumerate(cells[cut:]) if cell in NOTHINGS]
