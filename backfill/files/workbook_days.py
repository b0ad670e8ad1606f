"""What cells of a sheet show by their formats: a day alone, where their number is a moment's too; zeros in front."""

import re
import zipfile
from collections.abc import Iterator
from typing import IO
from xml.etree import ElementTree

from backfill.files.workbook_xml import Place, cells_with, member

_STYLES = "xl/styles.xml"
_DAYS = frozenset((*range(14, 18), *range(27, 32), 36, *range(50, 59)))  # formats that every workbook knows
_spoken = re.compile(r"\"[^\"]*\"|\\\\.|_.|\*.|\[[^\]]*\]")  # what a format has besides its signs
_zeros = re.compile("0{2,30}").fullmatch
_style = re.compile(rb'\bs="([0-9]+)"').search
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


def zeros_in_front(file: IO[bytes], sheet: str) -> dict[Place, int]:
    """The cells whose format is zeros alone, and how many digits of a number it shows at least."""
    with zipfile.ZipFile(file) as archive:
        name = member(archive, sheet)
        widths = {style: len(code) for style, (_, code) in _formats(archive) if _zeros(code)}
        if name is None or not widths:
            return {}
        found = cells_with(archive, name, sorted(widths))
        styled = ((place, _style(cell)) for place, cell in found)
        return {place: widths[int(style[1])] for place, style in styled if style is not None}


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
