"""What any ledger does, whatever keeps it: a few verbs, and those of `History` for code that only reads the past.

Keys are texts, never empty; numbers of runs begin at 1; amounts are decimals as text, times of events ISO 8601 in UTC,
and moments Unix seconds. Every verb raises StateError, with the place, where the ledger can't be used.
`tests/ledger/test_protocol.py` holds the laws.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

from backfill.ledger.entries import Accepted, Input, Known, Rejected
from backfill.ledger.history import History


class Pacing(NamedTuple):
    """What a holder tells of its pace: requests that may be unanswered until it tells again, and what was answered.

    `ages`: how many answers of the last minute are 0, 1, 2 ... whole seconds old.
    """

    open: int
    ages: list[int]


class Handover(NamedTuple):
    """What the holder before has told of its pace so many seconds `ago`; it may have begun requests for `open_for`."""

    pacing: Pacing
    ago: float
    open_for: float


class Hold(Protocol):
    """A Space that is held for this process, by a ledger that other hosts use too.

    It ends by itself where it is not renewed; others may take the Space then.
    """

    permit: float  # seconds from the moment before a renewal was asked for, in which requests may begin
    before: Handover | None  # what the holder before has left; None where this machine's own memory has it all

    def renew(self, pacing: Pacing) -> bool:
        """Tell of the pace, and stay the holder; False where another may have the Space. Raises StateError."""

    def sending(self, patience: float) -> None:
        """From now on wait so many seconds for a ledger that can't be reached, before that is an error."""


class Ledger(History, Protocol):
    """One Space's ledger, open. What a verb enters is safe from any crash when it returns, all of it or nothing."""

    hold: Hold | None  # where other hosts may send for the Space too, and this process may send now

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

    def seconds(self, minutes: set[str]) -> dict[str, str]:
        """The seconds but the first at which events were, by the minute: {"2024-05-01T10:00": "13,59"}."""

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

    def attempt(self, run: int, events: Sequence[Accepted]) -> None:
        """Enter, before the first of their requests, events that the API may have from then on."""

    def accept(self, run: int, events: Iterable[Accepted], refused: Sequence[str] = ()) -> set[str]:
        """Enter events that the API has just taken; a key that is there stays its first run's, unless deleted since.

        They are no attempts of the run any more, nor are the keys `refused`, which the API is known not to have taken.
        Return the keys that are another run's.
        """

    def see(self, run: int, keys: Sequence[str]) -> None:
        """Note that keys already accepted are in this run's input; other keys are ignored."""

    def keep(self, run: int, rejected: Iterable[Rejected]) -> None:
        """Enter verdicts of a run that goes on; one that the ledger has is only seen again."""

    def finish(
        self,
        run: int,
        exit_code: int,
        summary: dict[str, Any],
        rejected: Iterable[Rejected],
        unknown: Collection[str] = (),
    ) -> None:
        """Enter how a run ended, and its verdicts as `keep` does; of its attempts those stay that are `unknown`."""

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

    # -- to be copied

    @property
    def bound_to(self) -> str | None:
        """The fingerprint of the Space's API key, once it is bound."""

    def bind_to(self, fingerprint: str | None) -> None:
        """Take over the binding of a ledger that was copied."""

    @property
    def moved(self) -> str:
        """Where it has been copied to, so that it is used no more; "" while it is the Space's ledger."""

    def move(self, place: str) -> None:
        """Note where it has been copied to; "" makes it the Space's ledger."""

    def rows_of(self, table: str, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """All rows of one of the tables that `copy` names, the oldest first."""

    def refill(self, tables: Iterable[tuple[str, Iterable[tuple[Any, ...]]]]) -> None:
        """Put these tables' rows in place of all that it holds."""


class Ledgers(Protocol):
    """Where ledgers are: one for each Space, by the API's address and the Space's name.

    What opens one raises StateError, with the place, where it can't be used.
    """

    @property
    def place(self) -> str:
        """Where they are, for a person to find them."""

    @property
    def identity(self) -> str:
        """The same on all hosts that use these ledgers, and for no others; "" for those of one machine."""

    @property
    def to_join(self) -> str:
        """What to do where another ledger knows of events of a Space that none here knows: the end of a sentence."""

    def has(self, address: str, space: str) -> bool:
        """Whether there is one. Raises StateError where something else is in its place, or a part of it."""

    def lock(self, address: str, space: str) -> AbstractContextManager[None]:
        """Lock the Space, so that no other run opens its ledger. Raises SpaceHeld, saying who holds it."""

    def open(self, address: str, space: str) -> AbstractContextManager[Ledger]:
        """Open one to write to it, with the Space held; make it where there is none."""

    def look(self, address: str, space: str) -> AbstractContextManager[Ledger]:
        """Open one to read; where there is none, one without keys, and none is made."""

    def all(self) -> list["Unopened"]:
        """All of them. Raises StateError where they can't be read."""


class Unopened(NamedTuple):
    """A ledger that is there, or should be: whose it is, where it is, and how to open it to read."""

    address: str
    space: str
    place: str
    look: Callable[[], AbstractContextManager[Ledger]]
