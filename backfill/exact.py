"""Exact sums: money is worked out whole, however many digits it has and whatever thread does it.

decimal rounds what it works out to 28 digits, by a context that each thread has its own of; so every sum says here
that it is to be exact. Reading, comparing and writing never round.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from decimal import Context, Decimal, localcontext

_WHOLE = Context(prec=1000)  # an amount has 30 digits, its factor 40, and a sum a few more than both
_CENT = Decimal("0.01")


def exactly() -> AbstractContextManager[Context]:
    """Within, all that this thread works out is exact."""
    return localcontext(_WHOLE)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Add amounts up."""
    with exactly():
        return sum(amounts, Decimal())


def plus(one: Decimal, other: Decimal) -> Decimal:
    return _WHOLE.add(one, other)


def minus(one: Decimal, other: Decimal) -> Decimal:
    return _WHOLE.subtract(one, other)


def to_cents(amount: Decimal) -> Decimal:
    """An amount with two decimals."""
    return _WHOLE.quantize(amount, _CENT)
