"""A choice: which column, if any, a field is read from, which others were not taken, and what is left to ask."""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from backfill.commands.init.evidence import is_quoted, prefix_of
from backfill.commands.init.guess import Guess, Sureness, guesses
from backfill.commands.init.naming import naming
from backfill.commands.init.only import only
from backfill.commands.init.sample import Column, Sample
from backfill.commands.init.vocabulary import ORDER
from backfill.mapping.yaml_text import listed, shown

MOST_NOTES = 8


@dataclass(slots=True)
class Choice:
    """A field's lines: `source` is the YAML value, or None where nothing is sure. `columns` are those that it reads."""

    field: str
    source: str | None = None
    columns: tuple[Column, ...] = ()
    notes: list[str] = dataclasses.field(default_factory=list)  # comments above it
    hints: list[Guess] = dataclasses.field(default_factory=list)  # not taken: values that a person may put in
    clock: Column | None = None  # the time of day, where the date has none
    zone: Column | None = None
    what: str = ""  # the column that a person is to name
    minor: bool = False  # an amount in the smallest unit of its currency
    among: str = ""  # a mark that only those cells have which hold it, next to other things
    helping: tuple[Column, ...] = ()  # read as well, such as the currency that says how many decimals there are

    @property
    def reads(self) -> list[Column]:
        """Every column that the source reads."""
        return [column for column in (*self.columns, self.clock, self.zone, *self.helping) if column]


class Choices:
    """What a sample's columns may be, field by field."""

    def __init__(self, sample: Sample) -> None:
        self.sample = sample
        self._found: dict[str, list[Guess]] = {}

    def of(self, name: str) -> list[Guess]:
        """Every column that may be the field, the best first."""
        if name not in self._found:
            self._found[name] = _whole_first(only(name, guesses(name, self.sample), self.sample), self.sample)
        return self._found[name]

    def sure(self, name: str) -> list[Guess]:
        return [guess for guess in self.of(name) if guess.sureness is Sureness.SURE]

    def open(self, name: str, what: str, best: Sequence[Guess]) -> Choice:
        """Nothing is sure: the field is left for a person to fill in, with the candidates in a comment."""
        choice = Choice(
            name, hints=[_unsure(guess) for guess in self.of(name)[:MOST_NOTES]], what=f"the column with {what}"
        )
        if len(best) > 1:
            choice.notes.append(f"{', '.join(shown(guess.name) for guess in best[:4])} fit equally well, and differ")
        elif not choice.hints:
            choice.notes.append("no column's name or values suggest one")
        return choice

    def taken(self, name: str, first: Guess, after: Iterable[Guess] = ()) -> Choice:
        """These are the field: the first that is not empty."""
        taken = [first, *after]
        columns = tuple(guess.column for guess in taken)
        choice = Choice(name, sourced(columns), columns)
        choice.notes += [f"sure: {guess.why}{_which(guess, taken)}" for guess in taken]
        passed = [guess for guess in self.of(name) if guess not in taken and _is_rival(guess)]
        choice.notes += [f"passed over: {shown(guess.name)} ({_reason(guess)})" for guess in passed[:MOST_NOTES]]
        if len(passed) > MOST_NOTES:
            choice.notes.append(f"passed over: {len(passed) - MOST_NOTES} more")
        return choice

    def listed(self, name: str, found: Sequence[Guess]) -> Choice:
        """A field that is not needed: those that are sure, and as hints what is likely."""
        taken = {guess.name for guess in found}
        hints = [guess for guess in self.of(name) if guess.sureness is Sureness.LIKELY and guess.name not in taken]
        columns = tuple(guess.column for guess in found)
        return Choice(
            name,
            sourced(columns) if found else None,
            columns,
            [f"sure: {guess.why}{_which(guess, found)}" for guess in found],
            hints[:3],
        )


def sourced(columns: Sequence[Column]) -> str:
    """The YAML of a source of these columns, with a step that takes off what a platform puts around every value."""
    marks = dict.fromkeys(mark for column in columns if (mark := prefix_of(column) or '"' * is_quoted(column)))
    names = listed(column.name for column in columns)
    if not marks:
        return names
    return f"{{{'column' if len(columns) == 1 else 'first_of'}: {names}, strip: {listed(marks)}}}"


def named(field_name: str, sample: Sample) -> list[Column]:
    """The columns whose name says the field and nothing else, the best first."""
    found = [(naming(field_name, column.name), column) for column in sample.columns]
    plain = ((is_in_list(column.name, sample), name.tier, column) for name, column in found if name and name.plain)
    return [column for _, _, column in sorted(plain, key=lambda one: one[:2])]


def _which(guess: Guess, taken: Sequence[Guess]) -> str:
    return f" ({shown(guess.name)})" if len(taken) > 1 else ""


def _is_rival(guess: Guess) -> bool:
    """Whether a column that was not taken is worth a comment: not every name with "order" in it is an id."""
    return not (guess.naming and guess.naming.phrase in ORDER and not guess.naming.plain)


def is_in_list(name: str, sample: Sample) -> bool:
    """Whether it is the path of what stands in a list: of one of a record's items or payments, and not its own."""
    return sample.format.sparse and any(map(str.isdecimal, name.split(".")))


def _whole_first(found: list[Guess], sample: Sample) -> list[Guess]:
    """The guesses; where a record has the field itself, that of one of its parts is likely at most."""
    own = any(guess.sureness is Sureness.SURE and not is_in_list(guess.name, sample) for guess in found)
    if not own:
        return found
    made = [_unsure(guess) if is_in_list(guess.name, sample) else guess for guess in found]
    return sorted(made, key=lambda guess: (guess.sureness, guess.tier))


def _unsure(guess: Guess) -> Guess:
    """The guess as a hint: one of several that are sure is likely at most."""
    return replace(guess, sureness=max(guess.sureness, Sureness.LIKELY))


def _reason(guess: Guess) -> str:
    if guess.naming is not None and guess.sureness is not Sureness.SURE:
        return f"{guess.sureness.name.lower()}: {guess.why}"
    return guess.why
