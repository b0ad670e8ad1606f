"""Patterns: a mapping's regular expressions, ended where one would search a single text without end."""

import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_LOOK = 0.5  # seconds of processor time between two looks
LIMIT = 2  # seconds of processor time that one text may take: a hundred thousand times what most take


class Endless(Exception):
    """A search that did not end: its pattern, the line of that in the mapping, and the text."""

    def __init__(self, pattern: re.Pattern[str], line: int, text: str):
        super().__init__(pattern.pattern)
        self.pattern, self.line, self.text = pattern.pattern, line, text


@contextmanager
def watched(pattern: re.Pattern[str] | None, line: int, texts: list[str]) -> Iterator[Iterator[str]]:
    """Give the texts one after the other, for the body to search. Raises Endless in the body.

    Python looks at signals while it searches, in the main thread alone; there a survey has met every text before any
    other thread does. What is timed is the processor's work, so that a machine that sleeps or stutters stops nobody.
    """
    rest: Any = iter(texts)
    if pattern is None or threading.current_thread() is not threading.main_thread():
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
