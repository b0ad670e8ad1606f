"""One backfill, start to finish: read, survey, plan, send, and say what became of every row."""

import asyncio
import shlex
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from backfill.booking import Booking
from backfill.closing import Course, finish, inferred_notes
from backfill.convert import CAPI_DAYS, Terms
from backfill.errors import BackfillError, Interrupted, SourceError, UsageError
from backfill.event import Verdict
from backfill.fields import Reading, read_time
from backfill.hold import hold
from backfill.ledger import Ledger, address_of, fingerprint_of, ledger_path
from backfill.mapping import Mapping, load
from backfill.options import Options, pace_file, state_folder
from backfill.pace import AnswerLog, Pace
from backfill.read.files import open_parts, settle_encoding
from backfill.read.header import find_mapping, format_of, layout
from backfill.read.rows import Layout
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
        state, rejects = stack.enter_context(state_folder(options)), stack.enter_context(Rejects.gather())
        this = Course(options, voice, state, rejects)
        try:
            options = _prepared(options, stack)
            this.parts = stack.enter_context(open_parts(list(options.files)))
            return finish(this, _work(this, options, stack))
        except BackfillError as error:
            if this.parts:
                return finish(this, error)
            voice.tell(f"backfill: {error}")
            return error.exit_code


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
        this.survey = Survey(
            this.parts, this.layouts, this.mapping, ledger, _terms(options, this.mapping), this.rejects
        )
        with this.voice.progress(
            "reading", sum({part.path: part.size for part in this.parts}.values()), "B"
        ) as progress:
            this.survey.take(progress)
        refuse_other_recipe(this.survey)
        this.counts.check()
        options.max_rejects.check(this.counts)
        if sends:
            return _send(this, options, ledger)
    except BackfillError as error:
        return error
    return None


def _prepared(options: Options, stack: ExitStack) -> Options:
    """Settle where to send, and that the outputs are not the inputs. Raises UsageError before anything is read."""
    if options.sandbox:
        from backfill.sandbox import SandboxThread

        sandbox = stack.enter_context(SandboxThread(keys=("sandbox",), rate=1000))
        return replace(options, base_url=sandbox.url, api_key="sandbox")
    url = address_of(options.base_url)
    if not url.startswith(("https://", "http://")) or (
        url.startswith("http://") and url.split("/")[2].rsplit(":", 1)[0] not in LOOPBACK
    ):
        raise UsageError(f"{options.base_url}: an https:// address is needed; plain http:// is for this machine alone")
    return options


def _read_in(this: Course, options: Options) -> None:
    """Find out what the files are: their encoding, format, mapping and layout."""
    for what, path in (("--rejects", options.rejects), ("--summary", options.summary)):
        if path is not None:
            refuse_input(path, this.parts, what)
    mapping = load(options.mapping) if options.mapping else None
    for part in this.parts:
        settle_encoding(part, mapping.source.encoding if mapping else None)
    formats = {format_of(part, mapping.source.format if mapping else None) for part in this.parts}
    if len(formats) > 1:
        raise SourceError("the files are of several formats; give those of one format at a time")
    form = formats.pop()
    mapping = mapping or find_mapping(this.parts[0], form)
    this.mapping = _overridden(mapping, options)
    this.layouts = [layout(part, form, this.mapping) for part in this.parts]
    for part in this.parts:
        for warning in part.warnings:
            this.voice.say(f"warning: {warning}")
    for note in _absent(this.layouts, this.mapping):
        this.voice.say(f"warning: {note}")


def _overridden(mapping: Mapping, options: Options) -> Mapping:
    stated = {
        name: value for name in ("timezone", "date_order", "decimal") if (value := getattr(options, name)) is not None
    }
    return replace(mapping, source=replace(mapping.source, **stated))


def _absent(layouts: list[Layout], mapping: Mapping) -> Iterator[str]:
    """Optional columns that decide which records become events, and that the file lacks."""
    judged = {c.column for c in mapping.where} | {c.column for template in mapping.events for c in template.where}
    for column in sorted(judged):
        if any(one.format == "csv" and one.positions[one.columns.index(column)] < 0 for one in layouts):
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
    if survey.hashed:
        ledger.keep_recipe(this.mapping.name, recipe_of(this.mapping, survey.terms))
    return asyncio.run(_sending(this, options, ledger, wanted))


async def _sending(this: Course, options: Options, ledger: Ledger, wanted: int) -> BackfillError | None:
    assert this.survey is not None
    assert this.number is not None
    stop = Stop()
    log = AnswerLog(pace_file(options, this.state))
    with (
        this.voice.progress("sending", wanted, "events") as progress,
        Pace(options.rate, log) as pace,
        _stoppable(stop),
    ):
        async with session_for(options.api_key, options.workers) as session:
            sender = Sender(session, options.base_url, pace, options.patience, stop, this.tally)
            booking = Booking(
                ledger, this.number, this.survey.counts, this.rejects, options.max_rejects, stop, progress
            )
            events = this.survey.events(this.number, options.limit)
            with suppress(asyncio.CancelledError):
                await send(events, sender, options.workers, stop, booking)
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
    return sys.stdin.readline().strip().lower() in ("y", "yes")


@contextmanager
def _stoppable(stop: Stop) -> Iterator[None]:
    """The first signal lets what is in flight come home; a second one stops at once."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def ask(signum: int) -> None:
        if stop.event.is_set() and task is not None:
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
