"""Patterns: a mapping's regular expressions, ended where one would search a single text without end.

Python looks at signals while it searches, in the main thread alone; in another thread a search keeps the whole process
from hearing anything. So the main thread searches under a timer, and other threads have a process do it, in its own
main thread: this file, run as a script.
"""

import pickle
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any, BinaryIO, cast

_LOOK = 0.5  # seconds of processor time between two looks
LIMIT = 2  # seconds of processor time that one text may take: a hundred thousand times what most take


class Endless(Exception):
    """A search that did not end: its pattern, the line of that in the mapping, and the text."""

    def __init__(self, pattern: re.Pattern[str], line: int, text: str):
        super().__init__(pattern.pattern)
        self.pattern, self.line, self.text = pattern.pattern, line, text


def matching(pattern: re.Pattern[str], line: int, texts: list[str]) -> list[bool]:
    """Which texts the pattern is found in. Raises Endless."""
    return [found is not None for found in _searched(pattern, line, texts, 0)]


def extracted(pattern: re.Pattern[str], line: int, texts: list[str]) -> list[str]:
    """What the pattern's first group finds in each text, "" for nothing. Raises Endless."""
    return [found or "" for found in _searched(pattern, line, texts, 1)]


@contextmanager
def meeting() -> Iterator[None]:
    """For a body that is the first to search texts that may have no end: in a thread, another process does it."""
    if threading.current_thread() is threading.main_thread() or _met_by.get() is not None:
        yield
        return
    beside = _Beside()
    before = _met_by.set(beside)
    try:
        yield
    finally:
        _met_by.reset(before)
        beside.close()


def _searched(pattern: re.Pattern[str], line: int, texts: list[str], group: int) -> list[str | None]:
    if (beside := _met_by.get()) is not None and (found := beside.search(pattern, texts, group)) is not None:
        if isinstance(found, int):
            raise Endless(pattern, line, texts[found])
        return found
    with _watched(pattern, line, texts) as rest:
        return [match and match[group] for match in map(pattern.search, rest)]


@contextmanager
def _watched(pattern: re.Pattern[str], line: int, texts: list[str]) -> Iterator[Iterator[str]]:
    """Give the texts one after the other, for the body to search. Raises Endless in the body.

    What is timed is the processor's work, so that a machine that sleeps or stutters stops nobody.
    """
    rest: Any = iter(texts)
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield rest
        return
    left, seconds = len(texts), 0.0

    def look(*_: Any) -> None:
        nonlocal left, seconds
        now = rest.__length_hint__()
        left, seconds = now, seconds + _LOOK if now == left else 0.0
        if seconds >= LIMIT:
            raise Endless(pattern, line, texts[len(texts) - now - 1])

    before = signal.signal(signal.SIGVTALRM, look)
    signal.setitimer(signal.ITIMER_VIRTUAL, _LOOK, _LOOK)
    try:
        yield rest
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


class _Beside:
    """A process that searches for a thread; it is there from the first search on."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._gone = not Path(sys.executable or "").name.startswith(("python", "pypy"))  # within another program

    def search(self, pattern: re.Pattern[str], texts: list[str], group: int) -> list[str | None] | int | None:
        """What is found in each text, or which of them is searched without end; None where there is no process."""
        if self._gone:
            return None
        try:
            self._process = self._process or subprocess.Popen(  # noqa: S603
                [sys.executable, "-IS", __file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # a terminal's ctrl-c is not for it
            )
            pickle.dump((pattern, texts, group), cast(BinaryIO, self._process.stdin))
            cast(BinaryIO, self._process.stdin).flush()
            return cast("list[str | None] | int", pickle.load(cast(BinaryIO, self._process.stdout)))  # noqa: S301 (ours)
        except (OSError, EOFError, pickle.UnpicklingError):
            self._gone = True
            return None

    def close(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.kill()
            with suppress(BrokenPipeError), self._process:  # waits, and closes the pipes
                pass


_met_by: ContextVar[_Beside | None] = ContextVar("met_by", default=None)


def _serve(given: BinaryIO, told: BinaryIO) -> None:
    """Search for the process that has begun this one, until it is gone."""
    with suppress(EOFError, BrokenPipeError):
        while True:
            pattern, texts, group = pickle.load(given)  # noqa: S301 (ours)
            answer: list[str | None] | int
            try:
                answer = _searched(pattern, 0, texts, group)
            except Endless as search:
                answer = texts.index(search.text)
            pickle.dump(answer, told)
            told.flush()


if __name__ == "__main__":
    _serve(sys.stdin.buffer, sys.stdout.buffer)
