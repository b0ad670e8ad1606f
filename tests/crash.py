"""A crash harness: the real command, killed at random moments again and again, with faults on.

    python tests/crash.py 300

Proves after every kill that the ledger knows the key of all that the server has, accepted or without an answer; and
after every round of kills: nothing is lost, no order was accepted under two keys, and after a kill only what was in
flight or accepted in the last second is sent again. Prints what it did.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

from backfill.ledger.home import FolderLedgers
from backfill.ledger.unsettled import unsettled
from backfill.sandbox import Arrival, Fault, SandboxThread, busiest

ROOT = Path(__file__).parents[1]
MAPPING = """
mapping: 1
name: crash
description: Four columns
detect: [Order, Email, Total, When]
events:
  - event_name: purchase
    fields: {order_id: Order, email: Email, amount: Total, event_time: When}
"""
FAULTS = [
    Fault(every=10, status=503),
    Fault(every=11, reset="after"),
    Fault(every=12, reset="before"),
    Fault(every=14, status=500, accept=True),
    Fault(every=31, status=429, retry_after=0),
    Fault(every=17, garbage=b"HTTP/1.1 2"),
]
LATENCY = (0.02, 0.15)
WORKERS = 50  # in flight at most


class Crash:
    """One file of orders, uploaded to a sandbox by a command that is killed."""

    def __init__(self, folder: Path, sandbox: SandboxThread, orders: int, seed: int):
        self.folder, self.sandbox, self.orders = folder, sandbox, orders
        self.chance = random.Random(seed)
        self.kills: list[float] = []
        lines = [f"A{n},p{n}@example.com,{n % 90 + 1}.50,2024-05-{n % 28 + 1:02d}T10:00:00Z" for n in range(orders)]
        (folder / "orders.csv").write_text("\n".join(["Order,Email,Total,When", *lines, ""]), encoding="utf-8")
        (folder / "crash.yaml").write_text(MAPPING, encoding="utf-8")

    def start(self) -> subprocess.Popen[str]:
        words = ("upload", "orders.csv", "-m", "crash.yaml", "--state", "state", "--yes", "--json")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("COMETLY", "BACKFILL"))}
        more = {"COMETLY_API_KEY": "sandbox", "COMETLY_API_URL": self.sandbox.url, "PYTHONPATH": str(ROOT)}
        return subprocess.Popen(
            [sys.executable, "-m", "backfill", *words],
            cwd=self.folder,
            env={**kept, **more, "XDG_STATE_HOME": str(self.folder / "own")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def kill(self) -> None:
        """Start the command and kill it at any moment: while it reads or writes, and mostly while it sends."""
        process = self.start()
        goal, deadline = len(self.sandbox.arrivals) + self.chance.choice([0, 1, 2, 4, 8, 16]), time.monotonic() + 20
        while len(self.sandbox.arrivals) < goal and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.003)
        time.sleep(self.chance.choice([0.0, self.chance.uniform(0.0, 0.15), self.chance.uniform(0.0, 0.6)]))
        self.kills.append(time.monotonic())
        process.kill()
        process.communicate()
        self.prove_known()

    def prove_known(self) -> None:
        """Check that of all that the server has, the ledger knows key and run, accepted or not answered."""
        there = [event.body["idempotency_key"] for event in self.sandbox.events]
        for one in FolderLedgers(self.folder / "state").all():
            with one.look() as ledger:
                lacking = set(there) - ledger.find(there).keys() - set().union(*ledger.attempts().values())
                assert not lacking, f"the ledger knows nothing of {lacking}"
                there = []
        assert not there, "there is no ledger"

    def finish(self) -> dict[str, object]:
        """Let the same command run to its end."""
        out, err = (process := self.start()).communicate(timeout=120)
        assert process.returncode == 0, err
        assert "Traceback" not in err
        summary: dict[str, object] = json.loads(out)
        assert summary["balanced"]
        return summary

    def prove_settled(self) -> None:
        """Check that no run has left anything that a later one had no answer for."""
        for one in FolderLedgers(self.folder / "state").all():
            with one.look() as ledger:
                assert not [run.number for run in ledger.runs() if unsettled(ledger, run)]

    def prove(self) -> int:
        """Check what the server saw; return how many events were accepted more than once, under the same key."""
        arrivals = self.sandbox.arrivals
        kept = [event.body["order_id"] for event in self.sandbox.events]
        assert sorted(kept) == sorted(f"A{n}" for n in range(self.orders)), "an order was lost, or kept twice"
        keys, accepted = defaultdict(set), defaultdict(list)
        for arrival in arrivals:
            assert arrival.body is not None
            keys[arrival.body["order_id"]].add(arrival.body["idempotency_key"])
            if arrival.status == 202:
                accepted[arrival.body["order_id"]].append(arrival.at)
        assert all(len(of_order) == 1 for of_order in keys.values()), "an order was sent under two keys"
        for times in accepted.values():
            for before, after in pairwise(times):
                died = min(kill for kill in self.kills if kill >= before - LATENCY[1])
                assert died <= after, "accepted twice with no kill between"
                assert died - before <= 1 + LATENCY[1], "sent again long after it was accepted"
        assert busiest([arrival.at for arrival in arrivals]) <= 1000
        again = self.sent_again(arrivals)
        assert max(again, default=0) <= WORKERS + 1000 / 60 + 1
        return sum(len(times) - 1 for times in accepted.values())

    def sent_again(self, arrivals: list[Arrival]) -> list[int]:
        """Per kill, the events accepted before it that came again after it."""
        lives = defaultdict(list)
        for arrival in arrivals:
            if arrival.status == 202 and arrival.body is not None:
                lives[arrival.body["order_id"]].append(arrival.at)
        pairs = [pair for times in lives.values() for pair in pairwise(times)]
        return [sum(before <= kill <= after for before, after in pairs) for kill in self.kills]


def crash(folder: Path, kills: int, orders: int, seed: int) -> tuple[int, int, int]:
    """Kill an upload so often and finish it; return kills, requests and events accepted more than once."""
    with SandboxThread(faults=FAULTS, latency=LATENCY) as sandbox:
        this = Crash(folder, sandbox, orders, seed)
        for _ in range(kills):
            this.kill()
        this.finish()
        doubled = this.prove()
        assert this.finish()["already"] == orders
        this.prove_settled()
        return kills, len(sandbox.arrivals), doubled


def main(kills: int) -> None:
    """Rounds of 25 kills, each on a new file. Between rounds, the minute of the Space's pace is not waited for."""
    done = requests = doubled = 0
    began = time.monotonic()
    while done < kills:
        with tempfile.TemporaryDirectory() as folder:
            found = crash(Path(folder), min(25, kills - done), 220, seed=done)
        done, requests, doubled = done + found[0], requests + found[1], doubled + found[2]
        print(
            f"{done} kills, {requests:,} requests: nothing lost, none under two keys, {doubled} sent again "
            f"({time.monotonic() - began:.0f} s)",
            flush=True,
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
