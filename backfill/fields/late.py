"""Patterns that are compiled at their first use: most runs have none of the texts that the long ones are for."""

import re
from collections.abc import Callable
from functools import cache, partial


def _late(
    find: Callable[..., re.Match[str] | None], pattern: str, flags: int = 0
) -> Callable[..., re.Match[str] | None]:
    compiled = cache(lambda: re.compile(pattern, flags))
    return lambda *given: find(compiled(), *given)


late_match, late_fullmatch = partial(_late, re.Pattern.match), partial(_late, re.Pattern.fullmatch)
