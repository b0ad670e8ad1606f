"""What a mapping file says, as frozen values. The loader makes them; everything else only reads them."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

Order = Literal["ymd", "dmy", "mdy"]


@dataclass(frozen=True, slots=True)
class Cell:
    """Where one text comes from, and the steps it goes through, in the order of the attributes.

    Exactly one of `columns` (the first that is not empty wins), `value` and `template` is set. A template is a
    tuple of parts, ("text", literal) or ("column", name).
    """

    columns: tuple[str, ...] = ()
    value: str | None = None
    template: tuple[tuple[Literal["text", "column"], str], ...] | None = None
    strip: tuple[str, ...] = ()  # texts taken off either end, once each
    extract: re.Pattern[str] | None = None  # its first group; no match gives an empty cell
    map: tuple[tuple[str, str], ...] = ()  # from, to; without regard to case; others pass unchanged
    case: Literal["lower", "upper", "title"] | None = None
    scale: Decimal | None = None  # exact factor for an amount or number
    default: str | None = None  # where the cell is empty after the steps before it
    on_invalid: Literal["reject", "omit"] = "reject"
    line: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """Every column this cell may read."""
        if self.template is not None:
            return tuple(name for kind, name in self.template if kind == "column")
        return self.columns

    @property
    def alternatives(self) -> tuple[tuple[str, ...], ...]:
        """Groups of columns; in each, one that exists is enough."""
        if self.template is not None:
            return tuple((name,) for name in self.names)
        return (self.columns,) if self.columns else ()


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
    line: int = 0


@dataclass(frozen=True, slots=True)
class EventTemplate:
    """One event that a record may give."""

    event_name: Cell
    fields: dict[str, Cell]
    where: tuple[Condition, ...] = ()
    key: tuple[str | Cell, ...] = ()  # field names or columns of the hashed key; () is the default recipe
    idempotency_key: Cell | None = None  # a column that names the key
    send_key: bool = True  # False: `idempotency_key: none`, rely on order_id alone
    line: int = 0

    def cells(self) -> tuple[Cell, ...]:
        """Every cell of the template: name, fields, key columns."""
        keys = tuple(part for part in self.key if isinstance(part, Cell))
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
    format: Literal["csv", "jsonl"] | None = None
    encoding: str | None = None
    delimiter: str | None = None


@dataclass(frozen=True, slots=True)
class Mapping:
    """A whole mapping file. `origin` is a preset's name or the absolute path it was read from."""

    name: str
    events: tuple[EventTemplate, ...]
    description: str = ""
    detect: tuple[str, ...] = ()
    detect_not: tuple[str, ...] = ()
    source: SourceOptions = field(default_factory=SourceOptions)
    where: tuple[Condition, ...] = ()
    origin: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column the mapping names, once each, in the order of the file."""
        names: dict[str, None] = {}
        if self.source.group_by:
            names[self.source.group_by] = None
        for name in self.source.sum:
            names[name] = None
        for condition in self.where:
            names[condition.column] = None
        for template in self.events:
            for condition in template.where:
                names[condition.column] = None
            for cell in template.cells():
                names.update(dict.fromkeys(cell.names))
        return tuple(names)

    @property
    def required(self) -> tuple[tuple[str, ...], ...]:
        """Groups of columns of which a file must have at least one each; what `optional` lists asks for nothing."""
        source = self.source
        groups: dict[tuple[str, ...], None] = {}
        singles = [source.group_by] if source.group_by else []
        singles += [*source.sum, *(c.column for c in self.where)]
        for name in singles:
            groups[(name,)] = None
        for template in self.events:
            groups.update({(c.column,): None for c in template.where})
            for cell in template.cells():
                groups.update(dict.fromkeys(cell.alternatives))
        return tuple(group for group in groups if not any(name in source.optional for name in group))
