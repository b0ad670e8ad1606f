"""The API's fields and their kinds: a column of text in, the same column parsed out, and why where it cannot be.

Parsing is the validation; there is no second pass that could disagree. The rules are those of the Create Event page
of Cometly's API reference.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa

from backfill.event import EVENT_NAMES, Code
from backfill.fields import money, text, times
from backfill.fields.arrow import Texts, repeated, shapes_of
from backfill.fields.column import Locale, Parsed, Read, Refusal, read_rest
from backfill.fields.money import decimal_evidence, parse_number
from backfill.fields.time_evidence import date_order_evidence, time_evidence
from backfill.fields.times import read_time

__all__ = [
    "EVENT_NAMES",
    "FIELDS",
    "READINGS",
    "Kind",
    "Locale",
    "Parsed",
    "date_order_evidence",
    "decimal_evidence",
    "parse",
    "parse_as",
    "parse_number",
    "read_time",
    "shapes_of",
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


@dataclass(frozen=True, slots=True)
class Reading:
    """How cells of a kind are read: a whole column as far as it can be proved, and any one text; and what it breaks."""

    kernel: Callable[[Texts, Locale], pa.Array]
    read: Callable[[str, Locale], Read]
    code: Code = Code.UNREADABLE  # where everything can be read
    refusal: Refusal | None = None


def _unproven(cells: Texts, locale: Locale) -> Texts:
    """A kernel that proves nothing: columns of its kind have few distinct texts."""
    return repeated(None, len(cells))


READINGS: dict[Kind, Reading] = {
    Kind.TEXT: Reading(text.texts, text.text),
    Kind.PROFILE_TEXT: Reading(text.profile_texts, text.profile_text, Code.TOO_LONG),
    Kind.NAME: Reading(text.names, text.name),
    Kind.PHONE: Reading(text.phones, text.phone),
    Kind.EVENT_NAME: Reading(_unproven, text.event_name, Code.INVALID_EVENT_NAME),
    Kind.EMAIL: Reading(text.emails, text.email, Code.INVALID_EMAIL, text.NO_ADDRESSES),
    Kind.URL: Reading(text.urls, text.url, Code.INVALID_URL),
    Kind.IP: Reading(text.ips, text.ip, Code.INVALID_IP),
    Kind.ORDER_ID: Reading(text.order_ids, text.order_id, Code.INVALID_ORDER_ID),
    Kind.TIME: Reading(times.event_times, times.event_time, Code.INVALID_TIME),
    Kind.DATE: Reading(times.calendar_days, times.calendar_day, Code.INVALID_DATE),
    Kind.AMOUNT: Reading(money.numbers, money.amount, Code.INVALID_AMOUNT),
    Kind.NUMBER: Reading(money.numbers, money.number, Code.INVALID_NUMBER),
    Kind.BOOLEAN: Reading(lambda cells, locale: pa.nulls(len(cells), pa.bool_()), text.boolean, Code.INVALID_BOOLEAN),
}


def parse(field: str, cells: Texts, locale: Locale) -> Parsed:
    """Read a column of trimmed texts ("" is empty) as a field of the API; the column itself stays as it is."""
    return parse_as(FIELDS[field], field, cells, locale)


def parse_as(kind: Kind, field: str, cells: Texts, locale: Locale) -> Parsed:
    """Read the column as if the field were of this kind."""
    how = READINGS[kind]
    read = how.kernel(cells, locale)
    return read_rest(read, cells, lambda text: how.read(text, locale), how.code, field, how.refusal)
