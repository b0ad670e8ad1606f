"""A whole plan: its jobs are read, done by an engine, and summed up."""

from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from backfill.commands.jobs.deliver import tell_all, warn_of_unset
from backfill.commands.jobs.engine import dask, local
from backfill.commands.jobs.notice import Notice
from backfill.commands.jobs.part import Part
from backfill.commands.jobs.plan import Grammar, load_plan
from backfill.commands.jobs.space_queue import FINE
from backfill.commands.jobs.summary import jobs_text, summary_of
from backfill.console import show, show_json
from backfill.errors import BackfillError, StateError, ThresholdStop, command, exit_code_of
from backfill.files.reject_place import release
from backfill.report.console import Console
from backfill.report.metrics import write_metrics, write_refusal
from backfill.report.summary import write_summary
from backfill.run.options import Options, state_folder
from backfill.run.signals import leaving, undisturbed


def jobs(path: Path, grammar: Grammar, part: Part, cluster: str | None = None) -> int:
    """Do a part of a plan's jobs, here or on a cluster; return the exit code of all.

    What stops one is said in one sentence, never raised.
    """
    options = grammar.options
    console = Console(options.outputs.quiet, options.outputs.verbose, options.outputs.log_format, {"command": "jobs"})
    warn_of_unset(path, console)
    try:
        notice = _done(path, grammar, part, cluster, console)
    except Exception:
        tell_all(Notice(path.name, 1, error="ended by a bug"), path, options, console)
        raise
    tell_all(notice, path, options, console)
    return notice.exit_code


def _done(path: Path, grammar: Grammar, part: Part, cluster: str | None, console: Console) -> Notice:
    options = grammar.options
    guard = options.guard
    with ExitStack() as stack:
        stack.enter_context(leaving())
        try:
            planned = part.of(load_plan(path, grammar, guard))
            if not planned:
                console.info(f"part {part}: the plan has fewer Spaces, so there is nothing to do")
            state = stack.enter_context(state_folder(options))
            release([path for job in planned for path in job.options.source.paths], state)
            work = (planned, options, state, console, _shown(options))
            entries = dask.do(*work, cluster) if cluster and planned else local.do(*work)
        except BackfillError as error:
            console.fail(error)
            if options.outputs.metrics is not None and "--metrics" not in guard.refusals():
                write_refusal(options.outputs.metrics, {"command": "jobs"}, error.exit_code)
            return Notice(path.name, error.exit_code, error=str(error))
        undisturbed()
        summary = _finish(options, entries, console)
        return Notice(path.name, int(summary["exit_code"]), summary["jobs"], summary["totals"])


def _shown(options: Options) -> Callable[[str], None]:
    """Shows the result of a job that is over."""

    def shown(text: str) -> None:
        if not options.outputs.json and not options.outputs.quiet:
            with suppress(StateError):  # the output at the end fails too, and says so
                show(text)

    return shown


def _finish(options: Options, entries: list[dict[str, Any]], console: Console) -> dict[str, Any]:
    """Write and show the summary of all; return it."""
    summary = summary_of(entries, command(options.argv))

    def write() -> None:
        if options.outputs.summary is not None:
            write_summary(options.outputs.summary, summary)
        if options.outputs.metrics is not None:
            write_metrics(options.outputs.metrics, entries)

    def shows() -> None:
        if options.outputs.json:
            show_json(summary)
        elif not options.outputs.quiet:
            show(jobs_text(entries, summary["totals"]))

    for what in (write, shows):
        try:
            what()
        except BackfillError as error:
            console.fail(error)
            if summary["exit_code"] in FINE:
                summary["exit_code"] = exit_code_of(error, sent=summary["totals"]["requests"] > 0)
                with suppress(BackfillError):
                    write()
    if summary["resume"]:
        mended = " once that is mended" if summary["exit_code"] == ThresholdStop.exit_code else ""
        console.info(f"to go on{mended}: {summary['resume']}")
    return summary
