"""Wrapping: where the lines of a page may end."""

import re

from markupsafe import Markup, escape

from backfill.errors import visible

_OPTION_OR_LONG = re.compile(r"(?P<whole>--[a-z][a-z-]*)|(?P<long>\S{25,})")


def whole(text: str) -> Markup:
    """A text in which no option is broken at a line's end, and a word only where it is longer than those of people."""
    made, at = [], 0
    for found in _OPTION_OR_LONG.finditer(visible(text)):
        made += [escape(visible(text)[at : found.start()]), _SPAN.format(found.lastgroup, found[0])]
        at = found.end()
    return Markup().join([*made, escape(visible(text)[at:])])


_SPAN = Markup('<span class="{}">{}</span>')
