"""Ways: how a file may be written, as a person is asked; and which of them it does not say by itself."""

import re
import zoneinfo
from argparse import ArgumentTypeError
from dataclasses import dataclass
from functools import cache

from backfill.commands.review.answers import Refused
from backfill.errors import BackfillError
from backfill.run import option_values

SETTINGS = {"timezone": "Time zone of the shop", "date_order": "Day and month", "decimal": "Decimal mark"}
_ORDERS = {"ymd": "year first: 2024-12-31", "dmy": "day first: 31.12.2024", "mdy": "month first: 12/31/2024"}
_MARKS = {".": "point: 1,234.50", ",": "comma: 1.234,50"}
_SET = re.compile(r"set source\.(\w+)(?: and source\.(\w+))?")
_CHOICES = {"timezone": "the time zone of the shop", "date_order": "which comes first", "decimal": "the decimal mark"}
_SAID = {  # what a command says, and what a person at the page is told of one cell
    "no email, comet_token, or fingerprint with ip": "no e-mail, and nothing else that tells who it was",
    "not a number this tool can read": "not a number: write its digits, and one mark before the decimals",
}
_QUESTIONS = {
    "timezone": "In which time zone does the shop keep its clock? The file does not say, and it is never guessed.",
    "date_order": "Does the day come first, or the month? The file’s dates can be read in either way.",
    "decimal": "Which is the decimal mark? The file’s amounts can be read in either way.",
}


@dataclass(frozen=True, slots=True)
class Question:
    """What only a person can say of a file."""

    setting: str
    asks: str
    word: str
    possible: dict[str, str]


def possible(setting: str) -> dict[str, str]:
    """The values that a setting may have, in words."""
    return {"timezone": _zones(), "date_order": _ORDERS, "decimal": _MARKS}[setting]


def way_word(setting: str, value: str) -> str:
    """One of the values, in few words."""
    return possible(setting).get(value, value).partition(":")[0]


def plain(reason: str) -> str:
    """A reason in the page's words, where a setting is chosen and not written."""
    return _SET.sub(_chosen, _SAID.get(reason, reason))


def _chosen(found: re.Match[str]) -> str:
    names = [name for name in found.groups() if name in _CHOICES]
    words = " and ".join(_CHOICES[name] for name in reversed(names))
    by_hand = ", or write its offset behind it, as +01:00" if names == ["timezone"] else ""
    return f"choose {words}{by_hand}" if names else found[0]


def question_of(failed: BackfillError | None) -> Question | None:
    """The question that an answer would let the reading go on by, if it failed for the lack of one."""
    for setting, asks in _QUESTIONS.items() if failed is not None and failed.exit_code == 2 else ():
        if f"set source.{setting}" in str(failed):
            return Question(setting, asks, SETTINGS[setting], possible(setting))
    return None


def answer(setting: str, text: str) -> str:
    """A value that a person has given. Raises Refused."""
    try:
        if setting == "timezone":
            return option_values.zone(text)
    except ArgumentTypeError as error:
        raise Refused(400, f"{error}.") from None
    if text not in possible(setting):
        raise Refused(400, f"{SETTINGS[setting]}: choose one of {', '.join(possible(setting).values())}.")
    return text


@cache
def _zones() -> dict[str, str]:
    return {name: name for name in sorted(zoneinfo.available_timezones()) if "/" in name or name == "UTC"}
