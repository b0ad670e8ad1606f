"""Many Spaces in one process: how many of their slots are used, and what it takes.

    python tests/benchmarks/spaces.py --spaces 50 --minutes 3

Starts the sandbox in a process of its own (a key a Space, 1000 requests a minute each, 200 ms latency), writes a file a
Space, runs `backfill jobs` over them and prints, of the minutes in which all Spaces are sent to: the share of 1000 a
minute that arrived, a Space and in all, answers of 429, processor time of the sending process as a share of one core,
and its memory. With --extra N, a job of that many rows is surveyed for one more Space meanwhile.
"""

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import Any

from backfill.sandbox import SandboxThread

MAPPING = """
mapping: 1
name: small
events:
  - event_name: purchase
    fields: {order_id: Order, email: Email, full_name: Name, amount: Total, event_time: When}
"""
ROW = "{space}-{n},person{n}@example.com,Person Number {n},{n}.50,2024-05-01T10:00:00Z\n"
EVENT = "Order,Email,Name,Total,When\n"


def serve(pipe: Connection, names: list[str], latency: float) -> None:
    """Act as the API until a message says stop; then send the time, Space and status of each request."""
    with SandboxThread(keys={f"key-{name}": name for name in names}, rate=1000, latency=latency) as sandbox:
        pipe.send(sandbox.url)
        pipe.recv()
        pipe.send([(arrival.wall, arrival.space, arrival.status) for arrival in sandbox.arrivals])


def write_plan(folder: Path, names: list[str], rows: int, extra: int) -> Path:
    (folder / "small.yaml").write_text(MAPPING)
    jobs = []
    for name in names:
        number = extra if name == "extra" else rows
        with (folder / f"{name}.csv").open("w") as file:
            file.write(EVENT)
            file.writelines(ROW.format(space=name, n=n) for n in range(number))
        jobs.append(f"  - {{files: {name}.csv, space: {name}}}")
    plan = folder / "plan.yaml"
    plan.write_text("\n".join(["plan: 1", "defaults: {mapping: small.yaml}", "jobs:", *jobs, ""]))
    return plan


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> dict[str, float]:
    """Memory now and at most, in MiB."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return {name: int(lines[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM")}


def measure(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    names = [f"space{n:02d}" for n in range(given.spaces)] + (["extra"] if given.extra else [])
    plan = write_plan(folder, names, round(given.minutes * 1000) + 300, given.extra)
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs, names, given.latency / 1000))
    server.start()
    url = ours.recv()
    keys = {f"COMETLY_API_KEY_{name.upper()}": f"key-{name}" for name in names}
    words = [sys.executable, "-m", "backfill", "jobs", str(plan), "--state", str(folder / "state"), "--base-url", url]
    began = time.time()
    process = subprocess.Popen(
        [*words, "--json"],
        env={**os.environ, **keys, "HOME": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=(folder / "log").open("w"),
    )
    samples = []
    while process.poll() is None and time.time() - began < given.minutes * 60 + 120:
        samples.append((time.time(), processor_seconds(process.pid), resident(process.pid)))
        time.sleep(1)
    process.terminate()
    process.wait()
    ours.send("stop")
    arrivals = ours.recv()
    server.join()
    return judge(arrivals, samples, began)


def judge(arrivals: list[tuple[float, str, int]], samples: list[Any], began: float) -> dict[str, Any]:
    times = defaultdict(list)
    for at, space, _ in arrivals:
        times[space].append(at)
    begins = {space: min(found) for space, found in times.items()}
    start, end = max(begins.values()), min(max(found) for space, found in times.items() if space != "extra")
    shares = {
        space: sum(start <= at < end for at in found) / ((end - start) * 1000 / 60) for space, found in times.items()
    }
    within = [sample for sample in samples if start <= sample[0] <= end]
    used = (within[-1][1] - within[0][1]) / (within[-1][0] - within[0][0])
    return {
        "spaces": len(times),
        "seconds measured": round(end - start, 1),
        "first request after s": round(min(begins.values()) - began, 1),
        "all sent to after s": round(start - began, 1),
        "slots used % (least, median, most)": [
            round(100 * value, 2) for value in (min(shares.values()), median(shares.values()), max(shares.values()))
        ],
        "requests a second": round(sum(start <= at < end for at, *_ in arrivals) / (end - start), 1),
        "answers": dict(Counter(status for *_, status in arrivals)),
        "processor % of one core": round(100 * used, 1),
        "processor % of one core, a space": round(100 * used / len(times), 2),
        "memory MiB (then, at most)": [round(within[-1][2]["VmRSS"], 1), round(samples[-1][2]["VmHWM"], 1)],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spaces", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--latency", type=float, default=200.0, metavar="MS")
    parser.add_argument("--extra", type=int, default=0, metavar="ROWS")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="backfill-spaces-") as folder:
        print(json.dumps(measure(given, Path(folder)), indent=1))


if __name__ == "__main__":
    main()
