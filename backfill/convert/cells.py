"""Cells of records: a text a record in each column, taken from the rows only once somebody asks for it."""

from collections.abc import Iterator, MutableMapping

import numpy as np

from backfill.fields.arrow import Flags, Places, Texts, pick


class Cells(MutableMapping[str, Texts]):
    """A column's texts by its name. `source` says in which row of the columns each record's cell is; None: its own."""

    def __init__(self, columns: dict[str, Texts], source: Places | None = None) -> None:
        self._columns, self._source = columns, source
        self._chosen: dict[str, Places] = {}  # where a column has its cells in other rows
        self._made: dict[str, Texts] = {}

    def __getitem__(self, name: str) -> Texts:
        if name not in self._made:
            source = self._rows(name)
            self._made[name] = self._columns[name] if source is None else pick(self._columns[name], source)
        return self._made[name]

    def __setitem__(self, name: str, texts: Texts) -> None:
        self._made[name] = texts

    def __delitem__(self, name: str) -> None:
        raise TypeError("a column stays")

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._columns, *self._made)))

    def __contains__(self, name: object) -> bool:
        return name in self._columns or name in self._made

    def __len__(self) -> int:
        return len(self._columns.keys() | self._made.keys())

    def of(self, name: str, records: Places) -> Texts:
        """A column's texts of some of the records."""
        if name in self._made:
            return pick(self._made[name], records)
        source = self._rows(name)
        return pick(self._columns[name], records if source is None else source[records])

    def choose(self, name: str, source: Places) -> None:
        """Say in which rows a column has the records' cells."""
        self._chosen[name] = source

    def pick(self, stays: Flags) -> "Cells":
        """The cells of some of the records."""
        kept = np.flatnonzero(stays)
        made = Cells(self._columns, kept if self._source is None else self._source[kept])
        made._chosen = {name: source[kept] for name, source in self._chosen.items()}
        made._made = {name: pick(texts, kept) for name, texts in self._made.items()}
        return made

    def _rows(self, name: str) -> Places | None:
        return self._chosen.get(name, self._source)
