"""What became of a plan: a summary of all its jobs, and one exit code."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from backfill.commands.jobs.space_queue import JobRun
from backfill.counts import money, plus
from backfill.errors import counted
from backfill.event import Verdict
from backfill.report.summary import counts_as_json, left_of
from backfill.storage.remote.path import masked
from backfill.upload.tally import Tally

WORST_FIRST = (1, 130, 143, 129, 2, 4, 6, 5, 3, 0)
SUMMED = ("rows", "merged", "records", "without_event", "unreadable", "events", *map(str, Verdict))
SUMMED = (*SUMMED, "changed", "capi_held", "requests", "rate_limited", "retried")


def worst(codes: Iterable[int]) -> int:
    """The exit code of all: the one that most needs somebody."""
    met = set(codes)
    return next((code for code in WORST_FIRST if code in met), max(met, default=0))


def entry(job_run: JobRun) -> dict[str, Any]:
    """One job's part: its summary, with its place in the plan and what stopped it."""
    options, summary = job_run.job.options, job_run.summary or _so_far(job_run)
    known = {**options.about, "files": list(map(masked, options.source.files)), "exit_code": None}
    return {
        "job": job_run.job.number,
        "state": job_run.state if job_run.state in ("done", "stopped") else "unattempted",
        "error": job_run.error,
        **known,
        **(summary or {}),
        "mapping": (summary or {}).get("mapping") or options.labels.get("mapping"),
    }


def _so_far(job_run: JobRun) -> dict[str, Any]:
    """What is known of a job that is not over."""
    upload, found = job_run.upload, job_run.surveyed
    if found is None:
        return {}
    return {"mapping": found.mapping, **counts_as_json(found.counts, upload.tally if upload else Tally())}


def summary_of(entries: Sequence[dict[str, Any]], command: str) -> dict[str, Any]:
    """The summary of all; `resume` is the same command where something is left to do."""
    code = worst(one["exit_code"] for one in entries if one["exit_code"] is not None)
    left = any(one["state"] != "done" or one.get("unattempted") for one in entries)
    return {"jobs": list(entries), "totals": totals(entries), "exit_code": code, "resume": command if left else None}


def totals(entries: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The jobs' figures added up."""
    codes: dict[str, int] = {}
    amounts: dict[str, Decimal] = {}
    for one in entries:
        for code, number in one.get("codes", {}).items():
            codes[code] = codes.get(code, 0) + number
        for verdict, amount in one.get("amount", {}).items():
            amounts[verdict] = plus(amounts.get(verdict, Decimal()), Decimal(amount))
    states = {
        f"jobs_{state}": sum(one["state"] == state for one in entries) for state in ("done", "stopped", "unattempted")
    }
    return {
        "jobs": len(entries),
        **states,
        "jobs_uncounted": sum(left_of(one) is None for one in entries),
        "spaces": len({one["space"] for one in entries}),
        **{name: sum(one.get(name, 0) for one in entries) for name in SUMMED},
        **({"unsettled": sent} if (sent := sum(one.get("unsettled", 0) for one in entries)) else {}),
        "codes": dict(sorted(codes.items())),
        "amount": {verdict: money(amount) for verdict, amount in amounts.items()},
        "balanced": all(one.get("balanced", True) for one in entries),
    }


def jobs_text(entries: Sequence[dict[str, Any]], sums: dict[str, Any]) -> str:
    """All jobs in a few lines, for a person."""
    verdicts = [f"{sums[verdict]:,} {verdict}" for verdict in Verdict if sums[verdict]]
    lines = [
        f"{counted(sums['jobs'], 'job')} for {counted(sums['spaces'], 'Space')}: {sums['jobs_done']:,} done, "
        f"{sums['jobs_stopped']:,} stopped, {sums['jobs_unattempted']:,} not begun",
        f"  events  {sums['events']:>10,} = {' + '.join(verdicts) or '0'}",
    ]
    if sums["jobs_uncounted"]:
        unknown = counted(sums["jobs_uncounted"], "job has left", "jobs have left")
        lines.append(f"  what {unknown} is not known, and not among these")
    if sums["ready"] and sums["jobs"] > sums["spaces"]:
        lines.append("  each job was checked by itself: what two jobs of a Space have is ready in both, and sent once")
    for one in entries:
        if one["state"] != "done":
            why = f": {one['error']}" if one["error"] else ""
            lines.append(f"  job {one['job']}, space {one['space']}: {one['state']}{why}")
    return "\n".join(lines)
