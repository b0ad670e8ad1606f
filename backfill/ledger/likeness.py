"""Likeness: what two events share that name one person, event, time and amount, whatever their keys."""

import hashlib

from backfill.event import plain

_PART = 9  # bytes of one way to name a person: see identity


def likenesses(name: str, time: str, amount: str | None, identity: bytes) -> list[int]:
    """The numbers, of 55 bits, that an event like this one may have in the ledger.

    They are alike if the first way in which one names its person is any of the other's. Two that have other first ways
    are other people, whatever else they share: a till has one token for all its customers.
    """
    stem, parts = _stem(name, time, amount), _parts(identity)
    return [_number(stem, part) for part in parts] + [_number(b"+" + stem, part) for part in parts[:1]]


def kept_likenesses(name: str, time: str, amount: str | None, identity: bytes) -> list[int]:
    """Those that the ledger keeps of an event: one for each way in which it names its person, the first first."""
    stem = _stem(name, time, amount)
    return [_number(b"+" + stem if at else stem, part) for at, part in enumerate(_parts(identity))]


def _stem(name: str, time: str, amount: str | None) -> bytes:
    return f"{name}\n{time}\n{plain(amount) if amount else ''}\n".encode()


def _parts(identity: bytes) -> list[bytes]:
    return [identity[at : at + _PART] for at in range(0, len(identity), _PART)]


def _number(stem: bytes, part: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(stem + part, digest_size=7).digest()) >> 1
