"""Left out: which condition each record without event did not meet, and the sum of what those records are worth."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import pyarrow as pa

from backfill.convert import Batch, ConvertSettings
from backfill.convert.conditions import judge
from backfill.convert.profile import ColumnProfile
from backfill.convert.records import Records
from backfill.convert.steps import worth
from backfill.counts import grouped, plus, total
from backfill.event import masked
from backfill.fields.arrow import Places, Texts, listed, pick, repeated
from backfill.fields.money import totals_by
from backfill.fields.typed import untyped
from backfill.mapping import Condition, Mapping

SHOWN = 3  # of a column's values, the most frequent first
_KEPT = 200  # reasons of a column that are counted separately; others count as "something else"
_PERSONAL = ("email", "phone", "name", "address", "city", "zip", "ip", "fingerprint", "comet_token", "profile_field")

Reason = tuple[str, str]  # a column, and what of its cell left the record out; "" where no column did


@dataclass(slots=True)
class LeftOut:
    """Gathered over one pass, a batch at a time."""

    mapping: Mapping
    records: Counter[Reason] = field(default_factory=Counter)
    amounts: defaultdict[Reason, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    _kept: Counter[str] = field(default_factory=Counter)  # column -> its reasons that are counted separately

    def add(self, batch: Batch, settings: ConvertSettings) -> None:
        """Take in a batch's records that give no event."""
        if not batch.without_event:
            return
        for places, codes, reasons in reasons_of(batch, self.mapping, settings):
            amounts = worth_of(batch.records, places, self.mapping, settings)
            for (code,), records, amount in totals_by({"code": pa.array(codes)}, amounts):
                reason = reasons[code]
                if reason not in self.records:
                    if self._kept[reason[0]] >= _KEPT:
                        reason = (reason[0], "something else")
                    self._kept[reason[0]] += reason not in self.records
                self.records[reason] += records
                self.amounts[reason] = plus(self.amounts[reason], amount)

    def sentence(self) -> str:
        """All of it in one line: `Financial Status is pending 9 (1,204.00), voided 6 (310.00)`."""
        columns: dict[str, list[tuple[str, int, Decimal]]] = {}
        for (column, how), number in self.records.most_common():
            columns.setdefault(column, []).append((how, number, self.amounts[column, how]))
        return "; ".join(_reasons_text(column, found) for column, found in columns.items())


def _reasons_text(column: str, found: list[tuple[str, int, Decimal]]) -> str:
    if len(found) > SHOWN + 1:
        rest = found[SHOWN:]
        found = [*found[:SHOWN], ("others", sum(n for _, n, _ in rest), total(amount for _, _, amount in rest))]
    counts = [f"{how} {number:,}{f' ({grouped(amount)})' if amount else ''}" for how, number, amount in found]
    alike = all(how.startswith("is ") or how == "others" for how, _, _ in found)
    text = ", ".join([counts[0], *(one.removeprefix("is ") if alike else one for one in counts[1:])])
    return f"{column} {text}" if column else text


def reasons_of(
    batch: Batch, mapping: Mapping, settings: ConvertSettings
) -> Iterator[tuple[Places, Places, list[Reason]]]:
    """The batch's records that give no event, some at a time: each one's place, its reason's code, and the reasons."""
    records = batch.records
    left = np.delete(np.arange(len(records)), batch.record)
    blank = records.blank[left]
    if blank.any():
        yield _all(left[blank], "empty rows")
    left = left[~blank]
    for condition in (*mapping.where, *mapping.events[0].where):
        cells = {name: records.cells.of(name, left) for name in condition.names}
        texts = untyped(cells[condition.column])
        passed, unsure, _ = judge(condition, cells, settings.locale, ColumnProfile())
        failed = ~(passed | unsure)
        if failed.any():
            coded = pick(texts, failed).dictionary_encode()
            reasons = [_reason(condition, text, mapping) for text in listed(coded.dictionary)]
            yield left[failed], coded.indices.to_numpy(), reasons
        left = left[~failed]
    later = next((one for one in (*mapping.where, *mapping.events[0].where) if one.first_by is not None), None)
    if len(left) and later is not None:
        yield left, np.zeros(len(left), np.int64), [was_before(later)]
    elif len(left):
        bounded = settings.since is not None or settings.until is not None
        yield _all(left, "not between --since and --until" if bounded else "asked for by no mark of the row")


def was_before(condition: Condition) -> Reason:
    return condition.column, f"was there before, by {condition.first_by}"


def _all(places: Places, how: str) -> tuple[Places, Places, list[Reason]]:
    return places, np.zeros(len(places), np.int64), [("", how)]


def _reason(condition: Condition, text: str, mapping: Mapping) -> Reason:
    column = condition.column
    if not text:
        return column, "is empty"
    if condition.one_of is None and condition.none_of is None:
        return column, _otherwise(condition)
    return column, f"is {'something else' if _personal(column, mapping) else _shown(text)}"


def _otherwise(condition: Condition) -> str:
    if condition.empty is True:
        return "is filled"
    if condition.matches is not None:
        return "is below zero" if condition.leaves_losses_out else f"does not match {condition.matches.pattern}"
    bounds = [
        f"{word} {bound}"
        for word, bound in (
            ("under", condition.at_least),
            ("over", condition.at_most),
            ("before", condition.after),
            ("not before", condition.before),
            ("all of", condition.not_all_of),
            ("not later than", condition.later_than),
        )
        if bound is not None
    ]
    return f"is {' or '.join(bounds)}" if bounds else "is empty"


def _personal(column: str, mapping: Mapping) -> bool:
    """Whether the column says something of a person, so that its cells are not for a log."""
    fields = [(name, cell) for template in mapping.events for name, cell in template.fields.items()]
    return any(column in cell.names and any(mark in name for mark in _PERSONAL) for name, cell in fields)


def _shown(text: str) -> str:
    """A cell for a log: short, without addresses and long numbers, without what moves a terminal's cursor."""
    plain = "".join(c if c.isprintable() else "?" for c in masked(text.strip()))
    return (plain[:37] + "..." if len(plain) > 40 else plain) or "empty"


def worth_of(records: Records, places: Places, mapping: Mapping, settings: ConvertSettings) -> Texts:
    """What these records are worth, by the first template that has an amount; None where nothing shows it."""
    cell = next((one.fields["amount"] for one in mapping.events if "amount" in one.fields), None)
    if cell is None:
        return repeated(None, len(places))
    cells = {name: records.cells.of(name, places) for name in cell.names}
    return worth(cell, cells, len(places), settings.locale)
