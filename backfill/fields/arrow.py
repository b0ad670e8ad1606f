"""Columns of texts in Arrow: how they are made, measured, picked from and put together.

A column is one array, which may be a slice of a longer one. On its way in it has no nulls, and "" is an empty cell; on
its way out null is no value. Masks and positions are numpy's.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Texts: TypeAlias = pa.StringArray
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]
Bytes = NDArray[np.uint8]

if "jemalloc" in pa.supported_memory_backends():  # it gives back what is freed: 30 MiB less at a million rows
    pa.set_memory_pool(pa.jemalloc_memory_pool())

_FEW = 8  # texts that are looked for one by one
_NINES = bytes(range(256)).translate(bytes.maketrans(b"012345678", b"9" * 9))


def texts_of(texts: Iterable[str | None]) -> Texts:
    """Make a column of Python's texts; None is no value."""
    return pa.array(texts if isinstance(texts, list | np.ndarray) else list(texts), pa.string())


def frame_of(columns: dict[str, pa.Array]) -> pd.DataFrame:
    """The columns as pandas' table, which holds them as they are."""
    return pd.DataFrame({name: series_of(column) for name, column in columns.items()}, copy=False)


def series_of(column: pa.Array) -> pd.arrays.ArrowExtensionArray:
    """A column as pandas holds it."""
    return pd.arrays.ArrowExtensionArray(column)


def column_of(frame: pd.DataFrame, name: str) -> pa.Array:
    """A column of a table of Arrow's columns."""
    held = pa.array(frame[name].array)
    return held if isinstance(held, pa.Array) else held.combine_chunks()


def listed(texts: pa.Array) -> list[Any]:
    """The values as Python's own, None where there is none."""
    made: list[Any] = (
        texts.to_numpy(zero_copy_only=False).tolist() if pa.types.is_string(texts.type) else texts.to_pylist()
    )
    return made


def as_text(written: pa.BinaryArray) -> Texts:
    """Bytes as texts, which nobody looks at: what is no UTF-8 stays what it is."""
    return written.view(pa.string())


def repeated(text: str | None, count: int) -> Texts:
    """A column of one and the same text."""
    return pa.repeat(pa.scalar(text, pa.string()), count)


def pick(texts: pa.Array, which: Places | Flags | slice) -> pa.Array:
    """Some of a column's values: those at positions, in their order, or those that are flagged."""
    if isinstance(which, slice):
        return texts[which]
    if which.dtype == bool:
        return texts if which.all() else texts.filter(pa.array(which))
    return texts.take(pa.array(which))


def put(texts: pa.Array, places: Sequence[int] | Places, values: Sequence[Any] | pa.Array) -> pa.Array:
    """The column with other values at these positions, which must be different ones."""
    if not len(places):
        return texts
    order = np.argsort(places)
    new = values if isinstance(values, pa.Array) else pa.array(values, texts.type)
    mask = np.zeros(len(texts), bool)
    mask[places] = True
    return pc.replace_with_mask(texts, pa.array(mask), new.take(pa.array(order)))


def cut_out(letters: bytes | Bytes, begins: Places, ends: Places) -> pa.BinaryArray:
    """What is between these places of a text, which are in its order."""
    bounds = pa.py_buffer(np.stack((begins, ends), axis=1).astype(np.int32))
    count = max(2 * len(begins) - 1, 0)
    parts = pa.BinaryArray.from_buffers(pa.binary(), count, [None, bounds, pa.py_buffer(letters)])
    return pick(parts, np.arange(0, count, 2))  # the others are between two of them


def either(flags: Flags, these: pa.Array | str | None, others: pa.Array | str | None) -> pa.Array:
    """One column's texts where a flag is set, another's elsewhere; a text stands for a column of it."""
    return pc.if_else(pa.array(flags), these, others)


def kept(texts: Texts, flags: Flags) -> Texts:
    """The column with no value where a text is empty or its flag is not set; its texts are not copied."""
    if not len(texts):
        return texts
    bits = np.zeros(texts.offset + len(texts), bool)
    bits[texts.offset :] = flags & filled(texts) & present(texts)
    _, offsets, data = texts.buffers()
    valid = pa.py_buffer(np.packbits(bits, bitorder="little"))
    return pa.StringArray.from_buffers(len(texts), offsets, data, valid, -1, texts.offset)


def or_none(texts: Texts) -> Texts:
    """The column with no value where a cell is empty."""
    return kept(texts, np.ones(len(texts), bool))


def flags_of(mask: pa.BooleanArray) -> Flags:
    """Arrow's mask as flags; null is none."""
    if not len(mask):
        return np.zeros(0, bool)
    known = mask.fill_null(False) if mask.null_count else mask
    bits = np.frombuffer(known.buffers()[1], np.uint8)  # a quarter of the time that Arrow's own way takes
    return np.unpackbits(bits, count=known.offset + len(known), bitorder="little")[known.offset :].view(bool)


def present(texts: pa.Array) -> Flags:
    """Where a column has a value."""
    return flags_of(texts.is_valid()) if texts.null_count else np.ones(len(texts), bool)


def sizes(texts: Texts) -> NDArray[np.int32]:
    """The bytes of each text; what stands where there is no value is counted too."""
    ends = _ends(texts)
    return ends[1:] - ends[:-1]


def filled(texts: Texts) -> Flags:
    """Where a cell of a column without nulls is not empty."""
    ends = _ends(texts)
    flags: Flags = ends[1:] != ends[:-1]
    return flags


def matches(texts: Texts, pattern: str) -> Flags:
    """Which texts a pattern matches as a whole, by RE2, which knows no blanks, digits and letters beyond ASCII."""
    return flags_of(pc.match_substring_regex(texts, rf"\A(?:{pattern})\z"))


def holds(texts: Texts, *parts: str) -> bool:
    """Whether one of the parts is in any text; quick, and now and then wrong where two texts together make the part."""
    written = bytes_of(texts).tobytes()
    # One byte is found at fifty times the speed of two, and is mostly not there.
    return any(part[:1] in written and part in written for part in map(str.encode, parts))


def is_ascii(texts: Texts) -> bool:
    """Whether all texts are ASCII."""
    return bytes_of(texts).tobytes().isascii()


def bytes_of(texts: Texts) -> Bytes:
    """All texts one after the other, in UTF-8."""
    ends, data = _ends(texts), texts.buffers()[2]
    return (
        np.frombuffer(data, np.uint8)[ends[0] : ends[-1]] if data is not None and data.size else np.empty(0, np.uint8)
    )


def edges(texts: Texts) -> tuple[Bytes, Bytes]:
    """The first and the last byte of each text, of an empty one those of others; 0 where all are empty."""
    ends, letters = _ends(texts), bytes_of(texts)
    if not letters.size:
        return np.zeros(len(texts), np.uint8), np.zeros(len(texts), np.uint8)
    begin = ends[:1]
    return letters.take(ends[:-1] - begin, mode="clip"), letters.take(ends[1:] - begin - 1, mode="clip")


class Words:
    """Texts that are looked for in columns, where few cells begin and end as one of them does."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = texts_of(sorted(words))
        ends = [word.encode()[0] << 8 | word.encode()[-1] for word in words]
        self._ends, self._heads = np.zeros(1 << 16, bool), np.zeros(256, bool)
        self._ends[ends], self._heads[[pair >> 8 for pair in ends]] = True, True

    def places_in(self, texts: Texts) -> Places:
        """Where a column without nulls has one of the words."""
        heads, tails = edges(texts)
        likely = np.flatnonzero(self._heads.take(heads))
        likely = likely[self._ends[heads[likely].astype(np.uint16) << 8 | tails[likely]]]
        found: Places = likely[flags_of(pc.is_in(pick(texts, likely), self._words))] if len(likely) else likely
        return found


def fixed(letters: Bytes) -> Texts:
    """A column of the rows of a matrix of bytes."""
    count, width = letters.shape
    ends = np.arange(0, (count + 1) * width, width, dtype=np.int32) if width else np.zeros(count + 1, np.int32)
    return pa.StringArray.from_buffers(count, pa.py_buffer(ends), pa.py_buffer(np.ascontiguousarray(letters)))


def shapes_of(texts: Texts) -> pa.DictionaryArray:
    """Each text with a 9 for every digit: a column of a million cells has few shapes, and each is judged once."""
    made = bytes_of(texts).tobytes().translate(_NINES)
    size = sizes(texts)
    if len(size) and (size == size[0]).all() and made == made[: size[0]] * len(size):
        one = pa.array([made[: size[0]].decode()], pa.string())
        return pa.DictionaryArray.from_arrays(pa.array(np.zeros(len(size), np.int32)), one)
    return of_sizes(texts, made).dictionary_encode()


def of_sizes(texts: Texts, letters: bytes) -> Texts:
    """A column of texts that are as long as these, all one after the other in UTF-8."""
    ends = _ends(texts)
    return pa.StringArray.from_buffers(len(texts), pa.py_buffer(ends - ends[0]), pa.py_buffer(letters))


def places_of(coded: pa.DictionaryArray, wanted: Sequence[int]) -> Iterator[tuple[int, Places]]:
    """Where each of these of a dictionary's texts are."""
    codes = coded.indices.to_numpy()
    if len(wanted) <= _FEW:
        yield from ((number, np.flatnonzero(codes == number)) for number in wanted)
        return
    order, ends = np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes, minlength=len(coded.dictionary)))
    yield from ((number, order[(ends[number - 1] if number else 0) : ends[number]]) for number in wanted)


def firsts_of(coded: pa.DictionaryArray) -> Places:
    """Where each of a dictionary's texts is first."""
    codes = coded.indices.to_numpy()
    first = np.empty(len(coded.dictionary), np.int64)
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    return first


def _ends(texts: Texts) -> NDArray[np.int32]:
    """Where in the column's bytes each text begins, and where the last one ends."""
    if not len(texts):
        return np.zeros(1, np.int32)
    return np.frombuffer(texts.buffers()[1], np.int32)[texts.offset : texts.offset + len(texts) + 1]
