"""What any ledger remembers, whatever keeps it, for code that only reads the past. `protocol` states the rest."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from backfill.ledger.entries import Accepted, Deletion, Input, PastEvent, PastVerdict, Run, Totals


class History(Protocol):
    """What a Space's ledger remembers, to be read."""

    @property
    def place(self) -> str:
        """Where it is, for a person to find it."""

    @property
    def last_accepted(self) -> int:
        """When an event was accepted last; 0 where none was."""

    def reading(self) -> AbstractContextManager[None]:
        """For code that converts its values: a value that makes no sense is damage, and raises StateError."""

    def about(self) -> dict[str, str]:
        """Its `space` and its `address`; nothing where no run has made it yet."""

    def totals(self) -> Totals: ...

    def run(self, number: int) -> Run | None: ...

    def runs(self) -> Iterator[Run]:
        """All of its runs, the latest first."""

    def all_accepted(self, again: int = 0) -> Iterator[tuple[int, Accepted]]:
        """Every event accepted and not deleted since, with its run, in the order of the keys.

        `again`: a run, whose are also those that it sent once more.
        """

    def accepted_of(self, order_id: str) -> list[PastEvent]:
        """The events accepted for an order, the first first; its whole key is understood too."""

    def verdicts_of(self, order_id: str) -> list[PastVerdict]:
        """What runs said of an order, other than accepted, the first first."""

    def verdicts_at(self, row: int) -> list[PastVerdict]:
        """What runs said of the rows of this number, in any file, the first first."""

    def failed(self, order_ids: Iterable[str | None]) -> dict[tuple[str, str], str]:
        """Which of the orders' events were refused or undelivered when last sent, by event name and order_id."""

    def deleted(self, keys: Sequence[str]) -> set[str]:
        """Which of the keys' events are deleted from the Space, and not sent again since."""

    def deleted_by_run(self) -> dict[int, int]:
        """How many events were deleted, sent again or not, by the run that had sent them."""

    def deletions(self, keys: Sequence[str]) -> dict[str, list[Deletion]]:
        """Each deletion of the keys' events, the earliest first."""

    def resent(self, key: str) -> list[tuple[int, int]]:
        """The runs that sent the key's event once more, and when."""

    def attempts(self) -> dict[int, set[str]]:
        """The keys that each run was about to send, or sent, and has no answer for.

        A run that is not there is one of an earlier release, which did not enter them.
        """

    def attempted(self) -> dict[str, dict[int, Accepted]]:
        """Those by key, with what each of the runs sent under it, or was about to."""

    def inputs(self, mapping: str, name: str, most: int) -> list[Input]:
        """What a file of this name held when this mapping read it, the latest first; only that one has its header."""

    def recipe(self, mapping: str) -> str | None:
        """How hashed keys were made when this mapping's name last sent any."""

    def last_keys(self, mapping: str) -> tuple[int, str | None, str | None] | None:
        """The last run with this mapping's name: its number, how it made keys where that is known, its namespace."""

    def sent_with(self, mapping: str) -> int:
        """How many events the runs with this mapping's name have sent that no undo has deleted since."""
