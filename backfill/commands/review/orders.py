"""Orders: every order with its verdict, found by id, name or e-mail, and its story."""

from dataclasses import dataclass
from typing import Any

from backfill.commands.review.answers import Asked, Moved, Refused, Screen
from backfill.commands.review.index import PAGE, Listed
from backfill.commands.review.reject_rows import Fault
from backfill.commands.review.session import Session
from backfill.commands.review.totals import ALREADY, DUPLICATE, KINDS, LEFT, MEND, MENDED
from backfill.commands.review.words import KIND_WORDS, field_word, moment
from backfill.event import Row
from backfill.ledger.story import story, story_text
from backfill.report.page.samples import Samples, Shown
from backfill.survey.excerpt import Piece, survey_of
from backfill.survey.orders import Order, orders
from backfill.survey.statistics import Sample


@dataclass(frozen=True, slots=True)
class Told:
    """One event of an order as it goes out."""

    name: str
    verdict: str
    reasons: list[str]
    fields: list[Shown]


@dataclass(frozen=True, slots=True)
class Story:
    """What becomes of one order, and why."""

    listed: Listed
    says: str
    events: list[Told]
    rows: str
    cells: list[tuple[str, str]]  # of its first row; of one that can't be read, nothing
    past: str


def screen(session: Session, asked: Asked) -> Screen:
    """The list, or one order of it opened."""
    index, zone = session.reading.index, session.reading.totals.zone
    kind = asked.query.get("show", "")
    kind = kind if kind in KINDS else ""
    number = asked.number("s", 0)
    search = session.searched(number)
    found = index.number(kind, search)
    pages = max(1, -(-found // PAGE))
    page = min(asked.number("page"), pages)
    listed = index.listed(kind, search, page)
    opened = index.at(asked.query.get("open", ""))
    if opened is None and found == 1 and search:
        opened = listed[0]
    return Screen("orders.html", {
        "listed": [(one, moment(one.time, zone), session.masked(one.email)) for one in listed],
        "story": story_of(session, opened) if opened else None,
        "kind": kind, "search": search, "s": number, "page": page, "pages": pages, "found": found,
        "chips": [(one, KIND_WORDS[one], n) for one in KINDS if (n := session.reading.totals.orders(one))],
        "every": session.reading.totals.orders(*KINDS),
    })  # fmt: skip


def find(session: Session, asked: Asked) -> Moved:
    """Keep what is searched for, which may be an e-mail, out of the address."""
    text = asked.text("q").strip()[:200]
    return Moved(f"orders?s={session.search(text)}" if text else "orders")


def one(session: Session, asked: Asked) -> Screen:
    """One order alone."""
    listed = session.reading.index.at(asked.place[1])
    if listed is None:
        raise Refused(404, f"No {session.noun} begins in this row.")
    return Screen("order.html", {"story": story_of(session, listed)})


def story_of(session: Session, listed: Listed) -> Story:
    """An order's story: its rows are judged once more by themselves, to show what would be sent."""
    rows = session.reading.index.rows_of(listed.id)
    found = None if listed.unreadable else _again(session, rows)
    samples = Samples(session.reading.survey.mapping, session.reading.survey.layouts, [], session.shows_people)
    events = [_told(session, one, samples, listed, rows) for one in (found.events if found else ())]
    cells: list[tuple[str, str]] = []
    if found is not None and not events:
        cells = samples.cells(rows)
    return Story(listed, _says(session, listed), events, _places(session, rows), cells, _past(session, listed))


def _again(session: Session, rows: list[Row]) -> Order | None:
    survey = session.reading.survey
    parts = sorted({row.part for row in rows})
    texts = {part: [row.text for row in rows if row.part == part] for part in parts}
    pieces = [Piece(survey.origins[part], survey.layouts[part], texts[part]) for part in parts]
    with survey_of(survey, pieces) as again:
        return next((order for order in orders(again, bodies=True) if not order.unreadable), None)


def _told(session: Session, event: Any, samples: Samples, listed: Listed, rows: list[Row]) -> Told:
    shown = samples.story(Sample(0, event.name, event.body, rows)) if event.body and event.name else None
    rejected = session.mending.rows.of(listed.id) if event.rules else []
    faults = [session.mending.traced(Fault(*rule), rejected, mended=False) for rule in event.rules]
    reasons = [f"{field_word(one.field)}: {one.reason}" if one.field else one.reason for one in faults]
    return Told(event.name, str(event.verdict), reasons, shown.fields if shown else [])


def _says(session: Session, listed: Listed) -> str:
    """The verdict in a sentence, with the way to change it."""
    if listed.kind == LEFT:
        column = next(
            (name for name in session.reading.survey.mapping.columns if listed.why.startswith(f"{name} ")), ""
        )
        why = f"{column} {listed.why.removeprefix(column).strip()}" if column else listed.why
        if any(one.column == column and not one.lists for one in session.reading.survey.mapping.conditions):
            return f"Left out: {why}. If that is a mistake, take the condition off under What counts."
        return f"Left out, and no mistake: {why}."
    return {
        MEND: f"Can’t go as it is: {listed.why}.",
        MENDED: f"Mended: it goes out with {session.mended_file}.",
        ALREADY: "Already sent: Cometly has it, and it is not sent again.",
        DUPLICATE: "The same twice: another row of the file says just the same, and it is sent once.",
    }.get(listed.kind, "Would be sent: it is new to this Space and breaks no rule.")


def _places(session: Session, rows: list[Row]) -> str:
    numbers = [f"{row.number:,}" for row in rows[:6]] + (["…"] if rows[6:] else [])
    parts = session.reading.parts
    where = f" of {parts[rows[0].part].path.name}" if len(parts) > 1 else ""
    return f"Row{'s' if rows[1:] else ''} {', '.join(numbers)}{where}"


def _past(session: Session, listed: Listed) -> str:
    """What earlier runs did with the order, as `why` tells it."""
    ledger = session.reading.survey.ledger
    found = story(ledger, listed.order_id) if listed.order_id else None
    return story_text(found, listed.order_id) if found else ""
