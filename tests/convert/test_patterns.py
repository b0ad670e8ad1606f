"""Patterns: one whose search has no end is named within seconds; the others find what Python finds."""

import re
import signal
import threading
from pathlib import Path

import pytest
from checking import HEADER, MAPPING, Desk, orders
from hypothesis import given, settings
from hypothesis import strategies as st

from backfill.convert.patterns import watched

ENDLESS = "(?:[a-z]+)+[0-9]$"
LONG = "abcdefghijklmnopqrstuvwxyzabcdefgh"
ROW = f"7,{LONG}@example.com,1.00,2024-05-03T10:00:00Z\n"


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


@given(st.lists(st.text(), max_size=20))
@settings(max_examples=30)
def test_a_watched_search_finds_what_python_finds(texts: list[str]) -> None:
    pattern = re.compile("[a-z0-9]+")
    before = signal.getsignal(signal.SIGVTALRM)
    with watched(pattern, 1, texts) as rest:
        assert [pattern.search(text) is None for text in rest] == [pattern.search(text) is None for text in texts]
    assert signal.getsignal(signal.SIGVTALRM) == before
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0, 0)


def test_another_thread_is_not_watched() -> None:
    found: list[str] = []

    def search() -> None:
        with watched(re.compile("a"), 1, ["a", "b"]) as rest:
            found.extend(rest)

    thread = threading.Thread(target=search)
    thread.start()
    thread.join()
    assert found == ["a", "b"]


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
