"""A column on its way in and out: how the source writes, and what came of each cell."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa

from backfill.event import Code, Problem
from backfill.fields.arrow import Flags, Places, Texts, filled, listed, pick, present, put
from backfill.fields.mend import FINDINGS

Order = Literal["ymd", "dmy", "mdy"]
Mark = Literal[".", ","]
Tongue = Literal["hr", "pl"]  # Croatian, or Polish and Czech, which name different months by one word


@dataclass(frozen=True, slots=True)
class Locale:
    """How the source writes times and numbers."""

    now: int  # Unix seconds; "the future" is measured from here
    timezone: tzinfo | None = None  # of times that carry no offset
    date_order: Order | None = None
    date_hour: int = 12  # the hour, in the source's zone, that a bare date means
    decimal: Mark | None = None  # None is "."
    months: Tongue | None = None  # by other months' names; else the zone shows it


class Unread(NamedTuple):
    """Why a text can't be read, and the settings that alone would make it readable."""

    reason: str
    needs: tuple[str, ...] = ()
    code: Code | None = None  # of the rule that it breaks, where it is not the field's own


class Mended(NamedTuple):
    """What a text was meant to be, None for nothing, and why it was not taken as it is."""

    value: str | None
    findings: tuple[str, ...]


Read = str | bool | Unread | Mended


class Refusal(NamedTuple):
    """Texts of which a column at once shows that they can't be read, and why: few of a bad column are alike."""

    proves: Callable[[Texts], Flags]
    why: Unread


@dataclass(frozen=True, slots=True)
class Parsed:
    """A column as it goes into the bodies, with no value where a cell was empty or broke a rule.

    `problems` maps a position to the one rule it broke. `needs` maps a setting (timezone, date_order, decimal) to the
    positions that would be readable if it were set; each of them is in `problems` too. `mended` maps a finding to the
    positions whose text was not taken as it is.
    """

    values: pa.Array  # texts, those of amounts and numbers with a decimal point alone; booleans
    problems: dict[int, Problem] = field(default_factory=dict)
    needs: dict[str, list[int]] = field(default_factory=dict)
    mended: dict[str, list[int]] = field(default_factory=dict)

    def read(self, empty: Flags) -> Flags:
        """Which cells have a value; `empty` says which have no text."""
        read = ~empty
        read[self.broken] = False
        return read

    @property
    def broken(self) -> Places:
        """The cells that broke a rule."""
        return np.fromiter(self.problems, np.int64, len(self.problems))

    def note(self, position: int, found: Read, problems: dict[Unread, Problem]) -> None:
        """Note what is to be said of a cell that was not taken as it is."""
        if isinstance(found, Mended):
            for finding in found.findings:
                self.mended.setdefault(finding, []).append(position)
        elif isinstance(found, Unread):
            self.problems[position] = problems[found]
            for need in found.needs:
                self.needs.setdefault(need, []).append(position)


def read_rest(
    values: pa.Array, cells: Texts, read: Callable[[str], Read], code: Code, name: str, refusal: Refusal | None = None
) -> Parsed:
    """Read what no kernel could: the filled cells that have no value yet, each distinct text once.

    A kernel gives a value only where `read` would give the same: it may read less, and never differently. So it is
    with a refusal. `code` says that a cell broke the rule of the field `name`.
    """
    places = np.flatnonzero(filled(cells) & ~present(values))
    if not len(places):
        return Parsed(values)
    if refusal is None:
        return _read_each(values, cells, places, read, code, name)
    bad = refusal.proves(pick(cells, places))
    problem = Problem(code, name, refusal.why.reason)
    refused = dict.fromkeys(places[bad].tolist(), problem)
    if bad.all():
        return Parsed(values, refused)
    parsed = _read_each(values, cells, places[~bad], read, code, name)
    return replace(parsed, problems=dict(sorted((parsed.problems | refused).items()))) if refused else parsed


def _read_each(
    values: pa.Array, cells: Texts, places: Places, read: Callable[[str], Read], code: Code, name: str
) -> Parsed:
    """Read the cells at these places."""
    texts = pick(cells, places).dictionary_encode()
    found = [read(text) for text in listed(texts.dictionary)]
    parsed = Parsed(put(values, places, pa.array(map(_value, found), values.type).take(texts.indices)))
    reasons = dict.fromkeys(one for one in found if isinstance(one, Unread))
    problems = {one: Problem(one.code or code, name, one.reason) for one in reasons}
    which = texts.indices.to_numpy()
    odd = np.array([isinstance(one, Unread | Mended) for one in found], bool)[which]
    for position, number in zip(places[odd].tolist(), which[odd].tolist(), strict=True):
        parsed.note(position, found[number], problems)
    return replace(parsed, mended={finding: parsed.mended[finding] for finding in FINDINGS if finding in parsed.mended})


def _value(found: Read) -> str | bool | None:
    return None if isinstance(found, Unread) else found.value if isinstance(found, Mended) else found
