"""Names, addresses and ids: text that is sent as it is written, or not at all.

Of each kind the plural keeps those cells of a column which it can prove to be good as they are written, and the
singular reads any one text.
"""

import ipaddress
import re

import pyarrow.compute as pc

from backfill.event import EVENT_NAMES
from backfill.fields import mend
from backfill.fields.arrow import Flags, Texts, Words, flags_of, holds, is_ascii, kept, matches, or_none, sizes
from backfill.fields.column import Locale, Mended, Read, Refusal, Unread

PROFILE_LIMIT = 10_240  # characters
URL_LIMIT = 2_048

# What browsers take in <input type=email> (WHATWG HTML, "valid e-mail address"), and beyond it: a dot in the domain,
# no dot at either end of the local part nor two in a row, and the lengths of RFC 5321, 4.5.3.1.
_ATOM = r"[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+"  # nothing in it can be read in two ways, so a search never goes back far
_LABEL = r"[a-zA-Z0-9]+(?:-+[a-zA-Z0-9]+)*"
_ADDRESS = rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+"
_address = re.compile(_ADDRESS).fullmatch
_UNMENDED = "[\\x00-%(-\\x7f](?:[\\x00-%'-\\x7f]*[\\x00-%(-\\x7f])?"  # ASCII, no entity, no apostrophe at an end
_SHORT = 64  # characters of an address no part of which can be too long

_CONTROL = r"\x00-\x1f\x7f-\x9f"
_URL = (
    rf"[hH][tT][tT][pP][sS]?://(?:[^\s/?#@\\{_CONTROL}]*@)?"
    rf"(?:\[[0-9a-fA-F:.]+\]|[^\s/?#@:\[\]\\{_CONTROL}]+)(?::[0-9]{{1,5}})?"
    rf"(?:[/?#][^\s{_CONTROL}]*)?"
)
_url = re.compile(_URL).fullmatch

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"

_control = re.compile(f"[{_CONTROL}]").search
_SOUND_ID = r"(?:#?[0-9]|[A-Za-z])[0-9A-Za-z_-]*"  # no damage looks like it, but some words for nothing do
_NO_IDS = Words(mend.NOTHINGS)

_BOOLEANS = dict.fromkeys(("true", "yes", "y", "t", "1", "on"), True) | dict.fromkeys(
    ("false", "no", "n", "f", "0", "off"), False
)
_IN_NAMES = (
    "&",
    ":",
    "[",
    "{",
    *mend.NAMELESS_MARKS,
    *mend.NAMELESS,
)  # what an error, an entity, an object or a word for nothing has
_PLAIN_PHONE = r"[\x00-!#-+\-/-DF-Z\\-df-z|-\x7f]*"  # no dot, no comma, no e, no quote, no bracket of JSON


def texts(cells: Texts, locale: Locale) -> Texts:
    return or_none(cells)


def text(text: str, locale: Locale) -> str:
    """Take a text as it is written."""
    return text


def names(cells: Texts, locale: Locale) -> Texts:
    if not holds(cells, *_IN_NAMES):  # most columns have none of it
        return or_none(cells)
    return kept(cells, ~flags_of(pc.match_substring_regex(cells, "|".join(map(re.escape, _IN_NAMES)))))


def name(text: str, locale: Locale) -> Read:
    """Take a person's name, less the entities and the words for nothing that programs leave in it."""
    if mend.is_error(text):
        return Mended(None, (mend.NOTHING,))
    if mend.is_object(text):
        return Mended(None, (mend.OBJECTS,))
    decoded = mend.decoded(text)
    meant = mend.named(decoded)
    findings = {mend.ENTITIES: decoded != text, mend.NOTHING: meant != decoded}
    return Mended(meant or None, tuple(found for found, done in findings.items() if done)) if meant != text else text


def phones(cells: Texts, locale: Locale) -> Texts:
    if is_ascii(cells) and not holds(cells, ".0", ",0", "e", "E", '"', "[", "{"):
        return or_none(cells)
    return kept(cells, matches(cells, _PLAIN_PHONE))


def phone(text: str, locale: Locale) -> Read:
    """Take a phone number as it is written, unless a spreadsheet has cut it."""
    if (meant := mend.revealed(text)) != text:
        return Mended(meant or None, (mend.HIDDEN,))
    if (meant := mend.whole_phone(text)) != text:
        return Mended(meant, (mend.FLOAT_PHONES,))
    if text[:1] == text[-1:] == '"' and (meant := mend.trim(text.strip('"'))):
        return Mended(meant, (mend.QUOTES,))
    if mend.is_object(text):
        return Mended(None, (mend.OBJECTS,))
    return Mended(None, (mend.CUT_PHONES,)) if mend.is_cut_phone(text) else text


def profile_texts(cells: Texts, locale: Locale) -> Texts:
    return kept(cells, sizes(cells) <= PROFILE_LIMIT)


def profile_text(text: str, locale: Locale) -> Read:
    """Take a text that Cometly stores whole (at most 10,240 characters)."""
    return text if len(text) <= PROFILE_LIMIT else Unread(f"longer than {PROFILE_LIMIT:,} characters")


def event_name(text: str, locale: Locale) -> Read:
    """Take a standard event or custom_event_1 to 50, in exactly that spelling."""
    reason = "neither a standard event nor custom_event_1 to custom_event_50"
    return text if text in EVENT_NAMES else Unread(reason)


_NO_ADDRESS = Unread("not one e-mail address")


def emails(cells: Texts, locale: Locale) -> Texts:
    short = (sizes(cells) <= _SHORT) & ~flags_of(pc.starts_with(cells, "'"))
    return kept(cells, short & matches(cells, _ADDRESS))


def email(text: str, locale: Locale) -> Read:
    """Take an address that a browser's form would take and that has a dot in the domain."""
    if _is_email(text):
        return text
    if "@" not in text and "&" not in text:
        return _NO_ADDRESS
    for finding, mended in (
        (mend.HIDDEN, mend.revealed),
        (mend.ENTITIES, mend.decoded),
        (mend.GUARDED, mend.unquoted),
    ):
        if (meant := mended(text)) != text and _is_email(meant):
            return Mended(meant, (finding,))
    return _NO_ADDRESS


def no_addresses(cells: Texts) -> Flags:
    """Which texts are no addresses, whatever `email` might mend: they have nothing in them that it mends."""
    return matches(cells, _UNMENDED) & ~matches(cells, _ADDRESS)


NO_ADDRESSES = Refusal(no_addresses, _NO_ADDRESS)


def urls(cells: Texts, locale: Locale) -> Texts:
    plain = flags_of(pc.string_is_ascii(cells)) & (sizes(cells) <= URL_LIMIT)  # RE2 does not know other blanks
    return kept(cells, plain & matches(cells, _URL))


def url(text: str, locale: Locale) -> Read:
    """Take an absolute http or https address of at most 2,048 characters."""
    good = len(text) <= URL_LIMIT and _url(text)
    return text if good else Unread(f"not an http(s) address with a host, of at most {URL_LIMIT:,} characters")


def ips(cells: Texts, locale: Locale) -> Texts:
    return kept(cells, matches(cells, _IPV4))


def ip(text: str, locale: Locale) -> Read:
    """Take an IPv4 or IPv6 address."""
    try:
        ipaddress.ip_address("" if "%" in text else text)
    except ValueError:
        return Unread("neither an IPv4 nor an IPv6 address")
    return text


def order_ids(cells: Texts, locale: Locale) -> Texts:
    sound = flags_of(pc.ascii_is_alnum(cells))
    if not sound.all():
        sound |= matches(cells, _SOUND_ID)
    sound[_NO_IDS.places_in(cells)] = False
    return kept(cells, sound)


def order_id(text: str, locale: Locale) -> Read:
    """Take an id that no spreadsheet has damaged and that holds no control character."""
    meant = mend.revealed(text)
    if reason := _damage(meant):
        return Unread(reason)
    return text if meant == text else Mended(meant, (mend.HIDDEN,))


def boolean(text: str, locale: Locale) -> bool | Unread:
    """Read true/false, yes/no, y/n, t/f, 1/0 or on/off in any case."""
    return _BOOLEANS.get(text.lower(), Unread("neither true nor false"))


def _is_email(text: str) -> bool:
    if len(text) > 254 or text[:1] == "'" or not _address(text):
        return False
    local, domain = text.split("@")
    return len(local) <= 64 and all(len(label) <= 63 for label in domain.split("."))


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
    if _control(text):
        return "holds a control character"
    if mend.is_object(text):
        return "an object or a list of JSON: name what is in it, such as _id.$oid"
    return None
