"""A draft: the mapping that a sample's columns and values suggest, with a comment for each guess, as YAML text."""

import textwrap
from dataclasses import dataclass

from backfill.commands.init.choice import Choice, Choices
from backfill.commands.init.conditions import Conditions, conditions
from backfill.commands.init.event_name import Happening, happening_of
from backfill.commands.init.guess import neighbours
from backfill.commands.init.sample import Column, Sample
from backfill.commands.init.settings import joined, settings
from backfill.commands.init.vocabulary import NEVER
from backfill.commands.init.yaml_text import scalar, shown
from backfill.files.csv_head import DELIMITERS
from backfill.mapping.model import BLANK

MOST_UNUSED = 300
_HEAD = (
    "sure: name and values agree, and the line is in force. likely, maybe: a comment until you take its # off.",
    "Where nothing was sure it says FILL IN: backfill check stops there and says so.",
)
_SECONDARY = ("order_name", "first_name", "last_name", "full_name", "phone", "url", "user_agent")


@dataclass(frozen=True, slots=True)
class Draft:
    """A mapping's text; `asks` are the things that it leaves to a person."""

    text: str
    event: str
    asks: tuple[str, ...]


def draft(sample: Sample, name: str, about: str) -> Draft:
    """Write a mapping called `name` for a sample of the file that `about` names."""
    choices = Choices(sample)
    happening = happening_of(choices)
    order_id = choices.order_id((3,) if happening.is_lead else (0, 1, 2, 3, 4))
    group = _group(choices, order_id)
    spread = _spread(group, choices)
    own = _own_id(group, choices)
    if own is not None:
        order_id = choices.open_order_id(own)
    amount = choices.amount(spread in ("repeats", "differs"))
    email = choices.email()
    time = choices.event_time((2, 1, 0) if happening.is_lead else (0, 1, 2))
    fields = [order_id, choices.order_name(order_id), email, *choices.people(), amount, time]
    needed = (order_id, email, amount, time) if happening.buys else (email, time)
    read = [column for choice in fields for column in (*choice.columns, choice.clock, choice.zone) if column]
    named = [happening.column] if happening.column else []
    where = conditions(sample, not happening.is_lead, [*read, *named], _money(choices, amount, spread))
    times = [joined(time.columns[0], time.clock)] if time.clock else list(time.columns)
    written = settings(sample, times, list(amount.columns), frozenset({"timezone"} if time.zone else ()))
    live = [choice for choice in fields if choice.source and not (happening.is_lead and choice is amount)]
    columns = _used(live, where, [*named, *([group] if group and not own else [])])
    source = [*_grouping(group, own, spread, amount), *written.lines, *_nulls(columns), *_optional(sample, live, where)]
    asks = [
        *([] if happening.sure else ["event_name: what a row means"]),
        *(f"{choice.field}: {choice.what}" for choice in needed if not choice.source),
        *where.asks,
        *written.asks,
        *(["source.group_by: whether several rows are one order"] if own else []),
        *(["source.sum: how an order's amounts make its total"] if spread == "differs" and not own else []),
    ]
    blocks = [
        _head(sample, name, about),
        _block("source:", _currency(choices, amount) + source + _rows(sample), 2),
        _block("where:", where.lines, 2),
        "events:\n" + _event(happening, sample, fields, needed),
        _unused(sample, columns),
    ]
    event = happening.name or " and ".join(dict.fromkeys(happening.names.values())) or "an event to choose"
    return Draft("\n".join(block for block in blocks if block), event, tuple(asks))


# --- the event


def _event(happening: Happening, sample: Sample, fields: list[Choice], needed: tuple[Choice, ...]) -> str:
    lines = happening.lines(scalar(_blank(f"{BLANK}the event's name, as a constant", sample)))
    lines.append("  fields:")
    for choice in fields:
        idle = choice.field == "amount" and happening.is_lead
        lines += [f"    {line}" for line in _lines(choice, choice in needed, sample, idle)]
    if happening.is_lead and not next(choice for choice in fields if choice.field == "order_id").source:
        lines.append("  # no column has an id for each lead: the same address at the same time counts once")
    return "".join(f"  {line}\n" for line in lines)


def _lines(choice: Choice, needed: bool, sample: Sample, idle: bool) -> list[str]:
    """A field with the comments above it. Where nothing is sure a needed one is filled with what is no column."""
    lines = [f"# {note}" for note in choice.notes] if choice.source or needed or choice.hints else []
    lines += [
        f"# {choice.field}: {scalar(guess.name)}     # {guess.sureness.name.lower()}: {guess.why}"
        for guess in choice.hints
    ]
    if choice.source and not idle:
        lines.append(f"{choice.field}: {choice.source}")
    elif needed:
        lines.append(f"{choice.field}: {scalar(_blank(f'{BLANK}{choice.what}', sample))}")
    return lines


def _blank(text: str, sample: Sample) -> str:
    """A name that no column of the file has, so that a check stops at it."""
    names = {name.strip().casefold() for name in sample.header} | {column.name.casefold() for column in sample.columns}
    while text.casefold() in names:
        text += "?"
    return text


# --- rows that make one record


def _group(choices: Choices, order_id: Choice) -> Column | None:
    """The column whose neighbouring rows are one order, or may be one where each row has an id of its own."""
    if not order_id.columns:
        return None
    if neighbours(order_id.columns[0]):
        return order_id.columns[0]
    own = (order_id.columns[0].cells != "").all()
    others = [guess for guess in choices.sure("order_id") if guess.column not in order_id.columns]
    others = [guess for guess in others if not own or guess.tier in (0, 1)]
    return next((g.column for g in others if neighbours(g.column) and (g.column.cells != "").all()), None)


def _spread(group: Column | None, choices: Choices) -> str:
    """How an order's rows hold its likely amount: "once", in one of them; it "repeats"; or it "differs"."""
    amounts = [guess.column for guess in choices.of("amount") if guess.plain]
    if group is None or not amounts:
        return ""
    seen: dict[str, list[str]] = {}
    for key, text in zip(group.cells.tolist(), amounts[0].cells.tolist(), strict=True):
        if key:
            seen.setdefault(key, []).append(text)
    several = [[text for text in texts if text] for texts in seen.values() if len(texts) > 1]
    if any(len(set(texts)) > 1 for texts in several):
        return "differs"
    return "repeats" if any(len(texts) > 1 for texts in several) else "once"


def _own_id(group: Column | None, choices: Choices) -> Column | None:
    """An id that each row has for itself: then the rows of an order may be its payments, not its line items."""
    guessed = choices.of("order_id") if group else []
    columns = [guess.column for guess in guessed if guess.column is not group and guess.tier != NEVER]
    return next((c for c in columns if len(set(c.cells.tolist())) == len(c.cells) and (c.cells != "").all()), None)


def _money(choices: Choices, amount: Choice, spread: str) -> Column | None:
    """The column whose sums say what a condition leaves out; none where an order's rows repeat its amount."""
    if spread not in ("", "once"):
        return None
    guessed = [guess.column for guess in choices.of("amount") if guess.naming and guess.naming.tier != NEVER]
    return next(iter([*amount.columns, *guessed]), None)


def _grouping(group: Column | None, own: Column | None, spread: str, amount: Choice) -> list[str]:
    if group is None:
        return []
    repeats = f"{shown(group.name)} repeats in {neighbours(group):,} rows below one another"
    if own is not None:
        return [
            f"# needed: {repeats}, and each row has its own {shown(own.name)}. If the rows of an order are its line",
            "# items, group them, and this is the order_id; if each is a payment or an order of its own, that is.",
            f"# group_by: {scalar(group.name)}",
        ]
    lines = [f"# sure: {repeats}, so an order has several rows", f"group_by: {scalar(group.name)}"]
    if spread == "repeats":
        lines.append("# an order's amount is the same in all its rows, and is taken once")
    if spread == "differs":
        taken = scalar(amount.columns[0].name) if amount.columns else "COLUMN"
        lines += [
            "# needed: the amounts differ between the rows of an order. If each row has its own part of the total, add",
            "# them up; if the first row has it all, another column may be the line's. Look at an order with two rows.",
            f"# sum: [{taken}]",
        ]
    return lines


# --- the rest of the text


def _head(sample: Sample, name: str, about: str) -> str:
    looked = (
        f"Drafted by backfill init from {shown(about)}: {len(sample.columns):,} columns, {len(sample.numbers):,} rows."
    )
    description = scalar(f"Drafted from {about}" if about.isprintable() else "Drafted from an export")
    return "\n".join(
        [f"# {line}" for line in (looked, *_HEAD)] + ["mapping: 1", f"name: {name}", f"description: {description}", ""]
    )


def _block(key: str, lines: list[str], indent: int) -> str:
    return f"{key}\n" + "".join(f"{' ' * indent}{line}\n" for line in lines) if lines else ""


def _currency(choices: Choices, amount: Choice) -> list[str]:
    """Amounts of several currencies have no sum: say so where a column names the currencies."""
    for guess in choices.sure("currency")[:1] if amount.columns else ():
        codes = sorted({text.upper() for text in guess.column.filled.tolist()})
        if len(codes) > 1:
            return [f"# {shown(guess.name)} has {', '.join(codes[:8])}: amounts go out as they are, none is converted;"
                    " a condition in where keeps one of them"]  # fmt: skip
    return []


def _nulls(columns: list[Column]) -> list[str]:
    nulls = sorted({null for column in columns for null in column.nulls})
    return [f"empty: [{', '.join(map(_quoted, nulls))}]     # what means an empty cell"] if nulls else []


def _quoted(text: str) -> str:
    return "'" + text + "'"


def _optional(sample: Sample, live: list[Choice], where: Conditions) -> list[str]:
    """JSON lines leave out what is empty: the next file may lack such a path altogether."""
    if not sample.format.sparse:
        return []
    columns = [column for choice in live if choice.field in _SECONDARY for column in choice.columns] + where.columns
    names = dict.fromkeys(column.name for column in columns if (column.cells == "").any())
    return [f"optional: [{', '.join(map(scalar, names))}]     # empty in some rows"] if names else []


def _rows(sample: Sample) -> list[str]:
    """What to say of rows and columns that can't be read as they are."""
    lines = [f"# can't be named here: {shown(reason)}" for reason in sample.unnamed[:20]]
    before = DELIMITERS[: DELIMITERS.index(sample.delimiter)]
    if any(mark in name for mark in before for name in sample.header):  # else the reader finds it by itself
        lines.append(f"delimiter: {'tab' if sample.delimiter == chr(9) else _quoted(sample.delimiter)}")
    if sample.broken:
        lines.append(f"# {sample.broken:,} of the first rows can't be read and are rejected; if they are merely short:")
        lines.append("# short_rows: pad")
    return lines


def _used(live: list[Choice], where: Conditions, others: list[Column]) -> list[Column]:
    columns = (
        [column for choice in live for column in (*choice.columns, choice.clock, choice.zone) if column]
        + where.columns
        + others
    )
    return list({column.name: column for column in columns}.values())


def _unused(sample: Sample, used: list[Column]) -> str:
    names = {column.name for column in used}
    rest = [column.name for column in sample.columns if column.name not in names]
    if not rest:
        return ""
    more = f" and {len(rest) - MOST_UNUSED} more" if len(rest) > MOST_UNUSED else ""
    text = ", ".join(map(shown, rest[:MOST_UNUSED])) + more
    lines = textwrap.wrap(text, 110, break_long_words=False, break_on_hyphens=False)
    return f"# Columns of the file that are not used ({len(rest):,}):\n" + "".join(f"#   {line}\n" for line in lines)
