"""A part of a plan: which Spaces' jobs this process does, where several share a plan; a Space's are never divided."""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backfill.commands.jobs.plan import Job
from backfill.errors import UsageError

# Platforms that start several of one thing, and count them from 0. Kubernetes does not say how many there are.
PLATFORMS = (
    ("JOB_COMPLETION_INDEX", None),
    ("CLOUD_RUN_TASK_INDEX", "CLOUD_RUN_TASK_COUNT"),
    ("AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_ARRAY_SIZE"),
)
_SPELT = re.compile(r"([0-9]{1,9})?/([0-9]{1,9})").fullmatch


@dataclass(frozen=True, slots=True)
class Part:
    """The `number`th of so many parts, from 1."""

    number: int = 1
    count: int = 1

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def of(self, jobs: Iterable[Job]) -> list[Job]:
        """The jobs of this part: the plan's Spaces, in the order in which they appear, go round the parts."""
        places: dict[tuple[str, str], int] = {}
        mine = []
        for job in jobs:
            at = places.setdefault((job.space, job.options.space.address), len(places))
            if at % self.count == self.number - 1:
                mine.append(job)
        return mine


def part_of(said: str | None, environment: Mapping[str, str] = os.environ) -> Part | None:
    """The part that --part or the platform names; None for the whole plan. Raises UsageError."""
    index, count, name = _platform(environment)
    if said is None:
        if index is None:
            return None
        if count is None:
            raise UsageError(
                f"{name} names a part, and nothing says of how many: say --part /N, or --part 1/1 for the whole plan"
            )
        return _checked(index + 1, count, f"{index + 1}/{count}")
    found = _SPELT(said)
    if not found:
        raise UsageError(f"--part {said}: is not K/N, the K-th of N parts from 1, or /N where the platform says K")
    if found[1] is None and index is None:
        names = ", ".join(name for name, _ in PLATFORMS)
        raise UsageError(f"--part {said}: no platform says which part this is ({names}); say K/N")
    return _checked(int(found[1]) if found[1] else (index or 0) + 1, int(found[2]), said)


def _checked(number: int, count: int, said: str) -> Part:
    if not 1 <= number <= count:
        possible = f"; parts are 1 to {count}" if count else ""
        raise UsageError(f"--part {said}: part {number} of {count} does not exist{possible}")
    return Part(number, count)


def _platform(environment: Mapping[str, str]) -> tuple[int | None, int | None, str]:
    """Which part the platform says this is, from 0, of how many, and by which variable."""
    for index, count in PLATFORMS:
        if index in environment:
            number = _whole(environment, index)
            return number, _whole(environment, count) if count and count in environment else None, index
    return None, None, ""


def _whole(environment: Mapping[str, str], name: str) -> int:
    text = environment[name].strip()
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise UsageError(f"{name} is {text!r}, which is no whole number; the platform sets it, or --part K/N says it")
    return int(text)
