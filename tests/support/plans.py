"""Plans: write them and run their jobs."""

import json
from typing import Any

from checking import VERDICTS
from place import Place

KEYS = {"key-acme": "acme", "key-bolt": "bolt", "key-coil": "coil"}
ENV = {f"COMETLY_API_KEY_{space.upper()}": key for key, space in KEYS.items()}


def write_plan(place: Place, *jobs: dict[str, Any], **defaults: Any) -> str:
    """A plan as YAML, which JSON is."""
    plan = {"plan": 1, "defaults": {"mapping": place.mapping, **defaults}, "jobs": list(jobs)}
    (place.folder / "plan.yaml").write_text(json.dumps(plan, indent=1))
    return "plan.yaml"


def run(place: Place, *words: str, url: str = "", **env: str) -> tuple[int, dict[str, Any], str]:
    """Run `backfill jobs`; return the exit code, the summary and what was printed."""
    ran = place.command("jobs", *words, "--json", "--state", "state", COMETLY_API_URL=url, **(env or ENV))
    assert "Traceback" not in ran.stderr, ran.stderr
    assert not list((place.folder / "state" / "spool").glob("*/*")) if (place.folder / "state").exists() else True
    found = json.loads(ran.stdout) if ran.stdout else {}
    for one in found.get("jobs", []):
        if "rows" in one:
            assert one["balanced"]
            assert one["events"] == sum(one[verdict] for verdict in VERDICTS)
    assert not found or found["exit_code"] == ran.returncode
    return ran.returncode, found, ran.stderr
