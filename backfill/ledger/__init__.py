"""The ledger: every key that the API at one address has accepted, a Space, in SQLite; and what its runs were.

A key is in the ledger only after the API took it, and before anything counts it: resuming, nightly runs and re-run
rejects are all one rule, to skip what is here. Amount, time and digests of the identity stand beside the key, so that a
changed or a foreign order is noticed; names and addresses of people do not.
"""

from backfill.ledger.entries import Accepted, Input, Known, Rejected, Run
from backfill.ledger.identity import identity_digests, same_person
from backfill.ledger.likeness import likenesses
from backfill.ledger.spelling import keys_of_order, name_in, rest_of
from backfill.ledger.sqlite.file import ledger_path, ledgers_beside, ledgers_in, whose
from backfill.ledger.sqlite.health import is_there
from backfill.ledger.sqlite.ledger import Ledger

__all__ = [
    "Accepted",
    "Input",
    "Known",
    "Ledger",
    "Rejected",
    "Run",
    "identity_digests",
    "is_there",
    "keys_of_order",
    "ledger_path",
    "ledgers_beside",
    "ledgers_in",
    "likenesses",
    "name_in",
    "rest_of",
    "same_person",
    "whose",
]
