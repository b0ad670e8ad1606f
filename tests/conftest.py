"""What every test gets: a place of its own, signals as they were, and Hypothesis' settings."""

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from place import Place

from backfill.run.signals import restoring

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or each of hundreds of processes compiles everything again
sys.dont_write_bytecode = False
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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread the tests that mostly wait among those that compute: a worker that only waits leaves a core idle."""
    waiting = {item for item in items if item.path.parent.name == "upload" or item.path.name == "test_jobs.py"}
    every = 0.8 * len(items) / (len(waiting) or 1)  # the last ones compute: a long wait at the end is waited for alone
    places = {item: number * every for number, item in enumerate(item for item in items if item in waiting)}
    numbers = {item: number for number, item in enumerate(items)}
    items.sort(key=lambda item: places.get(item, numbers[item]))


def pytest_collection_finish() -> None:
    """Spare the search for reference cycles the four thousand tests that stay until the end: a twelfth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
