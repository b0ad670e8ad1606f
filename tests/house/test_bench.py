"""The benchmarks run from end to end, and a broken bound is shown. What they measure is not tested here."""

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"
sys.path.append(str(FOLDER))

from check import LOOP, OURS, PYDANTIC, contest  # noqa: E402
from ground import Bench  # noqa: E402
from table import HEADS, Line, Score, markdown, plain  # noqa: E402


@pytest.mark.parametrize(
    ("score", "kept"),
    [
        (Score(1.5, "x", least=1.5), True),
        (Score(1.49, "x", least=1.5), False),
        (Score(350, "MiB", most=350), True),
        (Score(351, "MiB", most=350), False),
        (Score(0.1, "x"), True),
    ],
)
def test_a_bound_is_kept_or_broken(score: Score, kept: bool) -> None:
    line = Line("Title", "name", score=score)
    assert line.broken is not kept
    assert ("BROKEN" in plain([line])) is not kept
    assert ("BROKEN" in markdown([line])) is not kept


def test_every_line_of_the_markdown_table_has_as_many_cells() -> None:
    written = markdown([Line("One", "a", score=Score(2, "x")), Line("One", "b"), Line("Two", "c", note="why")])
    assert {row.count("|") for row in written.splitlines()} == {len(HEADS) + 1}


def test_a_baseline_makes_the_same_events_of_the_same_file(tmp_path: Path) -> None:
    with Bench(tmp_path / "bench", rows=300, runs=1, events=0, seconds=0) as bench:
        lines = list(contest(bench, "shopify", bench.data("shopify")))
    assert {line.name for line in lines} >= {OURS, PYDANTIC, LOOP}
    assert not [line for line in lines if "events, ours" in line.note]


def test_the_benchmarks_run_from_end_to_end() -> None:
    folder = FOLDER.parents[1] / ".bench"
    before = set(folder.glob("run-*"))  # another benchmark may be running
    run = subprocess.run(
        [sys.executable, str(FOLDER / "bench.py"), "upload", "--runs", "1", "--events", "150"],
        capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "failed" not in run.stdout
    assert all(name in run.stdout for name in ("aiohttp, 32 workers", "requests", "`backfill upload`"))
    assert set(folder.glob("run-*")) <= before


def test_an_unknown_section_is_reported() -> None:
    run = subprocess.run([sys.executable, str(FOLDER / "bench.py"), "weather"], capture_output=True, text=True)
    assert run.returncode == 2
    assert "no section weather" in run.stderr
