"""A Space's ledger, opened: to be read alone, or to be written to while the Space is held."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backfill.ledger import Ledger, ledger_path
from backfill.ledger.lock import hold
from backfill.run.options import Options, pace_file
from backfill.space import address_of, fingerprint_of


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
