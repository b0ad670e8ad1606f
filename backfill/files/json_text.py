"""JSON text in any shape, cut into the texts of its objects: lines, pretty-printed, an array, pages around one.

Where lines are objects they are cut as lines, so that a broken one costs itself; else by where brackets open and close.
"""

import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import TextIO

from backfill.errors import SourceError
from backfill.files.bounded import Bounded
from backfill.files.format import IN_LINES, Shape
from backfill.files.json_objects import BETWEEN, Lines, read_line
from backfill.files.rows import LONGEST

MOST = LONGEST + LONGEST // 2  # characters of an object that is no line: what is longer may never end
_DEEPEST = 4  # keys around an array that are looked at
_MOST_BESIDE = 100  # other arrays
_tokens = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[][{}"]', re.DOTALL).finditer
_around = f"[{re.escape(BETWEEN)}]*"
_empties = re.compile(rf"\A({_around}(?:\[[ \t]*\r?\n{_around})?)(?:\{{\s*\}}{_around})+")  # they show no shape
_line_ends = re.compile(r"[ \t]*[\r\n]+[ \t]*")


def pieces(source: TextIO, shape: Shape, label: str = "", beside: set[tuple[str, ...]] | None = None) -> Lines:
    """The texts of a source's objects; the keys of other arrays of objects go to `beside`.

    Raises SourceError where it ends within an array.
    """
    return _Lines(source, label) if shape.level < 0 else _Cut(values(source.read, shape, label, beside=beside))


_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')


class _Lines:
    """Lines, of which no more is kept than shows that they are longer than LONGEST.

    Raises SourceError where a label is given and the array that they are in does not end.
    """

    def __init__(self, source: TextIO, label: str):
        self._source, self._begun, self._label = Bounded(source), "", label
        self._within: bool | None = None  # an array that its first line opens; None: no line yet
        self._last = ""

    def readlines(self, size: int, /) -> list[str]:
        while more := self._source.read(min(max(size, len(self._begun)), LONGEST // 2)):
            lines = io.StringIO(self._begun + more, newline="").readlines()
            self._begun = "" if lines[-1].endswith(("\n", "\r")) else lines.pop()
            if lines:
                return self._noted(lines)
        last, self._begun = self._begun, ""
        if last:
            return self._noted([last])
        if self._label and self._within and not _closes(self._last):
            raise _ends_within(self._label)
        return []

    def _noted(self, lines: list[str]) -> list[str]:
        if self._within is None and (first := next(_said(lines), "")):
            self._within = first == "["
        if self._within:
            self._last = next(_said(reversed(lines)), self._last)
            self._within = "]\n" not in lines and "]\r\n" not in lines
        return lines


class _Cut:
    """Objects, each on a line of its own."""

    def __init__(self, found: Iterator[str]):
        self._found = found

    def readlines(self, size: int, /) -> list[str]:
        texts, room = [], size
        for text in self._found:
            texts.append(text[: LONGEST + 1])  # which shows that it is longer
            room -= len(text)
            if room <= 0:
                break
        return texts


def _said(lines: Iterable[str]) -> Iterator[str]:
    """The lines that say something, without what says nothing; at its end, a file may have a mark of DOS."""
    return filter(None, (line.strip(BETWEEN + "\x1a") for line in lines))


def _closes(line: str) -> bool:
    """Whether an array ends with its last line, whatever is wrong in it; some programs put a mark behind."""
    bare = _TEXT.sub("", line.rstrip(";\0" + BETWEEN))
    return bare.endswith("]") and bare.count("]") > bare.count("[")


def _ends_within(label: str) -> SourceError:
    return SourceError(f"{label}: ends within its JSON: cut short, or a quote or bracket too few; export it again")


def values(
    read: Callable[[int], str],
    shape: Shape,
    label: str = "",
    block: int = 1 << 16,
    beside: set[tuple[str, ...]] | None = None,
    known: bool = False,
) -> Iterator[str]:
    """The texts of the objects that are as deep as `shape` says, and of whatever is there in their place.

    Where it is `known` that the text has such objects, nothing else is given, and what comes before them is not kept.
    Without a label, a text that ends within an object raises nothing.
    """
    scan, text, given = _Scan(shape, beside if shape.keys else None, known), "", 0
    while more := read(min(max(block, len(text)), LONGEST // 2)):
        text += more
        for one in scan.found(text):
            given += 1
            if len(one) > MOST:
                raise _too_long(label, given)
            yield _within(one, shape.wrapper) if shape.wrapper else one
        text = text[scan.seen :]
        scan.moved()
        if len(text) > MOST:
            raise _too_long(label, given + 1)
    if label and (scan.depth or scan.within) and shape.level > 0:
        raise _ends_within(label)
    if label and text.strip(BETWEEN):
        yield _line(text)


def _too_long(label: str, row: int) -> SourceError:
    return SourceError(f"{label}: row {row}: an object of more than {MOST:,} characters; are its brackets in order?")


class _Around:
    """The brackets that are open around what is read, and the keys that they are under."""

    def __init__(self) -> None:
        self.path: list[tuple[str, str]] = []
        self.key = self.before = ""

    def opened(self, token: str, first: str = "{") -> tuple[str, ...]:
        """Take in a token; the keys of the array that it is the `first` of, where that is in objects alone."""
        keys: tuple[str, ...] = ()
        near = token == first and self.before == "[" and 1 < len(self.path) <= _DEEPEST + 1
        if near and all(bracket == "{" for bracket, _ in self.path[:-1]):
            keys = tuple(_text_of(name) for _, name in self.path[1:])
        if token in ("{", "["):
            self.path.append((token, self.key))
        elif token in ("}", "]"):
            del self.path[-1:]
        else:
            self.key = token
        self.before = token
        return keys


class _Scan:
    """What was seen of a text, up to now."""

    def __init__(self, shape: Shape, beside: set[tuple[str, ...]] | None, known: bool):
        self.level, self.keys, _ = shape
        self.beside, self.around, self.known = beside, _Around(), known
        self.depth = 0
        self.within = self.level == 0  # the array that holds the objects
        self.met = False  # the array was met in the outermost value that is open
        self.path: list[str] = []
        self.key = ""
        self.at = 0  # what was looked at
        self.mark = 0  # what was given
        self.seen = 0  # what is no more needed

    def moved(self) -> None:
        self.at, self.mark, self.seen = self.at - self.seen, max(self.mark - self.seen, 0), 0

    def found(self, text: str) -> Iterator[str]:
        for token in _tokens(text, self.at):
            if token[0] == '"':
                break  # the rest of it is yet to come
            self.at, within = token.end(), self.within
            if token[0] in ("{", "["):
                yield from self._opened(token[0], text, token.start())
            elif token[0] in ("}", "]"):
                yield from self._closed(text)
            elif self.depth < self.level:
                self.key = token[0]
            if self.beside is not None and not (within and self.within):
                keys = self.around.opened(token[0])
                if keys and keys != self.keys and len(self.beside) < _MOST_BESIDE:
                    self.beside.add(keys)
        self.seen = self.at if self.met and self.depth and not self.within else self.mark

    def _opened(self, bracket: str, text: str, start: int) -> Iterator[str]:
        outermost = self.depth == 0
        if (self.within and self.depth == self.level) or (outermost and self.level):
            yield from self._between(text, start)
        if outermost:
            self.met, self.path = self.known or self.level == 0, []
        elif self.depth < self.level:
            self.path.append(_text_of(self.key))
        self.depth += 1
        if self.depth == self.level and bracket == "[" and tuple(self.path) == self.keys:
            self.within = self.met = True
            self.mark = self.at

    def _closed(self, text: str) -> Iterator[str]:
        inside = self.within and self.depth == self.level + 1
        if self.within and self.depth == self.level and self.level:
            yield from self._between(text, self.at - 1)
            self.within, self.mark = False, self.at
        self.depth = max(self.depth - 1, 0)
        if 0 < self.depth < self.level and self.path:
            self.path.pop()
        if inside or (self.depth == 0 and not self.met):
            yield _line(text[self.mark : self.at].strip(BETWEEN))
            self.mark = self.at
        elif self.depth == 0:
            self.mark = self.at

    def _between(self, text: str, end: int) -> Iterator[str]:
        if text := _line(text[self.mark : end].strip(BETWEEN)):
            yield text
        self.mark = end


def _text_of(key: str) -> str:
    try:
        return str(json.loads(key))
    except ValueError:
        return key


def _within(text: str, key: str) -> str:
    """The text of what is under an object's key; of an object that lacks it, its own."""
    depth, begun, before = 0, -1, (0, "")
    for token in _tokens(text):
        if token[0] in ("{", "["):
            depth += 1
            begun = token.start() if depth == 2 and begun == -1 and before == (1, f'"{key}"') else begun
        elif token[0] in ("}", "]"):
            depth -= 1
            if depth == 1 and begun >= 0:
                return text[begun : token.end()]
        before = (depth, token[0])
    return text


def _line(text: str) -> str:
    """A value on one line: in a text within it no line can end."""
    return _line_ends.sub(" ", text) if "\n" in text or "\r" in text else text


def shapes(start: str) -> Iterator[Shape]:
    """The shapes that a text may have which begins so, the outermost first."""
    if _in_lines(start):
        yield IN_LINES
    else:
        yield Shape(1) if start.lstrip(BETWEEN).startswith("[") else Shape(0)
    yield from dict.fromkeys(arrays(start))


def _in_lines(start: str) -> bool:
    start = _empties.sub(r"\1", start)
    lines = [line for line in start.splitlines() if line.strip(BETWEEN + "[]")][:30]
    first = start.lstrip(BETWEEN).partition("\n")[0].strip(BETWEEN)
    if first == "[" and lines:
        return _whole(lines[0])
    if not first.startswith(("{", "[")) or _whole(first):
        return True
    if first.startswith("[") or first.endswith("["):
        return False
    if any(line.startswith("{") and not line.rstrip().endswith(",") and _whole(line) for line in lines[1:]):
        return True
    found = next(values(io.StringIO(start).read, Shape(0)), "")
    return 0 < len(found) <= len(first)


def _whole(line: str) -> bool:
    """Whether objects begin and end on a line; those with nothing in them do so in any shape."""
    text = line.strip(BETWEEN)
    return text.startswith("{") and any(one.reason is None and one.values for one in read_line(text))


def arrays(start: str, empty: bool = False) -> Iterator[Shape]:
    """The shapes of arrays of objects, or of those with nothing in them, that are under keys of the first value."""
    around = _Around()
    for token in _tokens(start):
        if token[0] == '"':
            return
        if keys := around.opened(token[0], "]" if empty else "{"):
            yield from shapes_under(keys)
        if not around.path:
            return


def shapes_under(keys: tuple[str, ...]) -> Iterator[Shape]:
    """The shapes of the objects of an array that is under these keys."""
    yield (shape := Shape(len(keys) + 1, keys))
    if keys[-1] == "edges":  # as GraphQL has lists
        yield shape._replace(wrapper="node")
