"""Conditions: which records a mapping's `where` lets through."""

import numpy as np

from backfill.convert.cells import Flags, Texts
from backfill.convert.terms import Terms
from backfill.event import Code, Problem
from backfill.fields import Reading, parse_number, read_time
from backfill.mapping import Condition
from backfill.records import Records


def meets(conditions: tuple[Condition, ...], records: Records, terms: Terms, doubts: dict[int, list[Problem]]) -> Flags:
    """Which records meet all the conditions. One whose cell can't be judged does, with a problem for a person."""
    met = np.ones(len(records), bool)
    for condition in conditions:
        texts = records.cells[condition.column]
        passed, unsure, code = _judge(condition, texts, terms.of(condition.column))
        for record in np.flatnonzero(unsure & met):
            doubts.setdefault(int(record), []).append(
                Problem(code, condition.column, "can't be judged by the mapping's where")
            )
        met &= passed | unsure
    return met


def _judge(condition: Condition, texts: Texts, reading: Reading) -> tuple[Flags, Flags, Code]:
    filled = texts != ""
    passed = np.ones(len(texts), bool)
    unsure = np.zeros(len(texts), bool)
    if condition.empty is not None:
        passed &= ~filled if condition.empty else filled
    if condition.one_of is not None:
        passed &= _among(texts, condition.one_of)
    if condition.none_of is not None:
        passed &= ~_among(texts, condition.none_of)
    if condition.matches is not None:
        search = condition.matches.search
        passed &= np.fromiter((search(text) is not None for text in texts), bool, len(texts))
    code = Code.INVALID_NUMBER
    if condition.at_least is not None or condition.at_most is not None:
        low, high = condition.at_least, condition.at_most
        numbers = [parse_number(text, reading) if text else None for text in texts]
        unsure |= filled & np.array([n is None for n in numbers], bool)
        passed &= np.array(
            [n is not None and (low is None or n >= low) and (high is None or n <= high) for n in numbers], bool
        )
    if condition.before is not None or condition.after is not None:
        code = Code.INVALID_TIME
        first, end = (read_time(t, reading, hour=0) if t else None for t in (condition.after, condition.before))
        times = [read_time(text, reading) if text else None for text in texts]
        unsure |= filled & np.array([t is None for t in times], bool)
        passed &= np.array(
            [t is not None and (first is None or t >= first) and (end is None or t < end) for t in times], bool
        )
    return passed, unsure & filled, code


def _among(texts: Texts, wanted: tuple[str, ...]) -> Flags:
    folded = frozenset(text.strip().casefold() for text in wanted)
    return np.fromiter((text.casefold() in folded for text in texts), bool, len(texts))
