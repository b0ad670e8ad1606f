"""The dispatch: the plan is shown and agreed to, the run entered in the ledger, and its events go out."""

from collections.abc import Callable

import orjson

from backfill.console import command
from backfill.errors import BackfillError, UsageError
from backfill.ledger import Ledger
from backfill.report.console import agreed, terminal
from backfill.report.plan import notes_on, plan
from backfill.run.finish import Course, show_page, summary_of
from backfill.run.gate import inputs_of
from backfill.survey.key_recipe import keys_of, recipe_of
from backfill.survey.passes import Survey
from backfill.upload.tally import Event


def dispatch(this: Course, ledger: Ledger) -> BackfillError | None:
    """Send what was surveyed; return what stopped it, if anything did. Raises UsageError where the answer is no."""
    survey, wanted = this.survey, this.counts.wanted(this.options.limit)
    assert survey is not None
    show_plan(this)
    show_page(this)
    if wanted and not this.options.yes and terminal() and not agreed(_question(this, wanted)):
        raise UsageError("not confirmed: nothing was sent")
    run = _entered(this, survey, ledger)
    if not wanted:
        return None
    from backfill.upload.upload import (  # what sends takes a while to load, and a re-run seldom needs it
        Shipment,
        send_off,
    )

    recipe = (survey.mapping.name, recipe_of(survey.mapping, survey.terms)) if survey.hashed else None
    events = survey.events(run, this.options.limit)
    booked = (ledger, run, survey.counts, this.rejects, recipe, this.tally, _settling(this, survey))
    shipment = Shipment(this.options, this.state, events, *booked)
    return send_off(shipment, lambda: [summary_of(this)], this.voice)


def show_plan(this: Course) -> None:
    """Say what is about to be sent, or after a check would be."""
    if this.survey is not None and not this.options.quiet:
        this.voice.say(plan(this.survey, this.options, notes_on(this.survey, this.state)))


def _settling(this: Course, survey: Survey) -> Callable[[Event], None]:
    """What is done with each event that was accepted; one that a limit chose is noted, to be looked up."""

    def settle(event: Event) -> None:
        survey.settle(event)
        if this.options.limit is not None:
            name = orjson.loads(event.body).get("order_name") or ""
            amount = "" if event.amount is None else f"  {event.amount:f}"
            kept = event.accepted
            this.sent.append(f"{kept.time}  {event.name}  {event.order_id or kept.key}  {name}{amount}")

    return settle


def _question(this: Course, wanted: int) -> str:
    assert this.survey is not None
    also = this.survey.neighbours.sentence(this.options.also_in)
    return (f"{also}.\n" if also else "") + f"Send {wanted:,} events to Space {this.options.space}?"


def _entered(this: Course, survey: Survey, ledger: Ledger) -> int:
    """Enter the run in the ledger, with what it has no need to send; return its number."""
    name, source = survey.mapping.name, survey.mapping.source
    files = [part.label for part in this.parts]
    run = ledger.begin(command(this.options.argv), name, source.namespace, files, keys_of(survey.mapping))
    this.voice.about["run"] = this.number = run
    ledger.keep_inputs(run, name, inputs_of(this.parts, this.layouts, survey.rows_read))
    survey.noted.enter(ledger, run)
    return run
