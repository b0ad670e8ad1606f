"""Clock: the shop's own time, where no zone is stated and each time brings its offset.

`2024-12-31 21:41:12 -0500` says what the shop's clock said. Months and hours are cut by that, as the shop's own
dashboard cuts them; no event depends on it.
"""

import re
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from backfill.convert import Batch
from backfill.convert.expressions import text_of
from backfill.fields.arrow import Places, listed, pick
from backfill.mapping import Mapping

_OFFSET = re.compile(r"([+-])(0[0-9]|1[0-4]):?(00|15|30|45)$")
_LENGTH = len("-05:00")
_MONTH = 100_000  # minutes, more than any offset
_USUAL = (  # zones with a summer time, where most shops are; of those that agree with a file all cut it in the same way
    "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Halifax",
    "America/St_Johns", "Europe/London", "Europe/Berlin", "Europe/Athens", "Australia/Sydney", "Australia/Adelaide",
    "Pacific/Auckland", "America/Santiago", "Asia/Jerusalem",
)  # fmt: skip


@dataclass(slots=True)
class Clock:
    """That of one input, learnt while its events are counted."""

    mapping: Mapping
    _lacking: bool = False  # some time brings none: it is no clock of the shop's
    _seen: set[int] = field(default_factory=set)  # month of UTC and offset

    def offsets(self, batch: Batch, places: Places, months: Places) -> NDArray[np.int64] | None:
        """The offset of each of a batch's events, in minutes; None where one has none, now or before."""
        found = np.zeros(len(places), np.int64)
        tables = batch.body.table[places]
        for at in np.unique(tables).tolist() if not self._lacking else ():
            here = np.flatnonzero(tables == at)
            if not self._read(batch, at, places[here], found, here):
                self._lacking = True
                break
        if self._lacking:
            return None
        self._seen.update(np.unique(months * _MONTH + found + _MONTH // 2).tolist())
        return found

    def _read(self, batch: Batch, at: int, places: Places, found: NDArray[np.int64], here: Places) -> bool:
        cell = self.mapping.events[at].fields.get("event_time")
        if cell is None or cell.timezone_column is not None:
            return False
        texts = pick(text_of(cell, batch.records.cells, len(batch.records))[0], batch.record[places])
        ends = pc.utf8_slice_codeunits(texts, -_LENGTH).dictionary_encode()
        minutes = [_minutes(text) for text in listed(ends.dictionary)]
        if None in minutes:
            return False
        found[here] = np.array(minutes, np.int64)[ends.indices.to_numpy()]
        return True

    @property
    def own(self) -> list[int]:
        """The offsets that the times bring, in minutes; none where some bring none, or all are UTC's."""
        found = sorted({one % _MONTH - _MONTH // 2 for one in self._seen}) if not self._lacking else []
        return [] if found == [0] else found

    @property
    def name(self) -> str:
        """What it is called."""
        return f"the file's own time, {' and '.join(map(_written, self.own))}"

    @property
    def zone(self) -> tzinfo:
        """A zone that says the same of each of these times."""
        if len(self.own) < 2:
            return timezone(timedelta(minutes=self.own[0])) if self.own else UTC
        return next((zone for zone in _zones() if self._agrees(zone)), UTC)

    def _agrees(self, zone: tzinfo) -> bool:
        for one in self._seen:
            month, minutes = divmod(one, _MONTH)
            first = datetime(1970 + month // 12, month % 12 + 1, 1, tzinfo=UTC)
            last = (first + timedelta(days=31)).replace(day=1) - timedelta(seconds=1)  # a clock may change on that day
            weeks = (first + timedelta(weeks=n) for n in range(5))
            offsets = {moment.astimezone(zone).utcoffset() for moment in (*weeks, last)}
            if timedelta(minutes=minutes - _MONTH // 2) not in offsets:
                return False
        return True


def _zones() -> Iterator[tzinfo]:
    for name in (*_USUAL, *sorted(zoneinfo.available_timezones() - set(_USUAL))):
        yield zoneinfo.ZoneInfo(name)


def _minutes(end: str) -> int | None:
    """The offset that a time ends in."""
    if end.rstrip().upper().endswith(("Z", "UTC", "GMT")):
        return 0
    found = _OFFSET.search(end.rstrip())
    return None if found is None else int(f"{found[1]}1") * (int(found[2]) * 60 + int(found[3]))


def _written(minutes: int) -> str:
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02d}{rest:02d}"
