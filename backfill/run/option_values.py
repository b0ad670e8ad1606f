"""What an option's text may be: each function takes it apart, or says what would have been possible."""

import re
from argparse import ArgumentTypeError
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from backfill.errors import UsageError
from backfill.storage.remote.path import FilePath, file_path, is_url, masked

if TYPE_CHECKING:
    from backfill.upload.limits import MaxRejects


def filled(text: str) -> str:
    """A text that says something: a variable of a script that is not set is no value, and no option left out either."""
    if not text.strip():
        raise ArgumentTypeError("is blank; give it a value, or leave the option out")
    return text


def space(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}", text):
        raise ArgumentTypeError("a Space's name has up to 64 letters, digits, blanks, dots, dashes and underscores")
    return text


def spaces(text: str) -> tuple[str, ...]:
    """One Space's name or, with commas between them, several."""
    return tuple(space(name) for name in text.split(","))


def folder(text: str) -> Path:
    """A folder from the working folder; `~` is the home folder where no shell has said so before."""
    try:
        return Path(filled(text)).expanduser()
    except RuntimeError:
        raise ArgumentTypeError(f"{text}: there is no such home folder") from None


def output(text: str) -> FilePath:
    """Where a file is to go: a path, or a URL in a store."""
    try:
        return file_path(filled(text))
    except UsageError as error:
        raise ArgumentTypeError(str(error)) from None


def local(text: str) -> Path:
    """A file of this machine."""
    if is_url(text):
        raise ArgumentTypeError(f"{masked(text)}: can't be in a store; name a file of this machine")
    return Path(filled(text))


def lookup(text: str) -> tuple[str, str]:
    name, equals, file = text.partition("=")
    if not (name and equals and file):
        raise ArgumentTypeError("must be NAME=FILE, such as contacts=contacts.csv")
    return name, file


def zone(text: str) -> str:
    from zoneinfo import ZoneInfo

    with suppress(KeyError, ValueError, OSError):
        ZoneInfo(text)
        if text != "localtime":  # what the machine is set to, not what the export is written in
            return text
    from backfill.fields.cities import zone_hint

    raise ArgumentTypeError(f"{text!r} is no IANA time zone; {zone_hint(text)}")


def encoding(text: str) -> str:
    from backfill.mapping.load import is_encoding

    if not is_encoding(text):
        raise ArgumentTypeError(f"{text!r} is no text encoding known here; write utf-8, cp1252 or the like")
    return text


def whole(least: int, most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= 18 and least <= int(text) <= most):
            raise ArgumentTypeError(f"{text!r} is no whole number from {least} to {most}")
        return int(text)

    return number


def duration(text: str) -> float:
    found = re.fullmatch(r"(\d{1,9}(?:\.\d+)?) ?(s|sec|m|min|h|)", text)
    if not found:
        raise ArgumentTypeError(f"{text!r} is no duration, such as 90s, 15m or 2h")
    return float(found[1]) * {"": 1, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600}[found[2]]


def max_rejects(text: str) -> "MaxRejects":
    from backfill.upload.limits import MaxRejects

    if re.fullmatch(r"[0-9]{1,18}", text):
        return MaxRejects(number=int(text))
    if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,6})?%", text):
        return MaxRejects(percent=Decimal(text[:-1]))
    raise ArgumentTypeError(f"{text!r} is neither a number, such as 100, nor a share, such as 2%")
