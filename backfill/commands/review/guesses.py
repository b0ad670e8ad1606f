"""Guesses: the draft for an export that no mapping fits, as a form: what each column is, what only a person knows."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

from backfill.commands.review.answers import Refused
from backfill.commands.review.ways import SETTINGS, answer, possible
from backfill.commands.review.words import field_word
from backfill.errors import MappingError
from backfill.mapping import Mapping as Read
from backfill.mapping import load_text
from backfill.mapping.draft import Draft, Finding, Question, with_answer
from backfill.mapping.edit import with_columns, with_source
from backfill.mapping.yaml_text import scalar

Drafts = Callable[[str, str | None, str | None], tuple[Draft, Path]]  # of a file, its encoding and its sheet
_EVENT = re.compile(r"event_name: *(\w+)")
_GUESSED = r"(?:^ +# (?:sure|passed over|no column's)[^\n]*\n)*"
_SUMMED = "sum"
_KEPT = ("order_id", "email", "event_time")  # no event is made without them
_PURCHASE = ("order_id", "amount")


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that Cometly is told, or that is asked: what it may be, and what was guessed."""

    name: str  # in the form
    word: str
    code: str = ""
    likely: tuple[tuple[str, str], ...] = ()  # what it may be, and why
    others: tuple[str, ...] = ()  # what it may be as well
    chosen: tuple[str, ...] = ()
    many: bool = False  # whether several may be chosen
    zone: bool = False
    named: bool = False  # whether what it may be is in words
    must: bool = False
    nothing: str = ""  # what holds where nothing is chosen
    says: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        return self.must and not self.chosen

    def label(self, text: str) -> str:
        """What a choice is called."""
        if self.named:
            return dict(self.likely)[text]
        return "what its column says, row by row" if text.startswith("{column") else text


@dataclass
class Guesses:
    """One draft, and what has been chosen of it."""

    draft: Draft
    path: Path  # that it is to be saved under
    answers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    tried: bool = False  # whether the file was to be read by it

    zones: ClassVar[Mapping[str, str]] = possible("timezone")

    @property
    def asks(self) -> bool:
        """Whether anything is left to a person before the file can be read."""
        return bool(self._questions) or bool(list(self.mapping.unfilled()))

    @property
    def mapping(self) -> Read:
        return load_text(self.draft.text, str(self.path))

    @property
    def _questions(self) -> list[tuple[str, Question]]:
        """What is still open, each with its name in the form."""
        found = enumerate(self.draft.questions)
        return [(f"q{at}", one) for at, one in found if re.search(_line(one), self.draft.text, re.MULTILINE)]

    def rows(self) -> Iterator[Row]:
        """The form: what a row is, each field, and then the rest of what is asked."""
        asked = {one.key: (name, one) for name, one in self._questions if one.columns}
        fields = self._fields
        known = [one.field for one in fields]
        rest = [(name, one) for name, one in self._questions if not (one.columns and one.key in known)]
        yield from (self._row(name, one) for name, one in rest if _names_event(one))
        yield from (self._field(one, asked.get(one.field)) for one in fields)
        yield from (self._row(name, one) for name, one in rest if not _names_event(one))

    @property
    def _fields(self) -> list[Finding]:
        """What was found for each field, and nothing for those that the event needs if a person says what it is."""
        found = list(self.draft.fields)
        open_event = any(_names_event(one) for _, one in self._questions)
        names = [one.field for one in found]
        return found + [Finding(name, (), (), ()) for name in _PURCHASE if found and open_event and name not in names]

    def _field(self, found: Finding, asked: tuple[str, Question] | None) -> Row:
        name = asked[0] if asked else f"f-{found.field}"
        likely = tuple((one.column, f"{one.sureness}: {one.why}") for one in found.candidates)
        first = tuple((column, "") for column in found.columns[:1])
        return Row(
            name, field_word(found.field), found.field, first + likely, self._rest(first + likely),
            self.answers.get(name, found.columns[:1]), must=asked is not None,
            nothing="" if asked or (found.columns and found.field in _KEPT) else "not sent",
            says=tuple(reason for reason in found.reasons if not reason.startswith("passed over")),
        )  # fmt: skip

    def _row(self, name: str, asked: Question) -> Row:
        chosen = self.answers.get(name, ())
        if asked.key in SETTINGS:
            zone = asked.key == "timezone"
            ways = () if zone else tuple(possible(asked.key).items())
            nothing = "" if zone else "leave it open: where it matters, it is asked again"
            return Row(name, asked.text, "", ways, chosen=chosen, zone=zone, named=True, must=True, nothing=nothing)
        reasons = (*asked.reasons, *[""] * (len(asked.choices) - len(asked.reasons)))
        likely = tuple(zip(asked.choices, reasons, strict=True))
        optional = asked.waiting.startswith("#")
        others = self._rest(likely) if asked.columns and (not optional or asked.key == _SUMMED) else ()
        return Row(
            name, asked.text + self._of_event(asked), field_word(asked.key) if asked.columns and not optional else "",
            likely, others, chosen, many=not asked.columns and not _names_event(asked), must=not optional,
            nothing=asked.unless,
        )  # fmt: skip

    def _of_event(self, asked: Question) -> str:
        """Whose field it is, where several events ask for the same."""
        found = re.search(_line(asked), self.draft.text, re.MULTILINE)
        names = _EVENT.findall(self.draft.text)
        before = _EVENT.findall(self.draft.text[: found.start()]) if found else []
        return f" (of {before[-1]})" if len(names) > 1 and before else ""

    def _rest(self, likely: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
        return tuple(name for name in self.draft.columns if name not in dict(likely))

    def choose(self, sent: Mapping[str, Any]) -> str:
        """The mapping's text with what a person has chosen. Raises Refused for what is none, or not enough."""
        rows = list(self.rows())
        self.answers = {row.name: _chosen(row, sent.get(row.name, "")) for row in rows}
        draft = self.draft
        try:
            for row in rows:
                if row.name.startswith("f-"):
                    draft = self._with_field(draft, row)
            for name, asked in self._questions:
                if self.answers[name]:
                    draft = with_answer(draft, asked, _written(asked, self.answers[name]))
            mapping = load_text(draft.text, "")
        except MappingError as error:
            raise Refused(400, f"{'; '.join(text for _, text in error.problems)}.") from None
        if blanks := list(mapping.unfilled()):
            self.draft, self.answers = draft, {}
            raise Refused(400, f"One thing more: {blanks[0][1].partition(';')[0]}.")
        self.tried = True
        return draft.text

    def _with_field(self, draft: Draft, row: Row) -> Draft:
        """The draft where a field is read from what was chosen for it; a line that only waits to be taken is."""
        found = next(one for one in self._fields if one.field == row.code)
        columns = list(self.answers[row.name])
        if columns == list(found.columns[:1]):
            return draft
        text = draft.text
        if columns and not found.columns:
            waiting = f"# {row.code}: {scalar(columns[0])}     #"
            text = with_answer(draft, Question("", "", row.code, waiting, "", columns=True), columns).text
        if text == draft.text:
            text = re.sub(f"{_GUESSED}(?=^ +{row.code}:)", "", text, count=1, flags=re.MULTILINE)
            try:
                text = with_columns(text, 0, row.code, columns)
            except ValueError:  # it was made of several
                text = with_source(text, 0, row.code, scalar(columns[0]))
        return replace(draft, text=text)

    def why(self, name: str, columns: tuple[str, ...]) -> str:
        """Why a field is read from these columns, where that was guessed."""
        found = next((one for one in self.draft.fields if one.field == name and one.columns == columns), None)
        return "; ".join(one for one in found.reasons if not one.startswith("passed over")) if found else ""

    def perhaps(self, event: int, fields: list[str]) -> list[tuple[str, str, str]]:
        """Of these fields, what the file may have for them: the column, and why."""
        found = [one for one in self.draft.fields if one.field in fields and not one.columns] if not event else []
        return [(one.field, at.column, f"{at.sureness}: {at.why}") for one in found for at in one.candidates[:1]]


def _line(asked: Question) -> str:
    return rf"^ *{re.escape(asked.waiting)}"


def _names_event(asked: Question) -> bool:
    return asked.key.endswith("event_name")


def _chosen(row: Row, sent: object) -> tuple[str, ...]:
    """What was sent for a row. Raises Refused where that can't be chosen."""
    texts = tuple(one for one in (sent if isinstance(sent, list) else [sent]) if isinstance(one, str) and one.strip())
    if row.zone:
        return tuple(answer("timezone", text.strip()) for text in texts)
    if any(text not in (*dict(row.likely), *row.others) for text in texts) or (len(texts) > 1 and not row.many):
        raise Refused(400, f"{row.word}: one of what is listed is possible.")
    if not texts and not row.nothing:
        raise Refused(400, f"{row.word}: choose what it is.")
    return texts


def _written(asked: Question, chosen: tuple[str, ...]) -> str | list[str]:
    """An answer as the draft takes it."""
    if _names_event(asked):
        return chosen[0]
    return scalar(chosen[0]) if asked.key in SETTINGS else list(chosen)
