"""Lines: records of CSV text one by one, where the text needs a closer look than whole blocks get.

A quote that swallows rows costs the one row it is in; a row of another width costs itself.
"""

import csv
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import NamedTuple

from backfill.event import Code
from backfill.fields import Locale, parse_number
from backfill.fields.arrow import Places, Texts, texts_of
from backfill.fields.mend import GUARDS, trim, unguarded
from backfill.fields.typed import bare
from backfill.files.format import Layout
from backfill.files.marks import CODE, MARKS, RAW
from backfill.files.quotes import first_record, goes_on, odd, spelled, unwrapped
from backfill.files.rows import LONGEST

NOT_CLOSED = "a quote that is not closed in its row"
SWALLOWED = "a quote that is closed only in a later row"
TOO_LONG = f"a line of more than {LONGEST:,} characters"
SHOWN = 1_000  # characters of such a line that are kept
_NUMBERS = [Locale(now=0, decimal="."), Locale(now=0, decimal=",")]
_LINES = 50  # that a record may have whose quotes are not as they should be

Cut = tuple[list[str], list[list[str]], dict[int, str]]  # texts, their cells, position -> why it can't be read


def cut(lines: list[str], layout: Layout, ended: bool, most: int = LONGEST) -> tuple[Cut, list[str], bool]:
    """The records of these lines, the lines that are left, and whether they are the last record's, which may go on.

    Else they are those after so many characters: records take a hundred times the room of their text.
    """
    delimiter, left = layout.delimiter, most
    texts: list[str] = []
    cells: list[list[str]] = []
    broken: dict[int, str] = {}
    start = 0
    while start < len(lines):
        if left <= 0:
            return (texts, cells, broken), lines[start:], False
        text, end, reason = lines[start], start + 1, ""
        if len(text) > LONGEST:
            text = text[:SHOWN]
            found, broken[len(texts)] = cells_of(text, layout), TOO_LONG
        elif '"' not in text:  # csv would do the same, at thrice the time
            found = text.rstrip("\r\n").split(delimiter) if text.strip("\r\n") else []
        else:
            found, end, reason = _quoted(lines, start, layout)
            if end > len(lines) and not ended:
                return (texts, cells, broken), lines[start:], True
            if reason:
                found, end = cells_of(text, layout), start + 1
                broken[len(texts)] = reason
            elif end - start > 1:
                text = "".join(lines[start:end])
        texts.append(text)
        cells.append(found)
        start, left = end, left - len(text)
    return (texts, cells, broken), [], False


def records(lines: list[str], layout: Layout) -> list[list[str]]:
    """The cells of the records in a part's first lines; the last may go on."""
    if not layout.quoted:
        return [cells_of(line, layout) for line in lines]
    return cut(lines, layout, ended=False)[0][1]


def _quoted(lines: list[str], start: int, layout: Layout) -> tuple[list[str], int, str]:
    """The record that begins in this line, the place after its end, and why it can't be read.

    The place is beyond that of all lines where a quote is still open at their end.
    """
    if odd(lines[start], layout.delimiter) and (spelt := _spelled(lines, start, layout)) is not None:
        return spelt
    near = lines[start : start + 8]  # most records end soon, and a look at them all takes time
    for some in (near, lines[start:]) if start + len(near) < len(lines) else (near,):
        reader = csv.reader(some, delimiter=layout.delimiter)
        try:
            found = next(reader)
        except csv.Error as error:
            return [], start + 1, NOT_CLOSED if reader.line_num > 1 else f"a cell that can't be read ({error})"
        end = start + reader.line_num
        if reader.line_num < len(some) or not _goes_on(some, layout.delimiter):
            reason = swallowed(lines[start:end], found, layout)
            return unwrapped(found, layout.delimiter, len(layout.header)) or found, end, reason
    return [], len(lines) + 1, NOT_CLOSED


def _spelled(lines: list[str], start: int, layout: Layout) -> tuple[list[str], int, str] | None:
    """The same for a record whose quotes are not as csv has them; None where it is none."""
    width = len(layout.header)
    for end in range(start + 1, min(start + _LINES, len(lines)) + 1):
        text = "".join(lines[start:end])
        if (found := spelled(text, layout.delimiter, width)) is not None:
            rows = [line for line in lines[start + 1 : end] if len(cells_of(line, layout)) == width]
            return found, end, SWALLOWED if rows else ""
        if not goes_on(text, layout.delimiter):
            return None
    return ([], len(lines) + 1, NOT_CLOSED) if len(lines) < start + _LINES else None


def _goes_on(lines: list[str], delimiter: str) -> bool:
    """Whether a quote is open at the end of these lines."""
    reader = csv.reader([*lines, ""], delimiter=delimiter)
    next(reader)
    return reader.line_num > len(lines)


def swallowed(taken: list[str], found: list[str], layout: Layout) -> str:
    """Why a record of several lines is a stray quote and the rows after it; "" where it is one row."""
    delimiter, width = layout.delimiter, len(layout.header)
    if len(taken) == 1:
        return ""
    try:
        next(csv.reader(taken, delimiter=delimiter, strict=True))
    except csv.Error:
        return NOT_CLOSED
    first, *later = taken
    rows = [len(cells_of(line, layout)) == width for line in later]
    if len(found) != width:
        like_rows = any(rows)
    elif len(later) > 1:
        # A line in which a quote closes or opens is no row of its own: it would have ended the one that swallows it.
        bare = [row and '"' not in line.replace('""', "") for row, line in zip(rows[:-1], later, strict=False)]
        like_rows = sum(bare) * 2 > len(later) - 1
    else:
        like_rows = rows[0] and first.count(delimiter) == width - 1
    return SWALLOWED if like_rows and width > 2 else ""


class Judged(NamedTuple):
    """Records as `Rows` has them."""

    texts: Sequence[str | bytes]
    cells: list[Texts]  # a column's
    broken: dict[int, str]
    blank: set[int]
    spans: Places | None = None
    guarded: Sequence[tuple[int, int]] = ()


def one_by_one(texts: list[str], found: list[list[str]], broken: dict[int, str], layout: Layout) -> Judged:
    """Judge each record, and leave out blank lines and what is below the data."""
    made: list[str] = []
    reasons: dict[int, str] = {}
    blank: set[int] = set()
    pick = _picker(layout)
    mapped: list[list[str]] = []
    guarded: list[tuple[int, int]] = []
    for at, (text, cells) in enumerate(zip(texts, found, strict=True)):
        reason = broken.get(at)
        if not (cells or reason) or trails(cells, layout):
            continue
        if not reason:
            text, cells, reason = _whole(text, cells, layout)
        if not reason and not sendable(text):
            reason = "bytes that are no text in the file's encoding"
        row = _group_alone(cells, layout) if reason else trimmed(pick(cells), layout)
        for column in [column for column, cell in enumerate(row) if cell[:1] in GUARDS and cell]:
            if (bared := unguarded(row[column])) != row[column]:
                row[column] = plain(bared, layout)
                guarded.append((len(mapped), column))
        if reason:
            reasons[len(mapped)] = reason
        elif (layout.marks or not any(row)) and not filled(cells, layout):
            blank.add(len(mapped))
        mapped.append(row)
        made.append(text)
    columns = [texts_of([row[at] for row in mapped]) for at in range(len(layout.columns))]
    return Judged(made, columns, reasons, blank, None, guarded)


def trimmed(cells: Sequence[str], layout: Layout) -> list[str]:
    """The mapped columns' cells without blanks around them; "" for those that mean empty."""
    made = list(map(trim, cells))
    if layout.typed:
        names = zip(layout.columns, made, strict=True)
        made = [cell if name in layout.numbers else bare(cell) for name, cell in names]
    return [plain(cell, layout) for cell in made]


def plain(cell: str, layout: Layout) -> str:
    """A cell without the texts that mean empty; without its guard already, if it had one."""
    return "" if bare(cell) in layout.empty else cell


def trails(cells: list[str], layout: Layout) -> bool:
    """Whether a row is one of those below the data: grand totals, a copyright.

    Its first cell says so, and the others are sums; or it is a sentence, cut into cells where it has a delimiter.
    """
    if not layout.trailer:
        return False
    first, *others = [cell.strip() for cell in cells if cell.strip()] or [""]
    if not first.startswith(layout.trailer):
        return False
    return all(is_number(other.rstrip("%")) for other in others) or _whole("", cells, layout)[2] is not None


def is_number(text: str) -> bool:
    """Whether it is a number, whichever its decimal mark is."""
    return any(parse_number(text, locale) is not None for locale in _NUMBERS)


def _picker(layout: Layout) -> Callable[[list[str]], Sequence[str]]:
    positions = layout.positions
    if len(positions) > 1 and -1 not in positions:
        return itemgetter(*positions)
    return lambda cells: [cells[i] if i >= 0 else "" for i in positions]


def filled(cells: list[str], layout: Layout) -> bool:
    """Whether any cell of the export itself says something."""
    return any(cells[at].strip() not in layout.empty for at in layout.own)


def _whole(text: str, cells: list[str], layout: Layout) -> tuple[str, list[str], str | None]:
    """A record as a row of the header's width, or the reason why it is none."""
    width = len(layout.header)
    if len(cells) != width or (layout.surplus and any(cells[layout.named : layout.named + layout.surplus])):
        if not any(map(trim, cells)):
            return text, [""] * width, None
        if not _ends_early(cells, layout) and (not layout.pad or len(cells) > width):
            found = f"{len(cells)} cell{'s' * (len(cells) != 1)}"
            return text, cells, f"{found} where the header has {layout.named or width}"
        cells = (cells + [""] * (width - len(cells)))[:width]
    raw, codes = (cells[layout.marks[name]] if name in layout.marks else "" for name in (RAW, CODE))
    if (raw or Code.UNREADABLE in codes.split("|")) and not _typed_anew(cells, layout):
        # a row that is in a reject file as it was, its own cells empty, is still unreadable
        raw = raw if layout.quoted else unmasked(raw, layout.delimiter)
        return raw, cells_of(raw, layout), "still as it was: its own cells are empty"
    return text, cells, None


def _typed_anew(cells: list[str], layout: Layout) -> bool:
    """Whether the cells of a row that could not be read say something by now, but for what was added beside them."""
    begin, end = layout.marks.get(MARKS[0], -1), layout.marks.get(RAW, len(cells))
    between = [at for at in layout.own if begin < at < end] or layout.own
    return any(cells[at].strip() not in layout.empty for at in between)


def _ends_early(cells: list[str], layout: Layout) -> bool:
    """Whether nothing but empty cells beyond the header's names is there, or is not.

    A row that has lost a cell, where all end in a delimiter, is as wide as the names are, and its last cell empty.
    """
    if len(cells) in layout.widths or (layout.surplus and len(cells) == len(layout.header)):
        return not any(map(trim, cells[layout.named :]))
    return len(cells) == layout.named and bool(cells[-1].strip())


def _group_alone(cells: list[str], layout: Layout) -> list[str]:
    """The cells of a row that can't be read: only its group's, where there is one to be had."""
    made = [""] * len(layout.columns)
    if layout.group is not None and 0 <= layout.positions[layout.group] < len(cells):
        group = cells[layout.positions[layout.group]]
        group = bare(trim(group)) if layout.typed else trim(group)
        made[layout.group] = group if sendable(group) and group not in layout.empty else ""
    return made


def sendable(text: str) -> bool:
    """Whether it is text: bytes that are none come as halves of characters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def cells_of(text: str, layout: Layout) -> list[str]:
    """The cells of one record's text, as far as they go."""
    bare, delimiter, width = text.rstrip("\r\n"), layout.delimiter, len(layout.header)
    if layout.quoted and ('"' in bare or "\r" in bare or "\n" in bare):  # else csv would do the same as split
        if odd(bare, delimiter) and (spelt := spelled(text, delimiter, width)) is not None:
            return spelt
        if (found := first_record(text, delimiter)) is not None:
            return unwrapped(found, delimiter, width) or found if width > 1 else found
    return bare.split(delimiter) if bare else []


def masked(text: str, delimiter: str) -> str:
    """A text without the delimiter, for a file in which no quotes can protect it."""
    return text.replace(delimiter, f"\\u{ord(delimiter):04x}")


def unmasked(text: str, delimiter: str) -> str:
    return text.replace(f"\\u{ord(delimiter):04x}", delimiter)
