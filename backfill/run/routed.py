"""Routed: the route that a plan's run had, for whoever reads its files again: the other rows are other Spaces'."""

from contextlib import suppress

from backfill.convert.route import Route, routes_of
from backfill.errors import BackfillError
from backfill.ledger import History, Ledger
from backfill.progress import Messages
from backfill.run.options import Options


def routed(options: Options, ledger: Ledger, console: Messages) -> tuple[Options, str | None]:
    """The options with the route of the last run that read one of the files, where they have none.

    A Space for which nothing of them was sent yet learns of it from the other Spaces' ledgers. Of a plan's run that has
    not ended no route is known: then also the command that goes on with that.
    """
    if options.source.route is not None:
        return options, None
    with ledger.reading():
        found, known, goes_on = _route_of(ledger, options)
    for one in () if known else ledger.neighbours():
        with suppress(BackfillError), one.look() as other, other.reading():
            found = _route_of(other, options, having='"route"')[0]
        if found is not None:
            break
    name = options.space.name
    routes = routes_of(found.column, found.spaces, found.default) if found else []
    route = next((one for one in routes if one.space == name), None)
    if route is None:
        return options, goes_on
    console.note(f"a plan's run of this file had a route by column {route.column}: only rows of space {name} count")
    return options.but(route=route), None


def _route_of(ledger: History, options: Options, having: str = "") -> tuple[Route | None, bool, str | None]:
    """The route of the last run that has read one of the files, whether there is one, and what goes on with a later.

    `having`: what stands in the summaries that are to be looked at, of many ledgers' runs.
    """
    files, goes_on = {name for name in options.source.named if name != "-"}, None
    for run in ledger.runs():
        with suppress(AttributeError, KeyError, TypeError, ValueError):  # an earlier release's, or damaged
            summary = run.summary if having in (run.summary_text or "") else {}
            if summary and files.intersection(summary["files"]):
                route = summary["reading"].get("route")
                return (Route(**route) if route else None), True, goes_on
            if not summary and run.command.startswith("backfill jobs ") and files.intersection(run.files):
                goes_on = goes_on or run.command
    return None, False, goes_on
