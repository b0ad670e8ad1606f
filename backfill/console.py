"""The console: the one place where text leaves for standard output and standard error.

What comes from files, arguments or the API may hold characters that steer a terminal, hide a text or turn it round.
They are shown (`\\x1b`) instead of sent; a byte of a file's name that is no text is shown the same way (`\\xe9`).
"""

import errno
import json
import os
import re
import shlex
import stat
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from backfill.errors import StateError

_KEPT = "\t\n"  # a text of ours has lines
_UNSEEN = "\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f"
_STEERING = re.compile(f"[\x00-\x1f\x7f-\x9f{_UNSEEN}]")


def visible(text: str) -> str:
    """The text with what could not be seen, or would steer a terminal, written out; its line ends stay."""
    return _STEERING.sub(lambda found: found[0] if found[0] in _KEPT else _escaped(found[0]), _letters(text))


def shown(name: str) -> str:
    """A name, or another text from outside, as it can stand within a line."""
    return _STEERING.sub(lambda found: _escaped(found[0]), _letters(name))


def _letters(text: str) -> str:
    """The text with the letters that a file's name has in UTF-8, which a C locale keeps as single bytes."""
    try:
        return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
    except UnicodeError:
        return text


def _escaped(one: str) -> str:
    if "\udc80" <= one <= "\udcff":  # a byte that was no text, as Python keeps it
        return f"\\x{ord(one) - 0xDC00:02x}"
    return one.encode("unicode_escape").decode()


def command(words: Iterable[str]) -> str:
    """Words as a shell takes them, in one line that can be seen and copied whatever their characters are."""
    return " ".join(shlex.quote(word) if word == shown(word) else _spelled_out(word) for word in words)


def _spelled_out(word: str) -> str:
    """In the quotes of bash, zsh and ksh that know escapes: a byte by its number."""
    made = ""
    for one in word:
        if one in "'\\":
            made += f"\\{one}"
        elif one == shown(one):
            made += one
        else:
            made += "".join(f"\\x{byte:02x}" for byte in one.encode("utf-8", "surrogateescape"))
    return f"$'{made}'"


def show(text: str, end: str = "\n") -> None:
    """Write a result to standard output. Raises StateError where it can't be written; a reader may have gone."""
    try:
        sys.stdout.write(visible(text) + end)
        sys.stdout.flush()
    except (OSError, ValueError) as error:
        if not _gone(error):
            why = error.strerror if isinstance(error, OSError) else error
            raise StateError(f"standard output can't be written ({why})") from None


def show_json(found: Any, indent: int = 2) -> None:
    """Write a result for programs. JSON escapes by itself, but for one character. Raises StateError."""
    show(json.dumps(found, indent=indent).replace("\x7f", "\\u007f"))


def tell(line: str) -> None:
    """Write a line to standard error, above a bar if there is one. A terminal that is gone is no reason to stop."""
    with suppress(OSError, ValueError):
        if bars := sys.modules.get("tqdm"):
            bars.tqdm.write(visible(line), file=sys.stderr)
        elif sys.stderr is not None:
            sys.stderr.write(visible(line) + "\n")


def prompt(question: str) -> None:
    """Put a question on standard error; the answer goes behind it."""
    with suppress(OSError, ValueError):
        sys.stderr.write(visible(question))
        sys.stderr.flush()


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
