"""Files of events: those that go out, a line each as it goes; and what was sent before and is otherwise by now."""

from collections.abc import Iterator
from typing import IO

import orjson

from backfill.errors import StateError, counted
from backfill.files.book import note_empty
from backfill.run.context import Run
from backfill.storage import outputs
from backfill.storage.remote.path import FilePath
from backfill.survey.changes import changes
from backfill.survey.passes import Survey


def write_event_files(run: Run, survey: Survey) -> None:
    """Write those that were asked for, before anything is sent. Raises StateError where that can't be done."""
    asked = run.options.outputs
    if asked.events is not None:
        wanted = survey.events(0, run.options.sending.limit)
        where = _write("--events", asked.events, (event.body for event in wanted))
        note_empty(where, run.options.lasting_state)
        if where != asked.events:
            run.console.warn(f"--events {asked.events}: is there already, and is left alone; see {where}")
    if asked.changes is not None:
        where = _write("--changes", asked.changes, (orjson.dumps(one._asdict()) for one in changes(survey)))
        note_empty(where, run.options.lasting_state)
        if survey.account.counts.changed:
            how = ("event is otherwise than it was", "events are otherwise than they were")
            events = counted(survey.account.counts.changed, *how)
            run.console.note(
                f"{events} sent: see {where}. "
                "Cometly keeps the first and has no correction: delete an event there, and send its rows again with "
                "upload --resend (backfill guide undo)"
            )


def _write(what: str, path: FilePath, lines: Iterator[bytes]) -> FilePath:
    def content(file: IO[bytes]) -> None:
        file.writelines(line + b"\n" for line in lines)

    try:
        return outputs.replace(path, content)
    except OSError as error:
        raise StateError(f"{what} {path}: can't be written ({error.strerror})") from None
