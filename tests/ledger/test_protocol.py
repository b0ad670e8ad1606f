"""The laws of `Ledger` and `History`, which every kind of ledger must pass: a second one joins KINDS."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from postgres import postgres

from backfill.errors import SpaceHeld, UsageError
from backfill.ledger import (
    Accepted,
    Input,
    Known,
    Ledger,
    Ledgers,
    Rejected,
    identity_digests,
    kept_likenesses,
    likenesses,
    name_in,
)
from backfill.ledger.home import FolderLedgers
from backfill.ledger.unsettled import unanswered, unsettled
from backfill.space import fingerprint_of

KINDS: dict[str, Callable[[Path], Ledgers]] = {"sqlite": FolderLedgers, "postgres": lambda _: postgres().emptied()}
ADDRESS = "https://app.cometly.com:443"
DEFAULT = (ADDRESS, "default")
AT = "2024-05-01T10:00:00Z"
ANN = identity_digests("ann@example.com", None, None, None)


def event(number: int, amount: str | None = "9.50", order_id: str | None = None) -> Accepted:
    likes = tuple(kept_likenesses("purchase", AT, amount, ANN))
    return Accepted(f"purchase:{number}", AT, amount, ANN, order_id, likes)


def key(number: int) -> str:
    return f"purchase:{number}"


def begun(ledger: Ledger) -> int:
    return ledger.begin("backfill upload x.csv", "small", None, ["x.csv"])


@pytest.fixture(params=KINDS)
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Ledgers:
    return KINDS[request.param](tmp_path / "state")


@pytest.fixture
def ledger(home: Ledgers) -> Iterator[Ledger]:
    with home.open(*DEFAULT) as opened:
        yield opened


# Where ledgers are


def test_looking_creates_no_ledger(home: Ledgers) -> None:
    with home.look(*DEFAULT) as ledger:
        assert ledger.empty and ledger.find([key(1)]) == {} and ledger.about() == {}
    assert not home.has(*DEFAULT) and home.all() == []


def test_each_space_and_address_has_one_of_its_own(home: Ledgers) -> None:
    names = [(address, space) for address in (ADDRESS, "http://127.0.0.1:80") for space in ("a", "a.b", "a b", "a_b")]
    for name in names:
        with home.open(*name) as ledger:
            assert ledger.empty
            ledger.accept(begun(ledger), [event(1)])
            assert ledger.about() == dict(zip(("address", "space"), name, strict=True))
    assert sorted((one.address, one.space) for one in home.all()) == sorted(names)
    with home.open(*names[0]) as ledger:
        assert {one.space for one in ledger.neighbours()} == {"a.b", "a b", "a_b"}
        for one in ledger.neighbours():
            with one.look() as other:
                assert (other.place, set(other.find([key(1)]))) == (one.place, {key(1)})


def test_a_space_is_held_by_one(home: Ledgers) -> None:
    with home.lock(*DEFAULT), home.lock(ADDRESS, "other"):
        again = home.lock(*DEFAULT)
        with pytest.raises(SpaceHeld, match="space default: held by"):
            again.__enter__()
    with home.lock(*DEFAULT):
        pass


# Keys


def test_what_was_accepted_is_found_and_nothing_else(ledger: Ledger) -> None:
    assert ledger.empty and ledger.period == ("", "")
    first = begun(ledger)
    ledger.accept(first, [event(1), event(2, None)])
    assert ledger.find([key(1), key(2), key(3), "PURCHASE:1"]) == {
        key(n): Known(key(n), key(n), first, AT, amount, ANN) for n, amount in ((1, "9.50"), (2, None))
    }
    assert not ledger.empty and ledger.totals() == (2, 0)


def test_what_is_accepted_is_there_for_others_when_accept_returns(home: Ledgers, ledger: Ledger) -> None:
    assert ledger.last_accepted == 0
    ledger.accept(begun(ledger), [event(1)])
    with home.look(*DEFAULT) as other:
        assert set(other.find([key(1)])) == {key(1)} and other.last_accepted > 0


def test_all_of_a_verb_is_entered_or_nothing(ledger: Ledger) -> None:
    def failing() -> Iterator[Rejected]:
        yield Rejected("7", "purchase", "refused", "refused", "x.csv", 9)
        raise RuntimeError

    run = begun(ledger)
    with pytest.raises(RuntimeError):
        ledger.finish(run, 3, {}, failing())
    assert next(ledger.runs()).finished is None and ledger.verdicts_of("7") == []


def test_a_run_does_not_find_its_own_keys(ledger: Ledger) -> None:
    first, second = begun(ledger), begun(ledger)
    ledger.accept(first, [event(1)])
    ledger.accept(second, [event(2)])
    assert set(ledger.find([key(1), key(2)], second)) == {key(1)}


_KEY = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=300)


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=30)
@given(keys=st.lists(_KEY, unique=True, max_size=30))
def test_any_text_is_a_key(kind: str, keys: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder, KINDS[kind](Path(folder)).open(*DEFAULT) as ledger:
        ledger.accept(begun(ledger), [Accepted(one, AT, None, b"") for one in keys])
        assert set(ledger.find(keys)) == set(keys)
        assert [one.key for _, one in ledger.all_accepted()] == sorted(keys)


_STEPS = st.lists(st.tuples(st.sampled_from(["accept", "delete", "see"]), st.sets(st.integers(0, 4))), max_size=12)


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=20)
@given(steps=_STEPS)
def test_a_key_is_its_first_run_s_until_it_is_deleted_and_sent_again(
    kind: str, steps: list[tuple[str, set[int]]]
) -> None:
    """Each step is a run of its own."""
    owner: dict[str, int] = {}
    deleted: set[str] = set()
    undone: set[tuple[str, int]] = set()
    resent: set[tuple[str, int]] = set()
    seen: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as folder, KINDS[kind](Path(folder)).open(*DEFAULT) as ledger:
        for what, numbers in steps:
            run, keys = begun(ledger), [key(n) for n in sorted(numbers)]
            if what == "accept":
                again = {one for one in keys if one in owner and one not in deleted}
                assert ledger.accept(run, [event(n, str(run)) for n in sorted(numbers)]) == again
                resent |= {(one, run) for one in again}
                seen |= dict.fromkeys(again, run)
                for one in set(keys) - again:
                    owner[one] = run
                    seen.pop(one, None)
                deleted -= set(keys)
            elif what == "see":
                ledger.see(run, keys)
                seen |= {one: run for one in keys if one in owner}
            else:
                for one in set(keys) & owner.keys():
                    ledger.delete(owner[one], one, f"evt_{one}")
                    deleted.add(one)
                    undone.add((one, owner[one]))
        asked = [key(n) for n in range(5)]
        assert {one: known.run for one, known in ledger.find(asked).items()} == owner
        assert all(known.amount == str(known.run) for known in ledger.find(asked).values())
        assert ledger.deleted(asked) == deleted and ledger.totals() == (len(owner), len(deleted))
        assert [(one.key, run) for run, one in ledger.all_accepted()] == sorted(
            (one, run) for one, run in owner.items() if one not in deleted
        )
        assert {(one, past.run) for one, found in ledger.deletions(asked).items() for past in found} == undone
        assert sum(ledger.deleted_by_run().values()) == len(undone)
        assert {(one, run) for one in asked for run, _ in ledger.resent(one)} == resent
        assert {one.key: one.seen_run for n in range(5) for one in ledger.accepted_of(str(n))} == {
            one: seen.get(one) for one in owner
        }


_LIVES = st.lists(
    st.tuples(st.sampled_from(["attempt", "accept", "refused", "end"]), st.integers(0, 2), st.sets(st.integers(0, 4))),
    max_size=14,
)


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=20)
@given(steps=_LIVES)
def test_a_run_s_attempts_are_those_that_it_has_no_answer_for_whatever_others_have(
    kind: str, steps: list[tuple[str, int, set[int]]]
) -> None:
    with tempfile.TemporaryDirectory() as folder, KINDS[kind](Path(folder)).open(*DEFAULT) as ledger:
        runs = [begun(ledger) for _ in range(3)]
        expected: dict[int, set[str]] = {run: set() for run in runs}
        for what, which, numbers in steps:
            run, keys = runs[which], {key(n) for n in numbers}
            if what == "attempt":
                ledger.attempt(run, [event(n) for n in sorted(numbers)])
                expected[run] |= keys
            elif what == "end":
                ledger.finish(run, 0, {}, [], unknown=keys)
                expected[run] &= keys
            else:
                took = [event(n) for n in numbers] if what == "accept" else []
                ledger.accept(run, took, sorted(keys) if what == "refused" else ())
                expected[run] -= keys
            with KINDS["sqlite"](Path(folder)).look(*DEFAULT) if kind == "sqlite" else nullcontext(ledger) as other:
                assert other.attempts() == expected
                assert other.attempted() == {
                    key(n): {run: event(n)._replace(likenesses=()) for run in runs if key(n) in expected[run]}
                    for n in range(5)
                    if any(key(n) in keys for keys in expected.values())
                }


def test_what_an_undo_has_deleted_was_left_by_no_run_before(ledger: Ledger) -> None:
    first, second, third = (begun(ledger) for _ in range(3))
    ledger.attempt(first, [event(1), event(2)])
    ledger.accept(second, [event(1, "7.00")])
    ledger.delete(second, key(1), "evt_1")
    ledger.attempt(third, [event(1, "8.00")])
    left = {(one, run): made.amount for one, runs in unanswered(ledger).items() for run, made in runs}
    assert left == {(key(1), third): "8.00", (key(2), first): "9.50"}


@pytest.mark.parametrize("more", ["", " --resend"])
def test_what_a_host_that_was_cut_off_enters_late_is_known_but_where_it_was_to_be_sent_again(
    ledger: Ledger, more: str
) -> None:
    first, second = begun(ledger), ledger.begin(f"backfill upload x.csv{more}", "small", None, ["x.csv"])
    ledger.attempt(second, [event(1)])
    found = ledger.run(second)
    assert found and unsettled(ledger, found).events == 1
    ledger.accept(first, [event(1)])
    assert unsettled(ledger, found).events == (1 if more else 0)
    ledger.accept(begun(ledger), [event(1)])
    assert not unsettled(ledger, found)


def test_an_order_s_events_are_found_by_its_id_in_any_namespace_and_by_a_whole_key(ledger: Ledger) -> None:
    run = ledger.begin("backfill upload", "small", "eu", [])
    mine = [event(7), event(7)._replace(key="purchase@eu:7"), event(7, order_id="7")._replace(key="own-3")]
    ledger.accept(run, [*mine, event(8), event(77)])
    assert [one.key for one in ledger.accepted_of("7")] == sorted(one.key for one in mine)
    assert [one.key for one in ledger.accepted_of("own-3")] == ["own-3"]
    assert ledger.accepted_of("9") == []


# Likeness


def test_like_events_are_found_while_they_are_in_the_space(ledger: Ledger) -> None:
    first, second = begun(ledger), begun(ledger)
    ledger.accept(first, [event(1), event(2, "1")])
    like, other, unknown = (likenesses("purchase", AT, amount, ANN)[0] for amount in ("9.50", "1", "2"))
    assert ledger.period == (AT, AT)
    assert ledger.alike([like, unknown]) == {like}
    assert ledger.others({like, other}, {"purchase"}, {AT}, second) == {like: (key(1), first), other: (key(2), first)}
    assert ledger.others({like}, {"purchase"}, {AT}, first) == {}
    ledger.delete(first, key(1), "evt_1")
    assert ledger.others({like}, {name_in(key(1))}, {AT}, None) == {}


def test_the_seconds_of_minutes_are_known_but_the_first(ledger: Ledger) -> None:
    times = ["10:00:00", "10:00:13", "10:00:13", "10:00:59", "10:01:00", "10:02:07"]
    ledger.accept(begun(ledger), [event(n)._replace(time=f"2024-05-01T{time}Z") for n, time in enumerate(times)])
    found = ledger.seconds({f"2024-05-01T10:0{minute}" for minute in (0, 1, 3)})
    assert {minute: set(some.split(",")) for minute, some in found.items()} == {"2024-05-01T10:00": {"13", "59"}}


# Runs and verdicts


def test_runs_are_listed_the_latest_first(ledger: Ledger) -> None:
    assert list(ledger.runs()) == [] and ledger.run(1) is None
    odd = "/tmp/caf\udce9.csv"  # bytes that are no UTF-8
    runs = [ledger.begin(f"backfill upload {odd}", "small", "shop", [odd], f"keys {n}") for n in range(50)]
    ledger.finish(runs[7], 3, {"events": 1}, [Rejected("7", "purchase", "refused", "refused", odd, 9)])
    assert [one.number for one in ledger.runs()] == runs[::-1]
    found, open_one = ledger.run(runs[7]), ledger.run(runs[8])
    assert found and (found.exit_code, found.summary, found.files) == (3, {"events": 1}, [odd])
    assert (found.mapping, found.namespace) == ("small", "shop") and found.started <= (found.finished or "")
    assert open_one and (open_one.finished, open_one.exit_code, open_one.summary) == (None, None, {})
    assert [(one.verdict, one.row) for one in ledger.verdicts_of("7")] == [("refused", 9)]
    assert [one.order_id for one in ledger.verdicts_at(9)] == ["7"] and ledger.verdicts_at(8) == []
    assert ledger.failed(["7", None, "8"]) == {("purchase", "7"): "refused"}
    ledger.finish(runs[9], 3, {}, [Rejected("7", "purchase", "undelivered", "unknown_outcome", odd, 9)])
    assert ledger.failed(["7"]) == {("purchase", "7"): "undelivered"}
    ledger.finish(runs[10], 3, {}, [Rejected("7", "purchase", "refused", "refused", odd, 9)])
    assert ledger.failed(["7"]) == {("purchase", "7"): "refused"}


def rejected(*places: tuple[str | None, str, int], code: str = "missing_identity", text: str = "") -> list[Rejected]:
    return [Rejected(order, "purchase", "invalid", code, file, row, text) for order, file, row in places]


NIGHT = rejected(("7", "a.csv", 3), ("7", "a.csv", 4), ("8", "a.csv", 9), (None, "a.csv", 5), text="x,y\r\n")


@pytest.mark.parametrize(
    ("then", "more", "of_order_7"),
    [
        (NIGHT, 0, [(3, 1, 2), (4, 1, 2)]),
        (NIGHT[:1], 0, [(3, 1, 2), (4, 1, 1)]),
        (rejected(("7", "b.csv", 13), ("7", "b.csv", 14), ("8", "b.csv", 19)), 0, [(13, 1, 2), (14, 1, 2)]),
        (rejected(("7", "a.csv", 4), ("7", "a.csv", 3), ("7", "a.csv", 5)), 1, [(3, 1, 2), (4, 1, 2), (5, 2, 2)]),
        (rejected(("7", "a.csv", 3), code="invalid_email"), 1, [(3, 1, 1), (4, 1, 1), (3, 2, 2)]),
        (rejected((None, "a-2.csv", 6), text="x,y"), 0, [(3, 1, 1), (4, 1, 1)]),
        (rejected((None, "a.csv", 5), (None, "a.csv", 6), text="x,y"), 1, [(3, 1, 1), (4, 1, 1)]),
        (rejected((None, "a.csv", 5), text="x,z"), 1, [(3, 1, 1), (4, 1, 1)]),
    ],
)
def test_a_verdict_of_the_night_before_is_no_new_entry(
    ledger: Ledger, then: list[Rejected], more: int, of_order_7: list[tuple[int, int, int]]
) -> None:
    for night in (NIGHT, then):
        ledger.finish(begun(ledger), 3, {}, night)
    assert [(one.row, one.run, one.last_run) for one in ledger.verdicts_of("7")] == of_order_7
    assert sum(len(ledger.verdicts_at(row)) for row in range(20)) == len(NIGHT) + more
    assert ledger.met("7", 1) and not ledger.met("7", 3)


# Mappings


def test_the_last_files_of_a_name_are_kept_and_the_columns_of_the_last(ledger: Ledger) -> None:
    for night in range(1, 31):
        ledger.begin("backfill upload", "small", None, [], inputs=[Input("a.csv", night, ("id", str(night)))])
    found = ledger.inputs("small", "a.csv", 99)
    assert [one.rows for one in found] == list(range(30, 10, -1))
    assert [one.header for one in found[:2]] == [("id", "30"), ()]
    assert ledger.inputs("other", "a.csv", 99) == ledger.inputs("small", "b.csv", 99) == []


def test_the_last_way_in_which_a_mapping_makes_keys_is_kept(ledger: Ledger) -> None:
    assert ledger.recipe("small") is None and ledger.last_keys("small") is None
    for recipe in "ab":
        run = ledger.begin("backfill upload", "small", "eu", [], f"keys {recipe}")
        ledger.keep_recipe("small", recipe)
        ledger.accept(run, [event(run)])
    assert (ledger.recipe("small"), ledger.recipe("other")) == ("b", None)
    assert ledger.last_keys("small") == (run, "keys b", "eu")
    assert (ledger.sent_with("small"), ledger.sent_with("other")) == (2, 0)
    ledger.delete(run, event(run).key, "evt_1")
    assert ledger.sent_with("small") == 1


# API keys


def bound(home: Ledgers, space: str, api_key: str, rotated: bool = False, accepts: bool = True) -> None:
    with home.open(ADDRESS, space) as ledger:
        ledger.refuse_key(space, fingerprint_of(api_key), rotated)
        if accepts:
            ledger.bind(fingerprint_of(api_key))
            ledger.accept(begun(ledger), [event(1)])


def test_a_space_stays_with_its_key(home: Ledgers) -> None:
    bound(home, "acme", "one")
    bound(home, "acme", "one")
    with pytest.raises(UsageError, match=r"another API key.*--key-rotated"):
        bound(home, "acme", "two")
    bound(home, "acme", "two", rotated=True)
    bound(home, "acme", "two")
    with pytest.raises(UsageError, match="another API key"):
        bound(home, "acme", "one")


def test_a_key_that_the_api_took_nothing_with_binds_nothing(home: Ledgers) -> None:
    bound(home, "acme", "mistyped", accepts=False)
    with home.open(ADDRESS, "old") as ledger:
        ledger.bind(fingerprint_of("mistyped"))  # as an earlier release did before it sent anything
    bound(home, "old", "one")
    bound(home, "acme", "mistyped")


def test_a_key_stays_with_its_space(home: Ledgers) -> None:
    bound(home, "acme", "one")
    for rotated in (False, True):
        with pytest.raises(UsageError, match="known here as that of space acme"):
            bound(home, "default", "one", rotated)
    bound(home, "default", "two")
