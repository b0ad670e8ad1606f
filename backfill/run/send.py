"""The sending of a run: what was surveyed and agreed to goes out."""

import asyncio
from collections.abc import Callable

import orjson

from backfill.api.stop import Stop
from backfill.errors import BackfillError
from backfill.report.live_metrics import writing_metrics
from backfill.run.context import Entered, Run
from backfill.run.finish import summary_of
from backfill.run.signals import stoppable
from backfill.survey.key_recipe import recipe_of
from backfill.survey.passes import Survey
from backfill.upload.group_commit import GroupCommit
from backfill.upload.tally import Event
from backfill.upload.upload import Upload, rarely_collected, run_upload


def send(run: Run, survey: Survey, entered: Entered) -> BackfillError | None:
    """Send the run's events, in an event loop of their own; return what stopped it, if anything did."""
    recipe = (survey.mapping.name, recipe_of(survey.mapping, survey.settings)) if survey.account.hashed else None
    events = survey.events(entered.number, run.options.sending.limit)
    recorded = (
        entered.ledger,
        entered.number,
        survey.account.counts,
        run.rejects,
        recipe,
        run.tally,
        _accepting(run, survey),
        survey.count_late,
    )
    return asyncio.run(_sent(run, Upload(run.options.upload_settings(run.state), events, *recorded)))


async def _sent(run: Run, upload: Upload) -> BackfillError | None:
    stop = Stop()
    with stoppable(stop), rarely_collected():
        async with (
            writing_metrics(run.options.outputs.metrics, lambda: [summary_of(run)], run.console.warn),
            GroupCommit() as commits,
        ):
            return await run_upload(upload, stop, run.console, commits)


def _accepting(run: Run, survey: Survey) -> Callable[[list[Event]], None]:
    """What is done with events that were accepted; those that a limit chose are noted, to be looked up."""

    def count_accepted(events: list[Event]) -> None:
        survey.count_accepted(events)
        for event in events if run.options.sending.limit is not None else ():
            name = orjson.loads(event.body).get("order_name") or ""
            amount = "" if event.amount is None else f"  {event.amount:f}"
            kept = event.accepted
            run.sent.append(f"{kept.time}  {event.name}  {event.order_id or kept.key}  {name}{amount}")

    return count_accepted
