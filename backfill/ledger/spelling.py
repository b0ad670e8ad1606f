"""Spelling: how a key is made of an event's name, a namespace and an order_id, and how earlier releases wrote it.

`{event_name}:{order_id}`, with a namespace `{event_name}@{namespace}:{order_id}`. Earlier releases put a colon before
the namespace, where an order_id may have one too: eu:1001, and 1001 of eu, had one key.
"""

import re
from collections.abc import Iterator

from backfill.event import EVENT_NAMES

is_namespace = re.compile(r"[A-Za-z0-9._-]+").fullmatch
_spelt = re.compile(r"([a-z0-9_]+)@([A-Za-z0-9._-]+):(.*)", re.DOTALL).fullmatch


def earlier(key: str) -> tuple[str, str] | None:
    """The namespace of a key and the key as an earlier release wrote it; None without a namespace."""
    found = _spelt(key) if "@" in key else None
    return (found[2], f"{found[1]}:{found[2]}:{found[3]}") if found and found[1] in EVENT_NAMES else None


def today(key: str, namespace: str | None) -> str:
    """A key of a run with this namespace, by an earlier release, as it would be written now."""
    head = f"{name_in(key)}:{namespace}:"
    return f"{name_in(key)}@{namespace}:{key.removeprefix(head)}" if namespace and key.startswith(head) else key


def name_in(key: str) -> str:
    """The event name that a key begins with; "" where the key is of another form."""
    head, colon, _ = key.partition(":")
    name, at, space = head.partition("@")
    return name if colon and name in EVENT_NAMES and (not at or is_namespace(space)) else ""


def rest_of(key: str, namespace: str | None) -> str:
    """What comes after the name and, as its run had it, the namespace: the order_id, or a hash."""
    if not name_in(key):
        return key
    head, _, rest = key.partition(":")
    return rest.removeprefix(f"{namespace}:") if namespace and "@" not in head else rest


def keys_of_order(order_id: str, namespaces: list[str]) -> Iterator[str]:
    """Every key that an order's id may have made, in any namespace, in either spelling."""
    for name in sorted(EVENT_NAMES):
        yield f"{name}:{order_id}"
        for space in namespaces:
            yield from (f"{name}@{space}:{order_id}", f"{name}:{space}:{order_id}")
