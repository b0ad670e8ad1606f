"""Signals: outside sending one ends the run where it stands; while sending it lets what is in flight come home."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from backfill.errors import Interrupted
from backfill.upload import Stop

SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


@contextmanager
def leaving() -> Iterator[None]:
    """Raise Interrupted in the body where a signal comes: nothing is in flight."""

    def leave(signum: int, _: object) -> None:
        raise Interrupted(signum)

    with _handled(leave):
        yield


@contextmanager
def stoppable(*stops: Stop) -> Iterator[None]:
    """Stop the sending at the first signal, and cancel this task at the second."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def ask(signum: int) -> None:
        if task is not None and all(stop.event.is_set() for stop in stops) and not task.cancelling():
            task.cancel()
        for stop in stops:
            stop(Interrupted(signum))

    with _handled(lambda number, _: loop.call_soon_threadsafe(ask, number)):
        yield


def undisturbed() -> None:
    """Ignore signals from here on: one that came while the run's end is written would leave half a file, or two."""
    for signum in SIGNALS:
        signal.signal(signum, signal.SIG_IGN)


@contextmanager
def _handled(handler: Any) -> Iterator[None]:
    before = {signum: signal.signal(signum, handler) for signum in SIGNALS}
    try:
        yield
    finally:
        for signum, kept in before.items():
            signal.signal(signum, kept)
