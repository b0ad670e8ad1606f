"""Firsts: when the first record of each customer is, for conditions that only this one meets.

The whole input has to be read to know it: one pass learns it, and the passes after that judge by it.
"""

from dataclasses import dataclass, field

import numpy as np

from backfill.fields import READINGS, Kind, Locale
from backfill.fields.arrow import Flags, Texts, listed, texts_of
from backfill.fields.column import Mended, Read, Unread
from backfill.fields.mend import decoded, is_cut, revealed
from backfill.storage.digest_map import DigestMap

Scope = tuple[int, str, str]  # a template (-1: all of them), the customer's column, and that of the time
_UNREAD = np.uint64(0)  # the rank of a time that can't be read: before all others


@dataclass(slots=True)
class Firsts:
    """The earliest time of each customer, in each scope."""

    known: dict[Scope, DigestMap] | None = None  # None until a pass has read it all
    found: dict[Scope, DigestMap] = field(default_factory=dict)

    def begin(self) -> None:
        """Begin another pass over the same input."""
        self.found = {}

    def end_pass(self) -> bool:
        """Keep what a whole pass has found; whether its records were judged without it."""
        if self.known is not None or not self.found:
            return False
        self.known = self.found
        return True

    def judge(self, scope: Scope, customers: Texts, times: list[str | None]) -> tuple[Flags, Flags]:
        """Which records are their customer's first, and of which nobody knows, as a time of the customer can't be read.

        `times` are as sent, None for one that can't be read. Several of one time are all first.
        """
        names = texts_of([name.casefold() for name in listed(customers)])
        ranks = np.array([0 if time is None else _rank(time) for time in times], np.uint64)
        if self.known is None:
            self.found.setdefault(scope, DigestMap()).lead(names, ranks)
            return np.ones(len(names), bool), np.zeros(len(names), bool)
        known = self.known.get(scope, DigestMap())
        first, held = known.values(names), known.holds(names)
        unknown = (ranks == _UNREAD) | (held & (first == _UNREAD))
        return (~held | (ranks <= first)) & ~unknown, unknown


def customers_in(texts: Texts, phones: bool) -> tuple[Texts, Flags]:
    """Whom the texts name, as fields read them, "" for nobody; and where a spreadsheet has cut an id, of which none is.

    `phones` says that a field takes them for phone numbers.
    """
    coded = texts.dictionary_encode()
    known, of = [_customer(text, phones) for text in listed(coded.dictionary)], coded.indices.to_numpy()
    cut = np.array([text is None for text in known], bool)
    return texts_of([text or "" for text in known]).take(coded.indices), cut[of]


def _customer(text: str, phones: bool) -> str | None:
    """Whom a text names, None for an id that has lost its digits."""
    if not text.isascii() or "&" in text or "'" in text:
        if "@" in text:
            found = READINGS[Kind.EMAIL].read(text, Locale(0))
            text = text if isinstance(found, Unread) else _value(found)
        text = decoded(revealed(text))
    if phones:
        return _value(READINGS[Kind.PHONE].read(text, Locale(0)))
    return None if is_cut(text) else text


def _value(found: Read) -> str:
    return (found.value or "") if isinstance(found, Mended) else str(found)


def _rank(time: str) -> int:
    return int("".join(filter(str.isdigit, time)))
