"""The dispatch: the plan is shown and agreed to, the run entered in the ledger, and its events go out."""

import asyncio
import shlex
from collections.abc import Iterator

from backfill.clerk import Clerk
from backfill.closing import Course, show_page, summary_of
from backfill.convert import CAPI_DAYS
from backfill.errors import BackfillError, UsageError
from backfill.event import Verdict
from backfill.gate import inputs_of
from backfill.ledger import Ledger
from backfill.plan import inferred_notes, plan
from backfill.recipe import recipe_of
from backfill.sending import Shipment, rarely_collected, ship, writing_metrics
from backfill.signals import stoppable
from backfill.upload import Stop
from backfill.voice import agreed, terminal


def dispatch(this: Course, ledger: Ledger) -> BackfillError | None:
    """Send what was surveyed; return what stopped it, if anything did. Raises UsageError where the answer is no."""
    return asyncio.run(_shipped(_begun(this, ledger), this))


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
    with stoppable(stop), rarely_collected():
        async with writing_metrics(this.options.metrics, lambda: [summary_of(this)], this.voice), Clerk() as clerk:
            return await ship(shipment, stop, this.voice, clerk)


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
