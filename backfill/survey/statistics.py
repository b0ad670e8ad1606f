"""Statistics: the sums of a survey's events by month, name and currency, their hours, and three of them whole."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from backfill.convert import Batch
from backfill.counts import plus, priced
from backfill.event import Row
from backfill.fields.arrow import Flags, Places, Texts, bytes_of, listed, pick, repeated
from backfill.fields.money import totals_by
from backfill.survey.clock import Clock

NIGHT = range(6)  # the hours in which a shop sells little,
NIGHT_SHARE = 0.3  # and which a quarter of all events would fall into if they came at any hour alike
FEW = 50  # events that say nothing of the hours yet
NOON_SHARE = 0.9  # of all events at one and the same minute says that the file gives dates alone
GAPLESS = 600  # months in which those without an event are listed too
_TIME, _MINUTES = len("2024-05-01T10:00:00Z"), len("2024-05-01T10:00")
_DAY, _NOON = 24 * 60, 12 * 60
NAMES = 50  # event names of which a sample is kept

Minutes = NDArray[np.datetime64]  # times to the minute, of no zone
Bucket = tuple[str, str, str]  # event name, currency ("" where none is known), month as 2024-05


@dataclass(slots=True)
class Sum:
    """So many events, and their amounts together."""

    events: int = 0
    amount: Decimal = Decimal()

    def add(self, events: int, amount: Decimal) -> None:
        self.events += events
        self.amount = plus(self.amount, amount)


@dataclass(frozen=True, slots=True)
class Sample:
    """One event as it goes out, and the rows it came from; `ordinal` is its place among those that are ready."""

    ordinal: int
    name: str
    body: bytes
    rows: list[Row]


@dataclass(slots=True)
class Statistics:
    """Gathered over one pass, a batch at a time, of the events that are ready; months and hours are `zone`'s."""

    stated: tzinfo | None = None  # the zone, where the mapping or the command says one
    clock: Clock | None = None  # where nothing does, and each time brings its own offset
    currency: str | None = None  # the column that has it
    months: dict[Bucket, Sum] = field(default_factory=dict)
    accepted: dict[Bucket, Sum] = field(default_factory=dict)
    hours: list[int] = field(default_factory=lambda: [0] * 24)
    at_noon: int = 0
    events: int = 0
    _firsts: dict[str, Sample] = field(default_factory=dict)  # event name -> its first
    _marks: list[Sample] = field(default_factory=list)  # the 1st, 2nd, 4th, 8th ..., for one near the middle
    _last: Sample | None = None

    def add(self, batch: Batch, ready: Flags) -> None:
        """Take in a batch's events that are ready."""
        places = np.flatnonzero(ready)
        if not len(places):
            return
        self._sum(self.months, batch, places, self._read_times(batch, places))
        self._keep_samples(batch, places)
        self.events += len(places)

    def count_accepted(self, batch: Batch, places: Places) -> None:
        """A batch's events at these places were accepted."""
        self._sum(self.accepted, batch, places, _months(_in_zone(_moments(batch, places), self.zone)))

    def _sum(self, sums: dict[Bucket, Sum], batch: Batch, places: Places, months: Places) -> None:
        """Add a batch's events at these places, of these months, to the sums."""
        groups = {"name": pick(batch.name, places), "sign": self._currencies(batch, places), "month": pa.array(months)}
        for (name, sign, month), events, amount in totals_by(groups, pick(batch.amount, places)):
            bucket = (name, _sign(sign), f"{month // 12 + 1970:04d}-{month % 12 + 1:02d}")
            sums.setdefault(bucket, Sum()).add(events, amount)

    def _read_times(self, batch: Batch, places: Places) -> Places:
        """Count the hours; return each event's month, from January 1970."""
        local = self._local(batch, places)
        of_day = local.astype(np.int64) % _DAY
        hours = np.bincount(of_day // 60, minlength=24).tolist()
        self.hours = [had + more for had, more in zip(self.hours, hours, strict=True)]
        self.at_noon += int((of_day == _NOON).sum())
        return _months(local)

    def _local(self, batch: Batch, places: Places) -> Minutes:
        """The events' times on the shop's clock."""
        moments = _moments(batch, places)
        if self.stated is not None:
            return _in_zone(moments, self.stated)
        offsets = self.clock.offsets(batch, places, _months(moments)) if self.clock else None
        return moments if offsets is None else moments + offsets.astype("timedelta64[m]")

    def _currencies(self, batch: Batch, places: Places) -> Texts:
        if self.currency is None:
            return repeated("", len(places))
        return batch.records.cells.of(self.currency, batch.record[places])

    def _keep_samples(self, batch: Batch, places: Places) -> None:
        names, name_of = _coded(pick(batch.name, places))

        def sample(at: int) -> Sample:
            place = int(places[at])
            rows = batch.records.rows_of(int(batch.record[place]))
            return Sample(self.events + at, batch.value("event_name", place), batch.body[place], rows)

        for code, name in enumerate(name_of):
            if name not in self._firsts and len(self._firsts) < NAMES:
                self._firsts[name] = sample(int(np.argmax(names == code)))
        while (mark := (1 << len(self._marks)) - 1) < self.events + len(places):
            self._marks.append(sample(max(mark - self.events, 0)))
        self._last = sample(len(places) - 1)

    def samples(self) -> list[Sample]:
        """Three events: one of each of the three most frequent names, else the first, one amid the input, the last."""
        if self._last is None:
            return []
        of_name = self.by(0)
        often = sorted(self._firsts.values(), key=lambda sample: (-of_name[sample.name].events, sample.ordinal))[:3]
        middle = min(self._marks, key=lambda sample: abs(sample.ordinal - self.events // 2))
        chosen = [*often, *(one for one in (middle, self._last) if len(often) < 3)]
        distinct = {one.ordinal: one for one in chosen}
        if len(often) == 2:
            distinct = {one.ordinal: one for one in (*often, self._last, middle)}
        return sorted(list(distinct.values())[:3], key=lambda sample: sample.ordinal)

    def by(self, *axes: int) -> dict[Any, Sum]:
        """The sums by some of (0) name, (1) currency and (2) month, in the order of their keys."""
        made: dict[Any, Sum] = {}
        for bucket, found in self.months.items():
            key = bucket[axes[0]] if len(axes) == 1 else tuple(bucket[axis] for axis in axes)
            made.setdefault(key, Sum()).add(found.events, found.amount)
        return dict(sorted(made.items()))

    def filled(self) -> dict[str, Sum]:
        """The sums by month alone, those without an event too."""
        months = self.by(2)
        return {month: months.get(month, Sum()) for month in without_gaps(months)} if months else {}

    @property
    def night(self) -> float:
        """The share of events from midnight to six."""
        return sum(self.hours[hour] for hour in NIGHT) / self.events if self.events else 0.0

    @property
    def dates_alone(self) -> bool:
        """Whether nearly all events are at noon, as bare dates are."""
        return self.events >= 2 and self.at_noon >= NOON_SHARE * self.events

    @property
    def nightly(self) -> bool:
        """Whether so many events fall into the night that the time zone is in doubt."""
        return self.events >= FEW and self.night > NIGHT_SHARE

    @property
    def zone(self) -> tzinfo:
        """The shop's, as far as it is known: UTC else."""
        return self.stated or (self.clock.zone if self.clock else UTC)

    @property
    def zone_name(self) -> str:
        if self.stated is None and self.clock and self.clock.own:
            return self.clock.name
        return str(self.stated or UTC)


def _moments(batch: Batch, places: Places) -> Minutes:
    """The times of a batch's events, of UTC."""
    letters = bytes_of(pick(batch.time, places)).view("S1").reshape(-1, _TIME)[:, :_MINUTES]
    return letters.copy().view(f"S{_MINUTES}").ravel().astype("datetime64[m]")


def _in_zone(moments: Minutes, zone: tzinfo) -> Minutes:
    """What a zone's clocks say at moments of UTC."""
    seconds = pd.DatetimeIndex(moments.astype("datetime64[s]"))
    local: Minutes = seconds.tz_localize("UTC").tz_convert(zone).tz_localize(None).to_numpy().astype("datetime64[m]")
    return local


def _months(times: Minutes) -> Places:
    """The month of each, from January 1970."""
    return times.astype("datetime64[M]").astype(np.int64)


def _coded(texts: Texts) -> tuple[Places, list[str]]:
    """Which of the distinct texts each is, and those."""
    coded = texts.dictionary_encode()
    return coded.indices.to_numpy().astype(np.int64), listed(coded.dictionary)


def _sign(text: str) -> str:
    """A currency as three letters; any other text is "other", and never shown."""
    sign = text.strip().upper()
    return sign if not sign or (len(sign) == 3 and sign.isascii() and sign.isalpha()) else "other"


def without_gaps(months: Iterable[str]) -> list[str]:
    """Every month from the first to the last, 2024-12 and 2025-01; where they are very many, those alone."""
    found = sorted(months)
    first, last = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (found[0], found[-1]))
    if last - first > GAPLESS:
        return found
    return [f"{month // 12:04d}-{month % 12 + 1:02d}" for month in range(first, last + 1)]


def total_text(found: dict[Bucket, Sum], write: Callable[[Decimal, str], str] = priced) -> str:
    """The sums of events, each currency by itself."""
    totals: dict[str, Decimal] = {}
    for (_, sign, _), one in found.items():
        totals[sign] = plus(totals.get(sign, Decimal()), one.amount)
    sums = sorted(((amount, sign) for sign, amount in totals.items() if amount), reverse=True)
    more = [f"{len(sums) - 4} more currencies"] if len(sums) > 4 else []
    return " + ".join([*(write(*one) for one in sums[:4]), *more]) or write(Decimal(), "")
