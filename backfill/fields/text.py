"""Names, addresses and ids: text that is sent as it is written, or not at all."""

import ipaddress
import re
from collections.abc import Iterator

import numpy as np

from backfill.event import EVENT_NAMES, Code, Problem
from backfill.fields import mend
from backfill.fields.column import Locale, Parsed, Texts, blank_to_none, keep_if, refuse

PROFILE_LIMIT = 10_240  # characters
URL_LIMIT = 2_048

# What browsers take in <input type=email> (WHATWG HTML, "valid e-mail address"), and beyond it: a dot in the domain,
# no dot at either end of the local part nor two in a row, and the lengths of RFC 5321, 4.5.3.1.
_ATOM = r"[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]++"  # nothing in it can be read in two ways, so the search never goes back
_LABEL = r"[a-zA-Z0-9]++(?:-++[a-zA-Z0-9]++)*+"
_ADDRESS = rf"{_ATOM}(?:\.{_ATOM})*+@{_LABEL}(?:\.{_LABEL})++"
_address = re.compile(_ADDRESS).fullmatch
_SHORT_ADDRESS = rf"(?!'|.{{65}}){_ADDRESS}"  # no part of it can be too long
_short_addresses = re.compile(rf"(?:(?:{_SHORT_ADDRESS})?+\n)*+").match  # lines of one each, or of none

_UNSENDABLE = r"\x00-\x1f\x7f-\x9f\ud800-\udfff"  # control characters, and halves of a character
_url = re.compile(
    rf"(?!.{{{URL_LIMIT + 1}}})[hH][tT][tT][pP][sS]?://(?:[^\s/?#@\\{_UNSENDABLE}]*@)?"
    rf"(?:\[[0-9a-fA-F:.]+\]|[^\s/?#@:\[\]\\{_UNSENDABLE}]+)(?::[0-9]{{1,5}})?"
    rf"(?:[/?#][^\s{_UNSENDABLE}]*)?"
).fullmatch

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_ipv4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}").fullmatch

_unsendable = re.compile(f"[{_UNSENDABLE}]").search
_sound_id = re.compile(r"(?:#?[0-9]|[A-Za-z])[0-9A-Za-z_-]*").fullmatch

_BOOLEANS = dict.fromkeys(("true", "yes", "y", "t", "1", "on"), True) | dict.fromkeys(
    ("false", "no", "n", "f", "0", "off"), False
)


def texts(name: str, cells: Texts, locale: Locale) -> Parsed:
    """Keep a column as it is written."""
    return Parsed(blank_to_none(cells))


def names(name: str, cells: Texts, locale: Locale) -> Parsed:
    """Keep people's names, less the entities and the words for nothing that programs leave in them."""
    parsed = Parsed(blank_to_none(cells))
    texts = cells.tolist()
    joined = "\n".join(texts)  # most columns have none of it, and one search of the whole shows it
    if "#" in joined or ":" in joined:
        parsed.mend(mend.NOTHING, texts, lambda text: "" if mend.is_error(text) else text)
    if "&" in joined:
        parsed.mend(mend.ENTITIES, texts, mend.decoded)
    if any(word in joined for word in mend.NAMELESS):
        parsed.mend(mend.NOTHING, [value or "" for value in parsed.values.tolist()], mend.named)
    return parsed


def phones(name: str, cells: Texts, locale: Locale) -> Parsed:
    """Keep phone numbers as they are written, except those that a spreadsheet has cut."""
    parsed = Parsed(blank_to_none(cells))
    texts = cells.tolist()
    joined = "\n".join(texts)
    if not joined.isascii():
        parsed.mend(mend.HIDDEN, texts, mend.revealed)
    if ".0" in joined or ",0" in joined:
        parsed.mend(mend.FLOAT_PHONES, texts, mend.whole_phone)
    if "e" in joined or "E" in joined:
        parsed.mend(mend.CUT_PHONES, texts, lambda text: "" if mend.is_cut_phone(text) else text)
    return parsed


def profile_texts(name: str, cells: Texts, locale: Locale) -> Parsed:
    """Keep the texts that Cometly stores whole (at most 10,240 characters)."""
    problem = Problem(Code.TOO_LONG, name, f"longer than {PROFILE_LIMIT:,} characters")
    return keep_if(_fits_profile, _fits_profile, cells, problem)


def event_names(name: str, cells: Texts, locale: Locale) -> Parsed:
    """Keep the standard events and custom_event_1 to 50, in exactly that spelling."""
    problem = Problem(Code.INVALID_EVENT_NAME, name, "neither a standard event nor custom_event_1 to custom_event_50")
    return keep_if(EVENT_NAMES.__contains__, EVENT_NAMES.__contains__, cells, problem)


def emails(name: str, cells: Texts, locale: Locale) -> Parsed:
    """Keep the addresses that a browser's form would take and that have a dot in the domain."""
    problem = Problem(Code.INVALID_EMAIL, name, "not one e-mail address")
    parsed = refuse(list(_doubtful_emails(cells.tolist())), _is_email, cells, problem)
    for finding, mended in (
        (mend.HIDDEN, mend.revealed),
        (mend.ENTITIES, mend.decoded),
        (mend.GUARDED, mend.unquoted),
    ):
        for at in list(parsed.problems):
            if _is_email(text := mended(cells[at])):
                parsed.take_back(at, text, finding)
    return parsed


def urls(name: str, cells: Texts, locale: Locale) -> Parsed:
    """Keep absolute http and https addresses of at most 2,048 characters."""
    problem = Problem(
        Code.INVALID_URL, name, f"not an http(s) address with a host, of at most {URL_LIMIT:,} characters"
    )
    return keep_if(_url, _url, cells, problem)


def ips(name: str, cells: Texts, locale: Locale) -> Parsed:
    """Keep IPv4 and IPv6 addresses."""
    problem = Problem(Code.INVALID_IP, name, "neither an IPv4 nor an IPv6 address")
    return keep_if(_ipv4, _is_ipv6, cells, problem)


def order_ids(name: str, cells: Texts, locale: Locale) -> Parsed:
    """Keep ids that no spreadsheet has damaged and that hold no control character."""
    parsed = Parsed(blank_to_none(cells))
    texts = cells.tolist()
    joined = "".join(texts)
    nothing = not mend.NOTHINGS.isdisjoint(texts)
    if joined.isalnum() and joined.isascii() and not nothing:
        return parsed
    if not joined.isascii():
        parsed.mend(mend.HIDDEN, texts, mend.revealed)
    for position in [
        at for at, text in enumerate(texts) if text and (not _sound_id(text) or (nothing and text in mend.NOTHINGS))
    ]:
        if reason := _damage(parsed.values[position] or ""):
            parsed.drop(position, Problem(Code.INVALID_ORDER_ID, name, reason))
    return parsed


def booleans(name: str, cells: Texts, locale: Locale) -> Parsed:
    """Read true/false, yes/no, y/n, t/f, 1/0 and on/off in any case."""
    parsed = Parsed(np.array([_BOOLEANS.get(text.lower()) for text in cells.tolist()], dtype=object))
    problem = Problem(Code.INVALID_BOOLEAN, name, "neither true nor false")
    for position in np.flatnonzero((parsed.values == None) & (cells != "")).tolist():  # noqa: E711 (elementwise)
        parsed.drop(position, problem)
    return parsed


def _fits_profile(text: str) -> bool:
    return len(text) <= PROFILE_LIMIT


def _doubtful_emails(texts: list[str]) -> Iterator[int]:
    """Where there is anything but a short address, or nothing; those are passed over many at a time."""
    lines = "\n".join([*texts, ""])
    if lines.count("\n") != len(texts):  # a line break in a cell
        yield from range(len(texts))
        return
    start = row = 0
    while (end := _passed_over(lines, start)) < len(lines):
        row += lines.count("\n", start, end)
        yield row
        start, row = lines.index("\n", end) + 1, row + 1


def _passed_over(lines: str, start: int) -> int:
    found = _short_addresses(lines, start)
    return found.end() if found else start


def _is_email(text: str) -> bool:
    if len(text) > 254 or text[:1] == "'" or not _address(text):
        return False
    local, domain = text.split("@")
    return len(local) <= 64 and all(len(label) <= 63 for label in domain.split("."))


def _is_ipv6(text: str) -> bool:
    try:
        return "%" not in text and ipaddress.ip_address(text).version == 6
    except ValueError:
        return False


def _damage(text: str) -> str | None:
    if not text:
        return "holds invisible characters alone"
    if mend.is_cut(text):
        return "scientific notation: a spreadsheet has cut this number, export it as text"
    if mend.is_error(text):
        return "a spreadsheet's error value"
    if mend.is_formula(text):
        return "a spreadsheet's formula, where its result should be"
    if text in mend.NOTHINGS:
        return "what a program writes for nothing, and no id"
    if _unsendable(text):
        return "holds a control character"
    return None
