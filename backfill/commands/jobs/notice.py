"""What there is to tell of a plan when it is over, and how that is written; never anything about a person."""

import hashlib
import json
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backfill.commands.jobs.notify import Notify
from backfill.errors import counted
from backfill.event import masked
from backfill.storage import outputs
from backfill.storage.private import make_folder, read_private

_WELL = (0, 3)
_ASKED_FOR = 130  # somebody sits there and pressed ctrl-c
_SHOWN = ("job", "space", "mapping", "state", "exit_code", "error")
_REJECTED = ("unreadable", "invalid", "refused", "undelivered")
_COUNTED = ("rows", "events", "accepted", "already", "unattempted", "jobs_uncounted", *_REJECTED, "codes")


@dataclass(frozen=True, slots=True)
class Notice:
    """How a plan ended, and whether the time before it had failed."""

    plan: str  # the file's name
    exit_code: int
    jobs: Sequence[dict[str, Any]] = ()  # entries of the summary
    totals: dict[str, Any] = field(default_factory=dict)
    error: str = ""  # what stopped the whole plan
    failed_before: bool = False

    @property
    def failed(self) -> bool:
        return self.exit_code not in (*_WELL, _ASKED_FOR)

    @property
    def rejects(self) -> int:
        return sum(self.totals.get(verdict, 0) for verdict in _REJECTED)

    def kind_for(self, notify: Notify) -> str:
        """What of it this one wants to be told; "" for nothing."""
        kinds = {
            "failure": self.failed,
            "recovery": self.failed_before and self.exit_code in _WELL,
            "rejects": self.rejects > notify.rejects and not self.failed,
        }
        return next((kind for kind, is_so in kinds.items() if is_so and kind in notify.when), "")

    def sentences(self, kind: str) -> list[str]:
        """It in a few lines, for a person."""
        how = {
            "failure": f"failed with exit code {self.exit_code}",
            "recovery": "works again",
            "rejects": f"ended with {counted(self.rejects, 'reject')}",
        }
        lines = [f"backfill {self.plan} {how[kind]}{self._figures()}"]
        lines += [masked(self.error)] if self.error else []
        for job in self.jobs:
            if job["state"] != "done":
                why = f": {masked(job['error'])}" if job["error"] else ""
                lines.append(f"job {job['job']}, space {job['space']}: {job['state']}{why}")
        return lines

    def _figures(self) -> str:
        """What was sent and what is left, as far as that is known."""
        if not self.totals:
            return ""
        sent, left = counted(self.totals.get("accepted", 0), "event"), self.totals.get("unattempted", 0)
        some = self.totals.get("jobs_uncounted", 0)
        more = f", and what {counted(some, 'job has left', 'jobs have left')} is not known" if some else ""
        return f": {sent} sent, {left:,} left to send{more}"

    def payload(self, kind: str) -> dict[str, Any]:
        """It for a program."""
        jobs = [{name: one.get(name) for name in _SHOWN} | _counts(one) for one in self.jobs]
        for one in jobs:
            one["error"] = masked(one["error"]) if one["error"] else None
        return {
            "event": kind,
            "text": "\n".join(self.sentences(kind)),
            "plan": self.plan,
            "host": socket.gethostname(),
            "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "exit_code": self.exit_code,
            "error": masked(self.error) if self.error else None,
            "rejects": self.rejects,
            **_counts(self.totals),
            "jobs": jobs,
        }


def _counts(summary: dict[str, Any]) -> dict[str, Any]:
    return {name: summary[name] for name in _COUNTED if name in summary}


def written(notice: Notice, kind: str, form: str) -> bytes:
    """The notice as a program, Slack or a person reads it."""
    text = "\n".join(notice.sentences(kind))
    if form == "text":
        return f"{text}\n".encode()
    if form == "slack":
        for one, other in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
            text = text.replace(one, other)
        return json.dumps({"text": text}).encode()
    return json.dumps(notice.payload(kind)).encode()


# --- how it ended before


def remembered(state: Path, plan: Path) -> bool:
    """Whether the plan failed when it was done last."""
    return bool(read_private(_memory(state, plan)))


def remember(state: Path, plan: Path, notice: Notice) -> None:
    """Keep that it failed, or that it works; where that can't be written, the next recovery is not told."""
    with suppress(OSError):
        path = _memory(state, plan)
        if notice.failed:
            make_folder(path.parent)
            outputs.replace(path, lambda file: file.write(f"{notice.exit_code}\n".encode()))
        elif notice.exit_code in _WELL:
            path.unlink(missing_ok=True)


def _memory(state: Path, plan: Path) -> Path:
    mark = hashlib.blake2b(str(plan.absolute()).encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
    return state / "failed-plans" / mark
