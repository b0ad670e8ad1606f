"""Messages and progress of one process, shown by another: both ends of the pipe between them."""

import time
from collections.abc import Callable
from typing import Any

from backfill.commands.jobs.messages import Progressed, Said
from backfill.report.console import Console, Left, Progress

_EVERY = 0.25  # seconds between two words on progress


class Relay(Console):
    """A console that gives everything to `send`, for the process at the other end; `every`: seconds between figures."""

    def __init__(self, send: Callable[[object], None], verbose: bool = False, every: float = _EVERY):
        super().__init__(verbose=verbose)
        self.send, self.every = send, every

    def emit(self, level: str, text: str, **_: Any) -> None:
        self.send(Said(level, text))

    @property
    def draws(self) -> bool:
        return False

    def progress(self, what: str, total: int, unit: str, left: Left | None = None) -> Progress:
        return _RelayedProgress(what, total, unit, self)


class _RelayedProgress(Progress):
    def __init__(self, what: str, total: int, unit: str, relay: Relay):
        super().__init__(what, total, unit, relay)
        self._relay, self._last = relay, 0.0

    def advance(self, by: int = 1, note: str = "") -> None:
        self.done += by
        if time.monotonic() - self._last >= self._relay.every:
            self._last = time.monotonic()
            self._relay.send(Progressed(self._what, self.total, self._unit, self.done))

    def __exit__(self, *_: object) -> None:
        self._relay.send(Progressed(self._what, self.total, self._unit, None))


class Listener:
    """The other end: shows on a console what a relay says."""

    def __init__(self, console: Console):
        self._console = console
        self._progress: Progress | None = None

    def hear(self, message: Said | Progressed) -> None:
        """Show one message."""
        match message:
            case Said(level, text):
                self._console.relay(level, text)
            case Progressed(what, total, unit, done):
                self._advance(what, total, unit, done)

    def _advance(self, what: str, total: int, unit: str, done: int | None) -> None:
        if done is None:
            self.close()
            return
        if self._progress is None:
            self._progress = self._console.progress(what, total, unit)
        if done < self._progress.done:
            self._progress.restart()
        self._progress.advance(done - self._progress.done)

    def drop(self) -> None:
        """The other end is gone: what is left of its work is no longer to be done."""
        if self._progress is not None:
            self._progress.drop()
        self.close()

    def close(self) -> None:
        """End the progress under way."""
        if self._progress is not None:
            self._progress.__exit__(None, None, None)
            self._progress = None
