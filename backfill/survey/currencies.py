"""Currencies: which column has that of the amounts, and whether those that are ready are in several."""

import re
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from backfill.convert import Batch
from backfill.convert.damage import currency_in
from backfill.convert.steps import exponent_of
from backfill.fields.arrow import Flags, Places, listed, present
from backfill.fields.mend import NOTHINGS
from backfill.fields.money import SIGNS
from backfill.files.format import Layout
from backfill.files.marks import HELD
from backfill.mapping import Mapping

_CURRENCY = {
    *("currency", "währung", "wahrung", "waehrung", "moneda", "divisa", "devise", "valuta", "moeda", "waluta"),
}
_WITHDRAWN = {"HRK", "BGN", "LTL", "LVL", "EEK", "SKK", "BYR", "VEF", "ZWL", "CUC", "ANG", "SLL"}  # of late
_NOT_PAID_IN = {"rate", "exchange", "converted", "conversion", "presentment", "symbol", "exponent", "customer", "base"}
_NO_CODE = "?"  # what a column of codes has where it is none: it holds something else than currencies
_OF_ANOTHER = {"converted", "conversion", "base", "shop", "store", "settlement", "company"}  # an amount, not as paid

_NOT_AS_PAID = _NOT_PAID_IN | _OF_ANOTHER


def currency_column(mapping: Mapping, names: Iterable[str]) -> str | None:
    """The column that has the currency of the amounts: the mapping's own, else one of the input by its name.

    Else the one that is read for its values.
    """
    cells = mapping.cells_of("amount")
    for cell in cells:
        if cell.minor_units is not None:
            return cell.minor_units
    words = {name: _words(name) for name in names}
    likely = [name for name, has in words.items() if _CURRENCY & has and not has & _NOT_PAID_IN]
    near = {parent for cell in cells for name in cell.names if (parent := name.rpartition(".")[0])}
    of_values = next((name for name in mapping.extra if name not in HELD), None)
    return min(likely, key=lambda name: (name.rpartition(".")[0] not in near, len(words[name])), default=of_values)


def of_codes(columns: dict[str, list[str]]) -> str | None:
    """The column whose cells are all codes of currencies, whatever its name; none where several differ."""
    likely = {name: cells for name, cells in columns.items() if any(cells) and not _words(name) & _NOT_AS_PAID}
    found = [name for name, cells in likely.items() if all(map(_is_code, filter(None, cells)))]
    return found[0] if found and all(columns[name] == columns[found[0]] for name in found) else None


def paid_in(mapping: Mapping, currency: str | None, names: Iterable[str]) -> list[set[int]]:
    """The templates whose amounts are in the currency that a column has, as far as the columns' names say.

    Those of one amount column are together. Amounts in minor units are looked at where these are read.
    """
    found: dict[tuple[str, ...], set[int]] = {}
    if currency is None or any({"exchange", "rate"} <= _words(name) for name in names):
        return []  # amounts may be in the shop's own
    for number, template in enumerate(mapping.events):
        cell = template.fields.get("amount")
        if cell is not None and cell.names and cell.minor_units is None and not _says_its_own(cell.names, currency):
            found.setdefault(cell.names, set()).add(number)
    return list(found.values())


def _says_its_own(amounts: Iterable[str], currency: str) -> bool:
    """Whether amounts' names say their currency, or another column than this has it."""
    others = set().union(*map(_words, amounts)) & (_OF_ANOTHER | _CURRENCY) - _words(currency)
    return bool(others) or any(map(_stated, amounts))


def _stated(name: str) -> str:
    """The currency that a column's name says, or ""."""
    codes = (code for code in re.findall(r"\b[A-Z]{3}\b", name) if exponent_of(code) is not None)
    found = re.search(f"[{SIGNS}]", name)
    return next(codes, found[0] if found else "")


def stated_in(mapping: Mapping, layouts: Sequence[Layout]) -> dict[str, list[str]]:
    """The amount columns whose names say several currencies, as an alias may: that of each file."""
    cells = mapping.cells_of("amount")
    names = dict.fromkeys(name for cell in cells for name in cell.names if name in mapping.columns)
    found = {name: [_stated(layout.name_of(name)) for layout in layouts] for name in names if len(layouts) > 1}
    return {name: codes for name, codes in found.items() if len({*codes} - {""}) > 1}


def borne_by_files(batch: Batch, ready: Flags, codes: list[str]) -> Iterator[tuple[str, Places]]:
    """Each currency that the files say, and the records of theirs whose amounts are ready."""
    places = np.flatnonzero(ready & present(batch.amount))
    parts = batch.records.rows.parts[batch.records.firsts[batch.record[places]]]
    for sign in dict.fromkeys(filter(None, codes)):
        of_sign = np.isin(parts, [part for part, code in enumerate(codes) if code == sign])
        if of_sign.any():
            yield sign, batch.record[places[of_sign]]


def borne(batch: Batch, ready: Flags, currency: str, templates: set[int]) -> Iterator[tuple[str, Places]]:
    """Each currency of the amounts that are ready, and the records that have it; of other texts there is none."""
    named = bool(_CURRENCY & _words(currency))
    places = np.flatnonzero(ready & present(batch.amount) & np.isin(batch.body.table, list(templates)))
    coded = batch.records.cells.of(currency, batch.record[places]).dictionary_encode()
    codes = coded.indices.to_numpy()
    for code, text in enumerate(listed(coded.dictionary)):
        if sign := _sign(text) if named or not text or _is_code(text) else _NO_CODE:
            yield sign, batch.record[places[codes == code]]


def are_currencies(signs: Iterable[str]) -> bool:
    """Whether a column that has these holds currencies, as far as its cells show it."""
    return _NO_CODE not in signs


def _is_code(text: str) -> bool:
    return len(text) == 3 and text.isascii() and text.isalpha() and text.isupper() and is_currency(text)


def is_currency(sign: str) -> bool:
    """Whether it is a sign, or the code of a currency that exists or did of late."""
    return (
        not (len(sign) == 3 and sign.isalpha() and sign.isupper())
        or sign in _WITHDRAWN
        or exponent_of(sign) is not None
    )


def _sign(text: str) -> str:
    code = text.strip().upper()
    is_code = len(code) == 3 and code.isascii() and code.isalpha() and text not in NOTHINGS
    return code if is_code else currency_in(text)


def _words(name: str) -> set[str]:
    """The words of a column's name: currencyCode, Currency-ISO-Code and amount.currency hold `currency`."""
    spaced = "".join(
        f" {c}" if c.isupper() and before.islower() else c for before, c in zip(f" {name}", name, strict=False)
    )
    return set("".join(c if c.isalnum() else " " for c in spaced.casefold()).split())
