"""How soon the command is there: its help, a usage error, ten rows."""

from collections.abc import Iterator

from ground import GOOD, Bench
from table import Line, Score


def lines(bench: Bench) -> Iterator[Line]:
    ten = bench.tool("check", bench.data("shopify", 10))
    found = bench.contest({"help": [*ten[:3], "--help"], "check of 10 rows": ten})
    wrong = [bench.run([*ten[:3], "check", "--no-such-option"], good=(2, *GOOD)) for _ in range(bench.runs)]
    usage = sorted(wrong, key=lambda one: one.wall)[len(wrong) // 2]
    title = "Start"
    yield Line(title, "`backfill --help`", found["help"], Score(found["help"].cpu, "s", most=0.15))
    yield Line(title, "a usage error", usage, Score(usage.cpu, "s", most=0.15))
    few = found["check of 10 rows"]
    yield Line(title, "`check` of 10 rows", few, Score(few.cpu, "s", most=1.0))
    yield Line(title, "its memory", few, Score(few.memory / 2**20, "MiB", most=150))
