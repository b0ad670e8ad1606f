"""The overlap with live tracking: the Space's events of the input's period are read back, and left out of it."""

from contextlib import ExitStack

from backfill.api.list_events import EventQuery
from backfill.api.readback import read_name, seconds_of
from backfill.errors import counted
from backfill.event import Verdict
from backfill.run.context import Run
from backfill.run.readback import read_back
from backfill.run.survey import take_survey
from backfill.survey.passes import Survey


def leave_out_existing(run: Run, survey: Survey, stack: ExitStack) -> None:
    """Survey the input once more, with what the Space has. Raises ApiStop where that can't be known."""
    counts, options = survey.account.counts, run.options
    survey.ledger.refuse_key(options.space.name, options.space.fingerprint, options.sending.key_rotated)
    if counts.first is None or counts.last is None:  # nothing is ready
        return
    names = names_read([name for name, number in counts.by_name[Verdict.READY].items() if number])
    query = EventQuery(names, seconds_of(counts.first), seconds_of(counts.last), options.sending.space_timezone)
    survey.verdicts.existing = stack.enter_context(read_back(query, options, run.state, run.console))
    take_survey(survey, run.console, "comparing")
    if survey.account.counts.incomparable:
        events = counted(survey.account.counts.incomparable, "event has", "events have")
        run.console.warn(
            f"{events} no order_id, so nothing tells whether the Space has such an event already; none is left out"
        )


def names_read(names: list[str]) -> tuple[str, ...]:
    """The names under which such events may be read back."""
    return tuple(sorted({*names, *(read_name(name, True) for name in names)}))
