"""One process, timed from its start to its end: wall, processor time and the most memory it held.

The process is pinned to one core where the system can, and its memory is its own: this program stays small, since a
child's peak begins with what its parent held.
"""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
MINE, OTHERS = (CORES[0], CORES[-1]) if CORES else (None, None)
_UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss


@dataclass(frozen=True, slots=True)
class Trial:
    """Seconds, seconds, bytes; what it printed, and its exit code."""

    wall: float
    cpu: float
    memory: int
    out: str
    code: int


def pin(core: int | None) -> None:
    """Keep this process on one core."""
    if core is not None:
        os.sched_setaffinity(0, {core})


def trial(argv: Sequence[str], environment: Mapping[str, str], folder: Path, good: Sequence[int] = (0,)) -> Trial:
    """Run a command to its end. Raises RuntimeError, with its last line, where it fails."""
    output, errors = folder / "stdout", folder / "stderr"
    with output.open("wb") as out, errors.open("wb") as err:
        began = time.perf_counter()
        process = subprocess.Popen(
            argv, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
            preexec_fn=lambda: pin(MINE),
        )  # fmt: skip
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
    process.returncode = code = os.waitstatus_to_exitcode(status)
    if code not in good:
        last = errors.read_text(errors="replace").strip().splitlines()[-1:]
        raise RuntimeError(f"{' '.join(argv[:3])} ...: exit code {code}: {''.join(last)}")
    return Trial(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * _UNIT, output.read_text(), code)


def middle(trials: Sequence[Trial]) -> Trial:
    """The median of each figure, and the last one's output."""
    return Trial(
        median(one.wall for one in trials),
        median(one.cpu for one in trials),
        int(median(one.memory for one in trials)),
        trials[-1].out,
        trials[-1].code,
    )
