"""What a mapping file says, as frozen values. The loader makes them; everything else only reads them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

Order = Literal["ymd", "dmy", "mdy"]
FormatName = Literal["csv", "jsonl", "xlsx"]
VARIES = 0  # digits of ids that may have zeros in front, nobody knows how many
BLANK = "FILL IN "  # a text of a draft that begins like this is for a person to write
NOT_BELOW_ZERO = "^(?![-−(])"  # matched: no sign or bracket in front; a loss written in another way makes a reject


@dataclass(frozen=True, slots=True)
class FieldSource:
    """Where one text comes from, and the steps it goes through, in the order of the attributes.

    Exactly one of `columns` (the first that is not empty wins), `value` and `template` is set. A template is a
    tuple of parts, ("text", literal) or ("column", name).
    """

    columns: tuple[str, ...] = ()
    value: str | None = None
    template: tuple[tuple[Literal["text", "column"], str], ...] | None = None
    strip: tuple[str, ...] = ()  # texts taken off either end, once each
    replace: tuple[tuple[str, str], ...] = ()  # from, to; letter for letter, wherever in the cell
    separator: tuple[str, ...] = ()  # between several values in a cell; the first that is not empty wins
    extract: re.Pattern[str] | None = None  # its first group; no match gives an empty cell
    digits: int | None = None  # of an id, at least: zeros that a spreadsheet took off its front are put back; or VARIES
    map: tuple[tuple[str, str], ...] = ()  # from, to; without regard to case; others pass unchanged
    case: Literal["lower", "upper", "title"] | None = None
    scale: Decimal | None = None  # exact factor for an amount or number
    minor_units: str | None = None  # the column of the currency whose ISO 4217 exponent applies
    timezone_column: str | None = None  # where the zone of a time without an offset is
    default: str | None = None  # where the cell is empty after the steps before it
    on_invalid: Literal["reject", "omit"] = "reject"
    line: int = 0
    extract_line: int = field(default=0, compare=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Every column this cell may read."""
        helping = tuple(name for name in (self.minor_units, self.timezone_column) if name is not None)
        if self.template is not None:
            return (*(name for kind, name in self.template if kind == "column"), *helping)
        return self.columns + helping

    @property
    def alternatives(self) -> tuple[tuple[str, ...], ...]:
        """Groups of columns; in each, one that exists is enough."""
        helping = tuple((name,) for name in (self.minor_units, self.timezone_column) if name is not None)
        if self.template is not None:
            return (*((name,) for kind, name in self.template if kind == "column"), *helping)
        return ((self.columns,) if self.columns else ()) + helping


@dataclass(frozen=True, slots=True)
class Condition:
    """One column and the tests it must pass, all of them. Judged on the record's trimmed text."""

    column: str
    one_of: tuple[str, ...] | None = None  # without regard to case
    none_of: tuple[str, ...] | None = None  # without regard to case; an empty cell is none of them
    empty: bool | None = None  # True: must be empty; False: must be present
    matches: re.Pattern[str] | None = None  # re.search
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    before: str | None = None  # a time as written in the mapping
    after: str | None = None
    not_all_of: str | None = None  # another column: as a number, this one is empty, 0, or less than that one
    later_than: str | None = None  # another column: as a time, this one is after that one
    first_by: str | None = None  # another column of times: of records with one text here, the earliest counts
    line: int = 0
    matches_line: int = field(default=0, compare=False)

    @property
    def lists(self) -> bool:
        """Whether it lists values that count, or that don't."""
        return self.one_of is not None or self.none_of is not None

    @property
    def leaves_losses_out(self) -> bool:
        """Whether it asks that a number is not below zero, in the way in which a draft does."""
        return self.matches is not None and self.matches.pattern == NOT_BELOW_ZERO

    @property
    def numbers(self) -> tuple[str, ...]:
        """The columns that it reads as numbers."""
        if self.not_all_of is not None:
            return (self.column, self.not_all_of)
        return () if self.at_least is None is self.at_most else (self.column,)

    @property
    def times(self) -> tuple[str, ...]:
        """The columns that it reads as times."""
        own = () if self.before is self.after is self.later_than is None else (self.column,)
        return (*own, *(name for name in (self.later_than, self.first_by) if name is not None))

    @property
    def names(self) -> tuple[str, ...]:
        """Every column that it reads, once each."""
        return tuple(dict.fromkeys((self.column, *self.numbers, *self.times)))


@dataclass(frozen=True, slots=True)
class EventTemplate:
    """One event that a record may give."""

    event_name: FieldSource
    fields: dict[str, FieldSource]
    where: tuple[Condition, ...] = ()
    key: tuple[str | FieldSource, ...] = ()  # field names or columns of the hashed key; () is the default recipe
    idempotency_key: FieldSource | None = None  # a column that names the key
    send_key: bool = True  # False: `idempotency_key: none`, rely on order_id alone
    line: int = 0

    def cells(self) -> tuple[FieldSource, ...]:
        """Every cell of the template: name, fields, key columns."""
        keys = tuple(part for part in self.key if isinstance(part, FieldSource))
        named = (self.idempotency_key,) if self.idempotency_key else ()
        return (self.event_name, *self.fields.values(), *keys, *named)


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """How the export is written."""

    group_by: str | None = None
    sum: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    aliases: dict[str, tuple[str, ...]] = field(default_factory=dict)
    empty: tuple[str, ...] = ()
    timezone: str | None = None
    date_order: Order | None = None
    date_hour: int = 12  # the hour, in the source's zone, that a bare date means
    decimal: Literal[".", ","] | None = None
    namespace: str | None = None
    on_conflict: Literal["reject", "first", "last"] = "reject"
    short_rows: Literal["reject", "pad"] = "reject"
    quoting: Literal["standard", "none"] = "standard"  # none: a quote is a character like any other
    trailer: tuple[str, ...] = ()  # a row that begins with such a text, and has sums alone besides, is no data
    header_rows: int = 1  # the columns' names, and below them what else is said of the columns
    format: FormatName | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None  # of a workbook; else the one that has the columns


@dataclass(frozen=True, slots=True)
class Lookup:
    """Another export to join: `here` is this input's column, `there` the other's; its columns are `NAME.Column`."""

    here: str
    there: str
    separator: str = ";"  # between the ids of one cell; the first that is found wins
    line: int = 0


GROUPS = {  # of presets, with their titles, in the order that they are shown in
    "shops": "Shops",
    "payments": "Payments",
    "courses": "Courses, funnels and memberships",
    "crm": "CRM: contacts and deals",
    "forms": "Forms and lead ads",
    "bookings": "Events and bookings",
    "attribution": "Templates of other attribution tools",
}


@dataclass(frozen=True, slots=True)
class About:
    """What a person should know of an export before they take it; a text that is not there is empty."""

    group: str = ""  # one of `GROUPS`
    export: str = ""  # how to get the file
    clock: str = ""  # which zone its times are in, and who says so
    money: str = ""  # what its amounts are


class Bare(str):
    """A cell of an example that is written without quotes: in JSON a number, true or false."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Example:
    """Rows of an export, and what they must give.

    A row is column -> text, None where the cell is empty; in JSON lines also objects and lists. An event has the fields
    to look at: the text that is sent, None where none is.
    """

    name: str
    rows: tuple[dict[str, Any], ...]
    lookups: dict[str, tuple[dict[str, Any], ...]] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)  # of the source, in place of the mapping's
    events: tuple[dict[str, str | None], ...] = ()  # in the order of their rows
    codes: tuple[str, ...] = ()  # one for each reject and code
    line: int = 0


@dataclass(frozen=True, slots=True)
class Mapping:
    """A whole mapping file. `origin` is a preset's name or the absolute path it was read from."""

    name: str
    events: tuple[EventTemplate, ...]
    lookups: dict[str, Lookup] = field(default_factory=dict)
    refuse: str | None = None  # why this export can't be used at all
    description: str = ""
    about: About = field(default_factory=About)
    detect: tuple[str, ...] = ()
    detect_not: tuple[str, ...] = ()
    source: SourceOptions = field(default_factory=SourceOptions)
    where: tuple[Condition, ...] = ()
    origin: str = ""
    tests: tuple[Example, ...] = ()
    extra: tuple[str, ...] = ()  # columns no file need have: a currency to show, a reject file's marks
    route: str | None = None  # the column by which a plan sends records to several Spaces

    named: tuple[str, ...] = field(init=False, compare=False)  # every column, once each, those of lookups included
    columns: tuple[str, ...] = field(init=False, compare=False)  # those of the input itself

    def __post_init__(self) -> None:
        names = dict.fromkeys((*(name for group in self._groups() for name in group), *self.extra))
        object.__setattr__(self, "named", tuple(names))
        object.__setattr__(self, "columns", tuple(name for name in names if self.lookup_of(name) is None))

    @property
    def required(self) -> tuple[tuple[str, ...], ...]:
        """Groups of columns of which a file must have at least one each; what `optional` lists asks for nothing."""
        optional = self.source.optional
        groups = dict.fromkeys(group for group in self._groups() if all(self.lookup_of(name) is None for name in group))
        return tuple(group for group in groups if not any(name in optional for name in group))

    def lookup_of(self, column: str) -> tuple[str, str] | None:
        """The lookup that a column comes from and its name there; None for a column of the input itself."""
        name, dot, rest = column.partition(".")
        return (name, rest) if dot and name in self.lookups else None

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What decides whether a record counts, in the order in which it is asked."""
        return (*self.where, *(one for template in self.events for one in template.where))

    def conditions_of(self, template: int) -> tuple[Condition, ...]:
        """All that a record must meet to give a template's event."""
        return (*self.where, *self.events[template].where)

    def cells_of(self, field: str) -> list[FieldSource]:
        """What a field is made of, in each template that has it."""
        return [template.fields[field] for template in self.events if field in template.fields]

    def names_of(self, *fields: str) -> set[str]:
        """The columns that these fields are made of."""
        return {name for field in fields for cell in self.cells_of(field) for name in cell.names}

    def unfilled(self) -> Iterator[tuple[int, str]]:
        """What nobody has filled in of a draft: the line, and a sentence that says where, and what is to be written."""
        for condition in self.conditions:
            if any(text.startswith(BLANK) for text in (*(condition.one_of or ()), *(condition.none_of or ()))):
                yield condition.line, f"where: {condition.column} still says FILL IN; write its values there"
        for template in self.events:
            for place, cell in (("event_name", template.event_name), *template.fields.items()):
                for name in cell.names:
                    if name.startswith(BLANK):
                        yield cell.line, f"{place} still says {name}; write that column's name there"

    def sources_of(self, columns: Iterable[str]) -> set[str]:
        """The columns of the input that these come from: that of a lookup's is the one that it looks for."""
        joined = ((name, self.lookup_of(name)) for name in columns)
        return {self.lookups[name.partition(".")[0]].here if found else name for name, found in joined}

    def _groups(self) -> Iterator[tuple[str, ...]]:
        """Every place that names columns; in each group one that exists is enough."""
        if self.source.group_by:
            yield (self.source.group_by,)
        if self.route:
            yield (self.route,)
        yield from ((name,) for name in self.source.sum)
        yield from ((lookup.here,) for lookup in self.lookups.values())
        yield from ((name,) for condition in self.where for name in condition.names)
        for template in self.events:
            yield from ((name,) for condition in template.where for name in condition.names)
            for cell in template.cells():
                yield from cell.alternatives
