"""Columns: each field of an event with its column and what becomes of three orders, and other columns to be tried."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from backfill.commands.review.answers import Asked, Moved, Refused, Screen
from backfill.commands.review.index import Listed
from backfill.commands.review.reading import Reading
from backfill.commands.review.session import Session
from backfill.commands.review.totals import LEFT
from backfill.commands.review.trial import Place, Trial, shown_by
from backfill.commands.review.ways import SETTINGS, possible, way_word
from backfill.commands.review.words import field_word, moment
from backfill.convert.layout import column_names
from backfill.errors import BackfillError, shown
from backfill.fields import FIELDS
from backfill.mapping import EventTemplate, FieldSource, Mapping
from backfill.mapping.edit import with_columns, with_setting, without
from backfill.report.page.samples import Samples, steps_of
from backfill.report.page.source import unused
from backfill.report.page.veil import Veil
from backfill.survey.excerpt import Piece, survey_of
from backfill.survey.orders import Order, orders
from backfill.survey.statistics import Sample

NEEDED = ("order_id", "event_time")  # no event is made without them, and an identity
HINTS = {
    "order_id": "Tells orders apart for good. It must be the id that your live integration sends.",
    "email": "Who is credited.",
    "event_time": "When it counts.",
    "amount": "As it was ordered; what was refunded later is not taken off.",
}
_FIRST = 28  # characters of a column's first cell


@dataclass(frozen=True, slots=True)
class Value:
    """What becomes of one order's cell: the cell, what is sent, and what is wrong with it."""

    sent: str = ""
    cell: str = ""  # where it is another text
    column: str = ""  # where it is not the first one
    reason: str = ""


@dataclass(slots=True)
class Line:
    """One field of one event."""

    event: int
    name: str
    columns: list[str]
    fixed: str = ""  # what it always is, or a template
    steps: str = ""
    filled: int = 0
    needed: bool = False
    hint: str = ""
    why: str = ""  # where it was guessed
    turned: bool = False
    tried: list[str] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Setting:
    """How the file is read in one respect: what is stated, possible, and known."""

    name: str
    word: str
    value: str
    possible: dict[str, str]
    said: str
    turned: bool


def screen(session: Session, asked: Asked) -> Screen:
    """The screen: of what holds, or of a trial."""
    found = shown_by(session.trial_asked(asked), session.reading, session.unit)
    if isinstance(found, Screen):
        return found
    reading, trial = found.reading, found.trial
    how, number = asked.query.get("sample", ""), asked.number("sample", 0)
    listed = _odd(reading) if how == "odd" else _spread(reading, number)
    veil = Veil(reading.survey.mapping, session.shows_people)
    listed = [one for one in listed if not one.unreadable]
    rows = [reading.index.rows_of(one.id) for one in listed]
    cells = [_cells(reading, each) for each in rows]
    return Screen("columns.html", {
        "moment": lambda time: moment(time, reading.totals.zone),
        **found.bar, "number": number, "how": how,
        "samples": [(one, one.kind == LEFT) for one in listed],
        "templates": list(_templates(session, reading, rows, trial)),
        "options": [(name, _first(veil, name, cells)) for name in known_columns(reading)],
        "unmapped": (unmapped := [[name for name in FIELDS if name not in one.fields and name not in ("event_name",
                      "idempotency_key", "do_not_capi")] for one in reading.survey.mapping.events]),
        "perhaps": [session.guesses.perhaps(at, names) if session.guesses else [] for at, names in enumerate(unmapped)],
        "unused": unused(reading.parts, reading.survey.layouts, reading.survey.mapping),
        "settings": list(_settings(reading, trial)),
        "damage": reading.survey.damage(),
        "mapping": session.mapping_text, "changed_mapping": session.changed_mapping,
        "about": reading.survey.mapping.description or reading.survey.mapping.name,
    })  # fmt: skip


# -- what is shown -------------------------------------------------------------------------------------------------


def _spread(reading: Reading, number: int) -> list[Listed]:
    """Three orders, from the top, the middle and the end; by another number, three others."""
    size = reading.index.filled
    wanted = [number, size // 2 + number, size - 1 - number] if size > 2 else list(range(size))
    return reading.index.from_ids([at % size for at in wanted]) if size else []


def _odd(reading: Reading) -> list[Listed]:
    return reading.index.odd()


def _cells(reading: Reading, rows: Sequence[Any]) -> dict[str, str]:
    """An order's cells, the first that is filled of each column."""
    found: dict[str, str] = {}
    for row in rows:
        layout = reading.survey.layouts[row.part]
        for column, text in layout.format.cells_of(row.text, layout).shown():
            if text.strip() or column not in found:
                found[column] = found.get(column) or text.strip()
    return found


def _first(veil: Veil, name: str, cells: Sequence[dict[str, str]]) -> str:
    """A column's first cell, unless it may be a person's."""
    text = next((each[name] for each in cells if each.get(name)), "")
    seen = veil.cell(name, text)
    return "" if seen != text else text[:_FIRST] + ("…" if text[_FIRST:] else "")


def known_columns(reading: Reading) -> list[str]:
    """Every column of the file, under the mapping's name for it, and what the mapping reads of lookups."""
    mapping, survey = reading.survey.mapping, reading.survey
    names = dict.fromkeys(column_names(reading.parts, survey.layouts))
    theirs = {one.name_of(column): column for one in survey.layouts for column in mapping.columns}
    read = [name for template in mapping.events for cell in template.cells() for name in cell.names]
    return list(dict.fromkeys([*(theirs.get(name, name) for name in names), *read]))


def _templates(
    session: Session, reading: Reading, rows: list[Any], trial: Trial | None
) -> Iterator[tuple[str, list[Line]]]:
    mapping = reading.survey.mapping
    again = [_again(reading, each) for each in rows]
    cells = [_cells(reading, each) for each in rows]
    for at, template in enumerate(mapping.events):
        samples = Samples(replace(mapping, events=(template,)), reading.survey.layouts, [], session.shows_people)
        veil = Veil(mapping, session.shows_people)
        lines = [_line(session, reading, at, name, cell, trial) for name, cell in template.fields.items()]
        lines.append(_line(session, reading, at, "event_name", template.event_name, trial))
        for order, each, own in zip(again, rows, cells, strict=True):
            found = _values(order, at, samples, each)
            for line in lines:
                line.values.append(_value(line, found, own, veil, template))
        yield template.event_name.value or "event", lines


def _line(session: Session, reading: Reading, at: int, name: str, cell: FieldSource, trial: Trial | None) -> Line:
    fixed = ""
    if cell.value is not None:
        fixed = f"always {cell.value}"
    elif cell.template is not None:
        fixed = "".join(f"{{{part}}}" if kind == "column" else part for kind, part in cell.template)
    elif name == "event_name":
        fixed = ", else ".join(cell.columns)
    return Line(
        at, name, list(cell.columns), fixed, steps_of(cell),
        filled=reading.filled[at, name] if not cell.value else len(reading.survey.mapping.events) and reading.records,
        needed=name in NEEDED, hint=HINTS.get(name, ""),
        turned=trial is not None and trial.place == (at, name),
        tried=session.tried.get((at, name), []),
        why=session.guesses.why(name, cell.columns) if session.guesses and not at else "",
    )  # fmt: skip


def _again(reading: Reading, rows: list[Any]) -> Order | None:
    """An order once more by itself, its events made whether or not it counts."""
    survey = reading.survey
    parts = sorted({row.part for row in rows})
    texts = {part: [row.text for row in rows if row.part == part] for part in parts}
    mapping, layouts = reading.open_to_all()
    pieces = [Piece(survey.origins[part], layouts[part], texts[part]) for part in parts]
    with survey_of(survey, pieces, mapping) as again:
        return next((order for order in orders(again, bodies=True) if not order.unreadable), None)


def _values(order: Order | None, at: int, samples: Samples, rows: list[Any]) -> dict[str, Value]:
    """What is sent of an order by field, and what can't be."""
    if order is None or at >= len(order.events):
        return {}
    event = order.events[at]
    found = {name: Value(reason=reason) for _, name, _, reason in event.rules if name}
    for one in samples.story(Sample(0, event.name, event.body, rows)).fields if event.body else ():
        column, text = one.cells[0] if one.cells else ("", "")
        found[one.field] = Value(one.value, "" if _same(text, one.value) else text, column)
    return found


def _same(cell: str, sent: str) -> bool:
    """Whether a person would see no difference."""
    try:
        return cell == sent or Decimal(cell) == Decimal(sent)
    except InvalidOperation:
        return False


def _value(line: Line, found: dict[str, Value], own: dict[str, str], veil: Veil, template: EventTemplate) -> Value:
    cell = template.fields.get(line.name, template.event_name)
    first = next((name for name in cell.names if own.get(name)), "")
    value = found.get(line.name)
    if value is None:
        return Value(cell=veil.cell(first, own[first]) if first else "")
    if value.reason:
        return replace(value, cell=veil.cell(first, own[first]) if first else "")
    return replace(value, column=value.column if value.column != (line.columns or [""])[0] else "")


def _settings(reading: Reading, trial: Trial | None) -> Iterator[Setting]:
    source, clues = reading.survey.mapping.source, reading.survey.inference.clues
    for name, word in SETTINGS.items():
        clue = next((one for setting, one in clues.items() if setting.split(" ")[0] == name), None)
        stated = getattr(source, name)
        said = "The mapping or the command says so." if stated else ""
        if clue is not None:
            said = f"Read from row {clue.row:,} of {shown(clue.column)}; if that row is wrong, so are the others."
        elif not stated:
            said = "Not stated. What can’t be read without it is under Mend."
        value = stated or (clue.value if clue is not None else "")
        yield Setting(name, word, str(value), possible(name), said, trial is not None and trial.place == (-1, name))


# -- another column ------------------------------------------------------------------------------------------------


def change(session: Session, asked: Asked) -> Moved:
    """Try another column, or another way to read the file."""
    session.check_rev(asked)
    text, options = session.mapping_text.text, session.options
    if setting := asked.text("setting"):
        value = asked.text("value").strip()
        if setting not in SETTINGS or not value:
            raise Refused(400, "There is no such setting, or it says nothing.")
        place, what = (-1, setting), f"{SETTINGS[setting]}: {shown(way_word(setting, value))}"
        edited = _edited(with_setting, text, setting, value)
        options = options.but(**{setting: None})
    else:
        place, columns = _chosen(session, asked)
        what = _what(session.reading.survey.mapping, place, columns)
        edited, examples = _with_columns(text, place, columns)
        what += "" if examples else " (the mapping's examples, which name other columns, are left out)"
    try:
        screen = "mend" if asked.text("back") == "mend" else "columns"
        trial = session.try_out(place, what, edited, options, screen)
    except BackfillError as error:
        raise Refused(400, _sentence(error)) from None
    return Moved(f"columns?try={trial.number}", {"try": trial.number})


def _with_columns(text: str, place: Place, columns: list[str]) -> tuple[str, bool]:
    """The mapping's text, and whether its examples are still in it: those of a copied preset name its own columns."""
    try:
        return _edited(with_columns, text, *place, columns), True
    except Refused:
        bare = without(text, "tests")
        if bare == text:
            raise
        return _edited(with_columns, bare, *place, columns), False


def _chosen(session: Session, asked: Asked) -> tuple[Place, list[str]]:
    event, name = asked.text("event"), asked.text("field")
    sent = asked.sent.get("column", [])
    columns = [one for one in (sent if isinstance(sent, list) else [sent]) if isinstance(one, str) and one]
    mapping, known = session.reading.survey.mapping, set(known_columns(session.reading))
    if not event.isdigit() or int(event) >= len(mapping.events) or name not in FIELDS:
        raise Refused(400, "There is no such field.")
    if strange := [one for one in columns if one not in known]:
        raise Refused(400, f"The file has no column {shown(strange[0])}.")
    return (int(event), name), list(dict.fromkeys(columns))


def _what(mapping: Mapping, place: Place, columns: list[str]) -> str:
    had = mapping.events[place[0]].fields.get(place[1])
    before = f" instead of {', else '.join(map(shown, had.columns))}" if had and had.columns else ""
    if not columns:
        return f"{field_word(place[1])} is not sent"
    return f"{field_word(place[1])} from {', else '.join(map(shown, columns))}{before}"


def _edited(edit: Any, text: str, *given: Any) -> str:
    try:
        return str(edit(text, *given))
    except ValueError as error:
        raise Refused(400, f"{error}; change it in the mapping’s text.") from None
    except BackfillError as error:
        raise Refused(400, _sentence(error)) from None


def _sentence(error: BackfillError) -> str:
    return f"{str(error).strip().removeprefix(': ')}."


def keep(session: Session, asked: Asked) -> Moved:
    """Let what was tried hold."""
    session.check_rev(asked)
    screen = session.trial.screen if session.trial else "columns"
    session.keep_trial()
    return Moved(screen, {"rev": session.rev})


def put_back(session: Session, asked: Asked) -> Moved:
    """Give up what was tried."""
    session.check_rev(asked)
    screen = session.trial.screen if session.trial else "columns"
    session.drop_trial()
    return Moved(screen, {"rev": session.rev})


def save_other(session: Session, asked: Asked) -> Moved:
    """Write the mapping under a name that nothing has."""
    session.check_rev(asked)
    session.mapping_text.take_other_name()
    return save(session, asked)


def read_anew(session: Session, asked: Asked) -> Moved:
    """Read the mapping again, and the input by it."""
    session.check_rev(asked)
    session.read_again(anew=True)
    return Moved("columns")


def save(session: Session, asked: Asked) -> Moved:
    """Write the mapping."""
    session.check_rev(asked)
    session.save_mapping()
    place = "hand-over" if asked.text("back") == "hand-over" else "columns#saved"
    return Moved(place, {"rev": session.rev, "file": session.mapping_text.path.name})
