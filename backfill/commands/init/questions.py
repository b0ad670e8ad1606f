"""Questions: what a file can't answer and a person can at once, asked on a terminal and put into the draft."""

import re
from collections.abc import Callable
from dataclasses import replace

from backfill.commands.init.draft import Draft
from backfill.commands.init.question import Question
from backfill.errors import MappingError
from backfill.mapping import load_text
from backfill.mapping.yaml_text import listed, several

MOST = 3
TRIES = 3
Ask = Callable[[str], str]  # the answer to a question; empty leaves it open


def answered(draft: Draft, ask: Ask, say: Callable[[str], None]) -> Draft:
    """Ask the draft's first questions, and write each answer into it; what is not answered stays open."""
    for question in draft.questions[:MOST]:
        for line in question.before:
            say(line)
        for _ in range(TRIES):
            answer = ask(f"{question.text} ({question.possible}; Enter leaves it open): ").strip()
            if not answer:
                break
            try:
                draft = _with(draft, question, answer)
                break
            except MappingError as error:
                say(error.problems[0][1])
            except ValueError as error:
                say(str(error))
    return draft


def _with(draft: Draft, question: Question, answer: str) -> Draft:
    """The draft with an answer. Raises ValueError or MappingError for one that is none."""
    written = listed if question.columns else several
    value = written(_picked(question, answer)) if question.choices else answer
    waiting = re.compile(rf"^( *){re.escape(question.waiting)}.*$", re.MULTILINE)
    text = waiting.sub(lambda found: f"{found[1]}{question.key}: {value}     # your answer", draft.text, count=1)
    load_text(text, "the answer")
    return replace(draft, text=text, asks=tuple(ask for ask in draft.asks if ask != question.ask))


def _picked(question: Question, answer: str) -> list[str]:
    """The values whose numbers were typed."""
    numbers = re.findall(r"\d+", answer)
    if not numbers or any(not 1 <= int(number) <= len(question.choices) for number in numbers):
        raise ValueError(f"possible: numbers from 1 to {len(question.choices)}, such as 1,2")
    return [question.choices[int(number) - 1] for number in dict.fromkeys(numbers)]
