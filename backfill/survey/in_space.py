"""What the Space has already: events that the API lists under the same event name and order_id are left out."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from backfill.api.readback import (
    PURCHASES,
    ExpectedEvent,
    ListedEvent,
    Readback,
    read_names,
    same_amount,
    seconds_of,
)
from backfill.api.reconcile import match
from backfill.convert import Batch
from backfill.counts import Counts
from backfill.event import Code, Verdict
from backfill.fields.arrow import listed, pick, present
from backfill.storage.digest_map import Match
from backfill.survey.verdict_column import VerdictColumn

_STAY = (Code.KEY_TAKEN, Code.CONFLICTING_ROWS)
_UPSELL = b'"is_upsell":true'  # in a body, where a text's quotes would be escaped


def listed_names(batch: Batch, at: int) -> tuple[str, ...]:
    """The names under which an event may be read back, the likeliest first."""
    return read_names(batch.value("event_name", at) or "", _UPSELL in batch.body[at])


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
    changed = 0
    for at, (name, found) in zip(places, in_space(batch, places, space), strict=True):
        counts.unfound[name] += not found and at not in batch.problems and verdicts[at] == Verdict.READY
        same = any(same_amount(batch.worth(at), one.amount) for one in found)
        if met[at] in (Match.CONFLICT, Match.OTHER) and not (same and _same_time(batch, at, found)):
            continue
        if found:
            verdicts.put(at, Verdict.ALREADY)
            counts.existing += 1
            if amounts[at] is not None and not same:
                changed += 1
            counts.unlike += found[0].name != name and not (same and _same_time(batch, at, found))
    return changed


def in_space(batch: Batch, places: list[int], space: Readback) -> Iterator[tuple[str, list[ListedEvent]]]:
    """The likeliest name of each of these events, and what the Space has of it: under that name, else under the other.

    Where its order was told apart, that is one event or none.
    """
    ids, keys = (
        [text or "" for text in listed(pick(column, np.array(places, np.int64)))]
        for column in (batch.order_id, batch.key)
    )
    found, told = space.find(ids), space.noted(keys)
    for at, order_id, key in zip(places, ids, keys, strict=True):
        names = listed_names(batch, at)
        there = [some for name in names if (some := found.get((name, order_id)))]
        if key in told:
            yield names[0], [one for some in there for one in some if one.id == told[key]]
        else:
            yield names[0], there[0] if there else []


def tell_apart(batches: Iterable[Batch], space: Readback) -> None:
    """Note which of the Space's events is whose, of orders that the file has both as an upsell and as none.

    Only keys of their own let both of one order through.
    """
    for batch in batches:
        space.own(_purchases(batch))
    both = (match(own, there)[0] for own, there in space.pairs() if len({one.names for one in own}) > 1)
    space.note([(own.key, there.id if there else "") for pairs in both for own, there in pairs])


def _purchases(batch: Batch) -> Iterator[ExpectedEvent]:
    for at in np.flatnonzero(present(batch.key) & present(batch.order_id)).tolist():
        names, time = listed_names(batch, at), batch.value("event_time", at)
        if names[0] in PURCHASES and time is not None:
            key, order_id = batch.value("key", at) or "", batch.value("order_id", at)
            yield ExpectedEvent(key, names, order_id, seconds_of(time), batch.worth(at), "new")


def _same_time(batch: Batch, at: int, found: Sequence[ListedEvent]) -> bool:
    time = batch.value("event_time", at)
    return time is not None and seconds_of(time) in {one.time for one in found}
