"""Names as a mapping's YAML writes them: plain where nothing in them can mean something else, else in quotes."""

import json
import re
from collections.abc import Iterable

_plain = re.compile(r"[^\W\d_][\w./()&'-]*(?: [\w./()&'-]+)*").fullmatch
_MEANING = frozenset(["null", "true", "false", "yes", "no", "on", "off", "y", "n", "none", "empty", "present", "nan"])


def scalar(text: str) -> str:
    """Write a text so that YAML reads this very text."""
    if _plain(text) and text.casefold() not in _MEANING and text.isprintable():
        return text
    return json.dumps(text, ensure_ascii=not text.isprintable())


def listed(texts: Iterable[str]) -> str:
    """Write one text as itself, several as a list."""
    written = [scalar(text) for text in texts]
    return written[0] if len(written) == 1 else f"[{', '.join(written)}]"


def several(texts: Iterable[str]) -> str:
    """Write texts as a list, one as well."""
    return f"[{', '.join(map(scalar, texts))}]"


def shown(name: str) -> str:
    """Write a name into a comment, cut short."""
    return json.dumps(name if len(name) <= 60 else name[:57] + "...", ensure_ascii=not name.isprintable())
