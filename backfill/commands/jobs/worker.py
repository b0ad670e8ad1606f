"""A process beside the one that sends: it surveys inputs and writes what jobs came to, so that neither delays a send.

What a survey knows goes into the job's folder between the two; what is bound to a process (open files, the ledger) is
left out, and opened again.
"""

import os
import pickle
import signal
import sys
import threading
import time
from contextlib import ExitStack
from io import IOBase
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO

from backfill.commands.jobs.messages import (
    Ended,
    FinishTask,
    Progressed,
    Said,
    Stopped,
    Surveyed,
    SurveyTask,
    read,
    write,
)
from backfill.commands.jobs.spool import Spool
from backfill.convert.lookup import Joined
from backfill.convert.records import Groups
from backfill.errors import BackfillError, place_of
from backfill.files.open import open_parts
from backfill.files.rejects import Rejects
from backfill.ledger import Ledger, ledger_path
from backfill.report.console import Left, Progress, Voice
from backfill.report.plan import notes_on
from backfill.run.begin import load_mapping, read_in, take_survey
from backfill.run.finish import Course, conclude, details, say_end
from backfill.run.gate import inputs_of
from backfill.space import address_of
from backfill.storage.digest_map import Seen
from backfill.survey.key_recipe import keys_of, recipe_of

_NICE = 10  # behind the process that sends
_EVERY = 0.25  # seconds between two words on progress
_BOUND = (IOBase, SpooledTemporaryFile, Ledger, Joined, Seen, Groups, Voice)


class _Relay(Voice):
    """Says everything to the process that sends."""

    def __init__(self, stream: BinaryIO):
        super().__init__()
        self._stream = stream

    def emit(self, level: str, text: str, **_: Any) -> None:
        write(self._stream, Said(level, text))

    @property
    def draws(self) -> bool:
        return False

    def progress(self, what: str, total: int, unit: str, left: Left | None = None) -> Progress:
        return _RelayedProgress(what, total, unit, self, self._stream)


class _RelayedProgress(Progress):
    def __init__(self, what: str, total: int, unit: str, voice: Voice, stream: BinaryIO):
        super().__init__(what, total, unit, voice)
        self._stream, self._last = stream, 0.0

    def advance(self, by: int = 1, note: str = "") -> None:
        self.done += by
        if time.monotonic() - self._last >= _EVERY:
            self._last = time.monotonic()
            write(self._stream, Progressed(self._what, self.total, self._unit, self.done))

    def __exit__(self, *_: object) -> None:
        write(self._stream, Progressed(self._what, self.total, self._unit, None))


class _Witness(Ledger):
    """A ledger to read: what a survey would note in it goes to the spool."""

    spool: Spool

    def see(self, run: int, keys: Any) -> None:
        self.spool.saw(keys)

    def keep(self, run: int, rejected: Any) -> None:
        self.spool.kept(list(rejected))


class _Pickler(pickle.Pickler):
    def persistent_id(self, obj: Any) -> str | None:
        return "bound" if isinstance(obj, _BOUND) else None


class _Unpickler(pickle.Unpickler):
    def persistent_load(self, _: Any) -> None:
        return None


def survey(task: SurveyTask, voice: Voice) -> Surveyed | Ended:
    """Survey a job; spool what is ready, or end it where there is nothing to send."""
    options = task.options
    with ExitStack() as stack:
        rejects = Rejects(stack.enter_context((task.folder / "rejects").open("wb+")))
        this = Course(options, voice, task.state, rejects)
        try:
            load_mapping(this)
            this.parts = stack.enter_context(open_parts(list(options.files)))
            read_in(this)
            ledger = stack.enter_context(
                _Witness.look(ledger_path(task.state, address_of(options.base_url), options.space))
            )
            take_survey(this, ledger, stack)
            if options.command == "upload":
                _spool(this, ledger, task.folder)
        except BackfillError as error:
            return _ended(this, error)
        if options.command != "upload":
            return _ended(this, None)
        with (task.folder / "course").open("wb") as file:
            _Pickler(file, pickle.HIGHEST_PROTOCOL).dump(this)
        return _surveyed(this)


def _spool(this: Course, ledger: Ledger, folder: Path) -> None:
    assert this.survey is not None
    assert isinstance(ledger, _Witness)
    ledger.spool = Spool(folder)
    ledger.spool.empty()
    with ledger.spool:
        this.survey.noted.enter(ledger, 0)
        for event in this.survey.events(0, this.options.limit):
            ledger.spool.put(event)


def _surveyed(this: Course) -> Surveyed:
    found, mapping = this.survey, this.mapping
    assert found is not None
    assert mapping is not None
    return Surveyed(
        counts=found.counts,
        mapping=mapping.name,
        namespace=mapping.source.namespace,
        keys=keys_of(mapping),
        files=[part.label for part in this.parts],
        inputs=inputs_of(this.parts, this.layouts, found.rows_read),
        recipe=(mapping.name, recipe_of(mapping, found.terms)) if found.hashed else None,
        capi=found.capi,
        notes=list(notes_on(found, this.state)),
    )


def finish(task: FinishTask, voice: Voice) -> Ended:
    """End a job that was sent or stopped."""
    options = task.options
    with ExitStack() as stack:
        file = stack.enter_context((task.folder / "course").open("rb"))
        this: Course = _Unpickler(file).load()
        this.options, this.voice, this.number, this.tally = options, voice, task.number, task.tally
        this.rejects.reopen(stack.enter_context((task.folder / "rejects").open("rb+")))
        assert this.survey is not None
        this.survey.counts = task.counts
        for row, event, problems, order_id, key in stack.enter_context(Spool(task.folder)).refused():
            this.rejects.add(row, event, problems, order_id, key)
        address = address_of(options.base_url)
        path = ledger_path(task.state, address, options.space)
        this.survey.ledger = stack.enter_context(Ledger.open(path, address, options.space))
        return _ended(this, task.stopped.error() if task.stopped else None)


def _ended(this: Course, stopped: BackfillError | None) -> Ended:
    summary, stopped = conclude(this, stopped)
    say_end(this, summary, stopped)
    told = this.survey is not None
    return Ended(summary, told, list(details(this)) if told else [], str(stopped) if stopped else None)


def _work(task: SurveyTask | FinishTask, voice: Voice) -> object:
    try:
        return survey(task, voice) if isinstance(task, SurveyTask) else finish(task, voice)
    except BackfillError as error:
        return Stopped.by(error)
    except OSError as error:  # a file of the job's folder
        return Stopped(f"what waits to be sent can't be kept ({error.strerror}); make room and run it again", 2)
    except Exception as error:
        return Stopped(f"a bug: {type(error).__name__} at {place_of(error)}; please report it", 1)


def _watch(parent: int) -> None:
    """Go when the process that sends is gone, whatever it died of."""
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
        write(stream, _work(task, _Relay(stream)))


if __name__ == "__main__":
    main()
