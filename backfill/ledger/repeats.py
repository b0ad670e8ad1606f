"""Repeats: verdicts that a run before gave too. A nightly export has the same rejects each night; they stay one entry.

An order's event under the same verdict and code stays one entry, of its first run, with the place where it was last.
What has no order_id is known by what its row says, for files have dates in their names and rows move on.
"""

import hashlib

from backfill.ledger.entries import Rejected

Finding = tuple[str | int | None, str, str, str]  # order id or row content, event, verdict, code
Place = tuple[str, int]  # a file and a row


def content_of(one: Rejected) -> int | None:
    """A number of 56 bits made of what the row says, where it names no order."""
    if one.order_id is not None:
        return None
    text = one.text.rstrip("\r\n").encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=7).digest())


def taken(entries: dict[Place, list[int]], wanted: Place) -> int | None:
    """Take one of the entries: that of the same place, or else any."""
    place = wanted if wanted in entries else next(iter(entries), None)
    if place is None:
        return None
    entry = entries[place].pop(0)
    if not entries[place]:
        del entries[place]
    return entry
