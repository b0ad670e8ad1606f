"""A guess: what a column probably is, from its name and its values, and how surely."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from backfill.commands.init.evidence import (
    FEW_ADDRESSES,
    FEW_ROWS,
    SOME,
    is_unix,
    judged,
    same_cells,
    time_share,
    unset_locale,
    whole_numbers,
)
from backfill.commands.init.naming import Naming, naming
from backfill.commands.init.phrases import NEVER
from backfill.commands.init.sample import Column, Sample
from backfill.fields import Locale, parse, parse_number
from backfill.fields.arrow import texts_of
from backfill.fields.zones import zone_of

FITS = 0.95  # of the filled cells; the rest may be what the run is to reject
FORGIVEN = 10  # cells of which one that does not fit is no reason to doubt either
FIRST = 40  # cells that show whether the rest is worth a look

_human = re.compile(r"[^\W\d_][^\d@:;/\\{}<>=]*").fullmatch
_phone = re.compile(r"['\"]?(?:tel:)?[-+\d\s().,/x]{6,30}\"?", re.IGNORECASE).fullmatch
_clock = re.compile(r"\d{1,2}:\d\d(?::\d\d)?(?:\s*[AaPp]\.?[Mm]\.?)?(?:\s*(?:UTC|GMT|Z))?").fullmatch
_float_id = re.compile(r"\d+\.0").fullmatch


class Sureness(IntEnum):
    """How sure a guess is; only what is sure goes into a mapping live."""

    SURE = 0  # name and values agree
    LIKELY = 1
    MAYBE = 2


@dataclass(frozen=True, slots=True)
class Guess:
    """That a column is a field. `why` holds no cell's text."""

    column: Column
    sureness: Sureness
    why: str
    tier: int
    naming: Naming | None = None

    @property
    def name(self) -> str:
        return self.column.name

    @property
    def plain(self) -> bool:
        """Whether the name says this field and nothing else, and most values can be it."""
        return self.naming is not None and self.naming.plain and self.sureness is not Sureness.MAYBE


# --- what values say: the share of the filled cells that can be the field


def _parsed(field: str) -> Callable[[Column], float]:
    def share(column: Column) -> float:
        filled = column.filled
        return 1 - len(parse(field, texts_of(filled), unset_locale()).problems) / len(filled)

    return share


def money_share(column: Column) -> float:
    """The share of numbers, with the decimal mark that suits most of them; plain ones alone may be anything."""
    filled = column.filled.tolist()
    marks = [Locale(0, decimal=mark) for mark in (".", ",")]
    return max(sum(parse_number(text, mark) is not None for text in filled) for mark in marks) / len(filled)


def _matching(test: Callable[[str], object]) -> Callable[[Column], float]:
    return lambda column: sum(bool(test(text)) for text in column.filled.tolist()) / len(column.filled)


def _is_phone(text: str) -> bool:
    return bool(_phone(text)) and 6 <= sum(map(str.isdigit, text)) <= 16


def _is_id(text: str) -> bool:
    return len(text) <= 100 and not _float_id(text)


def _id_share(column: Column) -> float:
    return min(_parsed("order_id")(column), _matching(_is_id)(column))


_SHARES: dict[str, tuple[Callable[[Column], float], str]] = {
    "email": (_parsed("email"), "e-mail addresses"),
    "ip": (_parsed("ip"), "IP addresses"),
    "url": (_parsed("url"), "web addresses"),
    "event_time": (time_share, "times that have passed"),
    "amount": (money_share, "numbers"),
    "order_id": (_id_share, "sound ids"),
    "order_name": (_matching(_is_id), "short texts"),
    "full_name": (_matching(_human), "texts such as names"),
    "first_name": (_matching(_human), "texts such as names"),
    "last_name": (_matching(_human), "texts such as names"),
    "phone": (_matching(_is_phone), "phone numbers"),
    "user_agent": (_matching(lambda text: "/" in text and "(" in text), "browsers' names"),
    "clock": (_matching(_clock), "times of day"),
    "zone": (_matching(zone_of), "time zones"),
    "currency": (_matching(re.compile(r"[A-Za-z]{3}").fullmatch), "currency codes"),
    "comet_token": (_matching(_is_id), "tokens"),
    "fingerprint": (_matching(_is_id), "tokens"),
}
TELLING = ("email", "ip", "url", "event_time", "clock")  # whose values speak for themselves


def likely_share(field: str, column: Column) -> bool:
    """Whether at least half of the filled cells can be the field."""
    values = judged(column)
    return field not in _SHARES or not len(values.filled) or _SHARES[field][0](values) >= SOME


def fits(field: str, column: Column) -> bool:
    """Whether nearly all filled cells can be the field."""
    values = judged(column)
    return len(values.filled) > 0 and _fits(_SHARES[field][0](values), len(values.filled))


def _fits(share: float, filled: int) -> bool:
    return round((1 - share) * filled) <= max(filled >= FORGIVEN, (1 - FITS) * filled)


# --- name and values together


def guesses(field: str, sample: Sample) -> list[Guess]:
    """Every column that may be the field, the best first."""
    found = [guess for column in sample.columns if (guess := judge(field, column))]
    return sorted(found, key=lambda guess: (guess.sureness, guess.tier))


def judge(field: str, column: Column) -> Guess | None:
    """Weigh a column's name against its values; None where one of them rules it out."""
    named = naming(field, column.name)
    if not named and field not in TELLING:
        return None
    share_of, kind = _SHARES[field]
    if named is None and (not len(column.filled) or share_of(Column(column.name, column.filled[:FIRST])) < SOME):
        return None
    values = judged(column)
    filled = len(values.filled)
    share = share_of(values) if filled else 0.0
    if not named:
        unix = field == "event_time" and all(map(is_unix, values.filled.tolist()))
        if share < FITS or unix:
            return None
        return Guess(column, Sureness.MAYBE, f"{_count(share, filled, kind)}, the name says nothing", 9)
    says = f"the name says {_quoted(named.phrase)}"
    if not filled:
        return Guess(column, Sureness.LIKELY, f"{says}, no value in sight", NEVER, named) if named.plain else None
    if share < SOME:
        return None
    why = f"{says}{_other(named)}, {_count(share, filled, kind)}"
    good = _fits(share, filled)
    doubts = doubt(field, values) if named.plain and good else ""
    if named.plain and good and not doubts:
        return Guess(column, Sureness.SURE, why, named.tier, named)
    sureness = Sureness.LIKELY if named.plain else Sureness.MAYBE
    return Guess(column, sureness, why + (f", but {doubts}" if doubts else ""), named.tier, named)


def all_alike(found: list[Guess]) -> bool:
    """Whether they hold the same in every row."""
    return all(same_cells(guess.column, found[0].column) for guess in found)


def _other(named: Naming) -> str:
    also = f" but also {' '.join(map(_quoted, named.other))}" if named.other else ""
    return also if named.tier != NEVER else f"{also}, which is another thing"


def _quoted(text: str) -> str:
    return f"'{text[:40]}'"


def _count(share: float, filled: int, kind: str) -> str:
    good = round(share * filled)
    if filled == 1:
        return f"its only value {'fits' if good else 'does not fit'} ({kind})"
    return f"{f'all {filled:,}' if good == filled else f'{good:,} of {filled:,}'} values are {kind}"


def doubt(field: str, column: Column) -> str:
    """Why values that parse may still be something else, or nothing."""
    filled = column.filled
    if field == "email" and len(filled) >= FEW_ROWS and len(set(filled.tolist())) < FEW_ADDRESSES * len(filled):
        return "they are the same few addresses again and again"
    if field == "amount" and (reason := whole_numbers(column)):
        return reason
    if field == "order_id" and time_share(column) > SOME and not all(map(is_unix, filled.tolist())):
        return "they are times"
    if field == "order_id" and len(filled) >= 5 and len(set(filled.tolist())) == 1:
        return "they are all the same"
    if field == "order_id" and len(filled) >= 5 and filled.tolist() == [str(n) for n in range(1, len(filled) + 1)]:
        return "they count the rows"
    return ""
