"""Approvals: the statuses of what nobody pays for: which registrations, answers and bookings count, and which don't."""

from collections import Counter

import numpy as np

from backfill.commands.init.attendance_words import DECLINED, LISTED, MOVED, NOBODYS, STAFF, USERS
from backfill.commands.init.choice import named
from backfill.commands.init.clauses import Conditions, entry, flag
from backfill.commands.init.evidence import SOME, frequencies, time_share
from backfill.commands.init.naming import naming, said_in, words
from backfill.commands.init.occasions import ASKING, FORMS, SEVERAL
from backfill.commands.init.phrases import NEVER
from backfill.commands.init.proof import is_payments, shown
from backfill.commands.init.sample import Column, Sample
from backfill.commands.init.signs import APPROVALS, FLAGS, MARKED, is_approval, is_flag, is_short
from backfill.commands.init.status_words import AWAITS
from backfill.commands.init.statuses import is_approved, is_booked, spelt
from backfill.commands.init.value_tables import Says
from backfill.commands.init.vocabulary import FINISHED, texts
from backfill.mapping.yaml_text import several

_ROLES = texts("role, roles, rol, rolle, ruolo, papel, perfil, funcao")
ON_A_LIST = texts("subscribed, unsubscribed, unconfirmed, bounced, cleaned, complained")  # what only lists say


def approvals(made: Conditions, sample: Sample, rest: list[Column], booked: bool) -> list[Column]:
    """Say which rows count by their statuses; of bookings (`booked`) all but those that were called off."""
    if booked:
        states = named("status", sample)
        found = [c for c in rest if not is_payments(c.name) and is_short(c) and (c in states or _says_booked(c))]
        for column in found:
            _bookings(column, _booked_in(sample, column), made)
        return found
    lists = [column for column in rest if _is_list(column)]
    for column in lists:
        invalid = [text for text, _ in frequencies(column) if spelt(text) in NOBODYS]
        if invalid:
            made.table(column)
            made.say("sure: such an address is nobody's; if others do not count either, name them too")
            made.add(column, f"{{not: {several(invalid)}}}")
            continue
        made.say("who has left a list since, or never confirmed, left an address all the same")
        made.say(f"{entry(column, '[...]')}     # if not every one of these counts")
        made.table(column)
    for column in [column for column in rest if column not in lists and _is_mark_of_end(column, sample)]:
        made.say("sure: the others were never sent: they have no answer to several questions that all of these have")
        made.table(column)
        flag(column, False, made)
        lists.append(column)
    found = [column for column in rest if column not in lists and is_approval(column)]
    for column in found:
        made.decide(column, _approved_in(sample, column), "count")
    return [*lists, *found]


def roles(made: Conditions, rest: list[Column]) -> list[Column]:
    """Leave out those who run a platform, where a column says who of its users does."""
    found = []
    for column in rest:
        there = [text for text, _ in frequencies(column)] if _ROLES & said_in(column.name) and is_short(column) else []
        if {True, False} <= {_uses(text) for text in there}:
            found.append(column)
            if None in map(_uses, there):
                made.decide(column, _uses, "count")
                continue
            made.table(column, _uses)
            made.say("sure: each of them is known; who runs it is none of its users")
            made.take(column, [text for text in there if _uses(text)])
    return found


def _uses(text: str) -> bool | None:
    return True if spelt(text) in USERS else False if spelt(text) in STAFF else None


def _bookings(column: Column, says: Says, made: Conditions) -> None:
    """Leave out the bookings that were called off; who did not come had booked."""
    states = [text for text, _ in frequencies(column)]
    gone = [text for text in states if says(text) is False]
    if not gone:
        if len(states) > 1:
            made.say(f"{entry(column, '[...]')}     # if not every one of these counts")
            made.table(column, says)
        return
    made.table(column, says)
    if any(says(text) is None for text in states):
        made.say(f"{entry(column, f'{{not: {several(gone)}}}')}     # likely: those that are known to be called off")
        made.ask(column, "count", says)
    else:
        made.say("sure: each of them is known; who did not come had booked")
        made.add(column, f"{{not: {several(gone)}}}")


def _says_booked(column: Column) -> bool:
    """Whether it says which bookings were called off, whatever its name: each of its values is known."""
    return {is_booked(text) for text, _ in frequencies(column)} == {True, False}


def _booked_in(sample: Sample, status: Column) -> Says:
    """What a column's texts say of a booking; one that was moved may be there once more, where its person is.

    Where a host declines some, it is open what becomes of one that waits.
    """
    people = [column.cells.tolist() for column in named("email", sample)[:1]]
    often = {text for cells in people for text, number in Counter(cells).items() if text and number > 1}
    moved = {
        text for cells in people for person, text in zip(cells, status.cells.tolist(), strict=True) if person in often
    }

    answered = any(spelt(text) in DECLINED for text, _ in frequencies(status))

    def says(text: str) -> bool | None:
        again = text in moved and MOVED & {*words(text)}
        waits = answered and AWAITS & {*words(text)}
        return None if again or waits else is_booked(text)

    return says


def _is_mark_of_end(mark: Column, sample: Sample) -> bool:
    """Whether it marks the answers to a form that were sent, by its name and by what the others lack."""
    said = said_in(mark.name)
    forms = any(FORMS & said_in(name) for name in sample.header)
    if not (forms and is_flag(mark) and said & FINISHED and said <= FINISHED | APPROVALS | MARKED | ASKING):
        return False
    done = np.isin([text.casefold() for text in mark.cells.tolist()], [on for on, _ in FLAGS])
    asked = (c for c in sample.columns if len(c.filled) and len(words(c.name)) > 1 and time_share(c) <= SOME)
    answers = [column.cells != "" for column in asked]
    lacking = sum(bool(filled[done].all() and not filled[~done].any()) for filled in answers)
    return bool(done.any() and not done.all() and all(mark.cells)) and lacking >= SEVERAL


def _is_list(column: Column) -> bool:
    """Whether its values are those of a mailing list: who is on it, who has left it, and who never confirmed."""
    states = {spelt(text) for text, _ in frequencies(column)} if is_short(column) else set()
    return len(states) > 1 and bool(states & (ON_A_LIST | NOBODYS)) and states <= LISTED | NOBODYS


def _approved_in(sample: Sample, status: Column) -> Says:
    """What a column's texts say of an answer; of an unknown one, whether its rows have a time at which it was sent."""
    there = [text for text, _ in frequencies(status)]
    marks = [column.cells != "" for column in sample.columns if _is_time_of_end(column)]
    known = {text: sent for mark in marks for text, sent in shown(mark, status, there, is_approved).items()}

    def says(text: str) -> bool | None:
        told = is_approved(text)
        return known.get(text) if told is None else told

    return says


def _is_time_of_end(column: Column) -> bool:
    name = naming("event_time", column.name)
    dated = name is not None and name.tier != NEVER and bool(FINISHED & said_in(column.name))
    return dated and 0 < len(column.filled) < len(column.cells) and time_share(column) > 0.5
