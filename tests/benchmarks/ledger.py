"""What the ledger costs an upload, and how soon a file that was sent is recognised."""

import json
from collections.abc import Iterator
from statistics import median

from ground import Bench
from table import Line, Score
from trial import Trial, middle


def lines(bench: Bench) -> Iterator[Line]:
    yield from _entries(bench)
    yield from _again(bench)


def _entries(bench: Bench) -> Iterator[Line]:
    rates: dict[str, list[float]] = {"with": [], "without": []}
    path = bench.data("lean", bench.events)
    with bench.server() as server:
        argv = bench.upload(path, server, "--unlimited", "--workers", "32")
        without = [*bench.baseline("without_ledger"), *argv[3:]]
        for _ in range(bench.runs):
            for name, command in (("with", argv), ("without", without)):
                bench.fresh()
                bench.run(command)
                rates[name].append(server.rate())
    share = 100 * (1 - median(rates["with"]) / median(rates["without"]))
    note = f"{median(rates['with']):,.0f} requests/s with it, {median(rates['without']):,.0f} without"
    yield Line("Ledger", "its share of an unpaced upload", score=Score(share, "%", most=10), note=note)


def _again(bench: Bench) -> Iterator[Line]:
    """A file that was sent whole: checked as if it was not sent, checked as it is, and uploaded again, in turn."""
    path = bench.data("lean", bench.rows)
    new: list[Trial] = []
    checks: list[Trial] = []
    again: list[Trial] = []
    with bench.server() as server:
        bench.fresh()
        bench.run(bench.upload(path, server, "--unlimited"))
        server.arrivals()
        unknown = [str(bench.work / "none") if word == "state" else word for word in bench.tool("check", path)]
        for _ in range(bench.runs):
            new.append(bench.run(unknown))
            checks.append(bench.run([*bench.tool("check", path), "--base-url", server.url]))
            again.append(bench.run(bench.upload(path, server, "--unlimited")))
        sent = len(server.arrivals())
    check, upload, first = middle(checks), middle(again), middle(new)
    known = json.loads(upload.out)["already"]
    title = f"Re-run of a file that was sent, lean csv: {bench.rows:,} rows"
    yield Line(title, "`check`", check, Score(check.wall / first.wall, "x"), "of a check before anything was sent")
    score = Score(upload.wall / check.wall, "x", most=bench.bound(1.25, 1.4))
    yield Line(title, "`upload` again", upload, score, f"{known:,} already")
    yield Line(title, "events sent again", score=Score(sent, "events", most=0))
