"""The table: what was measured, its medians, the comparison, and whether that is within its bound."""

import importlib.metadata as metadata
import os
import platform
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from trial import Trial

HEADS = ("measured", "wall s", "CPU s", "MiB", "result", "bound", "")
VERSIONS = ["pandas", "aiohttp", "orjson", "pydantic", "petl", "frictionless", "dlt", "requests"]


@dataclass(frozen=True, slots=True)
class Score:
    """A figure to judge: `least` or `most` is its bound, if it has one."""

    value: float
    unit: str
    least: float | None = None
    most: float | None = None

    @property
    def kept(self) -> bool:
        return (self.least is None or self.value >= self.least) and (self.most is None or self.value <= self.most)

    @property
    def bound(self) -> str:
        if self.least is not None:
            return f">= {self.least:g} {self.unit}"
        return "" if self.most is None else f"<= {self.most:g} {self.unit}"

    def __str__(self) -> str:
        digits = 0 if self.value >= 100 else 1 if self.value >= 10 else 2
        return f"{self.value:,.{digits}f} {self.unit}"


@dataclass(frozen=True, slots=True)
class Line:
    """One line under its section's title. `score` compares or judges; `note` adds what the figures do not show."""

    title: str
    name: str
    trial: Trial | None = None
    score: Score | None = None
    note: str = ""

    @property
    def broken(self) -> bool:
        return self.score is not None and not self.score.kept

    def cells(self) -> list[str]:
        run, score = self.trial, self.score
        figures = [f"{run.wall:.2f}", f"{run.cpu:.2f}", f"{run.memory / 2**20:.0f}"] if run else [""] * 3
        judged = [str(score), score.bound] if score else ["", ""]
        mark = "BROKEN" if self.broken else ""
        return [self.name, *figures, *judged, "; ".join(filter(None, (mark, self.note)))]


def machine() -> str:
    """The machine, the day, how busy it is now and the versions, in a line."""
    found = []
    for name in VERSIONS:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return (
        f"{_processor()}, {cores} cores, {platform.system()} {platform.release()}, {time.strftime('%Y-%m-%d')}{load}; "
        f"Python {platform.python_version()}, {', '.join(found)}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


def plain(lines: Sequence[Line]) -> str:
    """The table for a terminal."""
    rows = [list(HEADS), *(line.cells() for line in lines)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(HEADS) - 1)]
    written, title = [], ""
    for row, line in zip(rows, [None, *lines], strict=True):
        if line and line.title != title:
            title = line.title
            written += ["", title]
        cells = [row[0].ljust(widths[0]), *(row[at].rjust(widths[at]) for at in range(1, len(widths)))]
        written.append(("  " + "  ".join(cells) + "  " + row[-1]).rstrip())
    return "\n".join(written)


def markdown(lines: Iterable[Line]) -> str:
    """The table for the guide."""
    written, title = [_row(HEADS), "|---|" + "---:|" * 5 + "---|"], ""
    for line in lines:
        if line.title != title:
            title = line.title
            written.append(_row([f"**{title}**", *[""] * (len(HEADS) - 1)]))
        written.append(_row(line.cells()))
    return "\n".join(written)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
