"""Cures: where many rows fail in the same way, a setting is wrong and not the rows, and changing it mends them all."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from backfill.event import Code
from backfill.mapping import Mapping
from backfill.survey.key_taken import PERHAPS_THE_SAME, SAME_ORDER

MANY = 20  # rejects alike, or
SHARE = 0.05  # of all events, if they are at least FEW
FEW = 3

Cluster = tuple[Code, str, str]  # code, field or column, reason


@dataclass(frozen=True, slots=True)
class Cure:
    """What many rejects have in common: a sentence, and the lines of YAML that mend it ("" where none can)."""

    count: int
    sentence: str
    yaml: str = ""


def cures(clusters: Counter[Cluster], lacking: Counter[tuple[str, str]], events: int, mapping: Mapping) -> list[Cure]:
    """The cures for rejects that are many and alike, the largest first.

    `lacking` counts, for a column and a setting, the cells that only this setting would make readable.
    """
    found = [*_settings(lacking), *_codes(clusters, mapping)]
    return sorted((cure for cure in found if _many(cure.count, events)), key=lambda cure: -cure.count)


def _many(count: int, events: int) -> bool:
    return count >= MANY or (count >= FEW and count >= SHARE * events)


def _settings(lacking: Counter[tuple[str, str]]) -> Iterator[Cure]:
    for (column, setting), count in lacking.items():
        if setting == "decimal":
            yield Cure(count, f"{column} uses a decimal comma; set source.decimal: ','", "source:\n  decimal: ','")
        elif setting == "timezone":
            sentence = f"{column} has no offset; set source.timezone to the zone that the export is written in"
            yield Cure(count, sentence, "source:\n  timezone: Europe/Berlin   # or whichever it is")
        elif setting == "date_order":
            sentence = f"{column} does not tell day from month; set source.date_order"
            yield Cure(count, sentence, "source:\n  date_order: dmy   # or mdy")


def _codes(clusters: Counter[Cluster], mapping: Mapping) -> Iterator[Cure]:
    by_code: Counter[Code] = Counter()
    taken: Counter[str] = Counter()
    for (code, _, reason), count in clusters.items():
        if said := next((said for beginning, said in _TAKEN.items() if reason.startswith(beginning)), None):
            taken[said] += count
        else:
            by_code[code] += count
    for code, count in by_code.items():
        if code in _CURES and count:
            yield _CURES[code](count, mapping)
    yield from (Cure(count, said) for said, count in taken.items())
    yield from _short_rows(clusters)
    yield from _disagreeing(clusters, mapping)


def _short_rows(clusters: Counter[Cluster]) -> Iterator[Cure]:
    for (code, _, reason), count in clusters.items():
        words = reason.split()
        if (
            code is Code.UNREADABLE
            and words[1:2] == ["cells"]
            and words[0].isdigit()
            and int(words[0]) < int(words[-1])
        ):
            sentence = f"the rows have {reason}; if the last columns may be missing, set source.short_rows: pad"
            yield Cure(count, sentence, "source:\n  short_rows: pad")


def _disagreeing(clusters: Counter[Cluster], mapping: Mapping) -> Iterator[Cure]:
    prefix = "its rows disagree in "
    amounts = {name for cell in mapping.cells_of("amount") for name in cell.names}
    for (code, _, reason), count in clusters.items():
        column = reason.removeprefix(prefix)
        if code is Code.CONFLICTING_ROWS and reason.startswith(prefix) and column in amounts:
            sentence = f"{column} differs between the rows of one record; if it is an amount a row, set source.sum"
            yield Cure(count, sentence, f"source:\n  sum: [{_quoted(column)}]")


def _column(mapping: Mapping, field: str) -> str:
    """The first column that a field of the mapping reads."""
    return next((name for cell in mapping.cells_of(field) for name in cell.names), field)


def _duplicate(count: int, mapping: Mapping) -> Cure:
    column = _column(mapping, "order_id")
    if mapping.source.group_by is None:
        sentence = f"{column} comes again with other values: a row a line item, probably; set source.group_by"
        return Cure(count, sentence, f"source:\n  group_by: {_quoted(column)}")
    return Cure(count, f"{column} comes again with other values; set source.on_conflict if the first or last is right")


def _identity(count: int, mapping: Mapping) -> Cure:
    column = _column(mapping, "email")
    sentence = f"{column} is empty; to leave such records out on purpose, ask for it in where"
    return Cure(count, sentence, f"where:\n  {_quoted(column)}: present")


def _amount(count: int, mapping: Mapping) -> Cure:
    column = _column(mapping, "amount")
    sentence = f"{column} is empty; to leave such records out on purpose, ask for it in where"
    return Cure(count, sentence, f"where:\n  {_quoted(column)}: present")


def _name(count: int, mapping: Mapping) -> Cure:
    column = next((t.event_name.names[0] for t in mapping.events if t.event_name.names), "event_name")
    sentence = f"{column} has values that event_name's map does not turn into an event; complete it, or leave them out"
    return Cure(count, sentence, f"where:\n  {_quoted(column)}: [the values that you want]")


def _taken(count: int, mapping: Mapping) -> Cure:
    sentence = "their keys were accepted for other people: two sources share ids; set source.namespace"
    return Cure(count, sentence, "source:\n  namespace: second_shop   # a short mark of this source")


def _future(count: int, mapping: Mapping) -> Cure:
    return Cure(
        count, f"{_column(mapping, 'event_time')} lies in the future: a forecast or an appointment, or a wrong zone"
    )


def _scientific(count: int, mapping: Mapping) -> Cure:
    return Cure(
        count, f"{_column(mapping, 'order_id')} went through a spreadsheet; its digits are lost, so export again"
    )


_TAKEN = {  # by what their reason begins with, for which no setting is the cure
    SAME_ORDER: "their orders were sent for other people, who have changed since; delete their rows, or, where a run "
    "sent the wrong people, see backfill guide undo",
    PERHAPS_THE_SAME: "their keys were accepted for other people, with the same days and amounts; look whether they "
    "are the same orders: delete the rows of those that are, and set source.namespace for another source's",
}
_CURES = {
    Code.CONFLICTING_DUPLICATE: _duplicate,
    Code.MISSING_IDENTITY: _identity,
    Code.MISSING_AMOUNT: _amount,
    Code.INVALID_EVENT_NAME: _name,
    Code.KEY_TAKEN: _taken,
    Code.FUTURE_TIME: _future,
    Code.INVALID_ORDER_ID: _scientific,
}


def _quoted(name: str) -> str:
    """A column's name as it is safe in YAML."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
