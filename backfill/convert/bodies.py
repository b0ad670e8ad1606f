"""Bodies: what goes out for each event, written when it is asked for; and a number that only equal bodies share."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from backfill.event import address_value, plain
from backfill.fields import FIELDS, Kind
from backfill.fields.arrow import Flags, Places, Texts, flags_of, holds, listed, pick, present, put, repeated

_MARK = "\x1f"
_BETWEEN = f"{_MARK}1"
_THREE, _STEP = np.uint64(3), np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Bodies:
    """The request bodies of a batch by position, empty fields left out.

    `tables` are columns in the order in which a body has them, one table for each template; `table` says of each event
    which is its, `row` its place there.
    """

    tables: list[dict[str, pa.Array]]
    table: Places
    row: Places

    def __len__(self) -> int:
        return len(self.row)

    def __getitem__(self, at: int) -> bytes:
        row = int(self.row[at])
        return _body((name, values[row].as_py()) for name, values in self.tables[self.table[at]].items())

    def written(self, places: Places) -> list[bytes]:
        """Some of the bodies, of many in less time."""
        made = [b""] * len(places)
        for number, columns in enumerate(self.tables):
            here = np.flatnonzero(self.table[places] == number)
            rows = self.row[places[here]]
            names, cells = list(columns), [listed(pick(values, rows)) for values in columns.values()]
            for at, values in zip(here.tolist(), zip(*cells, strict=True), strict=True):
                made[at] = _body(zip(names, values, strict=True))
        return made

    def rekey(self, at: int, key: str) -> None:
        """Give a body another key, where it has one."""
        columns = self.tables[self.table[at]]
        if "idempotency_key" in columns:
            columns["idempotency_key"] = put(columns["idempotency_key"], [int(self.row[at])], [key])

    def digests(self, places: Places) -> NDArray[np.uint64]:
        """A number for each of these bodies that of all under its key only those equal by value have; never 0.

        It is one in this process alone.
        """
        made = np.empty(len(places), np.uint64)
        names = sorted(set().union(*self.tables))  # of all templates: by name, and a field left out is an empty one
        for number, columns in enumerate(self.tables):
            here = np.flatnonzero(self.table[places] == number)
            rows = self.row[places[here]]
            few = len(rows) < self._count(number) // 2  # to pick them out of all columns costs as much as to hash all
            found = _digests({name: pick(values, rows) for name, values in columns.items()} if few else columns, names)
            made[here] = found if few else found[rows]
        return np.maximum(made, np.uint64(1))

    def _count(self, number: int) -> int:
        return len(next(iter(self.tables[number].values())))


def _digests(columns: dict[str, pa.Array], names: list[str]) -> NDArray[np.uint64]:
    """A number for each row; `names` are those of all fields, in the one order in which they count."""
    count = len(next(iter(columns.values())))
    lacking, texts, marks = repeated("", count), list[Texts](), np.zeros(count, np.uint64)
    for name in names:
        if name == "idempotency_key":  # which those under one key have in common, if they send it
            marks = marks * _THREE + np.uint64(name in columns)
        elif FIELDS[name] is Kind.BOOLEAN:
            marks = marks * _THREE + (_said(columns[name]) if name in columns else np.uint64(0))
        else:
            texts.append(_apart(by_value(name, columns[name])) if name in columns else lacking)
    written = pc.binary_join_element_wise(*texts, _BETWEEN, null_handling="replace")
    return np.fromiter(map(hash, listed(written)), np.int64, count).view(np.uint64) + marks * _STEP


def _said(values: pa.BooleanArray) -> NDArray[np.uint64]:
    """0 for nothing, 1 for no, 2 for yes."""
    said: NDArray[np.uint64] = present(values).astype(np.uint64) + flags_of(values)
    return said


def _body(fields: Iterable[tuple[str, Any]]) -> bytes:
    sent = {name: value for name, value in fields if value is not None}
    if "amount" in sent:
        sent["amount"] = orjson.Fragment(sent["amount"])
    return orjson.dumps(sent)


def by_value(name: str, values: pa.Array) -> Texts:
    """Texts that are alike where the values mean the same: 5 and 5.00 are one number, and two texts."""
    kind = FIELDS[name]
    if kind is Kind.EMAIL:
        return pc.ascii_lower(values)
    if kind in (Kind.AMOUNT, Kind.NUMBER):
        return _again(values, flags_of(pc.ends_with(values, "0")), plain)
    if kind is Kind.IP:
        return _again(values, flags_of(pc.match_substring(values, ":")), address_value)
    return values.cast(pa.string())


def _again(values: Texts, which: Flags, write: Callable[[str], str]) -> Texts:
    """The values with some of them written in another way."""
    places = np.flatnonzero(which)
    return put(values, places, list(map(write, listed(pick(values, places)))))


def _apart(values: Texts) -> Texts:
    """The values without anything that looks as what is put between them."""
    return pc.replace_substring(values, _MARK, f"{_MARK}0") if holds(values, _MARK) else values
