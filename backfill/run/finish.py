"""The end of a run, however it ends: write rejects and summary, print the result and the command that goes on."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from backfill.console import show, show_json
from backfill.errors import BackfillError, StateError, ThresholdStop, command, counted, exit_code_of, shown
from backfill.event import Verdict
from backfill.files.book import note_empty
from backfill.files.part import Origin
from backfill.files.reject_place import Place, release
from backfill.files.rejects import Rejects
from backfill.ledger import Rejected
from backfill.mapping import Mapping
from backfill.report.console import terminal
from backfill.report.metrics import write_metrics
from backfill.report.plan import without_event
from backfill.report.summary import counts_as_json, result, write_summary
from backfill.run.context import Input, Run
from backfill.run.next_command import (
    all_the_same,
    for_space,
    of_input,
    of_plan,
    receipt_of,
    undo_of,
    upload_of,
    without,
)
from backfill.run.options import Options
from backfill.storage.outputs import lasts
from backfill.storage.remote.path import FilePath, RemotePath, absolute, file_path
from backfill.survey.inference import Clue
from backfill.survey.passes import uncollected
from backfill.survey.result import SurveyResult

SHOWN = 50  # events that a limit sent and that are listed
# How an input is read, as it was said.
_STATED = ("sheet", "encoding", "timezone", "date_order", "decimal", "since", "until")


def finish(run: Run, stopped: BackfillError | None) -> int:
    """Write the rejects and the summary, and say how it ended, however it ended; return the exit code."""
    end = End(run)
    summary, stopped = end.conclude(stopped)
    try:
        if run.options.outputs.json:
            show_json(summary)
        elif run.result is not None and not run.options.outputs.quiet:
            show("\n".join([result(summary), *details(run)]))
    except StateError as error:
        stopped = end.keep(summary, stopped or error)
    say_end(run, summary, stopped)
    return int(summary["exit_code"])


def details(run: Run) -> Iterator[str]:
    """What a person is shown as well: what was deleted, why records gave no event, what was sent, how to undo it."""
    found = run.result
    if found is not None and found.counts.undone:
        gone = counted(found.counts.undone, "was", "were")
        yield f"  of those already there, {gone} deleted by an undo: upload --resend sends what was deleted"
    if found is not None and found.counts.without_event and run.options.outputs.shows:
        yield f"  {without_event(found.counts.without_event, found.left_out)}"
    if run.options.sending.limit is not None and run.sent:
        yield "  sent, to be looked up in Cometly:"
        yield from (f"    {line}" for line in sorted(run.sent)[:SHOWN])
        if run.sent[SHOWN:]:
            yield f"    and {len(run.sent) - SHOWN:,} more: backfill why ORDER tells of each"
    if run.number is not None and run.counts.verdicts[Verdict.ACCEPTED] and not run.options.sandbox:
        yield f"  run {run.number}: taken back by {command(undo_of(run.options, run.number))}"


@dataclass
class End:
    """The end of a run: everything that is kept of it is written, and all of it agrees."""

    run: Run
    rejects_file: FilePath | None = None
    recorded: bool = False  # the rejects are in the ledger
    _said: set[FilePath] = field(default_factory=set)

    def conclude(self, stopped: BackfillError | None) -> tuple[dict[str, Any], BackfillError | None]:
        """Write the rejects, the run into the ledger, and the summary; return that and what stopped it after all."""
        run = self.run
        counts = run.counts
        if (run.options.command == "upload" and run.number is not None) or stopped:
            counts.leave()
        try:
            if run.input is not None:
                with uncollected():
                    self._write_rejects(run.input)
            counts.check()
        except (BackfillError, OSError) as error:
            stopped = stopped or _write_error("the reject file", error)
        summary = summary_of(run, rejects_file=self.rejects_file)
        return summary, self.keep(summary, stopped)

    def keep(self, summary: dict[str, Any], stopped: BackfillError | None) -> BackfillError | None:
        """Enter how it ended wherever that is kept, everywhere the same; return what stopped it after all."""
        while True:
            code = summary["exit_code"] = _exit_code(self.run, stopped)
            summary["resume"] = _resume(self.run, code, stopped, self.rejects_file)
            failed: BackfillError | None = None
            for write in (self._record, self._write_page, self._write_summary, self._write_metrics):
                try:
                    write(summary, stopped)
                except (BackfillError, OSError) as error:
                    failed = failed or _write_error("the summary", error)
            if stopped is not None or failed is None:
                return stopped
            stopped = failed

    def _write_rejects(self, read: Input) -> None:
        run, options = self.run, self.run.options
        checked, inputs = options.command == "check", [origin.path for origin in read.origins]
        if not checked and any(layout.reject_file for layout in read.layouts):
            release(inputs, run.state)
        if options.outputs.rejects is not None:
            path = options.outputs.rejects.absolute()
            self.rejects_file = run.rejects.write(path, read.origins, read.layouts, replace=True)
            note_empty(self.rejects_file, options.lasting_state)
            if self.rejects_file.suffix != path.suffix:
                run.console.warn(f"{path.name}: the rejects are more than a workbook can hold; see {self.rejects_file}")
            self._say_where("--rejects", path, self.rejects_file)
        elif len(run.rejects):
            place = Place.next_to(_marked(options), read.layouts[0].format, run.state, inputs)
            self.rejects_file = place.put(run.rejects, read.origins, read.layouts, checked, run.console.warn)

    def _say_where(self, what: str, asked: FilePath, where: FilePath) -> None:
        """Say under which name something is in a store, where the name that was asked for was taken."""
        if isinstance(where, RemotePath) and where != asked and where not in self._said:
            self._said.add(where)
            self.run.console.warn(f"{what} {asked}: is there already, and is left alone; see {where}")

    def _record(self, summary: dict[str, Any], stopped: BackfillError | None) -> None:
        run = self.run
        if run.entered is not None and run.input is not None:
            kept = summary | {"reading": _reading(run.options, run.input.mapping)}
            rejected = () if self.recorded else _rejected(run.rejects, run.input.origins)
            run.entered.ledger.finish(run.entered.number, summary["exit_code"], kept, rejected, run.tally.unclear)
            self.recorded = True

    def _write_page(self, summary: dict[str, Any], stopped: BackfillError | None) -> None:
        if where := write_page_of(self.run, summary, stopped):
            self._say_where("--report", *where)

    def _write_summary(self, summary: dict[str, Any], stopped: BackfillError | None) -> None:
        if self.run.options.outputs.summary is not None:
            asked = self.run.options.outputs.summary
            self._say_where("--summary", asked, write_summary(asked, summary))

    def _write_metrics(self, summary: dict[str, Any], stopped: BackfillError | None) -> None:
        if self.run.options.outputs.metrics is not None:
            write_metrics(self.run.options.outputs.metrics, [summary])


def write_page_of(run: Run, summary: dict[str, Any], stopped: BackfillError | None) -> tuple[FilePath, FilePath] | None:
    """Write the page, where one was asked for; return where, and where it is. Raises StateError where it can't be."""
    options = run.options
    if options.outputs.report is None:
        return None
    from backfill.report.page import PageInput, write_page  # loaded only where a page is wanted

    how = (
        options.space.name,
        options.command,
        run.number,
        options.sending.limit,
        options.sending.rate,
        options.sending.share,
        options.outputs.unmask,
    )
    try:
        given = PageInput(*how, run.survey, run.rejects, run.tally)
        return options.outputs.report, write_page(options.outputs.report, given, summary, stopped)
    except OSError as error:
        raise StateError(f"--report {options.outputs.report}: can't be written ({error.strerror})") from None


def show_page(run: Run) -> None:
    """Write the page, where one was asked for, before anything is sent. Raises StateError where that can't be done.

    In a store it is written once, at the end: there is nothing to be replaced there.
    """
    if isinstance(run.options.outputs.report, RemotePath):
        return
    if where := write_page_of(run, summary_of(run, 0), None):
        run.console.info(f"page: {where[1].absolute()}")


def _write_error(what: str, error: BackfillError | OSError) -> BackfillError:
    if isinstance(error, BackfillError):
        return error
    return StateError(f"{what} can't be written ({error.strerror})")


def _reading(options: Options, mapping: Mapping) -> dict[str, Any]:
    """How the run's files are read, for later questions about what they say of an order."""
    stated = {name: getattr(options.source, name) for name in _STATED}
    lookups = [(name, absolute(file)) for name, file in options.source.lookups]
    route = asdict(options.source.route) if options.source.route else None
    found = {"mapping": mapping.origin, **stated, "lookups": lookups, "route": route}
    return {name: value for name, value in found.items() if value}


def _exit_code(run: Run, stopped: BackfillError | None) -> int:
    """What stopped it, or 0, or 3 where a person must look; with --limit that of the events sent."""
    if stopped is not None:
        return exit_code_of(stopped, sent=run.tally.requests > 0)
    v = run.counts.verdicts
    if run.options.sending.limit is not None and run.options.command == "upload":
        return 3 if v[Verdict.REFUSED] + v[Verdict.UNDELIVERED] else 0
    return 3 if run.counts.rejects else 0


def _marked(options: Options) -> str:
    """The first input's name; with a mark in it where several Spaces read the same file."""
    if not options.outputs.mark:
        return options.source.files[0]
    path = file_path(options.source.files[0])
    stem, dot, rest = path.name.partition(".")
    return str(path.with_name(f"{stem}.{options.outputs.mark}{dot}{rest}"))


def _rejected(rejects: Rejects, origins: Sequence[Origin]) -> Iterator[Rejected]:
    verdicts = {"refused": Verdict.REFUSED, "undelivered": Verdict.UNDELIVERED, "unknown_outcome": Verdict.UNDELIVERED}
    for row, notes, unreadable in rejects:
        for note in notes:
            verdict = "unreadable" if unreadable else verdicts.get(note.code, Verdict.INVALID)
            place = (origins[row.part].label, row.number)
            yield Rejected(note.order_id, note.event, verdict, note.code, *place, row.text)


def summary_of(run: Run, code: int | None = None, rejects_file: FilePath | None = None) -> dict[str, Any]:
    """The summary as it is now; without an exit code while the run goes on."""
    options, found = run.options, run.result
    return {
        "run": run.number,
        "command": options.command,
        "space": options.space.name,
        "mapping": run.mapping_name,
        "files": list(dict.fromkeys(options.source.named)),
        "started": datetime.fromtimestamp(run.started, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "seconds": run.seconds,
        "exit_code": code,
        **counts_as_json(run.counts, run.tally),
        "inferred": inferred_of(found.clues) if found else {},
        "rejects_file": shown(str(rejects_file)) if rejects_file else None,
        "resume": None,
    }


def inferred_of(clues: dict[str, Clue]) -> dict[str, Any]:
    """What was inferred of the input, as the summary has it."""
    found: dict[str, Any] = {}
    for setting, clue in clues.items():
        entry = {"value": clue.value, "column": clue.column, "row": clue.row, "file": clue.file}
        if setting == "decimal":
            found.setdefault("decimal", {})[clue.column] = entry
        else:
            found[setting] = entry
    return found


def _resume(run: Run, code: int, stopped: BackfillError | None, rejects_file: FilePath | None) -> str | None:
    """The command that goes on: the same one after a stop, the reject file's once its cells are repaired."""
    options, verdicts = run.options, run.counts.verdicts
    if stopped is not None:
        return command(options.argv) if code != 2 or run.number is not None else None
    if options.command == "upload" and verdicts[Verdict.UNATTEMPTED]:
        return command(without(options.argv, "--limit"))
    if options.command == "check" and verdicts[Verdict.READY] and options.outputs.plan is not None:
        return command(receipt_of(options))
    if options.command == "check" and verdicts[Verdict.READY] and not of_plan(options.argv):
        return command(("backfill", "upload", *options.argv[2:]))
    found = run.result
    if options.command == "upload" and found is not None and found.others and not run.counts.rows:
        return _for_other(run, next(iter(found.others)))  # all that is there is theirs
    if options.command == "check" or not run.counts.rejects or found is None:
        return None
    return command(upload_of_rows(options, found, rejects_file)) if rejects_file and lasts(rejects_file) else None


def upload_of_rows(options: Options, found: SurveyResult, file: FilePath, mapping: str = "") -> list[str]:
    """The command that sends some rows of the input, in a file of their own, read as the input was.

    `mapping` is what the one that read it is called, where that is not its origin.
    """
    inferred = inferred_of(found.clues)
    by_setting = {"date_order": [inferred["date_order"]] if "date_order" in inferred else []}
    by_setting["decimal"] = list(inferred.get("decimal", {}).values())
    settings = {name: clues[0]["value"] for name, clues in by_setting.items() if clues}
    return upload_of(options, mapping or found.mapping.origin, settings, file)


def _page_of(run: Run) -> str:
    """The command that shows what was checked and has rejects as a page; "" where it can't, or need not."""
    options, mapping = run.options, run.mapping
    named = options.source.mapping or (mapping.origin if mapping else "")
    if not run.counts.rejects or not named or "-" in options.source.files or of_plan(options.argv):
        return ""
    return command(of_input(options, "review", named))


def _for_other(run: Run, space: str) -> str | None:
    """The same command for another Space; None where a plan's job does that."""
    return None if of_plan(run.options.argv) else command(for_space(run.options.argv, space))


def _say_others(run: Run) -> None:
    """Say which rows are other Spaces', where no plan's job does them."""
    found = run.result
    if found is not None and not of_plan(run.options.argv):
        for space, rows in found.others.items():
            those, them = counted(rows, "row is", "rows are"), "it" if rows == 1 else "them"
            their = _for_other(run, space)
            run.console.warn(f"{those} space {space}'s by column {found.route_column}; for {them}: {their}")


def say_end(run: Run, summary: dict[str, Any], stopped: BackfillError | None) -> None:
    """Say what stopped it, what to know, and the command that goes on."""
    console = run.console
    _say_others(run)
    if stopped is not None:
        console.fail(stopped)
    elif not summary["rows"] and run.result is not None and run.result.route_column:
        console.warn(f"no row is space {run.options.space.name}'s by column {run.result.route_column}")
    elif not summary["rows"]:
        console.warn("no rows under the header: nothing to do")
    if run.options.command == "check" and stopped is None:
        if summary["resume"]:
            console.info(f"to send what is ready: {summary['resume']}")
        if (page := _page_of(run)) and terminal():
            console.info(f"to look and mend on a page of this machine: {page}")
        return
    if isinstance(stopped, ThresholdStop):
        console.info(f"to go on once that is mended: {summary['resume']}")
        if further := all_the_same(run.options.argv, stopped):
            console.info(f"to go on all the same: {further}")
    elif summary["resume"]:
        what = "to go on"
        if stopped is None and summary["rejects_file"] and not summary["unattempted"]:
            what = "repair the cells of the rejects file, then"
            if run.counts.rejects == run.counts.verdicts[Verdict.UNDELIVERED]:  # no cell is wrong
                what = "to upload the rejects file again, as it is"
        console.info(f"{what}: {summary['resume']}")
