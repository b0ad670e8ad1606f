"""The library: a check as a function. It prints nothing, asks nothing and ends no process; what stops it is raised."""

import csv
import io
import json
import os
import re
import tempfile
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from backfill.errors import BackfillError, UsageError, counted, shown
from backfill.files.frame import write_frame
from backfill.files.rejects import Rejects
from backfill.report.console import Console
from backfill.run import option_values
from backfill.run.context import Run
from backfill.run.finish import summary_of
from backfill.run.gate import gate
from backfill.run.input import read_input
from backfill.run.open_ledger import space_of
from backfill.run.options import Options, address_named, state_folder
from backfill.run.survey import survey_input
from backfill.space import refuse_address
from backfill.storage.state_folder import state_named
from backfill.survey.passes import Survey

__all__ = ["BackfillError", "Result", "check"]

File = str | os.PathLike[str]
Source = File | Sequence[File] | pd.DataFrame

_FRAME = "DataFrame.csv"
_half = re.compile("[\ud800-\udfff]")
_LONGEST_INT = 4300  # digits that Python makes an int of


@dataclass(frozen=True, slots=True, repr=False)
class Result:
    """What a check found. Counts are as the summary has them; it balances.

    `events` has the events that are ready, a row each, its columns the API's fields in force, amounts as decimals.
    `rejects` has the rows that a person must look at: why, in the columns that begin with `_`, then their own cells as
    texts; `_row` counts rows from 1.
    """

    rows: int
    merged: int
    records: int
    without_event: int
    unreadable: int
    already: int
    invalid: int
    duplicate: int
    ready: int
    changed: int
    codes: dict[str, int]  # of the rejects
    amount: Decimal  # of the events that are ready
    events: pd.DataFrame
    rejects: pd.DataFrame
    warnings: tuple[str, ...]
    summary: dict[str, Any]  # all of it, as `backfill check --json` has it

    def __repr__(self) -> str:
        rows = counted(len(self.rejects), "row")
        return f"<Result: {self.ready:,} ready, {self.already:,} already there, {rows} rejected>"


def check(
    source: Source,
    mapping: File | None = None,
    *,
    lookups: Mapping[str, Source] | None = None,
    space: str = "default",
    state: File | None = None,
    base_url: str | None = None,
    timezone: str | None = None,
    date_order: str | None = None,
    decimal: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> Result:
    """Check an export, as `backfill check` does: read, map, validate, compare with the ledger. Nothing is sent.

    `source` is a file, several, or a DataFrame, whose cells are read as a workbook's; `mapping` is a preset's name or a
    file, else the header picks a preset. The others are the options of the same names. Raises BackfillError, whose
    `exit_code` is the command's.
    """
    _refuse(space=space, timezone=timezone, date_order=date_order, decimal=decimal, encoding=encoding, sheet=sheet)
    _refuse(since=since, until=until, base_url=base_url)
    _refuse(mapping=_named(mapping), state=_named(state))
    refuse_address(address_named(base_url))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="backfill-library-")))
        stack.enter_context(_without(f"{folder}{os.sep}"))
        files = _files(source, folder)
        joined = [(name, file) for name, of in (lookups or {}).items() for file in _files(of, folder, f"{name}.")]
        options = Options.of(
            "check",
            files,
            ("backfill", "check", *files),
            mapping=_named(mapping),
            lookups=tuple(joined),
            space=space,
            state=state_named(Path(state) if state is not None else None),
            base_url=address_named(base_url),
            timezone=timezone,
            date_order=date_order,
            decimal=decimal,
            encoding=encoding,
            sheet=sheet,
            since=since,
            until=until,
        )
        console = _Kept(f"{folder}{os.sep}")
        run = Run(options, console, stack.enter_context(state_folder(options)), stack.enter_context(Rejects.gather()))
        parts, read = read_input(run, stack)
        ledger = stack.enter_context(space_of(options, run.state))
        survey = survey_input(run, parts, read, ledger, stack)
        gate(survey, options, console)
        return _result(run, survey, console)


_ORDERS, _MARKS = ("ymd", "dmy", "mdy"), (".", ",")


def _refuse(**given: object) -> None:
    """Raise UsageError for an option that no command line would take."""
    readers: dict[str, Callable[[str], str]] = {
        "space": option_values.space,
        "timezone": option_values.zone,
        "encoding": option_values.encoding,
        "date_order": lambda text: _one_of(text, _ORDERS),
        "decimal": lambda text: _one_of(text, _MARKS),
    }
    for name, text in given.items():
        try:
            if text is None:
                continue
            if not isinstance(text, str):
                raise ArgumentTypeError(f"must be a text, and is of {type(text).__name__}")
            readers.get(name, option_values.filled)(text)
        except ArgumentTypeError as error:
            raise UsageError(f"{name}: {error}") from None


def _named(file: File | None) -> str | None:
    return None if file is None else os.fspath(file)


def _one_of(text: str, possible: Sequence[str]) -> str:
    if text not in possible:
        raise ArgumentTypeError(f"{text!r} is none of {', '.join(possible)}")
    return text


@contextmanager
def _without(folder: str) -> Iterator[None]:
    """Leave a folder out of what stops the body: files there have no other name."""
    try:
        yield
    except BackfillError as error:
        error.args = (str(error).replace(folder, ""), *error.args[1:])
        raise


class _Kept(Console):
    """A console that keeps what a person should know. `folder` is left out of it: files there have no other name."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self._folder, self.warnings = folder, list[str]()

    def emit(self, level: str, text: str, **_: Any) -> None:
        if level in ("warning", "note"):
            self.warnings.append(text.replace(self._folder, ""))

    @property
    def draws(self) -> bool:
        return False


def _files(source: Source, folder: Path, prefix: str = "") -> tuple[str, ...]:
    if isinstance(source, pd.DataFrame):
        path = folder / f"{prefix}{_FRAME}"
        with path.open("wb") as file:
            write_frame(source, file)
        return (str(path),)
    if isinstance(source, str | os.PathLike):
        return (os.fspath(source),)
    files = tuple(os.fspath(one) for one in source)
    if not files:
        raise UsageError("there is no file in the list; name one, or several")
    return files


def _result(run: Run, survey: Survey, console: _Kept) -> Result:
    counts = survey.account.counts
    summary = summary_of(run, 3 if counts.rejects else 0)
    bodies = [json.loads(event.body, parse_float=Decimal) for event in survey.events(0, None)]
    same = ("rows", "merged", "records", "without_event", "unreadable", "already", "invalid", "duplicate", "ready")
    return Result(
        **{name: summary[name] for name in (*same, "changed")},
        codes={str(code): number for code, number in summary["codes"].items()},
        amount=Decimal(summary["amount"].get("ready", "0")),
        events=pd.DataFrame(bodies, columns=None if bodies else _columns(survey)),
        rejects=_rejects(survey),
        warnings=tuple(console.warnings),
        summary=summary,
    )


def _columns(survey: Survey) -> list[str]:
    """What events have, where there is none to show it."""
    return list(dict.fromkeys(["event_name", *(name for one in survey.mapping.events for name in one.fields)]))


def _integer(text: str) -> int | Decimal:
    """A number that Python takes for an integer of any length."""
    return int(text) if len(text) <= _LONGEST_INT else Decimal(text)


def _rejects(survey: Survey) -> pd.DataFrame:
    """The reject file's rows, without writing one that stays."""
    layout = survey.layouts[0]
    with tempfile.TemporaryFile(prefix="backfill-library-") as file:
        encoding = survey.rejects.render(file, survey.origins, survey.layouts)
        file.seek(0)
        with io.TextIOWrapper(file, encoding, errors="surrogateescape", newline="") as text:
            if layout.format.sparse:
                lines = (json.loads(line, parse_float=Decimal, parse_int=_integer) for line in text)
                frame = pd.DataFrame([{_whole(name): _whole(cell) for name, cell in line.items()} for line in lines])
                met = {name for one in survey.layouts for name in one.present if "." not in name}
                return frame.assign(**dict.fromkeys(sorted(met - {*frame.columns})))  # an object may leave one out
            delimiter = "," if layout.sheet else layout.delimiter
            header, *rows = csv.reader(
                text, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL if layout.quoted else csv.QUOTE_NONE
            )
            return pd.DataFrame([list(map(_whole, row)) for row in rows], columns=pd.Index(map(_whole, header)))


def _whole(cell: Any) -> Any:
    """A cell that pandas takes: bytes that are no text, and halves of characters, made visible."""
    return _half.sub(lambda found: shown(found[0]), cell) if isinstance(cell, str) else cell
