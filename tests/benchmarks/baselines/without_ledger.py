"""This tool with a ledger that forgets: what its entries cost an upload. Never for events that count.

python tests/benchmarks/baselines/without_ledger.py upload FILE ...
"""

import sys
from collections.abc import Iterable, Sequence

from backfill.cli import main
from backfill.ledger import Accepted
from backfill.ledger.sqlite.ledger import SqliteLedger


def attempt(self: SqliteLedger, run: int, keys: Sequence[str]) -> None:
    """Enter nothing."""


def accept(self: SqliteLedger, run: int, events: Iterable[Accepted], refused: Sequence[str] = ()) -> None:
    """Enter nothing."""
    for _ in events:
        pass


SqliteLedger.attempt = attempt  # type: ignore[method-assign]
SqliteLedger.accept = accept  # type: ignore[method-assign]
sys.exit(main())
