"""The names of months and weekdays, in the languages that exports are written in; those of a language are CLDR's."""

import unicodedata
from collections import defaultdict
from datetime import tzinfo
from functools import cache

from backfill.fields.column import Tongue

# No two of them use one name for two different months, but for Croatian: what it shares with Polish and Czech has two.
_LANGUAGES = (
    "en", "de", "de_AT", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "pl", "cs", "sk", "hu", "ro", "tr", "ru",
    "uk", "ca", "et", "el", "hr",
)  # fmt: skip
_SHARED: dict[str, dict[Tongue, int]] = {
    "lip": {"hr": 6, "pl": 7},
    "srp": {"hr": 7, "pl": 8},
    "lis": {"hr": 10, "pl": 11},
    "listopad": {"hr": 10, "pl": 11},
    "listopada": {"hr": 10, "pl": 11},
}
# The names of the other months, which show whose the shared ones are.
_OTHERS: dict[Tongue, str] = {
    "hr": "kol kolovoz kolovoza lipanj lipnja ozu ozujak ozujka prosinac prosinca ruj rujan rujna sij sijecanj "
    "sijecnja srpanj srpnja stu studeni studenoga studenog svi svibanj svibnja tra travanj travnja velj "
    "veljaca veljace",
    "pl": "bre brezen brezna cerven cervence cervenec cervna cvc cvn cze czerwca czerwiec dub duben dubna gru "
    "grudnia grudzien kve kveten kvetna kwi kwiecien kwietnia led leden ledna lipca lipiec listopadu lut "
    "lutego luty marzec paz pazdziernik pazdziernika prosince prosinec rij rijen rijna sie sierpien "
    "sierpnia srpen srpna sty styczen stycznia uno unor unora wrz wrzesien wrzesnia zar zari",
}
SHARED = "shared"  # a name that is a month in both
_TONGUES = {name: str(tongue) for tongue, names in _OTHERS.items() for name in names.split()}
_TONGUES |= dict.fromkeys(_SHARED, SHARED)
_HOMES: dict[str, Tongue] = {
    "Europe/Zagreb": "hr",
    "Europe/Sarajevo": "hr",
    "Europe/Warsaw": "pl",
    "Poland": "pl",
    "Europe/Prague": "pl",
    "Europe/Bratislava": "pl",
}
_SHORT = {
    "mrz": 3,
    "maerz": 3,
    "jaenner": 1,
    "setiembre": 9,
    "agustus": 8,
    "studenog": 11,
}  # as spreadsheets and people write them

# Most exports name no others, and those take time to load.
_ENGLISH = (
    ("january", "february", "march", "april", "may", "june"),
    ("july", "august", "september", "october", "november", "december"),
    ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
)
_MONTHS = {name[:most]: number for most in (3, 9) for number, name in enumerate(_ENGLISH[0] + _ENGLISH[1], 1)} | {
    "sept": 9
}
_WEEKDAYS = {name[:most]: frozenset((n,)) for most in (3, 9) for n, name in enumerate(_ENGLISH[2])}
_WEEKDAYS |= {"tues": frozenset((1,)), "thur": frozenset((3,)), "thurs": frozenset((3,))}


def month_of(name: str) -> int | None:
    """The month from 1 that a name or its usual short form means in one of the languages, in any case."""
    folded = _folded(name)
    return _MONTHS.get(folded) or _months_abroad().get(folded)


def shared_months(name: str) -> dict[Tongue, int]:
    """The months that a name means in Croatian, and in Polish or Czech, where these are two."""
    return _SHARED.get(_folded(name), {})


def tongue_of(name: str) -> str | None:
    """In which of these it is a month; SHARED if in both."""
    return _TONGUES.get(_folded(name))


def tongue_at(zone: tzinfo | int | None) -> Tongue | None:
    """Which of these they speak where a zone is that."""
    return _HOMES.get(str(zone))


def weekdays_of(name: str) -> frozenset[int]:
    """The weekdays, Monday is 0, that a name or its short form may mean: `so` is a German Sunday, a Czech Saturday."""
    folded = _folded(name)
    return _WEEKDAYS.get(folded) or _weekdays().get(folded, frozenset())


_PLAIN = str.maketrans("ıłø", "ilo")  # no letters with a mark, to Unicode


def _folded(name: str) -> str:
    """A name without case, accents and dots: people leave the accents out."""
    if name.isascii():
        return name.lower().rstrip(".")
    plain = unicodedata.normalize("NFKD", name.casefold().translate(_PLAIN))
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).rstrip(".")


@cache
def _months_abroad() -> dict[str, int]:
    found = _names("months")
    return {name: next(iter(months)) for name, months in found.items() if len(months) == 1} | _SHORT


@cache
def _weekdays() -> dict[str, frozenset[int]]:
    return {name: frozenset(days) for name, days in _names("days").items()}


def _names(kind: str) -> dict[str, set[int]]:
    """CLDR's names of months or days, in full and short, as in a date and by themselves."""
    from babel import Locale  # it takes time to load, and most exports name no month or an English one

    found: defaultdict[str, set[int]] = defaultdict(set)
    for language in _LANGUAGES:
        for forms in getattr(Locale.parse(language), kind).values():
            for width in ("wide", "abbreviated", *(("short",) if kind == "days" else ())):
                for number, name in forms.get(width, {}).items():
                    found[_folded(name)].add(number)
    return found
