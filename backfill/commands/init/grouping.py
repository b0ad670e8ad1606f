"""Grouping: which rows are one order, and how they hold its amount."""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from backfill.commands.init.choice import Choice, Choices, named
from backfill.commands.init.evidence import SOME, frequencies, is_id, neighbours, starts
from backfill.commands.init.guess import Guess
from backfill.commands.init.money import LINES, part_of
from backfill.commands.init.naming import naming, said_in
from backfill.commands.init.phrases import NEVER
from backfill.commands.init.sample import Cells, Column, Sample
from backfill.commands.init.signs import tells_kinds
from backfill.commands.init.statuses import is_sale
from backfill.commands.init.vocabulary import texts
from backfill.errors import counted
from backfill.mapping.yaml_text import scalar, shown

_ITEMS = texts(  # what an order has several of, each with an id
    "item, items, line, lineitem, position, ticket, tickets, billet, biglietto, entrada, participant, participants, "
    "attendee, guest, teilnehmer, asistente, partecipante, participante, deelnemer, deltagare, product, "
    "produkt, sku, barcode, seat"
)
_ORDERS = texts("order, bestellung, bestell, auftrag, pedido, commande, ordine, bestelling, zamowienia, zamowienie")
_PEOPLE = ("email", "first_name", "last_name", "full_name", "phone", "event_time", "clock", "url", "ip", "amount")


@dataclass(frozen=True, slots=True)
class Grouping:
    """The column whose neighbouring rows are one order, if there is one; where it is not `sure`, that is asked.

    `own` is an id that each row has for itself: then the rows of an order may be its payments, not its line items;
    they are, where there is no column.
    `spread` is how they hold the order's likely amount: "once", in one of them; it "repeats"; or it "differs".
    """

    column: Column | None = None
    own: Column | None = None
    spread: str = ""
    led: int = 0
    sure: bool = True
    part: Guess | None = None  # of the order's amount, that each of its rows has

    def within(self, sample: Sample) -> "Grouping":
        """The grouping of some rows, as one of the whole sample."""
        column, own = (one and sample.column(one.name) for one in (self.column, self.own))
        return replace(self, column=column, own=own)

    def lines(self, amount: Choice) -> list[str]:
        """The YAML of `source.group_by` and `source.sum`, or what is asked in their place."""
        if self.column is None:
            return []
        name = scalar(self.column.name)
        repeats = f"{shown(self.column.name)} repeats in {counted(neighbours(self.column), 'row')} below another"
        if not self.sure:
            other = f", and each row has its own {shown(self.own.name)}" if self.own else ""
            return [
                f"# needed: {repeats}{other}. If the rows of an order",
                "# are its line items, group them, and this is the order_id; if each is a payment or an order of its",
                "# own, it is not.",
                f"# group_by: {name}",
                *(self._sum(amount) if self.own is None else []),
            ]
        filled = (
            f", and {counted(self.led, 'column is', 'columns are')} filled in the first of them alone"
            if self.led
            else ""
        )
        lines = [f"# sure: {repeats}{filled}, so an order has several rows", f"group_by: {name}"]
        if self.spread == "repeats":
            lines.append("# an order's amount is the same in all its rows, and is taken once")
        return lines + self._sum(amount)

    def _sum(self, amount: Choice) -> list[str]:
        """What is asked where the rows of an order differ in their amount, and no name says that each has its own."""
        if self.part is not None and self.sure:
            if all(column.name != self.part.name for column in amount.columns):  # what nothing reads has no sum
                return [f"# sum: [{scalar(self.part.name)}]     # where it is the amount: each row has its own item's"]
            return [
                "# sure: each row has the amount of its own item, which together are the order's",
                f"sum: [{scalar(self.part.name)}]",
            ]
        if self.spread != "differs":
            return []
        return [
            "# needed: the amounts differ between the rows of an order. If each row has its own part of the total,",
            "# add them up; if the first row has it all, another column may be the line's. Look at an order with",
            "# two rows.",
            f"# sum: [{scalar(amount.columns[0].name) if amount.columns else 'COLUMN'}]",
        ]


def leader(sample: Sample) -> tuple[Column | None, int]:
    """The column that repeats where others are blank: each order's first row has all, the rest its line items.

    Such a column is filled in every row, and no value comes back later. An amount and a time are among the others that
    are filled in first rows alone; the second result is how many they are.
    """
    best: tuple[int, int, int, Column] | None = None
    filled = np.array([column.cells != "" for column in sample.columns], dtype=bool)
    for at, column in enumerate(sample.columns):
        cells = column.cells
        if not neighbours(column) or not filled[at].all() or _has_records(column, sample):
            continue
        first = starts(column)
        if len(set(cells[first].tolist())) < first.sum():
            continue
        alone = (filled[:, first].mean(axis=1) >= SOME) & ~filled[:, ~first].any(axis=1)
        led = [sample.columns[other] for other in np.flatnonzero(alone).tolist()]
        if all(any(naming(field, other.name) for other in led) for field in ("amount", "event_time")):
            called = (column in named("order_id", sample)) + bool(_ORDERS & said_in(column.name))
            best = max([best, (len(led), called, -at, column)], key=lambda found: found[:3] if found else (0, 0, 0))
    return (best[3], best[0]) if best else (None, 0)


def _has_records(column: Column, sample: Sample) -> bool:
    """Whether rows that share its value are records of their own: each at another time, and with an id of its own."""
    ids = [c for c in named("order_id", sample) if c is not column and not _ITEMS & said_in(c.name)]
    own = any(len({*one.cells.tolist()}) == len(one.cells) and all(one.cells) for one in ids)
    times = [time for time in named("event_time", sample) if all(time.cells)]
    return own and any(_differ(column, time) for time in times)


def grouping_of(choices: Choices, order_id: Choice, led: Column | None, count: int) -> Grouping:
    """Say which rows are one order, once the order's id is chosen."""
    if led is not None:
        return Grouping(led, None, _spread(led, choices), count)
    if transactions(choices.sample):
        return Grouping()
    column, likely = _repeated(choices, order_id), None
    if column is None and not order_id.columns:
        likely = _likely(choices)
    own = _own_id(column, choices)
    if own is not None and _ITEMS & said_in(own.name):
        own = None
    if own is not None and column is not None and _apart(column, choices):
        return Grouping(None, own)  # payments at different times, each with an id
    if own is None and column is not None and any(_has_steps(column, other) for other in choices.sample.columns):
        return Grouping()
    if own is None and column is not None and _on_other_days(column, choices):
        return Grouping(column, None, _spread(column, choices), sure=False)  # perhaps a member's fees
    group = column or likely
    return Grouping(
        group,
        own,
        _spread(group, choices),
        0,
        likely is None and own is None,
        part_of(choices, group) if group else None,
    )


def _apart(group: Column, choices: Choices) -> bool:
    """Whether rows that share a value are of different times, as payments are, and items of one order are not."""
    return any(time.tier < 2 and _differ(group, time.column) for time in choices.sure("event_time"))


def _has_steps(group: Column, kinds: Column) -> bool:
    """Whether a column of kinds tells the steps of one payment apart, such as its sale and its settlement."""
    return not (_ITEMS | LINES) & said_in(kinds.name) and tells_kinds(kinds) and _differ(group, kinds)


def _differ(group: Column, other: Column) -> bool:
    """Whether rows that share a value of the group have several of the other column, each time that one is shared."""
    pairs = [*zip(group.cells.tolist(), other.cells.tolist(), strict=True)]
    shared = [key for key, number in Counter(key for key, _ in pairs if key).items() if number > 1]
    return bool(shared) and all(len({text for key, text in pairs if key == one}) > 1 for one in shared)


def _on_other_days(group: Column, choices: Choices) -> bool:
    """Whether rows that share a value are of other days, each time that one is shared."""
    for time in choices.sure("event_time"):
        days: dict[str, list[str]] = {}
        for key, text in zip(group.cells.tolist(), time.column.cells.tolist(), strict=True):
            days.setdefault(key, []).append(text[:10])
        shared = [found for key, found in days.items() if key and len(found) > 1]
        if shared and all(len({*found}) > 1 and all(found) for found in shared):
            return True
    return False


def transactions(sample: Sample) -> bool:
    """Whether a column says of each row if it is a sale or a refund: then rows are payments, not line items."""
    kinds = [{is_sale(text) for text, _ in frequencies(column)} for column in named("type", sample)[:1]]
    return any({True, False} <= kind for kind in kinds)


def _repeated(choices: Choices, order_id: Choice) -> Column | None:
    """The column whose neighbouring rows are one order, or may be one where each row has an id of its own."""
    if not order_id.columns:
        return None
    if neighbours(order_id.columns[0]):
        return order_id.columns[0]
    own = (order_id.columns[0].cells != "").all()
    others = [guess for guess in choices.sure("order_id") if guess.column not in order_id.columns]
    others = [guess for guess in others if not own or guess.tier in (0, 1)]
    return next((g.column for g in others if neighbours(g.column) and (g.column.cells != "").all()), None)


def _likely(choices: Choices) -> Column | None:
    """A column of another name that repeats below one another with the same address: the one that says most."""
    emails = choices.sure("email")[:1]
    there = emails[0].column.cells != "" if emails else np.array([], dtype=bool)  # a payout has none
    people = {column.name for name in _PEOPLE for column in named(name, choices.sample)}
    found = [
        column
        for column in choices.sample.columns if emails
        if column.name not in people and _is_shared(replace(column, cells=column.cells[there]))
        and _goes_with(replace(column, cells=column.cells[there]), emails[0].column.cells[there])
    ]  # fmt: skip
    return max(found, key=lambda column: len({*column.cells.tolist()}), default=None)


def _is_shared(column: Column) -> bool:
    return neighbours(column) > 0 and is_id(column, [])


def _goes_with(column: Column, addresses: Cells) -> bool:
    """Whether each of its values has one address; one address may have several of them."""
    pairs = {*zip(column.cells.tolist(), addresses.tolist(), strict=True)}
    return len(pairs) == len({*column.cells.tolist()}) < len(column.cells)


def _spread(group: Column | None, choices: Choices) -> str:
    amounts = [guess.column for guess in choices.of("amount") if guess.plain]
    if group is None or not amounts:
        return ""
    seen: dict[str, list[str]] = {}
    for key, text in zip(group.cells.tolist(), amounts[0].cells.tolist(), strict=True):
        if key:
            seen.setdefault(key, []).append(text)
    several = [[text for text in texts if text] for texts in seen.values() if len(texts) > 1]
    if any(len(set(texts)) > 1 for texts in several):
        return "differs"
    return "repeats" if any(len(texts) > 1 for texts in several) else "once"


def _own_id(group: Column | None, choices: Choices) -> Column | None:
    guessed: list[Guess] = choices.of("order_id") if group else []
    times = [guess.column for guess in choices.of("event_time")]
    columns = [guess.column for guess in guessed if guess.column is not group and guess.tier != NEVER]
    columns = [column for column in columns if column not in times]
    return next((c for c in columns if len(set(c.cells.tolist())) == len(c.cells) and (c.cells != "").all()), None)
