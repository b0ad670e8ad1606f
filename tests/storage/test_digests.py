"""Digests: no two texts share one, and a text has the same in every column."""

import pyarrow as pa
from hypothesis import example, given
from hypothesis import strategies as st

from backfill.storage.digests import digests, value_of

IDS = st.tuples(st.sampled_from(["", "#", "purchase:", "0", "1", "a1-", "ä", "\0"]), st.text("019", max_size=20))


@given(st.sets(st.one_of(IDS.map("".join), st.text(max_size=8))).map(sorted), st.integers(0, 4))
@example([], 0)
@example(["", "\0", "\0\0", "a", "a\0", "ä", "a\u0308", "😀", "0", "00", "a0", "a00", "1", "01", "9" * 17, "9" * 18], 1)
def test_no_two_texts_share_one(texts: list[str], cut: int) -> None:
    made = pa.array(texts, pa.string())
    high, low = (half.tolist() for half in digests(made))
    assert len(set(high)) == len(set(low)) == len(set(value_of(made).tolist())) == len(texts)
    assert 0 not in value_of(made).tolist()
    assert [half.tolist() for half in digests(made[cut:])] == [high[cut:], low[cut:]]
