"""An upload at 1000 a minute and 200 ms of latency: the share of the slots it uses, and what waiting costs."""

from collections.abc import Iterator
from itertools import pairwise
from statistics import mean

from ground import Bench
from table import Line, Score

RATE = 1000
LATENCY = 0.2


def lines(bench: Bench) -> Iterator[Line]:
    wanted = max(60, bench.seconds * RATE // 60)
    path = bench.data("lean", wanted * 5 // 4)  # some rows make no event
    bench.fresh()
    with bench.server(LATENCY) as server:
        before = bench.run(bench.upload(path, server, "--limit", "0"))
        run, times = bench.run(bench.upload(path, server, "--limit", str(wanted))), server.arrivals()
    title = f"Upload at {RATE:,} a minute, {LATENCY * 1000:.0f} ms of latency, {times[-1] - times[0]:.0f} s"
    yield Line(title, "slots used", run, Score(_slots(times), "%", least=99))
    busy = 100 * (run.cpu - before.cpu) / (times[-1] - times[0])
    yield Line(
        title,
        "CPU while sending",
        score=Score(busy, "% of a core", most=2),
        note="beyond the same command with --limit 0",
    )


def _slots(times: list[float]) -> float:
    """The share of the rate that was used, in %: over whole minutes' worth of requests where there are any."""
    if len(times) > RATE:
        return 100 * 60 / mean(later - at for at, later in zip(times, times[RATE:], strict=False))
    return 100 * 60 / RATE / mean(later - at for at, later in pairwise(times))
