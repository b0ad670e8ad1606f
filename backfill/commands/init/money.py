"""Money: which column is what was paid, in whole units or in cents, or each row's part of it."""

import re
from dataclasses import replace
from decimal import Decimal

import numpy as np

from backfill.commands.init.choice import Choice, Choices
from backfill.commands.init.evidence import ends_as_prices, in_currency, is_processors, leads, looks_minor
from backfill.commands.init.guess import Guess, Sureness, all_alike, fits
from backfill.commands.init.naming import said_in, words
from backfill.commands.init.phrases import NEVER
from backfill.commands.init.proof import paid_rows
from backfill.commands.init.sample import Column, Sample
from backfill.commands.init.signs import varies
from backfill.commands.init.value_tables import numbers
from backfill.commands.init.vocabulary import CURRENCIES, TAX, texts
from backfill.convert.steps import exponent_of
from backfill.mapping.yaml_text import scalar, shown

PRICES = texts("price, preis, precio, prix, prezzo, preco, prijs, cena, pris")
_WHOLES = texts(
    "order, invoice, sale, purchase, transaction, checkout, bestellung, rechnung, rechnungs, pedido, factura, "
    "commande, facture, ordine, fattura, fatura, bestelling, factuur"
)
QUANTITIES = texts("quantity, qty, menge, anzahl, cantidad, quantite, quantita, quantidade, aantal")
LINES = texts(
    "item, line, lineitem, row, ticket, tarif, billet, biglietto, ingresso, "
    "ligne, linea, position, positions, zeilen, artikel, articolo, articulo"
)
_TOTALS = texts("total, totale, totaal, gesamt, gesamtpreis, totaalprijs, grand, final, endpreis")
_PAID = texts("paid, bezahlt, gezahlt, pagado, pagada, pagato, pagata, pago, paye, payee, betaald, oplacone, betald")
_OWN_MONEY = texts("base, shop, store")  # the shop's own currency, which sums can be made of
_DEALS = texts("deal, lead, opportunity")  # whose values are round, and no cents
_CENTS = texts("in, cent, cents, pence, minor, unit, units")
_hangul = re.compile("[\uac00-\ud7a3]").search  # of a shop whose money is the won, where nothing says another
_prices = re.compile(r"[$€£¥₹₩₪₺₫₽]\s?(\d[\d.,]*\d|\d)").findall
_LEAST = {"IDR": 1000, "COP": 200, "HUF": 20}  # less than nobody pays, of currencies whose hundredths are not used
SEVERAL, NEARLY = 3, 0.8  # prices that are not the same, and the share of rows that agree
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
        "amount_captured",
        "gateway_response",
        "authorization_code",
    ]
)


def amount(
    choices: Choices, repeats: bool, led: Column | None, part: Guess | None = None, group: Column | None = None
) -> Choice:
    """What was paid. Where several columns say so equally well, none is taken, unless they agree in all rows.

    Where rows are line items (`repeats`), only what is plainly the order's total is sure; where an order's first row
    has all that is its own (`led` is what the others repeat), the total is there. Each may have its `part` of it.
    """
    if part is not None:
        return choices.taken("amount", part)
    if proven := _proven_cents(choices):
        return proven
    found = [g for g in choices.sure("amount") if not (repeats and g.tier) or _is_whole(g, group, choices)]
    found = [guess for guess in found if led is None or leads(guess.column, led)]
    best = _in_own_money([guess for guess in found if guess.tier == found[0].tier])
    if found and (one := _agreed(best, choices)):
        return choices.taken("amount", one)
    if not found and not repeats and (guess := _round(choices) or _unparted(choices) or only_price(choices)):
        return choices.taken("amount", guess)
    if not found and repeats and (guess := _unparted(choices)) and guess.tier == 0:
        return choices.taken("amount", guess)
    return (None if found or repeats else _minor(choices)) or choices.open("amount", "what was paid", best)


def _is_whole(guess: Guess, group: Column | None, choices: Choices) -> bool:
    """Whether it is called as the `group` is (Invoice Amount, Invoice Number), and is the same in all rows of one.

    Another amount, which is not, shows that rows have their own.
    """
    if group is None or not (said_in(group.name) & said_in(guess.name) & _WHOLES) or varies(guess.column, group):
        return False
    return any(varies(other.column, group) for other in choices.of("amount") if LINES & said_in(other.name))


def part_of(choices: Choices, group: Column) -> Guess | None:
    """What each row of an order costs, where no column has the order's total: its name says an item, or a price.

    So it does where it differs between an order's rows, and is the price of each of them by their number.
    """
    found = choices.of("amount")
    whole = [guess for guess in found if guess.plain and not _is_of_a_row(guess)]
    if whole:
        one = whole[0] if len(whole) == 1 and varies(whole[0].column, group) else None
        return one if one and _is_reckoned(one.column, choices.sample) else None
    lines = [guess for guess in found if guess.plain]
    prices = [guess for guess in found if guess.naming and _is_price_of_an_item(guess, group)]
    found = lines or ([] if _multiplies(choices.sample) else prices)
    return replace(found[0], sureness=Sureness.SURE) if len(found) == 1 else None


def _is_of_a_row(guess: Guess) -> bool:
    """Whether its name says that it is of a row's own item: Item Total, or Price Paid, where no total is meant."""
    said = said_in(guess.name)
    return bool(LINES & said) or (bool(PRICES & said) and not said & (_WHOLES | _TOTALS))


def _is_price_of_an_item(guess: Guess, group: Column) -> bool:
    """Whether its name says a price and an item, and nothing else: Unit price, Order Items Sale Price.

    That of items may be of all of them, and is of each where it differs between an order's rows.
    """
    other = {*guess.naming.other} if guess.naming else set()
    sold = guess.tier != NEVER and bool(other) and other <= LINES | {"items"} and bool(PRICES & said_in(guess.name))
    each = sold and fits("amount", guess.column) and varies(guess.column, group)
    return {*words(guess.name)} <= PRICES | LINES | {"unit"} or each


def _is_reckoned(amount: Column, sample: Sample) -> bool:
    """Whether it is the price by the quantity in each row, with or without a tax: then it is the row's own."""

    def named_so(said: frozenset[str]) -> list[list[Decimal]]:
        columns = (c for c in sample.columns if c is not amount and said & said_in(c.name))
        return [numbers(column) for column in columns if fits("amount", column)]

    rows, sums = numbers(amount), []
    for prices in named_so(PRICES):
        for counts in [*named_so(QUANTITIES), [Decimal(1)] * len(rows)]:
            sums.append([price * count for price, count in zip(prices, counts, strict=True)])
    taxes = [[Decimal()] * len(rows), *named_so(TAX)]
    return any(rows == [one + tax for one, tax in zip(each, more, strict=True)] for each in sums for more in taxes)


def _proven_cents(choices: Choices) -> Choice | None:
    """Cents, where another column has the same amounts in whole units, as value_formatted has."""
    cents = _whole(choices)[:1]
    written = [column for column in choices.sample.columns if cents and in_currency(column)]
    for guess in cents:
        amounts = numbers(guess.column)
        if len({*amounts}) > 1 and any(amounts == [100 * number for number in numbers(other)] for other in written):
            return _in_minor(choices, guess, choices.sure("currency")[:1], "another column has it in whole units")
    return None if choices.sample.format.sparse else _quoted_cents(choices, cents)


def _quoted_cents(choices: Choices, cents: list[Guess]) -> Choice | None:
    """Cents, where the texts of another column quote prices that are the same in whole units in nearly all rows."""
    currency = choices.sure("currency")[:1]
    if not cents:
        return None
    units = numbers(in_whole_units(cents[0].column, tuple(guess.column for guess in currency)))
    for column in choices.sample.columns:
        prices = [_prices(text) for text in column.cells.tolist()]
        quoted = numbers(
            Column(column.name, np.array([one[0] if len(one) == 1 else "" for one in prices], dtype=object))
        )
        pairs = [(one, other) for one, other in zip(quoted, units, strict=True) if one]
        same = [one for one, other in pairs if one == other]
        if len({*same}) >= SEVERAL and len(same) >= NEARLY * len(pairs) and len(pairs) >= NEARLY * len(quoted):
            return _in_minor(choices, cents[0], currency, f"{shown(column.name)} has it in whole units")
    return None


def _multiplies(sample: Sample) -> bool:
    """Whether a column of quantities has another one than 1."""
    counted = [column for column in sample.columns if QUANTITIES & said_in(column.name)]
    return any(number != 1 for column in counted for number in numbers(column))


def _in_own_money(best: list[Guess]) -> list[Guess]:
    """Of several equals those in the shop's own currency, whose sums mean something."""
    return [guess for guess in best if _OWN_MONEY & said_in(guess.name)] or best


def _round(choices: Choices) -> Guess | None:
    """What a deal is worth, where nothing but its round values speaks against it."""
    said = {word for name in choices.sample.header for word in said_in(name)}
    found = [] if choices.sample.format.sparse or not said & _DEALS else _whole(choices)
    return replace(found[0], sureness=Sureness.SURE) if len(found) == 1 else None


def _unparted(choices: Choices) -> Guess | None:
    """What was paid in currencies that have no smaller unit, or in which a hundredth of it would be next to nothing."""
    currencies, found = choices.sure("currency")[:1], _whole(choices)
    won = len(found) == 1 and bool(_hangul(found[0].name))
    if choices.sample.format.sparse or not (currencies or won) or len(found) != 1:
        return None
    codes = currencies[0].column.cells.tolist() if currencies else ["KRW"] * len(found[0].column.cells)
    pairs = zip(codes, numbers(found[0].column), strict=True)
    least: dict[str, Decimal] = {}
    for code, number in pairs:
        if number:
            least[code] = min(abs(number), least.get(code, abs(number)))
    exact = (exponent_of(code) == 0 or number < 100 * _LEAST.get(code.upper(), 0) for code, number in least.items())
    return replace(found[0], sureness=Sureness.SURE) if least and all(exact) else None


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
    best = [guess for guess in cents if guess.tier == cents[0].tier]
    if best and (one := _agreed(best, choices)):
        return _in_minor(choices, one, currency, "its name says that it counts the smallest unit")
    said = {part for name in sample.header for part in name.casefold().split(".")}
    found = [guess for guess in _whole(choices) if ends_as_prices(guess.column)]
    plain = [guess for guess in found if not _in_currency(guess.name)] or found
    processed = said & _PROCESSORS or any(is_processors(column) for column in sample.columns)
    one = _agreed(plain, choices) if sample.format.sparse and processed and plain and currency else None
    why = "a payment processor's numbers, which end as prices in cents do"
    return _in_minor(choices, one, currency, why) if one else None


def _in_minor(choices: Choices, guess: Guess, currency: list[Guess], why: str) -> Choice:
    """An amount in the smallest unit of its currency; where none is named, in hundredths."""
    choice = choices.taken("amount", replace(guess, why=guess.why.partition(", but ")[0]))
    choice.notes.insert(1, f"sure: {why}")
    step = f"minor_units: {scalar(currency[0].name)}" if currency else "scale: 0.01"
    choice.source = f"{{column: {scalar(guess.name)}, {step}}}"
    choice.helping, choice.minor = tuple(guess.column for guess in currency), True
    return choice


def in_whole_units(amount: Column, currency: tuple[Column, ...]) -> Column:
    """Cents as dollars: sums that a person can hold against those of the shop."""
    currencies = currency[0].cells.tolist() if currency else [""] * len(amount.cells)
    exponents = {text: exponent_of(text) if text else 2 for text in set(currencies)}
    pairs = zip(numbers(amount), currencies, strict=True)
    made = [format(number.scaleb(-(exponents[text] or 0)), "f") for number, text in pairs]
    return Column(amount.name, np.array(made, dtype=object))


def says_cents(guess: Guess) -> bool:
    other = {*guess.naming.other} if guess.naming and guess.naming.tier != NEVER else set()
    texts = (text.removeprefix("-") for text in guess.column.filled.tolist())  # what went back is below zero
    return other <= _CENTS and bool(other - {"in"}) and all(map(str.isdecimal, texts))


def _in_currency(name: str) -> bool:
    """Whether the name says a currency."""
    return not CURRENCIES.isdisjoint(said_in(name))


def _agreed(found: list[Guess], choices: Choices) -> Guess | None:
    """The first of several amounts, if they are the same in all rows, or in those that a status says are paid.

    Where they differ in a few of those, as credit that was used makes them, it is the one that is called paid.
    """
    if all_alike(found):
        return found[0]
    rows = paid_rows(choices.sample)
    cells = [guess.column.cells[rows] for guess in found]
    if rows.sum() > 1 and all(np.array_equal(one, cells[0]) for one in cells):
        return found[0]
    called = [guess for guess in found if _PAID & said_in(guess.name)]
    if len(called) != 1 or rows.sum() < SEVERAL:
        return None
    same = [(one == called[0].column.cells[rows]).mean() for one in cells]
    return called[0] if min(same) >= NEARLY else None
