"""Words: how the page calls orders and verdicts, and writes times and money."""

from datetime import datetime, tzinfo
from decimal import Decimal

from backfill.commands.review.totals import (
    ALREADY,
    DUPLICATE,
    FIT,
    LEFT,
    MEND,
    MENDED,
    READY,
    UNKNOWN,
    Money,
    Totals,
)
from backfill.event import Code
from backfill.report.page.amounts import Write
from backfill.report.page.verdict import Verdict, before_sending

KIND_WORDS = {
    READY: "Ready",
    MENDED: "Mended",
    MEND: "To mend",
    LEFT: "Left out",
    ALREADY: "Already sent",
    DUPLICATE: "The same twice",
}
FIELD_WORDS = {
    "event_name": "Event",
    "order_id": "Order id",
    "order_name": "Order name",
    "email": "E-mail",
    "full_name": "Full name",
    "first_name": "First name",
    "last_name": "Last name",
    "event_time": "Time",
    "do_not_capi": "Not to ad platforms",
    "idempotency_key": "Key",
    "ip": "IP address",
    "url": "Address of the page",
}


CODE_WORDS: dict[str, str] = {
    Code.UNREADABLE: "Unreadable row",
    Code.MISSING_IDENTITY: "No e-mail",
    Code.INVALID_EMAIL: "Broken e-mail",
    Code.INVALID_EVENT_NAME: "Unknown event",
    Code.MISSING_AMOUNT: "No amount",
    Code.INVALID_AMOUNT: "Amount",
    Code.INVALID_NUMBER: "Number",
    Code.INVALID_BOOLEAN: "Yes or no",
    Code.INVALID_DATE: "Date",
    Code.MISSING_TIME: "No time",
    Code.INVALID_TIME: "Time",
    Code.FUTURE_TIME: "In the future",
    Code.MISSING_ORDER_ID: "No id",
    Code.INVALID_ORDER_ID: "Broken id",
    Code.INVALID_URL: "Address",
    Code.INVALID_IP: "IP address",
    Code.TOO_LONG: "Too long",
    Code.CONFLICTING_ROWS: "Rows disagree",
    Code.CONFLICTING_DUPLICATE: "Same id twice",
    Code.KEY_TAKEN: "Id of another",
    Code.KEY_CHANGED: "Another id",
    Code.LIKELY_DOUBLE: "Sent before",
    Code.SHARED_IDENTITY: "Shared token",
}
REMEDIES: dict[str, str] = {  # what a person can do, where the reason alone does not say it
    Code.UNREADABLE: "Fill in what is needed from the row’s text, or leave it and export again.",
    Code.MISSING_IDENTITY: "Without an e-mail nobody can be credited; leave the order if there is none.",
    Code.MISSING_AMOUNT: "0 is an amount, nothing is not.",
    Code.INVALID_ORDER_ID: "The shop’s own page of the order has the whole id.",
    Code.CONFLICTING_ROWS: "Write the same in each row, or tell the orders apart.",
    Code.CONFLICTING_DUPLICATE: "Two orders have this id; give one of them its own.",
    Code.LIKELY_DOUBLE: "It is in Cometly under another id; mending cells does not help.",
    Code.SHARED_IDENTITY: "Several people have one token; leave that field out of the mapping.",
}


def field_word(field: str) -> str:
    """What a field of the API is called."""
    return FIELD_WORDS.get(field) or field.replace("_", " ").capitalize()


def money_text(money: Money, write: Write) -> str:
    """Sums of several currencies, written as the shop does; at most four are named."""
    sums = sorted(((amount, currency) for currency, amount in money.items() if amount), reverse=True)
    more = [f"{len(sums) - 4} more currencies"] if len(sums) > 4 else []
    return " + ".join([*(write(*one) for one in sums[:4]), *more]) or write(Decimal(), "")


def month_word(month: str) -> str:
    """A month for people: May 2024."""
    return f"{datetime.fromisoformat(f'{month}-01'):%b %Y}" if month != UNKNOWN else "Unknown"


def day(time: str, zone: tzinfo) -> str:
    """The day of a time as it is sent, in the shop's zone: 21 Feb 2024."""
    found = datetime.fromisoformat(time).astimezone(zone)
    return f"{found.day} {found:%b %Y}"


def moment(time: str, zone: tzinfo) -> str:
    """A time as it is sent, on the shop's clock: 21 Feb 2024, 15:19."""
    if not time:
        return "unknown"
    found = datetime.fromisoformat(time).astimezone(zone)
    return f"{found.day} {found:%b %Y, %H:%M}"


def verdict(totals: Totals, what: str) -> Verdict:
    """What the page says first."""
    return before_sending(totals.number(MEND), totals.number(*FIT), totals.orders(LEFT), what)
