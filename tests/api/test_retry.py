import time
from email.utils import formatdate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backfill.api.retry import ATTEMPTS, LONGEST_PAUSE, Meaning, meaning, pause_before, retry_after

DATE = "Mon, 01 Jan 2024 00:00:00 GMT"


@pytest.mark.parametrize(
    ("statuses", "json_object", "expected"),
    [
        ([202], False, Meaning.ACCEPTED),
        ([200, 201, 203, 204, 206, 299], True, Meaning.ACCEPTED),
        ([200, 201, 203, 204, 206, 299], False, Meaning.WRONG_ADDRESS),
        ([300, 301, 302, 303, 304, 307, 308, 399, 404, 405, 407], True, Meaning.WRONG_ADDRESS),
        ([100, 199], False, Meaning.WRONG_ADDRESS),
        ([401, 403], True, Meaning.NOT_ALLOWED),
        ([408, 425, 500, 501, 502, 503, 504, 520, 529, 599, 999], True, Meaning.AGAIN),
        ([429], True, Meaning.SLOW_DOWN),
        (
            [400, 402, 406, 409, 410, 411, 413, 414, 415, 418, 421, 422, 423, 424, 426, 428, 431, 451],
            True,
            Meaning.REFUSED,
        ),
    ],
)
def test_a_status_means(statuses: list[int], json_object: bool, expected: Meaning) -> None:
    assert {meaning(status, json_object) for status in statuses} == {expected}


@settings(deadline=None)
@given(st.integers(100, 999), st.booleans())
def test_nothing_but_a_2xx_is_accepted_and_no_error_of_the_server_is_refused(status: int, json_object: bool) -> None:
    found = meaning(status, json_object)
    assert found is not Meaning.ACCEPTED or 200 <= status < 300
    assert found is not Meaning.REFUSED or 400 <= status < 500


@pytest.mark.parametrize(
    ("attempt", "ceiling"), [(2, 0.5), (3, 1), (4, 2), (5, 4), (6, 8), (7, 16), (8, 30), (9, 30), (10_000, 30)]
)
def test_a_pause_has_full_jitter_under_its_ceiling(attempt: int, ceiling: float) -> None:
    pauses = [pause_before(attempt) for _ in range(400)]
    assert 0 <= min(pauses) < ceiling * 0.1
    assert ceiling * 0.9 < max(pauses) <= ceiling <= LONGEST_PAUSE


def test_eight_attempts() -> None:
    assert ATTEMPTS == 8


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", 0),
        (" 7 ", 7),
        ("3600", 3600),
        ("Mon, 01 Jan 2024 00:01:30 GMT", 90),
        ("Mon, 01 Jan 2024 01:01:30 +0100", 90),
        ("Monday, 01-Jan-24 00:01:30 GMT", 90),
        ("Sun, 31 Dec 2023 23:59:00 GMT", 0),
        ("9" * 4000, 10**9),
        (None, None),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("٣", None),
        ("Mon, 99 Jan 2024 00:00:00 GMT", None),
        ("Mon, 01 Jan 99999 00:00:00 GMT", None),
        ("Mon, 01 Jan 2024 00:00:00 +99999999999999999999", None),
        ("1 Jan 99999999999999999999 0:0:0 GMT", None),
    ],
)
def test_retry_after_in_either_form(value: str | None, expected: float | None) -> None:
    assert retry_after(value, DATE) == expected


def test_a_date_is_measured_from_our_clock_where_the_server_sends_none() -> None:
    until = int(time.time()) + 100
    found = retry_after(formatdate(until, usegmt=True), None)
    assert found is not None
    assert until - time.time() <= found <= 100


@settings(deadline=None)
@given(st.text(), st.none() | st.text())
def test_whatever_a_server_writes_is_a_pause_or_none(value: str, date: str | None) -> None:
    found = retry_after(value, date)
    assert found is None or found >= 0
