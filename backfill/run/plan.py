"""The plan of a run, shown and agreed to before anything is sent."""

from backfill.errors import UsageError, counted
from backfill.report.console import agreed, terminal
from backfill.report.plan import notes_on, plan
from backfill.run.context import Run
from backfill.run.finish import show_page
from backfill.survey.passes import Survey


def show_plan(run: Run, survey: Survey) -> None:
    """Say what is about to be sent, or after a check would be."""
    options = run.options
    if not options.outputs.quiet:
        place, home = f"space {options.space.name} at {options.space.url}", run.ledgers
        notes = notes_on(survey, home.place, home.to_join)
        run.console.info(plan(survey, place, options.sending.limit, options.sending.share, notes))


def confirm(run: Run, survey: Survey) -> None:
    """Show the plan, on the page too, and ask. Raises UsageError where the answer is no."""
    show_plan(run, survey)
    show_page(run)
    wanted = survey.account.counts.wanted(run.options.sending.limit)
    if wanted and not run.options.sending.yes and terminal():
        also = survey.neighbours.sentence(run.options.gates.also_in)
        question = f"Send {counted(wanted, 'event')} to Space {run.options.space.name}?"
        question = f"{also}.\n{question}" if also else question
        if not agreed(question):
            raise UsageError("not confirmed: nothing was sent")
