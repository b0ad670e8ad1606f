"""The plan: on one screen of a terminal what is about to be sent, before the question; nothing that matters is cut."""

import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from backfill.convert import CAPI_DAYS
from backfill.errors import counted
from backfill.event import Verdict
from backfill.report.console import lasting
from backfill.survey.inference import Clue
from backfill.survey.passes import Survey
from backfill.survey.statistics import total_text

COLUMNS = 80
_LABEL = 16  # columns before what a line says
_MONTHS = 48  # that a line has room for; more are drawn by year
_CODES = 5  # in the line of rejects, and
_WHYS = 3  # with the reason that is given most often
_BARS, _PLAIN = "▁▂▃▄▅▆▇█", ".:-=+*#@"


def plan(survey: Survey, place: str, limit: int | None, share: int, notes: Iterable[str]) -> str:
    """What is about to happen at a place, before the first request: of `limit` events, at `share` requests a minute."""
    lines = [f"Plan for {place}"]
    for label, said in _lines(survey, limit, share):
        lines += _wrapped(label, said, 6 if label == "left out" else 3)
    for note in notes:  # never cut: what nobody reads here is sent
        lines += _wrapped("note", note, 6)
    return "\n".join(lines)


def _wrapped(label: str, said: str, most: int = 3) -> list[str]:
    """One entry, in no more than a few lines."""
    return textwrap.wrap(
        said,
        COLUMNS,
        initial_indent=f"  {label:<{_LABEL - 2}}",
        subsequent_indent=" " * _LABEL,
        max_lines=most,
        placeholder=" ...",
        break_on_hyphens=False,
        drop_whitespace=True,
    )


def _lines(survey: Survey, limit: int | None, share: int) -> Iterator[tuple[str, str]]:
    counts, figures = survey.account.counts, survey.account.statistics
    ready = counts.verdicts[Verdict.READY]
    send = min(ready, limit) if limit is not None else ready
    part = f" (of {ready:,} ready: --limit)" if send < ready else ""
    named = sorted(counts.by_name[Verdict.READY].items(), key=lambda item: (-item[1], item[0]))
    names = ", ".join(f"{n:,} {name}" for name, n in named if n)
    yield "to send", f"{counted(send, 'event')}{part}{': ' + names if names else ''}"
    yield "amount", f"{total_text(figures.months)}{' (all that are ready)' if part else ''}{_several(survey)}"
    if counts.first:
        yield "event times", f"{counts.first} to {counts.last}"
        yield "by month", _months(survey)
        doubt = ": is the time zone right?" if figures.nightly and figures.stated else ""
        night = f"{figures.night:.0%} from 0 to 6{doubt}"
        yield "by hour", f"00 {sparks(figures.hours)} 23, {night} ({figures.zone_name})"
    skipped = [f"{counts.verdicts[v]:,} {v}" for v in (Verdict.ALREADY, Verdict.DUPLICATE) if counts.verdicts[v]]
    skipped += [f"{counts.undone:,} of them deleted by an undo (see --resend)"] if counts.undone else []
    skipped += [f"{counts.changed:,} of them changed since"] if counts.changed else []
    if skipped:
        yield "left out", ", ".join(skipped)
    if counts.without_event:
        yield ("" if skipped else "left out"), without_event(counts.without_event, survey.account.left_out.sentence())
    yield from _rejects(survey)
    yield "ad platforms", _reach(survey)
    yield "duration", f"about {lasting(send * 60 / share)} at {counted(share, 'request')} a minute"


def without_event(records: int, by: str) -> str:
    """How many records give no event, and by which conditions."""
    return f"{counted(records, 'record')} without event{': ' + by if by else ''}"


def _several(survey: Survey) -> str:
    return (
        "; a Space has one currency, and amounts are taken as they are"
        if len(survey.account.statistics.by(1)) > 1
        else ""
    )


def _reach(survey: Survey) -> str:
    if survey.account.capi:
        return "WILL get events younger than 7 days (the mapping sets do_not_capi: false)"
    return "get none of these events (do_not_capi)"


def _months(survey: Survey) -> str:
    figures = survey.account.statistics
    counts = {month: one.events for month, one in figures.filled().items()}
    if len(counts) > _MONTHS:
        years: Counter[str] = Counter()
        for month, events in counts.items():
            years[month[:4]] += events
        counts = dict(list(years.items())[-_MONTHS:])
    labels = list(counts)
    best = max(labels, key=counts.__getitem__)
    if len(labels) == 1:
        return f"all in {best} ({figures.zone_name})"
    return f"{labels[0]} {sparks(list(counts.values()))} {labels[-1]}, most in {best}: {counts[best]:,}"


def _rejects(survey: Survey) -> Iterator[tuple[str, str]]:
    counts = survey.account.counts
    if not counts.rejects:
        yield "rejects", "none"
        return
    codes = [f"{code} {number:,}" for code, number in counts.codes.most_common(_CODES)]
    more = ", ..." if len(counts.codes) > _CODES else ""
    yield "rejects", f"{counts.rejects:,} ({', '.join(codes)}{more})"
    for code, number in counts.codes.most_common(_WHYS):
        reasons = Counter({why: n for (of, _, why), n in survey.account.findings.clusters.items() if of == code})
        yield "", f"{code} {number:,}: {next((why for why, _ in reasons.most_common(1)), '')}"


def sparks(numbers: Sequence[int]) -> str:
    """A row of numbers as a row of bars, one character each, as far as the terminal can show them."""
    bars = _BARS if (sys.stderr.encoding or "").lower().startswith("utf") else _PLAIN
    top = max(numbers, default=0)
    return "".join(bars[max(0, -(-number * len(bars) // top) - 1)] if number else "_" for number in numbers)


def notes_on(survey: Survey, home: str, to_join: str) -> Iterator[str]:
    """What a person should know before agreeing; `home` is where ledgers are, and `to_join` how another's joins."""
    counts = survey.account.counts
    if counts.existing:
        yield f"{counted(counts.existing, 'is', 'are')} in the Space already (live tracking, or another tool): left out"
    if counts.resent:
        again = counted(counts.resent, "was accepted before and goes", "were accepted before and go")
        yield f"{again} out again, each under its own key (--resend)"
    if survey.ledger.empty and counts.verdicts[Verdict.READY]:  # it may have been lost, or be elsewhere
        ready = counts.verdicts[Verdict.READY]
        yield f"no ledger in {home}: {f'all {ready:,} are' if ready > 1 else 'it is'} new"
        yield f"if another machine, or another state folder, has sent some: {to_join}"
    yield from inferred_notes(survey.inference.clues)
    dropped = {name: f"{n:,} times" if n > 1 else "once" for name, n in counts.dropped.items() if n}
    if often := dropped.pop("do_not_capi", ""):
        yield f"do_not_capi can't be read {often}, and is true there"
    if dropped:
        yield f"left out of events: {', '.join(f'{name} {often}' for name, often in dropped.items())}"
    if counts.capi_held:
        age = f"older than {CAPI_DAYS} days"
        held = counted(counts.capi_held, f"event {age} is", f"events {age} are")
        yield f"{held} kept from the ad platforms"


def inferred_notes(clues: Mapping[str, Clue]) -> Iterator[str]:
    """What was inferred of the input, and from where."""
    for setting, clue in clues.items():
        where = f"column {clue.column}, row {clue.row} of {Path(clue.file).name}"
        yield f"inferred {setting} {clue.value!r} from {where}"
