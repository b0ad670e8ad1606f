"""Rejects by code, the rows that have them, and what would mend many at once."""

from collections import Counter
from dataclasses import dataclass, field

from backfill.event import masked
from backfill.files.part import Part
from backfill.files.rejects import Rejects
from backfill.report.page.masking import without_addresses

EXAMPLES = 5  # rows named a code
LOOKED_AT = 200_000  # rejected rows at most, for examples


@dataclass(slots=True)
class Fault:
    """One code: how often, what was wrong, and some of its rows."""

    code: str
    count: int
    rows: list[str] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def reason(self) -> str:
        """What was wrong most often."""
        return "; ".join(reason for reason, _ in self.reasons.most_common(2))


def faults(codes: dict[str, int], rejects: Rejects, parts: list[Part]) -> list[Fault]:
    """The codes, the most frequent first."""
    made = {code: Fault(code, count) for code, count in codes.items() if count}
    for looked, (row, notes, _) in enumerate(rejects if made else ()):
        where = f"{row.number:,}" + (f" of {parts[row.part].label}" if len(parts) > 1 else "")
        for note in notes:
            if (fault := made.get(note.code)) is None:
                continue
            fault.reasons[f"{note.field}: {_shown(note.reason)}" if note.field else _shown(note.reason)] += 1
            if len(fault.rows) < EXAMPLES and where not in fault.rows:
                fault.rows.append(where)
        if looked > LOOKED_AT or (looked > 10_000 and all(len(fault.rows) == EXAMPLES for fault in made.values())):
            break
    return sorted(made.values(), key=lambda fault: (-fault.count, fault.code))


def _shown(reason: str) -> str:
    """The reason without personal data: the API's own words may repeat what was sent."""
    return without_addresses(masked(reason))[:200]
