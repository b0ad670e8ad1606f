"""Patterns: one whose search has no end is named within seconds; the others find what Python finds."""

import re
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pytest
from checking import HEADER, MAPPING, Desk, orders, write
from hypothesis import given, settings
from hypothesis import strategies as st

from backfill import BackfillError, check
from backfill.convert.patterns import extracted, matching, meeting

T = TypeVar("T")

ENDLESS = "(?:[a-z]+)+[0-9]$"
LONG = "abcdefghijklmnopqrstuvwxyzabcdefgh"
ROW = f"7,{LONG}@example.com,1.00,2024-05-03T10:00:00Z\n"


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def in_a_thread(act: Callable[[], T]) -> T:
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(act).result()


@given(st.lists(st.text(st.characters(codec=None)), max_size=20), st.sampled_from(["[a-z0-9]+(é?)", "(.)$", "x*"]))
@settings(max_examples=30)
def test_a_search_finds_what_python_finds_in_any_thread(texts: list[str], written: str) -> None:
    pattern = re.compile(written)
    found = [pattern.search(text) for text in texts]

    def search() -> tuple[list[bool], list[str]]:
        with meeting():
            groups = extracted(pattern, 1, texts) if pattern.groups else []
            return matching(pattern, 1, texts), groups

    before = signal.getsignal(signal.SIGVTALRM)
    expected = [one is not None for one in found], [(one and one[1]) or "" for one in found if pattern.groups]
    assert search() == in_a_thread(search) == expected
    assert signal.getsignal(signal.SIGVTALRM) == before
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0, 0)


@pytest.mark.parametrize(
    ("mapping", "line"),
    [
        (MAPPING.replace("events:", f"where: {{email: {{not: x, matches: '{ENDLESS}'}}}}\nevents:"), 4),
        (
            MAPPING.replace("    fields: {order_id: id, email: email, amount: total, event_time: at}\n", "")
            + f"""    fields:
      order_id: id
      email: email
      event_time: at
      amount: total
      phone:
        template: "x {{email}}"
        extract: '^x ({ENDLESS})'
""",
            13,
        ),
    ],
)
def test_a_search_without_end_is_named(desk: Desk, mapping: str, line: int) -> None:
    found = desk.check(HEADER + orders(*range(1, 7), header="") + ROW, mapping)
    assert found.code == 2
    assert f"mapping.yaml:{line}: the pattern" in found.said and ENDLESS in found.said
    assert LONG not in found.said
    assert ("row 7 of" if line == 4 else "a row from 1 of") in found.said


def test_a_search_without_end_is_named_in_a_thread_and_in_a_row_that_counts_for_nothing(tmp_path: Path) -> None:
    left_out = MAPPING.replace("events:", "where: {id: {not: ['7']}}\nevents:")
    left_out = left_out.replace("amount: total", f"amount: {{column: email, extract: '({ENDLESS})'}}")
    files = write(tmp_path, {"orders.csv": HEADER + ROW, "mapping.yaml": left_out})
    with pytest.raises(BackfillError, match=r"mapping.yaml:7: the pattern .* comes to no end in row 1 of"):
        in_a_thread(lambda: check(files[0], files[1]))
