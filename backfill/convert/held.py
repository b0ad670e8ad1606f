"""Held: what the rows of a reject file gave when they were rejected, so that they give no others now.

A row gives again the events that its `_event` names, or those of the templates that gave it one without a name, under
their `_key`. A key that a spreadsheet made of the old one is the old one; one that a person changed is a broken rule,
until `_key` is emptied. So is an event that is no longer made, unless a condition leaves it out that reads a cell which
was wrong: that cell was to be mended. Where rows disagreed no condition was asked: one whose cells are as they were has
left the event out from the start.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from backfill.convert.conditions import unmet
from backfill.convert.expressions import text_of
from backfill.convert.records import Records
from backfill.event import Code, Problem
from backfill.fields import Locale
from backfill.fields.arrow import Flags, filled, listed, pick
from backfill.fields.spreadsheet import made_by_spreadsheet, unguarded
from backfill.files.marks import HELD_CODE, HELD_COLUMN, HELD_EVENT, HELD_FIELD, HELD_KEY, HELD_OPEN, HELD_WAS
from backfill.files.rows import fold
from backfill.files.was import FAULTY, before, noted
from backfill.mapping import Condition, Mapping

Match = list[tuple[Flags, dict[int, list[Problem]]]]
_OPEN = {Code.UNDELIVERED, Code.UNKNOWN_OUTCOME}  # what may have been taken, under the key that it had
_UNSURE = {Code.CONFLICTING_ROWS, Code.UNREADABLE}
RESTORED = "were changed by a spreadsheet, and are read as they were when the rows were rejected"
INSIST = "(to have one as it is now, empty {} in its row)"


class Gone(NamedTuple):
    """An event that a record gave and gives no more, the templates that give such events, and its key."""

    record: int
    templates: list[int]
    keys: list[str]  # several where it is not known whose they are


@dataclass(slots=True)
class Held:
    """Of each record that a reject file holds: the names of the events it gave, and their keys."""

    names: dict[int, list[str]] = field(default_factory=dict)
    keys: dict[int, list[str]] = field(default_factory=dict)
    nameless: dict[int, set[int]] = field(default_factory=dict)  # of events without one, the templates that are said
    wrong: dict[int, frozenset[str]] = field(default_factory=dict)  # the columns whose cells were
    gone: set[int] = field(default_factory=set)  # that gave no event any more when they were rejected
    unsure: set[int] = field(default_factory=set)  # whose rows disagreed or were torn: all events were held back
    torn: set[int] = field(default_factory=set)  # with a row that could not be read

    @classmethod
    def of(cls, records: Records) -> "Held":
        """What the records' marks say."""
        made = cls()
        if HELD_EVENT not in records.cells:
            return made
        marks = [records.cells[name] for name in (HELD_EVENT, HELD_KEY, HELD_OPEN)]
        events, keys, open_ = map(listed, marks)
        why = list(zip(*(listed(records.cells[name]) for name in (HELD_CODE, HELD_FIELD, HELD_COLUMN)), strict=True))
        for record in np.flatnonzero(filled(marks[0]) | filled(marks[1]) | filled(records.cells[HELD_CODE])).tolist():
            names, nameless = _names(events[record], why[record][0])
            made.wrong[record], gone = _faults(*why[record])
            if Code.UNREADABLE in why[record][0].split("|"):
                made.torn.add(record)
            if nameless is not None:
                made.nameless[record] = nameless
            elif not names and not keys[record]:
                continue
            made.names[record], made.keys[record] = names, _parted(keys[record], names)
            if not _OPEN.isdisjoint(open_[record].split("|")):
                made.keys[record] = [f"{name}:?" for name in names]  # nobody can know what they were
            if gone:
                made.gone.add(record)
            if not _UNSURE.isdisjoint(why[record][0].split("|")):
                made.unsure.add(record)
        return made

    def choose(self, met: Match, mapping: Mapping, records: Records, locale: Locale) -> None:
        """Leave out events that were not rejected; a rejected one that is no longer made is a problem of its own."""
        constant = [template.event_name.value for template in mapping.events]
        firsts = [[one for one in conditions if one.first_by is not None] for conditions in _conditions(mapping)]
        asked = [{name for one in template.where for name in one.names} for template in mapping.events]
        named = self._named(mapping, records)
        blank = records.blank
        gone: list[Gone] = []
        for record in self.names:
            likely = {at: constant[at] for at in self._likely(record, constant, named)}
            ours = [at for at in likely if met[at][0][record]]
            keys = self.keys[record]
            for at in set(range(len(met))) - set(likely) if likely else ():
                if ours or keys or all(asked[at].isdisjoint(asked[one]) for one in likely):
                    met[at][0][record] = False  # else a cell may have been mended that decides between them
            if keys and likely and not blank[record]:
                gone += self._gone(record, likely, ours)
            for at in ours if keys and record in self.gone else ():
                for one in firsts[at][:1]:
                    met[at][1].setdefault(record, []).append(no_first(one.column))
        for event, condition in self._edited(gone, mapping, records, locale):
            flags, doubts = met[event.templates[0]]
            flags[event.record] = True
            old, whole = ", ".join(event.keys), len(event.keys) == len(self.keys[event.record])
            rest = "empty _key" if whole else f"take {old} out of _key"
            reason = f"was rejected as {old}, and gives no event: undo the change, or {rest}"
            doubts.setdefault(event.record, []).append(Problem(Code.KEY_CHANGED, "", reason, condition.column))

    def _named(self, mapping: Mapping, records: Records) -> dict[int, dict[int, str]]:
        """Of each template whose events' names come from cells, what they are now."""
        places = np.array(sorted(self.names), np.int64)
        named = {}
        for at, cell in enumerate(template.event_name for template in mapping.events):
            if cell.value is None and len(places):
                cells = {name: records.cells.of(name, places) for name in cell.names}
                named[at] = dict(zip(places.tolist(), listed(text_of(cell, cells, len(places))[0]), strict=True))
        return named

    def _likely(self, record: int, constant: list[str | None], named: dict[int, dict[int, str]]) -> list[int]:
        """The templates that may have made a record's rejected events."""
        names = self.names[record]
        now = {at: named[at][record] if name is None else name for at, name in enumerate(constant)}
        found = {at for at, name in now.items() if name in names}
        said = self.nameless.get(record)
        if said is not None:
            found |= said & named.keys() or named.keys() or said & now.keys()
        if {*names} - {now[at] for at in found} or (not names and said is None):  # a cell that names one was mended
            found |= named.keys()
        return sorted(found)

    def _gone(self, record: int, likely: dict[int, str | None], ours: list[int]) -> list[Gone]:
        """The events of a record that no template gives again: `ours`, of the `likely` ones, give the others."""
        made = {likely[at] for at in ours}
        keys = {name: key for name, key in self._key_by_event(record).items() if name not in made}
        gone = [Gone(record, [at for at in likely if likely[at] == name], [key]) for name, key in keys.items()]
        known = [one for one in gone if one.templates] if record not in self.unsure else []
        return known if known or ours else [Gone(record, [*likely], self.keys[record])]

    def _edited(
        self, gone: list[Gone], mapping: Mapping, records: Records, locale: Locale
    ) -> Iterator[tuple[Gone, Condition]]:
        """Each event that conditions leave out by cells that were not wrong, and were others; the first of them."""
        places = np.array(sorted({event.record for event in gone}), np.int64)
        first: dict[int, Condition] = {}
        mended: set[int] = set()
        never: dict[int, set[int]] = {}  # by which templates an event was left out from the start
        for at, conditions in enumerate(_conditions(mapping) if gone else ()):
            ours = [number for number, event in enumerate(gone) if at in event.templates]
            for condition, failed in unmet(conditions, records, places, locale) if ours else ():
                names = {fold(one) for name in condition.names for one in (name, *mapping.source.aliases.get(name, ()))}
                left_out = set(places[failed].tolist())
                for number in ours:
                    if (record := gone[number].record) in left_out:
                        first.setdefault(number, condition)
                        if not names.isdisjoint(self.wrong[record]):
                            mended.add(number)
                        elif record in self.unsure and _as_it_was(
                            condition, record, self.wrong[record], mapping, records
                        ):
                            never.setdefault(number, set()).add(at)
        left = {number for number, templates in never.items() if templates == {*gone[number].templates}} | mended
        yield from ((gone[number], condition) for number, condition in first.items() if number not in left)

    def is_first(self, record: int, column: str, mapping: Mapping, records: Records) -> bool:
        """Whether a record is known to be the first of whoever is in a column: only the whole export shows it.

        It was judged by the cells that it had then, unless one could not be read. What was said to be none before, and
        has nothing else wrong, a person decides.
        """
        if record in self.gone:
            return not self.wrong[record]
        columns = dict(zip(mapping.columns, records.rows.cells, strict=True))
        if HELD_WAS in columns and column in columns:
            places = records.places_of(np.array([record]))[0]
            said = [before(text).cells for text in listed(pick(columns[HELD_WAS], places))]
            if all(said):
                texts = listed(pick(columns[column], places))
                return all(noted(text) == cells.get(column, "") for text, cells in zip(texts, said, strict=True))
        names = map(fold, (column, *mapping.source.aliases.get(column, ())))
        return record not in self.torn and self.wrong.get(record, frozenset()).isdisjoint(names)

    def _key_by_event(self, record: int) -> dict[str, str]:
        """The keys that a record's events had, as far as it is known whose each is."""
        keys, names = self.keys.get(record, []), self.names.get(record, [])
        own = {one: [old for old in keys if old.startswith((f"{one}:", f"{one}@"))] for one in names}
        found = {name: olds[0] for name, olds in own.items() if olds}
        nameless = [one for one in names if not own[one]]  # a column's, or none could be made
        rest = [old for old in keys if not any(old in olds for olds in own.values())]
        return found | (dict(zip(nameless, rest, strict=True)) if len(rest) == len(nameless) else {})

    def key_of(self, record: int, name: str | None, key: str | None) -> str | None:
        """The key that an event of this name had, or None where nothing is known of it."""
        keys, names = self.keys.get(record, []), self.names.get(record, [])
        if key in keys:
            return key
        if name not in names:
            return keys[0] if keys and record not in self.nameless else None
        return self._key_by_event(record).get(name)


def no_first(column: str) -> Problem:
    """What is wrong with an event of which a reject file can't show that it is the first of whoever is in a column."""
    reason = f"only the whole export shows the first of each {column}: correct the export and upload that; or, if "
    return Problem(Code.KEY_CHANGED, "", f"{reason}this is the first, empty _key", column)


def _conditions(mapping: Mapping) -> list[tuple[Condition, ...]]:
    """For each template all that a record must meet."""
    return [(*mapping.where, *template.where) for template in mapping.events]


def _as_it_was(condition: Condition, record: int, wrong: frozenset[str], mapping: Mapping, records: Records) -> bool:
    """Whether a condition reads of a record what it would have read before the rows were rejected, by their `_was`."""
    columns = dict(zip(mapping.columns, records.rows.cells, strict=True))
    if condition.first_by is not None or not columns.keys() >= {HELD_WAS, *condition.names}:
        return False  # other records decide, or another file
    places = records.places_of(np.array([record]))[0]
    said = [before(text) for text in listed(pick(columns[HELD_WAS], places))]
    was = [one.cells for one in said]
    disagreed = (name for name in columns if fold(name) in wrong)
    differ = any(len({cells[name] for cells in was if name in cells}) > 1 for name in disagreed)
    whole = differ and all(one.cells and one.rows == len(said) for one in said)  # under sum alone it is said how many
    for texts, name in ((listed(pick(columns[name], places)), name) for name in condition.names):
        known = [(text, cells) for text, cells in zip(texts, was, strict=True) if cells]
        if any(noted(text) != cells.get(name, "") for text, cells in known):
            return False
        if not whole and not any(text for text, _ in known):
            return False  # a row that is no longer there, or could not be read, may have had the cell
    return True


@lru_cache(1000)
def _faults(codes: str, fields: str, columns: str) -> tuple[frozenset[str], bool]:
    """The columns whose cells were wrong, by what a row's marks say, and whether it gave no event any more."""
    parts = [text.split("|") for text in (codes, fields, columns)]
    if len({*map(len, parts)}) > 1:  # a column's name has a bar in it, or a mark is gone
        return frozenset(), Code.KEY_CHANGED in parts[0]
    found = list(zip(*parts, strict=True))
    wrong = (column or name for code, name, column in found if code.startswith((*FAULTY, Code.CONFLICTING_ROWS)))
    return frozenset(map(fold, wrong)), any(code == Code.KEY_CHANGED and column for code, _, column in found)


def nameless(template: int) -> str:
    """What a reject file says of an event whose name is not known, where there are several templates."""
    return f"#{template + 1}"


def _names(events: str, codes: str) -> tuple[list[str], set[int] | None]:
    """The names of a row's events; where some had none, also the templates that are said to have made those."""
    parts, why = events.split("|"), codes.split("|")
    said = {int(one[1:]) - 1 for one in parts if re.fullmatch("#[0-9]+", one)}
    names = list(dict.fromkeys(one for one in parts if one and not one.startswith("#")))
    in_step = zip(parts, why, strict=False) if len(parts) == len(why) else ()
    lacking = any(not event and code not in ("", Code.UNREADABLE) for event, code in in_step)
    return names, said if said or lacking or Code.INVALID_EVENT_NAME in why else None


def _parted(text: str, names: list[str]) -> list[str]:
    """The keys in one mark; one of several begins with its event's name, and may have a bar in it."""
    if len(names) < 2:
        return [unguarded(text)] if text else []
    begins = "|".join(map(re.escape, names))
    return list(map(unguarded, filter(None, re.split(rf"\|(?=(?:{begins})[:@])", text))))


def old_order_id(old: str, name: str, namespace: str | None, now: str) -> str | None:
    """The order_id that a key of this namespace has in it, where a spreadsheet has made of it what is there now."""
    starts = (f"{name}@{namespace}:", f"{name}:{namespace}:") if namespace else (f"{name}:",)
    wanted = (old.removeprefix(start) for start in starts if old.startswith(start))
    return next((order_id for order_id in wanted if now and made_by_spreadsheet(order_id, now)), None)
