"""Needed: the fields that an event can't do without, each sure, or left for a person to fill in."""

from dataclasses import replace

from backfill.commands.init.choice import Choice, Choices
from backfill.commands.init.evidence import (
    FEW_ADDRESSES,
    FEW_ROWS,
    agree,
    is_bare,
    is_id,
    lacking,
    neighbours,
    same_days,
    time_share,
)
from backfill.commands.init.guess import Guess, Sureness, all_alike
from backfill.commands.init.naming import is_billing, is_of_a_ticket, is_payer, is_spare, naming, said_in, whose, words
from backfill.commands.init.phrases import CLOSING, COMPLETED, CREATED, INVOICE, NEVER, PAYMENT, PERSONAL, RECORD
from backfill.commands.init.proof import paid_rows, sold_rows
from backfill.commands.init.sample import Column
from backfill.commands.init.signs import tells_won
from backfill.commands.init.vocabulary import BEGUN, FINISHED, OTHER_TIMES, OTHERS, PLACES, texts
from backfill.mapping.yaml_text import listed, scalar, shown

MOSTLY = 0.8  # an address that is filled in fewer rows than another one is not the buyer's
SEVERAL = 5  # addresses
FEW, MANY = 3, 10  # addresses of a shop's own people, and rows that have them
MOST_ADDRESSES = 3  # that fill in where the first is empty
NEAR = 2  # columns between a time and its zone, at most: further away it is where a person lives
_RANK = {0: 0, 3: 0, 5: 0, 1: 1, 2: 1, 4: 2}  # of the tiers of an id: the shop's own, what people see, an invoice's
_IDS = texts("id, uid, uuid, guid")  # of the same thing, before its number
_GUIDS = texts("uuid, guid")
_INVOICES = texts(
    "invoice, bill, receipt, rechnung, rechnungs, factura, facture, fattura, fatura, factuur, faktura, beleg"
)
_CLOSED = texts(
    "closed, close, closing, geschlossen, abschluss, cerrado, cerrada, cierre, ferme, fermee, fermeture, cloture, "
    "chiuso, chiusa, chiusura, fechado, fechada, fechamento, gesloten, sluit, afsluit, zamkniecia, zamkniete"
)  # beside those, a deal's last stage may have begun later
_PEOPLE = texts("customer, user, account, contact, client, kunde, cliente, klant")


# --- the person


def email(choices: Choices) -> Choice:
    """The buyer's address; a billing address fills in where the first one is empty.

    It is not sure where another column of addresses, whatever its name, is filled in more rows. An account's address
    (User Email) may be the shop's own, and is asked only where there is no other.
    """
    sure = choices.sure("email")
    found = [guess for guess in sure if whose(guess.name) < 2 or _fills_in(guess, sure)] or sure
    found = [guess for guess in found if not _is_one_persons(guess, choices)]
    staffs = [guess for guess in found if _is_of_few(guess, choices)]
    found = [guess for guess in found if guess not in staffs]
    found = [guess for guess in found if not is_of_a_ticket(guess.name)] or found
    payers = [guess for guess in found if is_payer(guess.name)]
    most_paid = max((len(guess.column.filled) for guess in payers), default=0)
    if most_paid >= MOSTLY * max((len(guess.column.filled) for guess in found), default=0) and payers:
        found = payers  # the others are of those who come
    found.sort(key=lambda guess: (is_spare(guess.name), is_billing(guess.name), -len(guess.column.filled)))
    first = [guess for guess in found if _rank(guess) == _rank(found[0])]
    rivals = (guess for guess in choices.of("email") if _many(guess.column) and not _is_of_staff(guess, choices))
    most = max((len(guess.column.filled) for guess in rivals), default=0)
    if (
        not found
        or any(_contradicts(guess, found[0]) for guess in first)
        or sum(_either(*(guess.column for guess in found))) < MOSTLY * most
    ):
        choice = choices.open("email", "the buyer's e-mail address", found)
        choice.notes += [f"{shown(guess.name)} has the same few addresses again and again" for guess in staffs]
        return choice
    return choices.taken("email", found[0], _fallbacks(found[0], found[1:], MOST_ADDRESSES))


def _fills_in(account: Guess, sure: list[Guess]) -> bool:
    """Whether an account's addresses are as many people's, and the others are but those of their work or the like."""
    others = [guess for guess in sure if whose(guess.name) < 2]
    filled = account.column.filled.tolist()
    return all(PLACES & said_in(guess.name) for guess in others) and len({*filled}) >= MOSTLY * len(filled)


def one_email(choices: Choices) -> Choice:
    """The address, where it is open whether a row is of who ordered or of who comes: only if there are not both."""
    choice, sure = email(choices), choices.sure("email")
    alike = all(agree(guess.column, column) for guess in sure for column in choice.columns)
    return choice if alike else choices.open("email", "the buyer's e-mail address", sure)


def _rank(guess: Guess) -> tuple[bool, bool]:
    return is_spare(guess.name), is_billing(guess.name)


def other_addresses(choices: Choices, email: Choice) -> list[Column]:
    """Columns of addresses that are not read, and may be the buyers' all the same."""
    found = (guess for guess in choices.of("email") if guess.column not in email.columns and whose(guess.name) < 2)
    found = (guess for guess in found if not (OTHERS & said_in(guess.name) or is_of_a_ticket(guess.name)))
    found = (guess for guess in found if not _is_one_persons(guess, choices))
    return [guess.column for guess in found if guess.naming is not None and guess.tier != NEVER]


def _contradicts(other: Guess, first: Guess) -> bool:
    """Whether another address is not the same, and is there nearly as often."""
    return not agree(other.column, first.column) and len(other.column.filled) >= MOSTLY * len(first.column.filled)


def _is_one_persons(guess: Guess, choices: Choices) -> bool:
    """Whether it is the same address in each row, where another column has many: it is the shop's own."""
    others = [{*other.column.filled.tolist()} for other in choices.of("email") if other is not guess]
    filled = guess.column.filled.tolist()
    return len(filled) >= SEVERAL and len({*filled}) == 1 and any(len(other) >= SEVERAL for other in others)


def _is_of_staff(guess: Guess, choices: Choices) -> bool:
    """Whether it is one person's, who is the host of each row or the like by its name."""
    return bool(OTHERS & said_in(guess.name)) and not guess.plain and _is_one_persons(guess, choices)


def _is_of_few(guess: Guess, choices: Choices) -> bool:
    """Whether many rows, each with an id of its own, share two or three addresses: those of who is at the till."""
    filled = guess.column.filled
    few = len({*filled.tolist()})
    ids = [other.column.cells[guess.column.cells != ""] for other in choices.sure("order_id")]
    own = any(len({*one.tolist()}) == len(filled) for one in ids)
    alone = few == 1 and len(filled) >= SEVERAL
    return own and (alone or (len(filled) >= MANY and few <= FEW and 4 * few <= len(filled)))


def _many(column: Column) -> bool:
    """Whether the addresses are those of many people, as customers' are."""
    filled = column.filled.tolist()
    return len(filled) < FEW_ROWS or len(set(filled)) >= FEW_ADDRESSES * len(filled)


def _either(*columns: Column) -> list[bool]:
    """Which rows have one of the columns filled."""
    return [any(row) for row in zip(*(column.cells.tolist() for column in columns), strict=True)]


# --- the id


def order_id(choices: Choices, tiers: tuple[int, ...], led: Column | None, alone: bool) -> Choice:
    """The id that never changes; `tiers` are those that suit the event, `led` the column that orders are grouped by.

    Where each row is `alone`, a payment, one that repeats is none of it.

    An id is sure only if its values prove it: each row that begins an order has one, and each order another. Of
    several, the shop's own id is taken before the number that people see, and that before an invoice's; where there
    is a payment's id as well as another, it is not clear which of them is the order's, unless rows are its items.
    """
    suited = [guess for guess in choices.sure("order_id") if guess.tier in tiers]
    if 0 in tiers:
        suited = suited or _won_leads(choices)
    if PERSONAL not in tiers:  # an order has several tickets
        suited = [guess for guess in suited if not is_of_a_ticket(guess.name)]
    if 0 not in tiers:  # nobody pays: an invoice is of something else
        suited = [guess for guess in suited if guess.tier != INVOICE or not _INVOICES & said_in(guess.name)]
    others = [guess.column for guess in suited] + ([led] if led else [])
    found = [g for g in suited if is_id(g.column, others) and not (alone and neighbours(g.column))]
    if PERSONAL in tiers:  # each row is of its own, and so is its id: a person may be there twice
        found = [g for g in found if len({*g.column.cells.tolist()}) == len(g.column.cells)] or found
    paid = paid_rows(choices.sample) & sold_rows(choices.sample)
    if not found and paid.sum() > 1:  # an invoice's number, which the others never had, or the refunds repeat
        found = [g for g in suited if is_id(replace(g.column, cells=g.column.cells[paid]), [])]
    least = min((_RANK[guess.tier] for guess in found), default=0)
    best = _own(choices, [guess for guess in found if _RANK[guess.tier] == least])
    rivals = [*best, *(guess for guess in found if led is None and _is_rival(best[0], guess))]
    whole = [guess for guess in rivals if all(guess.column.cells)]
    if best and whole and whole[0] not in best and not all(best[0].column.cells):
        best = rivals = whole  # an id that some rows lack is not theirs
    if best and best[0].tier == PAYMENT and not all(best[0].column.cells):
        best = rivals = _bills(found) or best
    if not found or not all_alike(rivals):
        return choices.open("order_id", "the order's id", rivals if found else suited)
    return choices.taken("order_id", best[0])


def own_order_id(choices: Choices, own: Column) -> Choice:
    """Rows that share an id and happened at other times are payments, and each has its own."""
    return choices.taken("order_id", next(guess for guess in choices.of("order_id") if guess.column is own))


def open_order_id(choices: Choices, own: Column) -> Choice:
    """Rows that share an id, and have another id each: it is not sure which of the two is the order's."""
    choice = choices.open("order_id", "the order's id", [])
    choice.notes = [f"each row has its own {shown(own.name)}"]
    return choice


def _won_leads(choices: Choices) -> list[Guess]:
    """The id of a lead where each is a deal: it has a title beside the person's name, and some were won."""
    titles = [name for name in choices.sample.header if {"lead"} <= {*words(name)} <= {"lead", "name", "title"}]
    named_so = [*choices.sure("full_name"), *choices.sure("last_name")]
    people = any(guess.name not in titles for guess in named_so)
    found = [g for g in choices.sure("order_id") if g.tier == PERSONAL and "lead" in words(g.name)]
    own = [g for g in found if all(g.column.cells) and len({*g.column.cells.tolist()}) == len(g.column.cells)]
    return own if titles and people and any(map(tells_won, choices.sample.columns)) else []


def _own(choices: Choices, best: list[Guess]) -> list[Guess]:
    """Of several ids those of the person whose address is in the file, Invitee UUID beside Invitee Email; then ids."""
    kin = {word for guess in choices.sure("email")[:1] for word in said_in(guess.name)}
    own = [guess for guess in best if kin & said_in(guess.name)]
    rows = [guess for guess in best if guess.tier != PERSONAL]  # an answer's id before that of who gave it
    found = own or rows or best
    found = [guess for guess in found if _IDS & said_in(guess.name)] or found
    short = [guess for guess in found if not _GUIDS & said_in(guess.name)]
    same = len({said_in(guess.name) - _IDS for guess in found}) == 1  # the number of the same thing before its GUID
    return best if len(best) < 2 else short if short and same else found


def _bills(found: list[Guess]) -> list[Guess]:
    """The id of a bill that each row has for itself: a payment of it may be tried, or not yet have come."""
    own = [g for g in found if g.tier == INVOICE and {*words(g.name)} & _IDS and {*words(g.name)} & _INVOICES]
    return [g for g in own if all(g.column.cells) and len({*g.column.cells.tolist()}) == len(g.column.cells)][:1]


def _is_rival(best: Guess, other: Guess) -> bool:
    """Whether an id in each row leaves unsure that the best one, of another tier, is the order's: a payment's does."""
    return {best.tier, other.tier} in ({3, 0}, {3, 2}, {1, 2}) and all(other.column.cells)


# --- the time


def closing(choices: Choices, won: Choices) -> Guess | None:
    """When a deal was closed, of which there is a time in each row that was `won`; of the others it is hoped."""
    found = [guess for guess in won.sure("event_time") if guess.tier == CLOSING and all(guess.column.cells)]
    found.sort(key=lambda guess: not _CLOSED.isdisjoint(said_in(guess.name)), reverse=True)
    return next((guess for guess in choices.of("event_time") for one in found[:1] if guess.name == one.name), None)


def completed(choices: Choices, order_id: Choice) -> bool:
    """Whether the time of completion is when it happened: of a document, where each that counts has one, others not.

    An order is complete once it is packed, which is later than it was bought.
    """
    counted = paid_rows(choices.sample)
    known = [guess for guess in choices.of("order_id") if guess.column in order_id.columns]
    times = [guess.column.cells != "" for guess in choices.sure("event_time") if guess.tier == COMPLETED]
    shown = any(counted.any() and filled[counted].all() and not filled.all() for filled in times)
    return shown and all(guess.tier >= RECORD for guess in known)


def event_time(choices: Choices, tiers: tuple[int, ...], closed: Guess | None = None) -> Choice:
    """When it happened: the first of the tiers that the file has; a later one fills in where it is empty.

    A deal happened when it was `closed`, where no time says that it was won. What was begun and done happened when it
    was done. Beside what may be the time of a payment, that of a creation is not sure.
    """
    found = sorted(
        (guess for guess in choices.sure("event_time") if guess.tier in tiers), key=lambda g: tiers.index(g.tier)
    )
    found = [guess for guess in found if not any(_is_finer(other, guess) for other in found)]
    if closed is not None and not any(guess.tier == 0 for guess in found):
        return choices.taken("event_time", replace(closed, sureness=Sureness.SURE))
    found = [guess for guess in found if not is_of_a_ticket(guess.name)] or found
    best = [guess for guess in found if guess.tier == found[0].tier]
    best = [guess for guess in best if not _PEOPLE & said_in(guess.name)] or best  # not since when they are known
    finished = FINISHED if tiers[0] == 0 else FINISHED - {"signed"}  # what is signed is a contract, and no lead
    done = [guess for guess in best if finished & said_in(guess.name)]
    begun = all(BEGUN & said_in(guess.name) for guess in best if guess not in done)
    best = done if done and begun else best
    whole = [guess for guess in best if all(guess.column.cells)]
    if len(whole) == 1 and best[0].tier != 0:  # that of a payment only paid rows have
        best = whole
    found = [*best, *(guess for guess in found if guess not in best)]
    paid = [guess for guess in choices.of("event_time") if tiers[0] == 0 and _may_be_paid(guess)]
    if best and best[0].tier == CREATED and paid:
        return choices.open("event_time", "when it happened", [*paid, *best])
    alike = all(same_days(guess.column, best[0].column) for guess in best[1:])
    if (
        not found
        or not (all_alike(best) or alike)
        or any(_is_finer(other, found[0]) for other in choices.of("event_time"))
    ):
        return choices.open("event_time", "when it happened", best)
    later = _fallbacks(found[0], found[1:])
    clock, zone = _clock(choices, found[0]), _zone(choices, [found[0], *later])
    choice = choices.taken("event_time", found[0], () if clock else later)
    if clock is not None:
        choice.clock = clock.column
        choice.notes.append(f"the time of day is in {shown(clock.name)}: {clock.why}")
    if zone is not None:
        choice.zone = zone.column
        choice.notes.append(f"the zone is in {shown(zone.name)}: {zone.why}")
    choice.source = _time_source(choice)
    return choice


def _may_be_paid(guess: Guess) -> bool:
    """Whether its name leaves open if it is the time of the payment."""
    if "settled" in said_in(guess.name):  # by the customer, or by the bank
        return True
    open_yet = guess.naming is not None and bool(guess.naming.other) and guess.tier == 0
    return open_yet and not OTHER_TIMES & said_in(guess.name)


def _clock(choices: Choices, date: Guess) -> Guess | None:
    """The column with the time of day, where the dates have none: by its name, or as it stands next to them."""
    bare = is_bare(date.column) and time_share(date.column) > 0
    names = choices.sample.names
    beside = names[max(0, names.index(date.name) - 1) : names.index(date.name) + 2]
    found = [guess for guess in choices.sure("clock") if guess.name != date.name]
    found = [guess for guess in found if not _is_of_another(choices, guess, date)]
    found = found or [guess for guess in choices.of("clock") if guess.name in beside and guess.name != date.name]
    safe = len(found) == 1 and not any(brace in found[0].name + date.name for brace in "{}")
    return found[0] if bare and safe else None


def _is_of_another(choices: Choices, clock: Guess, date: Guess) -> bool:
    """Whether a time of day stands right behind another column of dates, such as that of an appointment."""
    names = choices.sample.names
    before = names[max(0, names.index(clock.name) - 1)]
    known = naming("event_time", before)
    return before != date.name and known is not None and known.tier == NEVER


def _zone(choices: Choices, times: list[Guess]) -> Guess | None:
    """The column with the zones, where times have none of their own; one that is far from them is the person's."""
    names = choices.sample.names
    places = [names.index(guess.name) for guess in times]
    found = [
        guess for guess in choices.sure("zone") if any(abs(names.index(guess.name) - place) <= NEAR for place in places)
    ]
    return found[0] if len(found) == 1 and any(lacking(guess.column, "timezone") for guess in times) else None


def _is_finer(other: Guess, date: Guess) -> bool:
    """Whether a column of dates without a time of day seems to be there once more, with the time."""
    by_name = other.naming is None or other.tier != NEVER
    return by_name and is_bare(date.column) and not is_bare(other.column) and same_days(date.column, other.column)


def _time_source(choice: Choice) -> str:
    names = [column.name for column in choice.columns]
    source = f"column: {scalar(names[0])}" if len(names) == 1 else f"first_of: {listed(names)}"
    if choice.clock is not None:
        source = f"template: {scalar(f'{{{names[0]}}} {{{choice.clock.name}}}')}"
    if choice.zone is not None:
        source += f", timezone_column: {scalar(choice.zone.name)}"
    return f"{{{source}}}" if choice.clock or choice.zone else listed(names)


def _fallbacks(first: Guess, others: list[Guess], most: int = 1) -> list[Guess]:
    """The next columns that are filled where those before them are not."""
    found: list[Guess] = []
    empty = first.column.cells == ""
    for guess in others:
        if len(found) < most and (guess.column.cells[empty] != "").any():
            found.append(guess)
            empty = empty & (guess.column.cells == "")
    return found
