"""Amounts as the shop writes them: 1,234.50, or 1.234,50 where its decimal mark is a comma."""

from collections.abc import Callable
from decimal import Decimal

from backfill.counts import grouped, priced

Write = Callable[[Decimal, str], str]  # an amount and its currency
_SWAPPED = str.maketrans(",.", ".,")


def written(comma: bool) -> Write:
    """How sums are written with their currency, where one is known."""
    return _with_comma if comma else priced


def _with_comma(amount: Decimal, currency: str) -> str:
    return priced(amount, currency).replace(grouped(amount), grouped(amount).translate(_SWAPPED))
