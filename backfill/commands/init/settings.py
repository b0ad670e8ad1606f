"""Settings: how the source writes times and amounts, as far as its values say so; what they leave open is asked."""

from dataclasses import dataclass, field

import numpy as np

from backfill.commands.init.evidence import decimal_of, lacking, states_zone
from backfill.commands.init.naming import ZONE, words
from backfill.commands.init.sample import Column, Sample
from backfill.fields import date_order_evidence
from backfill.fields.arrow import texts_of
from backfill.fields.zones import zone_of
from backfill.mapping.draft import Question
from backfill.mapping.yaml_text import shown

_FIRST = {"dmy": "day first", "mdy": "month first", "ymd": "year first"}


@dataclass(slots=True)
class Settings:
    """Lines of a `source`."""

    lines: list[str] = field(default_factory=list)
    asks: list[str] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    def ask(self, key: str, text: str, possible: str, ask: str) -> None:
        """Leave a setting to a person: its line is a comment until then."""
        self.asks.append(ask)
        self.questions.append(Question(text, possible, key, f"# {key}: ", ask))


def settings(
    sample: Sample, times: list[Column], amounts: list[Column], stated: frozenset[str] = frozenset()
) -> Settings:
    """Say what these columns need that is not `stated` already."""
    made = Settings()
    if "timezone" not in stated:
        _timezone(times, made)
    if "date_order" not in stated:
        _date_order(sample, times, made)
    if "decimal" not in stated:
        _decimal(amounts, made)
    return made


def _timezone(times: list[Column], made: Settings) -> None:
    local = [column for column in times if lacking(column, "timezone")]
    if not local:
        return
    names = ", ".join(shown(column.name) for column in local)
    if all({"utc", "gmt"} & set(words(column.name)) for column in local) and len(local) == len(times):
        made.lines += [f"# sure: the name of {names} says so, and its values have no offset", "timezone: UTC"]
        return
    zones = {zone for column in local for zone in _zone_in(column.name)}
    if len(zones) == 1 and all(map(_zone_in, (column.name for column in times))):
        made.lines += [
            f"# sure: the name of {names} says so, and its values have no offset",
            f"timezone: {zones.pop()}",
        ]
        return
    number, filled = sum(lacking(c, "timezone") for c in local), sum(len(c.filled) for c in local)
    if not all(map(states_zone, local)):
        made.lines.append(f"# needed: {names} has times without an offset, and a zone is never guessed")
        ask = f"source.timezone: the zone of {names}, such as Europe/Berlin"
        made.ask("timezone", f"In which zone are the times of {names}?", "such as Europe/Berlin or UTC", ask)
    else:
        made.lines.append(f"# {number:,} of {filled:,} in {names} without an offset: a zone is needed for such times")
    made.lines.append("# timezone: Europe/Berlin")


def _zone_in(name: str) -> list[str]:
    """The zones that a name has, as "Payment Date (America/New_York)" does."""
    return [text for text in ZONE.findall(name) if zone_of(text)]


def _date_order(sample: Sample, times: list[Column], made: Settings) -> None:
    clues = {
        order: (column, at) for column in times for order, at in date_order_evidence(texts_of(column.cells)).items()
    }
    if len(clues) == 1:
        [(order, (column, at))] = clues.items()
        number = sample.numbers[at] if at < len(sample.numbers) else 0
        where = f"row {number}" if number else "a row further down"
        made.lines += [
            f"# sure: {where} of {shown(column.name)} can only be read {_FIRST[order]}",
            f"date_order: {order}",
        ]
    elif clues or any(lacking(column, "date_order") for column in times):
        found = (
            "some can only be read day first, others month first"
            if clues
            else "no value looked at tells day from month"
        )
        made.lines += [f"# needed: {found}", "# date_order: dmy     # or mdy, ymd"]
        names = ", ".join(shown(column.name) for column in times)
        text = f"How are the dates of {names} written?"
        made.ask("date_order", text, "dmy, mdy or ymd", "source.date_order: dmy, mdy or ymd")


def _decimal(amounts: list[Column], made: Settings) -> None:
    marks = decimal_of(amounts)
    names = ", ".join(shown(column.name) for column in amounts)
    if marks == {","}:
        made.lines += [f"# sure: values of {names} can only be read with a decimal comma", 'decimal: ","']
    elif len(marks) == 2:
        made.lines += [f"# needed: some values of {names} have a decimal comma, others a point", '# decimal: ","']
        ask = 'source.decimal: "," or "."'
        made.asks.append(ask)
        text = f"How are the amounts of {names} written?"
        made.questions.append(Question(text, '"," or "."', "decimal", "# decimal: ", ask, paged=True))


def joined(date: Column, clock: Column) -> Column:
    """Date and time of day, from two columns, as the template makes them one text."""
    texts = [" ".join(filter(None, pair)) for pair in zip(date.cells.tolist(), clock.cells.tolist(), strict=True)]
    return Column(date.name, np.array(texts, dtype=object))
