"""A guess: what a column probably is, from its name and its values, and how surely."""

import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from backfill.commands.init.naming import Naming, naming
from backfill.commands.init.sample import Column, Sample
from backfill.commands.init.statuses import is_trial
from backfill.commands.init.vocabulary import NEVER
from backfill.fields import Locale, date_order_evidence, decimal_evidence, parse, parse_number, read_time
from backfill.fields.column import Texts
from backfill.fields.zones import zone_of

FITS = 0.95  # of the filled cells; the rest may be what the run is to reject
FORGIVEN = 10  # cells of which one that does not fit is no reason to doubt either
SOME = 0.5
FIRST = 40  # cells that show whether the rest is worth a look
FEW_ADDRESSES = 0.1  # so few distinct ones are a shop's own people, not its customers
FEW_ROWS = 20  # too few to know that

_human = re.compile(r"[^\W\d_][^\d@:;/\\{}<>=]*").fullmatch
_phone = re.compile(r"['\"]?(?:tel:)?[-+\d\s().,/x]{6,30}\"?", re.IGNORECASE).fullmatch
_prefix = re.compile(r"[a-z]{1,3}:(?!/)").match
_clock = re.compile(r"\d{1,2}:\d\d(?::\d\d)?(?:\s*[AaPp]\.?[Mm]\.?)?").fullmatch
_unix = re.compile(r"[1-9]\d{9}(?:\d{3})?").fullmatch
_float_id = re.compile(r"\d+\.0").fullmatch


_PRICE_ENDS = frozenset(["00", "25", "50", "75", "90", "95", "97", "98", "99"])
MOST_PRICES = 0.8


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


def unset_locale() -> Locale:
    """A locale without a time zone, an order of dates or a decimal mark."""
    return Locale(now=int(time.time()))


# --- what values say: the share of the filled cells that can be the field


def _parsed(field: str) -> Callable[[Column], float]:
    def share(column: Column) -> float:
        filled = column.filled
        return 1 - len(parse(field, filled, unset_locale()).problems) / len(filled)

    return share


def time_share(column: Column) -> float:
    """The share of times in the past, in the order of day, month and year that suits most of them."""
    filled = column.filled
    orders = list(date_order_evidence(filled)) or ["dmy", "mdy", "ymd"]
    locales = [Locale(int(time.time()), ZoneInfo("UTC"), order) for order in orders]  # type: ignore[arg-type]
    return max(1 - len(parse("event_time", filled, locale).problems) / len(filled) for locale in locales)


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
TELLING = ("email", "ip", "url", "event_time")  # whose values speak for themselves


def likely_share(field: str, column: Column) -> bool:
    """Whether at least half of the filled cells can be the field."""
    return not len(column.filled) or _SHARES[field][0](column) >= SOME


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
        unix = field == "event_time" and all(map(_unix, values.filled.tolist()))
        if share < FITS or unix:
            return None
        return Guess(column, Sureness.MAYBE, f"{_count(share, filled)} values are {kind}, the name says nothing", 9)
    says = f"the name says {_quoted(named.phrase)}"
    if not filled:
        return Guess(column, Sureness.LIKELY, f"{says}, no value in sight", NEVER, named) if named.plain else None
    if share < SOME:
        return None
    why = f"{says}{_other(named)}, {_count(share, filled)} values are {kind}"
    fits = round((1 - share) * filled) <= max(filled >= FORGIVEN, (1 - FITS) * filled)
    doubt = _doubt(field, values) if named.plain and fits else ""
    if named.plain and fits and not doubt:
        return Guess(column, Sureness.SURE, why, named.tier, named)
    sureness = Sureness.LIKELY if named.plain else Sureness.MAYBE
    return Guess(column, sureness, why + (f", but {doubt}" if doubt else ""), named.tier, named)


def _other(named: Naming) -> str:
    also = f" but also {' '.join(map(_quoted, named.other))}" if named.other else ""
    return also if named.tier != NEVER else f"{also}, which is another thing"


def several_words(column: Column) -> bool:
    """Whether most texts have more than one word, as a person's whole name has."""
    return sum(" " in text for text in column.filled.tolist()) * 2 >= len(column.filled)


def _quoted(text: str) -> str:
    return f"'{text[:40]}'"


def _count(share: float, filled: int) -> str:
    good = round(share * filled)
    return f"all {filled:,}" if good == filled > 1 else f"{good:,} of {filled:,}"


def _doubt(field: str, column: Column) -> str:
    """Why values that parse may still be something else, or nothing."""
    filled = column.filled
    if field == "email" and len(filled) >= FEW_ROWS and len(set(filled.tolist())) < FEW_ADDRESSES * len(filled):
        return "they are the same few addresses again and again"
    if field == "amount" and (reason := _whole_numbers(column)):
        return reason
    if field == "order_id" and time_share(column) > SOME and not all(map(_unix, filled.tolist())):
        return "they are times"
    if field == "order_id" and len(filled) >= 5 and len(set(filled.tolist())) == 1:
        return "they are all the same"
    if field == "order_id" and len(filled) >= 5 and filled.tolist() == [str(n) for n in range(1, len(filled) + 1)]:
        return "they count the rows"
    return ""


def looks_minor(column: Column) -> bool:
    """Whether its numbers may be cents."""
    return bool(_whole_numbers(column))


def ends_as_prices(column: Column) -> bool:
    """Whether most numbers end as prices in cents do."""
    ends = [text[-2:] for text in column.filled.tolist() if text != "0"]
    return sum(end in _PRICE_ENDS for end in ends) >= MOST_PRICES * len(ends)


def _whole_numbers(column: Column) -> str:
    texts = set(column.filled.tolist()) - {"0"}
    whole = [text for text in texts if text.isdecimal()]
    large = [text for text in whole if len(text.lstrip("0")) >= 3]
    if len(large) < 3 or len(large) < 0.9 * len(texts) or any("." in text or "," in text for text in texts - {*whole}):
        return ""
    return "nearly all are whole numbers of 100 and more, as cents are ({column: ..., scale: 0.01} reads those)"


# --- what else a column's values show


def prefix_of(column: Column) -> str:
    """What a platform writes in front of every value, such as p: before phones; else nothing."""
    found = {match[0] if (match := _prefix(text)) else "" for text in column.filled.tolist()}
    return found.pop() if len(found) == 1 and len(column.filled) > 1 else ""


def judged(column: Column) -> Column:
    """The column as its owner filled it: without its prefix, and without the texts of rows that a platform made."""
    mark = prefix_of(column)
    texts = [text.removeprefix(mark) for text in column.cells.tolist()]
    return Column(column.name, np.array(["" if is_trial(text) else text for text in texts], dtype=object))


def is_quoted(column: Column) -> bool:
    """Whether its values are in quotes of their own."""
    return len(column.filled) > 0 and all(text[0] == text[-1] == '"' for text in column.filled.tolist())


def neighbours(column: Column) -> int:
    """How many cells repeat the one above."""
    cells = column.cells
    return int(((cells[1:] == cells[:-1]) & (cells[1:] != "")).sum()) if len(cells) else 0


def is_id(column: Column, others: list[Column]) -> bool:
    """Whether a column's values prove that they are the ids of what its rows are.

    One may repeat from row to row, never after another one; and it is there in each row, or in the first of each run of
    equal values of another column.
    """
    cells = column.cells.tolist()
    runs = [text for at, text in enumerate(cells) if text and (at == 0 or cells[at - 1] != text)]
    if not runs or len(set(runs)) < len(runs):
        return False
    return all(cells) or any(
        all(mine for at, (mine, other) in enumerate(zip(cells, lead, strict=True)) if at == 0 or lead[at - 1] != other)
        for lead in (other.cells.tolist() for other in others)
        if all(lead)
    )


def leads(column: Column, group: Column) -> bool:
    """Whether each run of the group's rows has the column in its first row."""
    return bool((column.cells[starts(group)] != "").mean() >= SOME)


def starts(group: Column) -> NDArray[np.bool_]:
    """Which rows do not repeat the group of the row above."""
    return np.append(True, group.cells[1:] != group.cells[:-1])


def is_bare(column: Column) -> bool:
    """Whether none of a column's dates has a time of day."""
    return not any(":" in text or _unix(text) for text in column.filled.tolist())


def same_days(first: Column, second: Column) -> bool:
    """Whether two columns of times name the same day, or the next, in most rows that have both."""
    pairs = [pair for pair in zip(first.cells.tolist(), second.cells.tolist(), strict=True) if all(pair)]
    days = [_days(np.array(texts, dtype=object)) for texts in zip(*pairs, strict=True)] if pairs else [[], []]
    near = [abs(one - other) <= 1 for one, other in zip(*days, strict=True) if one is not None and other is not None]
    return len(near) > 0 and sum(near) >= SOME * len(pairs)


def _days(texts: Texts) -> list[int | None]:
    """The day that each text names, counted from the first of all; None where none can be read."""
    orders = list(date_order_evidence(texts)) or ["dmy"]
    locale = Locale(int(time.time()), ZoneInfo("UTC"), orders[0])  # type: ignore[arg-type]
    found = [read_time(text, locale) for text in texts.tolist()]
    return [date.fromisoformat(text[:10]).toordinal() if text else None for text in found]


def counted(column: Column) -> list[tuple[str, int]]:
    """The distinct texts with their number, the most frequent first."""
    return Counter(column.filled.tolist()).most_common()


def same_cells(first: Column, second: Column) -> bool:
    """Whether two columns hold the same in every row."""
    return bool(np.array_equal(first.cells, second.cells))


def agree(first: Column, second: Column) -> bool:
    """Whether two columns hold the same, but for case, wherever both are filled."""
    pairs = zip(first.cells.tolist(), second.cells.tolist(), strict=True)
    return all(one.casefold() == other.casefold() for one, other in pairs if one and other)


def decimal_of(columns: list[Column]) -> set[str]:
    """The decimal marks that the columns' values ask for."""
    found: set[str] = set()
    for column in columns:
        found |= decimal_evidence(column.filled).keys() & {",", "."}
    return found


def lacking(column: Column, setting: str) -> int:
    """How many of a column's times can't be read without a setting."""
    return len(parse("event_time", column.filled, unset_locale()).needs.get(setting, ()))
