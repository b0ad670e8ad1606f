"""A rejection: what the rows of a record in a reject file say of the events that it gave, and of what was wrong."""

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from backfill.convert.records import Records
from backfill.event import Code
from backfill.fields.arrow import filled, listed, pick
from backfill.fields.spreadsheet import made_by_spreadsheet, unguarded
from backfill.files.marks import HELD_CODE, HELD_COLUMN, HELD_EVENT, HELD_FIELD, HELD_KEY, HELD_OPEN
from backfill.files.rows import fold
from backfill.files.was import FAULTY

_MARKS = (HELD_EVENT, HELD_KEY, HELD_OPEN, HELD_CODE, HELD_FIELD, HELD_COLUMN)
_OPEN = {Code.UNDELIVERED, Code.UNKNOWN_OUTCOME}  # what may have been taken, under the key that it had
_UNSURE = {Code.CONFLICTING_ROWS, Code.UNREADABLE}
RESTORED = "were changed by a spreadsheet, and are read as they were when the rows were rejected"
INSIST = "(to have one as it is now, empty {} in its row)"


@dataclass(frozen=True, slots=True)
class Rejection:
    """One record's rejected events, by their names and keys; several keys may belong to one name, or to none."""

    names: list[str]
    keys: list[str]
    nameless: frozenset[int] | None  # the templates that are said of events without a name; None: all have one
    wrong: frozenset[str]  # the columns whose cells were
    gone: bool  # it gave no event any more
    unsure: bool  # its rows disagreed or were torn: all its events were held back
    torn: bool  # one of its rows could not be read
    silent: bool  # its marks name no event and no key: it gives events like any record of an export

    @classmethod
    def of(cls, events: str, keys: str, open_: str, codes: str, fields: str, columns: str) -> "Rejection":
        """What a record's marks say."""
        names, nameless = _names(events, codes)
        had = _parted(keys, names)
        if not _OPEN.isdisjoint(open_.split("|")):
            had = [f"{name}:?" for name in names]  # nobody can know what they were
        wrong, gone = _faults(codes, fields, columns)
        why = codes.split("|")
        silent = not names and not keys and nameless is None
        return cls(names, had, nameless, wrong, gone, not _UNSURE.isdisjoint(why), Code.UNREADABLE in why, silent)

    def templates(self, now: list[str | None], varying: frozenset[int]) -> list[int]:
        """The templates that may have made the events. `now` is what each calls its event; `varying` by cells."""
        found = {at for at, name in enumerate(now) if name in self.names}
        if self.nameless is not None:
            found |= self.nameless & varying or varying or self.nameless & {*range(len(now))}
        if {*self.names} - {now[at] for at in found} or (not self.names and self.nameless is None):
            found |= varying  # a cell that names one was mended
        return sorted(found)

    def missing(self, stated: dict[int, str | None], made: list[int]) -> list[tuple[list[int], list[str]]]:
        """The templates and keys of each event that no template gives again.

        `stated` are the templates that may have made the events, with the name that the mapping states for each;
        `made` are those that give one now.
        """
        given = {stated[at] for at in made}
        keys = {name: key for name, key in self._key_by_name().items() if name not in given}
        found = [([at for at, one in stated.items() if one == name], [key]) for name, key in keys.items()]
        known = [one for one in found if one[0]] if not self.unsure else []
        return known if known or made else [([*stated], self.keys)]

    def key_of(self, name: str | None, key: str | None) -> str | None:
        """The key that an event of this name had, or None where nothing is known of it."""
        if key in self.keys:
            return key
        if name not in self.names:
            return self.keys[0] if self.keys and self.nameless is None else None
        return self._key_by_name().get(name)

    def emptied(self, name: str | None, made_of: set[str]) -> bool:
        """Whether a person has emptied the event's `_key`: it had one, as of the columns `made_of` none was wrong."""
        known = name in self.names and self.nameless is None and not self.unsure and bool(self.wrong)
        return known and not self.keys and self.wrong.isdisjoint(made_of)

    def _key_by_name(self) -> dict[str, str]:
        """The events' keys, as far as it is known whose each is."""
        own = {one: [old for old in self.keys if old.startswith((f"{one}:", f"{one}@"))] for one in self.names}
        found = {name: olds[0] for name, olds in own.items() if olds}
        nameless = [one for one in self.names if not own[one]]  # a column's, or none could be made
        rest = [old for old in self.keys if not any(old in olds for olds in own.values())]
        return found | (dict(zip(nameless, rest, strict=True)) if len(rest) == len(nameless) else {})


def rejections_of(records: Records) -> dict[int, Rejection]:
    """Of each record that a reject file holds what its marks say."""
    if HELD_EVENT not in records.cells:
        return {}
    some = [filled(records.cells[name]) for name in (HELD_EVENT, HELD_KEY, HELD_CODE)]
    places = np.flatnonzero(np.logical_or.reduce(some))
    marks = zip(*(listed(pick(records.cells[name], places)) for name in _MARKS), strict=True)
    return dict(zip(places.tolist(), (Rejection.of(*said) for said in marks), strict=True))


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


def _names(events: str, codes: str) -> tuple[list[str], frozenset[int] | None]:
    """The names of a row's events; where some had none, also the templates that are said to have made those."""
    parts, why = events.split("|"), codes.split("|")
    said = frozenset(int(one[1:]) - 1 for one in parts if re.fullmatch("#[0-9]+", one))
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
