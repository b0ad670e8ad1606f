"""Statuses: what a value of a status, a kind or an approval says of its row, in nine languages."""

import re
from collections.abc import Callable

from backfill.commands.init.attendance_words import APPROVED, BLOCKED, BOOKED, NOT_APPROVED
from backfill.commands.init.composed import PAYMENT_ENDS, composed, forms, is_parted, is_proven, leaves_open
from backfill.commands.init.naming import words
from backfill.commands.init.status_stems import (
    AFTERWARDS,
    BACK,
    BILLS,
    CALLED_OFF,
    CAME,
    HELD,
    INVOICED,
    OFFERED,
    ORDERED,
    PREPARED,
    PROCESSORS,
    REFUSED,
    ROMANCE,
    SENT,
    TURNED_DOWN,
)
from backfill.commands.init.status_words import (
    ACCEPTED,
    AUTHORIZED,
    AWAITS,
    BEFORE,
    BESIDE_SALES,
    CAPTURED,
    CLOSED,
    CONFIRMED,
    CREDITS,
    DEBITS,
    GONE,
    GOODS,
    LOST,
    MEANS,
    NEUTRAL,
    NO_SALES,
    NOT,
    OBJECTS,
    OUT,
    PAID,
    PART,
    PAYING,
    PAYMENTS,
    PAYOUTS,
    PIPELINE,
    PLACES,
    PROCESSING,
    RETURNED,
    SALES,
    SENT_OUT,
    SETTLED,
    SHIPPING,
    SIGNED,
    SIGNUPS,
    SOLD,
    SUCCEEDED,
    TRIALS,
    UNDECIDED,
    UNDER_WAY,
    UNPAID,
    WELL,
    WON,
)

_dotted = re.compile(r"\w+(?:\.\w+)+").fullmatch
_snake = re.compile(r"[a-zA-Z]+(?:_[a-zA-Z]+)+").fullmatch


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
    known = None if is_parted(text) else _is_paid(text)
    known = composed(text, _is_paid) if known is None else known
    return None if known and not is_parted(text) and not is_proven(text) else known


def _is_paid(text: str) -> bool | None:
    found = {*words(text)}
    rest = " ".join(word for word in spelt(text).split() if word not in NOT)
    if found & PAYING and found & ACCEPTED and not found & (NOT | AWAITS):
        return True
    if found & NOT and any(value in PAID for value in forms(rest)):
        return None if rest.startswith(SENT) else False  # not sent yet: of a payment it says nothing
    for value in forms(" ".join(word for word in spelt(text).split() if word not in WELL) or spelt(text)):
        if value in PAID or value in UNPAID | GONE:
            return value in PAID
    if found & AWAITS:
        if found & PAYING and (found & ACCEPTED or _begins(text, (*CAME, "complet"))):
            return None
        return False if found & PAYING else True if found & SHIPPING else None
    if found & PART:
        rest = " ".join(word for word in words(text) if word not in PART)
        return True if rest == "captured" or rest.startswith(BACK) or any(v in PAID for v in forms(rest)) else None
    claimed = any(
        word.startswith((*BACK, "dispute", "chargeback", "cancel", "return", "storn", "annul")) for word in found
    )
    open_yet = (claimed and bool(found & UNDECIDED)) or leaves_open(words(text))
    if found & GONE and not found & NOT and not open_yet:
        return False
    refused = any(word.startswith(REFUSED) for word in found)
    return False if refused and not found & NOT and not open_yet else None


def paid_among(there: list[str], payment: bool = False) -> Callable[[str], bool | None]:
    """What a status says where its column has these values: some words mean something next to others alone.

    Where deals are won and lost, those elsewhere are still on their way there; next to quotations, an order is one. A
    `payment` that is under way has not come yet, nor has one that a processor may refuse; an order that the shop is at
    work on has been paid where goods go out next, or where an awaited payment has a name of its own. Next to what is
    paid, nothing tells if it is too; and what is posted is an invoice.
    """
    kinds = {spelt(text) for text in there}
    found = [{*words(text)} for text in there]
    flows = any(_begins(text, (*SENT, *PREPARED)) and is_paid(text) for text in there)  # goods go out
    payment = payment or (not flows and any(_begins(text, PROCESSORS) for text in there))
    perhaps = not payment and not flows and any(_begins(text, TURNED_DOWN) for text in there)
    payment = payment or perhaps
    best = payment or not any(is_paid(text) for text in there if not spelt(text).startswith(SENT))
    owed = bool(kinds & SETTLED)
    deals = any(map(is_won, there))
    decided = deals and any(is_paid(text) is False and _begins(text, REFUSED) for text in there)  # won, or lost
    ended = bool(kinds & GONE) and not any(is_paid(text) or is_won(text) for text in there) and not kinds & LOST
    bills = owed and any(_begins(text, BILLS) for text in there)  # invoices, which are sent before they are paid
    debits = bool(kinds & DEBITS)
    awaited = any(one & AWAITS and one & PAYING for one in found)
    offers = any(_begins(text, OFFERED) for text in there) and any(_is_ordered(text) for text in there)

    def in_context(text: str) -> bool | None:
        """What its word means next to these others, where that is not what it means alone; else None."""
        if {"fulfilled", "unfulfilled"} <= kinds and spelt(text) == "unfulfilled":
            return True  # whether it was sent, of what was paid
        if spelt(text) == "unshipped" and flows:
            return True
        if bills and spelt(text) in SENT_OUT:
            return False
        if ended and spelt(text) in CLOSED:
            return True
        if best and spelt(text) in CONFIRMED | SIGNED:
            return True
        if debits and spelt(text) in ("confirmed", "submitted"):
            return spelt(text) == "confirmed"  # by the bank, or sent to it
        if offers and (_begins(text, OFFERED) or _is_ordered(text)):
            return not _begins(text, OFFERED)
        if _is_under_way(text) and (deals or payment or awaited or flows):
            return not deals and not payment
        return True if is_won(text) else None

    def says(text: str) -> bool | None:
        if perhaps and not deals and _is_under_way(text):
            return None
        known = in_context(text)
        if known is not None:
            return known
        if owed and spelt(text) in PROCESSING | {"posted"}:
            return None
        if flows and spelt(text).startswith(INVOICED):
            return True
        if spelt(text).startswith(ROMANCE) and not kinds & SETTLED:
            return None  # by the bank, which pays at once, or not
        if payment and is_held(text) and is_paid(text) is None:
            return False
        known = is_paid(text)
        known = _is_paid(text) if known and deals else known  # of goods that go out no deal says anything
        if known is None and deals and "signed" not in words(text) and {*words(text)} & PIPELINE:
            return False
        return False if known is None and decided and not _begins(text, AFTERWARDS) else known

    return says


def _is_under_way(text: str) -> bool:
    """Whether it says so, perhaps of an order or a payment."""
    said = f" {spelt(text)} "
    found = [said.replace(f" {phrase} ", " ").split() for phrase in UNDER_WAY | PROCESSING if f" {phrase} " in said]
    return any({*rest} <= NEUTRAL | PAYMENTS for rest in found)


def _begins(text: str, stems: tuple[str, ...]) -> bool:
    return any(word.startswith(stems) for word in words(text))


def _is_ordered(text: str) -> bool:
    return spelt(text).startswith(ORDERED) and is_paid(text) is not False


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
    if tells_before(text):
        return False if found & OBJECTS or found & (NO_SALES - AUTHORIZED) else None
    if _dotted(text) and is_paid(words(text)[-1]) is False:
        return False
    if found & CAPTURED:  # an authorization with its capture is money that came in
        return None if found & (NO_SALES - AUTHORIZED) else True
    if found & (NO_SALES | {"test"}) or "charged back" in spelt(text) or spelt(text) == "bill payment":
        return False
    if any(word.startswith((*BACK, "cancel", "annul", "storn")) for word in found):
        return False
    if (
        _dotted(text)
        and found & SUCCEEDED
        and found & OBJECTS - {"intent", "invoice", "checkout", "session", "subscription"}
    ):
        return False
    if _dotted(text) and words(text)[-1] == "paid" and found & PLACES:
        return True
    return (
        True if found & SALES or is_payment(text) or (found & SUCCEEDED and found & {"intent", "transaction"}) else None
    )


def is_payment(text: str) -> bool:
    """Whether a word of it is written together with that for a payment: Handyzahlung, betaling."""
    return any(word.endswith(PAYMENT_ENDS) for word in words(text))


def tells_before(text: str) -> bool:
    """Whether it says, as a webhook does, what comes before money or beside it: invoice.created, checkout_started."""
    found = words(text)
    called = {*found} if _dotted(text) else {found[-1]} if _snake(text) and found[-1].endswith("ed") else set()
    return bool(called & BEFORE) and not {*found} & SUCCEEDED


def is_back(text: str) -> bool:
    """Whether a kind of row is money that went back, or out."""
    found = {*words(text)}
    return bool(found & OUT) or any(word.startswith(BACK) for word in found)


def is_credit(text: str) -> bool:
    """Whether a kind is of money that goes back next to sales, such as a credit note."""
    return any(f" {spelt(text)} ".endswith(f" {word} ") for word in CREDITS)


def tells_beside(text: str) -> bool:
    """Whether a kind is of what an account has next to sales: a tax, an estimate, a card that was changed."""
    return is_sale(text) is None and bool({spelt(text), *words(text)} & BESIDE_SALES)


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
    sales = any(is_sale(text) or spelt(text) == "transaction" for text in there)
    pays = any({"payment", "payments"} & {*words(text)} for text in there) and not any(
        {*words(text)} & PAYOUTS for text in there
    )
    come = [text for text in there if {*words(text)} & SUCCEEDED and is_sale(text)]
    rows = any(tells_beside(text) for text in there)
    twice = len({words(text)[0] for text in come if _dotted(text)}) > 1  # one payment, told of each of its objects

    def says(text: str) -> bool | None:
        if (pays and spelt(text) in ("charge", "charges")) or (twice and text in come):
            return None
        if rows and spelt(text) == "transaction":
            return True
        beside = tells_beside(text) or (is_sale(text) is None and bool(come) and tells_before(text))
        return False if sales and (is_credit(text) or beside or spelt(text) in SIGNUPS) else is_sale(text)

    return says


def is_booked(text: str) -> bool | None:
    """Whether a status says that somebody has booked, whether they came or not; None for a word that is not known."""
    value, found = spelt(text), {*words(text)}
    if value in BOOKED or value.startswith(("no show", "noshow")):
        return True
    gone = found & GONE or value in BLOCKED or any(word.startswith((*REFUSED, *CALLED_OFF)) for word in found)
    return False if gone and not found & NOT else None


def is_approved(text: str) -> bool | None:
    """Whether a value says that a person has registered or sent a form for good; None for another word."""
    value = spelt(text)
    if value in APPROVED:
        return True
    found = {*words(text)}
    return False if value in NOT_APPROVED or (found & GONE and not found & NOT) else None
