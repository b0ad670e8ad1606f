"""Rows: numbered, each whole or with the reason why it can't be read; and the layout of the text they come from.

A row that can't be read costs itself and nothing after it: a library's reader ends a whole file at one over-long row
and at one broken JSON line, so the cutting is done here.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from backfill.fields.arrow import Flags, Places, Texts, cut_out, pick

FRAME_ROWS = 40_000  # measured: smaller frames cost time, larger ones memory
FRAME_CHARACTERS = 16 << 20
LONGEST = 8 << 20  # characters of a line or a cell: more is no row, and would take the memory of everybody else
csv.field_size_limit(LONGEST)

MARK = "\ufeff"  # the byte-order mark: glued files have several
AROUND = (
    "\"' \t\r\n\u00a0\u00ad\u200b\u200e\u200f\u202a\u202b\u202c\u2060" + MARK
)  # what a name may have around it, unseen

CODEC = "utf-8", "surrogatepass"  # bytes that were no text come as halves of characters, and stay such
Written = NDArray[np.object_]  # texts that rows are written in: bytes of UTF-8, or str


@dataclass(slots=True)
class Rows:
    """Consecutive rows, as columns.

    `parts` and `numbers` say which row of which part. A row is written in its text of `texts`, from the one of `spans`
    up to the other: few rows' own texts are ever asked for, and to cut them all out takes time. `cells` are the mapped
    columns' trimmed texts alone, in the mapping's order; all "" where the row can't be read, but for its group's.
    `broken` is position -> reason; `blank` are the positions of rows with no cell filled; `guarded` are the positions
    and columns of cells that had a spreadsheet's guard.
    """

    parts: Places
    numbers: Places
    texts: Written
    spans: Places
    cells: list[Texts]
    broken: dict[int, str] = field(default_factory=dict)
    blank: set[int] = field(default_factory=set)
    guarded: set[tuple[int, int]] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.numbers)

    @classmethod
    def of(
        cls,
        part: int,
        first: int,
        texts: Sequence[str | bytes],
        cells: list[Texts],
        broken: dict[int, str],
        blank: set[int],
        spans: Places | None = None,
        guarded: Iterable[tuple[int, int]] = (),
    ) -> "Rows":
        """Consecutive rows of one part, the first of them with this number; without `spans` each is all of its text."""
        numbers, spans = np.arange(first, first + len(texts)), whole(texts) if spans is None else spans
        return cls(np.full(len(texts), part), numbers, written(texts), spans, cells, broken, blank, set(guarded))

    def text(self, at: int) -> str:
        """How a row is written."""
        text: str | bytes = self.texts[at][self.spans.item(0, at) : self.spans.item(1, at)]
        return text if isinstance(text, str) else text.decode(*CODEC)

    def written_at(self, places: Places) -> tuple[pa.BinaryArray, Flags]:
        """How rows are written, as bytes of UTF-8; and which were read whole, many at once, with quotes in order."""
        texts, spans = self.texts[places], self.spans[:, places]
        others = np.append(True, texts[1:] != texts[:-1])
        begins = np.flatnonzero(others | (spans[0] < np.append(0, spans[1][:-1])))  # of what is in line in one text
        made, own, whole = [pa.array([], pa.binary())], list[str](), np.ones(len(texts), bool)
        for begin, end in zip(begins.tolist(), [*begins[1:].tolist(), len(texts)], strict=True):
            if isinstance(texts[begin], str):
                own += [self.text(at) for at in places[begin:end].tolist()]
                whole[begin:end] = False
                continue
            made.append(encoded(own))
            own.clear()
            made.append(cut_out(texts[begin], *spans[:, begin:end]))
        return pa.concat_arrays([*made, encoded(own)]), whole

    @property
    def characters(self) -> int:
        return int((self.spans[1] - self.spans[0]).sum())

    @property
    def readable(self) -> Flags:
        """Which rows could be read."""
        readable = np.ones(len(self), bool)
        readable[list(self.broken)] = False
        return readable

    @classmethod
    def joined(cls, several: Sequence["Rows"]) -> "Rows":
        """Rows one after the other; there must be some."""
        if len(several) == 1:
            return several[0]
        offsets = np.cumsum([0, *map(len, several)]).tolist()
        return cls(
            np.concatenate([rows.parts for rows in several]),
            np.concatenate([rows.numbers for rows in several]),
            np.concatenate([rows.texts for rows in several]),
            np.concatenate([rows.spans for rows in several], axis=1),
            [pa.concat_arrays(cells) for cells in zip(*(rows.cells for rows in several), strict=True)],
            {at + by: why for by, rows in zip(offsets, several, strict=False) for at, why in rows.broken.items()},
            {at + by for by, rows in zip(offsets, several, strict=False) for at in rows.blank},
            {(at + by, column) for by, rows in zip(offsets, several, strict=False) for at, column in rows.guarded},
        )

    def pick(self, positions: Places) -> "Rows":
        """Some of the rows, in the order asked for."""
        marked = self._marked()
        return self._some(
            positions, {old: at for at, old in enumerate(positions.tolist() if marked else ()) if old in marked}
        )

    def between(self, start: int, stop: int) -> "Rows":
        """Consecutive rows."""
        return self._some(slice(start, stop), {at: at - start for at in self._marked() if start <= at < stop})

    def _marked(self) -> set[int]:
        """The rows of which something is said."""
        return {*self.broken, *self.blank, *(at for at, _ in self.guarded)}

    def _some(self, which: Places | slice, new: dict[int, int]) -> "Rows":
        """Some of the rows; `new` says where those are then of which something is said."""
        return Rows(
            self.parts[which],
            self.numbers[which],
            self.texts[which],
            self.spans[:, which],
            [pick(cells, which) for cells in self.cells],
            {new[old]: why for old, why in self.broken.items() if old in new},
            {new[old] for old in self.blank if old in new},
            {(new[old], column) for old, column in self.guarded if old in new},
        )


def fold(name: str) -> str:
    """A column's name, however it is spelled."""
    return name.strip(AROUND).casefold()


def written(texts: Sequence[str | bytes]) -> Written:
    """The texts as rows have them."""
    made = np.empty(len(texts), dtype=object)
    made[:] = texts
    return made


def encoded(texts: Iterable[str]) -> pa.BinaryArray:
    """Texts of rows as bytes of UTF-8."""
    return pa.array([text.encode(*CODEC) for text in texts], pa.binary())


def whole(texts: Sequence[str | bytes]) -> Places:
    """The spans of texts that are one row's each."""
    return np.array([[0] * len(texts), list(map(len, texts))], np.int64)


def frames(pieces: Iterable[Rows], most: int, cut: Callable[[Rows], int] = len) -> Iterator[Rows]:
    """Put pieces together until they have `most` rows, or many characters.

    `cut` says how many of such rows are to go; the others come with the next, in which there are some more then.
    """
    held: list[Rows] = []
    count = characters = waiting = 0
    for piece in pieces:
        held.append(piece)
        count += len(piece)
        characters += piece.characters
        if count >= waiting + most or characters >= FRAME_CHARACTERS:
            rows = Rows.joined(held)
            end = cut(rows)
            rest = rows.pick(np.arange(end, len(rows)))  # a copy: a slice would keep all of them
            held, count, characters, waiting = [rest], len(rest), 0, len(rest)
            rows = rows.between(0, end)
            del piece  # whoever takes the rows has them alone
            if end:
                yield rows
            del rows
    if count:
        yield Rows.joined(held)
