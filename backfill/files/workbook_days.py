"""Which cells of a sheet show a day alone: by its number a moment at midnight looks like the day, by its format not."""

import re
import zipfile
from collections.abc import Iterator
from typing import IO
from xml.etree import ElementTree

from backfill.files.workbook_xml import Place, cells_with, member

_STYLES = "xl/styles.xml"
_DAYS = frozenset((*range(14, 18), *range(27, 32), 36, *range(50, 59)))  # formats that every workbook knows
_spoken = re.compile(r"\"[^\"]*\"|\\\\.|_.|\*.|\[[^\]]*\]")  # what a format has besides its signs
_value = re.compile(rb"<(?:\w+:)?v>([^<]*)</").search


def days_alone(file: IO[bytes], sheet: str) -> set[Place]:
    """The cells whose format shows a day and no clock.

    None of a column in which such a cell has a clock all the same: somebody has formatted the whole column.
    """
    with zipfile.ZipFile(file) as archive:
        name, styles = member(archive, sheet), {number for number, shown in _formats(archive) if _is_day(*shown)}
        if name is None or not styles:
            return set()
        found = [(place, _has_clock(cell)) for place, cell in cells_with(archive, name, sorted(styles))]
    mixed = {column for (_, column), clock in found if clock}
    return {place for place, _ in found if place[1] not in mixed}


def _formats(archive: zipfile.ZipFile) -> Iterator[tuple[int, tuple[int, str]]]:
    """Each style's number, with the number of its format and that format, where the workbook has it itself."""
    try:
        tree = ElementTree.fromstring(archive.read(_STYLES))  # noqa: S314 (entities are bounded by expat)
    except (KeyError, ElementTree.ParseError):
        return
    own = {one.get("numFmtId"): one.get("formatCode", "") for one in tree.iter() if one.tag.endswith("}numFmt")}
    for cells in (one for one in tree if one.tag.endswith("}cellXfs")):
        for number, style in enumerate(cells):
            of = style.get("numFmtId", "0")
            yield number, (int(of) if of.isdigit() else 0, own.get(of, ""))


def _is_day(number: int, code: str) -> bool:
    if not code:
        return number in _DAYS
    signs = _spoken.sub("", code.partition(";")[0]).lower()
    return "d" in signs and "y" in signs and not set(signs) & set("hs")


def _has_clock(cell: bytes) -> bool:
    value = _value(cell)
    try:
        return value is not None and float(value[1]) % 1 != 0
    except ValueError:
        return False
