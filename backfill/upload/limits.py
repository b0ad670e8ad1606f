"""The limit on rejects: how many a run may have before it stops."""

from dataclasses import dataclass
from decimal import Decimal

from backfill.counts import Counts
from backfill.errors import ThresholdStop, counted
from backfill.event import Verdict

SAMPLE = 200  # answers that are needed before their share of rejects says anything about the rest


@dataclass(frozen=True, slots=True)
class MaxRejects:
    """`--max-rejects N` or `P%` of all events and unreadable rows."""

    number: int | None = None
    percent: Decimal | None = None

    def __bool__(self) -> bool:
        return self.number is not None or self.percent is not None

    def watch(self, counts: Counts, answers: int) -> None:
        """Raise ThresholdStop where too many of the answers so far were rejects; a share needs SAMPLE answers first."""
        refused = counts.verdicts[Verdict.REFUSED]
        if self.percent is not None and answers >= SAMPLE and refused * 100 > self.percent * answers:
            share = f"{Decimal(refused * 100) / answers:.1f} %"
            raise ThresholdStop(
                f"{counted(refused, 'reject')} of the first {answers:,} answers ({share}) {_are(refused)} "
                f"more than --max-rejects {self.percent}% allows",
                drop="--max-rejects",
            )
        self.check(counts)

    def check(self, counts: Counts) -> None:
        """Raise ThresholdStop where there are more. What the API had no answer for says nothing of the rows.

        Where several Spaces share an input, it is judged as a whole.
        """
        rejects = counts.rejects - counts.verdicts[Verdict.UNDELIVERED] + counts.elsewhere[0]
        total = counts.events + counts.unreadable + counts.elsewhere[1]
        if self.number is not None and rejects > self.number:
            sentence = f"{counted(rejects, 'reject is', 'rejects are')} more than --max-rejects {self.number} allows"
            raise ThresholdStop(sentence, drop="--max-rejects")
        if self.percent is not None and rejects * 100 > self.percent * total:
            share = Decimal(rejects * 100) / total
            raise ThresholdStop(
                f"{counted(rejects, 'reject')} of {total:,} ({share:.1f} %) {_are(rejects)} more than "
                f"--max-rejects {self.percent}% allows",
                drop="--max-rejects",
            )


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
