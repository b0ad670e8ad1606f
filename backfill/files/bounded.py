"""Bounded: text whose lines cost no more than they may."""

from typing import TextIO

from backfill.files.rows import LONGEST


class Bounded:
    """Text of whose lines no more is kept than tells that they are longer than LONGEST."""

    def __init__(self, source: TextIO):
        self._source, self._length = source, 0

    def read(self, size: int) -> str:
        """The next characters, with a line end whole; no more than half of LONGEST at a time."""
        while text := self._some(size):
            ends = [at for at in (text.find("\n"), text.find("\r")) if at >= 0]
            begun = min(ends) if ends else len(text)  # how much of it goes on with the last one's line
            room = LONGEST + 1 - self._length
            self._length = len(text) - 1 - max(text.rfind("\n"), text.rfind("\r")) if ends else self._length + begun
            if begun <= room:
                return text
            if kept := text[: max(room, 0)] + text[begun:]:
                return kept
        return ""

    def _some(self, size: int) -> str:
        text = self._source.read(size)
        while text.endswith("\r") and (more := self._source.read(1)):
            text += more
        return text
