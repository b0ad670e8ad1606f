"""Statuses: what a value of a status, a kind or an approval says of its row, in nine languages."""

from collections.abc import Callable, Iterator

from backfill.commands.init.naming import words
from backfill.commands.init.status_words import (
    ACCEPTED,
    APPROVED,
    AUTHORIZED,
    AWAITS,
    BACK,
    BOOKED,
    CAPTURED,
    CONFIRMED,
    CREDITS,
    DEBITS,
    GONE,
    GOODS,
    HELD,
    MEANS,
    NO_SALES,
    NOT,
    NOT_APPROVED,
    OUT,
    PAID,
    PART,
    PAYING,
    PIPELINE,
    PROCESSING,
    REFUSED,
    RETURNED,
    SALES,
    SENT,
    SETTLED,
    SHIPPING,
    SIGNED,
    SIGNUPS,
    SOLD,
    TRIALS,
    UNDECIDED,
    UNDER_WAY,
    UNPAID,
    WELL,
    WON,
)


def is_won(text: str) -> bool:
    """Whether a stage says that the deal was won: "Closed Won", "Cierre ganado", "Abgeschlossen und gewonnen"."""
    found = {*words(text)}
    against = found & (NOT | {"t"}) or any(word.startswith(REFUSED) for word in found)  # t as in won't
    return spelt(text) in WON | SOLD or bool(found & WON and not against)


def is_trial(text: str) -> bool:
    """Whether a cell is of a row that a platform made itself."""
    return text.casefold().startswith(tuple(TRIALS))


def spelt(text: str) -> str:
    """Write a value as the lists here do; WooCommerce's own statuses begin with wc-."""
    return " ".join(words(text)).removeprefix("wc ")


def is_paid(text: str) -> bool | None:
    """Whether a status says that the row was paid for; None where it is a word that is not known."""
    found = {*words(text)}
    rest = " ".join(word for word in spelt(text).split() if word not in NOT)
    if found & PAYING and found & ACCEPTED and not found & (NOT | AWAITS):
        return True
    if found & NOT and any(value in PAID for value in _forms(rest)):
        return None if rest.startswith(SENT) else False  # not sent yet: of a payment it says nothing
    for value in _forms(" ".join(word for word in spelt(text).split() if word not in WELL) or spelt(text)):
        if value in PAID or value in UNPAID | GONE:
            return value in PAID
    if found & AWAITS:
        return False if found & PAYING else True if found & SHIPPING else None
    if found & PART:
        rest = " ".join(word for word in words(text) if word not in PART)
        return True if rest == "captured" or rest.startswith(BACK) or any(v in PAID for v in _forms(rest)) else None
    claimed = any(
        word.startswith((*BACK, "dispute", "chargeback", "cancel", "return", "storn", "annul")) for word in found
    )
    open_yet = claimed and bool(found & UNDECIDED)
    if found & GONE and not found & NOT and not open_yet:
        return False
    refused = any(word.startswith(REFUSED) for word in found)
    return False if refused and not found & NOT and not open_yet else None


def paid_among(there: list[str], payment: bool = False) -> Callable[[str], bool | None]:
    """What a status says where its column has these values: some words mean something next to others alone.

    Where deals are won, those still on their way there are not; where a payment is awaited under a name of its own, an
    order that the shop is at work on has been paid. A `payment` that is under way has not come yet, or it has: shops
    say so of orders. Next to what is paid, nothing tells if it is too; and what is posted is an invoice.
    """
    best = payment or not any(is_paid(text) for text in there if not spelt(text).startswith(SENT))
    owed = any(spelt(text) in SETTLED for text in there)
    deals = any(map(is_won, there))
    debits = any(spelt(text) in DEBITS for text in there)
    awaited = any({*words(text)} & AWAITS and {*words(text)} & PAYING for text in there)

    packed = {"fulfilled", "unfulfilled"} <= {spelt(text) for text in there}

    def says(text: str) -> bool | None:
        if packed and spelt(text) == "unfulfilled":
            return True  # whether it was sent, of what was paid
        if best and spelt(text) in CONFIRMED | SIGNED:
            return True
        if debits and spelt(text) in ("confirmed", "submitted"):
            return spelt(text) == "confirmed"  # by the bank, or sent to it
        if (payment and spelt(text) == "processing") or (owed and spelt(text) in PROCESSING | {"posted"}):
            return None
        if awaited and not deals and spelt(text) in UNDER_WAY:
            return True
        if deals and spelt(text) in UNDER_WAY:
            return False
        if is_won(text):
            return True
        known = is_paid(text)
        return False if known is None and deals and {*words(text)} & PIPELINE and "signed" not in words(text) else known

    return says


def _forms(value: str) -> Iterator[str]:
    """A value as it is, and as it would be of one thing that is masculine: pagadas, pagada, pagado; payées, payé."""
    yield value
    one = value.removesuffix("s")
    yield one
    yield one[:-1] + "o" if one.endswith("a") else one.removesuffix("e")


def is_settled(text: str) -> bool:
    """Whether a second status leaves it to the first one: the order is new, or the shop is at work on it."""
    return spelt(text) in UNDER_WAY or is_paid(text) is not None


def is_refused(text: str) -> bool:
    """Whether a value says that something was refused, failed or given back, in a word that begins so."""
    begins = any(word.startswith((*REFUSED, *BACK)) for word in words(text))
    return is_paid(text) is False and (begins or is_returned(text))


def is_returned(text: str) -> bool:
    """Whether a value says that all goods came back."""
    return spelt(text) in RETURNED


def is_held(text: str) -> bool:
    """Whether a value says that somebody stopped it: whatever was paid may go back."""
    return any(word.startswith(HELD) for word in words(text))


def is_gone(text: str) -> bool:
    """Whether a value says that the row is no event, whatever its column is."""
    return spelt(text) in GONE


def is_sale(text: str) -> bool | None:
    """Whether a kind of row is money that came in for a sale; None where neither is known of it."""
    found = {*words(text)}
    if found & CAPTURED:  # an authorization with its capture is money that came in
        return None if found & (NO_SALES - AUTHORIZED) else True
    if found & (NO_SALES | {"test"}) or any(word.startswith((*BACK, "cancel", "annul", "storn")) for word in found):
        return False
    return True if found & SALES else None


def is_back(text: str) -> bool:
    """Whether a kind of row is money that went back, or out."""
    found = {*words(text)}
    return bool(found & OUT) or any(word.startswith(BACK) for word in found)


def is_taking(text: str) -> bool:
    """Whether a kind is of money as it comes and goes, and no kind of goods."""
    return bool({*words(text)} & (SALES - GOODS | CAPTURED))


def is_means(text: str) -> bool:
    """Whether a value says by what means somebody pays, such as a bank transfer."""
    return spelt(text) in MEANS


def sale_among(there: list[str]) -> Callable[[str], bool | None]:
    """What a kind says where its column has these values: next to sales, a credit or a return is money that went back.

    And one who signs up, or clicks, has not bought yet. Next to payments a charge may be what is owed: nobody knows.
    """
    sales = any(is_sale(text) for text in there)
    pays = any({"payment", "payments"} & {*words(text)} for text in there)

    def says(text: str) -> bool | None:
        if pays and spelt(text) in ("charge", "charges"):
            return None
        credit = any(f" {spelt(text)} ".endswith(f" {word} ") for word in CREDITS)
        return False if sales and (credit or spelt(text) in SIGNUPS) else is_sale(text)

    return says


def is_booked(text: str) -> bool | None:
    """Whether a status says that somebody has booked, whether they came or not; None for a word that is not known."""
    value, found = spelt(text), {*words(text)}
    if value in BOOKED or value.startswith(("no show", "noshow")):
        return True
    gone = found & GONE or any(word.startswith(REFUSED) for word in found)
    return False if gone and not found & NOT else None


def is_approved(text: str) -> bool | None:
    """Whether a value says that a person has registered or sent a form for good; None for another word."""
    value = spelt(text)
    if value in APPROVED:
        return True
    found = {*words(text)}
    return False if value in NOT_APPROVED or (found & GONE and not found & NOT) else None
