"""Figures for Prometheus: complete, without people, never half a file."""

import math
import time
from pathlib import Path
from typing import Any

import pytest
from guide_pages import named, page, rows, section
from place import Place
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as prometheus

from backfill.errors import UsageError
from backfill.report.metrics import metrics_text, write_metrics
from backfill.sandbox import Fault, SandboxThread


def samples(text: str) -> dict[str, float]:
    """Samples by name and labels, without the three labels that all have; both parsers must agree."""
    found: list[dict[str, float]] = []
    for parse in (openmetrics, prometheus):
        made: dict[str, float] = {}
        for family in parse(text):
            assert family.type == "gauge" and family.documentation
            for sample in family.samples:
                more = sample.labels.get("verdict") or sample.labels.get("code") or ""
                name = f"{sample.name.removeprefix('backfill_')} {more}".strip()
                assert name not in made
                made[name] = sample.value
        found.append(made)
    assert found[0] == found[1]
    return found[0]


def test_an_uploads_figures(place: Place) -> None:
    path = place.folder / "out.prom"
    with SandboxThread(faults=[Fault(every=5, status=422)]) as sandbox:
        found = place.upload(sandbox.url, place.orders(10), metrics=path)
    text = path.read_text()
    made = samples(text)
    assert (made["events accepted"], made["events refused"], made["rejects refused"]) == (8, 2, 2)
    assert (made["rows"], made["exit_code"], made["running"], made["events_left"]) == (10, 3, 0, 0)
    assert math.isclose(made["amount accepted"], float(found["amount"]["accepted"]))
    assert abs(made["last_run_timestamp_seconds"] - time.time()) < 60
    assert "@" not in text and 'space="default",' in text
    assert [one.name for one in place.folder.glob("*.prom*")] == ["out.prom"]


@pytest.mark.parametrize(
    ("files", "key", "code"),
    [("nowhere.csv", "sandbox", 2), ("orders.csv", "", 2), ("orders.csv", "sandbox", 0), ("empty.csv", "sandbox", 2)],
)
def test_a_run_that_is_stopped_has_its_mapping_as_a_label(place: Place, files: str, key: str, code: int) -> None:
    place.orders(2)
    (place.folder / "empty.csv").touch()
    words = ("upload", files, "-m", place.mapping, "--metrics", "out.prom", "--state", "state", "--yes")
    with SandboxThread() as sandbox:
        assert place.command(*words, url=sandbox.url, COMETLY_API_KEY=key).returncode == code
    text = (place.folder / "out.prom").read_text()
    assert 'backfill_exit_code{command="upload",job="",mapping="small",space="default"}' in text


def test_all_spaces_in_one_file() -> None:
    jobs: list[dict[str, Any]] = [
        {"job": 1, "space": "a", "command": "upload", "mapping": "m", "exit_code": 0, "accepted": 5},
        {"job": 2, "space": 'b"\n\\', "command": "upload", "mapping": "m", "exit_code": None},
    ]
    text = metrics_text(jobs, running=True).decode()
    families = {family.name: family for family in openmetrics(text)}
    assert [sample.labels["space"] for sample in families["backfill_running"].samples] == ["a", 'b"\n\\']
    assert [sample.value for sample in families["backfill_running"].samples] == [0, 1]
    assert [sample.labels["space"] for sample in families["backfill_exit_code"].samples] == ["a"]


def test_what_can_not_be_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be written"):
        write_metrics(tmp_path / "no" / "where.prom", [])


def test_figures_are_written_while_it_sends(place: Place) -> None:
    with SandboxThread(latency=0.3) as sandbox:
        process = place.start(
            "upload", place.orders(60), "-m", place.mapping, "--metrics", "out.prom", "--rate", "200", url=sandbox.url
        )
        path = place.folder / "out.prom"
        deadline = time.monotonic() + 120
        while not path.exists():
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.02)
        made = samples(path.read_text())
        assert made["running"] == 1 and "exit_code" not in made
        process.terminate()
        process.communicate(timeout=240)
        made = samples(path.read_text())
        assert (made["running"], made["exit_code"]) == (0, 143)
        assert made["events_left"] == made["events unattempted"]


def test_every_metric_has_its_line() -> None:
    listed = {mark for cell, _ in rows(section("What to alert on", page("nightly"))) for mark in named(cell)}
    full = {"job": 1, "exit_code": 0, "seconds": 1, "rows": 1, "without_event": 0, "unreadable": 0, "changed": 0}
    full |= {"requests": 1, "rate_limited": 0, "retried": 0, "accepted": 1, "codes": {"refused": 1}}
    assert {family.name for family in openmetrics(metrics_text([full]).decode())} == listed
