"""The plan of a run, shown and agreed to before anything is sent."""

from backfill.errors import UsageError
from backfill.report.console import agreed, terminal
from backfill.report.plan import notes_on, plan
from backfill.run.finish import Course, show_page


def show_plan(this: Course) -> None:
    """Say what is about to be sent, or after a check would be."""
    options = this.options
    if this.survey is not None and not options.quiet:
        place, notes = f"space {options.space} at {options.base_url}", notes_on(this.survey, this.state)
        this.voice.say(plan(this.survey, place, options.limit, options.share, notes))


def confirm(this: Course) -> None:
    """Show the plan, on the page too, and ask. Raises UsageError where the answer is no."""
    show_plan(this)
    show_page(this)
    wanted = this.counts.wanted(this.options.limit)
    if wanted and not this.options.yes and terminal() and not agreed(_question(this, wanted)):
        raise UsageError("not confirmed: nothing was sent")


def _question(this: Course, wanted: int) -> str:
    assert this.survey is not None
    also = this.survey.neighbours.sentence(this.options.also_in)
    return (f"{also}.\n" if also else "") + f"Send {wanted:,} events to Space {this.options.space}?"
