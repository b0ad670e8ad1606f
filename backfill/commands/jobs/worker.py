"""A process next to the one that sends: it surveys inputs and writes the jobs' results, so that no send has to wait.

A survey's result is kept in the job's folder as a value; the files and the ledger are opened again at the end.
"""

import os
import pickle
import signal
import sys
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from backfill.commands.jobs.messages import (
    Ended,
    FinishTask,
    Stopped,
    Surveyed,
    SurveyTask,
    read,
    write,
)
from backfill.commands.jobs.relay import Relay
from backfill.commands.jobs.spool import Spool
from backfill.errors import BackfillError, place_of
from backfill.files.part import Part
from backfill.files.reject_entries import Gathered
from backfill.files.rejects import Rejects
from backfill.ledger import ledgers_of
from backfill.report.console import Console
from backfill.report.plan import notes_on
from backfill.run.context import Entered, Input, Run
from backfill.run.finish import End, details, say_end
from backfill.run.gate import gate, inputs_of
from backfill.run.input import read_input
from backfill.run.open_ledger import refuse_moved
from backfill.run.survey import survey_input
from backfill.storage.remote.path import RemotePath
from backfill.survey.key_recipe import keys_of, recipe_of
from backfill.survey.passes import Survey
from backfill.survey.result import SurveyResult

_NICE = 10  # lower priority than the process that sends


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A job between its survey and its end, while another process sends."""

    started: float
    began: float
    read: Input
    surveyed: SurveyResult
    gathered: Gathered


def survey(task: SurveyTask, console: Console) -> Surveyed | Ended:
    """Survey a job; spool what is ready, or end it where there is nothing to send."""
    options = task.options
    with ExitStack() as stack:
        rejects = Rejects(stack.enter_context((task.folder / "rejects").open("wb+")))
        run = Run(options, console, task.state, rejects)
        try:
            ready = _survey(run, task.folder, stack)
        except BackfillError as error:
            return _ended(run, error)
        if options.command != "upload":
            return _ended(run, None)
        waiting = _Waiting(run.started, run.began, ready.read, ready.survey.result, rejects.hand_over())
        with (task.folder / "waiting").open("wb") as file:
            pickle.dump(waiting, file, pickle.HIGHEST_PROTOCOL)
        return _surveyed(ready.survey, run)


class _Ready(NamedTuple):
    read: Input
    survey: Survey


def _survey(run: Run, folder: Path, stack: ExitStack) -> _Ready:
    options = run.options
    if any(isinstance(path, RemotePath) for path in options.source.paths):
        from backfill.storage.remote.copies import keep_in  # loaded only where a file is in a store

        keep_in(folder.parent)  # this process may be killed; and the jobs of a route read one file
    parts, read = read_input(run, stack)
    if options.source.route is None:
        stack.callback(_drop_copies, parts)
    ledger = stack.enter_context(run.ledgers.look(options.space.address, options.space.name))
    refuse_moved(ledger)
    survey = survey_input(run, parts, read, ledger, stack)
    gate(survey, options, run.console)
    if options.command == "upload":
        _spool(survey, options.sending.limit, folder)
    return _Ready(read, survey)


def _drop_copies(parts: list[Part]) -> None:
    """Make room: no other job is known to read the same files."""
    for copy in [part.copy for part in parts if part.copy is not None]:
        from backfill.storage.remote.copies import drop

        drop(copy)


def _spool(survey: Survey, limit: int | None, folder: Path) -> None:
    spool = Spool(folder)
    spool.empty()
    with spool:
        survey.account.noted.enter(spool, 0)
        for event in survey.events(0, limit):
            spool.put(event)
    survey.count_late()


def _surveyed(survey: Survey, run: Run) -> Surveyed:
    mapping = survey.mapping
    return Surveyed(
        counts=survey.account.counts,
        mapping=mapping.name,
        namespace=mapping.source.namespace,
        keys=keys_of(mapping),
        files=[part.label for part in survey.parts],
        inputs=inputs_of(survey.origins, survey.layouts, survey.rows_read),
        recipe=(mapping.name, recipe_of(mapping, survey.settings)) if survey.account.hashed else None,
        capi=survey.account.capi,
        notes=list(notes_on(survey, run.ledgers.place, run.ledgers.to_join)),
    )


def finish(task: FinishTask, console: Console) -> Ended:
    """End a job that was sent or stopped."""
    options = task.options
    with ExitStack() as stack:
        with (task.folder / "waiting").open("rb") as file:
            waiting: _Waiting = pickle.load(file)  # noqa: S301 (from this process, in a private folder)
        rejects = Rejects.restored(stack.enter_context((task.folder / "rejects").open("rb+")), waiting.gathered)
        for row, event, problems, order_id, key, rows in stack.enter_context(Spool(task.folder)).refused():
            rejects.add(row, event, problems, order_id, key, rows=rows)
        ledger = stack.enter_context(
            ledgers_of(task.state, options.sandbox).open(options.space.address, options.space.name)
        )
        run = Run(
            options,
            console,
            task.state,
            rejects,
            waiting.started,
            waiting.began,
            waiting.read.mapping,
            waiting.read,
            surveyed=replace(waiting.surveyed, counts=task.counts),
            entered=Entered(ledger, task.number),
            tally=task.tally,
        )
        return _ended(run, task.stopped.error() if task.stopped else None)


def _ended(run: Run, stopped: BackfillError | None) -> Ended:
    summary, stopped = End(run).conclude(stopped)
    say_end(run, summary, stopped)
    return Ended(summary, run.result is not None, list(details(run)), str(stopped) if stopped else None)


def _work(task: SurveyTask | FinishTask, console: Console) -> object:
    try:
        return survey(task, console) if isinstance(task, SurveyTask) else finish(task, console)
    except BackfillError as error:
        return Stopped.by(error)
    except OSError as error:  # a file of the job's folder
        return Stopped(f"what waits to be sent can't be kept ({error.strerror}); make room and run it again", 2)
    except Exception as error:
        return Stopped(f"a bug: {type(error).__name__} at {place_of(error)}; please report it", 1)


def _watch(parent: int) -> None:
    """End the process when the one that sends is gone, for whatever reason."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def main() -> None:
    """Do one task after the other until there are no more."""
    for name in ("SIGINT", "SIGHUP"):  # the process that sends decides what to do about those
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(_NICE)
    threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()
    stream = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    while (task := read(sys.stdin.buffer)) is not None:
        write(stream, _work(task, Relay(partial(write, stream))))
