"""Needed: the fields that an event can't do without, each sure, or left for a person to fill in."""

from dataclasses import replace

import numpy as np

from backfill.commands.init.choice import Choice, Choices, named
from backfill.commands.init.evidence import (
    FEW_ADDRESSES,
    FEW_ROWS,
    agree,
    ends_as_prices,
    frequencies,
    in_currency,
    is_bare,
    is_id,
    is_processors,
    lacking,
    leads,
    looks_minor,
    neighbours,
    same_cells,
    same_days,
    time_share,
)
from backfill.commands.init.guess import Guess, Sureness
from backfill.commands.init.naming import is_billing, is_of_a_ticket, is_payer, naming, whose, words
from backfill.commands.init.phrases import CLOSING, NEVER, PERSONAL
from backfill.commands.init.sample import Column, Flags, Sample
from backfill.commands.init.statuses import paid_among
from backfill.commands.init.value_tables import numbers
from backfill.commands.init.vocabulary import CURRENCIES, texts
from backfill.mapping.yaml_text import listed, scalar, shown

MOSTLY = 0.8  # an address that is filled in fewer rows than another one is not the buyer's
NEAR = 2  # columns between a time and its zone, at most: further away it is where a person lives
_RANK = {0: 0, 3: 0, 5: 0, 1: 1, 2: 1, 4: 2}  # of the tiers of an id: the shop's own, what people see, an invoice's
PRICES = texts("price, preis, precio, prix, prezzo, preco, prijs, cena, pris")
_QUANTITIES = texts("quantity, qty, menge, anzahl, cantidad, quantite, quantita, quantidade, aantal")
_LINES = texts(
    "item, line, lineitem, row, ticket, ligne, linea, position, positions, zeilen, artikel, articolo, articulo"
)
_IDS = texts("id, uid, uuid, guid")  # of the same thing, before its number
_OWN_MONEY = texts("base, shop, store")  # the shop's own currency, which sums can be made of
_PEOPLE = texts("customer, user, account, contact, client, kunde, cliente, klant")
_DEALS = texts("deal, lead, opportunity")  # whose values are round, and no cents
_CENTS = texts("in, cent, cents, pence, minor, unit, units")
_PROCESSORS = frozenset(  # names that a payment processor's objects have, which count in cents
    [
        "livemode",
        "test_mode",
        "processor",
        "payment_intent",
        "balance_transaction",
        "transaction_type",
        "charge",
        "invoice_id",
        "first_invoice",
        "amount_due",
    ]
)


# --- the person


def email(choices: Choices) -> Choice:
    """The buyer's address; a billing address fills in where the first one is empty.

    It is not sure where another column of addresses, whatever its name, is filled in more rows. An account's address
    (User Email) may be the shop's own, and is asked only where there is no other.
    """
    sure = choices.sure("email")
    found = [guess for guess in sure if whose(guess.name) < 2] or sure
    found = [guess for guess in found if not is_of_a_ticket(guess.name)] or found
    payers = [guess for guess in found if is_payer(guess.name)]
    most_paid = max((len(guess.column.filled) for guess in payers), default=0)
    if most_paid >= MOSTLY * max((len(guess.column.filled) for guess in found), default=0) and payers:
        found = payers  # the others are of those who come
    found.sort(key=lambda guess: (is_billing(guess.name), -len(guess.column.filled)))
    first = [guess for guess in found if is_billing(guess.name) == is_billing(found[0].name)]
    most = max((len(guess.column.filled) for guess in choices.of("email") if _many(guess.column)), default=0)
    if (
        not found
        or any(_contradicts(guess, found[0]) for guess in first)
        or sum(_either(*(guess.column for guess in found))) < MOSTLY * most
    ):
        return choices.open("email", "the buyer's e-mail address", found)
    return choices.taken("email", found[0], _fallbacks(found[0], found[1:]))


def _contradicts(other: Guess, first: Guess) -> bool:
    """Whether another address is not the same, and is there nearly as often."""
    return not agree(other.column, first.column) and len(other.column.filled) >= MOSTLY * len(first.column.filled)


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
    if PERSONAL not in tiers:  # an order has several tickets
        suited = [guess for guess in suited if not is_of_a_ticket(guess.name)]
    others = [guess.column for guess in suited] + ([led] if led else [])
    found = [g for g in suited if is_id(g.column, others) and not (alone and neighbours(g.column))]
    if not found and (paid := _paid_rows(choices)).sum() > 1:  # an invoice's number, which the others never had
        found = [g for g in suited if is_id(replace(g.column, cells=g.column.cells[paid]), [])]
    least = min((_RANK[guess.tier] for guess in found), default=0)
    best = _own(choices, [guess for guess in found if _RANK[guess.tier] == least])
    rivals = [*best, *(guess for guess in found if led is None and _is_rival(best[0], guess))]
    whole = [guess for guess in rivals if all(guess.column.cells)]
    if best and whole and whole[0] not in best and not all(best[0].column.cells):
        best = rivals = whole  # an id that some rows lack is not theirs
    if not found or not _one(rivals):
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


def _own(choices: Choices, best: list[Guess]) -> list[Guess]:
    """Of several ids those of the person whose address is in the file, Invitee UUID beside Invitee Email; then ids."""
    kin = {word for guess in choices.sure("email")[:1] for word in words(guess.name)}
    own = [guess for guess in best if kin & {*words(guess.name)}]
    rows = [guess for guess in best if guess.tier != PERSONAL]  # an answer's id before that of who gave it
    found = own or rows or best
    return best if len(best) < 2 else [guess for guess in found if _IDS & {*words(guess.name)}] or found


def _is_rival(best: Guess, other: Guess) -> bool:
    """Whether an id in each row leaves unsure that the best one, of another tier, is the order's: a payment's does."""
    return {best.tier, other.tier} in ({3, 0}, {3, 2}, {1, 2}) and all(other.column.cells)


def _one(found: list[Guess]) -> bool:
    return all(same_cells(guess.column, found[0].column) for guess in found)


def _one_where_paid(found: list[Guess], choices: Choices) -> bool:
    """Whether they are all the same in the rows that a status says are paid: a total, and what was paid of it."""
    paid = _paid_rows(choices)
    first = found[0].column.cells[paid]
    return len(first) > 1 and all(np.array_equal(guess.column.cells[paid], first) for guess in found)


def _paid_rows(choices: Choices) -> Flags:
    """The rows that a status says are paid; none where there is no status."""
    for column in named("status", choices.sample)[:1]:
        says = paid_among([text for text, _ in frequencies(column)])
        return np.array([bool(text) and says(text) is True for text in column.cells.tolist()], dtype=bool)
    return np.zeros(len(choices.sample.numbers), dtype=bool)


# --- the money


def amount(choices: Choices, repeats: bool, led: Column | None, part: Guess | None = None) -> Choice:
    """What was paid. Where several columns say so equally well, none is taken, unless they agree in all rows.

    Where rows are line items (`repeats`), only what is plainly the order's total is sure; where an order's first row
    has all that is its own (`led` is what the others repeat), the total is there. Each may have its `part` of it.
    """
    if part is not None:
        return choices.taken("amount", part)
    if proven := _proven_cents(choices):
        return proven
    found = [guess for guess in choices.sure("amount") if not (repeats and guess.tier)]
    found = [guess for guess in found if led is None or leads(guess.column, led)]
    best = _in_own_money([guess for guess in found if guess.tier == found[0].tier])
    if found and (_one(best) or _one_where_paid(best, choices)):
        return choices.taken("amount", best[0])
    if not found and not repeats and (guess := _round(choices) or only_price(choices)):
        return choices.taken("amount", guess)
    return (None if found or repeats else _minor(choices)) or choices.open("amount", "what was paid", best)


def part_of(choices: Choices) -> Guess | None:
    """What each row of an order costs, where no column has the order's total: its name says an item, or a price."""
    found = choices.of("amount")
    if any(guess.plain and not _LINES & {*words(guess.name)} for guess in found):
        return None
    lines = [guess for guess in found if guess.plain]
    prices = [guess for guess in found if guess.naming and {*words(guess.name)} <= PRICES | _LINES | {"unit"}]
    found = lines or ([] if _multiplies(choices.sample) else prices)
    return replace(found[0], sureness=Sureness.SURE) if len(found) == 1 else None


def _proven_cents(choices: Choices) -> Choice | None:
    """Cents, where another column has the same amounts in whole units, as value_formatted has."""
    cents = _whole(choices)[:1]
    written = [column for column in choices.sample.columns if cents and in_currency(column)]
    for guess in cents:
        amounts = numbers(guess.column)
        if len({*amounts}) > 1 and any(amounts == [100 * number for number in numbers(other)] for other in written):
            return _in_minor(choices, guess, choices.sure("currency")[:1], "another column has it in whole units")
    return None


def _multiplies(sample: Sample) -> bool:
    """Whether a column of quantities has another one than 1."""
    counted = [column for column in sample.columns if _QUANTITIES & {*words(column.name)}]
    return any(number != 1 for column in counted for number in numbers(column))


def _in_own_money(best: list[Guess]) -> list[Guess]:
    """Of several equals those in the shop's own currency, whose sums mean something."""
    return [guess for guess in best if _OWN_MONEY & {*words(guess.name)}] or best


def _round(choices: Choices) -> Guess | None:
    """What a deal is worth, where nothing but its round values speaks against it."""
    said = {word for name in choices.sample.header for word in words(name)}
    found = [] if choices.sample.format.sparse or not said & _DEALS else _whole(choices)
    return replace(found[0], sureness=Sureness.SURE) if len(found) == 1 else None


def only_price(choices: Choices) -> Guess | None:
    """The price of a row that is one thing sold: the only amount in the file, and no quantity multiplies it."""
    prices = [g for g in choices.of("amount") if g.naming and g.naming.phrase in PRICES and not g.naming.other]
    if len(prices) != 1 or _multiplies(choices.sample) or any(guess.plain for guess in choices.of("amount")):
        return None
    return replace(
        prices[0], sureness=Sureness.SURE, why=f"{prices[0].why}, it is the only one, and no quantity multiplies it"
    )


def _whole(choices: Choices) -> list[Guess]:
    """Those that are amounts by their name, and may be cents by their values."""
    found = [guess for guess in choices.of("amount") if guess.plain and looks_minor(guess.column)]
    return [guess for guess in found if guess.tier == found[0].tier]


def _minor(choices: Choices) -> Choice | None:
    """Cents, where a payment processor's objects have whole numbers that end as prices do, and a currency."""
    sample = choices.sample
    currency = choices.sure("currency")[:1]
    cents = [guess for guess in choices.of("amount") if guess.naming and says_cents(guess)]
    if len(cents) == 1:
        return _in_minor(choices, cents[0], currency, "its name says that it counts the smallest unit")
    said = {part for name in sample.header for part in name.casefold().split(".")}
    found = [guess for guess in _whole(choices) if ends_as_prices(guess.column)]
    plain = [guess for guess in found if not _in_currency(guess.name)] or found
    processed = said & _PROCESSORS or any(is_processors(column) for column in sample.columns)
    if sample.format.sparse and processed and plain and (_one(plain) or _one_where_paid(plain, choices)) and currency:
        return _in_minor(choices, plain[0], currency, "a payment processor's numbers, which end as prices in cents do")
    return None


def _in_minor(choices: Choices, guess: Guess, currency: list[Guess], why: str) -> Choice:
    """An amount in the smallest unit of its currency; where none is named, in hundredths."""
    choice = choices.taken("amount", replace(guess, why=guess.why.partition(", but ")[0]))
    choice.notes.insert(1, f"sure: {why}")
    step = f"minor_units: {scalar(currency[0].name)}" if currency else "scale: 0.01"
    choice.source = f"{{column: {scalar(guess.name)}, {step}}}"
    choice.helping, choice.minor = tuple(guess.column for guess in currency), True
    return choice


def says_cents(guess: Guess) -> bool:
    other = {*guess.naming.other} if guess.naming and guess.naming.tier != NEVER else set()
    return other <= _CENTS and bool(other - {"in"}) and all(map(str.isdecimal, guess.column.filled.tolist()))


def _in_currency(name: str) -> bool:
    """Whether the name says a currency."""
    return not CURRENCIES.isdisjoint(words(name))


# --- the time


def closing(choices: Choices, won: Choices) -> Guess | None:
    """When a deal was closed, of which there is a time in each row that was `won`; of the others it is hoped."""
    found = [guess for guess in won.sure("event_time") if guess.tier == CLOSING and all(guess.column.cells)]
    return next((guess for guess in choices.of("event_time") for one in found[:1] if guess.name == one.name), None)


def event_time(choices: Choices, tiers: tuple[int, ...], closed: Guess | None = None) -> Choice:
    """When it happened: the first of the tiers that the file has; a later one fills in where it is empty.

    A deal happened when it was `closed`, where no time says that it was won.
    """
    found = sorted(
        (guess for guess in choices.sure("event_time") if guess.tier in tiers), key=lambda g: tiers.index(g.tier)
    )
    found = [guess for guess in found if not any(_is_finer(other, guess) for other in found)]
    if closed is not None and not any(guess.tier == 0 for guess in found):
        return choices.taken("event_time", replace(closed, sureness=Sureness.SURE))
    found = [guess for guess in found if not is_of_a_ticket(guess.name)] or found
    best = [guess for guess in found if guess.tier == found[0].tier]
    best = [guess for guess in best if not _PEOPLE & {*words(guess.name)}] or best  # not since when they are known
    whole = [guess for guess in best if all(guess.column.cells)]
    if len(whole) == 1 and best[0].tier != 0:  # that of a payment only paid rows have
        best = whole
    alike = all(same_days(guess.column, best[0].column) for guess in best[1:])
    if not found or not (_one(best) or alike) or any(_is_finer(other, found[0]) for other in choices.of("event_time")):
        return choices.open("event_time", "when it happened", best)
    later = _fallbacks(found[0], [*best[1:], *(guess for guess in found if guess not in best)])
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


def _fallbacks(first: Guess, others: list[Guess]) -> list[Guess]:
    """The next column that is filled where the first is not."""
    empty = first.column.cells == ""
    return [guess for guess in others if (guess.column.cells[empty] != "").any()][:1]
