"""The console: the only place that writes to standard output and standard error; every character is made visible."""

import errno
import json
import os
import stat
import sys
from contextlib import suppress
from typing import Any

from backfill.errors import StateError, visible


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
    """Write a result for programs. JSON escapes all control characters but one. Raises StateError."""
    show(json.dumps(found, indent=indent).replace("\x7f", "\\u007f"))


def tell(line: str) -> None:
    """Write a line to standard error, above a bar if there is one. A terminal that is gone is no reason to stop."""
    with suppress(OSError, ValueError):
        if bars := sys.modules.get("tqdm"):
            bars.tqdm.write(visible(line), file=sys.stderr)
        elif sys.stderr is not None:
            sys.stderr.write(visible(line) + "\n")


def prompt(question: str) -> None:
    """Print a question on standard error; the answer is typed after it."""
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
