"""An event's idempotency key: what makes it the same event next year, and nothing else.

`{event_name}:{order_id}`, with a namespace `{event_name}@{namespace}:{order_id}`; without an order_id a hash of the
mapping's `key` fields.
"""

import hashlib
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import orjson

from backfill.convert.expressions import Blanks, text_of
from backfill.fields.column import Flags, Texts
from backfill.mapping import EventTemplate, Mapping

LONGEST_KEY = 200
_DEFAULT = ("email", "comet_token", "fingerprint", "ip", "event_time")  # where the mapping states no `key`
_readable = re.compile(rf"[^\x00-\x1f\x7f-\x9f]{{1,{LONGEST_KEY}}}").fullmatch  # as it is; others are hashed


def nothing(count: int) -> Texts:
    """A column of None."""
    return np.full(count, None, dtype=object)


def keys_of(
    template: EventTemplate, mapping: Mapping, values: dict[str, Texts], cells: dict[str, Texts], count: int
) -> tuple[Texts, Flags]:
    """The events' idempotency keys, None where none can be made; and which are hashes."""
    keys, hashed = nothing(count), np.zeros(count, bool)
    space = mapping.source.namespace
    names = values["event_name"].tolist()
    ids = values.get("order_id", nothing(count)).tolist()
    own = (
        text_of(template.idempotency_key, cells, count, Blanks())[0].tolist()
        if template.idempotency_key
        else [""] * count
    )
    between = f"@{space}:" if space else ":"
    written = [
        mine or (f"{name}{between}{order_id}" if order_id else "") if name else None
        for name, order_id, mine in zip(names, ids, own, strict=True)
    ]
    keys[:] = written
    recipe = None
    for at in _doubtful(written):
        parts: list[Any] | None = [own[at] or ids[at]]
        if not written[at]:
            recipe = recipe or _recipe(template, values, cells, count)
            parts = recipe(at)
        keys[at], hashed[at] = (hashed_key(names[at], space, parts), True) if parts else (None, False)
    return keys, hashed


def _doubtful(keys: list[str | None]) -> list[int]:
    """The positions of keys that can't go out as they are. What is printable has no control character."""
    filled = list(filter(None, keys))
    if len(filled) == len(keys) and "".join(filled).isprintable() and max(map(len, filled), default=0) <= LONGEST_KEY:
        return []
    return [at for at, key in enumerate(keys) if key is not None and not _readable(key)]


def recipe_fields(template: EventTemplate, hashed: bool) -> tuple[str, ...]:
    """The fields that an event's key is made of."""
    if template.idempotency_key is not None:
        return ()
    stated = tuple(part for part in template.key if isinstance(part, str))
    return ("order_id", *((stated if template.key else _DEFAULT) if hashed else ()))


def hashed_key(name: str, namespace: str | None, parts: list[Any]) -> str:
    """`{event_name}:` and 32 hex digits of the SHA-256 of a JSON array: event_name, the namespace if any, the parts."""
    array = orjson.dumps([name, *([namespace] if namespace else []), *parts])
    return f"{name}:{hashlib.sha256(array).hexdigest()[:32]}"


def _recipe(
    template: EventTemplate, values: dict[str, Texts], cells: dict[str, Texts], count: int
) -> Callable[[int], list[Any] | None]:
    """What the hashed key of an event is made of; None where too little is there."""
    empty = nothing(count)
    if template.key:
        columns = [
            values.get(part, empty) if isinstance(part, str) else text_of(part, cells, count)[0]
            for part in template.key
        ]
        emails = [part == "email" for part in template.key]

        def stated(at: int) -> list[Any] | None:
            made = [_as_sent(column[at], email) for column, email in zip(columns, emails, strict=True)]
            return made if any(part not in (None, "") for part in made) else None

        return stated
    email, token, device, ip, time = (values.get(name, empty) for name in _DEFAULT)

    def default(at: int) -> list[Any] | None:
        who = (
            [email[at].lower()]
            if email[at]
            else [token[at]]
            if token[at]
            else [device[at], ip[at]]
            if device[at] and ip[at]
            else None
        )
        return [*who, time[at]] if who and time[at] else None

    return default


def _as_sent(value: Any, email: bool) -> Any:
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f"))
    return value.lower() if email and value else value
