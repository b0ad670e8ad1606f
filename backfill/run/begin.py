"""The beginning of a run: where it sends, what its files are, the survey, and the gates before the first request."""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from backfill.convert import CAPI_DAYS, Terms
from backfill.convert.layout import column_names, find_mapping, format_of, layout, layouts_of, place
from backfill.convert.lookup import Files, open_lookups
from backfill.convert.route import SKIP, Others, Route, Share
from backfill.errors import MappingError, SourceError, ThresholdStop, UsageError
from backfill.fields import Reading, read_time
from backfill.fields.zones import zone_note
from backfill.files import remarks
from backfill.files.open import Format, Part, settle_encoding
from backfill.files.own_outputs import holds_rejects
from backfill.files.rejects import Rejects
from backfill.files.rows import Layout
from backfill.ledger import Ledger
from backfill.mapping import Mapping, load
from backfill.mapping.yaml_nodes import quote
from backfill.report.console import Voice, terminal
from backfill.run.finish import Course
from backfill.run.gate import inputs_of, new_columns, refuse_shrunk
from backfill.run.options import Options
from backfill.space import LOOPBACK, refuse_address
from backfill.storage.outputs import refuse_output
from backfill.survey.key_recipe import other_keys, refuse_other_recipe
from backfill.survey.neighbours import Neighbours
from backfill.survey.passes import Survey
from backfill.survey.statistics import currency_column

# -- before anything is read -----------------------------------------------------------------------------------------


def settled(options: Options, stack: ExitStack) -> Options:
    """Settle where to send, and that the outputs are not the inputs. Raises UsageError."""
    _refuse_outputs(options)
    if options.sandbox:
        from backfill.sandbox import SandboxThread

        sandbox = stack.enter_context(SandboxThread(keys=("sandbox",), rate=1000))
        return replace(options, base_url=sandbox.url, api_key="sandbox")
    refuse_address(options.base_url)
    if options.unlimited and urlsplit(options.base_url).hostname not in LOOPBACK:
        raise UsageError("--unlimited: is for measuring against this machine alone; use --rate")
    return options


def _refuse_outputs(options: Options) -> None:
    """Raise UsageError where an output would replace a file that the run reads, or another output."""
    inputs = [Path(name) for name in (*options.files, *(file for _, file in options.lookups)) if name != "-"]
    inputs += [Path(options.mapping)] if options.mapping else []
    outputs = {"--rejects": options.rejects, "--summary": options.summary, "--report": options.report}
    outputs["--metrics"] = options.metrics
    whose = {"--rejects": "the rejects go", "--summary": "the summary goes", "--report": "the page goes"}
    taken: dict[str, str] = {}
    for what, path in outputs.items():
        if path is not None:
            refuse_output(path, inputs, what)
            if (other := taken.setdefault(os.path.realpath(path), what)) != what:
                raise UsageError(f"{what} {path}: is where {whose[other]}; name another file")


# -- the input -------------------------------------------------------------------------------------------------------


def load_mapping(this: Course) -> None:
    """Load the mapping, where one was named: whatever stops the run from here on is told beside its name."""
    this.mapping = load(this.options.mapping) if this.options.mapping else None
    if this.mapping and (blanks := list(this.mapping.unfilled())):
        raise MappingError(
            this.mapping.origin,
            [(one.line, f"where: {quote(one.column)} still says FILL IN; write its values there") for one in blanks],
        )


def read_in(this: Course) -> None:
    """Find out what the files are: their encoding, format, mapping and layout."""
    mapping = this.mapping
    for part in this.parts:
        _settle_encoding(part, this.options.encoding or (mapping.source.encoding if mapping else None))
    formats = {format_of(part, mapping.source.format if mapping else None) for part in this.parts}
    if len(formats) > 1:
        raise SourceError("the files are of several formats; give those of one format at a time")
    form = formats.pop()
    mapping = mapping or find_mapping(this.parts[0], form)
    if mapping.refuse:
        raise UsageError(f"{this.parts[0].label}: {mapping.refuse}")
    this.mapping = _overridden(mapping, this.options)
    this.voice.about["mapping"] = mapping.name
    this.mapping, this.layouts = layouts_of(this.parts, form, this.mapping)
    if this.options.shows:
        _read_currency(this, form)
    for part, one in zip(this.parts, this.layouts, strict=True):
        for warning in part.warnings:
            this.voice.warn(warning)
        this.voice.detail(_how_it_is_read(part, one))


def _how_it_is_read(part: Part, one: Layout) -> str:
    """For --verbose: what was taken from the file itself."""
    if one.format != "csv":
        return f"{part.label}: JSON lines in {part.encoding}"
    delimiter = {"\t": "tab"}.get(one.delimiter, one.delimiter)
    return (
        f"{part.label}: {part.encoding}, delimiter {delimiter}, header of {len(one.header)} columns in line {one.skip}"
    )


def _settle_encoding(part: Part, stated: str | None) -> None:
    """Find a part's encoding. A reject file has the one that it was saved in last, whatever was stated."""
    if stated and _holds_rejects(part):
        with suppress(SourceError):  # several are as likely
            settle_encoding(part, None)
            if not part.guessed and not (_is_plain(part) and "a,1".encode(stated) == b"a,1"):
                return
        part.guessed, part.warnings = False, []
    settle_encoding(part, stated)


def _holds_rejects(part: Part) -> bool:
    with part.binary() as stream:
        return holds_rejects(stream.read(1 << 18))


def _is_plain(part: Part) -> bool:
    """Whether the part has nothing but ASCII, so that most encodings are its own."""
    with part.binary() as stream:
        return all(map(bytes.isascii, iter(partial(stream.read, 1 << 20), b"")))


def _read_currency(this: Course, form: Format) -> None:
    """Read the column that tells the currency too, where the mapping does not: nothing but what is shown needs it."""
    assert this.mapping is not None
    name = currency_column(this.mapping, column_names(this.parts, this.layouts))
    if name is None or name in this.mapping.named or this.mapping.lookup_of(name) is not None:
        return
    if all(len(place(one.header, name, this.mapping)) < 2 for one in this.layouts):
        this.mapping = replace(this.mapping, beside=(*this.mapping.beside, name))
        this.layouts = [layout(part, form, this.mapping) for part in this.parts]


def take_survey(this: Course, ledger: Ledger, stack: ExitStack) -> None:
    """Survey the input and say what a person should look at. Raises ThresholdStop where it should not go on."""
    survey = survey_input(this, ledger, stack)
    for at, part in enumerate(this.parts):
        this.voice.detail(f"{part.label}: {survey.findings.rows[at]:,} rows")
    _say_findings(survey, ledger, this.voice)
    refuse_other_recipe(survey)
    this.counts.check()
    if survey.share is not None and this.options.max_rejects:
        survey.counts.elsewhere = _elsewhere(survey, survey.share.route)
    _gate(survey, this.options, this.voice)


def _elsewhere(survey: Survey, route: Route) -> tuple[int, int]:
    """What the other Spaces that share the input have of it: rejects; events and rows that can't be read."""
    nowhere = survey.ledger.path.with_suffix(".elsewhere")  # what was sent before is not to be known
    with Rejects.gather() as rejects, Ledger.look(nowhere) as nothing:
        others = Survey(survey.parts, survey.layouts, survey.mapping, nothing, survey.terms, rejects, survey.frame)
        others.lookups, others.shown, others.share = survey.lookups, False, Others(route, survey.layouts)
        others.take(Voice(quiet=True).progress("reading", 0, "B"))
        return others.counts.rejects, others.counts.events + others.counts.unreadable


def survey_input(this: Course, ledger: Ledger, stack: ExitStack) -> Survey:
    """Survey what was read in, beside the ledger."""
    assert this.mapping is not None
    terms = _terms(this.options, this.mapping)
    lookups = stack.enter_context(open_lookups(this.mapping, _lookup_files(this.options)))
    survey = Survey(this.parts, this.layouts, this.mapping, ledger, terms, this.rejects, lookups=lookups)
    survey.shown = this.options.shows
    survey.share = Share(this.options.route, this.layouts) if this.options.route else None
    survey.resend, this.survey = this.options.resend, survey
    survey.doubles.allowed = this.options.allow_doubles
    if this.options.command in ("check", "upload"):
        survey.neighbours = Neighbours.of(ledger, this.voice, stack)
    size = sum({part.path: part.size for part in this.parts}.values())
    with this.voice.progress("reading", size, "B") as progress:
        survey.take(progress)
    return survey


def _lookup_files(options: Options) -> Files:
    files: Files = {}
    for name, file in options.lookups:
        files.setdefault(name, []).append(file)
    return files


def _say_findings(survey: Survey, ledger: Ledger, voice: Voice) -> None:
    for joined in survey.lookups:
        for warning in joined.warnings:
            voice.warn(warning)
    if survey.counts.rows:
        for absence in _absent(survey.layouts, survey.mapping):
            voice.warn(absence)
    for remark in remarks(survey.parts, survey.layouts):
        voice.note(remark)
    inputs = inputs_of(survey.parts, survey.layouts, survey.rows_read)
    for note in new_columns(inputs, ledger, survey.mapping.name):
        voice.note(note)
    if survey.share is not None and survey.share.route.default == SKIP and survey.share.rows:
        voice.note(f"{survey.share.rows:,} rows are no Space's by column {survey.share.route.column}: left out")
    if other := other_keys(survey):
        voice.warn(other)
    if doubt := zone_note(str(survey.terms.reading.timezone)):
        voice.warn(doubt)
    for sentence in (*survey.doubles.sentences(), *survey.findings.sentences()):
        voice.warn(sentence)
    for cure in survey.cures():
        yaml = "\n  " + cure.yaml.replace("\n", "\n  ") if cure.yaml else ""
        voice.say(f"{cure.count:,} rejects: {cure.sentence}{yaml}")


def _gate(survey: Survey, options: Options, voice: Voice) -> None:
    """Raise ThresholdStop where the input is not what it should be: too many rejects, too few rows."""
    if stop := survey.doubles.stop(survey.counts):
        if options.command == "upload":
            raise stop
        voice.warn(f"upload will stop with exit 5: {stop}")
    if also := survey.neighbours.sentence(options.also_in):
        if options.command == "upload" and (options.yes or not terminal()):
            named = [word for name in survey.neighbours.unnamed(options.also_in) for word in ("--also-in", name)]
            raise ThresholdStop(f"{also}; check --space, or say --also-in SPACE if they belong in both", *named)
        voice.warn(
            f"{also}; upload will ask, or stop with exit 5, unless --also-in SPACE says that they belong in both"
        )
    options.max_rejects.check(survey.counts)
    rows = survey.rows_read.total()
    if rows < options.min_rows:
        raise ThresholdStop(f"{rows:,} rows are fewer than --min-rows {options.min_rows:,}", drop="--min-rows")
    if not options.allow_shrink:
        inputs = inputs_of(survey.parts, survey.layouts, survey.rows_read)
        refuse_shrunk(inputs, survey.ledger, survey.mapping.name)


def _overridden(mapping: Mapping, options: Options) -> Mapping:
    names = ("timezone", "date_order", "decimal", "encoding")
    stated = {name: value for name in names if (value := getattr(options, name)) is not None}
    route = options.route.column if options.route else None
    return replace(mapping, source=replace(mapping.source, **stated), route=route)


def _absent(layouts: list[Layout], mapping: Mapping) -> Iterator[str]:
    """Optional columns that decide which records become events, and that the input lacks."""
    judged = {c.column for c in mapping.where} | {c.column for template in mapping.events for c in template.where}
    for column in sorted(judged & set(mapping.columns)):
        at = mapping.columns.index(column)
        if any(one.positions[at] < 0 if one.format == "csv" else column not in one.present for one in layouts):
            yield f"the file has no column {column}, which the mapping's where asks for: it reads as empty throughout"


def _terms(options: Options, mapping: Mapping) -> Terms:
    source, now = mapping.source, int(time.time())
    zone = ZoneInfo(source.timezone) if source.timezone else None
    reading = Reading(now, zone, source.date_order, source.date_hour, source.decimal)
    bounds = []
    for flag, text in (("--since", options.since), ("--until", options.until)):
        moment = read_time(text, replace(reading, timezone=zone or ZoneInfo("UTC")), hour=0) if text else None
        if text and moment is None:
            raise UsageError(f"{flag} {text}: not a time; write 2024-05-31 or 2024-05-31T18:00:00Z")
        bounds.append(moment)
    since, until = bounds
    if since is not None and until is not None and since >= until:
        raise UsageError(
            f"--since {options.since} --until {options.until}: no time lies between them; are they crossed?"
        )
    cutoff = datetime.fromtimestamp(now - CAPI_DAYS * 86400, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Terms(reading, since=since, until=until, capi_cutoff=cutoff)
