"""An event's name: what a row of an export is about, as one of the API's events, or as a column that names them."""

import numpy as np

from backfill.commands.init.choice import Choices
from backfill.commands.init.choice import named as named_columns
from backfill.commands.init.evidence import frequencies, has_cents, in_currency, is_processors, starts
from backfill.commands.init.grouping import leader
from backfill.commands.init.guess import Guess
from backfill.commands.init.happening import Happening
from backfill.commands.init.money import LINES, PRICES, QUANTITIES, only_price, says_cents
from backfill.commands.init.naming import naming, said_in, words
from backfill.commands.init.occasions import (
    ASKING,
    ATTENDED,
    AVERAGES,
    BACK,
    BASKETS,
    BOUGHT,
    COMING,
    COSTS,
    EVENTS,
    FORMS,
    HOPED,
    HOSTS,
    IN_HALLS,
    LABELS,
    LASTING,
    LEFT,
    LOGINS,
    MEMBERS,
    MISSED,
    OCCASIONS,
    ORDERED,
    PARTS,
    REGISTERED,
    RENEWING,
    SENT_IN,
    SEVERAL,
    SIGNED_IN,
    SIGNED_UP,
    SIGNS,
    STARTS_ENDS,
    SUBSCRIPTIONS,
    SURE,
    VISITS,
    WHOLES,
    WORTH,
)
from backfill.commands.init.phrases import COMPLETED, NEVER, PERSONAL
from backfill.commands.init.sample import Column, Sample
from backfill.commands.init.signs import KINDS, is_flag, is_short, tells_won
from backfill.commands.init.status_words import MONEY, SUCCEEDED
from backfill.commands.init.statuses import is_sale, is_won, spelt, tells_before
from backfill.commands.init.value_tables import numbers
from backfill.mapping.yaml_text import shown

MOST_NAMES = 25


def happening_of(choices: Choices) -> Happening:
    """What a row is: an order has an id and an amount, a booking or a registration its own words, a lead an address."""
    named = _whole(choices.sample) or _named(choices.sample)
    if named is not None:
        return named
    said = _said(choices.sample)
    filled = [guess for name in ("order_id", "amount") for guess in choices.of(name) if len(guess.column.filled)]
    ids = [g for g in filled if g in choices.of("order_id") and g.plain and g.tier != PERSONAL]  # and no person's
    orders = [guess for guess in ids if guess.tier < 3]
    money = [
        g for g in choices.of("amount") if g.naming and _mostly_filled(g.column) and any(map(abs, numbers(g.column)))
    ]
    hoped = _hoped(choices, said)
    money = [guess for guess in money if guess.column not in hoped]
    plain = [guess for guess in money if guess.plain or says_cents(guess)]
    paid = [guess for guess in money if guess.tier != NEVER]
    price = (one := only_price(choices)) is not None and _mostly_filled(one.column)
    if unsold := _unsold(choices.sample):
        return unsold
    if orders and money:
        return Happening("purchase")
    occasions = {name: said & spoken for name, spoken in OCCASIONS.items() if said & spoken}
    if occasions.get("webinar_registration") == {"approval"} and _asks(choices.sample):
        del occasions["webinar_registration"]  # of the answers to a form
    if attended := _attended(choices.sample) and said & {"registered", "minutes", "attended"}:
        occasions["webinar_registration"] = occasions.get("webinar_registration", set()) | attended | {"attended"}
    clear = [name for name in SURE if len(spoken := occasions.get(name, set())) >= SEVERAL and not spoken <= IN_HALLS]
    if not clear and _is_appointment(said, choices.sample):
        clear = ["schedule"]
        occasions["schedule"] = (said & OCCASIONS["schedule"]) | (said & (HOSTS | VISITS))
    if not money and _is_of_accounts(choices.sample):
        clear = clear or ["sign_up"]
        occasions["sign_up"] = occasions.get("sign_up", set()) | {"sign up", "sign in"}
    created = [guess for guess in choices.sure("event_time") if guess.tier == 2]
    lasts = clear[:1] == ["schedule"] and {"start", "end"} <= said  # when it was booked is asked
    if clear and not orders and choices.sure("email") and (created or lasts):
        return Happening(clear[0], said=tuple(sorted(occasions[clear[0]])))
    charged = plain and ids and (choices.sure("currency") or any(is_processors(guess.column) for guess in ids))
    sold = ids and (said & BOUGHT or any(guess.tier < 2 for guess in plain))
    if price and ids and not occasions and (said & BOUGHT or _states(choices.sample) & MONEY) and not said & RENEWING:
        return Happening("purchase")
    if _is_itemised(choices, plain) and not occasions and choices.sure("email"):
        return Happening("purchase", said=("totals", "currencies", "items"))
    renewed = (len(said & SUBSCRIPTIONS) >= SEVERAL and not said & BOUGHT) or bool(said & LASTING and not orders)
    if (charged or (plain and (sold or won(choices.sample).numbers))) and not renewed:
        return Happening("purchase")
    if plain and not created and not renewed and choices.sure("email") and len(said & BOUGHT) >= SEVERAL:
        return Happening("purchase", said=tuple(sorted(said & BOUGHT)))
    dated = created or [guess for guess in choices.sure("event_time") if guess.tier == 1]
    if said & FORMS:
        dated = dated or [guess for guess in choices.sure("event_time") if guess.tier == COMPLETED]
    priced = [guess for guess in choices.of("amount") if guess.naming and len(guess.column.filled)]
    answered = any(said_in(guess.name) & STARTS_ENDS for guess in created)  # the end of an answer, and of no event
    takes_place = {"start", "end"} <= said and not answered
    other = [name for name in occasions if name not in MEMBERS]  # one word of those says little
    if (
        choices.sure("email")
        and dated
        and not (other or plain or orders or takes_place or _earns(choices, hoped) or (said & RENEWING and priced))
        and (created or not paid)
    ):
        return Happening("lead_generated")
    bought = ["purchase"] if (paid or ids) and not renewed else []
    return Happening(likely=(*bought, *occasions, "lead_generated"))


def _asks(sample: Sample) -> bool:
    """Whether several columns are called by questions, as those of a form are."""
    return sum(name.rstrip().endswith("?") for name in sample.header) >= SEVERAL


def _is_of_accounts(sample: Sample) -> bool:
    """Whether columns say when or how people signed up, and others that they sign in: users have accounts."""
    names = [f" {' '.join(words(name))} " for name in sample.header]
    up, into = (any(mark in name for name in names for mark in marks) for marks in (SIGNED_UP, SIGNED_IN))
    said = {word for name in sample.header for word in said_in(name)}
    return (up or bool(said & REGISTERED)) and (into or bool(said & LOGINS))


def _whole(sample: Sample) -> Happening | None:
    """The orders, where a column says of each row if it is one, or a line of it, or how it was paid for."""
    ids, led = [column for column in named_columns("order_id", sample) if all(column.cells)], leader(sample)[0]
    for column in sample.columns if ids else ():
        there = [text for text, _ in frequencies(column)]
        whole = [text for text in there if {*words(text)} <= WHOLES]
        rest = [{*words(text)} for text in there if text not in whole]
        kinds = KINDS & said_in(column.name) and is_short(column) and len(whole) == 1 and all(column.cells)
        if kinds and led is not None and (column.cells[starts(led)] != whole[0]).any():
            continue  # another row of each order has all that is its own
        if kinds and any(found & LINES for found in rest) and all(found & (LINES | PARTS) for found in rest):
            first = (column.cells == whole[0]).astype(bool)
            for one in ids:
                keys = one.cells[first].tolist()
                if len({*keys}) == len(keys) < len(one.cells) and {*keys} == {*one.cells.tolist()}:
                    return Happening("purchase", column=column, kept=(whole[0],))
    return None


def _mostly_filled(column: Column) -> bool:
    """Whether at least half of the rows have it: what only a few of them paid does not make all of them purchases."""
    return 2 * len(column.filled) >= len(column.cells) > 0


def _unsold(sample: Sample) -> Happening | None:
    """What rows are instead, where a column that all of them fill shows by its name that they are no purchases."""
    for column in sample.columns:
        name, full = {*words(column.name)}, len(column.filled) == len(column.cells) > 0
        if full and name & LEFT and name & BASKETS and name <= LEFT | BASKETS | LABELS:
            return Happening(
                likely=("initiate_checkout",), against=f"{shown(column.name)} is of baskets that were left"
            )
        if full and name & BACK and name & LABELS and name <= BACK | LABELS:
            return Happening(against=f"{shown(column.name)} is of money that went back or out")
    return None


def _is_itemised(choices: Choices, plain: list[Guess]) -> bool:
    """Whether rows have a total, its currency, and the quantity and the price of an item of it, as orders alone do."""
    items = [said for name in choices.sample.header if (said := said_in(name)) & LINES]
    priced = any(said & PRICES for said in items)
    counted = any(said & (QUANTITIES | {"amount"}) for said in items)
    totals = [guess for guess in plain if guess.tier == 0 and not said_in(guess.name) & LINES]
    return bool(totals and choices.sure("currency")) and priced and counted


def _hoped(choices: Choices, said: set[str]) -> list[Column]:
    """What answers or leads are thought to be worth, in a file that says nothing of sales."""
    asked = [guess for name in ("order_id", "event_time") for guess in choices.sure(name)]
    if said & BOUGHT or won(choices.sample).numbers or not any(ASKING & said_in(guess.name) for guess in asked):
        return []
    return [guess.column for guess in choices.of("amount") if WORTH & said_in(guess.name)]


def _earns(choices: Choices, hoped: list[Column]) -> bool:
    """Whether rows have money, as purchases do: under an amount's name, as a sum or its currency, or in a status."""
    sums = [guess for guess in choices.of("amount") if guess.column not in hoped]
    named_so = [guess.column for guess in sums if guess.plain or (guess.naming and says_cents(guess))]
    signed = [column for column in choices.sample.columns if in_currency(column) or _is_strange_sum(column)]
    leads = any(guess.tier == PERSONAL and "lead" in words(guess.name) for guess in choices.sure("order_id"))
    beside = HOPED | COSTS if leads else HOPED
    signed = [column for column in signed if not said_in(column.name) & beside and column not in hoped]
    rows = len(choices.sample.numbers)
    states = _states(choices.sample)
    currencies = [] if hoped else [guess for guess in choices.sure("currency") if 2 * len(guess.column.filled) > rows]
    kinds = [column for name in ("type", "event") for column in named_columns(name, choices.sample)]
    if any(is_sale(text) is False for column in kinds for text, _ in frequencies(column)):
        return True
    prices = [guess.column for guess in choices.of("amount") if guess.naming and guess.naming.phrase in PRICES]
    if any(map(has_cents, prices)) or any(map(is_flag, named_columns("paid", choices.sample))):
        return True
    summed = any(2 * sum(number > 0 for number in numbers(column)) > rows for column in (*named_so, *signed))
    return summed or bool(states & MONEY or currencies)


def _states(sample: Sample) -> set[str]:
    """What statuses say."""
    return {spelt(text) for column in named_columns("status", sample) for text, _ in frequencies(column)}


def _is_strange_sum(column: Column) -> bool:
    """Whether it looks like money, under a name that says it among other things, or that nothing is known of."""
    named = naming("amount", column.name)
    alone = named is None or (named.tier != NEVER and not said_in(column.name) & (LASTING | AVERAGES))
    return alone and has_cents(column)


def won(sample: Sample) -> Sample:
    """The rows that a status says are deals that were won."""
    rows = np.zeros(len(sample.numbers), dtype=bool)
    for column in (*named_columns("status", sample), *filter(tells_won, sample.columns)):
        rows |= np.array([is_won(text) for text in column.cells.tolist()], dtype=bool)
    return sample.only(rows)


def _said(sample: Sample) -> set[str]:
    """The words of the columns' names; and those of the titles above them that say what people registered for."""
    above = {word for names in sample.titles for name in names for word in said_in(name)}
    return {word for name in sample.header for word in said_in(name)} | (above & OCCASIONS["webinar_registration"])


def _attended(sample: Sample) -> bool:
    """Whether a status says who attended."""
    return any(spelt(text) in ATTENDED for column in named_columns("status", sample) for text, _ in frequencies(column))


def _is_appointment(said: set[str], sample: Sample) -> bool:
    """Whether a word of bookings stands beside what appointments have: a host, a service, an end, who did not come."""
    missed = any(spelt(text) in MISSED for column in named_columns("status", sample) for text, _ in frequencies(column))
    signs = (said & (HOSTS | COMING), said & VISITS, len(said & STARTS_ENDS) > 1, missed or {"no", "show"} <= said)
    return bool(said & OCCASIONS["schedule"]) and sum(map(bool, signs)) + 1 >= SIGNS


def _named(sample: Sample) -> Happening | None:
    """The column whose texts are the names of events: several of them, or one under a name that says so."""
    for column in sample.columns:
        texts = [text for text, _ in frequencies(column)]
        if not texts or len(texts) > MOST_NAMES:
            continue
        if not all(column.cells):
            bought = tuple(text for text in texts if _event(text) == "purchase")
            if bought and len(texts) > 1 and (found := naming("event", column.name)) is not None and found.plain:
                return Happening("purchase", column=column, kept=bought)  # next to what is no event at all
            continue
        refused = [text for text in texts if is_sale(text) is False]  # as kinds of transactions have them
        names = {text: event for text in texts if text not in refused and (event := _event(text))}
        says = (found := naming("event", column.name)) is not None and found.plain
        if len(names) == len(texts) and (says or len({*names.values()}) > 1):
            return Happening(column=column, names=names)
        bought = tuple(text for text, event in names.items() if event == "purchase")
        strange = [text for text in texts if text not in names and text not in refused]
        if (
            says
            and len(bought) == 1
            and strange
            and all(map(_is_free, strange))
            and _alone(column, bought, strange, sample)
        ):
            return Happening("purchase", column=column, kept=bought)
        if says and names and not refused:
            return Happening(column=column, names=names, strange=tuple(text for text in texts if text not in names))
    return None


def _alone(events: Column, bought: tuple[str, ...], strange: list[str], sample: Sample) -> bool:
    """Whether an id or a sum is there in each row of what was bought, and in none of what is strange."""
    mine, others = (np.isin(events.cells, texts) for texts in (bought, strange))
    found = [column for name in ("order_id", "amount") for column in sample.columns if naming(name, column.name)]
    return any((column.cells[mine] != "").all() and not (column.cells[others] != "").any() for column in found)


def _is_free(text: str) -> bool:
    """Whether the name of an event says nothing of money, or of what comes before it: page_view, order_viewed."""
    said = {*words(text)}
    return not said & (BOUGHT | SUBSCRIPTIONS) or tells_before(text)


def _event(text: str) -> str | None:
    said = words(text)
    name = " ".join(said)
    if len(said) > 1 and said[-1] in SUCCEEDED | {"placed"} and {*said[:-1]} <= ORDERED:
        return "purchase"
    if {*said} & ASKING and said[-1] in SENT_IN and {*said} <= ASKING | SENT_IN | {"contact", "us", "request", "quote"}:
        return "lead_generated"
    return next((event for event, texts in EVENTS.items() if name in texts or name == event.replace("_", " ")), None)
