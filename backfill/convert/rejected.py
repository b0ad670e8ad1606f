"""Rejected events: which column of the export to look at, and the key that stays the same whatever is mended."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import compress
from operator import itemgetter

import numpy as np
import pandas as pd

from backfill.convert.batch import Batch
from backfill.convert.keys import recipe_fields
from backfill.convert.records import Records
from backfill.convert.rejection import nameless
from backfill.event import Problem
from backfill.fields.arrow import Flags, Places, Texts, column_of, either, filled, listed, pick, present, put, series_of
from backfill.files.format import Layout
from backfill.files.reject_entries import EntryFile, Kind, Rule, cuts, rules_of
from backfill.files.was import was_of
from backfill.mapping import EventTemplate, FieldSource, Mapping

Problems = tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    """Events that broke rules. Most are alike, and what is the same is found once.

    `events` has a row for each, in their order: event, its place in the batch; kind, its place in `kinds`, which say
    what they broke; key, "" where something is wrong that it is made of; and order_id. `counted` is how many have the
    same problems.
    """

    events: pd.DataFrame
    kinds: list[Kind]
    counted: Counter[Problems]


def rejected_of(batch: Batch, events: Places, mapping: Mapping) -> Rejected:
    """What is wrong with these events."""
    of, alike = _alike(batch, events)
    counted: Counter[Problems] = Counter()
    for (*_, problems), count in zip(alike, np.bincount(of, minlength=len(alike)).tolist(), strict=True):
        counted[problems] += count
    order = np.argsort(events)  # in the order of the rows they are read again at once
    places, of = events[order], of[order]
    kinds, which, unsure = list[Kind](), np.empty(len(places), np.int64), np.zeros(len(alike), bool)
    together = np.split(np.argsort(of, kind="stable"), np.cumsum(np.bincount(of, minlength=len(alike))))[:-1]
    for number, (here, (table, name, hashed, problems)) in enumerate(zip(together, alike, strict=True)):
        template = mapping.events[table]
        unsure[number] = _unsure(template, hashed, problems, mapping.source.group_by)
        name = name or (nameless(table) if len(mapping.events) > 1 else "")
        for one, at in _kinds(batch, places[here], problems, template, name):
            which[here[at]] = len(kinds)
            kinds.append(one)
    keys, ids = _keys(batch, places, unsure[of]), pick(batch.order_id, places)
    columns = {"event": places, "kind": which, "key": series_of(keys), "order_id": series_of(ids)}
    return Rejected(pd.DataFrame(columns, copy=False), kinds, counted)


def rules_by_event(batch: Batch, events: Sequence[int], mapping: Mapping) -> dict[int, tuple[Rule, ...]]:
    """The rules that each of these events broke."""
    found = rejected_of(batch, np.array(events, np.int64), mapping)
    return {at: found.kinds[kind].rules for at, kind in zip(found.events["event"], found.events["kind"], strict=True)}


def enter_rejected(entries: EntryFile, batch: Batch, found: Rejected, layouts: Sequence[Layout]) -> None:
    """Enter all rows of rejected events, with what is wrong with each; `layouts` are those of the input's parts."""
    rows, event = batch.records.places_of(batch.record[found.events["event"].to_numpy()])
    order = np.argsort(rows, kind="stable")  # each of a record's events has all of its rows
    rows, event = rows[order], event[order]
    which, keys = found.events["kind"].to_numpy(), column_of(found.events, "key")
    own, ids = batch.records.rows, column_of(found.events, "order_id")
    sizes, alone = own.spans[1][rows] - own.spans[0][rows], np.bincount(rows, minlength=len(own))[rows] == 1
    for begin, end in cuts(rows, sizes):
        row, of = rows[begin:end], event[begin:end]
        kinds, columns = _by_files(found.kinds, which[of], row, batch.records, layouts), (pick(keys, of), pick(ids, of))
        was = was_of(entries, own, row, alone[begin:end], *kinds, columns[0], layouts[0])
        entries.extend(own.parts[row], own.numbers[row], *own.written_at(row), *kinds, *columns, was)


def _by_files(
    kinds: list[Kind], which: Places, rows: Places, records: Records, layouts: Sequence[Layout]
) -> tuple[list[Kind], Places]:
    """The kinds, and which each entry is of, by the files that have its row."""
    kinds, known, which = [*kinds], dict[tuple[int, tuple[str, ...]], int](), which.copy()
    several = np.array([one.rows > 1 for one in kinds], bool)[which] & (len(layouts) > 1 or bool(records.files))
    for at in np.flatnonzero(several).tolist():
        own = {layouts[int(records.rows.parts[rows[at]])].source}
        files = records.files.get(int(rows[at]), own)
        if len(layouts) > 1 or files != own:
            way = int(which[at]), tuple(sorted(files))
            which[at] = known.setdefault(way, len(kinds))
            kinds += [kinds[way[0]]._replace(files=way[1])] if known[way] == len(kinds) else []
    return kinds, which


def _alike(batch: Batch, places: Places) -> tuple[Places, list[tuple[int, str, bool, Problems]]]:
    """Which events have the same template, name, way of making a key, and problems: of each which, and those."""
    broken = [batch.problems[at] for at in places.tolist()]
    codes, count = _coded(broken)
    names = pick(batch.name, places).fill_null("").dictionary_encode()
    tables, hashed, name_of = batch.body.table[places], batch.hashed[places], listed(names.dictionary)
    ways = (tables * len(name_of) + names.indices.to_numpy()) * 2 + hashed
    of, _ = pd.factorize(ways * count + codes)
    met = np.flatnonzero(np.diff(np.maximum.accumulate(of), prepend=-1)).tolist()  # where each is first
    own = [(int(tables[at]), names[at].as_py(), bool(hashed[at]), tuple(broken[at])) for at in met]
    return of, own


def _coded(broken: list[list[Problem]]) -> tuple[Places, int]:
    """A number for each event's problems, which those with the same ones share, and how many numbers there are."""
    alone = np.fromiter(map(len, broken), np.int64, len(broken)) == 1
    codes, count = np.empty(len(broken), np.int64), int(alone.sum())
    marks = map(id, map(itemgetter(0), compress(broken, alone)))  # problems are the batch's own, and stay
    codes[alone], known = pd.factorize(np.fromiter(marks, np.int64, count))
    several: dict[tuple[int, ...], int] = {}
    for at in np.flatnonzero(~alone).tolist():
        codes[at] = several.setdefault(tuple(map(id, broken[at])), len(known) + len(several))
    return codes, len(known) + len(several)


def _kinds(
    batch: Batch, events: Places, problems: Problems, template: EventTemplate, name: str
) -> list[tuple[Kind, Places]]:
    """The rules that these events broke, each with the column that its field came from, and which broke those."""
    sources = {"event_name": template.event_name, **template.fields}
    cells = [None if one.column else sources.get(one.field) for one in problems]
    columns = np.stack([_column(batch, events, cell) for cell in cells], axis=1)
    columns = np.column_stack((columns, batch.records.sizes[batch.record[events]]))
    if columns.any():
        ways, way_of = np.unique(columns, axis=0, return_inverse=True)
    else:  # nearly always, and in no time
        ways, way_of = columns[:1], np.zeros(len(events), np.int64)
    made = []
    for way, (*at, size) in enumerate(ways.tolist()):
        rules = rules_of(
            one if cell is None else replace(one, column=cell.names[place] if cell.names else "")
            for one, cell, place in zip(problems, cells, at, strict=True)
        )
        made.append((Kind(name, rules, rows=size), np.flatnonzero(way_of.reshape(-1) == way)))
    return made


def _column(batch: Batch, events: Places, cell: FieldSource | None) -> Places:
    """Which of a cell's columns is the first that is not empty in each event's record, or else the first."""
    if cell is None or len(cell.names) < 2:
        return np.zeros(len(events), np.int64)
    records = batch.record[events]
    some = np.array([filled(batch.records.cells.of(name, records)) for name in cell.names])
    first: Places = np.argmax(some, axis=0)
    return first


def _keys(batch: Batch, events: Places, unsure: Flags) -> Texts:
    """The events' keys; "" where something that one is made of is wrong, so that mending it gives another."""
    keys = pick(batch.key, events)
    keys = either(present(keys) & ~unsure, keys, "")
    held = [at for at, event in enumerate(events.tolist()) if event in batch.old_keys] if batch.old_keys else []
    return put(keys, held, [batch.old_keys[int(events[at])] for at in held])  # they are not emptied yet


def _unsure(template: EventTemplate, hashed: bool, problems: Problems, group_by: str | None) -> bool:
    """Whether something is wrong that such an event's key is made of."""
    made_of = {"event_name", *recipe_fields(template, hashed)}
    conflicting = {problem.column for problem in problems if problem.field == group_by}
    return any(problem.field in made_of for problem in problems) or (
        bool(conflicting) and not conflicting.isdisjoint(_columns(template, made_of, hashed))
    )


def _columns(template: EventTemplate, made_of: set[str], hashed: bool) -> set[str]:
    """The columns that a key comes from; with "", that of a row that can't be read, where it is hashed."""
    cells = [template.event_name, *(template.fields[name] for name in made_of if name in template.fields)]
    cells += [part for part in (template.idempotency_key, *template.key) if isinstance(part, FieldSource)]
    return {name for cell in cells for name in cell.names} | ({""} if hashed else set())
