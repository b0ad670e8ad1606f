"""Frames: what a worker and the process beside it, which does its tasks, send each other. Loads nothing."""

import struct
from enum import Enum
from typing import IO, NamedTuple

_HEAD = struct.Struct("!cII")  # what it is, of which task, and the length of what follows


class Kind(Enum):
    TASK = b"t"  # what to do
    STOP = b"s"  # a signal's number: stop as if it had come
    MESSAGE = b"m"  # on the way
    RESULT = b"r"  # what became of it


class Frame(NamedTuple):
    kind: Kind
    task: int
    data: bytes


def put(stream: IO[bytes], frame: Frame) -> None:
    """Write one frame."""
    stream.write(_HEAD.pack(frame.kind.value, frame.task, len(frame.data)) + frame.data)
    stream.flush()


def take(stream: IO[bytes]) -> Frame | None:
    """Read one frame; None where the other end is gone."""
    head = stream.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    kind, task, length = _HEAD.unpack(head)
    data = stream.read(length)
    return Frame(Kind(kind), task, data) if len(data) == length else None


def name_of(run: str) -> str:
    """The name of what a cluster knows of a run: whether it is to stop, and for which signal."""
    return f"backfill-{run}"
