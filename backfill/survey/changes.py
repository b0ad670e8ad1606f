"""Changes: what the events that were sent before have otherwise by now, field by field.

A ledger keeps of an event its key, time, amount and whom it named, the last as digests alone: what else of it was other
then, nobody knows, and no name can be told from a digest.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from backfill.api.readback import same_amount
from backfill.convert import Batch
from backfill.event import Verdict
from backfill.survey.in_ledger import WHO, differences, identity_of, is_same_person, kept_of
from backfill.survey.in_space import in_space
from backfill.survey.passes import Survey

IDENTITY = "identity"  # the field of whom an event names


class Change(NamedTuple):
    """One field of one event. `run` has sent it, or none where it is in the Space from elsewhere."""

    key: str
    event_name: str
    order_id: str | None
    event_time: str | None  # by which it is found in the Space
    run: int | None
    field: str
    before: str | None  # None where only a digest is known
    after: str | None
    file: str
    row: int


def changes(survey: Survey) -> Iterator[Change]:
    """Each change, in the input's order; the events that have one are those that `changed` counts."""
    for batch, verdicts in survey.judged():
        kept = kept_of(batch, survey.ledger, None)
        for at in np.flatnonzero(verdicts.are(Verdict.ALREADY)).tolist():
            if (before := kept.get(at)) is not None:
                found = differences(batch, at, before)
                found += _other_kind(batch, at, before.identity)
                yield from _of(survey, batch, at, before.time, before.run, found)
            elif survey.verdicts.existing is not None:
                yield from _of(survey, batch, at, batch.value("event_time", at), None, _in_space(survey, batch, at))


def _other_kind(batch: Batch, at: int, before: bytes) -> list[tuple[str, str | None, str | None]]:
    """Whom an event names now, where that is not known to be whom it named: an email then, a token now.

    Somebody else is among what was sent before only once an undo has deleted it.
    """
    now, who = identity_of(batch, at), tuple(batch.value(name, at) for name in WHO)
    if not now or now == before or is_same_person(before, now, who):
        return []
    return [(IDENTITY, None, next(filter(None, who), None))]


def _in_space(survey: Survey, batch: Batch, at: int) -> list[tuple[str, str | None, str | None]]:
    assert survey.verdicts.existing is not None
    amount = batch.worth(at)
    [(_, listed)] = in_space(batch, [at], survey.verdicts.existing)
    if amount is None or not listed or any(same_amount(amount, one.amount) for one in listed):
        return []
    return [("amount", None if listed[0].amount is None else str(listed[0].amount), format(amount, "f"))]


def _of(
    survey: Survey,
    batch: Batch,
    at: int,
    time: str | None,
    run: int | None,
    found: list[tuple[str, str | None, str | None]],
) -> Iterator[Change]:
    row = batch.records.rows_of(int(batch.record[at]))[0]
    key, event, order_id = (batch.value(one, at) for one in ("key", "event_name", "order_id"))
    where = survey.parts[row.part].label, row.number
    for name, before, after in found:
        yield Change(key, event, order_id, time, run, name, before, after, *where)
