"""A Space's ledger, opened: to be read alone, or to be written to while the Space is held; and a run entered in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backfill.errors import command
from backfill.ledger import Ledger, Ledgers
from backfill.ledger.lock import lock
from backfill.run.context import Entered, Run
from backfill.run.gate import inputs_of
from backfill.run.options import Options, pace_file
from backfill.survey.key_recipe import keys_of
from backfill.survey.passes import Survey


@contextmanager
def space_of(options: Options, state: Path) -> Iterator[Ledger]:
    """Open the Space's ledger, to read it alone or, for an upload, to write to it with the Space held.

    Raises SpaceHeld where another run holds the Space, UsageError where the key is not the Space's.
    """
    ledgers, named = Ledgers(state), (options.space.address, options.space.name)
    if options.command != "upload":
        with ledgers.look(*named) as ledger:
            yield ledger
        return
    with (
        ledgers.lock(*named),
        lock(pace_file(options, state).with_suffix(".lock"), options.space.name),
        ledgers.open(*named) as ledger,
    ):
        ledger.refuse_key(options.space.name, options.space.fingerprint, options.sending.key_rotated)
        yield ledger


def enter(run: Run, survey: Survey) -> Entered:
    """Enter the run in the ledger, with what its files hold."""
    ledger, mapping, files = survey.ledger, survey.mapping, [part.label for part in survey.parts]
    line = command(run.options.argv)
    inputs = inputs_of(survey.origins, survey.layouts, survey.rows_read)
    number = ledger.begin(line, mapping.name, mapping.source.namespace, files, keys_of(mapping), inputs)
    run.console.about["run"] = number
    return Entered(ledger, number)
