"""Only: a column whose name says a field beside words that are in no list, where it alone can be that field."""

import re
from dataclasses import replace

from backfill.commands.init.evidence import is_bare, is_id, same_days
from backfill.commands.init.guess import Guess, Sureness, doubt, fits
from backfill.commands.init.naming import Naming, is_known, naming, said_in, words
from backfill.commands.init.phrases import CREATED, NEVER, PERSONAL, RECORD
from backfill.commands.init.sample import Column, Sample
from backfill.commands.init.vocabulary import (
    ANSWERS,
    BUYERS,
    DOCUMENTS,
    OTHER_IDS,
    OTHER_TIMES,
    OTHERS,
    PAYERS,
    SENDERS,
)

_uuid = re.compile(r"[{(]?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}[)}]?", re.IGNORECASE).fullmatch
MANY, FEW, SEVERAL = 0.8, 3, 10
_IDS = frozenset(["id", "uid", "uuid", "guid"])
_OF_PEOPLE = ("email", "first_name", "last_name", "full_name", "phone")
_PERSONS = frozenset(["user", "subscription", "subscriber", "account", "profile"])
_SURVEYS = frozenset(["respondent", "respondents", "survey", "collector", "questionnaire"])
_SPANS = frozenset(
    ["start", "started", "end", "ended", "date", "time", "at", "on", "utc", "gmt", "startdate", "enddate"]
)
_MARKS = frozenset(["id", "uid", "uuid", "guid", "number", "no", "nr", "numero", "nummer", "code", "reference", "ref"])


def only(name: str, found: list[Guess], sample: Sample) -> list[Guess]:
    """The guesses, with the one that is sure because nothing else can be the field."""
    found = _addressed(name, found, sample) if name in _OF_PEOPLE else found
    rival = any(guess.plain and not (name == "order_id" and guess.tier == PERSONAL) for guess in found)
    if name not in _CAN_BE or rival:
        return found
    likely = [guess for guess in found if (guess.naming is None or guess.tier != NEVER) and _CAN_BE[name](guess)]
    if name == "order_id" and not likely:
        likely = [_of_uuids(column) for column in sample.columns if _has_uuids(column)]
    if name == "event_time" and (ended := _end_of_a_survey(found, sample)):
        return [ended, *(guess for guess in found if guess.column is not ended.column)]
    likely = likely or _is_of_a_form(name, found, sample) or _is_of_the_person(name, found, sample)
    if len(likely) != 1 or not fits(name, likely[0].column) or doubt(name, likely[0].column):
        return found
    one = likely[0]
    plain = replace(one.naming, other=()) if one.naming else None
    if name == "event_time":
        if len(found) > 1:
            return found
        one = replace(one, tier=CREATED)
    sure = replace(one, sureness=Sureness.SURE, naming=plain, why=f"{one.why}, and no other column can be it")
    return [sure, *(guess for guess in found if guess.column is not one.column)]


def _addressed(name: str, found: list[Guess], sample: Sample) -> list[Guess]:
    """The guesses, with the recipient's as sure: who a document is sent to is its customer, where none other is."""
    if _is_of_documents(sample):  # which the shop itself sends
        found = [replace(g, sureness=Sureness.MAYBE) if SENDERS & said_in(g.name) else g for g in found]
    theirs = [guess for guess in found if guess.naming and {*guess.naming.other} == {"recipient"}]
    if len(theirs) != 1 or not _is_of_documents(sample) or not fits(name, theirs[0].column):
        return found
    plain = Naming(name, 0)
    why = f"{theirs[0].why}, and a document's recipient is its customer"
    sure = replace(theirs[0], sureness=Sureness.SURE, tier=0, naming=plain, why=why)
    return [sure, *(guess for guess in found if guess is not theirs[0])]


def _is_of_documents(sample: Sample) -> bool:
    """Whether rows are documents that are sent to a customer, of whom nothing else speaks."""
    said = {word for name in sample.header for word in said_in(name)}
    mails = [name for name in sample.header if (known := naming("email", name)) is not None and known.plain]
    theirs = all(SENDERS & said_in(name) for name in mails)
    return bool(said & DOCUMENTS) and theirs and not said & (BUYERS - SENDERS | PAYERS)


def _is_address(guess: Guess) -> bool:
    filled = guess.column.filled.tolist()
    if guess.naming is None and (len(filled) < 3 or len({*filled}) < MANY * len(guess.column.cells)):
        return False  # some address, of few people or in few rows
    if guess.naming is not None and len(filled) >= SEVERAL and 2 * len({*filled}) <= len(filled):
        return False  # the same few of somebody else
    return len(filled) > 0 and not OTHERS & said_in(guess.name) and 2 * len(filled) >= len(guess.column.cells)


def _is_id(guess: Guess) -> bool:
    """Whether it is an id that a vendor calls by a name of its own, such as Copper ID."""
    other = {*guess.naming.other} if guess.naming else set()
    named = bool(_MARKS & said_in(guess.name)) and not OTHER_IDS & other and not any(map(is_known, other))
    return named and is_id(guess.column, [])


def _end_of_a_survey(found: list[Guess], sample: Sample) -> Guess | None:
    """When somebody had answered a survey, which each of its rows began on the same day."""
    said = [said_in(name) for name in sample.header]
    spans = {mark: [g for g in found if mark in said_in(g.name) <= _SPANS] for mark in ("start", "end")}
    if not any(one & _SURVEYS or {"response", "id"} <= one for one in said) or not all(map(len, spans.values())):
        return None
    start, end = spans["start"][0], spans["end"][0]
    if not fits("event_time", end.column) or not same_days(start.column, end.column):
        return None
    why = "the header is a survey's, and an answer is there since its end, on the day on which it was begun"
    return replace(end, sureness=Sureness.SURE, tier=CREATED, naming=Naming("end", CREATED), why=why)


def _is_of_a_form(name: str, found: list[Guess], sample: Sample) -> list[Guess]:
    """The first column of answers, whose id is called by its form: FreeConsultation_Id beside Entry_Status."""
    said = {word for column in sample.header for word in said_in(column)}
    first = [guess for guess in found if guess.column is sample.columns[0] and said_in(guess.name) & _IDS]
    own = [guess for guess in first if guess.naming and not OTHER_IDS & {*guess.naming.other}]
    return own if name == "order_id" and said & ANSWERS and all(is_id(guess.column, []) for guess in own) else []


def _is_of_the_person(name: str, found: list[Guess], sample: Sample) -> list[Guess]:
    """The id of a user or a subscription, where each row has another one, and nobody is there twice."""
    own = [guess for guess in found if said_in(guess.name) <= _PERSONS | _IDS and len(words(guess.name)) > 1]
    own = [guess for guess in own if said_in(guess.name) & _IDS and len({*guess.column.cells}) == len(sample.numbers)]
    mails = [column for column in sample.columns if (known := naming("email", column.name)) is not None and known.plain]
    alone = any(len({*column.filled.tolist()}) == len(column.filled) >= FEW for column in mails[:1])
    if name != "order_id" or not alone:
        return []
    why = "each row has another one, and nobody is there twice"
    return [replace(one, tier=PERSONAL, naming=Naming("id", PERSONAL), why=why) for one in own]


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
    return not is_bare(guess.column) and all(guess.column.cells) and not OTHER_TIMES & said_in(guess.name)


_CAN_BE = {"email": _is_address, "order_id": _is_id, "event_time": _is_time}
