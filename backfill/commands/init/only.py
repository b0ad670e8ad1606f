"""Only: a column whose name says a field beside words that are in no list, where it alone can be that field."""

import re
from dataclasses import replace

from backfill.commands.init.evidence import is_bare, is_id
from backfill.commands.init.guess import Guess, Sureness, doubt, fits
from backfill.commands.init.naming import Naming, is_known, said_in
from backfill.commands.init.phrases import CREATED, NEVER, PERSONAL
from backfill.commands.init.sample import Column, Sample
from backfill.commands.init.vocabulary import OTHER_IDS, OTHERS, texts

_OTHER_TIMES = texts(  # than when it happened
    "last, latest, next, previous, until, expiry, expires, expiration, update, updated, modified, changed, login, "
    "seen, visit, visited, active, activity, birth, birthday, dob, due, renewal, start, starts, end, ends, begin, "
    "begins, shipped, delivered, delivery, refund, refunded, cancel, canceled, cancelled, opened, clicked, "
    "unsubscribed, letzte, letzter, ultimo, ultima, dernier, derniere, laatste, senast, ostatnie, bis, hasta, jusqu, "
    "fino, tot"
)
_uuid = re.compile(r"[{(]?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}[)}]?", re.IGNORECASE).fullmatch
MANY = 0.8
RECORD = 3  # the tier of an id that is of a record, of whatever kind
_MARKS = frozenset(["id", "uid", "uuid", "guid", "number", "no", "nr", "numero", "nummer", "code", "reference", "ref"])


def only(name: str, found: list[Guess], sample: Sample) -> list[Guess]:
    """The guesses, with the one that is sure because nothing else can be the field."""
    rival = any(guess.plain and not (name == "order_id" and guess.tier == PERSONAL) for guess in found)
    if name not in _CAN_BE or rival:
        return found
    likely = [guess for guess in found if (guess.naming is None or guess.tier != NEVER) and _CAN_BE[name](guess)]
    if name == "order_id" and not likely:
        likely = [_of_uuids(column) for column in sample.columns if _has_uuids(column)]
    if len(likely) != 1 or not fits(name, likely[0].column) or doubt(name, likely[0].column):
        return found
    one = likely[0]
    naming = replace(one.naming, other=()) if one.naming else None
    if name == "event_time":
        if len(found) > 1:
            return found
        one = replace(one, tier=CREATED)
    sure = replace(one, sureness=Sureness.SURE, naming=naming, why=f"{one.why}, and no other column can be it")
    return [sure, *(guess for guess in found if guess is not one)]


def _is_address(guess: Guess) -> bool:
    filled = guess.column.filled.tolist()
    if guess.naming is None and (len(filled) < 3 or len({*filled}) < MANY * len(guess.column.cells)):
        return False  # some address, of few people or in few rows
    return len(filled) > 0 and not OTHERS & said_in(guess.name) and 2 * len(filled) >= len(guess.column.cells)


def _is_id(guess: Guess) -> bool:
    """Whether it is an id that a vendor calls by a name of its own, such as Copper ID."""
    other = {*guess.naming.other} if guess.naming else set()
    named = bool(_MARKS & said_in(guess.name)) and not OTHER_IDS & other and not any(map(is_known, other))
    return named and is_id(guess.column, [])


def _has_uuids(column: Column) -> bool:
    """Whether each row has a UUID of its own, which its name does not say to be something else's."""
    cells = column.cells.tolist()
    return (
        len(cells) > 1
        and len({*cells}) == len(cells)
        and all(map(_uuid, cells))
        and not OTHER_IDS & said_in(column.name)
    )


def _of_uuids(column: Column) -> Guess:
    return Guess(column, Sureness.MAYBE, "each row has a UUID of its own", RECORD, Naming("uuid", RECORD))


def _is_time(guess: Guess) -> bool:
    """Whether it has a time of day in each row, and its name says no other time."""
    return not is_bare(guess.column) and all(guess.column.cells) and not _OTHER_TIMES & said_in(guess.name)


_CAN_BE = {"email": _is_address, "order_id": _is_id, "event_time": _is_time}
