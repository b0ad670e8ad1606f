"""A route: which Space gets which records of an input that several share, by the values of a column."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from backfill.errors import SourceError, UsageError, counted
from backfill.fields.arrow import listed, texts_of
from backfill.files.torn import candidates

if TYPE_CHECKING:
    from backfill.convert import Batch
    from backfill.convert.records import Records
    from backfill.event import Row
    from backfill.files.format import Layout

SKIP = "skip"  # as the default: values that no Space is named for give nothing


@dataclass(frozen=True, slots=True)
class Route:
    """One Space's share: the records whose `column` holds a value that `spaces` gives to `space`, case and all.

    `default` is the Space of every other value, or SKIP; None stops the job at one. The `first` of a job's Spaces
    also gets what belongs to none by itself: blank rows, and those that can't be read and show no value.
    """

    column: str
    spaces: dict[str, str]
    default: str | None
    space: str
    first: bool

    def space_of(self, value: str) -> str | None:
        """The Space of a value; None, or SKIP, where it has none."""
        return self.spaces.get(value, self.default)

    @property
    def written(self) -> str:
        """The whole route as a command line has it: JSON, without which of its Spaces is meant."""
        return json.dumps({"column": self.column, "spaces": self.spaces, "default": self.default}, ensure_ascii=False)


def routes_of(column: str, spaces: dict[str, str], default: str | None) -> list[Route]:
    """A route for each of its Spaces, the first of which gets the rows that belong to none."""
    everywhere = dict.fromkeys([*([default] if default and default != SKIP else []), *spaces.values()])
    return [Route(column, spaces, default, space, first=at == 0) for at, space in enumerate(everywhere)]


def read_route(text: str, space: str) -> Route:
    """One Space's part of a route that a command line has. Raises UsageError where it has none."""
    try:
        found = json.loads(text)
        column, spaces, default = found["column"], found["spaces"], found.get("default")
        texts = [column, *spaces, *spaces.values(), *([default] if default is not None else [])]
        if not spaces or not all(isinstance(one, str) for one in texts):
            raise ValueError
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        shape = '{"column": "Store", "spaces": {"Berlin": "shop_de", "Paris": "shop_fr"}, "default": "skip"}'
        raise UsageError(f"--route: is no route; one is JSON such as {shape}") from None
    routes = {route.space: route for route in routes_of(column, spaces, default)}
    if space not in routes:
        raise UsageError(f"--space {space}: is none of the route's, which are {', '.join(routes)}")
    return routes[space]


@dataclass
class Share:
    """A route at work: `of` takes one Space's records out of a frame, and counts those that are nobody's."""

    route: Route
    layouts: Sequence[Layout]
    read: Counter[int] = field(default_factory=Counter)  # part -> rows, of whichever Space
    strays: int = 0
    rows: int = 0  # of strays
    met: Row | None = None  # the first of them
    others: Counter[str] = field(default_factory=Counter)  # rows of the route's other Spaces

    def forget(self) -> None:
        """Begin anew: another pass over the same input."""
        self.strays, self.rows, self.met = 0, 0, None
        self.read.clear()
        self.others.clear()

    def of(self, records: Records) -> Records:
        """The records that are this Space's, with their rows."""
        route = self.route
        self.read.update(records.rows.parts.tolist())
        values, blank = listed(records.cells[route.column]), records.blank.tolist()
        spaces = [None if empty else route.space_of(value) for value, empty in zip(values, blank, strict=True)]
        kept = [route.first if empty else of == route.space for of, empty in zip(spaces, blank, strict=True)]
        if route.default in (None, SKIP):
            strays = [at for at, value in enumerate(values) if value not in route.spaces and not blank[at]]
            self.strays += len(strays)
            for at in strays:
                rows = records.rows_of(at)
                self.rows += len(rows)
                self.met = self.met or rows[0]
        for at, of in enumerate(spaces):
            if of is not None and of not in (route.space, SKIP):
                self.others[of] += len(records.rows_of(at))
        return records.pick(kept, {at for at in records.rows.broken if self._is_ours(records.row(at))})

    def _is_ours(self, row: Row) -> bool:
        """Whether a row that can't be read is this Space's, by what it may have had in the route's column."""
        route = self.route
        likely = candidates(row.text, route.column, self.layouts[row.part])
        named = {route.spaces[value] for value in likely if value in route.spaces}
        if len(named) != 1:
            return route.first
        self.others.update(named - {route.space})
        return named == {route.space}

    def set_apart(self, batch: Batch) -> None:
        """Keep the events of one Space from matching those of another: nothing to do, all are of one."""

    def refuse_strays(self, labels: list[str]) -> None:
        """Raise SourceError where a record has no Space and the route has no default."""
        if self.met is not None and self.route.default is None:
            first = f"(the first in row {self.met.number} of {labels[self.met.part]})"
            raise SourceError(
                f"column {self.route.column}: {counted(self.strays, f'record {first} holds', f'records {first} hold')} "
                "a value that the route gives no Space; add it, or set route.default"
            )


@dataclass
class OtherSpaces(Share):
    """The other Spaces' shares, at once and each by itself: a gate judges the file that they share."""

    def of(self, records: Records) -> Records:
        """The records that are another Space's."""
        values, blank = listed(records.cells[self.route.column]), records.blank.tolist()
        kept = [
            not (self.route.first if empty else self.route.space_of(value) in (self.route.space, SKIP, None))
            for value, empty in zip(values, blank, strict=True)
        ]
        return records.pick(kept, {at for at in records.rows.broken if not self._is_ours(records.row(at))})

    def set_apart(self, batch: Batch) -> None:
        """Give keys and tokens their Space's name: two Spaces may both have them."""
        values = listed(batch.records.cells.of(self.route.column, batch.record))
        spaces = texts_of([f"{self.route.space_of(value)}\n" for value in values])
        for name in ("key", "comet_token", "tracking_id"):
            batch.set_column(name, pc.binary_join_element_wise(spaces, batch.column(name), ""))
