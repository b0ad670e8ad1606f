"""What holds for the whole input while it is converted."""

from collections.abc import Mapping as Table
from dataclasses import dataclass, field, replace

from backfill.fields import Reading


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for the whole input: how it writes times and numbers, and which times are wanted.

    `decimals` is column -> mark, where the mapping states none; `since` and `until` are UTC times as sent.
    """

    reading: Reading
    decimals: Table[str, str] = field(default_factory=dict)
    since: str | None = None
    until: str | None = None
    capi_cutoff: str = ""  # events before this time never reach the ad platforms

    def of(self, label: str) -> Reading:
        mark = self.decimals.get(label)
        return replace(self.reading, decimal=mark) if mark and self.reading.decimal is None else self.reading  # type: ignore[arg-type]
