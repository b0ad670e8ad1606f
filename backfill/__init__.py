"""Bring exported orders and CRM records into Cometly: the right events, each exactly once.

As a library it offers `check`, its `Result`, and `BackfillError` with the kinds of `backfill.errors`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backfill.commands.library import BackfillError, Result, check

__all__ = ["BackfillError", "Result", "check"]
__version__ = "0.1.0"
API = "https://app.cometly.com"  # unless somebody says otherwise


def __getattr__(name: str) -> Any:
    """Load what the library offers when it is asked for: a command line needs none of it."""
    if name in __all__:
        from backfill.commands import library

        return getattr(library, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
