"""What every test gets: a place of its own, signals as they were, and Hypothesis' settings."""

import gc
import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from place import Place

from backfill.run.signals import restoring

MEMORY = Path("/dev/shm")
ROOM = 2 << 30  # bytes; the folders of tests that have passed are gone at once, and those of a run are a tenth of it
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or each of hundreds of processes compiles everything again
sys.dont_write_bytecode = False
# Where there is room in memory, that is the disk of the tests: a ledger waits for a real one a hundred times an upload.
if MEMORY.is_dir():
    _room = os.statvfs(MEMORY)
    if _room.f_bavail * _room.f_frsize > ROOM and not _room.f_flag & os.ST_NOEXEC:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
# A slow machine is no error, so there is no deadline. Every run draws other examples: few a run are many in time.
settings.register_profile("house", deadline=None, max_examples=15)
settings.load_profile("house")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    for name in ("HOME", "XDG_STATE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    for name in [name for name in os.environ if name.startswith(("COMETLY", "BACKFILL"))]:
        monkeypatch.delenv(name)
    return Place(tmp_path)


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    """A command that ends in this process ignores signals from then on; what a later test starts would inherit that."""
    with restoring():
        yield


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes after their argument: compressed ones hold today's time, and every worker must collect the same."""
    return argname if isinstance(val, bytes) else None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect tests without a search for reference cycles: nearly all that is made meanwhile stays."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread the tests that mostly wait among those that compute: a worker that only waits leaves a core idle."""
    waiting = {item for item in items if item.path.parent.name == "upload" or item.path.name == "test_jobs.py"}
    every = 0.8 * len(items) / (len(waiting) or 1)  # the last ones compute: a long wait at the end is waited for alone
    places = {item: number * every for number, item in enumerate(item for item in items if item in waiting)}
    numbers = {item: number for number, item in enumerate(items)}
    items.sort(key=lambda item: places.get(item, numbers[item]))


def pytest_collection_finish() -> None:
    """Spare the search for reference cycles the thousands of tests that stay until the end: a twelfth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
