"""How what the rows of an example gave differs from what they must give, line by line."""

from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from itertools import zip_longest
from typing import Any

Sent = dict[str, Any]


def event_lines(expected: Sequence[dict[str, str | None]], events: Sequence[Sent]) -> Iterator[str]:
    """A block of lines for each event that is another than expected, missing or too many."""
    for number, (wanted, sent) in enumerate(zip_longest(expected, events), 1):
        if sent is None:
            yield f"  event {number}"
            yield from (f"    - {name}: {_shown(value)}" for name, value in wanted.items())
        elif wanted is None:
            yield f"  event {number}"
            yield from (f"    + {name}: {_shown(value)}" for name, value in sent.items())
        elif any(not same(value, sent.get(name)) for name, value in wanted.items()):
            yield f"  event {number}"
            yield from _compared(wanted, sent)


def code_lines(expected: Sequence[str], codes: Sequence[str], reasons: Sequence[str]) -> Iterator[str]:
    """The codes that were expected, and those that came with their reasons."""
    if sorted(expected) != sorted(codes):
        yield "  codes"
        yield f"    - {', '.join(sorted(expected)) or 'none'}"
        yield f"    + {', '.join(sorted(codes)) or 'none'}"
        yield from (f"      {reason}" for reason in reasons)


def same(expected: str | None, sent: Any) -> bool:
    """Whether a field is sent as expected; numbers are compared by value."""
    if expected is None or sent is None:
        return expected is sent
    if isinstance(sent, bool):
        return expected.lower() == str(sent).lower()
    if isinstance(sent, int | Decimal):
        try:
            return Decimal(expected) == sent
        except InvalidOperation:
            return False
    return expected == str(sent)


def _compared(expected: dict[str, str | None], sent: Sent) -> Iterator[str]:
    for name, value in expected.items():
        if same(value, sent.get(name)):
            yield f"      {name}: {_shown(value)}"
        else:
            yield f"    - {name}: {_shown(value)}"
            yield f"    + {name}: {_shown(sent.get(name))}"


def _shown(value: Any) -> str:
    if value is None:
        return "(none)"
    return str(value).lower() if isinstance(value, bool) else str(value)
