"""The lock of a Space: one run at a time on this machine. One whose holder died is free."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import Timeout

from backfill.errors import SpaceHeld, StateError
from backfill.storage.file_lock import locked
from backfill.storage.handles import refuse_crowd
from backfill.storage.outputs import replace
from backfill.storage.private import make_folder, read_private


@contextmanager
def lock(path: Path, space: str) -> Iterator[None]:
    """Hold the Space while the body runs. Raises SpaceHeld, saying who holds it and since when."""
    with ExitStack() as held:
        try:
            make_folder(path.parent)
            held.enter_context(locked(path, 0))
        except Timeout:
            raise SpaceHeld(f"space {space}: held by {_holder(path)}; wait for it or stop it") from None
        except OSError as error:
            refuse_crowd(path)
            raise StateError(f"{path}: can't be locked ({error.strerror}); name another --state") from None
        try:
            with suppress(OSError):  # only information for the run that is kept out: the lock holds without it
                card = json.dumps({"pid": os.getpid(), "since": time.strftime("%Y-%m-%d %H:%M:%S")})
                replace(_card(path), lambda file: file.write(card.encode()))
            yield
        finally:
            with suppress(OSError):
                _card(path).unlink(missing_ok=True)


def _card(path: Path) -> Path:
    return path.with_suffix(".holder")


def _holder(path: Path) -> str:
    try:
        card = json.loads(read_private(_card(path)))
        return f"process {int(card['pid'])} since {datetime.fromisoformat(card['since'])}"
    except (ValueError, KeyError, TypeError, RecursionError):
        return "another run"
