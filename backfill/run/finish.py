"""The end of a run, however it ends: rejects and summary written, what it came to said, the command that goes on."""

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backfill.console import show, show_json
from backfill.counts import Counts
from backfill.errors import BackfillError, StateError, ThresholdStop, command, exit_code_of, shown
from backfill.event import Verdict
from backfill.files.open import Part
from backfill.files.reject_place import Place, release
from backfill.files.rejects import Rejects
from backfill.files.rows import Layout
from backfill.ledger import Rejected
from backfill.mapping import Mapping
from backfill.report.console import Voice
from backfill.report.metrics import write_metrics
from backfill.report.plan import without_event
from backfill.report.summary import counts_as_json, result, write_summary
from backfill.run.next_command import all_the_same, for_space, of_plan, undo_of, upload_of, without
from backfill.run.options import Options
from backfill.survey.passes import Survey
from backfill.upload.tally import Tally

SHOWN = 50  # events that a limit sent and that are listed


@dataclass
class Course:
    """What a run has come to know of itself, for the summary on whatever exit."""

    options: Options
    voice: Voice
    state: Path
    rejects: Rejects
    started: float = field(default_factory=time.time)
    began: float = field(default_factory=time.monotonic)  # the same moment on a clock that nobody sets
    parts: list[Part] = field(default_factory=list)
    layouts: list[Layout] = field(default_factory=list)
    mapping: Mapping | None = None
    survey: Survey | None = None
    rejects_file: Path | None = None
    number: int | None = None
    recorded: bool = False  # the rejects stand in the ledger
    sent: list[str] = field(default_factory=list)  # with --limit: a line for each event that was accepted
    tally: Tally = field(default_factory=Tally)

    @property
    def seconds(self) -> float:
        """How long it has taken."""
        return round(time.monotonic() - self.began, 3)

    @property
    def counts(self) -> Counts:
        counts = self.survey.counts if self.survey else Counts()
        counts.requests, counts.rate_limited, counts.retried = (
            self.tally.requests,
            self.tally.rate_limited,
            self.tally.retried,
        )
        return counts


def finish(this: Course, stopped: BackfillError | None) -> int:
    """Write the rejects and the summary, and say how it ended, however it ended; return the exit code."""
    summary, stopped = conclude(this, stopped)
    try:
        if this.options.json:
            show_json(summary)
        elif this.survey is not None and not this.options.quiet:
            show("\n".join([result(summary), *details(this)]))
    except StateError as error:
        stopped = _kept(this, summary, stopped or error)
    say_end(this, summary, stopped)
    return int(summary["exit_code"])


def details(this: Course) -> Iterator[str]:
    """What a person is told besides: why records gave no event, what a limit sent, and how to take the run back."""
    assert this.survey is not None
    if this.counts.without_event and this.survey.shown:
        yield f"  {without_event(this.survey)}"
    if this.options.limit is not None and this.sent:
        yield "  sent, to be looked up in Cometly:"
        yield from (f"    {line}" for line in sorted(this.sent)[:SHOWN])
        if this.sent[SHOWN:]:
            yield f"    and {len(this.sent) - SHOWN:,} more: backfill why ORDER tells of each"
    if this.number is not None and this.counts.verdicts[Verdict.ACCEPTED] and not this.options.sandbox:
        yield f"  run {this.number}: taken back by {command(undo_of(this.options, this.number))}"


def conclude(this: Course, stopped: BackfillError | None) -> tuple[dict[str, Any], BackfillError | None]:
    """Write the rejects, the run into the ledger, and the summary; return that and what stopped it after all."""
    counts = this.counts
    if (this.options.command == "upload" and this.number is not None) or stopped:
        counts.leave()
    try:
        if this.layouts:
            _write_rejects(this)
        counts.check()
    except (BackfillError, OSError) as error:
        stopped = stopped or _told("the reject file", error)
    summary = summary_of(this)
    return summary, _kept(this, summary, stopped)


def _kept(this: Course, summary: dict[str, Any], stopped: BackfillError | None) -> BackfillError | None:
    """Enter how it ended wherever that is kept, everywhere the same; return what stopped it after all."""
    while True:
        code = summary["exit_code"] = _exit_code(this, stopped)
        summary["resume"] = _resume(this, code, stopped)
        failed: BackfillError | None = None
        for write in (_record, _write_page, _write_summary, _write_metrics):
            try:
                write(this, summary, stopped)
            except (BackfillError, OSError) as error:
                failed = failed or _told("the summary", error)
        if stopped is not None or failed is None:
            return stopped
        stopped = failed


def _told(what: str, error: BackfillError | OSError) -> BackfillError:
    if isinstance(error, BackfillError):
        return error
    return StateError(f"{what} can't be written ({error.strerror})")


def show_page(this: Course) -> None:
    """Write the page, where one was asked for, before anything is sent. Raises StateError where that can't be done."""
    if this.options.report is not None:
        _write_page(this, summary_of(this, 0), None)
        this.voice.say(f"page: {this.options.report.absolute()}")


def _record(this: Course, summary: dict[str, Any], stopped: BackfillError | None) -> None:
    if this.number is not None and this.survey is not None:
        kept = summary | {"reading": _reading(this.options, this.survey.mapping)}
        rejected = () if this.recorded else _rejected(this)
        this.survey.ledger.finish(this.number, summary["exit_code"], kept, rejected)
        this.recorded = True


def _reading(options: Options, mapping: Mapping) -> dict[str, Any]:
    """How the run's files are read, for who asks later what they say of an order."""
    stated = {name: getattr(options, name) for name in ("timezone", "date_order", "decimal", "since", "until")}
    lookups = [(name, str(Path(file).absolute())) for name, file in options.lookups]
    route = asdict(options.route) if options.route else None
    found = {"mapping": mapping.origin, **stated, "lookups": lookups, "route": route}
    return {name: value for name, value in found.items() if value}


def _write_summary(this: Course, summary: dict[str, Any], stopped: BackfillError | None) -> None:
    if this.options.summary is not None:
        write_summary(this.options.summary, summary)


def _write_metrics(this: Course, summary: dict[str, Any], stopped: BackfillError | None) -> None:
    if this.options.metrics is not None:
        write_metrics(this.options.metrics, [summary])


def _write_page(this: Course, summary: dict[str, Any], stopped: BackfillError | None) -> None:
    if this.options.report is None:
        return
    from backfill.report.page import Told, write_page  # its libraries are worth their time only where a page is wanted

    options = this.options
    how = (options.space, options.command, this.number, options.limit, options.rate, options.share, options.unmask)
    try:
        told = Told(*how, this.survey, this.parts, this.layouts, this.rejects, this.tally)
        write_page(this.options.report, told, summary, stopped)
    except OSError as error:
        raise StateError(f"--report {this.options.report}: can't be written ({error.strerror})") from None


def _exit_code(this: Course, stopped: BackfillError | None) -> int:
    """What stopped it, or 0, or 3 where a person must look; with --limit that of the events sent."""
    if stopped is not None:
        return exit_code_of(stopped, sent=this.tally.requests > 0)
    v = this.counts.verdicts
    if this.options.limit is not None and this.options.command == "upload":
        return 3 if v[Verdict.REFUSED] + v[Verdict.UNDELIVERED] else 0
    return 3 if this.counts.rejects else 0


def _write_rejects(this: Course) -> None:
    options, checked = this.options, this.options.command == "check"
    inputs = [part.path for part in this.parts]
    if not checked and any(layout.reject_file for layout in this.layouts):
        release(inputs, this.state)
    if options.rejects is not None:
        this.rejects_file = this.rejects.write(options.rejects.absolute(), this.parts, this.layouts, replace=True)
    elif len(this.rejects):
        place = Place.beside(_marked(options), this.layouts[0].format, this.state, inputs)
        this.rejects_file = place.put(this.rejects, this.parts, this.layouts, checked)


def _marked(options: Options) -> str:
    """The first input's name; with a mark in it where several Spaces read the same file."""
    path = Path(options.files[0])
    stem, dot, rest = path.name.partition(".")
    return str(path.with_name(f"{stem}.{options.mark}{dot}{rest}")) if options.mark else options.files[0]


def _rejected(this: Course) -> Iterator[Rejected]:
    verdicts = {"refused": Verdict.REFUSED, "undelivered": Verdict.UNDELIVERED, "unknown_outcome": Verdict.UNDELIVERED}
    for row, notes, unreadable in this.rejects:
        for note in notes:
            verdict = "unreadable" if unreadable else verdicts.get(note.code, Verdict.INVALID)
            place = (this.parts[row.part].label, row.number)
            yield Rejected(note.order_id, note.event, verdict, note.code, *place, row.text)


def summary_of(this: Course, code: int | None = None, resume: str | None = None) -> dict[str, Any]:
    """The summary as it is now; without an exit code while the run goes on."""
    options, survey = this.options, this.survey
    mapping = this.mapping
    return {
        "run": this.number,
        "command": options.command,
        "space": options.space,
        "mapping": mapping.name if mapping else None,
        "files": list(dict.fromkeys(options.named)),
        "started": datetime.fromtimestamp(this.started, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "seconds": this.seconds,
        "exit_code": code,
        **counts_as_json(this.counts),
        "inferred": _inferred(survey) if survey else {},
        "rejects_file": shown(str(this.rejects_file)) if this.rejects_file else None,
        "resume": resume,
    }


def _inferred(survey: Survey) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for setting, clue in survey.evidence.clues.items():
        entry = {"value": clue.value, "column": clue.column, "row": clue.row, "file": clue.file}
        if setting == "decimal":
            found.setdefault("decimal", {})[clue.column] = entry
        else:
            found[setting] = entry
    return found


def _resume(this: Course, code: int, stopped: BackfillError | None) -> str | None:
    """The command that goes on: the same one after a stop, the reject file's once its cells are repaired."""
    options = this.options
    if stopped is not None:
        return command(options.argv) if code != 2 or this.number is not None else None
    if options.command == "upload" and this.counts.verdicts[Verdict.UNATTEMPTED]:
        return command(without(options.argv, "--limit"))
    if options.command == "check" and this.counts.verdicts[Verdict.READY] and not of_plan(options.argv):
        return command(("backfill", "upload", *options.argv[2:]))
    if options.command == "check" or not this.rejects_file or not this.counts.rejects:
        return None
    return command(upload_of_rows(this, this.rejects_file))


def upload_of_rows(this: Course, file: Path) -> list[str]:
    """The command that sends some rows of the input, in a file of their own, read as the input was."""
    assert this.mapping is not None
    assert this.survey is not None
    inferred = _inferred(this.survey)
    told = {"date_order": [inferred["date_order"]] if "date_order" in inferred else []}
    told["decimal"] = list(inferred.get("decimal", {}).values())
    settings = {name: clues[0]["value"] for name, clues in told.items() if clues}
    return upload_of(this.options, this.mapping.origin, settings, file)


def _say_others(this: Course) -> None:
    """Say which rows are other Spaces', where no plan's job does them."""
    share = this.survey.share if this.survey else None
    if share is not None and not of_plan(this.options.argv):
        for space, rows in share.others.items():
            their = command(for_space(this.options.argv, space))
            this.voice.warn(f"{rows:,} rows are space {space}'s by column {share.route.column}; for them: {their}")


def say_end(this: Course, summary: dict[str, Any], stopped: BackfillError | None) -> None:
    """Say what stopped it, what to know, and the command that goes on."""
    voice = this.voice
    _say_others(this)
    if stopped is not None:
        voice.fail(stopped)
    elif not summary["rows"]:
        voice.warn("no rows under the header: nothing to do")
    if this.options.command == "check" and stopped is None:
        if summary["resume"]:
            voice.say(f"to send what is ready: {summary['resume']}")
        return
    if isinstance(stopped, ThresholdStop):
        voice.say(f"to go on once that is mended: {summary['resume']}")
        if further := all_the_same(this.options.argv, stopped):
            voice.say(f"to go on all the same: {further}")
    elif summary["resume"]:
        repaired = stopped is None and this.rejects_file and not summary["unattempted"]
        voice.say(f"{'repair the cells of the rejects file, then' if repaired else 'to go on'}: {summary['resume']}")
