"""People: names, phone and the rest of what makes a match better, and the name that people know an order by."""

import re
from dataclasses import replace

from backfill.commands.init.choice import Choice, Choices, named, sourced
from backfill.commands.init.evidence import agree, frequencies, several_words
from backfill.commands.init.guess import Guess, Sureness, fits
from backfill.commands.init.mixed import phone_among
from backfill.commands.init.naming import (
    is_billing,
    is_of_a_ticket,
    is_payer,
    is_recipient,
    is_shipping,
    naming,
    said_in,
    whose,
    words,
)
from backfill.commands.init.phrases import GOODS, INVOICE, SERVICE, SUBJECT
from backfill.commands.init.sample import Column
from backfill.commands.init.statuses import is_sale, tells_before
from backfill.commands.init.vocabulary import texts

_FAMILY = frozenset(["name", "nom", "naam", "namn", "nazwa", "navn", "nume"])  # with a first name, the last; else both
_GIVEN = frozenset(["nombre", "nome", "jmeno", "musteri adi"])  # with a last name, the first
_CAMPAIGNS = texts("campaign, kampagne, campagne, campana, campagna, campanha")  # and for leads, an ad's
_SALUTATIONS = texts(
    "mr, mrs, ms, miss, dr, prof, mx, mr., mrs., ms., dr., prof., herr, frau, monsieur, madame, m., mme, mlle, sr, "
    "sra, sr., sra., dhr, mevr"
)
_HALVES = ("first_name", "last_name")
_STREETS = texts(
    "street, address, strasse, adresse, calle, direccion, rue, via, indirizzo, rua, endereco, straat, ulica"
)
_PERSONS = texts(
    "person, persoon, persona, personne, pessoa, contact, contacto, contato, contatto, kontakt, ansprechpartner, "
    "ansprechperson, kontaktperson, contactpersoon"
)
_CUSTOMERS = texts("customer, client, cliente, kunde, klant, kund, klient, account, company, firma")
_NAMES = texts("name, nom, naam, nome, nombre, primary, main")
_GOODS = texts("sku, quantity, product")
_NUMBERED = frozenset(["name", "no", "order"])  # that a column of orders' numbers is called, with "Name" as people's
_DEALS = frozenset(["deal", "deals", "opportunity", "opportunite", "oportunidad", "pipeline", "stage", "win", "etape"])
_number = re.compile(r"#?[A-Z]{0,4}-?#?\d+", re.IGNORECASE).fullmatch


def people(choices: Choices, email: Choice) -> list[Choice]:
    """Names, phone and the rest of what makes a match better; what is not sure stays a comment.

    A phone may stand in one cell with the `email`.
    """
    first, last, full = (_ranked(choices, name) for name in ("first_name", "last_name", "full_name"))
    full = full or _who_ordered(choices)
    full = [guess for guess in full if guess.column not in titles(choices) and not _is_of_goods(guess, choices)]
    full = _of_persons(_untitled(full))
    if not last and first:
        last, full = _moved(full, _FAMILY)
    elif not first and last:
        first, full = _moved(full, _GIVEN if any(several_words(guess.column) for guess in full) else _GIVEN | {"name"})
    whole = [guess for guess in full if several_words(guess.column)]
    parted = first and last and all(_covers(part[0], whole) for part in (first, last))
    found = [choices.listed("full_name", whole)] if not parted else []
    found[:1] = [replace(c, hints=[_doubted(g) for g in full if g not in whole] + c.hints) for c in found]
    found += [choices.listed("first_name", first), choices.listed("last_name", last)]
    phones = _ranked(choices, "phone")
    found += [(None if phones else phone_among(email)) or choices.listed("phone", phones)]
    found += [_optional(choices, name) for name in ("url", "user_agent")]
    device = choices.sure("fingerprint")
    if device and choices.sure("ip"):
        found += [choices.listed(name, choices.sure(name)[:1]) for name in ("fingerprint", "ip")]
    found.append(choices.listed("comet_token", choices.sure("comet_token")[:1]))
    return [choice for choice in found if choice.source or choice.hints]


def order_name(choices: Choices, used: list[Column], led: Column | None, grouped: bool, event: str | None) -> Choice:
    """The number or the title that people know it by, where it is another column than the id.

    An item's title is none where an order has several rows (`grouped`), nor is what most rows lack, such as an invoice.
    """
    buys = event == "purchase"
    named_so = (guess for guess in named("full_name", choices.sample) if {*words(guess.name)} <= _NUMBERED)
    numbers = [column for column in named_so if _is_numbered(column)]
    own = [column for column in ([led] if led else []) + numbers if column not in used]
    if own:
        return Choice(
            "order_name", sourced(own[:1]), (own[0],), ["sure: the values are numbers, and no people's names"]
        )
    if title := titles(choices):
        return Choice("order_name", sourced(title), (title[0],), ["sure: another column has the person of the deal"])
    ids = [guess for guess in choices.sure("order_id") if buys and guess.column not in used]
    paid = any(guess.tier == 2 and guess.column in used for guess in choices.sure("order_id"))
    called = [guess for guess in ids if guess.tier == 1 or (paid and not guess.tier)]
    if called and not choices.sure("order_name"):
        return choices.listed("order_name", called[:1])
    persons = [guess.name for guess in _untitled(choices.sure("full_name")) if several_words(guess.column)]
    persons += [guess.name for guess in _who_ordered(choices)]
    free = [guess for guess in choices.sure("order_name") if guess.column not in used and guess.name not in persons]
    kinds = _kinds_of_names(choices, used, event)
    free = [guess for guess in free if guess.tier < SERVICE or guess.tier in kinds]
    free = [guess for guess in free if 2 * len(guess.column.filled) > len(guess.column.cells)]
    free = [guess for guess in free if not _is_of_events(guess.column)]
    times = {guess.name for guess in choices.of("event_time")}  # whose values are times, whatever their names say
    free = [guess for guess in free if guess.name not in times]
    first = [guess.column for guess in choices.sure("first_name")[:1]]
    free = [guess for guess in free if not {*map(str.casefold, guess.column.filled.tolist())} <= _SALUTATIONS]
    free = [guess for guess in free if buys or not _CAMPAIGNS & said_in(guess.name)]
    free = [guess for guess in free if buys or not first or words(guess.name) != ("title",)]  # of a job
    free = [guess for guess in free if buys or words(guess.name) != ("lead",)]  # who it is
    found = [guess for guess in free if not (grouped and guess.tier) and not any(_begins(guess, c) for c in first)]
    refs = [guess for guess in ids if guess.tier == INVOICE and _is_of_each(guess, choices)]
    return choices.listed("order_name", (found or refs)[:1])


def _is_of_events(column: Column) -> bool:
    """Whether it says what each row is about, as order_paid next to order_refunded does, and no title of anything."""
    there = [text for text, _ in frequencies(column)]
    told = (found := naming("event", column.name)) is not None and found.plain and not any(" " in t for t in there)
    return told and any(is_sale(text) is False or tells_before(text) for text in there)


def _kinds_of_names(choices: Choices, used: list[Column], event: str | None) -> tuple[int, ...]:
    """What only such an event is called by: a booking by its service, an invoice by its subject, a sale by goods."""
    if event == "schedule":
        return (SERVICE,)
    invoices = any(guess.tier == INVOICE for guess in choices.sure("order_id") if guess.column in used)
    return () if event != "purchase" else (SUBJECT, GOODS) if invoices else (GOODS,)


def _is_of_each(guess: Guess, choices: Choices) -> bool:
    """Whether most rows have a number, each another; one that stands behind a street is of a house."""
    filled, names = guess.column.filled.tolist(), choices.sample.names
    before = said_in(names[max(0, names.index(guess.name) - 1)])
    return len({*filled}) == len(filled) > len(guess.column.cells) / 2 and not before & _STREETS


def titles(choices: Choices) -> list[Column]:
    """The bare "Name" of a deal, where a column of its own has the person's name."""
    said = {word for name in choices.sample.header for word in said_in(name)}
    full = choices.sure("full_name")
    if not said & _DEALS or not any(whose(guess.name) == 0 for guess in full):
        return []
    called = _FAMILY | _GIVEN | {"title", "titre", "titolo", "titel"}
    return [column for column in named("full_name", choices.sample) if {*words(column.name)} <= called][:1]


def _who_ordered(choices: Choices) -> list[Guess]:
    """The name that is called the order's, where its address is called so too, and the names are people's."""
    theirs = any("order" in words(guess.name) for guess in choices.sure("email"))
    found = [guess for guess in choices.of("full_name") if guess.naming and guess.naming.other == ("order",)]
    found = [guess for guess in found if theirs and several_words(guess.column) and fits("full_name", guess.column)]
    why = "and the order has an address of its own"
    return [replace(guess, sureness=Sureness.SURE, why=f"{guess.why}, {why}") for guess in found]


def _untitled(full: list[Guess]) -> list[Guess]:
    """The names without what a deal or a lead is called, which may be a company, where there is another one."""
    return [guess for guess in full if not _is_title(guess)] or full


def _is_title(guess: Guess) -> bool:
    title = naming("order_name", guess.name)
    return title is not None and title.plain and title.tier == 0


def _of_persons(full: list[Guess]) -> list[Guess]:
    """The names without the customers', who may be companies, where others are of the person to speak to there."""

    def called(guess: Guess, kind: frozenset[str]) -> bool:
        return {*words(guess.name)} <= kind | _NAMES and not {*words(guess.name)} <= _NAMES

    persons = [guess for guess in full if called(guess, _PERSONS)]
    customers = [guess for guess in full if called(guess, _CUSTOMERS)]
    pairs = ((one.column, other.column) for one in persons for other in customers)
    apart = any(not agree(one, other) and 2 * len(one.filled) >= len(other.filled) for one, other in pairs)
    return [guess for guess in full if not (apart and guess in customers)]


def _is_of_goods(guess: Guess, choices: Choices) -> bool:
    """Whether it stands beside what goods have, in the same part of a record: properties.name, properties.sku."""
    part = guess.name.rpartition(".")[0]
    beside = (name.rpartition(".") for name in choices.sample.names if part)
    return any(_GOODS & {*words(last)} for other, _, last in beside if other == part)


def _begins(guess: Guess, first: Column) -> bool:
    """Whether its texts begin with the first names: an order that is called by its buyer."""
    pairs = [pair for pair in zip(guess.column.cells.tolist(), first.cells.tolist(), strict=True) if all(pair)]
    begins = [text for text, name in pairs if text.startswith(name)]
    return 2 * len(begins) > len(pairs)


def _is_numbered(column: Column) -> bool:
    return len(column.filled) > 0 and all(map(_number, column.filled.tolist()))


def _ranked(choices: Choices, name: str) -> list[Guess]:
    """Those that are sure, the buyer's own before the recipient's."""
    sure = [guess for guess in choices.sure(name) if not (name == "phone" and guess.tier and not _international(guess))]
    least = min((whose(guess.name) for guess in sure), default=0)
    found = [guess for guess in sure if whose(guess.name) < 2 or whose(guess.name) == least]
    found = [guess for guess in found if name not in _HALVES or not guess.tier or _has_both(guess, choices)]
    if any(is_payer(guess.name) for guess in found):  # a bare name next to it is of the one who comes
        found = [guess for guess in found if whose(guess.name) == 0]
    if len({is_of_a_ticket(guess.name) for guess in choices.sure("email")}) == 2:  # those who come are not who paid
        found = [guess for guess in found if not is_of_a_ticket(guess.name)]
    if least == 0:  # a gift goes to somebody else
        found = [guess for guess in found if not is_recipient(guess.name)]
    return sorted(found, key=lambda guess: (guess.tier, is_shipping(guess.name), is_billing(guess.name)))[:3]


def _has_both(half: Guess, choices: Choices) -> bool:
    """Whether a half of a name that is called but first or last stands beside the other one: cust_first, cust_last."""
    name = half.name.casefold()
    pairs = (("first", "last"), ("last", "first"), ("given", "family"), ("family", "given"))
    others = {name.replace(one, other) for one, other in pairs} - {name}
    return bool(others & {*map(str.casefold, choices.sample.names)})


def _covers(part: Guess, whole: list[Guess]) -> bool:
    """Whether one half of a name is filled where the whole name is."""
    return all(not (guess.column.cells[part.column.cells == ""] != "").any() for guess in whole)


def _international(phone: Guess) -> bool:
    """Whether its numbers begin with +: the ids of contacts do not."""
    return all("+" in text[:4] for text in phone.column.filled.tolist())


def _optional(choices: Choices, name: str) -> Choice:
    """A field that is no reason to reject an event."""
    choice = choices.listed(name, choices.sure(name)[:1])
    if choice.source:
        choice.source = f"{{column: {choice.source}, on_invalid: omit}}"
    return choice


def _doubted(guess: Guess) -> Guess:
    return replace(guess, sureness=Sureness.LIKELY, why=f"{guess.why}, but most are a single word")


def _moved(full: list[Guess], bare: frozenset[str]) -> tuple[list[Guess], list[Guess]]:
    """Split off the columns whose bare "Name" means one half, since the other half has a column of its own."""
    half = [guess for guess in full if guess.naming and guess.naming.phrase in bare]
    return half, [guess for guess in full if guess not in half]
