"""A happening: what the rows of an export are about, where it is sure, and the YAML that says so."""

from dataclasses import dataclass, field

import numpy as np

from backfill.commands.init.evidence import frequencies
from backfill.commands.init.sample import Column, Sample
from backfill.mapping.yaml_text import scalar, shown

_WHY = {
    "purchase": "there are order ids and amounts",
    "lead_generated": "there are addresses with the date of their creation, and no amounts",
}
_SAID = {
    "purchase": "if a row is an order; then fill in its id and amount as well",
    "lead_generated": "if a row is a person who left an address",
}


@dataclass(frozen=True, slots=True)
class Happening:
    """The event's name where it is sure: `name`, or a `column` whose texts `names` gives as the API's names."""

    name: str | None = None
    column: Column | None = None
    names: dict[str, str] = field(default_factory=dict)
    strange: tuple[str, ...] = ()  # texts of the column that are no event's name
    likely: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()  # texts of the column that are purchases, of many which may be anything
    said: tuple[str, ...] = ()  # the words of the header that show it
    against: str = ""  # what shows that rows are no purchases

    @property
    def sure(self) -> bool:
        return self.name is not None or (self.column is not None and not self.strange)

    @property
    def pays(self) -> bool:
        """Whether a row may be something that was paid for: then a status or a kind says if it was."""
        return self.buys or (not self.sure and (self.column is not None or "purchase" in self.likely))

    def paid(self, sample: Sample) -> Sample:
        """The rows that are purchases, where a column says which: ids and amounts are theirs."""
        if self.column is None or not self.buys:
            return sample
        return sample.only(
            np.array(
                [text in self.kept or self.names.get(text) == "purchase" for text in self.column.cells.tolist()],
                dtype=bool,
            )
        )

    @property
    def buys(self) -> bool:
        """Whether some of the events are purchases for sure."""
        return self.name == "purchase" or "purchase" in self.names.values()

    def lines(self, blank: str) -> list[str]:
        """The YAML of the event's name, its comments above it; `blank` is what is written where nothing is sure."""
        if self.kept:
            return [
                f"# sure: {shown(self.column.name if self.column else '')} names the rows that are it",
                "- event_name: purchase",
            ]
        if self.column is not None:
            entry = self._entry
            counts = ", ".join(f"{shown(text)} {count:,}" for text, count in frequencies(self.column))
            said = f"# {shown(self.column.name)} has {counts}"
            if not self.strange:
                return [said, "# sure: each of them is an event's name", f"- event_name: {entry}"]
            return [said, *self._likely, f"- event_name: {{column: {blank}}}"]
        if self.name is not None:
            why = f"the header says {', '.join(self.said)}" if self.said else _WHY[self.name]
            return [f"# sure: {why}", f"- event_name: {self.name}"]
        doubt = [f"# {self.against}: such a row is no purchase"] if self.against else []
        return [*doubt, *self._likely, f"- event_name: {{column: {blank}}}"]

    @property
    def hints(self) -> list[tuple[str, str]]:
        """What the event's name may be, as YAML, and why, where it is open."""
        if self.column is not None:
            return [(self._entry, "")]
        return [(name, _SAID.get(name, "columns are named so")) for name in self.likely]

    @property
    def _likely(self) -> list[str]:
        return [f"# event_name: {name}     # likely{f': {why}' if why else ''}" for name, why in self.hints]

    @property
    def _entry(self) -> str:
        assert self.column is not None
        return f"{{column: {scalar(self.column.name)}, map: {{{', '.join(map(_entry, self.names.items()))}}}}}"


def _entry(pair: tuple[str, str]) -> str:
    return f"{scalar(pair[0])}: {pair[1]}"
