"""CSV text cut into rows, a block of text at a time: numpy finds their ends, and Arrow's reader their cells.

No library's reader says how a row was written, and all end at the first one that is too long. What is plain to see goes
to Arrow at one call, and what is not is read record by record.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TextIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
from numpy.typing import NDArray

from backfill.fields.arrow import (
    Flags,
    Places,
    Texts,
    as_text,
    bytes_of,
    edges,
    filled,
    holds,
    listed,
    pick,
    put,
    repeated,
)
from backfill.fields.mend import BLANKS, GUARDS, unguarded
from backfill.fields.typed import untyped
from backfill.files.bounded import Bounded
from backfill.files.csv_lines import Judged, cells_of, cut, one_by_one, swallowed, trails
from backfill.files.csv_lines import filled as any_filled
from backfill.files.format import Layout
from backfill.files.rows import CODEC, FRAME_ROWS, LONGEST, Rows, whole

BLOCK_CHARACTERS = 1 << 20  # measured: more takes memory, less time
Codes = NDArray[np.uint8]
_LF, _CR, _BLANK, _QUOTE, _DELETE = map(ord, '\n\r "\x7f')
_GUARDS = list(map(ord, GUARDS))

# Arrow's reader takes SIGINT for itself while it runs, and the program has a handler of its own.
pa.enable_signal_handlers(False)


def csv_rows(source: TextIO, layout: Layout, part: int, frame: int = FRAME_ROWS) -> Iterator[Rows]:
    """Cut CSV text into rows, a block after the other. A blank line is no row; a line break within quotes ends none.

    From the first row on that needs a closer look, a block is read line by line.
    """
    size = min(BLOCK_CHARACTERS, 64 * frame)
    for _ in range(layout.skip):
        source.readline()
    bounded, text, number = Bounded(source, layout.left_over), b"", 1
    while True:
        more = bounded.read(min(max(size, len(text)), LONGEST // 2))  # a row in many blocks is looked at a few times
        text += more.encode(*CODEC)
        if not more and b"\x1a" in text[-8:]:
            text = text.rstrip(b"\r\n\x1a")  # the end of a file to DOS
        if not text:
            return
        grid = _grid(text, layout)
        if len(grid):
            yield (rows := Rows.of(part, number, *_table(grid, layout)))
            number += len(rows)
            text = text[grid.end :]
        if grid.plain and more and (len(grid) or len(text) < LONGEST):
            continue
        lines = list(io.StringIO(text.decode(*CODEC), newline=""))
        begun = lines.pop() if more and lines and not lines[-1].endswith(("\n", "\r")) else ""
        (texts, cells, broken), held, goes_on = cut(lines, layout, not more, size * 5 // 4)
        text = "".join([*held, begun]).encode(*CODEC)
        if held and not goes_on:  # a quote that nothing closes had us read far beyond a block
            bounded.put_back(text.decode(*CODEC))
            text = b""
        del lines, held  # of no use while the rows are
        yield (rows := Rows.of(part, number, *one_by_one(texts, cells, broken, layout)))
        number += len(rows)


def cells_in(written: pa.BinaryArray, layout: Layout) -> list[Texts] | None:
    """The mapped columns' cells of rows that are written like this; None where together they say something else."""
    ends = np.cumsum(pc.binary_length(written).to_numpy())
    text = bytes_of(as_text(written)).tobytes()
    if not text.endswith(b"\n"):
        text, ends[-1:] = text + b"\n", ends[-1:] + 1
    grid = _grid(text, layout)
    if not (grid.plain and np.array_equal(grid.nexts, ends)):
        return None
    judged = _table(grid, layout)
    return None if judged.broken or len(judged.texts) < len(ends) else judged.cells


@dataclass(slots=True)
class _Grid:
    """The places of a text's rows that need no closer look."""

    text: bytes
    starts: Places
    nexts: Places
    plain: bool  # no row but the last, which may go on, was left over
    end: int  # where the first row begins that is not here

    def __len__(self) -> int:
        return len(self.starts)

    def row(self, at: int) -> str:
        return self.text[self.starts[at] : self.nexts[at]].decode(*CODEC)

    def pick(self, rows: Flags) -> "_Grid":
        """Some of the rows."""
        return replace(self, starts=self.starts[rows], nexts=self.nexts[rows])


def _grid(text: bytes, layout: Layout) -> _Grid:
    codes = np.frombuffer(text, np.uint8)
    breaks = np.flatnonzero(codes == _LF)
    limit, inner = len(text) if layout.delimiter.isascii() and not layout.marks else 0, breaks[:0]
    if b"\r" in text:
        returns = np.flatnonzero(codes == _CR)
        lone = returns[codes[np.minimum(returns + 1, len(text) - 1)] != _LF]
        limit = min(limit, *lone[:1].tolist(), limit)
    if layout.quoted and b'"' in text:
        quotes = np.flatnonzero(codes == _QUOTE)
        limit = min(limit, *_strays(codes, quotes, layout)[:1].tolist(), limit)
        outer = np.searchsorted(quotes, breaks) % 2 == 0
        breaks, inner = breaks[outer], breaks[~outer]
    nexts = breaks[: np.searchsorted(breaks, limit)] + 1
    starts = np.append(0, nexts[:-1])[: len(nexts)]
    good = _whole_rows(text, starts, nexts, inner, layout)
    plain, end = limit == len(text) and good == len(nexts), int(nexts[good - 1]) if good else 0
    starts, nexts = starts[:good], nexts[:good]
    some = nexts - starts > 1 + ((codes[np.maximum(nexts - 2, 0)] == _CR) & (nexts - starts > 1))
    return _Grid(text, starts[some], nexts[some], plain, end)


def _strays(codes: Codes, quotes: Places, layout: Layout) -> Places:
    """Quotes that open within a cell, or close before its end."""
    bounds = _bounds(layout.delimiter)
    good = np.empty(len(quotes), bool)
    opens, closes = quotes[::2], quotes[1::2]
    good[::2] = bounds[codes[np.maximum(opens - 1, 0)]] | (opens == 0)
    after = codes[np.minimum(closes + 1, len(codes) - 1)]
    good[1::2] = bounds[after] | (after == _CR) | (closes == len(codes) - 1)
    return quotes[~good]


@lru_cache
def _bounds(delimiter: str) -> Flags:
    """Which bytes may be before a quote that opens and after one that closes."""
    return np.isin(np.arange(256), (ord(delimiter), _LF, _QUOTE))


def _whole_rows(text: bytes, starts: Places, nexts: Places, inner: Places, layout: Layout) -> int:
    """How many of the rows, from the first on, are rows: none too long, none that a stray quote made of lines."""
    long = np.flatnonzero(nexts - starts > LONGEST)
    good = int(long[0]) if len(long) else len(starts)
    mark = layout.delimiter.encode()
    rows, first = np.unique(np.searchsorted(nexts, inner, side="right"), return_index=True)
    for at, end_of_line in zip(rows.tolist(), inner[first].tolist(), strict=True):
        if at >= good:
            break
        if text.count(mark, end_of_line, nexts[at]) < len(layout.header) - 1:
            continue  # its quotes are in order, and no line but its first can be a row
        row = text[starts[at] : nexts[at]].decode(*CODEC)
        if swallowed(list(io.StringIO(row, newline="")), cells_of(row, layout), layout):
            return int(at)
    return good


def _table(grid: _Grid, layout: Layout) -> Judged:
    """The grid's rows, judged; those that differ from the header's width, or are no text, are judged one by one."""
    grid = grid.pick(_data(grid, layout)) if layout.trailer else grid
    even, columns = _read(grid, _sendable(grid), layout)
    rows, odd = np.flatnonzero(even), np.flatnonzero(~even).tolist()
    cells, hollow, guarded = _cells(columns, len(rows), layout)
    blank = {at for at in rows[hollow].tolist() if not any_filled(cells_of(grid.row(at), layout), layout)}
    texts: list[str | bytes] = [grid.text] * len(grid)
    spans = np.array([grid.starts, grid.nexts])
    if not odd:
        return Judged(texts, cells, {}, blank, spans, guarded)
    found = [grid.row(at) for at in odd]
    own = one_by_one(found, [cells_of(text, layout) for text in found], {}, layout)
    place = np.empty(len(grid), np.int64)
    place[rows], place[odd] = np.arange(len(rows)), np.arange(len(rows), len(grid))
    every = [pick(pa.concat_arrays([one, of]), place) for one, of in zip(cells, own.cells, strict=True)]
    spans[:, odd] = whole(own.texts)
    for at, text in zip(odd, own.texts, strict=True):
        texts[at] = text
    broken = {odd[at]: why for at, why in own.broken.items()}
    guarded = [(int(rows[at]), column) for at, column in guarded] + [(odd[at], column) for at, column in own.guarded]
    return Judged(texts, every, broken, blank | {odd[at] for at in own.blank}, spans, guarded)


def _data(grid: _Grid, layout: Layout) -> Flags:
    """Which rows are not those below the data."""
    marks = [mark.partition('"')[0].encode() for mark in layout.trailer]  # what such a row has in it, quoted or not
    if not any(mark in grid.text for mark in marks):
        return np.ones(len(grid), bool)
    rows = zip(grid.starts.tolist(), grid.nexts.tolist(), strict=True)
    likely = (any(grid.text.find(mark, start, end) >= 0 for mark in marks) for start, end in rows)
    return np.array(
        [not (some and trails(cells_of(grid.row(at), layout), layout)) for at, some in enumerate(likely)], bool
    )


def _sendable(grid: _Grid) -> Flags:
    """Which rows are text."""
    if _is_text(grid.text[: grid.end]):
        return np.ones(len(grid), bool)
    rows = zip(grid.starts.tolist(), grid.nexts.tolist(), strict=True)
    return np.array([_is_text(grid.text[start:end]) for start, end in rows], bool)


def _is_text(written: bytes) -> bool:
    """Whether bytes are UTF-8; Arrow looks at them at eight times the speed of `bytes.decode`."""
    if written.isascii():
        return True
    spans = pa.py_buffer(np.array([0, len(written)], np.int32))
    try:
        pa.Array.from_buffers(pa.binary(), 1, [None, spans, pa.py_buffer(written)]).cast(pa.string())
    except pa.ArrowInvalid:
        return False
    return True


def _read(grid: _Grid, sound: Flags, layout: Layout) -> tuple[Flags, dict[int, Texts]]:
    """Which of the rows are as wide as the header, and their cells in the columns that are asked for."""
    text = grid.text[: grid.end]
    if not sound.all() or layout.trailer:
        text = b"".join([text[grid.starts[at] : grid.nexts[at]] for at in np.flatnonzero(sound).tolist()])
    even = sound.copy()
    asked = sorted({at for at in layout.positions if at >= 0} or {0})
    surplus = list(range(layout.named, layout.named + layout.surplus))
    if not sound.any():
        return even, {at: pa.array([], pa.string()) for at in asked}
    wrong: list[int] = []

    def skip(row: pacsv.InvalidRow) -> str:
        wrong.append(row.number - 1)
        return "skip"

    names = dict.fromkeys(map(str, [*asked, *surplus]), pa.string())
    table = pacsv.read_csv(
        pa.BufferReader(text),
        # With a block below the text's size, Arrow loses the LF of a CRLF within quotes (apache/arrow 51368).
        pacsv.ReadOptions(
            use_threads=False, block_size=len(text) + 64, column_names=list(map(str, range(len(layout.header))))
        ),
        pacsv.ParseOptions(
            delimiter=layout.delimiter,
            quote_char='"' if layout.quoted else False,
            # There is one block: this says only where others would begin, and to look for that takes a fifth more.
            newlines_in_values=False,
            invalid_row_handler=skip,
        ),
        pacsv.ConvertOptions(
            include_columns=list(names), column_types=names, strings_can_be_null=False, check_utf8=False
        ),
    )
    even[np.flatnonzero(sound)[wrong]] = False
    columns = {int(name): _whole(table[name]) for name in names}
    for at in surplus:
        if filled(columns[at]).any():
            late = np.logical_or.reduce([filled(columns[one]) for one in surplus])
            even[np.flatnonzero(even)[late]] = False
            return even, {one: pick(columns[one], ~late) for one in asked}
    return even, columns


def _whole(column: pa.ChunkedArray) -> Texts:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks or [pa.array([], pa.string())])


def _cells(columns: dict[int, Texts], count: int, layout: Layout) -> tuple[list[Texts], Flags, list[tuple[int, int]]]:
    """The mapped columns' cells as they read, trimmed; which rows have none filled; which cells had a guard."""
    made, hollow = [], np.ones(count, bool)
    guarded: list[tuple[int, int]] = []
    for column, at in enumerate(layout.positions):
        if at < 0:
            made.append(repeated("", count))
            continue
        cells, bare = _bared(columns[at])
        if layout.typed and layout.columns[column] not in layout.numbers:
            cells = untyped(cells)
        if len(layout.empty) > 1:
            cells = pc.if_else(pc.is_in(untyped(cells), pa.array(list(layout.empty))), "", cells)
        guarded += [(row, column) for row in bare]
        made.append(cells)
    for cells in made if layout.group is None else (made[layout.group], *made):  # nearly all rows have a group
        if hollow.any():
            hollow &= ~filled(cells)
    return made, hollow, guarded


def _bared(cells: Texts) -> tuple[Texts, list[int]]:
    """A column's texts without blanks around them and spreadsheets' guards, and which had one of those."""
    letters = bytes_of(cells)
    if not letters.size:
        return cells, []
    if letters.min() <= _BLANK or letters.max() >= _DELETE:  # somewhere; and where a text begins or ends?
        heads, tails = edges(cells)
        if heads.min() <= _BLANK or tails.min() <= _BLANK or heads.max() >= _DELETE or tails.max() >= _DELETE:
            cells = pc.utf8_trim(cells, BLANKS)
    if not holds(cells, *GUARDS):
        return cells, []
    heads, _ = edges(cells)
    places = np.flatnonzero(np.isin(heads, _GUARDS) & filled(cells))
    texts = listed(pick(cells, places))
    bare = [unguarded(text) for text in texts]
    changed = [at for at, (text, one) in enumerate(zip(texts, bare, strict=True)) if text != one]
    return put(cells, places[changed], [bare[at] for at in changed]), places[changed].tolist()
