"""A plan on a Dask cluster: each Space's jobs are done somewhere, once, whatever becomes of the workers."""

import json
import logging
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest
from distributed import LocalCluster
from place import Place, Running, until, wait_for
from plans import ENV, KEYS, write_plan
from postgres import postgres

from backfill.commands.jobs.engine.dask import cluster_of
from backfill.errors import UsageError
from backfill.sandbox import SandboxThread

QUIET: dict[str, Any] = {"dashboard_address": "127.0.0.1:0", "silence_logs": logging.CRITICAL}


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """Two workers, processes of their own, whose environment has the Spaces' keys and the ledger's address."""
    env = {**ENV, "BACKFILL_LEDGER": postgres().url}
    with LocalCluster(n_workers=2, threads_per_worker=4, processes=True, env=env, **QUIET) as made:
        yield made


def planned(place: Place, orders: int, **settings: Any) -> str:
    files = [place.orders((at + 1) * orders, at * orders, f"{space}.csv") for at, space in enumerate(KEYS.values())]
    jobs = [{"files": Path(file).name, "space": Path(file).stem, **settings} for file in files]
    return write_plan(
        place, *jobs, {**jobs[0], "files": Path(place.orders(3 * orders + 2, 3 * orders, "more.csv")).name}
    )


def start(
    place: Place, plan: str, cluster: LocalCluster, url: str, err: int | IO[str] = subprocess.PIPE, **env: str
) -> Running:
    """The command, whose own environment has no key."""
    address = f"dask://{cluster.scheduler_address.removeprefix('tcp://')}"
    here = {"COMETLY_API_KEY": "", "BACKFILL_LEDGER": postgres().url, **env}
    words = ("jobs", plan, "--on", address, "--json", "--state", "state")
    return place.start(*words, url=url, env=here, stderr=err)


def ended(run: Running) -> tuple[dict[str, Any], str]:
    out, err = run.communicate(timeout=240)
    assert "Traceback" not in err, err
    found = json.loads(out) if out else {}
    assert not found or found["exit_code"] == run.returncode, err
    return found, err


def assert_all_sent(sandbox: SandboxThread, number: int) -> None:
    assert sorted(event.body["order_id"] for event in sandbox.events) == sorted(f"A{n}" for n in range(number))
    known = postgres().rows("SELECT key FROM backfill.accepted")
    assert sorted(key for (key,) in known) == sorted(f"purchase:A{n}" for n in range(number))


def test_the_workers_do_a_plan_and_what_they_say_is_heard(place: Place, cluster: LocalCluster) -> None:
    postgres().emptied()
    plan = planned(place, 4)
    with SandboxThread(keys=KEYS) as sandbox:
        run = start(place, plan, cluster, sandbox.url)
        found, err = ended(run)
        assert run.returncode == 0, err
        assert [(one["job"], one["space"], one["accepted"]) for one in found["jobs"]] == [
            (1, "acme", 4), (2, "bolt", 4), (3, "coil", 4), (4, "acme", 2)
        ]  # fmt: skip
        assert found["totals"]["accepted"] == 14 and found["totals"]["balanced"] and found["resume"] is None
        assert "4 jobs for 3 Spaces, by 2 workers" in err
        assert all(f"{space}: plan: 4 events" in err for space in KEYS.values()), err
        assert_all_sent(sandbox, 14)


def test_a_worker_that_is_killed_loses_and_doubles_nothing(place: Place, cluster: LocalCluster) -> None:
    postgres().emptied()
    with SandboxThread(keys=KEYS, latency=0.1) as sandbox:
        run = start(place, planned(place, 30, workers=1), cluster, sandbox.url)
        until(sandbox, 12, run)
        for nanny in list(cluster.workers.values()):
            os.kill(nanny.pid, signal.SIGKILL)
        found, err = ended(run)
        assert run.returncode == 0, err
        assert "its worker was lost; another goes on from the ledger" in err
        assert_all_sent(sandbox, 92)
        assert 0 < found["totals"]["already"] < 92 == found["totals"]["already"] + found["totals"]["accepted"]
        assert len(sandbox.arrivals) <= 92 + len(KEYS), (
            "what came home is not sent again, and at most one was in flight"
        )


def test_a_stop_reaches_the_workers_and_the_same_command_goes_on(place: Place, cluster: LocalCluster) -> None:
    postgres().emptied()
    plan = planned(place, 30, workers=1)
    with SandboxThread(keys=KEYS, latency=0.1) as sandbox:
        run = start(place, plan, cluster, sandbox.url)
        until(sandbox, 12, run)
        run.send_signal(signal.SIGTERM)
        found, err = ended(run)
        assert run.returncode == 143 and found["resume"], err
        assert 0 < found["totals"]["accepted"] == len(sandbox.arrivals) < 92
        found, err = ended(start(place, plan, cluster, sandbox.url))
        assert found["exit_code"] == 0, err
        assert_all_sent(sandbox, 92)
        assert len(sandbox.arrivals) == 92


@pytest.mark.parametrize(
    "said", ["dask://h", "h:1", "tcp://h:1", "dask://h:1/x", "dask://u:p@h:1", "ray://h:1", "dask://:1"]
)
def test_an_address_that_is_no_schedulers(said: str) -> None:
    with pytest.raises(UsageError, match="is not dask://HOST:PORT"):
        cluster_of(said)


@pytest.mark.parametrize(
    "said", ["dask://h:8786", "dask://10.0.0.7:8786", "dask://[::1]:8786", "dask://a-b.c_d.example:1"]
)
def test_an_address_of_a_scheduler(said: str) -> None:
    assert cluster_of(said) == said.removeprefix("dask://")


def test_what_a_cluster_can_not_do_is_refused_before_anything_is_sent(place: Place) -> None:
    plan = planned(place, 2)
    with socket.create_server(("127.0.0.1", 0)) as free:
        nobody = f"dask://127.0.0.1:{free.getsockname()[1]}"
    ledger = {"BACKFILL_LEDGER": postgres().url}
    for words, env, sentence in (
        ((), {}, "set BACKFILL_LEDGER, here and on the workers"),
        (("--sandbox",), ledger, "leave one of them out"),
        ((), ledger, f"{nobody}: no Dask scheduler can be reached there"),
    ):
        ran = place.command("jobs", plan, "--on", nobody, *words, url="http://127.0.0.1:9", **env)
        assert ran.returncode == 2 and sentence in ran.stderr and "Traceback" not in ran.stderr, ran.stderr


def test_workers_with_another_ledger_or_without_a_key_send_nothing(place: Place, cluster: LocalCluster) -> None:
    server = postgres()
    server.emptied()
    if not server.rows("SELECT 1 FROM pg_database WHERE datname = 'other'"):
        server.rows("CREATE DATABASE other")
    with SandboxThread(keys=KEYS) as sandbox:
        plan = planned(place, 2)
        run = start(place, plan, cluster, sandbox.url, BACKFILL_LEDGER=server.url.replace("/postgres?", "/other?"))
        found, err = ended(run)
        assert run.returncode == 2 and "BACKFILL_LEDGER names another database than where" in err
        assert {one["state"] for one in found["jobs"]} == {"stopped"} and not sandbox.arrivals
        plan = write_plan(place, {"files": "acme.csv", "space": "acme"}, {"files": "bolt.csv", "space": "dora"})
        run = start(place, plan, cluster, sandbox.url)
        found, err = ended(run)
        assert run.returncode == 2 and "COMETLY_API_KEY_DORA" in err
        assert [one["state"] for one in found["jobs"]] == ["done", "stopped"] and len(sandbox.events) == 2


def test_a_cluster_without_workers_is_waited_for_no_longer_than_the_patience(place: Place) -> None:
    postgres().emptied()
    with LocalCluster(n_workers=0, **QUIET) as empty:
        run = start(place, planned(place, 2, patience="2s"), empty, "http://127.0.0.1:9")
        found, err = ended(run)
    assert run.returncode == 4 and found["resume"], err
    assert all("no worker was there for 2 s" in one["error"] for one in found["jobs"])


def test_a_cluster_that_goes_away_ends_the_run_in_one_sentence(place: Place) -> None:
    postgres().emptied()
    with (place.folder / "said").open("w") as said, LocalCluster(n_workers=0, **QUIET) as going:
        run = start(place, planned(place, 2), going, "http://127.0.0.1:9", err=said)
        wait_for(lambda: "by 0 workers" in (place.folder / "said").read_text())
    out, _ = run.communicate(timeout=240)
    text = (place.folder / "said").read_text()
    assert run.returncode == 4 and "Traceback" not in text, text
    assert {one["error"] for one in json.loads(out)["jobs"]} == {"the cluster was lost; the same command goes on"}
    assert "distributed" not in text
