"""Masking: what a page shows of people lets their shop recognise a row, and identifies them to nobody else."""

import re

_CLEAR = {  # fields that say nothing of a person
    "event_name",
    "event_time",
    "amount",
    "order_id",
    "is_upsell",
    "upsell_common_id",
    "do_not_capi",
    "idempotency_key",
    "comet_source",
    "comet_network",
    "comet_campaign",
    "comet_ad_group",
    "comet_ad_id",
    "comet_keyword",
    "comet_type",
    *(f"profile_field_{number}" for number in range(16, 31)),
}
_EMAIL = re.compile(r"([^\s@<>\"'(),;:]+)@([^\s@<>\"'(),;:]+)")
_NUMBER = re.compile(r"[(+]?\d(?:[\s().\-/]{0,2}\d){6,}")
_HARMLESS = re.compile(  # no dates alone, which may be birthdays, no longer whole numbers, no names of three letters
    r"[-+]?\d{1,3}|#\d{1,10}|[-+(]?[$€£¥]? ?\d{1,3}([,.]?\d{3})*[.,]\d{1,4}\)?|[A-Z]{2}|USD|EUR|GBP|CAD|AUD"
    r"|\d{4}-\d\d-\d\d[ T]\d\d:[\d:.]+ ?(Z|UTC|[-+][\d:]{4,6})?|true|false|yes|no|TRUE|FALSE|Yes|No"
)
_WORD = re.compile(r"\w+")


def clear(field: str) -> bool:
    """Whether a field's value may be seen by anybody."""
    return field in _CLEAR


def harmless(text: str) -> bool:
    """Whether a cell that no field reads is plainly a number, a date, a code or a word of yes and no."""
    return bool(_HARMLESS.fullmatch(text.strip()))


def veiled(text: str) -> str:
    """Mask a text: `j***@e***.com`, `A*** L***`, `+1 *** 01`."""
    text = text.strip()
    if _EMAIL.search(text):
        return _EMAIL.sub(_email, text) if _EMAIL.fullmatch(text) else "***"
    if _NUMBER.fullmatch(text):
        return f"{text[:2].strip('(')} *** {text[-2:]}"
    masked = _WORD.sub(lambda m: f"{m[0][:1]}***", text[:120])
    return masked if len(_WORD.findall(text)) <= 8 else f"{text[:1]}*** ({len(text):,} characters)"


def without_addresses(text: str) -> str:
    """A text that should hold nothing of a person, without what looks like an address all the same."""
    return _EMAIL.sub(_email, text)


def _email(found: re.Match[str]) -> str:
    name, domain = found[1], found[2]
    ending = domain.rpartition(".")[2] if "." in domain else ""
    return f"{name[:1]}***@{domain[:1]}***{'.' + ending if ending.isalpha() else ''}"
