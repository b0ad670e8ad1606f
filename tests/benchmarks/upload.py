"""`upload` without a rate, from the first to the last arrival, compared with loops that only post."""

from collections.abc import Iterator
from statistics import median

from ground import Bench, Server
from table import Line, Score
from trial import Trial, middle

OURS = "`backfill upload`"
BARE = "aiohttp, 32 workers, ready-made bodies"
REQUESTS = {  # the baselines' names, and a share of the events: they are slow
    "requests, a pool of 32 threads": ("requests_threads", 4),
    "requests.Session, one by one": ("requests_session", 4),
}


def lines(bench: Bench) -> Iterator[Line]:
    with bench.server() as server:
        rates, trials = _measure(bench, server, _commands(bench, server))
    title = f"Upload, no rate, no latency: {bench.events:,} events to a server on the other core"
    ours = median(rates[OURS])
    for name, rate in rates.items():
        note = f"{median(rate):,.0f} requests/s"
        if name == OURS:
            continue
        share = Score(100 * ours / median(rate), "% of it", least=85 if name == BARE else None)
        yield Line(title, name, trials[name], share if name == BARE else Score(ours / median(rate), "x by ours"), note)
    yield Line(title, OURS, trials[OURS], note=f"{ours:,.0f} requests/s; ledger and verdicts on, wall with its check")
    if not bench.has("requests"):
        yield Line(title, "requests", note="not installed")


def _commands(bench: Bench, server: Server) -> dict[str, list[str]]:
    commands = {
        BARE: bench.baseline("aiohttp_loop", server.url + "/events", str(bench.events)),
        OURS: bench.upload(bench.data("lean", bench.events), server, "--unlimited", "--workers", "32"),
    }
    if bench.has("requests"):
        for name, (script, part) in REQUESTS.items():
            commands[name] = bench.baseline(script, server.url + "/events", str(bench.events // part))
    return commands


def _measure(
    bench: Bench, server: Server, commands: dict[str, list[str]]
) -> tuple[dict[str, list[float]], dict[str, Trial]]:
    """Each command's rates at the server, and its trials' medians."""
    rates: dict[str, list[float]] = {name: [] for name in commands}
    trials: dict[str, list[Trial]] = {name: [] for name in commands}
    for _ in range(bench.runs):
        for name, argv in commands.items():
            bench.fresh()
            trials[name].append(bench.run(argv))
            rates[name].append(server.rate())
    return rates, {name: middle(found) for name, found in trials.items()}
