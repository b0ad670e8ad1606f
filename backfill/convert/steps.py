"""The steps that work on what a cell was read as: an amount's factor, a time's own zone."""

from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

import numpy as np

from backfill.convert.damage import FRACTIONS_OF_CENTS
from backfill.convert.expressions import Columns, text_of
from backfill.counts import exactly
from backfill.event import Code, Problem
from backfill.fields import Kind, Locale, Parsed, parse, parse_as
from backfill.fields.arrow import Flags, Texts, listed, pick, present, put, repeated
from backfill.fields.mend import NOTHINGS
from backfill.fields.zones import zone_of
from backfill.mapping import FieldSource


def scaled(values: Texts, scale: Decimal, defaulted: Flags) -> Texts:
    """Multiply what was read by a factor, exactly; a default is meant as it is."""
    places = np.flatnonzero(present(values) & ~defaulted)
    with exactly():
        made = [format(Decimal(text) * scale, "f") for text in listed(pick(values, places))]
    return put(values, places, made)


def worth(cell: FieldSource, cells: Columns, count: int, locale: Locale) -> Texts:
    """What an amount's cells come to, below zero too, which no event can be sent with; None where they show nothing."""
    texts, defaulted = text_of(cell, cells, count, typed=True)
    parsed = parse_as(Kind.NUMBER, "amount", texts, locale)
    if cell.minor_units is not None:
        parsed = in_major_units("amount", parsed, cells[cell.minor_units], defaulted)
    return parsed.values if cell.scale is None else scaled(parsed.values, cell.scale, defaulted)


def fractions_under(scale: Decimal | None, kind: Kind, values: Texts, defaulted: Flags) -> dict[str, list[int]]:
    """Amounts with a fraction where the factor says that they are cents or the like: the finding, and where."""
    if scale is None or kind is not Kind.AMOUNT or scale >= 1 or scale.normalize().as_tuple().digits != (1,):
        return {}
    places = np.flatnonzero(present(values) & ~defaulted)
    numbers = zip(places.tolist(), listed(pick(values, places)), strict=True)
    found = [at for at, number in numbers if not _is_whole(number)]
    return {FRACTIONS_OF_CENTS: found} if found else {}


def _is_whole(number: str) -> bool:
    return not number.partition(".")[2].strip("0")


def in_major_units(name: str, parsed: Parsed, currencies: Texts, defaulted: Flags) -> Parsed:
    """Turn cents into dollars, and yen, which have none, into yen: by the ISO 4217 exponent of each row's currency."""
    places = np.flatnonzero(present(parsed.values) & ~defaulted)
    amounts, exponents = listed(pick(parsed.values, places)), map(exponent_of, listed(pick(currencies, places)))
    made: list[str | None] = []
    problems = dict(parsed.problems)
    unknown = Problem(Code.INVALID_AMOUNT, name, "ISO 4217 knows no minor units of its currency")
    fraction = Problem(Code.INVALID_AMOUNT, name, "has a fraction, and minor units have none")
    with exactly():
        for at, amount, exponent in zip(places.tolist(), amounts, exponents, strict=True):
            whole = _is_whole(amount)
            made.append(format(Decimal(amount).scaleb(-exponent), "f") if whole and exponent is not None else None)
            if made[-1] is None:
                problems[at] = fraction if exponent is not None else unknown
    return replace(parsed, values=put(parsed.values, places, made), problems=problems)


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
    coded = zones.dictionary_encode()
    codes, known = coded.indices.to_numpy(), listed(coded.dictionary)
    parsed = Parsed(repeated(None, len(texts)))
    for zone in sorted(known):
        places = np.flatnonzero(codes == known.index(zone))
        zone = "" if zone in NOTHINGS else zone
        found = zone_of(zone) if zone else locale.timezone
        part = parse(name, pick(texts, places), replace(locale, timezone=found))
        parsed = replace(parsed, values=put(parsed.values, places, part.values))
        for at, problem in part.problems.items():
            strange = bool(zone) and found is None
            reason = "its zone is none that this tool knows" if strange else problem.reason
            parsed.problems[int(places[at])] = replace(problem, reason=reason)
        for setting, positions in part.needs.items():
            if not (zone and setting == "timezone"):
                parsed.needs.setdefault(setting, []).extend(int(places[at]) for at in positions)
    return parsed
