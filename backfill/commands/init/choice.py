"""A choice: which column, if any, a field is read from, which others were not taken, and what is left to ask."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, replace

from backfill.commands.init.guess import (
    FEW_ADDRESSES,
    FEW_ROWS,
    Guess,
    Sureness,
    agree,
    guesses,
    is_bare,
    is_id,
    lacking,
    same_cells,
    same_days,
    several_words,
    time_share,
)
from backfill.commands.init.sample import Column, Sample
from backfill.commands.init.vocabulary import NEVER, ORDER, naming, words
from backfill.commands.init.yaml_text import listed, scalar, shown

MOST_NOTES = 8
MOSTLY = 0.8  # an address that is filled in fewer rows than another one is not the buyer's
_RANK = {0: 0, 3: 0, 1: 1, 2: 1, 4: 2}  # of the tiers of an order's id: the shop's own, what people see, an invoice's
_FAMILY = frozenset(["name", "nom", "naam", "namn", "nazwa"])  # with a first name, the last; else both
_GIVEN = frozenset(["nombre", "nome"])  # with a last name, the first


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


class Choices:
    """What was chosen from a sample, field by field."""

    def __init__(self, sample: Sample) -> None:
        self.sample = sample
        self._found: dict[str, list[Guess]] = {}

    def of(self, name: str) -> list[Guess]:
        """Every column that may be the field, the best first."""
        if name not in self._found:
            self._found[name] = guesses(name, self.sample)
        return self._found[name]

    def sure(self, name: str) -> list[Guess]:
        return [guess for guess in self.of(name) if guess.sureness is Sureness.SURE]

    # -- fields that an event can't do without -------------------------------------------------------------------

    def email(self) -> Choice:
        """The buyer's address; a billing address fills in where the first one is empty.

        It is not sure where another column of addresses, whatever its name, is filled in more rows.
        """
        found = sorted(self.sure("email"), key=lambda guess: (_is_billing(guess.name), -len(guess.column.filled)))
        first = [guess for guess in found if _is_billing(guess.name) == _is_billing(found[0].name)]
        most = max((len(guess.column.filled) for guess in self.of("email") if _many(guess.column)), default=0)
        if (
            not found
            or not all(agree(guess.column, found[0].column) for guess in first)
            or sum(_either(found[0].column, *(guess.column for guess in found[1:]))) < MOSTLY * most
        ):
            return self._open("email", "the buyer's e-mail address", found)
        return self._taken("email", found[0], _fallbacks(found[0], found[1:]))

    def order_id(self, tiers: tuple[int, ...]) -> Choice:
        """The id that never changes; `tiers` are those that suit the event.

        An id is sure only if its values prove it: each row that begins an order has one, and each order another. Of
        several, the shop's own id is taken before the number that people see, and that before an invoice's; where there
        is a payment's id as well as another, it is not clear which of them is the order's.
        """
        named = [guess for guess in self.sure("order_id") if guess.tier in tiers]
        found = [guess for guess in named if is_id(guess.column, [other.column for other in named])]
        least = min((_RANK[guess.tier] for guess in found), default=0)
        best = [guess for guess in found if _RANK[guess.tier] == least]
        rivals = [*best, *(guess for guess in found if _rival_ids(best[0].tier, guess.tier))]
        if not found or not _one(rivals):
            return self._open("order_id", "the order's id", rivals if found else named)
        return self._taken("order_id", best[0])

    def open_order_id(self, own: Column) -> Choice:
        """Rows that share an id, and have another id each: it is not sure which of the two is the order's."""
        choice = self._open("order_id", "the order's id", [])
        choice.notes = [f"each row has its own {shown(own.name)}"]
        return choice

    def amount(self, repeats: bool) -> Choice:
        """What was paid. Where several columns say so equally well, none is taken, unless they agree in all rows.

        Where rows are line items (`repeats`), only what is plainly the order's total is sure.
        """
        found = [guess for guess in self.sure("amount") if not (repeats and guess.tier)]
        best = [guess for guess in found if guess.tier == found[0].tier]
        if not found or not _one(best):
            return self._open("amount", "what was paid", best)
        return self._taken("amount", found[0])

    def event_time(self, tiers: tuple[int, ...]) -> Choice:
        """When it happened: the first of the tiers that the file has; a later one fills in where it is empty."""
        found = sorted(
            (guess for guess in self.sure("event_time") if guess.tier in tiers), key=lambda g: tiers.index(g.tier)
        )
        found = [guess for guess in found if not any(_is_finer(other, guess) for other in found)]
        best = [guess for guess in found if guess.tier == found[0].tier]
        if not found or not _one(best) or any(_is_finer(other, found[0]) for other in self.of("event_time")):
            return self._open("event_time", "when it happened", best)
        later = _fallbacks(found[0], [guess for guess in found if guess.tier != found[0].tier])
        clock, zone = self._clock(found[0]), self._zone([found[0], *later])
        choice = self._taken("event_time", found[0], () if clock else later)
        if clock is not None:
            choice.clock = clock.column
            choice.notes.append(f"the time of day is in {shown(clock.name)}: {clock.why}")
        if zone is not None:
            choice.zone = zone.column
            choice.notes.append(f"the zone is in {shown(zone.name)}: {zone.why}")
        choice.source = _time_source(choice)
        return choice

    def _clock(self, date: Guess) -> Guess | None:
        """The column with the time of day, where the dates have none."""
        bare = is_bare(date.column) and time_share(date.column) > 0
        found = [guess for guess in self.sure("clock") if guess.name != date.name]
        safe = len(found) == 1 and not any(brace in found[0].name + date.name for brace in "{}")
        return found[0] if bare and safe else None

    def _zone(self, times: list[Guess]) -> Guess | None:
        """The column with the zones, where times have none of their own."""
        found = self.sure("zone")
        return found[0] if len(found) == 1 and any(lacking(guess.column, "timezone") for guess in times) else None

    def _open(self, name: str, what: str, best: list[Guess]) -> Choice:
        """Nothing is sure: the field is left for a person to fill in, with the candidates in a comment."""
        choice = Choice(
            name, hints=[_unsure(guess) for guess in self.of(name)[:MOST_NOTES]], what=f"the column with {what}"
        )
        if len(best) > 1:
            choice.notes.append(f"{', '.join(shown(guess.name) for guess in best[:4])} fit equally well, and differ")
        elif not choice.hints:
            choice.notes.append("no column's name or values suggest one")
        return choice

    def _taken(self, name: str, first: Guess, after: Iterable[Guess] = ()) -> Choice:
        taken = [first, *after]
        choice = Choice(name, listed(guess.name for guess in taken), tuple(guess.column for guess in taken))
        choice.notes += [f"sure: {guess.why}{_which(guess, taken)}" for guess in taken]
        passed = [guess for guess in self.of(name) if guess not in taken and _is_rival(guess)]
        choice.notes += [f"passed over: {shown(guess.name)} ({_reason(guess)})" for guess in passed[:MOST_NOTES]]
        if len(passed) > MOST_NOTES:
            choice.notes.append(f"passed over: {len(passed) - MOST_NOTES} more")
        return choice

    # -- fields that make a match better -------------------------------------------------------------------------

    def people(self) -> list[Choice]:
        """Names, phone and the rest of what makes a match better; what is not sure stays a comment."""
        first, last, full = (self._ranked(name) for name in ("first_name", "last_name", "full_name"))
        if not last and first:
            last, full = _moved(full, _FAMILY)
        elif not first and last:
            first, full = _moved(full, _GIVEN)
        whole = [guess for guess in full if several_words(guess.column)]
        choices = [self._listed("full_name", whole)] if not (first and last) else []
        choices[:1] = [replace(c, hints=[_doubted(g) for g in full if g not in whole] + c.hints) for c in choices]
        choices += [self._listed("first_name", first), self._listed("last_name", last)]
        choices += [self._listed("phone", self._ranked("phone")), *map(self._optional, ("url", "user_agent"))]
        device = self.sure("fingerprint")
        if device and self.sure("ip"):
            choices += [self._listed(name, self.sure(name)[:1]) for name in ("fingerprint", "ip")]
        choices.append(self._listed("comet_token", self.sure("comet_token")[:1]))
        return [choice for choice in choices if choice.source or choice.hints]

    def order_name(self, order_id: Choice) -> Choice:
        """The number that people see, where it is another column than the id."""
        if not order_id.columns:
            return Choice("order_name")
        return self._listed("order_name", [g for g in self.sure("order_name") if g.column not in order_id.columns][:1])

    def _ranked(self, name: str) -> list[Guess]:
        """Those that are sure, the buyer's own before the recipient's."""
        return sorted(self.sure(name), key=lambda guess: (_is_shipping(guess.name), _is_billing(guess.name)))[:3]

    def _listed(self, name: str, found: list[Guess]) -> Choice:
        taken = {guess.name for guess in found}
        hints = [guess for guess in self.of(name) if guess.sureness is Sureness.LIKELY and guess.name not in taken]
        columns = tuple(guess.column for guess in found)
        source = listed(guess.name for guess in found) if found else None
        return Choice(name, source, columns, [f"sure: {g.why}{_which(g, found)}" for g in found], hints[:3])

    def _optional(self, name: str) -> Choice:
        """A field that is no reason to reject an event."""
        choice = self._listed(name, self.sure(name)[:1])
        if choice.source:
            choice.source = f"{{column: {choice.source}, on_invalid: omit}}"
        return choice


def _is_finer(other: Guess, date: Guess) -> bool:
    """Whether a column of dates without a time of day seems to be there once more, with the time."""
    named = other.naming is None or other.tier != NEVER
    return named and is_bare(date.column) and not is_bare(other.column) and same_days(date.column, other.column)


def _many(column: Column) -> bool:
    """Whether the addresses are those of many people, as customers' are."""
    filled = column.filled.tolist()
    return len(filled) < FEW_ROWS or len(set(filled)) >= FEW_ADDRESSES * len(filled)


def _either(*columns: Column) -> list[bool]:
    """Which rows have one of the columns filled."""
    return [any(row) for row in zip(*(column.cells.tolist() for column in columns), strict=True)]


def _rival_ids(best: int, other: int) -> bool:
    """Whether an id of one tier leaves unsure that the best one, of another tier, is the order's: a payment's does."""
    return {best, other} in ({3, 0}, {3, 2}, {1, 2})


def _one(found: list[Guess]) -> bool:
    return all(same_cells(guess.column, found[0].column) for guess in found)


def _fallbacks(first: Guess, others: list[Guess]) -> list[Guess]:
    """The next column that is filled where the first is not."""
    empty = first.column.cells == ""
    return [guess for guess in others if (guess.column.cells[empty] != "").any()][:1]


def _which(guess: Guess, taken: list[Guess]) -> str:
    return f" ({shown(guess.name)})" if len(taken) > 1 else ""


def _time_source(choice: Choice) -> str:
    names = [column.name for column in choice.columns]
    source = f"column: {scalar(names[0])}" if len(names) == 1 else f"first_of: {listed(names)}"
    if choice.clock is not None:
        source = f"template: {scalar(f'{{{names[0]}}} {{{choice.clock.name}}}')}"
    if choice.zone is not None:
        source += f", timezone_column: {scalar(choice.zone.name)}"
    return f"{{{source}}}" if choice.clock or choice.zone else listed(names)


def _is_rival(guess: Guess) -> bool:
    """Whether a column that was not taken is worth a comment: not every name with "order" in it is an id."""
    return not (guess.naming and guess.naming.phrase in ORDER and not guess.naming.plain)


def _unsure(guess: Guess) -> Guess:
    """The guess as a hint: one of several that are sure is likely at most."""
    return replace(guess, sureness=max(guess.sureness, Sureness.LIKELY))


def _doubted(guess: Guess) -> Guess:
    return replace(guess, sureness=Sureness.LIKELY, why=f"{guess.why}, but most are a single word")


def _reason(guess: Guess) -> str:
    if guess.naming is not None and guess.sureness is not Sureness.SURE:
        return f"{guess.sureness.name.lower()}: {guess.why}"
    return guess.why


def _moved(full: list[Guess], bare: frozenset[str]) -> tuple[list[Guess], list[Guess]]:
    """Split off the columns whose bare "Name" means one half, since the other half has a column of its own."""
    half = [guess for guess in full if guess.naming and guess.naming.phrase in bare]
    return half, [guess for guess in full if guess not in half]


def _is_billing(name: str) -> bool:
    return bool({"billing", "bill", "rechnung", "rechnungs", "invoice"} & set(words(name)))


def _is_shipping(name: str) -> bool:
    return bool({"shipping", "recipient"} & set(words(name)))


def named(field_name: str, sample: Sample) -> list[Column]:
    """The columns whose name says the field and nothing else, the best first."""
    found = [(naming(field_name, column.name), column) for column in sample.columns]
    return [column for name, column in sorted(((n, c) for n, c in found if n and n.plain), key=lambda f: f[0].tier)]
