"""Answers: what a screen is asked, and what it gives back, before anybody thinks of HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: the place below the token, the query, and what was sent, each name with all its values."""

    place: tuple[str, ...]
    query: Mapping[str, str] = field(default_factory=dict)
    sent: Mapping[str, Any] = field(default_factory=dict)

    def number(self, name: str, least: int = 1) -> int:
        """A number of the query, `least` where it has none."""
        text = self.query.get(name, "")
        return max(int(text), least) if text.isascii() and text.isdigit() and len(text) < 9 else least

    def text(self, name: str) -> str:
        """A text that was sent; "" where none was."""
        value = self.sent.get(name, "")
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Screen:
    """A page to show."""

    template: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Moved:
    """Where to go on; `found` is what the script gets instead."""

    place: str
    found: dict[str, Any] = field(default_factory=dict)


class Way(NamedTuple):
    """A way on, where something can't be done: what to ask for, in which words, and what comes of it."""

    place: str
    label: str
    said: str


class Refused(Exception):
    """What was asked can't be done: an HTTP status, a sentence for a person, and the ways on, if there are some."""

    def __init__(self, status: int, sentence: str, *ways: Way):
        self.status, self.sentence, self.ways = status, sentence, ways
        super().__init__(sentence)


Answer = Screen | Moved
