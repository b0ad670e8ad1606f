"""Hosts race for one Space, with one ledger in PostgreSQL: killed, frozen, cut off, the database restarted.

    python tests/takeovers.py 200

Two hosts, and where PgBouncer is installed a third one behind it, in transaction mode with one connection.

Proves after every fault that the ledger knows the key of all that the server has; and after every round: nothing is
lost, no order was accepted under two keys, none is counted as accepted by two runs, nothing was sent again but what was
in flight or not yet committed at a fault, no two sent at once, and no 60 seconds held more than the rate.
"""

import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack, suppress
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parent / "support"))

from crash import MAPPING, ROOT
from postgres import POOLER, PostgresServer

from backfill.ledger.home import shared_ledgers
from backfill.ledger.unsettled import unsettled
from backfill.sandbox import SandboxThread, busiest
from backfill.space import address_of

LATENCY = (0.02, 0.15)
ROUND = 0.5  # seconds between two commits
# How a host may end: done; no database at its start, or for too long; the other has the Space; killed.
FINE = {0, 2, 4, 6, -signal.SIGKILL}


class Line:
    """A line to the database that can be cut: what is on it is held back, then delivered late, or never."""

    def __init__(self, port: int):
        self._port = port
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self.open = threading.Event()
        self.open.set()
        self._ends: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._begin(self._accept)

    def _begin(self, act: Callable[..., None], *given: socket.socket) -> None:
        self._threads.append(threading.Thread(target=act, args=given, daemon=True))
        self._threads[-1].start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._server.accept()
                try:
                    there = socket.create_connection(("127.0.0.1", self._port))
                except OSError:
                    here.close()
                    continue
                self._ends |= {here, there}
                for source, target in ((here, there), (there, here)):
                    self._begin(self._carry, source, target)

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                self.open.wait()
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._ends.discard(source)
        source.close()

    def drop(self) -> None:
        """Break every connection: what is held back is lost."""
        for end in list(self._ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.open.set()
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        for thread in self._threads[:1]:
            thread.join()
        self._server.close()
        self.drop()
        for thread in self._threads:
            thread.join()


class Host:
    """A host with a folder and a line of its own; its command is started again and again until all is sent."""

    def __init__(self, folder: Path, name: str, sandbox: SandboxThread, port: int):
        self.folder, self.name, self.sandbox = folder / name, name, sandbox
        self.folder.mkdir()
        self.line = Line(port)
        self.frozen_until = 0.0
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        words = (
            "upload",
            "../orders.csv",
            "-m",
            "../crash.yaml",
            "--yes",
            "--json",
            "--key-rotated",  # each host has a key of its own, by which the sandbox knows it
            "--wait",
            "600",
            "--patience",
            "20",
        )
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("COMETLY", "BACKFILL"))}
        more = {
            "COMETLY_API_KEY": self.name,
            "COMETLY_API_URL": self.sandbox.url,
            "PYTHONPATH": str(ROOT),
            "HOME": str(self.folder),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "BACKFILL_LEDGER": f"postgresql://backfill@127.0.0.1:{self.line.port}/postgres",
        }
        with (self.folder / "said").open("a") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "backfill", *words],
                cwd=self.folder, env={**kept, **more}, stdout=subprocess.DEVNULL, stderr=said, text=True,
            )  # fmt: skip

    def tend(self) -> bool:
        """Wake it, or start it again, where it is time; return whether it is done."""
        if self.frozen_until and time.monotonic() >= self.frozen_until:
            self.frozen_until = 0.0
            self.line.open.set()
            self.send(signal.SIGCONT)
        if self.process is not None and (code := self.process.poll()) is not None:
            assert code in FINE, (code, (self.folder / "said").read_text()[-2000:])
            if code == 0:
                return True
            self.process = None
        if self.process is None:
            self.start()
        return False

    def send(self, signum: int) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.send_signal(signum)

    def close(self) -> None:
        self.send(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()
        self.line.close()


class Race:
    """A host for each port of the database; one file, one Space."""

    def __init__(
        self, folder: Path, sandbox: SandboxThread, database: PostgresServer, ports: list[int], orders: int, seed: int
    ):
        lines = [f"A{n},p{n}@example.com,{n % 90 + 1}.50,2024-05-{n % 28 + 1:02d}T10:00:00Z" for n in range(orders)]
        (folder / "orders.csv").write_text("\n".join(["Order,Email,Total,When", *lines, ""]), encoding="utf-8")
        (folder / "crash.yaml").write_text(MAPPING, encoding="utf-8")
        self.chance, self.sandbox, self.database, self.orders = random.Random(seed), sandbox, database, orders
        self.hosts = [Host(folder, f"host{number}", sandbox, port) for number, port in enumerate(ports)]
        self.faults: list[float] = []
        self.did: dict[str, int] = defaultdict(int)

    def run(self, faults: int) -> None:
        """Let them race until all are done, with so many faults on the way, most of them while requests come."""
        again, patient = time.monotonic() + 1, time.monotonic() + 60
        deadline = time.monotonic() + 240 + 60 * faults
        while {host.tend() for host in self.hosts} != {True}:
            now = time.monotonic()
            assert now < deadline, "it does not come to an end"
            arrivals = self.sandbox.arrivals
            amid = bool(arrivals) and now - arrivals[-1].at < 0.05
            if sum(self.did.values()) < faults and now >= again and (amid or now >= patient):
                self.fault()
                again, patient = time.monotonic() + self.chance.uniform(0.2, 4), time.monotonic() + 20
            time.sleep(0.01)

    def fault(self) -> None:
        what = self.chance.choice(("kill", "kill", "freeze", "freeze", "cut", "drop", "crash", "restart"))
        host = self._holder() if self.chance.random() < 0.8 else self.chance.choice(self.hosts)
        if host.frozen_until:
            return
        self.faults.append(time.monotonic())
        self.did[what] += 1
        if what == "kill":
            host.send(signal.SIGKILL)
        elif what in ("freeze", "cut"):
            host.frozen_until = time.monotonic() + self.chance.uniform(0.1, 8)
            host.send(signal.SIGSTOP) if what == "freeze" else host.line.open.clear()
        elif what == "drop":
            host.line.drop()
        else:
            self.database.stop("immediate" if what == "crash" else "fast")
            self.database.start()
            self.faults.append(time.monotonic())
        self.prove_known()

    def prove_known(self) -> None:
        """Check that of all that the server has, the ledger knows the key, accepted or without an answer."""
        there = {event.body["idempotency_key"] for event in self.sandbox.events}
        known = self.database.rows("SELECT key FROM backfill.attempts UNION SELECT key FROM backfill.accepted")
        assert there <= {key for (key,) in known}, "the ledger knows nothing of what was sent"

    def _holder(self) -> Host:
        """The host that sends: faults hurt it most."""
        who = [str(who) for (who,) in self.database.rows("SELECT who FROM backfill.leases")]
        mine = [host for host in self.hosts if host.process and who and who[0].endswith(f" {host.process.pid}")]
        return mine[0] if mine else self.hosts[0]

    def prove(self, lease: float, permit: float) -> int:
        """Check what the server saw, and the ledger; return how many events were sent again."""
        arrivals = self.sandbox.arrivals
        kept = [event.body["order_id"] for event in self.sandbox.events]
        assert sorted(kept) == sorted(f"A{n}" for n in range(self.orders)), "an order was lost, or kept twice"
        known = dict(self.database.rows("SELECT key, run FROM backfill.accepted"))
        assert known.keys() == {f"purchase:A{n}" for n in range(self.orders)}, "the ledger lacks an order"
        with shared_ledgers(self.database.url).look(address_of(self.sandbox.url), "default") as ledger:
            assert not [run.number for run in ledger.runs() if unsettled(ledger, run)], "all is known, and one says no"
            for run in ledger.runs():
                counted, owned = run.summary.get("accepted", 0), list(known.values()).count(run.number)
                assert counted <= owned, f"run {run.number} counts {counted} accepted, and {owned} are its own"
        assert busiest([arrival.at for arrival in arrivals]) <= 1000
        came = defaultdict(list)
        for arrival in arrivals:
            assert arrival.body is not None
            came[arrival.body["idempotency_key"]].append(arrival.at)
        assert came.keys() == known.keys(), "an order was sent under two keys"
        unsure = permit + 2 * ROUND + LATENCY[1]
        for key, times in came.items():
            for before, after in pairwise(times):
                near = [at for at in self.faults if before - unsure <= at <= before + 2 * ROUND + LATENCY[1] + 0.3]
                assert near, f"{key} was sent again after {after - before:.1f} s, and no fault was near its first time"
        self._prove_one_at_a_time(lease - permit)
        return sum(len(times) - 1 for times in came.values())

    def _prove_one_at_a_time(self, seconds: float) -> None:
        """A host that sends, another, and the first again: not sooner than a lease outlives a permit."""
        last: dict[str | None, float] = {}
        for before, arrival in pairwise(sorted(self.sandbox.arrivals, key=lambda one: one.at)):
            last[before.key] = before.at
            if arrival.key != before.key and arrival.key in last:
                gone = arrival.at - last[arrival.key]
                assert gone >= seconds - LATENCY[1], f"two sent at once: {arrival.key} again after {gone:.2f} s"

    def close(self) -> None:
        for host in self.hosts:
            host.close()


def race(
    folder: Path,
    faults: int,
    orders: int,
    seed: int,
    lease: float = 4.0,
    permit: float = 1.5,
    pooler: str | None = None,
) -> str:
    """One race; return what it did, in a sentence."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with ExitStack() as stack:
        database = PostgresServer(port)
        stack.callback(database.close)
        with shared_ledgers(database.url).open("http://127.0.0.1:1", "first"):
            pass  # the tables are made
        database.rows("UPDATE backfill.meta SET value = %s WHERE name = 'lease'", str(lease))
        database.rows("UPDATE backfill.meta SET value = %s WHERE name = 'permit'", str(permit))
        ports = [port, port]
        if pooler is not None:
            pooled = urlsplit(stack.enter_context(database.pooled(pooler))).port
            assert pooled is not None
            ports.append(pooled)
        sandbox = stack.enter_context(
            SandboxThread(latency=LATENCY, keys={f"host{number}": "default" for number in range(len(ports))})
        )
        this = Race(folder, sandbox, database, ports, orders, seed)
        try:
            this.run(faults)
            again = this.prove(lease, permit)
        finally:
            this.close()
        terms = len(set(database.rows("SELECT run FROM backfill.accepted")))
        did = ", ".join(f"{number} {what}" for what, number in sorted(this.did.items()))
        hosts = f"{len(ports)} hosts{', one behind PgBouncer' if pooler else ''}"
        return f"{hosts}: {did}; {len(sandbox.arrivals):,} requests by {terms} runs, {again} sent again"


def main(faults: int) -> None:
    """Rounds of 20 faults, each with a new file and a new database."""
    began, done = time.monotonic(), 0
    while done < faults:
        with tempfile.TemporaryDirectory() as folder:
            said = race(Path(folder), min(20, faults - done), 900, seed=done, pooler=POOLER)
        done += min(20, faults - done)
        print(f"{done} faults: {said}: nothing lost or doubled ({time.monotonic() - began:.0f} s)", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
