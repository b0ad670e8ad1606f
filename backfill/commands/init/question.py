"""A question: something that a file can't answer and a person can."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and the line of a draft that its answer takes the place of.

    `key` is what the answer is written under, `waiting` how that line begins now, `ask` what the draft says that it
    waits for. Where there are `choices`, the answer is the numbers of some of them: values, of which any counts, or
    `columns`, of which the first that is filled does.
    """

    text: str
    possible: str
    key: str
    waiting: str
    ask: str
    choices: tuple[str, ...] = ()
    before: tuple[str, ...] = ()  # lines to show first
    columns: bool = False
