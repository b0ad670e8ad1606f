"""One backfill, start to finish: read, survey, plan, send, and say what became of every row."""

import asyncio
import re
import shlex
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from decimal import localcontext
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from backfill.booking import Booking
from backfill.closing import Course, finish, inferred_notes
from backfill.convert import CAPI_DAYS, Terms
from backfill.errors import BackfillError, Interrupted, SourceError, ThresholdStop, Unbalanced, UsageError
from backfill.event import Verdict
from backfill.fields import Reading, read_time
from backfill.gate import inputs_of, new_columns, refuse_shrunk
from backfill.hold import hold
from backfill.ledger import Ledger, address_of, fingerprint_of, ledger_path
from backfill.lookup import Files, open_lookups
from backfill.mapping import Mapping, load
from backfill.options import Options, pace_file, state_folder
from backfill.pace import AnswerLog, Pace
from backfill.read.files import open_parts, settle_encoding
from backfill.read.header import find_mapping, format_of, layout
from backfill.read.rows import Layout
from backfill.records import DIGITS
from backfill.rejects import Rejects, refuse_input
from backfill.report import Voice, plan, terminal
from backfill.survey import Survey, recipe_of, refuse_other_recipe
from backfill.upload import Sender, Stop, send, session_for

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def run(options: Options) -> int:
    """Check or upload the files; return the exit code. What stops a run is said in one sentence, never raised."""
    voice = Voice(options.quiet, options.verbose)
    with ExitStack() as stack:
        stack.enter_context(_signals())
        stack.enter_context(localcontext(prec=DIGITS))
        state, rejects = stack.enter_context(state_folder(options)), stack.enter_context(Rejects.gather())
        this = Course(options, voice, state, rejects)
        try:
            options = _prepared(options, stack)
        except BackfillError as error:
            voice.tell(f"backfill: {error}")
            return error.exit_code
        try:
            this.parts = stack.enter_context(open_parts(list(options.files)))
            return _end(this, _work(this, options, stack))
        except BackfillError as error:
            return _end(this, error)
        except Exception:
            with suppress(Exception):  # what can still be told of a bug's run; the bug itself goes on
                _end(this, BackfillError("ended by a bug"))
            raise


def _end(this: Course, stopped: BackfillError | None) -> int:
    """Finish undisturbed: a signal that comes now would leave half a reject file, or two."""
    for signum in _SIGNALS:
        signal.signal(signum, signal.SIG_IGN)
    return finish(this, stopped)


def _work(this: Course, options: Options, stack: ExitStack) -> BackfillError | None:
    """Everything between opening the files and the summary; return what stopped it, if anything did."""
    try:
        _read_in(this, options)
        assert this.mapping is not None
        address = address_of(options.base_url)
        path = ledger_path(this.state, address, options.space)
        sends = options.command == "upload"
        if sends:
            stack.enter_context(hold(path.with_suffix(".lock"), options.space))
            stack.enter_context(hold(pace_file(options, this.state).with_suffix(".lock"), options.space))
        ledger = stack.enter_context(Ledger.open(path, address, options.space) if sends else Ledger.look(path))
        if sends:
            ledger.bind(options.space, fingerprint_of(options.api_key), options.key_rotated)
        terms = _terms(options, this.mapping)
        lookups = stack.enter_context(open_lookups(this.mapping, _lookup_files(options)))
        this.survey = Survey(this.parts, this.layouts, this.mapping, ledger, terms, this.rejects, lookups=lookups)
        with this.voice.progress(
            "reading", sum({part.path: part.size for part in this.parts}.values()), "B"
        ) as progress:
            this.survey.take(progress)
        _say_findings(this.survey, ledger, this.voice)
        refuse_other_recipe(this.survey)
        this.counts.check()
        _gate(this.survey, options)
        if sends:
            return _send(this, options, ledger)
    except BackfillError as error:
        return error
    return None


def _prepared(options: Options, stack: ExitStack) -> Options:
    """Settle where to send, and that the outputs are not the inputs. Raises UsageError before anything is read."""
    _refuse_outputs(options)
    if options.sandbox:
        from backfill.sandbox import SandboxThread

        sandbox = stack.enter_context(SandboxThread(keys=("sandbox",), rate=1000))
        return replace(options, base_url=sandbox.url, api_key="sandbox")
    _refuse_address(options.base_url)
    return options


def _refuse_outputs(options: Options) -> None:
    """Raise UsageError where the rejects or the summary would replace a file that the run reads, or each other."""
    inputs = [Path(name) for name in (*options.files, *(file for _, file in options.lookups)) if name != "-"]
    inputs += [Path(options.mapping)] if options.mapping else []
    for what, path in (("--rejects", options.rejects), ("--summary", options.summary)):
        if path is not None:
            refuse_input(path, inputs, what)
    if options.summary and options.rejects and options.summary.absolute() == options.rejects.absolute():
        raise UsageError(f"--summary {options.summary}: is where the rejects go; name another file")


def _refuse_address(url: str) -> None:
    """Raise UsageError for what is no address of an API, without repeating a password that it may hold."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if "@" in parts.netloc:
        raise UsageError("the API's address holds a user name or password, and takes none; the key goes with it anyway")
    if not host or parts.query or parts.fragment or re.search(r"[^!-~]", url):
        raise UsageError(f"{url}: no address of an API, such as https://app.cometly.com")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK):
        raise UsageError(f"{url}: an https:// address is needed; plain http:// is for this machine alone")


def _read_in(this: Course, options: Options) -> None:
    """Find out what the files are: their encoding, format, mapping and layout."""
    mapping = load(options.mapping) if options.mapping else None
    for part in this.parts:
        settle_encoding(part, mapping.source.encoding if mapping else None)
    formats = {format_of(part, mapping.source.format if mapping else None) for part in this.parts}
    if len(formats) > 1:
        raise SourceError("the files are of several formats; give those of one format at a time")
    form = formats.pop()
    mapping = mapping or find_mapping(this.parts[0], form)
    if mapping.refuse:
        raise UsageError(f"{this.parts[0].label}: {mapping.refuse}")
    this.mapping = _overridden(mapping, options)
    this.layouts = [layout(part, form, this.mapping) for part in this.parts]
    for part in this.parts:
        for warning in part.warnings:
            this.voice.say(f"warning: {warning}")


def _lookup_files(options: Options) -> Files:
    files: Files = {}
    for name, file in options.lookups:
        files.setdefault(name, []).append(file)
    return files


def _say_findings(survey: Survey, ledger: Ledger, voice: Voice) -> None:
    """What a person should look at before anything is sent."""
    for joined in survey.lookups:
        for warning in joined.warnings:
            voice.say(f"warning: {warning}")
    if survey.counts.rows:
        for absence in _absent(survey.layouts, survey.mapping):
            voice.say(f"warning: {absence}")
    inputs = inputs_of(survey.parts, survey.layouts, survey.findings.rows)
    for note in new_columns(inputs, ledger, survey.mapping.name):
        voice.say(f"note: {note}")
    for sentence in survey.findings.sentences():
        voice.say(f"warning: {sentence}")
    for cure in survey.cures():
        voice.say(f"{cure.count:,} rejects: {cure.sentence}")
        if cure.yaml:
            voice.say("  " + cure.yaml.replace("\n", "\n  "))


def _gate(survey: Survey, options: Options) -> None:
    """Raise ThresholdStop where the input is not what it should be: too many rejects, too few rows."""
    options.max_rejects.check(survey.counts)
    if survey.counts.rows < options.min_rows:
        raise ThresholdStop(f"{survey.counts.rows:,} rows are fewer than --min-rows {options.min_rows:,}")
    if not options.allow_shrink:
        inputs = inputs_of(survey.parts, survey.layouts, survey.findings.rows)
        refuse_shrunk(inputs, survey.ledger, survey.mapping.name)


def _overridden(mapping: Mapping, options: Options) -> Mapping:
    stated = {
        name: value for name in ("timezone", "date_order", "decimal") if (value := getattr(options, name)) is not None
    }
    return replace(mapping, source=replace(mapping.source, **stated))


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
    cutoff = datetime.fromtimestamp(now - CAPI_DAYS * 86400, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Terms(reading, since=bounds[0], until=bounds[1], capi_cutoff=cutoff)


# -- sending ---------------------------------------------------------------------------------------------------------


def _send(this: Course, options: Options, ledger: Ledger) -> BackfillError | None:
    """Show the plan, ask, and send what is ready."""
    survey, voice = this.survey, this.voice
    assert survey is not None
    assert this.mapping is not None
    ready = this.counts.verdicts[Verdict.READY]
    voice.say(
        plan(
            this.counts,
            options.space,
            options.base_url,
            options.rate,
            options.limit,
            list(_notes(this, ledger)),
            survey.capi,
        )
    )
    wanted = ready if options.limit is None else min(ready, options.limit)
    if (
        wanted
        and not options.yes
        and terminal()
        and not _agreed(f"Send {wanted:,} events to Space {options.space}? [y/N] ")
    ):
        return UsageError("not confirmed: nothing was sent")
    files = [part.label for part in this.parts]
    this.number = ledger.begin(shlex.join(options.argv), this.mapping.name, this.mapping.source.namespace, files)
    ledger.keep_inputs(this.number, this.mapping.name, inputs_of(this.parts, this.layouts, survey.findings.rows))
    return asyncio.run(_sending(this, options, ledger, wanted))


async def _sending(this: Course, options: Options, ledger: Ledger, wanted: int) -> BackfillError | None:
    survey, mapping = this.survey, this.mapping
    assert survey is not None
    assert mapping is not None
    assert this.number is not None
    ready, stop = survey.counts.verdicts[Verdict.READY], Stop()
    log = AnswerLog(pace_file(options, this.state))
    with (
        this.voice.progress("sending", wanted, "events") as progress,
        Pace(options.rate, log) as pace,
        _stoppable(stop),
        suppress(asyncio.CancelledError),
    ):
        async with session_for(options.api_key, options.workers, options.timeout) as session:
            sender = Sender(session, options.base_url, pace, options.patience, stop, this.tally, options.pauses)
            recipe = (mapping.name, recipe_of(mapping, survey.terms)) if survey.hashed else None
            booking = Booking(ledger, this.number, survey.counts, this.rejects, options.max_rejects, progress, recipe)
            await send(survey.events(this.number, options.limit), sender, options.workers, stop, booking)
    left = survey.counts.verdicts[Verdict.READY] - (ready - wanted)
    if left and stop.error is None:
        return Unbalanced(f"{left:,} events were not sent and nothing said why: a bug; please report it")
    return stop.error


def _notes(this: Course, ledger: Ledger) -> Iterator[str]:
    """What a person should know before agreeing."""
    assert this.survey is not None
    if ledger.empty:
        yield f"no ledger in {this.state}: all {this.counts.verdicts[Verdict.READY]:,} are new"
    yield from inferred_notes(this.survey)
    if this.counts.dropped:
        yield "left out of events: " + ", ".join(f"{name} {n:,} times" for name, n in this.counts.dropped.items() if n)
    if this.counts.capi_held:
        yield f"{this.counts.capi_held:,} events older than {CAPI_DAYS} days are kept from the ad platforms"


def _agreed(question: str) -> bool:
    sys.stderr.write(question)
    sys.stderr.flush()
    try:
        return sys.stdin.readline().strip().lower() in ("y", "yes")
    except (OSError, ValueError):
        return False


@contextmanager
def _stoppable(stop: Stop) -> Iterator[None]:
    """The first signal lets what is in flight come home; a second one stops at once."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def ask(signum: int) -> None:
        if stop.event.is_set() and task is not None and not task.cancelling():
            task.cancel()
        stop(Interrupted(signum))

    before: dict[int, Any] = {}
    for signum in _SIGNALS:
        before[signum] = signal.signal(signum, lambda number, _: loop.call_soon_threadsafe(ask, number))
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)


_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


@contextmanager
def _signals() -> Iterator[None]:
    """Outside sending a signal ends the run where it stands: nothing is in flight."""

    def leave(signum: int, _: object) -> None:
        raise Interrupted(signum)

    before = {signum: signal.signal(signum, leave) for signum in _SIGNALS}
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
