"""Naming: a column's name taken apart into words, and the field that they seem to name."""

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import pairwise

from backfill.commands.init.asian_words import ASIAN
from backfill.commands.init.concepts import JOINED, concept
from backfill.commands.init.phrases import NEVER, PHRASES
from backfill.commands.init.short_words import written_out
from backfill.commands.init.vocabulary import (
    ACCOUNTS,
    ALSO_PASSED,
    BILLED_TO,
    BUYERS,
    CONTAINERS,
    CUSTOM,
    ORDER,
    PAYERS,
    POSSESSIVES,
    SPARE,
    TAX,
    WHOSE,
    WITH,
    WITHOUT,
    WRAPPERS,
)
from backfill.fields.zones import zone_of

_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-Z])")
ZONE = re.compile(r"\b[A-Z][a-zA-Z]+/[A-Z][a-zA-Z_]+\b(?:/[A-Z][a-zA-Z_]+\b)?")
_OF_PEOPLE = ("email", "first_name", "last_name", "full_name", "phone")
_VOICED = "\u3099\u309a"  # marks without which a Japanese letter is another one
_WORD = re.compile(r"[^\W_]+")
_bracketed = re.compile(r"(.+?)\s*\(([a-z][a-z_]+)\)").fullmatch
_parted = re.compile(r"([^/|]+?)\s*[/|]\s*([^/|]+)").fullmatch
_LETTERS = str.maketrans(
    {"ł": "l", "Ł": "L", "ı": "i", "đ": "d", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "#": " no "}
)


@dataclass(frozen=True, slots=True)
class Naming:
    """How a name matches a field: `phrase` of this tier is in it; `other` are the words that speak against it."""

    phrase: str
    tier: int
    other: tuple[str, ...] = ()

    @property
    def plain(self) -> bool:
        """The name says this field and nothing else."""
        return not self.other and self.tier != NEVER


def words(text: str) -> tuple[str, ...]:
    """Take a text apart into words without case, accents and punctuation: createdAt gives created, at."""
    plain = unicodedata.normalize("NFKD", _CAMEL.sub(" ", ZONE.sub(_unzoned, text[:200])).translate(_LETTERS))
    bare = "".join(c for c in plain if c in _VOICED or not unicodedata.combining(c))
    return tuple(_WORD.findall(unicodedata.normalize("NFC", bare).casefold()))


@lru_cache(65_536)
def said_in(name: str) -> frozenset[str]:
    """The words of a column's name, and those that they are made of or short for."""
    found = words(name)
    return frozenset((*found, *_taken_apart(found), *written_out(found)))


def _unzoned(found: re.Match[str]) -> str:
    """Nothing in place of a time zone, which says when something happened and not what."""
    return "" if zone_of(found[0]) else found[0]


@lru_cache(65_536)  # of a few hundred columns, each asked about for every field
def naming(field: str, name: str) -> Naming | None:
    """Say how a column's name matches a field, or None where it does not; with its short words written out too."""
    found = words(name)
    said = _naming(field, found)
    if said is not None and not said.other:
        return said
    if sides := _named_twice(field, name):
        return sides
    full = written_out(found)
    other = _naming(field, full) if full != found else None
    return other if said is None or (other is not None and len(other.other) <= len(said.other)) else said


def _named_twice(field: str, name: str) -> Naming | None:
    """What both halves of a name say, as "Importe (amount)" does, or the one that is a program's own name for it."""
    path, _, last = name.rpartition(".")
    if path and last and {*words(path)} <= CONTAINERS:
        inner = naming(field, last)
        return inner if inner is not None and inner.plain else None
    before, colon, last = name.partition(":")
    billed = field in _OF_PEOPLE and " ".join(words(before)) in BILLED_TO
    if colon and words(before) and ({*words(before)} <= CUSTOM or billed):
        inner = naming(field, last)
        return inner if inner is not None and inner.plain else None
    halves = _bracketed(name) or _parted(name)
    if halves is None:
        return None
    one, two = (naming(field, half) for half in halves.groups())
    if one is not None and two is not None and one.plain and two.plain:
        return min(one, two, key=lambda half: half.tier)
    never = one is not None and one.tier == NEVER
    return two if two is not None and two.plain and "_" in halves[2] and not never else None


def _naming(field: str, found: tuple[str, ...]) -> Naming | None:
    taxed, untaxed = (_without(found, marks) for marks in (WITH, WITHOUT)) if field == "amount" else (None, None)
    parts = taxed or untaxed or found
    said = _matched(field, parts) or _matched(field, _taken_apart(found))
    bare = said is None or said.other or (len(parts) > 1 and " " not in said.phrase and said.tier != NEVER)
    if bare:  # no phrase says it all: the words together may
        tier = concept(field, parts)
        tier = concept(field, _taken_apart(parts)) if tier is None else tier
        said = said if tier is None else Naming(" ".join(parts), tier)
    return replace(said, tier=NEVER) if said and untaxed else said


def _matched(field: str, found: tuple[str, ...]) -> Naming | None:
    matches = []
    for at, word in enumerate(found):
        for phrase, tier in _phrases(field).get(word, ()):
            if found[at : at + len(phrase)] == phrase:
                rest = found[:at] + found[at + len(phrase) :]
                passed_over = _passed_over(field) if " ".join(phrase) not in ORDER else ()
                other = tuple(word for word in rest if word not in passed_over)
                matches.append((len(other), -len(phrase), tier, Naming(" ".join(phrase), tier, other)))
    return min(matches, key=lambda match: match[:3])[3] if matches else None


def _without(found: tuple[str, ...], marks: frozenset[str]) -> tuple[str, ...] | None:
    """The words less "inc tax" or the like, or less all that an amount is with; None where nothing is said."""
    pairs = [*pairwise(found)]
    both = ((at, {*pair}) for at, pair in enumerate(pairs))  # inc tax, tax incl
    at = next((at for at, pair in both if pair & marks and pair & TAX), None)
    if at is not None:
        return found[:at] + found[at + 2 :]
    at = next((at for at, mark in enumerate(found) if at and mark in marks), None)
    return None if at is None else found[:at]


def _taken_apart(found: tuple[str, ...]) -> tuple[str, ...]:
    """Words written together, in one case, as the two that they are made of: customeremail, orderid."""
    return tuple(part for word in found for part in _parts(word))


@cache
def _parts(word: str) -> tuple[str, ...]:
    known = _known_words()
    whole = len(word) < 6 or word in known
    cuts = ((word[:at], word[at:]) for at in range(3, len(word) - 1)) if not whole else ()
    return next(
        (
            cut
            for cut in cuts
            if cut[0] in known and (cut[1] in known if len(cut[1]) > 2 else cut[1] in ("id", "no", "nr", "at"))
        ),
        (word,),
    )


def is_known(word: str) -> bool:
    """Whether a word is in one of the lists, or in none, as a vendor's own name."""
    return word in _known_words() or word in _passed_over("")


@cache
def _known_words() -> frozenset[str]:
    """The words that two of may be written together: those of the phrases, and whose a thing is."""
    phrases = (phrase for field in PHRASES for row in _phrases(field).values() for phrase, _ in row)
    return frozenset(word for phrase in phrases for word in phrase if len(word) > 2) | {*WHOSE.split()} | JOINED


@cache
def _phrases(field: str) -> dict[str, list[tuple[tuple[str, ...], int]]]:
    """A field's phrases with their tiers, by their first word."""
    found: dict[str, list[tuple[tuple[str, ...], int]]] = {}
    rows = [*PHRASES[field].items(), *ASIAN.get(field, {}).items()]
    for tier, phrase in ((tier, phrase) for tier, row in rows for phrase in row.split(", ")):
        found.setdefault(phrase.split()[0], []).append((tuple(phrase.split()), tier))
    return found


@cache
def _passed_over(field: str) -> frozenset[str]:
    passed = frozenset(f"{WRAPPERS} {ALSO_PASSED.get(field, '')}".split())
    return passed - POSSESSIVES if field == "amount" else passed  # "your revenue" is the seller's share


def is_billing(name: str) -> bool:
    return bool({"billing", "bill", "rechnung", "rechnungs", "invoice"} & said_in(name))


def whose(name: str) -> int:
    """How surely a person is the buyer: 0 where the name says so, 2 for an account, which may be the shop's own."""
    said = said_in(name)
    return 0 if said & (BUYERS | PAYERS) else 2 if said & ACCOUNTS else 1


def is_payer(name: str) -> bool:
    """Whether it is of the one who pays, and who need not be the one that comes."""
    return bool(PAYERS & said_in(name))


def is_spare(name: str) -> bool:
    """Whether it is the one that is used where another one is not."""
    return bool(SPARE & said_in(name))


def is_of_a_ticket(name: str) -> bool:
    """Whether it is of one who comes, or of a ticket, of which an order has several."""
    return bool(
        {"ticket", "tickets", "billet", "biglietto", "entrada", "ingresso", "attendee", "participant", "teilnehmer"}
        & said_in(name)
    )


def is_recipient(name: str) -> bool:
    """Whether it is of the one who is given something."""
    return bool({"recipient", "giftee", "beneficiary", "empfanger", "destinatario", "destinataire"} & said_in(name))


def is_shipping(name: str) -> bool:
    return bool({"shipping", "ship", "recipient"} & said_in(name))
