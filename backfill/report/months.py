"""Months: a table of events and money by month, of the file, the ledger and the Space."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

_SIDES = ("file", "ledger", "space", "other")
_WIDTH = 80


def months_table(months: list[dict[str, Any]]) -> Iterator[str]:
    """Events and below them amounts, of the four sides, as wide as a terminal; where they are wider, a side a line."""
    if not months:
        return
    cells = [[[f"{one[s]:,}" for s in _SIDES], [f"{Decimal(one[f'{s}_amount']):,}" for s in _SIDES]] for one in months]
    widths = [max(len(side), *(len(line[at]) for pair in cells for line in pair)) for at, side in enumerate(_SIDES)]
    named = max(5, *(len(one["event_name"]) for one in months))
    wide = 2 + 7 + 2 + named + sum(2 + width for width in widths) > _WIDTH
    if not wide:
        yield f"  month    {'event':<{named}}" + _row(_SIDES, widths)
    for one, (events, amounts) in zip(months, cells, strict=True):
        head = f"  {one['month']}  {one['event_name']:<{named}}"
        if wide:
            yield head
            width = max(map(len, events))
            yield from (f"    {s:<6}  {n:>{width}}  {sum_}" for s, n, sum_ in zip(_SIDES, events, amounts, strict=True))
        else:
            yield head + _row(events, widths)
            yield " " * len(head) + _row(amounts, widths)


def _row(cells: Sequence[str], widths: list[int]) -> str:
    return "".join(f"  {cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
