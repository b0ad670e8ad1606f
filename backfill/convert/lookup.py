"""Lookups: another export joined to the records by id, as a deal export has no email and the contacts export has.

The other export waits in a private temporary SQLite file, so a directory of millions of contacts takes no memory. An id
whose digits a spreadsheet has cut off is many people's, and a word for nothing is nobody's: neither finds anybody.
"""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backfill.convert.damage import SCIENTIFIC
from backfill.convert.layout import format_of
from backfill.errors import SourceError, UsageError, counted
from backfill.fields import Locale, parse
from backfill.fields.arrow import Texts, holds, listed, texts_of
from backfill.fields.mend import FLOAT, GROUPS, NOTHING, NOTHINGS, is_cut, is_error, ungrouped
from backfill.files import read_rows
from backfill.files.encoding import detect_encoding
from backfill.files.head import numbers_of
from backfill.files.open import open_parts
from backfill.mapping import EventTemplate, FieldSource, Lookup, Mapping, SourceOptions
from backfill.storage.scratch import state_errors

NUMBERED = (
    "are ids as a spreadsheet writes numbers (such as 12.0 or 1,007), which the lookup does not have; export again"
)
_float = re.compile(FLOAT).fullmatch

Files = dict[str, list[str]]  # lookup -> its files


@dataclass(slots=True)
class Joined:
    """One lookup, read. `join` gives its columns for records; the counts say how well the ids met."""

    name: str
    lookup: Lookup
    columns: tuple[str, ...]
    db: sqlite3.Connection
    files: list[str] = field(default_factory=list)  # their names
    warnings: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)  # matched, unmatched, ambiguous

    def join(self, ids: Texts) -> dict[str, Texts]:
        """These cells with the lookup's columns. Of several ids in a cell the first that is found is taken."""
        asked = self._asked(ids)
        damaged = _damaged(texts_of(asked.unique()))
        asked = asked[~asked.isin([text for text, finding in damaged.items() if finding is NOTHING])]
        sound = asked[~asked.isin(list(damaged))]
        hits = sound.rename_axis("record").reset_index().merge(self._find(sound.unique()), on="id")
        first = hits.drop_duplicates("record").set_index("record")
        cells = hits[["record", *range(len(self.columns))]].drop_duplicates()
        several = first.index.isin(cells["record"][cells["record"].duplicated()])
        self.counts["matched"] += len(first)
        self.counts["unmatched"] += asked.index.nunique() - len(first)
        self.counts["ambiguous"] += int((several | first["differs"]).sum())
        joined = first.reindex(range(len(ids)), fill_value="")
        return {f"{self.name}.{column}": texts_of(joined[at].to_numpy()) for at, column in enumerate(self.columns)}

    def found_at(self, ids: str) -> tuple[str, int] | None:
        """The file and the row that a cell of ids leads to."""
        for one in self._asked(texts_of([ids])):
            for part, number in self.db.execute("SELECT part, row FROM rows WHERE id = ?", (one,)):
                return self.files[part], number
        return None

    def damage(self, ids: Texts) -> dict[str, list[int]]:
        """What is damaged in cells of ids: the finding, and where."""
        asked, found = self._asked(ids), dict[str, list[int]]()
        damaged = self._unfound_numbers(asked.unique()) | _damaged(texts_of(asked.unique()))
        asked = asked[asked.isin(list(damaged))]
        for at, text in zip(asked.index.to_numpy(np.int64).tolist(), asked, strict=True):
            found.setdefault(damaged[text], []).append(at)
        return found

    def _unfound_numbers(self, ids: NDArray[np.object_]) -> dict[str, str]:
        """The ids that a spreadsheet wrote as numbers, 12.0 or 1,007, and that find nobody."""
        if not holds(texts_of(ids), ".0", *GROUPS):
            return {}
        likely = [text for text in ids.tolist() if _float(text) or ungrouped(text) != text]
        known = set(self._find(np.array(likely, object))["id"]) if likely else set()
        return dict.fromkeys([text for text in likely if text not in known], NUMBERED)

    def _asked(self, ids: Texts) -> "pd.Series[Any]":
        """The ids in these cells, by their places."""
        cells = pd.Series(listed(ids), name="id", dtype=object)
        asked = cells.str.split(self.lookup.separator, regex=False).explode().str.strip()
        return asked[asked != ""]

    def _find(self, ids: NDArray[np.object_]) -> pd.DataFrame:
        """The rows of these ids: id, differs, and the columns' cells by number."""
        query = "SELECT id, differs, cells FROM rows WHERE id IN (SELECT value FROM json_each(?))"
        rows = self.db.execute(query, (json.dumps(ids.tolist()),))
        made = [(one, bool(differs), *json.loads(cells)) for one, differs, cells in rows]
        return pd.DataFrame(made, columns=["id", "differs", *range(len(self.columns))], dtype=object)


def _damaged(ids: Texts) -> dict[str, str]:
    """The ids that can be nobody's, with what is the matter with each."""
    found = {}
    for at in parse("order_id", ids, Locale(0)).problems:
        text = ids[at].as_py()
        if is_cut(text):
            found[text] = SCIENTIFIC
        elif is_error(text) or text in NOTHINGS:
            found[text] = NOTHING
    return found


@contextmanager
def open_lookups(mapping: Mapping, files: Files) -> Iterator[list[Joined]]:
    """Read every lookup of the mapping. Raises UsageError where one has no file, or a file no lookup."""
    for name in mapping.lookups:
        if name not in files:
            raise UsageError(f"mapping {mapping.name}: joins {name}; name its export with --lookup {name}=FILE")
    for name in files:
        if name not in mapping.lookups:
            known = ", ".join(mapping.lookups) or "none"
            raise UsageError(f"--lookup {name}: mapping {mapping.name} has no lookup of this name; it has {known}")
    with ExitStack() as stack:
        yield [_read(name, lookup, mapping, files[name], stack) for name, lookup in mapping.lookups.items()]


def _read(name: str, lookup: Lookup, mapping: Mapping, files: Sequence[str], stack: ExitStack) -> Joined:
    columns = tuple(dict.fromkeys(rest for at in mapping.named if (rest := _column_of(at, name, mapping))))
    # a file without a name, of SQLite's own: a killed run leaves no contacts of a CRM behind
    db = stack.enter_context(closing(sqlite3.connect("", check_same_thread=False)))
    db.executescript(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
        "CREATE TABLE rows (id TEXT PRIMARY KEY, cells TEXT NOT NULL, differs INTEGER NOT NULL,"
        " part INTEGER, row INTEGER) WITHOUT ROWID;"
    )
    joined = Joined(name, lookup, columns, db)
    asked = _asked(name, lookup, mapping, columns)
    with open_parts(list(files)) as parts:
        for part in parts:
            detect_encoding(part, None, mapping.source.encoding)  # where its own bytes do not show it
            if part.book is not None:
                part.book.advice = "leave that one alone in the file (--sheet and source.sheet name the input's)"
        numbers = numbers_of(mapping) & {f"{name}.{column}" for column in columns if column != lookup.there}
        numbers = frozenset(column.removeprefix(f"{name}.") for column in numbers)
        layouts = [replace(format_of(part, None).layout(part, asked), numbers=numbers) for part in parts]
        joined.files += [part.path.name for part in parts]
        joined.warnings += [warning for part in parts for warning in part.warnings]
        at = asked.columns.index(lookup.there)
        keep = [asked.columns.index(column) for column in columns]
        broken = cut = 0
        for rows in read_rows(parts, layouts):
            nobodys = _damaged(rows.cells[at])
            cut += sum(nobodys.get(text) is SCIENTIFIC for text in listed(rows.cells[at])) if nobodys else 0
            found = zip(rows.parts.tolist(), rows.numbers.tolist(), *map(listed, rows.cells), strict=True)
            with state_errors():
                db.executemany(
                    "INSERT INTO rows VALUES (?, ?, 0, ?, ?)"
                    " ON CONFLICT (id) DO UPDATE SET differs = differs OR cells <> excluded.cells",
                    (
                        (cells[at], json.dumps([cells[i] for i in keep]), part, number)
                        for part, number, *cells in found
                        if cells[at] and cells[at] not in nobodys
                    ),
                )
            broken += len(rows.broken)
        for part in parts:
            part.settle()
        if missing := layouts[0].format.lacking(parts, layouts, asked):
            raise SourceError(missing)
        if broken:
            unread = counted(broken, "row can't be read and is", "rows can't be read and are")
            joined.warnings.append(f"lookup {name}: {unread} left out")
        if cut:
            where = f"in {counted(cut, 'row')} {lookup.there} is a number in scientific notation"
            joined.warnings.append(f"lookup {name}: {where}, which finds nobody; export again")
    return joined


def _column_of(column: str, name: str, mapping: Mapping) -> str | None:
    found = mapping.lookup_of(column)
    return found[1] if found and found[0] == name else None


def _asked(name: str, lookup: Lookup, mapping: Mapping, columns: tuple[str, ...]) -> Mapping:
    """The lookup's file as the reader takes it: the columns it must have, with their aliases."""
    prefix = f"{name}."
    fields = {column: FieldSource(columns=(column,)) for column in (lookup.there, *columns)}
    source = SourceOptions(
        optional=tuple(c.removeprefix(prefix) for c in mapping.source.optional if c.startswith(prefix)),
        aliases={c.removeprefix(prefix): names for c, names in mapping.source.aliases.items() if c.startswith(prefix)},
        empty=mapping.source.empty,
        trailer=mapping.source.trailer,  # the other export is the same vendor's
    )
    return Mapping(f"{mapping.name}, lookup {name}", (EventTemplate(FieldSource(value=""), fields),), source=source)
