"""What the Space has already: events that the API lists under the same event name and order_id are left out."""

import numpy as np

from backfill.convert import Batch, Texts
from backfill.event import Code, Verdict
from backfill.readback import Readback, read_name, same_amount
from backfill.report import Counts

_UPSELL = b'"is_upsell":true'  # in a body, where a text's quotes would be escaped


def listed_name(batch: Batch, at: int) -> str:
    """The name under which an event is read back."""
    return read_name(batch.name[at] or "", _UPSELL in batch.body[at])


def leave_out(batch: Batch, verdicts: Texts, space: Readback, counts: Counts) -> int:
    """Judge `already` what the Space has, and count it; return how many of these have another amount there.

    An event that somebody else's key was taken from stays what it is; one without order_id can't be compared.
    """
    taken = {at for at, found in batch.problems.items() if any(p.code is Code.KEY_TAKEN for p in found)}
    fresh = np.flatnonzero((verdicts == Verdict.READY) & (batch.key != None)).tolist()  # noqa: E711
    places = [at for at in fresh if at not in taken and batch.order_id[at] is not None]
    counts.incomparable += len([at for at in fresh if batch.order_id[at] is None])
    listed = space.find([batch.order_id[at] for at in places])
    changed = 0
    for at in places:
        if found := listed.get((listed_name(batch, at), batch.order_id[at])):
            verdicts[at] = Verdict.ALREADY
            counts.existing += 1
            amount = batch.amount[at]
            changed += amount is not None and not any(same_amount(amount, one.amount) for one in found)
    return changed
