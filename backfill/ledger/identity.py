"""Identity: whom an event names, as digests that distinguish people and name nobody."""

from collections.abc import Iterator
from hashlib import blake2b as _digest

from backfill.event import address_value
from backfill.ledger.entries import Accepted, Known, amount_of

PERSON = "person"


def identity_digests(
    email: str | None, token: str | None, fingerprint: str | None, ip: str | None, *, spelt: bool = False
) -> bytes:
    """Nine bytes for each way in which the event names its person: a letter and a 64-bit digest.

    `spelt`: with the IP address as it is written, not in its standard spelling.
    """
    if email and not token and not (fingerprint and ip):  # as most are: a million of them are asked for
        return b"e" + _digest(email.lower().encode(), digest_size=8).digest()
    if ip and ":" in ip and not spelt:
        ip = address_value(ip)
    made = b"e" + _short(email.lower()) if email else b""
    made += b"t" + _short(token) if token else b""
    return made + b"d" + _short(f"{fingerprint}\n{ip}") if fingerprint and ip else made


def same_person(before: bytes, now: bytes) -> bool | None:
    """Whether two identities agree: True where they share a part, False where they contradict, else None."""
    if before == now:
        return True if now else None
    old, new = (
        {part[:1]: part for part in (blob[i : i + 9] for i in range(0, len(blob), 9))} for blob in (before, now)
    )
    shared = old.keys() & new.keys()
    return any(old[kind] == new[kind] for kind in shared) if shared else None


def otherwise(before: Accepted | Known, now: Accepted | Known) -> Iterator[str]:
    """In what an event is otherwise than it was."""
    if before.time != now.time:
        yield "time"
    if amount_of(before.amount) != amount_of(now.amount):
        yield "amount"
    if before.identity != now.identity and same_person(before.identity, now.identity) is False:
        yield PERSON


def _short(text: str) -> bytes:
    return _digest(text.encode(), digest_size=8).digest()
