"""Sending: what the API answered over time, how near to the limit, and what held the run up."""

from dataclasses import dataclass

from markupsafe import Markup

from backfill.report.console import lasting
from backfill.report.page.chart import chart
from backfill.upload.timeline import Slot, Timeline

BARS = 60  # in the chart at most


@dataclass(frozen=True, slots=True)
class Stretch:
    """What happened from a moment on."""

    start: str
    slot: Slot


@dataclass(frozen=True, slots=True)
class UploadSection:
    """A sending, for the page. `pauses` are (from, for, why)."""

    picture: Markup
    width: str
    stretches: list[Stretch]
    seconds: str
    average: int  # requests a minute; 0 where the sending was too short to measure
    pauses: list[tuple[str, str, str]]
    unlisted: int
    paused: str


def course(line: Timeline, requests: int, seconds: float) -> UploadSection:
    """Draw a timeline; `seconds` is how long the sending took."""
    width, slots = line.width, list(line.slots)
    while len(slots) > BARS:
        slots, width = [_joined(slots[at : at + 2]) for at in range(0, len(slots), 2)], width * 2
    starts = [_clock(at * width) for at in range(len(slots))]
    kinds = {
        "accepted": "accepted",
        "refused": "refused",
        "to be tried again": "retried",
        "asked to wait": "rate_limited",
    }
    series = [
        (name, [float(getattr(slot, kind)) for slot in slots])
        for name, kind in kinds.items()
        if kind == "accepted" or any(slot.refused + slot.retried + slot.rate_limited for slot in slots)
    ]
    totals = ", ".join(f"{int(sum(values)):,} {name}" for name, values in series)
    picture = chart(f"Answers in each {lasting(width)}", f"{totals}. The table below has every number.", starts, series)
    pauses = [(_clock(one.start), lasting(one.seconds), one.why) for one in line.pauses]
    average = round(requests * 60 / seconds) if seconds >= 60 else 0  # of less it says nothing
    stretches = [Stretch(start, slot) for start, slot in zip(starts, slots, strict=True)]
    return UploadSection(
        picture, lasting(width), stretches, lasting(seconds), average, pauses, line.unlisted, lasting(line.paused)
    )


def _joined(slots: list[Slot]) -> Slot:
    return Slot(*(sum(getattr(slot, name) for slot in slots) for name in Slot.__slots__))


def _clock(seconds: float) -> str:
    """Time since the first request: 1:05 or 2:01:05."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
