"""One backfill, start to finish: read, survey, plan, send, and say what became of every row."""

import asyncio
import shlex
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from decimal import localcontext

from backfill.closing import Course, finish, show_page, summary_of
from backfill.convert import CAPI_DAYS
from backfill.errors import BackfillError, UsageError
from backfill.event import Verdict
from backfill.gate import inputs_of
from backfill.ledger import Ledger
from backfill.metrics import write_refusal, writing
from backfill.opening import read_in, settled, take_survey
from backfill.options import Options, state_folder
from backfill.overlap import leave_out_existing
from backfill.plan import inferred_notes, plan
from backfill.read.files import open_parts
from backfill.recipe import recipe_of
from backfill.records import DIGITS
from backfill.rejects import Rejects
from backfill.sending import Shipment, ship, space_of
from backfill.signals import leaving, stoppable, undisturbed
from backfill.upload import Stop
from backfill.voice import Voice, agreed, terminal


def run(options: Options) -> int:
    """Check or upload the files; return the exit code. What stops a run is said in one sentence, never raised."""
    voice = Voice(options.quiet, options.verbose, options.log_format, options.about)
    with ExitStack() as stack:
        stack.enter_context(leaving())
        stack.enter_context(localcontext(prec=DIGITS))
        state, rejects = stack.enter_context(state_folder(options)), stack.enter_context(Rejects.gather())
        try:
            this = Course(settled(options, stack), voice, state, rejects)
        except BackfillError as error:
            voice.fail(error)
            write_refusal(options.metrics, options.about, error.exit_code)
            return error.exit_code
        try:
            stopped = _from_files_to_outcomes(this, stack)
        except BackfillError as error:
            stopped = error
        except Exception:
            with suppress(Exception):  # what can still be told of a bug's run; the bug itself goes on
                _end(this, BackfillError("ended by a bug"))
            raise
        return _end(this, stopped)


def _from_files_to_outcomes(this: Course, stack: ExitStack) -> BackfillError | None:
    """Everything between opening the files and the summary; return what stopped the sending, if anything did."""
    this.parts = stack.enter_context(open_parts(list(this.options.files)))
    read_in(this)
    ledger = stack.enter_context(space_of(this.options, this.state))
    take_survey(this, ledger, stack)
    if this.options.skip_existing:
        leave_out_existing(this, ledger, stack)
    if this.options.command != "upload":
        return None
    shipment = _begun(this, ledger)
    return asyncio.run(_shipped(shipment, this))


def _begun(this: Course, ledger: Ledger) -> Shipment:
    """Show the plan, ask, and enter the run in the ledger. Raises UsageError where the answer is no."""
    options, survey, mapping = this.options, this.survey, this.mapping
    assert survey is not None
    assert mapping is not None
    this.voice.say(plan(survey, options, _notes(this, ledger)))
    show_page(this)
    ready = this.counts.verdicts[Verdict.READY]
    wanted = ready if options.limit is None else min(ready, options.limit)
    if wanted and not options.yes and terminal() and not agreed(f"Send {wanted:,} events to Space {options.space}?"):
        raise UsageError("not confirmed: nothing was sent")
    files = [part.label for part in this.parts]
    this.voice.about["run"] = this.number = ledger.begin(
        shlex.join(options.argv), mapping.name, mapping.source.namespace, files
    )
    ledger.keep_inputs(this.number, mapping.name, inputs_of(this.parts, this.layouts, survey.findings.rows))
    recipe = (mapping.name, recipe_of(mapping, survey.terms)) if survey.hashed else None
    events = survey.events(this.number, options.limit)
    booked = (ledger, this.number, survey.counts, this.rejects, recipe, this.tally, survey.settle)
    return Shipment(options, this.state, events, *booked)


async def _shipped(shipment: Shipment, this: Course) -> BackfillError | None:
    stop = Stop()
    with stoppable(stop):
        async with writing(this.options.metrics, lambda: [summary_of(this)], this.voice):
            return await ship(shipment, stop, this.voice)


def _end(this: Course, stopped: BackfillError | None) -> int:
    undisturbed()
    return finish(this, stopped)


def _notes(this: Course, ledger: Ledger) -> Iterator[str]:
    """What a person should know before agreeing."""
    assert this.survey is not None
    if this.counts.existing:
        yield f"{this.counts.existing:,} are in the Space already (live tracking, or another tool): left out"
    if this.counts.resent:
        yield f"{this.counts.resent:,} were accepted before and go out again, each under its own key (--resend)"
    if ledger.empty:
        yield f"no ledger in {this.state}: all {this.counts.verdicts[Verdict.READY]:,} are new"
    yield from inferred_notes(this.survey)
    if this.counts.dropped:
        yield "left out of events: " + ", ".join(f"{name} {n:,} times" for name, n in this.counts.dropped.items() if n)
    if this.counts.capi_held:
        yield f"{this.counts.capi_held:,} events older than {CAPI_DAYS} days are kept from the ad platforms"
