"""Value tables: a column's values with their rows and their money, so that a person decides once what they mean."""

from collections.abc import Callable
from decimal import Decimal

from backfill.commands.init.evidence import decimal_of, frequencies
from backfill.commands.init.sample import Column
from backfill.counts import grouped, plus
from backfill.fields import Locale, parse_number
from backfill.mapping.yaml_text import shown

Says = Callable[[str], bool | None]  # whether a row with this value counts; None where that is not known
_WORD = {True: "counts", False: "does not count", None: "unknown"}


def value_table(column: Column, money: Column | None, says: Says | None = None) -> list[str]:
    """A line for each value: its rows, the sum of their amounts where rows have one, and what it means."""
    sums = _sums(column, money)
    blanks = len(column.cells) - len(column.filled)
    states = [*frequencies(column), *([("", blanks)] if blanks else [])]
    names = {text: shown(text) if text else "(empty)" for text, _ in states}
    width = max(map(len, names.values()), default=0)
    lines = [f"{shown(column.name)}, each value with its rows{' and their money' if sums else ''}:"]
    for text, count in states:
        amount = f" {grouped(sums[text]):>14}" if sums else ""
        word = f"  {_WORD[says(text)]}" if says and text else ""
        lines.append(f"  {names[text]:<{width}} {count:>7,}{amount}{word}")
    return lines


def _sums(column: Column, money: Column | None) -> dict[str, Decimal]:
    if money is None:
        return {}
    sums: dict[str, Decimal] = {}
    for text, number in zip(column.cells.tolist(), numbers(money), strict=True):
        sums[text] = plus(sums.get(text, Decimal()), number)
    return sums


def numbers(column: Column) -> list[Decimal]:
    """The column's amounts, a cell that is none as zero."""
    locale = Locale(0, decimal="," if decimal_of([column]) == {","} else None)
    return [parse_number(text, locale) or Decimal() for text in column.cells.tolist()]
