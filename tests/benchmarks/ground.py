"""Where the benchmarks run: generated data in a folder of its own, commands in turn, a server on the other core."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from trial import OTHERS, Trial, middle, pin, trial

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
KEY = "benchmark"
MAPPING = """mapping: 1
name: {name}
detect: [{order_id}, {email}, {status}]
where:
  {status}: [paid, partially_refunded]
events:
  - event_name: purchase
    fields:
      order_id: {order_id}
      email: {email}
      full_name: {full_name}
      amount: total
      event_time: {time}
"""
LEAN = {
    "name": "lean", "order_id": "order_id", "email": "email", "status": "status", "full_name": "name",
    "time": "[paid_at, created_at]",
}  # fmt: skip
JSONL = {
    "name": "jsonl", "order_id": "id", "email": "customer.email", "status": "status", "full_name": "customer.name",
    "time": "created_at",
}  # fmt: skip
MILLION = 1_000_000
GOOD = (0, 3)  # this tool's exit codes: finished, without and with rejects


@dataclass(frozen=True)
class Server:
    """A server that takes every event."""

    url: str

    def arrivals(self) -> list[float]:
        """When each request came since this was last asked, in seconds."""
        with urllib.request.urlopen(self.url) as answer:
            return [float(time) for time in json.load(answer)]

    def rate(self) -> float:
        """Requests a second since this was last asked, from the first to the last."""
        times = self.arrivals()
        return (len(times) - 1) / (times[-1] - times[0])


@dataclass
class Bench:
    """Sizes, and what a section needs to measure with them. Its folder keeps the data for the next time."""

    folder: Path
    rows: int
    runs: int
    events: int
    seconds: int

    def __enter__(self) -> "Bench":
        self.folder.mkdir(exist_ok=True)
        self.work = Path(tempfile.mkdtemp(prefix="run-", dir=self.folder))
        (self.work / "lean.yaml").write_text(MAPPING.format(**LEAN) + "      phone: phone\n", encoding="utf-8")
        (self.work / "jsonl.yaml").write_text(MAPPING.format(**JSONL), encoding="utf-8")
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.work, ignore_errors=True)

    def bound(self, full: float, small: float) -> float:
        """A bound for a million rows, or a looser one for fewer: there the start of a program counts for more."""
        return full if self.rows >= MILLION else small

    def data(self, kind: str, rows: int | None = None) -> Path:
        """A generated export of so many rows, made if it is not there yet."""
        rows = rows or self.rows
        path = self.folder / f"{kind}-{rows}.{'jsonl' if kind == 'jsonl' else 'csv'}"
        if not path.exists():
            half = path.with_suffix(".part")
            with half.open("wb") as out:
                subprocess.run([sys.executable, str(HERE / "generate.py"), kind, str(rows)], stdout=out, check=True)
            half.rename(path)
        return path

    def damaged(self, kind: str) -> Path:
        """The same export, no address in it being one."""
        path = self.folder / f"{kind}-{self.rows}-damaged.csv"
        if not path.exists():
            half = path.with_suffix(".part")
            with self.data(kind).open("rb") as sound, half.open("wb") as out:
                out.writelines(line.replace(b"@example.com", b"(at)example.com") for line in sound)
            half.rename(path)
        return path

    def tool(self, command: str, path: Path, *words: str) -> list[str]:
        """This tool's command line for an export that `data` made."""
        kind = path.name.partition("-")[0]
        mapping = "shopify_orders" if kind == "shopify" else f"{kind}.yaml"
        known = ["-m", mapping, "--quiet", "--json", "--rejects", "rejects.csv", "--state", "state"]
        return [sys.executable, "-m", "backfill", command, str(path), *known, *words]

    def upload(self, path: Path, server: Server, *words: str) -> list[str]:
        return self.tool("upload", path, "--base-url", server.url, "--yes", *words)

    def baseline(self, name: str, *words: str) -> list[str]:
        return [sys.executable, str(HERE / "baselines" / f"{name}.py"), *words]

    def has(self, package: str) -> bool:
        return find_spec(package) is not None

    def fresh(self) -> None:
        """Forget what was sent."""
        for name in ("state", "home"):
            shutil.rmtree(self.work / name, ignore_errors=True)

    def run(self, argv: Sequence[str], good: Sequence[int] = GOOD, **more: str) -> Trial:
        """Run a command; `more` is for its environment."""
        mine = ("COMETLY", "BACKFILL", "PYTHONDONTWRITEBYTECODE")  # installed modules are compiled
        kept = {name: value for name, value in os.environ.items() if not name.startswith(mine)}
        home = str(self.work / "home")
        own = {"COMETLY_API_KEY": KEY, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": home, "HOME": home}
        return trial(argv, kept | own | more, self.work, good)

    def contest(self, commands: Mapping[str, Sequence[str]]) -> dict[str, Trial]:
        """The medians of several commands, each run in turn with the others and from a fresh state."""
        trials: dict[str, list[Trial]] = {name: [] for name in commands}
        for _ in range(self.runs):
            for name, argv in commands.items():
                self.fresh()
                trials[name].append(self.run(argv))
        return {name: middle(found) for name, found in trials.items()}

    @contextmanager
    def server(self, latency: float = 0.0) -> Iterator[Server]:
        """A server on the other core while the body runs."""
        argv = [sys.executable, str(HERE / "server.py"), "--latency", str(latency)]
        with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, preexec_fn=lambda: pin(OTHERS)) as process:
            assert process.stdout is not None
            try:
                yield Server(f"http://127.0.0.1:{int(process.stdout.readline())}")
            finally:
                process.kill()
