"""What the process that sends asks of one that surveys, and what it gets: values that go through a pipe."""

import pickle
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from backfill.counts import Counts
from backfill.errors import BackfillError, ThresholdStop
from backfill.ledger import Input
from backfill.run.options import Options
from backfill.upload.tally import Tally

HEAD = struct.Struct("!I")  # the length of what follows


@dataclass(frozen=True, slots=True)
class SurveyTask:
    """Survey a job's input, and spool what is ready into the folder. A check ends here."""

    options: Options
    state: Path
    folder: Path


@dataclass(frozen=True, slots=True)
class FinishTask:
    """Write a job's rejects, its run into the ledger and its summary, once it is sent or stopped."""

    options: Options
    state: Path
    folder: Path
    number: int
    counts: Counts
    tally: Tally
    stopped: "Stopped | None"


@dataclass(frozen=True, slots=True)
class Stopped:
    """What stopped a job, as a value: an exception does not always survive a pipe."""

    text: str
    exit_code: int
    add: tuple[str, ...] = ()  # of a ThresholdStop
    drop: str = ""

    @classmethod
    def by(cls, error: BackfillError | None) -> "Stopped | None":
        if isinstance(error, ThresholdStop):
            return cls(str(error), error.exit_code, error.add, error.drop)
        return None if error is None else cls(str(error), error.exit_code)

    def error(self) -> BackfillError:
        """An error that says and does the same."""
        if self.exit_code == ThresholdStop.exit_code:
            return ThresholdStop(self.text, *self.add, drop=self.drop)
        made = BackfillError(self.text)
        made.exit_code = self.exit_code  # type: ignore[misc]
        return made


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What the survey of a job found, once its events are spooled."""

    counts: Counts
    mapping: str
    namespace: str | None
    keys: str  # how the mapping makes them
    files: list[str]
    inputs: list[Input]
    recipe: tuple[str, str] | None
    capi: bool
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Ended:
    """A job's summary: it is over."""

    summary: dict[str, Any]
    to_show: bool = True  # whether there is something to show of it
    details: list[str] = field(default_factory=list)  # lines after the job's result
    error: str | None = None  # what stopped it


@dataclass(frozen=True, slots=True)
class Said:
    """A message on the way."""

    level: str
    text: str


@dataclass(frozen=True, slots=True)
class Progressed:
    """How far it is; `done` None is the end."""

    what: str
    total: int
    unit: str
    done: int | None


def write(stream: BinaryIO, message: object) -> None:
    """Write one message."""
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    stream.write(HEAD.pack(len(data)) + data)
    stream.flush()


def read(stream: BinaryIO) -> Any:
    """Read one message; None at the stream's end."""
    head = stream.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    return pickle.loads(stream.read(HEAD.unpack(head)[0]))  # noqa: S301 (from our own parent)
