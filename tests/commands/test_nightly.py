"""The guide's recipes for every night do what they say: cron, systemd, containers; logs for programs."""

import configparser
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from guide_pages import ROOT, blocks, page, section
from place import Place, until

from backfill.cli.jobs import settings
from backfill.cli.parser import parser
from backfill.commands.jobs.plan import Grammar, load_plan
from backfill.errors import MappingError
from backfill.run.options import Options
from backfill.sandbox import Fault, SandboxThread

NIGHT = page("nightly")
KEYS = {"your-key-for-acme": "acme", "your-key-for-bolt": "bolt"}


def ready(place: Place) -> None:
    """A home folder with keys, exports, a plan, and the command on its path."""
    for folder in ("exports", ".config/backfill", "metrics", "bin"):
        (place.folder / folder).mkdir(parents=True)
    (place.folder / ".config" / "backfill" / "keys").write_text(blocks("sh", NIGHT)[0])
    command = place.folder / "bin" / "backfill"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m backfill "$@"\n')
    command.chmod(0o755)
    orders = place.orders(8)
    jobs = [{"files": orders, "space": space, "mapping": place.mapping} for space in ("acme", "bolt")]
    (place.folder / "exports" / "plan.yaml").write_text(json.dumps({"plan": 1, "jobs": jobs}))


def environment(place: Place, url: str) -> dict[str, str]:
    kept = place.environment(url)
    kept.pop("COMETLY_API_KEY", None)
    return {**kept, "HOME": str(place.folder), "PATH": f"{place.folder / 'bin'}:{kept['PATH']}"}


def logged(text: str) -> list[dict[str, Any]]:
    """A log's lines, each an object."""
    found = [json.loads(line) for line in text.splitlines()]
    assert all(set(one) >= {"time", "level", "message", "command"} for one in found)
    return found


def test_the_line_for_cron(place: Place) -> None:
    ready(place)
    (line,) = blocks("cron", NIGHT)
    fields = line.strip().split(maxsplit=5)
    assert re.fullmatch(r"[\d*]+( [\d*]+){4}", " ".join(fields[:5]))
    command = fields[5].replace(r"\%", "%")
    assert "%" not in fields[5].replace(r"\%", "")
    with SandboxThread(keys=KEYS) as sandbox:
        env = environment(place, sandbox.url)
        ran = subprocess.run(["/bin/sh", "-c", command], env=env, capture_output=True, text=True, timeout=240)
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
        assert len(sandbox.events) == 16
    assert {one.get("space") for one in logged((place.folder / "backfill.log").read_text())} >= {"acme", "bolt"}
    assert (place.folder / "metrics" / "backfill.prom").read_text().endswith("# EOF\n")
    (place.folder / "exports" / "plan.yaml").unlink()
    ran = subprocess.run(["/bin/sh", "-c", command], env=env, capture_output=True, text=True, timeout=240)
    assert ran.stdout == "backfill ended with exit code 2\n"


def units() -> dict[str, configparser.ConfigParser]:
    found = {}
    for text in blocks("ini", NIGHT):
        unit = configparser.ConfigParser(interpolation=None, strict=True)
        unit.optionxform = str  # type: ignore[assignment, method-assign]
        unit.read_string(text)
        found[text.splitlines()[0].rsplit(".", 1)[1]] = unit
    return found


def test_the_units_for_systemd(place: Place) -> None:
    ready(place)
    service = units()["service"]["Service"]
    words = shlex.split(service["ExecStart"])
    assert words[0].endswith("/backfill")
    moved = {"/etc/backfill/plan.yaml": "exports/plan.yaml", "/var/lib/backfill/backfill.prom": "backfill.prom"}
    env = {}
    for line in (place.folder / ".config" / "backfill" / "keys").read_text().splitlines():
        if not line.startswith("#"):
            name, _, value = line.partition("=")
            env[name] = value
    assert service["EnvironmentFile"] == "/etc/backfill/keys"
    assert service["Environment"] == "BACKFILL_STATE=/var/lib/" + service["StateDirectory"]
    with SandboxThread(keys=KEYS) as sandbox:
        env |= {"COMETLY_API_URL": sandbox.url, "BACKFILL_STATE": str(place.folder / "state")}
        ran = place.command(*(moved.get(word, word) for word in words[1:]), **env)
        assert ran.returncode == 0, ran.stderr
        assert len(sandbox.events) == 16
    assert logged(ran.stderr)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for text in blocks("ini", NIGHT):
        name = text.splitlines()[0].rsplit("/", 1)[1]
        (tmp_path / name).write_text(text.replace("/usr/local/bin/backfill", sys.executable))
    files = [str(path) for path in sorted(tmp_path.iterdir())]
    ran = subprocess.run(["systemd-analyze", "verify", *files], capture_output=True, text=True, timeout=240)
    said = [line for line in ran.stderr.splitlines() if str(tmp_path) in line or "backfill." in line]
    assert not said, said


def test_the_image() -> None:
    (text,) = blocks("dockerfile", NIGHT)
    lines = [line.split(" ", 1) for line in text.splitlines()]
    steps = dict(lines)
    assert list(steps) == ["FROM", "COPY", "RUN", "USER", "ENV", "VOLUME", "WORKDIR", "ENTRYPOINT"]
    copied = {source for step, words in lines if step == "COPY" for source in words.split()[:-1]}
    with (ROOT / "pyproject.toml").open("rb") as file:
        made = tomllib.load(file)
    wheel = made["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {made["project"]["readme"], *made["project"]["license-files"], *wheel["packages"], *wheel["force-include"]}
    assert copied == {"pyproject.toml", *needed}  # and no file of keys that is there too
    assert json.loads(steps["ENTRYPOINT"])[0] in made["project"]["scripts"]
    assert steps["ENV"].partition("=")[2] in json.loads(steps["VOLUME"])
    for line in blocks("sh", NIGHT)[1].splitlines():
        words = shlex.split(line)
        if words[1] == "run":
            given = parser().parse_args(words[words.index("backfill", 2) + 1 :])
            assert given.command == "jobs"
            assert f"{steps['WORKDIR']}" in line


def test_the_cron_job() -> None:
    (text,) = blocks("yml", section("A container", NIGHT))
    spec = yaml.safe_load(text)["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    given = parser().parse_args(container["args"])
    mounts = {mount["mountPath"] for mount in container["volumeMounts"]}
    assert str(given.metrics.parent) in mounts
    assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in spec["volumes"]}


def test_the_plan_shown_is_one(tmp_path: Path) -> None:
    (text,) = blocks("yml", page("spaces"))
    (tmp_path / "plan.yaml").write_text(text)
    try:
        jobs = load_plan(tmp_path / "plan.yaml", Grammar(settings(), Options.of("upload", (), ())))
    except MappingError as error:
        raise AssertionError(str(error)) from None
    assert [job.space for job in jobs] == ["acme", "acme", "bolt", "shop_de", "shop_fr"]


# Logs


@pytest.mark.parametrize(
    ("faults", "words", "code"),
    [
        ([], [], 0),
        ([Fault(every=2, status=422)], [], 3),
        ([Fault(status=401)], [], 4),
        ([], ["--min-rows", "99"], 5),
        ([], ["--since", "nonsense"], 2),
        ([], ["--base-url", "ftp://x"], 2),
        ([], ["--space", "nokey"], 2),
    ],
    ids=["fine", "refused", "stopped", "threshold", "usage", "address", "key"],
)
def test_every_line_is_an_object(place: Place, faults: list[Fault], words: list[str], code: int) -> None:
    with SandboxThread(faults=faults) as sandbox:
        ran = place.command(
            "upload", place.orders(6), "-m", place.mapping, "--state", "state", "--log-format", "json",
            "--metrics", "out.prom", *words, url=sandbox.url,
        )  # fmt: skip
        assert ran.returncode == code, ran.stderr
    found = logged(ran.stderr)
    assert {one["space"] for one in found} == {"nokey" if "nokey" in words else "default"}
    assert any(one["level"] == "error" for one in found) == (code not in (0, 3))
    assert not any("@" in one["message"] for one in found)
    assert 'backfill_exit_code{command="upload"' in (place.folder / "out.prom").read_text()


def test_a_held_space_in_json(place: Place) -> None:
    words = ("upload", place.orders(80), "-m", place.mapping, "--state", "state", "--log-format", "json")
    with SandboxThread(latency=0.2) as sandbox:
        first = place.start(*words, "--rate", "100", url=sandbox.url)
        until(sandbox, 1, first)
        second = place.command(*words, url=sandbox.url)
        assert second.returncode == 6
        assert logged(second.stderr)[-1]["level"] in ("error", "info")
        first.terminate()
        _, err = first.communicate(timeout=240)
        last = logged(err)
        assert first.returncode == 143 and any(one.get("run") == 1 for one in last)
