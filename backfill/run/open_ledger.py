"""A Space's ledger, opened: to be read alone, or to be written to while the Space is held; and a run entered in it."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from backfill.errors import SpaceHeld, UsageError, command
from backfill.ledger import Ledger, ledgers_of
from backfill.ledger.lock import lock
from backfill.report.console import Console, lasting
from backfill.run.context import Entered, Run
from backfill.run.gate import inputs_of
from backfill.run.options import Options, pace_file
from backfill.run.receipt import marked
from backfill.survey.key_recipe import keys_of
from backfill.survey.passes import Survey

ASK_AGAIN = 1.5  # seconds until a Space that another run holds is asked for again


def hold_space(options: Options, state: Path, stack: ExitStack, console: Console) -> Ledger:
    """Open the Space's ledger until the stack ends; one that another run holds is waited for, as long as was asked."""
    until, waited = time.monotonic() + options.sending.wait, False
    while True:
        try:
            return stack.enter_context(space_of(options, state))
        except SpaceHeld as error:
            if time.monotonic() >= until:
                raise
            if not waited:
                console.info(waiting(error, options))
                waited = True
            time.sleep(ASK_AGAIN)


def waiting(held: SpaceHeld, options: Options) -> str:
    """What is said while a Space is waited for."""
    return f"{held}; waiting up to {lasting(options.sending.wait)}"


@contextmanager
def space_of(options: Options, state: Path) -> Iterator[Ledger]:
    """Open the Space's ledger, to read it alone or, for an upload, to write to it with the Space held.

    Raises SpaceHeld where another run holds the Space, UsageError where the key is not the Space's.
    """
    ledgers, named = ledgers_of(state, options.sandbox), (options.space.address, options.space.name)
    if options.command != "upload":
        with ledgers.look(*named) as ledger:
            refuse_moved(ledger)
            yield ledger
        return
    with (
        ledgers.lock(*named),
        lock(pace_file(options, state).with_suffix(".lock"), options.space.name),
        ledgers.open(*named) as ledger,
    ):
        refuse_moved(ledger)
        ledger.refuse_key(options.space.name, options.space.fingerprint, options.sending.key_rotated)
        yield ledger


def refuse_moved(ledger: Ledger) -> None:
    """Raise UsageError for a ledger that was copied elsewhere: what is sent since is known there."""
    if ledger.moved:
        raise UsageError(
            f"{ledger.place}: this Space's ledger was copied to {ledger.moved} and is kept there; use that one "
            "(BACKFILL_LEDGER, --state), or copy it back"
        )


def enter(run: Run, survey: Survey) -> Entered:
    """Enter the run in the ledger, with what its files hold."""
    ledger, mapping, files = survey.ledger, survey.mapping, [part.label for part in survey.parts]
    line = marked(command(run.options.argv), run.options.receipt)
    inputs = inputs_of(survey.origins, survey.layouts, survey.rows_read)
    number = ledger.begin(line, mapping.name, mapping.source.namespace, files, keys_of(mapping), inputs)
    run.console.about["run"] = number
    return Entered(ledger, number)
