"""A Space's ledger, opened: to be read alone, or to be written to while the Space is held; and a run entered in it."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from backfill.errors import BackfillError, LedgerLost, SpaceHeld, UsageError, command
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


class Wait:
    """How long a Space is waited for: as long as was asked, and meanwhile for a ledger that can't be reached, too."""

    def __init__(self, options: Options, console: Console):
        self._options, self._console = options, console
        self._until = time.monotonic() + options.sending.wait
        self._said: set[type[BackfillError]] = set()

    def goes_on(self, error: SpaceHeld | LedgerLost) -> bool:
        """Whether to ask again after this, which is said once. A ledger that was never reached is not waited for."""
        if time.monotonic() >= self._until or (isinstance(error, LedgerLost) and SpaceHeld not in self._said):
            return False
        if type(error) not in self._said:
            self._said.add(type(error))
            self._console.info(f"{error}; waiting up to {lasting(self._options.sending.wait)}")
        return True


def hold_space(options: Options, state: Path, stack: ExitStack, console: Console) -> Ledger:
    """Open the Space's ledger until the stack ends; one that another run holds is waited for, as long as was asked."""
    wait = Wait(options, console)
    while True:
        try:
            return stack.enter_context(space_of(options, state))
        except (SpaceHeld, LedgerLost) as error:
            if not wait.goes_on(error):
                raise
            time.sleep(ASK_AGAIN)


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


def know_key(options: Options, state: Path, console: Console) -> None:
    """Bind the Space to its new key, which its own list has shown to be its; what hinders that is a warning."""
    ledgers, named = ledgers_of(state), (options.space.address, options.space.name)
    try:
        with ledgers.lock(*named), ledgers.open(*named) as ledger:
            ledger.bind(options.space.fingerprint)
    except BackfillError as error:
        console.warn(f"the new key is not known yet as this Space's, so say --key-rotated once more: {error}")


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
