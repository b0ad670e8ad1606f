"""The fields of a draft: each read from its column, with what is wrong with it and what it shows of the column."""

from dataclasses import replace

import numpy as np
import pyarrow.compute as pc

from backfill.convert.conditions import weigh_condition
from backfill.convert.draft import Draft, label
from backfill.convert.expressions import SAY_NOTHING, Blanks, several_in, shortened_in, text_of
from backfill.convert.profile import MEASURED, TIMED, ColumnProfile
from backfill.convert.records import Records
from backfill.convert.settings import ConvertSettings
from backfill.convert.steps import fractions_under, in_major_units, parse_by_zone, scaled
from backfill.fields import FIELDS, Kind, Parsed, parse
from backfill.fields.arrow import Flags, Texts, Words, either, filled, holds, listed, matches, pick, put
from backfill.fields.mend import CUT_PHONE, CUT_PHONES, FLOAT_PART, FLOAT_PHONES, NOTHINGS, OBJECTS, SEVERAL, ZEROS
from backfill.mapping import FieldSource, Mapping

# Where a word for nothing could be sent: elsewhere it can't be read, and is met as a problem.
_TAKE_ALL = {Kind.TEXT, Kind.PROFILE_TEXT, Kind.NAME, Kind.PHONE}
_NOTHINGS = Words(NOTHINGS)
_IDENTITIES = {"comet_token", "fingerprint"}


def read_field(draft: Draft, name: str) -> None:
    """Read one field; note what it shows of its column, and what is wrong with it."""
    cell, kind, clues = draft.template.fields[name], FIELDS[name], draft.clues
    known_as = label(cell, draft.settings)
    plain_parts = name in _IDENTITIES or name in draft.template.key  # as they were when such events were sent
    texts, defaulted = _texts_of(draft, cell, kind, Blanks(parts=not plain_parts) if kind in _TAKE_ALL else None)
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
    if cell.separator and (several := several_in(cell, draft.cells_of(cell), len(draft))):
        clues.note(known_as, {SEVERAL: several}, draft.record)
    if cell.digits and (shortened := shortened_in(cell, draft.cells_of(cell), len(draft))):
        clues.note(known_as, {ZEROS: shortened}, draft.record)
    clues.look(kind, known_as, texts, read, draft.record, year_first=draft.settings.locale.date_order == "ymd")
    clues.fit(kind, known_as, texts, read, draft.parts)
    if cell.minor_units is not None:
        currencies = draft.cells(cell.minor_units)
        parsed = in_major_units(name, parsed, currencies, defaulted)
        known = np.flatnonzero(parsed.read(draft.empty[name]) & ~defaulted)
        clues.bear(known_as, pc.utf8_upper(pick(currencies, known)), draft.record[known])
    if plain_id and cell.value is None:
        clues.count_ids(known_as, texts, draft.parts)
    draft.unread[name] = list(parsed.problems)
    for finding in (CUT_PHONES, OBJECTS):
        draft.drop(name, parsed.mended.get(finding, ()))
    if cell.on_invalid == "omit":
        draft.drop(name, parsed.problems)
    else:
        draft.add(parsed.problems.items())
    clues.note(known_as, fractions_under(cell.scale, kind, parsed.values, defaulted), draft.record)
    draft.values[name] = parsed.values if cell.scale is None else scaled(parsed.values, cell.scale, defaulted)


def _parsed(draft: Draft, name: str, texts: Texts) -> Parsed:
    zones = draft.template.fields[name].timezone_column
    if zones is None:
        return parse(name, texts, draft.settings.locale)
    return parse_by_zone(name, texts, draft.cells(zones), draft.settings.locale)


def _texts_of(draft: Draft, cell: FieldSource, kind: Kind, blanks: Blanks | None) -> tuple[Texts, Flags]:
    """A cell's text for each event, and where its default is in; all records show how it is written."""
    records = draft.records
    if kind not in MEASURED | TIMED or cell.value is not None:
        cells = draft.cells_of(cell)
        parts = kind is Kind.PHONE and cell.template is not None and blanks is not None and blanks.parts
        if parts:
            cells = {name: _whole_part(draft, name, texts) for name, texts in cells.items()}
        made = text_of(cell, cells, len(draft), blanks)
        if parts:
            made = _cut_as_a_part(cells, made[0]), made[1]
        draft.clues.blank(label(cell, draft.settings), blanks, draft.record)
        return made
    every = _weighed(cell, kind, records, draft.settings, draft.clues, blanks)
    texts = every if draft.all else pick(every, draft.record)
    if cell.default is None:
        return texts, np.zeros(len(draft), bool)
    absent = ~filled(texts)
    return either(absent, cell.default, texts), absent


def _whole_part(draft: Draft, name: str, texts: Texts) -> Texts:
    """A part of phone numbers without the .0 that a spreadsheet has added."""
    if not holds(texts, ".0", ",0"):
        return texts
    places = np.flatnonzero(matches(texts, FLOAT_PART))
    draft.clues.note(name, {FLOAT_PHONES: places.tolist()} if len(places) else {}, draft.record)
    return put(texts, places, [text.replace(",", ".").partition(".")[0] for text in listed(pick(texts, places))])


def _cut_as_a_part(parts: dict[str, Texts], whole: Texts) -> Texts:
    """Phone numbers, each alone that part of it which a spreadsheet has cut: the others hide it."""
    for texts in parts.values():
        if holds(texts, "e", "E"):
            places = np.flatnonzero(matches(texts, CUT_PHONE))
            whole = put(whole, places, pick(texts, places))
    return whole


def weigh(records: Records, mapping: Mapping, settings: ConvertSettings) -> ColumnProfile:
    """What all records show of how the input is written; columns of lookups are not there yet and show nothing."""
    clues = ColumnProfile()
    for template in mapping.events:
        for name, cell in template.fields.items():
            if FIELDS[name] in MEASURED | TIMED and cell.value is None and records.cells.keys() >= set(cell.names):
                _weighed(cell, FIELDS[name], records, settings, clues)
    for condition in mapping.conditions:
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
    known_as = label(cell, settings)
    clues.blank(known_as, blanks, np.arange(len(records)))
    if kind in MEASURED and settings.states("decimal"):
        pass  # whatever the cells say, the mapping or an option states it
    elif kind in MEASURED and records.unsummed.keys() >= set(cell.names):
        # a sum is written here, and shows nothing of how the export writes
        rows = text_of(bare, records.unsummed, len(records.rows), typed=True)[0]
        clues.weigh(kind, known_as, rows, records.owner)
    else:
        clues.weigh(kind, known_as, every)
    return every
