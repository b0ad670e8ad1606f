"""The overlap with live tracking: the Space's events of the input's period are read back, and left out of it."""

from collections import Counter
from contextlib import ExitStack
from itertools import chain

from backfill.api.list_events import EventQuery
from backfill.api.readback import PURCHASES, kind_of, read_names, seconds_of
from backfill.errors import UsageError, counted
from backfill.event import Verdict
from backfill.progress import Messages
from backfill.run.context import Run
from backfill.run.readback import read_back
from backfill.run.survey import take_survey
from backfill.survey.in_space import tell_apart
from backfill.survey.passes import Survey

_STRAYS = 0.1  # of the file's orders: fewer purchases without an id are a test's, or somebody's by hand


def leave_out_existing(run: Run, survey: Survey, stack: ExitStack) -> None:
    """Survey the input once more, with what the Space has. Raises ApiStop where that can't be known."""
    counts, options = survey.account.counts, run.options
    survey.ledger.refuse_key(options.space.name, options.space.fingerprint, options.sending.key_rotated)
    if counts.first is None or counts.last is None:  # nothing is ready
        return
    names = names_read([name for name, number in counts.by_name[Verdict.READY].items() if number])
    query = EventQuery(names, seconds_of(counts.first), seconds_of(counts.last), options.sending.space_timezone)
    space = stack.enter_context(read_back(query, options, run.state, run.console))
    mapping = survey.mapping
    if mapping.cells_of("is_upsell") and any(template.idempotency_key for template in mapping.events):
        tell_apart((batch for batch, _ in survey.judged()), space)
    survey.verdicts.existing = space
    take_survey(survey, run.console, "comparing")
    counts = survey.account.counts
    if counts.incomparable:
        events = counted(counts.incomparable, "event has", "events have")
        run.console.warn(
            f"{events} no order_id, so nothing tells whether the Space has such an event already; none is left out"
        )
    if counts.unlike:
        events = counted(counts.unlike, "event is", "events are")
        run.console.warn(
            f"{events} left out for one that the Space has under the same order_id at another time or with another "
            "amount, which is an upsell there and none in the file, or the reverse: whether that is the same order, or "
            "a main order and its upsell, nobody can tell; --changes lists those with another amount, and without "
            "--skip-existing they go out"
        )
    _doubt_unnamed(+counts.unfound, space.order_ids(), run.console)


def _doubt_unnamed(unfound: Counter[str], listed: dict[str, tuple[int, int]], console: Messages) -> None:
    """Say how many of the Space's events have no order_id, where orders of the file may be among them.

    Raises UsageError where no purchase has one, and they are no mere strays: then none of the file's could be found,
    whatever the Space has. Of other events live tracking says no id, so that they prove nothing.
    """
    places = {name: next((one for one in _alternatives(name) if one in listed), None) for name in unfound}
    there = {place: listed[place] for place in places.values() if place is not None}
    wanted: Counter[str] = Counter()  # purchases of the file, by the name under which they should be
    for name, place in places.items():
        if place in PURCHASES:
            wanted[place] += unfound[name]
    if blind := [name for name in sorted(wanted) if not there[name][1] and there[name][0] >= _STRAYS * wanted[name]]:
        events = ", ".join(counted(there[name][0], f"{name} event") for name in blind)
        raise UsageError(
            f"--skip-existing: the Space lists {events} of that time, none with an order_id, so nothing tells whether "
            f"the file's {sum(wanted[name] for name in blind):,} are among them; nothing was sent: end the import "
            "where live tracking began (--until), or leave --skip-existing out if they are others"
        )
    if without := sum(number - with_order_id for number, with_order_id in there.values()):
        events = counted(without, "event of the Space has", "events of the Space have")
        console.warn(f"{events} no order_id, so nothing tells which orders these are; none is left out because of them")


def _alternatives(name: str) -> tuple[str, ...]:
    """A listed name, and the other under which such events may be listed."""
    return read_names(kind_of(name), name != kind_of(name))


def names_read(names: list[str]) -> tuple[str, ...]:
    """The names under which such events may be read back."""
    return tuple(sorted({*names, *chain.from_iterable(map(read_names, names))}))
