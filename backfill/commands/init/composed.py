"""Composed statuses: what one of several words, or of words written together, says of a payment."""

import re
from collections.abc import Callable, Iterator
from functools import cache

from backfill.commands.init.naming import words
from backfill.commands.init.status_stems import (
    AUTHORISED,
    AWAITED,
    BACK,
    CAME,
    CLAIMED,
    DONE,
    LATE,
    MOVED_ON,
    OVER,
    OWED,
    PREPARED,
    REFUSED,
    REQUIRED,
    SENT,
)
from backfill.commands.init.status_words import (
    ACCEPTED,
    AWAITS,
    BESIDE_PAYMENTS,
    BILLED,
    CLAIMS,
    CLOSED,
    DISPUTES,
    DOCUMENTS,
    GONE,
    MADE,
    MEANS,
    NEUTRAL,
    NOT,
    ON_DELIVERY,
    PAID,
    PART,
    PAYING,
    PAYMENTS,
    RETURNED,
    SHIPPING,
    UNDECIDED,
    UNPAID,
    WELL,
)

Says = Callable[[str], bool | None]
_bracketed = re.compile(r"^([^()]+)\(([^()]+)\)$").match
_sides = re.compile(r"\s+[-:|]\s+|\s*/\s*|\s*[:|]\s*").split
_NEGATED = ("un", "nie", "non", "on", "in", "im", "o")  # before a word that means paid
PAYMENT_ENDS = ("zahlung", "betaling", "betalning", "payment")  # of words for payments: Scheckzahlung
_LONGEST = 4  # letters of an ending
_WENT_BACK = (*BACK, "return", "zuruck", "terug")
_CANCELLED = ("cancel", "storn", "annul", "anul")
_SUCCEEDED = ("complet", "success", "succeed")
_TO = frozenset(("to", "para", "an", "aan", "till"))  # before whom it was paid to
_FOR = frozenset(("for", "por"))
_SHORTEST = 3  # letters of a word that others are written together with
_MEANT = frozenset(word for text in MEANS for word in text.split()) - NEUTRAL
_SAYS_PAID = frozenset(word for text in PAID for word in text.split())
_BESIDE = NEUTRAL | SHIPPING | AWAITS | ACCEPTED | BESIDE_PAYMENTS | _MEANT
# Words of which it is known what they say next to others; a credit is approved before anything is paid.
_PLAIN = (_BESIDE | PART | PAYMENTS | WELL | MADE | _SAYS_PAID) - DOCUMENTS - {"kredit", "bill", "etiqueta"}


def composed(text: str, says: Says) -> bool | None:
    """What a status says whose words together are in no list; `says` is what is known of one that is.

    Of sides that contradict each other, one may say that the money went back, or never came; else nobody knows.
    """
    bracketed = _bracketed(text)
    sides = bracketed.groups() if bracketed else [side for side in _sides(text) if words(side)]
    if len(sides) < 2 or any({*words(side)} <= PART for side in sides):
        return _read(" ".join(reversed(sides)), says)
    read = {side: _read(side, says) for side in sides}
    found = {*read.values()}
    if found >= {True, False}:
        ended = any(known is False and _is_ended(side) for side, known in read.items())
        return False if ended and not {*words(text)} & PART else None
    if False in found:
        return False
    beside = [side for side, known in read.items() if known is None]
    aside = (_is_closed(side) or (bracketed and _is_aside(side)) for side in beside)
    return True if True in found and all(aside) else None


def _is_closed(side: str) -> bool:
    """Whether it says that nothing is to be done any more, as next to what was paid; or is but a status's number."""
    return " ".join(words(side)) in CLOSED or side.strip().isdecimal()


def _is_ended(side: str) -> bool:
    """Whether it says that no money came, or that it went back, and not only that it has not come yet."""
    found = words(side)
    ended = {*found} & (GONE | RETURNED | NOT) or any(word.startswith((*REFUSED, *BACK, "rto")) for word in found)
    return bool(ended) or any(map(_is_negated, found))


def _is_aside(side: str) -> bool:
    """Whether it says nothing of money: by what means it came, or where the goods are."""
    return all(word in _BESIDE | NOT or word.isdecimal() or _is_of(word, MOVED_ON) for word in words(side))


def is_parted(text: str) -> bool:
    """Whether it has several sides, each of which says something: a text in brackets, or one behind a stroke."""
    return bool(_bracketed(text)) or len([side for side in _sides(text) if words(side)]) > 1


def leaves_open(found: tuple[str, ...]) -> bool:
    """Whether it says two things that leave open where the money is.

    A refund that was called off or a dispute that was settled, a debt that was paid, or a sum that was paid twice.
    """
    said = {*found}
    if said & NOT or "be" in said or any(map(_is_negated, found)):
        return False
    came = any(word.startswith(CAME) for word in found)
    ended = any(word.startswith((*_CANCELLED, "withdr", "drop")) and word not in CLAIMS for word in found)
    over = any(word.startswith(OVER) for word in found)
    owed = any(word.startswith((*AWAITED, *LATE)) for word in found)
    return bool((said & CLAIMS and (ended or (came and owed))) or (said & DISPUTES and over)) or (
        came and any(word.startswith(LATE) for word in found)
    )


def _parts(text: str) -> tuple[str, ...]:
    """Its words, each taken apart, without those for what somebody has paid for: an invoice."""
    found = tuple(part for word in words(text) for part in _apart(word))
    came = any(_is_of(word, CAME) for word in found)
    return tuple(word for word in found if not (came and word in BILLED)) or found


def _read(text: str, says: Says) -> bool | None:
    found = _parts(text)
    rest = [word for word in found if word not in NEUTRAL and not word.isdecimal()]
    spelt = " ".join(found)
    known = says(spelt)
    if known is None and rest and len(rest) < len(found) and not {*found} & (NOT | UNDECIDED) and not MADE & {*rest}:
        known = says(" ".join(rest))
    known = _together(found) if known is None else known
    return None if known and not is_proven(text) else known


def is_proven(text: str) -> bool:
    """Whether it can be trusted that a status counts: each of its words is known, and all are of one thing."""
    found = _parts(text)
    said = {*found}
    spelt = " ".join(words(text)).removeprefix("wc ")
    if any(form in PAID for form in (*forms(spelt), " ".join(found))):
        return True
    part = bool(said & PART)
    if not all(_is_plain(word) or (part and word.startswith(_WENT_BACK)) for word in found):
        return False
    if any(word.startswith(_WENT_BACK) for word in found) and not part:
        return False
    if "credit" in said and "card" not in said:
        return False
    goods = bool(said & SHIPPING) or any(_is_of(word, (*MOVED_ON, *PREPARED)) for word in found)
    if said & _FOR and (said & PAYMENTS or not goods):
        return False  # what may be paid
    if said & _TO and any(_is_of(word, CAME) for word in found) and not goods:
        return False  # what was paid to somebody
    paid = PAID - PAYMENTS
    came = any(_is_of(word, (*CAME, *DONE)) or (word in paid and not word.startswith(SENT)) for word in found)
    return came or not (goods and said & (PAYMENTS | _MEANT))  # a payment or a card that was sent


def _is_plain(word: str) -> bool:
    """Whether it is known what a word says next to others that are."""
    kinds = (*CAME, *DONE, *PREPARED, *MOVED_ON, *BACK, *AWAITED)
    return word.isdecimal() or any(form in _PLAIN for form in forms(word)) or _is_of(word, kinds)


def _is_of(word: str, stems: tuple[str, ...]) -> bool:
    """Whether a word is one of these with an ending, and no other that is written together with it."""
    return any(word.startswith(stem) and len(word) - len(stem) <= _LONGEST for stem in stems)


def forms(value: str) -> Iterator[str]:
    """A value as it is, and as it would be of one thing that is masculine: pagadas, pagada, pagado; payées, payé."""
    yield value
    one = value.removesuffix("s")
    yield one
    yield one[:-1] + "o" if one.endswith("a") else one.removesuffix("e")


def _together(found: tuple[str, ...]) -> bool | None:
    """What the kinds of its words say together."""
    said = {*found}

    def begins(stems: tuple[str, ...]) -> bool:
        return any(word.startswith(stems) for word in found)

    pays = bool(said & PAYMENTS) or any(word.endswith(PAYMENT_ENDS) for word in found)
    claimed = begins((*BACK, "dispu", "chargeback", "cancel", "return", "storn", "annul"))
    if (claimed and said & UNDECIDED) or leaves_open(found):
        return None
    if said & NOT or any(map(_is_negated, found)):
        if begins(MOVED_ON) and not pays:
            return None
        came = any(begins(stems) for stems in (CAME, DONE, CLAIMED, OWED, AUTHORISED)) or bool(said & PAID)
        return False if came or pays or any(map(_is_negated, found)) else None
    if begins(CAME) and found[:2] == ("to", "be"):
        return False
    if said & PART and (pays or begins((*_WENT_BACK, *_CANCELLED)) or begins(CAME) or begins(MOVED_ON)):
        against = any(word.startswith((*REFUSED, *OWED, *AWAITED)) for word in found if not word.startswith(_WENT_BACK))
        return None if against else True
    if begins(REFUSED) or begins(BACK) or begins(OWED) or (begins(REQUIRED) and len(found) > 1):
        return False
    if begins(AWAITED):
        if (pays or said & PAYING) and (begins((*CAME, *_SUCCEEDED)) or said & ACCEPTED):
            return None  # one thing came, and another has not yet
        return (
            False
            if len(found) == 1 or pays or said & PAYING or begins(BACK)
            else True
            if said & SHIPPING or begins(MOVED_ON)
            else None
        )
    if begins(AUTHORISED):
        return None if begins(CAME) else False
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
