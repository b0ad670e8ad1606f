"""The header of a CSV: which line it is, what separates its cells, and where in it a mapping's columns are."""

import csv
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from zoneinfo import ZoneInfo

from backfill.errors import SourceError
from backfill.fields import Locale, read_time
from backfill.fields.mend import trim
from backfill.files.csv_lines import is_number, records
from backfill.files.format import Format, Layout, Outline
from backfill.files.head import (
    LINES,
    LONGEST_NAME,
    empty_of,
    group_of,
    head,
    missing,
    numbers_of,
    own_names,
    place,
    refuse_torn,
)
from backfill.files.marks import HELD, held_in, marks_of_header
from backfill.files.part import Part, source_of
from backfill.files.quotes import left_over, odd, spelled, unwrapped, without
from backfill.files.rows import MARK, fold
from backfill.mapping import Mapping

DELIMITERS = (",", ";", "\t", "|")
_address = re.compile(r"[^\s@]@[^\s@]").search
_word = re.compile(r"(?=\S*[0-9])\S{1,100}").fullmatch


def heads(part: Part) -> Iterator[tuple[str, ...]]:
    """The names of every line that may be the header, read every way it may be read."""
    lines = head(part)
    for delimiter in DELIMITERS:
        yield from (names for names, _ in _headers(_bare(lines, delimiter)[1], delimiter))


def layout_of(part: Part, mapping: Mapping, form: Format) -> Layout:
    """Where the mapping's columns are in this part. Raises SourceError where one that is required is missing."""
    lines = head(part)
    stated = mapping.source.delimiter
    best: tuple[int, tuple[str, ...], list[tuple[str, ...]]] | None = None
    for delimiter in dict.fromkeys((*((stated,) if stated else ()), *DELIMITERS)):
        other, bare = _bare(lines, delimiter)
        for names, skip in _headers(bare, delimiter, mapping.source.quoting == "standard"):
            if stated not in (None, delimiter) and not marks_of_header(names):
                continue  # a reject file alone is as it was saved last
            own = own_names(names)
            lacking = [group for group in mapping.required if not any(place(own, n, mapping) for n in group)]
            if not lacking:
                made = _laid_out(part, names, skip, delimiter, mapping, bare, form)
                below = records(bare[made.skip :], made)
                for cells in below:
                    refuse_torn(part, dict(zip(names, cells, strict=False)), mapping)
                _refuse_rows_above(part, made, bare[: skip - 1], below, mapping)
                return _fitted(replace(made, left_over=other), bare[made.skip :])
            if best is None or (len(lacking), -len(names)) < (best[0], -len(best[1])):
                best = (len(lacking), names, lacking)
    if lines and lines[0].lstrip("\ufeff \t").startswith(("{", "[{")):
        raise SourceError(f"{part.label}: looks like JSON lines, not CSV; name it .jsonl or set source.format: jsonl")
    where = f"no header within its first {LINES} lines" if lines else "no line of it"
    names, lacking = best[1:] if best else ((), list(mapping.required))
    raise SourceError(missing(part, where, names, lacking))


def _laid_out(
    part: Part, names: tuple[str, ...], skip: int, delimiter: str, mapping: Mapping, lines: list[str], form: Format
) -> Layout:
    positions, own, marks = [], own_names(names), marks_of_header(names)
    end = skip + (0 if marks else _lines_of(lines[skip:], mapping.source.header_rows - 1, delimiter))
    for column in mapping.columns:
        held = held_in(marks, column) if column in HELD else None
        found = place(own, column, mapping) if column not in HELD else [held] if held is not None else []
        positions.append(_first(found, column, names, part) if found else -1)
    there = [column for column, position in zip(mapping.columns, positions, strict=True) if position >= 0]
    return Layout(
        form,
        mapping.columns,
        tuple(positions),
        header=names,
        named=len(names),
        skip=end,
        above=frozenset(text for line in [*lines[: skip - 1], *lines[skip:end]] if (text := line.strip())),
        delimiter=delimiter,
        line_end="\r\n" if lines[skip - 1].endswith("\r\n") else "\n",
        group=group_of(mapping),
        summed=bool(mapping.source.sum),
        zoned=mapping.source.timezone not in (None, "UTC"),
        pad=mapping.source.short_rows == "pad",
        quoted=mapping.source.quoting == "standard",
        trailer=mapping.source.trailer,
        empty=empty_of(mapping),
        source=source_of(part.label),
        numbers=numbers_of(mapping),
        typed=part.typed,
        extra=frozenset(mapping.extra),
        marks=marks,
        reject_file=bool(marks),
        others=frozenset(name for column in there for name in (column, *mapping.source.aliases.get(column, ()))),
    )


def _refuse_rows_above(part: Part, layout: Layout, above: list[str], below: list[list[str]], mapping: Mapping) -> None:
    """Raise SourceError where a row is above the header, as where a sheet was sorted with its header.

    A title or a filter has no two of these where the header has them: a time, an address, a number, an id that is
    written as those `below` are.
    """
    places = {name: at for name, at in zip(layout.columns, layout.positions, strict=True) if at >= 0}
    read: dict[str, set[int]] = {field: set() for field in _TELLING}
    for field, there in read.items():
        there.update(places[name] for cell in mapping.cells_of(field) for name in cell.names if name in places)
    ids = {_shape(cells[at].strip()) for cells in below for field in _IDS for at in read[field] if at < len(cells)}
    for number, cells in enumerate(records(above, layout), 1) if above else ():
        own = {at: cell.strip() for at, cell in enumerate(cells) if cell.strip()}
        told = {at: field for field, says in _TELLING.items() for at in read[field] & own.keys() if says(own[at])}
        found = {field for at, field in told.items() if field not in _IDS or _shape(own[at]) in ids}
        counted = found <= {"order_id", "amount"} and (len(own) < _CELLS or read["event_time"] & own.keys())
        if len(found) > 1 and not counted and not _is_title([*own.values()]):
            raise SourceError(
                f"{part.label}: line {number} is above the header, and is no title: sorted, perhaps; move the "
                f"header, which is in line {layout.skip}, to the top"
            )


def _is_title(cells: list[str]) -> bool:
    """Whether a line has a label, or numbers the columns."""
    numbers = [cell.lstrip("#") for cell in cells]
    numbered = all(map(str.isdecimal, numbers)) and numbers == [str(int(numbers[0]) + at) for at in range(len(cells))]
    return numbered or any(cell.endswith(":") for cell in cells)


def _shape(text: str) -> str:
    return re.sub("[0-9]+", "9", re.sub("[A-Za-z]+", "a", text))


def _lines_of(lines: list[str], rows: int, delimiter: str) -> int:
    """How many lines so many rows take, blank lines not counted as rows."""
    reader = csv.reader(lines, delimiter=delimiter)
    for _ in islice(filter(None, reader), rows):
        pass
    return reader.line_num


def _first(found: list[int], column: str, names: Sequence[str], part: Part) -> int:
    """The first of a column's places. Raises SourceError where they are columns of several names, its aliases."""
    spellings = list(dict.fromkeys(fold(names[at]) for at in found))
    if len(spellings) > 1:
        raise SourceError(
            f"{part.label}: the header has {column!r} as {' and as '.join(repr(names[at].strip()) for at in found)}; "
            "name one of them in the mapping, or list them: the first that is not empty"
        )
    if len(found) > 1:
        *most, last = (str(at + 1) for at in found)
        where = f"{len(found)} times, in columns {', '.join(most)} and {last}"
        warning = f"{part.label}: the header has {column!r} {where}; the first is read"
        part.warnings += [warning] if warning not in part.warnings else []
    return found[0]


def _fitted(layout: Layout, lines: list[str]) -> Layout:
    """With the cells beyond the header that every row has, all of them empty; without those of it that none has.

    A spreadsheet gives a header empty names where a row has cells too many, which are then right behind the names.
    """
    header = layout.header
    named = max((at for at, name in enumerate(header, 1) if name.strip()), default=len(header))
    found = [cells for cells in records(lines, layout) if any(map(trim, cells))]
    widths = Counter(len(cells) for cells in found if len(cells) >= named and not any(map(trim, cells[named:])))
    usual, often = widths.most_common(1)[0] if widths else (len(header), 0)
    width = usual if often * 2 > len(found) else len(header)
    others = frozenset(one for one, rows in widths.items() if rows > 1 and named < one != width)
    behind = sum(len(cells) > named and bool(trim(cells[named])) for cells in found)
    surplus = width - named if width > len(header) else int(named < width and behind * 2 < len(found))
    return replace(layout, header=(header + ("",) * width)[:width], named=named, surplus=surplus, widths=others)


def _bare(lines: list[str], delimiter: str) -> tuple[str, list[str]]:
    """What another program has left over at the lines' ends, and the lines without it."""
    other = left_over(lines, delimiter, DELIMITERS)
    return other, [without(other, line) for line in lines] if other else lines


def _headers(lines: list[str], delimiter: str, quoted: bool = True) -> Iterator[tuple[tuple[str, ...], int]]:
    """The first records, each as a header: its names, and the physical lines up to its end."""
    skip = 0
    while skip < min(len(lines), LINES):
        for names, end in _names(lines[skip:], delimiter, quoted):
            if (any(name.strip() for name in names) and end == 1) or len(names) > 1:
                yield tuple(name.removeprefix(MARK) for name in names), skip + end
        skip += 1


def _names(lines: list[str], delimiter: str, quoted: bool) -> Iterator[tuple[list[str], int]]:
    """A header that begins in the first of these lines, as it may be read; and how many lines it takes."""
    reader = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE)
    try:
        names = next(reader, [])
    except csv.Error:
        names = []
    if quoted and (inner := unwrapped(names, delimiter)):
        yield inner, reader.line_num
    if quoted and odd(lines[0], delimiter) and (spelt := spelled(lines[0], delimiter)):
        yield spelt, 1
    yield names, reader.line_num


# -- with no mapping to say which columns there are


def outline(part: Part, form: Format) -> Outline:
    """With the line for a header that is most like one. Raises SourceError where none is."""
    best, chosen, headers = 0.0, None, list[tuple[str, ...]]()
    for layout, following in _layouts(head(part), form):
        headers.append(layout.header)
        if (score := _likeness(layout.header, following)) > best:
            best, chosen = score, layout
    if chosen is None or not _reads_like_names(chosen.header):
        raise SourceError(
            f"{part.label}: none of its first {LINES} lines reads like a header; put one with the columns' names on top"
        )
    return Outline(replace(chosen, typed=part.typed), headers)


def _layouts(lines: list[str], form: Format) -> Iterator[tuple[Layout, list[list[str]]]]:
    """With each line of a file's first that may be the header, and each delimiter; and the rows below it."""
    for delimiter in DELIMITERS:
        other, bare = _bare(lines, delimiter)
        for names, skip in _headers(bare, delimiter):
            if any(map(str.strip, names)):
                places = tuple(range(len(names)))
                layout = Layout(form, names, places, names, skip=skip, delimiter=delimiter, left_over=other)
                yield layout, [cells for cells in _below(bare[skip:], layout) if any(map(str.strip, cells))]


def _below(lines: list[str], layout: Layout) -> list[list[str]]:
    """The first records of these lines."""
    found = records(lines[: 2 * _ROWS], layout)
    return (found if len(found) >= _ROWS else records(lines, layout))[:_ROWS]


def _likeness(names: Sequence[str], following: list[list[str]]) -> float:
    """How much like a header: names, distinct, in all cells, above rows of the same width; more columns count more."""
    filled = [name.strip() for name in names if name.strip()]
    if len(names) == 1 and any(mark in names[0] for mark in DELIMITERS):
        return 0.0  # a row of several cells, read with the wrong delimiter
    like = sum(map(_is_name, filled)) / len(filled)
    distinct = len(set(filled)) / len(filled)
    same = sum(len(cells) == len(names) for cells in following) / len(following) if following else 0.5
    return same * like**2 * distinct * len(filled) / len(names) * math.log2(1 + len(names))


def _is_name(text: str) -> bool:
    """Whether a cell may be a column's name: no address, number or time, and not a whole text."""
    value = is_number(text) or _is_time(text)
    return not value and not _address(text) and len(text) <= LONGEST_NAME


def _is_time(text: str) -> bool:
    """Whether it is a time, in whichever order its day, month and year are."""
    zone = ZoneInfo("UTC")
    return any(read_time(text, Locale(now=0, timezone=zone, date_order=order)) for order in ("dmy", "mdy"))


def _is_id(text: str) -> bool:
    """Whether it may be an id: a word with a digit, and no time."""
    return bool(_word(text)) and not _is_time(text)


_TELLING: dict[str, Callable[[str], object]] = {
    "event_time": _is_time, "email": _address, "amount": is_number, "order_id": _is_id, "comet_token": _is_id
}  # fmt: skip
_IDS = ("order_id", "comet_token")
_ROWS = 12  # that show how wide rows are
_CELLS = 3  # that a row of orders has at least, and a count with its sum has not


def _reads_like_names(names: Sequence[str]) -> bool:
    """Whether it is safe to show these cells as names: a file without a header has people in its first line."""
    filled = [name.strip() for name in names if name.strip()]
    return sum(map(_is_name, filled)) * 2 > len(filled) and not any(map(_address, filled))
