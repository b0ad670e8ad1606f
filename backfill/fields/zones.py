"""Time zones as exports name them: IANA names, Rails labels, what Windows calls them, abbreviations, offsets.

An abbreviation of several zones is read as the vendors that write it mean it (CST and BST as in America and Britain);
one that they use for several zones, such as IST, is no zone, and its rows are rejected.
"""

import re
import zoneinfo
from datetime import timedelta, timezone, tzinfo
from functools import cache, lru_cache

# Ruby on Rails' ActiveSupport::TimeZone::MAPPING, which Square writes, the names of Calendly's own list, and those of
# browsers and people. Most are cities that a zone is called after; before them is what the zone's name begins with.
_CITIES = {
    "America": (
        "Tijuana Chihuahua Mazatlan Mexico_City Monterrey Bogota Lima Caracas La_Paz Santiago Montevideo Puerto_Rico"
    ),
    "America/Argentina": "Buenos_Aires",
    "Atlantic": "Azores",
    "Europe": (
        "Dublin Lisbon London Belgrade Bratislava Budapest Ljubljana Prague Sarajevo Skopje Warsaw Zagreb Brussels "
        "Copenhagen Madrid Paris Amsterdam Berlin Zurich Rome Stockholm Vienna Bucharest Helsinki Kyiv Riga Sofia "
        "Tallinn Vilnius Athens Istanbul Minsk Kaliningrad Moscow Volgograd Samara"
    ),
    "Africa": "Casablanca Monrovia Cairo Harare Nairobi",
    "Asia": (
        "Jerusalem Kuwait Riyadh Baghdad Tehran Muscat Dubai Baku Tbilisi Yerevan Kabul Karachi Tashkent Kolkata "
        "Kathmandu Dhaka Almaty Novosibirsk Bangkok Jakarta Krasnoyarsk Chongqing Hong_Kong Urumqi Kuala_Lumpur "
        "Singapore Taipei Irkutsk Ulaanbaatar Seoul Tokyo Yakutsk Vladivostok Magadan Srednekolymsk Kamchatka"
    ),
    "Australia": "Perth Darwin Adelaide Canberra Melbourne Sydney Brisbane Hobart",
    "Pacific": "Guam Port_Moresby Fiji Auckland",
}
_OTHERS = {
    "Etc/GMT+12": "international date line west",
    "Pacific/Midway": "midway island",
    "Pacific/Pago_Pago": "american samoa",
    "Pacific/Honolulu": "hawaii|hawaii time",
    "America/Juneau": "alaska|alaska time",
    "America/Los_Angeles": "pacific time (us & canada)|pacific time - us & canada|pacific time|pt",
    "America/Denver": "mountain time (us & canada)|mountain time - us & canada|mountain time|mt",
    "America/Phoenix": "arizona|arizona, yukon time",
    "America/Chicago": "central time (us & canada)|central time - us & canada|central time|ct",
    "America/Regina": "saskatchewan",
    "America/Mexico_City": "guadalajara",
    "America/Guatemala": "central america",
    "America/New_York": "eastern time (us & canada)|eastern time - us & canada|eastern time|et",
    "America/Indiana/Indianapolis": "indiana (east)",
    "America/Lima": "quito",
    "America/Halifax": "atlantic time (canada)|atlantic time - canada",
    "America/St_Johns": "newfoundland|newfoundland time",
    "America/Sao_Paulo": "brasilia",
    "America/Guyana": "georgetown",
    "America/Nuuk": "greenland",
    "Atlantic/South_Georgia": "mid-atlantic",
    "Atlantic/Cape_Verde": "cape verde is.",
    "Europe/London": "edinburgh|uk, ireland, lisbon time|british summer time",
    "Europe/Zurich": "bern",
    "Europe/Paris": "central european time",
    "Africa/Algiers": "west central africa",
    "Europe/Helsinki": "eastern european time",
    "Africa/Johannesburg": "pretoria",
    "Europe/Moscow": "st. petersburg",
    "Asia/Muscat": "abu dhabi",
    "Asia/Yekaterinburg": "ekaterinburg",
    "Asia/Karachi": "islamabad",
    "Asia/Kolkata": "chennai|mumbai|new delhi|india, sri lanka time",
    "Asia/Dhaka": "astana",
    "Asia/Colombo": "sri jayawardenepura",
    "Asia/Yangon": "rangoon",
    "Asia/Bangkok": "hanoi",
    "Asia/Shanghai": "beijing",
    "Asia/Tokyo": "osaka|sapporo|japan standard time",
    "Pacific/Guadalcanal": "solomon is.",
    "Pacific/Noumea": "new caledonia",
    "Pacific/Majuro": "marshall is.",
    "Pacific/Auckland": "wellington",
    "Pacific/Tongatapu": "nuku'alofa",
    "Pacific/Fakaofo": "tokelau is.",
    "Pacific/Chatham": "chatham is.",
    "Pacific/Apia": "samoa",
    "Etc/UTC": "coordinated universal time|greenwich mean time",
    "Australia/Sydney": "australian eastern standard time|australian eastern daylight time",
}
_LABELS = {
    city.replace("_", " ").casefold(): f"{at}/{city}" for at, cities in _CITIES.items() for city in cities.split()
}
_LABELS |= {label: zone for zone, labels in _OTHERS.items() for label in labels.split("|")}
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
