"""Veil: which cells and values of a mapping's files may be seen by anybody, and how the others are shown."""

import re

from backfill.mapping import Mapping
from backfill.report.page.masking import clear, harmless, veiled, without_addresses

_A_STATE = 40  # characters at most; what a condition leaves out is said with its value in every summary
_A_NUMBER = re.compile(r"[#\w/-]*\d[\w/-]*")  # how shops number their orders


class Veil:
    """Masks cells by what their column is for, and by what they plainly are; with `unmask` nothing."""

    def __init__(self, mapping: Mapping, unmask: bool):
        self._unmask = unmask
        self._roles = _roles(mapping)
        self._states = _states(mapping)
        self._judged = {one.column for one in mapping.conditions if one.one_of or one.none_of}

    def value(self, field: str, text: str) -> str:
        """A field's value as it is sent."""
        if self._unmask:
            return text
        if clear(field) or (field == "order_name" and _A_NUMBER.fullmatch(text)):
            return without_addresses(text)
        return veiled(text)

    def cell(self, column: str, text: str) -> str:
        """A cell of the export."""
        roles = self._roles.get(column, set())
        if self._unmask:
            return text
        if self.personal(column):
            return veiled(text)
        known = text.casefold() in self._states.get(column, ()) or (column in self._judged and len(text) <= _A_STATE)
        spoken = bool(roles) and ("order_name" not in roles or bool(_A_NUMBER.fullmatch(text)))
        return without_addresses(text) if spoken or known or harmless(text) else veiled(text)

    def personal(self, column: str) -> bool:
        """Whether the mapping reads the column for something about a person."""
        return any(not clear(role) and role != "order_name" for role in self._roles.get(column, ()))


def _roles(mapping: Mapping) -> dict[str, set[str]]:
    """The fields that each column goes into."""
    found: dict[str, set[str]] = {}
    for template in mapping.events:
        for field, cell in template.fields.items():
            for name in cell.names:
                found.setdefault(name, set()).add(field)
    return found


def _states(mapping: Mapping) -> dict[str, set[str]]:
    """The texts that the mapping itself expects of a column: statuses, stages."""
    found: dict[str, set[str]] = {}
    for condition in mapping.conditions:
        texts = (*(condition.one_of or ()), *(condition.none_of or ()))
        found.setdefault(condition.column, set()).update(text.casefold() for text in texts)
    for template in mapping.events:
        for name in template.event_name.names:
            found.setdefault(name, set()).update(text.casefold() for text, _ in template.event_name.map)
    return found
