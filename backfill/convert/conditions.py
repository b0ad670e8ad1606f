"""Conditions: which records a mapping's `where` lets through."""

from collections.abc import Iterator
from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np

from backfill.convert.expressions import Blanks
from backfill.convert.patterns import watched
from backfill.convert.profile import ColumnProfile
from backfill.convert.records import Records
from backfill.convert.settings import ConvertSettings
from backfill.errors import UsageError
from backfill.event import Code, Problem
from backfill.fields import Kind, Locale, parse, parse_number, read_time
from backfill.fields.column import Flags, Texts
from backfill.fields.mend import NOTHINGS
from backfill.mapping import Condition


def meets(
    conditions: tuple[Condition, ...],
    records: Records,
    settings: ConvertSettings,
    doubts: dict[int, list[Problem]],
    clues: ColumnProfile,
) -> Flags:
    """Which records meet all the conditions. One whose cell can't be judged counts too, with a problem noted.

    Raises UsageError for a time in the mapping that the source's settings do not allow to be read.
    """
    met = np.ones(len(records), bool)
    for condition in conditions:
        texts = records.cells[condition.column]
        passed, unsure, code = judge(condition, texts, settings.locale, clues)
        weigh_condition(condition, records, clues)
        for record in np.flatnonzero(unsure & met).tolist():
            problem = Problem(code, condition.column, "can't be judged by the mapping's where")
            if problem not in doubts.setdefault(record, []):
                doubts[record].append(problem)
        met &= passed | unsure
    return met


def weigh_condition(condition: Condition, records: Records, clues: ColumnProfile) -> None:
    """Note how the column is written that a condition reads."""
    rows = records.unsummed.get(condition.column)
    weighed = (records.cells[condition.column],) if rows is None else (rows, records.owner)
    for kind in _kinds(condition):
        clues.weigh(kind, condition.column, *weighed)


def _kinds(condition: Condition) -> Iterator[Kind]:
    """The kind as which the column is read."""
    if condition.at_least is not None or condition.at_most is not None:
        yield Kind.NUMBER
    if condition.before is not None or condition.after is not None:
        yield Kind.TIME


def judge(condition: Condition, texts: Texts, locale: Locale, clues: ColumnProfile) -> tuple[Flags, Flags, Code]:
    """Which cells pass a condition, which can't be judged, and with which code those are to be rejected."""
    filled: Flags = texts != ""
    passed = np.ones(len(texts), bool)
    unsure = np.zeros(len(texts), bool)
    if condition.empty is not None:
        blanks = Blanks()
        filled = blanks.of(texts, NOTHINGS) != ""
        clues.blank(condition.column, blanks, np.arange(len(texts)))
        passed &= ~filled if condition.empty else filled
    if condition.one_of is not None:
        passed &= _among(texts, condition.one_of)
    if condition.none_of is not None:
        passed &= ~_among(texts, condition.none_of)
    if condition.matches is not None:
        search = condition.matches.search
        with watched(condition.matches, condition.matches_line, texts.tolist()) as rest:
            passed &= np.fromiter((search(text) is not None for text in rest), bool, len(texts))
    code = Code.INVALID_NUMBER
    if condition.at_least is not None or condition.at_most is not None:
        low, high = condition.at_least, condition.at_most
        numbers = [parse_number(text, locale) if text else None for text in texts]
        unsure |= filled & np.array([n is None for n in numbers], bool)
        passed &= np.array(
            [n is not None and (low is None or n >= low) and (high is None or n <= high) for n in numbers], bool
        )
        _tell(Kind.NUMBER, condition.column, texts, unsure, locale, clues)
    if condition.before is not None or condition.after is not None:
        code = Code.INVALID_TIME
        first, end = (_bound(condition.column, text, locale) for text in (condition.after, condition.before))
        times = [read_time(text, locale) if text else None for text in texts]
        unsure |= filled & np.array([t is None for t in times], bool)
        passed &= np.array(
            [t is not None and (first is None or t >= first) and (end is None or t < end) for t in times], bool
        )
        _tell(Kind.TIME, condition.column, texts, unsure, locale, clues)
    return passed, unsure & filled, code


def _bound(column: str, text: str | None, locale: Locale) -> str | None:
    found = read_time(text, locale, hour=0) if text else None
    if text and found is None:
        if read_time(text, replace(locale, timezone=ZoneInfo("UTC")), hour=0) is None:
            raise UsageError(f"where {column}: {text} is no time; write 2024-05-31 or 2024-05-31T18:00:00Z")
        raise UsageError(
            f"where {column}: {text} has no time zone; set source.timezone (or --timezone ZONE), or write it with its "
            "offset, such as 2024-05-31T18:00:00Z"
        )
    return found


def _tell(kind: Kind, column: str, texts: Texts, unsure: Flags, locale: Locale, clues: ColumnProfile) -> None:
    """Note which settings the column needs to be judged."""
    clues.readable[column] += int(((texts != "") & ~unsure).sum())
    if unsure.any():
        field = "event_time" if kind is Kind.TIME else "profile_field_16"
        for setting, positions in parse(field, texts[unsure], locale).needs.items():
            clues.lacking[column, setting] += len(positions)


def _among(texts: Texts, wanted: tuple[str, ...]) -> Flags:
    folded = frozenset(text.strip().casefold() for text in wanted)
    listed = texts.tolist()
    known = {text: text.casefold() in folded for text in set(listed)}
    return np.fromiter(map(known.__getitem__, listed), bool, len(texts))
