"""A plan in parts: each job is in one of them, a Space's all in the same, and platforms say which one this is."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from place import Place
from plans import ENV, KEYS, run, write_plan

from backfill.commands.jobs.part import Part, part_of
from backfill.commands.jobs.plan import Job
from backfill.errors import UsageError
from backfill.run.options import Options
from backfill.sandbox import SandboxThread


@pytest.mark.parametrize(
    ("said", "environment", "part"),
    [
        (None, {}, None),
        ("2/3", {}, "2/3"),
        ("1/1", {"JOB_COMPLETION_INDEX": "4"}, "1/1"),
        ("/5", {"JOB_COMPLETION_INDEX": "4"}, "5/5"),
        (None, {"CLOUD_RUN_TASK_INDEX": "0", "CLOUD_RUN_TASK_COUNT": "3"}, "1/3"),
        (None, {"AWS_BATCH_JOB_ARRAY_INDEX": "2", "AWS_BATCH_JOB_ARRAY_SIZE": "3"}, "3/3"),
        ("2/3", {"CLOUD_RUN_TASK_INDEX": "0", "CLOUD_RUN_TASK_COUNT": "9"}, "2/3"),
    ],
)
def test_the_part_is_said_or_the_platform_s(said: str | None, environment: dict[str, str], part: str | None) -> None:
    found = part_of(said, environment)
    assert (None if found is None else str(found)) == part


@pytest.mark.parametrize(
    ("said", "environment", "sentence"),
    [
        ("0/3", {}, "part 0 of 3 does not exist"),
        ("4/3", {}, "part 4 of 3 does not exist; parts are 1 to 3$"),
        ("1/0", {}, "part 1 of 0 does not exist$"),
        ("half", {}, "is not K/N"),
        ("-1/2", {}, "is not K/N"),
        ("/3", {}, "no platform says which part this is"),
        ("/3", {"JOB_COMPLETION_INDEX": "3"}, "part 4 of 3 does not exist"),
        (None, {"JOB_COMPLETION_INDEX": "3"}, "JOB_COMPLETION_INDEX names a part, and nothing says of how many"),
        (None, {"CLOUD_RUN_TASK_INDEX": "3"}, "CLOUD_RUN_TASK_INDEX names a part, and nothing says of how many"),
        (None, {"CLOUD_RUN_TASK_INDEX": "x", "CLOUD_RUN_TASK_COUNT": "3"}, "no whole number"),
    ],
)
def test_a_part_that_is_none(said: str | None, environment: dict[str, str], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        part_of(said, environment)


@given(spaces=st.lists(st.sampled_from("abcdefg"), max_size=30), count=st.integers(1, 9))
def test_each_job_is_in_one_part_and_a_space_s_all_in_the_same(spaces: list[str], count: int) -> None:
    jobs = [
        Job(number, Options.of("upload", base_url="https://a.test", space=space)) for number, space in enumerate(spaces)
    ]
    parts = [Part(number, count).of(jobs) for number in range(1, count + 1)]
    assert sorted(job.number for part in parts for job in part) == list(range(len(jobs)))
    assert all([job.number for job in part] == sorted(job.number for job in part) for part in parts)
    named = [{job.space for job in part} for part in parts]
    assert sum(map(len, named)) == len(set(spaces))
    assert max(map(len, named)) - min(map(len, named)) <= 1


def test_the_parts_of_a_plan_together_send_all_of_it(place: Place) -> None:
    files = [place.orders(3 * at + 3, first=3 * at, name=f"{space}.csv") for at, space in enumerate(KEYS.values())]
    jobs = [{"files": Path(file).name, "space": Path(file).stem} for file in files]
    plan = write_plan(place, *jobs, {**jobs[0], "files": Path(place.orders(12, first=9, name="more.csv")).name})
    with SandboxThread(keys=KEYS) as sandbox:
        code, first, _ = run(place, plan, "--part", "1/2", url=sandbox.url)
        assert code == 0 and [(one["space"], one["accepted"]) for one in first["jobs"]] == [
            ("acme", 3), ("coil", 3), ("acme", 3)
        ]  # fmt: skip
        code, second, _ = run(place, plan, "--part", "/2", url=sandbox.url, JOB_COMPLETION_INDEX="1", **ENV)
        assert code == 0 and [(one["space"], one["accepted"]) for one in second["jobs"]] == [("bolt", 3)]
        code, none, said = run(place, plan, "--part", "4/4", url=sandbox.url)
        assert code == 0 and none["jobs"] == [] and "nothing to do" in said
        assert len(sandbox.events) == 12
