"""Digests: columns of texts as 128-bit numbers.

Most texts are ids: a few beginnings, such as `purchase:#`, and a number behind. The beginnings go through SipHash, each
distinct one once; numbers, which no two share, are only mixed. Any other text is a beginning as a whole.
"""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Digests = NDArray[np.uint64]
_KEYS = ("backfill: first ", "backfill: second")  # hash_array wants 16 characters
_MOST_DIGITS = 17  # of a number that fits in 64 bits with the count of its digits, 5 bits
_SAMPLE = 100
_STEP = np.uint64(0x9E3779B97F4A7C15)


def digests(texts: pa.StringArray) -> tuple[Digests, Digests]:
    """Two 64-bit numbers for each text; that two texts share both is as unlikely as with any 128-bit hash."""
    heads = pc.ascii_rtrim(texts, characters="0123456789")
    digits = _sizes(texts) - _sizes(heads)
    if (long := digits > _MOST_DIGITS).any():
        heads, digits = pc.if_else(pa.array(long), texts, heads), np.where(long, 0, digits)
    numbers = _numbers(texts, digits) << np.uint64(5) | digits.astype(np.uint64)
    high, low = _siphashes(heads)
    return high ^ _mixed(numbers), low ^ _mixed(numbers ^ _STEP)


def value_of(texts: pa.StringArray) -> Digests:
    """A 64-bit number for each text; never 0."""
    return np.maximum(digests(texts)[1], np.uint64(1))


def _sizes(texts: pa.StringArray) -> NDArray[np.int32]:
    sizes: NDArray[np.int32] = pc.binary_length(texts).to_numpy()
    return sizes


def _numbers(texts: pa.StringArray, digits: NDArray[np.int32]) -> Digests:
    """The number at the end of each text, of so many digits; 0 where there are none."""
    made, starts = np.zeros(len(texts), np.uint64), _sizes(texts) - digits
    if len(starts) and digits.all() and (starts == starts[0]).all():  # as ids of one kind have it
        tails = pc.binary_slice(texts.cast(pa.binary()), int(starts[0]), int(starts[0]) + _MOST_DIGITS)
        made[:] = tails.cast(pa.string()).cast(pa.int64()).to_numpy()
        return made
    ends = np.frombuffer(texts.buffers()[1] or b"", np.int32)[texts.offset + 1 : texts.offset + len(texts) + 1]
    letters = np.frombuffer(texts.buffers()[2] or b"", np.uint8)
    for place in range(digits.max(initial=0)):
        some = np.flatnonzero(digits > place)
        made[some] += (letters[ends[some] - 1 - place] - np.uint64(ord("0"))) * np.uint64(10**place)
    return made


def _siphashes(heads: pa.StringArray) -> tuple[Digests, Digests]:
    """Both halves of each text's hash; where a sample shows few different ones, each of those is hashed once."""
    if pc.count_distinct(heads[:_SAMPLE]).as_py() > _SAMPLE // 2:
        known, of = heads, np.arange(len(heads))
    else:
        coded = heads.dictionary_encode()
        known, of = coded.dictionary, coded.indices.to_numpy()
    if not len(known):
        return np.empty(0, np.uint64), np.empty(0, np.uint64)
    texts = known.to_numpy(zero_copy_only=False)
    high, low = (pd.util.hash_array(texts, hash_key=key, categorize=False)[of] for key in _KEYS)
    return high, low


def _mixed(numbers: Digests) -> Digests:
    """Spread numbers over all bits, each to its own place: the finalizer of SplitMix64 (Steele and others, 2014)."""
    mixed = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
