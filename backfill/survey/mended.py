"""Mended: which rejects of a file the ledger has as accepted since, from the reject file that a person repaired."""

import numpy as np

from backfill.convert import Batch
from backfill.event import Code, Verdict
from backfill.fields.arrow import Flags, present
from backfill.ledger import Known, Ledger
from backfill.mapping import Mapping
from backfill.survey.in_ledger import WHO, differences, identity_of, is_same_person, kept_of
from backfill.survey.verdict_column import VerdictColumn

_OTHERS = {Code.KEY_TAKEN, Code.CONFLICTING_DUPLICATE}  # the key went to somebody else, or to another row


def mended_since(batch: Batch, verdicts: VerdictColumn, mapping: Mapping, ledger: Ledger) -> Flags:
    """The events that break a rule, and whose keys a later run of the same mapping had accepted."""
    flags = np.zeros(len(batch), bool)
    invalid = verdicts.are(Verdict.INVALID) & present(batch.key)
    if invalid.any():
        for at, known in kept_of(batch, ledger, None).items():
            flags[at] = invalid[at] and _was_mended(batch, at, known, mapping, ledger)
    return flags


def _was_mended(batch: Batch, at: int, known: Known, mapping: Mapping, ledger: Ledger) -> bool:
    problems = batch.problems.get(at, [])
    codes = {problem.code for problem in problems}
    run = ledger.run(known.run)
    if codes & _OTHERS or known.other or run is None or run.mapping != mapping.name:
        return False
    if not _may_be_its(batch, at, known, {problem.column for problem in problems}, mapping):
        return False
    order_id, name = batch.value("order_id", at), batch.value("event_name", at)
    met = [
        one.run
        for one in (ledger.verdicts_of(order_id) if order_id is not None else ())
        if one.event == name and codes & set(one.code.split("|"))
    ]
    return min(met) < known.run if met else Code.CONFLICTING_ROWS in codes  # a check enters none


def _may_be_its(batch: Batch, at: int, known: Known, wrong: set[str], mapping: Mapping) -> bool:
    """Whether what has the key names the event's person; or is else what it is, where the person is what is wrong."""
    if not wrong.isdisjoint(column for name in WHO for cell in mapping.cells_of(name) for column in cell.names):
        return not differences(batch, at, known)
    who, now = tuple(batch.value(name, at) for name in WHO), identity_of(batch, at)
    return not now or now == known.identity or is_same_person(known.identity, now, who) is not False
