"""Evidence: what the values of columns show, alone or held against one another, whatever the columns are called."""

import re
import time
from collections import Counter
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from backfill.commands.init.sample import Cells, Column
from backfill.commands.init.statuses import is_trial
from backfill.fields import Locale, date_order_evidence, decimal_evidence, parse, read_time
from backfill.fields.arrow import texts_of

SOME = 0.5
FEW_BLANKS = 0.1
FEW_REPEATS = 0.01  # the same order twice: of ids of something else more repeat
FEW_ADDRESSES = 0.1  # so few distinct ones are a shop's own people, not its customers
FEW_ROWS = 20  # too few to know that
_prefix = re.compile(r"[a-z]{1,3}:(?!/)").match
_sign = r"(?:[A-Z]{3}|[A-Z]{0,3}[$€£¥₹₩₪₺₫₽]|R\$|zł|kr\.?|Fr\.?)"
_signed = re.compile(rf"-?\s?{_sign}\s?-?\d[\d.,' ]*|-?\d[\d.,' ]*\s?{_sign}").fullmatch
_processors_id = re.compile(r"(?:ch|py|pi|pay|txn|cs|in|sub|cus|ctm)_\w+").fullmatch
_with_cents = re.compile(r"\d[\d.,' ]*[.,]\d\d").fullmatch
is_unix = re.compile(r"[1-9]\d{9}(?:\d{3})?").fullmatch
_PRICE_ENDS = frozenset(["00", "25", "50", "75", "90", "95", "97", "98", "99"])
MOST_PRICES = 0.8


def unset_locale() -> Locale:
    """A locale without a time zone, an order of dates or a decimal mark."""
    return Locale(now=int(time.time()))


def time_share(column: Column) -> float:
    """The share of times in the past, in the order of day, month and year that suits most of them."""
    filled = texts_of(column.filled)
    orders = list(date_order_evidence(filled)) or ["dmy", "mdy", "ymd"]
    locales = [Locale(int(time.time()), ZoneInfo("UTC"), order) for order in orders]  # type: ignore[arg-type]
    return max(1 - len(parse("event_time", filled, locale).problems) / len(filled) for locale in locales)


_unspaced = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]{2,}").fullmatch


def several_words(column: Column) -> bool:
    """Whether most texts have more than one word, as a person's whole name has; in Chinese characters it has one."""
    return sum(" " in text or bool(_unspaced(text)) for text in column.filled.tolist()) * 2 >= len(column.filled)


def looks_minor(column: Column) -> bool:
    """Whether its numbers may be cents."""
    return bool(whole_numbers(column))


def ends_as_prices(column: Column) -> bool:
    """Whether most numbers end as prices in cents do."""
    ends = [text[-2:] for text in column.filled.tolist() if text != "0"]
    return sum(end in _PRICE_ENDS for end in ends) >= MOST_PRICES * len(ends)


def whole_numbers(column: Column) -> str:
    texts = set(column.filled.tolist()) - {"0"}
    whole = [text for text in texts if text.isdecimal()]
    large = [text for text in whole if len(text.lstrip("0")) >= 3]
    if len(large) < 3 or len(large) < 0.9 * len(texts) or any("." in text or "," in text for text in texts - {*whole}):
        return ""
    return "nearly all are whole numbers of 100 and more, as cents are ({column: ..., scale: 0.01} reads those)"


def prefix_of(column: Column) -> str:
    """What a platform writes in front of every value, such as p: before phones; else nothing."""
    found = {match[0] if (match := _prefix(text)) else "" for text in column.filled.tolist()}
    return found.pop() if len(found) == 1 and len(column.filled) > 1 else ""


def judged(column: Column) -> Column:
    """The column as its owner filled it: without its prefix, and without the texts of rows that a platform made."""
    mark = prefix_of(column)
    texts = [text.removeprefix(mark) for text in column.cells.tolist()]
    return Column(column.name, np.array(["" if is_trial(text) else text for text in texts], dtype=object))


def in_currency(column: Column) -> bool:
    """Whether most of its values are numbers with a currency's sign or code."""
    filled = column.filled.tolist()
    return 2 * sum(bool(_signed(text)) for text in filled) > len(filled)


def has_cents(column: Column) -> bool:
    """Whether each of its values is a number with two decimals, as a sum of money is."""
    return len(column.filled) > 2 and all(map(_with_cents, column.filled.tolist()))


def is_processors(column: Column) -> bool:
    """Whether its values are ids as payment processors write them, such as ch_3K and txn_01h."""
    return len(column.filled) > 1 and all(map(_processors_id, column.filled.tolist()))


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
    equal values of another column. A few rows may lack it or have another's: they are rejected, and seen.
    """
    cells = column.cells.tolist()
    runs = [text for at, text in enumerate(cells) if text and (at == 0 or cells[at - 1] != text)]
    if not runs or len(runs) - len(set(runs)) > FEW_REPEATS * len(runs):
        return False
    return cells.count("") <= FEW_BLANKS * len(cells) or any(
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
    return not any(":" in text or is_unix(text) for text in column.filled.tolist())


def same_days(first: Column, second: Column) -> bool:
    """Whether two columns of times name the same day, or the next, in most rows that have both."""
    pairs = [pair for pair in zip(first.cells.tolist(), second.cells.tolist(), strict=True) if all(pair)]
    days = [_days(np.array(texts, dtype=object)) for texts in zip(*pairs, strict=True)] if pairs else [[], []]
    near = [abs(one - other) <= 1 for one, other in zip(*days, strict=True) if one is not None and other is not None]
    return len(near) > 0 and sum(near) >= SOME * len(pairs)


def _days(texts: Cells) -> list[int | None]:
    """The day that each text names, frequencies from the first of all; None where none can be read."""
    orders = list(date_order_evidence(texts_of(texts))) or ["dmy"]
    locale = Locale(int(time.time()), ZoneInfo("UTC"), orders[0])  # type: ignore[arg-type]
    found = [read_time(text, locale) for text in texts.tolist()]
    return [date.fromisoformat(text[:10]).toordinal() if text else None for text in found]


def frequencies(column: Column) -> list[tuple[str, int]]:
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
        found |= decimal_evidence(texts_of(column.filled)).keys() & {",", "."}
    return found


def states_zone(column: Column) -> bool:
    """Whether some time of a column has an offset or a zone of its own; a text that is no time says nothing."""
    parsed = parse("event_time", texts_of(column.filled), unset_locale())
    unsure = {place for places in parsed.needs.values() for place in places}
    return len(parsed.problems) < len(column.filled) or bool(unsure.difference(parsed.needs.get("timezone", ())))


def lacking(column: Column, setting: str) -> int:
    """How many of a column's times can't be read without a setting."""
    return len(parse("event_time", texts_of(column.filled), unset_locale()).needs.get(setting, ()))
