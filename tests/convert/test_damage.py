"""Damage: addresses are searched for placeholders only where they begin as one, which must lose none."""

import re

from hypothesis import given
from hypothesis import strategies as st

from backfill.convert import damage
from backfill.fields import Kind
from backfill.fields.arrow import filled, texts_of

LOCALS = ["", "test", "TEST42", "tester", "buyer7", "no-reply", "walkin", "n/a", "pos1", "xxx", "asd1f", "guest", "é"]
DOMAINS = ["", "@", "@none.com", "@NA.de", "@test.x@a.de", "@example.com", "@@xx.de", "@Localhost.x", "@a.test.de"]


@given(st.lists(st.builds(str.__add__, st.sampled_from(LOCALS), st.sampled_from(DOMAINS))))
def test_all_placeholders_are_found(cells: list[str]) -> None:
    texts = texts_of(cells)
    found = dict(damage.damage_in(Kind.EMAIL, texts, filled(texts)))
    wanted = [at for at, cell in enumerate(cells) if re.fullmatch(damage._PLACEHOLDER, cell.lower())]
    assert [at.tolist() for at in found.values()] == ([wanted] if wanted else [])
