"""The voice of a run on standard error: what it has to say, and progress, as a bar or as a plain line now and then."""

import sys
import time
from contextlib import suppress
from typing import Any, Self

from tqdm import tqdm

from backfill.errors import BackfillError

_QUIET_SECONDS = 30  # between two plain lines of progress where there is no terminal


class Voice:
    """Where a run says what it has to say."""

    def __init__(self, quiet: bool = False, verbose: bool = False):
        self.quiet = quiet
        self.verbose = verbose

    def say(self, text: str) -> None:
        if not self.quiet:
            self.tell(text)

    def warn(self, text: str) -> None:
        self.say(f"warning: {text}")

    def note(self, text: str) -> None:
        self.say(f"note: {text}")

    def fail(self, error: BackfillError | str) -> None:
        """Say what went wrong, even where quiet was asked for."""
        self.tell(f"backfill: {error}")

    def detail(self, text: str) -> None:
        if self.verbose:
            self.tell(text)

    def tell(self, text: str) -> None:
        """Write even where quiet was asked for: errors. A terminal that is gone is no reason to stop."""
        with suppress(OSError, ValueError):
            tqdm.write(text, file=sys.stderr)

    def progress(self, what: str, total: int, unit: str) -> "Progress":
        return Progress(what, total, unit, self)


class Progress:
    """A tqdm bar on a terminal; elsewhere a line every half minute."""

    def __init__(self, what: str, total: int, unit: str, voice: Voice):
        self._what, self._total, self._unit, self._voice = what, total, unit, voice
        self._done, self._told = 0, time.monotonic()
        plain = voice.quiet or not _terminal(sys.stderr)
        scale = unit == "B"
        self._bar = (
            None if plain else tqdm(total=total, desc=what, unit=unit, unit_scale=scale, smoothing=0.05, leave=False)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            with suppress(OSError, ValueError):
                self._bar.close()

    def restart(self) -> None:
        """Begin again from nothing: the same work takes another pass."""
        self._done = 0
        if self._bar is not None:
            self._bar.reset()

    def advance(self, by: int = 1, note: str = "") -> None:
        self._done += by
        if self._bar is not None:
            with suppress(OSError, ValueError):
                if note:
                    self._bar.set_postfix_str(note, refresh=False)
                self._bar.update(by)
        elif time.monotonic() - self._told >= _QUIET_SECONDS:
            self._told = time.monotonic()
            share = f" ({self._done / self._total:.0%})" if self._total else ""
            self._voice.say(
                f"{self._what}: {self._done:,} of {self._total:,} {self._unit}{share}{'; ' + note if note else ''}"
            )


def _terminal(stream: Any) -> bool:
    try:
        return bool(stream.isatty())
    except (OSError, ValueError, AttributeError):
        return False


def terminal() -> bool:
    """Whether somebody is there to answer."""
    return _terminal(sys.stdin) and _terminal(sys.stderr)
