"""A secret: the API key, which an answer of the API may repeat in any spelling, and which nothing may show or keep."""

import base64
import re
from functools import lru_cache

HIDDEN = "[API key]"
_SHORT = 6  # characters: a shorter key would be found in words
_LONG = 16  # characters that no text has by chance


def hide(key: str, text: str) -> str:
    """The text without the key, however it is spelled there."""
    return _spellings(key).sub(HIDDEN, text) if len(key) >= _SHORT else text


def repeats(key: str, *texts: str) -> bool:
    """Whether one of the texts holds the key, as no id or name does by chance."""
    return len(key) >= _LONG and any(_spellings(key).search(text) for text in texts)


@lru_cache(maxsize=64)
def _spellings(key: str) -> re.Pattern[str]:
    """As it is, or with any character as a URL, HTML or JSON may have it, or in base64 as a password."""
    spelled = r"\s*".join(map(_spelling, key)) if len(key) >= _LONG else "".join(map(_spelling, key))
    encoded = (base64.b64encode(one.encode()).decode().rstrip("=") for one in (key, f"{key}:", f":{key}"))
    return re.compile("|".join([spelled, *map(re.escape, encoded)]), re.IGNORECASE)


def _spelling(one: str) -> str:
    code = ord(one)
    return rf"\\*(?:{re.escape(one)}|%(?:25)?{code:02x}|&#0*{code};?|&#x0*{code:x};?|u00{code:02x}|x{code:02x})"
