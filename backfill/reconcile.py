"""Reconciling: what a file says, what the ledger says, and what the Space has, event by event."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from backfill.exact import plus
from backfill.readback import Listed, Own, alike, cents, same_amount, text_of

SHOWN = 20  # places of each kind that are named


class Found(StrEnum):
    """What became of a file's event, or of one of the Space's that the file does not have."""

    AGREE = "agree"
    DIFFERENT = "different"  # there, with another amount or time
    MISSING = "missing"  # the ledger says that the API took it; it is not there
    UNDONE = "undone"  # deleted since, by an undo
    NOT_SENT = "not_sent"  # neither in the ledger nor there
    TWICE = "twice"  # one more under a name and order_id that is there
    UNEXPECTED = "unexpected"  # there, and not in the file


GAPS = {
    Found.MISSING: "the API took it, and the Space does not list it",
    Found.UNDONE: "it was deleted from the Space by backfill undo",
    Found.NOT_SENT: "it was not sent yet, and the Space does not have it",
}
_ABSENT = {"accepted": Found.MISSING, "deleted": Found.UNDONE, "new": Found.NOT_SENT}


@dataclass(slots=True)
class Sums:
    """Events and money of one month and event name, of the three sides; `other` is of the Space's the rest."""

    file: int = 0
    ledger: int = 0
    space: int = 0
    other: int = 0
    file_amount: Decimal = Decimal()
    ledger_amount: Decimal = Decimal()
    space_amount: Decimal = Decimal()
    other_amount: Decimal = Decimal()

    def add(self, side: str, amount: Decimal | None) -> None:
        setattr(self, side, getattr(self, side) + 1)
        setattr(self, f"{side}_amount", plus(getattr(self, f"{side}_amount"), amount or Decimal()))


@dataclass(slots=True)
class Reckoning:
    """The comparison's result. `places` are (file, row) of the input's events, or ids of the Space's."""

    counts: dict[Found, int] = field(default_factory=lambda: dict.fromkeys(Found, 0))
    amount_differs: int = 0
    time_differs: int = 0
    elsewhere: int = 0  # in the file and the Space, and not by this ledger
    months: defaultdict[tuple[str, str], Sums] = field(default_factory=lambda: defaultdict(Sums))
    places: defaultdict[Found, list[tuple[int, int] | str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def agrees(self) -> bool:
        return not any(n for found, n in self.counts.items() if found not in (Found.AGREE, Found.UNEXPECTED))

    @property
    def gaps(self) -> int:
        return sum(self.counts[found] for found in GAPS)

    def book_own(self, own: Own, listed: Listed | None) -> Found:
        """Count one of the file's events, and what stands for it in the Space."""
        found = _ABSENT[own.state] if listed is None else Found.AGREE if alike(own, listed) else Found.DIFFERENT
        if listed is not None:
            self.amount_differs += not same_amount(own.amount, listed.amount)
            self.time_differs += own.time != listed.time
            self.elsewhere += own.state == "new"
            self._sums(listed.time or own.time, listed.name).add("space", listed.amount)
        sums = self._sums(own.time, listed.name if listed else own.names[0])
        sums.add("file", own.amount)
        if own.state == "accepted":
            sums.add("ledger", own.kept)
        self._count(found, (own.file, own.row))
        return found

    def book_other(self, listed: Listed, found: Found) -> None:
        """Count an event of the Space that stands for none of the file's."""
        sums = self._sums(listed.time or 0, listed.name)
        sums.add("space", listed.amount)
        sums.add("other", listed.amount)
        self._count(found, listed.id)

    def _sums(self, moment: int, name: str) -> Sums:
        return self.months[text_of(moment)[:7], name]

    def _count(self, found: Found, place: tuple[int, int] | str) -> None:
        self.counts[found] += 1
        if found not in (Found.AGREE, Found.UNEXPECTED) and len(self.places[found]) < SHOWN:
            self.places[found].append(place)


def reconcile(
    groups: Iterable[tuple[list[Own], list[Listed]]], first: int, last: int, reckoning: Reckoning
) -> Iterator[tuple[str, str]]:
    """Reckon up groups of events that may be one another; give the key of each gap, and what it is.

    Of the Space's other events those between `first` and `last` (Unix seconds) count.
    """
    for own, listed in groups:
        pairs, rest = match(own, listed)
        for one, there in pairs:
            found = reckoning.book_own(one, there)
            if found in GAPS:
                yield one.key, found
        met = {(there.name, there.order_id) for _, there in pairs if there is not None}
        for there in rest:
            within = there.time is not None and first <= there.time <= last
            again = there.order_id is not None and (there.name, there.order_id) in met
            if again or within:
                reckoning.book_other(there, Found.TWICE if again else Found.UNEXPECTED)
                met.add((there.name, there.order_id))


def match(own: list[Own], listed: list[Listed]) -> tuple[list[tuple[Own, Listed | None]], list[Listed]]:
    """Pair events of one order: those that agree first, then any of a fitting name; and what is left of the listed."""
    exact: defaultdict[tuple[str, int | None, Decimal], list[Listed]] = defaultdict(list)
    for there in listed:
        exact[there.name, there.time, cents(there.amount)].append(there)
    pairs: list[tuple[Own, Listed | None]] = []
    alone = []
    for one in own:
        fitting = next((spot for name in one.names if (spot := exact.get((name, one.time, cents(one.amount))))), None)
        if fitting:
            pairs.append((one, fitting.pop()))
        else:
            alone.append(one)
    taken = {there.id for _, there in pairs if there is not None}
    rest: defaultdict[str, list[Listed]] = defaultdict(list)
    for there in listed:
        if there.id not in taken:
            rest[there.name].append(there)
    for one in alone:
        any_left = next((rest[name] for name in one.names if rest.get(name)), None)
        pairs.append((one, any_left.pop() if any_left else None))
    return pairs, [there for left in rest.values() for there in left]
