"""What can stop a run. A bad row is a value (`event.Problem`); only a bad run is one of these.

BackfillError                    exit
├── UsageError                   2   an option, a key or an address that can't be used
│   ├── MappingError             2   every problem of a mapping at once, each with its line
│   ├── SourceError              2   a file that can't be read as an export
│   ├── UnknownExport            2   a file that no mapping fits
│   └── StateError               2   a ledger that can't be used
│       └── LedgerLost           2   one on a server that can't be reached
├── ApiStop                      4   the API ended the run: key, permission, address, or down for too long
├── ThresholdStop                5   a limit that the user (or prudence) set was passed
├── SpaceHeld                    6   another run holds the Space
├── Interrupted                  130 / 143
└── Unbalanced                   1   the run's own counts do not add up

Each message is one sentence for a person: the place, what was found, what was possible. A name from outside is in
it so that it can be seen: what would steer a terminal, hide a text or turn it round is written out (`\\x1b`), and so is
a byte of a file's name that is no text (`\\xe9`).
"""

import re
import shlex
import signal
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar


class BackfillError(Exception):
    """The root; `exit_code` is what the process ends with."""

    exit_code: ClassVar[int] = 1


def exit_code_of(error: BackfillError, sent: bool) -> int:
    """What a run ends with. 2 says that nothing was sent; where something was, 4 says that the same command goes on."""
    return ApiStop.exit_code if sent and error.exit_code == UsageError.exit_code else error.exit_code


def place_of(bug: Exception) -> str:
    """Where an exception was raised, for a report: file and line, and nothing of what was being read."""
    where = bug.__traceback__
    while where and where.tb_next:
        where = where.tb_next
    return f"{'/'.join(Path(where.tb_frame.f_code.co_filename).parts[-2:])}:{where.tb_lineno}" if where else "?"


class UsageError(BackfillError):
    exit_code = 2


class MappingError(UsageError):
    """A mapping that can't be used. `problems` holds (line, sentence), line 0 where there is none."""

    def __init__(self, origin: str, problems: Sequence[tuple[int, str]]):
        self.origin = origin
        self.problems = sorted(problems)
        super().__init__(
            "\n".join(f"{origin}:{line}: {text}" if line else f"{origin}: {text}" for line, text in self.problems)
        )


class SourceError(UsageError):
    pass


class UnknownExport(UsageError):
    pass


class StateError(UsageError):
    pass


class LedgerLost(StateError):
    pass


class ApiStop(BackfillError):
    exit_code = 4


class ThresholdStop(BackfillError):
    """The same command would stop again: it goes on with the words `add`, or without the option `drop`.

    Neither is there where only mending helps.
    """

    exit_code = 5

    def __init__(self, sentence: str, *add: str, drop: str = ""):
        self.add, self.drop = add, drop
        super().__init__(sentence)


class SpaceHeld(BackfillError):
    exit_code = 6


class Interrupted(BackfillError):
    """A signal asked the run to stop; the exit code is the shell's 128 + signal."""

    def __init__(self, signum: int):
        self.signum = signum
        self.exit_code = 128 + signum  # type: ignore[misc]
        super().__init__(f"interrupted by {signal.Signals(signum).name}")


class Unbalanced(BackfillError):
    pass


# -- how names and commands are written in a sentence --------------------------------------------------------------

_KEPT = "\t\n"  # a text of ours has lines
_UNSEEN = "\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f"
_STEERING = re.compile(f"[\x00-\x1f\x7f-\x9f{_UNSEEN}]")


def visible(text: str) -> str:
    """The text with what could not be seen, or would steer a terminal, written out; its line ends stay."""
    return _STEERING.sub(lambda found: found[0] if found[0] in _KEPT else _escaped(found[0]), _letters(text))


def shown(name: str) -> str:
    """A name, or another text from outside, as it can be within a line."""
    return _STEERING.sub(lambda found: _escaped(found[0]), _letters(name))


def spelled_out(text: str) -> str:
    """An argument as a text; a byte in it that is none is written as `shown` writes it."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def counted(number: int, noun: str, nouns: str = "") -> str:
    """A number with what it counts: 1 event, 1,204 events. `nouns` is the plural where it takes more than an s."""
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"


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
