"""Bounded: text that costs no more than a limit for each line."""

from typing import TextIO

from backfill.files.quotes import without
from backfill.files.rows import LONGEST

_MOST = 1 << 16  # delimiters of another program at a line's end


class Bounded:
    """Text of whose lines no more is kept than shows that they are longer than LONGEST."""

    def __init__(self, source: TextIO, left_over: str = ""):
        self._source, self._length = source, 0
        self._again = ""  # to be read once more
        self._left_over, self._end = left_over, ""

    def read(self, size: int) -> str:
        """The next characters, with a line end whole; no more than half of LONGEST at a time."""
        if self._again:
            end = size + (self._again[size - 1 : size + 1] == "\r\n")
            text, self._again = self._again[:end], self._again[end:]
            return text
        while text := self._cleared(size) if self._left_over else self._whole(size):
            ends = [at for at in (text.find("\n"), text.find("\r")) if at >= 0]
            begun = min(ends) if ends else len(text)  # how much of it goes on with the last one's line
            room = LONGEST + 1 - self._length
            self._length = len(text) - 1 - max(text.rfind("\n"), text.rfind("\r")) if ends else self._length + begun
            if begun <= room:
                return text
            if kept := text[: max(room, 0)] + text[begun:]:
                return kept
        return ""

    def put_back(self, text: str) -> None:
        """Have this text, the last that was read, read again."""
        self._again = text + self._again

    def _cleared(self, size: int) -> str:
        """Without what another program has left at the lines' ends."""
        while more := self._whole(size):
            text = self._end + more
            bare = text.rstrip(f"{self._left_over} \t")  # after it a line may end
            self._end = text[len(bare) :]
            made = without(self._left_over, bare)
            if len(self._end) > _MOST:  # so many are no line's end
                made, self._end = made + self._end, ""
            if made:
                return made
        last, self._end = self._end, ""
        return without(self._left_over, last)

    def _whole(self, size: int) -> str:
        text = self._source.read(size)
        while text.endswith("\r") and (more := self._source.read(1)):
            text += more
        return text
