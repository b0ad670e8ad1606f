"""The overlap with live tracking: the Space's events of the input's period are read back, and left out of it."""

from contextlib import ExitStack

from backfill.api.list_events import Question
from backfill.api.readback import read_name, seconds_of
from backfill.event import Verdict
from backfill.ledger import Ledger
from backfill.run.finish import Course
from backfill.run.readback import read_back
from backfill.space import fingerprint_of


def leave_out_existing(this: Course, ledger: Ledger, stack: ExitStack) -> None:
    """Survey the input once more, beside what the Space has. Raises ApiStop where that can't be told."""
    survey, counts, options = this.survey, this.counts, this.options
    assert survey is not None
    ledger.refuse_key(options.space, fingerprint_of(options.api_key), options.key_rotated)
    if not counts.verdicts[Verdict.READY]:
        return
    assert counts.first is not None
    assert counts.last is not None
    names = names_read([name for name, number in counts.by_name[Verdict.READY].items() if number])
    question = Question(names, seconds_of(counts.first), seconds_of(counts.last), options.space_timezone)
    survey.existing = stack.enter_context(read_back(question, options, this.state, this.voice))
    total = sum({part.path: part.size for part in this.parts}.values())
    with this.voice.progress("comparing", total, "B") as progress:
        survey.take(progress)
    survey.counts.check()
    if survey.counts.incomparable:
        this.voice.warn(
            f"{survey.counts.incomparable:,} events have no order_id, so nothing tells whether the Space has "
            "them already; they are not left out"
        )


def names_read(names: list[str]) -> tuple[str, ...]:
    """The names under which such events may be read back."""
    return tuple(sorted({*names, *(read_name(name, True) for name in names)}))
