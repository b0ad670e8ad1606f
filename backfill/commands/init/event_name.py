"""An event's name: what a row of an export is about, as one of the API's events, or as a column that names them."""

from dataclasses import dataclass, field

from backfill.commands.init.choice import Choices
from backfill.commands.init.guess import counted
from backfill.commands.init.sample import Column, Sample
from backfill.commands.init.vocabulary import EVENTS, NEVER, OCCASIONS, naming, words
from backfill.commands.init.yaml_text import scalar, shown

MOST_NAMES = 25


@dataclass(frozen=True, slots=True)
class Happening:
    """The event's name where it is sure: `name`, or a `column` whose texts `names` gives as the API's names."""

    name: str | None = None
    column: Column | None = None
    names: dict[str, str] = field(default_factory=dict)
    strange: tuple[str, ...] = ()  # texts of the column that are no event's name
    likely: tuple[str, ...] = ()

    @property
    def sure(self) -> bool:
        return self.name is not None or (self.column is not None and not self.strange)

    @property
    def is_lead(self) -> bool:
        return self.name == "lead_generated"

    @property
    def buys(self) -> bool:
        """Whether some of the events are purchases for sure."""
        return self.name == "purchase" or "purchase" in self.names.values()

    def lines(self, blank: str) -> list[str]:
        """The YAML of the event's name, its comments above it; `blank` is what is written where nothing is sure."""
        if self.column is not None:
            entry = f"{{column: {scalar(self.column.name)}, map: {{{', '.join(map(_entry, self.names.items()))}}}}}"
            counts = ", ".join(f"{shown(text)} {count:,}" for text, count in counted(self.column))
            said = f"# {shown(self.column.name)} has {counts}"
            if not self.strange:
                return [said, "# sure: each of them is an event's name", f"- event_name: {entry}"]
            return [said, f"# event_name: {entry}     # likely", f"- event_name: {{column: {blank}}}"]
        if self.name is not None:
            return [f"# sure: {_WHY[self.name]}", f"- event_name: {self.name}"]
        hints = [
            f"# event_name: {name}     # likely: {_SAID.get(name, 'columns are named so')}" for name in self.likely
        ]
        return [*hints, f"- event_name: {{column: {blank}}}"]


_WHY = {
    "purchase": "there are order ids and amounts",
    "lead_generated": "there are addresses with the date of their creation, and no amounts",
}
_SAID = {
    "purchase": "if a row is an order; then fill in its id and amount as well",
    "lead_generated": "if a row is a person who left an address",
}


def happening_of(choices: Choices) -> Happening:
    """What a row is: a purchase has an order's id and an amount, a lead an address, a date and no amount."""
    named = _named(choices.sample)
    if named is not None:
        return named
    ids = [guess for guess in choices.of("order_id") if guess.plain]
    money = [guess for guess in choices.of("amount") if guess.naming and guess.naming.tier != NEVER]
    if (ids and any(guess.plain for guess in money)) or (money and any(guess.tier < 3 for guess in ids)):
        return Happening("purchase")
    created = [guess for guess in choices.sure("event_time") if guess.tier == 2]
    occasions = tuple(name for name, said in OCCASIONS.items() if said & _said(choices.sample))
    if not money and choices.sure("email") and created and not occasions:
        return Happening("lead_generated")
    return Happening(likely=(*(["purchase"] if money or ids else []), *occasions, "lead_generated"))


def _said(sample: Sample) -> set[str]:
    return {word for name in sample.header for word in words(name)}


def _named(sample: Sample) -> Happening | None:
    """The column whose texts are the names of events: several of them, or one under a name that says so."""
    for column in sample.columns:
        texts = [text for text, _ in counted(column)]
        if not texts or len(texts) > MOST_NAMES or not (column.cells != "").all():
            continue
        names = {text: event for text in texts if (event := _event(text))}
        says = (found := naming("event", column.name)) is not None and found.plain
        if len(names) == len(texts) and (says or len({*names.values()}) > 1):
            return Happening(column=column, names=names)
        if says and names:
            return Happening(column=column, names=names, strange=tuple(text for text in texts if text not in names))
    return None


def _event(text: str) -> str | None:
    spelt = " ".join(words(text))
    return next((event for event, texts in EVENTS.items() if spelt in texts or spelt == event.replace("_", " ")), None)


def _entry(pair: tuple[str, str]) -> str:
    return f"{scalar(pair[0])}: {pair[1]}"
