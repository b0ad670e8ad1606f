"""Run the guide's recipes for orchestrators for real: each tool in an environment of its own, newest release.

    python tests/recipes.py .recipes [TOOL...]

Proves that each exit code ends as the guide's table says, and that the real command sends the plan's events.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "support"))

from guide_pages import blocks, page, section

from backfill.sandbox import SandboxThread

ROOT = Path(__file__).parents[1]
MAPPING = """
mapping: 1
name: small
detect: [Order, Email, Total, When]
events:
  - {event_name: purchase, fields: {order_id: Order, email: Email, amount: Total, event_time: When}}
"""

# The codes that the command ends with, one after the other; how the recipe ends, and how often it ran the command.
ENDS = {
    "0": (True, 1),
    "3": (True, 1),
    "4 130 3": (True, 3),
    "6 6 143 0": (True, 4),
    "1": (False, 1),
    "2": (False, 1),
    "4 5": (False, 2),
    "4 4 4 4 0": (False, 4),
}

# What runs the recipe once and says whether it ended well; it is in the module `recipe`.
DRIVERS = {
    "Airflow": ("apache-airflow>=3", 'ended = str(recipe.cometly().test().state) == "success"'),
    "Dagster": (
        "dagster",
        'ended = recipe.defs.resolve_job_def("night").execute_in_process(raise_on_error=False).success',
    ),
    "Prefect": ("prefect>=3", "ended = recipe.cometly(return_state=True).is_completed()"),
}
_DRIVER = """
import json, os, sys
from pathlib import Path
import recipe

for codes in json.loads(sys.argv[1]):
    Path(os.environ["CODES"]).write_text("".join(f"{{code}}\\n" for code in codes.split()))
    Path(os.environ["CALLS"]).write_text("")
    {drive}
    print("ENDED", json.dumps([codes, bool(ended), len(Path(os.environ["CALLS"]).read_text().split())]), flush=True)
"""
# Ends with the next of the codes; where there is none, it is the real command.
_COMMAND = """#!/bin/sh
echo x >> "$CALLS"
code=$(head -n 1 "$CODES")
sed -i 1d "$CODES"
if [ -n "$code" ]; then exit "$code"; fi
exec {python} -m backfill "$@"
"""
_PATIENCE = {"minutes=15": "seconds=0", "seconds_to_wait=900": "seconds_to_wait=0", "seconds=900": "seconds=0"}


def installed(home: Path, name: str, requirement: str) -> Path:
    """The Python of an environment with the tool in it."""
    folder = (home / name.lower()).absolute()
    python = folder / "bin" / "python"
    if not (folder / ".ready").exists():
        print(f"Installing {requirement} into {folder} ...", flush=True)
        venv.create(folder, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, "uv"], check=True)
        subprocess.run(
            [str(folder / "bin" / "uv"), "pip", "install", "--quiet", "--python", python, requirement], check=True
        )
        (folder / ".ready").touch()
    return python


def text_of(name: str, plan: Path) -> str:
    """The recipe, with a plan of ours and without its pauses."""
    (text,) = blocks("python", section(name, page("recipes")))
    for pause, none in _PATIENCE.items():
        text = text.replace(pause, none)
    assert "/exports/plan.yaml" in text and "900" not in text
    return text.replace("/exports/plan.yaml", str(plan))


def run(name: str, python: Path, folder: Path) -> None:
    """Run one recipe with every row of codes, and then the real command."""
    (folder / "bin").mkdir()
    command = folder / "bin" / "backfill"
    command.write_text(_COMMAND.format(python=shlex.quote(sys.executable)))
    command.chmod(0o755)
    (folder / "small.yaml").write_text(MAPPING)
    lines = [f"A{n},p{n}@example.com,5.50,2024-05-01T10:00:00Z" for n in range(7)]
    (folder / "orders.csv").write_text("\n".join(["Order,Email,Total,When", *lines, ""]))
    plan = folder / "plan.yaml"
    plan.write_text(json.dumps({"plan": 1, "jobs": [{"files": "orders.csv", "mapping": "small.yaml"}]}))
    (folder / "recipe.py").write_text(text_of(name, plan))
    (folder / "drive.py").write_text(_DRIVER.format(drive=DRIVERS[name][1]))
    with SandboxThread() as sandbox:
        environment = {
            **os.environ,
            "PATH": f"{command.parent}:{python.parent}:{os.environ['PATH']}",
            "HOME": str(folder),
            "AIRFLOW_HOME": str(folder / "airflow"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAGS_FOLDER": str(folder),
            "DAGSTER_HOME": "",
            "PREFECT_HOME": str(folder / "prefect"),
            "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "300",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
            "CODES": str(folder / "codes"),
            "CALLS": str(folder / "calls"),
            "PYTHONPATH": str(ROOT),
            "BACKFILL_STATE": str(folder / "state"),
            "COMETLY_API_URL": sandbox.url,
            "COMETLY_API_KEY": "sandbox",
        }
        if name == "Airflow":
            subprocess.run(
                [python.parent / "airflow", "db", "migrate"], env=environment, check=True, capture_output=True
            )
        rows = [*ENDS, ""]
        ran = subprocess.run(
            [str(python), "drive.py", json.dumps(rows)], cwd=folder, env=environment, capture_output=True, text=True
        )
        ends = [
            json.loads(line.removeprefix("ENDED ")) for line in ran.stdout.splitlines() if line.startswith("ENDED ")
        ]
        wanted = [[codes, *end] for codes, end in [*ENDS.items(), ("", (True, 1))]]
        assert ends == wanted, (ends, ran.stdout[-3000:], ran.stderr[-3000:])
        assert len(sandbox.events) == 7
    print(f"{name}: {len(ENDS)} rows of exit codes end as the guide says, and the real command sent all", flush=True)


def validate(home: Path, folder: Path) -> None:
    """Check what the guide says to Kubernetes against the schemas of its newest release."""
    python = installed(home, "Kubernetes", "kubernetes-validate")
    found = [text for name in ("recipes", "nightly") for text in blocks("yml", page(name)) if "apiVersion" in text]
    assert len(found) == 2
    for number, text in enumerate(found):
        path = folder / f"{number}.yml"
        path.write_text(text)
        subprocess.run([str(python.parent / "kubernetes-validate"), "--strict", str(path)], check=True)
    print(f"Kubernetes: its schemas take the {len(found)} texts of the guide", flush=True)


def install_copied(folder: Path) -> None:
    """Install what the Dockerfile copies, alone, as it does."""
    (text,) = blocks("dockerfile", page("nightly"))
    for line in text.splitlines():
        if line.startswith("COPY "):
            *sources, target = line.split()[1:]
            place = folder / target.strip("/")
            place.mkdir(parents=True, exist_ok=True)
            for source in sources:
                if (ROOT / source).is_dir():
                    shutil.copytree(ROOT / source, place, dirs_exist_ok=True)
                else:
                    shutil.copy(ROOT / source, place)
    venv.create(folder / "venv", with_pip=True)
    programs = folder / "venv" / "bin"
    install = [programs / "pip", "install", "--quiet", "--disable-pip-version-check", "--no-cache-dir"]
    subprocess.run([*install, folder / "src"], check=True)
    shown = subprocess.run([programs / "backfill", "presets"], cwd=folder, check=True, capture_output=True, text=True)
    assert "shopify_orders" in shown.stdout
    print("Docker: what the Dockerfile copies can be installed alone, and has its presets", flush=True)


def main(home: Path, names: list[str]) -> None:
    for name in names or [*DRIVERS, "Kubernetes", "Docker"]:
        with tempfile.TemporaryDirectory() as folder:
            if name == "Kubernetes":
                validate(home, Path(folder))
            elif name == "Docker":
                install_copied(Path(folder))
            else:
                run(name, installed(home, name, DRIVERS[name][0]), Path(folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
