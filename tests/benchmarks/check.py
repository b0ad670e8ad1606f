"""`check` compared with other ways to read an export: the whole contract against loops that map, validate and emit."""

import json
from collections.abc import Iterator
from pathlib import Path

from ground import Bench
from table import Line, Score
from trial import Trial

OURS = "`backfill check`"
PYDANTIC = "csv.DictReader + pydantic"
LOOP = "csv.reader or orjson, by hand"
PANDAS = {
    "shopify": "pandas: read_csv(dtype=str, usecols, chunksize)",
    "lean": "pandas: read_csv(dtype=str, usecols, chunksize)",
    "jsonl": "pandas: read_json(lines=True, chunksize)",
}
# How many times our processor time a row-by-row baseline takes at least: of a million rows, and of fewer.
LEAST = {"shopify": (3.1, 1.5), "lean": (2.9, 1.3), "jsonl": (1.1, 0.8)}
PARTS = {  # what a peer leaves out of the job
    "petl": "no duplicates, no reasons",
    "frictionless": "validates only",
    "dlt": "no duplicates; with its own stages",
}


def lines(bench: Bench) -> Iterator[Line]:
    for kind in ("shopify", "lean", "jsonl"):
        yield from contest(bench, kind, bench.data(kind))
    yield from _rejects(bench)
    yield from _peers(bench)


def contest(bench: Bench, kind: str, path: Path) -> Iterator[Line]:
    title = f"Check of {path.suffix[1:]}, {kind}: {bench.rows:,} rows, {path.stat().st_size / 1e6:,.0f} MB"
    commands = {
        OURS: bench.tool("check", path),
        LOOP: bench.baseline("csv_reader_orjson", kind, str(path)),
        PANDAS[kind]: bench.baseline("pandas_read", kind, str(path)),
    }
    pydantic = PYDANTIC if kind != "jsonl" else "json + pydantic"
    if bench.has("pydantic"):
        commands[pydantic] = bench.baseline("dictreader_pydantic", kind, str(path))
    found = bench.contest(commands)
    ours = found[OURS]
    note = f"{bench.rows / ours.wall / 1000:,.0f} k rows/s; the whole contract"
    yield Line(title, OURS, ours, note=note)
    if kind == "jsonl":
        score = Score(ours.cpu / bench.rows * 1e6, "us", most=bench.bound(18.0, 30.0))
        yield Line(title, "an order", score=score, note="processor time, the start of the program in it")
    if pydantic in found:
        yield _line(title, pydantic, found, least=bench.bound(*LEAST[kind]), note="map, validate, emit")
    else:
        yield Line(title, pydantic, note="pydantic is not installed")
    yield _line(title, LOOP, found, note="map, validate, emit")
    yield _line(title, PANDAS[kind], found, least=2.0 if kind == "jsonl" else None, note="reads alone")


def _line(title: str, name: str, found: dict[str, Trial], note: str, least: float | None = None) -> Line:
    """A baseline: its processor time divided by ours, and a note where it made other events of the file."""
    ours, other = json.loads(found[OURS].out), found[name]
    made = json.loads(other.out)["events"] if other.out else ours["ready"]
    if made != ours["ready"]:
        note += f"; {made:,} events, ours {ours['ready']:,}"
    return Line(title, name, other, Score(other.cpu / found[OURS].cpu, "x ours", least=least), note)


def _rejects(bench: Bench) -> Iterator[Line]:
    """A file in which every event is rejected, and the same one as it is."""
    sound, broken = bench.data("shopify"), bench.damaged("shopify")
    found = bench.contest({"as it is": bench.tool("check", sound), "all rejected": bench.tool("check", broken)})
    once, all_ = found["as it is"], found["all rejected"]
    title = f"Check of a csv whose events are all rejected, shopify: {bench.rows:,} rows"
    yield Line(
        title,
        "`backfill check`",
        all_,
        Score(all_.cpu / once.cpu, "x", most=bench.bound(1.9, 1.6)),
        "of the file as it is",
    )
    if json.loads(all_.out)["ready"]:
        yield Line(title, "failed", note="some events were not rejected")


def _peers(bench: Bench) -> Iterator[Line]:
    """Tools that do a part of the job, on a lean file that they finish within a minute."""
    path = bench.data("lean", min(bench.rows, 50_000))
    peers = [name for name in PARTS if bench.has(name)]
    commands = {name: bench.baseline(f"with_{name}", "lean", str(path)) for name in peers}
    found = bench.contest({OURS: bench.tool("check", path)} | commands)
    title = f"Check compared with other tools, lean csv: {min(bench.rows, 50_000):,} rows"
    yield Line(title, OURS, found[OURS])
    for name, leaves in PARTS.items():
        if name not in found:
            yield Line(title, name, note="not installed")
            continue
        yield Line(title, name, found[name], Score(found[name].wall / found[OURS].wall, "x ours"), leaves)
