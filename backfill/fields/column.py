"""A column on its way in and out: how the source writes, and what came of each cell."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backfill.event import Code, Problem

Texts = NDArray[np.object_]  # of a column's cells; "" where one is empty, None where it has no value
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]
Order = Literal["ymd", "dmy", "mdy"]
Mark = Literal[".", ","]
Test = Callable[[str], object]  # good if truthy

# Characters that nobody sees: joiners, directions, byte order marks, fillers, selectors of a variant, tags. They come
# along with what is copied from a page.
_UNSEEN = [
    *(0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0x200B, 0x2010)),
    *(*range(0x202A, 0x202F), *range(0x2060, 0x2070), 0x3164, *range(0xFE00, 0xFE10), 0xFEFF, 0xFFA0),
    *(*range(0xFFF9, 0xFFFC), 0xE0001, *range(0xE0020, 0xE0080), *range(0xE0100, 0xE01F0)),
]
INVISIBLE: dict[int, None] = dict.fromkeys(_UNSEEN)


@dataclass(frozen=True, slots=True)
class Locale:
    """How the source writes times and numbers."""

    now: int  # Unix seconds; "the future" is measured from here
    timezone: tzinfo | None = None  # of times that carry no offset
    date_order: Order | None = None
    date_hour: int = 12  # the hour, in the source's zone, that a bare date means
    decimal: Mark | None = None  # None is "."


class Unread(NamedTuple):
    """Why a text can't be read, and the settings that alone would make it readable."""

    reason: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parsed:
    """A column as it goes into the bodies; None where a cell was empty or broke a rule.

    `problems` maps a position to the one rule it broke. `needs` maps a setting (timezone, date_order, decimal) to the
    positions that would be readable if it were set; each of them is in `problems` too. `mended` maps a finding to the
    positions whose text was not taken as it is.
    """

    values: Texts  # str, Decimal, bool or None
    problems: dict[int, Problem] = field(default_factory=dict)
    needs: dict[str, list[int]] = field(default_factory=dict)
    mended: dict[str, list[int]] = field(default_factory=dict)

    def read(self, empty: Flags) -> Flags:
        """Which cells have a value; `empty` says which have no text."""
        read = ~empty
        read[list(self.problems)] = False
        return read

    def drop(self, position: int, problem: Problem, needs: Iterable[str] = ()) -> None:
        """Take a value out, and note the reason."""
        self.values[position] = None
        self.problems[position] = problem
        for need in needs:
            self.needs.setdefault(need, []).append(position)

    def mend(self, finding: str, texts: list[str], mended: Callable[[str], str]) -> None:
        """Take texts as they were meant; one of which nothing is left counts as empty."""
        for at, text in enumerate(texts):
            if text and (meant := mended(text)) != text:
                self.values[at] = meant or None
                self.mended.setdefault(finding, []).append(at)

    def take_back(self, position: int, value: object, finding: str) -> None:
        """Take a value after all: it is good once it is read as it was meant."""
        del self.problems[position]
        self.values[position] = value
        self.mended.setdefault(finding, []).append(position)


def there(values: Texts) -> Flags:
    """Where a column has a value; a Decimal takes its time to say that it is not None."""
    return np.asarray(pd.notna(values), bool)


_NINES = str.maketrans("012345678", "9" * 9)


def shapes_of(texts: list[str]) -> list[str]:
    """Each text with a 9 for every digit: a column of a million cells has few shapes, and each is judged once."""
    shapes = "\n".join(texts).translate(_NINES).split("\n")
    if len(shapes) != len(texts):  # a line break in a cell
        shapes = [text.translate(_NINES) for text in texts]
    return shapes


def blank_to_none(cells: Texts) -> Texts:
    """Copy a column, with None for its empty cells."""
    values = cells.copy()
    values[cells == ""] = None
    return values


def keep_if(likely: Test, good: Test, cells: Texts, problem: Problem) -> Parsed:
    """Keep the cells that pass a test as they are written; the others break one and the same rule.

    `likely` is a quick test that nearly all good cells pass, and no others.
    """
    return refuse([at for at, text in enumerate(cells.tolist()) if not likely(text)], good, cells, problem)


def refuse(doubtful: list[int], good: Test, cells: Texts, problem: Problem) -> Parsed:
    """Keep the cells as they are written, but those of the doubtful that are there and not good."""
    parsed = Parsed(blank_to_none(cells))
    for position in doubtful:
        if (text := cells[position]) and not good(text):
            parsed.drop(position, problem)
    return parsed


def read_rest(parsed: Parsed, texts: list[str], read: Callable[[str], object | Unread], code: Code, name: str) -> None:
    """Read the cells that are not empty and have no value yet, each distinct text once."""
    known: dict[str, object] = {}
    problems: dict[str, Problem] = {}  # by their reasons
    for position, text in [(at, texts[at]) for at, value in enumerate(parsed.values.tolist()) if value is None]:
        if text and text not in known:
            known[text] = read(text)
        found = known.get(text)
        if isinstance(found, Unread):
            if found.reason not in problems:
                problems[found.reason] = Problem(code, name, found.reason)
            parsed.drop(position, problems[found.reason], found.needs)
        else:
            parsed.values[position] = found
