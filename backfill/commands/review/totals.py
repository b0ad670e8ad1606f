"""Totals: orders and money by what becomes of them, month and currency; and by the values that conditions ask for."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import NamedTuple

from backfill.counts import minus, plus, priced
from backfill.event import Verdict
from backfill.report.page.amounts import Write
from backfill.survey.orders import Order
from backfill.survey.statistics import Sum, without_gaps

READY, MENDED, MEND, LEFT, ALREADY, DUPLICATE = "ready", "mended", "mend", "left", "already", "duplicate"
KINDS = (READY, MENDED, MEND, LEFT, ALREADY, DUPLICATE)  # what may become of an order
FIT = (READY, MENDED, ALREADY)
_OF_VERDICT = {Verdict.INVALID: MEND, Verdict.READY: READY, Verdict.ALREADY: ALREADY, Verdict.DUPLICATE: DUPLICATE}
_VALUES = 300  # of a column that are counted one by one; others count as OTHERS
OTHERS = "\0others"
UNKNOWN = ""  # the month of an order whose time can't be read

Money = dict[str, Decimal]  # by currency, "" where none is known


def kind_of(order: Order) -> str:
    """What becomes of an order; of several events' verdicts the one that a person should know of."""
    if not order.events:
        return MEND if order.unreadable else LEFT
    found = {one.verdict for one in order.events}
    return next(kind for verdict, kind in _OF_VERDICT.items() if verdict in found)


class Share(NamedTuple):
    """The events of an order that one thing becomes of, in one month. A row that can't be read counts as one."""

    kind: str
    month: str
    events: int
    amount: Decimal


def shares_of(order: Order, kind: str, month: str, months: "Months") -> list[Share]:
    """What becomes of each event of an order."""
    if len(order.events) < 2:
        return [Share(kind, month, int(kind != LEFT), order.amount or Decimal())]
    found: dict[tuple[str, str], Sum] = {}
    for one in order.events:
        of = _OF_VERDICT[one.verdict], months.of(one.time)
        found.setdefault(of, Sum()).add(1, one.amount or Decimal())
    return [Share(*of, one.events, one.amount) for of, one in found.items()]


class Months:
    """The months of UTC times on a zone's clock."""

    def __init__(self, zone: tzinfo):
        self._zone = zone
        self._of_hour: dict[str, str | None] = {}  # None: the hour lies in two months

    def of(self, time: str) -> str:
        """The month of a time as it is sent, 2024-05; UNKNOWN for none."""
        if not time:
            return UNKNOWN
        hour = time[:13]
        if hour not in self._of_hour:
            first = datetime.fromisoformat(f"{hour}:00:00+00:00")
            ends = {self._local(first), self._local(first + timedelta(minutes=59, seconds=59))}
            self._of_hour[hour] = ends.pop() if len(ends) == 1 else None
        return self._of_hour[hour] or self._local(datetime.fromisoformat(time))

    def _local(self, moment: datetime) -> str:
        return f"{moment.astimezone(self._zone):%Y-%m}"


@dataclass(slots=True)
class Totals:
    """Those of one reading. Whoever mends an order moves it from one kind to another."""

    zone: tzinfo = UTC
    write: Write = priced  # an amount and its currency, as the shop writes them
    several: bool = False  # whether an order may give several events
    priced: bool = True  # whether some event has an amount
    by: dict[tuple[str, str, str], Sum] = field(default_factory=dict)  # kind, month, currency
    values: dict[tuple[int, str], dict[str, Sum]] = field(default_factory=dict)  # condition, its cell -> by currency
    events: Counter[str] = field(default_factory=Counter)  # kind -> events
    _known: Counter[int] = field(default_factory=Counter)  # condition -> its cells that are counted one by one

    def add(
        self, kind: str, month: str, currency: str, shares: Iterable[Share], judged: Iterable[str] = (),
        worth: Decimal | None = None,
    ) -> None:  # fmt: skip
        """Count one order; by what conditions ask of it, it counts with what the file says that it is worth."""
        self.by.setdefault((kind, month, currency), Sum()).events += 1
        for share in shares:
            self.by.setdefault((share.kind, share.month, currency), Sum()).add(0, share.amount)
            self.events[share.kind] += share.events
        for place, text in enumerate(judged):
            if (place, text) not in self.values:
                text = text if self._known[place] < _VALUES else OTHERS
                self._known[place] += (place, text) not in self.values
            self.values.setdefault((place, text), {}).setdefault(currency, Sum()).add(1, worth or Decimal())

    def remove(self, kind: str, month: str, currency: str, shares: Iterable[Share]) -> None:
        """Take one order out that was counted."""
        self.by[kind, month, currency].events -= 1
        for share in shares:
            found = self.by[share.kind, share.month, currency]
            found.amount = minus(found.amount, share.amount)
            self.events[share.kind] -= share.events

    def orders(self, *kinds: str) -> int:
        """How many orders are of these kinds."""
        return sum(one.events for (kind, _, _), one in self.by.items() if kind in kinds)

    def number(self, *kinds: str) -> int:
        """How many orders these are, or events where an order may give several."""
        return sum(self.events[kind] for kind in kinds) if self.several else self.orders(*kinds)

    def money(self, *kinds: str, month: str | None = None) -> Money:
        """What they come to."""
        found: Money = {}
        for (kind, of, currency), one in self.by.items():
            if kind in kinds and month in (None, of) and one.amount:
                found[currency] = plus(found.get(currency, Decimal()), one.amount)
        return found

    def of_month(self, month: str, currency: str, *kinds: str) -> Sum:
        """Orders and money of one month and currency."""
        made = Sum()
        for kind in kinds:
            if found := self.by.get((kind, month, currency)):
                made.add(found.events, found.amount)
        return made

    def of_currency(self, currency: str) -> list[Decimal]:
        """The amounts of a currency, of whatever kind."""
        return [one.amount for (_, _, of), one in self.by.items() if of == currency]

    @property
    def unpriced(self) -> int:
        """How many orders show no currency."""
        return sum(one.events for (_, _, currency), one in self.by.items() if not currency)

    @property
    def currencies(self) -> list[str]:
        """Those of orders that count or should, the most frequent first."""
        often: Counter[str] = Counter()
        for (kind, _, currency), one in self.by.items():
            often[currency] += one.events * (kind != LEFT)
        return [currency for currency, _ in often.most_common()]

    @property
    def months(self) -> list[str]:
        """Every month from the first to the last, and UNKNOWN at the end where some order has none."""
        found = {month for _, month, _ in self.by}
        known = found - {UNKNOWN}
        return [*(without_gaps(known) if known else ()), *([UNKNOWN] if UNKNOWN in found else [])]
