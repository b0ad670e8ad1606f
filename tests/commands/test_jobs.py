"""Plans: many files, mappings and Spaces in one go."""

import json
import os
import pty
import shlex
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from place import Place, Running, ended_by_signals, until
from plans import ENV, KEYS, run, write_plan

from backfill.cli.jobs import settings
from backfill.commands.jobs.own_python import python
from backfill.commands.jobs.plan import Grammar, load_plan
from backfill.commands.jobs.summary import jobs_text, worst
from backfill.convert.route import Route
from backfill.errors import MappingError
from backfill.run.options import Options
from backfill.sandbox import Fault, SandboxThread

HEADER = "Order,Email,Total,When,Store\n"


def orders(place: Place, name: str, number: int, store: str = "EU", mark: str = "") -> str:
    ids = [f"{mark or name}{n}" for n in range(number)]
    lines = [f"{one},{one}@example.com,{n % 9}.50,2024-05-01T10:00:00Z,{store}\n" for n, one in enumerate(ids)]
    (place.folder / f"{name}.csv").write_text(HEADER + "".join(lines))
    return f"{name}.csv"


def again(place: Place, sandbox: SandboxThread, *options: str) -> str:
    """The command that goes on, from whatever folder."""
    words = ("backfill jobs", f"{place.folder}/plan.yaml", *options, "--state", f"{place.folder}/state")
    return " ".join((*words, "--base-url", sandbox.url))


def stored(sandbox: SandboxThread) -> Counter[str]:
    return Counter(event.space for event in sandbox.events)


@pytest.fixture
def sandbox() -> Iterator[SandboxThread]:
    with SandboxThread(keys=KEYS, latency=0.02) as made:
        yield made


# The plan


def load(place: Place, text: str) -> Any:
    path = place.folder / "plan.yaml"
    path.write_text(text)
    base = Options.of("upload", (), ("backfill", "jobs", "plan.yaml"), base_url="https://a.test", state=Path("s"))
    return load_plan(path, Grammar(settings(), base))


def test_a_plan_becomes_jobs(place: Place) -> None:
    for name in ("a-1.csv", "a-2.csv"):
        (place.folder / name).touch()
    text = """
plan: 1
defaults: {mapping: small.yaml, max-rejects: 2%, patience: 5m}
jobs:
  - {files: "a-*.csv", space: acme, rate: 500, key-rotated: true, summary: out.json, lookup: {contacts: c.csv}}
  - {files: [b.csv, c.csv], mapping: shopify_orders,
     route: {column: Store, spaces: {EU: eu, UK: eu, US: us}, default: skip}}
"""
    first, eu, us = load(place, text)
    options, had = first.options, first.options.flat
    assert [Path(name).name for name in had["files"]] == ["a-1.csv", "a-2.csv"]
    assert [had[name] for name in ("space", "rate", "patience", "key_rotated")] == ["acme", 500, 300.0, True]
    assert options.gates.max_rejects.percent == 2
    assert options.outputs.summary == place.folder / "out.json"
    assert options.source.lookups == (("contacts", str(place.folder / "c.csv")),)
    assert options.source.mapping == str(place.folder / "small.yaml")
    assert options.argv[:2] == ("backfill", "upload") and "--key-rotated" in options.argv
    assert (eu.number, us.number, eu.options.source.mapping) == (2, 2, "shopify_orders")
    spaces = {"EU": "eu", "UK": "eu", "US": "us"}
    assert eu.options.source.route == Route("Store", spaces, "skip", "eu", first=True)
    assert us.options.source.route == Route("Store", spaces, "skip", "us", first=False)


def test_all_problems_of_a_plan_at_once(place: Place) -> None:
    text = """plan: 2
jobs:
  - files: a.csv
    max_rejects: 2%
  - space: acme
    rate: 0
    date-order: ydm
    key-rotated: yes
  - {files: "-", space: "a/b", route: {column: Store, spaces: {}}}
  - {files: a.csv, summary: one.json}
  - {files: b.csv, summary: one.json}
strange: 1
"""
    with pytest.raises(MappingError) as error:
        load(place, text)
    said = {(line, word) for line, sentence in error.value.problems for word in sentence.split()}
    found = [line for line, _ in error.value.problems]
    assert found == [0, 1, 4, 5, 6, 7, 8, 9, 9, 9, 12], error.value
    assert (4, "max-rejects,") in said or (4, "max-rejects") in said
    assert {(5, "files,"), (0, "goes;"), (1, "1,")} <= said


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "begins with the line plan: 1"),
        ("plan: 1\n", "lacks the key jobs"),
        ("plan: 1\njobs: {}\n", "a list of jobs"),
        ("plan: 1\njobs: []\n", "a list of jobs"),
        ("plan: 1\nplan: 1\njobs: [{files: a.csv}]\n", "second time"),
    ],
)
def test_no_plan(place: Place, text: str, sentence: str) -> None:
    with pytest.raises(MappingError, match=sentence):
        load(place, text)


def test_the_exit_code_of_all_is_the_worst_one() -> None:
    assert worst([0, 3, 0]) == 3
    assert worst([3, 5, 4, 6]) == 4
    assert worst([4, 2]) == 2
    assert worst([2, 130]) == 130
    assert worst([143, 1]) == 1
    assert worst([]) == 0


# Sending


def test_spaces_at_once_and_jobs_in_order(place: Place, sandbox: SandboxThread) -> None:
    plan = write_plan(
        place,
        {"files": orders(place, "a", 40), "space": "acme"},
        {"files": orders(place, "b", 50), "space": "bolt", "summary": "bolt.json"},
        {"files": orders(place, "c", 30, mark="c"), "space": "acme"},
        {"files": "a.csv", "space": "acme"},
    )
    code, found, said = run(place, plan, "--summary", "all.json", url=sandbox.url)
    assert code == 0, said
    assert json.loads((place.folder / "all.json").read_text()) == found
    assert json.loads((place.folder / "bolt.json").read_text())["accepted"] == 50
    assert stored(sandbox) == {"acme": 70, "bolt": 50}
    assert [one["accepted"] for one in found["jobs"]] == [40, 50, 30, 0]
    assert found["jobs"][3]["already"] == 40
    assert found["totals"]["accepted"] == 120 and found["totals"]["jobs_done"] == 4
    assert found["resume"] is None
    spaces = [arrival.space for arrival in sandbox.arrivals]
    assert "bolt" in spaces[: spaces.index("acme") + 40]
    orders_of_acme = [a.body["order_id"][0] for a in sandbox.arrivals if a.space == "acme" and a.body]
    assert orders_of_acme == sorted(orders_of_acme)
    assert run(place, plan, url=sandbox.url)[1]["totals"]["already"] == 160
    assert len(sandbox.arrivals) == 120


def test_what_fails_stops_its_own_space_alone(place: Place, sandbox: SandboxThread) -> None:
    few = orders(place, "few", 5)
    (place.folder / "bad.csv").write_text(HEADER + "b1,,1,2024-05-01T10:00:00Z,EU\n")
    plan = write_plan(
        place,
        {"files": "nowhere.csv", "space": "acme"},
        {"files": few, "space": "acme"},
        {"files": "bad.csv", "space": "bolt"},
        {"files": few, "space": "bolt"},
        {"files": few, "space": "nokey"},
        {"files": few, "space": "coil", "min-rows": 100},
    )
    code, found, said = run(place, plan, "--metrics", "out.prom", url=sandbox.url)
    assert code == 2
    figures = (place.folder / "out.prom").read_text()
    assert figures.count('mapping="small"') == figures.count("mapping=")  # one series goes on from night to night
    states = [(one["state"], one["exit_code"]) for one in found["jobs"]]
    assert states == [("stopped", 2), ("unattempted", None), ("done", 3), ("done", 0), ("stopped", 2), ("stopped", 5)]
    assert stored(sandbox) == {"bolt": 5}
    assert "nowhere.csv: no such file" in found["jobs"][0]["error"]
    assert "COMETLY_API_KEY_NOKEY" in found["jobs"][4]["error"]
    assert "job 2 was not begun" in said
    assert "coil: to go on all the same: backfill upload" in said
    assert found["resume"] == again(place, sandbox, "--metrics", f"{place.folder}/out.prom", "--json")
    assert (found["totals"]["jobs_unattempted"], found["totals"]["jobs_uncounted"]) == (1, 3)
    left = [one for one in found["jobs"] if f'backfill_events_left{{command="upload",job="{one["job"]}"' in figures]
    assert [one["job"] for one in left] == [3, 4, 6], "what the others have left is not known"


def test_a_wrong_key_or_that_of_another_stops_one_space_and_not_the_others(
    place: Place, sandbox: SandboxThread
) -> None:
    few = orders(place, "few", 30)
    jobs = [{"files": few, "space": space} for space in ("acme", "bolt", "coil")]
    env = {**ENV, "COMETLY_API_KEY_ACME": "unknown", "COMETLY_API_KEY_COIL": "key-bolt"}
    code, found, _ = run(place, write_plan(place, *jobs), url=sandbox.url, **env)
    assert (code, [one["exit_code"] for one in found["jobs"]]) == (2, [4, 0, 2])
    assert "its API key is that of space bolt" in found["jobs"][2]["error"]
    assert found["jobs"][0]["unattempted"] == 30
    assert found["jobs"][0]["resume"].startswith("backfill upload ")
    assert stored(sandbox) == {"bolt": 30}


def test_a_slow_address_delays_no_other_space(place: Place, sandbox: SandboxThread) -> None:
    with SandboxThread(keys=KEYS, latency=5.0) as slow:
        jobs = [
            {"files": orders(place, "a", 60), "space": "acme", "base-url": slow.url, "workers": 1, "limit": 2},
            {"files": orders(place, "b", 10), "space": "bolt", "base-url": sandbox.url},
        ]
        code, found, _ = run(place, write_plan(place, *jobs))
        assert (code, [one["accepted"] for one in found["jobs"]]) == (0, [2, 10])
        assert max(a.wall for a in sandbox.arrivals) < max(a.wall for a in slow.arrivals)


def test_refusals_come_back_in_the_reject_file(place: Place) -> None:
    with SandboxThread(keys=KEYS, faults=[Fault(every=3, status=422)]) as sandbox:
        plan = write_plan(place, {"files": orders(place, "a", 30), "space": "acme"})
        code, found, said = run(place, plan, url=sandbox.url)
        (job,) = found["jobs"]
        assert (code, job["accepted"], job["refused"]) == (3, 20, 10)
        text = Path(job["rejects_file"]).read_text()
        assert text.count("refused") == 10 and "1@example.com" not in said
        assert job["resume"].split()[-2:] == ["--state", str(place.folder / "state")]


def test_what_a_survey_inferred_is_in_the_summary(place: Place, sandbox: SandboxThread) -> None:
    row = '{},a@example.com,"{},50",2024-05-01T10:00:00Z,EU\n'
    (place.folder / "a.csv").write_text(HEADER + "".join(row.format(n, n) for n in range(3)))
    plan = write_plan(place, {"files": "a.csv", "space": "acme"})
    code, found, _ = run(place, plan, url=sandbox.url)
    (job,) = found["jobs"]
    assert (code, job["amount"]["accepted"]) == (0, "4.50")
    clue = {"value": ",", "column": "Total", "row": 1, "file": str(place.folder / "a.csv")}
    assert job["inferred"] == {"decimal": {"Total": clue}}


def test_a_check_of_a_plan_needs_no_key(place: Place) -> None:
    few = orders(place, "few", 5)
    (place.folder / "bad.csv").write_text(HEADER + "b1,,1,2024-05-01T10:00:00Z,EU\n")
    jobs = [{"files": few, "space": "acme"}, {"files": [few, "bad.csv"], "space": "bolt"}]
    code, found, _ = run(place, write_plan(place, *jobs), "--check", NOTHING="")
    assert (code, [one["ready"] for one in found["jobs"]]) == (3, [5, 5])
    assert Path(found["jobs"][1]["rejects_file"]).name == "few.bolt.rejects.csv"
    assert not (place.folder / "state" / "spool").exists()
    alone = "each job was checked by itself"
    assert alone not in jobs_text(found["jobs"], found["totals"])
    _, found, _ = run(place, write_plan(place, jobs[0], jobs[0]), "--check", NOTHING="")
    assert alone in jobs_text(found["jobs"], found["totals"])


WORK = ["backfill.commands.jobs.worker", "backfill.commands.jobs.engine.beside"]


def test_no_process_takes_a_module_of_the_current_folder(place: Place) -> None:
    for name in sys.stdlib_module_names:
        (place.folder / f"{name}.py").write_text("open('ran.txt', 'a').write(__name__)\nraise SystemExit(7)\n")
    given = {name: value for name, value in place.environment().items() if name != "PYTHONSAFEPATH"}
    for words in map(python, WORK):
        ran = subprocess.run(words, stdin=subprocess.DEVNULL, cwd=place.folder, env=given, capture_output=True)
        assert ran.returncode == 0, ran.stderr
    assert not (place.folder / "ran.txt").exists()


def test_a_process_finds_modules_where_the_one_that_starts_it_does(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place.folder / "theirs.py").write_text("def main():\n    print(1)\n")
    monkeypatch.syspath_prepend(place.folder)  # as by a PYTHONPATH
    ran = subprocess.run(python("theirs"), cwd="/", capture_output=True, text=True)
    assert ran.stdout == "1\n", ran.stderr


def test_the_sandbox_rehearses_a_plan(place: Place) -> None:
    jobs = [{"files": orders(place, space, 5), "space": space} for space in ("acme", "bolt")]
    code, found, _ = run(place, write_plan(place, *jobs), "--sandbox", NOTHING="")
    assert (code, found["totals"]["accepted"]) == (0, 10)


# Routes


def route(**more: Any) -> dict[str, Any]:
    return {"column": "Store", "spaces": {"EU": "acme", "UK": "acme", "US": "bolt"}, **more}


def shop(place: Place, *stores: str, name: str = "shop.csv") -> str:
    lines = [f"s{n},p{n}@example.com,5,2024-05-01T10:00:00Z,{store}\n" for n, store in enumerate(stores)]
    (place.folder / name).write_text(HEADER + "".join(lines) + "broken row\n,,,,\n")
    return name


def test_a_column_shows_which_space_a_row_belongs_to(place: Place, sandbox: SandboxThread) -> None:
    plan = write_plan(place, {"files": shop(place, "EU", "US", "UK", "US", "EU"), "route": route()})
    code, found, _ = run(place, plan, url=sandbox.url)
    acme, bolt = found["jobs"]
    assert (code, acme["accepted"], bolt["accepted"]) == (3, 3, 2)
    assert (acme["rows"], bolt["rows"], acme["unreadable"], bolt["unreadable"]) == (5, 2, 1, 0)
    assert {event.body["order_id"] for event in sandbox.events if event.space == "bolt"} == {"s1", "s3"}
    assert Path(acme["rejects_file"]).name == "shop.acme.rejects.csv"
    assert bolt["rejects_file"] is None
    assert "broken row" in Path(acme["rejects_file"]).read_text()


def test_a_row_that_names_another_space_once_it_is_mended_goes_there(place: Place, sandbox: SandboxThread) -> None:
    (place.folder / "shop.csv").write_text(f"{HEADER}s1,nobody,5,2024-05-01T10:00:00Z,EU\n")
    _, found, said = run(place, write_plan(place, {"files": "shop.csv", "route": route()}), url=sandbox.url)
    assert "bolt: warning: no row is space bolt's by column Store" in said
    file = Path(found["jobs"][0]["rejects_file"])
    file.write_text(file.read_text().replace("nobody", "p1@example.com").replace(",EU", ",US"))
    line = found["jobs"][0]["resume"]
    for rows, accepted in ((0, 0), (1, 1)):
        done = place.command(*shlex.split(line)[1:], "--json", url=sandbox.url, **ENV)
        ended = json.loads(done.stdout)
        assert (done.returncode, ended["rows"], ended["accepted"]) == (0, rows, accepted), done.stderr
        assert "nothing to do" not in done.stderr
        assert ("1 row is space bolt's by column Store; for it: backfill upload" in done.stderr) == (rows == 0)
        line = ended["resume"]
    assert (line, stored(sandbox)) == (None, {"bolt": 1})


def test_a_verify_judges_the_rows_that_the_route_gave_to_its_space(place: Place, sandbox: SandboxThread) -> None:
    plan = write_plan(place, {"files": shop(place, "EU", "US", "UK"), "route": route()})

    def verified(space: str) -> tuple[int, dict[str, Any]]:
        words = ("verify", "shop.csv", "-m", place.mapping, "--space", space, "--json", "--state", "state")
        ran = place.command(*words, COMETLY_API_URL=sandbox.url, **ENV)
        return ran.returncode, json.loads(ran.stdout)

    run(place, plan, url=sandbox.url, COMETLY_API_KEY_BOLT=ENV["COMETLY_API_KEY_BOLT"])  # acme has no key yet
    code, bolt = verified("bolt")
    assert (code, bolt["events"], bolt["agree"], bolt["resume"]) == (0, 1, 1, None)
    code, acme = verified("acme")
    assert (code, acme["events"], acme["not_sent"]) == (3, 2, 2)
    place.command(*shlex.split(acme["resume"])[1:], "--yes", COMETLY_API_URL=sandbox.url, **ENV)
    assert {(event.space, event.body["order_id"]) for event in sandbox.events} == {
        ("acme", "s0"), ("bolt", "s1"), ("acme", "s2"),
    }  # fmt: skip
    assert [verified(space)[1]["exit_code"] for space in ("acme", "bolt")] == [0, 0]


@pytest.mark.parametrize(
    ("before", "other"),
    [
        ("the whole file", None),
        ("another route", None),
        ("nothing", "US"),
        ("nothing", "no such column"),
    ],
)
def test_a_verify_tells_of_all_that_was_sent_whatever_route_the_last_run_had(
    place: Place, sandbox: SandboxThread, before: str, other: str | None
) -> None:
    """Of rows that the route gives to another Space, too, and of files that it did not have."""
    files = ["shop.csv", *(["other.csv"] if other else [])]
    header = HEADER if other == "US" else HEADER.replace(",Store", "")
    more = ",US" if other == "US" else ""
    (place.folder / "other.csv").write_text(f"{header}o1,o1@example.com,7,2024-05-02T10:00:00Z{more}\n")

    def planned(spaces: dict[str, str]) -> None:
        jobs: list[dict[str, Any]] = [{"files": "other.csv", "space": "acme"}] if other else []
        jobs.append({"files": shop(place, "EU", "US", "UK"), "route": route(spaces=spaces)})
        run(place, write_plan(place, *jobs), url=sandbox.url)

    if before == "the whole file":
        words = ("upload", shop(place, "EU", "US", "UK"), "-m", place.mapping, "--space", "acme", "--state", "state")
        place.command(*words, "--yes", COMETLY_API_URL=sandbox.url, **ENV)
    elif before == "another route":
        planned({"EU": "acme", "UK": "acme", "US": "acme"})
    planned({"EU": "acme", "UK": "acme", "US": "bolt"})
    sent = [event for event in sandbox.events if event.space == "acme"]
    assert len(sent) == 3
    for event in sent:
        del sandbox.sandbox._stored[event.id]
    words = ("verify", *files, "-m", place.mapping, "--space", "acme", "--json", "--state", "state")
    ran = place.command(*words, COMETLY_API_URL=sandbox.url, **ENV)
    found = json.loads(ran.stdout)
    assert (ran.returncode, found["missing"], found["absent"]) == (3, len(sent), 0)


def test_what_becomes_of_other_values(place: Place, sandbox: SandboxThread) -> None:
    shops = shop(place, "EU", "", "US", "eu")
    jobs = [{"files": shops, "route": route(default=default)} for default in ("skip", "bolt")]
    code, found, _ = run(place, write_plan(place, *jobs), url=sandbox.url)
    assert (code, stored(sandbox)) == (3, {"acme": 1, "bolt": 3})
    assert [(one["accepted"], one["already"]) for one in found["jobs"]] == [(1, 0), (1, 0), (2, 1), (0, 1)]
    acme, bolt, bolt_with_others, acme_again = (one["rows"] for one in found["jobs"])
    assert (acme + bolt, bolt_with_others + acme_again) == (4, 6)


def test_a_value_without_a_space_or_a_column_that_is_not_there_stops_the_job(
    place: Place, sandbox: SandboxThread
) -> None:
    jobs = [
        {"files": shop(place, "EU", "XX", "US", "eu"), "route": route()},
        {"files": orders(place, "c", 5), "space": "coil"},
        {"files": "c.csv", "route": {"column": "Stores", "spaces": {"EU": "coil"}}},
    ]
    code, found, _ = run(place, write_plan(place, *jobs), url=sandbox.url)
    assert (code, [one["exit_code"] for one in found["jobs"]]) == (2, [2, 2, 0, 2])
    assert "Store" in found["jobs"][3]["error"].replace("Stores", "")
    assert "2 records (the first in row 2" in found["jobs"][0]["error"]
    assert "XX" not in found["jobs"][0]["error"]
    assert stored(sandbox) == {"coil": 5}


def test_a_record_whose_rows_go_to_two_spaces_goes_to_none(place: Place, sandbox: SandboxThread) -> None:
    mapping = Path(place.mapping).read_text().replace("events:", "source: {group_by: Order}\nevents:")
    (place.folder / "grouped.yaml").write_text(mapping)
    lines = [
        f"{order},a@example.com,5,2024-05-01T10:00:00Z,{store}\n"
        for order, store in (("o1", "EU"), ("o1", ""), ("o2", "US"), ("o2", "EU"), ("o3", "US"), ("o3", "US"))
    ]
    (place.folder / "g.csv").write_text(HEADER + "".join(lines))
    job = {"files": "g.csv", "mapping": "grouped.yaml", "route": route()}
    code, found, _ = run(place, write_plan(place, job), url=sandbox.url)
    acme, bolt = found["jobs"]
    assert (code, stored(sandbox)) == (3, {"acme": 1, "bolt": 1})
    assert (acme["rows"], bolt["rows"], bolt["codes"], acme["codes"]) == (2, 4, {"conflicting_rows": 1}, {})


# Stops


def started(place: Place, sandbox: SandboxThread, number: int = 40, workers: int = 50, **options: Any) -> Running:
    jobs = [{"files": orders(place, space, number), "space": space, "workers": workers} for space in ("acme", "bolt")]
    plan = write_plan(place, *jobs)
    return place.start("jobs", plan, "--state", "state", url=sandbox.url, env=ENV, **options)


def test_killed_and_run_again(place: Place) -> None:
    with SandboxThread(keys=KEYS, latency=(0.02, 0.1), faults=[Fault(every=9, status=503)]) as sandbox:
        process = started(place, sandbox, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(sandbox, 15, process)
        process.kill()
        process.wait()
        code, found, _ = run(place, "plan.yaml", url=sandbox.url)
        assert (code, stored(sandbox)) == (0, {"acme": 40, "bolt": 40})
        assert found["totals"]["already"] + found["totals"]["accepted"] == 80
        keys = {(a.space, a.body["order_id"], a.body["idempotency_key"]) for a in sandbox.arrivals if a.body}
        assert len(keys) == 80


def test_a_signal_stops_all_spaces_in_good_order(place: Place) -> None:
    with SandboxThread(keys=KEYS, faults=[Fault(latency=2, after=12)]) as sandbox:
        process = started(place, sandbox, 25, workers=4)
        until(sandbox, 12, process)
        process.terminate()
        out, err = process.communicate(timeout=240)
        assert process.returncode == 143, err
        assert "Traceback" not in err
        assert err.strip().splitlines()[-1] == f"to go on: {again(place, sandbox)}"
        assert len(sandbox.arrivals) == len(sandbox.events)
        assert f"{len(sandbox.events)} accepted" in out.split("jobs for 2 Spaces")[1], out
        assert "run 1: taken back by backfill undo 1 --space acme --state" in out
        sandbox.faults = ()
        assert run(place, "plan.yaml", url=sandbox.url)[0] == 0
        assert len(sandbox.arrivals) == 50


def test_a_second_signal_stops_at_once(place: Place) -> None:
    with SandboxThread(keys=KEYS, faults=[Fault(hang=200, after=6)]) as sandbox:
        process = started(place, sandbox)
        until(sandbox, 10, process)
        time.sleep(0.4)
        process.send_signal(signal.SIGINT)
        time.sleep(0.4)
        assert process.poll() is None
        _, err = ended_by_signals(process)
        assert process.returncode == 130 and "Traceback" not in err, err


def test_a_held_space_is_reported_and_the_others_are_sent(place: Place) -> None:
    assert place.mapping
    with SandboxThread(keys=KEYS, latency=0.3) as sandbox:
        first = place.start(
            *f"upload {orders(place, 'x', 200)} --rate 200 -m small.yaml --space acme --state state".split(),
            url=sandbox.url,
            env=ENV,
        )
        until(sandbox, 2, first)
        few = orders(place, "few", 3)
        plan = write_plan(place, {"files": few, "space": "acme"}, {"files": few, "space": "bolt"})
        code, found, _ = run(place, plan, url=sandbox.url)
        assert (code, [one["exit_code"] for one in found["jobs"]]) == (6, [6, 0])
        first.kill()
        first.communicate()


# A terminal


def on_a_terminal(place: Place, answer: str, *words: str, url: str) -> tuple[int, str]:
    """Run with a terminal for standard input and error; return the exit code and what was printed there."""
    ours, theirs = pty.openpty()
    process = place.start("jobs", *words, url=url, env=ENV, stdin=theirs, stderr=theirs)
    os.close(theirs)
    said = b""
    asked = False
    while True:
        try:
            data = os.read(ours, 65536)
        except OSError:
            break
        if not data:
            break
        said += data
        if b"[y/N]" in said and not asked:
            asked = True
            os.write(ours, answer.encode())
    process.communicate(timeout=240)
    os.close(ours)
    return process.returncode, said.decode(errors="replace")


def test_one_question_for_all(place: Place, sandbox: SandboxThread) -> None:
    jobs = [{"files": orders(place, space, 5), "space": space} for space in ("acme", "bolt")]
    plan = write_plan(place, *jobs)
    code, said = on_a_terminal(place, "n\n", plan, "--state", "state", url=sandbox.url)
    assert (code, said.count("[y/N]")) == (2, 1), said
    assert "not confirmed" in said and not sandbox.arrivals
    assert "to 2 Spaces?" in said
    code, said = on_a_terminal(place, "y\n", plan, "--state", "state", url=sandbox.url)
    assert (code, stored(sandbox)) == (0, {"acme": 5, "bolt": 5}), said
    code, said = on_a_terminal(place, "", plan, "--state", "state", url=sandbox.url)
    assert (code, "[y/N]" in said) == (0, False)
