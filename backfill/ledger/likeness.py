"""Likeness: what two events share that name one person, event, time and amount, whatever their keys."""

import hashlib

from backfill.event import plain

_PART = 9  # bytes of one way to name a person: see identity


def likenesses(name: str, time: str, amount: str | None, identity: bytes) -> list[int]:
    """A number of 55 bits for each way in which the event names its person; the ledger keeps the first."""
    stem = f"{name}\n{time}\n{plain(amount) if amount else ''}\n".encode()
    return [
        int.from_bytes(hashlib.blake2b(stem + identity[at : at + _PART], digest_size=7).digest()) >> 1
        for at in range(0, len(identity), _PART)
    ]
