"""Rows: the text of a part cut into numbered rows, each whole or with the reason why it can't be read.

A row that can't be read costs itself and nothing after it: pandas ends a whole file at one over-long row and at one
broken JSON line, so the cutting is done here, with csv and json, and pandas gets columns.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

FRAME_ROWS = 20_000  # measured: smaller frames cost time, larger ones memory
FRAME_CHARACTERS = 16 << 20
CHUNK_CHARACTERS = 1 << 18  # of lines that go through csv at a time
DEEPEST = 100  # levels of a JSON object

RAW = "_raw"
REJECT_COLUMNS = ("_row", "_event", "_code", "_field", "_reason", "_file", RAW)


@dataclass(slots=True)
class Rows:
    """Consecutive rows, as parallel lists.

    `parts` and `numbers` say which row of which part; `cells` holds the mapped columns' texts alone, in the mapping's
    order; all "" where the row can't be read, but for its group's. `broken` is position -> reason; `blank` are the
    positions of rows with no cell filled.
    """

    parts: list[int] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    cells: list[tuple[str, ...]] = field(default_factory=list)
    broken: dict[int, str] = field(default_factory=dict)
    blank: set[int] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.numbers)

    def enter(
        self,
        part: int,
        first: int,
        texts: list[str],
        cells: list[tuple[str, ...]],
        broken: dict[int, str],
        blank: set[int],
    ) -> None:
        """Add consecutive rows of one part, the first of them with this number."""
        self.broken.update({len(self) + at: reason for at, reason in broken.items()})
        self.blank.update(len(self) + at for at in blank)
        self.parts += [part] * len(texts)
        self.numbers += range(first, first + len(texts))
        self.texts += texts
        self.cells += cells

    def pick(self, positions: list[int]) -> "Rows":
        """Some of the rows, in the order asked for."""
        return Rows(
            [self.parts[at] for at in positions],
            [self.numbers[at] for at in positions],
            [self.texts[at] for at in positions],
            [self.cells[at] for at in positions],
            {new: self.broken[at] for new, at in enumerate(positions) if at in self.broken},
            {new for new, at in enumerate(positions) if at in self.blank},
        )

    def slice(self, start: int, stop: int) -> "Rows":
        """Consecutive rows."""
        return Rows(
            self.parts[start:stop],
            self.numbers[start:stop],
            self.texts[start:stop],
            self.cells[start:stop],
            {at - start: reason for at, reason in self.broken.items() if start <= at < stop},
            {at - start for at in self.blank if start <= at < stop},
        )

    def extend(self, other: "Rows") -> None:
        """Add the rows of another frame behind these."""
        self.broken.update({len(self) + at: reason for at, reason in other.broken.items()})
        self.blank.update(len(self) + at for at in other.blank)
        self.parts += other.parts
        self.numbers += other.numbers
        self.texts += other.texts
        self.cells += other.cells


@dataclass(frozen=True, slots=True)
class Layout:
    """How one part is written, and where the mapped columns stand in it.

    `columns` are the mapping's names; `positions` their places in a CSV row, -1 for one that the file lacks. For JSONL
    each column is a dotted path.
    """

    format: str
    columns: tuple[str, ...]
    positions: tuple[int, ...] = ()
    header: tuple[str, ...] = ()
    skip: int = 0  # physical lines up to and including the header
    delimiter: str = ","
    line_end: str = "\n"
    group: int | None = None  # which of `columns` is the group_by
    pad: bool = False
    quoted: bool = True  # False: a quote is a character like any other
    trailer: tuple[str, ...] = ()  # what the one filled cell of a row begins with that is no data
    empty: frozenset[str] = frozenset({""})  # cell texts that mean empty
    raw: int | None = None  # where `_raw` stands, in a reject file
    reject_file: bool = False
    present: set[str] = field(default_factory=set, compare=False)  # JSONL: mapped paths met so far
    met: list[int] = field(default_factory=list, compare=False)  # JSONL: [1] once an object was read


def csv_rows(lines: Iterable[str], layout: Layout, part: int, frame: int = FRAME_ROWS) -> Iterator[Rows]:
    """Cut CSV text into rows. A blank line is no row; a line break within quotes is no row's end."""
    lines = iter(lines)
    for _ in range(layout.skip):
        next(lines, None)
    rows, characters, number = Rows(), 0, 0
    for texts, found, broken in _records(lines, layout, frame):
        if layout.trailer or not all(found):
            kept = [at for at, cells in enumerate(found) if (cells or at in broken) and not _trails(cells, layout)]
            texts, found = [texts[at] for at in kept], [found[at] for at in kept]
            broken = {new: broken[old] for new, old in enumerate(kept) if old in broken}
        rows.enter(part, number + 1, texts, *_mapped(texts, found, broken, layout))
        number += len(texts)
        characters += sum(map(len, texts))
        if len(rows) >= frame or characters >= FRAME_CHARACTERS:
            yield rows
            rows, characters = Rows(), 0
    if len(rows):
        yield rows


def _mapped(
    texts: list[str], found: list[list[str]], broken: dict[int, str], layout: Layout
) -> tuple[list[tuple[str, ...]], dict[int, str], set[int]]:
    """The mapped cells of each record, those that can't be read, and those with no cell filled."""
    width = len(layout.header)
    if layout.raw is not None or set(map(len, found)) != {width}:
        for at, cells in enumerate(found):
            if at not in broken:
                texts[at], found[at], reason = _whole(texts[at], cells, layout)
                if reason is not None:
                    broken[at] = reason
    for at in [at for at, text in enumerate(texts) if not text.isascii()]:
        if at not in broken and not _sendable(texts[at]):
            broken[at] = "bytes that are no text in the file's encoding"
    pick = _picker(layout)
    if broken:
        mapped = [_group_alone(cells, layout) if at in broken else pick(cells) for at, cells in enumerate(found)]
    else:
        mapped = list(map(pick, found))
    hollow = [at for at, cells in _likely_hollow(mapped, layout) if _hollow(cells, layout) and at not in broken]
    return mapped, broken, {at for at in hollow if not _filled(found[at], layout)}


def _trails(cells: list[str], layout: Layout) -> bool:
    """Whether a row is one of those below the data: grand totals, a copyright."""
    if not layout.trailer:
        return False
    filled = [cell.strip() for cell in cells if cell.strip()]
    return len(filled) == 1 and filled[0].startswith(layout.trailer)


def _picker(layout: Layout) -> Callable[[list[str]], tuple[str, ...]]:
    positions = layout.positions
    if len(positions) > 1 and -1 not in positions:
        return itemgetter(*positions)
    return lambda cells: tuple([cells[i] if i >= 0 else "" for i in positions])


def _hollow(cells: Sequence[str], layout: Layout) -> bool:
    return all(cell.strip() in layout.empty for cell in cells)


def _likely_hollow(mapped: list[tuple[str, ...]], layout: Layout) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The rows worth a closer look: nearly every row of nearly every export has some cell filled."""
    if len(layout.empty) > 1:
        yield from enumerate(mapped)
        return
    for at, text in enumerate(map("".join, mapped)):
        if not text or text.isspace():
            yield at, mapped[at]


def _filled(cells: list[str], layout: Layout) -> bool:
    """Whether any cell of the export itself says something."""
    own = (cell for name, cell in zip(layout.header, cells, strict=True) if not _is_mark(name, layout))
    return any(cell.strip() not in layout.empty for cell in own)


def _is_mark(name: str, layout: Layout) -> bool:
    return layout.reject_file and name in REJECT_COLUMNS


def _whole(text: str, cells: list[str], layout: Layout) -> tuple[str, list[str], str | None]:
    """A record as a row of the header's width, or the reason why it is none."""
    width = len(layout.header)
    if len(cells) != width:
        if not any(cell.strip() for cell in cells):
            return text, [""] * width, None
        if not layout.pad or len(cells) > width:
            return text, cells, f"{len(cells)} cells where the header has {width}"
        cells = cells + [""] * (width - len(cells))
    if layout.raw is not None and cells[layout.raw] and not _filled(cells, layout):
        # a row that stands in a reject file as it was, its own cells empty, is still unreadable
        raw = cells[layout.raw] if layout.quoted else unmasked(cells[layout.raw], layout.delimiter)
        return raw, cells_of(raw, layout), "still as it was: its own cells are empty"
    return text, cells, None


def _group_alone(cells: list[str], layout: Layout) -> tuple[str, ...]:
    """The cells of a row that can't be read: only its group's, where there is one to be had."""
    made = [""] * len(layout.columns)
    if layout.group is not None and 0 <= layout.positions[layout.group] < len(cells):
        group = cells[layout.positions[layout.group]]
        made[layout.group] = group if _sendable(group) else ""
    return tuple(made)


def _sendable(text: str) -> bool:
    """Whether it is text: bytes that are none come as halves of characters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def cells_of(text: str, layout: Layout) -> list[str]:
    """The cells of one record's text, as far as they go."""
    if layout.quoted:
        try:
            return next(csv.reader(io.StringIO(text, newline=""), delimiter=layout.delimiter), [])
        except csv.Error:
            pass
    return text.rstrip("\r\n").split(layout.delimiter)


def masked(text: str, delimiter: str) -> str:
    """A text without the delimiter, for a file in which no quotes can protect it."""
    return text.replace(delimiter, f"\\u{ord(delimiter):04x}")


def unmasked(text: str, delimiter: str) -> str:
    return text.replace(f"\\u{ord(delimiter):04x}", delimiter)


# -- records out of lines --------------------------------------------------------------------------------------------

Cut = tuple[list[str], list[list[str]], dict[int, str]]  # texts, their cells, position -> why it can't be read


def _records(lines: Iterator[str], layout: Layout, most: int) -> Iterator[Cut]:
    """Cut lines into records, some thousand at a time; a quote that swallows rows costs the one row it stands in."""
    held: list[str] = []
    while True:
        more = _some(lines, most)
        held += more
        if not held:
            return
        if layout.quoted:
            cut, held = _cut(held, layout, ended=not more)
        else:
            cut, held = (held, [cells_of(line, layout) if line.strip() else [] for line in held], {}), []
        yield cut


def _some(lines: Iterator[str], most: int) -> list[str]:
    taken, characters = [], 0
    for line in lines:
        taken.append(line)
        characters += len(line)
        if characters >= CHUNK_CHARACTERS or len(taken) >= most:
            break
    return taken


def _cut(lines: list[str], layout: Layout, ended: bool) -> tuple[Cut, list[str]]:
    """The records of these lines, and the lines of the last one where it may go on in the next."""
    delimiter, limit = layout.delimiter, csv.field_size_limit()
    texts: list[str] = []
    cells: list[list[str]] = []
    broken: dict[int, str] = {}
    start = 0
    while start < len(lines):
        text, end, reason = lines[start], start + 1, ""
        if '"' not in text and len(text) <= limit:  # csv would do the same, at thrice the time
            found = text.rstrip("\r\n").split(delimiter) if text.strip("\r\n") else []
        else:
            found, end, reason = _quoted(lines, start, layout)
            if end > len(lines) and not ended:
                return (texts, cells, broken), lines[start:]
            if reason:
                found, end = cells_of(text, layout), start + 1
                broken[len(texts)] = reason
            elif end - start > 1:
                text = "".join(lines[start:end])
        texts.append(text)
        cells.append(found)
        start = end
    return (texts, cells, broken), []


def _quoted(lines: list[str], start: int, layout: Layout) -> tuple[list[str], int, str]:
    """The record that begins in this line, the place behind its end, and why it can't be read.

    The place is beyond that of all lines where a quote is still open at their end.
    """
    near = lines[start : start + 8]  # most records end soon, and a look at them all takes time
    for some in (near, lines[start:]) if start + len(near) < len(lines) else (near,):
        reader = csv.reader(some, delimiter=layout.delimiter)
        try:
            found = next(reader)
        except csv.Error as error:
            return [], start + 1, f"a cell that can't be read ({error})"
        end = start + reader.line_num
        if reader.line_num < len(some) or not _goes_on(some, layout.delimiter):
            return found, end, _swallowed(lines[start:end], found, layout)
    return [], len(lines) + 1, NOT_CLOSED


NOT_CLOSED = "a quote that is not closed in its row"


def _goes_on(lines: list[str], delimiter: str) -> bool:
    """Whether a quote is open at the end of these lines."""
    reader = csv.reader([*lines, ""], delimiter=delimiter)
    next(reader)
    return reader.line_num > len(lines)


def _swallowed(taken: list[str], found: list[str], layout: Layout) -> str:
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
        like_rows = sum(rows[:-1]) * 2 > len(later) - 1
    else:
        like_rows = rows[0] and first.count(delimiter) == width - 1
    return "a quote that is closed only in a later row" if like_rows and width > 2 else ""


def jsonl_rows(lines: Iterable[str], layout: Layout, part: int, frame: int = FRAME_ROWS) -> Iterator[Rows]:
    """Cut JSON lines into rows. A blank line is no row; a broken one costs itself."""
    paths = [(name, name.split(".")) for name in layout.columns]
    nothing = ("",) * len(paths)
    rows, number, characters = Rows(), 0, 0
    for line in lines:
        text = line.strip()
        if not text:
            continue
        number += 1
        found, text, reason = json_object(text)
        cells = nothing
        if reason is not None:
            rows.broken[len(rows)] = reason
        else:
            if not layout.met:
                layout.met.append(1)
            cells = tuple([_at(found, name, path, layout.present) for name, path in paths])
            if _hollow(cells, layout) and not _says(found, layout):
                rows.blank.add(len(rows))
        rows.parts.append(part)
        rows.numbers.append(number)
        rows.texts.append(text)
        rows.cells.append(cells)
        characters += len(text)
        if len(rows) >= frame or characters >= FRAME_CHARACTERS:
            yield rows
            rows, characters = Rows(), 0
    if len(rows):
        yield rows


def _says(found: object, layout: Layout) -> bool:
    """Whether any value of the export itself says something."""
    if isinstance(found, dict):
        return any(_says(value, layout) for name, value in found.items() if not _is_mark(name, layout))
    if isinstance(found, list):
        return any(_says(value, layout) for value in found)
    return found is not None and not (isinstance(found, str) and found.strip() in layout.empty)


class Number(str):
    """A JSON number as it was written: 20 digits stay 20 digits, 1.10 stays 1.10."""

    __slots__ = ()


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} stands for no value")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


_DECODER = json.JSONDecoder(parse_float=Number, parse_int=Number, parse_constant=_no_constant, object_pairs_hook=_once)


def json_object(text: str) -> tuple[dict[str, object], str, str | None]:
    """Read one line; return the object, the row's own text, and the reason where it can't be read."""
    try:
        found = _DECODER.decode(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        return {}, text, f"not JSON: {error.msg} at character {error.pos + 1}"
    except ValueError as error:
        return {}, text, f"not JSON: {error}"
    except RecursionError:
        return {}, text, "nested too deeply"
    if not isinstance(found, dict):
        return {}, text, "not a JSON object"
    if text.count("[") + text.count("{") > DEEPEST and _depth(found) > DEEPEST:
        return {}, text, "nested too deeply"
    if isinstance(raw := found.get(RAW), str) and not found.keys() - set(REJECT_COLUMNS):
        return {}, raw, "still as it was: only _raw is there"
    if not text.isascii() and not _sendable(text):
        return {}, text, "bytes that are no text in the file's encoding"
    if "\\u" in text and not _sendable(write_json(found)):
        return {}, text, "half a character (a lone surrogate)"
    return found, text, None


def _depth(found: object) -> int:
    level, deep = [found], 0
    while level:
        deep += 1
        level = [
            value
            for one in level
            if isinstance(one, dict | list)
            for value in (one.values() if isinstance(one, dict) else one)
        ]
    return deep


def _at(found: object, name: str, path: list[str], present: set[str]) -> str:
    """The text at a dotted path; "" where there is none."""
    if isinstance(found, dict) and name in found:
        found = found[name]
    else:
        for step in path:
            if isinstance(found, dict) and step in found:
                found = found[step]
            elif isinstance(found, list) and step.isascii() and step.isdigit() and int(step[:9]) < len(found):
                found = found[int(step[:9])]
            else:
                return ""
    present.add(name)
    if isinstance(found, str):
        return found
    if found is None:
        return ""
    if isinstance(found, bool):
        return "true" if found else "false"
    return write_json(found)


def write_json(value: object) -> str:
    """JSON text with every number as it was written."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k, ensure_ascii=False)}:{write_json(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(write_json, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
