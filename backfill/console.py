"""The console: the only place that writes to standard output and standard error; every character is made visible.

On a terminal, lines are broken between words, and a mark at their beginning has a colour.
"""

import errno
import json
import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any

from backfill.errors import StateError, visible

_COLOURS = {"red": 31, "green": 32, "yellow": 33, "cyan": 36}
_COMMAND = re.compile(r"(?:^ +|: | by )(backfill [a-z].*)")  # to the line's end, which no sentence begins like


def show(text: str, colour: str = "") -> None:
    """Write a result to standard output, in lines. Raises StateError where it can't be written."""
    show_as_is(fitted(visible(text), columns(sys.stdout)), colour)


def show_as_is(text: str, colour: str = "", end: str = "\n") -> None:
    """Write a result whose lines are not to be broken, such as a file's. A reader may have gone. Raises StateError."""
    try:
        with _above_bars():
            sys.stdout.write(painted(visible(text), colour, sys.stdout) + end)
            sys.stdout.flush()
    except (OSError, ValueError) as error:
        if not _gone(error):
            why = error.strerror if isinstance(error, OSError) else error
            raise StateError(f"standard output can't be written ({why})") from None


def _above_bars() -> AbstractContextManager[None]:
    """Takes the bars away while something is written to a terminal that they are on."""
    bars = sys.modules.get("tqdm") if is_terminal(sys.stdout) else None
    return bars.tqdm.external_write_mode(sys.stdout) if bars else nullcontext()


def show_json(found: Any, indent: int = 2) -> None:
    """Write a result for programs. JSON escapes all control characters but one. Raises StateError."""
    show_as_is(json.dumps(found, indent=indent).replace("\x7f", "\\u007f"))


def tell(line: str, mark: str = "", colour: str = "") -> None:
    """Write a line to standard error, above a bar if there is one. A terminal that is gone is no reason to stop.

    `mark` is at its beginning, in this colour.
    """
    text = fitted(visible(mark + line), columns(sys.stderr))
    _tell(painted(text[: len(mark)], colour, sys.stderr) + text[len(mark) :])


def tell_as_is(line: str) -> None:
    """Write a line that is not to be broken, such as a program's, to standard error."""
    _tell(visible(line))


def _tell(text: str) -> None:
    with suppress(OSError, ValueError):
        if bars := sys.modules.get("tqdm"):
            bars.tqdm.write(text, file=sys.stderr)
        elif sys.stderr is not None:
            sys.stderr.write(text + "\n")


def prompt(question: str) -> None:
    """Print a question on standard error; the answer is typed after it."""
    with suppress(OSError, ValueError):
        sys.stderr.write(fitted(visible(question), columns(sys.stderr)))
        sys.stderr.flush()


# -- on a terminal


def is_terminal(stream: Any) -> bool:
    try:
        return bool(stream.isatty())
    except (OSError, ValueError, AttributeError):
        return False


def columns(stream: Any) -> int:
    """How many characters a line of the terminal has; 0 where it is none, or does not say."""
    try:
        return os.get_terminal_size(stream.fileno()).columns if is_terminal(stream) else 0
    except (OSError, ValueError, AttributeError):
        return 0


def painted(text: str, colour: str, stream: Any) -> str:
    """The text in a colour, where the stream is a terminal that has any and nobody has set NO_COLOR."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    if plain or not text or not colour or not is_terminal(stream):
        return text
    return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m"


def fitted(text: str, width: int) -> str:
    """Lines broken between words, to be no longer than this; a command at the end of one stays whole, to be pasted."""
    return "\n".join(part for line in text.split("\n") for part in _broken(line, width)) if width else text


def _broken(line: str, width: int) -> Iterator[str]:
    if len(line) <= width:
        yield line
        return
    found = _COMMAND.search(line)
    before, command = (line[: found.start(1)].rstrip(), found[1]) if found else (line, "")
    indent = " " * (len(line) - len(line.lstrip(" ")))
    indent += "  " if before else ""
    made, *words = before.split(" ")
    for word in words:
        if len(made) + 1 + len(word) > width and made.strip():
            yield made
            made = indent + word
        else:
            made += " " + word
    if before:
        yield made
    if command:
        yield indent + command


def _gone(error: OSError | ValueError) -> bool:
    """Whether nobody reads any more (`| head`, a terminal that was closed), which is no error."""
    if isinstance(error, ConnectionError):
        return True
    try:
        return isinstance(error, OSError) and error.errno == errno.EIO and not _is_file(sys.stdout.fileno())
    except (OSError, ValueError):
        return False


def _is_file(descriptor: int) -> bool:
    return stat.S_ISREG(os.fstat(descriptor).st_mode)
