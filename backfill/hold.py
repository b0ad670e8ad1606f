"""A hold on a Space: one run at a time on this machine. A holder that died holds nothing."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from backfill.errors import SpaceHeld, StateError


@contextmanager
def hold(path: Path, space: str) -> Iterator[None]:
    """Hold the Space while the body runs. Raises SpaceHeld, saying who holds it and since when."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(path, timeout=0, mode=0o600, thread_local=False)
        lock.acquire()
    except Timeout:
        raise SpaceHeld(f"space {space}: held by {_holder(path)}; wait for it or stop it") from None
    except OSError as error:
        raise StateError(f"{path}: can't be locked ({error.strerror}); name another --state") from None
    except NotImplementedError:
        raise StateError(f"{path}: can't be locked on this file system; name another --state") from None
    try:
        with suppress(OSError):  # a courtesy to whom it keeps out: the lock holds without it
            _card(path).write_text(json.dumps({"pid": os.getpid(), "since": time.strftime("%Y-%m-%d %H:%M:%S")}))
        yield
    finally:
        with suppress(OSError):
            _card(path).unlink(missing_ok=True)
        lock.release()


def _card(path: Path) -> Path:
    return path.with_suffix(".holder")


def _holder(path: Path) -> str:
    try:
        card = json.loads(_card(path).read_text())
        return f"process {card['pid']} since {card['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another run"
