"""A draft: a mapping's text that was guessed from a file, what it leaves to a person, and the text with an answer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from backfill.mapping.load import load_text
from backfill.mapping.yaml_text import listed, several


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and the line of a draft that its answer takes the place of.

    `key` is what the answer is written under, `waiting` how that line begins now, `ask` what the draft says that it
    waits for. Where there are `choices`, the answer is the numbers of some of them: values, of which any counts, or
    `columns`, of which the first that is filled does.
    """

    text: str
    possible: str
    key: str
    waiting: str
    ask: str
    choices: tuple[str, ...] = ()
    before: tuple[str, ...] = ()  # lines to show first
    columns: bool = False
    paged: bool = False  # asked on a page alone, which has all columns on it
    reasons: tuple[str, ...] = ()  # for each choice, what speaks for it
    unless: str = ""  # what holds where it is left open


@dataclass(frozen=True, slots=True)
class Candidate:
    """A column that may be the field. `sureness` is sure, likely or maybe; `why` holds no cell's text."""

    column: str
    sureness: str
    why: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found for a field: the columns that it reads, where that is sure, and why; and what was not taken."""

    field: str
    columns: tuple[str, ...]
    reasons: tuple[str, ...]
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A mapping's text; `asks` are the things that it leaves to a person."""

    text: str
    event: str
    asks: tuple[str, ...]
    changes: tuple[str, ...] = ()  # in a preset, for a header that nearly fits
    questions: tuple[Question, ...] = ()  # of the asks, those that a person can answer at once
    columns: tuple[str, ...] = ()  # of the file, that a mapping can name
    preset: str | None = None  # that it is a copy of
    fields: tuple[Finding, ...] = ()  # what was found for each field; of a preset's copy none
    close: str = ""  # which preset was not taken, though the header comes close to it


def with_answer(draft: Draft, question: Question, answer: str | Sequence[str]) -> Draft:
    """The draft with an answer: a text, or some of the choices. Raises MappingError for one that is none."""
    written = listed if question.columns else several
    value = answer if isinstance(answer, str) else written(answer)
    waiting = re.compile(rf"^( *){re.escape(question.waiting)}.*$", re.MULTILINE)
    text = waiting.sub(lambda found: f"{found[1]}{question.key}: {value}     # your answer", draft.text, count=1)
    load_text(text, "the answer")
    return replace(draft, text=text, asks=tuple(ask for ask in draft.asks if ask != question.ask))
