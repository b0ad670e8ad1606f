"""A law of plans: jobs give the same as uploads of the same files, one by one in the plan's order."""

import csv
import json
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from checking import VERDICTS, mapping_of
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from place import Place

from backfill.sandbox import SandboxThread

HEADER = "id,email,total,at\n"
MAPPINGS = [
    mapping_of(),
    mapping_of(group_by="id", sum=["total"]),
    mapping_of(on_conflict="first").replace("events:", "where: {total: {at_least: 3}}\nevents:"),
]
CELLS = (
    ["{0}1", "{0}2", "{0}3", ""],
    ["a{0}@x.de", "A{0}@x.de", "b{0}@x.de", "b{0}@x.de", "nobody"],
    ["5", "5.0", "7.25", "2,5", ""],
    ["2024-05-01T10:00:00Z", "2024-05-01T12:00:00+02:00", "2024-05-02", "soon"],
)
SPACES, FILES, ROWS = 2, 2, 6
SETTINGS = {"timezone": "UTC", "decimal": ".", "allow-doubles": True}  # nothing stops the jobs of a Space
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)  # a failing plan is small enough as it is
SAME = (*VERDICTS, "rows", "merged", "records", "without_event", "unreadable", "codes", "dropped_fields", "changed")
SAME += ("amount", "by_event", "first_event_time", "last_event_time", "exit_code")


def spaces_of(dice: random.Random) -> Iterator[tuple[int, list[list[str]]]]:
    """For each Space its mapping, and its files' rows. (A strategy's first example would be one plain row.)"""
    for _ in range(SPACES):
        rows = [",".join(map(dice.choice, CELLS)) for _ in range(FILES * ROWS)] + ['{0}1,"torn']
        yield dice.randrange(len(MAPPINGS)), [dice.choices(rows, k=ROWS) for _ in range(FILES)]


def rejects_of(summary: dict[str, Any]) -> list[list[str]]:
    name = summary.get("rejects_file")
    return list(csv.reader(Path(name).read_text("utf-8-sig").splitlines())) if name else []


def outcome(summary: dict[str, Any]) -> tuple[dict[str, Any], list[list[str]]]:
    return {name: summary.get(name) for name in SAME}, rejects_of(summary)


def arrived(sandbox: SandboxThread) -> Counter[tuple[str, str]]:
    return Counter((event.space, json.dumps(event.body, sort_keys=True)) for event in sandbox.events)


@settings(max_examples=2, phases=QUICK, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10**9))
def test_jobs_give_what_single_uploads_give(place: Place, mark: int) -> None:
    spaces = list(spaces_of(random.Random(mark)))
    keys = {f"key-s{n}": f"s{n}" for n in range(len(spaces))}
    jobs = []
    for space, (mapping, tables) in enumerate(spaces):
        path = place.folder / f"m{mapping}.yaml"
        path.write_text(MAPPINGS[mapping])
        for number, table in enumerate(tables):
            text = HEADER + "".join(f"{row}\n" for row in table).format(f"{space}-")  # no order is in two Spaces
            for folder in ("plan", "alone"):
                (place.folder / folder).mkdir(exist_ok=True)
                (place.folder / folder / f"{mark}-{space}-{number}.csv").write_text(text)
            jobs.append({"files": f"plan/{mark}-{space}-{number}.csv", "space": f"s{space}", "mapping": str(path)})
    plan = place.folder / "plan.yaml"
    plan.write_text(json.dumps({"plan": 1, "defaults": SETTINGS, "jobs": jobs}))
    with SandboxThread(keys=keys) as sandbox:
        env = {f"COMETLY_API_KEY_{space.upper()}": key for key, space in keys.items()}
        words = ["jobs", str(plan), "--json", "--quiet", "--state", f"planned-{mark}"]
        ran = place.command(*words, COMETLY_API_URL=sandbox.url, **env)
        planned = [outcome(summary) for summary in json.loads(ran.stdout)["jobs"]]
        events = arrived(sandbox)
    with SandboxThread(keys=keys) as sandbox:
        alone = []
        for job in jobs:
            file = str(place.folder / job["files"].replace("plan/", "alone/"))
            given = {"space": job["space"], "mapping": job["mapping"], "quiet": True, "yes": True}
            given |= {name.replace("-", "_"): value for name, value in SETTINGS.items()}
            given |= {"key": f"key-{job['space']}", "state": place.folder / f"alone-{mark}"}
            alone.append(outcome(place.upload(sandbox.url, file, **given)))
        assert events == arrived(sandbox)
    assert planned == alone
