"""Entries: what was rejected, in a private temporary file, given back in the order of the rows, many at a time.

An entry is one event of a rejected row, or the row where it can't be read. They are in the file as batches of Arrow's,
each in the order of the rows, and come in that order nearly always; what overlaps is merged. Of a batch no more is in
memory than where it is and of which rows. Rows are much alike: packed, a batch is a sixth, and costs less than writing
the rest of it.
"""

import marshal
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import IO, NamedTuple, Self

import numpy as np
import pyarrow as pa

from backfill.event import Problem, Row
from backfill.fields.arrow import Flags, Places, Texts, flags_of, pick, repeated, sizes, texts_of
from backfill.files.rows import encoded

ROWS = 8_000  # that are given back together, about,
CHARACTERS = 4 << 20  # if they have no more
_OVERLAPPING = 8  # batches: of more that have rows of the same part of the input, each is to be small,
_FEW = 250  # as all that overlap are in memory at once
_KINDS = 10_000  # different ones that are kept in memory; others are in the file, at each of their entries
_PART = 44  # bits of a row's number, below those of its part
_END = np.iinfo(np.int64).max
_SINGLE = 1_000  # entries that came one by one and wait
_PACKING = pa.Codec("lz4_raw")
_SCHEMA = pa.schema({
    "rank": pa.int64(), "kind": pa.int32(), "spelled": pa.binary(), "text": pa.binary(), "whole": pa.bool_(),
    "key": pa.string(), "order_id": pa.string(), "was": pa.string(),
})  # fmt: skip

Rule = tuple[str, str, str, str]  # code, field, column and reason of a broken rule


def rules_of(problems: Iterable[Problem]) -> tuple[Rule, ...]:
    """The broken rules as a reject file has them."""
    return tuple((str(one.code), one.field, one.column, one.reason) for one in problems)


class Kind(NamedTuple):
    """What many entries have in common: the event's name, "" for a row that can't be read, and what is wrong."""

    event: str
    rules: tuple[Rule, ...]
    unreadable: bool = False
    rows: int = 0  # of the event's record, where it is known
    files: tuple[str, ...] = ()  # those that have the row, where there are several


@dataclass(frozen=True, slots=True)
class Entries:
    """Entries in the order of their rows; all of a row's are together. `which` says of each which of `kinds` it is."""

    parts: Places
    numbers: Places
    begins: Flags  # a row's first
    texts: pa.BinaryArray
    whole: Flags  # whose rows were read whole, many at once: their quotes are in order
    keys: Texts  # "" where none could be made of sound cells
    order_ids: Texts
    was: Texts  # what `_was` says of the row as far as this entry shows it, no value where that is to be found yet
    kinds: list[Kind]
    which: Places

    def __len__(self) -> int:
        return len(self.which)

    @property
    def unreadable(self) -> Flags:
        """Whose rows can't be read."""
        return np.array([kind.unreadable for kind in self.kinds], bool)[self.which]


class _Piece(NamedTuple):
    """A batch of entries in the file, and the rows that it is of."""

    first: int
    last: int
    entries: int
    start: int
    size: int
    unpacked: int


class Gathered(NamedTuple):
    """What another process must know to go on with the file."""

    pieces: list[_Piece]
    kinds: list[Kind]
    any_raw: bool
    guarded: bool


class EntryFile:
    """The file, and where in it the entries are. `guarded` says that `_was` is needed, where that is known."""

    def __init__(self, file: IO[bytes], most: int = _KINDS) -> None:
        self._file, self._most = file, most
        self.clear()

    def __len__(self) -> int:
        return sum(piece.entries for piece in self._pieces) + len(self._single)

    def clear(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._begin()

    def _begin(self) -> None:
        self._pieces: list[_Piece] = []
        self._kinds: dict[Kind, int] = {}
        self._single: list[tuple[Row, Kind, str | None, str]] = []
        self.any_raw = self.guarded = False

    @classmethod
    def restored(cls, file: IO[bytes], gathered: Gathered) -> Self:
        """The entries that another process gathered into this file."""
        made = cls.__new__(cls)
        made._file, made._most = file, _KINDS
        made._begin()
        made._pieces = list(gathered.pieces)
        made._kinds = {kind: at for at, kind in enumerate(gathered.kinds)}
        made.any_raw, made.guarded = gathered.any_raw, gathered.guarded
        return made

    def hand_over(self) -> Gathered:
        """Write all of it to the file, and return what else another process must know to go on with it."""
        self._add_single()
        self._file.seek(0)  # it says so where something could not be written
        self._file.flush()
        return Gathered(self._pieces, list(self._kinds), self.any_raw, self.guarded)

    def enter(self, row: Row, kind: Kind, order_id: str | None, key: str) -> None:
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
            which, whole = np.arange(len(rows)), np.zeros(len(rows), bool)
            written = encoded(texts), whole
            self.extend(np.array(parts), np.array(numbers), *written, kinds, which, texts_of(keys), texts_of(ids))

    def extend(
        self,
        parts: Places,
        numbers: Places,
        texts: pa.BinaryArray,
        whole: Flags,
        kinds: Sequence[Kind],
        which: Places,
        keys: Texts,
        order_ids: Texts,
        was: Texts | None = None,
    ) -> None:
        """Add many entries, as columns."""
        self._add_single()
        if not len(which):
            return
        codes, spelled = np.empty(len(kinds), np.int32), list[bytes | None]([None] * len(kinds))
        for at, kind in enumerate(kinds):
            code = self._kinds.get(kind)
            if code is None and len(self._kinds) < self._most:
                code = self._kinds[kind] = len(self._kinds)
            if code is None:
                spelled[at] = marshal.dumps(tuple(kind))
            codes[at] = -1 if code is None else code
            self.any_raw |= kind.unreadable
        ranks = parts.astype(np.int64) << _PART | numbers
        apart = pick(pa.array(spelled, pa.binary()), which)
        columns = [pa.array(ranks), pa.array(codes[which]), apart, texts, pa.array(whole), keys, order_ids]
        columns.append(repeated(None, len(which)) if was is None else was)
        entries = pa.record_batch(columns, schema=_SCHEMA)
        if (np.diff(ranks) < 0).any():
            entries = pick(entries, np.argsort(ranks, kind="stable"))
        self._write(entries)

    def _write(self, entries: pa.RecordBatch) -> None:
        ranks = entries["rank"].to_numpy()
        overlapping = sum(piece.last >= ranks[0] for piece in self._pieces)
        start = self._file.seek(0, 2)
        for begin, end in _cuts(entries, _FEW if overlapping > _OVERLAPPING else ROWS):
            batch = entries[begin:end].serialize()
            packed = _PACKING.compress(batch)
            self._file.write(memoryview(packed))
            rows = int(ranks[begin]), int(ranks[end - 1])
            self._pieces.append(_Piece(*rows, end - begin, start, packed.size, batch.size))
            start += packed.size

    def in_order(self) -> Iterator[Entries]:
        """All entries in the order of their rows, those of a row as they came."""
        self._add_single()
        self._file.seek(0)
        coming = sorted(enumerate(self._pieces), key=lambda one: one[1].first)
        ends = [piece.first for _, piece in coming[1:]] + [_END]  # what is of rows before has all come
        kinds, fresh = list(self._kinds), 0
        held: list[tuple[int, pa.RecordBatch]] = []
        for (number, piece), end in zip(coming, ends, strict=False):
            self._file.seek(piece.start)
            batch = _PACKING.decompress(self._file.read(piece.size), piece.unpacked)
            read = pa.ipc.read_record_batch(batch, _SCHEMA)
            if not held and piece.last < end:
                yield _entries(read, kinds)
                continue
            held.append((number, read))
            fresh += piece.unpacked
            if fresh >= CHARACTERS or end == _END:
                done, held = _parted(held, end)
                fresh = 0
                yield from (_entries(done[begin:stop], kinds) for begin, stop in _cuts(done))


def cuts(rows: Places, lengths: Places, most: int = ROWS) -> Iterator[tuple[int, int]]:
    """Where to part what is in the order of rows, so that a row's is together and there is not too much."""
    begins = np.flatnonzero(np.diff(rows, prepend=-1))
    piece = np.arange(len(begins)) // most + np.cumsum(lengths)[begins] // CHARACTERS
    return pairwise([*begins[np.flatnonzero(np.diff(piece, prepend=-1))].tolist(), len(rows)])


def _cuts(entries: pa.RecordBatch, most: int = ROWS) -> Iterator[tuple[int, int]]:
    """Where to part entries that are in order."""
    return cuts(entries["rank"].to_numpy(), sizes(entries["text"]).astype(np.int64), most)


def _parted(
    held: list[tuple[int, pa.RecordBatch]], end: int
) -> tuple[pa.RecordBatch, list[tuple[int, pa.RecordBatch]]]:
    """The entries of rows before `end`, in order, and the others."""
    held = sorted(held, key=lambda one: one[0])
    places = [int(np.searchsorted(batch["rank"].to_numpy(), end)) for _, batch in held]
    done = pa.concat_batches([batch[:at] for (_, batch), at in zip(held, places, strict=True)])
    rest = [(number, batch[at:]) for (number, batch), at in zip(held, places, strict=True) if at < len(batch)]
    return pick(done, np.argsort(done["rank"].to_numpy(), kind="stable")), rest


def _entries(batch: pa.RecordBatch, kinds: list[Kind]) -> Entries:
    ranks = batch["rank"].to_numpy()
    codes = batch["kind"].to_numpy()
    met = np.flatnonzero(np.bincount(codes + 1)[1:])
    known, place = [kinds[code] for code in met.tolist()], np.full(len(kinds) + 1, -1)
    place[met] = np.arange(len(met))
    which = place[codes]
    for at in np.flatnonzero(which < 0).tolist():
        which[at] = len(known)
        known.append(Kind(*marshal.loads(batch["spelled"][at].as_py())))  # noqa: S302 (our own file, never leaves the run)
    parts, numbers = ranks >> _PART, ranks & ((1 << _PART) - 1)
    begins, written = np.diff(ranks, prepend=-1) != 0, (batch["text"], flags_of(batch["whole"]))
    return Entries(parts, numbers, begins, *written, batch["key"], batch["order_id"], batch["was"], known, which)
