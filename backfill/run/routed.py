"""Routed: the route that a plan's run had, for whoever reads its files again: the other rows are other Spaces'."""

from contextlib import suppress

from backfill.convert.route import Route, routes_of
from backfill.errors import BackfillError
from backfill.ledger import History, Ledger
from backfill.progress import Messages
from backfill.run.options import Options


def routed(options: Options, ledger: Ledger, console: Messages) -> tuple[Options, str | None]:
    """The options with the route that the last runs of all the files had, where they have none.

    A Space for which nothing of them was sent yet learns of it from the other Spaces' ledgers. Of a plan's run that has
    not ended no route is known: then also the command that goes on with that.
    """
    if options.source.route is not None:
        return options, None
    with ledger.reading():
        last, earlier, goes_on = _routes_of(ledger, options)
    known = bool(last)
    for one in () if known else ledger.neighbours():
        with suppress(BackfillError), one.look() as other, other.reading():
            last = _routes_of(other, options, having='"route"')[0] | last
        if all(map(last.get, options.source.named)):
            break
    name = options.space.name
    found = [_for(name, last.get(file)) for file in options.source.named]
    route = found[0] if found else None
    if route is None or any(one != route for one in found):
        if any(found):
            console.note(
                "these files' runs had several routes, or none: all rows count; verify one by one, or say --route"
            )
        return options, goes_on
    if not all(_has_all_of(route, before) for before in earlier):
        console.note(
            f"the last run of this file had a route by column {route.column}, and an earlier one may have sent space "
            f"{name} other rows too: all rows count, and what is another Space's is not to be sent; or say --route"
        )
        return options, goes_on
    console.note(f"a plan's run of this file had a route by column {route.column}: only rows of space {name} count")
    return options.but(route=route), None


def _for(space: str, found: Route | None) -> Route | None:
    """One Space's part of a route; None where it has none."""
    routes = routes_of(found.column, found.spaces, found.default) if found else []
    return next((one for one in routes if one.space == space), None)


def _has_all_of(route: Route, before: Route | None) -> bool:
    """Whether a route gives its Space every row that one before it, or none, gave to that."""
    if before is None or before.column != route.column:
        return False
    values = [value for value in {**route.spaces, **before.spaces} if before.space_of(value) == route.space]
    rest = before.default != route.space or route.default == route.space
    return rest and route.first >= before.first and all(route.space_of(value) == route.space for value in values)


def _routes_of(
    ledger: History, options: Options, having: str = ""
) -> tuple[dict[str, Route | None], list[Route | None], str | None]:
    """The routes of the last runs by the files that they read, those of the runs before, and what goes on with a later.

    `having`: what stands in the summaries that are to be looked at, of many ledgers' runs.
    """
    files, goes_on = {name for name in options.source.named if name != "-"}, None
    last: dict[str, Route | None] = {}
    earlier: list[Route | None] = []
    for run in ledger.runs():
        with suppress(AttributeError, KeyError, TypeError, ValueError):  # an earlier release's, or damaged
            summary = run.summary if having in (run.summary_text or "") else {}
            if summary and (read := files.intersection(summary["files"])):
                route = Route(**found) if (found := summary["reading"].get("route")) else None
                earlier += [route] * (not read.isdisjoint(last))
                last = {**dict.fromkeys(read, route), **last}
            elif not summary and files.intersection(run.files):
                if not run.command.startswith("backfill jobs "):
                    earlier += [None] * (" --route " not in run.command)  # it may have sent what it read
                elif not last:
                    goes_on = goes_on or run.command
        if last.keys() == files and not any(last.values()):
            break  # nothing before it matters
    return last, earlier, goes_on
