"""A choice: which records meet one template's conditions, and what can't be judged of them."""

from dataclasses import dataclass

from backfill.event import Problem
from backfill.fields.arrow import Flags


@dataclass(frozen=True, slots=True)
class Choice:
    """One template's: a flag a record, and what is wrong with some of them."""

    met: Flags
    doubts: dict[int, list[Problem]]

    def hold(self, record: int, problem: Problem) -> None:
        """Have the record give its event, to be rejected for this."""
        self.met[record] = True
        self.doubts.setdefault(record, []).append(problem)
