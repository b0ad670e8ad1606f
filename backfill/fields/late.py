"""Patterns that are compiled once a text needs them: most runs meet none of the texts that the long ones are for."""

import re
from collections.abc import Callable
from functools import cache


def late_match(pattern: str, flags: int = 0) -> Callable[..., re.Match[str] | None]:
    """`re.Pattern.match`, of a pattern that is compiled at its first call."""
    compiled = cache(lambda: re.compile(pattern, flags).match)
    return lambda *given: compiled()(*given)


def late_fullmatch(pattern: str, flags: int = 0) -> Callable[..., re.Match[str] | None]:
    """The same of `re.Pattern.fullmatch`."""
    compiled = cache(lambda: re.compile(pattern, flags).fullmatch)
    return lambda *given: compiled()(*given)
