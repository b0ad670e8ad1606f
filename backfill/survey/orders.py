"""Orders: each record of a survey with what becomes of it, for people who ask about one and not about the sum."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from backfill.convert import Batch, convert
from backfill.convert.conditions import judge
from backfill.convert.expressions import text_of
from backfill.convert.profile import ColumnProfile
from backfill.convert.rejected import rules_by_event
from backfill.counts import total
from backfill.event import Row, Verdict
from backfill.fields.arrow import Texts, listed
from backfill.fields.typed import untyped
from backfill.files.reject_entries import Rule
from backfill.ledger import Known, amount_of
from backfill.mapping import Condition, Mapping
from backfill.survey.in_ledger import kept_of
from backfill.survey.left_out import reasons_of, was_before, worth_of
from backfill.survey.passes import Survey
from backfill.survey.verdict_column import VerdictColumn

TOKENS = ("comet_token", "tracking_id")
UNMET = "\0unmet"  # of a condition that lists no values: it leaves the record out


class OrderEvent(NamedTuple):
    """One event of an order; `rules` are those that it broke, `body` what goes out where that was asked for."""

    name: str
    key: str | None
    order_id: str | None
    verdict: Verdict
    amount: Decimal | None
    rules: tuple[Rule, ...]
    body: bytes
    time: str = ""


class Order(NamedTuple):
    """One record, or a row that can't be read. What its cells say is there whether or not it gives an event."""

    rows: list[Row]
    events: tuple[OrderEvent, ...] = ()
    name: str = ""
    order_id: str = ""
    email: str = ""
    time: str = ""  # as sent; "" where none can be read
    amount: Decimal | None = None  # of its events together; where none can be sent or counts, what it is worth
    currency: str = ""
    left_out: str = ""  # by which condition
    unreadable: str = ""  # why
    judged: tuple[str, ...] = ()  # by each of the `conditions`: the cell where it lists values, else UNMET or nothing
    tokens: tuple[str, ...] = ()  # by which it is one person's with others
    worth: Decimal | None = None  # what its cells say, whether or not it goes out with that

    @property
    def rejected(self) -> bool:
        """Whether a person must look at it."""
        return bool(self.unreadable) or any(one.verdict is Verdict.INVALID for one in self.events)


def orders(survey: Survey, bodies: bool = False, look: Callable[[Batch], None] = lambda batch: None) -> Iterator[Order]:
    """Every record once, with the survey's verdicts; those of a frame in the input's order. `look` sees each batch."""
    for batch, verdicts in survey.judged():
        look(batch)
        with survey.ending(batch.records):  # of records that count for nothing, too
            yield from _orders(batch, verdicts, survey, bodies)
        for row, reason in batch.records.unreadable():
            yield Order([row], unreadable=reason)


def names_of(batch: Batch, mapping: Mapping) -> Iterator[tuple[str, Texts]]:
    """What each record may be called: by the columns of its id and name, whether or not it gives an event."""
    for template in mapping.events:
        for name in ("order_id", "order_name"):
            if (cell := template.fields.get(name)) is not None:
                yield name, text_of(cell, batch.records.cells, len(batch.records))[0]
    if mapping.source.group_by is not None:
        yield "order_name", batch.records.cells[mapping.source.group_by]


def reasons_left_out(batch: Batch, survey: Survey) -> dict[int, str]:
    """Which condition left out each record without an event."""
    found = {}
    for places, codes, reasons in reasons_of(batch, survey.mapping, survey.settings):
        for record, code in zip(places.tolist(), codes.tolist(), strict=True):
            found[record] = " ".join(filter(None, reasons[code]))
    return found


def _orders(batch: Batch, verdicts: VerdictColumn, survey: Survey, bodies: bool) -> Iterator[Order]:
    records, mapping = batch.records, survey.mapping
    names: dict[str, list[str]] = {}
    for name, found in names_of(batch, mapping):
        names.setdefault(name, listed(found))
    ids = names.get("order_id", [""] * len(records))
    called = names.get("order_name", ids)
    emails, signs = _emails(batch, mapping), _currencies(batch, survey)
    sent = kept_of(batch, survey.ledger, None) if verdicts.are(Verdict.ALREADY).any() else {}
    events, times, tokens = _events(batch, verdicts, mapping, bodies, sent)
    left = reasons_left_out(batch, survey)
    judged = list(zip(*(_judged(one, batch, survey, left) for one in mapping.conditions), strict=True))
    judged = judged or [()] * len(records)
    worths = listed(worth_of(records, np.arange(len(records)), mapping, survey.settings))
    worth = [None if text is None else Decimal(text) for text in worths]
    times_left = _times_left(batch, survey, left)
    for at in range(len(records)):
        own = tuple(events.get(at, ()))
        time, amount = (times[at], _sum(own)) if own else (times_left.get(at, ""), worth[at])
        if amount is None and any(field == "amount" for one in own for _, field, *_ in one.rules):
            amount = worth[at]  # below zero, which can't be sent
        who = called[at] or ids[at], ids[at], emails[at], time, amount, signs[at]
        also = left.get(at, ""), "", judged[at], tuple(tokens.get(at, ())), worth[at]
        yield Order(records.rows_of(at), own, *who, *also)


def _judged(one: Condition, batch: Batch, survey: Survey, left: dict[int, str]) -> list[str]:
    """Of each record the cell that a condition's values are asked of, or of other tests whether they leave it out."""
    cells, count = batch.records.cells, len(batch.records)
    if one.lists:
        return listed(untyped(cells[one.column]))
    if one.first_by is not None:
        said = " ".join(was_before(one))
        return [UNMET if left.get(at) == said else "" for at in range(count)]
    passed, unsure, _ = judge(one, cells, survey.settings.locale, ColumnProfile())
    met = passed | unsure | batch.records.blank
    return ["" if one else UNMET for one in met.tolist()]


def _sum(events: tuple[OrderEvent, ...]) -> Decimal | None:
    amounts = [one.amount for one in events if one.amount is not None]
    return total(amounts) if amounts[1:] else amounts[0] if amounts else None


def _events(
    batch: Batch, verdicts: VerdictColumn, mapping: Mapping, bodies: bool, sent: dict[int, Known]
) -> tuple[dict[int, list[OrderEvent]], dict[int, str], dict[int, list[str]]]:
    """By record: its events, the time of the first, and what makes them one person's.

    Of an event that was sent before, amount and time are those that were accepted, whatever its cells say by now.
    """
    rejected = [at for at in batch.problems if verdicts[at] == Verdict.INVALID]
    broken = rules_by_event(batch, rejected, mapping)
    events: dict[int, list[OrderEvent]] = {}
    times: dict[int, str] = {}
    tokens: dict[int, list[str]] = {}
    written = batch.body.written(np.arange(len(batch))) if bodies else [b""] * len(batch)
    columns = zip(
        batch.record.tolist(),
        listed(batch.name),
        listed(batch.key),
        listed(batch.order_id),
        batch.amounts,
        listed(batch.time),
        verdicts,
        strict=True,
    )
    for at, (record, name, key, order_id, amount, time, verdict) in enumerate(columns):
        if verdict is Verdict.ALREADY and (before := sent.get(at)) is not None:
            amount, time = amount_of(before.amount), before.time
        one = OrderEvent(name or "", key, order_id, verdict, amount, broken.get(at, ()), written[at], time or "")
        events.setdefault(record, []).append(one)
        times.setdefault(record, time or "")
    for name in TOKENS:
        for record, value in zip(batch.record.tolist(), listed(batch.column(name)), strict=True):
            if value is not None:
                tokens.setdefault(record, []).append(f"{name}:{value}")
    return events, times, tokens


def _emails(batch: Batch, mapping: Mapping) -> list[str]:
    for template in mapping.events:
        if (cell := template.fields.get("email")) is not None:
            return listed(text_of(cell, batch.records.cells, len(batch.records))[0])
    return [""] * len(batch.records)


def _currencies(batch: Batch, survey: Survey) -> list[str]:
    """The currency of each record; what is no three letters is none that a person should be shown."""
    column = survey.account.statistics.currency
    if column is None or column not in batch.records.cells:
        return [""] * len(batch.records)
    signs = [text.strip().upper() for text in listed(batch.records.cells[column])]
    return [sign if len(sign) == 3 and sign.isascii() and sign.isalpha() else "" for sign in signs]


def _times_left(batch: Batch, survey: Survey, left: dict[int, str]) -> dict[int, str]:
    """The times of the records that count for nothing, read as if they did."""
    if not left:
        return {}
    places = sorted(left)
    kept = batch.records.among(places).tolist()
    first = replace(survey.mapping.events[0], where=())
    open_to_all = replace(survey.mapping, where=(), events=(first,))
    made = convert(batch.records.pick(kept, ()), open_to_all, replace(survey.settings, since=None, until=None))
    return {places[at]: time or "" for at, time in zip(made.record.tolist(), listed(made.time), strict=True)}
