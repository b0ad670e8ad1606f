"""How a Space's events are to be sent."""

from dataclasses import dataclass
from pathlib import Path

from backfill.space import Space
from backfill.upload.limits import MaxRejects


@dataclass(frozen=True)
class Sending:
    """Where to, with which key, how fast, and how long to try."""

    space: Space  # the first accepted event binds it to its key
    pace_file: Path | None  # the memory of when requests were made; without one there is no pace at all
    rate: int  # requests a minute
    reserve: int  # requests a minute of the API's limit that stay free for live events
    workers: int
    patience: float  # seconds that the API may be down
    timeout: float  # seconds until an attempt counts as lost
    pauses: tuple[float, float]  # seconds before another attempt: the first time, and at the most
    limit: int | None  # events to send, at the most
    max_rejects: MaxRejects
