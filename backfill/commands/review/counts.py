"""What counts: conditions by value with orders and money, every row accounted for, and months to hold against the
shop's own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

from backfill.commands.review.answers import Asked, Moved, Refused, Screen
from backfill.commands.review.columns import known_columns
from backfill.commands.review.reading import Reading
from backfill.commands.review.session import Session
from backfill.commands.review.totals import (
    ALREADY,
    DUPLICATE,
    FIT,
    LEFT,
    MEND,
    MENDED,
    OTHERS,
    READY,
    Money,
    Totals,
)
from backfill.commands.review.trial import Shown, shown_by
from backfill.commands.review.words import money_text, month_word
from backfill.errors import BackfillError, visible
from backfill.event import Verdict
from backfill.mapping import Condition, load_text
from backfill.mapping.edit import Off, conditions_off, with_condition, with_values, without_condition
from backfill.report.page.source import condition_text
from backfill.report.page.source import events as named_events
from backfill.survey.orders import UNMET
from backfill.survey.statistics import Sum

OTHERS_SAID = "other values"
OFF = "off-"  # before the number of a condition that is switched off
_SHOWN = 40  # values of a condition


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a condition's column."""

    text: str
    counts: bool
    orders: int
    money: str


@dataclass(frozen=True, slots=True)
class Asks:
    """One condition: its values where it lists some, or what else it asks. `place` is what it is sent back as."""

    place: str
    column: str
    said: str
    values: list[Value]
    more: int  # values that are not shown
    orders: int = 0  # that are left out, where it lists no values
    money: str = ""
    on: bool = True
    event: str = ""  # that alone it is asked for, where there are several


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a sum."""

    sign: str
    label: str
    orders: int
    money: str
    total: bool = False
    events: int = 0


@dataclass(frozen=True, slots=True)
class Month:
    """One month of one currency; `widths` are of the bars, in percent."""

    name: str
    orders: int
    fit: Sum
    left: Sum
    mend: Sum
    widths: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Currency:
    """The months of one currency, and all of them together."""

    name: str
    months: list[Month]
    total: Month


def screen(session: Session, asked: Asked) -> Screen:
    """The screen."""
    shown = shown_by(session.trial_asked(asked), session.reading, session.unit)
    if isinstance(shown, Screen):
        return shown
    totals, survey = shown.reading.totals, shown.reading.survey
    return Screen("counts.html", {
        **shown.bar,
        "write": totals.write,
        "comma": totals.write(Decimal(), "") == "0,00",
        "conditions": list(_conditions(session, shown)),
        "sums": list(_sums(totals, session)),
        "counts": survey.account.counts,
        "currencies": [_currency(name, totals) for name in _priced(totals)],
        "unpriced": totals.unpriced if len(totals.currencies) > 1 else 0,
        "currency_column": survey.account.statistics.currency,
        "zone": survey.account.statistics.zone_name,
        "by_event": _by_event(shown.reading),
    })  # fmt: skip


def _conditions(session: Session, shown: Shown) -> Iterator[Asks]:
    """Those that hold in what is shown, and those that are switched off; all are changed from what held before it."""
    totals, trial = shown.reading.totals, shown.trial
    before = session.reading.survey.mapping.conditions
    mapping = shown.reading.survey.mapping
    events = [name for (name, _), one in zip(named_events(mapping), mapping.events, strict=True) for _ in one.where]
    events = [""] * len(mapping.where) + (events if totals.several else [""] * len(events))
    for at, (one, event) in enumerate(zip(mapping.conditions, events, strict=True)):
        asks = replace(_asks(at, one, totals), event=event)
        if trial is not None:
            same = [
                str(place) for place, other in enumerate(before) if (other.column, other.lists) == (one.column, True)
            ]
            asks = replace(asks, place=same[0] if one.lists and len(same) == 1 else "")
        yield asks
    text = session.mapping_text.text if trial is None else trial.text
    for at, (off, said) in enumerate(_switched_off(text, tuple(known_columns(session.reading)))):
        yield Asks("" if trial else f"{OFF}{at}", off.column, said, [], 0, on=False)


@lru_cache(maxsize=8)
def _switched_off(text: str, columns: tuple[str, ...]) -> list[tuple[Off, str]]:
    """The conditions that are switched off, and what they ask in words."""
    found = []
    for off in conditions_off(text, columns):
        mapping = load_text(with_condition(text, off), "")
        where = mapping.where if off.table < 0 else mapping.events[off.table].where
        found += [(off, condition_text(one)) for one in where if one.column == off.column]
    return found


def switch(session: Session, asked: Asked) -> Moved:
    """Try the mapping without a condition, or with one that is switched off."""
    session.check_rev(asked)
    at, wanted, text = asked.text("condition"), asked.text("on") == "yes", session.mapping_text.text
    every = session.reading.survey.mapping.conditions
    off = _switched_off(text, tuple(known_columns(session.reading)))
    number = at.removeprefix(OFF)
    known: Sequence[object] = off if at.startswith(OFF) else every
    if not (number.isascii() and number.isdigit() and int(number) < len(known)):
        raise Refused(400, "There is no such condition.")
    if wanted is not at.startswith(OFF):
        return Moved("counts")
    place = int(number)
    try:
        if wanted:
            one, said = off[place]
            edited, what = with_condition(text, one), f"{visible(one.column)} ({visible(said)}) is required"
        else:
            gone = every[place]
            edited = without_condition(text, place)
            what = f"{visible(gone.column)} ({visible(condition_text(gone))}) is no longer required"
        trial = session.try_out((-2 - place, at), what, edited, session.options, "counts")
    except BackfillError as error:
        raise Refused(400, f"{error}; change it in the mapping’s text.") from None
    return Moved(f"counts?try={trial.number}", {"try": trial.number})


def change(session: Session, asked: Asked) -> Moved:
    """Try other values of a condition: those that are ticked count, of those that are shown."""
    if asked.text("switch"):
        return switch(session, asked)
    session.check_rev(asked)
    mapping, at = session.reading.survey.mapping, asked.text("condition")
    every = mapping.conditions
    if not at.isdigit() or int(at) >= len(every):
        raise Refused(400, "There is no such condition.")
    one = every[int(at)]
    sent = asked.sent.get("value", [])
    ticked = {text.casefold() for text in (sent if isinstance(sent, list) else [sent]) if isinstance(text, str)}
    values = _values(_asks(int(at), one, session.reading.totals), one, ticked)
    try:
        edited = with_values(session.mapping_text.text, int(at), values)
        what = f"{visible(one.column)} {'counts' if one.one_of is not None else 'does not count'} where it is "
        what += ", ".join(visible(text) or "empty" for text in values)
        trial = session.try_out((-2 - int(at), ""), what, edited, session.options, "counts")
    except ValueError as error:
        raise Refused(400, f"{error}; change it in the mapping’s text.") from None
    except BackfillError as error:
        raise Refused(400, f"{error}.") from None
    return Moved(f"counts?try={trial.number}", {"try": trial.number})


def _values(asks: Asks, one: Condition, ticked: set[str]) -> list[str]:
    """What the condition is to list: the values that are not shown as before, those that are as they are ticked."""
    shown = {value.text.casefold(): value.text for value in asks.values if value.text != OTHERS_SAID}
    listed = list((one.one_of if one.one_of is not None else one.none_of) or ())
    wanted = ticked & shown.keys() if one.one_of is not None else shown.keys() - ticked
    kept = [text for text in listed if text.strip().casefold() not in shown or text.strip().casefold() in wanted]
    met = {text.strip().casefold() for text in kept}
    return kept + [text for folded, text in shown.items() if folded in wanted and folded not in met]


def _asks(place: int, one: Condition, totals: Totals) -> Asks:
    listed = one.one_of if one.one_of is not None else one.none_of
    if listed is None:
        return Asks(str(place), one.column, condition_text(one), [], 0, *_priced_at(totals, (place, UNMET)))
    folded = {text.strip().casefold() for text in listed}
    found = []
    for of, text in totals.values:
        if of == place:
            counts = (text.casefold() in folded) == (one.one_of is not None)
            orders, money = _priced_at(totals, (of, text))
            said = text if text != OTHERS else OTHERS_SAID
            found.append(Value(said, counts, orders, money))
    met = {value.text.casefold() for value in found}
    found += [Value(text, one.one_of is not None, 0, "") for text in listed if text.strip().casefold() not in met]
    found.sort(key=lambda value: (not value.counts, -value.orders, value.text))
    return Asks(str(place), one.column, condition_text(one), found[:_SHOWN], max(0, len(found) - _SHOWN))


def _priced_at(totals: Totals, value: tuple[int, str]) -> tuple[int, str]:
    """How many orders have a value, and what the file says that they are worth."""
    by = totals.values.get(value, {})
    money: Money = {currency: each.amount for currency, each in by.items()}
    return sum(each.events for each in by.values()), money_text(money, totals.write)


def _sums(totals: Totals, session: Session) -> Any:
    def line(sign: str, label: str, *kinds: str, total: bool = False) -> Line:
        money = money_text(totals.money(*kinds), totals.write)
        return Line(sign, label, totals.orders(*kinds), money, total, sum(totals.events[kind] for kind in kinds))

    every = (READY, MENDED, MEND, LEFT, ALREADY, DUPLICATE)
    yield line("", f"{session.noun.capitalize()}s in the file", *every)
    for kind, label in ((LEFT, "left out: they don’t count"), (MEND, "to mend"), (DUPLICATE, "the same twice")):
        if totals.orders(kind) or kind == MEND:
            yield line("−", label, kind)
    yield line("=", "Fit to send", *FIT, total=True)
    if totals.orders(ALREADY):
        yield line("−", "already sent from here", ALREADY)
    if totals.orders(MENDED):
        yield line("−", f"mended, in {session.mended_file}", MENDED)
    if totals.orders(ALREADY, MENDED):
        yield line("=", "Would go out now", READY, total=True)


def _by_event(reading: Reading) -> list[tuple[str, int, str]]:
    """Events that would go out now by name, with their money, where there is more than one kind."""
    counts, write = reading.survey.account.counts, reading.totals.write
    templates = reading.survey.mapping.events
    priced = {one.event_name.value for one in templates if "amount" in one.fields}
    if len(templates) < 2:
        return []
    ready, amounts = counts.by_name[Verdict.READY], counts.amount_by_name[Verdict.READY]
    return [
        (name, ready[name], write(amounts[name], "") if {name, None} & priced else "none")
        for name in sorted(counts.names, key=lambda name: (-ready[name], name))
    ]


def _priced(totals: Totals) -> list[str]:
    """The currencies with any money; of orders that show none nothing is to be compared."""
    return [one for one in totals.currencies if any(totals.of_currency(one))] or [""]


def _currency(currency: str, totals: Totals) -> Currency:
    parts = {month: _parts(totals, month, currency) for month in totals.months}
    parts = {month: found for month, found in parts.items() if any(one.events or one.amount for one in found)}
    lengths = (sum(max(one.amount, Decimal()) for one in found) for found in parts.values())
    most = max(lengths, default=Decimal()) or Decimal(1)
    months = [_month(month_word(month), found, most) for month, found in parts.items()]
    every = [Sum(), Sum(), Sum()]
    for found in parts.values():
        for total, one in zip(every, found, strict=True):
            total.add(one.events, one.amount)
    return Currency(currency, months, _month("All", every, most))


def _parts(totals: Totals, month: str, currency: str) -> list[Sum]:
    return [
        totals.of_month(month, currency, *FIT),
        totals.of_month(month, currency, LEFT),
        totals.of_month(month, currency, MEND),
    ]


def _month(name: str, parts: list[Sum], most: Decimal) -> Month:
    fit, left, mend = parts
    widths = [round(float(max(one.amount, Decimal()) / most) * 100, 2) for one in (fit, mend, left)]
    return Month(name, sum(one.events for one in parts), fit, left, mend, (widths[0], widths[1], widths[2]))
