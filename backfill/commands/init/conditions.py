"""Conditions: which rows are what happened, and which are unpaid, cancelled, refunds or tests."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from backfill.commands.init.choice import named
from backfill.commands.init.guess import counted, decimal_of, time_share
from backfill.commands.init.sample import Column, Sample
from backfill.commands.init.vocabulary import GONE, PAID, REFUND, SALE, UNPAID, words
from backfill.commands.init.yaml_text import scalar, shown
from backfill.counts import grouped, plus
from backfill.fields import Locale, parse_number
from backfill.mapping.model import BLANK

MOST_STATES = 25
FEW_BLANKS = 0.1
FLAGS = (("true", "false"), ("yes", "no"), ("1", "0"), ("t", "f"), ("y", "n"))
AMBIGUOUS = frozenset(["state", "estado", "stan", "stato"])  # a province as well
_TRIALS = {  # how a cell begins of a row that a platform made itself, to try a form or to show a board; as a pattern
    "<test lead": "^(?!<test lead)",  # Meta lead ads
    "(example)": "^(?![(]Example[)])",  # HighLevel opportunities
}


@dataclass(slots=True)
class Conditions:
    """Lines of a `where`; `asks` says what they wait for, `columns` what they read.

    `money` is the column whose sums are shown with the counts of each value, where a row has an amount of its own.
    """

    money: Column | None = None
    lines: list[str] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    asks: list[str] = field(default_factory=list)


def conditions(sample: Sample, paying: bool, used: Iterable[Column], money: Column | None) -> Conditions:
    """Say which rows to take; only an event that is paid for (`paying`) asks the status.

    A column whose values say that rows are no event is always mentioned, whatever its name, unless a field reads it
    (`used`).
    """
    made = Conditions(money if paying else None)
    taken = {column.name for column in used}
    states = [column for column in named("status", sample) if column.name not in taken and _is_state(column)]
    for column in states[:1] if paying else []:
        _status(column, made)
    types = [column for column in named("type", sample)[:1] if paying and column.name not in taken]
    for column in types:
        _type(column, made)
    marks = [column for name in ("cancelled", "test", "live", "undone") for column in named(name, sample)]
    for column in named("cancelled", sample):
        _cancelled(column, made)
    for name, meaning in (("test", True), ("live", False), ("undone", True)):
        for column in named(name, sample):
            if _is_flag(column) and not _is_part_of_another(column, marks):
                made.lines.append(f"# {_MEANINGS[name]}: {_counts(column, made)}")
                _flag(column, meaning, made)
    dealt = taken.union(column.name for column in (*states[:paying], *types, *marks))
    for column in sample.columns:
        if column.name not in dealt:
            _other(column, column in states, made)
    return made


_MEANINGS = {
    "test": "no tests",
    "live": "no tests",
    "undone": "what was taken back, or never was paid for, is no event",
}


def _status(column: Column, made: Conditions) -> None:
    """Take what is paid for, where every value is a word known to be that or its contrary."""
    states = counted(column)
    paid = [text for text, _ in states if _spelt(text) in PAID]
    unknown = [text for text, _ in states if _spelt(text) not in PAID | UNPAID | GONE]
    made.lines.append(f"# {_counts(column, made)}")
    if paid and not unknown:
        made.lines.append("# sure: each of them is known as paid for or not; what is not named here gives no event")
        _add(column, _list(paid), made)
        return
    if paid:
        made.lines.append(f"# {_entry(column, _list(paid))}     # likely: paid for")
    _add(column, _list([f"{BLANK}the values that mean paid for"]), made)
    made.asks.append(f"where, {shown(column.name)}: which of its values mean paid for")


def _type(column: Column, made: Conditions) -> None:
    """Rows of several kinds are not all purchases: take those that are, where every kind is known."""
    kinds = [text for text, _ in counted(column)]
    if len(kinds) < 2 or not _is_short(column):
        return
    good = [text for text in kinds if _spelt(text) in SALE]
    bad = [text for text in kinds if _spelt(text) in REFUND]
    made.lines.append(f"# {_counts(column, made)}")
    if good and len(good) + len(bad) == len(kinds):
        made.lines.append("# sure: each of them is known as money that came or that went back")
        _add(column, _list(good), made)
        return
    if bad:
        made.lines.append(f"# {_entry(column, f'{{not: {_list(bad)}}}')}     # likely: money that went back")
    _add(column, _list([f"{BLANK}the values that are purchases"]), made)
    made.asks.append(f"where, {shown(column.name)}: which of its values are purchases (all of them: take the line out)")


def _cancelled(column: Column, made: Conditions) -> None:
    """A time of cancellation must be empty, a mark must not be set; either only takes rows away."""
    if _is_flag(column):
        made.lines.append(f"# {_counts(column, made)}")
        _flag(column, True, made)
    elif not len(column.filled) or time_share(column) > 0.5:
        made.lines.append(
            f"# what is cancelled is no purchase: {len(column.filled):,} of {len(column.cells):,} rows are"
        )
        _add(column, "empty", made)


def _other(column: Column, is_state: bool, made: Conditions) -> None:
    """A column of another name: ask where it seems to say that some rows are no event."""
    texts = [text for text, _ in counted(column)]
    for begin, pattern in _TRIALS.items():
        if any(text.casefold().startswith(begin) for text in texts):
            made.lines.append("# rows that the platform made itself are no event")
            _add(column, f"{{matches: {scalar(pattern)}}}", made)
            return
    if not _is_short(column):
        return
    gone = [text for text in texts if _spelt(text) in GONE]
    tried = {"live", "test"} >= {_spelt(text) for text in texts}
    known = [text for text in texts if _spelt(text) in PAID | UNPAID | GONE]
    paid_or_gone = any(_spelt(text) in PAID for text in texts) and all(_spelt(text) in PAID | GONE for text in texts)
    if gone and (tried or is_state or paid_or_gone):
        made.lines.append(f"# {_counts(column, made)}")
        _add(column, f"{{not: {_list(gone)}}}", made)
    elif gone and len(known) * 2 >= len(texts):
        made.lines.append(f"# {_counts(column, made)}")
        _add(column, _list([f"{BLANK}the values that count"]), made)
        made.asks.append(f"where, {shown(column.name)}: which of its values count (all of them: take the line out)")
    elif is_state:
        made.lines.append(f"# {_entry(column, '[...]')}     # {_counts(column, made)}")


def _is_part_of_another(column: Column, marks: list[Column]) -> bool:
    """Whether another mark says it more exactly: for "Refunded?" that is "Fully Refunded?"."""
    own = {*words(column.name)}
    return any(own < {*words(other.name)} and "fully" in words(other.name) for other in marks)


def _add(column: Column, test: str, made: Conditions) -> None:
    made.lines.append(_entry(column, test))
    made.columns.append(column)


def _entry(column: Column, test: str) -> str:
    return f"{scalar(column.name)}: {test}"


def _list(texts: list[str]) -> str:
    return f"[{', '.join(map(scalar, texts))}]"


def _spelt(text: str) -> str:
    return " ".join(words(text)).removeprefix("wc ")


def _is_state(column: Column) -> bool:
    states = counted(column)
    if not _is_short(column):
        return False
    known = sum(_spelt(text) in PAID | UNPAID for text, _ in states)
    return known * 2 >= len(states) or not AMBIGUOUS & set(words(column.name))


def _is_short(column: Column) -> bool:
    """Whether it has a few short values, which may be shown."""
    states = counted(column)
    return 0 < len(states) <= MOST_STATES and not any(len(text) > 60 or "@" in text for text, _ in states)


def _is_flag(column: Column) -> bool:
    return bool(len(column.filled)) and _texts(column) <= {text for pair in FLAGS for text in pair}


def _flag(column: Column, meaning: bool, made: Conditions) -> None:
    """Take the rows whose mark does not say this, in the words that the column uses.

    A blank cell does not count as the contrary where nearly all rows say it: it may be in a row of totals.
    """
    pairs = [pair for pair in FLAGS if _texts(column) & {*pair}]
    contrary = [pair[meaning] for pair in pairs]
    blanks = len(column.cells) - len(column.filled)
    if 0 < blanks <= FEW_BLANKS * len(column.cells) and _texts(column) & {*contrary}:
        _add(column, _list(contrary), made)
    else:
        _add(column, f"{{not: {_list([pair[not meaning] for pair in pairs])}}}", made)


def _texts(column: Column) -> set[str]:
    return {text.casefold() for text in column.filled.tolist()}


def _counts(column: Column, made: Conditions) -> str:
    """Each value with the number of its rows, and the sum of their amounts where rows have one."""
    sums = _sums(column, made.money)
    money = {text: f" ({grouped(amount)})" for text, amount in sums.items()}
    each = (f"{shown(text)} {count:,}{money.get(text, '')}" for text, count in counted(column))
    return f"{shown(column.name)} has " + ", ".join(each)


def _sums(column: Column, money: Column | None) -> dict[str, Decimal]:
    if money is None:
        return {}
    sums: dict[str, Decimal] = {}
    locale = Locale(0, decimal="," if decimal_of([money]) == {","} else None)
    for text, amount in zip(column.cells.tolist(), money.cells.tolist(), strict=True):
        number = parse_number(amount, locale) if text and amount else None
        if number is not None:
            sums[text] = plus(sums.get(text, Decimal()), number)
    return sums
