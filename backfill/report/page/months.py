"""Months: events and amounts as the shop's own dashboard shows them, by event name and currency."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from markupsafe import Markup

from backfill.report.page.amounts import Write
from backfill.report.page.chart import chart
from backfill.survey.statistics import Statistics, Sum, without_gaps

SHOWN = 4  # kinds of events with charts of their own; the others share a table
WHOLE = 72  # months that are drawn one by one; more are drawn by year


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table: a month or a kind of event, how many are ready, and of these how many were accepted."""

    label: str
    ready: Sum
    accepted: Sum


@dataclass(frozen=True, slots=True)
class Section:
    """One event name and currency."""

    name: str
    currency: str
    lines: list[Line]
    total: Line
    charts: list[Markup]


def sections(figures: Statistics, write: Write) -> tuple[list[Section], list[Line]]:
    """The kinds with charts, the most frequent first; and the others, a line each."""
    kinds = sorted(figures.by(0, 1).items(), key=lambda item: (-item[1].events, item[0]))
    made = [_section(figures, write, *kind) for kind, _ in kinds[:SHOWN]]
    rest = [
        Line(f"{name}{f', {_currency(currency)}' if currency else ''}", total, _accepted(figures, name, currency))
        for (name, currency), total in kinds[SHOWN:]
    ]
    return made, rest


def _currency(currency: str) -> str:
    return "another currency" if currency == "other" else currency


def _section(figures: Statistics, write: Write, name: str, currency: str) -> Section:
    found = {month: total for (n, c, month), total in figures.months.items() if (n, c) == (name, currency)}
    lines = [
        Line(month, found.get(month, Sum()), figures.accepted.get((name, currency, month), Sum()))
        for month in without_gaps(found)
    ]
    total = Sum()
    for one in found.values():
        total.add(one.events, one.amount)
    return Section(
        name,
        _currency(currency) if currency else "",
        lines,
        Line("All", total, _accepted(figures, name, currency)),
        list(_charts(write, name, currency, lines)),
    )


def _accepted(figures: Statistics, name: str, currency: str) -> Sum:
    total = Sum()
    for (n, c, _), one in figures.accepted.items():
        if (n, c) == (name, currency):
            total.add(one.events, one.amount)
    return total


def _charts(write: Write, name: str, currency: str, lines: list[Line]) -> Iterator[Markup]:
    bars: dict[str, Sum] = {}
    for line in lines:
        label = line.label[:4] if len(lines) > WHOLE else line.label
        bars.setdefault(label, Sum()).add(line.ready.events, line.ready.amount)
    sign = f" in {currency}" if currency and currency != "other" else ""
    period = "year" if len(lines) > WHOLE else "month"
    if any(one.amount for one in bars.values()):
        best = max(bars, key=lambda label: bars[label].amount)
        said = f"Most in {best}: {write(bars[best].amount, currency)}. The table below has every number."
        yield chart(
            f"{name}: amount{sign} by {period}",
            said,
            list(bars),
            [("amount", [float(one.amount) for one in bars.values()])],
        )
    best = max(bars, key=lambda label: bars[label].events)
    said = f"Most in {best}: {bars[best].events:,}. The table below has every number."
    yield chart(f"{name}: events by {period}", said, list(bars), [("events", [one.events for one in bars.values()])])


def moment(time: str, zone: tzinfo = UTC) -> str:
    """A time of the API for people, on a zone's clock: 21 Feb 2024, 15:19."""
    found = datetime.fromisoformat(time).astimezone(zone)
    return f"{found.day} {found:%b %Y, %H:%M}"
