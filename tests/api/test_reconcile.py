"""Three sides compared: each of the file's events is found once, whatever other events there are."""

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backfill.api.readback import PURCHASES, ExpectedEvent, ListedEvent, alike, read_names, same_amount
from backfill.api.reconcile import GAPS, Difference, Reconciliation, match, reconcile

NOON = 1714644000
UPSELL = "upsell_purchase"
FIRST, LAST = NOON - 1000, NOON + 1000


def own(
    key: str = "k", *, at: int = NOON, amount: str | None = "9.50", state: str = "accepted", **more: str
) -> ExpectedEvent:
    order_id = more.get("order_id", "1") or None
    name = more.get("name", "purchase")
    names = read_names("purchase", name == UPSELL) if name in PURCHASES else (name,)
    return ExpectedEvent(key, names, order_id, at, amount and Decimal(amount), state, row=1)


def listed(
    number: str = "e",
    *,
    at: int | None = NOON,
    amount: str | None = "9.50",
    name: str = "purchase",
    order_id: str = "1",
) -> ListedEvent:
    return ListedEvent(number, name, order_id or None, at, amount and Decimal(amount))


@pytest.mark.parametrize(
    ("mine", "theirs", "found"),
    [
        ([own()], [listed()], {"agree": 1}),
        ([own(amount=None)], [listed(amount="0")], {"agree": 1}),
        ([own(amount="9.504")], [listed(amount="9.5")], {"agree": 1}),
        ([own()], [listed(amount="9.51")], {"different": 1}),
        ([own()], [listed(at=NOON + 1)], {"different": 1}),
        ([own()], [listed(at=None)], {"different": 1}),
        ([own()], [], {"missing": 1}),
        ([own(state="deleted")], [], {"undone": 1}),
        ([own(state="new")], [], {"not_sent": 1}),
        ([own(state="new")], [listed()], {"agree": 1}),
        ([own()], [listed(name="subscribe")], {"missing": 1, "unexpected": 1}),
        ([own()], [listed("a"), listed("b")], {"agree": 1, "twice": 1}),
        ([own()], [listed("a", amount="1"), listed("b")], {"agree": 1, "twice": 1}),
        ([own()], [listed("a", at=LAST + 9), listed("b")], {"agree": 1, "twice": 1}),
        ([own(), own("o", amount="3", state="other")], [listed("a"), listed("b", amount="3")], {"agree": 1, "ours": 1}),
        ([own(), own("o", state="other")], [listed("a"), listed("b")], {"agree": 1, "twice": 1}),
        ([own(), own("o", at=LAST + 9, state="other")], [listed("a"), listed("b", at=LAST + 9)], {"agree": 1}),
        ([own("o", at=LAST + 9, state="other")], [], {}),
        ([], [listed()], {"unexpected": 1}),
        ([], [listed(at=LAST + 1)], {}),
        ([], [listed("a"), listed("b"), listed("c")], {"unexpected": 1, "twice": 2}),
        ([own("a"), own("b", amount="3")], [listed("x", amount="3")], {"agree": 1, "missing": 1}),
        ([own("a"), own("b")], [listed("x"), listed("y")], {"agree": 2}),
        ([own()], [listed(name=UPSELL)], {"agree": 1}),
        ([own(name=UPSELL)], [listed()], {"agree": 1}),
        ([own(state="new")], [listed(name=UPSELL, amount="3")], {"different": 1}),
        ([own()], [listed(name=UPSELL, amount="3")], {"missing": 1, "unexpected": 1}),
        ([own()], [listed("a"), listed("b", name=UPSELL)], {"agree": 1, "twice": 1}),
        ([own(name=UPSELL)], [listed("a", at=NOON + 9), listed("b", name=UPSELL)], {"agree": 1, "twice": 1}),
        ([own()], [listed("a"), listed("b", name=UPSELL, amount="3")], {"agree": 1, "unexpected": 1}),
        ([own("a"), own("b", name=UPSELL)], [listed("x"), listed("y", name=UPSELL)], {"agree": 2}),
        ([own("a"), own("b", name=UPSELL)], [listed("x", name=UPSELL)], {"agree": 1, "missing": 1}),
        ([own("a"), own("b", name=UPSELL, amount="3")], [listed("x"), listed("y", amount="3")], {"agree": 2}),
        (
            [own(), own("o", amount="3", state="other")],
            [listed("a"), listed("b", name=UPSELL, amount="3")],
            {"agree": 1, "ours": 1},
        ),
        ([own(), own("o", state="other")], [listed("a"), listed("b", name=UPSELL)], {"agree": 1, "twice": 1}),
        ([], [listed("a"), listed("b", name=UPSELL)], {"unexpected": 2}),
        ([own("a", order_id=""), own("b", order_id="")], [listed(order_id="")], {"agree": 1, "missing": 1}),
        ([own("a", order_id="")], [listed("x", order_id=""), listed("y", order_id="")], {"agree": 1, "unexpected": 1}),
    ],
)
def test_what_is_found(mine: list[ExpectedEvent], theirs: list[ListedEvent], found: dict[str, int]) -> None:
    reckoning = Reconciliation()
    gaps = list(reconcile([(mine, theirs)], FIRST, LAST, reckoning))
    assert {str(kind): n for kind, n in reckoning.counts.items() if n} == found
    assert reckoning.gaps == len(gaps) == sum(found.get(str(kind), 0) for kind in GAPS) - reckoning.unclear
    assert reckoning.agrees == (not found.keys() - {"agree", "ours", "unexpected"})
    assert not reckoning.absent


@pytest.mark.parametrize(
    ("states", "there", "sent_again"),
    [
        (("new", "new"), 1, ""),
        (("new", "new"), 0, "ab"),
        (("accepted", "accepted"), 1, ""),
        (("new", "accepted"), 1, "a"),  # what is there is what the ledger sent
        (("deleted", "accepted"), 1, "a"),
        (("new", "other"), 1, ""),
        (("new", "new", "accepted"), 2, ""),
    ],
)
@pytest.mark.parametrize("amount", ["9.50", "1"])
def test_of_like_events_without_an_id_none_is_sent_for_another(
    states: tuple[str, ...], there: int, sent_again: str, amount: str
) -> None:
    mine = [own("abc"[at], order_id="", state=state) for at, state in enumerate(states)]
    theirs = [listed(str(at), order_id="", amount=amount) for at in range(there)]
    reckoning = Reconciliation()
    gaps = list(reconcile([(mine, theirs)], FIRST, LAST, reckoning))
    assert "".join(key for key, _ in gaps) == sent_again
    lacking = sum(state != "other" for state in states) - there
    assert reckoning.unclear == lacking - len(sent_again)


moments = st.integers(FIRST, FIRST + 3)
amounts = st.sampled_from([None, "0", "1.00", "1.004", "2.5"])
names = st.sampled_from(["purchase", "upsell_purchase"])
mine = st.lists(st.builds(lambda at, amount, name: own(at=at, amount=amount, name=name), moments, amounts, names))
theirs = st.lists(st.builds(lambda at, amount, name: listed(at=at, amount=amount, name=name), moments, amounts, names))


@given(mine, theirs)
def test_events_pair_one_to_one(mine: list[ExpectedEvent], theirs: list[ListedEvent]) -> None:
    own_side = [
        ExpectedEvent(str(n), *[getattr(one, f) for f in ExpectedEvent.__slots__[1:]]) for n, one in enumerate(mine)
    ]
    api = [ListedEvent(str(n), one.name, one.order_id, one.time, one.amount) for n, one in enumerate(theirs)]
    pairs, rest = match(own_side, api)
    assert sorted(one.key for one, _ in pairs) == sorted(one.key for one in own_side)
    assert sorted([there.id for _, there in pairs if there] + [there.id for there in rest]) == sorted(e.id for e in api)
    assert all(there is None or there.name in one.names for one, there in pairs)
    left, wanting = Counter(there.name for there in rest), Counter(one.names[0] for one, there in pairs if not there)
    assert not left.keys() & wanting.keys()


@given(mine, theirs)
def test_each_event_is_counted_once_on_its_side(mine: list[ExpectedEvent], theirs: list[ListedEvent]) -> None:
    reckoning = Reconciliation()
    api = [ListedEvent(str(n), one.name, one.order_id, one.time, one.amount) for n, one in enumerate(theirs)]
    list(reconcile([(mine, api)], FIRST, LAST, reckoning))
    sums = list(reckoning.months.values())
    assert sum(s.file for s in sums) == sum(s.ledger for s in sums) == len(mine)
    assert sum(s.space for s in sums) == len(api)
    assert sum(s.space_amount for s in sums) == sum((one.amount or Decimal() for one in api), Decimal())
    counts = reckoning.counts
    assert counts[Difference.TWICE] + counts[Difference.UNEXPECTED] == sum(s.other for s in sums)


def test_half_a_cent() -> None:
    assert same_amount(Decimal("1.995"), Decimal("2.00")) and not same_amount(Decimal("1.99"), Decimal("2"))
    assert same_amount(None, Decimal()) and not same_amount(None, Decimal("0.01"))
    assert alike(own(), listed()) and not alike(own(), listed(at=None))
