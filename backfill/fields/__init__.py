"""The API's fields and their kinds: a column of text in, the same column parsed out, and why where it cannot be.

Parsing is the validation; there is no second pass that could disagree. The rules are those of the Create Event page
of Cometly's API reference.
"""

from collections.abc import Callable
from enum import StrEnum

from backfill.event import EVENT_NAMES
from backfill.fields import money, text, times
from backfill.fields.column import Locale, Parsed, Texts, shapes_of, there
from backfill.fields.money import decimal_evidence, parse_number
from backfill.fields.times import date_order_evidence, read_time, time_evidence

__all__ = [
    "EVENT_NAMES",
    "FIELDS",
    "Kind",
    "Locale",
    "Parsed",
    "date_order_evidence",
    "decimal_evidence",
    "parse",
    "parse_number",
    "read_time",
    "shapes_of",
    "there",
    "time_evidence",
]


class Kind(StrEnum):
    """How a field's text is read."""

    TEXT = "text"
    PROFILE_TEXT = "profile text"
    NAME = "name"
    PHONE = "phone"
    EVENT_NAME = "event name"
    EMAIL = "email"
    URL = "url"
    IP = "ip"
    ORDER_ID = "order id"
    TIME = "time"
    DATE = "date"
    AMOUNT = "amount"
    NUMBER = "number"
    BOOLEAN = "boolean"


# In the order of the API's page.
FIELDS: dict[str, Kind] = {
    "event_name": Kind.EVENT_NAME,
    "email": Kind.EMAIL,
    "comet_token": Kind.TEXT,
    "fingerprint": Kind.TEXT,
    "ip": Kind.IP,
    "tracking_id": Kind.TEXT,
    "full_name": Kind.NAME,
    "first_name": Kind.NAME,
    "last_name": Kind.NAME,
    "phone": Kind.PHONE,
    "user_agent": Kind.TEXT,
    "event_time": Kind.TIME,
    "url": Kind.URL,
    "amount": Kind.AMOUNT,
    "order_id": Kind.ORDER_ID,
    "order_name": Kind.TEXT,
    "checkout_token": Kind.TEXT,
    "is_upsell": Kind.BOOLEAN,
    "upsell_common_id": Kind.TEXT,
    "comet_source": Kind.TEXT,
    "comet_network": Kind.TEXT,
    "comet_campaign": Kind.TEXT,
    "comet_ad_group": Kind.TEXT,
    "comet_ad_id": Kind.TEXT,
    "comet_keyword": Kind.TEXT,
    "comet_type": Kind.TEXT,
    **{f"profile_field_{number}": Kind.PROFILE_TEXT for number in range(1, 16)},
    **{f"profile_field_{number}": Kind.NUMBER for number in range(16, 26)},
    **{f"profile_field_{number}": Kind.DATE for number in range(26, 31)},
    "idempotency_key": Kind.TEXT,
    "do_not_capi": Kind.BOOLEAN,
}

_PARSERS: dict[Kind, Callable[[str, Texts, Locale], Parsed]] = {
    Kind.TEXT: text.texts,
    Kind.PROFILE_TEXT: text.profile_texts,
    Kind.NAME: text.names,
    Kind.PHONE: text.phones,
    Kind.EVENT_NAME: text.event_names,
    Kind.EMAIL: text.emails,
    Kind.URL: text.urls,
    Kind.IP: text.ips,
    Kind.ORDER_ID: text.order_ids,
    Kind.TIME: times.event_times,
    Kind.DATE: times.dates,
    Kind.AMOUNT: money.amounts,
    Kind.NUMBER: money.numbers,
    Kind.BOOLEAN: text.booleans,
}


def parse(field: str, cells: Texts, locale: Locale) -> Parsed:
    """Read a column of trimmed texts ("" is empty) as a field of the API; the column itself stays as it is."""
    return _PARSERS[FIELDS[field]](field, cells, locale)
