"""The console of a run on standard error: its messages and progress, as text or as one JSON object a line."""

import json
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, Self

from backfill.console import is_terminal, prompt, tell, tell_as_is
from backfill.errors import BackfillError, shown, visible

if TYPE_CHECKING:
    from backfill.report.bar import Bar

LogFormat = Literal["text", "json"]
Left = Callable[[int], float]  # seconds that so many of a progress's units will take from now on

_QUIET_SECONDS = 30  # between two lines of progress where there is no bar
_MARKS = {"warning": ("warning: ", "yellow"), "note": ("note: ", "cyan"), "error": ("backfill: ", "red")}


class Console:
    """Where a run writes its messages. `about` is in each message of the JSON form: the Space, the run."""

    def __init__(
        self, quiet: bool = False, verbose: bool = False, form: LogFormat = "text", about: dict[str, Any] | None = None
    ):
        self.quiet = quiet
        self.verbose = verbose
        self.form = form
        self.about = about if about is not None else {}
        self._sending: Progress | None = None

    def info(self, text: str) -> None:
        self._unless_quiet("info", text)

    def warn(self, text: str) -> None:
        self._unless_quiet("warning", text)

    def note(self, text: str) -> None:
        self._unless_quiet("note", text)

    def detail(self, text: str) -> None:
        if self.verbose:
            self.emit("info", text)

    def fail(self, error: BackfillError | str) -> None:
        """Print what went wrong, even where quiet was asked for."""
        self.emit("error", str(error))

    def relay(self, level: str, text: str) -> None:
        """Pass on a message of another process."""
        if level == "error" or not self.quiet:
            self.emit(level, text)

    def _unless_quiet(self, level: str, text: str) -> None:
        if not self.quiet:
            self.emit(level, text)

    def emit(self, level: str, text: str, **more: Any) -> None:
        """Write one message."""
        if self.form == "json":
            tell_as_is(json.dumps({"time": _now(), "level": level, "message": visible(text), **self.about, **more}))
        else:
            tell(text, *_MARKS.get(level, ()))

    def progress(self, what: str, total: int, unit: str, left: Left | None = None) -> "Progress":
        return Progress(what, total, unit, self, left)

    def of(self, name: str, total: "Progress", **about: Any) -> "Console":
        """The console of one among several, whose events count in the total too."""
        return _Part(name, self, total, about)

    @property
    def seconds_left(self) -> float:
        """Seconds that the sending under way will still take."""
        return (self._sending.seconds_left or 0.0) if self._sending else 0.0

    @property
    def draws(self) -> bool:
        """Whether progress is a bar: on a terminal, for people."""
        return self.form == "text" and not self.quiet and is_terminal(sys.stderr)


class _Part(Console):
    """A console among several: in text its name is before each message and each bar."""

    def __init__(self, name: str, whole: Console, total: "Progress", about: dict[str, Any]):
        super().__init__(whole.quiet, whole.verbose, whole.form, {**whole.about, **about})
        self._name, self._total = name, total

    def emit(self, level: str, text: str, **more: Any) -> None:
        if self.form == "json":
            super().emit(level, text, **more)
        else:
            mark, colour = _MARKS.get(level, ("", ""))
            tell(text, f"{self._name}: {mark}", colour)

    def progress(self, what: str, total: int, unit: str, left: Left | None = None) -> "Progress":
        name = f"{self._name}: {what}" if self.draws else what
        made = Progress(name, total, unit, self, left, within=self._total if unit == "events" else None)
        self._sending = made if unit == "events" else None
        return made


class Progress:
    """A bar on a terminal; elsewhere a line every half minute. `left` computes how long the rest will take."""

    def __init__(
        self,
        what: str,
        total: int,
        unit: str,
        console: Console,
        left: Left | None = None,
        within: "Progress | None" = None,
    ):
        self.done, self.total = 0, total
        self._what, self._unit, self._console, self._left, self._within = what, unit, console, left, within
        self._reported = time.monotonic()
        self._bar: Bar | None = None
        if within is not None:
            within.grow(total)
        if console.draws:
            self._bar = _drawn(what, total, unit)
            self._bar.left = left

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            with suppress(OSError, ValueError):
                self._bar.close()

    def expect(self, left: Left) -> None:
        """Compute the time left like this from now on."""
        self._left = left
        if self._bar is not None:
            self._bar.left = left

    @property
    def seconds_left(self) -> float | None:
        """Seconds that the rest will take; None where nothing shows it."""
        return self._left(max(0, self.total - self.done)) if self._left else None

    def grow(self, by: int) -> None:
        """Add to the work to do."""
        self.total += by
        if self._bar is not None:
            self._bar.total = self.total

    def drop(self) -> None:
        """Take the work that is left from the total that it counts in: somebody else begins it anew."""
        if self._within is not None:
            self._within.grow(self.done - self.total)

    def restart(self) -> None:
        """Begin again from nothing: the same work takes another pass."""
        self.done = 0
        if self._bar is not None:
            self._bar.reset()

    def advance(self, by: int = 1, note: str = "") -> None:
        self.done += by
        if self._within is not None:
            self._within.advance(by)
        if self._bar is not None:
            with suppress(OSError, ValueError):
                if note:
                    self._bar.set_postfix_str(shown(note), refresh=False)
                self._bar.update(by)
        elif time.monotonic() - self._reported >= _QUIET_SECONDS:
            self._reported = time.monotonic()
            self._tell(note)

    def _tell(self, note: str) -> None:
        """Write one line of progress."""
        share = f" ({self.done / self.total:.0%})" if self.total else ""
        left = self.seconds_left
        seconds = None if left is None else round(left)
        soon = f", {lasting(seconds)} left" if seconds else ""
        line = f"{self._what}: {self.done:,} of {self.total:,} {self._unit}{share}{soon}{'; ' + note if note else ''}"
        if not self._console.quiet:
            figures = {"done": self.done, "total": self.total, "unit": self._unit, "seconds_left": seconds}
            self._console.emit("progress", line, **figures if self._console.form == "json" else {})


def _drawn(what: str, total: int, unit: str) -> "Bar":
    from backfill.report.bar import Bar  # its library takes a while to load

    return Bar.of(shown(what), total, unit)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def terminal() -> bool:
    """Whether somebody is there to answer."""
    return is_terminal(sys.stdin) and is_terminal(sys.stderr)


def agreed(question: str) -> bool:
    """Ask on standard error; anything but yes is a no."""
    prompt(f"{question} [y/N] ")
    try:
        return sys.stdin.readline().strip().lower() in ("y", "yes")
    except (OSError, ValueError):
        return False


def lasting(seconds: float) -> str:
    """A duration for people."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if seconds < 5400 else f"{minutes // 60} h {minutes % 60:02d} min"
