"""Entries: what was rejected, in a private temporary file, given back in the order of the rows, many at a time.

An entry is one event of a rejected row, or the row where it can't be read. Its texts are in the file one after the
other, as bytes of UTF-8; what is short and the same for many entries is in memory.
"""

import marshal
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from backfill.event import Problem, Row
from backfill.fields.arrow import Flags, Places, Texts, as_text, pick, texts_of
from backfill.files.rows import encoded

ROWS = 5_000  # that are given back together,
CHARACTERS = 4 << 20  # if they have no more
_KINDS = 10_000  # different ones that are kept in memory; others are in the file, at each of their entries
_TEXTS = (
    4  # of an entry: the row as it is written, the event's key, its order_id, and its kind where that is in the file
)
_PART = 44  # bits of a row's number, below those of its part
_SINGLE = 1_000  # entries that came one by one and wait

Rule = tuple[str, str, str, str]  # code, field, column and reason of a broken rule


def rules_of(problems: Iterable[Problem]) -> tuple[Rule, ...]:
    """The broken rules as a reject file has them."""
    return tuple((str(one.code), one.field, one.column, one.reason) for one in problems)


class Kind(NamedTuple):
    """What many entries have in common: the event's name, "" for a row that can't be read, and what is wrong."""

    event: str
    rules: tuple[Rule, ...]
    unreadable: bool = False


@dataclass(frozen=True, slots=True)
class Entries:
    """Entries in the order of their rows; all of a row's are together. `which` says of each which of `kinds` it is."""

    parts: Places
    numbers: Places
    begins: Flags  # a row's first
    texts: pa.BinaryArray
    keys: Texts  # "" where none could be made of sound cells
    order_ids: Texts
    kinds: list[Kind]
    which: Places

    def __len__(self) -> int:
        return len(self.which)


class Gathered(NamedTuple):
    """What another process must know to go on with the file."""

    ranks: bytes
    sizes: bytes
    kinds: list[Kind]
    any_raw: bool


class EntryFile:
    """The file, and what is known of its entries: 24 bytes each."""

    def __init__(self, file: IO[bytes], most: int = _KINDS) -> None:
        self._file, self._most = file, most
        self.clear()

    def __len__(self) -> int:
        return sum(map(len, self._ranks)) + len(self._single)

    def clear(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._begin()

    def _begin(self) -> None:
        self._ranks: list[Places] = []
        self._sizes: list[NDArray[np.int32]] = []  # of each entry's texts; -1 for none, and for a kind in memory which
        self._kinds: dict[Kind, int] = {}
        self._single: list[tuple[Row, Kind, str | None, str]] = []
        self.any_raw = False

    @classmethod
    def restored(cls, file: IO[bytes], gathered: Gathered) -> "EntryFile":
        made = cls.__new__(cls)
        made._file, made._most = file, _KINDS
        made._begin()
        made._ranks = [np.frombuffer(gathered.ranks, np.int64)]
        made._sizes = [np.frombuffer(gathered.sizes, np.int32).reshape(-1, _TEXTS)]
        made._kinds = {kind: at for at, kind in enumerate(gathered.kinds)}
        made.any_raw = gathered.any_raw
        return made

    def hand_over(self) -> Gathered:
        ranks, sizes = self._known()
        self._file.flush()
        return Gathered(ranks.tobytes(), sizes.tobytes(), list(self._kinds), self.any_raw)

    def add(self, row: Row, kind: Kind, order_id: str | None, key: str) -> None:
        """Add one entry."""
        self._single.append((row, kind, order_id, key))
        self.any_raw |= kind.unreadable
        if len(self._single) >= _SINGLE:
            self._add_single()

    def _add_single(self) -> None:
        if self._single:
            rows, kinds, ids, keys = zip(*self._single, strict=True)
            self._single = []
            parts, numbers, texts = zip(*rows, strict=True)
            which = np.arange(len(rows))
            self.extend(np.array(parts), np.array(numbers), encoded(texts), kinds, which, texts_of(keys), texts_of(ids))

    def extend(
        self,
        parts: Places,
        numbers: Places,
        texts: pa.BinaryArray,
        kinds: Sequence[Kind],
        which: Places,
        keys: Texts,
        order_ids: Texts,
    ) -> None:
        """Add many entries, as columns."""
        self._add_single()
        codes, spelled = np.empty(len(kinds), np.int32), [b""] * len(kinds)
        for at, kind in enumerate(kinds):
            code = self._kinds.get(kind)
            if code is None and len(self._kinds) < self._most:
                code = self._kinds[kind] = len(self._kinds)
            if code is None:
                spelled[at] = marshal.dumps(tuple(kind))
            codes[at] = -1 - len(spelled[at]) if code is None else code
            self.any_raw |= kind.unreadable
        columns = [texts, keys.cast(pa.binary()), order_ids.cast(pa.binary())]
        sizes = np.empty((len(which), _TEXTS), np.int32)
        for at, column in enumerate(columns):
            sizes[:, at] = pc.binary_length(column).fill_null(-1).to_numpy()
        sizes[:, -1] = codes[which]
        written = [columns[0], *(column.fill_null(b"") for column in columns[1:])]
        if any(spelled):
            written.append(pick(pa.array(spelled, pa.binary()), which))
        joined = pc.binary_join_element_wise(*written, b"")
        self._file.seek(0, 2)
        self._file.write(memoryview(joined.buffers()[2] or b"")[: pc.sum(pc.binary_length(joined)).as_py() or 0])
        self._ranks.append(parts.astype(np.int64) << _PART | numbers)
        self._sizes.append(sizes)

    def _known(self) -> tuple[Places, NDArray[np.int32]]:
        """The rank and the sizes of each entry. Raises StateError where one could not be written."""
        self._add_single()
        self._file.seek(0)
        if len(self._ranks) != 1:
            self._ranks = [np.concatenate([np.empty(0, np.int64), *self._ranks])]
            self._sizes = [np.concatenate([np.empty((0, _TEXTS), np.int32), *self._sizes])]
        return self._ranks[0], self._sizes[0]

    def in_order(self) -> Iterator[Entries]:
        """All entries in the order of their rows, those of a row as they came."""
        ranks, sizes = self._known()
        kinds = list(self._kinds)
        totals = _lengths(sizes).sum(axis=1, dtype=np.int64)
        starts = np.cumsum(totals) - totals
        order = np.argsort(ranks, kind="stable")
        begins = np.diff(ranks[order], prepend=-1) != 0
        rows = np.append(np.flatnonzero(begins), len(order))  # where each row's entries begin
        ends = np.cumsum(totals[order])
        first = 0
        while first < len(rows) - 1:
            room = ends[rows[first]] - totals[order[rows[first]]] + CHARACTERS
            fitting = int(np.searchsorted(ends, room, side="right"))
            last = max(first + 1, min(first + ROWS, int(np.searchsorted(rows, fitting, side="right")) - 1))
            some = order[rows[first] : rows[last]]
            yield self._read(ranks[some], begins[rows[first] : rows[last]], starts[some], sizes[some], kinds)
            first = last

    def _read(
        self, ranks: Places, begins: Flags, starts: Places, sizes: NDArray[np.int32], kinds: list[Kind]
    ) -> Entries:
        lengths = _lengths(sizes)
        totals = lengths.sum(axis=1, dtype=np.int64)
        runs = np.flatnonzero(np.append(True, starts[1:] != (starts + totals)[:-1]))  # what is in line is read at once
        read = []
        for begin, end in zip(
            starts[runs].tolist(), (starts + totals)[np.append(runs[1:], len(starts)) - 1], strict=True
        ):
            self._file.seek(begin)
            read.append(self._file.read(int(end) - begin))
        offsets = pa.py_buffer(np.append(0, np.cumsum(lengths.ravel())).astype(np.int32))
        every = pa.BinaryArray.from_buffers(pa.binary(), lengths.size, [None, offsets, pa.py_buffer(b"".join(read))])
        texts, keys, ids, spelled = (pick(every, np.arange(at, lengths.size, _TEXTS)) for at in range(_TEXTS))
        none = pa.array(sizes[:, 2] < 0)
        codes, which = np.unique(sizes[:, -1], return_inverse=True)
        known = [kinds[code] for code in codes.tolist() if code >= 0]
        which = which - int((codes < 0).sum())
        for at in np.flatnonzero(sizes[:, -1] < 0).tolist():
            which[at] = len(known)
            known.append(Kind(*marshal.loads(spelled[at].as_py())))  # noqa: S302 (our own file, never leaves the run)
        parts, numbers = ranks >> _PART, ranks & ((1 << _PART) - 1)
        order_ids = pc.if_else(none, pa.scalar(None, pa.string()), as_text(ids))
        return Entries(parts, numbers, begins, texts, as_text(keys), order_ids, known, which)


def _lengths(sizes: NDArray[np.int32]) -> NDArray[np.int32]:
    """How many bytes each text has."""
    lengths = np.maximum(sizes, 0)
    lengths[:, -1] = np.maximum(-1 - sizes[:, -1], 0)
    return lengths
