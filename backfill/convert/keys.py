"""An event's idempotency key: what makes it the same event next year, and nothing else.

`{event_name}:{order_id}`, with a namespace `{event_name}@{namespace}:{order_id}`; without an order_id a hash of the
mapping's `key` fields.
"""

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from backfill.convert.expressions import Blanks, Columns, text_of
from backfill.fields import FIELDS, Kind
from backfill.fields.arrow import Flags, Texts, bytes_of, listed, matches, or_none, present, put, repeated, sizes
from backfill.mapping import EventTemplate, Mapping

LONGEST_KEY = 200
_DEFAULT = ("email", "comet_token", "fingerprint", "ip", "event_time")  # where the mapping states no `key`
_READABLE = rf"[^\x00-\x1f\x7f-\x9f]{{1,{LONGEST_KEY}}}"  # as it is; others are hashed


def keys_of(
    template: EventTemplate, mapping: Mapping, values: dict[str, pa.Array], cells: Columns, count: int
) -> tuple[Texts, Flags]:
    """The events' idempotency keys, with none where none can be made; and which are hashes."""
    space = mapping.source.namespace
    names, ids = values["event_name"], values.get("order_id", repeated(None, count))
    keys = pc.binary_join_element_wise(names, ids, f"@{space}:" if space else ":")  # null where either is
    own = repeated(None, count)
    if template.idempotency_key:
        own = or_none(text_of(template.idempotency_key, cells, count, Blanks(parts=False))[0])
        keys = pc.if_else(names.is_valid(), pc.coalesce(own, keys), None)
    made: dict[int, str | None] = {}
    hashed = np.zeros(count, bool)
    recipe = None
    for at in _doubtful(names, keys):
        parts: list[Any] | None = [own[at].as_py() or ids[at].as_py()]
        if not keys[at].is_valid:
            recipe = recipe or _recipe(template, values, cells, count)
            parts = recipe(at)
        made[at] = hashed_key(names[at].as_py(), space, parts) if parts else None
        hashed[at] = parts is not None
    return put(keys, list(made), list(made.values())), hashed


def _doubtful(names: Texts, keys: Texts) -> list[int]:
    """The positions of keys that can't go out as they are, or are not there though the event has a name."""
    written = bytes_of(keys)
    if written.size and (written.min() < ord(" ") or written.max() >= 0x7F):
        sound = matches(keys, _READABLE)
    else:
        sound = (sizes(keys) > 0) & (sizes(keys) <= LONGEST_KEY)
    return np.flatnonzero(present(names) & ~(sound & present(keys))).tolist()


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
    template: EventTemplate, values: dict[str, pa.Array], cells: Columns, count: int
) -> Callable[[int], list[Any] | None]:
    """What the hashed key of an event is made of; None where too little is there."""
    empty = repeated(None, count)
    if template.key:
        columns = [
            _as_sent(part, values.get(part, empty)) if isinstance(part, str) else listed(text_of(part, cells, count)[0])
            for part in template.key
        ]

        def stated(at: int) -> list[Any] | None:
            made = [column[at] for column in columns]
            return made if any(part not in (None, "") for part in made) else None

        return stated
    email, token, device, ip, time = (_as_sent(name, values.get(name, empty)) for name in _DEFAULT)

    def default(at: int) -> list[Any] | None:
        alone = email[at] or token[at]
        who = [alone] if alone else [device[at], ip[at]] if device[at] and ip[at] else None
        return [*who, time[at]] if who and time[at] else None

    return default


def _as_sent(name: str, values: pa.Array) -> list[Any]:
    """A field's values as JSON has them; emails without regard to case."""
    made = listed(values)
    if FIELDS[name] is Kind.AMOUNT:
        return [value and orjson.Fragment(value) for value in made]
    return [value and value.lower() for value in made] if name == "email" else made
