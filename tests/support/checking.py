"""A check in this process: files are written, read and judged; the result is returned as values."""

import csv
import io
import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from backfill.commands.upload import upload
from backfill.convert import ConvertSettings
from backfill.convert.layout import format_of, layouts_of
from backfill.convert.route import Route, Share
from backfill.fields import Locale
from backfill.files.encoding import detect_encoding
from backfill.files.open import open_parts
from backfill.files.rejects import Rejects
from backfill.files.rows import FRAME_ROWS, Rows
from backfill.ledger.sqlite.ledger import SqliteLedger
from backfill.mapping import Mapping as Model
from backfill.mapping import load_text
from backfill.report.console import Console
from backfill.run.options import Options
from backfill.survey.passes import Survey

NOW = int(time.time())
MAPPING = """
mapping: 1
name: small
events:
  - event_name: purchase
    fields: {order_id: id, email: email, amount: total, event_time: at}
"""
HEADER = "id,email,total,at\n"
ROW = "{},p{}@example.com,{}.50,2024-05-01T10:00:00Z\n"
VERDICTS = ("already", "invalid", "duplicate", "accepted", "refused", "undelivered", "unattempted", "ready")


def orders(*numbers: int, header: str = HEADER) -> str:
    """A small export."""
    return header + "".join(ROW.format(n, n, n) for n in numbers)


def mapping_of(**source: Any) -> str:
    """The small mapping with these options of its source."""
    return MAPPING.replace("events:", f"source: {json.dumps(source)}\nevents:")


def write(folder: Path, files: Mapping[str, str | bytes]) -> list[str]:
    """Write files and name them; text is written as UTF-8, its line ends unchanged."""
    for name, data in files.items():
        (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass"))
    return [str(folder / name) for name in files]


def as_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerows([header, *rows])
    return file.getvalue()


def as_jsonl(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    objects = (dict(zip(header, row, strict=True)) for row in rows)
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in objects)


TABLES = {"csv": as_csv, "jsonl": as_jsonl}  # how each format has a table: its header, and its rows


def cells_at(rows: Rows, at: int) -> list[str]:
    """One row's cells."""
    return [cells[at].as_py() for cells in rows.cells]


@cache
def loaded(text: str) -> Model:
    """The mapping of a text; one that many checks share is read once."""
    return load_text(text, "test.yaml")


@contextmanager
def surveyed(
    names: list[str],
    mapping: str = MAPPING,
    *,
    frame: int = FRAME_ROWS,
    ledger: Path = Path("none"),
    route: Route | None = None,
    resend: bool = False,
    **settings: Any,
) -> Iterator[Survey]:
    """Survey files as a run does, with frames of any size."""
    made = replace(loaded(mapping), route=route.column if route else None)
    zone = ZoneInfo(made.source.timezone) if made.source.timezone else None
    reading = Locale(NOW, zone, made.source.date_order, made.source.date_hour, made.source.decimal)
    with open_parts(names) as parts, Rejects.gather() as rejects, SqliteLedger.look(ledger) as known:
        for part in parts:
            detect_encoding(part, made.source.encoding)
        made, layouts = layouts_of(parts, format_of(parts[0], made.source.format), made)
        share = Share(route, layouts) if route else None
        how = ConvertSettings(reading, **settings), rejects, frame
        survey = Survey(parts, layouts, made, known, *how, share=share, resend=resend)
        survey.take(Console(quiet=True).progress("reading", 0, "B"))
        survey.account.counts.check()
        yield survey


def events_of(names: list[str], mapping: str = MAPPING, **options: Any) -> list[dict[str, Any]]:
    """The bodies that would go out, in order."""
    with surveyed(names, mapping, **options) as survey:
        return [json.loads(event.body) for event in survey.events(1, None)]


@dataclass
class Checked:
    code: int
    summary: dict[str, Any]
    said: str  # on standard error

    def __getitem__(self, name: str) -> Any:
        return self.summary[name]

    @property
    def rejects(self) -> list[dict[str, str]]:
        """The reject file's rows, of an input in UTF-8."""
        found = self.summary["rejects_file"]
        if found is None:
            return []
        text = Path(found).read_bytes().decode("utf-8-sig", "surrogateescape")
        if found.endswith((".jsonl", ".ndjson", ".json")):
            return [json.loads(line) for line in text.splitlines()]
        return list(csv.DictReader(io.StringIO(text, newline="")))

    @property
    def codes(self) -> dict[str, str]:
        """Row to codes."""
        return {row["_row"]: row["_code"] for row in self.rejects}


@dataclass
class Desk:
    """A folder to check files in."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def check(self, files: Mapping[str, str | bytes] | str, mapping: str = MAPPING, **options: Any) -> Checked:
        """Check files that are written first; a text alone is orders.csv."""
        names = write(self.folder, {"orders.csv": files} if isinstance(files, str) else files)
        return self.run("check", *names, mapping=mapping, **options)

    def run(self, command: str, *names: str, mapping: str = MAPPING, **options: Any) -> Checked:
        path = self.folder / "mapping.yaml"
        path.write_text(mapping, encoding="utf-8")
        summary = self.folder / "summary.json"
        summary.unlink(missing_ok=True)
        given: dict[str, Any] = {"mapping": str(path), "state": self.folder / "state", "base_url": "https://a.test"}
        given["api_key"] = str(self.folder)  # one Space's pace is shared by all runs on a machine
        self.capsys.readouterr()
        code = upload(Options.of(command, names, ("backfill", command, *names), summary=summary, **(given | options)))
        found = json.loads(summary.read_text(encoding="utf-8")) if summary.exists() else {"exit_code": code}
        said = self.capsys.readouterr().err
        assert found["exit_code"] == code
        assert code != 1 and "Traceback" not in said, said
        if "rows" in found:
            assert found["balanced"]
            assert found["rows"] == found["records"] + found["merged"]
            assert found["events"] == sum(found[verdict] for verdict in VERDICTS)
        return Checked(code, found, said)
