"""What a sheet's own XML says and its reader does not: cells with an error, formulas without a result, hidden rows.

And what cells show by their formats: a day alone, where their number is a moment's too; zeros in front of a number.
They are rare, so they are looked for by patterns in the text: to parse all of it would take longer than to read it.
"""

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, NamedTuple
from xml.etree import ElementTree

Place = tuple[int, int]  # row and column in the sheet, from 0

_BLOCK = 1 << 20  # bytes
_TAG = 100  # bytes that the rest of a cell's tag is no longer than
_ERROR, _ANY = b't="e"', "#N/A"  # of an error that is not written
_EMPTY_TEXT = b't="str"'  # the result of a formula that is an empty text
_hidden = re.compile(rb'hidden="(?:1|true)"').finditer
_error = re.compile(_ERROR).finditer
_prefix = re.compile(rb"<(\w+:)?worksheet\b").search
_place = re.compile(rb'\br="([A-Z]{1,3})?([0-9]+)"').search
_dimension = re.compile(rb'<(?:\w+:)?dimension ref="(?:[A-Z]+[0-9]+:)?([A-Z]{1,3})([0-9]+)"').search
CELLS = 64_000_000  # of a sheet that is read, empty ones between others too: 2 GB of memory
_RELATED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STYLES = "xl/styles.xml"
_DAYS = frozenset((*range(14, 18), *range(27, 32), 36, *range(50, 59)))  # formats that every workbook knows
_spoken = re.compile(r"\"[^\"]*\"|\\\\.|_.|\*.|\[[^\]]*\]")  # what a format has besides its signs
_zeros = re.compile("0{2,30}").fullmatch
_style = re.compile(rb'\bs="([0-9]+)"').search
_value = re.compile(rb"<(?:\w+:)?v>([^<]*)</").search


@dataclass(slots=True)
class Unsaid:
    """What was found in one sheet."""

    errors: dict[Place, str] = field(default_factory=dict)  # the cells that hold one, as it is written
    uncomputed: list[Place] = field(default_factory=list)  # formulas that no program has worked out
    hidden: list[int] = field(default_factory=list)  # rows, from 0


def unsaid(file: IO[bytes], sheet: str) -> Unsaid:
    """Look through a sheet of a workbook; nothing is found where its XML is not where others have it."""
    made = Unsaid()
    with zipfile.ZipFile(file) as archive:
        name = member(archive, sheet)
        if name is None:
            return made
        with archive.open(name) as stream:
            begun = stream.read(_BLOCK)
            names = _Names.of(begun)
            for block in _blocks(begun, stream, names):
                _look(block, names, made)
    return made


def reach(file: IO[bytes], sheet: str) -> Place:
    """The last row and the last column of a sheet with a cell that has something in it.

    Where the sheet says how far it goes, and that is not far, it is believed: to look at each cell takes time.
    """
    with zipfile.ZipFile(file) as archive:
        name = member(archive, sheet)
        if name is None:
            return 0, 0
        with archive.open(name) as stream:
            begun = stream.read(_BLOCK)
            stated = _dimension(begun)
            place = (int(stated[2]) - 1, _column(stated[1])) if stated else None
            if place and (place[0] + 1) * (place[1] + 1) <= CELLS:
                return place
            names = _Names.of(begun)
            cell = re.compile(rb'%br="([A-Z]{1,3})([0-9]+)"[^>]*(?<!/)>' % re.escape(names.cell)).findall
            rows, columns = 0, {b"A"}
            for block in _blocks(begun, stream, names):
                for column, row in cell(block):
                    rows = max(rows, int(row))
                    columns.add(column)
            return max(rows - 1, 0), max(map(_column, columns))


def cells_with(archive: zipfile.ZipFile, name: str, styles: Sequence[int]) -> Iterator[tuple[Place, bytes]]:
    """The cells of a sheet that have one of these styles: where they are, and their XML."""
    styled = re.compile(rb'\bs="(?:%b)"' % b"|".join(b"%d" % style for style in styles)).finditer
    with archive.open(name) as stream:
        begun = stream.read(_BLOCK)
        names = _Names.of(begun)
        for block in _blocks(begun, stream, names):
            for one in styled(block):
                start = block.rfind(b"<", 0, one.start())
                if block.startswith(names.cell, start) and (place := _of_cell(block[start : one.end() + _TAG])):
                    yield place, block[start : block.find(names.end, start)]


def member(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Where the sheet's XML is."""
    try:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 (entities are bounded by expat)
        related = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    except (KeyError, ElementTree.ParseError):
        return None
    ids = {one.get("name"): one.get(_RELATED) for one in book.iter() if one.tag.endswith("}sheet")}
    targets = {one.get("Id"): one.get("Target", "") for one in related}
    target = targets.get(ids.get(sheet), "")
    name = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return name if name in archive.NameToInfo else None


class _Names(NamedTuple):
    """How the sheet writes its elements, some with a prefix. Patterns begin with letters that are found fast."""

    cell: bytes
    row: bytes
    end: bytes  # of a cell
    value: re.Pattern[bytes]
    no_result: re.Pattern[bytes]  # where a cell may end with a formula alone
    formula: re.Pattern[bytes]  # a whole cell that has nothing else

    @classmethod
    def of(cls, begun: bytes) -> "_Names":
        """As the beginning of its XML shows it."""
        found = _prefix(begun)
        prefix = found[1] or b"" if found else b""
        p = re.escape(prefix)
        nothing = rb"(?:\s*<%bv\s*/>|\s*<%bv>\s*</%bv>)?\s*</%bc>" % (p, p, p, p)
        return cls(
            b"<%bc " % prefix,
            b"<%brow " % prefix,
            b"</%bc>" % prefix,
            re.compile(rb"<%bv>([^<]*)</" % p),
            re.compile(rb"f>%b|/>\s*</%bc>" % (nothing, p)),
            re.compile(rb"[^>]*(?<!/)>\s*<%bf\b[^<>]*(?:/>|>[^<]*</%bf>)%b" % (p, p, nothing)),
        )


def _blocks(begun: bytes, stream: IO[bytes], names: _Names) -> Iterator[bytes]:
    """The XML in pieces; none but the last ends within a cell or within a row's tag."""
    rest = begun
    while more := stream.read(_BLOCK):
        at = max(rest.rfind(names.cell), rest.rfind(names.row), 0)
        yield rest[:at]
        rest = rest[at:] + more
    yield rest


def _look(block: bytes, names: _Names, made: Unsaid) -> None:
    for one in _hidden(block):
        tag = block[block.rfind(b"<", 0, one.start()) : block.find(b">", one.end())]
        if tag.startswith(names.row) and (where := _place(tag)):
            made.hidden.append(int(where[2]) - 1)
    for one in _error(block):
        start = block.rfind(b"<", 0, one.start())
        if block.startswith(names.cell, start) and (place := _of_cell(block[start : one.end() + _TAG])):
            value = names.value.search(block, start, block.find(names.end, start))
            made.errors[place] = value[1].decode("utf-8", "replace") if value else _ANY
    for one in names.no_result.finditer(block):
        start = block.rfind(names.cell, 0, one.start())
        tag = block[start : block.find(b">", start)]
        if start < 0 or _EMPTY_TEXT in tag or not names.formula.fullmatch(block, start, one.end()):
            continue
        if place := _of_cell(tag):
            made.uncomputed.append(place)


def _of_cell(tag: bytes) -> Place | None:
    """The row and column that a cell's tag names."""
    where = _place(tag)
    return (int(where[2]) - 1, _column(where[1])) if where and where[1] else None


def _column(letters: bytes) -> int:
    """A to 0, Z to 25, AA to 26."""
    at = 0
    for letter in letters:
        at = at * 26 + letter - 64
    return at - 1


# -- formats


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
