"""Records and a mapping to events, a frame at a time, column by column; a broken rule is noted and stops nothing."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from backfill.convert.bodies import Bodies
from backfill.convert.cells import Blanks, Flags, Texts, text_of
from backfill.convert.clues import MEASURED, TIMED, Clues
from backfill.convert.conditions import meets, weigh_condition
from backfill.convert.held import RESTORED, Held, Holding
from backfill.convert.keys import keys_of, nothing, recipe_fields
from backfill.convert.steps import in_major_units, parse_by_zone, scaled
from backfill.convert.terms import Terms
from backfill.event import Code, Problem
from backfill.fields import EVENT_NAMES, FIELDS, Kind, Parsed, parse
from backfill.fields.mend import CUT_PHONES, NOTHINGS
from backfill.mapping import Cell, EventTemplate, Mapping
from backfill.records import Records
from backfill.spreadsheet import made_by_spreadsheet

CAPI_DAYS = 7  # Meta refuses website events older than this, and with them the whole request that holds one
_COLUMNS = ("record", "name", "key", "hashed", "time", "amount", "order_id", "capi")
# Where a word for nothing is an error, and where it could be sent: elsewhere it can't be read, and is met as a problem.
_SAY_NOTHING = {Kind.ORDER_ID, Kind.AMOUNT, Kind.EVENT_NAME}
_TAKE_ALL = {Kind.TEXT, Kind.PROFILE_TEXT, Kind.NAME, Kind.PHONE}
IDENTITIES = ("email", "comet_token", "fingerprint", "ip", "tracking_id")


@dataclass(slots=True)
class Batch:
    """The events of a frame's records, as columns in the records' order."""

    records: Records
    record: NDArray[np.int64]
    name: Texts
    key: Texts
    hashed: Flags
    time: Texts
    amount: Texts
    order_id: Texts
    identity: dict[str, Texts]
    body: Bodies
    capi: Flags  # do_not_capi is false: the ad platforms get it
    problems: dict[int, list[Problem]]
    clues: Clues
    old_keys: dict[int, str] = field(default_factory=dict)  # event -> the key that it had in a reject file
    capi_held: int = 0
    dropped: Counter[str] = field(default_factory=Counter)

    def __len__(self) -> int:
        return len(self.record)

    @property
    def without_event(self) -> int:
        return len(self.records) - int((np.diff(self.record, prepend=-1) != 0).sum())

    def reject(self, event: int, problem: Problem) -> None:
        """Add a broken rule that only the whole input, or the ledger, could tell."""
        self.problems.setdefault(event, []).append(problem)

    def only(self, wanted: Flags) -> "Batch":
        """The batch without its other events."""
        moved = {old: new for new, old in enumerate(np.flatnonzero(wanted).tolist())}
        return replace(
            self,
            **{name: getattr(self, name)[wanted] for name in _COLUMNS},
            identity={name: values[wanted] for name, values in self.identity.items()},
            body=replace(self.body, table=self.body.table[wanted], row=self.body.row[wanted]),
            problems={moved[at]: found for at, found in self.problems.items() if at in moved},
        )

    def rekey(self, event: int, key: str) -> None:
        """Let an event go out under another key."""
        self.key[event] = key
        self.body.rekey(event, key)

    @property
    def ranks(self) -> NDArray[np.uint64]:
        """Where each event stands in the input: at its record's first row, however far apart the others lie."""
        first, nth = self.records.firsts[self.record], np.arange(len(self)) - np.searchsorted(self.record, self.record)
        rows = self.records.rows
        ranks: NDArray[np.int64] = rows.parts[first] << 44 | rows.numbers[first] << 10 | np.minimum(nth, 1023)
        return ranks.astype(np.uint64)

    @property
    def sound(self) -> Flags:
        """Which events broke no rule."""
        sound = np.ones(len(self), bool)
        sound[list(self.problems)] = False
        return sound


def label(cell: Cell) -> str:
    """The name under which a cell's way of writing is known."""
    return cell.names[0] if cell.names else "(constant)"


def convert(records: Records, mapping: Mapping, terms: Terms) -> Batch:
    """Make the events of the records, one for each template whose conditions a record meets."""
    clues = Clues()
    drafts = []
    held, chosen = Held.of(records), _met(records, mapping, terms, clues)
    held.choose(chosen, mapping, records)
    for template, (met, doubts) in zip(mapping.events, chosen, strict=True):
        draft = _Draft(template, records, np.flatnonzero(met), terms, clues, held)
        _make(draft, doubts, mapping)
        drafts.append(draft)
    return _in_order(drafts, records, clues)


def _met(
    records: Records, mapping: Mapping, terms: Terms, clues: Clues
) -> list[tuple[Flags, dict[int, list[Problem]]]]:
    """For each template, which records meet all its conditions, and what can't be judged of them.

    A record whose rows conflict is to be rejected, whatever the conditions say: it gives the events that it may be
    meant for, and where it is meant for none, all.
    """
    doubts: dict[int, list[Problem]] = {}
    wanted = meets(mapping.where, records, terms, doubts, clues) & ~records.blank
    found = []
    for template in mapping.events:
        own = {record: list(problems) for record, problems in doubts.items()}
        found.append((meets(template.where, records, terms, own, clues), own))
    if not records.conflicts:
        return [(met & wanted, own) for met, own in found]
    conflicting = records.among(records.conflicts)
    columns = [mapping.sources_of(condition.column for condition in template.where) for template in mapping.events]
    likely = [met | records.unsure(names) for (met, _), names in zip(found, columns, strict=True)]
    none = ~np.logical_or.reduce(likely)
    return [
        (np.where(conflicting, open_ | none, met & wanted), own)
        for (met, own), open_ in zip(found, likely, strict=True)
    ]


@dataclass(slots=True)
class _Draft:
    """One template's events, before they are put in order with the others'; positions are events."""

    template: EventTemplate
    records: Records
    record: NDArray[np.int64]  # the record of each event
    terms: Terms
    clues: Clues
    held: Held
    old_keys: dict[int, str] = field(default_factory=dict)  # event -> the key that it had in a reject file
    values: dict[str, Texts] = field(default_factory=dict)  # field -> as it is sent
    unread: dict[str, list[int]] = field(default_factory=dict)  # field -> cells that are there and can't be sent
    empty: dict[str, Flags] = field(default_factory=dict)  # field -> cells that are not there
    problems: dict[int, list[Problem]] = field(default_factory=dict)
    dropped: Counter[str] = field(default_factory=Counter)
    columns: dict[str, Texts] = field(default_factory=dict)
    body: dict[str, Texts] = field(default_factory=dict)  # the columns that are sent, in their order
    capi_held: int = 0

    def __len__(self) -> int:
        return len(self.record)

    @property
    def parts(self) -> NDArray[np.int64]:
        return self.records.parts[self.record]

    def blame(self, places: Iterable[int], problem: Problem) -> None:
        for at in places:
            self.problems.setdefault(int(at), []).append(problem)

    def keep(self, wanted: Flags) -> None:
        """Forget the other events."""
        moved = {old: new for new, old in enumerate(np.flatnonzero(wanted).tolist())}
        self.record = self.record[wanted]
        self.values = {name: values[wanted] for name, values in self.values.items()}
        self.empty = {name: empty[wanted] for name, empty in self.empty.items()}
        self.unread = {name: [moved[at] for at in places if at in moved] for name, places in self.unread.items()}
        self.problems = {moved[at]: found for at, found in self.problems.items() if at in moved}

    def value(self, name: str) -> Texts:
        return self.values.get(name, nothing(len(self)))

    def lacks(self, name: str) -> Flags:
        """Where a field has no value; a cell that breaks a rule has its own problem and is not lacking."""
        if name not in self.empty:
            return np.ones(len(self), bool)
        lacking = self.empty[name].copy()
        if self.template.fields[name].on_invalid == "omit":
            lacking[self.unread[name]] = True
        return lacking


def _make(draft: _Draft, doubts: dict[int, list[Problem]], mapping: Mapping) -> None:
    template, terms = draft.template, draft.terms
    _read(draft, "event_time")
    if terms.since is not None or terms.until is not None:
        unsure = draft.records.unsure(mapping.sources_of(template.fields["event_time"].names))[draft.record]
        draft.keep(_wanted_times(draft.values["event_time"], terms) | unsure)
    for name in template.fields:
        if name != "event_time":
            _read(draft, name)
    cells = {name: draft.records.cells[name][draft.record] for name in _named(template)}
    draft.values["event_name"] = _names(draft, cells)
    for at, record in enumerate(draft.record.tolist() if doubts else ()):
        if record in doubts:
            draft.problems.setdefault(at, []).extend(doubts[record])
    _require(draft)
    apart = draft.records.unsummable | draft.records.conflicts
    for at, record in enumerate(draft.record.tolist() if apart else ()):
        if record in apart:  # what else is wrong depends on which of its rows comes first
            draft.problems[at] = [apart[record]]
    keys, hashed = keys_of(template, mapping, draft.values, cells, len(draft))
    _unmake(draft, keys, hashed)
    if draft.held.keys:
        _hold(draft, mapping, keys)
    _hold_capi(draft)
    if template.send_key:
        draft.values["idempotency_key"] = keys
    first = ("event_name", *template.fields, *draft.values)
    draft.body = {
        name: draft.values[name]
        for name in (*(name for name in first if name != "amount"), "amount")
        if name in draft.values
    }
    names = ("event_name", "event_time", "amount", "order_id", *IDENTITIES)
    draft.columns = {name: draft.value(name) for name in names} | {
        "key": keys,
        "hashed": hashed.astype(object),
        "capi": (draft.values["do_not_capi"] == False).astype(object),  # noqa: E712 (element by element)
    }


def _unmake(draft: _Draft, keys: Texts, hashed: Flags) -> None:
    """Take away keys that were made without what they should be made of, as it is there and can't be read."""
    for name in recipe_fields(draft.template, hashed=True):
        if draft.unread.get(name) and draft.template.fields[name].on_invalid != "omit":
            wrong = np.zeros(len(draft), bool)
            wrong[draft.unread[name]] = True
            keys[wrong & (hashed | (name == "order_id"))] = None
    if draft.template.idempotency_key is None and hashed.any():
        keys[(draft.values["event_name"] == "purchase") & draft.lacks("order_id")] = None
    hashed[keys == None] = False  # noqa: E711 (element by element)


def _hold(draft: _Draft, mapping: Mapping, keys: Texts) -> None:
    """Give events of a reject file the keys that they had, where a spreadsheet changed them; a person's is refused."""
    template, cell = draft.template, draft.template.fields.get("order_id")
    ids = nothing(len(draft))
    if cell is not None:
        columns = {name: draft.records.cells[name][draft.record] for name in cell.names}
        ids = text_of(cell, columns, len(draft))[0]
    holding = Holding(draft.held, template, mapping.source.namespace, keys, draft.values["event_name"], ids)
    for at, old, order_id in holding.differing(draft.record.tolist()):
        draft.old_keys[at] = old
        if order_id is not None and cell is not None:
            draft.values["order_id"][at], keys[at] = order_id, old
            draft.problems[at] = [one for one in draft.problems.get(at, []) if one.field != "order_id"]
            draft.clues.damage.setdefault((label(cell), RESTORED), set()).add(int(draft.record[at]))
        elif keys[at] is not None and made_by_spreadsheet(old, keys[at]):
            keys[at] = old
            draft.clues.damage.setdefault(("_key", RESTORED), set()).add(int(draft.record[at]))
        elif keys[at] is not None:
            reason = f"makes the key {keys[at]}, and had {old}: undo the change, or empty _key if it is another event"
            draft.blame([at], Problem(Code.KEY_CHANGED, "", reason))
        if not draft.problems.get(at, True):
            del draft.problems[at]


def _named(template: EventTemplate) -> set[str]:
    """The columns that an event's name and key are made of, beside its fields."""
    cells = [template.event_name, template.idempotency_key, *(template.key or ())]
    return {name for cell in cells if isinstance(cell, Cell) for name in cell.names}


def _read(draft: _Draft, name: str) -> None:
    """Read one field; what it tells of its column, and what is wrong with it, is noted."""
    cell, kind, clues = draft.template.fields[name], FIELDS[name], draft.clues
    known_as = label(cell)
    texts, defaulted = _texts_of(draft, cell, kind, Blanks() if kind in _TAKE_ALL else None)
    if name == "order_id" and not (cell.extract or cell.strip or cell.map):
        texts = clues.ungroup(known_as, texts, draft.record)
    parsed = _parsed(draft, name, texts)
    if kind not in _SAY_NOTHING and any(texts[at] in NOTHINGS for at in parsed.problems):
        texts, defaulted = _texts_of(draft, cell, kind, Blanks())
        parsed = _parsed(draft, name, texts)
    draft.empty[name] = texts == ""
    read = parsed.read(draft.empty[name])
    clues.count(known_as, parsed, read)
    clues.note(known_as, parsed.mended, draft.record)
    clues.look(kind, known_as, texts, read, draft.record)
    clues.fit(kind, known_as, texts, read, draft.parts)
    if cell.minor_units is not None:
        currencies = draft.records.cells[cell.minor_units][draft.record]
        in_major_units(name, parsed, currencies, defaulted)
        known = np.flatnonzero(parsed.read(draft.empty[name]) & ~defaulted)
        signs = np.array([currency.upper() for currency in currencies[known].tolist()], dtype=object)
        clues.bear(known_as, signs, draft.record[known])
    if name == "order_id" and cell.value is None and not (cell.extract or cell.strip):
        clues.count_ids(known_as, texts)
    draft.unread[name] = list(parsed.problems)
    if cut := parsed.mended.get(CUT_PHONES):
        draft.dropped[name] += len(cut)
    if cell.on_invalid == "omit":
        draft.dropped[name] += len(parsed.problems)
    else:
        for at, problem in parsed.problems.items():
            draft.blame([at], problem)
    draft.values[name] = parsed.values if cell.scale is None else scaled(parsed.values, cell.scale, defaulted)


def _parsed(draft: _Draft, name: str, texts: Texts) -> Parsed:
    zones = draft.template.fields[name].timezone_column
    if zones is None:
        return parse(name, texts, draft.terms.reading)
    return parse_by_zone(name, texts, draft.records.cells[zones][draft.record], draft.terms.reading)


def _texts_of(draft: _Draft, cell: Cell, kind: Kind, blanks: Blanks | None) -> tuple[Texts, Flags]:
    """A cell's text for each event, and where its default stands in; all records tell how it is written."""
    records = draft.records
    if kind not in MEASURED | TIMED or cell.value is not None:
        cells = {name: records.cells[name][draft.record] for name in cell.names}
        made = text_of(cell, cells, len(draft), blanks)
        draft.clues.blank(label(cell), blanks, draft.record)
        return made
    every = _weighed(cell, kind, records, draft.terms, draft.clues, blanks)
    texts = every[draft.record]
    if cell.default is None:
        return texts, np.zeros(len(draft), bool)
    absent: Flags = texts == ""
    return np.where(absent, cell.default, texts), absent


def weigh(records: Records, mapping: Mapping, terms: Terms) -> Clues:
    """What all records tell of how the input is written; those of lookups are not there yet, and tell nothing."""
    clues = Clues()
    for template in mapping.events:
        for name, cell in template.fields.items():
            if FIELDS[name] in MEASURED | TIMED and cell.value is None and records.cells.keys() >= set(cell.names):
                _weighed(cell, FIELDS[name], records, terms, clues)
    for condition in (*mapping.where, *(condition for template in mapping.events for condition in template.where)):
        if condition.column in records.cells:
            weigh_condition(condition, records, clues)
    return clues


def _weighed(
    cell: Cell, kind: Kind, records: Records, terms: Terms, clues: Clues, blanks: Blanks | None = None
) -> Texts:
    """A cell's text for every record, no default in it; how it is written is noted."""
    bare = replace(cell, default=None)
    every = text_of(bare, records.cells, len(records), blanks)[0]
    clues.blank(label(cell), blanks, np.arange(len(records)))
    if kind in MEASURED and terms.states("decimal"):
        pass  # whatever the cells say
    elif kind in MEASURED and records.unsummed.keys() >= set(cell.names):
        # a sum is written here, and tells nothing of how the export writes
        rows = text_of(bare, records.unsummed, len(records.rows))[0]
        clues.weigh(kind, label(cell), rows, records.owner)
    else:
        clues.weigh(kind, label(cell), every)
    return every


def _names(draft: _Draft, cells: dict[str, Texts]) -> Texts:
    cell = draft.template.event_name
    names, _ = text_of(cell, cells, len(draft))
    if cell.value is not None:
        return names
    made = names.copy()
    strange = np.flatnonzero(~np.isin(names, list(EVENT_NAMES)))
    draft.blame(strange, Problem(Code.INVALID_EVENT_NAME, "event_name", "not an event name the API takes"))
    made[strange] = None
    return made


def _wanted_times(times: Texts, terms: Terms) -> Flags:
    """Events from `since` on and before `until`; one whose time is not known stays, to be rejected."""
    first, end = terms.since or "", terms.until or "~"
    return np.array([time is None or first <= time < end for time in times], bool)


def _require(draft: _Draft) -> None:
    """An identity, a time, and what a purchase needs."""
    lacks, purchase = draft.lacks, draft.values["event_name"] == "purchase"

    def missing(where: Flags, code: Code, name: str, reason: str) -> None:
        draft.blame(np.flatnonzero(where), Problem(code, name, reason))

    other = ~lacks("email") | ~lacks("comet_token")
    alone = {
        "ip": ~lacks("ip") & lacks("fingerprint") & other,
        "fingerprint": ~lacks("fingerprint") & lacks("ip") & other,
    }
    pair = ~lacks("fingerprint") & ~lacks("ip")
    missing(~other & ~pair, Code.MISSING_IDENTITY, "email", "no email, comet_token, or fingerprint with ip")
    for name, where in alone.items():
        _leave_out(draft, name, np.flatnonzero(where).tolist())
    missing(lacks("event_time"), Code.MISSING_TIME, "event_time", "no time")
    needs_id = purchase if draft.template.send_key else np.ones(len(draft), bool)
    missing(needs_id & lacks("order_id"), Code.MISSING_ORDER_ID, "order_id", "no order id")
    if "amount" in draft.values:
        # one that was to be omitted if it could not be read was not missing
        missing(purchase & draft.empty["amount"], Code.MISSING_AMOUNT, "amount", "no amount")


def _leave_out(draft: _Draft, name: str, places: list[int]) -> None:
    """Drop a field that is of no use, and what is wrong with it."""
    if places:
        draft.dropped[name] += len(places)
        draft.values[name][places] = None
        for at in places:
            kept = [problem for problem in draft.problems.pop(at, []) if problem.field != name]
            if kept:
                draft.problems[at] = kept


def _hold_capi(draft: _Draft) -> None:
    """Set do_not_capi: true unless the mapping says false, and true even so on what ad platforms refuse as too old."""
    open_: Flags = draft.value("do_not_capi") == False  # noqa: E712 (element by element)
    old, times, cutoff = np.zeros(len(draft), bool), draft.values["event_time"], draft.terms.capi_cutoff
    old[open_] = [time is not None and time < cutoff for time in times[open_].tolist()]
    draft.values["do_not_capi"] = np.where(open_ & ~old, False, True).astype(object)
    draft.capi_held = int(old.sum())


def _together(columns: list[Texts], order: NDArray[np.int64]) -> Texts:
    """Several templates' columns as one; one template's are in order."""
    return columns[0] if len(columns) == 1 else np.concatenate(columns)[order]


def _in_order(drafts: list[_Draft], records: Records, clues: Clues) -> Batch:
    """Put the templates' events together, in the order of their records."""
    record = np.concatenate([draft.record for draft in drafts])
    order = np.argsort(record, kind="stable")
    columns = {name: _together([draft.columns[name] for draft in drafts], order) for name in drafts[0].columns}
    table = np.repeat(np.arange(len(drafts)), [len(draft) for draft in drafts])
    row = np.concatenate([np.arange(len(draft)) for draft in drafts])
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    problems: dict[int, list[Problem]] = {}
    old_keys: dict[int, str] = {}
    offset = 0
    for draft in drafts:
        problems |= {int(place[offset + at]): found for at, found in draft.problems.items()}
        old_keys |= {int(place[offset + at]): key for at, key in draft.old_keys.items()}
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
        body=Bodies([draft.body for draft in drafts], table[order], row[order]),
        capi=columns["capi"].astype(bool),
        problems=problems,
        clues=clues,
        old_keys=old_keys,
        capi_held=sum(draft.capi_held for draft in drafts),
        dropped=sum((draft.dropped for draft in drafts), Counter()),
    )
