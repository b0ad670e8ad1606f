"""The keys of a draft: none that nothing sound makes, and of the rows of a reject file those that they had."""

import numpy as np

from backfill.convert.draft import Draft, label
from backfill.convert.expressions import Columns, text_of
from backfill.convert.held import INSIST, RESTORED, old_order_id
from backfill.convert.id_damage import damage_of
from backfill.convert.keys import keys_of, recipe_fields
from backfill.event import Code, Problem
from backfill.fields.arrow import Flags, Texts, kept, listed, present, put, repeated, texts_of
from backfill.fields.spreadsheet import made_by_spreadsheet
from backfill.files.marks import KEY
from backfill.mapping import EventTemplate, FieldSource, Mapping


def columns_of(template: EventTemplate) -> set[str]:
    """The columns that an event's name and key are made of, as well as its fields."""
    cells = [template.event_name, template.idempotency_key, *(template.key or ())]
    return {name for cell in cells if isinstance(cell, FieldSource) for name in cell.names}


def keys_for(draft: Draft, mapping: Mapping, cells: Columns) -> tuple[Texts, Flags]:
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
    return _with_held(draft, mapping, keys) if draft.held.keys else keys, hashed


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
        old, order_id = draft.held.key_of(record, names[at], made[at]), None
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
