"""Given back: the rows whose money went out, is below zero, or was given back whole, which are no sales."""

from backfill.commands.init.choice import Choice, named
from backfill.commands.init.clauses import Conditions, entry
from backfill.commands.init.sample import Column, Sample
from backfill.commands.init.signs import is_flag
from backfill.commands.init.value_tables import numbers
from backfill.errors import counted
from backfill.mapping.model import NOT_BELOW_ZERO
from backfill.mapping.yaml_text import scalar, shown

_NOTHING = "^[^1-9]*$"  # an empty cell, or a zero
_NOT_BELOW = f"{{matches: '{NOT_BELOW_ZERO}'}}"


def losses(made: Conditions, amount: Choice) -> None:
    """Leave out what is below zero: money that went back, or out.

    An order without an amount is not below zero: it is to be mended, where `at_least` would leave it out.
    """
    for column in amount.columns[:1]:
        below = sum(number < 0 for number in numbers(column))
        if below and column not in made.columns:
            made.say(f"sure: {below:,} of {counted(len(column.filled), 'amount')} below zero, and no sale is")
            made.add(column, "{at_least: 0}" if all(column.cells) else _NOT_BELOW)


def spent(made: Conditions, sample: Sample, amount: Choice) -> None:
    """Leave out the rows whose money is in a column of its own, of what was given or went out."""
    for column in named("outgoing", sample):
        for income in amount.columns[:1]:
            gone, came = ([number != 0 for number in numbers(one)] for one in (column, income))
            out = [there and not other for there, other in zip(gone, came, strict=True)]
            if any(out) and sum(out) == sum(gone) and column not in made.columns:
                made.say(f"sure: {sum(out):,} of {counted(len(out), 'row')} have money that went out instead")
                blank, zeros = not all(column.cells), sum(gone) < len(column.filled)
                made.add(column, "empty" if not zeros else f"{{matches: '{_NOTHING}'}}" if blank else "{at_most: 0}")


def may_be_spent(made: Conditions, sample: Sample, amount: Choice) -> None:
    """Where it is open what was paid, show how many rows have money in a column of what went out."""
    for column in named("outgoing", sample) if not amount.columns else ():
        out = sum(number != 0 for number in numbers(column))
        if out:
            made.say(f"{shown(column.name)} has money that went out in {out:,} of {counted(len(column.cells), 'row')};")
            made.say("where such a row is no sale, leave it out:")
            made.say(entry(column, "empty" if not all(column.cells) else "{at_most: 0}"))


def refunds(made: Conditions, sample: Sample, amount: Choice) -> None:
    """Leave out what was given back whole, where a column has what was given back."""
    for column in given_back(sample):
        for paid in amount.columns[:1]:
            pairs = zip(numbers(column), numbers(paid), strict=True)
            whole = sum(back >= price > 0 for back, price in pairs)
            if whole and column not in made.columns and column is not paid:
                made.say(f"sure: {whole:,} of {counted(len(column.cells), 'row')} given back whole, and so no sale")
                made.add(column, f"{{not_all_of: {scalar(paid.name)}}}")


def given_back(sample: Sample) -> list[Column]:
    """The columns of the sums that were given back."""
    found = named("refund", sample)
    return [column for column in found if not is_flag(column) and any(number > 0 for number in numbers(column))]
