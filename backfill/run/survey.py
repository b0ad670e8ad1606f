"""The survey of a run: the input is read and compared with the ledger, and what that shows is printed."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from backfill.convert import CAPI_DAYS, ConvertSettings
from backfill.convert.lookup import Files, open_lookups
from backfill.convert.route import SKIP, Share
from backfill.errors import UsageError, counted
from backfill.fields import Locale, read_time
from backfill.fields.zones import zone_note
from backfill.files import remarks
from backfill.files.format import Layout
from backfill.files.part import Part
from backfill.ledger import Ledger
from backfill.mapping import Mapping
from backfill.progress import Messages
from backfill.run.context import Input, Run
from backfill.run.gate import inputs_of, new_columns
from backfill.run.options import Source
from backfill.survey.key_recipe import other_keys
from backfill.survey.neighbours import Neighbours
from backfill.survey.passes import Survey

SENDING = ("check", "upload")  # commands that send, or would


def survey_input(run: Run, parts: list[Part], read: Input, ledger: Ledger, stack: ExitStack) -> Survey:
    """Survey what was read, and say what to look at; the run keeps how far it came. Raises UsageError and its kinds."""
    survey = run.survey = open_survey(run, parts, read, ledger, stack)
    take_survey(survey, run.console)
    _say_findings(survey, run.console)
    return survey


def open_survey(run: Run, parts: list[Part], read: Input, ledger: Ledger, stack: ExitStack) -> Survey:
    """A survey of what was read, with the ledger, that has not begun yet."""
    options, mapping = run.options, read.mapping
    return Survey(
        parts,
        read.layouts,
        mapping,
        ledger,
        settings_of(mapping, options.source.since, options.source.until),
        run.rejects,
        lookups=stack.enter_context(open_lookups(mapping, _lookup_files(options.source))),
        shown=options.outputs.shows,
        share=Share(options.source.route, read.layouts) if options.source.route else None,
        resend=options.sending.resend,
        allow_doubles=options.gates.allow_doubles,
        neighbours=Neighbours.of(ledger, run.console, stack) if options.command in SENDING else Neighbours(),
    )


def take_survey(survey: Survey, console: Messages, what: str = "reading") -> None:
    """Survey the input. Raises SourceError for one that can't be used."""
    with console.progress(what, sum({part.path: part.size for part in survey.parts}.values()), "B") as progress:
        survey.take(progress)
    for part in survey.parts:
        part.settle()
    survey.account.counts.check()


def _lookup_files(source: Source) -> Files:
    files: Files = {}
    for name, file in source.lookups:
        files.setdefault(name, []).append(file)
    return files


def _say_findings(survey: Survey, console: Messages) -> None:
    """Say what a person should look at."""
    for at, part in enumerate(survey.parts):
        console.detail(f"{part.label}: {counted(survey.account.findings.rows[at], 'row')}")
    for joined in survey.lookups:
        for warning in joined.warnings:
            console.warn(warning)
    if survey.account.counts.rows:
        for absence in _absent(survey.layouts, survey.mapping):
            console.warn(absence)
    for remark in remarks(survey.parts, survey.layouts):
        console.note(remark)
    inputs = inputs_of(survey.origins, survey.layouts, survey.rows_read)
    for note in new_columns(inputs, survey.ledger, survey.mapping.name):
        console.note(note)
    if survey.share is not None and survey.share.route.default == SKIP and survey.share.rows:
        those = counted(survey.share.rows, "row is", "rows are")
        console.note(f"{those} no Space's by column {survey.share.route.column}: left out")
    if other := other_keys(survey):
        console.warn(other)
    if doubt := zone_note(str(survey.settings.locale.timezone)):
        console.warn(doubt)
    if unsure := survey.unanswered.sentence():
        console.warn(unsure)
    for sentence in (*survey.account.doubles.sentences(), *survey.damage()):
        console.warn(sentence)
    for cure in survey.cures():
        yaml = "\n  " + cure.yaml.replace("\n", "\n  ") if cure.yaml else ""
        console.info(f"{counted(cure.count, 'reject')}: {cure.sentence}{yaml}")


def _absent(layouts: list[Layout], mapping: Mapping) -> Iterator[str]:
    """Columns that decide which records become events, or that the mapping requires, and that the input lacks."""
    wheres = (mapping.where, *(template.where for template in mapping.events))
    judged = {name for where in wheres for condition in where for name in condition.names}
    for column in sorted(judged & set(mapping.columns)):
        if not all(one.format.has(one, column) for one in layouts):
            yield f"the file has no column {column}, which the mapping's where asks for: it reads as empty throughout"
    for group in mapping.required:  # a reject file may lack it: its rows are few
        if not any(one.format.has(one, column) for one in layouts for column in group):
            named = " or ".join(group)
            of = "no row of the reject file" if any(one.reject_file for one in layouts) else "no row that can be read"
            yield f"{of} has the column {named}, which the mapping names: it reads as empty"


def settings_of(mapping: Mapping, since: str | None = None, until: str | None = None) -> ConvertSettings:
    """How a mapping's input writes times and numbers, before it is read. Raises UsageError for what is no time."""
    source, now = mapping.source, int(time.time())
    zone = ZoneInfo(source.timezone) if source.timezone else None
    locale = Locale(now, zone, source.date_order, source.date_hour, source.decimal)
    bounds = []
    for flag, text in (("--since", since), ("--until", until)):
        moment = read_time(text, replace(locale, timezone=zone or ZoneInfo("UTC")), hour=0) if text else None
        if text and moment is None:
            raise UsageError(f"{flag} {text}: not a time; write 2024-05-31 or 2024-05-31T18:00:00Z")
        bounds.append(moment)
    first, end = bounds
    if first is not None and end is not None and first >= end:
        raise UsageError(f"--since {since} --until {until}: no time lies between them; are they crossed?")
    cutoff = datetime.fromtimestamp(now - CAPI_DAYS * 86400, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return ConvertSettings(locale, since=first, until=end, capi_cutoff=cutoff)
