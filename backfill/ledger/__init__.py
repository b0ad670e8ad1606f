"""The ledger: every key that the API at one address has accepted, a Space; and what its runs were.

A key is in the ledger only after the API took it, and before anything counts it. So resuming, nightly runs and re-run
rejects follow one rule: skip what is here. Amount, time and digests of the identity are kept with the key, so that a
changed or a foreign order is noticed; names and addresses of people are not.

`protocol` and `history` say what any ledger does, `home` where they are; each kind has a folder of its own.
"""

from backfill.ledger.entries import Accepted, Input, Known, Rejected, Run, amount_of
from backfill.ledger.history import History
from backfill.ledger.home import ledgers_of, no_ledger
from backfill.ledger.identity import identity_digests, same_person
from backfill.ledger.likeness import kept_likenesses, likenesses
from backfill.ledger.protocol import Hold, Ledger, Ledgers
from backfill.ledger.spelling import name_in, rest_of

__all__ = [
    "Accepted",
    "History",
    "Hold",
    "Input",
    "Known",
    "Ledger",
    "Ledgers",
    "Rejected",
    "Run",
    "amount_of",
    "identity_digests",
    "kept_likenesses",
    "ledgers_of",
    "likenesses",
    "name_in",
    "no_ledger",
    "rest_of",
    "same_person",
]
