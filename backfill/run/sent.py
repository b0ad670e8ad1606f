"""Sent: what a ledger says that its runs sent, as it may be read back from the Space."""

import re
from collections.abc import Iterator

from backfill.api.list_events import EventQuery
from backfill.api.readback import ExpectedEvent, Readback, seconds_of
from backfill.ledger import Accepted, History, amount_of, name_in, rest_of
from backfill.run.skip_existing import names_read

_HASHED = re.compile(r"[0-9a-f]{32}")


def sent(ledger: History, space: Readback, query: EventQuery, again: int = 0) -> Iterator[tuple[int, ExpectedEvent]]:
    """Every event of the query's names, in what is read for it, that the ledger has and no undo has deleted.

    With its run; with the run `again` what that one sent once more.
    """
    spaces: dict[int, str | None] = {}
    for of, event in ledger.all_accepted(again):
        moment = seconds_of(event.time)
        if not query.begin <= moment <= query.end:
            continue
        name = name_in(event.key)
        names = names_read([name]) if name else ()  # a key of another form does not show its event's name: any
        if names and query.names and not set(names) & set(query.names):
            continue
        if of not in spaces:
            run = ledger.run(of)
            spaces[of] = run.namespace if run else None
        order_id = event.order_id or _order_id(event, name, spaces[of], space)
        amount, person = amount_of(event.amount), event.identity
        yield of, ExpectedEvent(event.key, names, order_id, moment, amount, person=person)


def _order_id(event: Accepted, name: str, namespace: str | None, space: Readback) -> str | None:
    """The order_id that the key ends in; None where it is made of other fields."""
    rest = rest_of(event.key, namespace)
    if (not name or _HASHED.fullmatch(rest)) and not space.lists(rest):
        rest = "" if name else event.key.rpartition(":")[2] * (":" in event.key)
        return rest if rest and space.lists(rest) else None
    return rest
