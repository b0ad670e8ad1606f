"""Memory of `check`: nearly the same for three times the rows."""

from collections.abc import Iterator

from ground import Bench
from table import Line, Score

TIMES = 3


def lines(bench: Bench) -> Iterator[Line]:
    sizes = {f"{rows:,} rows": rows for rows in (bench.rows, bench.rows * TIMES)}
    found = bench.contest({name: bench.tool("check", bench.data("shopify", rows)) for name, rows in sizes.items()})
    (small, once), (large, more) = found.items()
    title, score = "Memory of check, shopify csv", Score(more.memory / once.memory, "x", most=bench.bound(1.2, 1.4))
    yield Line(title, small, once, Score(once.memory / 2**20, "MiB", most=280))
    yield Line(title, large, more, score, "its memory over the first one's")
