"""Neighbours: the ledgers of other Spaces at this address, which may have the events of this input too.

One client's orders in another's account are a mistake that nobody sees there; so a person must say it is none.
"""

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field

import numpy as np

from backfill.convert import Batch
from backfill.errors import StateError
from backfill.fields.arrow import Flags
from backfill.ledger import Ledger, same_person
from backfill.progress import Messages
from backfill.survey.in_ledger import identity_of


@dataclass(slots=True)
class Neighbours:
    """Those that have any event, by their Spaces' names, and how many of one pass's events to send each has."""

    ledgers: dict[str, Ledger] = field(default_factory=dict)
    found: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, ledger: Ledger, console: Messages, stack: ExitStack) -> "Neighbours":
        """Open the ledgers of the other Spaces; of one that can't be read nothing is known, and a message says so."""
        opened = cls()
        for one in ledger.neighbours():
            try:
                other = stack.enter_context(one.look())
                if not other.empty:
                    opened.ledgers[one.space] = other
            except StateError as error:
                console.warn(f"whether space {one.space} has the same events is not known: {error}")
        return opened

    def count(self, batch: Batch, ready: Flags) -> None:
        """Count a batch's events that others have under the same key for the same person."""
        places = np.flatnonzero(ready).tolist() if self.ledgers else []
        for name, ledger in self.ledgers.items() if places else ():
            with ledger.reading():
                known = ledger.find([batch.value("key", at) for at in places])
                gone = ledger.deleted([one.own for one in known.values()]) if known else set()
                same = [
                    at
                    for at in places
                    if (one := known.get(batch.value("key", at))) and one.own not in gone and not one.other
                    if same_person(one.identity, identity_of(batch, at))
                ]
            if same:
                self.found[name] += len(same)

    def unnamed(self, named: tuple[str, ...]) -> list[str]:
        """The Spaces that have some, and that nobody has named."""
        return sorted(name for name in self.found if name not in named)

    def sentence(self, named: tuple[str, ...]) -> str | None:
        """What to say of the Spaces that nobody has named."""
        spaces = ", ".join(f"{self.found[name]:,} in that of space {name}" for name in self.unnamed(named))
        if not spaces:
            return None
        return f"some events to send are in another Space's ledger too, by key and person: {spaces}"
