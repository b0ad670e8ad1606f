"""Conditions: which rows are what happened, and which are unpaid, cancelled, refunds or tests."""

from dataclasses import dataclass, field

from backfill.init.choice import named
from backfill.init.guess import counted, time_share
from backfill.init.quoting import scalar, shown
from backfill.init.sample import Column, Sample
from backfill.init.words import PAID, REFUND, SALE, UNPAID, words

MOST_STATES = 25
FLAGS = (("true", "false"), ("yes", "no"), ("1", "0"), ("t", "f"), ("y", "n"))
AMBIGUOUS = frozenset(["state", "estado", "stan", "stato"])  # a province as well


@dataclass(slots=True)
class Conditions:
    """Lines of a `where`; `asks` says what they wait for, `columns` what they read."""

    lines: list[str] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    asks: list[str] = field(default_factory=list)


def conditions(sample: Sample, paying: bool) -> Conditions:
    """Say which rows to take; only an event that is paid for (`paying`) asks the status."""
    made = Conditions()
    states = [column for column in named("status", sample) if _is_state(column)]
    for column in states[:1] if paying else []:
        _status(column, made)
    for column in states[1:] if paying else states:
        made.lines.append(f"# {_entry(column, '[...]')}     # {_counts(column)}")
    for column in named("type", sample)[:1] if paying else []:
        _type(column, made)
    for column in named("cancelled", sample):
        _cancelled(column, made)
    for name, meaning in (("test", True), ("live", False)):
        for column in named(name, sample):
            if _is_flag(column):
                made.lines.append(f"# no tests: {_counts(column)}")
                _flag(column, meaning, made)
    return made


def _status(column: Column, made: Conditions) -> None:
    """Take what is paid for, where every value is a word known to be that or its contrary."""
    states = counted(column)
    paid = [text for text, _ in states if _spelt(text) in PAID]
    unknown = [text for text, _ in states if _spelt(text) not in PAID | UNPAID]
    made.lines.append(f"# {_counts(column)}")
    if paid and not unknown:
        made.lines.append("# sure: each of them is known as paid for or not; what is not named here gives no event")
        _add(column, _list(paid), made)
        return
    if paid:
        made.lines.append(f"# {_entry(column, _list(paid))}     # likely: paid for")
    _add(column, _list(["FILL IN the values that mean paid for"]), made)
    made.asks.append(
        f"where, {shown(column.name)}: which of its values mean paid for (until then no row gives an event)"
    )


def _type(column: Column, made: Conditions) -> None:
    """Rows of several kinds are not all purchases: take those that are, where every kind is known."""
    kinds = [text for text, _ in counted(column)]
    if len(kinds) < 2 or not _is_short(column):
        return
    good = [text for text in kinds if _spelt(text) in SALE]
    bad = [text for text in kinds if _spelt(text) in REFUND]
    made.lines.append(f"# {_counts(column)}")
    if good and len(good) + len(bad) == len(kinds):
        made.lines.append("# sure: each of them is known as money that came or that went back")
        _add(column, _list(good), made)
        return
    if bad:
        made.lines.append(f"# {_entry(column, f'{{not: {_list(bad)}}}')}     # likely: money that went back")
    _add(column, _list(["FILL IN the values that are purchases"]), made)
    made.asks.append(f"where, {shown(column.name)}: which of its values are purchases (all of them: take the line out)")


def _cancelled(column: Column, made: Conditions) -> None:
    """A time of cancellation must be empty, a mark must not be set; either only takes rows away."""
    if _is_flag(column):
        made.lines.append(f"# {_counts(column)}")
        _flag(column, True, made)
    elif not len(column.filled) or time_share(column) > 0.5:
        made.lines.append(
            f"# what is cancelled is no purchase: {len(column.filled):,} of {len(column.cells):,} rows are"
        )
        _add(column, "empty", made)


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
    """Take the rows whose mark does not say this, in the words that the column uses."""
    texts = [pair[not meaning] for pair in FLAGS if _texts(column) & {*pair}]
    _add(column, f"{{not: {_list(texts)}}}", made)


def _texts(column: Column) -> set[str]:
    return {text.casefold() for text in column.filled.tolist()}


def _counts(column: Column) -> str:
    return f"{shown(column.name)} has " + ", ".join(f"{shown(text)} {count:,}" for text, count in counted(column))
