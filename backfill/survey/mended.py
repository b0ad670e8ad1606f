"""Mended: which rejects of a file the ledger has as accepted since, from the reject file that a person repaired."""

from collections.abc import Sequence
from datetime import UTC, datetime

from backfill.convert import Batch
from backfill.event import Code, Verdict
from backfill.fields.arrow import Flags, present
from backfill.ledger import Known, Run
from backfill.ledger.entries import PastVerdict
from backfill.mapping import Mapping
from backfill.survey.in_ledger import WHO, differences, identity_of, is_same_person, kept_of
from backfill.survey.passes import Survey
from backfill.survey.verdict_column import VerdictColumn

_OTHERS = {Code.KEY_TAKEN, Code.CONFLICTING_DUPLICATE}  # the key went to somebody else, or to another row
_NOT_TAKEN = {Verdict.REFUSED, Verdict.UNDELIVERED}


def mended_since(batch: Batch, verdicts: VerdictColumn, survey: Survey) -> Flags:
    """The events whose keys a later run of the same mapping had accepted, and not as their rows have it.

    They break a rule, or were rejected for what the API said.
    """
    already = verdicts.are(Verdict.ALREADY)
    flags = already & ~batch.sound
    asked = (already | verdicts.are(Verdict.INVALID)) & present(batch.key) & ~flags
    for at, known in kept_of(batch, survey.ledger, None).items() if asked.any() else ():
        if asked[at] and not (already[at] and not differences(batch, at, known)):
            flags[at] = _was_mended(batch, at, known, survey)
    return flags


def _was_mended(batch: Batch, at: int, known: Known, survey: Survey) -> bool:
    problems, ledger, mapping = batch.problems.get(at, []), survey.ledger, survey.mapping
    codes, run = {problem.code for problem in problems}, ledger.run(known.run)
    if known.other or run is None or run.mapping != mapping.name:
        return False
    order_id, name = batch.value("order_id", at), batch.value("event_name", at)
    before = [one for one in (ledger.verdicts_of(order_id) if order_id is not None else ()) if one.event == name]
    if codes <= {Code.KEY_TAKEN}:  # nothing is wrong with the row
        before = [one for one in before if one.verdict in _NOT_TAKEN and one.run < known.run]
        return not (codes and differences(batch, at, known)) and _was_of(batch, at, before, run, survey)
    if codes & _OTHERS or not _may_be_its(batch, at, known, {problem.column for problem in problems}, mapping):
        return False
    met = [one.run for one in before if codes & set(one.code.split("|"))]
    return min(met) < known.run if met else Code.CONFLICTING_ROWS in codes  # a check enters none


def _was_of(batch: Batch, at: int, before: Sequence[PastVerdict], run: Run, survey: Survey) -> bool:
    """Whether an event was rejected as this file has it, and what `run` had accepted is of another file.

    A file that was written since may say something else of it: then nobody mended what it says.
    """
    part = survey.parts[number := batch.records.rows_of(int(batch.record[at]))[0].part]
    if part.label in run.files:
        return False
    if survey.layouts[number].reject_file:
        return bool(before)
    written = datetime.fromtimestamp(part.stamp[1] // 10**9, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    numbers = {number for one in before for number in (one.run, one.last_run) if number < run.number}
    rejecting = filter(None, map(survey.ledger.run, numbers))
    return any(part.label in one.files and written <= one.started for one in rejecting)


def _may_be_its(batch: Batch, at: int, known: Known, wrong: set[str], mapping: Mapping) -> bool:
    """Whether what has the key names the event's person; or is else what it is, where the person is what is wrong."""
    if not wrong.isdisjoint(column for name in WHO for cell in mapping.cells_of(name) for column in cell.names):
        return not differences(batch, at, known)
    who, now = tuple(batch.value(name, at) for name in WHO), identity_of(batch, at)
    return not now or now == known.identity or is_same_person(known.identity, now, who) is not False
