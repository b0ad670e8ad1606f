"""Lines: a rejected order as the table shows it, its wrong cells to be written in, people masked."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC
from typing import Any

from backfill.commands.review.answers import Refused
from backfill.commands.review.journal import Place
from backfill.commands.review.mending import ASK, WRONG, Judged, Mending
from backfill.commands.review.reject_rows import Fault, RejectRow
from backfill.commands.review.session import Session
from backfill.commands.review.totals import MENDED
from backfill.commands.review.ways import SETTINGS, possible, way_word
from backfill.commands.review.words import day
from backfill.event import Code
from backfill.fields import Locale, read_time
from backfill.report.page.veil import Veil

_USUAL = ("order_id", "email", "amount", "event_time")  # fields whose columns the table always has
_COLUMNS = 7  # at most, of those that something is wrong in on the page
_RAW = 2000  # characters of a row that can't be read
_PREFIX = "c|"  # of the names under which cells are sent


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as it is shown: to be written in where it has a name."""

    column: str
    text: str  # as it may be seen
    name: str = ""
    clear: str = ""  # what an input holds; "" where that must not be seen
    masked: bool = False
    reasons: list[str] = field(default_factory=list)
    changed: bool = False
    choices: list[tuple[str, str, str]] = field(default_factory=list)  # setting, value, words; no value: at Columns


@dataclass(slots=True)
class Line:
    """One rejected order."""

    place: str
    name: str
    rows: str
    state: str
    says: str
    cells: dict[str, list[Cell]]  # by column
    told: dict[str, str]  # what stands in the table's other columns
    reasons: list[str]  # that are about no cell of the table
    raw: str = ""
    asks: tuple[str, str] = ("", "")


def line_of(session: Session, owner: int) -> Line:
    """A rejected order as it is by now."""
    mending = session.mending
    rows, listed = mending.rows.of(owner), session.reading.index.order(owner)
    judged = mending.judged.get(owner) or _as_read(mending, owner, rows)
    line = Line(listed.place, listed.name, _numbers(session, rows), judged.state, judged.says, {}, {}, [])
    met: set[str] = set()
    for (part, number, column), reasons in judged.wrong.items():
        row = next(row for row in rows if row.place == (part, number))
        line.cells.setdefault(column, []).append(cell_of(session, row, column, line, reasons))
        met.update(reasons)
    for row in rows:
        for column in mending.journal.edits.get(row.place, ()):
            if column in mending.cells(row) and not _has(line, row, column):
                line.cells.setdefault(column, []).append(cell_of(session, row, column, line, []))
    if judged.state == WRONG and judged.says not in met:
        line.reasons.append(judged.says)
    if judged.state == ASK:
        line.asks = judged.asks
    if listed.kind != MENDED and any(fault.code == Code.UNREADABLE for row in rows for fault in row.faults):
        raw = session.reading.index.rows_of(owner)[0].text.rstrip("\r\n")[:_RAW]
        line.raw = raw if session.shows_people else "the row holds people; show them to read it"
    return line


def _as_read(mending: Mending, owner: int, rows: list[RejectRow]) -> Judged:
    """What the reading said of an order that nobody has mended."""
    judged = Judged(owner, WRONG)
    faults = dict.fromkeys(fault for row in rows for fault in row.faults)
    for fault in dict.fromkeys(mending.traced(Fault(*one), rows) for one in faults):
        judged.says = judged.says or fault.reason
        for row, column in mending.places(fault, rows):
            judged.wrong.setdefault((*row.place, column), []).append(fault.reason)
    return judged


def _has(line: Line, row: RejectRow, column: str) -> bool:
    return any(cell.name == name_of(row.place, column) for cell in line.cells.get(column, ()))


def cell_of(session: Session, row: RejectRow, column: str, line: Line, reasons: list[str] | None = None) -> Cell:
    """A cell of a row that can be written in."""
    text = session.mending.cells(row).get(column, "")
    veil = Veil(session.reading.survey.mapping, session.shows_people)
    seen = veil.cell(column, text)
    changed = column in session.mending.journal.edits.get(row.place, ())
    if reasons is None:
        reasons = [one for cell in line.cells.get(column, ()) if cell.name == name_of(row.place, column)
                   for one in cell.reasons]  # fmt: skip
    masked = bool(text) and seen != text and not changed
    clear, choices = "" if masked else text, list(_choices(session, reasons, text))
    return Cell(column, seen, name_of(row.place, column), clear, masked, reasons, changed, choices)


def _choices(session: Session, reasons: list[str], text: str) -> Iterator[tuple[str, str, str]]:
    """The settings by which a cell could be read, and the day that each order of day and month makes of it."""
    locale = session.reading.survey.settings.locale
    for setting, word in SETTINGS.items():
        asking = [reason for reason in reasons if "set source." in reason and f"source.{setting}" in reason]
        if asking and setting == "timezone":
            yield setting, "", word
        elif asking:
            values = [one for one in possible(setting) if one != getattr(locale, setting)]
            values = [one for one in values if not any(f"no number with {one!r}" in reason for reason in asking)]
            for value in values:
                said = way_word(setting, value)
                if setting == "decimal":
                    yield setting, value, f"{word}: {said}"
                elif means := _means(text, value, locale):
                    yield setting, value, f"{said}: {means}"


def _means(text: str, order: Any, locale: Locale) -> str:
    """The day that a time is by an order of day and month; empty where it is none by that."""
    zone = locale.timezone or UTC
    time = read_time(text, replace(locale, date_order=order, timezone=zone))
    return day(time, zone) if time else ""


def fitted(session: Session, line: Line, columns: list[str]) -> Line:
    """The order with a cell for every column of the table, and what no column has among its reasons."""
    for column in [column for column in line.cells if column not in columns]:
        line.reasons += [f"{column}: {reason}" for cell in line.cells.pop(column) for reason in cell.reasons]
    rows = [session.mending.cells(row) for row in session.mending.rows.of(owner_at(session, line.place))]
    veil = Veil(session.reading.survey.mapping, session.shows_people)
    for column in columns:
        if column not in line.cells:
            text = next(filter(None, (cells.get(column, "").strip() for cells in rows)), "")
            line.told[column] = veil.cell(column, text)
    return line


def columns_of(session: Session, lines: Iterable[Line]) -> list[str]:
    """The table's columns: where something is wrong, and what an order is known by; in the file's order."""
    mapping = session.reading.survey.mapping
    wrong = list(dict.fromkeys(column for line in lines for column in line.cells))[:_COLUMNS]
    fields = [cell for name in _USUAL for one in mapping.events if (cell := one.fields.get(name))]
    usual = [column for cell in fields for column in cell.columns[:1] if mapping.lookup_of(column) is None]
    return list(dict.fromkeys([*usual, *wrong]))[: max(_COLUMNS, len(wrong))]


def ordered(cells: Mapping[str, str], read: list[str]) -> list[str]:
    """The columns that the mapping reads, and then the others."""
    return [*(name for name in read if name in cells), *(name for name in cells if name not in read)]


def _numbers(session: Session, rows: list[RejectRow]) -> str:
    numbers = [f"{row.number:,}" for row in rows[:4]] + (["…"] if rows[4:] else [])
    where = f" of {session.reading.parts[rows[0].part].path.name}" if len(session.reading.parts) > 1 else ""
    return f"row{'s' if rows[1:] else ''} {', '.join(numbers)}{where}"


def name_of(place: Place, column: str) -> str:
    return f"{_PREFIX}{place[0]}-{place[1]}|{column}"


def split_name(name: str) -> tuple[Place, str]:
    """A cell's row and column. Raises Refused."""
    place, bar_, column = name.removeprefix(_PREFIX).partition("|")
    part, _, number = place.partition("-")
    if not (bar_ and part.isascii() and part.isdigit() and number.isascii() and number.isdigit() and len(place) < 20):
        raise Refused(400, "This names no cell of the file.")
    return (int(part), int(number)), column


def sent_cells(sent: Mapping[str, Any]) -> dict[Place, dict[str, str]]:
    """The cells that were sent; of a masked one that was left empty nothing is to be changed."""
    found: dict[Place, dict[str, str]] = {}
    for name, text in sent.items():
        if not name.startswith(_PREFIX) or not isinstance(text, str):
            continue
        if not text and sent.get(f"masked|{name}"):
            continue
        place, column = split_name(name)
        found.setdefault(place, {})[column] = text
    return found


def owner_at(session: Session, place: str) -> int:
    listed = session.reading.index.at(place)
    if listed is None or not session.mending.rows.of(listed.id):
        raise Refused(404, f"No rejected {session.noun} begins in this row.")
    return listed.id
