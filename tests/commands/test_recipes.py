"""The guide's recipes for orchestrators: what can be checked without their programs; `make recipes` runs the rest."""

import ast
import json
import os
import re
import shlex
import signal
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from guide_pages import blocks, page, rows, section
from jsonschema import Draft7Validator

from backfill.cli.parser import parser
from backfill.commands.jobs.part import part_of

RECIPES = page("recipes")
DONE, LOOK, WAIT = {0, 3}, {1, 2, 5}, {6}


def the_yaml(title: str) -> dict[str, Any]:
    (text,) = blocks("yml", section(title, RECIPES))
    found = yaml.load(text, yaml.BaseLoader)  # every value is its text, so that `on` stays a key
    assert isinstance(found, dict)
    return found


def stub(folder: Path) -> dict[str, str]:
    """An environment whose `backfill` ends with the next code of a list, and whose `sleep` does not wait."""
    for name, text in {
        "backfill": 'echo run >> calls\ncode=$(head -n 1 codes)\nsed -i 1d codes\nexit "$code"\n',
        "sleep": 'echo "sleep $1" >> calls\n',
    }.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}")
        (folder / name).chmod(0o755)
    return {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}


def ended(folder: Path, shell: list[str], script: str, codes: list[int]) -> tuple[int, list[str]]:
    """How a script ends where the command ends with these codes, and what it called."""
    env = stub(folder)
    (folder / "codes").write_text("".join(f"{code}\n" for code in codes))
    (folder / "calls").write_text("")
    ran = subprocess.run([*shell, script], cwd=folder, env=env, capture_output=True, text=True, timeout=240)
    return ran.returncode, (folder / "calls").read_text().splitlines()


def test_the_table_has_every_code_once() -> None:
    codes = [code for cell, *_ in rows(RECIPES) for code in map(int, re.findall(r"\d+", cell))]
    assert sorted(codes) == [0, 1, 2, 3, 4, 5, 6, 130, 143]


@pytest.mark.parametrize("title", ["Airflow", "Dagster", "Prefect"])
def test_a_recipe_in_python_runs_a_command_that_is_one_and_knows_every_code(title: str) -> None:
    (text,) = blocks("python", section(title, RECIPES))
    words = next(
        ast.literal_eval(node)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.List) and node.elts and ast.unparse(node.elts[0]) == "'backfill'"
    )
    assert parser().parse_args(words[1:]).command == "jobs"
    sets = [set(ast.literal_eval(node)) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Tuple)]
    assert LOOK in sets and DONE in sets


@pytest.mark.parametrize(("code", "code_of_all", "runs"), [(0, 0, 1), (3, 0, 1), (1, 1, 1), (2, 2, 1), (5, 5, 1)])
def test_the_workflow_ends_at_once(tmp_path: Path, code: int, code_of_all: int, runs: int) -> None:
    script = the_yaml("GitHub Actions")["jobs"]["send"]["steps"][-1]["run"]
    assert ended(tmp_path, ["bash", "-e", "-c"], script, [code]) == (code_of_all, ["run"] * runs)


def test_the_workflow_tries_again_where_that_helps(tmp_path: Path) -> None:
    script = the_yaml("GitHub Actions")["jobs"]["send"]["steps"][-1]["run"]
    assert ended(tmp_path, ["bash", "-e", "-c"], script, [4, 6, 3]) == (
        0,
        ["run", "sleep 900", "run", "sleep 900", "run"],
    )
    assert ended(tmp_path, ["bash", "-e", "-c"], script, [143, 4, 4, 4, 0])[0] == 4


def test_the_workflow_is_one_and_its_commands_are() -> None:
    workflow = the_yaml("GitHub Actions")
    schema = json.loads((files("check_jsonschema.builtin_schemas.vendor") / "github-workflows.json").read_text())
    typed = yaml.safe_load("\n".join(blocks("yml", section("GitHub Actions", RECIPES))))
    typed["on"] = typed.pop(True)  # YAML 1.1 takes the key for a truth value
    assert [error.message for error in Draft7Validator(schema).iter_errors(typed)] == []
    line = next(line for line in workflow["jobs"]["send"]["steps"][-1]["run"].splitlines() if "backfill jobs" in line)
    assert parser().parse_args(shlex.split(line.split("||")[0])[1:]).command == "jobs"
    assert int(workflow["jobs"]["send"]["timeout-minutes"]) <= 360


def job() -> dict[str, Any]:
    found: dict[str, Any] = the_yaml("Kubernetes")["spec"]["jobTemplate"]["spec"]
    return found


def test_the_job_s_parts_are_as_many_as_it_completes() -> None:
    (container,) = job()["template"]["spec"]["containers"]
    (words,) = re.findall(r"^backfill (.*?) &$", container["args"][0], flags=re.MULTILINE)
    part = parser().parse_args(shlex.split(words)).part
    counts = {str(part_of(part, {"JOB_COMPLETION_INDEX": str(at)})) for at in range(int(job()["completions"]))}
    assert counts == {f"{at + 1}/{job()['completions']}" for at in range(int(job()["completions"]))}
    assert job()["completionMode"] == "Indexed" and job()["parallelism"] == job()["completions"]


def test_the_job_s_policy_is_the_table_s() -> None:
    spec = job()["template"]["spec"]
    assert spec["restartPolicy"] == "Never"  # as a policy demands
    by_action = {
        rule["action"]: {int(code) for code in rule["onExitCodes"]["values"]}
        for rule in job()["podFailurePolicy"]["rules"]
        if "onExitCodes" in rule
    }
    assert by_action == {"FailIndex": LOOK, "Ignore": WAIT}
    (container,) = spec["containers"]
    on = [rule["onExitCodes"]["containerName"] for rule in job()["podFailurePolicy"]["rules"] if "onExitCodes" in rule]
    assert set(on) == {container["name"]}
    assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in spec["volumes"]}


@pytest.mark.parametrize("code", [0, 1, 2, 3, 4, 5, 6, 130, 143])
def test_the_container_s_shell_makes_a_3_a_0(tmp_path: Path, code: int) -> None:
    (container,) = job()["template"]["spec"]["containers"]
    found, calls = ended(tmp_path, [*container["command"]], container["args"][0], [code])
    assert (found, calls) == (0 if code == 3 else code, ["run"])


@pytest.mark.parametrize("code", [143, 3])
def test_the_container_s_shell_passes_the_signal_on(tmp_path: Path, code: int) -> None:
    (container,) = job()["template"]["spec"]["containers"]
    env = stub(tmp_path)
    (tmp_path / "backfill").write_text(
        f'#!/bin/sh\ntrap "echo asked > asked; exit {code}" TERM\necho > begun\nwhile :; do /bin/sleep 0.05; done\n'
    )
    ran = subprocess.Popen([*container["command"], container["args"][0]], cwd=tmp_path, env=env)
    while not (tmp_path / "begun").exists():
        assert ran.poll() is None
    ran.send_signal(signal.SIGTERM)
    assert ran.wait(timeout=240) == (0 if code == 3 else code)
    assert (tmp_path / "asked").exists()
