"""A Space's ledger, opened: to be read alone, or to be written to while the Space is held; and a run entered in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backfill.errors import command
from backfill.ledger import Ledger, ledger_path
from backfill.ledger.lock import hold
from backfill.run.finish import Course
from backfill.run.gate import inputs_of
from backfill.run.options import Options, pace_file
from backfill.space import address_of, fingerprint_of
from backfill.survey.key_recipe import keys_of


@contextmanager
def space_of(options: Options, state: Path) -> Iterator[Ledger]:
    """Open the Space's ledger, to read it alone or, for an upload, to write to it with the Space held.

    Raises SpaceHeld where another run holds the Space, UsageError where the key is not the Space's.
    """
    address = address_of(options.base_url)
    path = ledger_path(state, address, options.space)
    if options.command != "upload":
        with Ledger.look(path) as ledger:
            yield ledger
        return
    with (
        hold(path.with_suffix(".lock"), options.space),
        hold(pace_file(options, state).with_suffix(".lock"), options.space),
        Ledger.open(path, address, options.space) as ledger,
    ):
        ledger.refuse_key(options.space, fingerprint_of(options.api_key), options.key_rotated)
        yield ledger


def enter(this: Course, ledger: Ledger) -> int:
    """Enter the run in the ledger, with what it has no need to send; return its number."""
    survey = this.survey
    assert survey is not None
    name, source = survey.mapping.name, survey.mapping.source
    files = [part.label for part in this.parts]
    run = ledger.begin(command(this.options.argv), name, source.namespace, files, keys_of(survey.mapping))
    this.voice.about["run"] = this.number = run
    ledger.keep_inputs(run, name, inputs_of(this.parts, this.layouts, survey.rows_read))
    survey.noted.enter(ledger, run)
    return run
