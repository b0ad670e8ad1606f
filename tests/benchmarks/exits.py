"""How the process ends: its exit codes, counted over many runs. Arrow has threads, which must not spoil them."""

from collections.abc import Iterator

from ground import GOOD, Bench
from table import Line, Score

RUNS = 200


def lines(bench: Bench) -> Iterator[Line]:
    path = bench.data("shopify", 2000)
    with bench.server() as server:
        for name, argv in {
            "`check`": bench.tool("check", path),
            "`upload`": bench.upload(path, server, "--unlimited", "--limit", "5"),
        }.items():
            other = 0
            for _ in range(RUNS // 2):
                bench.fresh()
                other += bench.run(argv, good=range(-64, 256)).code not in GOOD
            yield Line("Exit codes", name, score=Score(other, "others", most=0), note=f"{RUNS // 2} runs")
