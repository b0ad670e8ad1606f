"""Reread: what the files of past runs say of one order, read once more the way that the run read them.

A ledger remembers what was sent and what was rejected. An order that a condition left out, or that is known by its name
alone, is in the export and nowhere else.
"""

import json
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc

from backfill.convert import Batch
from backfill.convert.route import Route
from backfill.errors import BackfillError, shown
from backfill.event import Verdict
from backfill.fields.arrow import flags_of, listed
from backfill.files.rejects import Rejects
from backfill.ledger import History, Ledger
from backfill.report.console import Console
from backfill.run.context import Run
from backfill.run.input import read_input
from backfill.run.options import Options
from backfill.run.survey import open_survey, take_survey
from backfill.storage.remote.path import is_url
from backfill.survey.orders import names_of, reasons_left_out
from backfill.survey.passes import Survey
from backfill.survey.verdict_column import VerdictColumn

INPUTS = 5  # different ones that are looked through, the latest first
_BYTE = re.compile(rb"\\x([89a-f][0-9a-f])")
_WORDS_FOR = {Verdict.ALREADY: "accepted before", Verdict.READY: "ready, and not sent yet"}


def reread(ledger: Ledger, state: Path, asked: str, read: set[str] | None = None) -> list[dict[str, Any]]:
    """Where the order is in the files of the latest runs, and what becomes of it there; [] where in none.

    `asked` is an order_id, an order's name, a key, or FILE:ROW. What could be read is added to `read`.
    """
    for run, options in _inputs(ledger, state):
        try:
            if found := [{"run": run, **one} for one in _found(options, ledger, asked)]:
                return found
        except BackfillError:
            continue  # gone, or another file by now
        if read is not None:
            read.update(map(shown, options.source.files))
    return []


def unread(ledger: History, read: set[str]) -> Iterator[str]:
    """Each file of a run that was not read again, the latest first, and why."""
    met = set(read)
    for run in ledger.runs():
        for name in run.files:
            if name not in met:
                met.add(name)
                reason = "can't be read as it was, or is not among the latest" if _can_be_read(name) else "is gone"
                yield f"{shown(name)} of run {run.number} {reason}"


def _can_be_read(name: str) -> bool:
    """Whether there is something to try."""
    return is_url(name) or Path(_file(name)).is_file()


def _file(name: str) -> str:
    """The file that a run has called so: a byte of its path that was no text is written out there."""
    if is_url(name) or Path(name).is_file():
        return name
    written = name.encode("utf-8", "backslashreplace")
    return os.fsdecode(_BYTE.sub(lambda byte: bytes.fromhex(byte[1].decode()), written))


def _inputs(ledger: History, state: Path) -> Iterator[tuple[int, Options]]:
    met: set[str] = set()
    ended = (run for run in ledger.runs() if run.summary_text is not None)
    for run in islice(ended, 100):
        with suppress(AttributeError, KeyError, TypeError, ValueError):  # an earlier release's summary, or none of ours
            summary = run.summary
            files, reading = tuple(summary["files"]), summary.get("reading")
            if not all(map(_can_be_read, files)):
                files = tuple(filter(None, [summary["rejects_file"]]))  # it has what was rejected, with all columns
            mark = json.dumps([files, reading], sort_keys=True)
            if not reading or mark in met or not files or not all(map(_can_be_read, files)):
                continue
            met.add(mark)
            reading["lookups"] = tuple((name, file) for name, file in reading.get("lookups", ()))
            if "route" in reading:
                reading["route"] = Route(**reading["route"])
            files = tuple(map(_file, files))
            argv = ("backfill", "check", *files)
            yield run.number, Options.of("check", files, argv, state=state, quiet=True, **reading)
        if len(met) == INPUTS:
            return


def _found(options: Options, ledger: Ledger, asked: str) -> Iterator[dict[str, Any]]:
    with ExitStack() as stack:
        rejects = stack.enter_context(Rejects.gather())
        run = Run(options, Console(quiet=True), options.state or Path(), rejects)
        parts, read = read_input(run, stack)
        survey = open_survey(run, parts, read, ledger, stack)
        take_survey(survey, run.console)
        for batch, verdicts in survey.judged():
            with survey.ending(batch.records):
                for record in _matching(batch, survey, asked):
                    yield _reread_record(batch, record, verdicts, survey)


def _matching(batch: Batch, survey: Survey, asked: str) -> list[int]:
    """The batch's records that are asked for."""
    records, met = batch.records, set(batch.record[flags_of(pc.equal(batch.key, asked))].tolist())
    for name, texts in names_of(batch, survey.mapping):
        plain = asked.lstrip("#") if name == "order_name" else asked
        found = np.array(
            [text.lstrip("#") == plain if name == "order_name" else text == plain for text in listed(texts)], bool
        )
        met.update(np.flatnonzero(found).tolist())
    file, _, row = asked.rpartition(":")
    if file and row.isascii() and row.isdigit():
        rows = records.rows
        named = shown(file)  # as a part's label is
        parts = [at for at, part in enumerate(survey.parts) if named in (part.label, Path(part.label).name)]
        at = np.flatnonzero((rows.numbers == int(row[:18])) & np.isin(rows.parts, parts))
        met.update(records.owner[at].tolist())
    return sorted(met)


def _reread_record(batch: Batch, record: int, verdicts: VerdictColumn, survey: Survey) -> dict[str, Any]:
    row = batch.records.rows_of(record)[0]
    own = np.flatnonzero(batch.record == record).tolist()
    events = [
        {
            "event": batch.value("event_name", at),
            "key": batch.value("key", at),
            "order_id": batch.value("order_id", at),
            "verdict": str(verdicts[at]),
            "codes": [str(problem.code) for problem in batch.problems.get(at, ())],
        }
        for at in own
    ]
    return {
        "file": survey.parts[row.part].label,
        "row": row.number,
        "events": events,
        "left_out": None if events else _reason(batch, record, survey),
    }


def _reason(batch: Batch, record: int, survey: Survey) -> str:
    """Which condition left a record out."""
    broken = batch.records.rows.broken
    if any(batch.records.owner[at] == record for at in broken):
        return "it can't be read"
    return reasons_left_out(batch, survey).get(record, "no event is made of it")


def reread_text(found: dict[str, Any], tried: set[str]) -> Iterator[str]:
    """What a file says of an order, in lines; `tried` are the keys that were sent and have no answer."""
    where = f"{Path(found['file']).name} row {found['row']}, as run {found['run']} read it and as it is now"
    if found["left_out"]:
        yield f"  no event  {found['left_out']}  ({where})"
    for one in found["events"]:
        codes = f" ({', '.join(dict.fromkeys(one['codes']))})" if one["codes"] else ""
        again = one["verdict"] == Verdict.READY and one["key"] in tried
        word = "ready to be sent again" if again else _WORDS_FOR.get(one["verdict"], one["verdict"])
        yield f"  {one['event'] or 'event'} {word}{codes}  ({where})"
