"""What the Space has already: events that the API lists under the same event name and order_id are left out."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from backfill.api.readback import ListedEvent, Readback, read_name, same_amount, seconds_of
from backfill.convert import Batch
from backfill.counts import Counts
from backfill.event import Code, Verdict
from backfill.fields.arrow import listed, present
from backfill.storage.digest_map import Match
from backfill.survey.verdict_column import VerdictColumn

_STAY = (Code.KEY_TAKEN, Code.CONFLICTING_ROWS)
_UPSELL = b'"is_upsell":true'  # in a body, where a text's quotes would be escaped


def listed_name(batch: Batch, at: int) -> str:
    """The name under which an event is read back."""
    return read_name(batch.value("event_name", at) or "", _UPSELL in batch.body[at])


def leave_out(batch: Batch, verdicts: VerdictColumn, met: NDArray[np.int8], space: Readback, counts: Counts) -> int:
    """Judge `already` what the Space has, and count it; return how many of these have another amount there.

    Of several that claim a key (`met`) it is the one that is there. An event that somebody else's key was taken from
    stays what it is; one without order_id can't be compared.
    """
    apart = {at for at, found in batch.problems.items() if any(p.code in _STAY for p in found)}
    fresh = np.flatnonzero(~verdicts.are(Verdict.ALREADY) & present(batch.key)).tolist()
    ids, amounts = listed(batch.order_id), listed(batch.amount)
    places = [at for at in fresh if at not in apart and ids[at] is not None]
    counts.incomparable += len([at for at in fresh if ids[at] is None and verdicts[at] == Verdict.READY])
    found_in_space = space.find([ids[at] for at in places])
    changed = 0
    for at in places:
        name = listed_name(batch, at)
        found = found_in_space.get((name, ids[at]), [])
        counts.unfound[name] += not found and at not in batch.problems and verdicts[at] == Verdict.READY
        same = any(same_amount(batch.worth(at), one.amount) for one in found)
        if met[at] in (Match.CONFLICT, Match.OTHER) and not (same and _same_time(batch, at, found)):
            continue
        if found:
            verdicts.put(at, Verdict.ALREADY)
            counts.existing += 1
            changed += amounts[at] is not None and not same
    return changed


def _same_time(batch: Batch, at: int, found: Sequence[ListedEvent]) -> bool:
    time = batch.value("event_time", at)
    return time is not None and seconds_of(time) in {one.time for one in found}
