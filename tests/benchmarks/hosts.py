"""A ledger in PostgreSQL beside one in SQLite: what it costs an upload, a check of what was sent, and bytes an event.

The server is on this machine with its defaults, and syncs; the client is pinned to one core, the server to none.
"""

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ground import ROOT, Bench, Server
from table import Line, Score
from trial import Trial, middle

sys.path.insert(0, str(ROOT / "tests" / "support"))

from postgres import PostgresServer

HOMES = ("SQLite", "PostgreSQL")
_SIZE = "SELECT sum(pg_total_relation_size(relid)) FROM pg_stat_user_tables WHERE relname ~ '^(accepted_|alike)'"


@dataclass
class Home:
    """Where the ledger is, and what was measured of it."""

    name: str
    database: PostgresServer | None

    @property
    def environment(self) -> dict[str, str]:
        return {"BACKFILL_LEDGER": self.database.url} if self.database else {}

    def fresh(self, bench: Bench) -> None:
        bench.fresh()
        if self.database:
            self.database.rows("DROP SCHEMA IF EXISTS backfill CASCADE")

    def cpu(self) -> float:
        """Seconds of processor that the database's processes have used so far."""
        return processor_seconds(self.database) if self.database else 0.0

    def bytes(self, bench: Bench) -> int:
        if self.database:
            self.database.rows("VACUUM")
            return int(str(self.database.rows(_SIZE)[0][0]))
        return sum(path.stat().st_size for path in (bench.work / "state").rglob("*.sqlite"))


def processor_seconds(database: PostgresServer) -> float:
    """Of the server and all its children, those that have ended too."""
    main = int((database.folder / "data" / "postmaster.pid").read_text().split()[0])
    seconds = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if main in (int(stat.parent.name), int(fields[1])):
            seconds += sum(map(int, fields[11:15] if int(stat.parent.name) == main else fields[11:13]))
    return seconds / os.sysconf("SC_CLK_TCK")


def lines(bench: Bench) -> Iterator[Line]:
    database = PostgresServer(durable=True)
    try:
        homes = [Home(name, database if name == "PostgreSQL" else None) for name in HOMES]
        with bench.server() as server:
            yield from _uploads(bench, homes, server)
            yield from _checks(bench, homes, server)
    finally:
        database.close()


def _uploads(bench: Bench, homes: list[Home], server: Server) -> Iterator[Line]:
    """No rate, no latency: the ledger is as busy as it can be."""
    path = bench.data("lean", bench.events)
    title = f"Upload with a ledger in PostgreSQL, no rate: {bench.events:,} events"
    for home in homes:
        trials: list[Trial] = []
        rates: list[float] = []
        used: list[float] = []
        for _ in range(bench.runs):
            home.fresh(bench)
            before = home.cpu()
            trials.append(bench.run(bench.upload(path, server, "--unlimited", "--workers", "32"), **home.environment))
            used.append(home.cpu() - before)
            rates.append(server.rate())
        note = f"{sorted(rates)[len(rates) // 2]:,.0f} events/s accepted"
        if home.database:
            note += f"; the server's own CPU {sorted(used)[len(used) // 2]:.2f} s"
        yield Line(title, home.name, middle(trials), note=note)


def _checks(bench: Bench, homes: list[Home], server: Server) -> Iterator[Line]:
    """A file that was sent whole is checked again, and each of its events looked up; then its ledger is moved."""
    sqlite, other = homes
    path = bench.data("lean", bench.rows)
    title = f"Check against a ledger of it all, lean csv: {bench.rows:,} rows"
    for home in homes:
        home.fresh(bench)
    bench.run(bench.upload(path, server, "--unlimited"))
    sent = len(server.arrivals())
    check = [*bench.tool("check", path), "--base-url", server.url]
    one, _ = _checked(bench, check, sqlite)
    yield Line(title, sqlite.name, one, note=f"{sent:,} keys, {sqlite.bytes(bench) / sent:.0f} bytes each")
    assert other.database is not None
    copied = bench.run([sys.executable, "-m", "backfill", "ledger", "copy", "state", other.database.url])
    two, used = _checked(bench, check, other)
    note = f"{other.bytes(bench) / sent:.0f} bytes a key; the server's own CPU {used:.2f} s"
    yield Line(title, other.name, two, Score(two.wall / one.wall, "x SQLite's", most=2), note)
    yield Line(title, "`ledger copy` there", copied, note=f"{sent / copied.wall:,.0f} keys/s")


def _checked(bench: Bench, check: list[str], home: Home) -> tuple[Trial, float]:
    """The middle one of several, and the server's processor time in the middle one of these."""
    trials, used = list[Trial](), list[float]()
    for _ in range(bench.runs):
        before = home.cpu()
        trials.append(bench.run(check, **home.environment))
        used.append(home.cpu() - before)
    assert not json.loads(trials[0].out)["ready"], "what was sent is not known"
    return middle(trials), sorted(used)[len(used) // 2]
