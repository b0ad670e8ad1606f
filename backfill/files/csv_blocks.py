"""Tables: CSV text cut into rows, a block of text at a time, at the places of its delimiters and line ends.

pandas' own reader says neither how a row was written nor which one was too long, and ends at the first of those.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from backfill.fields.column import Flags, Places, Texts
from backfill.fields.mend import trim, unguarded
from backfill.files.bounded import Bounded
from backfill.files.csv_lines import Judged, cells_of, cut, filled, one_by_one, sendable, swallowed, trails
from backfill.files.format import Layout
from backfill.files.rows import FRAME_ROWS, LONGEST, Rows, whole

BLOCK_CHARACTERS = 1 << 19  # measured: more takes memory, less time
Codes = NDArray[np.unsignedinteger]
_SEPARATORS = "\x1f\x1e\x1d\x1c\x01\x02"
_LF, _CR, _BLANK, _QUOTE, _APOSTROPHE, _EQUALS, _DELETE = map(ord, "\n\r \"'=\x7f")


def csv_rows(source: TextIO, layout: Layout, part: int, frame: int = FRAME_ROWS) -> Iterator[Rows]:
    """Cut CSV text into rows, a block after the other. A blank line is no row; a line break within quotes ends none.

    From the first row on that needs a closer look, a block is read line by line.
    """
    size = min(BLOCK_CHARACTERS, 32 * frame)
    for _ in range(layout.skip):
        source.readline()
    bounded, text, number = Bounded(source, layout.left_over), "", 1
    while True:
        more = bounded.read(min(max(size, len(text)), LONGEST // 2))  # a row in many blocks is looked at a few times
        text += more
        if not more and "\x1a" in text[-8:]:
            text = text.rstrip("\r\n\x1a")  # the end of a file to DOS
        if not text:
            return
        grid = _grid(text, layout)
        if len(grid):
            yield (rows := Rows.of(part, number, *_table(grid, layout)))
            number += len(rows)
            text = text[grid.end :]
        if grid.plain and more and (len(grid) or len(text) < LONGEST):
            continue
        lines = list(io.StringIO(text, newline=""))
        begun = lines.pop() if more and lines and not lines[-1].endswith(("\n", "\r")) else ""
        (texts, cells, broken), held = cut(lines, layout, ended=not more)
        yield (rows := Rows.of(part, number, *one_by_one(texts, cells, broken, layout)))
        number += len(rows)
        text = "".join(held) + begun


@dataclass(slots=True)
class _Grid:
    """The places of a text's rows that need no closer look, and of their delimiters."""

    text: str
    codes: Codes  # of its characters
    starts: Places
    ends: Places  # without the line end
    nexts: Places  # with it
    delimiters: Places
    plain: bool  # no row but the last, which may go on, was left over
    end: int  # where the first row begins that is not here

    def __len__(self) -> int:
        return len(self.starts)

    def row(self, at: int) -> str:
        return self.text[self.starts[at] : self.nexts[at]]

    def pick(self, rows: Places | Flags) -> "_Grid":
        """Some of the rows."""
        return replace(self, starts=self.starts[rows], ends=self.ends[rows], nexts=self.nexts[rows])


def _grid(text: str, layout: Layout) -> _Grid:
    codes = _codes(text)
    breaks, delimiters = np.flatnonzero(codes == _LF), np.flatnonzero(codes == ord(layout.delimiter))
    limit, inner = 0 if layout.marks else len(text), breaks[:0]
    if "\r" in text:
        returns = np.flatnonzero(codes == _CR)
        lone = returns[codes[np.minimum(returns + 1, len(text) - 1)] != _LF]
        limit = min(limit, *lone[:1].tolist(), limit)
    if layout.quoted and '"' in text:
        quotes = np.flatnonzero(codes == _QUOTE)
        limit = min(limit, *_strays(codes, quotes, layout)[:1].tolist(), limit)
        delimiters, outer = delimiters[_outside(delimiters, quotes)], _outside(breaks, quotes)
        breaks, inner = breaks[outer], breaks[~outer]
    nexts = breaks[: np.searchsorted(breaks, limit)] + 1
    starts = np.append(0, nexts[:-1])[: len(nexts)]
    good = _whole_rows(text, starts, nexts, inner, layout)
    plain, end = limit == len(text) and good == len(nexts), int(nexts[good - 1]) if good else 0
    starts, nexts = starts[:good], nexts[:good]
    ends = nexts - 1
    ends -= (codes[np.maximum(ends - 1, 0)] == _CR) & (ends > starts)
    some = ends > starts
    delimiters = delimiters[: np.searchsorted(delimiters, end)]
    return _Grid(text, codes, starts[some], ends[some], nexts[some], delimiters, plain, end)


def _codes(text: str) -> Codes:
    if text.isascii():
        return np.frombuffer(text.encode(), np.uint8)
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _outside(places: Places, quotes: Places) -> Flags:
    """Which of the places no pair of quotes holds."""
    runs = np.diff(np.searchsorted(places, quotes), prepend=0, append=len(places))
    return np.repeat(np.arange(len(runs)) % 2 == 0, runs)


def _strays(codes: Codes, quotes: Places, layout: Layout) -> Places:
    """Quotes that open within a cell, or close before its end."""
    bounds = (ord(layout.delimiter), _LF, _QUOTE)
    opens = np.isin(codes[np.maximum(quotes - 1, 0)], bounds) | (quotes == 0)
    closes = np.isin(codes[np.minimum(quotes + 1, len(codes) - 1)], (*bounds, _CR)) | (quotes == len(codes) - 1)
    strays: Places = quotes[~np.where(np.arange(len(quotes)) % 2 == 0, opens, closes)]
    return strays


def _whole_rows(text: str, starts: Places, nexts: Places, inner: Places, layout: Layout) -> int:
    """How many of the rows, from the first on, are rows: none too long, none that a stray quote made of lines."""
    long = np.flatnonzero(nexts - starts > LONGEST)
    good = int(long[0]) if len(long) else len(starts)
    for at in np.unique(np.searchsorted(nexts, inner, side="right")).tolist():
        if at >= good:
            break
        row = text[starts[at] : nexts[at]]
        if row.count(layout.delimiter, row.index("\n")) < len(layout.header) - 1:
            continue  # its quotes are in order, and no line but its first can be a row
        if swallowed(list(io.StringIO(row, newline="")), cells_of(row, layout), layout):
            return int(at)
    return good


def _table(grid: _Grid, layout: Layout) -> Judged:
    """The grid's rows, judged; those that differ from the header's width, or are no text, are judged one by one."""
    grid = grid.pick(_data(grid, layout)) if layout.trailer else grid
    first = np.searchsorted(grid.delimiters, grid.starts)  # of each row's delimiters
    even = np.searchsorted(grid.delimiters, grid.ends) - first == len(layout.header) - 1
    if layout.surplus:
        named = grid.delimiters[np.minimum(first + layout.named - 1, len(grid.delimiters) - 1)]
        even &= grid.ends - named == len(layout.header) - layout.named
    if not grid.text.isascii() and not sendable(grid.text[: grid.end]):
        even &= np.array([sendable(grid.row(at)) for at in range(len(grid))], bool)
    rows, odd = np.flatnonzero(even), np.flatnonzero(~even).tolist()
    cells, hollow, guarded = _cells(grid.pick(rows), first[rows], layout)
    blank = {at for at in rows[hollow].tolist() if not filled(cells_of(grid.row(at), layout), layout)}
    texts, spans = [grid.text] * len(grid), np.array([grid.starts, grid.nexts])
    if not odd:
        return Judged(texts, cells, {}, blank, spans, guarded)
    found = [grid.row(at) for at in odd]
    own = one_by_one(found, [cells_of(text, layout) for text in found], {}, layout)
    every = np.empty((len(layout.columns), len(grid)), dtype=object)
    every[:, rows], every[:, odd] = cells, own.cells
    spans[:, odd] = whole(own.texts)
    for at, text in zip(odd, own.texts, strict=True):
        texts[at] = text
    broken = {odd[at]: why for at, why in own.broken.items()}
    guarded = [(int(rows[at]), column) for at, column in guarded] + [(odd[at], column) for at, column in own.guarded]
    return Judged(texts, every, broken, blank | {odd[at] for at in own.blank}, spans, guarded)


def _data(grid: _Grid, layout: Layout) -> Flags:
    """Which rows are not those below the data."""
    rows = zip(grid.starts.tolist(), grid.nexts.tolist(), strict=True)
    marks = [mark.partition('"')[0] for mark in layout.trailer]  # what a row below has in it, quoted or not
    likely = ((text, any(mark in text for mark in marks)) for text in (grid.text[start:end] for start, end in rows))
    return np.array([not (some and trails(cells_of(text, layout), layout)) for text, some in likely], bool)


def _cells(grid: _Grid, first: Places, layout: Layout) -> tuple[Texts, Flags, list[tuple[int, int]]]:
    """The mapped columns' cells as they read, trimmed and without their quotes; which rows have none filled.

    And the row and column of each cell that had a spreadsheet's guard.
    """
    starts, ends = _edges(grid, first, layout)
    quoted = (grid.codes[starts] == _QUOTE) & (ends > starts) & layout.quoted
    starts, ends = starts + quoted, ends - quoted
    some = np.flatnonzero(ends > starts)
    starts, ends = starts.ravel()[some], ends.ravel()[some]
    made = _pieces(grid, starts, ends)
    for at in np.flatnonzero(quoted.ravel()[some]).tolist():
        made[at] = made[at].replace('""', '"')
    heads, tails = grid.codes[starts], grid.codes[ends - 1]
    blank = (np.minimum(heads, tails) <= _BLANK) | (np.maximum(heads, tails) >= _DELETE)
    odd = np.flatnonzero(blank | (heads == _APOSTROPHE) | (heads == _EQUALS)).tolist()
    guarded: list[tuple[int, int]] = []
    for at in odd:
        trimmed = trim(made[at])
        if (bare := unguarded(trimmed)) != trimmed:
            guarded.append((int(some[at]) % len(grid), int(some[at]) // len(grid)))
        made[at] = bare
    if odd or len(layout.empty) > 1:
        kept = [at for at, cell in enumerate(made) if cell not in layout.empty]
        some, made = some[kept], [made[at] for at in kept]
    cells = np.full(len(layout.positions) * len(grid), "", dtype=object)
    cells[some] = made
    hollow = np.ones(len(grid), bool)
    hollow[some % len(grid)] = False
    return cells.reshape(len(layout.positions), len(grid)), hollow, guarded


def _pieces(grid: _Grid, starts: Places, ends: Places) -> list[str]:
    """The texts from each start to its end, gathered and split: at half the cost of cutting out one after the other."""
    mark = next((mark for mark in _SEPARATORS if mark not in grid.text), None)
    if mark is None or not len(starts):
        return [grid.text[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    after = np.cumsum(ends - starts + 1)  # each piece and the mark behind it
    places = np.ones(after[-1], np.int64)
    places[0], places[after[:-1]] = starts[0], starts[1:] - ends[:-1]
    gathered = grid.codes.take(np.cumsum(places, out=places), mode="clip")  # a mark may be beyond the text's end
    gathered[after - 1] = ord(mark)
    whole = gathered.tobytes()
    text = whole.decode() if gathered.itemsize == 1 else whole.decode("utf-32-le", "surrogatepass")
    return text.split(mark)[:-1]


def _edges(grid: _Grid, first: Places, layout: Layout) -> tuple[Places, Places]:
    """Where the cells of the mapped columns begin and end, a line for each column; one that the file lacks is empty."""
    starts, ends = np.empty((2, len(layout.positions), len(grid)), np.int64)
    last = len(layout.header) - 1
    for column, at in enumerate(layout.positions):
        starts[column] = grid.delimiters[first + at - 1] + 1 if at > 0 else grid.starts
        ends[column] = grid.delimiters[first + at] if 0 <= at < last else grid.ends if at == last else grid.starts
    return starts, ends
