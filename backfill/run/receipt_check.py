"""What a receipt holds, seen by a check and seen again by the upload: any difference stops it, and is named.

What the upload's own earlier runs have sent of it is no difference: a receipt is sent in as many runs as it takes.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from backfill import __version__
from backfill.convert import Batch
from backfill.counts import money, plus
from backfill.errors import StateError, UsageError, shown
from backfill.event import Verdict
from backfill.fields.arrow import pick
from backfill.ledger import Ledger
from backfill.mapping import preset_text, presets
from backfill.run.context import Run
from backfill.run.finish import inferred_of
from backfill.run.next_command import words_of
from backfill.run.receipt import MARK, Receipt, marked, write_receipt
from backfill.storage.digest_map import DigestMap, Match
from backfill.storage.remote.opened import opened
from backfill.storage.remote.path import FilePath
from backfill.survey.in_ledger import kept_of
from backfill.survey.passes import Survey

_COUNTS = ("rows", "merged", "records", "without_event", "unreadable", "events")
_MOVING = (Verdict.READY, Verdict.ALREADY, Verdict.DUPLICATE)  # what sending some of it changes


def keep_receipt(run: Run, survey: Survey) -> None:
    """Write the receipt of a check. Raises StateError where that can't be done."""
    path = run.options.outputs.plan
    assert path is not None
    if run.options.source.signed:
        raise StateError(f"{path}: would have to keep what is behind the ? of a URL, which may be a signature")
    ledger = survey.ledger
    kept = {
        "made": datetime.fromtimestamp(run.started, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "backfill": __version__,
        "words": words_of(run.options, survey.mapping.origin),
        "inputs": _files_of(run),
        "mapping": {"origin": survey.mapping.origin, "text": _mapping_text(survey.mapping.origin)},
        **_seen(run, survey, set()),
        "ledger": {"run": _last_run(ledger), **ledger.totals()._asdict()},
    }
    try:
        write_receipt(path, kept)
    except OSError as error:
        raise StateError(f"--plan {path}: can't be written ({error.strerror})") from None


def refuse_changed_files(run: Run, receipt: Receipt) -> None:
    """Before anything is read: raise UsageError where a file, the mapping or the address is another by now."""
    kept = receipt.kept
    for before, now in zip(kept["inputs"], _files_of(run), strict=True):
        if before != now:
            what = "its size is" if before["size"] != now["size"] else "its text is, at the same size,"
            raise _differs(receipt, f"{shown(now['file'])} has changed since: {what} another")
    origin = kept["mapping"]["origin"]
    if _mapping_text(origin) != kept["mapping"]["text"]:
        raise _differs(receipt, f"the mapping {shown(origin)} has changed since")
    if run.options.space.address != kept["address"]:
        there = shown(str(kept["address"]))
        raise _differs(receipt, f"it was made for the API at {there}, and not for {run.options.space.address}")


def refuse_changes(run: Run, survey: Survey, receipt: Receipt) -> None:
    """Once all is read: raise UsageError where something that was seen is not what the receipt has."""
    kept, ledger = receipt.kept, survey.ledger
    own = set(_own_runs(receipt, ledger))
    now, before = _seen(run, survey, own), {name: kept[name] for name in ("inferred", *_DIGEST, "counts", "codes")}
    if not own and ledger.totals()._asdict() != {name: kept["ledger"][name] for name in ledger.totals()._fields}:
        raise _differs(receipt, "the ledger is not where it was: events were sent or deleted since")
    for name, was in before["counts"].items():
        if not (own and name in _MOVING) and now["counts"][name] != was:
            raise _differs(receipt, f"{name} {was:,} then, {now['counts'][name]:,} now")
    for name, what in (("codes", "rejects are"), ("inferred", "what is inferred from the input is")):
        if now[name] != before[name]:
            raise _differs(receipt, f"{what} other than then: {_pair(before[name], now[name])}")
    if any(now[name] != before[name] for name in _DIGEST):
        raise _differs(
            receipt,
            f"its events are others by now: {before['sent']:,} with {before['amount']} then, {now['sent']:,} with "
            f"{now['amount']} now",
        )


_DIGEST = ("sent", "amount", "digest")


def _own_runs(receipt: Receipt, ledger: Ledger) -> Iterator[int]:
    """The runs since the check, all of them this receipt's. Raises UsageError where another is among them."""
    for run in ledger.runs():
        if run.number <= receipt.kept["ledger"]["run"]:
            return
        if run.command != marked(run.command.rpartition(MARK)[0], receipt):
            raise _differs(receipt, f"the ledger is not where it was: run {run.number} has come since")
        yield run.number


def _differs(receipt: Receipt, what: str) -> UsageError:
    return UsageError(f"{shown(str(receipt.path))}: {what}; nothing was sent: check again to make a new plan")


def _pair(before: object, now: object) -> str:
    return f"{shown(str(before))} then, {shown(str(now))} now"


def _last_run(ledger: Ledger) -> int:
    return next((run.number for run in ledger.runs()), 0)


def _files_of(run: Run) -> list[dict[str, Any]]:
    source = run.options.source
    return [_file_of(path) for path in source.paths]


def _file_of(path: FilePath) -> dict[str, Any]:
    try:
        with opened(path) as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
            return {"file": str(path.absolute()), "size": file.tell(), "sha256": found}
    except OSError as error:
        raise UsageError(f"{shown(str(path))}: can't be read ({error.strerror})") from None


def _mapping_text(origin: str) -> str:
    if origin in presets():
        return preset_text(origin)
    try:
        return Path(origin).read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise UsageError(f"{shown(origin)}: the mapping can't be read ({error.strerror})") from None


def _seen(run: Run, survey: Survey, own: set[int]) -> dict[str, Any]:
    """What the survey has seen; `own` are the runs that have sent some of it before."""
    counts = survey.account.counts
    digest, sent, amount = hashlib.sha256(), 0, Decimal()
    for batch, at in _events(survey, own):
        for part in (batch.value("key", at).encode(), batch.body[at]):
            digest.update(len(part).to_bytes(8, "big") + part)
        sent, amount = sent + 1, plus(amount, batch.worth(at) or Decimal())
    return {
        "space": run.options.space.name,
        "address": run.options.space.address,
        "inferred": inferred_of(survey.result.clues),
        "counts": {name: getattr(counts, name) for name in _COUNTS} | {str(v): counts.verdicts[v] for v in Verdict},
        "codes": dict(sorted(counts.codes.items())),
        "sent": sent,
        "amount": money(amount),
        "first_event_time": counts.first,
        "last_event_time": counts.last,
        "digest": digest.hexdigest(),
    }


def _events(survey: Survey, own: set[int]) -> Iterator[tuple[Batch, int]]:
    """The events that are to go out, and those that these runs have sent of them, each once, in the input's order."""
    met = DigestMap()
    for batch, verdicts in survey.judged():
        kept = kept_of(batch, survey.ledger, None) if own else {}
        places = {at for at, before in kept.items() if before.run in own and verdicts[at] == Verdict.ALREADY}
        if places:
            keys = pick(batch.key, np.array(sorted(places), np.int64))
            first = met.add(keys, np.ones(len(keys), np.uint64)) == Match.NEW
            places = {at for at, new in zip(sorted(places), first.tolist(), strict=True) if new}
        for at in sorted({*np.flatnonzero(verdicts.are(Verdict.READY)).tolist(), *places}):
            yield batch, at
