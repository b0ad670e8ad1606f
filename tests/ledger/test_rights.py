"""The rights that the guide states are enough, each really tried, and one that is missing is named."""

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
from guide_pages import blocks, page, section
from place import Place
from postgres import PostgresServer, postgres

from backfill.errors import StateError
from backfill.ledger.postgres.server import Server
from backfill.sandbox import SandboxThread


@pytest.fixture
def roles() -> Iterator[dict[str, str]]:
    """A database of its own, with the guide's roles and no others' rights; the address for each."""
    server = postgres()
    server.rows("CREATE DATABASE marketing")
    for name in ("maker", "sender", "reader"):
        server.rows(f"CREATE ROLE {name} LOGIN NOSUPERUSER")
    try:
        yield {name: as_(server, name) for name in ("backfill", "maker", "sender", "reader")}
    finally:
        server.rows("DROP DATABASE marketing WITH (FORCE)")
        for name in ("maker", "sender", "reader"):
            server.rows(f"DROP ROLE {name}")


def as_(server: PostgresServer, name: str) -> str:
    return server.url.replace("//backfill@/postgres?", f"//{name}@/marketing?")


def grant(url: str, which: int) -> None:
    """Run the guide's statements, the first block or the second."""
    with psycopg.connect(url, autocommit=True) as db:
        for statement in blocks("sql", section("Rights", page("hosts")))[which].split(";")[:-1]:
            db.execute(statement.encode())


def test_each_role_does_its_part_and_no_more(place: Place, roles: dict[str, str]) -> None:
    words = ("upload", place.orders(5), "-m", place.mapping, "--yes")
    ledger = {name: {"BACKFILL_LEDGER": url, "PGCLIENTENCODING": "SQL_ASCII"} for name, url in roles.items()}
    with SandboxThread() as sandbox:
        early = place.command(*words, url=sandbox.url, **ledger["sender"])
        assert early.returncode == 2 and "permission denied for database" in early.stderr and not sandbox.arrivals
        assert "the rights that it takes are in: backfill guide hosts" in early.stderr
        grant(roles["backfill"], 0)
        assert place.command(*words, "--limit", "1", url=sandbox.url, **ledger["maker"]).returncode == 0
        barred = place.command("status", **ledger["reader"])
        assert barred.returncode == 2 and "permission denied for schema backfill" in barred.stderr
        grant(roles["maker"], 1)
        sent = place.command(*words, url=sandbox.url, **ledger["sender"])
        assert sent.returncode == 0 and "4 accepted" in sent.stdout, sent.stderr
        for name in ("sender", "reader"):
            for command, said in (("check", "5 already"), ("status", "5 events accepted"), ("why", "first accepted")):
                asked = ("A3",) if command == "why" else words[1:4] if command == "check" else ()
                done = place.command(command, *asked, url=sandbox.url, **ledger[name])
                assert done.returncode == 0 and said in done.stdout + done.stderr, (name, done.stdout, done.stderr)
        refused = place.command("upload", place.orders(9), *words[2:], url=sandbox.url, **ledger["reader"])
        assert refused.returncode == 2 and "permission denied" in refused.stderr and "Traceback" not in refused.stderr
        assert len(sandbox.arrivals) == 5
        standby = f"{roles['sender']}&options=-cdefault_transaction_read_only%3Don"
        refused = place.command("upload", "orders.csv", *words[2:], url=sandbox.url, BACKFILL_LEDGER=standby)
        assert refused.returncode == 2 and "takes no writes, as a standby does" in refused.stderr
        assert len(sandbox.arrivals) == 5
        undone = place.command("undo", "2", "--yes", url=sandbox.url, **ledger["sender"])
        assert undone.returncode == 0, undone.stderr


@pytest.mark.parametrize(
    ("lacks", "by"),
    [
        (("attempts", "bodies"), "an upload"),
        (("attempts", "bodies"), "the statements"),
        (("bodies",), "the statements"),
    ],
)
def test_a_table_that_a_release_adds_is_used_by_whoever_used_the_others(
    roles: dict[str, str], lacks: tuple[str, ...], by: str
) -> None:
    servers = {name: Server(url) for name, url in roles.items()}
    try:
        grant(roles["backfill"], 0)
        servers["maker"].ready(writing=True)
        grant(roles["maker"], 1)
        for table in lacks:
            servers["maker"].rows(f"DROP TABLE backfill.{table}")  # as an earlier release left it
        assert servers["reader"].ready(writing=False)
        with pytest.raises(StateError, match=r"sender may not make .+; maker, who owns the other tables,") as refused:
            servers["sender"].ready(writing=True)
        if by == "an upload":
            with closing(Server(roles["maker"])) as later:
                later.ready(writing=True)
        else:
            with psycopg.connect(roles["maker"], autocommit=True) as db:
                db.execute(str(refused.value).partition("in SQL: ")[2].encode())
        assert servers["sender"].ready(writing=True)
        servers["sender"].rows("INSERT INTO backfill.attempts VALUES (1, 1, 'k')")
        servers["sender"].rows("INSERT INTO backfill.bodies VALUES (1, 1, 'k', '', NULL, '')")
        query = "SELECT key FROM backfill.attempts JOIN backfill.bodies USING (space, run, key)"
        assert servers["reader"].rows(query) == [("k",)]
        query = "SELECT DISTINCT relacl::text FROM pg_class WHERE oid = to_regclass('backfill.' || %s)"
        assert len({str(servers["maker"].rows(query, (name,))) for name in ("attempts", "bodies", "resent")}) == 1
    finally:
        for server in servers.values():
            server.close()
