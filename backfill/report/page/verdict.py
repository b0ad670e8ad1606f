"""Verdict: what a page says first, in a word and a sentence: send this, or mend first, and why."""

from typing import NamedTuple

from backfill.errors import counted
from backfill.mapping import Mapping


class Verdict(NamedTuple):
    """A word, a sentence, and whether it says that all is well."""

    word: str
    sentence: str
    good: bool


def noun(mapping: Mapping) -> str:
    """What a record is called: an order where every event is a purchase."""
    return "order" if all(one.event_name.value == "purchase" for one in mapping.events) else "record"


def before_sending(wrong: int, fit: int, left_out: int, what: str, doubt: str = "") -> Verdict:
    """Of a check: so many can't be sent, are fit to be sent or have been, don't count; `doubt` is the gravest one."""
    every = wrong + fit
    if not every:
        sentence = f"No {what} counts: all {left_out:,} are left out." if left_out else "There is a header and no rows."
        return Verdict("Nothing to send.", sentence, False)
    if not fit:
        return Verdict("Nothing is left:", f"every {what} was rejected; look at the columns first.", False)
    if wrong:
        rest = f"The other {fit:,} {_are(fit)} fit to send."
        sentence = f"{wrong:,} of {counted(every, what)} can’t go as {_they(wrong)}. {rest}"
        return Verdict("Mend first.", sentence, False)
    if doubt:
        return Verdict("Look first.", f"{doubt}. Otherwise {_all(every, what).lower()} fit to send.", False)
    return Verdict("Send this.", f"{_all(every, what)} fit to send.", True)


def after_sending(wrong: int, there: int, waiting: int, what: str) -> Verdict:
    """Of an upload: so many were not taken, are in Cometly, and wait for another run."""
    if waiting:
        return Verdict("Go on.", f"{counted(waiting, what)} wait for another run; {there:,} are in Cometly.", False)
    if wrong:
        sentence = (
            f"{counted(wrong, what)} can’t be sent as {_they(wrong)}. The other {there:,} {_are(there)} in Cometly."
        )
        return Verdict("Mend the rest.", sentence, False)
    return Verdict("Done.", f"{f'All {there:,} {what}s are' if there != 1 else f'The one {what} is'} in Cometly.", True)


def _all(number: int, what: str) -> str:
    return f"All {number:,} {what}s that count are" if number != 1 else f"The one {what} that counts is"


def _they(number: int) -> str:
    return "it is" if number == 1 else "they are"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
