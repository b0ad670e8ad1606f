"""The names of months and weekdays, in the languages that exports are written in; those of a language are CLDR's."""

import unicodedata
from collections import defaultdict
from functools import cache

# No two of them use one name for two different months; Croatian and Slovene would, and are left out.
_LANGUAGES = (
    "en", "de", "de_AT", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "pl", "cs", "sk", "hu", "ro", "tr", "ru",
    "uk", "ca", "et", "el",
)  # fmt: skip
_SHORT = {"mrz": 3, "maerz": 3, "jaenner": 1, "setiembre": 9, "agustus": 8}  # as spreadsheets and people write them

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
