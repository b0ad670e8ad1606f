"""Hand over: the commands that send what the page has shown. The page itself sends nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from backfill.commands.review.answers import Asked, Moved, Refused, Screen
from backfill.commands.review.session import Session
from backfill.commands.review.totals import ALREADY, MEND, MENDED, READY
from backfill.commands.review.words import day, money_text
from backfill.errors import StateError, command, counted, shown
from backfill.event import Verdict
from backfill.files.formats import COMPRESSED
from backfill.report.console import lasting
from backfill.report.page.warnings import doubts
from backfill.run.finish import upload_of_rows
from backfill.run.next_command import of_input, receipt_of
from backfill.run.receipt import is_receipt
from backfill.run.receipt_check import keep_receipt
from backfill.space import key_variable
from backfill.storage.outputs import takes_files
from backfill.storage.remote.path import here

FIRST = 10  # events that are sent for a person to look up


@dataclass(frozen=True, slots=True)
class Step:
    """One command, and what it is for."""

    title: str
    said: str
    command: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a careful person would look at before; `place` is the screen of ours where that can be done."""

    title: str
    said: str
    place: str = ""


def screen(session: Session, asked: Asked) -> Screen:
    """The screen."""
    totals, account = session.reading.totals, session.reading.survey.account
    counts, zone = account.counts, totals.zone
    ready, named = totals.number(READY), counts.by_name[Verdict.READY]
    return Screen("hand_over.html", {
        "doubts": list(_doubts(session)), "steps_to_run": list(steps(session)),
        "key": key_variable(session.options.space.name),
        "ready": ready, "unit": session.unit,
        "named": sorted(named.items(), key=lambda one: -one[1]) if session.unit != session.noun else [],
        "money": money_text(totals.money(READY), totals.write),
        "first": day(counts.first, zone) if counts.first else "", "last": day(counts.last, zone) if counts.last else "",
        "zone": account.statistics.zone_name,
        "takes": lasting(account.statistics.events * 60 / session.options.sending.share),
        "reaches": account.capi,
        "plan": plan_path(session).name if ready and not _piped(session) and not session.unsaved_draft else "",
        "planned": command(receipt_of(session.options.but(plan=session.plan))) if session.plan else "",
    })  # fmt: skip


def steps(session: Session) -> Iterator[Step]:
    """The commands, in the order in which they are run."""
    if _piped(session) or session.unsaved_draft:
        return
    mapping, options, what = session.mapping_words, session.options, session.unit
    ready = session.reading.survey.account.statistics.events
    if ready > 2 * FIRST:
        said = f"spread over the file: look them up in Cometly before you send the rest. They are real {what}s."
        yield Step("Ten first,", said, command([*of_input(options, "upload", mapping), "--limit", str(FIRST)]))
    if ready:
        said = "what was sent before is not sent again." if ready > 2 * FIRST else f"every {what} that is ready."
        yield Step("The rest:" if ready > 2 * FIRST else "Send:", said, command(of_input(options, "upload", mapping)))
    journal = session.mending.journal
    if (saved := journal.current_file) is not None and journal.edits:
        words = upload_of_rows(options, session.reading.shown, saved, mapping)
        yield Step("What you mended:", f"the {what}s of {saved.name}.", command(words))
    if ready or saved is not None or session.reading.totals.orders(ALREADY):
        words = of_input(options, "verify", mapping)
        yield Step("Prove it,", "some minutes later: the file and Cometly side by side.", command(words))


def _doubts(session: Session) -> Iterator[Doubt]:
    """The gravest first."""
    what, totals, journal = session.unit, session.reading.totals, session.mending.journal
    if session.unsaved_draft:
        yield Doubt("The mapping is not saved.", "No known export has these columns: the commands need the mapping "
                    "that was drafted for them.", "columns")  # fmt: skip
    elif session.changed_mapping:
        yield Doubt("The mapping is not saved.", "The commands below read the file as it was before you chose other "
                    "columns.", "columns")  # fmt: skip
    if journal.unsaved:
        number = totals.number(MENDED)
        yield Doubt("What you mended is not in a reject file yet.", f"{counted(number, what)} can go once it is saved.",
                    "mend")  # fmt: skip
    if journal.edits and (columns := session.mending.holding):
        yield Doubt("A cell may hold the others back.", f"{', '.join(map(shown, columns))}: what you wrote can only be "
                    "read with a setting. Where no other cell of the column can be read, the whole reject file waits "
                    "for it.", "mend")  # fmt: skip
    if left := totals.number(MEND):
        money = money_text(totals.money(MEND), totals.write)
        worth = f", {money}," if any(totals.money(MEND).values()) else ""
        yield Doubt("Not everything is mended.", f"{counted(left, what)}{worth} would stay out. The others can be sent "
                    "now, and these later.", "mend")  # fmt: skip
    for title, sentence in doubts(session.reading.survey, totals.write):
        if title != "Many rejects":  # which is said above
            yield Doubt(f"{title}.", sentence)


# -- a plan, for whoever sends what somebody else has looked at ----------------------------------------------------


def write_plan(session: Session, asked: Asked) -> Moved:
    """Write the receipt of what is shown, which `upload` sends exactly or not at all."""
    session.check_rev(asked)
    if session.changed_mapping:
        raise Refused(409, "The mapping is not saved yet; save it under Columns, and write the plan then.")
    if session.reading.changed:
        raise Refused(409, f"{session.reading.changed} has changed since it was read; read it again first.")
    path = plan_path(session)
    options = session.options.but(plan=path, mapping=session.mapping_words)
    try:
        keep_receipt(replace(session.reading.run, options=options), session.reading.survey)
    except StateError as error:
        raise Refused(507, f"{error}.") from None
    session.plan = path
    return Moved("hand-over#plan", {"file": path.name})


def plan_path(session: Session) -> Path:
    """Next to the input, under its name; where another file has that name, under the next that is free."""
    given = here(session.options.source.files[0]).absolute()
    stem = Path(given.name)
    while stem.suffix.lower() in COMPRESSED:
        stem = Path(stem.stem)
    folder = given.parent if takes_files(given.parent) else Path.cwd()
    path, number = folder / f"{stem.stem}.plan", 1
    while path.exists() and not is_receipt(str(path)):
        number += 1
        path = folder / f"{stem.stem}-{number}.plan"
    return path


def _piped(session: Session) -> bool:
    return "-" in session.options.source.files


# -- the end -------------------------------------------------------------------------------------------------------


def finish(session: Session, asked: Asked) -> Screen:
    """End the session, and say what stays."""
    session.finished = True
    return Screen("finished.html", {"steps_to_run": list(steps(session)), "left_behind": list(left_behind(session))})


def left_behind(session: Session) -> Iterator[str]:
    """What the session has written, and what it has not."""
    journal = session.mending.journal
    if session.unsaved_draft:
        yield "not saved: the mapping that was drafted, and what was chosen for it"
    elif session.changed_mapping:
        yield "not saved: the other columns that were chosen; the mapping is as it was"
    elif session.saved_mapping is not None:
        yield f"mapping: {session.saved_mapping}"
    if (journal.ours or not journal.stale) and journal.saved_file is not None:
        yield f"reject file: {journal.saved_file}"
    if journal.unsaved:
        cells = counted(journal.unsaved, "mended cell")
        yield f"kept, and not in a reject file yet: {cells}; the same command takes up there"
    if aside := session.mending.aside:
        yield f"kept, and not taken up, as the file has changed: {counted(len(aside), 'mended cell')}"
    if session.plan is not None:
        yield f"plan: {session.plan}"


def ending(session: Session) -> Iterator[str]:
    """What the terminal says at the end: what stays, and the commands that go on."""
    yield from left_behind(session)
    for step in steps(session):
        yield f"{step.title} {step.said}"
        yield f"  {step.command}"
