"""Mend: the rejected orders as a table whose wrong cells can be written in, each judged at once."""

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from backfill.commands.review.answers import Asked, Moved, Refused, Screen
from backfill.commands.review.journal import Place
from backfill.commands.review.mending import READY, Aside, Judged
from backfill.commands.review.reject_lines import (
    cell_of,
    columns_of,
    fitted,
    line_of,
    ordered,
    owner_at,
    sent_cells,
    split_name,
)
from backfill.commands.review.reject_rows import PAGE
from backfill.commands.review.session import Session
from backfill.commands.review.totals import MENDED
from backfill.commands.review.ways import plain
from backfill.commands.review.words import CODE_WORDS, REMEDIES, money_text, verdict
from backfill.errors import BackfillError, StateError
from backfill.files.marks import HELD
from backfill.report.page.veil import Veil


def screen(session: Session, asked: Asked) -> Screen:
    """One page of the rejected orders, of one code or of all."""
    rows = session.mending.rows
    codes = rows.codes()
    code = asked.query.get("why", "")
    code = code if code in dict(codes) else ""
    every, found = len(rows), dict(codes).get(code, 0) or len(rows)
    pages = max(1, -(-found // PAGE))
    page = min(asked.number("page"), pages)
    lines = [line_of(session, owner) for owner in rows.owners(code, page)]
    columns = columns_of(session, lines)
    return Screen("mend.html", {
        "lines": [fitted(session, line, columns) for line in lines], "columns": columns,
        "codes": [(one, CODE_WORDS.get(one, one), number) for one, number in codes],
        "code": code, "page": page, "pages": pages, "found": found, "every": every,
        "cures": session.reading.survey.cures(),
        "remedies": REMEDIES,
        **bar(session),
    })  # fmt: skip


def one(session: Session, asked: Asked) -> Screen:
    """One rejected order with all its cells."""
    owner = owner_at(session, asked.place[1])
    line = line_of(session, owner)
    read = [name for name in session.reading.survey.mapping.columns if name not in HELD]
    tables = [
        (row, [cell_of(session, row, column, line) for column in ordered(session.mending.cells(row), read)])
        for row in session.mending.rows.of(owner)
    ]
    return Screen("mend_one.html", {"line": line, "tables": tables, "read": set(read), **bar(session)})


def change(session: Session, asked: Asked) -> Moved:
    """Change cells of one order."""
    session.check_rev(asked)
    owner, mending = owner_at(session, asked.place[1]), session.mending
    cells = sent_cells(asked.sent)
    try:
        found = mending.change(owner, cells) if cells else []
        if asked.text("take_key") == "yes":
            found = mending.take_key(owner)
    except BackfillError as error:
        raise Refused(400, f"{error}.") from None
    session.rev += 1
    session.kept_at = time.time()
    back = asked.text("back")
    place = back if back.startswith("mend") and back.isascii() else "mend"
    if not found:
        return Moved(place, {"rev": session.rev})
    return Moved(f"{place}#o-{asked.place[1]}", _found(session, found, _alike(session, owner, cells)))


def alike(session: Session, asked: Asked) -> Moved:
    """Write the same where a cell of the same column said the same."""
    session.check_rev(asked)
    column, was, now = asked.text("column"), asked.text("was"), asked.text("now")
    found: list[Judged] = []
    try:
        for owner, place in _same(session, column, was):
            found += session.mending.change(owner, {place: {column: now}})
    except BackfillError as error:
        raise Refused(400, f"{error}.") from None
    finally:
        session.rev += bool(found)
    session.kept_at = time.time()
    return Moved("mend", _found(session, found, 0))


def save(session: Session, asked: Asked) -> Moved:
    """Write the reject file."""
    session.check_rev(asked)
    if session.reading.changed:
        raise Refused(
            409,
            f"{session.reading.changed} has changed since it was read. Reload this page, read it again, and save then.",
        )
    try:
        path = session.mending.save(session.options.source.files[0])
    except StateError as error:
        raise Refused(507, f"{error}.") from None
    session.rev += 1
    return Moved("mend#save", {"rev": session.rev, "file": path.name, **bar_json(session)})


def drop(session: Session, asked: Asked) -> Moved:
    """Drop every mended cell, or those that are not taken up."""
    session.check_rev(asked)
    if asked.text("aside"):
        session.mending.forget_aside()
    else:
        session.mending.forget()
    session.rev += 1
    return Moved("mend", {"rev": session.rev})


def reveal(session: Session, asked: Asked) -> Screen:
    """One masked cell, as it is."""
    owner = owner_at(session, asked.place[1])
    place, column = split_name(asked.query.get("cell", ""))
    for row in session.mending.rows.of(owner):
        if row.place == place:
            return Screen("", {"text": session.mending.cells(row).get(column, "")})
    raise Refused(404, "There is no such cell.")


# -- alike -------------------------------------------------------------------------------------------------------------


def _same(session: Session, column: str, was: str) -> list[tuple[int, Place]]:
    """The cells of a column, none of people or ids, that said the same, are wrong, and are as they were."""
    mapping = session.reading.survey.mapping
    keyed = [cell for one in mapping.events for cell in (one.fields.get("order_id"), one.idempotency_key) if cell]
    if not was or Veil(mapping, False).cell(column, was) != was or any(column in cell.names for cell in keyed):
        return []
    mending = session.mending
    found = []
    for row in mending.rows.with_text(was):
        edits = mending.journal.edits.get(row.place, {})
        wrong = any(column == at for fault in row.faults for _, at in mending.places(fault, [row]))
        owner = mending.rows.owner_at(*row.place)
        if wrong and column not in edits and owner is not None and mending.cells(row).get(column) == was:
            found.append((owner, row.place))
    return found


def _alike(session: Session, owner: int, cells: dict[Place, dict[str, str]]) -> dict[str, Any] | None:
    """Where others say what one cell said before it was mended: how many."""
    changed = [(place, column, text) for place, texts in cells.items() for column, text in texts.items()]
    if len(changed) != 1 or session.mending.judged[owner].state != READY:
        return None
    place, column, now = changed[0]
    row = next(row for row in session.mending.rows.of(owner) if row.place == place)
    layout = session.mending.layout
    was = dict(layout.format.cells_of(row.text, layout).shown()).get(column, "")
    number = len(_same(session, column, was))
    return {"column": column, "was": was, "now": now, "orders": number} if number else None


# -- what the script is told, and the bar ------------------------------------------------------------------------------


def _found(session: Session, found: list[Judged], same: object) -> dict[str, Any]:
    """The orders that were judged, as the script shows them."""
    told = []
    for judged in found:
        line = line_of(session, judged.owner)
        cells = {cell.name: "; ".join(map(plain, cell.reasons)) for of in line.cells.values() for cell in of}
        says = "ready now" if judged.state == READY else "; ".join(map(plain, line.reasons)) or plain(judged.says)
        choices = {cell.name: cell.choices for of in line.cells.values() for cell in of if cell.choices}
        told.append({"id": line.place, "name": line.name or line.rows, "state": judged.state, "says": says,
                     "cells": cells, "choices": choices, "ask": list(line.asks)})  # fmt: skip
    return {"rev": session.rev, "orders": told, "alike": same or None, **bar_json(session)}


def bar(session: Session) -> dict[str, Any]:
    """How far the mending is."""
    totals, journal = session.reading.totals, session.mending.journal
    mended, every = totals.orders(MENDED), len(session.mending.rows)
    saved = journal.current_file
    values = {
        "mended": mended,
        "left": every - mended,
        "more": money_text(more, totals.write) if (more := totals.money(MENDED)) else "",
        "edited": bool(journal.edits),
        "unsaved": journal.unsaved,
        "saved": saved.name if saved else "",
        "kept_at": f"{datetime.fromtimestamp(session.kept_at):%H:%M}" if session.kept_at else "",  # noqa: DTZ006
        "taken_up": session.mending.taken_up,
        "aside": _aside(session),
        "taken_from": f"{datetime.fromtimestamp(journal.since):%-d %b}" if journal.since else "",  # noqa: DTZ006
    }
    return values | {"bar_said": bar_text(values)}


def _aside(session: Session) -> list[Aside]:
    """What is kept and not taken up, as it may be seen."""
    veil = Veil(session.reading.survey.mapping, session.shows_people)
    return [one._replace(text=veil.cell(one.column, one.text)) for one in session.mending.aside]


def bar_text(values: Mapping[str, Any]) -> str:
    """The same as a sentence."""
    parts = [f"{values['mended']:,} of {values['mended'] + values['left']:,} mended."]
    if values["more"]:
        parts.append(f"{values['more']} more.")
    if values["unsaved"]:
        kept = f"Kept at {values['kept_at']}; not" if values["kept_at"] else "Kept; not"
        parts.append(f"{kept} yet in the reject file.")
    elif values["saved"]:
        parts.append(f"Saved as {values['saved']}.")
    else:
        parts.append("Nothing to save yet.")
    return " ".join(parts)


def bar_json(session: Session) -> dict[str, Any]:
    values = bar(session)
    said = verdict(session.reading.totals, session.unit)
    return {
        "bar": bar_text(values),
        "mended": values["mended"],
        "left": values["left"],
        "unsaved": values["unsaved"],
        "verdict": list(said),
    }
