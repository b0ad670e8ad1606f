"""The summary of a run, for programs and for people; and the plan in one line."""

import json
from pathlib import Path
from typing import Any

from backfill.counts import Counts, money, total
from backfill.errors import StateError, counted
from backfill.event import Verdict
from backfill.report.console import lasting
from backfill.storage import outputs
from backfill.storage.remote.path import FilePath
from backfill.upload.tally import Tally

_COUNTED = (None, 0, 3, 5)  # exit codes of a run that is sending, or has counted all of its input


def counts_as_json(counts: Counts, tally: Tally) -> dict[str, Any]:
    """The counting part of the summary: what became of rows and events, and how many requests that took."""
    sent = [v for v in (Verdict.ACCEPTED, Verdict.READY) if counts.by_name.get(v)]
    return {
        "rows": counts.rows,
        "merged": counts.merged,
        "records": counts.records,
        "without_event": counts.without_event,
        "unreadable": counts.unreadable,
        "events": counts.events,
        **{str(verdict): counts.verdicts[verdict] for verdict in Verdict},
        "existing": counts.existing,
        "changed": counts.changed,
        **({"unsettled": len(tally.unsettled)} if tally.unsettled else {}),
        "capi_held": counts.capi_held,
        "requests": tally.requests,
        "rate_limited": tally.rate_limited,
        "retried": tally.retried,
        "codes": dict(sorted(counts.codes.items())),
        "dropped_fields": {name: number for name, number in sorted(counts.dropped.items()) if number},
        "by_event": {
            name: {
                "events": number,
                "accepted": counts.by_name[Verdict.ACCEPTED][name],
                "amount": money(total(counts.amount_by_name[v][name] for v in sent)),
            }
            for name, number in sorted(counts.names.items())
        },
        "amount": {str(v): money(counts.amounts[v]) for v in Verdict if counts.verdicts[v]},
        "first_event_time": counts.first,
        "last_event_time": counts.last,
        "balanced": counts.balanced,
    }


def left_of(summary: dict[str, Any]) -> int | None:
    """How many events are ready and not sent, or were left; None where the run ended before all were counted."""
    counted_all = summary.get("exit_code") in _COUNTED or summary.get("run") is not None
    found = [summary.get(str(verdict)) for verdict in (Verdict.READY, Verdict.UNATTEMPTED)]
    return sum(number or 0 for number in found) if counted_all and found != [None, None] else None


def short_plan(counts: Counts, rate: int, limit: int | None, capi: bool) -> str:
    """What is about to be sent, in one line."""
    send, codes = counts.wanted(limit), counts.codes.most_common()
    parts = [f"{counted(send, 'event')} to send", f"amount {money(counts.amounts[Verdict.READY])}"]
    parts += [f"{counts.first} to {counts.last}"] if counts.first else []
    parts += [f"{counts.verdicts[v]:,} {v}" for v in (Verdict.ALREADY, Verdict.DUPLICATE) if counts.verdicts[v]]
    parts += [f"{counts.undone:,} of them deleted by an undo"] if counts.undone else []
    rejects = f"{counted(counts.rejects, 'reject')} ({', '.join(f'{code} {number:,}' for code, number in codes)})"
    parts += [rejects if counts.rejects else "no rejects"]
    parts += ["ad platforms WILL get those younger than 7 days"] if capi else []
    return f"plan: {', '.join(parts)}, about {lasting(send * 60 / rate)}"


def result(summary: dict[str, Any]) -> str:
    """The summary for a person: where every row and event went."""
    s = summary
    lines = [
        f"{s['command']} of {', '.join(Path(f).name for f in s['files'])}: space {s['space']}, mapping {s['mapping']}"
        f"{', run ' + str(s['run']) if s['run'] else ''}"
    ]
    lines.append(f"  rows    {s['rows']:>10,} = {counted(s['records'], 'record')} + {s['merged']:,} merged into them")
    lines.append(
        f"  records {s['records']:>10,} = {s['records'] - s['without_event'] - s['unreadable']:,} with events"
        f" + {s['without_event']:,} without + {s['unreadable']:,} unreadable"
    )
    verdicts = [f"{s[v]:,} {v}" for v in Verdict if s[v]]
    lines.append(f"  events  {s['events']:>10,} = {' + '.join(verdicts) or '0'}")
    for verdict in (Verdict.ACCEPTED, Verdict.READY):
        if s[verdict]:
            lines.append(f"  amount {verdict}  {s['amount'][verdict]}")
    if s["existing"]:
        lines.append(f"  of those already there, {s['existing']:,} were in the Space from elsewhere (--skip-existing)")
    if s["changed"]:
        lines.append(f"  changed since they were taken: {s['changed']:,} (the API keeps the first)")
    if s.get("unsettled"):
        sent = counted(s["unsettled"], "was", "were")
        lines.append(f"  of those unattempted, {sent} sent, and no answer is in the ledger; their keys stay the same")
    if s["codes"]:
        lines.append("  rejects by code: " + ", ".join(f"{code} {number:,}" for code, number in s["codes"].items()))
    if s["rejects_file"]:
        lines.append(f"  rejects file: {s['rejects_file']}")
    if s["requests"]:
        lines.append(
            f"  requests {s['requests']:,}: {s['rate_limited']:,} answered 429, {s['retried']:,} to be tried again"
        )
    return "\n".join(lines)


def write_summary(path: FilePath, summary: dict[str, Any]) -> FilePath:
    """Write the summary; return where it is. Raises StateError where it can't be written."""
    data = (json.dumps(summary, indent=2) + "\n").encode()
    try:
        return outputs.replace(path, lambda file: file.write(data))
    except OSError as error:
        raise StateError(f"--summary {path}: can't be written ({error.strerror})") from None
