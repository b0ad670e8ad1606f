"""The validation of Create Event, after the endpoint's page.

The page names types, the event names, the identities and the pair of fingerprint and ip. Beyond it, as Laravel would:
an empty text or null reads as absent, unknown names are ignored, and emails and IP addresses must look like such.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

STANDARD = (
    "lead_generated", "view_content", "schedule", "purchase", "subscribe", "add_to_cart", "contact",
    "initiate_checkout", "add_payment_info", "complete_registration", "start_trial", "sign_up", "submit_application",
    "webinar_registration",
)  # fmt: skip
EVENT_NAMES = frozenset(STANDARD) | {f"custom_event_{n}" for n in range(1, 51)}
TEXTS = (
    "comet_token", "fingerprint", "tracking_id", "full_name", "first_name", "last_name", "phone", "user_agent", "url",
    "order_id", "order_name", "checkout_token", "upsell_common_id", "comet_source", "comet_network", "comet_campaign",
    "comet_ad_group", "comet_ad_id", "comet_keyword", "comet_type", "idempotency_key",
)  # fmt: skip
LONGEST = 10_240  # characters of a profile text; stated for the contacts endpoint, which fills the same columns
YEAR_10000 = 253_402_300_800

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?"
)


def problems(body: dict[str, Any] | None) -> dict[str, list[str]]:
    """Return field to sentences, in Laravel's words; empty where the body is a valid event. None: no JSON object."""
    given = {name: value for name, value in (body or {}).items() if not _absent(value)}
    found: dict[str, list[str]] = {}
    for name, value in given.items():
        rule = _RULES.get(name)
        if rule is not None and not rule[0](value):
            found[name] = [rule[1].format(name.replace("_", " "))]
    if "event_name" not in given:
        found["event_name"] = ["The event name field is required."]
    for name, other in (("ip", "fingerprint"), ("fingerprint", "ip")):
        if other in given and name not in given:
            found[name] = [f"The {name} field is required when {other} is present."]
    if not given.keys() & {"email", "comet_token", "fingerprint", "ip"}:
        found["email"] = ["The email field is required when none of comet token / fingerprint are present."]
    return found


def read_time(value: object) -> datetime | None:
    """Return ISO 8601 (without an offset: UTC) or Unix seconds as a UTC time; None where it is neither."""
    try:
        if isinstance(value, str) and _ISO.fullmatch(value):
            time = datetime.fromisoformat(value)
            return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
        if isinstance(value, str) and value.isascii() and value.isdigit():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < YEAR_10000:
            return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError):  # a 31 February, or an offset that leaves the calendar
        pass
    return None


def _absent(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_profile_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_numeric(value: object) -> bool:
    return _is_number(value) or (isinstance(value, str) and bool(_NUMBER.fullmatch(value.strip())))


def _is_boolean(value: object) -> bool:
    return isinstance(value, bool)


def _is_time(value: object) -> bool:
    return read_time(value) is not None


def _is_date(value: object) -> bool:
    return isinstance(value, str) and not value.isdigit() and read_time(value) is not None


def _is_email(value: object) -> bool:
    return isinstance(value, str) and bool(_EMAIL.fullmatch(value.strip()))


def _is_ip(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(ip_address(value.strip()))
    except ValueError:
        return False


def _is_event_name(value: object) -> bool:
    return isinstance(value, str) and value in EVENT_NAMES


def _profile_fields(first: int, last: int) -> list[str]:
    return [f"profile_field_{n}" for n in range(first, last + 1)]


_Rule = tuple[Callable[[object], bool], str]
_RULES: dict[str, _Rule] = {
    "event_name": (_is_event_name, "The selected {} is invalid."),
    "email": (_is_email, "The {} field must be a valid email address."),
    "ip": (_is_ip, "The {} field must be a valid IP address."),
    "amount": (_is_number, "The {} field must be a number."),
    "event_time": (_is_time, "The {} field must be an ISO 8601 date or a Unix timestamp in seconds."),
    "is_upsell": (_is_boolean, "The {} field must be true or false."),
    "do_not_capi": (_is_boolean, "The {} field must be true or false."),
    **dict.fromkeys(TEXTS, (_is_text, "The {} field must be a string.")),
    **dict.fromkeys(
        _profile_fields(1, 15), (_is_profile_text, f"The {{}} must be text of at most {LONGEST} characters.")
    ),
    **dict.fromkeys(_profile_fields(16, 25), (_is_numeric, "The {} field must be a number.")),
    **dict.fromkeys(_profile_fields(26, 30), (_is_date, "The {} field must be a valid date.")),
}
