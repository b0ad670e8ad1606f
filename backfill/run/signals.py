"""Signals: outside sending one ends the run at once; while sending it waits for what is in flight."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from backfill.errors import Interrupted

if TYPE_CHECKING:
    from backfill.api.stop import Stop

SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


@contextmanager
def leaving() -> Iterator[None]:
    """Raise Interrupted in the body where a signal comes: nothing is in flight."""

    def leave(signum: int, _: object) -> None:
        raise Interrupted(signum)

    before = {number: signal.signal(number, leave) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def restoring() -> Iterator[None]:
    """Give signals back to their handlers from before the body: a run may go on after what could be stopped."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def stoppable(*stops: "Stop") -> Iterator[None]:
    """Stop the sending at the first signal, and cancel this task at the second.

    After the body signals are ignored: the loop's own end, and the run's, must not be torn.
    """
    import asyncio  # a check has nothing in flight and does not need it

    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def ask(signum: int) -> None:
        if task is not None and all(stop.event.is_set() for stop in stops) and not task.cancelling():
            task.cancel()
        for stop in stops:
            stop(Interrupted(signum))

    for number in SIGNALS:
        signal.signal(number, lambda number, _: loop.call_soon_threadsafe(ask, number))
    try:
        yield
    finally:
        undisturbed()


def undisturbed() -> None:
    """Ignore signals from here on: one that came while the run's end is written would leave half a file, or two."""
    for signum in SIGNALS:
        signal.signal(signum, signal.SIG_IGN)
