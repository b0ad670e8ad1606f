"""Resubmission: records of a reject file give again the events that they were rejected as, and no others.

A key that a spreadsheet made of the old one is the old one; one that a person changed is a broken rule, until `_key` is
emptied. So is an event that is no longer made, unless a condition leaves it out that reads a cell which was wrong: that
cell was to be mended. Where rows disagreed no condition was asked: one whose cells are as they were has left the event
out from the start.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from backfill.convert.choice import Choice
from backfill.convert.conditions import unmet
from backfill.convert.expressions import text_of
from backfill.convert.records import Records
from backfill.convert.rejection import Rejection
from backfill.event import Code, Problem
from backfill.fields import Locale
from backfill.fields.arrow import Places, listed, pick
from backfill.files.marks import HELD_WAS
from backfill.files.rows import fold
from backfill.files.was import before, noted
from backfill.mapping import Condition, FieldSource, Mapping


class Missing(NamedTuple):
    """An event that a record gave and gives no more, the templates that give such events, and its key."""

    record: int
    rejection: Rejection
    templates: list[int]
    keys: list[str]  # several where it is not known whose they are


def resubmit(
    rejections: dict[int, Rejection], choices: list[Choice], mapping: Mapping, records: Records, locale: Locale
) -> None:
    """Leave out events that were not rejected; a rejected one that is no longer made is a problem of its own."""
    rejections = {record: rejection for record, rejection in rejections.items() if not rejection.silent}
    stated = [template.event_name.value for template in mapping.events]
    varying = frozenset(at for at, name in enumerate(stated) if name is None)
    asked = [{name for one in template.where for name in one.names} for template in mapping.events]
    places, blank = np.array([*rejections], np.int64), records.blank
    names = [_names_now(template.event_name, records, places) for template in mapping.events]
    missing: list[Missing] = []
    for (record, rejection), *now in zip(rejections.items(), *names, strict=True):
        likely, keys = rejection.templates(now, varying), rejection.keys
        made = [at for at in likely if choices[at].met[record]]
        for at in set(range(len(choices))) - {*likely} if likely else ():
            if made or keys or all(asked[at].isdisjoint(asked[one]) for one in likely):
                choices[at].met[record] = False  # else a cell may have been mended that decides between them
        if keys and likely and not blank[record]:
            lacking = rejection.missing({at: stated[at] for at in likely}, made)
            missing += [Missing(record, rejection, *one) for one in lacking]
        for at in made if keys and rejection.gone else ():
            if one := next((one for one in mapping.conditions_of(at) if one.first_by is not None), None):
                choices[at].hold(record, no_first(one.column))
    for event, condition in _edited(missing, mapping, records, locale):
        old, whole = ", ".join(event.keys), len(event.keys) == len(event.rejection.keys)
        rest = "empty _key" if whole else f"take {old} out of _key"
        reason = f"was rejected as {old}, and gives no event: undo the change, or {rest}"
        choices[event.templates[0]].hold(event.record, Problem(Code.KEY_CHANGED, "", reason, condition.column))


def is_first(rejection: Rejection | None, cells: list[tuple[str, str]], column: str, called: set[str]) -> bool:
    """Whether a record is known to be the first of whoever is in a column: only the whole export shows it.

    It was judged by the cells that it had then, unless one could not be read. What was said to be none before, and
    has nothing else wrong, a person decides. `cells` are its rows' cells, each with its `_was`.
    """
    if rejection is not None and not rejection.silent and rejection.gone:
        return not rejection.wrong
    said = [(text, before(packed).cells) for text, packed in cells]
    if all(was for _, was in said):
        return all(noted(text) == was.get(column, "") for text, was in said)
    return rejection is None or (not rejection.torn and rejection.wrong.isdisjoint(called))


def cells_of(column: str, records: Records, some: Places, mapping: Mapping) -> list[list[tuple[str, str]]]:
    """Of each of some records its rows' cells in a column, each with its `_was`."""
    columns = dict(zip(mapping.columns, records.rows.cells, strict=True))
    if HELD_WAS not in columns or column not in columns:
        return [[("", "")]] * len(some)
    found = [list[tuple[str, str]]() for _ in some]
    places, which = records.places_of(some)
    rows = zip(listed(pick(columns[column], places)), listed(pick(columns[HELD_WAS], places)), strict=True)
    for at, row in zip(which.tolist(), rows, strict=True):
        found[at].append(row)
    return found


def no_first(column: str) -> Problem:
    """What is wrong with an event of which a reject file can't show that it is the first of whoever is in a column."""
    reason = f"only the whole export shows the first of each {column}: correct the export and upload that; or, if "
    return Problem(Code.KEY_CHANGED, "", f"{reason}this is the first, empty _key", column)


def _names_now(cell: FieldSource, records: Records, places: Places) -> list[str]:
    """What a template calls the events of these records."""
    if cell.value is not None:
        return [cell.value] * len(places)
    return listed(text_of(cell, {name: records.cells.of(name, places) for name in cell.names}, len(places))[0])


def _edited(
    missing: list[Missing], mapping: Mapping, records: Records, locale: Locale
) -> list[tuple[Missing, Condition]]:
    """Each event that conditions leave out by cells that were not wrong, and were others; the first of them."""
    places = np.array(sorted({event.record for event in missing}), np.int64)
    leaving = {
        at: [(one, set(places[out].tolist())) for one, out in unmet(mapping.conditions_of(at), records, places, locale)]
        for at in {at for event in missing for at in event.templates}
    }

    def edit_of(event: Missing) -> Condition | None:
        met, never = list[Condition](), set[int]()
        for at in event.templates:
            for condition in (one for one, left_out in leaving[at] if event.record in left_out):
                met.append(condition)
                if not spellings(condition.names, mapping).isdisjoint(event.rejection.wrong):
                    return None  # it was to be mended
                if event.rejection.unsure and _as_it_was(condition, event, mapping, records):
                    never.add(at)
        return met[0] if met and never != {*event.templates} else None

    return [(event, condition) for event in missing if (condition := edit_of(event)) is not None]


def spellings(names: Iterable[str], mapping: Mapping) -> set[str]:
    """What a reject file may call these columns."""
    return {fold(one) for name in names for one in (name, *mapping.source.aliases.get(name, ()))}


def _as_it_was(condition: Condition, event: Missing, mapping: Mapping, records: Records) -> bool:
    """Whether a condition reads of a record what it would have read before the rows were rejected, by their `_was`."""
    columns = dict(zip(mapping.columns, records.rows.cells, strict=True))
    if condition.first_by is not None or not columns.keys() >= {HELD_WAS, *condition.names}:
        return False  # other records decide, or another file
    places = records.places_of(np.array([event.record]))[0]
    said = [before(text) for text in listed(pick(columns[HELD_WAS], places))]
    was = [one.cells for one in said]
    disagreed = (name for name in columns if fold(name) in event.rejection.wrong)
    differ = any(len({cells[name] for cells in was if name in cells}) > 1 for name in disagreed)
    whole = differ and all(one.cells and one.rows == len(said) for one in said)  # under sum alone it is said how many
    for texts, name in ((listed(pick(columns[name], places)), name) for name in condition.names):
        known = [(text, cells) for text, cells in zip(texts, was, strict=True) if cells]
        if any(noted(text) != cells.get(name, "") for text, cells in known):
            return False
        if not whole and not any(text for text, _ in known):
            return False  # a row that is no longer there, or could not be read, may have had the cell
    return True
