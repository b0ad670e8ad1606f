"""A place to run the command in: a folder of its own for orders, state and whatever the run writes."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from warm import Started, own_terminal

from backfill.commands.upload import upload
from backfill.run.options import Options
from backfill.sandbox import Arrival, SandboxThread

Running = Started | subprocess.Popen[str]

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "backfill"
MAPPING = """
mapping: 1
name: small
description: Four columns
detect: [Order, Email, Total, When]
events:
  - event_name: purchase
    fields: {order_id: Order, email: Email, amount: Total, event_time: When}
"""


@dataclass
class Place:
    folder: Path
    options: dict[str, Any] = field(default_factory=dict)  # of every upload here

    @property
    def mapping(self) -> str:
        path = self.folder / "small.yaml"
        path.write_text(MAPPING, encoding="utf-8")
        return str(path)

    def orders(self, number: int, first: int = 0, name: str = "orders.csv") -> str:
        """Write that many orders, A0 and so on."""
        lines = [f"A{n},p{n}@example.com,{n % 90 + 1}.50,2024-05-{n % 28 + 1:02d}T10:00:00Z" for n in range(number)]
        path = self.folder / name
        path.write_text("\n".join(["Order,Email,Total,When", *lines[first:], ""]), encoding="utf-8")
        return str(path)

    def upload(self, url: str, *files: str, key: str = "sandbox", **options: Any) -> dict[str, Any]:
        """Run an upload in this process; return its summary, or the exit code alone where it wrote none."""
        summary = self.folder / "summary.json"
        summary.unlink(missing_ok=True)
        given: dict[str, Any] = {"mapping": self.mapping, "state": self.folder / "state", "patience": 60.0}
        given |= self.options | options
        argv = ("backfill", "upload", *files)
        code = upload(Options.of("upload", files, argv, base_url=url, api_key=key, summary=summary, **given))
        found = json.loads(summary.read_text(encoding="utf-8")) if summary.exists() else {"exit_code": code}
        assert found["exit_code"] == code
        assert found.get("balanced", True)
        return dict(found)

    def environment(self, url: str = "", **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("COMETLY", "BACKFILL"))}
        sending = {"COMETLY_API_URL": url, "COMETLY_API_KEY": "sandbox"} if url else {}
        return {**kept, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error", **sending, **more}

    def command(self, *words: str, url: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the real command to its end."""
        ran = self.start(*words, url=url, env=environment)
        out, err = ran.communicate(timeout=240)
        assert ran.returncode is not None
        return subprocess.CompletedProcess(words, ran.returncode, out, err)

    def start(self, *words: str, url: str = "", env: dict[str, str] | None = None, **options: Any) -> Running:
        """Start the real command."""
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        given = self.environment(url, **(env or {}))
        if sys.platform == "linux" and not any(name.startswith(("PYTHON", "LANG", "LC_")) for name in env or {}):
            return Started([*words], self.folder, given, **options)
        if options.get("start_new_session"):
            options["preexec_fn"] = own_terminal
        return subprocess.Popen(
            [sys.executable, "-m", "backfill", *words], cwd=self.folder, env=given, text=True, **options
        )


def ledger_of(folder: Path) -> Path:
    return next((folder / "state").rglob("*.sqlite"))


def accepted_in(folder: Path) -> set[str]:
    with closing(sqlite3.connect(ledger_of(folder))) as db:
        return {key for (key,) in db.execute("SELECT key FROM accepted")}


def attempted_in(folder: Path) -> set[str]:
    """The keys that the API may have, for all that the ledger knows."""
    with closing(sqlite3.connect(ledger_of(folder))) as db:
        return {key for (key,) in db.execute("SELECT key FROM attempts") if key}


def wait_for(met: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + 120
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def until(sandbox: SandboxThread, number: int, process: Running | None = None) -> None:
    """Wait until that many requests came, of a process that goes on."""

    def came() -> bool:
        assert process is None or len(sandbox.arrivals) >= number or process.poll() is None, process.communicate()
        return len(sandbox.arrivals) >= number

    wait_for(came)


def ended_by_signals(process: Running, signum: int = signal.SIGINT) -> tuple[str, str]:
    """Send a signal until the process ends, and return what it wrote. A busy process may see two signals as one."""
    deadline = time.monotonic() + 20  # seconds; a process that hangs in these tests hangs for longer
    while process.poll() is None and time.monotonic() < deadline:
        process.send_signal(signum)
        time.sleep(0.2)
    assert process.poll() is not None
    return process.communicate()


def keys_by_order(arrivals: Iterable[Arrival]) -> dict[str, set[str]]:
    """Under which keys each order came."""
    found: dict[str, set[str]] = {}
    for arrival in arrivals:
        assert arrival.body is not None
        found.setdefault(arrival.body["order_id"], set()).add(arrival.body["idempotency_key"])
    return found


def assert_each_once(sandbox: SandboxThread, number: int) -> None:
    """Every order is kept, and each came under one key, even if it was sent again."""
    assert sorted(event.body["order_id"] for event in sandbox.events) == sorted(f"A{n}" for n in range(number))
    assert all(len(keys) == 1 for keys in keys_by_order(sandbox.arrivals).values())
