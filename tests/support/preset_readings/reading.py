"""What a person reads out of a sample export."""

from dataclasses import dataclass, field
from typing import Any

Event = dict[str, Any]


@dataclass(frozen=True)
class Reading:
    """What a person reads out of a sample; an event a line: name, order_id, email, amount, UTC time; - for none."""

    events: str
    amount: str
    counts: dict[str, int]
    codes: dict[str, int]
    flags: tuple[str, ...] = ()
    preset: str = ""  # where the sample is another layout of a preset that has one of its own name
    lookup: str = ""  # the export joined to it, NAME.LOOKUP.csv
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    above: int = 0  # lines above the header
    details: dict[str, Event] = field(default_factory=dict)  # key -> some of its further fields

    def rows(self) -> list[list[str]]:
        return sorted(line.split() for line in self.events.split("\n") if line.strip())
