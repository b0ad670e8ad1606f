"""What any ledger does, whatever keeps it: a few verbs, and those of `History` for code that only reads the past.

Keys are texts, never empty; numbers of runs begin at 1; amounts are decimals as text, times of events ISO 8601 in UTC,
and moments Unix seconds. Every verb raises StateError, with the place, where the ledger can't be used.
`tests/ledger/test_protocol.py` holds the laws.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

from backfill.ledger.entries import Accepted, Input, Known, Rejected
from backfill.ledger.history import History


class Ledger(History, Protocol):
    """One Space's ledger, open. What a verb enters is safe from any crash when it returns, all of it or nothing."""

    @property
    def empty(self) -> bool:
        """Whether no event was ever accepted."""

    def find(self, keys: Sequence[str], but_run: int | None = None) -> dict[str, Known]:
        """What was accepted under the keys, by any run but this; a deleted event keeps its key."""

    @property
    def period(self) -> tuple[str, str]:
        """The first and the last time of the events; "" where there is none."""

    def alike(self, asked: Sequence[int]) -> set[int]:
        """Which of the likenesses some event accepted may have; none that one has is missing."""

    def others(
        self, asked: set[int], names: set[str], times: set[str], but_run: int | None
    ) -> dict[int, tuple[str, int]]:
        """The key and the run of an event with each likeness that is still in the Space.

        `names` and `times` are those of the events that are asked for.
        """

    def met(self, order_id: str, run: int) -> bool:
        """Whether this run's input had the order, with another verdict than accepted or duplicate."""

    def begin(
        self,
        command: str,
        mapping: str,
        namespace: str | None,
        files: list[str],
        keys: str = "",
        inputs: Iterable[Input] = (),
    ) -> int:
        """Enter a run, with how its mapping makes keys and what its files hold; return its number."""

    def accept(self, run: int, events: Iterable[Accepted]) -> None:
        """Enter events that the API has just taken; a key that is there stays its first run's, unless deleted since."""

    def see(self, run: int, keys: Sequence[str]) -> None:
        """Note that keys already accepted are in this run's input; other keys are ignored."""

    def keep(self, run: int, rejected: Iterable[Rejected]) -> None:
        """Enter verdicts of a run that goes on; one that the ledger has is only seen again."""

    def finish(self, run: int, exit_code: int, summary: dict[str, Any], rejected: Iterable[Rejected]) -> None:
        """Enter how a run ended, and its verdicts as `keep` does."""

    def delete(self, run: int, key: str, event_id: str) -> None:
        """Enter that a run's event was deleted from the Space; its key stays, so that nothing sends it unasked."""

    def keep_recipe(self, mapping: str, recipe: str) -> None:
        """Enter how this mapping's name makes hashed keys, before the first is accepted."""

    def bind(self, fingerprint: str) -> None:
        """Tie the Space's name to its API key, before the first event accepted with it is entered."""

    def refuse_key(self, space: str, fingerprint: str, rotated: bool = False) -> None:
        """Raise UsageError where the Space's name is known with another API key, or the key with another name."""

    def neighbours(self) -> "Iterable[Unopened]":
        """The ledgers of other Spaces at the same address."""


class Unopened(NamedTuple):
    """A ledger that is there, or should be: whose it is, where it is, and how to open it to read."""

    address: str
    space: str
    place: str
    look: Callable[[], AbstractContextManager[Ledger]]
