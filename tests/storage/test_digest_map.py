"""What was seen before: the same answers as a dict gives, in portions of any size."""

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backfill.storage.digest_map import CONFLICT, MOST, DigestMap, Match, _sorting
from backfill.storage.digests import value_of

ENTRIES = st.lists(st.lists(st.tuples(st.sampled_from("abcdefghijklmnopqrstuvwxyz"), st.integers(1, 3)), max_size=9))


def column(texts: list[str]) -> pa.StringArray:
    return pa.array(texts, pa.string())


def values(numbers: list[int]) -> np.ndarray:
    return np.array(numbers, np.uint64)


@given(ENTRIES, st.sampled_from(["mark", "first", "last"]), st.sampled_from([0, 3, MOST]))
def test_it_answers_as_a_dict_does(portions: list[list[tuple[str, int]]], kept: str, most: int) -> None:
    seen = DigestMap(most)
    known: dict[str, int] = {}
    noted = []
    for portion in portions:
        texts, numbers = [text for text, _ in portion], [number for _, number in portion]
        found = seen.add(column(texts), values(numbers), last=kept == "last", mark=kept == "mark")
        expected, before = [], dict(known)
        for text, number in portion:
            first = text not in known
            known.setdefault(text, number)
            reference = before.setdefault(text, number)
            expected.append(Match.NEW if first else Match.SAME if reference == number else Match.OTHER)
            if reference != number and kept == "mark":
                known[text] = int(CONFLICT)
            elif kept == "last":
                known[text] = number
        assert found.tolist() == expected
        noted += portion
    assert len(seen) == len(known)
    assert seen.conflicts == (int(CONFLICT) in known.values())
    asked = [*known, "?", "??"]
    assert seen.holds(column(asked)).tolist() == [text in known for text in asked]
    assert seen.conflicting(column(asked)).tolist() == [known.get(text) == int(CONFLICT) for text in asked]
    for _ in range(2):
        claimed: set[str] = set()
        texts = [text for text, _ in noted] + ["?"]
        found = seen.take(column(texts), values([number for _, number in noted] + [1]))
        for met, text, number in zip(found.tolist(), texts, [number for _, number in noted] + [1], strict=True):
            if text == "?":
                assert met == Match.UNKNOWN
            elif known[text] == int(CONFLICT):
                assert met == Match.CONFLICT
            elif known[text] != number:
                assert met == Match.OTHER
            else:
                assert met == (Match.SAME if text in claimed else Match.NEW)
                claimed.add(text)
        seen.release()


def test_many_runs_stay_few_and_small() -> None:
    seen = DigestMap()
    for start in range(0, 60_000, 300):
        texts = column([f"key {n}" for n in range(start, start + 300)])
        assert (seen.add(texts, value_of(texts)) == Match.NEW).all()
    assert len(seen) == 60_000 and len(seen._runs) < 12
    texts = column([f"key {n}" for n in range(0, 60_000, 7)])
    assert (seen.add(texts, value_of(texts)) == Match.SAME).all()
    assert (seen.take(texts, value_of(texts)) == Match.NEW).all()
    assert (seen.take(texts, value_of(texts)) == Match.SAME).all()
    assert sum(len(run.rows) * 24 + run.leads.nbytes + run.claimed.nbytes for run in seen._runs) == 29 * 60_000


def test_what_does_not_fit_in_memory_is_in_a_file_and_answers_the_same() -> None:
    seen = DigestMap(most=1000)
    for start in range(0, 30_000, 300):
        texts = column([f"key {n}" for n in range(start, start + 300)])
        assert (seen.add(texts, value_of(texts)) == Match.NEW).all()
    assert len(seen) == 30_000
    assert sum(run.rows.nbytes for run in seen._runs if isinstance(run.rows, np.ndarray)) <= 1000 * 24
    texts = column([f"key {n}" for n in range(0, 40_000, 7)])
    there = np.arange(0, 40_000, 7) < 30_000
    assert (seen.holds(texts) == there).all()
    assert (seen.take(texts, value_of(texts)) == np.where(there, Match.NEW, Match.UNKNOWN)).all()
    assert (seen.add(texts[:10], value_of(texts[:10]) + np.uint64(1)) == Match.OTHER).all()
    assert seen.conflicting(texts).nonzero()[0].tolist() == list(range(10))


def test_a_file_that_cannot_grow_is_reported() -> None:
    program = (
        "import numpy as np, pyarrow as pa; from backfill.storage.digest_map import DigestMap;"
        " texts = pa.array([str(n) for n in range(999)]); DigestMap(most=0).add(texts, np.ones(999, np.uint64))"
    )
    ran = subprocess.run(
        ["sh", "-c", f"ulimit -f 8; exec {sys.executable} -B -c '{program}'"],
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert "StateError: " in ran.stderr
    assert "a temporary file can't be written (File too large); make room" in ran.stderr


@pytest.mark.parametrize("most", [0, MOST])
def test_digests_that_share_their_leading_bits_are_distinguished(most: int) -> None:
    halves = [(7 << 32, 1), (7 << 32, 2), (7 << 32, 3), ((7 << 32) + 1, 1), ((7 << 32) + 5, 9), (8 << 32, 1)]
    seen = DigestMap(most)
    seen._add(np.array([(*half, at + 1) for at, half in enumerate(halves)], np.uint64))
    asked = [*halves, (7 << 32, 4), ((7 << 32) + 2, 1), (9 << 32, 1), (6 << 32, 1)]
    run, place = seen._locate(values([high for high, _ in asked]), values([low for _, low in asked]))
    assert place.tolist() == [0, 1, 2, 3, 4, 5, -1, -1, -1, -1]
    assert run.tolist() == [0] * 6 + [-1] * 4


@given(st.sets(st.integers(0, 30)), st.sets(st.integers(31, 60)), st.sampled_from([0, 3, MOST]))
def test_both_together(one: set[int], other: set[int], most: int) -> None:
    sides = []
    for numbers in (one, other):
        side = DigestMap(most)
        side.add(column([str(n) for n in numbers]), values([n + 1 for n in numbers]))
        sides.append(side)
    both = sides[0].with_all(sides[1])
    texts = column([str(n) for n in range(61)])
    assert both.holds(texts).tolist() == [n in one | other for n in range(61)]
    assert both.take(texts, values(list(range(1, 62)))).tolist() == [
        Match.NEW if n in one | other else Match.UNKNOWN for n in range(61)
    ]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3))))
def test_digests_that_share_a_half_are_sorted_by_the_other_and_equal_ones_keep_their_order(
    halves: list[tuple[int, int]],
) -> None:
    high, low = values([one for one, _ in halves]), values([other for _, other in halves])
    assert _sorting(high, low).tolist() == sorted(range(len(halves)), key=halves.__getitem__)


@given(ENTRIES, st.randoms(), st.booleans(), st.sampled_from([0, 3, MOST]))
def test_the_best_rank_leads(portions: list[list[tuple[str, int]]], shuffle: object, last: bool, most: int) -> None:
    ranks = list(range(1, 1 + sum(map(len, portions))))
    shuffle.shuffle(ranks)  # type: ignore[attr-defined]
    seen, best = DigestMap(most), max if last else min
    known: dict[str, int] = {}
    for portion in portions:
        own = [ranks.pop() for _ in portion]
        found = seen.lead(column([text for text, _ in portion]), values(own), last=last)
        for (text, _), rank in zip(portion, own, strict=True):
            known[text] = best(known.get(text, rank), rank)
        assert found.tolist() == [known[text] == rank for (text, _), rank in zip(portion, own, strict=True)]
    assert seen.values(column([*known, "?"])).tolist() == [*known.values(), 0]
