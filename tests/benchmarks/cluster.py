"""Many Spaces in one plan over a few workers of a Dask cluster, with one ledger in PostgreSQL.

    python tests/benchmarks/cluster.py --spaces 1000 --workers 4 --orders 60

Starts PostgreSQL, the sandbox (a key a Space, 1000 requests a minute each) and a LocalCluster whose workers have
--threads each, for as many Spaces at a time; runs `backfill jobs --on` over a file a Space, and prints events a second,
processor time by who used it, memory, connections, and whether each order came once and is in the ledger once.
"""

import argparse
import json
import logging
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from distributed import LocalCluster
from ground import ROOT
from hosts import processor_seconds as of_database
from spaces import processor_seconds, resident, serve, write_plan

sys.path.insert(0, str(ROOT / "tests" / "support"))

from postgres import PostgresServer

_BESIDE = "backfill.commands.jobs.engine.beside"


def beside() -> list[int]:
    """The processes beside the workers, which send."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if _BESIDE in path.read_text():
                found.append(int(path.parent.name))
        except OSError:  # it has just ended
            continue
    return found


def measure(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    names = [f"space{n:04d}" for n in range(given.spaces)]
    plan = write_plan(folder, names, given.orders, 0)
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs, names, given.latency / 1000))
    server.start()
    database = PostgresServer(durable=True)
    keys = {f"COMETLY_API_KEY_{name.upper()}": f"key-{name}" for name in names}
    env = {"BACKFILL_LEDGER": database.url, "HOME": str(folder)}
    try:
        url = ours.recv()
        with LocalCluster(
            n_workers=given.workers,
            threads_per_worker=given.threads,
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
            env={**env, **keys},
        ) as cluster:
            words = [sys.executable, "-m", "backfill", "jobs", str(plan), "--base-url", url, "--yes", "--json"]
            on = f"dask://{cluster.scheduler_address.removeprefix('tcp://')}"
            before, began = of_database(database), time.time()
            with (folder / "log").open("w") as log, (folder / "out").open("w") as out:
                process = subprocess.Popen([*words, "--on", on], env={**os.environ, **env}, stdout=out, stderr=log)
                used, most, connections = {}, {}, 0
                while process.poll() is None:
                    for pid in beside():
                        try:
                            used[pid], most[pid] = processor_seconds(pid), resident(pid)["VmHWM"]
                        except OSError:
                            continue
                    query = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'backfill %%' GROUP BY "
                    found = database.rows(f"{query} application_name")
                    connections = max([connections, *(int(str(one)) for (one,) in found)])
                    time.sleep(1)
            seconds = time.time() - began
        ours.send("stop")
        arrivals = ours.recv()
        accepted = int(str(database.rows("SELECT count(*) FROM backfill.accepted")[0][0]))
        summary = json.loads((folder / "out").read_text())
        first, last = min(at for at, *_ in arrivals), max(at for at, *_ in arrivals)
        return {
            "spaces": len({space for _, space, _ in arrivals}),
            "workers": given.workers,
            "Spaces at a time": given.workers * given.threads,
            "exit code": process.returncode,
            "accepted": summary["totals"]["accepted"],
            "in the ledger": accepted,
            "requests": len(arrivals),
            "tried again": summary["totals"]["retried"],
            "workers lost": (folder / "log").read_text().count("its worker was lost"),
            "answers": dict(Counter(status for *_, status in arrivals)),
            "seconds, all": round(seconds, 1),
            "seconds, first to last request": round(last - first, 1),
            "requests a second": round(len(arrivals) / (last - first), 1),
            "CPU of the senders, s": round(sum(used.values()), 1),
            "CPU of the database, s": round(of_database(database) - before, 1),
            "memory of a sender, MiB": [round(least) for least in sorted(most.values())],
            "connections a process, at most": connections,
        }
    finally:
        database.close()
        server.terminate()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spaces", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--threads", type=int, default=25, help="of each worker: Spaces at a time (25)")
    parser.add_argument("--orders", type=int, default=60)
    parser.add_argument("--latency", type=float, default=200.0, metavar="MS")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="backfill-cluster-") as folder:
        print(json.dumps(measure(given, Path(folder)), indent=1))


if __name__ == "__main__":
    main()
