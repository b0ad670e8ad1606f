"""Taken keys: those that the ledger has for somebody else, what that shows, and what to do about it."""

from dataclasses import dataclass
from functools import cached_property

from backfill.convert import Batch
from backfill.errors import counted
from backfill.event import Code, Problem
from backfill.ledger import Known, Ledger
from backfill.mapping import Mapping
from backfill.survey.written_clock import clocks_of

SAME_ORDER = (
    "its key was accepted for somebody else, with this time and amount: the same order, whose person has changed "
    "since; Cometly keeps what was sent: delete the row, as under another key it would be there twice; where a run "
    "sent the wrong people, see backfill guide undo"
)
PERHAPS_THE_SAME = (
    "its key was accepted for somebody else, and its time and amount do not show whether it is the same order: look. "
    "If it is, its person has changed since: delete the row"
)
OTHER_ORDER = "its key was accepted for somebody else: two sources share ids"


@dataclass
class TakenKeys:
    """Those of one input."""

    mapping: Mapping
    ledger: Ledger

    def refuse(self, batch: Batch, taken: dict[int, bool], kept: dict[int, Known]) -> None:
        """Reject the events that are `taken`, whether with the time and amount that the ledger has or with others."""
        clocks = clocks_of(batch, [at for at, alike in taken.items() if alike], self.mapping)
        for at, alike in taken.items():
            field, reason = "order_id", f"{OTHER_ORDER}; {self._namespace}"
            if alike and clocks[at] and batch.value("amount", at) is not None:
                field, reason = "email", SAME_ORDER
            elif alike:  # a day and a price prove nothing, nor does midnight, which programs write for a day
                reason = f"{PERHAPS_THE_SAME}; if another source's order has the same id: {self._namespace}"
            batch.reject(at, Problem(Code.KEY_TAKEN, field, f"{reason} (key {kept[at].own}, run {kept[at].run})"))

    @cached_property
    def _namespace(self) -> str:
        """How another source's events get keys of their own, in view of what this mapping has sent."""
        space = "another source.namespace" if self.mapping.source.namespace else "source.namespace"
        if not (sent := self.ledger.sent_with(self.mapping.name)):
            return f"set {space}: what goes out without it comes back as likely_double, and is not sent again"
        stay = counted(sent, "event, which stays as it is", "events, which stay as they are")
        return f"this mapping has sent {stay}: set {space} in a copy of it, and upload the reject file alone with that"
