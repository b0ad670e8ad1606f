"""The rate at the server: for each way to count a minute, and with live traffic.

Alone: real uploads for some minutes to one sandbox for each window model at once, latency 20 to 400 ms, compared with
the same requests with `AsyncLimiter(1000, 60)`. With live traffic: the real pace in simulated time (clockwork.py),
compared with a flat 1000 a minute.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import aiohttp
from aiolimiter import AsyncLimiter
from ground import ROOT, Bench
from table import Line, Score

sys.path.insert(0, str(ROOT / "tests"))
from clockwork import Space, flooded, paced

from backfill.sandbox import SandboxThread, busiest
from backfill.sandbox.live import Live
from backfill.sandbox.quota import MODELS

LATENCY = (0.02, 0.4)
MINUTES = 10  # simulated
MAPPING = """
mapping: 1
name: rate
description: Two columns
detect: [Order, Email]
events:
  - event_name: purchase
    fields: {order_id: Order, email: Email, event_time: {value: "2024-05-01T10:00:00Z"}}
"""


def lines(bench: Bench) -> Iterator[Line]:
    seconds = max(bench.seconds, 90)
    with ThreadPoolExecutor(2 * len(MODELS)) as pool:
        ours = {window: pool.submit(_uploaded, window, seconds) for window in MODELS}
        theirs = {window: pool.submit(_limited, window, seconds) for window in MODELS}
    title = f"Rate at the server, alone, {seconds} s, latency {LATENCY[0] * 1000:.0f}-{LATENCY[1] * 1000:.0f} ms"
    for window in MODELS:
        for name, found in (("backfill", ours[window].result()), ("AsyncLimiter(1000, 60)", theirs[window].result())):
            accepted, refused, most = found
            score = Score(accepted, "accepted a minute", least=990 if name == "backfill" else None)
            yield Line(title, f"{window}: {name}", score=score, note=f"{refused} answers of 429, busiest 60 s {most}")
    yield from _with_live()


def _uploaded(window: str, seconds: int) -> tuple[float, int, int]:
    """A real upload for so long: accepted a minute from its first to its last, answers of 429, the busiest minute."""
    with tempfile.TemporaryDirectory() as name, SandboxThread(window=window, latency=LATENCY) as sandbox:
        folder = Path(name)
        orders = (f"A{n},p{n}@example.com" for n in range(seconds * 20))
        (folder / "orders.csv").write_text("\n".join(["Order,Email", *orders, ""]), encoding="utf-8")
        (folder / "rate.yaml").write_text(MAPPING, encoding="utf-8")
        words = ("upload", "orders.csv", "-m", "rate.yaml", "--state", "state", "--yes", "--quiet")
        own = {"COMETLY_API_KEY": "sandbox", "COMETLY_API_URL": sandbox.url, "XDG_STATE_HOME": name}
        process = subprocess.Popen(
            [sys.executable, "-m", "backfill", *words],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), **own},
            stdout=subprocess.DEVNULL,
        )
        try:
            process.wait(seconds + 5)
        except subprocess.TimeoutExpired:
            process.terminate()
            process.wait()
        return _counted(sandbox)


def _limited(window: str, seconds: int) -> tuple[float, int, int]:
    """The same requests with aiolimiter alone, obeying Retry-After."""

    async def send(url: str) -> None:
        limiter, opens = AsyncLimiter(1000, 60), 0.0
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds

        async def work(session: aiohttp.ClientSession, worker: int) -> None:
            nonlocal opens
            number = 0
            while loop.time() < end:
                await limiter.acquire()
                await asyncio.sleep(max(0.0, opens - loop.time()))
                body = {"event_name": "purchase", "email": "a@example.com", "order_id": f"{worker}-{number}"}
                async with session.post(f"{url}/public-api/v1/events/track", json=body) as answer:
                    number += 1
                    if answer.status == 429:
                        opens = loop.time() + float(answer.headers["Retry-After"])

        headers = {"Authorization": "Bearer sandbox", "Accept": "application/json"}
        async with aiohttp.ClientSession(headers=headers) as session:
            tasks = [asyncio.create_task(work(session, worker)) for worker in range(50)]
            await asyncio.wait(tasks, timeout=seconds)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    with SandboxThread(window=window, latency=LATENCY) as sandbox:
        asyncio.run(send(sandbox.url))
        return _counted(sandbox)


def _counted(sandbox: SandboxThread) -> tuple[float, int, int]:
    arrivals = sandbox.arrivals
    taken = [arrival.at for arrival in arrivals if arrival.status == 202]
    lasted = max(taken[-1] - taken[0], 1.0)
    refused = sum(arrival.status == 429 for arrival in arrivals)
    return (len(taken) - 1) * 60 / lasted, refused, busiest([arrival.at for arrival in arrivals])


class _Flat:
    """A flat thousand a minute, whatever live traffic there is; Retry-After is obeyed."""

    def __init__(self) -> None:
        self._limiter, self._opens = AsyncLimiter(1, 0.06), 0.0

    async def turn(self, stopping: asyncio.Event) -> int:
        await self._limiter.acquire()
        await asyncio.sleep(max(0.0, self._opens - asyncio.get_running_loop().time()))
        return 0

    def answered(self, slot: int, headers: dict[str, str]) -> None: ...

    def pause(self, seconds: float) -> None:
        self._opens = asyncio.get_running_loop().time() + seconds


def _with_live() -> Iterator[Line]:
    title = f"With live traffic in bursts, {MINUTES} simulated minutes"
    for live in (0, 100, 300, 600):
        for window in MODELS:
            found = flooded(Space(window, LATENCY, live=Live(live)), MINUTES, paced)
            flat = flooded(Space(window, LATENCY, live=Live(live)), MINUTES, _Flat)
            left = 1000 * MINUTES - found.live.hits
            yield Line(
                title,
                f"{live} a minute, {window}",
                score=Score(100 * len(found.counted) / left, "% of the leftover", least=90 if live == 300 else None),
                note=f"live 429: {_of(found.live)}; with a flat pace {_of(flat.live)}",
            )


def _of(live: Live) -> str:
    return f"{live.refused} of {live.hits:,}"
