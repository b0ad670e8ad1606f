"""Records and a mapping to events, a frame at a time, column by column; a broken rule is noted and stops nothing."""

from collections import Counter
from dataclasses import dataclass, field, replace
from decimal import Decimal, localcontext

import numpy as np
import orjson
from numpy.typing import NDArray

from backfill.convert.cells import Flags, Texts, text_of
from backfill.convert.conditions import meets
from backfill.convert.keys import keys_of, nothing
from backfill.convert.terms import Terms
from backfill.event import Code, Problem
from backfill.fields import (
    EVENT_NAMES,
    FIELDS,
    Kind,
    Parsed,
    date_order_evidence,
    decimal_evidence,
    parse,
)
from backfill.mapping import Cell, EventTemplate, Mapping
from backfill.records import Records

CAPI_DAYS = 7  # Meta refuses website events older than this, and with them the whole request that holds one
IDENTITIES = ("email", "comet_token", "fingerprint", "ip", "tracking_id")
_MEASURED = {Kind.AMOUNT, Kind.NUMBER}
_TIMED = {Kind.TIME, Kind.DATE}


@dataclass(slots=True)
class Clues:
    """What a frame tells of how its columns are written. A label is a cell's first column; positions are records."""

    evidence: dict[tuple[str, str, str], int] = field(default_factory=dict)  # (setting, label, value) -> record
    readable: Counter[str] = field(default_factory=Counter)  # label -> cells read
    lacking: Counter[tuple[str, str]] = field(default_factory=Counter)  # (label, setting) -> cells that only lack it
    ids: Counter[str] = field(default_factory=Counter)  # label -> order ids
    float_ids: Counter[str] = field(default_factory=Counter)  # label -> order ids that end in .0


@dataclass(slots=True)
class Batch:
    """The events of a frame's records, as columns in the records' order. `body` is None where there are `problems`."""

    records: Records
    record: NDArray[np.int64]
    name: Texts
    key: Texts
    hashed: Flags
    time: Texts
    amount: Texts
    order_id: Texts
    identity: dict[str, Texts]
    body: Texts
    capi: Flags  # do_not_capi is false: the ad platforms get it
    problems: dict[int, list[Problem]]
    clues: Clues
    capi_held: int = 0
    dropped: Counter[str] = field(default_factory=Counter)

    def __len__(self) -> int:
        return len(self.record)

    @property
    def without_event(self) -> int:
        return len(self.records) - len(np.unique(self.record))

    def reject(self, event: int, problem: Problem) -> None:
        """Add a broken rule that only the whole input, or the ledger, could tell."""
        self.problems.setdefault(event, []).append(problem)
        self.body[event] = None


def label(cell: Cell) -> str:
    """The name under which a cell's way of writing is known."""
    return cell.names[0] if cell.names else "(constant)"


def convert(records: Records, mapping: Mapping, terms: Terms) -> Batch:
    """Make the events of the records, one for each template whose conditions a record meets."""
    clues = Clues()
    count = len(records)
    doubts: dict[int, list[Problem]] = {}
    wanted = meets(mapping.where, records, terms, doubts)
    drafts = []
    for template in mapping.events:
        own = {record: list(problems) for record, problems in doubts.items()}
        chosen = np.flatnonzero(wanted & meets(template.where, records, terms, own)) if count else np.empty(0, np.int64)
        drafts.append(_draft(template, chosen, own, records, mapping, terms, clues))
    return _in_order(drafts, records, clues)


@dataclass(slots=True)
class _Draft:
    """One template's events, before they are put in order with the others'."""

    record: NDArray[np.int64]
    columns: dict[str, Texts]
    problems: dict[int, list[Problem]]
    capi_held: int
    dropped: Counter[str]


def _draft(
    template: EventTemplate,
    chosen: NDArray[np.int64],
    doubts: dict[int, list[Problem]],
    records: Records,
    mapping: Mapping,
    terms: Terms,
    clues: Clues,
) -> _Draft:
    count = len(chosen)
    problems: dict[int, list[Problem]] = {}
    dropped: Counter[str] = Counter()
    cells = {name: texts[chosen] for name, texts in records.cells.items()}
    values = {
        name: _parsed(name, cell, records, cells, chosen, terms, clues, problems, dropped)
        for name, cell in template.fields.items()
    }
    kept = _wanted_times(values["event_time"], terms)
    values["event_name"] = _names(template.event_name, cells, count, problems)
    for at, record in enumerate(chosen.tolist()):
        if record in doubts:
            problems.setdefault(at, []).extend(doubts[record])
        if record in records.conflicts:
            problems.setdefault(at, []).append(
                Problem(Code.CONFLICTING_ROWS, str(mapping.source.group_by), records.conflicts[record])
            )
    texts = {name: text_of(cell, cells, count)[0] for name, cell in template.fields.items() if name in _REQUIRED_TEXTS}
    _require(template, values, texts, problems, dropped)
    keys, hashed = keys_of(template, mapping, values, cells, count)
    held = _hold_capi(values, terms, count)
    if template.send_key:
        values["idempotency_key"] = keys
    bodies = _bodies(values, problems, count)
    columns = {
        name: values.get(name, nothing(count))
        for name in ("event_name", "event_time", "amount", "order_id", *IDENTITIES)
    }
    reaches_ads = (values["do_not_capi"] == False).astype(object)  # noqa: E712 (element by element)
    columns |= {"key": keys, "hashed": hashed.astype(object), "body": bodies, "capi": reaches_ads}
    if not kept.all():
        places = np.flatnonzero(kept)
        moved = {old: new for new, old in enumerate(places.tolist())}
        problems = {moved[at]: found for at, found in problems.items() if at in moved}
        columns = {name: column[places] for name, column in columns.items()}
        chosen, held = chosen[places], held[places]
    return _Draft(chosen, columns, problems, int(held.sum()), dropped)


_REQUIRED_TEXTS = {"email", "comet_token", "fingerprint", "ip", "event_time", "order_id", "amount"}


def _parsed(
    name: str,
    cell: Cell,
    records: Records,
    cells: dict[str, Texts],
    chosen: NDArray[np.int64],
    terms: Terms,
    clues: Clues,
    problems: dict[int, list[Problem]],
    dropped: Counter[str],
) -> Texts:
    """One field's values as they are sent; what it tells of the column, and what is wrong with it, is noted."""
    kind, known_as = FIELDS[name], label(cell)
    reading = terms.of(known_as)
    if kind in _MEASURED | _TIMED and cell.value is None:
        _note_evidence(kind, known_as, text_of(replace(cell, default=None), records.cells, len(records))[0], clues)
    texts, defaulted = text_of(cell, cells, len(chosen))
    parsed = parse(name, texts, reading)
    _note_lacks(known_as, parsed, clues)
    if name == "order_id" and cell.value is None:
        ids = [text for text in texts.tolist() if text]
        clues.ids[known_as] += len(ids)
        clues.float_ids[known_as] += sum(text.endswith(".0") and text[:-2].isdigit() for text in ids)
    if cell.on_invalid == "omit":
        dropped[name] += len(parsed.problems)
    else:
        for at, problem in parsed.problems.items():
            problems.setdefault(at, []).append(problem)
    if cell.scale is not None:
        return _scaled(parsed.values, cell.scale, defaulted)
    return parsed.values


def _note_evidence(kind: Kind, known_as: str, texts: Texts, clues: Clues) -> None:
    if kind in _TIMED:
        for order, at in date_order_evidence(texts).items():
            clues.evidence.setdefault(("date_order", known_as, order), at)
    else:
        for mark, first in zip((",", "."), decimal_evidence(texts), strict=True):
            if first is not None:
                clues.evidence.setdefault(("decimal", known_as, mark), first)


def _note_lacks(known_as: str, parsed: Parsed, clues: Clues) -> None:
    clues.readable[known_as] += int((parsed.values != None).sum())  # noqa: E711 (element by element)
    for setting, positions in parsed.needs.items():
        clues.lacking[known_as, setting] += len(positions)


def _scaled(values: Texts, scale: Decimal, defaulted: Flags) -> Texts:
    made = values.copy()
    with localcontext(prec=80):
        for at in np.flatnonzero((values != None) & ~defaulted):  # noqa: E711
            product = Decimal(values[at]) * scale
            made[at] = product if isinstance(values[at], Decimal) else format(product, "f")
    return made


def _names(cell: Cell, cells: dict[str, Texts], count: int, problems: dict[int, list[Problem]]) -> Texts:
    names, _ = text_of(cell, cells, count)
    if cell.value is not None:
        return names
    made = names.copy()
    for at in np.flatnonzero(~np.isin(names, list(EVENT_NAMES))):
        problems.setdefault(int(at), []).append(
            Problem(Code.INVALID_EVENT_NAME, "event_name", "not an event name the API takes")
        )
        made[at] = None
    return made


def _wanted_times(times: Texts, terms: Terms) -> Flags:
    """Events from `since` on and before `until`; one whose time is not known stays, to be rejected."""
    if terms.since is None and terms.until is None:
        return np.ones(len(times), bool)
    first, end = terms.since or "", terms.until or "~"
    return np.array([time is None or first <= time < end for time in times], bool)


def _require(
    template: EventTemplate,
    values: dict[str, Texts],
    texts: dict[str, Texts],
    problems: dict[int, list[Problem]],
    dropped: Counter[str],
) -> None:
    """An identity, a time, and what a purchase needs. A cell that is there but broken has its own problem already."""
    count = len(values["event_time"])

    def lacks(name: str) -> Flags:
        return texts[name] == "" if name in texts else np.ones(count, bool)

    def missing(where: Flags, code: Code, name: str, reason: str) -> None:
        for at in np.flatnonzero(where):
            problems.setdefault(int(at), []).append(Problem(code, name, reason))

    other = ~lacks("email") | ~lacks("comet_token")
    pair = ~lacks("fingerprint") & ~lacks("ip")
    missing(~other & ~pair, Code.MISSING_IDENTITY, "email", "no email, comet_token, or fingerprint with ip")
    for name, partner in (("ip", "fingerprint"), ("fingerprint", "ip")):
        if name in values:
            alone = ~lacks(name) & lacks(partner) & other
            dropped[name] += int(alone.sum())
            values[name][alone] = None
            for at in np.flatnonzero(alone).tolist():
                _forgive(problems, at, name)
    missing(lacks("event_time"), Code.MISSING_TIME, "event_time", "no time")
    purchase = values["event_name"] == "purchase"
    needs_id = purchase if template.send_key else np.ones(count, bool)
    missing(needs_id & lacks("order_id"), Code.MISSING_ORDER_ID, "order_id", "no order id")
    if "amount" in template.fields:
        missing(purchase & lacks("amount"), Code.MISSING_AMOUNT, "amount", "no amount")


def _forgive(problems: dict[int, list[Problem]], at: int, name: str) -> None:
    """Drop what is wrong with a field that is left out anyway."""
    kept = [problem for problem in problems.pop(at, []) if problem.field != name]
    if kept:
        problems[at] = kept


def _hold_capi(values: dict[str, Texts], terms: Terms, count: int) -> Flags:
    """Set do_not_capi: true unless the mapping says false, and true even so on what ad platforms refuse as too old."""
    stated = values.get("do_not_capi", nothing(count))
    open_ = stated == False  # noqa: E712 (element by element)
    old = np.array([time is not None and time < terms.capi_cutoff for time in values["event_time"]], bool)
    values["do_not_capi"] = np.where(open_ & ~old, False, True).astype(object)
    held: Flags = open_ & old
    return held


def _bodies(values: dict[str, Texts], problems: dict[int, list[Problem]], count: int) -> Texts:
    """The request bodies, empty fields left out; None where an event has a problem."""
    columns = {"event_name": values["event_name"]} | {
        n: c for n, c in values.items() if n not in ("event_name", "amount")
    }
    lists = [column.tolist() for column in columns.values()]
    names = list(columns)
    if "amount" in values:
        names.append("amount")
        lists.append([None if v is None else orjson.Fragment(format(v, "f")) for v in values["amount"].tolist()])
    bodies = nothing(count)
    for at, row in enumerate(zip(*lists, strict=True)):
        if at not in problems:
            bodies[at] = orjson.dumps(
                {name: value for name, value in zip(names, row, strict=True) if value is not None}
            )
    return bodies


def _in_order(drafts: list[_Draft], records: Records, clues: Clues) -> Batch:
    """Put the templates' events together, in the order of their records."""
    record = np.concatenate([draft.record for draft in drafts])
    order = np.argsort(record, kind="stable")
    columns = {name: np.concatenate([draft.columns[name] for draft in drafts])[order] for name in drafts[0].columns}
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    problems: dict[int, list[Problem]] = {}
    offset = 0
    for draft in drafts:
        problems |= {int(place[offset + at]): found for at, found in draft.problems.items()}
        offset += len(draft.record)
    return Batch(
        records,
        record[order],
        name=columns["event_name"],
        key=columns["key"],
        hashed=columns["hashed"].astype(bool),
        time=columns["event_time"],
        amount=columns["amount"],
        order_id=columns["order_id"],
        identity={name: columns[name] for name in IDENTITIES},
        body=columns["body"],
        capi=columns["capi"].astype(bool),
        problems=problems,
        clues=clues,
        capi_held=sum(draft.capi_held for draft in drafts),
        dropped=sum((draft.dropped for draft in drafts), Counter()),
    )
