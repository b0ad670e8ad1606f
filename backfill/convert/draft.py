"""Draft: one template's events, read field by field, before they are put in order with the others'."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from backfill.convert.conditions import weigh_condition
from backfill.convert.expressions import SAY_NOTHING, Blanks, Columns, several_in, shortened_in, text_of
from backfill.convert.held import INSIST, RESTORED, Held, Holding
from backfill.convert.id_damage import damage_of, look_at_ids
from backfill.convert.keys import keys_of, nothing, recipe_fields
from backfill.convert.profile import MEASURED, TIMED, ColumnProfile
from backfill.convert.records import Records
from backfill.convert.settings import ConvertSettings
from backfill.convert.steps import fractions_under, in_major_units, parse_by_zone, scaled
from backfill.event import Code, Problem
from backfill.fields import EVENT_NAMES, FIELDS, Kind, Parsed, parse
from backfill.fields.arrow import (
    Flags,
    Places,
    Texts,
    Words,
    either,
    filled,
    flags_of,
    frame_of,
    kept,
    listed,
    pick,
    present,
    put,
    texts_of,
)
from backfill.fields.mend import CUT_PHONES, NOTHING, NOTHINGS, SEVERAL, ZEROS
from backfill.fields.spreadsheet import made_by_spreadsheet
from backfill.fields.typed import untyped
from backfill.files.marks import KEY
from backfill.mapping import EventTemplate, FieldSource, Mapping

# Where a word for nothing could be sent: elsewhere it can't be read, and is met as a problem.
_TAKE_ALL = {Kind.TEXT, Kind.PROFILE_TEXT, Kind.NAME, Kind.PHONE}
_NOTHINGS = Words(NOTHINGS)
IDENTITIES = ("email", "comet_token", "fingerprint", "ip", "tracking_id")


def label(cell: FieldSource) -> str:
    """The name under which a cell's way of writing is known."""
    return cell.names[0] if cell.names else "(constant)"


@dataclass(slots=True)
class Draft:
    """One template's events, before they are put in order with the others'; positions are events."""

    template: EventTemplate
    records: Records
    record: Places  # the record of each event
    settings: ConvertSettings
    clues: ColumnProfile
    held: Held
    old_keys: dict[int, str] = field(default_factory=dict)  # event -> the key that it had in a reject file
    values: dict[str, pa.Array] = field(default_factory=dict)  # field -> as it is sent
    unread: dict[str, list[int]] = field(default_factory=dict)  # field -> cells that are there and can't be sent
    empty: dict[str, Flags] = field(default_factory=dict)  # field -> cells that are not there
    problems: dict[int, list[Problem]] = field(default_factory=dict)
    dropped: Counter[str] = field(default_factory=Counter)
    events: pd.DataFrame = field(default_factory=pd.DataFrame)
    body: dict[str, pa.Array] = field(default_factory=dict)  # the columns that are sent, in their order
    capi_held: int = 0

    def __len__(self) -> int:
        return len(self.record)

    @property
    def parts(self) -> Places:
        return self.records.parts[self.record]

    def cells(self, name: str) -> Texts:
        """A column's text for each event."""
        if self.all:
            return self.records.cells[name]
        return self.records.cells.of(name, self.record)

    @property
    def all(self) -> bool:
        """Whether every record gives its event."""
        return len(self.record) == len(self.records)

    def texts(self, name: str) -> Texts:
        """A column's cells for whatever reads them as texts."""
        return untyped(self.cells(name))

    def blame(self, places: Iterable[int], problem: Problem) -> None:
        self.add((int(at), problem) for at in places)

    def add(self, problems: Iterable[tuple[int, Problem]]) -> None:
        """Add what is wrong with events."""
        for at, problem in problems:
            if at in self.problems:
                self.problems[at].append(problem)
            else:  # nearly always, and there may be one for each event
                self.problems[at] = [problem]

    def keep(self, wanted: Flags) -> None:
        """Forget the other events."""
        moved = {old: new for new, old in enumerate(np.flatnonzero(wanted).tolist())}
        self.record = self.record[wanted]
        self.values = {name: pick(values, wanted) for name, values in self.values.items()}
        self.empty = {name: empty[wanted] for name, empty in self.empty.items()}
        self.unread = {name: [moved[at] for at in places if at in moved] for name, places in self.unread.items()}
        self.problems = {moved[at]: found for at, found in self.problems.items() if at in moved}

    def value(self, name: str) -> pa.Array:
        return self.values.get(name, nothing(len(self)))

    @property
    def purchase(self) -> Flags:
        """Which events are purchases."""
        return flags_of(pc.equal(self.values["event_name"], "purchase"))

    def lacks(self, name: str) -> Flags:
        """Where a field has no value; a cell that breaks a rule has its own problem and is not lacking."""
        if name not in self.empty:
            return np.ones(len(self), bool)
        lacking = self.empty[name].copy()
        if self.template.fields[name].on_invalid == "omit":
            lacking[self.unread[name]] = True
        return lacking


def make(draft: Draft, doubts: dict[int, list[Problem]], mapping: Mapping) -> None:
    template, settings = draft.template, draft.settings
    _read(draft, "event_time")
    if settings.since is not None or settings.until is not None:
        unsure = draft.records.unsure(mapping.sources_of(template.fields["event_time"].names))[draft.record]
        draft.keep(_wanted_times(draft.values["event_time"], settings) | unsure)
    for name in template.fields:
        if name != "event_time":
            _read(draft, name)
    for column, some in draft.records.nothings.items():
        if (places := np.flatnonzero(np.isin(draft.record, list(some)))).size:
            draft.clues.note(column, {NOTHING: places.tolist()}, draft.record)
    look_at_ids(template, draft.texts, draft.record, draft.lacks("order_id"), draft.clues)
    cells = {name: draft.cells(name) for name in _named(template)}
    draft.values["event_name"] = _names(draft, cells)
    doubted = draft.record.tolist() if doubts else ()
    draft.add((at, problem) for at, record in enumerate(doubted) for problem in doubts.get(record, ()))
    _require(draft)
    apart = draft.records.unsummable | draft.records.conflicts
    for at, record in enumerate(draft.record.tolist() if apart else ()):
        if record in apart:  # what else is wrong depends on which of its rows comes first
            draft.problems[at] = [apart[record]]
    wrong = np.zeros(len(draft), bool)
    for at, problem in damage_of(template, draft.texts, draft.lacks("order_id")):
        wrong[at] = True
        if all(one.code != problem.code for one in draft.problems.get(at, ())):
            draft.blame([at], problem)
    keys, hashed = keys_of(template, mapping, draft.values, cells, len(draft))
    keys = kept(_unmade(draft, keys, hashed), ~wrong)
    keyless = np.flatnonzero(~present(keys) & present(draft.values["event_name"])).tolist()
    empty = Problem(Code.MISSING_ORDER_ID, "key", "nothing is in the cells that its key is made of")
    draft.blame((at for at in keyless if not draft.problems.get(at)), empty)
    hashed &= present(keys)
    if draft.held.keys:
        keys = _held(draft, mapping, keys)
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
    columns = {name: draft.value(name) for name in names}
    columns |= {"key": keys, "hashed": pa.array(hashed), "capi": pc.invert(draft.values["do_not_capi"])}
    draft.events = frame_of(columns)


def _unmade(draft: Draft, keys: Texts, hashed: Flags) -> Texts:
    """The keys without those made without what they should be made of, as it is there and can't be read."""
    for name in recipe_fields(draft.template, hashed=True):
        if draft.unread.get(name) and draft.template.fields[name].on_invalid != "omit":
            wrong = np.zeros(len(draft), bool)
            wrong[draft.unread[name]] = True
            keys = kept(keys, ~(wrong & (hashed | (name == "order_id"))))
    if draft.template.idempotency_key is None and hashed.any():
        keys = kept(keys, ~(draft.purchase & draft.lacks("order_id")))
    return keys


def _held(draft: Draft, mapping: Mapping, keys: Texts) -> Texts:
    """The keys, of events of a reject file those that they had where a spreadsheet changed them.

    A key that a person changed is refused.
    """
    template, cell = draft.template, draft.template.fields.get("order_id")
    ids = nothing(len(draft))
    if cell is not None:
        ids = text_of(cell, _cells_of(draft, cell), len(draft))[0]
    made, names = listed(keys), listed(draft.values["event_name"])
    holding = Holding(draft.held, template, mapping.source.namespace, made, names, listed(ids))
    given: dict[int, str] = {}  # ids that a spreadsheet changed
    restored = f"{RESTORED} {INSIST.format(KEY)}"
    for at, old, order_id in list(holding.differing(draft.record.tolist())):
        draft.old_keys[at] = old
        if order_id is not None and cell is not None:
            given[at], made[at] = order_id, old
            draft.problems[at] = [one for one in draft.problems.get(at, []) if one.field != "order_id"]
            draft.clues.damage.setdefault((label(cell), restored), set()).add(int(draft.record[at]))
        elif made[at] is not None and made_by_spreadsheet(old, made[at]):
            made[at] = old
            draft.clues.damage.setdefault(("_key", restored), set()).add(int(draft.record[at]))
        elif made[at] is not None:
            reason = f"makes the key {made[at]}, and had {old}: undo the change, or empty _key if it is another event"
            draft.blame([at], Problem(Code.KEY_CHANGED, "", reason))
        if not draft.problems.get(at, True):
            del draft.problems[at]
    if given:
        draft.values["order_id"] = put(draft.values["order_id"], list(given), list(given.values()))
    return texts_of(made)


def _named(template: EventTemplate) -> set[str]:
    """The columns that an event's name and key are made of, as well as its fields."""
    cells = [template.event_name, template.idempotency_key, *(template.key or ())]
    return {name for cell in cells if isinstance(cell, FieldSource) for name in cell.names}


def _read(draft: Draft, name: str) -> None:
    """Read one field; note what it shows of its column, and what is wrong with it."""
    cell, kind, clues = draft.template.fields[name], FIELDS[name], draft.clues
    known_as = label(cell)
    texts, defaulted = _texts_of(draft, cell, kind, Blanks() if kind in _TAKE_ALL else None)
    plain_id = name == "order_id" and not (cell.template or cell.extract or cell.strip or cell.replace)
    if plain_id and not cell.map:
        texts = clues.ungroup(known_as, texts, draft.record)
    parsed = _parsed(draft, name, texts)
    if kind not in SAY_NOTHING and len(_NOTHINGS.places_in(pick(texts, parsed.broken))):
        texts, defaulted = _texts_of(draft, cell, kind, Blanks())
        parsed = _parsed(draft, name, texts)
    draft.empty[name] = ~filled(texts)
    read = parsed.read(draft.empty[name])
    clues.count(known_as, parsed, read)
    clues.note(known_as, parsed.mended, draft.record)
    if cell.separator and (several := several_in(cell, _cells_of(draft, cell), len(draft))):
        clues.note(known_as, {SEVERAL: several}, draft.record)
    if cell.digits and (shortened := shortened_in(cell, _cells_of(draft, cell), len(draft))):
        clues.note(known_as, {ZEROS: shortened}, draft.record)
    clues.look(kind, known_as, texts, read, draft.record, year_first=draft.settings.locale.date_order == "ymd")
    clues.fit(kind, known_as, texts, read, draft.parts)
    if cell.minor_units is not None:
        currencies = draft.cells(cell.minor_units)
        parsed = in_major_units(name, parsed, currencies, defaulted)
        known = np.flatnonzero(parsed.read(draft.empty[name]) & ~defaulted)
        clues.bear(known_as, pc.utf8_upper(pick(currencies, known)), draft.record[known])
    if plain_id and cell.value is None:
        clues.count_ids(known_as, texts)
    draft.unread[name] = list(parsed.problems)
    if cut := parsed.mended.get(CUT_PHONES):
        draft.dropped[name] += len(cut)
    if cell.on_invalid == "omit":
        draft.dropped[name] += len(parsed.problems)
    else:
        draft.add(parsed.problems.items())
    clues.note(known_as, fractions_under(cell.scale, kind, parsed.values, defaulted), draft.record)
    draft.values[name] = parsed.values if cell.scale is None else scaled(parsed.values, cell.scale, defaulted)


def _parsed(draft: Draft, name: str, texts: Texts) -> Parsed:
    zones = draft.template.fields[name].timezone_column
    if zones is None:
        return parse(name, texts, draft.settings.locale)
    return parse_by_zone(name, texts, draft.cells(zones), draft.settings.locale)


def _cells_of(draft: Draft, cell: FieldSource) -> dict[str, Texts]:
    return {name: draft.cells(name) for name in cell.names}


def _texts_of(draft: Draft, cell: FieldSource, kind: Kind, blanks: Blanks | None) -> tuple[Texts, Flags]:
    """A cell's text for each event, and where its default is in; all records show how it is written."""
    records = draft.records
    if kind not in MEASURED | TIMED or cell.value is not None:
        made = text_of(cell, _cells_of(draft, cell), len(draft), blanks)
        draft.clues.blank(label(cell), blanks, draft.record)
        return made
    every = _weighed(cell, kind, records, draft.settings, draft.clues, blanks)
    texts = every if draft.all else pick(every, draft.record)
    if cell.default is None:
        return texts, np.zeros(len(draft), bool)
    absent = ~filled(texts)
    return either(absent, cell.default, texts), absent


def weigh(records: Records, mapping: Mapping, settings: ConvertSettings) -> ColumnProfile:
    """What all records show of how the input is written; columns of lookups are not there yet and show nothing."""
    clues = ColumnProfile()
    for template in mapping.events:
        for name, cell in template.fields.items():
            if FIELDS[name] in MEASURED | TIMED and cell.value is None and records.cells.keys() >= set(cell.names):
                _weighed(cell, FIELDS[name], records, settings, clues)
    for condition in (*mapping.where, *(condition for template in mapping.events for condition in template.where)):
        if records.cells.keys() >= set(condition.names):
            weigh_condition(condition, records, clues)
    return clues


def _weighed(
    cell: FieldSource,
    kind: Kind,
    records: Records,
    settings: ConvertSettings,
    clues: ColumnProfile,
    blanks: Blanks | None = None,
) -> Texts:
    """A cell's text for every record, no default in it; how it is written is noted."""
    bare = replace(cell, default=None)
    every = text_of(bare, records.cells, len(records), blanks, typed=kind in MEASURED)[0]
    clues.blank(label(cell), blanks, np.arange(len(records)))
    if kind in MEASURED and settings.states("decimal"):
        pass  # whatever the cells say, the mapping or an option states it
    elif kind in MEASURED and records.unsummed.keys() >= set(cell.names):
        # a sum is written here, and shows nothing of how the export writes
        rows = text_of(bare, records.unsummed, len(records.rows), typed=True)[0]
        clues.weigh(kind, label(cell), rows, records.owner)
    else:
        clues.weigh(kind, label(cell), every)
    return every


def _names(draft: Draft, cells: Columns) -> Texts:
    cell = draft.template.event_name
    names, _ = text_of(cell, cells, len(draft))
    if cell.value is not None:
        return names
    known = flags_of(pc.is_in(names, texts_of(EVENT_NAMES)))
    problem = Problem(Code.INVALID_EVENT_NAME, "event_name", "not an event name the API takes")
    draft.blame(np.flatnonzero(~known), problem)
    return kept(names, known)


def _wanted_times(times: Texts, settings: ConvertSettings) -> Flags:
    """Events from `since` on and before `until`; one whose time is not known stays, to be rejected."""
    first, end = settings.since or "", settings.until or "~"
    return ~present(times) | flags_of(pc.and_(pc.greater_equal(times, first), pc.less(times, end)))


def _require(draft: Draft) -> None:
    """An identity, a time, and what a purchase needs."""
    lacks, purchase = draft.lacks, draft.purchase

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


def _leave_out(draft: Draft, name: str, places: list[int]) -> None:
    """Drop a field that is of no use, and what is wrong with it."""
    if places:
        draft.dropped[name] += len(places)
        draft.values[name] = put(draft.values[name], places, [None] * len(places))
        draft.unread[name] = [at for at in draft.unread[name] if at not in set(places)]
        for at in places:
            kept = [problem for problem in draft.problems.pop(at, []) if problem.field != name]
            if kept:
                draft.problems[at] = kept


def _hold_capi(draft: Draft) -> None:
    """Set do_not_capi: true unless the mapping says false, and true even so on what ad platforms refuse as too old."""
    asked = draft.values.get("do_not_capi")
    if asked is None:
        draft.values["do_not_capi"] = pa.repeat(True, len(draft))
        return
    old = pc.fill_null(pc.less(draft.values["event_time"], draft.settings.capi_cutoff), False)
    open_ = pc.fill_null(pc.invert(asked), False)
    draft.values["do_not_capi"] = pc.invert(pc.and_not(open_, old))
    draft.capi_held = int(flags_of(pc.and_(open_, old)).sum())
