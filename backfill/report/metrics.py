"""A run's figures for Prometheus: a text file that the node exporter's textfile collector reads, and OpenMetrics takes.

It holds counts, sums and times, by Space, mapping and command, and nothing about anybody.
"""

import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from backfill.errors import UsageError
from backfill.event import Verdict
from backfill.report.summary import left_of
from backfill.storage import outputs

_BEGINNING = b"# HELP backfill_"
LABELS = ("space", "mapping", "command", "job")
FIGURES = {  # a gauge's name: the summary's key, and what it is
    "rows": ("rows", "Rows read"),
    "records_without_event": ("without_event", "Records that give no event"),
    "rows_unreadable": ("unreadable", "Rows that could not be read"),
    "events_changed": ("changed", "Events accepted before with another amount, time or identity"),
    "requests": ("requests", "Requests made"),
    "rate_limited": ("rate_limited", "Requests answered 429"),
    "retried": ("retried", "Requests to be tried again"),
    "duration_seconds": ("seconds", "How long the run has taken"),
    "exit_code": ("exit_code", "How the run ended; absent while it goes on"),
}


def metrics_text(summaries: Sequence[dict[str, Any]], *, running: bool = False) -> bytes:
    """The figures of some summaries; keys that one lacks give no sample."""
    from prometheus_client import CollectorRegistry, Gauge
    from prometheus_client.openmetrics.exposition import generate_latest

    registry = CollectorRegistry()

    def gauge(name: str, text: str, *more: str) -> Gauge:
        return Gauge(f"backfill_{name}", text, [*LABELS, *more], registry=registry)

    whens = gauge("last_run_timestamp_seconds", "When these figures were written (Unix time)")
    runs = gauge("running", "1 while the run goes on")
    left = gauge("events_left", "Events that are ready and not sent yet, or were left")
    events = gauge("events", "Events, by verdict", "verdict")
    amounts = gauge("amount", "Sum of the events' amounts, by verdict", "verdict")
    rejects = gauge("rejects", "Rejects, by code", "code")
    plain = {key: gauge(name, text) for name, (key, text) in FIGURES.items()}
    for one in summaries:
        labels = [str(one.get(name) or "") for name in LABELS]
        whens.labels(*labels).set(time.time())
        runs.labels(*labels).set(running and one.get("exit_code") is None)
        if (number := left_of(one)) is not None:
            left.labels(*labels).set(number)
        for verdict in (str(verdict) for verdict in Verdict if str(verdict) in one):
            events.labels(*labels, verdict).set(one[verdict])
            amounts.labels(*labels, verdict).set(float(one.get("amount", {}).get(verdict, 0)))
        for code, number in one.get("codes", {}).items():
            rejects.labels(*labels, code).set(number)
        for key, figure in plain.items():
            if one.get(key) is not None:
                figure.labels(*labels).set(one[key])
    text: bytes = generate_latest(registry)  # type: ignore[no-untyped-call]
    return text


def write_metrics(path: Path, summaries: Sequence[dict[str, Any]], *, running: bool = False) -> None:
    """Write the figures. Whoever might read the file that was there may read the new one. Raises UsageError."""
    data = metrics_text(summaries, running=running)
    try:
        outputs.replace(path, lambda file: file.write(data), _readers(path))
    except OSError as error:
        raise UsageError(f"--metrics {path}: can't be written ({error.strerror})") from None


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(len(_BEGINNING))


def _readers(path: Path) -> int:
    """The file's mode: private, unless somebody has let others read it, as a collector."""
    with suppress(OSError):
        return outputs.PRIVATE | path.stat().st_mode & 0o044
    return outputs.PRIVATE


def write_refusal(path: Path, about: dict[str, Any], code: int) -> None:
    """Write that nothing was begun; where that can't be written, no second error is shown.

    What was to be read is not always known by then, so of the files that are there only figures are replaced.
    """
    with suppress(UsageError, OSError, ValueError):
        if not path.is_file() or _start(path) in (_BEGINNING, b""):
            write_metrics(path, [{**about, "exit_code": code}])
