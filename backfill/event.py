"""The values that pass between the parts: rows, verdicts, codes, problems."""

import ipaddress
import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

_EMAIL = re.compile(r"[^\s\"'<>]+@[^\s\"'<>]+")
_DIGITS = re.compile(r"\+?\d[\d ()./-]{5,}\d")
EVENT_NAMES = frozenset(
    (
        "lead_generated",
        "view_content",
        "schedule",
        "purchase",
        "subscribe",
        "add_to_cart",
        "contact",
        "initiate_checkout",
        "add_payment_info",
        "complete_registration",
        "start_trial",
        "sign_up",
        "submit_application",
        "webinar_registration",
        *(f"custom_event_{number}" for number in range(1, 51)),
    )
)


class Row(NamedTuple):
    """One row of the input: which part, its number there from 1, its text as it is."""

    part: int
    number: int
    text: str


class Verdict(StrEnum):
    """What became of an event. Exactly one; the order is the order in which they are considered."""

    ALREADY = "already"
    INVALID = "invalid"
    DUPLICATE = "duplicate"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNDELIVERED = "undelivered"
    UNATTEMPTED = "unattempted"
    READY = "ready"


class Code(StrEnum):
    """Why a row or an event was rejected. Stable: people's scripts match on them."""

    UNREADABLE = "unreadable"
    MISSING_IDENTITY = "missing_identity"
    INVALID_EMAIL = "invalid_email"
    INVALID_EVENT_NAME = "invalid_event_name"
    MISSING_AMOUNT = "missing_amount"
    INVALID_AMOUNT = "invalid_amount"
    INVALID_NUMBER = "invalid_number"
    INVALID_BOOLEAN = "invalid_boolean"
    INVALID_DATE = "invalid_date"
    MISSING_TIME = "missing_time"
    INVALID_TIME = "invalid_time"
    FUTURE_TIME = "future_time"
    MISSING_ORDER_ID = "missing_order_id"
    INVALID_ORDER_ID = "invalid_order_id"
    INVALID_URL = "invalid_url"
    INVALID_IP = "invalid_ip"
    TOO_LONG = "too_long"
    CONFLICTING_ROWS = "conflicting_rows"
    CONFLICTING_DUPLICATE = "conflicting_duplicate"
    KEY_TAKEN = "key_taken"
    KEY_CHANGED = "key_changed"
    LIKELY_DOUBLE = "likely_double"
    SHARED_IDENTITY = "shared_identity"
    REFUSED = "refused"
    UNDELIVERED = "undelivered"
    UNKNOWN_OUTCOME = "unknown_outcome"


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule. `field` is the API's field or a column; `reason` never holds the cell's text, for privacy.

    `column` is the mapping's column to look at; where it is not said, it is that of the field.
    """

    code: Code
    field: str
    reason: str
    column: str = ""


def masked(message: str) -> str:
    """A message without the addresses and numbers of people."""
    return _DIGITS.sub("(a number)", _EMAIL.sub("(an email)", message))


def plain(number: str) -> str:
    """A number's text, the same for all that are equal."""
    if "E" in number or "e" in number:
        number = format(Decimal(number), "f")
    if "." in number:
        number = number.rstrip("0").rstrip(".")
    return number if number not in ("", "-", "-0") else "0"


def address_value(ip: str) -> str:
    """An IPv6 address in its one standard spelling; other text as it is."""
    try:
        return str(ipaddress.ip_address(ip))
    except ValueError:
        return ip
