"""Cities: which zone is meant by a text that is no IANA name: a place in any spelling, an abbreviation, an offset."""

import difflib
import re
import unicodedata
import zoneinfo
from collections.abc import Iterator
from functools import cache

from backfill.fields.zones import label_zone, offset_of

_OTHERWISE = "write a name such as Europe/Berlin, America/New_York or UTC"
# Large cities, states and abbreviations that are no zone's name.
_MEANT = {
    "America/New_York": "est edt us usa nyc washington boston miami atlanta philadelphia detroit orlando florida",
    "America/Chicago": "cst cdt us usa dallas houston austin texas san_antonio minneapolis st_louis new_orleans",
    "America/Denver": "mst mdt salt_lake_city colorado utah",
    "America/Los_Angeles": "pst pdt us usa la california san_francisco seattle san_diego las_vegas portland san_jose",
    "America/Anchorage": "akst akdt alaska",
    "Pacific/Honolulu": "hst hawaii",
    "America/Halifax": "ast adt",
    "America/Toronto": "ottawa canada",
    "America/Vancouver": "canada",
    "America/Sao_Paulo": "brt rio_de_janeiro brasil brazil",
    "America/Argentina/Buenos_Aires": "art",
    "America/Bogota": "cot medellin",
    "Europe/London": "bst uk gb england great_britain manchester birmingham glasgow liverpool leeds",
    "Europe/Berlin": "cet cest mez mesz munich munchen hamburg cologne koln frankfurt stuttgart dusseldorf leipzig",
    "Europe/Paris": "cet cest lyon marseille toulouse bordeaux lille",
    "Europe/Zurich": "geneva geneve genf basel lausanne",
    "Europe/Vienna": "graz linz salzburg innsbruck",
    "Europe/Rome": "milan milano mailand turin torino naples napoli florence firenze bologna",
    "Europe/Madrid": "barcelona valencia sevilla seville",
    "Europe/Lisbon": "wet west porto portugal",
    "Europe/Amsterdam": "rotterdam utrecht the_hague den_haag eindhoven",
    "Europe/Brussels": "antwerp antwerpen gent ghent",
    "Europe/Stockholm": "gothenburg goteborg malmo",
    "Europe/Warsaw": "krakow cracow wroclaw gdansk poznan lodz",
    "Europe/Prague": "brno",
    "Europe/Kyiv": "lviv odesa odessa kharkiv kyjiw kyjev kijev",
    "Europe/Athens": "eet eest thessaloniki",
    "Europe/Moscow": "msk",
    "Europe/Istanbul": "trt ankara izmir",
    "Europe/Dublin": "ist cork",
    "Asia/Jerusalem": "ist idt haifa",
    "Asia/Kolkata": "ist bombay delhi bangalore bengaluru hyderabad pune ahmedabad calcutta",
    "Asia/Dubai": "gst uae",
    "Asia/Karachi": "pkt lahore",
    "Asia/Shanghai": "peking pekin pechino shenzhen guangzhou china",
    "Asia/Tokyo": "jst kyoto yokohama nagoya",
    "Asia/Seoul": "kst busan",
    "Asia/Manila": "pht",
    "Asia/Jakarta": "wib",
    "Asia/Singapore": "sgt",
    "Asia/Hong_Kong": "hkt",
    "Africa/Johannesburg": "sast cape_town durban",
    "Australia/Sydney": "aest aedt australia",
    "Australia/Melbourne": "australia",
    "Australia/Brisbane": "aest australia gold_coast",
    "Australia/Adelaide": "acst acdt",
    "Australia/Perth": "awst australia",
    "Pacific/Auckland": "nzst nzdt christchurch",
}
_LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "cs", "da", "sv", "nb", "fi", "hu", "ro", "tr")
_FEW = 4  # zones of a country that are worth naming
_PLAIN = str.maketrans("łøđıæ_-\\", "lodia  /")


def zone_hint(name: str) -> str:
    """What to write instead of a name that is no IANA zone."""
    away = offset_of(name)
    if away is not None:
        hours, rest = divmod(away, 60)
        whole = f", or for one clock all year Etc/GMT{-hours:+d} (its sign is turned round)" if hours else ", or UTC"
        whole = "" if rest or not -12 <= hours <= 14 else whole
        return f"write the name of a place such as Europe/Berlin, which has its summer time{whole}"
    meant = list(dict.fromkeys(_meant(name)))
    return f"nearest: {', '.join(meant[:_FEW])}" if meant else _OTHERWISE


def _meant(name: str) -> Iterator[str]:
    """The zones that it may mean, the likeliest kind alone."""
    plain, names = _folded(name), _names()
    pieces = [plain, *(piece.strip() for piece in reversed(re.split(r"[/,()]", plain)))]
    if found := label_zone(name):
        yield found
        return
    for piece in pieces:
        if piece in names:
            yield from names[piece]
            return
    for piece in pieces[:1] if "/" in plain else pieces:
        if close := difflib.get_close_matches(piece[:60], names, n=2, cutoff=0.8):
            yield from (zone for one in close for zone in names[one])
            return


@cache
def _names() -> dict[str, list[str]]:
    """Zones by whatever they, their cities and their countries are called."""
    from babel import Locale
    from babel.core import get_global  # CLDR's cities and countries

    found: dict[str, dict[str, None]] = {}

    def add(name: str, zone: str) -> None:
        found.setdefault(_folded(name), {})[zone] = None

    zones = sorted(zoneinfo.available_timezones() - {"localtime"})
    for zone in zones:
        add(zone, zone)
    own = {_folded(zone.rpartition("/")[2]): zone for zone in zones if zone.partition("/")[0] not in ("Etc", "")}
    for zone, names in _MEANT.items():
        for name in names.split():
            add(name, zone)
    for name, zone in own.items():
        found.setdefault(name, {zone: None})
    few = {land: own for land, own in get_global("territory_zones").items() if len(own) < _FEW}
    for language in _LANGUAGES:
        locale = Locale.parse(language)
        for zone, names in locale.time_zones.items():
            if "city" in names and zone in zones and _folded(names["city"]) not in found:
                add(names["city"], zone)
        for land, name in locale.territories.items():
            for zone in few.get(land, ()):
                if zone in zones:
                    add(name, zone)
    return {name: list(zones) for name, zones in found.items()}


def _folded(name: str) -> str:
    """A name without case, accents and the marks between its words."""
    apart = unicodedata.normalize("NFKD", " ".join(name.casefold().translate(_PLAIN).split()))
    return " ".join("".join(one for one in apart if not unicodedata.combining(one)).split())
