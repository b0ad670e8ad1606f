"""The verdicts of a batch's events, as a column."""

from collections.abc import Iterator

import numpy as np

from backfill.event import Verdict
from backfill.fields.arrow import Flags, Places

_VERDICTS = tuple(Verdict)
_CODES = {verdict: code for code, verdict in enumerate(_VERDICTS)}


class VerdictColumn:
    """One verdict an event, READY until another is put there.

    They are kept as numbers: to compare a column of Python's texts with one takes a hundred times as long.
    """

    __slots__ = ("_codes",)

    def __init__(self, count: int) -> None:
        self._codes = np.full(count, _CODES[Verdict.READY], np.int8)

    def __len__(self) -> int:
        return len(self._codes)

    def __getitem__(self, at: int) -> Verdict:
        return _VERDICTS[int(self._codes[at])]

    def __iter__(self) -> Iterator[Verdict]:
        return map(_VERDICTS.__getitem__, self._codes.tolist())

    def put(self, which: Places | Flags | int | list[int], verdict: Verdict) -> None:
        """Give some of the events this verdict."""
        self._codes[which] = _CODES[verdict]

    def are(self, verdict: Verdict) -> Flags:
        """Which of the events have this verdict."""
        flags: Flags = self._codes == _CODES[verdict]
        return flags

    def met(self) -> list[Verdict]:
        """Which verdicts there are, in the verdicts' order."""
        return [_VERDICTS[code] for code in np.flatnonzero(np.bincount(self._codes)).tolist()]
