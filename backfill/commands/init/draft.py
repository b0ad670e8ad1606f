"""A draft: the mapping that a sample's columns and values suggest, with a comment for each guess, as YAML text."""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace

from backfill.commands.init import money, needed
from backfill.commands.init.choice import MOST_NOTES, Choice, Choices
from backfill.commands.init.clauses import Conditions
from backfill.commands.init.conditions import conditions, with_address
from backfill.commands.init.event_name import happening_of, won
from backfill.commands.init.given_back import losses, may_be_spent, refunds, spent
from backfill.commands.init.grouping import Grouping, grouping_of, leader, transactions
from backfill.commands.init.happening import Happening
from backfill.commands.init.marks import newest
from backfill.commands.init.mixed import address_among
from backfill.commands.init.people import order_name, people
from backfill.commands.init.phrases import NEVER
from backfill.commands.init.sample import Column, Sample
from backfill.commands.init.settings import Settings, joined, settings
from backfill.errors import counted
from backfill.fields import EVENT_NAMES
from backfill.files.csv_head import DELIMITERS
from backfill.mapping.draft import Candidate, Draft, Finding, Question
from backfill.mapping.model import BLANK
from backfill.mapping.yaml_text import scalar, shown

MOST_UNUSED = 300
_HEAD = (
    "sure: name and values agree, and the line is in force. likely, maybe: a comment until you take its # off.",
    "Where nothing was sure it says FILL IN: backfill check stops there and says so.",
)
_OPEN_EVENT = "event_name: what a row means"
_OPEN_ROWS = "source.group_by: whether several rows are one order"
_OPEN_SUM = "source.sum: how an order's amounts make its total"
_SECONDARY = ("order_name", "first_name", "last_name", "full_name", "phone", "url", "user_agent")


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What was chosen for each field, and which rows are one order."""

    happening: Happening
    rows: Grouping
    order_id: Choice
    amount: Choice
    email: Choice
    time: Choice
    others: list[Choice]

    @property
    def fields(self) -> list[Choice]:
        """Every field, in the order that they are written in."""
        name, *people = self.others
        paid = [self.amount] if self.happening.pays else []
        return [self.order_id, name, self.email, *people, *paid, self.time]

    @property
    def needed(self) -> tuple[Choice, ...]:
        lead = (self.email, self.time)
        return (self.order_id, self.email, self.amount, self.time) if self.happening.buys else lead

    @property
    def heading(self) -> list[Column]:
        """The columns that say what a row is, and which rows belong together."""
        group = self.rows.column if self.rows.sure else None
        return [column for column in (self.happening.column, group) if column]


def draft(sample: Sample, name: str, about: str, close: str = "") -> Draft:
    """Write a mapping called `name` for a sample of the file that `about` names; `close` says what preset it is not."""
    choices = Choices(sample)
    chosen = _chosen(choices)
    happening, amount, time = chosen.happening, chosen.amount, chosen.time
    where = _where(choices, chosen)
    times = [joined(time.columns[0], time.clock)] if time.clock else list(time.columns)
    written = settings(sample, times, list(amount.columns), frozenset({"timezone"} if time.zone else ()))
    live = [choice for choice in chosen.fields if choice.source]
    columns = _used(live, where, chosen.heading)
    source = [*chosen.rows.lines(amount), *written.lines, *_nulls(columns), *_optional(sample, live, where)]
    blocks = [
        _head(sample, name, about, close),
        _block("source:", _currency(choices, amount) + source + _rows(sample)),
        _block("where:", where.lines),
        "events:\n" + _event(chosen, sample),
        _unused(sample, columns),
    ]
    event = happening.name or " and ".join(dict.fromkeys(happening.names.values())) or "an event to choose"
    fields = (question_of(choice, sample) for choice in chosen.needed if not choice.source)
    questions = (*_of_event(chosen, sample), *fields, *written.questions, *where.questions, *_of_rows(chosen))
    text = "\n".join(block for block in blocks if block)
    said = (choice for choice in chosen.fields if choice.source or choice.hints or choice in chosen.needed)
    found = tuple(_finding(choices, choice) for choice in said)
    return Draft(text, event, _asks(chosen, where, written), questions=questions, fields=found, close=close)


def _finding(choices: Choices, choice: Choice) -> Finding:
    names = tuple(column.name for column in choice.reads) if choice.source else ()
    others = (guess for guess in choices.of(choice.field) if guess.name not in names)
    rivals = tuple(Candidate(guess.name, guess.sureness.name.lower(), guess.why) for guess in others)
    return Finding(choice.field, names, tuple(choice.notes), rivals[:MOST_NOTES])


def _chosen(choices: Choices) -> _Chosen:
    sample = choices.sample
    happening = happening_of(choices)
    bought = newest(happening.paid(sample))
    paid = choices if bought is sample else Choices(bought)
    led, count = leader(bought)
    order_id = needed.order_id(paid, _tiers(happening), led, transactions(sample))
    rows = grouping_of(paid, order_id, led, count) if happening.pays or led else Grouping()  # a person has no items
    if rows.column is not None and led is None and not happening.sure:  # guests of one booking, or items of an order
        rows = replace(rows, sure=False)
    if rows.own is not None:
        order_id = needed.open_order_id(paid, rows.own) if rows.column else needed.own_order_id(paid, rows.own)
    elif rows.column is not None and not rows.sure and order_id.columns:
        order_id = paid.open("order_id", "the order's id", [])
    order_id = _in(sample, order_id)
    part = rows.part if rows.sure else None
    amount = _in(sample, money.amount(paid, rows.spread in ("repeats", "differs"), led, part, rows.column))
    rows, led = rows.within(sample), led and sample.column(led.name)
    taken = {column.name for column in amount.columns}
    if not happening.sure and any(guess.tier for guess in paid.of("amount") if guess.name in taken):
        amount = paid.open("amount", "what was paid", [])  # of a person it may be all that they ever paid
    mixed = address_among(choices)
    email = mixed or needed.email(choices) if rows.sure or happening.sure else needed.one_email(choices)
    deals = won(sample)
    closed = needed.closing(choices, Choices(deals)) if happening.buys and deals.numbers else None
    time = needed.event_time(choices, _times(choices, happening, order_id), closed)
    used = [column for choice in (order_id, email, amount, time) for column in choice.reads]
    if not order_id.source:  # what may be the id is no name
        used += [guess.column for guess in choices.of("order_id") if guess.plain]
    used += [happening.column] if happening.column else []
    others = [order_name(choices, used, led, rows.column is not None, happening.name), *people(choices, email)]
    return _Chosen(happening, rows, order_id, amount, email, time, others)


def _tiers(happening: Happening) -> tuple[int, ...]:
    """The kinds of id that suit the event: a person's is none of an order, nor is an event's that a column names."""
    if not happening.pays:
        return (3, 5, 4) if happening.name == "schedule" else (3, 5)
    return (0, 1, 2, 4) if happening.column else (0, 1, 2, 3, 4)


def _times(choices: Choices, happening: Happening, order_id: Choice) -> tuple[int, ...]:
    """The kinds of time that suit the event, the best first."""
    if not happening.pays:
        return (2, 1, 0, 3) if happening.name == "lead_generated" else (2, 1, 0)
    if not happening.buys:
        return (0, 1, 2)
    return (0, 1, 3, 2) if needed.completed(choices, order_id) else (0, 1, 2, 3)


def _in(sample: Sample, choice: Choice) -> Choice:
    """A choice made of some of the rows, as one of the whole sample."""
    columns, helping = ([sample.column(c.name) for c in found] for found in (choice.columns, choice.helping))
    return replace(choice, columns=tuple(filter(None, columns)), helping=tuple(filter(None, helping)))


def _where(choices: Choices, chosen: _Chosen) -> Conditions:
    read = [column for choice in chosen.fields for column in choice.reads]
    pays, group = chosen.happening.pays, chosen.rows.column if chosen.rows.sure else None
    sums = _money(choices, chosen.amount, chosen.rows.spread)
    rival = not {*chosen.happening.likely} <= {"purchase", "lead_generated"}
    where = Conditions(sums if pays else None, chosen.happening.sure, rival, bool(chosen.amount.source))
    with_address(where, chosen.email, group, needed.other_addresses(choices, chosen.email))
    if chosen.happening.kept and chosen.happening.column:
        where.say("sure: the others are no purchases")
        where.take(chosen.happening.column, chosen.happening.kept)
    conditions(where, choices.sample, pays, [*read, *chosen.heading], group, chosen.happening.name == "schedule")
    if pays:
        spent(where, choices.sample, chosen.amount)
        may_be_spent(where, choices.sample, chosen.amount)
    if pays and group is None:
        losses(where, chosen.amount)
        refunds(where, choices.sample, chosen.amount)
    return where


def _asks(chosen: _Chosen, where: Conditions, written: Settings) -> tuple[str, ...]:
    rows = chosen.rows
    return (
        *([] if chosen.happening.sure else [_OPEN_EVENT]),
        *(ask_of(choice) for choice in chosen.needed if not choice.source),
        *where.asks,
        *written.asks,
        *([] if rows.sure else [_OPEN_ROWS]),
        *([_OPEN_SUM] if rows.spread == "differs" and rows.sure and rows.part is None else []),
    )


# --- the event


def _event(chosen: _Chosen, sample: Sample) -> str:
    lines = chosen.happening.lines(_blank_event(sample))
    lines.append("  fields:")
    for choice in chosen.fields:
        lines += [f"    {line}" for line in _lines(choice, choice in chosen.needed, sample)]
    if not chosen.happening.pays and not chosen.order_id.source:
        lines.append("  # no column has an id for each of them: the same address at the same time counts once")
    return "".join(f"  {line}\n" for line in lines)


def _lines(choice: Choice, needed: bool, sample: Sample) -> list[str]:
    """A field with the comments above it. Where nothing is sure a needed one is filled with what is no column."""
    lines = [f"# {note}" for note in choice.notes] if choice.source or needed or choice.hints else []
    lines += [
        f"# {choice.field}: {scalar(guess.name)}     # {guess.sureness.name.lower()}: {guess.why}"
        for guess in choice.hints
    ]
    if choice.source:
        lines.append(f"{choice.field}: {choice.source}")
    elif needed:
        lines.append(f"{choice.field}: {waiting(choice, sample)}")
    return lines


def waiting(choice: Choice, sample: Sample) -> str:
    """What is written where a field is left to a person."""
    return scalar(sample.absent(f"{BLANK}{choice.what}"))


def question_of(choice: Choice, sample: Sample) -> Question:
    """Which of the candidates a field is, each with its reason."""
    names = tuple(guess.name for guess in choice.hints)
    lines = [f"{number:>3}  {shown(guess.name)}: {guess.why}" for number, guess in enumerate(choice.hints, 1)]
    line = f"{choice.field}: {waiting(choice, sample)}"
    text = f"Which is {choice.what}?"
    return Question(
        text, "its number", choice.field, line, ask_of(choice), names, tuple(lines), columns=True, paged=not names,
        reasons=tuple(guess.why for guess in choice.hints),
    )  # fmt: skip


def _of_event(chosen: _Chosen, sample: Sample) -> Iterator[Question]:
    """Which event a row is, where that is open."""
    happening = chosen.happening
    line = happening.lines(_blank_event(sample))[-1]
    if BLANK not in line:
        return
    likely = happening.hints
    names = [name for name in sorted(EVENT_NAMES) if name not in dict(likely)]
    yield Question(
        "What is a row of this file?", "an event's name", "- event_name", line, _OPEN_EVENT, paged=True,
        choices=(*(name for name, _ in likely), *names), reasons=tuple(why for _, why in likely),
    )  # fmt: skip


def _of_rows(chosen: _Chosen) -> Iterator[Question]:
    """Which rows are one order, and how their amounts make its total, where that is open."""
    rows, amount = chosen.rows, chosen.amount
    if rows.column is not None and not rows.sure:
        name = rows.column.name
        yield Question(
            f"Are the rows with the same {shown(name)} the line items of one order?", "yes or no", "group_by",
            "# group_by: ", _OPEN_ROWS, (name,), columns=True, paged=True, unless="each row is an order of its own",
        )  # fmt: skip
    if any(line.startswith("# sum: ") for line in rows.lines(amount)) and rows.part is None:
        yield Question(
            "How do the amounts of an order's rows make its total?", "a column", "sum", "# sum: ", _OPEN_SUM,
            tuple(column.name for column in amount.columns), columns=True, paged=True,
            unless="the first row that has an amount has all of it",
        )  # fmt: skip


def _blank_event(sample: Sample) -> str:
    return scalar(sample.absent(f"{BLANK}the event's name, as a constant"))


def ask_of(choice: Choice) -> str:
    return f"{choice.field}: {choice.what}"


def _money(choices: Choices, amount: Choice, spread: str) -> Column | None:
    """The column whose sums say what a condition leaves out; none where an order's rows repeat its amount."""
    if spread not in ("", "once"):
        return None
    if amount.minor:
        return money.in_whole_units(amount.columns[0], amount.helping)
    guessed = [guess.column for guess in choices.of("amount") if guess.naming and guess.naming.tier != NEVER]
    return next(iter([*amount.columns, *guessed]), None)


# --- the rest of the text


def _head(sample: Sample, name: str, about: str, close: str) -> str:
    columns, rows = counted(len(sample.columns), "column"), counted(len(sample.numbers), "row")
    looked = f"Drafted by backfill init from {shown(about)}: {columns}, {rows}."
    description = scalar(f"Drafted from {about}" if about.isprintable() else "Drafted from an export")
    return "\n".join(
        [f"# {line}" for line in (looked, *([close] if close else []), *_HEAD)]
        + ["mapping: 1", f"name: {name}", f"description: {description}", ""]
    )


def _block(key: str, lines: list[str]) -> str:
    return f"{key}\n" + "".join(f"  {line}\n" for line in lines) if lines else ""


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
    ambiguous = any(mark in name for mark in before for name in sample.header)
    if ambiguous and sample.format.delimited:  # else the reader finds it by itself
        lines.append(f"delimiter: {'tab' if sample.delimiter == chr(9) else _quoted(sample.delimiter)}")
    if sample.broken:
        lines.append(
            f"# of the first rows {counted(sample.broken, 'is', 'are')} rejected: unreadable; if they are merely short:"
        )
        lines.append("# short_rows: pad")
    return lines


def _used(live: list[Choice], where: Conditions, others: list[Column]) -> list[Column]:
    columns = [column for choice in live for column in choice.reads] + where.columns + others
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
