"""The events of one template, made field by field: what the API needs is there, or it is said; and their keys."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from backfill.convert.draft import Draft, label
from backfill.convert.draft_fields import read_field
from backfill.convert.expressions import Columns, text_of
from backfill.convert.id_damage import damage_of, look_at_ids
from backfill.convert.keys import keys_of, recipe_fields
from backfill.convert.rejection import INSIST, RESTORED, old_order_id
from backfill.convert.resubmission import cells_of, is_first, no_first, spellings
from backfill.convert.settings import ConvertSettings
from backfill.event import Code, Problem
from backfill.fields import EVENT_NAMES
from backfill.fields.arrow import (
    Flags,
    Texts,
    filled,
    flags_of,
    frame_of,
    kept,
    listed,
    present,
    put,
    repeated,
    texts_of,
)
from backfill.fields.mend import NOTHING
from backfill.fields.spreadsheet import made_by_spreadsheet
from backfill.files.marks import KEY
from backfill.mapping import EventTemplate, FieldSource, Mapping

IDENTITIES = ("email", "comet_token", "fingerprint", "ip", "tracking_id")


def make(draft: Draft, doubts: dict[int, list[Problem]], mapping: Mapping) -> None:
    """Read the draft's fields, note what is wrong with its events, and give each its key."""
    template = draft.template
    _read_fields(draft, mapping)
    look_at_ids(template, draft.texts, draft.record, draft.parts, draft.clues)
    cells = {name: draft.cells(name) for name in _columns_of(template)}
    draft.values["event_name"] = _names(draft, cells)
    doubted = draft.record.tolist() if doubts else ()
    draft.add((at, problem) for at, record in enumerate(doubted) for problem in doubts.get(record, ()))
    _require(draft)
    apart = draft.records.unsummable | draft.records.conflicts
    for at, record in enumerate(draft.record.tolist() if apart else ()):
        if record in apart:  # what else is wrong depends on which of its rows comes first
            draft.problems[at] = [apart[record]]
    keys, hashed = _keys_for(draft, mapping, cells)
    _refuse_firsts(draft, mapping, hashed)
    capi_held = _hold_capi(draft)
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
    columns["capi_held"] = capi_held
    draft.events = frame_of(columns)


def _read_fields(draft: Draft, mapping: Mapping) -> None:
    """Read all fields, of those events alone whose times are wanted."""
    template, settings = draft.template, draft.settings
    read_field(draft, "event_time")
    if settings.since is not None or settings.until is not None:
        unsure = draft.records.unsure(mapping.sources_of(template.fields["event_time"].names))[draft.record]
        draft.keep(_wanted_times(draft.values["event_time"], settings) | unsure)
    for name in template.fields:
        if name != "event_time":
            read_field(draft, name)
    for column, some in draft.records.nothings.items():
        if (places := np.flatnonzero(np.isin(draft.record, list(some)))).size:
            draft.clues.note(column, {NOTHING: places.tolist()}, draft.record)


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
    missing(_needs_id(draft) & lacks("order_id"), Code.MISSING_ORDER_ID, "order_id", "no order id")
    if "amount" in draft.values:
        # one that was to be omitted if it could not be read was not missing
        missing(purchase & draft.empty["amount"], Code.MISSING_AMOUNT, "amount", "no amount")


def _needs_id(draft: Draft) -> Flags:
    return draft.purchase if draft.template.send_key else np.ones(len(draft), bool)


def _refuse_firsts(draft: Draft, mapping: Mapping, hashed: Flags) -> None:
    """Reject what was mended to somebody of whom nobody can see in a reject file whether it is the first.

    Where `_key` is emptied in the same edit, a person says that it is; seen of events that had a key for sure.
    """
    conditions = (*mapping.where, *draft.template.where) if draft.rejections else ()
    firsts = [one.column for one in conditions if one.first_by is not None]
    if not firsts:
        return
    cell, events = draft.template.fields.get("order_id"), listed(draft.values["event_name"])
    ids = spellings(["order_id", *(cell.names if cell else ())], mapping)
    had = _needs_id(draft) & ~hashed & ~draft.lacks("order_id")  # a key, unless the id was wrong
    for column in firsts:
        fields = {name for name, cell in draft.template.fields.items() if column in cell.names}
        named, called = filled(draft.cells(column)), spellings([column], mapping)
        cells = cells_of(column, draft.records, draft.record, mapping)
        for at, record in enumerate(draft.record.tolist()):
            found, rejection = draft.problems.get(at, ()), draft.rejections.get(record)
            wrong = any(one.code is Code.KEY_CHANGED or {one.field, one.column} & {column, *fields} for one in found)
            said = wrong or (had[at] and rejection is not None and rejection.emptied(events[at], ids))
            if named[at] and not said and not is_first(rejection, cells[at], column, called):
                draft.blame([at], no_first(column))


def _leave_out(draft: Draft, name: str, places: list[int]) -> None:
    """Drop a field that is of no use, and what is wrong with it."""
    if places:
        draft.drop(name, places)
        draft.values[name] = put(draft.values[name], places, [None] * len(places))
        draft.unread[name] = [at for at in draft.unread[name] if at not in set(places)]
        for at in places:
            kept = [problem for problem in draft.problems.pop(at, []) if problem.field != name]
            if kept:
                draft.problems[at] = kept


def _hold_capi(draft: Draft) -> pa.BooleanArray:
    """Set do_not_capi: true unless the mapping says false, and true even so on what ad platforms refuse as too old.

    Returns which those are.
    """
    asked = draft.values.get("do_not_capi")
    if asked is None:
        draft.values["do_not_capi"] = pa.repeat(True, len(draft))
        return pa.repeat(False, len(draft))
    old = pc.fill_null(pc.less(draft.values["event_time"], draft.settings.capi_cutoff), False)
    open_ = pc.fill_null(pc.invert(asked), False)
    draft.values["do_not_capi"] = pc.invert(pc.and_not(open_, old))
    return pc.and_(open_, old)


# -- keys: none that nothing sound makes, and of the rows of a reject file those that they had


def _columns_of(template: EventTemplate) -> set[str]:
    """The columns that an event's name and key are made of, as well as its fields."""
    cells = [template.event_name, template.idempotency_key, *(template.key or ())]
    return {name for cell in cells if isinstance(cell, FieldSource) for name in cell.names}


def _keys_for(draft: Draft, mapping: Mapping, cells: Columns) -> tuple[Texts, Flags]:
    """The events' keys, no value where none is to be had; and which are hashes. What is wrong with them is noted."""
    wrong = np.zeros(len(draft), bool)
    for at, problem in damage_of(draft.template, draft.texts, draft.lacks("order_id")):
        wrong[at] = True
        if all(one.code != problem.code for one in draft.problems.get(at, ())):
            draft.blame([at], problem)
    keys, hashed = keys_of(draft.template, mapping, draft.values, cells, len(draft))
    keys = kept(_without_unmade(draft, keys, hashed), ~wrong)
    keyless = np.flatnonzero(~present(keys) & present(draft.values["event_name"])).tolist()
    empty = Problem(Code.MISSING_ORDER_ID, "key", "nothing is in the cells that its key is made of")
    draft.blame((at for at in keyless if not draft.problems.get(at)), empty)
    hashed &= present(keys)
    return _with_held(draft, mapping, keys) if draft.rejections else keys, hashed


def _without_unmade(draft: Draft, keys: Texts, hashed: Flags) -> Texts:
    """The keys without those made without what they should be made of, as it is there and can't be read."""
    for name in recipe_fields(draft.template, hashed=True):
        if draft.unread.get(name) and draft.template.fields[name].on_invalid != "omit":
            wrong = np.zeros(len(draft), bool)
            wrong[draft.unread[name]] = True
            keys = kept(keys, ~(wrong & (hashed | (name == "order_id"))))
    if draft.template.idempotency_key is None and hashed.any():
        keys = kept(keys, ~(draft.purchase & draft.lacks("order_id")))
    return keys


def _with_held(draft: Draft, mapping: Mapping, keys: Texts) -> Texts:
    """The keys, of events of a reject file those that they had where a spreadsheet changed them.

    A key that a person changed is refused.
    """
    template, cell = draft.template, draft.template.fields.get("order_id")
    made, names = listed(keys), listed(draft.values["event_name"])
    ids = listed(text_of(cell, draft.cells_of(cell), len(draft))[0] if cell else repeated(None, len(draft)))
    given: dict[int, str] = {}  # ids that a spreadsheet changed
    restored = f"{RESTORED} {INSIST.format(KEY)}"
    for at, record in enumerate(draft.record.tolist()):
        rejection, order_id = draft.rejections.get(record), None
        old = rejection.key_of(names[at], made[at]) if rejection else None
        if old is None or old == made[at]:
            continue
        if template.idempotency_key is None:
            order_id = old_order_id(old, str(names[at]), mapping.source.namespace, ids[at] or "")
        draft.old_keys[at] = old
        if order_id is not None and cell is not None:
            given[at], made[at] = order_id, old
            draft.problems[at] = [one for one in draft.problems.get(at, []) if one.field != "order_id"]
            draft.clues.note(label(cell, draft.settings), {restored: [at]}, draft.record)
        elif made[at] is not None and made_by_spreadsheet(old, made[at]):
            made[at] = old
            draft.clues.note("_key", {restored: [at]}, draft.record)
        elif made[at] is not None:
            reason = f"makes the key {made[at]}, and had {old}: undo the change, or empty _key if it is another event"
            draft.blame([at], Problem(Code.KEY_CHANGED, "", reason))
        if not draft.problems.get(at, True):
            del draft.problems[at]
    if given:
        draft.values["order_id"] = put(draft.values["order_id"], list(given), list(given.values()))
    return texts_of(made)
