"""The head of a part, whatever its format: its first lines, and which of its names are a mapping's columns."""

import difflib
import re
from collections.abc import Sequence
from typing import Any

from backfill.errors import SourceError
from backfill.fields import FIELDS, Kind
from backfill.fields.typed import TYPED
from backfill.files.marks import KEY, MARKS, marks_of_header, torn
from backfill.files.part import Part
from backfill.files.rows import MARK, fold
from backfill.mapping import Mapping

ROOM = 1 << 20  # characters that are looked at
LONGEST_NAME = 200  # characters; a longer header cell is a text, not a name
LINES = 30  # how far down a header may be: exports put titles and comments above it
_NAMED = 4  # columns of which one is enough, in a message


def head(part: Part) -> list[str]:
    """The first lines of the part, enough to find a header in, without byte-order marks."""
    lines: list[str] = []
    room = ROOM
    with part.text() as text:
        while room > 0 and len(lines) < LINES * 4 and (line := text.readline(room)):
            lines.append(line)
            room -= len(line)
    return [line.replace(TYPED, "").lstrip(MARK) if part.typed else line.lstrip(MARK) for line in lines]


def place(names: Sequence[str], column: str, mapping: Mapping) -> list[int]:
    """Where the header has a column: by its exact name, else an alias, else trimmed and without regard to case."""
    aliases = mapping.source.aliases.get(column, ())
    for accepted in ({column}, set(aliases)):
        if found := [i for i, name in enumerate(names) if name in accepted]:
            return found
    folded = {fold(name) for name in (column, *aliases)}
    return [i for i, name in enumerate(names) if fold(name) in folded]


def own_names(names: Sequence[str]) -> list[str]:
    """A header's names, those of its marks left blank."""
    marks = set(marks_of_header(names).values())
    return ["" if at in marks else name for at, name in enumerate(names)]


def refuse_torn(part: Part, row: dict[str, Any], mapping: Mapping) -> None:
    """Raise SourceError for a row of a reject file that a person has left too few marks: nothing would hold its key."""
    if left := torn(row, mapping.columns):
        lacking = " and ".join(mark for mark in (MARKS[0], KEY) if mark not in left) or "others"
        raise SourceError(
            f"{part.label}: of the columns that a reject file has for its rows, there are {', '.join(left)}, and "
            f"{lacking} were deleted: put them back, from the file that was written, or check the export again (an "
            "export's own columns need other names)"
        )


def group_of(mapping: Mapping) -> int | None:
    """Which of the mapping's columns is the group_by."""
    return mapping.columns.index(mapping.source.group_by) if mapping.source.group_by else None


def numbers_of(mapping: Mapping) -> frozenset[str]:
    """The columns that something reads as numbers, but for those that tell rows apart."""
    names = set(mapping.source.sum)
    for template in mapping.events:
        cells = [cell for field, cell in template.fields.items() if FIELDS.get(field) in (Kind.AMOUNT, Kind.NUMBER)]
        names.update(name for cell in cells for name in cell.columns)
    for condition in mapping.conditions:
        names.update(condition.numbers)
    apart = {mapping.source.group_by, mapping.route, *(lookup.here for lookup in mapping.lookups.values())}
    return frozenset(names - apart)


def empty_of(mapping: Mapping) -> frozenset[str]:
    """The cells' texts that mean empty."""
    return frozenset({"", *mapping.source.empty})


def missing(part: Part, place: str, names: Sequence[str], groups: list[tuple[str, ...]]) -> str:
    """The sentence for columns that a mapping needs: of each group one, and none has been found in that place."""
    shown = [name for name in own_names(names) if name.strip()]
    if any("@" in name or name.strip()[0].isdigit() for name in shown):
        shown = []  # a row of data more likely than a header, and nobody's data belongs in a message
    sentences = []
    for group in groups[:8]:
        near = _near(group[0], shown)
        sentences.append(_either(group) + (f" (near: {', '.join(map(repr, near))})" if near else ""))
    more = f" and {len(groups) - 8} more" if len(groups) > 8 else ""
    return (
        f"{part.label}: {place} has the column{'s' if len(groups) > 1 else ''} "
        f"{', '.join(sentences)}{more}; what another version of the export calls otherwise wants source.aliases, "
        "what it may lack source.optional"
    )


def _either(group: tuple[str, ...]) -> str:
    """Names of which one is enough; of many the first."""
    more = len(group) - _NAMED
    named = group[: _NAMED + (more == 1)]
    return f"{' or '.join(map(repr, named))}{f' or one of {more} others' if more > 1 else ''}"


def _near(name: str, shown: list[str]) -> list[str]:
    """The names that are most like one, or that have it in them as a word."""
    within = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE).search
    close = difflib.get_close_matches(name, shown, n=3, cutoff=0.5)
    return [*close, *(one for one in shown if one not in close and within(one))][:3]
