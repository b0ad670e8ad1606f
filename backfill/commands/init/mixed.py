"""Mixed cells: an address, and perhaps a phone, which stand in one cell with each other."""

import re

from backfill.commands.init.choice import Choice, Choices
from backfill.commands.init.evidence import SOME
from backfill.commands.init.naming import naming, said_in, words
from backfill.commands.init.sample import Column
from backfill.commands.init.vocabulary import BUYERS, OTHERS, texts
from backfill.mapping.yaml_text import scalar, shown

_CONTACTS = (
    BUYERS | texts("contacts, kontakt, kontakte, kontaktdaten, contacto, contactos, coordonnees, contatti")
) - texts("order, purchase, checkout, billing, primary, sender, from, von")
_MOST_WORDS = 3  # of a name that asks nothing
ADDRESS = r"([^\s,;:|<>()]+@[^\s,;:|<>()]+)"  # Ann <ann@x.test>, mailto:ann@x.test
PHONE = r"(?:^|[\s,;|])(\+[0-9][0-9 ().-]{4,}[0-9])"
_addresses = re.compile(ADDRESS).findall
_address, _phone = re.compile(ADDRESS).search, re.compile(PHONE).search


def address_among(choices: Choices) -> Choice | None:
    """The address out of the one column of contacts, where no column has addresses alone."""
    found = [column for column in choices.sample.columns if _has_contacts(column)]
    if len(found) != 1 or choices.of("email"):
        return None
    column, there = found[0], sum(bool(_address(text)) for text in found[0].filled.tolist())
    why = f"sure: {there:,} of {len(column.filled):,} values of {shown(column.name)} have an address among other things"
    return Choice("email", _taken(column, ADDRESS), (column,), [why], among="@")


def phone_among(email: Choice) -> Choice | None:
    """The phone out of the column that the address is taken out of."""
    for column in email.columns if email.among else ():
        there = sum(bool(_phone(text)) for text in column.filled.tolist())
        if there:
            why = f"sure: {there:,} of {len(column.filled):,} values have a number that begins with +"
            return Choice("phone", _taken(column, PHONE), (column,), [why])
    return None


def _taken(column: Column, pattern: str) -> str:
    return f"{{column: {scalar(column.name)}, extract: '{pattern}'}}"


def _has_contacts(column: Column) -> bool:
    """Whether it is called so, and at least half of its values have an address, not the same one again and again."""
    said = said_in(column.name)
    found = [match[1].casefold() for text in column.filled.tolist() if (match := _address(text))]
    mail = naming("email", column.name)
    called = (
        (bool(said & _CONTACTS) or (mail is not None and mail.plain))
        and not said & OTHERS
        and len(words(column.name)) <= _MOST_WORDS
    )
    alone = not any(len(_addresses(text)) > 1 for text in column.filled.tolist())  # of two, nobody knows whose
    return called and alone and len(found) >= SOME * len(column.filled) > 0 and len({*found}) > 1
