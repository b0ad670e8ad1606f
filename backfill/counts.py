"""What became of every row and event, which must add up; and sums of money, exact at any length.

decimal rounds results to 28 digits, by a context that belongs to each thread; so every sum here asks for exactness.
Reading, comparing and writing never round.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from decimal import Context, Decimal, localcontext

from backfill.errors import Unbalanced
from backfill.event import Verdict

_WHOLE = Context(prec=1000)  # an amount has 30 digits, its factor 40, and a sum a few more than both
_CENT = Decimal("0.01")


def exactly() -> AbstractContextManager[Context]:
    """Everything that this thread calculates inside the context is exact."""
    return localcontext(_WHOLE)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Add amounts up."""
    with exactly():
        return sum(amounts, Decimal())


def plus(one: Decimal, other: Decimal) -> Decimal:
    return _WHOLE.add(one, other)


def minus(one: Decimal, other: Decimal) -> Decimal:
    return _WHOLE.subtract(one, other)


def to_cents(amount: Decimal) -> Decimal:
    """An amount with two decimals."""
    return _WHOLE.quantize(amount, _CENT)


@dataclass(slots=True)
class Counts:
    """What became of every row and event. A check counts `ready`; sending moves events from there."""

    rows: int = 0
    merged: int = 0
    with_event: int = 0
    without_event: int = 0
    unreadable: int = 0
    events: int = 0
    existing: int = 0  # how many of those already there came from elsewhere, as the Space's own list shows
    undone: int = 0  # how many of those already there were deleted from the Space by an undo
    incomparable: int = 0  # without order_id, which is what the Space's events are compared by
    unfound: Counter[str] = field(default_factory=Counter)  # with one that the Space lists nothing under, by name there
    unlike: int = 0  # there with another amount, and as an upsell where the input has none, or the reverse
    resent: int = 0  # in the ledger, and sent again all the same
    changed: int = 0
    capi_held: int = 0
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    amounts: defaultdict[Verdict, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    names: Counter[str] = field(default_factory=Counter)
    by_name: defaultdict[Verdict, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    amount_by_name: defaultdict[Verdict, defaultdict[str, Decimal]] = field(
        default_factory=lambda: defaultdict(_amounts)
    )
    codes: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    first: str | None = None
    last: str | None = None
    elsewhere: tuple[int, int] = (0, 0)  # what other Spaces have of this input: rejects; events and unreadable rows

    @property
    def records(self) -> int:
        return self.without_event + self.unreadable + self.with_event

    @property
    def rejects(self) -> int:
        v = self.verdicts
        return self.unreadable + v[Verdict.INVALID] + v[Verdict.REFUSED] + v[Verdict.UNDELIVERED]

    def add_name(self, verdict: Verdict, name: str, number: int, amount: Decimal) -> None:
        """Count a batch's events of one verdict and name."""
        self.verdicts[verdict] += number
        self.names[name] += number
        self.by_name[verdict][name] += number
        self._add(verdict, name, amount)

    def of(self, verdict: Verdict) -> "Counts":
        """The events of a verdict as they are counted now."""
        found = Counts()
        for name, number in self.by_name[verdict].items():
            found.add_name(verdict, name, number, self.amount_by_name[verdict][name])
        return found

    def find_since(self, before: "Counts", seen: "Counts") -> None:
        """Of the events that were ready count those as already there that one pass has seen so, and none `before`."""
        known, ready = Verdict.ALREADY, Verdict.READY
        for name, number in seen.by_name[known].items():
            by = number - before.by_name[known][name]
            if by <= 0:
                continue
            amount = minus(seen.amount_by_name[known][name], before.amount_by_name[known][name])
            for verdict, sign in ((ready, -1), (known, 1)):
                self.verdicts[verdict] += sign * by
                self.by_name[verdict][name] += sign * by
            self._add(ready, name, amount.copy_negate())
            self._add(known, name, amount)

    def move(self, old: Verdict, new: Verdict, name: str, amount: Decimal | None) -> None:
        """An event that was `old` is now `new`."""
        for verdict, by in ((old, -1), (new, 1)):
            self.verdicts[verdict] += by
            self.by_name[verdict][name] += by
        if amount is not None:
            self._add(old, name, amount.copy_negate())
            self._add(new, name, amount)

    def _add(self, verdict: Verdict, name: str, amount: Decimal) -> None:
        self.amounts[verdict] = plus(self.amounts[verdict], amount)
        by_name = self.amount_by_name[verdict]
        by_name[name] = plus(by_name[name], amount)

    def wanted(self, limit: int | None) -> int:
        """How many events are to go out: all that are ready, or as many as --limit says."""
        ready = self.verdicts[Verdict.READY]
        return ready if limit is None else min(ready, limit)

    def leave(self) -> None:
        """What was ready and not sent stays unattempted."""
        for table in (self.verdicts, self.amounts, self.by_name, self.amount_by_name):
            if Verdict.READY in table:
                table[Verdict.UNATTEMPTED] = table.pop(Verdict.READY)  # type: ignore[assignment]

    @property
    def balanced(self) -> bool:
        """The two equations that hold in every summary."""
        return (
            self.rows == self.records + self.merged
            and self.events == sum(self.verdicts.values()) == sum(self.names.values())
            and min(self.verdicts.values(), default=0) >= 0
        )

    def check(self) -> None:
        if not self.balanced:
            raise Unbalanced(
                f"the run's own counts do not add up ({self.rows} rows, {self.records} records, {self.merged} merged, "
                f"{self.events} events, {dict(self.verdicts)}): a bug; please report it"
            )


def _amounts() -> defaultdict[str, Decimal]:
    return defaultdict(Decimal)


def money(amount: Decimal) -> str:
    """A sum as text: at least two decimals, no exponent."""
    exponent = amount.as_tuple().exponent
    return format(amount if isinstance(exponent, int) and exponent <= -2 else to_cents(amount), "f")


def grouped(amount: Decimal) -> str:
    """A sum for people: 1,234.50."""
    return f"{Decimal(money(amount)):,f}"


def priced(amount: Decimal, currency: str) -> str:
    """A sum with its currency, where one is known."""
    return f"{currency} {grouped(amount)}" if currency and currency != "other" else grouped(amount)
