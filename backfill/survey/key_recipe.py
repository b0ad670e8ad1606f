"""A recipe: how a mapping makes its hashed keys, which must not change once some were sent."""

import json
import re
from dataclasses import fields
from typing import Any

from backfill.convert import ConvertSettings
from backfill.errors import UsageError
from backfill.event import EVENT_NAMES
from backfill.mapping import EventTemplate, FieldSource, Mapping
from backfill.survey.passes import Survey


def recipe_of(mapping: Mapping, settings: ConvertSettings) -> str:
    """How this mapping makes hashed keys: what must not change once some were sent."""
    made: dict[str, Any] = {}
    for template in mapping.events:
        name = template.event_name.value or _written(template.event_name)
        made.setdefault(f"recipe for {name}", []).append(_hashed(template))
    zone = str(settings.locale.timezone) if settings.locale.timezone else None
    made_with = {"namespace": mapping.source.namespace, "timezone": zone, "date_hour": settings.locale.date_hour}
    return json.dumps(made_with | made, sort_keys=True)


def _hashed(template: EventTemplate) -> list[list[str]]:
    """What a template's hashed keys are made of: each field or column, and where its text comes from."""
    parts = template.key or ("email", "comet_token", "fingerprint", "ip", "event_time")
    cells = {p: template.fields.get(p) if isinstance(p, str) else p for p in parts}
    return [[_written(p), _written(cell)] for p, cell in cells.items() if cell is not None]


def _written(part: str | FieldSource) -> str:
    """A cell as its columns and steps, wherever it is in the mapping."""
    if isinstance(part, str):
        return part
    steps = {
        f.name: getattr(part, f.name) for f in fields(part) if f.name not in ("line", "extract_line", "on_invalid")
    }
    return json.dumps({name: step for name, step in steps.items() if step}, default=_pattern_or_number)


def _pattern_or_number(step: Any) -> str:
    return step.pattern if isinstance(step, re.Pattern) else str(step)


def keys_of(mapping: Mapping) -> str:
    """How this mapping makes keys: what must stay as it is, so that the same orders keep theirs."""
    made: dict[str, Any] = {}
    for template in mapping.events:
        own = template.idempotency_key
        order = template.fields.get("order_id")
        stated = {
            "order_id": _written(order) if order else None,
            "idempotency_key": _written(own) if own else "" if template.send_key else "none",
            # the default one is used in place of an id only where a record has none
            "key": _hashed(template) if template.key or not (order or own) else None,
        }
        made.setdefault(template.event_name.value or _written(template.event_name), []).append(stated)
    return json.dumps({"namespace": mapping.source.namespace, "events": made}, sort_keys=True)


def other_keys(survey: Survey) -> str | None:
    """What to say where the last run with this mapping's name made keys in another way."""
    name = survey.mapping.name
    last = survey.ledger.last_keys(name)
    if last is None:
        return None
    number, before, namespace = last
    now = json.loads(keys_of(survey.mapping))
    with survey.ledger.reading():
        then = json.loads(before) if before else {"namespace": namespace, "events": now["events"]}
        differs = ["namespace"] if then["namespace"] != now["namespace"] else []
        gone, come = then["events"].keys() - now["events"].keys(), now["events"].keys() - then["events"].keys()
        differs += ["event_name"] if EVENT_NAMES & gone and EVENT_NAMES & come else []
        for event in then["events"].keys() & now["events"].keys():
            for old, new in zip(then["events"][event], now["events"][event], strict=False):
                # an earlier release kept less
                differs += [part for part in new if part in old and old[part] != new[part]]
    if not differs:
        return None
    return (
        f"mapping {name} makes keys of another {' and '.join(sorted(set(differs)))} than in its last run ({number}): "
        "an order that was sent before would go out again under a new key; put it back, unless these are other orders"
    )


def refuse_other_recipe(survey: Survey) -> None:
    """Raise UsageError where hashed keys would differ from those this mapping sent before: each would be a double."""
    known = survey.ledger.recipe(survey.mapping.name)
    if not survey.account.hashed or known is None:
        return
    now = json.loads(recipe_of(survey.mapping, survey.settings))
    with survey.ledger.reading():
        before = dict(json.loads(known))
    differs = ", ".join(name for name in now if name in before and before[name] != now[name])
    if differs:
        raise UsageError(
            f"mapping {survey.mapping.name}: its hashed keys were made with another {differs} before, so every event "
            "would be sent again under a new key; restore it, or rename the mapping if these are other events"
        )
