"""Patterns that are compiled at their first use: most runs have none of the texts that the long ones are for."""

import re
from collections.abc import Callable
from functools import cache


def late_match(pattern: str, flags: int = 0) -> Callable[..., re.Match[str] | None]:
    """`re.Pattern.match`, of a pattern that is compiled at its first call."""
    return _late(re.Pattern.match, pattern, flags)


def late_fullmatch(pattern: str, flags: int = 0) -> Callable[..., re.Match[str] | None]:
    """The same for `re.Pattern.fullmatch`."""
    return _late(re.Pattern.fullmatch, pattern, flags)


def _late(find: Callable[..., re.Match[str] | None], pattern: str, flags: int) -> Callable[..., re.Match[str] | None]:
    compiled = cache(lambda: re.compile(pattern, flags))
    return lambda *given: find(compiled(), *given)
