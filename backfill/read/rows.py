"""Rows: the text of a part cut into numbered rows, each whole or with the reason why it can't be read.

A row that can't be read costs itself and nothing after it: pandas ends a whole file at one over-long row and at one
broken JSON line, so the cutting is done here, with csv and json, and pandas gets columns.
"""

import csv
import json
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

FRAME_ROWS = 20_000  # measured: smaller frames cost time, larger ones memory
FRAME_CHARACTERS = 16 << 20

RAW = "_raw"
REJECT_COLUMNS = ("_row", "_event", "_code", "_field", "_reason", "_file", RAW)


@dataclass(slots=True)
class Rows:
    """Consecutive rows, as parallel lists.

    `parts` and `numbers` say which row of which part; `cells` holds the mapped columns' texts alone, in the mapping's
    order; all "" where the row can't be read, but for its group's. `broken` is position -> reason.
    """

    parts: list[int] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    cells: list[tuple[str, ...]] = field(default_factory=list)
    broken: dict[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.numbers)

    def slice(self, start: int, stop: int) -> "Rows":
        broken = {at - start: reason for at, reason in self.broken.items() if start <= at < stop}
        return Rows(
            self.parts[start:stop], self.numbers[start:stop], self.texts[start:stop], self.cells[start:stop], broken
        )

    def extend(self, other: "Rows") -> None:
        self.broken.update({len(self) + at: reason for at, reason in other.broken.items()})
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
    raw: int | None = None  # where `_raw` stands, in a reject file
    reject_file: bool = False
    present: set[str] = field(default_factory=set, compare=False)  # JSONL: mapped paths met so far
    met: list[int] = field(default_factory=list, compare=False)  # JSONL: [1] once an object was read


def csv_rows(lines: Iterator[str], layout: Layout, part: int) -> Iterator[Rows]:
    """Cut CSV text into rows. A blank line is no row; a line break within quotes is no row's end."""
    for _ in range(layout.skip):
        next(lines, None)
    width, pick = len(layout.header), _picker(layout)
    blank = ("",) * len(layout.columns)
    rows, number, characters = Rows(), 0, 0
    for text, cells, reason in _records(lines, layout.delimiter, width):
        if not cells and reason is None:
            continue
        number += 1
        if len(cells) != width and reason is None:
            cells, reason = _fit(cells, width, layout.pad)
        if layout.raw is not None and reason is None:
            text, cells, reason = _unpack(text, cells, layout)
        if reason is None and not text.isascii():
            reason = _unwritable(text)
        if reason is not None:
            rows.broken[len(rows)] = reason
            rows.cells.append(_group_alone(cells, layout, blank))
        else:
            rows.cells.append(pick(cells))
        rows.parts.append(part)
        rows.numbers.append(number)
        rows.texts.append(text)
        characters += len(text)
        if len(rows) >= FRAME_ROWS or characters >= FRAME_CHARACTERS:
            yield rows
            rows, characters = Rows(), 0
    if len(rows):
        yield rows


def _picker(layout: Layout) -> Callable[[list[str]], tuple[str, ...]]:
    positions = layout.positions
    if -1 not in positions:
        return lambda cells: tuple([cells[i] for i in positions])
    return lambda cells: tuple([cells[i] if i >= 0 else "" for i in positions])


def _fit(cells: list[str], width: int, pad: bool) -> tuple[list[str], str | None]:
    """A row of another width: empty, padded, or not readable."""
    if not any(cell.strip() for cell in cells):
        return [""] * width, None
    if pad and len(cells) < width:
        return cells + [""] * (width - len(cells)), None
    return cells, f"{len(cells)} cells where the header has {width}"


def _unpack(text: str, cells: list[str], layout: Layout) -> tuple[str, list[str], str | None]:
    """A reject file's row: one that still stands in `_raw`, its own cells empty, is what it was before: unreadable."""
    assert layout.raw is not None
    raw = cells[layout.raw]
    own = [c for name, c in zip(layout.header, cells, strict=True) if name not in REJECT_COLUMNS]
    if not raw or any(own):
        return text, cells, None
    return raw, next(csv.reader([raw], delimiter=layout.delimiter), []), "still as it was: its own cells are empty"


def _group_alone(cells: list[str], layout: Layout, blank: tuple[str, ...]) -> tuple[str, ...]:
    """The cells of a row that can't be read: only its group's, where there is one to be had."""
    if layout.group is None or not 0 <= layout.positions[layout.group] < len(cells):
        return blank
    made = list(blank)
    made[layout.group] = cells[layout.positions[layout.group]]
    return tuple(made)


def _unwritable(text: str) -> str | None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return "bytes that are no text in the file's encoding"
    return None


def _records(lines: Iterator[str], delimiter: str, width: int) -> Iterator[tuple[str, list[str], str | None]]:
    """Yield (text, cells, reason) a record; a quote that swallows rows costs the one row that it stands in."""
    taken: list[str] = []
    again: deque[str] = deque()

    def feed() -> Iterator[str]:
        while True:
            line = again.popleft() if again else next(lines, None)
            if line is None:
                return
            taken.append(line)
            yield line

    while True:
        try:
            for cells in csv.reader(feed(), delimiter=delimiter):
                if reason := _swallowed(taken, delimiter, width):
                    break
                yield taken[0] if len(taken) == 1 else "".join(taken), cells, None
                taken.clear()
            else:
                return
        except csv.Error as error:
            reason = f"a cell that can't be read ({error})"
        first = taken[0]
        again.extendleft(reversed(taken[1:]))
        taken.clear()
        yield first, next(_lenient(first, delimiter)), reason


def _lenient(line: str, delimiter: str) -> Iterator[list[str]]:
    """The cells of one line by itself, as far as they go."""
    try:
        yield next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        yield line.rstrip("\r\n").split(delimiter)


def _swallowed(taken: list[str], delimiter: str, width: int) -> str | None:
    """Why a record is a stray quote and the rows after it; None where it is one row, line breaks in cells included."""
    if len(taken) == 1 and (taken[0][-1:] in "\r\n" or '"' not in taken[0]):
        return None
    try:
        next(csv.reader(taken, delimiter=delimiter, strict=True))
    except csv.Error:
        return "a quote that is not closed in its row"
    if len(taken) == 1:
        return None
    whole = [line.count(delimiter) == width - 1 for line in taken]
    inner = whole[1:-1]
    like_rows = sum(inner) * 2 > len(inner) if inner else whole[0] and whole[-1]
    if width > 2 and like_rows:
        return "a quote that is closed only in a later row"
    return None


def jsonl_rows(lines: Iterator[str], layout: Layout, part: int) -> Iterator[Rows]:
    """Cut JSON lines into rows. A blank line is no row; a broken one costs itself."""
    paths = [(name, name.split(".")) for name in layout.columns]
    blank = ("",) * len(paths)
    rows, number, characters = Rows(), 0, 0
    for line in lines:
        text = line.strip()
        if not text:
            continue
        number += 1
        found, text, reason = json_object(text)
        if reason is None:
            if not layout.met:
                layout.met.append(1)
            rows.cells.append(tuple([_at(found, name, path, layout.present) for name, path in paths]))
        else:
            rows.broken[len(rows)] = reason
            rows.cells.append(blank)
        rows.parts.append(part)
        rows.numbers.append(number)
        rows.texts.append(text)
        characters += len(text)
        if len(rows) >= FRAME_ROWS or characters >= FRAME_CHARACTERS:
            yield rows
            rows, characters = Rows(), 0
    if len(rows):
        yield rows


class Number(str):
    """A JSON number as it was written: 20 digits stay 20 digits, 1.10 stays 1.10."""

    __slots__ = ()


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(parse_float=Number, parse_int=Number, parse_constant=_no_constant)


def json_object(text: str) -> tuple[dict[str, object], str, str | None]:
    """Read one line; return the object, the row's own text, and the reason where it can't be read."""
    try:
        found = _DECODER.decode(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        return {}, text, f"not JSON: {error.msg} at character {error.pos + 1}"
    except (ValueError, RecursionError) as error:
        return {}, text, "nested too deeply" if isinstance(error, RecursionError) else f"not JSON: {error}"
    if not isinstance(found, dict):
        return {}, text, "not a JSON object"
    if isinstance(raw := found.get(RAW), str) and not found.keys() - set(REJECT_COLUMNS):
        return {}, raw, "still as it was: only _raw is there"
    if "\\u" in text or not text.isascii():
        try:
            json.dumps(found, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            return {}, text, "half a character (a lone surrogate)"
    return found, text, None


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
