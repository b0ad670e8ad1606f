"""Reconciling: what a file says, what the ledger says, and what the Space has, event by event."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from operator import eq

from backfill.api.readback import ExpectedEvent, ListedEvent, alike, cents, kind_of, same_amount, text_of
from backfill.counts import plus

SHOWN = 20  # places of each kind that are named


class Difference(StrEnum):
    """What became of a file's event, or of one of the Space's that the file does not have."""

    AGREE = "agree"
    DIFFERENT = "different"  # there, with another amount or time
    MISSING = "missing"  # the ledger says that the API took it; it is not there
    UNDONE = "undone"  # deleted since, by an undo
    NOT_SENT = "not_sent"  # neither in the ledger nor there
    REFUSED = "refused"  # the API refused it, and a person is to mend it
    TWICE = "twice"  # one more under a name and order_id that is there
    DOUBLED = "doubled"  # alike in person, name, amount and time to another, under another id
    OURS = "ours"  # there, not in the file, and sent by a run of this ledger
    UNEXPECTED = "unexpected"  # there, not in the file, and not by this ledger


FINE = {Difference.AGREE, Difference.REFUSED, Difference.OURS, Difference.UNEXPECTED}
OF_THE_SPACE = {
    Difference.TWICE,
    Difference.DOUBLED,
    Difference.OURS,
    Difference.UNEXPECTED,
}  # of the Space's events, not of the file's
OTHER = "other"  # the state of an event that is in the ledger and not in the file
OTHER_KEY = "other_key"  # of one of the file that is in the ledger under another key than the file gives it
MENDED = "mended"  # of one that was mended before it was sent: the file's row does not say what went out
GAPS = {
    Difference.MISSING: "the API took it, and the Space does not list it",
    Difference.UNDONE: "it was deleted from the Space by backfill undo",
    Difference.NOT_SENT: "it was not sent yet, and the Space does not have it",
}
_SENT = ("accepted", MENDED)
_ABSENT = {
    "accepted": Difference.MISSING,
    MENDED: Difference.MISSING,
    "deleted": Difference.UNDONE,
    "new": Difference.NOT_SENT,
    "refused": Difference.REFUSED,
    "undelivered": Difference.NOT_SENT,
}


@dataclass(slots=True)
class Sums:
    """Events and money of one month and event name, of the three sides.

    `ledger` is all that it sent and that is the file's or there; `other` are the Space's that are in neither.
    """

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
class Reconciliation:
    """The comparison's result. `places` are (file, row) of the input's events, or ids of the Space's."""

    counts: dict[Difference, int] = field(default_factory=lambda: dict.fromkeys(Difference, 0))
    amount_differs: int = 0
    time_differs: int = 0
    elsewhere: int = 0  # in the file and the Space, and not in the ledger
    refused_there: int = 0  # of those, rejects that the API refused
    undelivered_there: int = 0  # of those, rejects that it gave no answer for
    undelivered: int = 0  # of the file, rejects that it gave no answer for
    upsells: int = 0  # unexpected, under an order_id of ours: of another amount, and an upsell where that is none
    other_keys: int = 0  # in the file and the Space, and in the ledger under another key
    absent: int = 0  # sent by the ledger, of another file, and not there
    mended: int = 0  # of the file, and sent once they were mended
    settled: int = 0  # rejects that are no longer to be mended, as a later run had them accepted
    unmended: int = 0  # gaps of those: their rows are as the file has them
    sent_first: int = 0  # of the file, there as a run without an answer had sent them, and not as the ledger has it
    others: set[str] = field(default_factory=set)  # keys of the file's events that are there as another person's
    person_unclear: int = 0  # of the file, there, and perhaps as the person's whom such a run had named
    unclear: int = 0  # gaps that may be there as well, as others of their second: nobody is to send them
    sent: int = 0  # of the file, sent by the ledger, and there as they were sent
    twins: list[str] = field(default_factory=list)  # ids of the Space's events that are ours and have another like them
    months: defaultdict[tuple[str, str], Sums] = field(default_factory=lambda: defaultdict(Sums))
    places: defaultdict[Difference, list[tuple[int, int] | str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def agrees(self) -> bool:
        return not any(n for found, n in self.counts.items() if found not in FINE)

    @property
    def ours(self) -> bool:
        """Whether what was listed is the ledger's Space for sure: something that it sent is there as it was sent."""
        return bool(self.sent or self.counts[Difference.OURS])

    @property
    def gaps(self) -> int:
        return sum(self.counts[found] for found in GAPS) - self.unclear

    def match_expected(self, own: ExpectedEvent, listed: ListedEvent | None) -> Difference:
        """Count one of the file's events, and the Space's event that matches it, if any."""
        found = (
            _ABSENT[own.state]
            if listed is None
            else Difference.AGREE
            if alike(own, listed) and own.key not in self.others
            else Difference.DIFFERENT
        )
        if listed is not None:
            self.amount_differs += not same_amount(own.amount, listed.amount)
            self.time_differs += own.time != listed.time
            self.elsewhere += own.state not in (*_SENT, "deleted", OTHER_KEY)
            self.other_keys += own.state == OTHER_KEY
            self.refused_there += own.state == "refused"
            self.undelivered_there += own.state == "undelivered"
            self.sent += own.state in (*_SENT, OTHER_KEY) and found is Difference.AGREE
            self._sums(listed.time or own.time, listed.name).add("space", listed.amount)
        self.undelivered += own.state == "undelivered"
        sums = self._sums(own.time, listed.name if listed else own.names[0])
        if own.state == MENDED:
            self.mended += 1
        else:
            sums.add("file", own.amount)
        if own.state in (*_SENT, OTHER_KEY):
            sums.add("ledger", own.kept)
        self._count(found, (own.file, own.row))
        return found

    def count_other(self, listed: ListedEvent, found: Difference, ours: bool) -> None:
        """Count an event of the Space that matches none of the file's."""
        sums = self._sums(listed.time or 0, listed.name)
        sums.add("space", listed.amount)
        sums.add("ledger" if ours else "other", listed.amount)
        self._count(found, listed.id)

    def count_doubled(self, ids: Iterable[str]) -> None:
        """Count events of the Space that are like another one; each is also counted as what else it is."""
        for one in ids:
            self._count(Difference.DOUBLED, one)

    def _sums(self, moment: int, name: str) -> Sums:
        return self.months[text_of(moment)[:7], name]

    def _count(self, found: Difference, place: tuple[int, int] | str) -> None:
        self.counts[found] += 1
        if found not in (Difference.AGREE, Difference.OURS, Difference.UNEXPECTED) and len(self.places[found]) < SHOWN:
            self.places[found].append(place)


def reconcile(
    groups: Iterable[tuple[list[ExpectedEvent], list[ListedEvent]]],
    first: int,
    last: int,
    reconciled: Reconciliation,
    same: Callable[[bytes, bytes], bool | None] = eq,
) -> Iterator[tuple[str, str]]:
    """Compare groups of events that may be the same; give the key of each gap, and its kind.

    Of the Space's other events those between `first` and `last` (Unix seconds) count.
    """
    for own, listed in groups:
        pairs, rest = match(own, listed)
        pairs = list(_under_other_keys(pairs, same))
        for one, there in pairs:
            if one.state != OTHER:
                found = reconciled.match_expected(one, there)
                if found in GAPS and _may_be_there(one, pairs):
                    reconciled.unclear += 1
                elif found in GAPS:
                    yield one.key, found
            elif there is None and first <= one.time <= last:
                reconciled.absent += bool(one.names)  # an event whose name is not known may be there under another one
        reconciled.twins += [there.id for _, there in pairs if there is not None and there.twin]
        met: defaultdict[tuple[str, str | None], list[tuple[ListedEvent, bool]]] = defaultdict(list)
        for one, there in pairs:
            if there is not None and one.state != OTHER:
                met[_order(there)].append((there, True))
        elsewhere = [(there, True) for one, there in pairs if there is not None and one.state == OTHER]
        for there, ours in (*elsewhere, *((one, False) for one in rest)):
            within = there.time is not None and first <= there.time <= last
            once = met[_order(there)] if there.order_id is not None else []
            again = any(
                one.name == there.name or (mine and same_amount(one.amount, there.amount))
                for one, mine in once
                if not ours or _like(there, one)  # two shops of ours may share an id
            )
            if again or within:
                kind = Difference.TWICE if again else Difference.OURS if ours else Difference.UNEXPECTED
                reconciled.count_other(there, kind, ours)
                reconciled.upsells += kind is Difference.UNEXPECTED and any(mine for _, mine in once)
                met[_order(there)].append((there, ours))


def _under_other_keys(
    pairs: list[tuple[ExpectedEvent, ListedEvent | None]], same: Callable[[bytes, bytes], bool | None]
) -> Iterator[tuple[ExpectedEvent, ListedEvent | None]]:
    """The pairs, with those of the file taken for the ledger's own that it has under another key, alike in all else.

    `same` says whether both name the same person, and not another: two shops may share an id.
    """
    others = [one for one, there in pairs if one.state == OTHER and there is None and one.order_id is not None]
    taken = set[str]()
    made = []
    for one, there in pairs:
        like = (
            other
            for other in others
            if there is not None and other.key not in taken and alike(other, there)
            if same(other.person, one.person) is not False
        )
        if one.state == "new" and there is not None and alike(one, there) and (own := next(like, None)):
            taken.add(own.key)
            one = replace(one, state=OTHER_KEY, kept=own.amount)
        made.append((one, there))
    return (pair for pair in made if pair[0].key not in taken)


def _may_be_there(gap: ExpectedEvent, pairs: Iterable[tuple[ExpectedEvent, ListedEvent | None]]) -> bool:
    """Whether what was taken for another event of the gap's second, both without an order_id, may be the gap's own.

    It is another's where the ledger has sent that one, and not this one.
    """
    return gap.order_id is None and any(
        there is not None
        and there.name in gap.names
        and (cents(there.amount) == cents(gap.amount) or not alike(one, there))
        and (gap.state in _SENT or one.state not in (*_SENT, OTHER))
        for one, there in pairs
    )


def _like(one: ListedEvent, other: ListedEvent) -> bool:
    """Whether two events under one order_id may be one order: nothing that is known of them differs."""
    persons = {one.person, other.person} - {None}
    return len(persons) < 2 and one.time == other.time and same_amount(one.amount, other.amount)


def _order(listed: ListedEvent) -> tuple[str, str | None]:
    """An upsell under its main order's id is another event; which of the two one is, not every source says."""
    return kind_of(listed.name), listed.order_id


def match(
    own: list[ExpectedEvent], listed: list[ListedEvent]
) -> tuple[list[tuple[ExpectedEvent, ListedEvent | None]], list[ListedEvent]]:
    """Pair events of one order: those that agree first, then the file's with any of a fitting name; and the rest.

    A likely name comes before the other; but an event of the same amount under that one before one of another amount.
    What was sent, and is there under the other name alone with another amount, is not there.
    """
    left = {one.id: one for one in listed}
    found: dict[int, ListedEvent] = {}  # by the place in `own`
    sent = [at for at, one in enumerate(own) if one.state in _SENT]
    new = [at for at, one in enumerate(own) if one.state not in (*_SENT, OTHER)]
    others = [at for at, one in enumerate(own) if one.state == OTHER]
    exact = [(some, _moments, likely) for some in (sent, new, others) for likely in (True, False)]
    by_name = [(sent + new, _worths, True), (sent + new, _worths, False), (sent + new, _any, True), (new, _any, False)]
    for some, marks, likely in (*exact, *by_name):
        waiting = [at for at in some if at not in found]
        if not waiting or not left:
            continue
        spots: defaultdict[tuple[str, Hashable], list[ListedEvent]] = defaultdict(list)
        for there in left.values():
            spots[there.name, marks(there)[0]].append(there)
        unnamed = tuple({there.name for there in left.values()})
        for at in waiting:
            other = own[at].names[1:] if own[at].names else unnamed
            fitting = ((name, mark) for name in (own[at].names[:1] if likely else other) for mark in marks(own[at]))
            if spot := next((spot for one in fitting if (spot := spots.get(one))), None):
                found[at] = spot.pop()
                del left[found[at].id]
    return [(own[at], found.get(at)) for at in (*sent, *new, *others)], list(left.values())


def _moments(one: ExpectedEvent | ListedEvent) -> tuple[Hashable, ...]:
    return ((one.time, cents(one.amount)),)


def _worths(one: ExpectedEvent | ListedEvent) -> tuple[Hashable, ...]:
    kept = one.kept if isinstance(one, ExpectedEvent) else None
    return tuple(cents(amount) for amount in ((one.amount,) if kept is None else (one.amount, kept)))


def _any(_: ExpectedEvent | ListedEvent) -> tuple[Hashable, ...]:
    return ("",)
