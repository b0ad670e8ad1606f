"""The rules of trying again, pure: what a status means, how long to wait, and whether to go on."""

import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum

ATTEMPTS = 8
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
FAILURES_TO_PAUSE = 20  # in a row, with nothing accepted: the API is down, not this event

_AGAIN = {408, 425}
_WRONG_ADDRESS = {404, 405, 407}


class Meaning(Enum):
    """What an answer says of the event."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    AGAIN = "again"
    SLOW_DOWN = "slow down"
    NOT_ALLOWED = "not allowed"
    WRONG_ADDRESS = "wrong address"


def meaning(status: int, json_object: bool) -> Meaning:
    """What a status means. 202 is accepted whatever its body; another 2xx only with a JSON object."""
    if status == 202 or (200 <= status < 300 and json_object):
        return Meaning.ACCEPTED
    if status == 429:
        return Meaning.SLOW_DOWN
    if status in (401, 403):
        return Meaning.NOT_ALLOWED
    if status >= 500 or status in _AGAIN:
        return Meaning.AGAIN
    if status < 400 or status in _WRONG_ADDRESS:
        return Meaning.WRONG_ADDRESS
    return Meaning.REFUSED


def pause_before(attempt: int, first: float = FIRST_PAUSE, longest: float = LONGEST_PAUSE) -> float:
    """Seconds before attempt 2, 3, ...: full jitter under a ceiling that doubles from 0.5 s to 30 s."""
    ceiling = min(longest, first * 2 ** min(attempt - 2, 16))
    return random.uniform(0, ceiling)  # noqa: S311 (spreads load, guards nothing)


def retry_after(value: str | None, date: str | None) -> float | None:
    """Seconds that a Retry-After header asks for, in either form (RFC 9110, 10.2.3), or None.

    A date is measured from the server's own Date, so that its clock need not agree with ours.
    """
    if not value:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:12]), 10**9))
    until, now = _instant(text), _instant(date or "") or datetime.now(UTC)
    return max(0.0, (until - now).total_seconds()) if until else None


def _instant(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
