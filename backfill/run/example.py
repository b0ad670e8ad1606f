"""One example of a mapping, tried: its rows are written as the export has them, and read as any file is."""

import csv
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

from backfill.convert.layout import layouts_of
from backfill.convert.lookup import open_lookups
from backfill.errors import UsageError
from backfill.files.encoding import detect_encoding
from backfill.files.formats import FORMATS
from backfill.files.open import open_parts
from backfill.files.rejects import Rejects
from backfill.ledger import no_ledger
from backfill.mapping import Example, Mapping
from backfill.mapping.model import Bare
from backfill.report.console import Console
from backfill.run.survey import settings_of
from backfill.survey.passes import Survey

_CALLED = "the example"


@dataclass(frozen=True, slots=True)
class Given:
    """What the rows of an example gave."""

    events: list[dict[str, Any]] = field(default_factory=list)  # as they would be sent
    codes: list[str] = field(default_factory=list)  # in order of their names, one for each reject and code
    reasons: list[str] = field(default_factory=list)  # of the codes
    left_out: str = ""  # why records gave no event
    stop: str = ""  # why the whole input can't be used


def try_example(mapping: Mapping, example: Example, folder: Path) -> Given:
    """Check the example's rows by its mapping, without a ledger; files are written to the folder."""
    source = replace(mapping.source, encoding=None, delimiter=None, quoting="standard", **example.settings)
    mapping = replace(mapping, source=source)
    with ExitStack() as stack:
        try:
            survey = _survey(mapping, example, folder, stack)
            survey.take(Console(quiet=True).progress("reading", 0, "B"))
        except UsageError as error:
            return Given(stop=str(error))
        events = [json.loads(event.body, parse_float=Decimal) for event in survey.events(0, None)]
        account = survey.account
        reasons = [
            f"{code} ({field}: {why})" if field else f"{code} ({why})" for code, field, why in account.findings.clusters
        ]
        return Given(events, sorted(account.counts.codes.elements()), reasons, account.left_out.sentence())


def _survey(mapping: Mapping, example: Example, folder: Path, stack: ExitStack) -> Survey:
    """A survey of the example's rows that has not begun yet."""
    nested = any(isinstance(cell, dict | list) for row in example.rows for cell in row.values())
    form = FORMATS[mapping.source.format or ("jsonl" if nested else "csv")]
    path = folder / f"example{form.suffixes[0]}"
    if form.sparse:
        path.write_bytes(b"".join(orjson.dumps(_as_json(row)) + b"\n" for row in example.rows))
    else:
        _write_table(path, example.rows, mapping, mapping.columns, "")
    (part,) = stack.enter_context(open_parts([str(path)]))
    part.label = _CALLED
    detect_encoding(part, "utf-8")
    mapping, layouts = layouts_of([part], form, mapping)
    lookups = stack.enter_context(open_lookups(mapping, dict(_lookup_files(mapping, example, folder))))
    rejects, ledger = stack.enter_context(Rejects.gather()), stack.enter_context(no_ledger())
    return Survey([part], layouts, mapping, ledger, settings_of(mapping), rejects, lookups=lookups)


def _lookup_files(mapping: Mapping, example: Example, folder: Path) -> Iterator[tuple[str, list[str]]]:
    """A table for each lookup of the mapping; one of which the example says nothing has no rows."""
    for name, lookup in mapping.lookups.items():
        read = [f"{name}.{lookup.there}", *(column for column in mapping.named if column.startswith(f"{name}."))]
        path = folder / f"{name}.csv"
        _write_table(path, example.lookups.get(name, ()), mapping, list(dict.fromkeys(read)), f"{name}.")
        yield name, [str(path)]


def _write_table(
    path: Path, rows: Sequence[dict[str, Any]], mapping: Mapping, columns: Sequence[str], prefix: str
) -> None:
    """Write rows as CSV, with the columns that the mapping reads and the rows leave out."""
    header = dict.fromkeys(name for row in rows for name in row)
    written = {name.strip().casefold() for name in header}
    for column in columns:
        spellings = (column.removeprefix(prefix), *mapping.source.aliases.get(column, ()))
        if not written & {name.strip().casefold() for name in spellings}:
            header[spellings[0]] = None
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(header))
        table.writeheader()
        table.writerows(rows)


def _as_json(cell: Any) -> Any:
    if isinstance(cell, dict):
        return {name: _as_json(value) for name, value in cell.items()}
    if isinstance(cell, list):
        return [_as_json(value) for value in cell]
    return orjson.Fragment(str(cell)) if isinstance(cell, Bare) else cell
