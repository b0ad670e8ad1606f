"""`ledger copy`: the ledgers of Spaces move from one home to another: a state folder, or a database."""

from pathlib import Path
from urllib.parse import urlsplit

from backfill.console import show
from backfill.errors import UsageError, command, counted
from backfill.ledger import Ledgers
from backfill.ledger.copy import copy
from backfill.ledger.home import FolderLedgers, shared_ledgers
from backfill.space import address_of


def copy_ledgers(source: str, target: str, space: str | None, base_url: str | None) -> int:
    """Copy the ledgers that are asked for; return the exit code. Raises SpaceHeld where a run has one of them."""
    here, there = _home(source), _home(target)
    if here.place == there.place:
        raise UsageError(f"{here.place}: is both homes; name another one to copy to")
    address = address_of(base_url) if base_url else None
    wanted = [one for one in here.all() if space in (None, one.space) and address in (None, one.address)]
    if not wanted:
        raise UsageError(
            f"{here.place}: no ledger there{f' of space {space}' if space else ''}, and nothing was copied"
        )
    for one in wanted:
        _copy(here, there, one.address, one.space)
    if isinstance(there, FolderLedgers):
        named = command(("--state", target))
        show(f"from now on: unset BACKFILL_LEDGER, and {named} where that is not the usual folder")
    else:
        show("from now on: BACKFILL_LEDGER names that database, on every host")
    return 0


def _copy(here: Ledgers, there: Ledgers, address: str, space: str) -> None:
    """Copy one, with the Space held in both homes."""
    named = (address, space)
    with here.lock(*named), there.lock(*named), here.open(*named) as source, there.open(*named) as target:
        made = copy(source, target)
        if made is None:
            show(f"space {space} at {address}: has been copied to {target.place} already")
            return
        show(
            f"space {space} at {address}: {counted(made.keys, 'key')}, {counted(made.runs, 'run')} and "
            f"{counted(made.verdicts, 'other verdict')} copied to {target.place}"
        )


def _home(named: str) -> Ledgers:
    """A home as it is named. Raises UsageError for a password, which others would see in the list of processes."""
    if named.startswith(("postgresql://", "postgres://")):
        if urlsplit(named).password is not None or "password=" in named:
            raise UsageError("a password is no argument, as others see it there: set PGPASSWORD, or use a passfile")
        return shared_ledgers(named)
    if "://" in named:
        raise UsageError("a ledger's home is a state folder, or postgresql://USER@HOST:5432/DATABASE")
    return FolderLedgers(Path(named).absolute())
