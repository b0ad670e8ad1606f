"""Of events that are alike, those are a run's that are so in every way to give the ledger's events one each."""

from collections import Counter
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from backfill.api.assignment import assigned
from backfill.api.readback import ExpectedEvent, ListedEvent

NAMES = ("purchase", "upsell_purchase", "subscribe")
own_names = st.sampled_from([("purchase", "upsell_purchase"), ("subscribe",), NAMES, ()])
their_names = st.sampled_from([("purchase", "upsell_purchase"), ("subscribe",), ("purchase", "subscribe"), ()])


def ways(own: list[ExpectedEvent], listed: list[ListedEvent]) -> list[tuple[ListedEvent, ...]]:
    """Every way to give each one of its own."""
    return [
        way
        for way in permutations(listed, len(own))
        if all(not one.names or there.name in one.names for one, there in zip(own, way, strict=True))
    ]


@given(st.lists(own_names, max_size=4), st.lists(their_names, max_size=2), st.lists(st.sampled_from(NAMES), max_size=5))
def test_what_is_a_run_s_in_every_way(
    mine: list[tuple[str, ...]], theirs: list[tuple[str, ...]], there: list[str]
) -> None:
    events = [ExpectedEvent(str(n), names, "1", 0, None) for n, names in enumerate([*mine, *theirs])]
    listed = [ListedEvent(f"e{n}", name, "1", 0, None) for n, name in enumerate(there)]
    found = list(assigned(events[: len(mine)], events[len(mine) :], listed))
    assert all(not one.names or there.name in one.names for one, there in found)
    assert max(Counter(there.id for _, there in found).values(), default=1) == 1
    if every := ways(events, listed):
        certain = {one.id for one in listed if all(one in way[: len(mine)] for way in every)}
        assert {there.id for _, there in found} == certain
    if len(there) == len(mine) and not theirs:  # exactly as many as the run made
        assert len(found) == len(mine) or not every
