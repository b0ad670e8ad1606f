"""Held: what the rows of a reject file gave when they were rejected, so that they give no others now.

A row gives again the events that its `_event` names, under their `_key`. A key that a spreadsheet made of the old one
is the old one; one that a person changed is a broken rule, until `_key` is emptied.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from backfill.convert.records import Records
from backfill.event import Code, Problem
from backfill.fields.arrow import Flags, filled, listed
from backfill.fields.spreadsheet import made_by_spreadsheet, unguarded
from backfill.files.marks import HELD_CODE, HELD_EVENT, HELD_KEY
from backfill.mapping import EventTemplate, Mapping

Match = list[tuple[Flags, dict[int, list[Problem]]]]
_OPEN = {Code.UNDELIVERED, Code.UNKNOWN_OUTCOME}  # what may have been taken, under the key that it had
RESTORED = "were changed by a spreadsheet, and are read as they were when the rows were rejected"
INSIST = "(to have one as it is now, empty {} in its row)"


@dataclass(slots=True)
class Held:
    """Of each record that a reject file holds: the names of the events it gave, and their keys."""

    names: dict[int, list[str]] = field(default_factory=dict)
    keys: dict[int, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, records: Records) -> "Held":
        """What the records' marks say."""
        made = cls()
        if HELD_EVENT not in records.cells:
            return made
        marks = [records.cells[name] for name in (HELD_EVENT, HELD_KEY, HELD_CODE)]
        some = np.flatnonzero(filled(marks[0]) | filled(marks[1]))
        events, keys, codes = map(listed, marks)
        for record in some.tolist():
            names = list(dict.fromkeys(filter(None, events[record].split("|"))))
            made.names[record], made.keys[record] = names, _parted(keys[record], names)
            if not _OPEN.isdisjoint(codes[record].split("|")):
                made.keys[record] = [f"{name}:?" for name in names]  # nobody can know what they were
        return made

    def choose(self, met: Match, mapping: Mapping, records: Records) -> None:
        """Leave out events that were not rejected; a rejected one that is no longer made is a problem of the first."""
        constant = [template.event_name.value for template in mapping.events]
        blank = records.blank
        for record, names in self.names.items():
            likely = [at for at, name in enumerate(constant) if name is None or name in names]
            ours = [at for at in likely if met[at][0][record]]
            keys = self.keys[record]
            if not likely or not (ours or keys):
                continue
            for at in set(range(len(met))) - set(likely):
                met[at][0][record] = False
            if not ours and not blank[record]:
                flags, doubts = met[likely[0]]
                flags[record] = True
                reason = f"gave {', '.join(keys)}, and gives no event any more: undo the change, or empty _key"
                doubts.setdefault(record, []).append(Problem(Code.KEY_CHANGED, "", reason))

    def key_of(self, record: int, name: str | None, key: str | None) -> str | None:
        """The key that an event of this name had, or None where nothing is known of it."""
        keys, names = self.keys.get(record, []), self.names.get(record, [])
        if key in keys:
            return key
        if name not in names:
            return keys[0] if keys else None
        own = {one: [old for old in keys if old.startswith((f"{one}:", f"{one}@"))] for one in names}
        if own[name]:
            return own[name][0]
        nameless = [one for one in names if not own[one]]  # a column's, or none could be made
        rest = [old for old in keys if not any(old in olds for olds in own.values())]
        return rest[nameless.index(name)] if len(rest) == len(nameless) else None


def _parted(text: str, names: list[str]) -> list[str]:
    """The keys in one mark; one of several begins with its event's name, and may have a bar in it."""
    if len(names) < 2:
        return [unguarded(text)] if text else []
    begins = "|".join(map(re.escape, names))
    return list(map(unguarded, filter(None, re.split(rf"\|(?=(?:{begins})[:@])", text))))


def old_order_ids(old: str, name: str, namespace: str | None) -> Iterator[str]:
    """What the order_id of a key may be, as far as the key is of this namespace."""
    for start in (f"{name}@{namespace}:", f"{name}:{namespace}:") if namespace else (f"{name}:",):
        if old.startswith(start):
            yield old.removeprefix(start)


@dataclass(slots=True)
class Holding:
    """One template's events, held against the keys that they had."""

    held: Held
    template: EventTemplate
    namespace: str | None
    keys: list[str | None]
    names: list[str | None]
    ids: list[str | None]  # the order_ids' texts, whatever is wrong with them

    def differing(self, record: list[int]) -> Iterator[tuple[int, str, str | None]]:
        """Each event whose key is not the old one, the old key, and the order_id where a spreadsheet changed it."""
        for at, one in enumerate(record):
            old = self.held.key_of(one, self.names[at], self.keys[at])
            if old is None or old == self.keys[at]:
                continue
            if self.template.idempotency_key is not None:
                yield at, old, None
                continue
            wanted = old_order_ids(old, str(self.names[at]), self.namespace)
            now = self.ids[at] or ""
            found = (order_id for order_id in wanted if now and made_by_spreadsheet(order_id, now))
            yield at, old, next(found, None)
