"""A route: which Space gets which records of an input that several share, by the values of a column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backfill.errors import SourceError

if TYPE_CHECKING:
    from backfill.event import Row
    from backfill.records import Records

SKIP = "skip"  # as the default: what no Space is named for gives nothing


@dataclass(frozen=True, slots=True)
class Route:
    """One Space's share: the records whose `column` holds a value that `spaces` gives to `space`, case and all.

    `default` is the Space of every other value, or SKIP; None stops the job at one. The `first` of a job's Spaces
    also gets what belongs to none by itself: rows that can't be read, and blank ones.
    """

    column: str
    spaces: dict[str, str]
    default: str | None
    space: str
    first: bool


@dataclass(slots=True)
class Share:
    """A route at work: `of` takes one Space's records out of a frame, and counts those that are nobody's."""

    route: Route
    strays: int = 0
    rows: int = 0  # of strays
    met: Row | None = None  # the first of them

    def forget(self) -> None:
        """Begin anew: another pass over the same input."""
        self.strays, self.rows, self.met = 0, 0, None

    def of(self, records: Records) -> Records:
        """The records that are this Space's, with their rows."""
        route = self.route
        values, blank = records.cells[route.column].tolist(), records.blank.tolist()
        kept = [
            route.first if empty else route.spaces.get(value, route.default) == route.space
            for value, empty in zip(values, blank, strict=True)
        ]
        if route.default in (None, SKIP):
            strays = [at for at, value in enumerate(values) if value not in route.spaces and not blank[at]]
            self.strays += len(strays)
            for at in strays:
                rows = records.rows_of(at)
                self.rows += len(rows)
                self.met = self.met or rows[0]
        return records.pick(kept, unowned=route.first)

    def refuse_strays(self, labels: list[str]) -> None:
        """Raise SourceError where a record has no Space and the route has no default."""
        if self.met is not None and self.route.default is None:
            raise SourceError(
                f"column {self.route.column}: {self.strays:,} records (the first in row {self.met.number} of "
                f"{labels[self.met.part]}) hold a value that the route gives no Space; add it, or set route.default"
            )
