"""Conditions: which records a mapping's `where` lets through."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from typing import TypeVar
from zoneinfo import ZoneInfo

import numpy as np

from backfill.convert.expressions import Blanks, Columns
from backfill.convert.firsts import Scope, customers_in
from backfill.convert.patterns import matching
from backfill.convert.profile import ColumnProfile
from backfill.convert.records import Records
from backfill.convert.settings import ConvertSettings
from backfill.errors import UsageError
from backfill.event import Code, Problem
from backfill.fields import Kind, Locale, parse, parse_number, read_time
from backfill.fields.arrow import Flags, Places, Texts, filled, holds, listed, pick, put
from backfill.fields.mend import NOTHINGS
from backfill.fields.times import first_days
from backfill.fields.typed import untyped
from backfill.mapping import Condition

T = TypeVar("T")
_UNSURE = "can't be judged by the mapping's where"


def meets(
    conditions: tuple[Condition, ...],
    records: Records,
    among: Flags,
    settings: ConvertSettings,
    doubts: dict[int, list[Problem]],
    clues: ColumnProfile,
    phones: Collection[str],
    template: int = -1,
) -> Flags:
    """Which records meet all the conditions. One whose cell can't be judged counts too, with a problem noted.

    A customer's first record is looked for among those that meet the other conditions, and are `among` these. `phones`
    are the columns that fields take for phone numbers.
    Raises UsageError for a time in the mapping that the source's settings do not allow to be read.
    """
    met = np.ones(len(records), bool)
    for condition in conditions:
        passed, unsure, code = judge(condition, records.cells, settings.locale, clues)
        weigh_condition(condition, records, clues)
        _doubt(unsure & met, Problem(code, condition.column, _UNSURE), doubts)
        met &= passed | unsure
    for condition in conditions:
        if condition.first_by is not None:
            scope, places = (template, condition.column, condition.first_by), np.flatnonzero(met & among)
            passed, unsure, cut = _first(scope, places, records, settings, clues, phones=condition.column in phones)
            reason = f"{_UNSURE}, or another of the same {condition.column} can't"
            _doubt(unsure, Problem(Code.INVALID_TIME, condition.first_by, reason), doubts)
            reason = f"{_UNSURE}: a spreadsheet has cut this number, export it as text"
            _doubt(cut, Problem(Code.INVALID_ORDER_ID, condition.column, reason), doubts)
            met &= passed | unsure | cut
    return met


def unmet(
    conditions: tuple[Condition, ...], records: Records, places: Places, locale: Locale
) -> Iterator[tuple[Condition, Flags]]:
    """Each condition, and which of these records it leaves out, none of which meets them all.

    Who meets all others is no customer's first.
    """
    rest = np.ones(len(places), bool)
    for condition in conditions:
        cells = {name: records.cells.of(name, places) for name in condition.names}
        passed, unsure, _ = judge(condition, cells, locale, ColumnProfile())
        rest &= passed | unsure
        yield condition, ~(passed | unsure)
    yield from ((condition, rest) for condition in conditions if condition.first_by is not None)


def _doubt(unsure: Flags, problem: Problem, doubts: dict[int, list[Problem]]) -> None:
    for record in np.flatnonzero(unsure).tolist():
        if problem not in doubts.setdefault(record, []):
            doubts[record].append(problem)


def _first(
    scope: Scope, places: Places, records: Records, settings: ConvertSettings, clues: ColumnProfile, *, phones: bool
) -> tuple[Flags, Flags, Flags]:
    """Which records are their customer's first, of which nobody knows, and which have an id that was cut.

    One without a customer is its own, and so is one whose customer no field would take.
    """
    _, column, by = scope
    first, unknown, cut = np.ones(len(records), bool), np.zeros(len(records), bool), np.zeros(len(records), bool)
    blanks = Blanks()
    customers = blanks.of(untyped(records.cells.of(column, places)), NOTHINGS)
    clues.blank(column, blanks, places)
    customers, cut[places] = customers_in(customers, phones)
    some = filled(customers)
    places, customers = places[some], pick(customers, some)
    texts = records.cells.of(by, places)
    zeros = set(first_days(texts, settings.locale).tolist())
    times = [None if at in zeros else read_time(text, settings.locale) for at, text in enumerate(listed(texts))]
    _tell(Kind.TIME, by, texts, _flags(time is None for time in times), settings.locale, clues)
    first[places], unknown[places] = settings.firsts.judge(scope, customers, times)
    return first, unknown, cut


def weigh_condition(condition: Condition, records: Records, clues: ColumnProfile) -> None:
    """Note how the columns are written that a condition reads as numbers and times."""
    for kind, names in ((Kind.NUMBER, condition.numbers), (Kind.TIME, condition.times)):
        for name in names:
            rows = records.unsummed.get(name)
            weighed = (records.cells[name],) if rows is None else (rows, records.owner)
            clues.weigh(kind, name, *weighed)


def judge(condition: Condition, cells: Columns, locale: Locale, clues: ColumnProfile) -> tuple[Flags, Flags, Code]:
    """Which cells pass a condition, which can't be judged, and with which code those are to be rejected.

    Of `first_by` nothing is asked here: it needs the whole input.
    """
    if condition.times:
        cells = {name: cells[name] for name in condition.names}
        cells |= {name: _without_first_days(cells[name], name, locale, clues) for name in condition.times}
    texts = untyped(cells[condition.column])
    some = filled(texts)
    passed = np.ones(len(texts), bool)
    unsure = np.zeros(len(texts), bool)
    if condition.empty is not None:
        blanks = Blanks()
        texts_ = blanks.of(texts, NOTHINGS)
        if holds(texts_, ":"):  # with its hour: a bare day may be a birthday, or an id
            texts_ = _without_first_days(texts_, condition.column, locale, clues, ":")
        some = filled(texts_)
        clues.blank(condition.column, blanks, np.arange(len(texts)))
        passed &= ~some if condition.empty else some
    if condition.one_of is not None:
        passed &= _among(texts, condition.one_of)
    if condition.none_of is not None:
        passed &= ~_among(texts, condition.none_of)
    if condition.matches is not None:
        passed &= _found(texts, condition.matches, condition.matches_line)
    code = Code.INVALID_NUMBER
    for kind, fit, unread in (*_of_numbers(condition, cells, locale), *_of_times(condition, cells, locale)):
        code = Code.INVALID_TIME if kind is Kind.TIME else code
        unsure |= some & unread
        passed &= fit
        _tell(kind, condition.column, cells[condition.column], unsure, locale, clues)
    return passed, unsure & some, code


def _without_first_days(texts: Texts, column: str, locale: Locale, clues: ColumnProfile, with_: str = "") -> Texts:
    """A column whose times of the first day of 1970 are empty, those alone that are written `with_` this."""
    places = first_days(texts, locale)
    places = places[[with_ in text for text in listed(pick(texts, places))]] if with_ else places
    clues.blank(column, Blanks(set(places.tolist())), np.arange(len(texts)))
    return put(texts, places, [""] * len(places))


def _of_numbers(condition: Condition, cells: Columns, locale: Locale) -> Iterator[tuple[Kind, Flags, Flags]]:
    """For each test of numbers: which cells pass it, and which can't be judged."""
    read = {name: _read(cells[name], lambda text: parse_number(text, locale)) for name in condition.numbers}
    numbers = read.get(condition.column, [])
    if condition.at_least is not None or condition.at_most is not None:
        low, high = condition.at_least, condition.at_most
        within = [n is not None and (low is None or n >= low) and (high is None or n <= high) for n in numbers]
        yield Kind.NUMBER, _flags(within), _flags(n is None for n in numbers)
    if condition.not_all_of is not None:
        pairs = list(zip(listed(cells[condition.column]), numbers, read[condition.not_all_of], strict=True))
        short = [not text or n == 0 or (n is not None and w is not None and n < w) for text, n, w in pairs]
        yield Kind.NUMBER, _flags(short), _flags(n is None or (n != 0 and w is None) for _, n, w in pairs)


def _of_times(condition: Condition, cells: Columns, locale: Locale) -> Iterator[tuple[Kind, Flags, Flags]]:
    """For each test of times: which cells pass it, and which can't be judged."""
    read = {name: _read(cells[name], lambda text: read_time(text, locale)) for name in condition.times}
    times = read.get(condition.column, [])
    if condition.before is not None or condition.after is not None:
        first, end = (_bound(condition.column, text, locale) for text in (condition.after, condition.before))
        within = [t is not None and (first is None or t >= first) and (end is None or t < end) for t in times]
        yield Kind.TIME, _flags(within), _flags(t is None for t in times)
    if condition.later_than is not None:
        pairs = list(zip(times, read[condition.later_than], strict=True))
        later = [time is not None and other is not None and time > other for time, other in pairs]
        yield Kind.TIME, _flags(later), _flags(None in pair for pair in pairs)


def _flags(values: Iterable[bool]) -> Flags:
    return np.array(list(values), bool)


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
    clues.readable[column] += int((filled(texts) & ~unsure).sum())
    if unsure.any():
        field = "event_time" if kind is Kind.TIME else "profile_field_16"
        for setting, positions in parse(field, pick(texts, unsure), locale).needs.items():
            clues.lacking[column, setting] += len(positions)


# -- each distinct text is judged once


def _coded(texts: Texts) -> tuple[list[str], Places]:
    """The distinct texts, and of each of all which it is."""
    coded = texts.dictionary_encode()
    return listed(coded.dictionary), coded.indices.to_numpy()


def _among(texts: Texts, wanted: tuple[str, ...]) -> Flags:
    folded = frozenset(text.strip().casefold() for text in wanted)
    known, which = _coded(texts)
    return _flags(text.casefold() in folded for text in known)[which]


def _found(texts: Texts, pattern: re.Pattern[str], line: int) -> Flags:
    known, which = _coded(texts)
    return _flags(matching(pattern, line, known))[which]


def _read(texts: Texts, read: Callable[[str], T | None]) -> list[T | None]:
    known, which = _coded(texts)
    values = [read(text) if text else None for text in known]
    return [values[at] for at in which.tolist()]
