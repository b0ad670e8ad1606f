"""The steps that work on what a cell was read as: an amount's factor, a time's own zone."""

from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

import numpy as np

from backfill.counts import exactly
from backfill.event import Code, Problem
from backfill.fields import Locale, Parsed, parse, there
from backfill.fields.column import Flags, Texts
from backfill.fields.mend import NOTHINGS
from backfill.fields.zones import zone_of


def scaled(values: Texts, scale: Decimal, defaulted: Flags) -> Texts:
    """Multiply what was read by a factor, exactly; a default is meant as it is."""
    made = values.copy()
    with exactly():
        for at in np.flatnonzero(there(values) & ~defaulted):
            product = Decimal(values[at]) * scale
            made[at] = product if isinstance(values[at], Decimal) else format(product, "f")
    return made


def in_major_units(name: str, parsed: Parsed, currencies: Texts, defaulted: Flags) -> None:
    """Turn cents into dollars, and yen, which have none, into yen: by the ISO 4217 exponent of each row's currency."""
    with exactly():
        for at in np.flatnonzero(there(parsed.values) & ~defaulted).tolist():
            exponent = exponent_of(currencies[at])
            if exponent is None:
                parsed.drop(at, Problem(Code.INVALID_AMOUNT, name, "ISO 4217 knows no minor units of its currency"))
            else:
                parsed.values[at] = parsed.values[at].scaleb(-exponent)


@lru_cache(maxsize=4096)
def exponent_of(currency: str) -> int | None:
    """How many decimals a currency has, by its code in any case; None for what is no money of account."""
    import iso4217  # it reads the list from XML as it is loaded, and few exports have minor units

    try:
        exponent: int | None = iso4217.Currency(currency.strip().upper()).exponent
    except ValueError:
        return None
    return exponent


def parse_by_zone(name: str, texts: Texts, zones: Texts, locale: Locale) -> Parsed:
    """Read times whose zone is in another column; where that names none, the source's own zone holds."""
    parsed = Parsed(np.full(len(texts), None, dtype=object))
    for zone in sorted(set(zones.tolist())):
        places = np.flatnonzero(zones == zone)
        zone = "" if zone in NOTHINGS else zone
        found = zone_of(zone) if zone else locale.timezone
        part = parse(name, texts[places], replace(locale, timezone=found))
        parsed.values[places] = part.values
        for at, problem in part.problems.items():
            strange = bool(zone) and found is None
            reason = "its zone is none that this tool knows" if strange else problem.reason
            parsed.problems[int(places[at])] = replace(problem, reason=reason)
        for setting, positions in part.needs.items():
            if not (zone and setting == "timezone"):
                parsed.needs.setdefault(setting, []).extend(int(places[at]) for at in positions)
    return parsed
