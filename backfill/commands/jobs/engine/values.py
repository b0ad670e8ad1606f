"""What a cluster is told of one Space's jobs, and what comes back: values that travel."""

from dataclasses import dataclass
from typing import Any

from backfill.commands.jobs.messages import Stopped
from backfill.commands.jobs.plan import Job
from backfill.run.options import Options


@dataclass(frozen=True, slots=True)
class SpaceTask:
    """The jobs of one Space, without its key, and of which ledger they are."""

    jobs: list[Job]
    options: Options
    ledger: str


@dataclass(frozen=True, slots=True)
class Shown:
    """The result of a job that is over, for people."""

    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the jobs, or what stopped all of them; and on which host."""

    entries: list[dict[str, Any]]
    stopped: Stopped | None
    host: str
