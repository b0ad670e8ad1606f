"""Verifying: the Space's events are read back and compared with file and ledger; the gaps become a file to send."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import numpy as np

from backfill.api.list_events import SETTLING, EventQuery
from backfill.api.readback import ExpectedEvent, Readback, seconds_of
from backfill.api.reconcile import GAPS, MENDED, OF_THE_SPACE, OTHER, Difference, Reconciliation, reconcile
from backfill.console import show, show_json
from backfill.convert import Batch
from backfill.counts import money
from backfill.errors import BackfillError, StateError, command, counted, shown
from backfill.event import Verdict
from backfill.fields.arrow import Flags, kept, listed, pick, present
from backfill.files.book import note_empty
from backfill.files.reject_entries import Kind
from backfill.files.reject_place import Place
from backfill.files.rejects import Rejects
from backfill.ledger import History, Ledger, amount_of, same_person
from backfill.ledger import Run as PastRun
from backfill.ledger.unsettled import Left, open_runs, unanswered
from backfill.report.console import Console
from backfill.report.months import months_table
from backfill.report.plan import inferred_notes
from backfill.run.context import Run
from backfill.run.finish import upload_of_rows
from backfill.run.input import read_input
from backfill.run.open_ledger import know_key, space_of
from backfill.run.options import Options, state_folder
from backfill.run.readback import read_back
from backfill.run.routed import routed
from backfill.run.sent import sent
from backfill.run.signals import leaving
from backfill.run.skip_existing import names_read
from backfill.run.survey import open_survey, take_survey
from backfill.space import refuse_address
from backfill.storage.outputs import lasts
from backfill.storage.remote.path import FilePath
from backfill.survey.in_ledger import differences, identity_of
from backfill.survey.in_space import listed_names
from backfill.survey.mended import mended_since
from backfill.survey.passes import Survey
from backfill.survey.unanswered import Kept

_LEADS: dict[str, Literal["<", ">"] | None] = {"reject": None, "first": "<", "last": ">"}  # by on_conflict


def verify(options: Options) -> int:
    """Compare a file, the ledger and the Space; return the exit code. What stops it is said in one sentence."""
    console = Console(options.outputs.quiet, options.outputs.verbose)
    with ExitStack() as stack:
        stack.enter_context(leaving())
        rejects = stack.enter_context(Rejects.gather())
        try:
            state = stack.enter_context(state_folder(options))
            refuse_address(options.space.url)
            options.guard.refuse()
            ledger = stack.enter_context(space_of(options, state))
            options, goes_on = routed(options, ledger, console)
            run = Run(options, console, state, rejects)
            parts, read = read_input(run, stack)
            return _verified(run, open_survey(run, parts, read, ledger, stack), goes_on, stack)
        except BackfillError as error:
            console.fail(error)
            if error.exit_code != 2:
                console.info(f"to go on: {command(options.argv)}")
            return error.exit_code


def _verified(run: Run, survey: Survey, goes_on: str | None, stack: ExitStack) -> int:
    options, ledger = run.options, survey.ledger
    ledger.refuse_key(options.space.name, options.space.fingerprint, options.sending.key_rotated)
    take_survey(survey, run.console)
    for note in inferred_notes(survey.inference.clues):
        run.console.note(note)
    with ledger.reading():
        left = unanswered(ledger)
    reconciled, gaps_file, query = Reconciliation(), None, _query(survey, options, ledger, left)
    if query is not None:
        space = stack.enter_context(read_back(query, options, run.state, run.console))
        there = Kept(left, space)
        for batch, mended, settled in _judged(survey):
            reconciled.settled += settled
            with ledger.reading():
                space.own(_own(batch, mended, ledger, there), _LEADS[survey.mapping.source.on_conflict])
        with ledger.reading():
            space.own(replace(own, state=OTHER, kept=own.amount) for _, own in sent(ledger, space, query))
        there.settle()
        reconciled.sent_first, reconciled.others, reconciled.person_unclear = there.first, there.others, there.unclear
        space.pair_twins(query.first, query.last)
        space.note(list(reconcile(space.pairs(), query.first, query.last, reconciled, same_person)))
        space.claim_twins(reconciled.twins)
        if not options.gates.allow_doubles:
            reconciled.count_doubled(space.doubled())
        gaps_file = _write_gaps(run, survey, space, reconciled)
        if options.sending.key_rotated and reconciled.ours and ledger.bound_to != options.space.fingerprint:
            know_key(options, run.state, run.console)
    with ledger.reading():
        waiting = [] if reconciled.elsewhere == 0 else open_runs(ledger, survey.mapping.name)
    result = _result(run, survey, query, reconciled, gaps_file) | {"open_runs": [one.number for one, _ in waiting]}
    result |= {"resume": goes_on} if goes_on and result["resume"] else {}
    _say(run, result, ledger, waiting, reconciled.unmended)
    return int(result["exit_code"])


def _judged(survey: Survey) -> Iterator[tuple[Batch, Flags, int]]:
    """The file's events that went out or could: of each batch these alone have a key left.

    With those that were mended before they went out, and how many of these are invalid as they are here.
    """
    for batch, verdicts in survey.judged():
        with survey.ledger.reading():
            mended = mended_since(batch, verdicts, survey)
        batch.set_column("key", kept(batch.key, verdicts.are(Verdict.READY) | verdicts.are(Verdict.ALREADY) | mended))
        yield batch, mended, int((mended & verdicts.are(Verdict.INVALID)).sum())


def _query(survey: Survey, options: Options, ledger: Ledger, left: Left) -> EventQuery | None:
    """What of the Space to read: the names and times that the file's events have; None where it has none."""
    names: set[str] = set()
    times: list[str] = []
    for batch, *_ in _judged(survey):
        places = np.flatnonzero(present(batch.key))
        names.update(listed(pick(batch.name, places)))
        found = list(filter(None, listed(pick(batch.time, places))))
        with ledger.reading():  # it is there at the time that it was sent with, whatever the file says by now
            keys = listed(pick(batch.key, places))
            found += [one.time for one in ledger.find(keys).values()]
            found += [one.time for key in left.keys() & {*keys} for _, one in left[key]]
            times = [min([*times, *found]), max([*times, *found])] if times or found else []
    if not times:
        return None
    with ledger.reading():
        first, last = map(seconds_of, times)
    return EventQuery(names_read(sorted(filter(None, names))), first, last, options.sending.space_timezone)


def _own(batch: Batch, went_otherwise: Flags, ledger: Ledger, there: Kept) -> Iterator[ExpectedEvent]:
    """The batch's events, and whether the ledger has them."""
    places = np.flatnonzero(present(batch.key)).tolist()
    names, made, ids, times, amounts = map(listed, (batch.name, batch.key, batch.order_id, batch.time, batch.amount))
    keys = [made[at] for at in places]
    known, deleted, sound = ledger.find(keys), ledger.deleted(keys), batch.sound
    failed = ledger.failed([ids[at] for at in places])
    for at in places:
        key = made[at]
        before, called = known.get(key), listed_names(batch, at) if sound[at] else names_read([names[at]])
        mended = before is not None and bool(went_otherwise[at])
        if before is not None and there.left:
            before = there.of(before, called, ids[at])
            mended &= not sound[at] or differences(batch, at, before) != []
        moment = before.time if before and mended else times[at] or (before.time if before else None)
        amount = before.amount if before and mended else amounts[at]
        if moment is None:
            continue
        row = batch.records.rows_of(int(batch.record[at]))[0]
        yield ExpectedEvent(
            key,
            called,
            ids[at],
            seconds_of(moment),
            amount_of(amount),
            failed.get((names[at] or "", ids[at] or ""), "new")
            if before is None
            else "deleted"
            if key in deleted
            else MENDED
            if mended
            else "accepted",
            None if before is None else amount_of(before.amount),
            row.part,
            row.number,
            identity_of(batch, at) if before is None and ids[at] is not None else b"",
        )


def _write_gaps(run: Run, survey: Survey, space: Readback, reconciled: Reconciliation) -> FilePath | None:
    """Write the rows whose events the Space lacks, as a file that an upload takes; its path."""
    options, origins = run.options, survey.origins
    if not reconciled.gaps and options.outputs.gaps is None:
        return None
    with Rejects.gather() as gaps:
        for batch, mended, _ in _judged(survey):
            names, keys, ids = map(listed, (batch.name, batch.key, batch.order_id))
            noted = space.noted([key for key in keys if key is not None])
            for at, key in enumerate(keys):
                if what := noted.get(key):
                    reason = GAPS[Difference(what)] + (_AS_IN_FILE if mended[at] else "")
                    rows = batch.records.reject_rows_of(int(batch.record[at]))
                    kind = Kind(names[at] or "", ((what, "", "", reason),), rows=len(rows))
                    reconciled.unmended += bool(mended[at])
                    for row in rows:
                        gaps.enter(row, kind, ids[at], key)
        try:
            if options.outputs.gaps is not None:
                path = gaps.write(options.outputs.gaps.absolute(), origins, survey.layouts, replace=True)
                note_empty(path, options.lasting_state)
                return path
            inputs = [origin.path for origin in origins]
            place = Place.next_to(options.source.files[0], survey.layouts[0].format, run.state, inputs, "missing")
            return place.put(gaps, origins, survey.layouts, checked=True, warn=run.console.warn)
        except OSError as error:
            raise StateError(f"the gaps file can't be written ({error.strerror}); name another --gaps") from None


# -- reporting -------------------------------------------------------------------------------------------------------


def _result(
    run: Run, survey: Survey, query: EventQuery | None, reconciled: Reconciliation, gaps_file: FilePath | None
) -> dict[str, Any]:
    options, counts, resume = run.options, survey.account.counts, None
    if gaps_file is not None and reconciled.gaps and lasts(gaps_file):
        again = reconciled.counts[Difference.MISSING] + reconciled.counts[Difference.UNDONE]
        resume = command([*upload_of_rows(options, survey.result, gaps_file), *(["--resend"] if again else [])])
    return {
        "command": "verify",
        "space": options.space.name,
        "mapping": survey.mapping.name,
        "files": list(options.source.named),
        "started": datetime.fromtimestamp(run.started, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "seconds": run.seconds,
        "exit_code": 0 if reconciled.agrees else 3,
        "from": query and datetime.fromtimestamp(query.first, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "to": query and datetime.fromtimestamp(query.last, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "events": sum(n for found, n in reconciled.counts.items() if found not in OF_THE_SPACE),
        **{str(found): number for found, number in reconciled.counts.items()},
        "amount_differs": reconciled.amount_differs,
        "time_differs": reconciled.time_differs,
        "elsewhere": reconciled.elsewhere,
        "refused_there": reconciled.refused_there,
        "undelivered_there": reconciled.undelivered_there,
        "undelivered": reconciled.undelivered,
        "other_keys": reconciled.other_keys,
        "absent": reconciled.absent,
        "upsells": reconciled.upsells,
        "mended": reconciled.mended,
        "unclear": reconciled.unclear,
        "person_differs": len(reconciled.others),
        "sent_first": reconciled.sent_first,
        "person_unclear": reconciled.person_unclear,
        "rejects": counts.rejects
        - reconciled.settled
        + reconciled.counts[Difference.REFUSED]
        + reconciled.refused_there
        + reconciled.undelivered,
        "rejects_without_key": survey.account.keyless,
        "months": [
            {"month": month, "event_name": name}
            | {side: money(value) if isinstance(value, Decimal) else value for side, value in asdict(sums).items()}
            for (month, name), sums in sorted(reconciled.months.items())
        ],
        "places": {
            str(found): [_place(survey, place) for place in places]
            for found, places in sorted(reconciled.places.items())
        },
        "gaps_file": shown(str(gaps_file)) if gaps_file else None,
        "resume": resume,
    }


def _place(survey: Survey, place: tuple[int, int] | str) -> dict[str, Any]:
    if isinstance(place, str):
        return {"event": place}
    return {"file": survey.parts[place[0]].label, "row": place[1]}


def _say(run: Run, result: dict[str, Any], ledger: History, waiting: list[tuple[PastRun, int]], unmended: int) -> None:
    if run.options.outputs.json:
        show_json(result)
    elif not run.options.outputs.quiet:
        show("\n".join(_lines(result, waiting)))
    waited = max(0.0, time.time() - ledger.last_accepted)  # a clock that was set back has not waited
    if result["missing"] and waited < SETTLING:
        run.console.info(
            f"wait: the last event was accepted {waited / 60:.0f} minutes ago, and the API's queue may need time; "
            "verify again before anything is sent again"
        )
    if result["resume"]:
        rows = counted(unmended, "event", "events")
        first = f", once {rows} that had been mended are mended in that file too" if unmended else ""
        run.console.info(f"to send what is not there{first}: {result['resume']}")


_WORDS = {
    "agree": "in the Space as the file has it",
    "different": "there with another amount or time",
    "missing": "accepted by the API, and not there",
    "undone": "deleted from the Space by an undo",
    "not_sent": "not sent yet, and not there",
    "refused": "refused by the API, and not there: to be mended",
    "twice": "there once more, under the same name and order_id: they count twice",
    "doubled": "like another in person, name, amount and time, under another id",
    "ours": "sent by this ledger's other runs: no fault",
    "unexpected": "there and not in the file, from other sources: no fault",
}
_AS_IN_FILE = "; it was mended before it was sent, and is here as the file has it: mend it again"
_NAMED = 3  # runs


def _lines(result: dict[str, Any], waiting: list[tuple[PastRun, int]]) -> Iterator[str]:
    yield (
        f"verify of {', '.join(Path(name).name for name in result['files'])}: space {result['space']}, "
        f"mapping {result['mapping']}, {result['from'] + ' to ' + result['to'] if result['from'] else 'no events'}"
    )
    yield from months_table(result["months"])
    yield f"  events {result['events']:,} of the file:"
    for found in Difference:
        if found is Difference.TWICE:
            yield "  besides, in the Space:" if any(result[one] for one in OF_THE_SPACE) else "  nothing else"
        if result[found] or found is Difference.AGREE:
            how = ""
            if found == "different":
                how = f": amount {result['amount_differs']:,}, time {result['time_differs']:,}"
                how += f", person {result['person_differs']:,}" if result["person_differs"] else ""
            yield f"    {result[found]:>9,} {_WORDS[found]}{how}{_examples(result['places'].get(found, []))}"
    yield from _not_in_ledger(result, waiting)
    if result["upsells"]:
        those = counted(result["upsells"], "of those from other sources has", "of those from other sources have")
        yield f"  {those} an order_id of ours, and another amount: that order's upsell, or its main order"
    if result["absent"]:
        those = counted(result["absent"], "that another run sent is", "that other runs sent are")
        yield f"  {those} not there in this time: verify their files too"
    if result["mended"]:
        those = counted(
            result["mended"], "was mended before it was sent: it is", "were mended before they were sent: they are"
        )
        yield f"  {those} held against what went out, and no part of the file's column"
    if result["person_differs"]:
        those = counted(result["person_differs"], "is", "are")
        yield f"  {those} there as the person's whom a run without an answer had named first"
    if result["sent_first"]:
        those = counted(result["sent_first"], "is there as it was", "are there as they were")
        yield f"  {those} sent first, by a run that had no answer, and not as what was sent since"
    if result["person_unclear"]:
        those = counted(result["person_unclear"], "was", "were")
        yield f"  {those} sent first, without an answer, for somebody else: whose each is, its profile there shows"
    if result["unclear"]:
        those = counted(result["unclear"], "that is not there has", "that are not there have")
        yield f"  {those} name and second of others that are: nobody can tell which, and no command sends them"
    if result["gaps_file"]:
        yield f"  gaps file: {result['gaps_file']}"
    yield f"  {_verdict(result)}"


def _not_in_ledger(result: dict[str, Any], waiting: list[tuple[PastRun, int]]) -> Iterator[str]:
    """Whose the file's events are that the Space has and the ledger has not, as far as that is known."""
    if number := result["undelivered_there"]:
        those = counted(number, "of those there is a reject", "of those there are rejects")
        yield f"  {those} that a run had no answer for: upload the reject file again, and the ledger has it too"
    if number := result["refused_there"]:
        those = counted(number, "of those there is a reject", "of those there are rejects")
        yield f"  {those} that the API refused: taken at an attempt before, or another tool's"
    if number := result["other_keys"]:
        those = counted(number, "of those there is", "of those there are")
        yield f"  {those} in the ledger under another key: the mapping had another namespace or idempotency_key"
    if number := result["elsewhere"] - result["undelivered_there"] - result["refused_there"]:
        whose = "".join(f"sent by {_waiting(*one)}, or " for one in waiting[:_NAMED])
        those = counted(number, "of those there is", "of those there are")
        yield f"  {those} not in the ledger: {whose}{'by ' if whose else ''}live tracking, or another tool"


def _waiting(run: PastRun, unknown: int) -> str:
    """Why a run may have sent what the ledger has not."""
    if run.finished is None:
        return f"run {run.number}, which has not finished (it goes on, or was killed)"
    return f"run {run.number}, which had no answer for {counted(unknown, 'event')}"


def _verdict(result: dict[str, Any]) -> str:
    rejects = counted(result["rejects"], "reject of the file is", "rejects of the file are")
    left = f"; {rejects} still to be mended" if result["rejects"] else ""
    if keyless := result["rejects_without_key"]:
        left += f" ({counted(keyless, 'has', 'have')} no key: mended and sent since or not, this file can't tell)"
    if result["exit_code"]:
        return f"they differ{left}"
    if not result["events"]:
        return f"nothing was sent of the file{left}"
    sent = f"all {result['agree']:,} events that were" if result["agree"] > 1 else "the one event that was"
    known = " but for the persons" if result["person_unclear"] else ""
    return f"file, ledger and Space agree{known}: {sent} sent{left}"


def _examples(places: list[dict[str, Any]]) -> str:
    shown = [f"row {place['row']}" if "row" in place else str(place["event"]) for place in places[:3]]
    return f" ({', '.join(shown)}{', ...' if places[3:] else ''})" if shown else ""
