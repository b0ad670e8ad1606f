"""Likeness: what two events share that name one person, event, time and amount, whatever their keys."""

import hashlib
from decimal import Decimal

_PART = 9  # bytes of one way to name a person: see identity


def likenesses(name: str, time: str, amount: str | None, identity: bytes) -> list[int]:
    """A number of 55 bits for each way in which the event names its person; the ledger keeps the first."""
    stem = f"{name}\n{time}\n{plain(amount) if amount else ''}\n".encode()
    return [
        int.from_bytes(hashlib.blake2b(stem + identity[at : at + _PART], digest_size=7).digest()) >> 1
        for at in range(0, len(identity), _PART)
    ]


def plain(number: str) -> str:
    """A number's text, the same for all that are equal."""
    if "E" in number or "e" in number:
        number = format(Decimal(number), "f")
    if "." in number:
        number = number.rstrip("0").rstrip(".")
    return number if number not in ("", "-", "-0") else "0"
