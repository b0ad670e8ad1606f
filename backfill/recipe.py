"""A recipe: how a mapping makes its hashed keys, which must not change once some were sent."""

import json
import re
from dataclasses import fields
from typing import Any

from backfill.convert import Terms
from backfill.errors import UsageError
from backfill.mapping import Cell, Mapping
from backfill.survey import Survey


def recipe_of(mapping: Mapping, terms: Terms) -> str:
    """How this mapping makes hashed keys: what must not change once some were sent."""
    made: dict[str, Any] = {}
    for template in mapping.events:
        parts = template.key or ("email", "comet_token", "fingerprint", "ip", "event_time")
        cells = {p: template.fields.get(p) if isinstance(p, str) else p for p in parts}
        name = template.event_name.value or _written(template.event_name)
        recipe = [[_written(p), _written(cell)] for p, cell in cells.items() if cell is not None]
        made.setdefault(f"recipe for {name}", []).append(recipe)
    zone = str(terms.reading.timezone) if terms.reading.timezone else None
    settings = {"namespace": mapping.source.namespace, "timezone": zone, "date_hour": terms.reading.date_hour}
    return json.dumps(settings | made, sort_keys=True)


def _written(part: str | Cell) -> str:
    """A cell as its columns and steps, wherever it stands in the mapping."""
    if isinstance(part, str):
        return part
    steps = {
        f.name: getattr(part, f.name) for f in fields(part) if f.name not in ("line", "extract_line", "on_invalid")
    }
    return json.dumps({name: step for name, step in steps.items() if step}, default=_pattern_or_number)


def _pattern_or_number(step: Any) -> str:
    return step.pattern if isinstance(step, re.Pattern) else str(step)


def refuse_other_recipe(survey: Survey) -> None:
    """Raise UsageError where hashed keys would differ from those this mapping sent before: each would be a double."""
    known = survey.ledger.recipe(survey.mapping.name)
    if not survey.hashed or known is None:
        return
    now = json.loads(recipe_of(survey.mapping, survey.terms))
    with survey.ledger.reading():
        before = dict(json.loads(known))
    differs = ", ".join(name for name in now if name in before and before[name] != now[name])
    if differs:
        raise UsageError(
            f"mapping {survey.mapping.name}: its hashed keys were made with another {differs} before, so every event "
            "would be sent again under a new key; restore it, or rename the mapping if these are other events"
        )
