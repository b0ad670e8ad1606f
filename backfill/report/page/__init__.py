"""The page: one self-contained HTML file of what a run will send or has sent, and the reasons to trust it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from backfill.errors import BackfillError, counted, visible
from backfill.event import Verdict
from backfill.files.rejects import Rejects
from backfill.report.console import lasting
from backfill.report.page import source
from backfill.report.page.amounts import written
from backfill.report.page.chart import chart
from backfill.report.page.months import moment, sections
from backfill.report.page.rejects import faults
from backfill.report.page.samples import Samples
from backfill.report.page.upload import course
from backfill.report.page.verdict import after_sending, before_sending, noun
from backfill.report.page.warnings import GRAVE, doubts
from backfill.report.page.wrapping import whole
from backfill.report.plan import inferred_notes
from backfill.storage import outputs
from backfill.storage.remote.path import FilePath
from backfill.survey.passes import Survey
from backfill.survey.statistics import total_text
from backfill.upload.tally import Tally

MEANINGS = {
    Verdict.READY: "will be sent",
    Verdict.ACCEPTED: "the API took them now",
    Verdict.ALREADY: "accepted in an earlier run; not sent again",
    Verdict.DUPLICATE: "the same event again; sent once",
    Verdict.INVALID: "break a rule; in the reject file",
    Verdict.REFUSED: "the API said no; in the reject file",
    Verdict.UNDELIVERED: "no answer that counts; in the reject file",
    Verdict.UNATTEMPTED: "left for another run",
}


@dataclass(frozen=True)
class PageInput:
    """What the page shows of a run, as well as its summary. Without a survey nothing was read."""

    space: str
    command: str
    number: int | None  # of the run, once something may have been sent
    limit: int | None  # events to send, at the most
    rate: int  # requests a minute that were asked for
    share: int  # and those that the run may make
    unmask: bool  # show people as the file has them
    survey: Survey | None
    rejects: Rejects
    tally: Tally


def write_page(path: FilePath, given: PageInput, summary: dict[str, Any], stopped: BackfillError | None) -> FilePath:
    """Write the page; return where it is. Raises OSError where there is no room for it."""
    data = render(given, summary, stopped).encode("utf-8", "backslashreplace")
    return outputs.replace(path, lambda file: file.write(data))


def render(given: PageInput, summary: dict[str, Any], stopped: BackfillError | None) -> str:
    """The page's text."""
    here = Path(__file__).parent
    made = Environment(
        loader=FileSystemLoader(here),
        autoescape=True,
        finalize=lambda value: visible(value) if type(value) is str else value,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(number="{:,}".format, counted=counted, moment=moment, whole=whole)
    write = written(given.survey is not None and given.survey.settings.locale.decimal == ",")
    made.filters.update(money=lambda amount: write(amount, ""))
    template = made.get_template("page.html")
    return template.render(style=made.get_template("page.css").render(), **_values(given, summary, stopped))


def _values(given: PageInput, summary: dict[str, Any], stopped: BackfillError | None) -> dict[str, Any]:
    """Everything that the page's text asks for."""
    survey = given.survey
    values: dict[str, Any] = {
        "summary": summary,
        "given": given,
        "headline": _headline(given, summary),
        "verdict": None,
        "stopped": str(stopped) if stopped else "",
        "sent": given.number is not None,
        "previewing": given.command == "upload" and given.number is None,
        "files": source.files(survey.parts, survey.account.findings.rows) if survey else [],
        "verdicts": [(v, summary[v], MEANINGS[v]) for v in _IN_ORDER if summary[v]],
        "survey": survey,
    }
    return values | _surveyed(given, survey, summary) if survey else values


_IN_ORDER = (Verdict.READY, Verdict.ACCEPTED, *(v for v in MEANINGS if v not in (Verdict.READY, Verdict.ACCEPTED)))


def _surveyed(given: PageInput, survey: Survey, summary: dict[str, Any]) -> dict[str, Any]:
    """What there is to show once the input was read."""
    figures, mapping = survey.account.statistics, survey.mapping
    write = written(survey.settings.locale.decimal == ",")
    kinds, others = sections(figures, write)
    samples = Samples(mapping, survey.layouts, [Path(part.label).name for part in survey.parts], given.unmask)
    ready = figures.events if given.limit is None else min(figures.events, given.limit)
    tally, line = given.tally, given.tally.timeline
    return {
        "figures": figures,
        "total": total_text(figures.accepted if given.number is not None else figures.months, write),
        "verdict": _verdict(given, summary, survey),
        "doubts": list(doubts(survey, write)),
        "cures": survey.cures(),
        "kinds": kinds,
        "others": others,
        "hours": _hours(survey) if figures.events else "",
        "samples": [samples.story(one) for one in figures.samples()],
        "faults": faults(summary["codes"], given.rejects, survey.parts),
        "course": course(line, tally.requests, line.seconds) if tally.requests else None,
        "duration": lasting(ready * 60 / given.share),
        "settings": list(source.settings(mapping)),
        "events": list(source.events(mapping)),
        "unused": source.unused(survey.parts, survey.layouts, mapping),
        "inferred": list(inferred_notes(survey.inference.clues)),
        "fresh": survey.ledger.empty,
    }


def _headline(given: PageInput, summary: dict[str, Any]) -> str:
    space = given.space
    if given.survey is None:
        return "Nothing was read"
    if given.number is not None:
        return f"{counted(summary['accepted'], 'event')} sent to Space {space}"
    ready = given.survey.account.statistics.events
    wanted = min(ready, given.limit) if given.limit is not None else ready
    return f"{counted(wanted, 'event')} ready for Space {space}"


def _verdict(given: PageInput, summary: dict[str, Any], survey: Survey) -> Any:
    """What the page says first."""
    what = noun(survey.mapping).replace("record", "event")
    wrong = sum(summary[v] for v in (Verdict.INVALID, Verdict.REFUSED, Verdict.UNDELIVERED)) + summary["unreadable"]
    there = summary[Verdict.ACCEPTED] + summary[Verdict.ALREADY]
    if given.number is not None:
        return after_sending(wrong, there, summary[Verdict.UNATTEMPTED], what)
    doubt = next((title for title, _ in doubts(survey) if title in GRAVE), "")
    fit = there + summary[Verdict.READY] + summary[Verdict.UNATTEMPTED]
    return before_sending(wrong, fit, summary["without_event"], what, doubt)


def _hours(survey: Survey) -> Any:
    figures = survey.account.statistics
    busiest = max(range(24), key=figures.hours.__getitem__)
    said = f"Busiest from {busiest}:00, {figures.night:.0%} between midnight and 6. The table below has every number."
    labels = [f"{hour:02d}" for hour in range(24)]
    return chart(f"Events by hour of the day ({figures.zone_name})", said, labels, [("events", figures.hours)])
