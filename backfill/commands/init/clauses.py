"""Clauses: the lines of a `where`, each a column's condition with what it says of its rows, and what is asked."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from backfill.commands.init.evidence import FEW_BLANKS, frequencies
from backfill.commands.init.sample import Column, Flags
from backfill.commands.init.signs import FLAGS, texts_in
from backfill.commands.init.value_tables import Says, numbers, value_table
from backfill.mapping.draft import Question
from backfill.mapping.model import BLANK
from backfill.mapping.yaml_text import scalar, several, shown


@dataclass(slots=True)
class Conditions:
    """Lines of a `where`; `asks` says what they wait for, `columns` what they read.

    `money` is the column whose sums are shown with the counts of each value, where a row has an amount of its own.
    """

    money: Column | None = None
    sure: bool = True  # what a row is
    rival: bool = False  # where that is open: whether it may be what needs no payment
    priced: bool = True  # whether `money` is what was paid, and no guess
    lines: list[str] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    tried: bool = False  # whether one leaves out what the platform made itself
    taken: list[tuple[Column, list[str]]] = field(default_factory=list)  # the texts that alone count
    present: list[Column] = field(default_factory=list)  # of these, those that must be filled
    unsold: Flags | None = None  # the rows that are no sales by what their kind says, which is in force further down
    asks: list[str] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    def say(self, comment: str) -> None:
        self.lines.append(f"# {comment}")

    def table(self, column: Column, says: Says | None = None) -> None:
        for line in value_table(column, self.money, says):
            self.say(line)

    def add(self, column: Column, test: str) -> None:
        self.lines.append(entry(column, test))
        self.columns.append(column)

    def take(self, column: Column, good: Sequence[str]) -> None:
        """Take the rows with one of these texts."""
        self.add(column, several(good))
        self.taken.append((column, [*good]))

    def left(self, column: Column, states: bool = False) -> Column:
        """The column's texts in the rows that have what must be there, such as an address, or a status that counts.

        Of `states` alone: a status that is there for each order is not for a row of totals.
        """
        there = np.ones(len(column.cells), dtype=bool)
        for other in () if states else self.present:
            there &= other.cells != ""
        for other, good in self.taken:
            there &= np.isin(other.cells, good)
        return Column(column.name, column.cells[there])

    def decide(self, column: Column, says: Says, what: str) -> None:
        """Take the values that are known to count, where each that matters is known to count or not to."""
        known = [text for text, _ in frequencies(column)]
        good = [text for text in known if says(text)]
        open_yet = {text for text in known if says(text) is None} - self._needless(column)
        self.table(column, says)
        if good and (self.sure or not self.rival) and not open_yet:
            self.say("sure: each of them is known; what is not named here gives no event")
            self.take(column, good)
            return
        if good:
            self.say(f"{entry(column, several(good))}     # likely: those that are known to {what}")
        self.ask(column, what, says)

    def _needless(self, column: Column) -> set[str]:
        """The column's texts that no row is left with, or whose money went back, or out, in each of its rows."""
        gone = {*column.filled.tolist()} - {*self.left(column).filled.tolist()}
        if self.unsold is not None:
            gone |= {*column.filled.tolist()} - {*column.cells[~self.unsold].tolist()}
        signs: dict[str, set[bool]] = {}
        for text, number in zip(column.cells.tolist(), numbers(self.money) if self.money else (), strict=False):
            signs.setdefault(text, set()).add(number < 0)
        return gone | {text for text, below in signs.items() if below == {True}}

    def unpaid(self, column: Column, says: Says) -> Says:
        """The same of a kind; one without an amount in any row is no purchase, where each that is has one."""
        if self.money is None or not self.priced:
            return says
        pairs = [*zip(column.cells.tolist(), (self.money.cells != "").tolist(), strict=True)]
        some = {text for text, there in pairs if there}
        sold = {text for text, _ in pairs if text and says(text)}
        whole = bool(sold) and all(there for text, there in pairs if text in sold)
        return lambda text: False if whole and says(text) is None and text not in some else says(text)

    def ask(self, column: Column, what: str, says: Says | None = None) -> None:
        waiting = several([f"{BLANK}the values that {what}"])
        self.add(column, waiting)
        ask = f"where, {shown(column.name)}: which of its values {what}"
        choices = tuple(text for text, _ in frequencies(column))
        table = value_table(column, self.money, says)
        lines = (table[0], *(f"{number:>3} {line}" for number, line in enumerate(table[1 : len(choices) + 1], 1)))
        text = f"Which values of {shown(column.name)} {what}?"
        reasons = tuple(
            " ".join(line.strip().removeprefix(shown(value)).split())
            for value, line in zip(choices, table[1:], strict=False)
        )
        self.asks.append(ask)
        self.questions.append(
            Question(
                text, "their numbers", scalar(column.name), entry(column, waiting), ask, choices, lines, reasons=reasons
            )
        )


def flag(column: Column, meaning: bool, made: Conditions) -> None:
    """Take the rows whose mark does not say this, in the words that the column uses.

    A blank cell that is left does not count as the contrary where nearly all rows say it: it may be in a row of totals.
    Nor does it where no cell says no: whoever ticks what was paid leaves the rest blank.
    """
    there = texts_in(column)
    pairs = [pair for pair in FLAGS if there <= {*pair}][:1] or [pair for pair in FLAGS if there & {*pair}]
    contrary = [pair[meaning] for pair in pairs]
    off = {text for _, text in FLAGS}
    if not meaning and not there & off and not all(column.cells):
        made.add(column, several([on for on, _ in pairs if on in there]))
        return
    left = made.left(column, states=True)
    blanks = len(left.cells) - len(left.filled)
    if 0 < blanks <= FEW_BLANKS * len(column.cells) and texts_in(column) & {*contrary}:
        made.add(column, several(contrary))
    else:
        made.add(column, f"{{not: {several([pair[not meaning] for pair in pairs])}}}")


def entry(column: Column, test: str) -> str:
    return f"{scalar(column.name)}: {test}"
