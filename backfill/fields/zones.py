"""Time zones as exports name them: IANA names, Rails labels, what Windows calls them, abbreviations, offsets.

An abbreviation of several zones is read as the vendors that write it mean it (CST and BST as in America and Britain);
one that they use for several zones, such as IST, is no zone, and its rows are rejected.
"""

import re
import zoneinfo
from datetime import timedelta, timezone, tzinfo
from functools import cache, lru_cache

# Ruby on Rails' ActiveSupport::TimeZone::MAPPING, which Square writes, and the names of Calendly's own list.
_LABELS = {
    "international date line west": "Etc/GMT+12",
    "midway island": "Pacific/Midway",
    "american samoa": "Pacific/Pago_Pago",
    "hawaii": "Pacific/Honolulu",
    "hawaii time": "Pacific/Honolulu",
    "alaska": "America/Juneau",
    "alaska time": "America/Juneau",
    "pacific time (us & canada)": "America/Los_Angeles",
    "pacific time - us & canada": "America/Los_Angeles",
    "tijuana": "America/Tijuana",
    "mountain time (us & canada)": "America/Denver",
    "mountain time - us & canada": "America/Denver",
    "arizona": "America/Phoenix",
    "arizona, yukon time": "America/Phoenix",
    "chihuahua": "America/Chihuahua",
    "mazatlan": "America/Mazatlan",
    "central time (us & canada)": "America/Chicago",
    "central time - us & canada": "America/Chicago",
    "saskatchewan": "America/Regina",
    "guadalajara": "America/Mexico_City",
    "mexico city": "America/Mexico_City",
    "monterrey": "America/Monterrey",
    "central america": "America/Guatemala",
    "eastern time (us & canada)": "America/New_York",
    "eastern time - us & canada": "America/New_York",
    "indiana (east)": "America/Indiana/Indianapolis",
    "bogota": "America/Bogota",
    "lima": "America/Lima",
    "quito": "America/Lima",
    "atlantic time (canada)": "America/Halifax",
    "atlantic time - canada": "America/Halifax",
    "caracas": "America/Caracas",
    "la paz": "America/La_Paz",
    "santiago": "America/Santiago",
    "newfoundland": "America/St_Johns",
    "newfoundland time": "America/St_Johns",
    "brasilia": "America/Sao_Paulo",
    "buenos aires": "America/Argentina/Buenos_Aires",
    "montevideo": "America/Montevideo",
    "georgetown": "America/Guyana",
    "puerto rico": "America/Puerto_Rico",
    "greenland": "America/Nuuk",
    "mid-atlantic": "Atlantic/South_Georgia",
    "azores": "Atlantic/Azores",
    "cape verde is.": "Atlantic/Cape_Verde",
    "dublin": "Europe/Dublin",
    "edinburgh": "Europe/London",
    "lisbon": "Europe/Lisbon",
    "london": "Europe/London",
    "uk, ireland, lisbon time": "Europe/London",
    "casablanca": "Africa/Casablanca",
    "monrovia": "Africa/Monrovia",
    "belgrade": "Europe/Belgrade",
    "bratislava": "Europe/Bratislava",
    "budapest": "Europe/Budapest",
    "ljubljana": "Europe/Ljubljana",
    "prague": "Europe/Prague",
    "sarajevo": "Europe/Sarajevo",
    "skopje": "Europe/Skopje",
    "warsaw": "Europe/Warsaw",
    "zagreb": "Europe/Zagreb",
    "brussels": "Europe/Brussels",
    "copenhagen": "Europe/Copenhagen",
    "madrid": "Europe/Madrid",
    "paris": "Europe/Paris",
    "amsterdam": "Europe/Amsterdam",
    "berlin": "Europe/Berlin",
    "bern": "Europe/Zurich",
    "zurich": "Europe/Zurich",
    "rome": "Europe/Rome",
    "stockholm": "Europe/Stockholm",
    "vienna": "Europe/Vienna",
    "central european time": "Europe/Paris",
    "west central africa": "Africa/Algiers",
    "bucharest": "Europe/Bucharest",
    "cairo": "Africa/Cairo",
    "helsinki": "Europe/Helsinki",
    "kyiv": "Europe/Kyiv",
    "riga": "Europe/Riga",
    "sofia": "Europe/Sofia",
    "tallinn": "Europe/Tallinn",
    "vilnius": "Europe/Vilnius",
    "eastern european time": "Europe/Helsinki",
    "athens": "Europe/Athens",
    "istanbul": "Europe/Istanbul",
    "minsk": "Europe/Minsk",
    "jerusalem": "Asia/Jerusalem",
    "harare": "Africa/Harare",
    "pretoria": "Africa/Johannesburg",
    "kaliningrad": "Europe/Kaliningrad",
    "moscow": "Europe/Moscow",
    "st. petersburg": "Europe/Moscow",
    "volgograd": "Europe/Volgograd",
    "samara": "Europe/Samara",
    "kuwait": "Asia/Kuwait",
    "riyadh": "Asia/Riyadh",
    "nairobi": "Africa/Nairobi",
    "baghdad": "Asia/Baghdad",
    "tehran": "Asia/Tehran",
    "abu dhabi": "Asia/Muscat",
    "muscat": "Asia/Muscat",
    "dubai": "Asia/Dubai",
    "baku": "Asia/Baku",
    "tbilisi": "Asia/Tbilisi",
    "yerevan": "Asia/Yerevan",
    "kabul": "Asia/Kabul",
    "ekaterinburg": "Asia/Yekaterinburg",
    "islamabad": "Asia/Karachi",
    "karachi": "Asia/Karachi",
    "tashkent": "Asia/Tashkent",
    "chennai": "Asia/Kolkata",
    "kolkata": "Asia/Kolkata",
    "mumbai": "Asia/Kolkata",
    "new delhi": "Asia/Kolkata",
    "india, sri lanka time": "Asia/Kolkata",
    "kathmandu": "Asia/Kathmandu",
    "astana": "Asia/Dhaka",
    "dhaka": "Asia/Dhaka",
    "sri jayawardenepura": "Asia/Colombo",
    "almaty": "Asia/Almaty",
    "novosibirsk": "Asia/Novosibirsk",
    "rangoon": "Asia/Yangon",
    "bangkok": "Asia/Bangkok",
    "hanoi": "Asia/Bangkok",
    "jakarta": "Asia/Jakarta",
    "krasnoyarsk": "Asia/Krasnoyarsk",
    "beijing": "Asia/Shanghai",
    "chongqing": "Asia/Chongqing",
    "hong kong": "Asia/Hong_Kong",
    "urumqi": "Asia/Urumqi",
    "kuala lumpur": "Asia/Kuala_Lumpur",
    "singapore": "Asia/Singapore",
    "taipei": "Asia/Taipei",
    "perth": "Australia/Perth",
    "irkutsk": "Asia/Irkutsk",
    "ulaanbaatar": "Asia/Ulaanbaatar",
    "seoul": "Asia/Seoul",
    "osaka": "Asia/Tokyo",
    "sapporo": "Asia/Tokyo",
    "tokyo": "Asia/Tokyo",
    "yakutsk": "Asia/Yakutsk",
    "darwin": "Australia/Darwin",
    "adelaide": "Australia/Adelaide",
    "canberra": "Australia/Canberra",
    "melbourne": "Australia/Melbourne",
    "sydney": "Australia/Sydney",
    "brisbane": "Australia/Brisbane",
    "hobart": "Australia/Hobart",
    "vladivostok": "Asia/Vladivostok",
    "guam": "Pacific/Guam",
    "port moresby": "Pacific/Port_Moresby",
    "magadan": "Asia/Magadan",
    "srednekolymsk": "Asia/Srednekolymsk",
    "solomon is.": "Pacific/Guadalcanal",
    "new caledonia": "Pacific/Noumea",
    "fiji": "Pacific/Fiji",
    "kamchatka": "Asia/Kamchatka",
    "marshall is.": "Pacific/Majuro",
    "auckland": "Pacific/Auckland",
    "wellington": "Pacific/Auckland",
    "nuku'alofa": "Pacific/Tongatapu",
    "tokelau is.": "Pacific/Fakaofo",
    "chatham is.": "Pacific/Chatham",
    "samoa": "Pacific/Apia",
    # as browsers and people call them
    "eastern time": "America/New_York",
    "et": "America/New_York",
    "central time": "America/Chicago",
    "ct": "America/Chicago",
    "mountain time": "America/Denver",
    "mt": "America/Denver",
    "pacific time": "America/Los_Angeles",
    "pt": "America/Los_Angeles",
    "coordinated universal time": "Etc/UTC",
    "greenwich mean time": "Etc/UTC",
    "british summer time": "Europe/London",
    "japan standard time": "Asia/Tokyo",
    "australian eastern standard time": "Australia/Sydney",
    "australian eastern daylight time": "Australia/Sydney",
}
# Hours from Greenwich. What PayPal writes in its TimeZone column; an abbreviation says summer or winter itself.
_ABBREVIATIONS = {
    "utc": 0.0, "gmt": 0.0, "z": 0.0, "wet": 0.0, "west": 1.0, "bst": 1.0, "cet": 1.0, "cest": 2.0, "eet": 2.0,
    "eest": 3.0, "msk": 3.0, "nst": -3.5, "ndt": -2.5, "ast": -4.0, "adt": -3.0, "est": -5.0, "edt": -4.0,
    "cst": -6.0, "cdt": -5.0, "mst": -7.0, "mdt": -6.0, "pst": -8.0, "pdt": -7.0, "akst": -9.0, "akdt": -8.0,
    "hst": -10.0, "brt": -3.0, "jst": 9.0, "awst": 8.0, "acst": 9.5, "acdt": 10.5, "aest": 10.0, "aedt": 11.0,
    "nzst": 12.0, "nzdt": 13.0, "hkt": 8.0, "sgt": 8.0,
}  # fmt: skip
_offset = re.compile(r"(?:gmt|utc)?\s*([-+−])(\d{1,2})(?::?([0-5]\d))?", re.ASCII).fullmatch


@lru_cache(maxsize=4096)
def zone_of(name: str) -> tzinfo | None:
    """The zone that a cell names, or None."""
    folded = " ".join(name.split()).casefold()
    if folded in _ABBREVIATIONS:
        return timezone(timedelta(hours=_ABBREVIATIONS[folded]))
    if (away := offset_of(folded)) is not None:
        return timezone(timedelta(minutes=away)) if abs(away) < 24 * 60 else None
    name = name.strip()
    if name != "localtime" and (zone := _iana(label_zone(name) or name.replace(" ", "_"))):
        return zone
    return _iana(_in_any_case().get(folded)) if "/" in folded else None


def offset_of(name: str) -> int | None:
    """The minutes from Greenwich that a name such as GMT+1 or -03:30 states; None where it states none."""
    found = _offset(name.strip().casefold())
    if found is None:
        return None
    sign, hours, minutes = found.groups()
    away = int(hours) * 60 + int(minutes or 0)
    return away if sign == "+" else -away


def zone_note(name: str) -> str | None:
    """What to know of a zone that is an IANA name but may not be the one that was meant."""
    if found := re.fullmatch(r"Etc/GMT([+-])(\d+)", name):
        side = "behind" if found[1] == "+" else "ahead of"
        return f"time zone {name} is {found[2]} hours {side} UTC all the year: its sign is turned round"
    behind = {"EST": (5, "America/New_York"), "MST": (7, "America/Denver")}.get(name)
    return behind and f"time zone {name} is {behind[0]} hours behind UTC in summer too; {behind[1]} has its summer time"


def label_zone(name: str) -> str | None:
    """The IANA name of a label, such as (UTC+01:00) Amsterdam, Berlin or W. Europe Standard Time."""
    label = re.sub(r"^\((?:gmt|utc)[^)]*\) *", "", " ".join(name.split()).casefold())
    if label in _LABELS:
        return _LABELS[label]
    if label.endswith(" time"):
        return _windows().get(re.sub(" (?:daylight|summer) time$", " standard time", label))
    cities = label.split(", ")  # those of one of Windows' zones, which have one clock
    return next((_LABELS[city] for city in cities if city in _LABELS), None) if len(cities) > 1 else None


@cache
def _windows() -> dict[str, str]:
    from babel.core import get_global  # CLDR's table

    return {name.casefold(): zone for name, zone in get_global("windows_zone_mapping").items()}


@cache
def _in_any_case() -> dict[str, str]:
    return {name.casefold(): name for name in zoneinfo.available_timezones()}


def _iana(name: str | None) -> tzinfo | None:
    if not name or name == "localtime":
        return None
    try:
        return zoneinfo.ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None
