"""The presets and the mapping's schema, shown."""

from backfill.console import show, show_json
from backfill.mapping import load, preset_text, schema
from backfill.mapping import presets as names


def presets(name: str | None) -> int:
    """Show one preset's text, or list all; return the exit code."""
    if name:
        show(preset_text(name), end="")
    else:
        width = max(map(len, names()), default=0)
        for preset in names():
            show(f"{preset:<{width}}  {load(preset).description}")
    return 0


def show_schema() -> int:
    """Show the JSON schema of a mapping; return the exit code."""
    show_json(schema(), indent=1)
    return 0
