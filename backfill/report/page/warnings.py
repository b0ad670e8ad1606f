"""Warnings: what a careful person would look at before saying yes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from backfill.counts import priced
from backfill.errors import counted
from backfill.event import Verdict
from backfill.report.page.amounts import Write
from backfill.survey.passes import Survey

GRAVE = ("Several currencies", "No revenue", "A night full of orders", "Changed since they were sent")
RECENT = timedelta(days=2)  # a period that ends this near to now is one that live tracking has seen too
MANY = 0.02  # of all events, rejected


def doubts(survey: Survey, write: Write = priced) -> Iterator[tuple[str, str]]:
    """What may be wrong, in a few words and in a sentence; the gravest first."""
    yield from _money(survey, write)
    yield from _hours(survey)
    yield from _rejects(survey)
    yield from _reach(survey)
    for sentence in survey.damage():
        yield "Damage", f"{sentence}."


_UNKNOWN = {"": " without a currency", "other": " with no currency code of three letters"}


def _money(survey: Survey, write: Write) -> Iterator[tuple[str, str]]:
    by_currency = survey.account.statistics.by(1)
    if len(by_currency) > 1:
        parts = [
            f"{write(one.amount, sign)} in {counted(one.events, 'event')}{_UNKNOWN.get(sign, '')}"
            for sign, one in sorted(by_currency.items(), key=lambda item: -item[1].events)[:5]
        ]
        more = f" and {len(by_currency) - 5} more" if len(by_currency) > 5 else ""
        yield (
            "Several currencies",
            f"{', '.join(parts)}{more}. A Space has one currency, and amounts are taken as they are. If "
            "some are in another, leave those out with a condition (where), or import them into a Space of their own.",
        )
    purchases = survey.account.statistics.by(0).get("purchase")
    if purchases is not None and not purchases.amount:
        all_of_them = counted(purchases.events, "purchase comes", "purchases come")
        yield "No revenue", f"{all_of_them} to 0.00 together. Does the mapping name the amount?"


def _hours(survey: Survey) -> Iterator[tuple[str, str]]:
    """A zone that was stated may be wrong; where none was, each time brought its own."""
    figures = survey.account.statistics
    if figures.nightly and figures.stated:
        yield (
            "A night full of orders",
            f"{figures.night:.0%} of the events fall between midnight and 6 o'clock. "
            f"Is {figures.zone_name} the zone that the export is written in?",
        )


def _rejects(survey: Survey) -> Iterator[tuple[str, str]]:
    counts = survey.account.counts
    total = counts.events + counts.unreadable
    if total and not counts.verdicts[Verdict.READY] and counts.rejects == total:
        yield "Nothing is left", "Every event was rejected: the mapping or a setting is wrong, rather than the rows."
    elif counts.rejects > MANY * total:
        yield (
            "Many rejects",
            f"{counts.rejects:,} of {total:,} ({counts.rejects / total:.0%}) can't be sent as they are.",
        )
    if counts.changed:
        yield (
            "Changed since they were sent",
            f"{counted(counts.changed, 'event that was accepted before has', 'events that were accepted before have')} "
            "another amount, time or person now. "
            "The API keeps the first.",
        )


def _reach(survey: Survey) -> Iterator[tuple[str, str]]:
    counts = survey.account.counts
    if survey.account.capi:
        yield "Ad platforms", "Events younger than 7 days go to the ad platforms too: the mapping asks for it."
    last = counts.last
    if last is not None and datetime.fromisoformat(last) > datetime.now(UTC) - RECENT:
        yield (
            "Up to the present",
            "The newest event is less than two days old. What live tracking has recorded too counts twice: end with "
            "--until where it began, unless this is the nightly file in its place.",
        )
