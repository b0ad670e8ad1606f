"""Meanings: what the cells of a column mean to everything that reads them, however they are written.

Rows of one record agree where they say the same: an email in any case, a number with or without its last zeros, a time
in any zone, a phone with or without its blanks; a word for nothing says no more than an empty cell. What is compared as
text (by a condition, a pattern, a template, in a key or an id) agrees only where it is written alike.
"""

import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import replace

from backfill.convert.bodies import by_value
from backfill.convert.expressions import SAY_NOTHING, Blanks, text_of
from backfill.convert.keys import recipe_fields
from backfill.fields import FIELDS, Kind, Locale, parse, parse_number, read_time
from backfill.fields.arrow import Texts, listed, texts_of
from backfill.fields.typed import bare
from backfill.mapping import Condition, FieldSource, Mapping

Values = Sequence[Hashable]  # one a text: equal where the texts mean the same, None where one means nothing
Reader = Callable[[Texts], Values]
_phone = re.compile(r"(?:tel:)?(\+|00)?([0-9 ()./\u00a0-]+)", re.IGNORECASE).fullmatch


class Meanings:
    """What each of some texts of a column means to everything that reads the column."""

    def __init__(self, column: str, texts: set[str], mapping: Mapping, locale: Locale) -> None:
        self._of: dict[str, tuple[Hashable, ...]] = {}
        if column not in _exact(mapping):
            known = sorted(texts)
            values = [read(texts_of(known)) for read in _readers(column, mapping, locale)]
            self._of = dict(zip(known, zip(*values, strict=True), strict=False))

    def common(self, texts: set[str]) -> str | None:
        """The text to take for all of these, whichever comes first; None where they do not mean the same."""
        said = {text for text in texts if not self.is_nothing(text)}
        if len({self.of(text) for text in said}) > 1:
            return None
        return min(said or texts)

    def of(self, text: str) -> Hashable:
        """What it means, for two texts to be compared."""
        return self._of.get(text, bare(text))

    def is_nothing(self, text: str) -> bool:
        """Whether it is a word for nothing, whoever reads it."""
        return not any(value is not None for value in self._of.get(text, (text,)))


def _exact(mapping: Mapping) -> set[str]:
    """The columns that something reads as text."""
    exact = {mapping.source.group_by, mapping.route, *(lookup.here for lookup in mapping.lookups.values())}
    exact |= {condition.column for condition in mapping.conditions if _is_textual(condition)}
    for template in mapping.events:
        fields = template.fields.values()
        for cell in template.cells():
            if cell.template is not None or cell.extract is not None or not any(cell is field for field in fields):
                exact.update(cell.names)
            if cell.timezone_column is not None:
                exact.update(cell.names)
    return {name for name in exact if name is not None}


def _is_textual(condition: Condition) -> bool:
    """Whether it asks for more than bounds."""
    asked = (condition.one_of, condition.none_of, condition.empty, condition.matches, condition.first_by)
    return any(test is not None for test in asked)


def _readers(column: str, mapping: Mapping, locale: Locale) -> Iterator[Reader]:
    """Everything that reads a column, each once."""
    for condition in mapping.conditions:
        if column in condition.numbers:
            yield lambda texts: _unless_unread(texts, [parse_number(text, locale) for text in listed(texts)])
        if column in condition.times:
            yield lambda texts: _unless_unread(texts, [read_time(text, locale) for text in listed(texts)])
    for template in mapping.events:
        keyed = () if "order_id" in template.fields else recipe_fields(template, hashed=True)
        for name, cell in template.fields.items():
            if column in cell.columns:
                yield _field_reader(name, replace(cell, columns=(column,), default=None), name in keyed, locale)
            if column == cell.minor_units:
                yield lambda texts: [text.upper() for text in listed(texts)]


def _field_reader(name: str, cell: FieldSource, keyed: bool, locale: Locale) -> Reader:
    """What a field makes of a column; what is in a key as it is written is compared so."""
    kind = FIELDS[name]

    def read(texts: Texts) -> Values:
        blanks = None if kind in SAY_NOTHING else Blanks()
        typed = kind in (Kind.AMOUNT, Kind.NUMBER)
        made = text_of(cell, {cell.columns[0]: texts}, len(texts), blanks, typed=typed)[0]
        parsed = parse(name, made, locale).values
        values: list[Hashable] = listed(parsed if keyed and kind is Kind.IP else by_value(name, parsed))
        if kind is Kind.PHONE and not keyed:
            values = [_dialled(value) if isinstance(value, str) else value for value in values]
        return _unless_unread(made, values)

    return read


def _unless_unread(texts: Texts, values: Values) -> Values:
    """The values; a text that can't be read means itself alone."""
    return [
        (None if not text else ("unread", text)) if value is None else value
        for text, value in zip(listed(texts), values, strict=True)
    ]


def _dialled(phone: str) -> str:
    """A phone's digits, with a + before an international one; what is more than a number stays as it is."""
    found = _phone(phone)
    return f"{'+' if found[1] else ''}{re.sub('[^0-9]', '', found[2])}" if found else phone
