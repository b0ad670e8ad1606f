"""Composed statuses: what one of several words, or of words written together, says of a payment."""

import re
from collections.abc import Callable, Sequence
from functools import cache

from backfill.commands.init.naming import words
from backfill.commands.init.status_stems import (
    AUTHORISED,
    AWAITED,
    BACK,
    CAME,
    CLAIMED,
    DONE,
    MOVED_ON,
    OWED,
    PREPARED,
    REFUSED,
    REQUIRED,
    SENT,
)
from backfill.commands.init.status_words import (
    DOCUMENTS,
    GONE,
    MADE,
    NEUTRAL,
    NOT,
    ON_DELIVERY,
    PAID,
    PART,
    PAYING,
    PAYMENTS,
    SHIPPING,
    UNDECIDED,
    UNPAID,
)

Says = Callable[[str], bool | None]
_bracketed = re.compile(r"^([^()]+)\(([^()]+)\)$").match
_sides = re.compile(r"\s+[-:|]\s+|\s*/\s*|\s*[:|]\s*").split
_NEGATED = ("un", "nie", "non", "on", "in", "im", "o")  # before a word that means paid
PAYMENT_ENDS = ("zahlung", "betaling", "betalning", "payment")  # of words for payments: Scheckzahlung
_SHORTEST = 3  # letters of a word that others are written together with


def composed(text: str, says: Says) -> bool | None:
    """What a status says whose words together are in no list; `says` is what is known of one that is."""
    sides: Sequence[str]
    if bracketed := _bracketed(text):
        outer, inner = (_read(side, says) for side in bracketed.groups())
        return False if outer is False or inner is False else inner if inner is not None else outer
    sides = [side for side in _sides(text) if words(side)]
    if len(sides) > 1:
        found = {_read(side, says) for side in sides}
        return False if False in found else True if found == {True} else None
    return _read(text, says)


def is_parted(text: str) -> bool:
    """Whether it has several sides, each of which says something: a text in brackets, or one behind a stroke."""
    return bool(_bracketed(text)) or len([side for side in _sides(text) if words(side)]) > 1


def _read(text: str, says: Says) -> bool | None:
    found = tuple(part for word in words(text) for part in _apart(word))
    rest = [word for word in found if word not in NEUTRAL and not word.isdecimal()]
    spelt = " ".join(found)
    known = says(spelt)
    if known is None and rest and len(rest) < len(found) and not {*found} & (NOT | UNDECIDED) and not MADE & {*rest}:
        known = says(" ".join(rest))
    return _together(found) if known is None else known


def _together(found: tuple[str, ...]) -> bool | None:
    """What the kinds of its words say together."""
    said = {*found}

    def begins(stems: tuple[str, ...]) -> bool:
        return any(word.startswith(stems) for word in found)

    pays = bool(said & PAYMENTS) or any(word.endswith(PAYMENT_ENDS) for word in found)
    claimed = begins((*BACK, "dispu", "chargeback", "cancel", "return", "storn", "annul"))
    if claimed and said & UNDECIDED:
        return None
    if said & NOT or any(map(_is_negated, found)):
        if begins(MOVED_ON) and not pays:
            return None
        came = any(begins(stems) for stems in (CAME, DONE, CLAIMED, OWED, AUTHORISED)) or bool(said & PAID)
        return False if came or pays or any(map(_is_negated, found)) else None
    if begins(CAME) and found[:2] == ("to", "be"):
        return False
    if said & PART and (pays or begins(BACK) or begins(CAME) or begins(MOVED_ON) or begins(("return", "zuruck"))):
        return True
    if begins(REFUSED) or begins(BACK) or begins(OWED) or (begins(REQUIRED) and len(found) > 1):
        return False
    if begins(AWAITED):
        return (
            False
            if len(found) == 1 or pays or said & PAYING or begins(BACK)
            else True
            if said & SHIPPING or begins(MOVED_ON)
            else None
        )
    if begins(AUTHORISED):
        return False
    if said & DOCUMENTS or (begins(MOVED_ON) and said & ON_DELIVERY):
        return None
    if (pays and begins(DONE)) or begins(CAME) or begins(PREPARED):
        return True
    return True if begins(MOVED_ON) else None


def _is_negated(word: str) -> bool:
    """Whether it is the contrary of what means paid: unconfirmed, nieopłacone."""
    rests = (word.removeprefix(prefix) for prefix in _NEGATED if word.startswith(prefix))
    return any(rest.startswith(CAME) or (rest in PAID and not rest.startswith(SENT)) for rest in rests)


@cache
def _apart(word: str) -> tuple[str, ...]:
    """The words that one is written together from, each in a list; the word where it is no such one."""
    known = _known()
    return (word,) if word in known or len(word) < 2 * _SHORTEST else _cut(word, known) or (word,)


def _cut(word: str, known: frozenset[str]) -> tuple[str, ...]:
    for at in range(len(word) - _SHORTEST, _SHORTEST - 1, -1):
        if word[:at] in known:
            rest = (word[at:],) if word[at:] in known else _cut(word[at:], known)
            if rest:
                return (word[:at], *rest)
    return ()


@cache
def _known() -> frozenset[str]:
    listed = PAID | UNPAID | GONE | PAYMENTS | PART | NOT | PAYING | NEUTRAL
    return frozenset(word for text in listed for word in text.split() if len(word) >= _SHORTEST) | {
        *("auth", "not", "awaiting", "pending", "waiting", "error", "received", "fehler", "fout", "fully", "full")
    }
