"""Questions: what a file can't answer and a person can at once, asked on a terminal and put into the draft."""

import re
from collections.abc import Callable

from backfill.errors import MappingError
from backfill.mapping.draft import Draft, Question, with_answer

MOST = 3
TRIES = 3
Ask = Callable[[str], str]  # the answer to a question; empty leaves it open


def answered(draft: Draft, ask: Ask, say: Callable[[str], None]) -> Draft:
    """Ask the draft's first questions, and write each answer into it; what is not answered stays open."""
    for question in [one for one in draft.questions if not one.paged][:MOST]:
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
    """The draft with what was typed. Raises ValueError or MappingError where that is no answer."""
    return with_answer(draft, question, _picked(question, answer) if question.choices else answer)


def _picked(question: Question, answer: str) -> list[str]:
    """The values whose numbers were typed."""
    numbers = re.findall(r"\d+", answer)
    if not numbers or any(not 1 <= int(number) <= len(question.choices) for number in numbers):
        raise ValueError(f"possible: numbers from 1 to {len(question.choices)}, such as 1,2")
    return [question.choices[int(number) - 1] for number in dict.fromkeys(numbers)]
